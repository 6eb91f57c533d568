//! Connections to Xero against the practice Xero over real HTTP: consent, tokens that several
//! workers share, limits that they share, trouble.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

mod consent;
mod limits;
#[path = "../support/postgres.rs"]
mod postgres;
mod tokens;
mod trouble;
mod world;
