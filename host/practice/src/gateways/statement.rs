//! The CSV text that any gateway could give.

use super::ledger::{Account, Entry, Kind, Payout};
use super::money::print_major;

const HEADING: &str = "payout_id,payout_date,payout_amount,currency,entry_id,type,date,amount,fee,\
                       net,order_number,transaction_id,refund_id,description";

/// Prints an account, a line for each entry.
pub(super) fn print(account: Option<&Account>) -> String {
    let mut out = format!("{HEADING}\r\n");
    for entry in account.into_iter().flat_map(|account| &account.entries) {
        let Some(account) = account else { continue };
        let payout = entry.payout.as_deref().and_then(|id| account.payout(id));
        let fields: Vec<String> =
            line(account, entry, payout).iter().map(|field| quote(field)).collect();
        out.push_str(&fields.join(","));
        out.push_str("\r\n");
    }
    out
}

fn line(account: &Account, entry: &Entry, payout: Option<&Payout>) -> [String; 14] {
    let money = |minor: i64| print_major(minor, &account.currency);
    [
        payout.map(|payout| payout.id.clone()).unwrap_or_default(),
        payout.map(|payout| payout.arrives_at.format("%Y-%m-%d").to_string()).unwrap_or_default(),
        payout.map(|payout| money(payout.amount)).unwrap_or_default(),
        account.currency.clone(),
        entry.id.clone(),
        word(entry.kind).to_owned(),
        entry.at.format("%Y-%m-%d").to_string(),
        money(entry.gross),
        money(entry.fee),
        money(entry.net),
        entry.order.as_ref().map(|order| order.number.clone()).unwrap_or_default(),
        entry.charge.clone().unwrap_or_default(),
        entry.refund_id.map(|id| id.to_string()).unwrap_or_default(),
        entry.description.clone(),
    ]
}

/// The kinds of rows that a file for Tillbook may have.
const fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Charge => "charge",
        Kind::Refund => "refund",
        Kind::Dispute | Kind::DisputeReversal => "dispute",
        Kind::AccountFee => "fee",
        Kind::Adjustment => "adjustment",
        Kind::ReserveHeld | Kind::ReserveReleased => "reserve",
        Kind::TopUp => "transfer",
    }
}

/// Quotes a field that needs it (RFC 4180).
fn quote(field: &str) -> String {
    if field.contains([',', '"', '\r', '\n']) {
        return format!("\"{}\"", field.replace('"', "\"\""));
    }
    field.to_owned()
}
