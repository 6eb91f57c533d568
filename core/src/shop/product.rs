//! What the core needs to know of a product: how rules choose accounts for it.

use alloc::{string::String, vec::Vec};

/// A product or variation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Product {
    /// WooCommerce's id.
    pub id: u64,
    /// `simple`, `variable`, `variation`, `gift-card`, …
    pub kind: String,
    /// Slugs of its categories, in the shop's order.
    pub categories: Vec<String>,
    /// Slugs of its tags, in the shop's order.
    pub tags: Vec<String>,
    /// Whether it is `taxable`, `shipping` only, or `none`.
    pub tax_status: String,
    /// Code of the Xero item it is mapped to; empty when it is not.
    pub item_code: String,
}
