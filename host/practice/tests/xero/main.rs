//! The practice Xero against its specification.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code fails by panicking"
)]

mod access;
mod client;
mod documents;
mod examples;
mod faults;
mod idempotency;
mod limits;
mod lists;
mod openapi;
mod oracle;
mod recordings;
mod settings;
mod switches;
mod walk;
