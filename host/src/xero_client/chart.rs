//! Reading what an organisation has: accounts, tax rates and so on, as text for the core.

use axum::http::Method;
use bytes::Bytes;
use serde_json::value::RawValue;
use tillbook_core::contract::ChartInput;

use super::{Failure, XeroClient, answer, not_understood};

/// An organisation's chart, each part as Xero wrote it.
#[derive(Debug, Clone)]
pub struct Chart {
    organisation: Box<RawValue>,
    accounts: Box<RawValue>,
    tax_rates: Box<RawValue>,
    tracking_categories: Box<RawValue>,
    currencies: Box<RawValue>,
    branding_themes: Box<RawValue>,
}

impl Chart {
    /// Reads a chart from a file: `{"organisation":{…},"accounts":[…],…}`.
    ///
    /// # Errors
    /// The name of the part that is missing.
    pub fn from_json(text: &str) -> Result<Self, &'static str> {
        let part = |key: &'static str| answer::raw_field(text, key).ok_or(key);
        Ok(Self {
            organisation: part("organisation")?,
            accounts: part("accounts")?,
            tax_rates: part("tax_rates")?,
            tracking_categories: part("tracking_categories")?,
            currencies: part("currencies")?,
            branding_themes: part("branding_themes")?,
        })
    }

    /// As the core takes it.
    #[must_use]
    pub fn as_input(&self) -> ChartInput<&RawValue> {
        ChartInput {
            organisation: Some(&self.organisation),
            accounts: Some(&self.accounts),
            tax_rates: Some(&self.tax_rates),
            tracking_categories: Some(&self.tracking_categories),
            currencies: Some(&self.currencies),
            branding_themes: Some(&self.branding_themes),
        }
    }

    /// A text field of the organisation, such as `Name` or `BaseCurrency`.
    #[must_use]
    pub fn organisation_field(&self, key: &str) -> Option<String> {
        XeroClient::text_field(&self.organisation, key)
    }
}

impl XeroClient {
    /// Reads the whole chart: six calls.
    ///
    /// # Errors
    /// [`Failure::Refused`] or [`Failure::NotDone`].
    pub async fn read_chart(&self) -> Result<Chart, Failure> {
        Ok(Chart {
            organisation: self.read_organisation().await?,
            accounts: self.read_part("/Accounts", "Accounts").await?,
            tax_rates: self.read_part("/TaxRates", "TaxRates").await?,
            tracking_categories: self
                .read_part("/TrackingCategories", "TrackingCategories")
                .await?,
            currencies: self.read_part("/Currencies", "Currencies").await?,
            branding_themes: self.read_part("/BrandingThemes", "BrandingThemes").await?,
        })
    }

    /// Reads the organisation itself: the cheapest call there is.
    ///
    /// # Errors
    /// [`Failure::Refused`] or [`Failure::NotDone`].
    pub async fn read_organisation(&self) -> Result<Box<RawValue>, Failure> {
        let part = self.read_part("/Organisation", "Organisations").await?;
        let elements: Vec<Box<RawValue>> = serde_json::from_str(part.get()).unwrap_or_default();
        elements.into_iter().next().ok_or_else(|| not_understood("/Organisation"))
    }

    async fn read_part(&self, path: &str, key: &str) -> Result<Box<RawValue>, Failure> {
        let request = self.request(Method::GET, path, &[], Bytes::new())?;
        let response = self.read(request).await?;
        std::str::from_utf8(&response.body)
            .ok()
            .and_then(|text| answer::raw_field(text.trim_start_matches('\u{feff}'), key))
            .ok_or_else(|| not_understood(path))
    }
}
