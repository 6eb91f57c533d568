//! Generated orders for other runtimes: `orders [ORDERS] [SEED]` prints a request a line, each with
//! the SHA-256 of the reply that it must get.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    dead_code,
    reason = "the generator belongs to the tests; this only prints what it draws"
)]

#[path = "../tests/laws/json.rs"]
mod json;
#[path = "../tests/laws/orders.rs"]
mod orders;
#[path = "../tests/laws/random.rs"]
mod random;
#[path = "../tests/laws/shop.rs"]
mod shop;
#[path = "../tests/laws/woo.rs"]
mod woo;

use std::io::{self, BufWriter, Write as _};

use json::{Json, object};
use random::Random;
use sha2::{Digest, Sha256};

/// Orders in one request.
const BATCH: u64 = 20;

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut number = |otherwise| arguments.next().map_or(otherwise, |text| text.parse().unwrap());
    let (count, seed): (u64, u64) = (number(10_000), number(1));
    let mut out = BufWriter::new(io::stdout().lock());
    for batch in 0..count.div_ceil(BATCH) {
        let random = &mut Random::new(seed, batch);
        let shop = shop::draw(random);
        let ids = batch * BATCH + 1..=count.min((batch + 1) * BATCH);
        let sales: Vec<Json> = ids.map(|id| sale(orders::draw(&shop, id, random))).collect();
        let request = object([
            ("contract", json::number(1)),
            ("shop", shop.facts.clone()),
            ("settings", shop.settings.clone()),
            ("chart", shop.chart.clone()),
            ("sales", Json::List(sales)),
            ("products", orders::products()),
        ])
        .write();
        let digest = Sha256::digest(tillbook_core::call("map", &request));
        let sha256: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        writeln!(out, "{sha256} map {request}")?;
    }
    out.flush()
}

fn sale(sale: orders::Sale) -> Json {
    let mut fields = vec![("order".to_owned(), sale.order)];
    fields.extend(sale.customer.map(|customer| ("customer".to_owned(), customer)));
    Json::Object(fields)
}
