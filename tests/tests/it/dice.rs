//! Chance that can be repeated.

use std::time::{SystemTime, UNIX_EPOCH};

use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, RngSeed, TestRng, TestRunner},
};

/// Where a test takes its chances from.
pub(crate) struct Dice(TestRng);

impl Dice {
    /// New ones, with the seed that repeats them: `TILLBOOK_SEED`, else the time.
    pub(crate) fn throw() -> (u64, Self) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let given = std::env::var("TILLBOOK_SEED").ok().and_then(|seed| seed.parse::<u64>().ok());
        let seed = given.unwrap_or(u64::from(now.subsec_nanos()));
        println!("TILLBOOK_SEED={seed}");
        let config = Config {
            rng_seed: RngSeed::Fixed(seed),
            rng_algorithm: RngAlgorithm::ChaCha,
            ..Config::default()
        };
        (seed, Self(TestRunner::new(config).rng().clone()))
    }

    /// A number from 0 to `sides` - 1.
    pub(crate) fn below(&mut self, sides: usize) -> usize {
        usize::try_from(self.0.next_u32()).unwrap() % sides
    }

    pub(crate) fn shuffle<T>(&mut self, things: &mut [T]) {
        for last in (1..things.len()).rev() {
            things.swap(last, self.below(last + 1));
        }
    }
}
