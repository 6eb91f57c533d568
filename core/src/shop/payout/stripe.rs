//! Stripe: payouts and balance transactions (`docs.stripe.com/api/payouts`,
//! `docs.stripe.com/api/balance_transactions`).
//!
//! Only payouts that Stripe makes by itself can be listed with their balance transactions
//! (docs.stripe.com/payouts/reconciliation): of the others all is rest.

use alloc::{format, string::String, vec::Vec};

use rust_decimal::Decimal;

use super::{
    Entry, EntryKind, Payout, PayoutState,
    gathered::Gathered,
    minor::digits,
    row::{Row, distinct, prefixed},
};
use crate::{
    finding::{Code, Finding},
    json::{Fields, Json, lenient_text},
    money::{AMOUNT_MAX, Currency},
};

pub(super) fn read(gathered: &mut Gathered<'_>, payouts: &[&Json<'_>], entries: &[&Json<'_>]) {
    for (index, json) in payouts.iter().enumerate() {
        read_payout(gathered, index, json, &["arrival_date", "created"]);
    }
    for (index, json) in entries.iter().enumerate() {
        let Some(fields) = gathered.object(Code::PayoutRowUnreadable, index, json) else {
            continue;
        };
        let mut row = Row::new(Code::PayoutRowUnreadable, fields, "id", index);
        if row.text("type") == "payout" || row.text("reporting_category") == "payout" {
            continue;
        }
        let entry = read_entry(gathered, &mut row);
        gathered.findings.append(&mut row.findings);
        if let Some(entry) = entry {
            gathered.entry(entry);
        }
    }
}

/// A payout in minor units; the day of arrival is in the first of these fields that is there.
pub(super) fn read_payout(
    gathered: &mut Gathered<'_>,
    index: usize,
    json: &Json<'_>,
    arrival: &[&str],
) {
    let Some(fields) = gathered.object(Code::PayoutUnreadable, index, json) else { return };
    let mut row = Row::new(Code::PayoutUnreadable, fields, "id", index);
    let id = row.id("id");
    let currency = row.currency("currency");
    let amount = currency.and_then(|currency| row.needed("amount", digits(currency)));
    let field = arrival.iter().find(|field| !row.text(field).is_empty());
    let field = field.or(arrival.first()).copied().unwrap_or_default();
    let date = row.moment(field, |moment| gathered.day_of_arrival(moment));
    let state = match &*row.text("status") {
        "paid" => PayoutState::Paid,
        "failed" | "canceled" => PayoutState::Failed,
        _ => PayoutState::Coming,
    };
    // WooPayments calls a payout that takes money back a withdrawal.
    let taken_back = row.text("type") == "withdrawal";
    gathered.findings.append(&mut row.findings);
    if let (Some(id), Some(currency), Some(amount), Some((_, date))) = (id, currency, amount, date)
    {
        let amount = if taken_back { -amount.abs() } else { amount };
        gathered.payout(Payout { id, source: gathered.source, currency, amount, date, state });
    }
}

fn read_entry(gathered: &mut Gathered<'_>, row: &mut Row<'_>) -> Option<Entry> {
    let id = row.id("id");
    let currency = row.currency("currency");
    let sums = currency.and_then(|currency| amount_and_fee(row, currency, "fee", "net"));
    let at = row.moment("created", |moment| gathered.zone.day(moment));
    let (id, currency, (amount, fee), (at, date)) = (id?, currency?, sums?, at?);
    let named = Named::of(row);
    let words = [row.text("reporting_category"), row.text("type")];
    let kind = kind_of(gathered, &id, &words);
    let keys = named.charges.into_iter().chain([prefixed("number:", &named.number)]);
    let description = row.plain("description");
    Some(Entry {
        payout: row.text("payout").into_owned(),
        source: gathered.source,
        kind,
        at,
        date,
        currency,
        amount,
        fee,
        description: if description.is_empty() { row.plain("type") } else { description },
        keys: distinct(keys),
        refund_keys: distinct(named.refunds),
        sold: named.sold.filter(|(_, sold)| *sold != currency).map(|(gross, sold)| {
            (if amount.is_sign_negative() { -gross.abs() } else { gross }, sold)
        }),
        id,
    })
}

/// Gross and fee. What the balance moved by is the net: where the gateway says it, the fee is
/// what lies between. A gross amount that agrees with fee and net only below zero is below zero.
pub(super) fn amount_and_fee(
    row: &mut Row<'_>,
    currency: Currency,
    fee: &str,
    net: &str,
) -> Option<(Decimal, Decimal)> {
    let digits = digits(currency);
    let amount = row.needed("amount", digits)?;
    let before = row.findings.len();
    let said = row.amount(fee, digits);
    let (amount, kept) = match (row.amount(net, digits), said) {
        (Some(net), Some(fee)) if amount - fee != net && -amount - fee == net => (-amount, fee),
        (Some(net), _) => (amount, amount - net),
        (None, fee) => (amount, fee.unwrap_or_default()),
    };
    if kept.abs() > AMOUNT_MAX {
        row.wrong(net, &row.text(net), "an amount that is near the gross one");
    }
    (row.findings.len() == before).then_some((amount, kept))
}

/// What a balance transaction's source says of the order.
#[derive(Default)]
struct Named {
    charges: Vec<String>,
    refunds: Vec<String>,
    /// The shop's number of the order.
    number: String,
    sold: Option<(Decimal, Currency)>,
}

impl Named {
    fn of(row: &Row<'_>) -> Self {
        let Some(source) = row.fields().get("source") else { return Self::default() };
        let Some(fields) = Fields::of(source) else {
            let mut named = Self::default();
            named.take(lenient_text(Some(source)).into_owned());
            return named;
        };
        let inner = row.within(fields);
        let mut named = Self { sold: sold(inner), ..Self::default() };
        let [own, charge, intent] =
            ["id", "charge", "payment_intent"].map(|field| id_of(fields, field));
        let names_payment = own.starts_with("ch_") || own.starts_with("py_");
        for id in if names_payment { [own, charge, intent] } else { [charge, intent, own] } {
            named.take(id);
        }
        // The plugin for Stripe writes the order's number as `order_id`.
        let metadata = |fields: Fields<'_>| {
            let metadata = Fields::of(fields.get("metadata")?)?;
            Some(lenient_text(metadata.get("order_id")).trim().into())
        };
        let own = metadata(fields).filter(|number: &String| !number.is_empty());
        let charge = || fields.get("charge").and_then(Fields::of).and_then(metadata);
        named.number = own.or_else(charge).unwrap_or_default();
        named
    }

    /// Refunds begin with `re_` or `pyr_`; everything else may name the payment.
    fn take(&mut self, id: String) {
        if id.starts_with("re_") || id.starts_with("pyr_") {
            self.refunds.push(id);
        } else {
            self.charges.push(id);
        }
    }
}

/// The id in a field that may be expanded.
fn id_of(fields: Fields<'_>, field: &str) -> String {
    let value = fields.get(field);
    let expanded = value.and_then(Fields::of).and_then(|inner| inner.get("id"));
    lenient_text(expanded.or(value)).trim().into()
}

/// What the source's object was charged or given back in; what cannot be read there is left out.
fn sold(mut source: Row<'_>) -> Option<(Decimal, Currency)> {
    let currency = source.currency("currency")?;
    Some((source.amount("amount", digits(currency))?, currency))
}

/// The kind that the first known word stands for. A word that is none is said, and is an
/// adjustment.
pub(super) fn kind_of(
    gathered: &mut Gathered<'_>,
    id: &str,
    words: &[impl AsRef<str>],
) -> EntryKind {
    if let Some(kind) = words.iter().find_map(|word| kind(word.as_ref())) {
        return kind;
    }
    let word = words.iter().map(AsRef::as_ref).find(|word| !word.is_empty()).unwrap_or_default();
    let word: String = word.chars().take(40).collect();
    let message = format!("`{word}` is no kind of row that is known; it counts as an adjustment");
    let finding = Finding::new(Code::PayoutKindUnknown, "payout_entry", id, message);
    gathered.findings.push(finding.at("type"));
    EntryKind::Adjustment
}

/// Money of the shop's own that moves.
const TRANSFERS: [&str; 22] = [
    "transfer",
    "transfer_cancel",
    "transfer_failure",
    "transfer_refund",
    "transfer_reversal",
    "payout_cancel",
    "payout_failure",
    "payout_reversal",
    "topup",
    "topup_reversal",
    "connect_collection_transfer",
    "advance",
    "advance_funding",
    "anticipation_repayment",
    "financing_payout",
    "financing_paydown",
    "inbound_transfer",
    "inbound_transfer_reversal",
    "balance_transfer_inbound",
    "balance_transfer_outbound",
    "obligation_outbound",
    "obligation_reversal_inbound",
];

/// What is none of the other kinds.
const ADJUSTMENTS: [&str; 17] = [
    "adjustment",
    "other_adjustment",
    "contribution",
    "climate_order_purchase",
    "climate_order_refund",
    "issuing_transaction",
    "issuing_dispute",
    "platform_earning",
    "platform_earning_refund",
    "application_fee",
    "application_fee_refund",
    "unreconciled_customer_funds",
    "payment_unreconciled",
    "stripe_balance_payment_debit",
    "stripe_balance_payment_debit_reversal",
    "fee_credit_funding",
    "tax_fund",
];

/// Stripe's reporting categories and types of balance transactions, and WooPayments' types, which
/// follow them (docs.stripe.com/reports/reporting-categories and /balance-transaction-types).
fn kind(word: &str) -> Option<EntryKind> {
    Some(match word {
        "charge" | "payment" | "partial_capture_reversal" => EntryKind::Charge,
        "refund"
        | "refund_failure"
        | "payment_refund"
        | "payment_failure_refund"
        | "payment_reversal"
        | "charge_failure" => EntryKind::Refund,
        "dispute" | "dispute_reversal" => EntryKind::Dispute,
        "fee"
        | "stripe_fee"
        | "stripe_fx_fee"
        | "network_cost"
        | "tax"
        | "tax_fee"
        | "payment_method_passthrough_fee"
        | "card_reader_fee" => EntryKind::Fee,
        "reserve_transaction"
        | "reserved_funds"
        | "reserve_hold"
        | "reserve_release"
        | "risk_reserved_funds"
        | "connect_reserved_funds"
        | "payment_network_reserve_hold"
        | "payment_network_reserve_release"
        | "payment_network_reserved_funds"
        | "payout_minimum_balance_hold"
        | "payout_minimum_balance_release"
        | "issuing_authorization_hold"
        | "issuing_authorization_release" => EntryKind::Reserve,
        word if TRANSFERS.contains(&word) => EntryKind::Transfer,
        word if ADJUSTMENTS.contains(&word) => EntryKind::Adjustment,
        _ => return None,
    })
}
