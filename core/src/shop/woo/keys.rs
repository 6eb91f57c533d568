//! The names that payment gateways gave to an order's payments and refunds, from the meta that
//! their plugins store: by these a payout's entries are known again.
//!
//! Reference: WooCommerce, section 5.

use alloc::{string::String, vec::Vec};

use crate::json::{Fields, Json, Raw, lenient_text, present};

/// The most names that are kept of one order or refund; a limit of ours.
const KEYS_MAX: usize = 100;

/// Where WooPayments, Stripe and PayPal store what names an order's payment, strongest first.
pub(super) const PAYMENT_KEYS: [&str; 5] = [
    "_charge_id",
    "_intent_id",
    "_stripe_intent_id",
    "_wcpay_payment_transaction_id",
    "_ppcp_paypal_order_id",
];

/// Where Stripe and PayPal store, on the order, what names its refunds.
pub(super) const ORDER_REFUND_KEYS: [&str; 2] = ["_stripe_refund_id", "_ppcp_refunds"];

/// Where gateways store, on the refund, what names it, strongest first.
pub(super) const REFUND_KEYS: [&str; 4] =
    ["_wcpay_refund_id", "_wcpay_refund_transaction_id", "_stripe_refund_id", "_ppcp_refunds"];

/// What is stored under these names, in their order, each once; after `first`, if that is any.
///
/// Meta is written by any plugin: what cannot be read there is no reason to stop.
pub(super) fn keys(first: &str, meta: Raw<'_>, names: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    take(&mut found, first);
    let Some(Json::List(entries)) = meta else { return found };
    for name in names {
        for fields in entries.iter().filter_map(Fields::of) {
            if lenient_text(fields.get("key")) != *name {
                continue;
            }
            match present(fields.get("value")) {
                Some(Json::List(list)) => {
                    for one in list {
                        take(&mut found, &lenient_text(Some(one)));
                    }
                }
                value => take(&mut found, &lenient_text(value)),
            }
        }
    }
    found
}

fn take(found: &mut Vec<String>, key: &str) {
    let key = key.trim();
    if !key.is_empty() && found.len() < KEYS_MAX && !found.iter().any(|known| known == key) {
        found.push(key.into());
    }
}

#[cfg(test)]
mod tests {
    use alloc::{format, string::ToString};

    use super::super::{read_order, read_products, read_refund};
    use super::*;

    const META: &str = r#"[
        {"id":1,"key":"_intent_id","value":"pi_1"},
        {"id":2,"key":"_charge_id","value":"ch_1"},
        {"id":3,"key":"_stripe_intent_id","value":"pi_1"},
        {"id":4,"key":"_wcpay_payment_transaction_id","value":"txn_1"},
        {"id":5,"key":"_ppcp_paypal_order_id","value":null},
        {"id":6,"key":"_stripe_refund_id","value":"re_1"},
        {"id":7,"key":"_ppcp_refunds","value":["8AB","9CD","8AB",{},null,7]},
        {"id":8,"key":"_wcpay_refund_id","value":"re_2"},
        "nonsense"
    ]"#;

    #[test]
    fn an_order_names_its_payments_and_refunds() {
        let text = format!(
            r#"{{"id":45,"currency":"GBP","date_created":"2026-11-22T01:02:03",
            "date_created_gmt":"2026-11-22T00:02:03","date_paid_gmt":null,
            "date_completed_gmt":"soon","total":"0.00","total_tax":"0.00","status":"completed",
            "transaction_id":" ch_1 ","meta_data":{META}}}"#
        );
        let order = read_order(&Json::parse(&text).unwrap()).1.unwrap();
        assert_eq!(order.payment_keys, ["ch_1", "pi_1", "txn_1"]);
        assert_eq!(order.refund_keys, ["re_1", "8AB", "9CD", "7"]);
        assert_eq!(order.created_at.unwrap().unix_seconds(), 1_795_305_723);
        assert_eq!((order.paid_at, order.completed_at), (None, None));
    }

    #[test]
    fn a_refund_names_itself() {
        let text = format!(
            r#"{{"id":46,"date_created":"2026-11-22T01:02:03","date_created_gmt":
            "2026-11-22T00:02:03","amount":"1.00","reason":"","meta_data":{META}}}"#
        );
        let refund = read_refund(&Json::parse(&text).unwrap()).1.unwrap();
        assert_eq!(refund.keys, ["re_2", "re_1", "8AB", "9CD", "7"]);
        assert_eq!(refund.created_at.unwrap().unix_seconds(), 1_795_305_723);
    }

    #[test]
    fn a_hostile_list_of_refunds_is_cut() {
        let ids = (0..300).map(|id| id.to_string()).collect::<Vec<_>>().join(",");
        let text = format!(r#"[{{"key":"_ppcp_refunds","value":[{ids}]}}]"#);
        let json = Json::parse(&text).unwrap();
        assert_eq!(keys("", Some(&json), &REFUND_KEYS).len(), KEYS_MAX);
    }

    #[test]
    fn a_product_has_its_tags() {
        let text = r#"{"id":1,"tags":[{"id":3,"slug":"summer"},7,{"slug":""},{"slug":"sale"}]}"#;
        let json = Json::parse(text).unwrap();
        let (products, findings) = read_products(&[&json]);
        assert_eq!(products.first().unwrap().tags, ["summer", "sale"]);
        assert!(findings.is_empty(), "{findings:?}");
    }
}
