//! How a shop stands: what people see first.

use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;
use tillbook_core::{contract::CORE_VERSION, settings::Settings};
use utoipa::ToSchema;

use super::{
    super::{App, answer::ApiError},
    body::{ActivityWord, Body, InPath, Refusals, ShopPath, moment, shop_of},
};
use crate::{
    module,
    store::{Activity, Connection, JobState, OrganisationRow, ShopRow, StoredSettings},
    time::Timestamp,
    worker::Marks,
    xero_client::scope,
};

/// How a shop stands with Xero
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum XeroState {
    /// No organisation is chosen, or nobody may speak for it
    None,
    /// All is well
    Connected,
    /// Only a person can go on: connect again
    NeedsPerson,
}

/// An organisation of Xero
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NamedOrganisation {
    /// Xero's id of it
    pub(super) id: String,
    /// Its name
    pub(super) name: String,
}

/// A shop's connection with Xero
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct XeroStanding {
    state: XeroState,
    /// The organisation that the shop's documents go to
    organisation: Option<NamedOrganisation>,
    /// Why a person is needed
    reason: String,
    /// Scopes that the settings need and that were not given: connecting again widens them
    missing_scopes: Vec<&'static str>,
}

/// Whether there are settings
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum SettingsState {
    /// Nobody has saved any
    None,
    /// They are saved
    Stored,
}

/// A shop's settings
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SettingsStanding {
    state: SettingsState,
    /// SHA-256 of the saved ones: what a change must be based on
    sha256: Option<String>,
}

/// How many of the shop's objects are in which state
#[derive(Debug, Default, Serialize, ToSchema)]
pub(super) struct StatusCounts {
    waiting: u64,
    running: u64,
    held: u64,
    retrying: u64,
    done: u64,
    excluded: u64,
}

/// How a shop stands
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Status {
    /// The shop's name
    shop: String,
    /// Its address
    url: String,
    state: ActivityWord,
    /// Why it is paused, or why it waits
    reason: String,
    /// Since when; none until it is switched on
    #[schema(format = DateTime)]
    active_since: Option<String>,
    /// Version of the accounting core
    core_version: &'static str,
    /// SHA-256 of the core's module
    module_sha256: &'static str,
    xero: XeroStanding,
    settings: SettingsStanding,
    /// When the shop was last looked through
    #[schema(format = DateTime)]
    last_run: Option<String>,
    /// When the next round is; none while nothing is done
    #[schema(format = DateTime)]
    next_run: Option<String>,
    counts: StatusCounts,
    /// Whether the whole organisation is paused
    paused_organisation: bool,
}

/// How a shop stands: connections, settings, what waits
#[utoipa::path(
    get,
    path = "/api/v1/shops/{shop}/status",
    tag = "shops",
    security(("token" = [])),
    extensions(("x-role" = json!("view")), ("x-reach" = json!("shop"))),
    params(ShopPath),
    responses((status = 200, description = "How it stands", body = Status), Refusals)
)]
pub(super) async fn read(
    State(app): State<Arc<App>>,
    InPath(ShopPath { shop }): InPath<ShopPath>,
) -> Result<Body<Status>, ApiError> {
    status_of(&app, &shop).await.map(Body)
}

pub(super) async fn status_of(app: &App, slug: &str) -> Result<Status, ApiError> {
    let shop = shop_of(app, slug).await?;
    let now = app.clock.now();
    let stored = app.store.settings(&shop.organisation, &shop.url).await?;
    let organisations = app.store.organisations().await?;
    let organisation = organisations.into_iter().find(|one| one.id == shop.organisation);
    let paused = organisation.as_ref().is_some_and(|one| one.activity == Activity::Paused);
    let round = app.store.next_round(&shop.organisation).await?;
    let works = shop.activity == Activity::Active && !paused;
    let (next_run, waits) = match round.filter(|_| works) {
        Some((next, reason)) => (Some(moment(next.max(now))), reason),
        None => (None, String::new()),
    };
    let swept = serde_json::from_str::<Marks>(&shop.marks).unwrap_or_default().swept_ms;
    Ok(Status {
        state: shop.activity.into(),
        reason: if shop.reason.is_empty() { waits } else { shop.reason.clone() },
        active_since: shop.was_on().then(|| moment(shop.activated)),
        core_version: CORE_VERSION,
        module_sha256: module::SHA256,
        xero: standing(app, &shop, organisation, stored.as_ref()).await?,
        settings: SettingsStanding {
            state: stored.as_ref().map_or(SettingsState::None, |_| SettingsState::Stored),
            sha256: stored.map(|stored| stored.sha256),
        },
        last_run: (swept > 0).then(|| moment(Timestamp::from_ms(swept))),
        next_run,
        counts: counts(app, &shop).await?,
        paused_organisation: paused,
        shop: shop.slug,
        url: shop.url,
    })
}

async fn counts(app: &App, shop: &ShopRow) -> Result<StatusCounts, ApiError> {
    let now = app.clock.now();
    let found = app.store.board_counts_of(&shop.organisation, &shop.url, now).await?;
    let of = |state: JobState| found.get(&state).copied().unwrap_or(0);
    Ok(StatusCounts {
        waiting: of(JobState::Waiting),
        running: of(JobState::Running),
        held: of(JobState::Held),
        retrying: of(JobState::Retrying),
        done: of(JobState::Done),
        excluded: of(JobState::Excluded),
    })
}

async fn standing(
    app: &App,
    shop: &ShopRow,
    organisation: Option<OrganisationRow>,
    stored: Option<&StoredSettings>,
) -> Result<XeroStanding, ApiError> {
    let connection = app.store.connection_of(&shop.organisation).await?;
    let configured = app.whole.has_xero() && shop.organisation == app.whole.organisation_id();
    let (state, reason) = match &connection {
        Some(Connection { needs_person: Some(reason), .. }) => {
            (XeroState::NeedsPerson, reason.clone())
        }
        Some(_) => (XeroState::Connected, String::new()),
        None if configured => (XeroState::Connected, String::new()),
        None if shop.organisation.is_empty() => (XeroState::None, String::new()),
        None => (XeroState::None, String::from("nobody is connected to this organisation")),
    };
    let settings: Option<Settings> =
        stored.and_then(|stored| serde_json::from_str(&stored.json).ok());
    let missing_scopes = connection.map(|connection| {
        let mut needed = scope::needed(settings.as_ref());
        needed.retain(|one| *one != scope::OFFLINE);
        scope::missing(&connection.scopes, &needed)
    });
    let organisation = organisation.map(|one| NamedOrganisation { id: one.id, name: one.name });
    let missing_scopes = missing_scopes.unwrap_or_default();
    Ok(XeroStanding { state, organisation, reason, missing_scopes })
}

/// What is missing of Xero's part before a shop can be switched on.
pub(super) async fn xero_is_ready(app: &App, shop: &ShopRow) -> Result<bool, ApiError> {
    let standing = standing(app, shop, None, None).await?;
    Ok(standing.state == XeroState::Connected)
}
