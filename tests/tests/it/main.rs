//! One test binary: links once.

mod ledger;
mod regimes;
mod tidy;
