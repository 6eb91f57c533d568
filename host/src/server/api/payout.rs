//! Payouts of gateways, as far as the host has read them.

use std::sync::Arc;

use axum::extract::State;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use tillbook_core::{
    date::Date,
    shop::payout::{Entry, Payout},
};
use utoipa::{IntoParams, ToSchema};

use super::{
    super::{App, answer::ApiError},
    body::{Body, InPath, InQuery, Refusals, ShopPath, shop_of},
};

/// Which days
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Days {
    /// The first day
    #[param(max_length = 10, example = "2026-11-01")]
    from: NaiveDate,
    /// The last day
    #[param(max_length = 10, example = "2026-11-30")]
    to: NaiveDate,
}

/// Payouts, as `summarise` takes them
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Payouts {
    /// Those that reached the bank on these days
    #[schema(value_type = Vec<Object>)]
    payouts: Vec<Payout>,
    /// What was paid out, from the first day on
    #[schema(value_type = Vec<Object>)]
    entries: Vec<Entry>,
}

/// What gateways paid out, as far as it was read: the worker and `tillbook payouts` read it
#[utoipa::path(
    get,
    path = "/api/v1/shops/{shop}/payouts",
    tag = "shops",
    security(("token" = [])),
    extensions(("x-role" = json!("view")), ("x-reach" = json!("shop"))),
    params(ShopPath, Days),
    responses((status = 200, description = "Payouts and entries", body = Payouts), Refusals)
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    InPath(ShopPath { shop }): InPath<ShopPath>,
    InQuery(Days { from, to }): InQuery<Days>,
) -> Result<Body<Payouts>, ApiError> {
    let (from, to) = (from.to_string(), to.to_string());
    let last = Date::parse(&to).map_err(|_| ApiError::bad_request("`to` is no day"))?;
    let shop = shop_of(&app, &shop).await?;
    let mut payouts = app.store.payouts_since(&shop.organisation, &shop.url, &from).await?;
    payouts.retain(|payout| payout.date <= last);
    let entries = app.store.entries_since(&shop.organisation, &shop.url, &from).await?;
    Ok(Body(Payouts { payouts, entries }))
}
