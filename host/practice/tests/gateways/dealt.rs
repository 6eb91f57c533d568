//! What stands in the orders after the deal, and the CSV text.

use serde_json::Value;
use tillbook_practice::gateways::{Entry, Gateway, Gateways, Kind};
use tillbook_practice::shop::corpus::{self, Case};

use crate::dealt;

fn meta<'a>(item: &'a Value, key: &str) -> &'a Value {
    let metas = item["meta_data"].as_array().unwrap();
    metas.iter().find(|meta| meta["key"] == key).map_or(&Value::Null, |meta| &meta["value"])
}

fn charges(gateways: &Gateways, gateway: Gateway) -> Vec<(&Case, &Entry)> {
    let entries = gateways.account(gateway).unwrap().entries_for(Kind::Charge);
    let pair = |entry| -> Option<(&Case, &Entry)> {
        let entry: &Entry = entry;
        let id = entry.order.as_ref()?.id;
        Some((gateways.cases.iter().find(|case| case.id == id)?, entry))
    };
    entries.filter_map(pair).collect()
}

#[test]
fn orders_carry_what_the_plugins_write() {
    let gateways = Gateways::deal(7, corpus::cases().iter().cloned());
    for (case, charge) in charges(&gateways, Gateway::WooPayments) {
        for order in [&case.order, &case.order_dp6] {
            assert_eq!(meta(order, "_charge_id"), charge.source.as_str());
            assert_eq!(meta(order, "_wcpay_payment_transaction_id"), charge.id.as_str());
            assert_eq!(order["transaction_id"], *meta(order, "_intent_id"));
        }
    }
    for (case, charge) in charges(&gateways, Gateway::Stripe) {
        assert_eq!(case.order["transaction_id"], charge.source.as_str());
        assert_eq!(meta(&case.order, "_stripe_currency"), "AUD");
        let fee = format!("{}.{:02}", charge.fee / 100, charge.fee % 100);
        assert_eq!(meta(&case.order_dp6, "_stripe_fee"), fee.as_str());
    }
    for (case, charge) in charges(&gateways, Gateway::PayPal) {
        assert_eq!(case.order["transaction_id"], charge.source.as_str());
        let fees = meta(&case.order, "_ppcp_paypal_fees");
        assert_eq!(fees["gross_amount"]["currency_code"], case.order["currency"]);
        assert_eq!(fees.get("exchange_rate").is_some(), charge.rate.is_some());
    }
}

#[test]
fn refunds_carry_their_own_ids() {
    let gateways = Gateways::deal(7, corpus::cases().iter().cloned());
    for account in &gateways.accounts {
        let refunds: Vec<&Entry> = account.entries_for(Kind::Refund).collect();
        assert!(!refunds.is_empty(), "{:?}", account.gateway);
        for entry in refunds {
            let order = entry.order.as_ref().unwrap().id;
            let case = gateways.cases.iter().find(|case| case.id == order).unwrap();
            let mut both = case.refunds.iter().chain(&case.refunds_dp6);
            let key = match account.gateway {
                Gateway::WooPayments => "_wcpay_refund_id",
                Gateway::Stripe => "_stripe_refund_id",
                Gateway::PayPal => {
                    let ids = meta(&case.order, "_ppcp_refunds").as_array().unwrap();
                    assert!(ids.contains(&entry.source.clone().into()));
                    continue;
                }
            };
            let own = |refund: &&Value| refund["id"] == entry.refund_id.unwrap();
            assert!(both.by_ref().filter(own).count() == 2);
            let refund = case.refunds.iter().find(own).unwrap();
            assert_eq!(meta(refund, key), entry.source.as_str());
            assert_eq!(refund["date_created_gmt"], entry.at.format("%FT%T").to_string());
        }
    }
}

#[test]
fn orders_without_payment_lose_what_was_recorded_of_one() {
    let gateways = dealt("AU-incl");
    for case in &gateways.cases {
        let method = case.order["payment_method"].as_str().unwrap();
        let paid = !case.order["date_paid_gmt"].is_null() && case.order["total"] != "0.00";
        if paid && Gateway::of_method(method).is_some() {
            continue;
        }
        assert_eq!(case.order["transaction_id"], "");
        for key in ["_charge_id", "_stripe_fee", "_ppcp_paypal_fees"] {
            assert!(meta(&case.order, key).is_null(), "{} {key}", case.id);
        }
    }
}

#[test]
fn methods_are_mixed() {
    let gateways = Gateways::deal(7, corpus::cases().iter().cloned());
    for method in ["woocommerce_payments", "stripe", "ppcp-gateway", "bacs", "cheque", "cod"] {
        let of = |case: &&Case| {
            case.order["payment_method"] == method && !case.order["date_paid_gmt"].is_null()
        };
        assert!(gateways.cases.iter().filter(of).count() > 5, "{method}");
    }
}

#[tokio::test]
async fn the_shop_lists_its_gateways() {
    let shop = crate::open("AU-incl").await;
    let list = crate::caller::Caller::of(&shop).get("payment_gateways", "").await.json();
    let ids: Vec<&str> =
        list.as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    let own = ["woocommerce_payments", "stripe", "ppcp-gateway"];
    assert_eq!(ids, [["bacs", "cheque", "cod"], own].concat());
}

#[test]
fn the_csv_text_has_a_line_for_each_entry() {
    let gateways = dealt("EU-excl");
    for account in &gateways.accounts {
        let csv = gateways.csv(account.gateway);
        let mut lines = csv.lines();
        assert_eq!(
            lines.next().unwrap(),
            "payout_id,payout_date,payout_amount,currency,entry_id,type,date,amount,fee,net,\
             order_number,transaction_id,refund_id,description"
        );
        assert_eq!(lines.clone().count(), account.entries.len());
        for (line, entry) in lines.zip(&account.entries) {
            assert!(line.starts_with(entry.payout.as_deref().unwrap_or(",,,EUR")), "{line}");
            assert!(line.contains(&entry.id));
        }
        assert!(csv.contains(",\"Payment link, invoice 2041\"\r\n"));
    }
}
