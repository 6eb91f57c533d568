//! Organisations: list, pause, resume, limits left.

use std::{sync::Arc, time::Duration};

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    super::{App, access::Caller, answer::ApiError},
    body::{ActivityWord, Body, BodyRefusals, InPath, Reason, Refusals},
};
use crate::{
    store::{Activity, OrganisationRow},
    xero_client::budgets,
};

/// A Xero organisation that is worked for
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OrganisationShape {
    /// Xero's id of it
    organisation: String,
    /// Its name in Xero
    name: String,
    state: ActivityWord,
    /// Why it is paused
    reason: String,
}

impl From<OrganisationRow> for OrganisationShape {
    fn from(row: OrganisationRow) -> Self {
        let (organisation, state) = (row.id, row.activity.into());
        Self { organisation, name: row.name, state, reason: row.reason }
    }
}

/// The organisations
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Organisations {
    organisations: Vec<OrganisationShape>,
}

/// The organisations that are worked for
#[utoipa::path(
    get,
    path = "/api/v1/organisations",
    tag = "organisations",
    security(("token" = [])),
    extensions(("x-role" = json!("view")), ("x-reach" = json!("all"))),
    responses((status = 200, description = "All of them", body = Organisations), Refusals)
)]
pub(super) async fn list(State(app): State<Arc<App>>) -> Result<Body<Organisations>, ApiError> {
    let rows = app.store.organisations().await?;
    let organisations = rows.into_iter().map(OrganisationShape::from).collect();
    Ok(Body(Organisations { organisations }))
}

/// Stop working for an organisation; what is on its way is answered first
#[utoipa::path(
    post,
    path = "/api/v1/organisations/{organisation}/pause",
    tag = "organisations",
    security(("token" = [])),
    extensions(("x-role" = json!("operate")), ("x-reach" = json!("all"))),
    params(("organisation" = String, Path, description = "Xero's id of it", example = "org-1")),
    request_body = Reason,
    responses(
        (status = 200, description = "The organisation", body = OrganisationShape),
        Refusals, BodyRefusals
    )
)]
pub(super) async fn pause(
    State(app): State<Arc<App>>,
    caller: Caller,
    InPath(id): InPath<String>,
    Body(reason): Body<Reason>,
) -> Result<Body<OrganisationShape>, ApiError> {
    let reason = format!("{}: {}", caller.name, reason.check()?);
    set(&app, &caller, &id, Activity::Paused, &reason).await
}

/// Work for an organisation again
#[utoipa::path(
    post,
    path = "/api/v1/organisations/{organisation}/resume",
    tag = "organisations",
    security(("token" = [])),
    extensions(("x-role" = json!("operate")), ("x-reach" = json!("all"))),
    params(("organisation" = String, Path, description = "Xero's id of it", example = "org-1")),
    responses(
        (status = 200, description = "The organisation", body = OrganisationShape), Refusals
    )
)]
pub(super) async fn resume(
    State(app): State<Arc<App>>,
    caller: Caller,
    InPath(id): InPath<String>,
) -> Result<Body<OrganisationShape>, ApiError> {
    set(&app, &caller, &id, Activity::Active, "").await
}

async fn set(
    app: &App,
    caller: &Caller,
    id: &str,
    activity: Activity,
    reason: &str,
) -> Result<Body<OrganisationShape>, ApiError> {
    let row = organisation_of(app, id).await?;
    app.store.set_organisation_activity(&row.id, activity, reason).await?;
    tracing::info!(organisation = id, activity = activity.as_str(), who = caller.who(), "set");
    Ok(Body(organisation_of(app, id).await?.into()))
}

/// The organisation of an id.
pub(super) async fn organisation_of(app: &App, id: &str) -> Result<OrganisationRow, ApiError> {
    let rows = app.store.organisations().await?;
    rows.into_iter()
        .find(|row| row.id == id)
        .ok_or_else(|| ApiError::not_found("there is no such organisation"))
}

/// How much may still be sent to Xero
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Limits {
    /// Calls left today, as far as Xero has said
    day_left: Option<u32>,
    /// Calls a day
    day_max: u32,
    /// Calls in any 60 seconds
    minute_max: u32,
    /// Calls that wrote, in the last 24 hours
    day_written: u64,
    /// Xero's last words, while it is in trouble and left alone
    trouble: Option<String>,
}

/// How much may still be sent to Xero
#[utoipa::path(
    get,
    path = "/api/v1/organisations/{organisation}/limits",
    tag = "organisations",
    security(("token" = [])),
    extensions(("x-role" = json!("view")), ("x-reach" = json!("all"))),
    params(("organisation" = String, Path, description = "Xero's id of it", example = "org-1")),
    responses((status = 200, description = "The limits", body = Limits), Refusals)
)]
pub(super) async fn limits(
    State(app): State<Arc<App>>,
    InPath(id): InPath<String>,
) -> Result<Body<Limits>, ApiError> {
    let row = organisation_of(&app, &id).await?;
    let now = app.clock.now();
    let since = now.minus(Duration::from_hours(24));
    // Rows are named by app and organisation; a custom connection's organisation has no id.
    let ends = format!(":{}", row.id);
    let mut known = budgets(&app.store, &app.whole.xero).await?;
    known.retain(|name, _| name.ends_with(&ends));
    let report = known.into_values().next().unwrap_or_default();
    Ok(Body(Limits {
        day_left: report.day_remaining,
        day_max: app.whole.xero.calls_per_day,
        minute_max: app.whole.xero.calls_per_minute,
        day_written: app.store.call_count_since(&row.id, since).await?,
        trouble: report.trouble,
    }))
}
