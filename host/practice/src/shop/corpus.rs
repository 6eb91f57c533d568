//! What a real WooCommerce shop said: 170 orders in eleven batches and the lists around them.
//!
//! The files and how they were made are in `data/woocommerce/README.md`. Everything is embedded, so
//! that the demo runs from the binary alone.

use std::sync::LazyLock;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

/// Address of the recorded shop; it stands in links and payment URLs of the recorded objects.
pub const RECORDED_URL: &str = "http://127.0.0.1:8086";

/// The settings of a store that decide how its orders are totalled.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct StoreSettings {
    /// ISO 4217 code, `AUD`.
    pub currency: String,
    /// Decimals shown and rounded to: 0, 2, 3 or 4 in the batches.
    pub num_decimals: u32,
    /// Whether prices are entered with tax.
    #[serde(deserialize_with = "yes_or_no")]
    pub prices_include_tax: bool,
    /// Whether tax is rounded per order instead of per line.
    #[serde(deserialize_with = "yes_or_no")]
    pub tax_round_at_subtotal: bool,
    /// Country, with a state after a colon: `AU:NSW`.
    pub default_country: String,
    /// Tax class of shipping: empty for standard, `inherit`, or a class slug.
    pub shipping_tax_class: String,
    /// IANA zone of the site, `Australia/Sydney`.
    pub timezone: String,
}

impl StoreSettings {
    /// Gives the store's facts as the accounting core reads them.
    ///
    /// Keys: `url`, `currency`, `num_decimals`, `prices_include_tax`, `tax_round_at_subtotal`,
    /// `default_country`, `shipping_tax_class`, `timezone`.
    #[must_use]
    pub fn to_facts(&self, url: &str) -> Value {
        json!({
            "url": url,
            "currency": self.currency,
            "num_decimals": self.num_decimals,
            "prices_include_tax": self.prices_include_tax,
            "tax_round_at_subtotal": self.tax_round_at_subtotal,
            "default_country": self.default_country,
            "shipping_tax_class": self.shipping_tax_class,
            "timezone": self.timezone,
        })
    }
}

/// One order with everything the shop says about it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Case {
    /// WooCommerce order id, unique over all batches.
    pub id: u64,
    /// Batch name, `AU-incl`.
    pub batch: String,
    /// How the order was made: `store-api`, `classic-checkout`, `rest`, `php-admin` or `generated`.
    pub made_by: String,
    /// What is special about it, in words.
    pub what: String,
    /// The store's settings while it was made.
    pub store: StoreSettings,
    /// `GET /orders/{id}`.
    pub order: Value,
    /// `GET /orders/{id}?dp=6`.
    pub order_dp6: Value,
    /// `GET /orders/{id}/refunds`.
    pub refunds: Vec<Value>,
    /// `GET /orders/{id}/refunds?dp=6`.
    pub refunds_dp6: Vec<Value>,
    /// `GET /orders/{id}/notes`.
    pub notes: Vec<Value>,
}

/// One recorded webhook delivery.
#[derive(Debug, Clone, Deserialize)]
pub struct Delivery {
    /// Header names and values in the order they came.
    pub headers: Vec<(String, String)>,
    /// SHA-256 of the body in hex.
    pub body_sha256: String,
    /// The exact body.
    pub body: String,
}

static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
    include_str!("../../data/woocommerce/orders.jsonl")
        .lines()
        .map(|line| embedded(line, "orders.jsonl"))
        .collect()
});

/// Gives all recorded orders in the order they were made.
#[must_use]
pub fn cases() -> &'static [Case] {
    &CASES
}

/// Gives the batch names in the order they were made.
#[must_use]
pub fn batches() -> Vec<&'static str> {
    let mut names: Vec<&str> = CASES.iter().map(|case| case.batch.as_str()).collect();
    names.dedup();
    names
}

/// Gives the recorded orders of one batch; none for an unknown name.
#[must_use]
pub fn orders(batch: &str) -> Vec<&'static Case> {
    CASES.iter().filter(|case| case.batch == batch).collect()
}

/// Gives the settings that held while a batch was made.
#[must_use]
pub fn store(batch: &str) -> Option<&'static StoreSettings> {
    CASES.iter().find(|case| case.batch == batch).map(|case| &case.store)
}

/// Gives one recorded order by its WooCommerce id.
#[must_use]
pub fn case(id: u64) -> Option<&'static Case> {
    CASES.iter().find(|case| case.id == id)
}

/// Makes functions that give one embedded REST list each.
macro_rules! lists {
    ($($(#[$doc:meta])* $name:ident = $file:literal;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name() -> &'static [Value] {
            static LIST: LazyLock<Vec<Value>> = LazyLock::new(|| {
                embedded(include_str!(concat!("../../data/woocommerce/", $file)), $file)
            });
            &LIST
        }
    )*};
}

lists! {
    /// Gives `GET /taxes`: 35 rates of eleven countries.
    taxes = "taxes.json";
    /// Gives `GET /taxes/classes`.
    tax_classes = "tax_classes.json";
    /// Gives `GET /products`: 21 products of every type.
    products = "products.json";
    /// Gives `GET /products/29/variations`.
    variations = "variations.json";
    /// Gives `GET /products/categories`.
    product_categories = "product_categories.json";
    /// Gives `GET /customers`.
    customers = "customers.json";
    /// Gives `GET /coupons`.
    coupons = "coupons.json";
    /// Gives `GET /payment_gateways`.
    payment_gateways = "payment_gateways.json";
    /// Gives `GET /settings`: the groups.
    settings_groups = "settings_groups.json";
    /// Gives `GET /orders/statuses`.
    order_statuses = "order_statuses.json";
}

/// Gives `GET /settings/{group}` for every group of a store, keyed by group.
#[must_use]
pub fn settings(store: &StoreSettings) -> Value {
    static RECORDED: LazyLock<Value> = LazyLock::new(|| {
        embedded(include_str!("../../data/woocommerce/settings.json"), "settings.json")
    });
    let display = if store.prices_include_tax { "incl" } else { "excl" };
    let values = [
        ("woocommerce_currency", store.currency.clone()),
        ("woocommerce_price_num_decimals", store.num_decimals.to_string()),
        ("woocommerce_default_country", store.default_country.clone()),
        ("woocommerce_prices_include_tax", say(store.prices_include_tax)),
        ("woocommerce_tax_round_at_subtotal", say(store.tax_round_at_subtotal)),
        ("woocommerce_shipping_tax_class", store.shipping_tax_class.clone()),
        ("woocommerce_tax_display_shop", display.to_owned()),
        ("woocommerce_tax_display_cart", display.to_owned()),
    ];
    let mut groups = RECORDED.clone();
    let all = groups.as_object_mut().into_iter().flat_map(|groups| groups.values_mut());
    for setting in all.filter_map(Value::as_array_mut).flatten() {
        let id = setting.get("id").and_then(Value::as_str);
        let known = values.iter().find(|(name, _)| Some(*name) == id);
        if let (Some((_, value)), Some(slot)) = (known, setting.get_mut("value")) {
            *slot = Value::from(value.clone());
        }
    }
    groups
}

/// Gives `GET /system_status` of a store.
#[must_use]
pub fn system_status(store: &StoreSettings) -> Value {
    static RECORDED: LazyLock<Value> = LazyLock::new(|| {
        embedded(include_str!("../../data/woocommerce/system_status.json"), "system_status.json")
    });
    let mut status = RECORDED.clone();
    for (pointer, value) in [
        ("/settings/currency", Value::from(store.currency.clone())),
        ("/settings/number_of_decimals", Value::from(store.num_decimals)),
    ] {
        if let Some(slot) = status.pointer_mut(pointer) {
            *slot = value;
        }
    }
    status
}

/// Gives a sample of the recorded webhook deliveries with their file names.
#[must_use]
pub fn deliveries() -> Vec<(&'static str, Delivery)> {
    macro_rules! files {
        ($($name:literal),* $(,)?) => {
            vec![$((
                $name,
                embedded(include_str!(concat!("../../data/woocommerce/webhooks/", $name)), $name),
            )),*]
        };
    }
    files![
        "0001-ping.json",
        "0019-customer.created.json",
        "0031-order.updated.json",
        "0032-order.created.json",
        "0033-product.updated.json",
        "0046-customer.created.json",
        "0049-action.woocommerce_refund_created.json",
        "0050-action.woocommerce_order_refunded.json",
        "0052-order.updated.json",
        "0055-action.woocommerce_payment_complete.json",
        "0123-product.created.json",
        "0671-product.created.json",
    ]
}

#[expect(clippy::expect_used, reason = "the file is part of the program; a test reads all of it")]
fn embedded<T: DeserializeOwned>(text: &str, name: &str) -> T {
    serde_json::from_str(text).map_err(|error| format!("{name}: {error}")).expect("embedded file")
}

fn say(yes: bool) -> String {
    if yes { "yes".to_owned() } else { "no".to_owned() }
}

fn yes_or_no<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    match String::deserialize(deserializer)?.as_str() {
        "yes" => Ok(true),
        "no" => Ok(false),
        other => Err(serde::de::Error::custom(format!("`{other}` is neither yes nor no"))),
    }
}
