//! One test binary: links once.

mod ledger;
mod module;
#[path = "../../../host/practice/tests/xero/openapi.rs"]
mod openapi;
mod regimes;
mod tidy;
