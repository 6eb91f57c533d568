//! Facts of a shop and its sales, checked, in WooCommerce's words.

pub mod order;
pub mod payout;
pub mod product;
pub mod rates;
pub mod refund;
pub mod woo;

use alloc::string::String;

use serde::Serialize;

use crate::json::{
    Json,
    strict::{Misread, Slot, YesOrNo, deserialize_by_slot, open_object, optional},
};

/// The shop's own settings that bear on its orders' amounts, as WooCommerce names them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(default))]
pub struct Shop {
    /// The shop's address, such as `https://example.com`; the invoice links to the order there.
    pub url: String,
    /// Currency of the shop, such as `GBP`. An order may be in another.
    pub currency: String,
    /// Decimals that the shop shows prices with (`woocommerce_price_num_decimals`).
    pub num_decimals: u32,
    /// Whether prices are entered with tax (`woocommerce_prices_include_tax`).
    pub prices_include_tax: bool,
    /// Whether tax is rounded once per order (`woocommerce_tax_round_at_subtotal`).
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

impl<'a> Slot<'a> for Shop {
    /// Fields that WooCommerce has and we do not need are passed over.
    fn read(&mut self, json: &'a Json<'a>) -> Result<(), Misread> {
        open_object(
            json,
            &mut [
                optional("url", &mut self.url),
                optional("currency", &mut self.currency),
                optional("num_decimals", &mut self.num_decimals),
                optional("prices_include_tax", &mut YesOrNo(&mut self.prices_include_tax)),
                optional("tax_round_at_subtotal", &mut YesOrNo(&mut self.tax_round_at_subtotal)),
                optional("default_country", &mut self.default_country),
                optional("shipping_tax_class", &mut self.shipping_tax_class),
                optional("timezone", &mut self.timezone),
            ],
        )
    }
}

deserialize_by_slot!(Shop);

impl Shop {
    /// The two-letter country of the shop.
    #[must_use]
    pub fn country(&self) -> &str {
        self.default_country.split(':').next().unwrap_or_default()
    }
}
