//! Tests of the whole: corpus, contract, end to end, crash and browser. See `tests/it`.
//!
//! [`simulation`] is a library, because a test and a benchmark run it.

pub mod simulation;
