//! The settings of a shop that decide its totals.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::ShopClientError;
use super::transport::unreadable;

/// The shop's facts as the accounting core reads them; serialises to that JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopFacts {
    /// Address, without a slash at the end.
    pub url: String,
    /// ISO 4217 code, `AUD`.
    pub currency: String,
    /// Decimals that the shop rounds to.
    pub num_decimals: u32,
    /// Whether prices are entered with tax.
    pub prices_include_tax: bool,
    /// Whether tax is rounded per order instead of per line.
    pub tax_round_at_subtotal: bool,
    /// Country, with a state after a colon: `AU:NSW`.
    pub default_country: String,
    /// Tax class of shipping: empty for standard, `inherit`, or a class slug.
    pub shipping_tax_class: String,
    /// IANA zone, `Australia/Sydney`; a site that keeps a fixed offset has `+10:00`.
    pub timezone: String,
}

impl ShopFacts {
    /// Reads the REST index and the setting groups `general` and `tax`.
    pub(super) fn read(
        url: &str,
        index: &str,
        general: &str,
        tax: &str,
    ) -> Result<Self, ShopClientError> {
        let (general, tax) = (Group::read(general)?, Group::read(tax)?);
        let decimals = general.get("woocommerce_price_num_decimals")?;
        let num_decimals = decimals.parse().map_err(|_| ShopClientError::Shape {
            why: format!("`{decimals}` is no number of decimals"),
        })?;
        Ok(Self {
            url: url.to_owned(),
            currency: general.get("woocommerce_currency")?,
            num_decimals,
            prices_include_tax: tax.get("woocommerce_prices_include_tax")? == "yes",
            tax_round_at_subtotal: tax.get("woocommerce_tax_round_at_subtotal")? == "yes",
            default_country: general.get("woocommerce_default_country")?,
            shipping_tax_class: tax.get("woocommerce_shipping_tax_class")?,
            timezone: read_zone(index)?,
        })
    }
}

/// One group of `GET /settings/{group}`.
struct Group(Vec<Setting>);

#[derive(Deserialize)]
struct Setting {
    id: String,
    /// A string for all that are read here; others are lists or numbers.
    #[serde(default)]
    value: Value,
}

impl Group {
    fn read(body: &str) -> Result<Self, ShopClientError> {
        serde_json::from_str(body).map(Self).map_err(|error| unreadable(body, &error))
    }

    fn get(&self, id: &str) -> Result<String, ShopClientError> {
        let value = self.0.iter().find(|setting| setting.id == id).map(|setting| &setting.value);
        match value {
            Some(Value::String(text)) => Ok(text.clone()),
            Some(Value::Number(number)) => Ok(number.to_string()),
            _ => Err(ShopClientError::Shape { why: format!("setting `{id}` is missing") }),
        }
    }
}

fn read_zone(index: &str) -> Result<String, ShopClientError> {
    #[derive(Deserialize)]
    struct Index {
        #[serde(default)]
        timezone_string: String,
        #[serde(default)]
        gmt_offset: Value,
    }
    let index: Index = serde_json::from_str(index).map_err(|error| unreadable(index, &error))?;
    if !index.timezone_string.is_empty() {
        return Ok(index.timezone_string);
    }
    let text = match &index.gmt_offset {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    // Hours, with quarters as decimals: 5.75 is Nepal's.
    let minutes = text.parse::<Decimal>().ok().map(|hours| hours * Decimal::from(60));
    let minutes = minutes.and_then(|minutes| minutes.to_i32()).ok_or_else(|| {
        ShopClientError::Shape { why: format!("`{text}` is no offset of a time zone") }
    })?;
    let sign = if minutes < 0 { '-' } else { '+' };
    Ok(format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60))
}

#[cfg(test)]
mod tests {
    use super::read_zone;

    #[test]
    fn a_fixed_offset_is_a_zone_too() {
        let zone = |index: &str| read_zone(index).unwrap();
        let named = r#"{"timezone_string":"Europe/Berlin","gmt_offset":1}"#;
        assert_eq!(zone(named), "Europe/Berlin");
        assert_eq!(zone(r#"{"timezone_string":"","gmt_offset":"5.75"}"#), "+05:45");
        assert_eq!(zone(r#"{"timezone_string":"","gmt_offset":-3.5}"#), "-03:30");
        assert_eq!(zone(r#"{"gmt_offset":0}"#), "+00:00");
        assert!(read_zone("{}").is_err());
    }
}
