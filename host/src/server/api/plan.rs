//! Plans: what was sent, and what is on its way.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    super::{App, answer::ApiError},
    body::{Body, InPath, InQuery, Refusals, limited, moment},
    organisation::organisation_of,
};
use crate::store::{PlanCallRow, PlanRow, StoredPlan};

/// A plan
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PlanShape {
    /// What names it
    plan: String,
    /// `saved`, `applying`, `done` or `stopped`
    #[schema(example = "done")]
    state: &'static str,
    #[schema(format = DateTime)]
    made: String,
}

impl From<PlanRow> for PlanShape {
    fn from(row: PlanRow) -> Self {
        Self { plan: row.sha256, state: row.state.as_str(), made: moment(row.made) }
    }
}

/// The plans
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Plans {
    plans: Vec<PlanShape>,
}

/// How many
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Page {
    /// At most so many, 50 unless said
    #[param(minimum = 1, maximum = 200)]
    pub(super) limit: Option<u32>,
}

/// The newest plans
#[utoipa::path(
    get,
    path = "/api/v1/organisations/{organisation}/plans",
    tag = "plans",
    security(("token" = [])),
    extensions(("x-role" = json!("view")), ("x-reach" = json!("all"))),
    params(("organisation" = String, Path, description = "Xero's id of it", example = "org-1"), Page),
    responses((status = 200, description = "Newest first", body = Plans), Refusals)
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    InPath(id): InPath<String>,
    InQuery(page): InQuery<Page>,
) -> Result<Body<Plans>, ApiError> {
    let limit = limited(page.limit, 50, 200)?;
    let organisation = organisation_of(&app, &id).await?;
    let rows = app.store.plan_rows(&organisation.id, limit).await?;
    Ok(Body(Plans { plans: rows.into_iter().map(PlanShape::from).collect() }))
}

/// A call of a plan; its body stays in the store
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CallShape {
    /// Its place in the plan
    place: i64,
    /// `planned`, `sent`, `done` or `passed`
    #[schema(example = "done")]
    state: String,
    #[schema(format = DateTime)]
    sent: Option<String>,
    #[schema(format = DateTime)]
    done: Option<String>,
    /// The status that Xero answered with
    status: Option<i64>,
}

impl From<PlanCallRow> for CallShape {
    fn from(row: PlanCallRow) -> Self {
        let (sent, done) = (row.sent.map(moment), row.done.map(moment));
        Self { place: row.place, state: row.state, sent, done, status: row.status }
    }
}

/// A plan with its calls
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PlanWithCalls {
    #[serde(flatten)]
    plan: PlanShape,
    /// Its calls, once it has been begun
    calls: Vec<CallShape>,
}

impl PlanWithCalls {
    pub(super) fn new(plan: &StoredPlan, calls: Vec<CallShape>) -> Self {
        let (state, made) = (plan.state.as_str(), moment(plan.made));
        Self { plan: PlanShape { plan: plan.sha256.clone(), state, made }, calls }
    }
}

/// One plan, by its name or the beginning of it
#[utoipa::path(
    get,
    path = "/api/v1/organisations/{organisation}/plans/{plan}",
    tag = "plans",
    security(("token" = [])),
    extensions(("x-role" = json!("view")), ("x-reach" = json!("all"))),
    params(
        ("organisation" = String, Path, description = "Xero's id of it", example = "org-1"),
        ("plan" = String, Path, description = "Its name", pattern = "^[0-9a-f]{8,64}$")
    ),
    responses((status = 200, description = "The plan", body = PlanWithCalls), Refusals)
)]
pub(super) async fn read(
    State(app): State<Arc<App>>,
    InPath((id, name)): InPath<(String, String)>,
) -> Result<Body<PlanWithCalls>, ApiError> {
    let none = || ApiError::not_found("there is no such plan");
    let organisation = organisation_of(&app, &id).await?;
    if name.len() < 8 || !name.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(none());
    }
    let found = app.store.plan_row(&organisation.id, &name).await?.ok_or_else(none)?;
    let calls = app.store.plan_call_rows(&organisation.id, &found.sha256).await?;
    let calls = calls.into_iter().map(CallShape::from).collect();
    Ok(Body(PlanWithCalls { plan: found.into(), calls }))
}
