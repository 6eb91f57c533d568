//! What a batch costs the host: the core in its sandbox, and the store with every commit on disk.
//! `cargo bench -p tillbook`
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a bench may stop")]

use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use serde_json::{Value, json};
use tempfile::TempDir;
use tillbook::sandbox::{Limits, Sandbox};
use tillbook::store::{Hint, ObjectKey, Store};
use tillbook::time::Timestamp;
use tillbook_practice::shop::corpus;

const ORDERS: usize = 50;

/// A request to map fifty recorded orders, with settings that hold them all at once or not: the
/// work is the same.
fn request() -> Vec<u8> {
    let store = corpus::store("GB-incl").unwrap();
    let sales: Vec<Value> = corpus::cases()
        .iter()
        .filter(|case| case.order["currency"] == "GBP")
        .cycle()
        .take(ORDERS)
        .enumerate()
        .map(|(index, case)| {
            let mut order = case.order.clone();
            order["id"] = (index + 1).into();
            json!({"order": order})
        })
        .collect();
    let request = json!({
        "contract": 1,
        "shop": store.to_facts("https://shop.example"),
        "settings": {},
        "chart": {},
        "sales": sales,
    });
    serde_json::to_vec(&request).unwrap()
}

fn sandbox(criterion: &mut Criterion) {
    let sandbox = Sandbox::embedded(Limits::default(), None).unwrap();
    let request = request();
    let mut group = criterion.benchmark_group("sandbox");
    group.throughput(Throughput::Elements(ORDERS as u64));
    group.bench_function("map 50 orders, fresh instance", |bencher| {
        bencher.iter(|| sandbox.call("map", &request).unwrap());
    });
    group.throughput(Throughput::Elements(1));
    group.bench_function("the boundary alone, fresh instance", |bencher| {
        bencher.iter(|| sandbox.call("nonsense", b"{}").unwrap());
    });
    group.finish();
}

fn store(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let folder = TempDir::new().unwrap();
    let store = runtime.block_on(Store::open(folder.path())).unwrap();
    let now = Timestamp::from_ms(0);
    let hints: Vec<Hint> = (0..ORDERS as u64)
        .map(|id| Hint::new(ObjectKey::invoice("https://shop.example", id), "m"))
        .collect();
    let mut group = criterion.benchmark_group("store");
    group.throughput(Throughput::Elements(ORDERS as u64));
    group.bench_function("hint at 50 orders, one commit", |bencher| {
        bencher.iter(|| runtime.block_on(store.hint("org", &hints, now)).unwrap());
    });
    group.throughput(Throughput::Elements(1));
    group.bench_function("claim and release", |bencher| {
        bencher.iter(|| {
            runtime.block_on(async {
                let lease = store.claim("org", "b", now, Duration::from_secs(1)).await.unwrap();
                store.release(&lease.unwrap(), now, "").await.unwrap();
            });
        });
    });
    group.finish();
}

criterion_group!(benches, sandbox, store);
criterion_main!(benches);
