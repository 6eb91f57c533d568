//! The chart of a practice organisation, for previews before any is connected.

use miette::{IntoDiagnostic, miette};
use tillbook::{
    config::{Secret, XeroConfig},
    xero_client::{Chart, XeroClient},
};
use tillbook_core::shop::Shop;
use tillbook_practice::xero::{PracticeXero, Preset, Running, global};

use super::context;

/// The kind of organisation that a shop of this country and currency would have.
pub(crate) fn preset_for(shop: &Shop) -> Preset {
    match (shop.country(), shop.currency.as_str()) {
        (_, "AUD") | ("AU", "") => Preset::Au,
        (_, "GBP") | ("GB", "") => Preset::Gb,
        (_, "NZD") | ("NZ", "") => Preset::Nz,
        (_, "CAD") | ("CA", "") => Preset::Ca,
        (_, "USD") | ("US", "") => Preset::Us,
        (_, currency) => global(currency),
    }
}

/// How to reach one organisation of a practice Xero.
pub(crate) fn configure(xero: &Running, tenant_id: &str) -> XeroConfig {
    XeroConfig {
        api_url: format!("{}/api.xro/2.0", xero.base_url()),
        identity_url: format!("{}/connect/token", xero.base_url()),
        client_id: xero.client_id().to_owned(),
        client_secret: Secret::new(xero.client_secret()),
        tenant_id: tenant_id.to_owned(),
        ..XeroConfig::default()
    }
}

/// Reads the chart of the practice organisation that fits a shop, through the API; gives its name
/// too.
pub(crate) async fn read(shop: &Shop) -> miette::Result<(Chart, String)> {
    let xero =
        PracticeXero::builder().organisation(preset_for(shop)).start().await.into_diagnostic()?;
    let config = configure(&xero, &xero.tenant().to_string());
    let client = XeroClient::new(&config, context::clock()).into_diagnostic()?;
    let chart = client.read_chart().await.map_err(|failure| miette!("practice Xero: {failure}"))?;
    xero.shutdown().await;
    let name = chart.organisation_field("Name").unwrap_or_default();
    Ok((chart, name))
}
