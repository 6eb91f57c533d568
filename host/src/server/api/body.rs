//! What goes in and out: extractors that refuse in the API's own words, and shared shapes.

use axum::{
    Json,
    extract::{FromRequest, FromRequestParts, Path, Query},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use tillbook_core::finding::{Finding, Severity};
use utoipa::{IntoParams, IntoResponses, ToSchema};

use super::super::{
    App,
    answer::{ApiError, ErrorBody},
};
use crate::{
    store::{Activity, ShopRow},
    time::Timestamp,
};

/// Reads JSON.
#[derive(FromRequest)]
#[from_request(via(Json), rejection(ApiError))]
pub(super) struct Body<T>(pub(super) T);

impl<T: Serialize> IntoResponse for Body<T> {
    fn into_response(self) -> Response {
        Json(self.0).into_response()
    }
}

/// Reads what stands in the path.
#[derive(FromRequestParts)]
#[from_request(via(Path), rejection(ApiError))]
pub(super) struct InPath<T>(pub(super) T);

/// Reads what stands behind the question mark.
#[derive(FromRequestParts)]
#[from_request(via(Query), rejection(ApiError))]
pub(super) struct InQuery<T>(pub(super) T);

/// Names one shop
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct ShopPath {
    /// The shop's name
    #[param(max_length = 64, pattern = "^[a-z0-9-]+$", example = "main")]
    pub(super) shop: String,
}

/// What operations may refuse with that ask the shop or Xero.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "only the document is made from it")]
pub(super) enum OutsideRefusals {
    /// It cannot be done as things stand; the code says what is in the way
    #[response(status = 409)]
    Conflict(ErrorBody),
    /// It is understood, and cannot be
    #[response(status = 422)]
    Unprocessable(ErrorBody),
    /// The shop or Xero does not answer, or refuses
    #[response(status = 502)]
    BadGateway(ErrorBody),
}

/// What every operation may refuse with.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "only the document is made from it")]
pub(super) enum Refusals {
    /// It cannot be understood
    #[response(status = 400)]
    BadRequest(ErrorBody),
    /// No good token
    #[response(status = 401)]
    Unauthorized(ErrorBody),
    /// The token may not do this
    #[response(status = 403)]
    Forbidden(ErrorBody),
    /// There is no such thing
    #[response(status = 404)]
    NotFound(ErrorBody),
    /// Too many requests; `Retry-After` says when to come again
    #[response(status = 429)]
    TooMany(ErrorBody),
    /// The database does not answer
    #[response(status = 503)]
    Unavailable(ErrorBody),
}

/// What operations that take a body may refuse with besides.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "only the document is made from it")]
pub(super) enum BodyRefusals {
    /// The body is too large
    #[response(status = 413)]
    TooLarge(ErrorBody),
    /// The body is no JSON
    #[response(status = 415)]
    NoJson(ErrorBody),
}

/// A reason, for people.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Reason {
    /// Why; it is shown wherever the effect is
    #[schema(
        min_length = 1,
        max_length = 500,
        pattern = "^[^\\x00-\\x1F\\x7F]*$",
        example = "stocktaking"
    )]
    reason: String,
}

impl Reason {
    pub(super) fn check(self) -> Result<String, ApiError> {
        checked("reason", self.reason, 500)
    }
}

/// Text that people have written: not empty, not endless, without control characters.
pub(super) fn checked(name: &str, text: String, characters_max: usize) -> Result<String, ApiError> {
    if text.is_empty() || is_odd(&text, characters_max) {
        let message = format!("`{name}` must be 1 to {characters_max} characters on one line");
        return Err(ApiError::bad_request(message));
    }
    Ok(text)
}

/// How many rows, between 1 and `most`.
pub(super) fn limited(limit: Option<u32>, usual: u32, most: u32) -> Result<u32, ApiError> {
    let limit = limit.unwrap_or(usual);
    if (1..=most).contains(&limit) {
        Ok(limit)
    } else {
        Err(ApiError::bad_request(format!("`limit` must be from 1 to {most}")))
    }
}

/// A moment as `2026-11-22T13:07:06Z`.
pub(super) fn moment(at: Timestamp) -> String {
    chrono::DateTime::from_timestamp_millis(at.ms())
        .unwrap_or_default()
        .to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// Whether something is worked for
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ActivityWord {
    /// It is
    Active,
    /// It is not; hints are kept
    Paused,
}

impl From<Activity> for ActivityWord {
    fn from(activity: Activity) -> Self {
        match activity {
            Activity::Active => Self::Active,
            Activity::Paused => Self::Paused,
        }
    }
}

/// What the core, or Xero, has to say of an object
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FindingShape {
    /// A word that does not change; each is explained in `core/FINDINGS.md`
    #[schema(example = "tax.unmapped")]
    code: String,
    /// `error` holds the object, `warning` does not
    #[schema(example = "error")]
    severity: &'static str,
    /// For people
    message: String,
    /// What would cure it
    cure: String,
    /// Where in the object or in the settings
    field: Option<String>,
}

impl From<&Finding> for FindingShape {
    fn from(finding: &Finding) -> Self {
        Self {
            code: finding.code.clone(),
            severity: match finding.severity {
                Severity::Error => "error",
                _ => "warning",
            },
            message: finding.message.clone(),
            cure: finding.cure.clone(),
            field: finding.field.clone(),
        }
    }
}

pub(super) fn findings(findings: &[Finding]) -> Vec<FindingShape> {
    findings.iter().map(FindingShape::from).collect()
}

/// Does what waits for shop and Xero on a thread of its own: it goes on to its end though the one
/// who asked goes away, and holds up nobody.
pub(super) async fn aside<T, Work>(
    work: impl FnOnce() -> Work + Send + 'static,
) -> Result<T, ApiError>
where
    T: Send + 'static,
    Work: Future<Output = Result<T, ApiError>>,
{
    let runtime = tokio::runtime::Handle::current();
    let done = tokio::task::spawn_blocking(move || runtime.block_on(work())).await;
    done.unwrap_or_else(|error| {
        tracing::error!(%error, "a request broke down");
        Err(ApiError::internal())
    })
}

/// Ids in one text, `1,2,3`: at most a hundred.
pub(super) fn ids_of(text: &str) -> Result<Vec<u64>, ApiError> {
    let ids: Option<Vec<u64>> =
        text.split(',').map(|id| id.trim().parse().ok().filter(|id| *id > 0)).collect();
    match ids {
        Some(ids) if ids.len() <= IDS_MAX => Ok(ids),
        _ => Err(ApiError::bad_request(format!("`ids` must be 1 to {IDS_MAX} ids, as 1,2,3"))),
    }
}

/// Whether text is endless or has control characters, which nobody types and PostgreSQL may refuse.
pub(super) fn is_odd(text: &str, characters_max: usize) -> bool {
    text.chars().count() > characters_max || text.contains(|c: char| c.is_ascii_control())
}

/// Objects in one question.
pub(super) const IDS_MAX: usize = 100;

/// The shop of a slug.
pub(super) async fn shop_of(app: &App, slug: &str) -> Result<ShopRow, ApiError> {
    // No slug holds anything else, and PostgreSQL takes no NUL.
    let odd = slug.contains(|c: char| c.is_ascii_control());
    let found = if odd { None } else { app.store.shop(slug).await? };
    found.ok_or_else(|| ApiError::not_found("there is no such shop"))
}
