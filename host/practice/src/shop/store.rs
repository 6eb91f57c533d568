//! What the practice shop holds, and the ids and dates it gives out.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::access::Doorkeeper;
use super::clock::{Clock, print_gmt, print_local};
use super::corpus::{self, Case, StoreSettings};
use super::decimals;
use super::fault::Fault;
use super::listing::id_of;
use super::webhook::Webhooks;
use crate::gateways::Gateways;

/// Everything behind the shop's door.
#[derive(Debug)]
pub(crate) struct Shop {
    /// Address with which the shop knows itself, without a slash at the end.
    pub(crate) home: String,
    /// Settings that decide totals.
    pub(crate) settings: StoreSettings,
    /// The site's zone.
    pub(crate) zone: Tz,
    /// The shop's time.
    pub(crate) clock: Clock,
    /// Whether links are pretty; without, only `?rest_route=` works.
    pub(crate) pretty_permalinks: bool,
    /// Whether `GET /refunds` is there.
    pub(crate) lists_refunds: bool,
    /// Who may come in.
    pub(crate) doorkeeper: Doorkeeper,
    /// Orders with six decimals, by id.
    pub(crate) orders: BTreeMap<u64, Value>,
    /// Refunds with six decimals and their order's id, by id.
    pub(crate) refunds: BTreeMap<u64, (u64, Value)>,
    /// Notes by order id.
    pub(crate) notes: BTreeMap<u64, Vec<Value>>,
    /// Status before the trash, by order or product id.
    pub(crate) untrashed_status: BTreeMap<u64, Value>,
    /// Products and, by their own id, variations.
    pub(crate) products: BTreeMap<u64, Value>,
    /// Coupons by id.
    pub(crate) coupons: BTreeMap<u64, Value>,
    /// Customers by id.
    pub(crate) customers: BTreeMap<u64, Value>,
    /// Tax rates by id.
    pub(crate) taxes: BTreeMap<u64, Value>,
    /// Webhooks and what they still have to deliver.
    pub(crate) webhooks: Webhooks,
    /// What goes wrong with the next requests, first one first.
    pub(crate) faults: Vec<Fault>,
    /// The gateways' ledgers; WooPayments' is answered by the shop itself.
    pub(crate) gateways: Option<Arc<Gateways>>,
    /// Requests answered, by `METHOD route`, oldest first.
    pub(crate) journal: Vec<String>,
    post_id: u64,
    item_id: u64,
    meta_id: u64,
}

impl Shop {
    /// Fills a shop with orders and the lists around them.
    pub(crate) fn open(home: &str, settings: StoreSettings, zone: Tz, cases: &[Case]) -> Self {
        let list = |items: &[Value]| -> BTreeMap<u64, Value> {
            items.iter().map(|item| (id_of(item), rehome(item, home))).collect()
        };
        let mut products = list(corpus::products());
        products.extend(list(corpus::variations()));
        let mut shop = Self {
            home: home.to_owned(),
            settings,
            zone,
            clock: Clock::System,
            pretty_permalinks: true,
            lists_refunds: true,
            doorkeeper: Doorkeeper::default(),
            orders: BTreeMap::new(),
            refunds: BTreeMap::new(),
            notes: BTreeMap::new(),
            untrashed_status: BTreeMap::new(),
            products,
            coupons: list(corpus::coupons()),
            customers: list(corpus::customers()),
            taxes: list(corpus::taxes()),
            webhooks: Webhooks::default(),
            faults: Vec::new(),
            gateways: None,
            journal: Vec::new(),
            post_id: 1_000,
            item_id: 10_000,
            meta_id: 100_000,
        };
        for case in cases {
            shop.put_case(case);
        }
        shop
    }

    /// Puts an order with its refunds and notes in, as it is; no event happens.
    pub(crate) fn put_case(&mut self, case: &Case) {
        let order = self.relocate(rehome(&case.order_dp6, &self.home));
        self.orders.insert(case.id, order);
        for refund in &case.refunds_dp6 {
            let id = id_of(refund);
            let refund = self.relocate(rehome(refund, &self.home));
            self.refunds.insert(id, (case.id, refund));
            self.post_id = self.post_id.max(id);
        }
        let notes = case.notes.iter().map(|note| rehome(note, &self.home)).collect();
        self.notes.insert(case.id, notes);
        self.post_id = self.post_id.max(case.id);
        let (item, meta) = (largest_item_id(&case.order_dp6), largest_meta_id(&case.order_dp6));
        self.item_id = self.item_id.max(item);
        self.meta_id = self.meta_id.max(meta);
    }

    /// The present moment.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// A fresh id for an order, refund, product or note.
    pub(crate) fn next_post_id(&mut self) -> u64 {
        self.post_id += 1;
        self.post_id
    }

    /// A fresh id for a line.
    pub(crate) fn next_item_id(&mut self) -> u64 {
        self.item_id += 1;
        self.item_id
    }

    /// A fresh id for a piece of meta data.
    pub(crate) fn next_meta_id(&mut self) -> u64 {
        self.meta_id += 1;
        self.meta_id
    }

    /// Writes a moment into `{name}` and `{name}_gmt`.
    pub(crate) fn stamp(&self, item: &mut Value, name: &str, moment: DateTime<Utc>) {
        if let Some(fields) = item.as_object_mut() {
            fields.insert(name.to_owned(), print_local(moment, self.zone).into());
            fields.insert(format!("{name}_gmt"), print_gmt(moment).into());
        }
    }

    /// The address of a REST route.
    pub(crate) fn rest_url(&self, route: &str) -> String {
        if self.pretty_permalinks {
            format!("{}/wp-json{route}", self.home)
        } else {
            format!("{}/index.php?rest_route={route}", self.home)
        }
    }

    /// `_links` of an object: itself, its collection and what is above it.
    pub(crate) fn links(&self, collection: &str, id: u64, allow: &[&str], up: &str) -> Value {
        let mut links = json!({
            "self": [{
                "href": self.rest_url(&format!("{collection}/{id}")),
                "targetHints": {"allow": allow},
            }],
            "collection": [{"href": self.rest_url(collection)}],
        });
        if !up.is_empty()
            && let Some(fields) = links.as_object_mut()
        {
            fields.insert("up".to_owned(), json!([{"href": self.rest_url(up)}]));
        }
        links
    }

    /// An order or refund as it is answered with `dp` decimals.
    pub(crate) fn print(&self, item: &Value, dp: Option<u32>) -> Value {
        decimals::at(item, dp.unwrap_or(self.settings.num_decimals))
    }

    /// Recomputes the site-local dates for the shop's zone.
    fn relocate(&self, mut item: Value) -> Value {
        for name in ["date_created", "date_modified", "date_completed", "date_paid"] {
            let gmt = item.get(format!("{name}_gmt")).and_then(Value::as_str);
            if let Some(moment) = gmt.and_then(super::clock::read_naive) {
                self.stamp(&mut item, name, moment.and_utc());
            }
        }
        item
    }
}

/// Replaces the recorded shop's address with this shop's.
pub(crate) fn rehome(item: &Value, home: &str) -> Value {
    match item {
        Value::String(text) => Value::from(text.replace(corpus::RECORDED_URL, home)),
        Value::Array(items) => items.iter().map(|item| rehome(item, home)).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| (name.clone(), rehome(value, home))).collect()
        }
        other => other.clone(),
    }
}

/// Names of an order's lists of lines.
pub(crate) const LINE_LISTS: [&str; 5] =
    ["line_items", "tax_lines", "shipping_lines", "fee_lines", "coupon_lines"];

fn largest_item_id(order: &Value) -> u64 {
    let lists = LINE_LISTS.iter().filter_map(|name| order.get(name).and_then(Value::as_array));
    lists.flatten().map(id_of).max().unwrap_or_default()
}

fn largest_meta_id(order: &Value) -> u64 {
    let lists = LINE_LISTS.iter().filter_map(|name| order.get(name).and_then(Value::as_array));
    let holders = lists.flatten().chain(std::iter::once(order));
    let metas = holders.filter_map(|holder| holder.get("meta_data").and_then(Value::as_array));
    metas.flatten().map(id_of).max().unwrap_or_default()
}
