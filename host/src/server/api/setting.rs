//! Settings, and switching a shop on.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tillbook_core::{
    contract::{CONTRACT_VERSION, CheckRequest, CheckResponse},
    settings::Settings,
};
use utoipa::ToSchema;

use super::{
    super::{App, access::Caller, answer::ApiError},
    body::{
        Body, BodyRefusals, FindingShape, InPath, OutsideRefusals, Refusals, ShopPath, aside,
        findings, shop_of,
    },
    status::{Status, status_of, xero_is_ready},
};
use crate::{
    branch::View,
    door::as_refs,
    store::{ShopRow, Switches},
    time::Timestamp,
};

/// A chart that settings are checked against is as new as this: a person may just have made the
/// account that they choose.
const CHART_AGE: Duration = Duration::from_secs(60);

/// Settings that shall hold from now on
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSettings {
    /// All of them, as the core's contract says
    #[schema(value_type = Object)]
    settings: Box<RawValue>,
    /// SHA-256 of the saved ones that they were made from; none where there were none
    #[schema(max_length = 64)]
    based_on: Option<String>,
}

/// Settings that were saved
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SavedSettings {
    /// Their SHA-256
    sha256: String,
    /// What is worth knowing about them
    findings: Vec<FindingShape>,
}

/// Save a shop's settings, checked against its Xero organisation
///
/// Refuses with 409 `changed_meanwhile` where somebody else has saved others, with 422
/// `settings_refused` and the findings where they cannot be used. Nothing is sent by it: what was
/// posted follows at the next round.
#[utoipa::path(
    put,
    path = "/api/v1/shops/{shop}/settings",
    tag = "shops",
    security(("token" = [])),
    extensions(("x-role" = json!("configure")), ("x-reach" = json!("shop"))),
    params(ShopPath),
    request_body = NewSettings,
    responses(
        (status = 200, description = "They are saved", body = SavedSettings),
        Refusals, BodyRefusals, OutsideRefusals
    )
)]
pub(super) async fn put(
    State(app): State<Arc<App>>,
    caller: Caller,
    InPath(ShopPath { shop }): InPath<ShopPath>,
    Body(new): Body<NewSettings>,
) -> Result<Body<SavedSettings>, ApiError> {
    aside(move || async move {
        let shop = shop_of(&app, &shop).await?;
        let stored = app.store.settings(&shop.organisation, &shop.url).await?;
        let changed = || {
            let message = "somebody else has saved other settings meanwhile; look at them first";
            ApiError::conflict("changed_meanwhile", message)
        };
        if stored.map(|stored| stored.sha256) != new.based_on {
            return Err(changed());
        }
        let settings: Settings = serde_json::from_str(new.settings.get()).map_err(|error| {
            let message = format!("these are no settings: {error}");
            ApiError::unprocessable("settings_refused", message).with("findings", &[(); 0])
        })?;
        let checked = check(&app, &shop, &settings).await?;
        let found = findings(&checked.findings);
        if !checked.ok {
            let message = "the settings cannot be used as they are; each finding says why";
            return Err(
                ApiError::unprocessable("settings_refused", message).with("findings", &found)
            );
        }
        let sha256 = save(&app, &shop, &settings, new.based_on.as_deref()).await?;
        let sha256 = sha256.ok_or_else(changed)?;
        tracing::info!(shop = shop.slug, sha256, who = caller.who(), "settings were saved");
        app.wake.notify_one();
        Ok(Body(SavedSettings { sha256, findings: found }))
    })
    .await
}

async fn check(app: &App, shop: &ShopRow, settings: &Settings) -> Result<CheckResponse, ApiError> {
    let view = app.branches()?.read(shop, CHART_AGE).await?;
    check_with(app, &view, settings).await
}

async fn check_with(
    app: &App,
    view: &View,
    settings: &Settings,
) -> Result<CheckResponse, ApiError> {
    let (chart, _) = view.chart.as_ref().ok_or_else(|| {
        let message = if view.trouble.is_empty() {
            String::from("connect the shop with Xero first: settings are checked against its chart")
        } else {
            format!("the chart of the Xero organisation cannot be read: {}", view.trouble)
        };
        ApiError::conflict("not_connected", message)
    })?;
    let request = CheckRequest {
        contract: CONTRACT_VERSION,
        settings: settings.clone(),
        chart: chart.as_input(),
        tax_rates: as_refs(&view.background.tax_rates),
        gateways: as_refs(&view.background.gateways),
    };
    Ok(app.branches()?.opener().door.check_settings(&request).await?)
}

/// Saves settings, and which kinds are not queued by them; `None` where others were saved meanwhile.
async fn save(
    app: &App,
    shop: &ShopRow,
    settings: &Settings,
    based_on: Option<&str>,
) -> Result<Option<String>, ApiError> {
    let text = serde_json::to_string(settings).map_err(|error| {
        tracing::error!(%error, "settings cannot be written");
        ApiError::internal()
    })?;
    let (place, now) = ((shop.organisation.as_str(), shop.url.as_str()), app.clock.now());
    let saved = app.store.replace_settings(place, &text, based_on, now).await?;
    if saved.is_some() {
        let off: BTreeSet<String> = settings
            .sync
            .all()
            .into_iter()
            .filter(|(kind, switch)| !switch.on && *kind != "stock")
            .map(|(kind, _)| kind.to_owned())
            .collect();
        let switches = serde_json::to_string(&Switches { off }).unwrap_or_default();
        app.store.set_switches(&shop.slug, &switches).await?;
        app.intake.forget(&shop.slug);
    }
    Ok(saved)
}

/// From when a shop is switched on
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Beginning {
    /// The first day, or moment in UTC, whose orders are sent by themselves; now without
    #[schema(max_length = 25, example = "2026-12-01")]
    from: Option<String>,
}

/// Switch a shop on: what happens from then on is sent
///
/// Refuses with 409 `not_ready` and what is `missing`: `xero`, `settings`, or `settings_refused`
/// with the findings' sentences in the message.
#[utoipa::path(
    post,
    path = "/api/v1/shops/{shop}/activate",
    tag = "shops",
    security(("token" = [])),
    extensions(("x-role" = json!("configure")), ("x-reach" = json!("shop"))),
    params(ShopPath),
    request_body = Beginning,
    responses(
        (status = 200, description = "How it stands now", body = Status),
        Refusals, BodyRefusals, OutsideRefusals
    )
)]
pub(super) async fn activate(
    State(app): State<Arc<App>>,
    caller: Caller,
    InPath(ShopPath { shop }): InPath<ShopPath>,
    Body(beginning): Body<Beginning>,
) -> Result<Body<Status>, ApiError> {
    aside(move || async move {
        let now = app.clock.now();
        let from = match beginning.from.as_deref() {
            None | Some("") => now,
            Some(text) => Timestamp::parse(text)
                .ok_or_else(|| ApiError::bad_request("`from` is no day; write it as 2026-12-01"))?,
        };
        let shop = shop_of(&app, &shop).await?;
        let stored = app.store.settings(&shop.organisation, &shop.url).await?;
        let mut missing = Vec::new();
        if !xero_is_ready(&app, &shop).await? {
            missing.push("xero");
        }
        let Some(stored) = stored.filter(|_| missing.is_empty()) else {
            if app.store.settings(&shop.organisation, &shop.url).await?.is_none() {
                missing.push("settings");
            }
            return Err(not_ready(&missing, "the shop cannot be switched on yet"));
        };
        let mut settings: Settings = serde_json::from_str(&stored.json)
            .map_err(|_| not_ready(&["settings"], "no settings"))?;
        let checked = check(&app, &shop, &settings).await?;
        if !checked.ok {
            let words: Vec<&str> =
                checked.findings.iter().map(|finding| finding.message.as_str()).collect();
            return Err(not_ready(&["settings_refused"], &words.join("; ")));
        }
        for switch in [&mut settings.sync.orders, &mut settings.sync.summaries] {
            from.to_utc().clone_into(&mut switch.from);
        }
        if save(&app, &shop, &settings, Some(&stored.sha256)).await?.is_none() {
            let message = "somebody else has saved other settings meanwhile; look at them first";
            return Err(ApiError::conflict("changed_meanwhile", message));
        }
        app.store.activate_shop(&shop.slug, from).await?;
        app.store.want_sweep(&shop.slug, &format!("switched on by {}", caller.who()), now).await?;
        app.store.unpark(&shop.organisation).await?;
        tracing::info!(shop = shop.slug, %from, who = caller.who(), "a shop was switched on");
        app.wake.notify_one();
        status_of(&app, &shop.slug).await.map(Body)
    })
    .await
}

fn not_ready(missing: &[&str], message: &str) -> ApiError {
    ApiError::new(StatusCode::CONFLICT, "not_ready", message).with("missing", &missing)
}
