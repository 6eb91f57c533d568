//! The accounting core of Tillbook.
//!
//! Facts of a shop go in, documents for Xero come out. `no_std` on purpose: with no clock, files,
//! sockets or threads in scope, the compiler proves that everything here is a function of its
//! arguments. All of it is reached through one door, [`call`].
//!
//! | Room | Holds |
//! |---|---|
//! | [`money`], [`date`], [`finding`] | exact amounts, days, and the one language of errors |
//! | [`shop`] | facts of a sale, checked; WooCommerce JSON → facts |
//! | [`xero`] | chart, documents, Xero's arithmetic, request bodies |
//! | [`settings`] | everything a user can choose; proposals and checks |
//! | [`mapping`] | order → invoice, refund → credit note |
//! | [`summary`] | takings and payouts → one document per payout, per day and payment method |
//! | [`matching`] | who in the shop is whom in Xero |
//! | [`plan`] | documents, links and what Xero has → calls in waves |
//! | [`contract`] | the door and the types of what goes through it |
#![no_std]

extern crate alloc;

pub mod contract;
pub mod date;
pub mod finding;
mod json;
pub mod mapping;
pub mod matching;
pub mod money;
pub mod plan;
pub mod register;
pub mod settings;
pub mod shop;
mod sorted;
pub mod summary;
pub mod xero;

pub use contract::call;
