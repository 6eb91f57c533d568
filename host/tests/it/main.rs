//! One test binary: links once.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

mod cli;
mod kill;
mod odd_answers;
mod outage;
#[path = "../support/postgres.rs"]
mod postgres;
mod proxy;
mod rounds;
mod sandbox;
mod station;
mod store_contract;
mod thousand;
mod worker;
mod world;
mod xero_client;
