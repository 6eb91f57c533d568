//! The decimals of a WooCommerce answer.
//!
//! The shop keeps six decimals and prints what `dp` asks for, else the store's own number. Only the
//! money fields of orders and refunds are printed so; coupon lines and meta keep what was stored.

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Map, Value};

/// Decimals the practice shop keeps; WooCommerce's own `wc_get_rounding_precision` is 6.
pub(crate) const KEPT: u32 = 6;

const MONEY: [&str; 11] = [
    "cart_tax",
    "discount_tax",
    "discount_total",
    "shipping_tax",
    "shipping_tax_total",
    "shipping_total",
    "subtotal",
    "subtotal_tax",
    "tax_total",
    "total",
    "total_tax",
];
const AS_STORED: [&str; 4] = ["coupon_lines", "meta_data", "billing", "shipping"];

/// Prints an order or refund with `dp` decimals.
#[must_use]
pub(crate) fn at(item: &Value, dp: u32) -> Value {
    let mut printed = value_at(item, dp);
    // A refund's amount is printed, the amount of a fee line is not.
    if let Some(Value::String(amount)) = printed.get_mut("amount") {
        *amount = money_at(amount, dp);
    }
    printed
}

fn value_at(value: &Value, dp: u32) -> Value {
    match value {
        Value::Object(fields) => Value::Object(object_at(fields, dp)),
        Value::Array(items) => items.iter().map(|item| value_at(item, dp)).collect(),
        other => other.clone(),
    }
}

fn object_at(fields: &Map<String, Value>, dp: u32) -> Map<String, Value> {
    let print = |name: &String, value: &Value| match value {
        Value::String(text) if MONEY.contains(&name.as_str()) => Value::from(money_at(text, dp)),
        _ if AS_STORED.contains(&name.as_str()) => value.clone(),
        // A refund's line in its order is the amount with a minus before it, also before a zero.
        Value::Array(refunds) if name == "refunds" => {
            refunds.iter().map(|refund| refund_line_at(refund, dp)).collect()
        }
        _ => value_at(value, dp),
    };
    fields.iter().map(|(name, value)| (name.clone(), print(name, value))).collect()
}

fn refund_line_at(refund: &Value, dp: u32) -> Value {
    let mut line = refund.clone();
    if let Some(Value::String(total)) = line.get_mut("total")
        && let Some(amount) = total.strip_prefix('-')
    {
        *total = format!("-{}", money_at(amount, dp));
    }
    line
}

/// Rounds half away from zero, as PHP's `round`; a text that is no number stays.
fn money_at(text: &str, dp: u32) -> String {
    let Ok(amount) = text.parse::<Decimal>() else { return text.to_owned() };
    print_decimal(amount, dp)
}

/// Prints an amount with exactly `dp` decimals and no minus before a zero.
#[must_use]
pub(crate) fn print_decimal(amount: Decimal, dp: u32) -> String {
    let rounded = amount.round_dp_with_strategy(dp, RoundingStrategy::MidpointAwayFromZero);
    let unsigned = if rounded.is_zero() { rounded.abs() } else { rounded };
    let decimals = usize::try_from(dp).unwrap_or(usize::MAX).min(28);
    format!("{unsigned:.decimals$}")
}

#[cfg(test)]
mod tests {
    use crate::shop::corpus;

    /// Every recorded default answer follows from the recorded six decimals.
    #[test]
    fn recorded_orders_print_as_the_shop_printed_them() {
        for case in corpus::cases() {
            let dp = case.store.num_decimals;
            assert!(super::at(&case.order_dp6, dp) == case.order, "{}", case.id);
            assert!(super::at(&case.order_dp6, super::KEPT) == case.order_dp6, "{}", case.id);
            for (kept, shown) in case.refunds_dp6.iter().zip(&case.refunds) {
                assert!(super::at(kept, dp) == *shown, "{}", case.id);
            }
        }
    }
}
