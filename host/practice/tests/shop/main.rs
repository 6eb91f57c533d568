//! The practice shop behaves as the recorded WooCommerce did.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code: a failure is what it is for"
)]

mod access;
mod caller;
mod generated;
mod rest;
mod webhooks;
