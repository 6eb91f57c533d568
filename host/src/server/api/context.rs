//! What a preview needs: exactly what the worker hands to the core, but for the orders.

use std::{sync::Arc, time::Duration};

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use tillbook_core::contract::{CONTRACT_VERSION, CORE_VERSION};
use utoipa::{IntoParams, ToSchema};

use super::{
    super::{App, answer::ApiError},
    body::{Body, InPath, InQuery, OutsideRefusals, Refusals, ShopPath, aside, moment, shop_of},
};
use crate::{branch::OPEN_FOR, module};

/// All that the core needs but orders
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Context {
    /// Version of the core's contract
    contract: u32,
    /// Version of the accounting core
    core_version: &'static str,
    /// SHA-256 of the core's module: another one gives other documents
    module_sha256: &'static str,
    /// The shop's profile, as `map` takes it
    #[schema(value_type = Object)]
    shop: Box<RawValue>,
    /// The saved settings, as `map` takes them; none where nobody has saved any
    #[schema(value_type = Option<Object>)]
    settings: Option<Box<RawValue>>,
    /// What a change of the settings must be based on
    settings_sha256: Option<String>,
    /// The organisation's chart, as `map` takes it; none without an organisation
    #[schema(value_type = Option<Object>)]
    chart: Option<Box<RawValue>>,
    /// When the chart was read
    #[schema(format = DateTime)]
    chart_read: Option<String>,
    /// Why there is no chart, or an old one; empty where all is well
    chart_trouble: String,
    /// Contacts and items that customers and products are linked to, as `map` takes them
    #[schema(value_type = Vec<Object>)]
    records: Vec<Box<RawValue>>,
    /// Orders that stand in summaries, as `map` takes them; none where nothing is summed up
    #[schema(value_type = Vec<Object>)]
    summarised: Vec<Box<RawValue>>,
    /// The shop's tax rates, as WooCommerce gives them
    #[schema(value_type = Vec<Object>)]
    tax_rates: Vec<Box<RawValue>>,
    /// The shop's payment gateways, as WooCommerce gives them
    #[schema(value_type = Vec<Object>)]
    gateways: Vec<Box<RawValue>>,
}

/// How new
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Freshness {
    /// Whether shop and chart are read anew; else what was read within half an hour will do
    #[serde(default)]
    fresh: bool,
}

/// What a preview needs: what the worker hands to the core, but for the orders
#[utoipa::path(
    get,
    path = "/api/v1/shops/{shop}/context",
    tag = "shops",
    security(("token" = [])),
    extensions(("x-role" = json!("view")), ("x-reach" = json!("shop"))),
    params(ShopPath, Freshness),
    responses(
        (status = 200, description = "All but orders", body = Context), Refusals, OutsideRefusals
    )
)]
pub(super) async fn read(
    State(app): State<Arc<App>>,
    InPath(ShopPath { shop }): InPath<ShopPath>,
    InQuery(Freshness { fresh }): InQuery<Freshness>,
) -> Result<Body<Context>, ApiError> {
    aside(move || async move {
        let shop = shop_of(&app, &shop).await?;
        let age = if fresh { Duration::ZERO } else { OPEN_FOR };
        let branches = app.branches()?;
        let view = branches.read(&shop, age).await?;
        let (organisation, url) = (&shop.organisation, &shop.url);
        let settings = branches.opener().settings(&shop).await?;
        let stored = app.store.settings(organisation, url).await?;
        let records = app.store.records(organisation, url).await?;
        let sums_up = settings.as_ref().is_some_and(|settings| settings.summary.is_used());
        let summarised = if sums_up {
            app.store.summarised_orders(organisation, url).await?
        } else {
            Vec::new()
        };
        let chart = view.chart.as_ref();
        Ok(Body(Context {
            contract: CONTRACT_VERSION,
            core_version: CORE_VERSION,
            module_sha256: module::SHA256,
            shop: raw(&view.background.shop)?,
            settings: settings.map(|settings| raw(&settings)).transpose()?,
            settings_sha256: stored.map(|stored| stored.sha256),
            chart: chart.map(|(chart, _)| raw(&chart.as_input())).transpose()?,
            chart_read: chart.map(|(_, read)| moment(*read)),
            chart_trouble: view.trouble.clone(),
            records: records.iter().map(raw).collect::<Result<_, _>>()?,
            summarised: summarised.iter().map(raw).collect::<Result<_, _>>()?,
            tax_rates: view.background.tax_rates.clone(),
            gateways: view.background.gateways.clone(),
        }))
    })
    .await
}

/// The text that the core is given.
fn raw(value: &impl Serialize) -> Result<Box<RawValue>, ApiError> {
    to_raw_value(value).map_err(|error| {
        tracing::error!(%error, "what the core takes cannot be written");
        ApiError::internal()
    })
}
