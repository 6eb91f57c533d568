//! Refunds: made from a request as the REST API takes it, and deleted without a trace.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::decimals::{KEPT, print_decimal};
use super::listing::id_of;
use super::order::{ShopError, set, text};
use super::store::Shop;

impl Shop {
    /// Makes a refund from `{amount, reason, line_items[{id,quantity,refund_total,refund_tax}]}`.
    ///
    /// Without an amount it is the sum of the lines. When nothing is left the order becomes
    /// `refunded`. Fires order.updated; only the actions name the refund.
    pub(crate) fn add_refund(&mut self, order_id: u64, body: &Value) -> Result<u64, ShopError> {
        let order = self.orders.get(&order_id).cloned().ok_or(ShopError::Unknown(order_id))?;
        let wanted = body.get("line_items").and_then(Value::as_array).cloned().unwrap_or_default();
        let amount = match decimal_of(body.get("amount")) {
            Some(amount) => amount,
            None => wanted.iter().map(line_sum).sum(),
        };
        let left = remaining(&order);
        if amount < Decimal::ZERO || amount > left {
            return Err(ShopError::RefundAmount);
        }
        let id = self.write_refund(&order, amount, amount == left, body, &wanted);
        if amount == left {
            if let Some(order) = self.orders.get_mut(&order_id) {
                set(order, "status", "refunded".into());
            }
            self.fire("action.woocommerce_order_fully_refunded", order_id);
        } else {
            self.fire("action.woocommerce_order_partially_refunded", order_id);
        }
        self.saved(order_id);
        self.fire("action.woocommerce_refund_created", id);
        self.fire("action.woocommerce_order_refunded", order_id);
        Ok(id)
    }

    /// Refunds what is left in one sum, as a change of status to `refunded` does.
    pub(crate) fn refund_rest(&mut self, order_id: u64) -> Result<(), ShopError> {
        let order = self.orders.get(&order_id).cloned().ok_or(ShopError::Unknown(order_id))?;
        let left = remaining(&order);
        if left <= Decimal::ZERO {
            return Ok(());
        }
        let body = json!({"reason": "Order fully refunded."});
        let id = self.write_refund(&order, left, true, &body, &[]);
        self.fire("action.woocommerce_refund_created", id);
        Ok(())
    }

    /// Deletes a refund. Neither a webhook nor a date of change tells of it (seen with HPOS).
    pub(crate) fn delete_refund(&mut self, id: u64) -> Result<Value, ShopError> {
        let (order_id, refund) = self.refunds.remove(&id).ok_or(ShopError::Unknown(id))?;
        let order = self.orders.get_mut(&order_id);
        let lines = order.and_then(|order| order.get_mut("refunds")).and_then(Value::as_array_mut);
        if let Some(lines) = lines {
            lines.retain(|line| id_of(line) != id);
        }
        Ok(refund)
    }

    fn write_refund(
        &mut self,
        order: &Value,
        amount: Decimal,
        full: bool,
        body: &Value,
        wanted: &[Value],
    ) -> u64 {
        let (id, order_id) = (self.next_post_id(), id_of(order));
        let reason = text(body, "reason");
        let meta_id = self.next_meta_id();
        let now = self.now();
        let mut refund = json!({"id": id});
        self.stamp(&mut refund, "date_created", now);
        set(&mut refund, "amount", kept(amount).into());
        set(&mut refund, "reason", reason.clone().into());
        set(&mut refund, "refunded_by", 1.into());
        set(&mut refund, "refunded_payment", false.into());
        let kind = if full { "full" } else { "partial" };
        let meta = json!([{"id": meta_id, "key": "_refund_type", "value": kind}]);
        set(&mut refund, "meta_data", meta);
        for list in ["line_items", "shipping_lines", "tax_lines", "fee_lines"] {
            let lines = if list == "tax_lines" {
                self.refund_tax_lines(order, wanted)
            } else {
                self.refund_lines(order, list, wanted)
            };
            set(&mut refund, list, lines.into());
        }
        let collection = format!("/wc/v3/orders/{order_id}/refunds");
        let up = format!("/wc/v3/orders/{order_id}");
        set(&mut refund, "_links", self.links(&collection, id, &["GET", "DELETE"], &up));
        self.refunds.insert(id, (order_id, refund));
        let line = json!({"id": id, "reason": reason, "total": format!("-{}", kept(amount))});
        let order = self.orders.get_mut(&order_id);
        let lines = order.and_then(|order| order.get_mut("refunds")).and_then(Value::as_array_mut);
        if let Some(lines) = lines {
            lines.insert(0, line);
        }
        id
    }

    fn refund_lines(&mut self, order: &Value, list: &str, wanted: &[Value]) -> Vec<Value> {
        let mut lines = Vec::new();
        for want in wanted {
            let all = order.get(list).and_then(Value::as_array);
            let source = all.into_iter().flatten().find(|line| id_of(line) == id_of(want));
            let Some(source) = source else { continue };
            let mut line = source.clone();
            let total = -decimal_of(want.get("refund_total")).unwrap_or_default();
            let taxes = taxes_of(want);
            let tax: Decimal = -taxes.values().sum::<Decimal>();
            set(&mut line, "id", self.next_item_id().into());
            set(&mut line, "total", kept(total).into());
            set(&mut line, "total_tax", kept(tax).into());
            if list == "line_items" {
                let quantity = want.get("quantity").and_then(Value::as_i64).unwrap_or_default();
                set(&mut line, "quantity", (-quantity).into());
                set(&mut line, "subtotal", kept(total).into());
                set(&mut line, "subtotal_tax", kept(tax).into());
                let each =
                    if quantity == 0 { Decimal::ZERO } else { -total / Decimal::from(quantity) };
                set(&mut line, "price", as_number(each));
            }
            set(&mut line, "taxes", print_taxes(&taxes, list == "line_items"));
            let origin = id_of(source).to_string();
            let meta = json!([{
                "id": self.next_meta_id(),
                "key": "_refunded_item_id",
                "value": origin,
                "display_key": "_refunded_item_id",
                "display_value": origin,
            }]);
            set(&mut line, "meta_data", meta);
            lines.push(line);
        }
        lines
    }

    fn refund_tax_lines(&mut self, order: &Value, wanted: &[Value]) -> Vec<Value> {
        let shipping = order.get("shipping_lines").and_then(Value::as_array);
        let shipped: Vec<u64> = shipping.into_iter().flatten().map(id_of).collect();
        let mut rates: BTreeMap<u64, (Decimal, Decimal)> = BTreeMap::new();
        for want in wanted {
            for (rate, tax) in taxes_of(want) {
                let sums = rates.entry(rate).or_default();
                if shipped.contains(&id_of(want)) {
                    sums.1 -= tax;
                } else {
                    sums.0 -= tax;
                }
            }
        }
        let mut lines = Vec::new();
        let sources = order.get("tax_lines").and_then(Value::as_array);
        for source in sources.into_iter().flatten() {
            let rate = source.get("rate_id").and_then(Value::as_u64).unwrap_or_default();
            let Some((tax, shipping_tax)) = rates.get(&rate) else { continue };
            let mut line = source.clone();
            set(&mut line, "id", self.next_item_id().into());
            set(&mut line, "tax_total", kept(*tax).into());
            set(&mut line, "shipping_tax_total", kept(*shipping_tax).into());
            lines.push(line);
        }
        lines
    }
}

/// What of an order's total is not yet refunded.
fn remaining(order: &Value) -> Decimal {
    let total: Decimal = text(order, "total").parse().unwrap_or_default();
    let refunds = order.get("refunds").and_then(Value::as_array);
    let back = refunds.into_iter().flatten().filter_map(|line| decimal_of(line.get("total")));
    total + back.sum::<Decimal>()
}

fn line_sum(want: &Value) -> Decimal {
    let net = decimal_of(want.get("refund_total")).unwrap_or_default();
    net + taxes_of(want).values().sum::<Decimal>()
}

fn taxes_of(want: &Value) -> BTreeMap<u64, Decimal> {
    let taxes = want.get("refund_tax").and_then(Value::as_array);
    let pair = |tax: &Value| Some((id_of(tax), decimal_of(tax.get("refund_total"))?));
    taxes.into_iter().flatten().filter_map(pair).collect()
}

fn print_taxes(taxes: &BTreeMap<u64, Decimal>, with_subtotal: bool) -> Value {
    let print = |(rate, tax): (&u64, &Decimal)| {
        let mut line = json!({"id": rate, "total": kept(-tax)});
        if with_subtotal {
            set(&mut line, "subtotal", kept(-tax).into());
        }
        line
    };
    taxes.iter().map(print).collect()
}

/// Reads an amount that may be a string or a number.
pub(crate) fn decimal_of(value: Option<&Value>) -> Option<Decimal> {
    match value? {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number.to_string().parse().ok(),
        _ => None,
    }
}

fn kept(amount: Decimal) -> String {
    print_decimal(amount, KEPT)
}

/// WooCommerce prints a line's price as a number.
fn as_number(amount: Decimal) -> Value {
    serde_json::from_str(&amount.normalize().to_string()).unwrap_or_default()
}
