//! Ten thousand seeds of bad days: `cargo bench -p tillbook-tests`. `TILLBOOK_TEST_SEEDS=n` plays
//! another number, from `TILLBOOK_TEST_SEED_FROM` on.

use std::{process::ExitCode, time::Instant};

use tillbook_tests::simulation::{Sabotage, Tally, play_many};

const SEEDS: u64 = 10_000;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn main() -> ExitCode {
    let from = number("TILLBOOK_TEST_SEED_FROM").unwrap_or_default();
    let seeds = number("TILLBOOK_TEST_SEEDS").unwrap_or(SEEDS);
    println!("simulation: seeds {from} to {}", from + seeds - 1);
    let (mut tally, mut failed, mut done) = (Tally::default(), Vec::new(), 0_u64);
    let begun = Instant::now();
    play_many(from..from + seeds, Sabotage::None, |played| {
        tally.add(&played.tally);
        done += 1;
        if let Some(failure) = played.failure {
            println!("seed {}: {}", played.seed, failure.chars().take(500).collect::<String>());
            failed.push(played.seed);
        }
        if done.is_multiple_of(500) {
            println!("{done} seeds, {} failed, {:?}", failed.len(), begun.elapsed());
        }
        true
    });
    let ms = begun.elapsed().as_millis().max(1);
    let per_second = u128::from(seeds) * 1_000 / ms;
    println!("{seeds} seeds in {ms} ms: {per_second} a second, {} failed\n{tally}", failed.len());
    if failed.is_empty() {
        return ExitCode::SUCCESS;
    }
    println!("play one alone: TILLBOOK_TEST_SEED=n cargo test -p tillbook-tests --test simulation");
    println!("failed: {failed:?}");
    ExitCode::FAILURE
}
