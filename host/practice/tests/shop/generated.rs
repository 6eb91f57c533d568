//! Generated orders stay what WooCommerce would have written.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde_json::Value;
use tillbook_practice::shop::corpus::{self, Case};
use tillbook_practice::shop::generate;

#[test]
fn a_thousand_orders_add_up_to_their_totals() {
    let orders = generate::orders(7, 1_000, "mixed").unwrap();
    assert_eq!(orders.len(), 1_000);
    let mut off = 0;
    for case in &orders {
        let unit = Decimal::new(1, case.store.num_decimals);
        let difference = total_less_lines(&case.order);
        assert!(difference.abs() <= unit, "{} {} differs by {difference}", case.batch, case.what);
        off += u32::from(!difference.is_zero());
        taxes_add_up(case);
    }
    // The recording has such orders; a generator without them would be too kind.
    assert!((1..300).contains(&off), "{off} orders are off by one unit");
}

#[test]
fn ids_and_numbers_and_references_are_new() {
    let orders = generate::orders(1, 500, "AU-incl").unwrap();
    let ids: BTreeSet<u64> = orders.iter().map(|case| case.id).collect();
    assert_eq!(ids.len(), 500);
    let keys: BTreeSet<&str> =
        orders.iter().filter_map(|case| case.order.get("order_key")?.as_str()).collect();
    assert_eq!(keys.len(), 500);
    let several = orders.iter().filter(|case| case.what.contains(',')).count();
    assert!(several > 300, "only {several} orders have more than one part");
    for case in &orders {
        assert_eq!(case.order["number"], case.id.to_string());
        assert!(corpus::case(case.id).is_none());
        refunds_point_home(case);
    }
}

#[test]
fn a_seed_always_gives_the_same_orders() {
    assert_eq!(generate::orders(3, 40, "mixed"), generate::orders(3, 40, "mixed"));
    assert_ne!(generate::orders(3, 40, "mixed"), generate::orders(4, 40, "mixed"));
    assert!(generate::orders(3, 40, "no such batch").is_err());
}

fn refunds_point_home(case: &Case) {
    let lines: BTreeSet<String> = ["line_items", "shipping_lines", "fee_lines"]
        .iter()
        .flat_map(|name| ids(&case.order, name))
        .collect();
    let listed: BTreeSet<String> = ids(&case.order, "refunds").collect();
    let refunds: BTreeSet<String> =
        case.refunds.iter().map(|refund| refund["id"].to_string()).collect();
    assert_eq!(listed, refunds, "{}", case.what);
    for refund in &case.refunds {
        for name in ["line_items", "shipping_lines", "fee_lines"] {
            for line in refund[name].as_array().into_iter().flatten() {
                let origin = line["meta_data"][0]["value"].as_str().unwrap();
                assert!(lines.contains(origin), "{} points to {origin}", case.what);
            }
        }
    }
}

fn taxes_add_up(case: &Case) {
    let sum: Decimal = case.order_dp6["tax_lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| amount(line, "tax_total") + amount(line, "shipping_tax_total"))
        .sum();
    let difference = (sum - amount(&case.order_dp6, "total_tax")).abs();
    // Each part may differ by a unit: the recording's `total_tax` and `tax_lines` do.
    let limit = Decimal::new(4, case.store.num_decimals);
    assert!(difference <= limit, "{} {}: {difference}", case.batch, case.what);
}

fn total_less_lines(order: &Value) -> Decimal {
    let lines = ["line_items", "shipping_lines", "fee_lines"];
    let lines = lines.iter().flat_map(|name| order[*name].as_array().unwrap());
    let sum: Decimal = lines.map(|line| amount(line, "total") + amount(line, "total_tax")).sum();
    amount(order, "total") - sum
}

fn ids(order: &Value, name: &str) -> impl Iterator<Item = String> {
    order[name].as_array().unwrap().iter().map(|line| line["id"].to_string())
}

fn amount(item: &Value, name: &str) -> Decimal {
    item[name].as_str().unwrap().parse().unwrap()
}
