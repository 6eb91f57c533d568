//! A month of orders summed up, natively and in the sandbox, from 1,000 to 100,000 of them:
//! `cargo bench -p tillbook --bench summaries`.
//!
//! The host feeds them in parts; time should grow with the orders, memory not at all.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a bench may stop"
)]

use std::{fs, time::Instant};

use serde_json::{Value, json};
use tillbook::sandbox::{Limits, Sandbox};

const ORDERS: [&str; 2] = [
    include_str!("../../core/tests/data/gb-two-shipping-lines.json"),
    include_str!("../../core/tests/data/gb-coupon-and-fees.json"),
];

const REST: &str = include_str!("../../core/tests/data/request.json");

/// Orders in one question to the core.
const PART: usize = 1_000;

const METHODS: [&str; 4] = ["bacs", "cheque", "cod", "card"];

const MIB: usize = 1 << 20;

/// What all questions share.
struct Ground {
    shop: Value,
    settings: Value,
    chart: Value,
    products: Value,
    orders: Vec<Value>,
}

impl Ground {
    fn read() -> Self {
        let sources: Vec<Value> =
            ORDERS.iter().map(|source| serde_json::from_str(source).unwrap()).collect();
        let rest: Value = serde_json::from_str(REST).unwrap();
        let mut settings = rest["settings"].clone();
        settings["summary"] = json!({"modes": [{"from": "", "mode": "summary"}]});
        Self {
            shop: sources[0]["shop"].clone(),
            settings,
            chart: rest["chart"].clone(),
            products: rest["products"].clone(),
            orders: sources.iter().map(|source| source["order"].clone()).collect(),
        }
    }

    /// A paid order of some day of November.
    fn order(&self, id: usize, of: usize) -> Value {
        let mut order = self.orders[id % self.orders.len()].clone();
        let day = 1 + id * 30 / of;
        let moment = format!("2026-11-{day:02}T{:02}:{:02}:00", id % 24, id % 60);
        for field in ["date_created", "date_created_gmt", "date_paid", "date_paid_gmt"] {
            order[field] = moment.clone().into();
        }
        order["id"] = (id + 1).into();
        order["number"] = (id + 1).to_string().into();
        order["status"] = "processing".into();
        order["payment_method"] = METHODS[id % METHODS.len()].into();
        order["refunds"] = json!([]);
        order
    }

    fn takings(&self, part: std::ops::Range<usize>, of: usize) -> Vec<u8> {
        let sales: Vec<Value> = part.map(|id| json!({"order": self.order(id, of)})).collect();
        let map = json!({
            "contract": 1, "shop": self.shop, "settings": self.settings, "chart": self.chart,
            "products": self.products, "sales": sales,
        });
        serde_json::to_vec(&json!({"contract": 1, "map": map})).unwrap()
    }

    fn summarise(&self, takings: &[Value], sums: &Value, more: bool) -> Vec<u8> {
        let request = json!({
            "contract": 1, "shop": self.shop, "settings": self.settings, "chart": self.chart,
            "from": "2026-11-01", "to": "2026-11-30", "takings": takings, "sums": sums,
            "more": more, "ledger": {},
        });
        serde_json::to_vec(&request).unwrap()
    }
}

/// What a month took.
#[derive(Default)]
struct Taken {
    takings_ms: u128,
    summarise_ms: u128,
    documents: Vec<Value>,
    sums_bytes: usize,
}

type Core<'a> = &'a dyn Fn(&str, &[u8]) -> Vec<u8>;

fn ask(core: Core<'_>, operation: &str, request: &[u8]) -> (Value, u128) {
    let start = Instant::now();
    let reply = core(operation, request);
    let took = start.elapsed().as_micros();
    let mut reply: Value = serde_json::from_slice(&reply).unwrap();
    assert!(reply.get("error").is_none(), "{operation}: {}", reply["error"]);
    (reply["ok"].take(), took)
}

/// Sums a month up in parts.
fn month(ground: &Ground, core: Core<'_>, orders: usize, part: usize) -> Taken {
    let mut taken = Taken::default();
    let mut sums = json!([]);
    let mut from = 0;
    while from < orders {
        let to = (from + part).min(orders);
        let (mut reply, took) = ask(core, "takings", &ground.takings(from..to, orders));
        taken.takings_ms += took;
        let takings: Vec<Value> = reply["takings"]
            .as_array_mut()
            .unwrap()
            .iter_mut()
            .map(|outcome| outcome["taking"].take())
            .collect();
        let more = to < orders;
        let (mut reply, took) = ask(core, "summarise", &ground.summarise(&takings, &sums, more));
        taken.summarise_ms += took;
        assert_eq!(reply["waiting"], json!([]));
        assert_eq!(reply["members"].as_array().unwrap().len(), takings.len());
        if more {
            sums = reply["sums"].take();
            taken.sums_bytes = taken.sums_bytes.max(sums.to_string().len());
        } else {
            taken.documents = reply["documents"].as_array().cloned().unwrap_or_default();
        }
        from = to;
    }
    taken.takings_ms /= 1_000;
    taken.summarise_ms /= 1_000;
    taken
}

/// The most memory that this process has held since it was last asked, in MiB.
fn peak_mib() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    let kib: usize = line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).unwrap_or(0);
    fs::write("/proc/self/clear_refs", "5").ok();
    kib / 1_024
}

/// The least memory of the sandbox, in MiB, in which a month passes.
fn least_mib(ground: &Ground, orders: usize) -> usize {
    for mib in [4, 8, 16, 32, 64, 128] {
        let limits = Limits { memory_bytes_max: mib * MIB, ..Limits::default() };
        let sandbox = Sandbox::embedded(limits, None).unwrap();
        let (from, of) = (orders - PART.min(orders), orders);
        let fits = sandbox.call("takings", &ground.takings(from..orders, of)).is_ok();
        if fits {
            return mib;
        }
    }
    panic!("a part does not fit into 128 MiB")
}

fn main() {
    let ground = Ground::read();
    let sandbox = Sandbox::embedded(Limits::default(), None).unwrap();
    let native: Core<'_> = &|operation, request| {
        tillbook_core::call(operation, std::str::from_utf8(request).unwrap()).into_bytes()
    };
    let inside: Core<'_> = &|operation, request| sandbox.call(operation, request).unwrap();
    println!(
        "orders   documents   core     takings   summarise   each     to linear   peak memory   sums carried"
    );
    for (name, core) in [("native", native), ("sandbox", inside)] {
        let mut first = 0;
        for orders in [1_000, 10_000, 100_000] {
            peak_mib();
            let taken = month(&ground, core, orders, PART);
            let all = (taken.takings_ms + taken.summarise_ms).max(1);
            if orders == 1_000 {
                first = all;
            }
            let linear = first * u128::try_from(orders / 1_000).unwrap();
            println!(
                "{orders:>7}{:>11}   {name:<7}{:>7} ms{:>9} ms{:>6} µs{:>9}.{:02}{:>10} MiB{:>11} KiB",
                taken.documents.len(),
                taken.takings_ms,
                taken.summarise_ms,
                all * 1_000 / u128::try_from(orders).unwrap(),
                all / linear,
                all * 100 / linear % 100,
                peak_mib(),
                taken.sums_bytes / 1_024,
            );
        }
    }
    println!(
        "a part of {PART} orders fits into {} MiB of the sandbox",
        least_mib(&ground, 100_000)
    );
    let whole = month(&ground, native, 1_000, 1_000);
    let parts = month(&ground, inside, 1_000, 77);
    assert_eq!(whole.documents, parts.documents, "parts give other documents than the whole");
    println!(
        "1,000 orders at once and in parts of 77 give the same {} documents",
        whole.documents.len()
    );
}
