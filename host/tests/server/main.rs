//! The HTTP server: what shops send, who may ask, and how it ends.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code: a failure is what it is for"
)]

mod access;
mod connecting;
mod document;
mod ending;
mod events;
mod pages;
mod pairing;
mod plant;
#[path = "../support/postgres.rs"]
mod postgres;
mod preview;
mod secrecy;
mod stage;
mod webhooks;
