//! WooCommerce REST v3 JSON → facts.
//!
//! Every field is read on its own, so that one wrong field is one finding with its path, and all
//! of them are told at once.

mod deposit;
mod gateway_fee;
mod keys;
mod order;
mod refund;
mod text;
mod things;

pub use order::LINES_MAX;
pub(crate) use order::{read_customer, read_made, read_order};
pub(crate) use refund::read_refund;
pub use text::plain_text;
pub use things::Gateway;
pub(crate) use things::{
    ChangedProduct, read_changed_product, read_gateways, read_products, read_role, read_tax_rates,
};
