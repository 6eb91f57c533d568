//! One test binary: links once.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod ledger;
mod module;
#[path = "../../../host/practice/tests/xero/openapi.rs"]
mod openapi;
mod regimes;
mod tidy;
