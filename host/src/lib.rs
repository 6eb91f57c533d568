//! Tillbook's native host: everything that touches the outside world.
//!
//! Time, files, sockets and the sandbox live here; accounting rules do not: those are in the
//! core, a WebAssembly module that the host carries and runs.

pub mod alert;
pub mod bookkeeper;
pub mod branch;
pub mod config;
pub mod daemon;
pub mod door;
pub mod facts;
pub mod finding;
mod http;
pub mod intake;
pub mod lock;
pub mod module;
pub mod payout_client;
pub mod recording;
pub mod retention;
#[cfg(feature = "sabotage")]
pub mod sabotage;
pub mod sandbox;
pub mod server;
pub mod shop_client;
pub mod shop_facts;
pub mod store;
pub mod time;
pub mod vault;
pub mod worker;
pub mod xero_client;
pub mod zone;
