//! What gateways write into an order, made to fit its total.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::dice::Dice;
use crate::shop::order::{set, text};

/// Keys that hold a gateway's own id of the payment, and how it starts.
const REFERENCES: [(&str, &str); 5] = [
    ("_stripe_intent_id", "pi_"),
    ("_intent_id", "pi_"),
    ("_charge_id", "ch_"),
    ("_wcpay_payment_transaction_id", "txn_"),
    ("_ppcp_paypal_order_id", ""),
];
/// Key of a fee and of what is left after it.
const FEES: [(&str, &str); 2] =
    [("_stripe_fee", "_stripe_net"), ("_wcpay_transaction_fee", "_wcpay_net")];

/// Gives every payment its own ids, and makes gross less fee equal net.
pub(crate) fn pay(order: &mut Value, dice: &mut Dice) {
    let total: Decimal = text(order, "total").parse().unwrap_or_default();
    let currency = text(order, "currency");
    let Some(metas) = order.get_mut("meta_data").and_then(Value::as_array_mut) else { return };
    for (key, start) in REFERENCES {
        if let Some(meta) = metas.iter_mut().find(|meta| text(meta, "key") == key) {
            set(meta, "value", format!("{start}{}", dice.letters(20)).into());
        }
    }
    for (fee, net) in FEES {
        let amount = metas.iter().find(|meta| text(meta, "key") == fee);
        let amount: Decimal =
            amount.and_then(|meta| text(meta, "value").parse().ok()).unwrap_or_default();
        if let Some(meta) = metas.iter_mut().find(|meta| text(meta, "key") == net) {
            set(meta, "value", (total - amount).round_dp(2).to_string().into());
        }
    }
    let paypal = metas.iter_mut().find(|meta| text(meta, "key") == "_ppcp_paypal_fees");
    if let Some(fees) = paypal.and_then(|meta| meta.get_mut("value")) {
        let fee = fees.pointer("/paypal_fee/value").and_then(Value::as_str);
        let fee: Decimal = fee.and_then(|fee| fee.parse().ok()).unwrap_or_default();
        for (name, amount) in [("gross_amount", total), ("net_amount", total - fee)] {
            let value = amount.round_dp(2).to_string();
            set(fees, name, json!({"currency_code": currency, "value": value}));
        }
    }
}
