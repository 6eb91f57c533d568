//! A practice Xero and a practice WooCommerce shop on loopback.
//!
//! Both are complete enough to sell, sync, fail and recover against without any account: the
//! demo, the command `tillbook practice` and every test that needs the other side use them.
//! A shop may have three payment gateways with their payouts beside it ([`gateways`]).
//! Nothing here is linked into the product's way to the real services.

pub mod fault;
pub mod gateways;
pub mod shop;
pub mod xero;
