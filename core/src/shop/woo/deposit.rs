//! What a customer has paid beforehand, from the meta that deposit plugins store on an order.
//!
//! Two families of plugins keep one order for the whole and note on it what of its deposit has been
//! paid; they name their meta alike but for the beginning. `WooCommerce Deposits` itself makes an
//! order of its own for each part, which needs nothing here: each is an invoice with its payment.

use rust_decimal::Decimal;

use crate::{
    date::Date,
    json::{Json, bounded},
    shop::order::Deposit,
};

/// Beginnings of the plugins' keys.
const FAMILIES: [&str; 2] = ["_wc_deposits_deposit_", "_awcdp_deposits_deposit_"];

/// The meta of one order, as far as it is about its deposit.
#[derive(Debug, Default)]
pub(super) struct DepositMeta {
    paid: bool,
    amount: Option<Decimal>,
    date: Option<Date>,
}

impl DepositMeta {
    /// Takes one meta entry; what cannot be read there is not ours and no reason to stop.
    pub(super) fn take(&mut self, key: &str, value: &Json<'_>) {
        let Some(field) = FAMILIES.iter().find_map(|family| key.strip_prefix(family)) else {
            return;
        };
        let text = value.scalar().unwrap_or_default();
        match field {
            "paid" => self.paid = text == "yes",
            "amount" => self.amount = bounded(&text),
            // Seconds of the shop's own clock.
            "payment_time" => self.date = text.parse().ok().and_then(Date::of_unix_seconds),
            _ => {}
        }
    }

    /// The deposit, once it has been paid.
    pub(super) fn deposit(self) -> Option<Deposit> {
        let amount = self.amount.filter(|amount| self.paid && *amount > Decimal::ZERO)?;
        Some(Deposit { amount, date: self.date })
    }
}
