//! What the sandbox costs over the native core, as ratios within one run:
//! `cargo bench -p tillbook --bench sandbox`.
//!
//! Native and sandbox take turns, and the best round of each counts, so that a busy machine
//! changes the ratios little. Every call has its own instance and all limits.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a bench may stop")]

#[path = "../../core/tests/laws/json.rs"]
#[expect(dead_code, reason = "the tests use all of it")]
mod json;

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use json::{Json, number, object};
use tempfile::TempDir;
use tillbook::{
    module,
    sandbox::{Limits, Sandbox, SandboxError},
};

const ORDERS: [&str; 6] = [
    include_str!("../../core/tests/data/au-two-lines.json"),
    include_str!("../../core/tests/data/gb-two-shipping-lines.json"),
    include_str!("../../core/tests/data/gb-coupon-and-fees.json"),
    include_str!("../../core/tests/data/us-three-rates.json"),
    include_str!("../../core/tests/data/ca-compound-and-fees.json"),
    include_str!("../../core/tests/data/jp-without-decimals.json"),
];

const REST: &str = include_str!("../../core/tests/data/request.json");

/// Rounds of each measurement; the best counts.
const ROUNDS: usize = 15;

/// How long one round lasts at least.
const ROUND: Duration = Duration::from_millis(100);

const MIB: usize = 1 << 20;

fn part(source: &str, name: &str) -> Json {
    Json::parse(source).unwrap().get(name).unwrap().clone()
}

/// Recorded orders over and over, each with an id of its own.
fn request(count: usize) -> String {
    let recorded: Vec<Json> = ORDERS.iter().map(|source| part(source, "order")).collect();
    let sales = (1..=count).zip(recorded.iter().cycle()).map(|(id, order)| {
        let mut order = order.clone();
        if let Json::Object(fields) = &mut order {
            fields.retain(|field| field.0 != "id");
            fields.push(("id".into(), number(id)));
        }
        object([("order", order)])
    });
    object([
        ("contract", number(1)),
        ("shop", part(ORDERS[0], "shop")),
        ("settings", part(REST, "settings")),
        ("chart", part(REST, "chart")),
        ("sales", Json::List(sales.collect())),
        ("products", part(REST, "products")),
    ])
    .write()
}

fn round(run: &dyn Fn()) -> u128 {
    let start = Instant::now();
    let mut calls = 0;
    while start.elapsed() < ROUND || calls == 0 {
        run();
        calls += 1;
    }
    start.elapsed().as_nanos() / calls
}

/// The best of all rounds of each, which take turns.
fn measure<const N: usize>(runs: [&dyn Fn(); N]) -> [u128; N] {
    let mut best = [u128::MAX; N];
    for _ in 0..ROUNDS {
        for (best, run) in best.iter_mut().zip(runs) {
            *best = (*best).min(round(run));
        }
    }
    best
}

fn ratio(above: u128, below: u128) -> String {
    let percent = above * 100 / below.max(1);
    format!("{}.{:02}", percent / 100, percent % 100)
}

fn micros(nanos: u128) -> String {
    format!("{}.{:03} µs", nanos / 1_000, nanos % 1_000)
}

/// `map` in the sandbox against native, an instance for each call.
fn calls(sandbox: &Sandbox, counts: &[usize]) {
    println!("orders a call      native each     sandbox each   ratio   without the start");
    for count in counts {
        let request = request(*count);
        let reply = sandbox.call("map", request.as_bytes()).unwrap();
        assert!(reply == tillbook_core::call("map", &request).into_bytes(), "L8: other bytes");
        let [native, inside, start] = measure([
            &|| drop(black_box(tillbook_core::call("map", black_box(&request)))),
            &|| drop(black_box(sandbox.call("map", black_box(request.as_bytes())))),
            &|| drop(black_box(sandbox.call("nothing", b"{}"))),
        ]);
        let each = u128::try_from(*count).unwrap_or(1);
        println!(
            "{count:>13}{:>17}{:>17}{:>8}{:>20}",
            micros(native / each),
            micros(inside / each),
            ratio(inside, native),
            ratio(inside.saturating_sub(start), native)
        );
    }
}

/// An instance's start, and the module's load without and with a cache.
fn loads(sandbox: &Sandbox, folder: &TempDir) {
    let load = |cache| Sandbox::embedded(Limits::default(), cache).unwrap();
    let start = Instant::now();
    assert!(!load(Some(folder.path())).loaded_from_cache());
    let cold = start.elapsed().as_nanos();
    let [instance, cached] =
        measure([&|| drop(black_box(sandbox.call("nothing", b"{}"))), &|| {
            assert!(load(Some(folder.path())).loaded_from_cache());
        }]);
    println!("\ninstance start and a call that does nothing: {}", micros(instance));
    println!(
        "module of {} bytes, cold: {}, cached: {}",
        module::WASM.len(),
        micros(cold),
        micros(cached)
    );
}

/// The least memory limit, in MiB, under which a call is answered.
fn memory(folder: &TempDir, count: usize) -> usize {
    let request = request(count);
    let fits = |mebibytes: usize| {
        let limits = Limits { memory_bytes_max: mebibytes * MIB, ..Limits::default() };
        let sandbox = match Sandbox::embedded(limits, Some(folder.path())) {
            Ok(sandbox) => sandbox,
            Err(SandboxError::Compile(_)) => return false,
            Err(other) => panic!("{other}"),
        };
        sandbox.call("map", request.as_bytes()).is_ok()
    };
    let (mut below, mut enough) = (0, 128);
    while enough - below > 1 {
        let middle = usize::midpoint(below, enough);
        if fits(middle) { enough = middle } else { below = middle }
    }
    enough
}

fn main() {
    // `cargo test --benches` only wants to know that it runs.
    let quick = std::env::args().any(|argument| argument == "--test");
    let folder = TempDir::new().unwrap();
    let sandbox = Sandbox::embedded(Limits::default(), None).unwrap();
    if quick {
        assert!(sandbox.call("map", request(1).as_bytes()).is_ok());
        return;
    }
    calls(&sandbox, &[1, 10, 100, 1_000]);
    loads(&sandbox, &folder);
    for count in [1, 100, 1_000] {
        println!("memory for {count} orders: at most {} MiB", memory(&folder, count));
    }
}
