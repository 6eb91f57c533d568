//! Requests of recorded orders, and what every reply keeps.

use std::panic::catch_unwind;

use tillbook_core::call;

use crate::{
    json::{Json, number, object, text},
    oracle::{self, Rates},
};

pub(crate) const ORDERS: [&str; 6] = [
    include_str!("../data/au-two-lines.json"),
    include_str!("../data/gb-two-shipping-lines.json"),
    include_str!("../data/gb-coupon-and-fees.json"),
    include_str!("../data/us-three-rates.json"),
    include_str!("../data/ca-compound-and-fees.json"),
    include_str!("../data/jp-without-decimals.json"),
];

pub(crate) const REST: &str = include_str!("../data/request.json");

/// Ids of the orders that stand beside broken ones.
pub(crate) const NEIGHBOURS: [u64; 2] = [900_001, 900_002];

/// Puts a field in place, or adds it.
pub(crate) fn with(order: &Json, name: &str, value: Json) -> Json {
    let mut order = order.clone();
    if let Json::Object(fields) = &mut order {
        fields.retain(|field| field.0 != name);
        fields.insert(0, (name.into(), value));
    }
    order
}

pub(crate) fn sale(order: &Json) -> Json {
    object([("order", order.clone())])
}

/// A refund of an order's line; of an amount alone when there is none.
pub(crate) fn refund(id: u64, amount: &str, lines: Vec<Json>) -> Json {
    object([
        ("id", number(id)),
        ("date_created", text("2026-11-23T10:00:00")),
        ("amount", text(amount)),
        ("reason", text("Too small")),
        ("line_items", Json::List(lines)),
    ])
}

pub(crate) fn part(name: &str) -> Json {
    Json::parse(REST).unwrap().get(name).unwrap().clone()
}

pub(crate) fn map_request(
    shop: &Json,
    settings: &Json,
    chart: &Json,
    products: &Json,
    sales: Vec<Json>,
) -> Json {
    object([
        ("contract", number(1)),
        ("shop", shop.clone()),
        ("settings", settings.clone()),
        ("chart", chart.clone()),
        ("sales", Json::List(sales)),
        ("products", products.clone()),
    ])
}

/// Calls the core; a panic names what was sent. The reply is `{"ok":…}` or `{"error":…}`.
pub(crate) fn knock(operation: &str, request: &str, what: &dyn Fn() -> String) -> Json {
    let reply = catch_unwind(|| call(operation, request)).unwrap_or_else(|_| {
        let start: String = request.chars().take(4_000).collect();
        panic!("a panic at {}: {start}", what())
    });
    let json = Json::parse(&reply).unwrap_or_else(|error| panic!("{}: {error}: {reply}", what()));
    let Json::Object(fields) = &json else { panic!("{}: {reply}", what()) };
    assert!(
        matches!(fields.as_slice(), [(name, _)] if name == "ok" || name == "error"),
        "{}: {reply}",
        what()
    );
    json
}

/// What every outcome keeps, whatever was sent: a hold has an error, a post has none and its body
/// comes to what the order was charged.
pub(crate) fn check(outcome: &Json, rates: &Rates, digits: u32, what: &dyn Fn() -> String) {
    let errors = outcome
        .list_at("findings")
        .iter()
        .filter(|finding| finding.str_at("severity") == "error")
        .count();
    match outcome.str_at("outcome") {
        "post" => {
            assert_eq!(errors, 0, "{}: {}", what(), outcome.write());
            let document = outcome.get("document").unwrap();
            let body = Json::parse(document.str_at("body")).unwrap();
            let reckoned = oracle::reckon(&body, rates)
                .unwrap_or_else(|error| panic!("{}: {error}: {}", what(), body.write()));
            let digits = if body.str_at("CurrencyCode") == "JPY" { 0 } else { digits };
            let charged = oracle::rounded(outcome.str_at("charged"), digits).unwrap();
            let total = charged * 10_i128.pow(2 - digits);
            assert_eq!(reckoned.total, total, "{}: {}", what(), outcome.write());
        }
        "hold" => assert!(errors > 0, "{}: {}", what(), outcome.write()),
        "skip" => assert!(outcome.get("document").is_none()),
        other => panic!("{}: outcome `{other}`", what()),
    }
    check_refunds(outcome, rates, what);
}

/// A refund that is held has an error, one that is posted has none; together they come to no more
/// than the invoice.
pub(crate) fn check_refunds(outcome: &Json, rates: &Rates, what: &dyn Fn() -> String) {
    let total = |document: &Json| {
        let body = Json::parse(document.str_at("body")).unwrap();
        let reckoned = oracle::reckon(&body, rates);
        reckoned.unwrap_or_else(|error| panic!("{}: {error}: {}", what(), body.write())).total
    };
    let mut credited = 0;
    for refund in outcome.get("refunds").map_or(&[][..], Json::list) {
        let mut findings = refund.list_at("findings").iter();
        let wrong = findings.any(|finding| finding.str_at("severity") == "error");
        assert_eq!(wrong, refund.str_at("outcome") == "hold", "{}: {}", what(), refund.write());
        credited += refund.get("document").map_or(0, total);
    }
    let invoiced = outcome.get("document").map_or(0, total);
    assert!(credited <= invoiced.max(0), "{}: {}", what(), outcome.write());
}

pub(crate) fn without_index(outcome: &Json) -> Json {
    match outcome {
        Json::Object(fields) => {
            Json::Object(fields.iter().filter(|field| field.0 != "index").cloned().collect())
        }
        other => other.clone(),
    }
}

pub(crate) struct Shop {
    pub(crate) facts: Json,
    pub(crate) order: Json,
    pub(crate) digits: u32,
    pub(crate) rates: Rates,
}

pub(crate) fn shops() -> impl Iterator<Item = Shop> {
    ORDERS.iter().map(|source| {
        let both = Json::parse(source).unwrap();
        let facts = both.get("shop").unwrap().clone();
        let digits: u32 = facts.str_at("num_decimals").parse().unwrap();
        let rates = oracle::rates(part("chart").get("tax_rates").unwrap()).unwrap();
        Shop { order: both.get("order").unwrap().clone(), digits: digits.min(2), rates, facts }
    })
}

/// A request of orders that stand between two whole ones.
pub(crate) fn between(shop: &Shop, orders: &[Json]) -> String {
    let [first, last] = NEIGHBOURS.map(|id| with(&shop.order, "id", number(id)));
    let all = [first].into_iter().chain(orders.iter().cloned()).chain([last]);
    let sales = all.map(|order| sale(&order)).collect();
    map_request(&shop.facts, &part("settings"), &part("chart"), &part("products"), sales).write()
}

/// The whole orders' outcomes in a reply.
pub(crate) fn neighbours(reply: &Json) -> [Json; 2] {
    let sales = reply.get("ok").unwrap().list_at("sales");
    [without_index(&sales[0]), without_index(&sales[sales.len() - 1])]
}
