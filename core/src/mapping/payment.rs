//! The payment that settles an invoice, and the one that pays a credit note out.
//!
//! ACCOUNTING section 1, payments: to the clearing or bank account of the gateway, dated when the
//! money moved, with the gateway's reference. Without an account the document is posted all the
//! same and its payment waits.

use alloc::{format, string::String};

use rust_decimal::Decimal;

use crate::{
    date::Date,
    finding::{Code, Finding},
    settings::Locked,
    shop::order::Order,
    xero::chart::Account,
};

use super::{
    Context, Notes,
    header::{SHORT_CHARS_MAX, cut},
    piece::AccountChoice,
};

/// A payment, before Xero's id of the document it settles is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// The bank or clearing account.
    pub account: AccountChoice,
    /// Day the money moved, local to the shop.
    pub date: Date,
    /// Gross, in the document's currency.
    pub amount: Decimal,
    /// The gateway's transaction id; without one the invoice's number.
    pub reference: String,
}

/// The day that a payment bears; `None`, with a finding, where that is in a locked period and it
/// has to wait. One that is made already keeps the day that it has in Xero: `standing`.
pub(super) fn open_day(
    context: &Context<'_>,
    standing: Option<&Date>,
    date: Date,
    notes: &mut Notes,
) -> Option<Date> {
    let Some(locked) = context.chart.locked_until.filter(|locked| date <= *locked) else {
        return Some(date);
    };
    if let Some(standing) = standing {
        return Some(*standing);
    }
    if context.settings.invoice.locked == Locked::NextOpenDay {
        return Some(locked.plus_days(1));
    }
    let message = format!("it would be dated {date}; Xero is locked up to {locked}");
    notes.note(Code::PaymentDateLocked, "date_paid", message);
    None
}

/// The payment of `amount` on `date` through the order's gateway; `None`, with a finding, while
/// there is no account for it.
pub(super) fn through_gateway(
    context: &Context<'_>,
    order: &Order,
    date: Date,
    amount: Decimal,
    notes: &mut Notes,
) -> Option<Payment> {
    let account = account(context, order);
    let known = account.as_ref().and_then(|account| context.chart.account(&account.code));
    let base = &context.chart.base_currency;
    let takes = |account: &Account| {
        let foreign = !account.currency.is_empty() && account.currency != *base;
        account.pays() && (!foreign || account.currency == order.currency.as_str())
    };
    if !known.is_some_and(takes) {
        let message = match &account {
            Some(account) => format!(
                "account `{}` takes no payments in {} in Xero",
                account.code, order.currency
            ),
            None => format!(
                "no account is chosen for payments by `{}` in {}",
                order.payment_method, order.currency
            ),
        };
        let id = order.payment_method.clone();
        let finding = Finding::new(Code::GatewayUnmapped, "payment_gateway", id, message);
        notes.push(finding.at("payments.accounts"));
        return None;
    }
    // Without the gateway's own reference the invoice's number says whose it is: a payment whose
    // answer was lost must be told from one that a person made.
    let reference = match order.transaction_id.as_str() {
        "" => format!("{}{}", context.settings.invoice.prefix, order.number),
        reference => reference.into(),
    };
    let reference = cut(&reference, SHORT_CHARS_MAX);
    Some(Payment { account: account?, date, amount, reference })
}

/// By gateway and currency, else by gateway, else the one for all others.
fn account(context: &Context<'_>, order: &Order) -> Option<AccountChoice> {
    let settings = &context.settings.payments;
    let gateway = &order.payment_method;
    let keys = [format!("{gateway}/{}", order.currency), gateway.clone()];
    let found = keys.into_iter().find_map(|key| {
        let code = settings.accounts.get(&key)?.clone();
        Some(AccountChoice { code, rule: format!("payments.accounts.{key}") })
    });
    let other = || AccountChoice { code: settings.other.clone(), rule: "payments.other".into() };
    found.or_else(|| (!settings.other.is_empty()).then(other))
}
