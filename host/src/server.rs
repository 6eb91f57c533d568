//! The HTTP server: webhooks, the plugin's events, health, metrics and the API.
//!
//! Nothing here decides or waits for Xero: what arrives is written down, what people ask is read
//! from the store or written into it, and the daemon does the work.

pub mod access;
mod address;
mod answer;
mod api;
mod connect;
mod guard;
mod health;
mod hook;
mod kept;
mod listen;
pub mod meter;
mod pages;
mod session;

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::Router;
use tokio::sync::Notify;

pub use access::Role;
pub use api::openapi;
pub use health::Health;
pub use listen::{Bounds, Ended, serve};
pub use pages::Pages;

use crate::{
    bookkeeper::Bookkeeper,
    branch::{Branches, Opener},
    config::{Config, ServerConfig},
    door::Door,
    intake::{Intake, Limits, SecretReader},
    store::{Lease, Store, StoreError},
    time::Clock,
    worker::LEASE,
};
use address::Proxies;
use answer::ApiError;
use api::{completeness::Completeness, matching::Ledger};
use kept::Kept;
use meter::Meter;

/// How long a page waits for Xero's limits.
pub(crate) const READ_PATIENCE: Duration = Duration::from_secs(10);

/// How often, and with which pause, a busy worker is waited for.
const BUSY_TURNS: (u32, Duration) = (80, Duration::from_millis(250));

/// Everything that the routes share.
#[derive(Debug)]
pub struct App {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) config: ServerConfig,
    pub(crate) whole: Config,
    branches: OnceLock<Arc<Branches>>,
    pub(crate) ledgers: Kept<(String, &'static str), Ledger>,
    pub(crate) months: Kept<(String, String), Completeness>,
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
            whole: config.clone(),
            branches: OnceLock::new(),
            months: Kept::default(),
            ledgers: Kept::default(),
            meter,
        }))
    }

    /// The accounting core is loaded, or cannot be; the first word counts. Gives the branches that
    /// pages and work share.
    pub fn set_core(&self, loaded: Result<Door, String>) -> Option<Arc<Branches>> {
        let door = match loaded {
            Ok(door) => door,
            Err(why) => {
                self.health.set_core(Err(why));
                return None;
            }
        };
        let (config, store, clock) =
            (self.whole.clone(), self.store.clone(), Arc::clone(&self.clock));
        let opener = Opener { config, store, door, clock };
        let branches = self.branches.get_or_init(|| Arc::new(Branches::new(opener)));
        self.health.set_core(Ok(()));
        Some(Arc::clone(branches))
    }

    /// The shops as they are open; refused while the core is not loaded.
    pub(crate) fn branches(&self) -> Result<&Arc<Branches>, ApiError> {
        let message = "the accounting core is not loaded yet; come again in a moment";
        self.branches.get().ok_or_else(|| ApiError::unavailable(message))
    }

    /// Who plans for pages; it sends nothing.
    pub(crate) fn books(&self) -> Result<Bookkeeper, ApiError> {
        let opener = self.branches()?.opener();
        Ok(Bookkeeper {
            store: self.store.clone(),
            door: opener.door.clone(),
            owner: format!("pages {}", uuid::Uuid::new_v4()),
            clock: Arc::clone(&self.clock),
            patience: Duration::ZERO,
            read_patience: READ_PATIENCE,
            lease: LEASE,
        })
    }

    /// Does something under an organisation's lease: never beside a worker, which is waited for a
    /// while.
    pub(crate) async fn under_lease<T>(
        &self,
        organisation: &str,
        work: impl AsyncFnOnce(&Lease) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let owner = format!("pages {}", uuid::Uuid::new_v4());
        let (turns, pause) = BUSY_TURNS;
        for _ in 0..turns {
            let now = self.clock.now();
            let Some(lease) = self.store.borrow(organisation, &owner, now, LEASE).await? else {
                tokio::time::sleep(pause).await;
                continue;
            };
            let done = work(&lease).await;
            match self.store.give_back(&lease).await {
                Ok(()) | Err(StoreError::Fenced(_)) => return done,
                Err(error) => return Err(error.into()),
            }
        }
        let message = "something is being sent just now; try again in a moment";
        Err(ApiError::conflict("busy", message))
    }

    /// The address as browsers know it, without a slash at the end.
    pub(crate) fn address(&self) -> &str {
        self.config.url.trim_end_matches('/')
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
    router_with(app, Pages::embedded())
}

/// The same with other pages.
pub fn router_with(app: &Arc<App>, pages: Pages) -> Router {
    let (api, _) = api::router(app);
    let all = hook::router()
        .merge(health::router())
        .merge(connect::router())
        .with_state(Arc::clone(app))
        .merge(api)
        .merge(pages::router(app, pages))
        .fallback(answer::not_found)
        .method_not_allowed_fallback(answer::method_not_allowed);
    guard::protect(all, app)
}
