//! The ledger as PayPal's transactions, with event codes
//! (developer.paypal.com/reports/reference/t-codes).

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::gateways::ledger::{Account, Entry, Kind, OrderRef, Payout};
use crate::gateways::money::print_major;

/// One transaction.
#[derive(Debug, Clone)]
pub(super) struct Row<'a> {
    /// When it happened, in UTC.
    pub(super) at: DateTime<Utc>,
    /// Transaction id.
    pub(super) id: String,
    /// Event code.
    pub(super) code: &'static str,
    amount: i64,
    fee: i64,
    currency: &'a str,
    reference: Option<(&'a str, &'static str)>,
    order: Option<&'a OrderRef>,
    subject: &'a str,
}

/// All transactions of an account, oldest first. A payout of nothing leaves none.
pub(super) fn rows(account: &Account) -> Vec<Row<'_>> {
    let mut rows: Vec<Row<'_>> =
        account.entries.iter().flat_map(|entry| of_entry(account, entry)).collect();
    rows.extend(account.payouts.iter().filter_map(|payout| of_payout(account, payout)));
    rows.sort_by_key(|row| row.at);
    rows
}

fn of_entry<'a>(account: &'a Account, entry: &'a Entry) -> Vec<Row<'a>> {
    let (code, own) = (code(entry.kind), entry.charge.as_deref());
    let reference = match entry.kind {
        Kind::Charge => entry.intent.as_deref().map(|id| (id, "ODR")),
        _ => own.map(|id| (id, "TXN")),
    };
    let first = Row {
        at: entry.at,
        id: entry.id.clone(),
        code,
        amount: entry.presented,
        fee: entry.presented_fee,
        currency: &entry.presented_currency,
        reference,
        order: entry.order.as_ref(),
        subject: &entry.description,
    };
    let mut rows = vec![first.clone()];
    let follow = |salt: &str, code, amount, currency| Row {
        id: derive(&entry.id, salt),
        code,
        amount,
        fee: 0,
        currency,
        reference: Some((&entry.id, "TXN")),
        order: None,
        ..first.clone()
    };
    let mut credited = entry.net;
    if entry.kind == Kind::Dispute {
        rows.push(follow("fee", "T0106", -entry.fee, &account.currency));
        credited = entry.gross;
    }
    if entry.rate.is_some() {
        let left = entry.presented - entry.presented_fee;
        rows.push(follow("from", "T0200", -left, &entry.presented_currency));
        rows.push(follow("to", "T0200", credited, &account.currency));
    }
    rows
}

/// A withdrawal, or for a balance below zero what the bank pays in.
fn of_payout<'a>(account: &'a Account, payout: &'a Payout) -> Option<Row<'a>> {
    let code = match payout.amount {
        0 => return None,
        amount if amount < 0 => "T0300",
        // Whoever takes a part does so by hand; the rest is swept.
        _ if payout.left != 0 => "T0400",
        _ => "T0401",
    };
    Some(Row {
        at: payout.created_at,
        id: payout.id.clone(),
        code,
        amount: -payout.amount,
        fee: 0,
        currency: &account.currency,
        reference: None,
        order: None,
        subject: "Transfer between balance and bank account",
    })
}

const fn code(kind: Kind) -> &'static str {
    match kind {
        Kind::Charge => "T0006",
        Kind::Refund => "T1107",
        Kind::Dispute => "T1201",
        Kind::DisputeReversal => "T1202",
        Kind::AccountFee => "T0101",
        Kind::Adjustment => "T1200",
        Kind::ReserveHeld => "T2101",
        Kind::ReserveReleased => "T2102",
        Kind::TopUp => "T0300",
    }
}

impl Row<'_> {
    /// Prints the transaction; with `all` also who paid.
    pub(super) fn print(&self, all: bool) -> Value {
        let money = |minor: i64| json!({"currency_code": self.currency, "value": print_major(minor, self.currency)});
        let moment = print_moment(self.at);
        let mut info = json!({
            "transaction_id": self.id,
            "transaction_event_code": self.code,
            "transaction_initiation_date": moment,
            "transaction_updated_date": moment,
            "transaction_amount": money(self.amount),
            "transaction_status": "S",
            "transaction_subject": self.subject,
            "protection_eligibility": "02",
        });
        let Some(fields) = info.as_object_mut() else { return Value::Null };
        if self.fee != 0 {
            fields.insert("fee_amount".to_owned(), money(-self.fee));
        }
        if let Some((id, kind)) = self.reference {
            fields.insert("paypal_reference_id".to_owned(), id.into());
            fields.insert("paypal_reference_id_type".to_owned(), kind.into());
        }
        if let Some(order) = self.order {
            fields.insert("invoice_id".to_owned(), format!("WC-{}", order.number).into());
            fields.insert("custom_field".to_owned(), custom(order).into());
        }
        if !all {
            return json!({"transaction_info": info});
        }
        let payer = self.order.map_or_else(
            || json!({}),
            |order| {
                json!({
                    "email_address": order.email,
                    "country_code": order.country,
                    "payer_name": {"alternate_full_name": order.buyer},
                })
            },
        );
        json!({
            "transaction_info": info,
            "payer_info": payer,
            "shipping_info": {},
            "cart_info": {},
            "store_info": {},
            "auction_info": {},
            "incentive_info": {},
        })
    }
}

/// The plugin's `custom_id` is the bare order id (`PurchaseUnitFactory.php`); WooCommerce's older
/// PayPal Standard wrote JSON. Odd orders have the latter, so that a reader meets both.
fn custom(order: &OrderRef) -> String {
    if order.id.is_multiple_of(2) {
        return order.id.to_string();
    }
    json!({"order_id": order.id, "order_key": format!("wc_order_{}", order.id)}).to_string()
}

/// Prints a moment as PayPal does, with an offset without a colon.
pub(super) fn print_moment(moment: DateTime<Utc>) -> String {
    moment.format("%Y-%m-%dT%H:%M:%S+0000").to_string()
}

/// An id for what follows from an entry.
fn derive(id: &str, salt: &str) -> String {
    let digest = Sha256::digest(format!("{id}/{salt}"));
    let number = digest.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    format!("9{number:016X}")
}
