//! The entries that follow from orders: a charge for each, and its refunds.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::calendar::Calendar;
use super::dealer::paid_at;
use super::ledger::{Account, Entry, Gateway, Kind, OrderRef};
use super::money::{convert, fee, rate, to_minor};
use crate::shop::corpus::Case;
use crate::shop::generate::dice::Dice;
use crate::shop::generate::read_gmt;
use crate::shop::listing::id_of;
use crate::shop::order::text;

/// Letters and digits of a PayPal id.
const PAYPAL_ID: usize = 17;
/// Letters and digits behind the underscore of an id of Stripe or WooPayments.
const STRIPE_ID: usize = 24;

/// Books the orders of one gateway; entries are not sorted yet.
pub(super) fn book<'a>(
    cases: impl Iterator<Item = &'a Case>,
    calendar: &Calendar,
    currency: &str,
    dice: &mut Dice,
) -> Account {
    let gateway = calendar.gateway;
    let mut entries = Vec::new();
    for case in cases {
        let Some(at) = paid_at(case) else { continue };
        let order = &case.order_dp6;
        let total = Sum::of(&text(order, "total"), &text(order, "currency"), currency);
        let charge = charge(calendar, at, &total, Some(order_ref(order)), dice);
        for refund in &case.refunds_dp6 {
            entries.extend(self::refund(calendar, &charge, refund, currency, dice));
        }
        entries.push(charge);
    }
    Account { gateway, currency: currency.to_owned(), entries, payouts: Vec::new() }
}

/// An amount as the buyer saw it and as the balance has it, in minor units.
#[derive(Debug, Clone)]
pub(super) struct Sum {
    presented: i64,
    presented_currency: String,
    gross: i64,
    balance_currency: String,
}

impl Sum {
    /// Reads an amount in major units of one currency for a balance in another.
    pub(super) fn of(amount: &str, currency: &str, balance_currency: &str) -> Self {
        Self::minor(to_minor(amount, currency), currency, balance_currency)
    }

    /// Takes minor units of one currency for a balance in another.
    pub(super) fn minor(presented: i64, currency: &str, balance_currency: &str) -> Self {
        Self {
            presented,
            presented_currency: currency.to_owned(),
            gross: convert(presented, currency, balance_currency),
            balance_currency: balance_currency.to_owned(),
        }
    }
}

/// Makes a charge. Stripe reckons its fee on what reaches the balance, the others on what was paid.
pub(super) fn charge(
    calendar: &Calendar,
    at: DateTime<Utc>,
    sum: &Sum,
    order: Option<OrderRef>,
    dice: &mut Dice,
) -> Entry {
    let presented_fee = fee(sum.presented);
    let kept = match calendar.gateway {
        Gateway::Stripe => fee(sum.gross),
        _ => convert(presented_fee, &sum.presented_currency, &sum.balance_currency),
    };
    let mut entry = entry(calendar, Kind::Charge, at, sum, dice);
    entry.fee = kept;
    entry.net = entry.gross - kept;
    entry.presented_fee = presented_fee;
    entry.charge = Some(entry.source.clone());
    entry.intent = Some(match calendar.gateway {
        Gateway::PayPal => id("", dice),
        _ => id("pi", dice),
    });
    entry.description = order.as_ref().map_or_else(
        || "Payment link, invoice 2041".to_owned(),
        |order| format!("Practice shop - Order {}", order.number),
    );
    entry.order = order;
    entry
}

/// Makes the entry of a refund; none for one without money.
fn refund(
    calendar: &Calendar,
    charge: &Entry,
    refund: &Value,
    currency: &str,
    dice: &mut Dice,
) -> Option<Entry> {
    let amount = to_minor(&text(refund, "amount"), &charge.presented_currency);
    let at = read_gmt(refund, "date_created_gmt")?;
    let sum = Sum::minor(-amount, &charge.presented_currency, currency);
    let mut entry = (amount > 0).then(|| entry(calendar, Kind::Refund, at, &sum, dice))?;
    about(&mut entry, charge);
    entry.refund_id = Some(id_of(refund));
    entry.description = match &charge.order {
        Some(order) => format!("Refund for order {}", order.number),
        None => "Refund".to_owned(),
    };
    Some(entry)
}

/// Ties an entry to the charge that it is about.
pub(super) fn about(entry: &mut Entry, charge: &Entry) {
    entry.charge.clone_from(&charge.charge);
    entry.intent.clone_from(&charge.intent);
    entry.order.clone_from(&charge.order);
}

/// Makes an entry without a fee and without anything it belongs to.
pub(super) fn entry(
    calendar: &Calendar,
    kind: Kind,
    at: DateTime<Utc>,
    sum: &Sum,
    dice: &mut Dice,
) -> Entry {
    let own = if calendar.gateway == Gateway::PayPal { id("", dice) } else { id("txn", dice) };
    let source = match (calendar.gateway, kind) {
        (Gateway::PayPal, _) => own.clone(),
        (_, Kind::Charge) => id("ch", dice),
        (_, Kind::Refund) => id("re", dice),
        (_, Kind::Dispute | Kind::DisputeReversal) => id("dp", dice),
        (_, Kind::TopUp) => id("tu", dice),
        _ => String::new(),
    };
    let cleared = matches!(kind, Kind::Charge | Kind::Refund);
    Entry {
        id: own,
        kind,
        at,
        available_at: if cleared { calendar.clears(at) } else { at },
        gross: sum.gross,
        fee: 0,
        net: sum.gross,
        presented: sum.presented,
        presented_fee: 0,
        presented_currency: sum.presented_currency.clone(),
        rate: rate(&sum.presented_currency, &sum.balance_currency),
        order: None,
        refund_id: None,
        source,
        charge: None,
        intent: None,
        description: String::new(),
        payout: None,
    }
}

/// A fresh id: `ch_…`, or for no prefix one of PayPal's.
pub(super) fn id(prefix: &str, dice: &mut Dice) -> String {
    if prefix.is_empty() {
        return dice.letters(PAYPAL_ID).to_uppercase();
    }
    format!("{prefix}_{}", dice.letters(STRIPE_ID))
}

fn order_ref(order: &Value) -> OrderRef {
    let billing = order.get("billing").unwrap_or(&Value::Null);
    let name = format!("{} {}", text(billing, "first_name"), text(billing, "last_name"));
    OrderRef {
        id: id_of(order),
        number: text(order, "number"),
        buyer: name.trim().to_owned(),
        email: text(billing, "email"),
        country: text(billing, "country"),
    }
}
