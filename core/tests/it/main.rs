//! One test binary: links once.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod cases;
mod corpus;
mod cures;
mod findings;
#[cfg(feature = "schema")]
mod schemas;
