//! The ledger in WooPayments' words (`deposits.md`, `reports.md`).

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::ledger::{Account, Entry, Kind, Payout};

/// A deposit object; amounts in minor units, `date` in milliseconds, `created` in seconds.
pub(crate) fn deposit(account: &Account, payout: &Payout) -> Value {
    json!({
        "id": payout.id,
        "date": payout.arrives_at.timestamp_millis(),
        "type": if payout.amount < 0 { "withdrawal" } else { "deposit" },
        "amount": payout.amount,
        "status": status(payout),
        "bankAccount": format!("PRACTICE BANK •••• 3000 ({})", account.currency),
        "currency": account.currency.to_lowercase(),
        "automatic": true,
        "fee": 0,
        "fee_percentage": 0,
        "created": payout.created_at.timestamp(),
    })
}

/// A deposit's status.
pub(crate) const fn status(payout: &Payout) -> &'static str {
    if payout.paid { "paid" } else { "in_transit" }
}

/// A row of the transactions report. `amount`, `fees` and `net_amount` are in the deposit's currency,
/// although `transaction_currency` stands beside them: the controller hands on `amount`, not
/// `customer_amount`.
pub(crate) fn report(account: &Account, entry: &Entry) -> Value {
    let payout = entry.payout.as_deref().and_then(|id| account.payout(id));
    let order = entry.order.as_ref();
    let paid_on = payout.map_or(entry.available_at, |payout| payout.arrives_at);
    json!({
        "transaction_id": entry.id,
        "date": print(entry.at),
        "payment_id": entry.intent,
        "channel": entry.intent.as_ref().map(|_| "online"),
        "payment_method": {"type": entry.intent.as_ref().map(|_| "visa")},
        "type": kind(entry.kind),
        "transaction_currency": entry.presented_currency.to_lowercase(),
        "amount": entry.gross,
        "exchange_rate": rate(entry),
        "deposit_currency": account.currency.to_lowercase(),
        "fees": entry.fee,
        "customer": {
            "name": order.map(|order| &order.buyer),
            "email": order.map(|order| &order.email),
            "country": order.map(|order| &order.country),
        },
        "net_amount": entry.net,
        "order_id": order.map(|order| order.id),
        "risk_level": entry.intent.as_ref().map(|_| 0),
        "deposit_date": print(paid_on),
        "deposit_id": entry.payout,
        "deposit_status": payout.map(status),
    })
}

/// A row of `payments/transactions`, as the server behind WooPayments gives it to the plugin: beside
/// `amount` in the deposit's currency stands what the buyer paid.
pub(crate) fn transaction(account: &Account, entry: &Entry) -> Value {
    let payout = entry.payout.as_deref().and_then(|id| account.payout(id));
    let order = entry.order.as_ref();
    let paid_on = payout.map_or(entry.available_at, |payout| payout.arrives_at);
    json!({
        "transaction_id": entry.id,
        "type": kind(entry.kind),
        "date": print(entry.at),
        "source": entry.intent.as_ref().map(|_| "visa"),
        "source_identifier": entry.intent.as_ref().map(|_| "4242"),
        "customer_name": order.map(|order| &order.buyer),
        "customer_email": order.map(|order| &order.email),
        "customer_country": order.map(|order| &order.country),
        "amount": entry.gross,
        "net": entry.net,
        "fees": entry.fee,
        "currency": account.currency.to_lowercase(),
        "risk_level": entry.intent.as_ref().map(|_| 0),
        "charge_id": entry.charge,
        "deposit_id": entry.payout,
        "available_on": print(paid_on),
        "exchange_rate": rate(entry),
        "customer_amount": entry.presented,
        "customer_currency": entry.presented_currency.to_lowercase(),
        "order_id": order.map(|order| order.id),
        "source_device": null,
        "channel": entry.intent.as_ref().map(|_| "online"),
        "deposit_status": payout.map(status),
        "order": order.map(|order| json!({"number": order.number})),
        "payment_intent_id": entry.intent,
    })
}

/// The gateway's rate as a JSON number, 1 without a conversion.
fn rate(entry: &Entry) -> Value {
    let rate = entry.rate.unwrap_or(Decimal::ONE);
    serde_json::from_str(&rate.normalize().to_string()).unwrap_or_default()
}

/// The `type` of an entry. WooPayments has no account fee; the nearest is the monthly one for a card
/// reader.
pub(crate) const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Charge => "charge",
        Kind::Refund => "refund",
        Kind::Dispute => "dispute",
        Kind::DisputeReversal => "dispute_reversal",
        Kind::AccountFee => "card_reader_fee",
        Kind::Adjustment => "adjustment",
        Kind::ReserveHeld | Kind::ReserveReleased => "reserved_funds",
        Kind::TopUp => "topup",
    }
}

fn print(moment: DateTime<Utc>) -> String {
    moment.format("%Y-%m-%d %H:%M:%S").to_string()
}
