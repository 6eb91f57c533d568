//! Shops: list, pause, resume, sync now.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    super::{
        App,
        access::Caller,
        answer::{ApiError, ErrorBody},
    },
    body::{ActivityWord, Body, BodyRefusals, InPath, Reason, Refusals, moment, shop_of},
};
use crate::store::{Activity, ShopRow};

/// A shop that is worked for
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ShopShape {
    /// What stands in the address of its webhooks
    #[schema(example = "main")]
    shop: String,
    /// Its address
    #[schema(example = "https://shop.example")]
    url: String,
    /// The organisation that its documents go to
    organisation: String,
    state: ActivityWord,
    /// Why it is paused
    reason: String,
    /// What is older is not sent by itself
    #[schema(format = DateTime)]
    active_since: String,
}

impl From<ShopRow> for ShopShape {
    fn from(row: ShopRow) -> Self {
        Self {
            shop: row.slug,
            url: row.url,
            organisation: row.organisation,
            state: row.activity.into(),
            reason: row.reason,
            active_since: moment(row.activated),
        }
    }
}

/// The shops
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Shops {
    shops: Vec<ShopShape>,
}

/// The shops that are worked for
#[utoipa::path(
    get,
    path = "/api/v1/shops",
    tag = "shops",
    security(("token" = [])),
    extensions(("x-role" = json!("view")), ("x-reach" = json!("own"))),
    responses((status = 200, description = "By name", body = Shops), Refusals)
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<Body<Shops>, ApiError> {
    let seen = |row: &ShopRow| caller.shop.as_ref().is_none_or(|bound| *bound == row.slug);
    let rows = app.store.shops().await?;
    Ok(Body(Shops { shops: rows.into_iter().filter(seen).map(ShopShape::from).collect() }))
}

/// One shop
#[utoipa::path(
    get,
    path = "/api/v1/shops/{shop}",
    tag = "shops",
    security(("token" = [])),
    extensions(("x-role" = json!("view")), ("x-reach" = json!("shop"))),
    params(("shop" = String, Path, description = "The shop's name", max_length = 64, pattern = "^[a-z0-9-]+$", example = "main")),
    responses((status = 200, description = "The shop", body = ShopShape), Refusals)
)]
pub(super) async fn read(
    State(app): State<Arc<App>>,
    InPath(slug): InPath<String>,
) -> Result<Body<ShopShape>, ApiError> {
    Ok(Body(shop_of(&app, &slug).await?.into()))
}

/// Stop working for a shop; its hints are kept
#[utoipa::path(
    post,
    path = "/api/v1/shops/{shop}/pause",
    tag = "shops",
    security(("token" = [])),
    extensions(("x-role" = json!("operate")), ("x-reach" = json!("shop"))),
    params(("shop" = String, Path, description = "The shop's name", max_length = 64, pattern = "^[a-z0-9-]+$", example = "main")),
    request_body = Reason,
    responses((status = 200, description = "The shop", body = ShopShape), Refusals, BodyRefusals)
)]
pub(super) async fn pause(
    State(app): State<Arc<App>>,
    caller: Caller,
    InPath(slug): InPath<String>,
    Body(reason): Body<Reason>,
) -> Result<Body<ShopShape>, ApiError> {
    let reason = format!("{}: {}", caller.name, reason.check()?);
    set(&app, &caller, &slug, Activity::Paused, &reason).await
}

/// Work for a shop again
#[utoipa::path(
    post,
    path = "/api/v1/shops/{shop}/resume",
    tag = "shops",
    security(("token" = [])),
    extensions(("x-role" = json!("operate")), ("x-reach" = json!("shop"))),
    params(("shop" = String, Path, description = "The shop's name", max_length = 64, pattern = "^[a-z0-9-]+$", example = "main")),
    responses(
        (status = 200, description = "The shop", body = ShopShape),
        (status = 409, description = "It was never switched on", body = ErrorBody),
        Refusals
    )
)]
pub(super) async fn resume(
    State(app): State<Arc<App>>,
    caller: Caller,
    InPath(slug): InPath<String>,
) -> Result<Body<ShopShape>, ApiError> {
    set(&app, &caller, &slug, Activity::Active, "").await
}

async fn set(
    app: &App,
    caller: &Caller,
    slug: &str,
    activity: Activity,
    reason: &str,
) -> Result<Body<ShopShape>, ApiError> {
    let shop = shop_of(app, slug).await?;
    let set = app.store.set_shop_activity(&shop.slug, activity, reason).await?;
    if !set && activity == Activity::Active {
        let message = "the shop was never switched on: do that first";
        return Err(ApiError::conflict("not_ready", message));
    }
    tracing::info!(shop = shop.slug, activity = activity.as_str(), who = caller.who(), "set");
    Ok(Body(shop_of(app, slug).await?.into()))
}

/// What was asked for is going to be done
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Accepted {
    /// Always true
    accepted: bool,
}

impl Default for Accepted {
    fn default() -> Self {
        Self { accepted: true }
    }
}

/// Look through the shop and send what has changed, now instead of at the next run
#[utoipa::path(
    post,
    path = "/api/v1/shops/{shop}/sync",
    tag = "shops",
    security(("token" = [])),
    extensions(("x-role" = json!("operate")), ("x-reach" = json!("shop"))),
    params(("shop" = String, Path, description = "The shop's name", max_length = 64, pattern = "^[a-z0-9-]+$", example = "main")),
    responses((status = 202, description = "It will be done", body = Accepted), Refusals)
)]
pub(super) async fn sync(
    State(app): State<Arc<App>>,
    caller: Caller,
    InPath(slug): InPath<String>,
) -> Result<(StatusCode, Body<Accepted>), ApiError> {
    let shop = shop_of(&app, &slug).await?;
    let reason = format!("asked for by {}", caller.who());
    app.store.want_sweep(&shop.slug, &reason, app.clock.now()).await?;
    app.store.unpark(&shop.organisation).await?;
    app.wake.notify_one();
    Ok((StatusCode::ACCEPTED, Body(Accepted { accepted: true })))
}
