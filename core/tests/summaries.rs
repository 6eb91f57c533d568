//! Summary mode, proved on whole shops: sixty days of orders, refunds and payouts, summed up by a
//! model of the host through the core's one door.
//!
//! `TILLBOOK_SEED` repeats a run, `TILLBOOK_SHOPS` enlarges it, `TILLBOOK_SHOP` picks one shop of
//! it. `TILLBOOK_BREAK=cutoff` makes a mistake on purpose: the zone that is handed in is an hour
//! off, and the test must fail.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "summaries/clock.rs"]
mod clock;
#[path = "summaries/gateway.rs"]
mod gateway;
#[path = "summaries/host.rs"]
mod host;
#[path = "laws/json.rs"]
mod json;
#[path = "summaries/judge.rs"]
mod judge;
#[path = "laws/orders.rs"]
#[expect(dead_code, reason = "the expected documents are those of individual orders")]
mod orders;
#[path = "laws/random.rs"]
mod random;
#[path = "summaries/rules.rs"]
mod rules;
#[path = "summaries/run.rs"]
mod run;
#[path = "summaries/sale.rs"]
mod sale;
#[path = "laws/shop.rs"]
#[expect(dead_code, reason = "only individual invoices have terms")]
mod shop;
#[path = "laws/woo.rs"]
mod woo;
#[path = "summaries/world.rs"]
mod world;

use std::{
    env, thread,
    time::{Instant, SystemTime},
};

use run::{Counts, run};

/// Shops of a run, unless the environment says otherwise.
const SHOPS: u64 = 1_000;

fn variable(name: &str) -> Option<u64> {
    env::var(name).ok().map(|value| value.parse().unwrap())
}

fn seed() -> u64 {
    variable("TILLBOOK_SEED").unwrap_or_else(|| {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        u64::from(now.subsec_nanos()) ^ now.as_secs()
    })
}

/// The first shop that breaks a law, or what all of them came to.
fn shops(
    seed: u64,
    wanted: impl Fn(u64) -> bool,
    count: u64,
    shift: i64,
) -> Result<Counts, String> {
    let mut counts = Counts::new();
    for index in (0..count).filter(|index| wanted(*index)) {
        for (what, number) in run(seed, index, shift)? {
            *counts.entry(what).or_default() += number;
        }
    }
    Ok(counts)
}

/// L5, L6, L7, and that completeness is true.
#[test]
fn summaries_keep_the_laws() {
    let (seed, count) = (seed(), variable("TILLBOOK_SHOPS").unwrap_or(SHOPS));
    let shift = match env::var("TILLBOOK_BREAK").ok().as_deref() {
        Some("cutoff") => 3_600,
        Some(other) => panic!("nothing breaks by `{other}`"),
        None => 0,
    };
    println!("TILLBOOK_SEED={seed} TILLBOOK_SHOPS={count}");
    let begun = Instant::now();
    if let Some(only) = variable("TILLBOOK_SHOP") {
        let counts = run(seed, only, shift).unwrap_or_else(|wrong| panic!("{wrong}"));
        println!("{counts:#?}");
        return;
    }
    let halves = [0, 1]
        .map(|half| thread::spawn(move || shops(seed, |index| index % 2 == half, count, shift)));
    let mut counts = Counts::new();
    for half in halves {
        let half = half.join().unwrap_or_else(|_| panic!("TILLBOOK_SEED={seed}"));
        for (what, number) in half.unwrap_or_else(|wrong| panic!("{wrong}")) {
            *counts.entry(what).or_default() += number;
        }
    }
    println!("{counts:#?} in {:?}", begun.elapsed());
    let of = |what: &str| counts.get(what).copied().unwrap_or_default();
    // A judge that hardly sees anything is none.
    assert!(of("held for good") * 50 <= of("orders"), "too many are held");
    let wanted =
        ["remade", "undone", "found again", "in parts", "credit notes", "zero", "individual"];
    let unseen: Vec<&str> = wanted.into_iter().filter(|what| of(what) == 0).collect();
    assert!(count < 100 || unseen.is_empty(), "never seen: {unseen:?}");
}

/// A check that cannot fail is no check: with the cut-off an hour off, laws are broken.
#[test]
fn a_wrong_cut_off_is_seen() {
    for index in 0..5 {
        let wrong = run(20_261_122, index, 3_600);
        assert!(wrong.is_err(), "shop {index} kept the laws with a wrong cut-off");
    }
}
