//! PayPal: elements of `transaction_details` of Transaction Search
//! (developer.paypal.com/docs/api/transaction-search, and its transaction event codes).
//!
//! PayPal has no payouts of its own: money stays in the balance until it is withdrawn. Each
//! withdrawal to a bank (event codes T04) is taken for a payout of everything since the one
//! before in the same currency, and what it left in the balance, or took from it, is an entry.

use alloc::{format, string::String, vec::Vec};
use core::cmp::Ordering;

use rust_decimal::Decimal;

use super::{
    Entry, EntryKind, Payout, PayoutState,
    gathered::{Gathered, Made},
    row::{Row, distinct, prefixed},
};
use crate::{
    finding::{Code, Finding},
    json::{Fields, Json, lenient_text},
    money::{AMOUNT_MAX, Currency},
    register::Register,
    sorted::sorted_by,
};

/// A withdrawal while it is sorted in: it bears its own id as its payout.
const WITHDRAWN: &str = "PayPal withdrawal";

pub(super) fn read(gathered: &mut Gathered<'_>, entries: &[&Json<'_>]) {
    let reversed = reversed_ids(entries);
    for (index, json) in entries.iter().enumerate() {
        let Some(outer) = gathered.object(Code::PayoutRowUnreadable, index, json) else {
            continue;
        };
        let info = outer.get("transaction_info").and_then(Fields::of).unwrap_or(outer);
        let mut row = Row::new(Code::PayoutRowUnreadable, info, "transaction_id", index);
        if !counts(&row, &reversed) {
            continue;
        }
        let entry = read_entry(gathered, &mut row);
        gathered.findings.append(&mut row.findings);
        if let Some(entry) = entry {
            gathered.entry(entry);
        }
    }
    hand_out(gathered);
    balance(gathered);
}

/// The transactions that a reversal (T11) among these names.
fn reversed_ids(entries: &[&Json<'_>]) -> Register<()> {
    let mut reversed = Register::default();
    for outer in entries.iter().filter_map(|json| Fields::of(json)) {
        let info = outer.get("transaction_info").and_then(Fields::of).unwrap_or(outer);
        let code = lenient_text(info.get("transaction_event_code"));
        if code.starts_with("T11") && lenient_text(info.get("transaction_status")) == "S" {
            reversed.put(lenient_text(info.get("paypal_reference_id")).trim().into(), ());
        }
    }
    reversed
}

/// Whether a transaction moved the balance: authorisations (T13) do not, and only completed ones
/// (`S`) do. One that was completed and then reversed (`V`) counts where its reversal is a row of
/// its own, as they come to nothing only together.
fn counts(row: &Row<'_>, reversed: &Register<()>) -> bool {
    let completed = match &*row.text("transaction_status") {
        "S" => true,
        "V" => reversed.get(&row.text("transaction_id")).is_some(),
        _ => false,
    };
    completed && !row.text("transaction_event_code").starts_with("T13")
}

/// `{"currency_code":"GBP","value":"-12.30"}`
fn money(row: &mut Row<'_>, field: &str) -> Option<(Decimal, Currency)> {
    let Some(fields) = row.fields().get(field).and_then(Fields::of) else {
        row.wrong(field, "", "an object with `currency_code` and `value`");
        return None;
    };
    let mut inner = row.within(fields);
    let (amount, currency) = (inner.needed("value", 0), inner.currency("currency_code"));
    row.findings.append(&mut inner.findings);
    Some((amount?, currency?))
}

fn read_entry(gathered: &mut Gathered<'_>, row: &mut Row<'_>) -> Option<Entry> {
    let id = row.id("transaction_id");
    let total = money(row, "transaction_amount");
    let at = row.moment("transaction_initiation_date", |at| gathered.zone.day(at));
    let has_fee = row.fields().get("fee_amount").is_some_and(|fee| !fee.is_null());
    let none = total.map(|(_, currency)| (Decimal::ZERO, currency));
    let fee = if has_fee { money(row, "fee_amount") } else { none };
    let (id, (amount, currency), (fee, fee_currency), (at, date)) = (id?, total?, fee?, at?);
    if fee_currency != currency {
        row.wrong("fee_amount", fee_currency.as_str(), "the currency of `transaction_amount`");
        return None;
    }
    let code = row.text("transaction_event_code");
    let withdrawn = code.starts_with("T04") && amount < Decimal::ZERO;
    let kind = kind(&code, amount).unwrap_or_else(|| unknown(gathered, &id, &code));
    let payout = if withdrawn { id.clone() } else { String::new() };
    Some(Entry {
        keys: order_keys(row, &id, kind),
        refund_keys: if kind == EntryKind::Refund { distinct([id.clone()]) } else { Vec::new() },
        description: if withdrawn { WITHDRAWN.into() } else { description(row, &code) },
        date,
        source: gathered.source,
        // PayPal writes what it keeps below zero.
        fee: -fee,
        payout,
        kind,
        at,
        currency,
        amount,
        sold: None,
        id,
    })
}

fn unknown(gathered: &mut Gathered<'_>, id: &str, code: &str) -> EntryKind {
    let code: String = code.chars().take(40).collect();
    let message = format!("`{code}` is no event code that is known; it counts as an adjustment");
    let finding = Finding::new(Code::PayoutKindUnknown, "payout_entry", id, message);
    gathered.findings.push(finding.at("transaction_event_code"));
    EntryKind::Adjustment
}

/// The subject or note of a transaction, else its event code.
fn description(row: &Row<'_>, code: &str) -> String {
    let subject = row.plain("transaction_subject");
    let note = row.plain("transaction_note");
    [subject, note].into_iter().find(|text| !text.is_empty()).unwrap_or_else(|| code.into())
}

/// PayPal Payments for WooCommerce writes the order's id as `custom_field`, and its number with a
/// prefix as `invoice_id`; the older PayPal Standard writes JSON with `order_id`.
fn order_keys(row: &Row<'_>, id: &str, kind: EntryKind) -> Vec<String> {
    let own = if kind == EntryKind::Charge { id } else { "" };
    // Other references name subscriptions or agreements, which many orders share.
    let reference_type = row.text("paypal_reference_id_type");
    let refers = matches!(&*reference_type, "" | "TXN" | "ODR");
    let reference = if refers { row.text("paypal_reference_id") } else { "".into() };
    let custom = row.text("custom_field");
    let order = if custom.starts_with('{') { standard_order(&custom) } else { custom.into() };
    let order = if order.bytes().all(|byte| byte.is_ascii_digit()) { &order } else { "" };
    let invoice = row.text("invoice_id");
    let number = invoice.rsplit('-').next().unwrap_or_default();
    distinct([
        own.into(),
        reference.into_owned(),
        prefixed("order:", order),
        prefixed("number:", &invoice),
        prefixed("number:", number),
    ])
}

/// `{"order_id":45,"order_key":"wc_order_…"}`
fn standard_order(custom: &str) -> String {
    let json = Json::parse(custom).ok();
    let fields = json.as_ref().and_then(Fields::of);
    fields.map(|fields| lenient_text(fields.get("order_id")).trim().into()).unwrap_or_default()
}

/// What an event code stands for, by its group and where needed by itself; money that the shop
/// paid to others is an adjustment.
fn kind(code: &str, amount: Decimal) -> Option<EntryKind> {
    let group = code.get(..3)?;
    Some(match (group, code) {
        ("T00", _) if amount > Decimal::ZERO => EntryKind::Charge,
        ("T01", _) | (_, "T1108" | "T1109") => EntryKind::Fee,
        (_, "T1101" | "T1102" | "T1104") => EntryKind::Transfer,
        (_, "T1106" | "T1201" | "T1202" | "T1205" | "T1207" | "T1208") => EntryKind::Dispute,
        (_, "T1100" | "T1107" | "T1113") => EntryKind::Refund,
        (_, "T2109" | "T2110") => EntryKind::Adjustment,
        ("T15" | "T21", _) | (_, "T1105" | "T1110" | "T1111" | "T1116") => EntryKind::Reserve,
        ("T02" | "T03" | "T04" | "T06" | "T07" | "T16" | "T17" | "T18" | "T20" | "T22", _) => {
            EntryKind::Transfer
        }
        ("T00" | "T05" | "T08" | "T09" | "T10" | "T11" | "T12" | "T14" | "T19", _) => {
            EntryKind::Adjustment
        }
        _ => return None,
    })
}

/// By currency, then time; at one moment withdrawals come last.
fn order_of_time(left: &Entry, right: &Entry) -> Ordering {
    let place = |entry: &Entry| (entry.currency, entry.at, !entry.payout.is_empty());
    place(left).cmp(&place(right))
}

/// Gives each entry to the next withdrawal in its currency, and makes the withdrawals payouts.
fn hand_out(gathered: &mut Gathered<'_>) {
    let mut entries = sorted_by(gathered.take_entries(), order_of_time);
    let mut next: Option<(String, Currency)> = None;
    for entry in entries.iter_mut().rev() {
        if !entry.payout.is_empty() {
            next = Some((entry.id.clone(), entry.currency));
        } else if let Some((payout, _)) = next.as_ref().filter(|next| next.1 == entry.currency) {
            entry.payout.clone_from(payout);
        }
    }
    for entry in entries {
        if entry.payout != entry.id {
            gathered.entry(entry);
            continue;
        }
        let Entry { id, source, currency, amount, date, fee, .. } = entry;
        let state = PayoutState::Paid;
        let payout = Payout { id, source, currency, amount: -amount, date, state };
        if !fee.is_zero() {
            let description = "PayPal's fee for the withdrawal";
            let kind = EntryKind::Fee;
            gathered.make(&payout, Made { suffix: "fee", kind, amount: -fee, description });
        }
        gathered.payout(payout);
    }
}

/// A withdrawal need not take the whole balance: the difference is held in it, or comes from it.
fn balance(gathered: &mut Gathered<'_>) {
    let sums = gathered.sums();
    for payout in gathered.take_payouts() {
        let sum = sums.get(&payout.id).copied().unwrap_or_default();
        let amount = payout.amount - sum;
        if !amount.is_zero() && amount.abs() <= AMOUNT_MAX {
            let description = if amount < Decimal::ZERO {
                "Kept in the PayPal balance"
            } else {
                "Taken from the PayPal balance"
            };
            let kind = EntryKind::Reserve;
            gathered.make(&payout, Made { suffix: "balance", kind, amount, description });
        }
        gathered.payout(payout);
    }
}
