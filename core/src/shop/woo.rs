//! WooCommerce REST v3 JSON → facts.
//!
//! Every field is read on its own, so that one wrong field is one finding with its path, and all
//! of them are told at once.

mod order;
mod text;
mod things;

pub use order::{LINES_MAX, read_order};
pub use text::plain_text;
pub use things::{Gateway, read_gateways, read_products, read_role, read_tax_rates};

use serde::{Deserialize, Deserializer, de::Error as _};

/// Reads WooCommerce's `yes` / `no` as well as true and false.
pub(crate) fn yes_or_no<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum YesOrNo {
        Flag(bool),
        Text(alloc::string::String),
    }
    match YesOrNo::deserialize(deserializer)? {
        YesOrNo::Flag(flag) => Ok(flag),
        YesOrNo::Text(text) => match text.as_str() {
            "yes" => Ok(true),
            "no" | "" => Ok(false),
            _ => Err(D::Error::custom("expected `yes` or `no`")),
        },
    }
}
