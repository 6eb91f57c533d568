//! What the translated module computes, held against wasmtime.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod arithmetic;
mod control;
mod expressions;
mod memory;
mod refusals;
mod runner;
