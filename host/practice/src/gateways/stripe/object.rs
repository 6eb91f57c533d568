//! The ledger in Stripe's objects; amounts in minor units, moments in seconds since 1970.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::gateways::ledger::{Account, Entry, Kind, Payout};

/// A payout object.
pub(super) fn payout(account: &Account, payout: &Payout) -> Value {
    json!({
        "id": payout.id,
        "object": "payout",
        "amount": payout.amount,
        "application_fee": null,
        "application_fee_amount": null,
        "arrival_date": payout.arrives_at.timestamp(),
        "automatic": true,
        "balance_transaction": payout.entry,
        "created": payout.created_at.timestamp(),
        "currency": account.currency.to_lowercase(),
        "description": "STRIPE PAYOUT",
        "destination": "ba_practice0000000000000000",
        "failure_balance_transaction": null,
        "failure_code": null,
        "failure_message": null,
        "livemode": false,
        "metadata": {},
        "method": "standard",
        "original_payout": null,
        "reconciliation_status": if payout.paid { "completed" } else { "in_progress" },
        "reversed_by": null,
        "source_type": "card",
        "statement_descriptor": null,
        "status": if payout.paid { "paid" } else { "in_transit" },
        "type": "bank_account",
    })
}

/// Balance transactions of entries, and of payouts themselves.
pub(super) fn transactions<'a>(
    account: &Account,
    entries: impl Iterator<Item = &'a Entry>,
    payouts: &[Payout],
) -> Vec<Value> {
    let own = payouts.iter().map(|payout| payout_row(account, payout));
    entries.map(|entry| row(account, entry)).chain(own).collect()
}

fn row(account: &Account, entry: &Entry) -> Value {
    let currency = account.currency.to_lowercase();
    let (kind, category) = words(entry.kind);
    let name = if entry.kind == Kind::Dispute { "Dispute fee" } else { "Stripe processing fees" };
    let fees = match entry.fee {
        0 => json!([]),
        fee => json!([{
            "amount": fee,
            "application": null,
            "currency": currency,
            "description": name,
            "type": "stripe_fee",
        }]),
    };
    let source = if entry.source.is_empty() { Value::Null } else { entry.source.clone().into() };
    let waits = entry.payout.is_none();
    json!({
        "id": entry.id,
        "object": "balance_transaction",
        "amount": entry.gross,
        "available_on": entry.available_at.timestamp(),
        "created": entry.at.timestamp(),
        "currency": currency,
        "description": entry.description,
        "exchange_rate": number(entry.rate),
        "fee": entry.fee,
        "fee_details": fees,
        "net": entry.net,
        "reporting_category": category,
        "source": source,
        "status": if waits { "pending" } else { "available" },
        "type": kind,
    })
}

fn payout_row(account: &Account, payout: &Payout) -> Value {
    json!({
        "id": payout.entry,
        "object": "balance_transaction",
        "amount": -payout.amount,
        "available_on": payout.arrives_at.timestamp(),
        "created": payout.created_at.timestamp(),
        "currency": account.currency.to_lowercase(),
        "description": "STRIPE PAYOUT",
        "exchange_rate": null,
        "fee": 0,
        "fee_details": [],
        "net": -payout.amount,
        "reporting_category": "payout",
        "source": payout.id,
        "status": if payout.paid { "available" } else { "pending" },
        "type": "payout",
    })
}

/// `type` and `reporting_category` (docs.stripe.com/reports/reporting-categories).
const fn words(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Charge => ("charge", "charge"),
        Kind::Refund => ("refund", "refund"),
        Kind::Dispute => ("adjustment", "dispute"),
        Kind::DisputeReversal => ("adjustment", "dispute_reversal"),
        Kind::AccountFee => ("stripe_fee", "fee"),
        Kind::Adjustment => ("adjustment", "other_adjustment"),
        Kind::ReserveHeld | Kind::ReserveReleased => ("reserved_funds", "risk_reserved_funds"),
        Kind::TopUp => ("topup", "topup"),
    }
}

/// Puts the object itself in the place of a row's `source`.
pub(super) fn expand_source(account: &Account, row: &mut Value) {
    let Some(Value::String(id)) = row.get("source") else { return };
    let own = row.get("id").and_then(Value::as_str);
    let entry = account.entries.iter().find(|entry| Some(entry.id.as_str()) == own);
    let object = match (entry, account.payout(id)) {
        (Some(entry), _) => source(account, entry),
        (None, Some(known)) => payout(account, known),
        (None, None) => return,
    };
    if let Some(slot) = row.get_mut("source") {
        *slot = object;
    }
}

fn source(account: &Account, entry: &Entry) -> Value {
    let mut object = json!({
        "id": entry.source,
        "object": "topup",
        "amount": entry.presented.abs(),
        "balance_transaction": entry.id,
        "created": entry.at.timestamp(),
        "currency": entry.presented_currency.to_lowercase(),
        "livemode": false,
        "metadata": {},
        "status": "succeeded",
    });
    let more = match entry.kind {
        Kind::Charge => charge(account, entry),
        Kind::Refund => json!({
            "object": "refund",
            "charge": entry.charge,
            "payment_intent": entry.intent,
            "reason": "requested_by_customer",
        }),
        Kind::Dispute | Kind::DisputeReversal => dispute(account, entry),
        _ => json!({"description": entry.description}),
    };
    if let (Some(fields), Value::Object(more)) = (object.as_object_mut(), more) {
        fields.extend(more);
    }
    object
}

/// What a charge has beside what every source has. The order's number stands in `metadata.order_id`
/// (`abstract-wc-stripe-payment-gateway.php`).
fn charge(account: &Account, entry: &Entry) -> Value {
    let about =
        |kind: Kind| account.entries_for(kind).filter(move |other| other.charge == entry.charge);
    let refunded: i64 = about(Kind::Refund).map(|refund| -refund.presented).sum();
    let order = entry.order.as_ref();
    let metadata = order.map_or_else(
        || json!({}),
        |order| {
            json!({
                "customer_name": order.buyer,
                "customer_email": order.email,
                "order_id": order.number,
                "site_url": "https://shop.example",
            })
        },
    );
    json!({
        "object": "charge",
        "amount_captured": entry.presented,
        "amount_refunded": refunded,
        "billing_details": {
            "address": {"country": order.map(|order| &order.country)},
            "email": order.map(|order| &order.email),
            "name": order.map(|order| &order.buyer),
        },
        "captured": true,
        "description": entry.description,
        "disputed": about(Kind::Dispute).next().is_some(),
        "metadata": metadata,
        "paid": true,
        "payment_intent": entry.intent,
        "refunded": refunded >= entry.presented,
    })
}

fn dispute(account: &Account, entry: &Entry) -> Value {
    let won = account.entries_for(Kind::DisputeReversal).find(|one| one.source == entry.source);
    let first = account.entries_for(Kind::Dispute).find(|one| one.source == entry.source);
    let opened = first.unwrap_or(entry);
    let ids: Vec<&str> = [Some(opened), won].into_iter().flatten().map(|e| e.id.as_str()).collect();
    json!({
        "object": "dispute",
        "balance_transaction": opened.id,
        "balance_transactions": ids,
        "charge": entry.charge,
        "created": opened.at.timestamp(),
        "payment_intent": entry.intent,
        "reason": "fraudulent",
        "status": if won.is_some() { "won" } else { "lost" },
    })
}

/// A rate as a JSON number, null without one.
fn number(rate: Option<Decimal>) -> Value {
    rate.and_then(|rate| serde_json::from_str(&rate.normalize().to_string()).ok())
        .unwrap_or_default()
}
