//! The queue as people see it.

use std::{collections::BTreeMap, sync::Arc};

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    super::{App, answer::ApiError},
    body::{
        Body, FindingShape, InPath, InQuery, Refusals, findings, is_odd, limited, moment, shop_of,
    },
};
use crate::store::{BoardEntry, BoardFilter, HeldRow, JobState};

/// What a person can see of an object
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum StateWord {
    /// It is going to be looked at
    Waiting,
    /// A worker has it
    Running,
    /// It went wrong, and is tried again later by itself
    Retrying,
    /// A person must act
    Held,
    /// It is in Xero, or needs nothing there
    Done,
    /// A person took it out
    Excluded,
}

impl From<JobState> for StateWord {
    fn from(state: JobState) -> Self {
        match state {
            JobState::Waiting => Self::Waiting,
            JobState::Running => Self::Running,
            JobState::Retrying => Self::Retrying,
            JobState::Held => Self::Held,
            JobState::Done => Self::Done,
            JobState::Excluded => Self::Excluded,
        }
    }
}

impl From<StateWord> for JobState {
    fn from(word: StateWord) -> Self {
        match word {
            StateWord::Waiting => Self::Waiting,
            StateWord::Running => Self::Running,
            StateWord::Retrying => Self::Retrying,
            StateWord::Held => Self::Held,
            StateWord::Done => Self::Done,
            StateWord::Excluded => Self::Excluded,
        }
    }
}

/// Which rows
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Filter {
    /// Only those in this state
    #[param(inline)]
    state: Option<StateWord>,
    /// Only those with this id
    #[param(max_length = 20, pattern = "^[^\\x00-\\x1F\\x7F]*$")]
    id: Option<String>,
    /// At most so many, 50 unless said
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Those behind this place: `next` of the page before
    #[param(max_length = 200, pattern = "^[^\\x00-\\x1F\\x7F]*$")]
    after: Option<String>,
}

/// Objects of a shop, with their states
#[utoipa::path(
    get,
    path = "/api/v1/shops/{shop}/queue",
    tag = "queue",
    security(("token" = [])),
    extensions(("x-role" = json!("view")), ("x-reach" = json!("shop"))),
    params(("shop" = String, Path, description = "The shop's name", max_length = 64, pattern = "^[a-z0-9-]+$", example = "main"), Filter),
    responses((status = 200, description = "One page", body = Queue), Refusals)
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    InPath(slug): InPath<String>,
    InQuery(filter): InQuery<Filter>,
) -> Result<Body<Queue>, ApiError> {
    let limit = limited(filter.limit, 50, 200)?;
    let odd = |text: &Option<String>, characters_max: usize| {
        is_odd(text.as_deref().unwrap_or_default(), characters_max)
    };
    if odd(&filter.id, 20) || odd(&filter.after, 200) {
        return Err(ApiError::bad_request("`id` or `after` cannot be understood"));
    }
    let shop = shop_of(&app, &slug).await?;
    let filter = BoardFilter {
        state: filter.state.map(JobState::from),
        shop: Some(shop.url),
        object_id: filter.id,
        limit,
        after: filter.after.unwrap_or_default(),
    };
    let entries = app.store.board(&shop.organisation, &filter, app.clock.now()).await?;
    let full = entries.len() >= usize::try_from(limit).unwrap_or(usize::MAX);
    let next = entries.last().filter(|_| full).map(|last| last.place.clone());
    Ok(Body(Queue { objects: entries.into_iter().map(ObjectShape::from).collect(), next }))
}

/// A page of the queue
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Queue {
    objects: Vec<ObjectShape>,
    /// Give this as `after` for the next page; none at the end
    next: Option<String>,
}

/// An object and its state
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ObjectShape {
    /// `order`, `product` or `customer`
    #[schema(example = "order")]
    kind: String,
    /// The shop's id of it
    #[schema(example = "1201")]
    id: String,
    state: StateWord,
    /// Why, for people
    reason: String,
    /// When it is tried again
    #[schema(format = DateTime)]
    run_after: Option<String>,
    /// How often it came back to the queue
    attempts: i64,
    findings: Vec<FindingShape>,
}

impl From<BoardEntry> for ObjectShape {
    fn from(entry: BoardEntry) -> Self {
        Self {
            kind: entry.key.kind,
            id: entry.key.object_id,
            state: entry.state.into(),
            reason: entry.reason,
            run_after: entry.run_after.map(moment),
            attempts: entry.attempts,
            findings: findings(&entry.findings),
        }
    }
}

/// How many objects are in which state
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Counts {
    /// By state, those of the whole organisation
    counts: BTreeMap<StateWord, u64>,
}

/// How many objects of a shop's organisation are in which state
#[utoipa::path(
    get,
    path = "/api/v1/shops/{shop}/queue/counts",
    tag = "queue",
    security(("token" = [])),
    extensions(("x-role" = json!("view")), ("x-reach" = json!("shop"))),
    params(("shop" = String, Path, description = "The shop's name", max_length = 64, pattern = "^[a-z0-9-]+$", example = "main")),
    responses((status = 200, description = "The counts", body = Counts), Refusals)
)]
pub(super) async fn counts(
    State(app): State<Arc<App>>,
    InPath(slug): InPath<String>,
) -> Result<Body<Counts>, ApiError> {
    let shop = shop_of(&app, &slug).await?;
    let counts = app.store.board_counts(&shop.organisation, app.clock.now()).await?;
    let counts = counts.into_iter().map(|(state, count)| (state.into(), count)).collect();
    Ok(Body(Counts { counts }))
}

/// Something that a person must look at
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HeldShape {
    /// `order`, `product` or `customer`
    #[schema(example = "order")]
    kind: String,
    /// The shop's id of it
    #[schema(example = "1201")]
    id: String,
    /// `held` by a finding, or `refused` by Xero
    #[schema(example = "held")]
    outcome: String,
    #[schema(format = DateTime)]
    since: String,
    findings: Vec<FindingShape>,
}

impl From<HeldRow> for HeldShape {
    fn from(row: HeldRow) -> Self {
        Self {
            kind: row.key.kind,
            id: row.key.object_id,
            outcome: row.outcome,
            since: moment(row.settled),
            findings: findings(&row.findings),
        }
    }
}

/// What a person must look at
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Held {
    held: Vec<HeldShape>,
}

/// What of a shop is held, and why
#[utoipa::path(
    get,
    path = "/api/v1/shops/{shop}/held",
    tag = "queue",
    security(("token" = [])),
    extensions(("x-role" = json!("view")), ("x-reach" = json!("shop"))),
    params(("shop" = String, Path, description = "The shop's name", max_length = 64, pattern = "^[a-z0-9-]+$", example = "main"), super::plan::Page),
    responses((status = 200, description = "Newest first", body = Held), Refusals)
)]
pub(super) async fn held(
    State(app): State<Arc<App>>,
    InPath(slug): InPath<String>,
    InQuery(page): InQuery<super::plan::Page>,
) -> Result<Body<Held>, ApiError> {
    let limit = limited(page.limit, 50, 200)?;
    let shop = shop_of(&app, &slug).await?;
    let rows = app.store.held(&shop.organisation, &shop.url, limit).await?;
    Ok(Body(Held { held: rows.into_iter().map(HeldShape::from).collect() }))
}
