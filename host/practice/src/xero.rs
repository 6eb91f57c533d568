//! The practice Xero: a stateful simulator of Xero's identity and accounting API on loopback.
//!
//! Its specification is the project's reference on Xero's API; what nobody has verified there is
//! a switch in [`Unknowns`]. Its arithmetic ([`arithmetic`]) is written apart from the core's.
//!
//! | Address | Is |
//! |---|---|
//! | `POST {base}/connect/token`, `/connect/revocation` | identity |
//! | `GET {base}/identity/connect/authorize` | consent, given at once |
//! | `GET {base}/connections`, `DELETE {base}/connections/{id}` | connections |
//! | `{base}/api.xro/2.0/…` | the accounting API |
//! | `{base}/practice/…` | control: log, faults, clock, switches |
//!
//! ```no_run
//! # async fn example() -> std::io::Result<()> {
//! use tillbook_practice::xero::{PracticeXero, Preset};
//! let xero = PracticeXero::builder().organisation(Preset::Au).start().await?;
//! println!("{} {}", xero.base_url(), xero.tenant());
//! xero.shutdown().await;
//! # Ok(())
//! # }
//! ```

pub mod arithmetic;
pub mod clock;
pub mod json;
pub mod model;
pub mod unknowns;

mod api;
mod auth;
mod call;
mod control;
mod idempotency;
mod limits;
mod log;
mod preset;
mod server;
mod state;
pub(crate) mod wire;
mod world;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use auth::{ACCESS_TOKEN_SECS, App, AppKind, GRANULAR};
pub use clock::Clock;
pub use json::WireStyle;
pub use limits::LimitOptions;
pub use log::LoggedCall;
pub use preset::{Preset, global};
pub use state::State;
pub use unknowns::{TaxAmountBound, Unknowns};

use auth::Auth;
use idempotency::Idempotency;
use limits::Limits;
use log::Log;
use model::organisation::Organisation;
use server::Shared;
use wire::{CuttableListener, Scissors};
use world::World;

use crate::fault::Faults;

/// Calls and bytes of bodies that the log keeps.
const LOG_CALLS_MAX: usize = 20_000;
const LOG_BYTES_MAX: usize = 256 * 1024 * 1024;

/// Entry point: [`PracticeXero::builder`].
#[derive(Debug)]
pub struct PracticeXero;

impl PracticeXero {
    /// Begins to describe a simulator.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }
}

/// Changes an organisation before the simulator starts.
type Setup = Box<dyn FnOnce(&mut Organisation) + Send>;

/// What a simulator will be.
pub struct Builder {
    organisations: Vec<(Preset, Option<Setup>)>,
    app: App,
    clock: Clock,
    unknowns: Unknowns,
    limits: LimitOptions,
    style: WireStyle,
    strict_accept: bool,
    latency: Duration,
    port: u16,
    log: (usize, usize),
    asks_consent: bool,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            organisations: Vec::new(),
            app: App {
                client_id: "practice-client".to_owned(),
                client_secret: "practice-secret".to_owned(),
                kind: AppKind::Any,
                scopes: GRANULAR.map(str::to_owned).to_vec(),
                name: "Tillbook practice".to_owned(),
            },
            clock: Clock::real(),
            unknowns: Unknowns::default(),
            limits: LimitOptions::default(),
            style: WireStyle::Compact,
            strict_accept: false,
            latency: Duration::ZERO,
            port: 0,
            log: (LOG_CALLS_MAX, LOG_BYTES_MAX),
            asks_consent: false,
        }
    }
}

impl Builder {
    /// Adds an organisation; without any, there is an Australian one.
    #[must_use]
    pub fn organisation(mut self, preset: Preset) -> Self {
        self.organisations.push((preset, None));
        self
    }

    /// Adds an organisation and changes it, for example to lock its books.
    #[must_use]
    pub fn organisation_with(
        mut self,
        preset: Preset,
        setup: impl FnOnce(&mut Organisation) + Send + 'static,
    ) -> Self {
        self.organisations.push((preset, Some(Box::new(setup))));
        self
    }

    /// Replaces the app, for example by a custom connection.
    #[must_use]
    pub fn app(mut self, app: App) -> Self {
        self.app = app;
        self
    }

    /// Makes the app of this kind.
    #[must_use]
    pub const fn app_kind(mut self, kind: AppKind) -> Self {
        self.app.kind = kind;
        self
    }

    /// Sets the scopes the app may ask for.
    #[must_use]
    pub fn scopes(mut self, scopes: &[&str]) -> Self {
        self.app.scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        self
    }

    /// Sets the clock; [`Clock::standing`] moves only when it is advanced.
    #[must_use]
    pub const fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Sets the switches for what nobody has verified.
    #[must_use]
    pub fn unknowns(mut self, unknowns: Unknowns) -> Self {
        self.unknowns = unknowns;
        self
    }

    /// Sets the rate limits.
    #[must_use]
    pub const fn limits(mut self, limits: LimitOptions) -> Self {
        self.limits = limits;
        self
    }

    /// Lifts the limit of calls a minute, for demonstrations.
    #[must_use]
    pub const fn lift_minute_limit(mut self) -> Self {
        self.limits.minute = None;
        self
    }

    /// Sets how bodies are put into bytes.
    #[must_use]
    pub const fn style(mut self, style: WireStyle) -> Self {
        self.style = style;
        self
    }

    /// Refuses calls that do not accept JSON with 406.
    #[must_use]
    pub const fn strict_accept(mut self) -> Self {
        self.strict_accept = true;
        self
    }

    /// Makes every call of the API take so long.
    #[must_use]
    pub const fn latency(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    /// Listens on this port; 0, the default, takes a free one.
    #[must_use]
    pub const fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Bounds the log to so many calls and bytes of bodies.
    #[must_use]
    pub const fn log_bounds(mut self, calls_max: usize, bytes_max: usize) -> Self {
        self.log = (calls_max, bytes_max);
        self
    }

    /// Lets a person click before consent is given.
    #[must_use]
    pub const fn ask_consent(mut self) -> Self {
        self.asks_consent = true;
        self
    }

    /// Starts the simulator on 127.0.0.1.
    ///
    /// # Errors
    /// The port cannot be bound.
    pub async fn start(mut self) -> std::io::Result<Running> {
        if self.organisations.is_empty() {
            self.organisations.push((Preset::Au, None));
        }
        let listener =
            TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))).await?;
        let address = listener.local_addr()?;
        let latency = self.latency;
        let app = self.app.clone();
        let shared = Shared::new(self.world(), latency);
        let (stop, mut stopped) = watch::channel(false);
        let service = shared.clone().router().into_make_service_with_connect_info::<Scissors>();
        let server =
            axum::serve(CuttableListener(listener), service).with_graceful_shutdown(async move {
                // An error means that the owner is gone, which ends the server as well.
                let _ = stopped.wait_for(|stop| *stop).await;
            });
        let task = tokio::spawn(async move { server.await });
        Ok(Running { address, state: State { app, shared }, stop, task: Some(task) })
    }

    /// A simulator without a socket: it is spoken to through [`State::call`] alone.
    #[must_use]
    pub fn stand(mut self) -> State {
        if self.organisations.is_empty() {
            self.organisations.push((Preset::Au, None));
        }
        let (app, latency) = (self.app.clone(), self.latency);
        State { app, shared: Shared::new(self.world(), latency) }
    }

    fn world(self) -> World {
        let now = self.clock.now();
        let mut auth = Auth::default();
        auth.asks_consent = self.asks_consent;
        let mut organisations = BTreeMap::new();
        let mut tenants = Vec::new();
        for (number, (preset, setup)) in (1..).zip(self.organisations) {
            let mut organisation = preset.build(number, now);
            if let Some(setup) = setup {
                setup(&mut organisation);
            }
            auth.connect(&self.app.client_id, organisation.id, now);
            tenants.push(organisation.id);
            organisations.insert(organisation.id, organisation);
        }
        auth.apps.push(self.app);
        World {
            clock: self.clock,
            unknowns: self.unknowns,
            limit_options: self.limits,
            style: self.style,
            strict_accept: self.strict_accept,
            organisations,
            tenants,
            auth,
            limits: Limits::default(),
            idempotency: Idempotency::default(),
            faults: Faults::default(),
            log: Log::new(self.log.0, self.log.1),
            calls: 0,
        }
    }
}

/// A simulator that is listening; dropping it stops it.
///
/// It has every method of its [`State`].
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    state: State,
    stop: watch::Sender<bool>,
    task: Option<JoinHandle<std::io::Result<()>>>,
}

impl std::ops::Deref for Running {
    type Target = State;

    fn deref(&self) -> &State {
        &self.state
    }
}

impl Running {
    /// `http://127.0.0.1:{port}`; identity, connections and API are below it.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A handle to what the simulator knows, which outlives the listening.
    #[must_use]
    pub fn state(&self) -> State {
        self.state.clone()
    }

    /// Stops listening and ends every connection.
    pub async fn shutdown(mut self) {
        let _ = self.stop.send(true);
        if let Some(mut task) = self.task.take() {
            // Idle connections of clients must not hold the owner up.
            if tokio::time::timeout(Duration::from_millis(200), &mut task).await.is_err() {
                task.abort();
            }
        }
    }

    /// Waits until the simulator ends, for a command in the foreground.
    pub async fn wait(mut self) {
        if let Some(task) = self.task.take() {
            let _ = task.await;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
        if let Some(task) = self.task.take() {
            task.abort();
        }
    }
}
