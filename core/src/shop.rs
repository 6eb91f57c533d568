//! Facts of a shop and its sales, checked, in WooCommerce's words.

pub mod order;
pub mod product;
pub mod rates;
pub mod woo;

use alloc::string::String;

use serde::{Deserialize, Serialize};

/// The shop's own settings that bear on its orders' amounts, as WooCommerce names them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Shop {
    /// The shop's address, such as `https://example.com`; the invoice links to the order there.
    pub url: String,
    /// Currency of the shop, such as `GBP`. An order may be in another.
    pub currency: String,
    /// Decimals that the shop shows prices with (`woocommerce_price_num_decimals`).
    pub num_decimals: u32,
    /// Whether prices are entered with tax (`woocommerce_prices_include_tax`).
    #[serde(deserialize_with = "woo::yes_or_no")]
    pub prices_include_tax: bool,
    /// Whether tax is rounded once per order (`woocommerce_tax_round_at_subtotal`).
    #[serde(deserialize_with = "woo::yes_or_no")]
    pub tax_round_at_subtotal: bool,
    /// Country and state of the shop, such as `AU:NSW` (`woocommerce_default_country`).
    pub default_country: String,
    /// Tax class of shipping; `inherit` takes it from the cart (`woocommerce_shipping_tax_class`).
    pub shipping_tax_class: String,
    /// The shop's time zone, such as `Australia/Sydney`. Dates in orders are local to it already.
    pub timezone: String,
}

impl Default for Shop {
    fn default() -> Self {
        Self {
            url: String::new(),
            currency: String::new(),
            num_decimals: 2,
            prices_include_tax: false,
            tax_round_at_subtotal: false,
            default_country: String::new(),
            shipping_tax_class: String::new(),
            timezone: String::new(),
        }
    }
}

impl Shop {
    /// The two-letter country of the shop.
    #[must_use]
    pub fn country(&self) -> &str {
        self.default_country.split(':').next().unwrap_or_default()
    }
}
