//! Tokens: who has which, give one, take one back.

use std::{sync::Arc, time::Duration};

use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use utoipa::ToSchema;

use super::{
    super::{App, access::Caller, answer::ApiError},
    body::{Body, BodyRefusals, InPath, Refusals, checked, moment, shop_of},
};
use crate::store::{NewToken, Role, TokenRow};

/// What a token may do; each role may what those before it may
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum RoleWord {
    /// Look
    View,
    /// Pause, resume, retry, exclude, push, sync
    Operate,
    /// Give and take back tokens
    Configure,
}

impl From<Role> for RoleWord {
    fn from(role: Role) -> Self {
        match role {
            Role::View => Self::View,
            Role::Operate => Self::Operate,
            Role::Configure => Self::Configure,
        }
    }
}

impl From<RoleWord> for Role {
    fn from(word: RoleWord) -> Self {
        match word {
            RoleWord::View => Self::View,
            RoleWord::Operate => Self::Operate,
            RoleWord::Configure => Self::Configure,
        }
    }
}

/// A token, without the token itself
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TokenShape {
    /// Its public name
    id: String,
    /// What it is for
    name: String,
    role: RoleWord,
    /// The only shop it is good for
    shop: Option<String>,
    #[schema(format = DateTime)]
    made: String,
    #[schema(format = DateTime)]
    expires: Option<String>,
    /// When it was last used, to the minute
    #[schema(format = DateTime)]
    used: Option<String>,
    #[schema(format = DateTime)]
    revoked: Option<String>,
}

impl From<TokenRow> for TokenShape {
    fn from(row: TokenRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            role: row.role.into(),
            shop: row.shop,
            made: moment(row.made),
            expires: row.expires.map(moment),
            used: row.used.map(moment),
            revoked: row.revoked.map(moment),
        }
    }
}

/// The tokens
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Tokens {
    tokens: Vec<TokenShape>,
}

/// What is known of the token that asks
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Me {
    /// Its public name
    id: String,
    /// What it is for
    name: String,
    role: RoleWord,
    /// The only shop it is good for
    shop: Option<String>,
}

/// What the token that asks may do
#[utoipa::path(
    get,
    path = "/api/v1/me",
    tag = "access",
    security(("token" = [])),
    extensions(("x-role" = json!("view")), ("x-reach" = json!("own"))),
    responses((status = 200, description = "The token", body = Me), Refusals)
)]
pub(super) async fn me(caller: Caller) -> Body<Me> {
    let Caller { id, name, role, shop } = caller;
    Body(Me { id, name, role: role.into(), shop })
}

/// All tokens, also those that are no good any more
#[utoipa::path(
    get,
    path = "/api/v1/tokens",
    tag = "access",
    security(("token" = [])),
    extensions(("x-role" = json!("configure")), ("x-reach" = json!("all"))),
    responses((status = 200, description = "Oldest first", body = Tokens), Refusals)
)]
pub(super) async fn list(State(app): State<Arc<App>>) -> Result<Body<Tokens>, ApiError> {
    let rows = app.store.tokens().await?;
    Ok(Body(Tokens { tokens: rows.into_iter().map(TokenShape::from).collect() }))
}

/// What a new token shall be
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// What it is for
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = "^[^\\x00-\\x1F\\x7F]*$",
        example = "dashboard"
    )]
    name: String,
    role: RoleWord,
    /// The only shop it shall be good for
    #[schema(max_length = 64)]
    shop: Option<String>,
    /// Days until it ends by itself; without them it does not
    #[serde(default, deserialize_with = "whole")]
    #[schema(minimum = 1, maximum = 3650)]
    expires_days: Option<u32>,
}

/// A whole number, also one that is written as `30.0`: to JSON they are the same.
fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    let Some(number) = Option::<serde_json::Number>::deserialize(deserializer)? else {
        return Ok(None);
    };
    let text = number.to_string();
    let digits = text.strip_suffix(".0").unwrap_or(&text);
    digits.parse().map(Some).map_err(|_| D::Error::custom(format!("`{text}` is no number of days")))
}

/// A new token
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NewShape {
    /// The token itself: shown here, and never again
    token: String,
    #[serde(flatten)]
    row: TokenShape,
}

/// Give a token
#[utoipa::path(
    post,
    path = "/api/v1/tokens",
    tag = "access",
    security(("token" = [])),
    extensions(("x-role" = json!("configure")), ("x-reach" = json!("all"))),
    request_body = Wanted,
    responses((status = 201, description = "The token", body = NewShape), Refusals, BodyRefusals)
)]
pub(super) async fn add(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(wanted): Body<Wanted>,
) -> Result<(StatusCode, Body<NewShape>), ApiError> {
    let now = app.clock.now();
    if let Some(slug) = &wanted.shop {
        shop_of(&app, slug).await?;
    }
    let expires = match wanted.expires_days {
        Some(days) if (1..=3_650).contains(&days) => {
            Some(now.plus(Duration::from_hours(24 * u64::from(days))))
        }
        Some(_) => return Err(ApiError::bad_request("`expires_days` must be from 1 to 3650")),
        None => None,
    };
    let name = checked("name", wanted.name, 100)?;
    let new = NewToken { name, role: wanted.role.into(), shop: wanted.shop, expires };
    let (row, token) = app.store.add_token(&new, now).await?;
    tracing::info!(token = row.id, role = row.role.as_str(), who = caller.who(), "token given");
    let token = token.reveal().to_owned();
    Ok((StatusCode::CREATED, Body(NewShape { token, row: row.into() })))
}

/// Take a token back, for good
#[utoipa::path(
    delete,
    path = "/api/v1/tokens/{id}",
    tag = "access",
    security(("token" = [])),
    extensions(("x-role" = json!("configure")), ("x-reach" = json!("all"))),
    params(("id" = String, Path, description = "The token's public name", pattern = "^[0-9a-f]{12}$")),
    responses((status = 204, description = "It is no good any more"), Refusals)
)]
pub(super) async fn revoke(
    State(app): State<Arc<App>>,
    caller: Caller,
    InPath(id): InPath<String>,
) -> Result<StatusCode, ApiError> {
    let is_id = id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_id || !app.store.revoke_token(&id, app.clock.now()).await? {
        return Err(ApiError::not_found("there is no such token"));
    }
    tracing::info!(token = id, who = caller.who(), "token taken back");
    Ok(StatusCode::NO_CONTENT)
}
