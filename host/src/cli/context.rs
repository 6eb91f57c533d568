//! What several commands need: configuration, core, clients.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

use miette::{IntoDiagnostic, WrapErr, miette};
use serde::de::DeserializeOwned;
use tillbook::{
    config::{Config, ConfigError, Layers, Source},
    daemon::{StopSignal, stop_signal},
    door::Door,
    sandbox::Sandbox,
    store::Store,
    time::{Clock, SystemClock},
    xero_client::XeroClient,
};
use tillbook_core::settings::Settings;

use super::Global;

/// Reads the configuration from all its layers.
pub(crate) fn configure(
    global: &Global,
) -> Result<(Config, BTreeMap<String, Source>), ConfigError> {
    Layers {
        file: global.config.clone(),
        environment: std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect(),
        flags: global.set.clone(),
    }
    .resolve()
}

/// Loads the core, from the cache in the data folder where it is.
pub(crate) fn open_door(config: &Config) -> miette::Result<Door> {
    let cache = config.data.folder.join("cache");
    let sandbox = Sandbox::embedded(config.limits(), Some(&cache))
        .map_err(|error| miette!(code = error.code(), "{error}"))
        .wrap_err("the accounting core cannot be started")?;
    Ok(Door::new(sandbox))
}

/// The machine's clock.
pub(crate) fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

/// Asks loops to stop at the first Ctrl-C.
pub(crate) fn stop_on_ctrl_c() -> StopSignal {
    let (switch, stop) = stop_signal();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            switch.send(true).ok();
        }
        // The switch must outlive this task's wait: without it nobody could stop the loop.
        std::future::pending::<()>().await;
    });
    stop
}

/// A client for the configured organisation.
pub(crate) fn open_xero(config: &Config) -> miette::Result<XeroClient> {
    XeroClient::new(&config.xero, clock()).into_diagnostic()
}

/// Opens the configured database.
pub(crate) async fn open_store(config: &Config) -> miette::Result<Store> {
    if config.data.database.is_empty() {
        Store::open(&config.data.folder).await.into_diagnostic()
    } else {
        Store::connect(config.data.database.reveal())
            .await
            .into_diagnostic()
            .wrap_err("the database that `data.database` names cannot be opened")
    }
}

/// Whether there is a store yet.
fn has_store(config: &Config) -> bool {
    !config.data.database.is_empty() || Store::exists(&config.data.folder)
}

/// The settings that the configuration names, or those in the store.
pub(crate) async fn stored_settings(config: &Config) -> miette::Result<Option<Settings>> {
    if !config.sync.settings.as_os_str().is_empty() {
        return read_json(&config.sync.settings).map(Some);
    }
    if !(config.has_shop() && config.has_xero() && has_store(config)) {
        return Ok(None);
    }
    let store = open_store(config).await?;
    let stored = store
        .settings(&config.organisation_id(), config.shop.url.trim_end_matches('/'))
        .await
        .into_diagnostic()?;
    store.close().await;
    stored.map(|stored| parse_json(&stored.json, "the stored settings")).transpose()
}

/// Reads a file; the message names it.
pub(crate) fn read_file(path: &Path) -> miette::Result<String> {
    fs::read_to_string(path)
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot read `{}`", path.display()))
}

/// Reads a JSON file; the message names it and the place.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> miette::Result<T> {
    parse_json(&read_file(path)?, &path.display().to_string())
}

/// Reads JSON text that came from `name`.
pub(crate) fn parse_json<T: DeserializeOwned>(text: &str, name: &str) -> miette::Result<T> {
    serde_json::from_str(text)
        .map_err(|error| miette!(help = "look at that line and column", "`{name}`: {error}"))
}
