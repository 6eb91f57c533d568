//! One object: its history, and what a person can do about it.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    super::{App, access::Caller, answer::ApiError},
    body::{Body, BodyRefusals, InPath, Reason, Refusals, moment, shop_of},
};
use crate::{
    intake::ObjectKind,
    store::{HistoryEntry, ObjectKey},
};

/// The largest id that every program reads exactly.
const ID_MAX: u64 = (1 << 53) - 1;

/// What can be looked at
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum KindWord {
    /// An order with its refunds and payments
    Order,
    /// A product or variation
    Product,
    /// A customer
    Customer,
}

impl KindWord {
    /// The word in the store.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Product => "product",
            Self::Customer => "customer",
        }
    }
}

/// Names one object
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct Which {
    /// The shop's name
    #[param(max_length = 64, pattern = "^[a-z0-9-]+$", example = "main")]
    shop: String,
    /// What it is
    #[param(inline)]
    kind: KindWord,
    /// The shop's id of it
    #[param(minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 7)]
    id: u64,
}

impl Which {
    /// The organisation and the key in the queue.
    async fn find(&self, app: &App) -> Result<(String, ObjectKey), ApiError> {
        if !(1..=ID_MAX).contains(&self.id) {
            return Err(ApiError::bad_request(format!("`id` must be from 1 to {ID_MAX}")));
        }
        let shop = shop_of(app, &self.shop).await?;
        let kind = match self.kind {
            KindWord::Order => ObjectKind::Order,
            KindWord::Product => ObjectKind::Product,
            KindWord::Customer => ObjectKind::Customer,
        };
        Ok((shop.organisation, kind.key(&shop.url, self.id)))
    }
}

/// One line of a history
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HistoryShape {
    #[schema(format = DateTime)]
    at: String,
    /// `seen`, `planned`, `sent`, `answered`, `returned`, `settled`, or what a person did
    #[schema(example = "seen")]
    what: &'static str,
    /// For people
    detail: String,
}

impl From<HistoryEntry> for HistoryShape {
    fn from(entry: HistoryEntry) -> Self {
        Self { at: moment(entry.at), what: entry.what.as_str(), detail: entry.detail }
    }
}

/// What happened to an object
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct History {
    /// Oldest first; nothing when the object was never seen
    history: Vec<HistoryShape>,
}

async fn history(app: &App, which: &Which) -> Result<Body<History>, ApiError> {
    let (organisation, key) = which.find(app).await?;
    let entries = app.store.history(&organisation, &key).await?;
    Ok(Body(History { history: entries.into_iter().map(HistoryShape::from).collect() }))
}

/// What was seen, planned, sent and answered for an object
#[utoipa::path(
    get,
    path = "/api/v1/shops/{shop}/objects/{kind}/{id}",
    tag = "queue",
    security(("token" = [])),
    extensions(("x-role" = json!("view")), ("x-reach" = json!("shop"))),
    params(Which),
    responses((status = 200, description = "Its history", body = History), Refusals)
)]
pub(super) async fn read(
    State(app): State<Arc<App>>,
    InPath(which): InPath<Which>,
) -> Result<Body<History>, ApiError> {
    history(&app, &which).await
}

/// Look at an object again now, before all others
#[utoipa::path(
    post,
    path = "/api/v1/shops/{shop}/objects/{kind}/{id}/retry",
    tag = "queue",
    security(("token" = [])),
    extensions(("x-role" = json!("operate")), ("x-reach" = json!("shop"))),
    params(Which),
    responses((status = 200, description = "Its history", body = History), Refusals)
)]
pub(super) async fn retry(
    State(app): State<Arc<App>>,
    caller: Caller,
    InPath(which): InPath<Which>,
) -> Result<Body<History>, ApiError> {
    let (organisation, key) = which.find(&app).await?;
    app.store.retry(&organisation, &key, &caller.who(), app.clock.now()).await?;
    app.wake.notify_one();
    history(&app, &which).await
}

/// Take an object out of the sync
#[utoipa::path(
    post,
    path = "/api/v1/shops/{shop}/objects/{kind}/{id}/exclude",
    tag = "queue",
    security(("token" = [])),
    extensions(("x-role" = json!("operate")), ("x-reach" = json!("shop"))),
    params(Which),
    request_body = Reason,
    responses((status = 200, description = "Its history", body = History), Refusals, BodyRefusals)
)]
pub(super) async fn exclude(
    State(app): State<Arc<App>>,
    caller: Caller,
    InPath(which): InPath<Which>,
    Body(reason): Body<Reason>,
) -> Result<Body<History>, ApiError> {
    let reason = reason.check()?;
    let (organisation, key) = which.find(&app).await?;
    app.store.exclude(&organisation, &key, (&reason, &caller.who()), app.clock.now()).await?;
    history(&app, &which).await
}

/// Take an object into the sync again
#[utoipa::path(
    post,
    path = "/api/v1/shops/{shop}/objects/{kind}/{id}/include",
    tag = "queue",
    security(("token" = [])),
    extensions(("x-role" = json!("operate")), ("x-reach" = json!("shop"))),
    params(Which),
    responses((status = 200, description = "Its history", body = History), Refusals)
)]
pub(super) async fn include(
    State(app): State<Arc<App>>,
    caller: Caller,
    InPath(which): InPath<Which>,
) -> Result<Body<History>, ApiError> {
    let (organisation, key) = which.find(&app).await?;
    app.store.include(&organisation, &key, &caller.who(), app.clock.now()).await?;
    app.wake.notify_one();
    history(&app, &which).await
}

/// Send an object though it is older than the sync
#[utoipa::path(
    post,
    path = "/api/v1/shops/{shop}/objects/{kind}/{id}/push",
    tag = "queue",
    security(("token" = [])),
    extensions(("x-role" = json!("operate")), ("x-reach" = json!("shop"))),
    params(Which),
    responses((status = 200, description = "Its history", body = History), Refusals)
)]
pub(super) async fn push(
    State(app): State<Arc<App>>,
    caller: Caller,
    InPath(which): InPath<Which>,
) -> Result<Body<History>, ApiError> {
    let (organisation, key) = which.find(&app).await?;
    app.store.push(&organisation, &key, &caller.who(), app.clock.now()).await?;
    app.wake.notify_one();
    history(&app, &which).await
}
