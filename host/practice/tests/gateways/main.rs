//! The practice gateways: ledgers that add up, told in each gateway's own format.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code: a failure is what it is for"
)]

#[expect(dead_code, reason = "shared with the shop's tests, which use the rest")]
#[path = "../shop/caller.rs"]
mod caller;
mod dealt;
mod ledger;
mod paypal;
mod stripe;
mod woopayments;

use tillbook_practice::gateways::Gateways;
use tillbook_practice::shop::{PracticeShop, Running, corpus};

/// A batch, dealt with the seed that most tests use.
fn dealt(batch: &str) -> Gateways {
    Gateways::deal(7, corpus::orders(batch).into_iter().cloned())
}

/// A shop with a batch and its gateways.
async fn open(batch: &str) -> Running {
    PracticeShop::builder().gateways(dealt(batch)).start().await.unwrap()
}

/// A client for calls that the shop's own caller cannot make.
fn client() -> reqwest::Client {
    // A second test of the same process finds it installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::new()
}
