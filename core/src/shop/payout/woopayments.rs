//! WooPayments: deposits, and the report of transactions (Automattic/woocommerce-payments,
//! `docs/rest-api`; reference: WooCommerce, section 5).
//!
//! It runs on Stripe: amounts are in Stripe's minor units of the deposit's currency, and types
//! are Stripe's words.

use alloc::{string::String, vec::Vec};

use rust_decimal::Decimal;

use super::{
    Entry, EntryKind,
    gathered::Gathered,
    minor::digits,
    row::{Row, distinct, prefixed},
    stripe::{amount_and_fee, kind_of, read_payout},
};
use crate::{
    finding::Code,
    json::{Fields, Json, lenient_text},
    money::{AMOUNT_MAX, Currency, round_half_up, unit},
};

pub(super) fn read(gathered: &mut Gathered<'_>, payouts: &[&Json<'_>], entries: &[&Json<'_>]) {
    for (index, json) in payouts.iter().enumerate() {
        read_payout(gathered, index, json, &["date", "created"]);
    }
    for (index, json) in entries.iter().enumerate() {
        let Some(fields) = gathered.object(Code::PayoutRowUnreadable, index, json) else {
            continue;
        };
        let mut row = Row::new(Code::PayoutRowUnreadable, fields, "transaction_id", index);
        if row.text("type") == "payout" {
            continue;
        }
        let entry = read_entry(gathered, &mut row);
        gathered.findings.append(&mut row.findings);
        if let Some(entry) = entry {
            gathered.entry(entry);
        }
    }
}

/// The first of two fields that is there: the report's name, or that of the raw list.
fn either<'n>(row: &Row<'_>, report: &'n str, raw: &'n str) -> &'n str {
    if row.text(report).is_empty() { raw } else { report }
}

fn read_entry(gathered: &mut Gathered<'_>, row: &mut Row<'_>) -> Option<Entry> {
    let id = row.id("transaction_id");
    let currency = row.currency(either(row, "deposit_currency", "currency"));
    let net = either(row, "net_amount", "net");
    let sums = currency.and_then(|currency| amount_and_fee(row, currency, "fees", net));
    let at = row.moment("date", |moment| gathered.zone.day(moment));
    let (id, currency, (amount, fee), (at, date)) = (id?, currency?, sums?, at?);
    let word = row.text("type");
    let mut kind = kind_of(gathered, &id, &[&word]);
    if charge_type(row) == "card_reader_fee" {
        kind = EntryKind::Fee;
    }
    let refunded = kind == EntryKind::Refund;
    let refunds = ["refund_id", "source_id", "source_identifier"].map(|field| row.text(field));
    let refunds = refunds.into_iter().filter(|id| id.starts_with("re_") || id.starts_with("pyr_"));
    let refunds = refunds.map(Into::into).chain(refunded.then(|| id.clone()));
    Some(Entry {
        payout: row.text("deposit_id").into_owned(),
        source: gathered.source,
        kind,
        at,
        date,
        currency,
        amount,
        fee,
        description: row.plain("type"),
        keys: order_keys(row, if refunded { "" } else { &id }),
        refund_keys: if refunded { distinct(refunds) } else { Vec::new() },
        sold: sold(row, amount, currency),
        id,
    })
}

/// What the transaction's metadata say it is for; a reader's rent comes as a charge.
fn charge_type(row: &Row<'_>) -> String {
    let metadata = row.fields().get("metadata").and_then(Fields::of);
    metadata.map(|fields| lenient_text(fields.get("charge_type")).into()).unwrap_or_default()
}

/// The report gives the intent, the raw list the charge too; both give the order.
fn order_keys(row: &Row<'_>, own: &str) -> Vec<String> {
    let order = row.fields().get("order").and_then(Fields::of);
    let number = order.map(|fields| lenient_text(fields.get("number"))).unwrap_or_default();
    let ids = ["charge_id", "payment_id", "payment_intent_id"].map(|id| row.text(id).into_owned());
    distinct(ids.into_iter().chain([
        own.into(),
        prefixed("order:", &row.text("order_id")),
        prefixed("number:", number.trim()),
    ]))
}

/// What the customer was charged in another currency. The report has no amount for it, only the
/// rate at which minor units were converted: the amount is then reckoned, to the currency's unit.
fn sold(row: &Row<'_>, amount: Decimal, currency: Currency) -> Option<(Decimal, Currency)> {
    // What cannot be read here is left out: the order knows its own currency.
    let mut row = row.within(row.fields());
    let sold = row.currency(either(&row, "transaction_currency", "customer_currency"))?;
    if sold == currency {
        return None;
    }
    if let Some(gross) = row.amount("customer_amount", digits(sold)) {
        let gross = if amount.is_sign_negative() { -gross.abs() } else { gross };
        return Some((gross, sold));
    }
    let rate = row.rate("exchange_rate")?;
    let minor = amount.checked_div(unit(digits(currency)))?.checked_div(rate)?;
    let gross = round_half_up(minor, 0).checked_mul(unit(digits(sold)))?;
    (gross.abs() <= AMOUNT_MAX).then_some((gross, sold))
}
