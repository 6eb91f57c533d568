//! One test binary: links once.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod books;
mod customers;
mod deposits;
mod desk;
mod dice;
mod ledger;
mod lifecycle;
mod mirror;
mod module;
#[path = "../../../host/practice/tests/xero/openapi.rs"]
#[expect(dead_code, reason = "the practice Xero's own tests use all of it")]
mod openapi;
mod plans;
mod refunds;
mod regimes;
mod summaries;
mod tidy;
