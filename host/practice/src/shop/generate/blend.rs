//! Several recorded orders made into one.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::shop::corpus::Case;
use crate::shop::decimals::{self, KEPT, print_decimal};
use crate::shop::listing::id_of;
use crate::shop::order::{set, text};

/// Totals of an order that are sums.
const SUMS: [&str; 7] = [
    "discount_total",
    "discount_tax",
    "shipping_total",
    "shipping_tax",
    "cart_tax",
    "total",
    "total_tax",
];
/// Lists whose lines are simply put together.
const LISTS: [&str; 3] = ["line_items", "shipping_lines", "fee_lines"];

/// Most recorded orders in one.
const PARTS_MAX: usize = 4;

/// An order that is being put together.
#[derive(Debug)]
pub(crate) struct Blend {
    id: u64,
    case: Case,
    parts: BTreeSet<u64>,
    item_id: u64,
}

impl Blend {
    /// Starts with one recorded order, which gives status, payment and refunds.
    pub(crate) fn of(source: &Case, id: u64) -> Self {
        let mut case = source.clone();
        case.id = id;
        "generated".clone_into(&mut case.made_by);
        case.what = format!("order {}", source.id);
        case.notes = Vec::new();
        let mut blend = Self { id, case, parts: BTreeSet::from([source.id]), item_id: id * 1_000 };
        blend.renumber_refunds();
        set(&mut blend.case.order_dp6, "id", id.into());
        set(&mut blend.case.order_dp6, "number", id.to_string().into());
        blend
    }

    /// Adds another order's lines when it was taxed alike and the total stays within one unit.
    pub(crate) fn try_add(&mut self, source: &Case) {
        let fits = self.parts.len() < PARTS_MAX
            && !self.parts.contains(&source.id)
            // A refund of everything would no longer be one.
            && text(&self.case.order_dp6, "status") != "refunded"
            && text(&source.order_dp6, "status") != "refunded"
            && taxed_alike(&self.case.order_dp6, &source.order_dp6);
        if !fits {
            return;
        }
        let mut order = self.case.order_dp6.clone();
        for name in SUMS {
            let sum = amount(&order, name) + amount(&source.order_dp6, name);
            set(&mut order, name, print_decimal(sum, KEPT).into());
        }
        for name in LISTS {
            let more = lines(&source.order_dp6, name).cloned();
            let all: Vec<Value> = lines(&order, name).cloned().chain(more).collect();
            set(&mut order, name, all.into());
        }
        merge(&mut order, &source.order_dp6, "tax_lines", "rate_id");
        merge(&mut order, &source.order_dp6, "coupon_lines", "code");
        let dp = self.case.store.num_decimals;
        if deviation(&decimals::at(&order, dp)).abs() > Decimal::new(1, dp) {
            return;
        }
        self.case.order_dp6 = order;
        self.parts.insert(source.id);
        self.case.what = format!("{}, {}", self.case.what, source.id);
    }

    /// Gives the order with new line ids.
    pub(crate) fn finish(mut self) -> Case {
        for name in ["line_items", "shipping_lines", "fee_lines", "tax_lines", "coupon_lines"] {
            let mut list: Vec<Value> = lines(&self.case.order_dp6, name).cloned().collect();
            for line in &mut list {
                self.item_id += 1;
                let old = id_of(line);
                set(line, "id", self.item_id.into());
                self.point_refunds(old);
            }
            set(&mut self.case.order_dp6, name, list.into());
        }
        let collection = self.case.order_dp6.pointer("/_links/collection").cloned();
        if let Some(href) = collection.as_ref().and_then(|list| list.pointer("/0/href")) {
            let own = format!("{}/{}", href.as_str().unwrap_or_default(), self.id);
            let links = json!({"self": [{"href": own}], "collection": collection});
            set(&mut self.case.order_dp6, "_links", links);
        }
        self.case
    }

    fn renumber_refunds(&mut self) {
        let order_id = self.id;
        let ids: Vec<u64> = self.case.refunds_dp6.iter().map(id_of).collect();
        let fresh = |old: u64| {
            let at = ids.iter().position(|id| *id == old).unwrap_or_default();
            order_id + 1 + u64::try_from(at).unwrap_or_default()
        };
        for refund in &mut self.case.refunds_dp6 {
            let id = fresh(id_of(refund));
            set(refund, "id", id.into());
            let recorded = crate::shop::corpus::RECORDED_URL;
            let up = format!("{recorded}/wp-json/wc/v3/orders/{order_id}");
            let links = json!({
                "self": [{"href": format!("{up}/refunds/{id}")}],
                "collection": [{"href": format!("{up}/refunds")}],
                "up": [{"href": up}],
            });
            set(refund, "_links", links);
        }
        let lines = self.case.order_dp6.get_mut("refunds").and_then(Value::as_array_mut);
        for line in lines.into_iter().flatten() {
            let id = fresh(id_of(line));
            set(line, "id", id.into());
        }
    }

    /// Points the refunds' lines from an old line to the one that has just been numbered.
    fn point_refunds(&mut self, old: u64) {
        let new = self.item_id;
        for refund in &mut self.case.refunds_dp6 {
            for name in LISTS {
                let lines = refund.get_mut(name).and_then(Value::as_array_mut);
                for line in lines.into_iter().flatten() {
                    point(line, old, new);
                }
            }
        }
    }
}

/// Rewrites a refund line's `_refunded_item_id`; new ids are far above old ones.
fn point(line: &mut Value, old: u64, new: u64) {
    let metas = line.get_mut("meta_data").and_then(Value::as_array_mut);
    for meta in metas.into_iter().flatten() {
        let value = text(meta, "value");
        if text(meta, "key") == "_refunded_item_id" && value == old.to_string() {
            set(meta, "value", new.to_string().into());
            set(meta, "display_value", new.to_string().into());
        }
    }
}

fn taxed_alike(one: &Value, other: &Value) -> bool {
    let place = |order: &Value| {
        ["/currency", "/billing/country", "/shipping/country", "/shipping/state"]
            .map(|pointer| order.pointer(pointer).cloned())
    };
    let exempt = |order: &Value| {
        let meta = lines(order, "meta_data").find(|meta| text(meta, "key") == "is_vat_exempt");
        meta.map(|meta| text(meta, "value")) == Some("yes".to_owned())
    };
    place(one) == place(other) && exempt(one) == exempt(other)
}

/// Puts two lists together; lines with the same key become one with summed amounts.
fn merge(order: &mut Value, source: &Value, name: &str, key: &str) {
    let mut all: Vec<Value> = lines(order, name).cloned().collect();
    for line in lines(source, name) {
        let Some(same) = all.iter_mut().find(|known| known.get(key) == line.get(key)) else {
            all.push(line.clone());
            continue;
        };
        for (field, dp) in [
            ("tax_total", KEPT),
            ("shipping_tax_total", KEPT),
            ("discount", scale(same, line, "discount")),
            ("discount_tax", scale(same, line, "discount_tax")),
        ] {
            if same.get(field).is_some_and(Value::is_string) {
                let sum = amount(same, field) + amount(line, field);
                set(same, field, print_decimal(sum, dp).into());
            }
        }
    }
    set(order, name, all.into());
}

/// Coupon amounts are kept as they were stored, with as many decimals as they have.
fn scale(one: &Value, other: &Value, field: &str) -> u32 {
    amount(one, field).scale().max(amount(other, field).scale())
}

/// What a printed order's total has more than its lines.
fn deviation(order: &Value) -> Decimal {
    let sum: Decimal = LISTS
        .iter()
        .flat_map(|name| lines(order, name))
        .map(|line| amount(line, "total") + amount(line, "total_tax"))
        .sum();
    amount(order, "total") - sum
}

fn lines<'a>(order: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    order.get(name).and_then(Value::as_array).into_iter().flatten()
}

fn amount(item: &Value, name: &str) -> Decimal {
    text(item, name).parse().unwrap_or_default()
}
