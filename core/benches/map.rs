//! What mapping costs, as ratios within one run: `cargo bench -p tillbook-core`.
//!
//! Each figure is the best of several rounds, so that a busy machine changes it little. Ratios
//! that grow with the number of orders or lines show work that is done again and again.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a bench may stop")]

#[path = "../tests/laws/json.rs"]
#[expect(dead_code, reason = "the tests use all of it")]
mod json;

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use json::{Json, number, object};
use tillbook_core::call;

const ORDERS: [&str; 6] = [
    include_str!("../tests/data/au-two-lines.json"),
    include_str!("../tests/data/gb-two-shipping-lines.json"),
    include_str!("../tests/data/gb-coupon-and-fees.json"),
    include_str!("../tests/data/us-three-rates.json"),
    include_str!("../tests/data/ca-compound-and-fees.json"),
    include_str!("../tests/data/jp-without-decimals.json"),
];

const REST: &str = include_str!("../tests/data/request.json");

/// Rounds of each measurement; the best counts.
const ROUNDS: usize = 7;

/// How long one round lasts at least.
const ROUND: Duration = Duration::from_millis(150);

fn part(source: &str, name: &str) -> Json {
    Json::parse(source).unwrap().get(name).unwrap().clone()
}

fn set(order: &Json, name: &str, value: Json) -> Json {
    let mut order = order.clone();
    if let Json::Object(fields) = &mut order {
        fields.retain(|field| field.0 != name);
        fields.push((name.into(), value));
    }
    order
}

fn request(orders: impl Iterator<Item = Json>) -> String {
    let sale = |order| object([("order", order)]);
    object([
        ("contract", number(1)),
        ("shop", part(ORDERS[0], "shop")),
        ("settings", part(REST, "settings")),
        ("chart", part(REST, "chart")),
        ("sales", Json::List(orders.map(sale).collect())),
        ("products", part(REST, "products")),
    ])
    .write()
}

/// Recorded orders over and over, each with an id of its own.
fn orders(count: usize) -> String {
    let recorded: Vec<Json> = ORDERS.iter().map(|source| part(source, "order")).collect();
    request((1..=count).zip(recorded.iter().cycle()).map(|(id, one)| set(one, "id", number(id))))
}

/// One order with so many lines; its total no longer fits, which is found out at the very end.
fn lines(count: usize) -> String {
    let order = part(ORDERS[1], "order");
    let line = order.list_at("line_items")[0].clone();
    let lines = (1..=count).map(|id| set(&line, "id", number(id))).collect();
    request([set(&order, "line_items", Json::List(lines))].into_iter())
}

/// Nanoseconds of one call, the best of all rounds.
fn measure(request: &str) -> u128 {
    let round = || {
        let start = Instant::now();
        let mut calls = 0;
        while start.elapsed() < ROUND || calls == 0 {
            black_box(call("map", black_box(request)));
            calls += 1;
        }
        start.elapsed().as_nanos() / calls
    };
    (0..ROUNDS).map(|_| round()).min().unwrap_or_default()
}

/// Prints a row of figures, each beside its ratio to the first.
fn print(what: &str, counts: &[usize], request: impl Fn(usize) -> String) {
    println!("\n{what:>8}  bytes in  bytes out   ns each     ratio");
    let mut first = None;
    for count in counts {
        let request = request(*count);
        let reply = call("map", &request);
        let each = measure(&request) / u128::try_from(*count).unwrap_or(1);
        let base = *first.get_or_insert(each);
        let percent = each * 100 / base.max(1);
        let ratio = format!("{}.{:02}", percent / 100, percent % 100);
        println!("{count:>8}{:>10}{:>11}{each:>10}{ratio:>10}", request.len(), reply.len());
    }
}

fn main() {
    // `cargo test --benches` only wants to know that it runs.
    let quick = std::env::args().any(|argument| argument == "--test");
    let [orders_max, lines_max] = if quick { [1, 1] } else { [1_000, 990] };
    let up_to = |max: usize| [1, 10, 100, max].into_iter().filter(move |count| *count <= max);
    print("orders", &up_to(orders_max).collect::<Vec<_>>(), orders);
    print("lines", &up_to(lines_max).collect::<Vec<_>>(), lines);
}
