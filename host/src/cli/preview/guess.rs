//! What an order by itself tells about its shop: enough for a first preview.

use serde_json::{Value, json, value::RawValue};
use tillbook_core::shop::Shop;

/// The shop's profile as the order shows it.
pub(super) fn shop(order: &Value) -> Shop {
    let text = |key: &str| order.get(key).and_then(Value::as_str).unwrap_or_default();
    let decimals = text("total").split_once('.').map_or(0, |(_, decimals)| decimals.len());
    Shop {
        currency: text("currency").to_owned(),
        // With more than four the order was read with `dp=6`, which says nothing about the shop.
        num_decimals: u32::try_from(decimals).ok().filter(|count| *count <= 4).unwrap_or(2),
        prices_include_tax: order
            .get("prices_include_tax")
            .and_then(Value::as_bool)
            .unwrap_or_default(),
        default_country: country(order).to_owned(),
        ..Shop::default()
    }
}

/// The country that taxed the order: `AU` of the rate code `AU-GST-1`, else the customer's.
fn country(order: &Value) -> &str {
    let taxed = tax_lines(order)
        .filter_map(|line| line.get("rate_code")?.as_str()?.split('-').next())
        .find(|code| code.len() == 2);
    let billed = order.pointer("/billing/country").and_then(Value::as_str);
    taxed.or(billed).unwrap_or_default()
}

fn tax_lines(order: &Value) -> impl Iterator<Item = &Value> {
    order.get("tax_lines").and_then(Value::as_array).into_iter().flatten()
}

/// The tax rates that the order bears, in the shape of the shop's tax table: each set of rates
/// that stands on a line is a class of its own, so that no two sets are taken for one.
///
/// A fee below zero bears the rates of several sets; the core divides it, so it names none.
pub(super) fn tax_rates(order: &Value) -> Vec<Box<RawValue>> {
    let mut sets: Vec<Vec<u64>> = Vec::new();
    for line in lines(order).filter(|line| !is_negative(line)) {
        let taxes = line.get("taxes").and_then(Value::as_array).into_iter().flatten();
        let set: Vec<u64> = taxes
            .filter(|tax| tax.get("total").and_then(Value::as_str) != Some(""))
            .filter_map(|tax| tax.get("id")?.as_u64())
            .collect();
        if !set.is_empty() && !sets.contains(&set) {
            sets.push(set);
        }
    }
    let rates = sets.iter().enumerate().flat_map(|(class, set)| {
        set.iter().enumerate().filter_map(move |(priority, id)| rate(order, class, priority, *id))
    });
    rates.filter_map(|rate| serde_json::value::to_raw_value(&rate).ok()).collect()
}

fn lines(order: &Value) -> impl Iterator<Item = &Value> {
    ["line_items", "shipping_lines", "fee_lines"]
        .into_iter()
        .filter_map(|kind| order.get(kind)?.as_array())
        .flatten()
}

fn is_negative(line: &Value) -> bool {
    line.get("total").and_then(Value::as_str).is_some_and(|total| total.starts_with('-'))
}

fn rate(order: &Value, class: usize, priority: usize, id: u64) -> Option<Value> {
    let line =
        tax_lines(order).find(|line| line.get("rate_id").and_then(Value::as_u64) == Some(id))?;
    let code = line.get("rate_code").and_then(Value::as_str).unwrap_or_default();
    Some(json!({
        "id": id,
        "country": code.split('-').next().unwrap_or_default(),
        "state": "",
        "rate": line.get("rate_percent").map(Value::to_string).unwrap_or_default(),
        "name": line.get("label"),
        "priority": priority + 1,
        "compound": line.get("compound"),
        "shipping": true,
        "class": format!("as charged {class}"),
    }))
}

/// The payment gateway that the order names.
pub(super) fn gateways(order: &Value) -> Vec<Box<RawValue>> {
    let gateway = json!({
        "id": order.get("payment_method"),
        "title": order.get("payment_method_title"),
        "enabled": true,
    });
    serde_json::value::to_raw_value(&gateway).into_iter().collect()
}
