//! Whether the server lives, and whether it can work.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Serialize;

use super::{App, access, answer::ApiError};

/// A database that answers later than this does not answer.
const STORE_WAIT: Duration = Duration::from_secs(2);

/// What the server knows of its own health.
#[derive(Debug, Default)]
pub struct Health {
    core: OnceLock<Result<(), String>>,
    stopping: AtomicBool,
}

impl Health {
    /// The accounting core is loaded, or cannot be; the first word counts.
    pub fn set_core(&self, loaded: Result<(), String>) {
        self.core.set(loaded).ok();
    }

    /// The server ends: whoever balances load must send nothing more.
    pub fn set_stopping(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    fn core(&self) -> &str {
        match self.core.get() {
            None => "loading",
            Some(Ok(())) => "ok",
            Some(Err(_)) => "failed",
        }
    }
}

/// What `/readyz` says.
#[derive(Debug, Serialize)]
struct Readiness<'a> {
    ready: bool,
    store: &'a str,
    core: &'a str,
    stopping: bool,
}

pub(super) fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
}

async fn ready(State(app): State<Arc<App>>) -> Response {
    let store = match tokio::time::timeout(STORE_WAIT, app.store.ping()).await {
        Ok(Ok(())) => "ok",
        Ok(Err(_)) => "failed",
        Err(_) => "slow",
    };
    let (core, stopping) = (app.health.core(), app.health.stopping.load(Ordering::Relaxed));
    let ready = store == "ok" && core == "ok" && !stopping;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { ready, store, core, stopping })).into_response()
}

async fn metrics(
    State(app): State<Arc<App>>,
    headers: axum::http::HeaderMap,
) -> Result<Response, ApiError> {
    if app.config.metrics != "open" {
        let caller = access::caller_of(&app, &headers).await?;
        if caller.shop.is_some() {
            return Err(ApiError::forbidden("this token is bound to one shop"));
        }
    }
    let text = app.meter.render(&app.store, &app.whole.xero, app.clock.now()).await;
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    Ok((kind, text).into_response())
}
