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
    xero_client::{self, XeroClient},
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
    Ok(Door::new(sandbox).recording(config.retention.recordings_days > 0))
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

/// Asks loops to stop at the first Ctrl-C or SIGTERM; at the second the program is gone.
pub(crate) fn stop_when_asked() -> StopSignal {
    let (switch, stop) = stop_signal();
    tokio::spawn(async move {
        asked().await;
        switch.send(true).ok();
        asked().await;
        std::process::exit(130);
    });
    stop
}

async fn asked() {
    let terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
    let terminated = async {
        match terminated {
            Ok(mut signal) => signal.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminated => {}
    }
}

/// A client for an organisation, with its id in the store: by the connection that speaks for it, or
/// else by the configured custom connection. `None` when neither is there.
pub(crate) async fn open_xero(
    config: &Config,
    store: &Store,
) -> miette::Result<Option<(String, XeroClient)>> {
    let id = meant_organisation(config, store).await?;
    let client = xero_client::open(config, store, clock(), &id).await.into_diagnostic()?;
    Ok(client.map(|client| (id, client)))
}

/// The same for a command that needs no store otherwise, and makes none.
pub(crate) async fn open_xero_alone(config: &Config) -> miette::Result<Option<XeroClient>> {
    if has_store(config) {
        let store = open_store(config).await?;
        return Ok(open_xero(config, &store).await?.map(|(_, client)| client));
    }
    if !config.has_xero() {
        return Ok(None);
    }
    XeroClient::new(&config.xero, clock()).into_diagnostic().map(Some)
}

/// The organisation that the configuration means: the only one that is connected, else that of the
/// configured custom connection.
async fn meant_organisation(config: &Config, store: &Store) -> miette::Result<String> {
    let xero = &config.xero;
    if !xero.tenant_id.is_empty() {
        return Ok(config.organisation_id());
    }
    let is_meant = |client_id: &str| xero.client_id.is_empty() || client_id == xero.client_id;
    let all = store.connected_organisations().await.into_diagnostic()?;
    let mut meant: Vec<(String, String)> = all
        .into_iter()
        .filter(|(_, _, client_id)| is_meant(client_id))
        .map(|(id, name, _)| (id, name))
        .collect();
    if meant.len() > 1 {
        let list: Vec<String> = meant.iter().map(|(id, name)| format!("{id} ({name})")).collect();
        return Err(miette!(
            help = "choose one with `xero.tenant_id`",
            "several organisations are connected: {}",
            list.join(", ")
        ));
    }
    Ok(meant.pop().map_or_else(|| config.organisation_id(), |(id, _)| id))
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

/// The store as it is; a folder gets none where there is none.
pub(crate) async fn existing_store(config: &Config) -> miette::Result<Store> {
    if has_store(config) {
        return open_store(config).await;
    }
    let folder = config.data.folder.display();
    Err(miette!(
        help = "name the folder with --set data.folder=…",
        "there is no store in `{folder}`"
    ))
}

/// Whether there is a store yet.
pub(crate) fn has_store(config: &Config) -> bool {
    !config.data.database.is_empty() || Store::exists(&config.data.folder)
}

/// The settings that the configuration names, or those in the store.
pub(crate) async fn stored_settings(config: &Config) -> miette::Result<Option<Settings>> {
    if !config.sync.settings.as_os_str().is_empty() {
        return read_json(&config.sync.settings).map(Some);
    }
    if !(config.has_shop() && has_store(config)) {
        return Ok(None);
    }
    let store = open_store(config).await?;
    let stored = store
        .settings(&meant_organisation(config, &store).await?, config.shop.url.trim_end_matches('/'))
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
