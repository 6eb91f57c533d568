//! The HTTP server: webhooks, the plugin's events, health, metrics and the API.
//!
//! Nothing here decides or waits for Xero: what arrives is written down, what people ask is read
//! from the store or written into it, and the daemon does the work.

pub mod access;
mod address;
mod answer;
mod api;
mod guard;
mod health;
mod hook;
mod listen;
pub mod meter;

use std::sync::Arc;

use axum::Router;
use tokio::sync::Notify;

pub use access::Role;
pub use api::openapi;
pub use health::Health;
pub use listen::{Bounds, Ended, serve};

use crate::{
    config::{Config, ServerConfig, XeroConfig},
    intake::{Intake, Limits, SecretReader},
    store::{Store, StoreError},
    time::Clock,
};
use address::Proxies;
use meter::Meter;

/// Everything that the routes share.
#[derive(Debug)]
pub struct App {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) config: ServerConfig,
    pub(crate) xero: XeroConfig,
    pub(crate) intake: Intake,
    pub(crate) health: Health,
    pub(crate) meter: Meter,
    pub(crate) rates: access::Rates,
    pub(crate) proxies: Proxies,
    pub(crate) wake: Notify,
}

impl App {
    /// Puts the server's parts together; deliveries can be taken from now on.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the machine has no randomness.
    pub fn new(
        store: Store,
        secrets: Arc<dyn SecretReader>,
        clock: Arc<dyn Clock>,
        config: &Config,
        meter: Meter,
    ) -> Result<Arc<Self>, StoreError> {
        let server = config.server.clone();
        let limits =
            Limits { queue_max: server.intake_queue_max, batch_max: server.intake_batch_max };
        Ok(Arc::new(Self {
            intake: Intake::start(store.clone(), secrets, Arc::clone(&clock), limits)?,
            health: Health::default(),
            rates: access::Rates::new(&server),
            proxies: Proxies::parse(&server.proxies),
            wake: Notify::new(),
            store,
            clock,
            config: server,
            xero: config.xero.clone(),
            meter,
        }))
    }

    /// What is counted.
    #[must_use]
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Says that somebody waits for work to be done.
    #[must_use]
    pub fn wake(&self) -> &Notify {
        &self.wake
    }

    /// What it knows of its own health.
    #[must_use]
    pub fn health(&self) -> &Health {
        &self.health
    }
}

/// All routes.
pub fn router(app: &Arc<App>) -> Router {
    let (api, _) = api::router(app);
    let all = hook::router()
        .merge(health::router())
        .with_state(Arc::clone(app))
        .merge(api)
        .fallback(answer::not_found)
        .method_not_allowed_fallback(answer::method_not_allowed);
    guard::protect(all, app)
}
