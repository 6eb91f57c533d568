//! One test binary: links once.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

mod alerts;
mod cli;
mod kill;
mod log;
mod odd_answers;
mod outage;
#[path = "../support/postgres.rs"]
mod postgres;
mod proxy;
mod replay;
mod retention;
mod rounds;
mod sandbox;
mod station;
mod store_contract;
mod store_copy;
mod store_plugin;
mod thousand;
mod worker;
mod world;
mod xero_client;
