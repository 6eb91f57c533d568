//! A practice WooCommerce shop: REST API v3 and webhooks on loopback.
//!
//! It serves recorded or generated orders ([`corpus`], [`generate`]) and behaves as WooCommerce
//! 10.5.0 on `WordPress` 6.8.7 with HPOS was seen to: signing in, paging, dates, error objects, what a
//! webhook tells and what it keeps silent about. It has no tax engine: orders come with totals.
//!
//! ```no_run
//! # async fn doc() -> std::io::Result<()> {
//! use tillbook_practice::shop::PracticeShop;
//! let shop = PracticeShop::builder().batch("AU-incl").start().await?;
//! println!("{} {} {}", shop.base_url, shop.consumer_key, shop.consumer_secret);
//! # Ok(()) }
//! ```

mod access;
mod builder;
pub(crate) mod clock;
pub mod corpus;
pub(crate) mod decimals;
mod delivery;
mod fault;
pub mod generate;
pub(crate) mod listing;
pub(crate) mod order;
pub(crate) mod query;
mod refund;
mod reply;
mod route;
mod running;
mod server;
mod store;
mod webhook;

pub use access::Permission;
pub use builder::{Builder, PracticeShop};
pub use delivery::Delivered;
pub use fault::Fault;
pub use order::ShopError;
pub use running::Running;
