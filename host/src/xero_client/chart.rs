//! Reading what an organisation has: accounts, tax rates and so on, as text for the core.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Failure, XeroClient, answer, not_understood};

/// An organisation's chart, each part as Xero wrote it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Chart {
    /// The first element of `GET /Organisation`.
    pub organisation: Box<RawValue>,
    /// `GET /Accounts`
    pub accounts: Vec<Box<RawValue>>,
    /// `GET /TaxRates`
    pub tax_rates: Vec<Box<RawValue>>,
    /// `GET /TrackingCategories`
    pub tracking_categories: Vec<Box<RawValue>>,
    /// `GET /Currencies`
    pub currencies: Vec<Box<RawValue>>,
    /// `GET /BrandingThemes`
    pub branding_themes: Vec<Box<RawValue>>,
}

impl Chart {
    /// A text field of the organisation, such as `Name` or `BaseCurrency`.
    #[must_use]
    pub fn organisation_field(&self, key: &str) -> Option<String> {
        let raw = answer::raw_field(self.organisation.get(), key)?;
        serde_json::from_str(raw.get()).ok()
    }
}

impl XeroClient {
    /// Reads the whole chart: six calls.
    ///
    /// # Errors
    /// [`Failure::Refused`] or [`Failure::NotDone`].
    pub async fn read_chart(&self) -> Result<Chart, Failure> {
        let organisation = self.read_list("/Organisation", "Organisations").await?;
        Ok(Chart {
            organisation: organisation
                .into_iter()
                .next()
                .ok_or_else(|| not_understood("/Organisation"))?,
            accounts: self.read_list("/Accounts", "Accounts").await?,
            tax_rates: self.read_list("/TaxRates", "TaxRates").await?,
            tracking_categories: self
                .read_list("/TrackingCategories", "TrackingCategories")
                .await?,
            currencies: self.read_list("/Currencies", "Currencies").await?,
            branding_themes: self.read_list("/BrandingThemes", "BrandingThemes").await?,
        })
    }

    async fn read_list(&self, path: &str, key: &str) -> Result<Vec<Box<RawValue>>, Failure> {
        let request = self.http.get(format!("{}{path}", self.api_url));
        let response = self.read(request).await?;
        answer::raw_elements(&response.body, key).ok_or_else(|| not_understood(path))
    }
}
