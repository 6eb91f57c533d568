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
mod wire;
mod world;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use uuid::Uuid;

pub use auth::{ACCESS_TOKEN_SECS, App, AppKind, GRANULAR};
pub use clock::Clock;
pub use json::WireStyle;
pub use limits::LimitOptions;
pub use log::LoggedCall;
pub use preset::{Preset, global};
pub use unknowns::Unknowns;

use auth::Auth;
use idempotency::Idempotency;
use limits::Limits;
use log::Log;
use model::contact::Contact;
use model::document::Document;
use model::item::Item;
use model::organisation::Organisation;
use model::posting::{ManualJournal, Payment};
use server::Shared;
use wire::{CuttableListener, Scissors};
use world::World;

use crate::fault::{FaultRule, Faults};

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
        Ok(Running { address, app, shared, stop, task: Some(task) })
    }

    fn world(self) -> World {
        let now = self.clock.now();
        let mut auth = Auth::default();
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
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    app: App,
    shared: Shared,
    stop: watch::Sender<bool>,
    task: Option<JoinHandle<std::io::Result<()>>>,
}

impl Running {
    /// `http://127.0.0.1:{port}`; identity, connections and API are below it.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The app's client id.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.app.client_id
    }

    /// The app's client secret.
    #[must_use]
    pub fn client_secret(&self) -> &str {
        &self.app.client_secret
    }

    /// The ids of the organisations, in the order in which they were asked for.
    #[must_use]
    pub fn tenants(&self) -> Vec<Uuid> {
        self.shared.lock().tenants.clone()
    }

    /// The id of the first organisation.
    #[must_use]
    pub fn tenant(&self) -> Uuid {
        self.tenants().first().copied().unwrap_or_default()
    }

    /// Gives the app a refresh token, as a user's consent would.
    #[must_use]
    pub fn grant(&self) -> String {
        let mut world = self.shared.lock();
        let now = world.now();
        world.auth.grant(&self.app.client_id, &self.app.scopes, now)
    }

    /// Expires every access token.
    pub fn expire_access_tokens(&self) {
        let mut world = self.shared.lock();
        let now = world.now();
        world.auth.expire_access_tokens(now);
    }

    /// Moves the clock on: limits, idempotency keys and tokens all live by it.
    pub fn advance(&self, by: Duration) {
        self.shared.lock().clock.advance(by);
    }

    /// The present moment of the simulator.
    #[must_use]
    pub fn now(&self) -> chrono::DateTime<chrono::Utc> {
        self.shared.lock().now()
    }

    /// Adds a fault.
    pub fn fault(&self, rule: FaultRule) {
        self.shared.lock().faults.add(rule);
    }

    /// Forgets every fault.
    pub fn clear_faults(&self) {
        self.shared.lock().faults.clear();
    }

    /// The faults that can still strike.
    #[must_use]
    pub fn pending_faults(&self) -> Vec<FaultRule> {
        self.shared.lock().faults.pending()
    }

    /// Sets the switches for what nobody has verified.
    pub fn set_unknowns(&self, unknowns: Unknowns) {
        self.shared.lock().unknowns = unknowns;
    }

    /// Sets the rate limits.
    pub fn set_limits(&self, limits: LimitOptions) {
        self.shared.lock().limit_options = limits;
    }

    /// Every call in the log, oldest first.
    #[must_use]
    pub fn calls(&self) -> Vec<LoggedCall> {
        self.shared.lock().log.since(0)
    }

    /// Forgets the calls in the log.
    pub fn clear_log(&self) {
        self.shared.lock().log.clear();
    }

    /// Reads an organisation; none when there is none with that id.
    pub fn read<T>(&self, tenant: Uuid, read: impl FnOnce(&Organisation) -> T) -> Option<T> {
        self.shared.lock().organisations.get(&tenant).map(read)
    }

    /// Changes an organisation as its user would in Xero's own pages.
    pub fn change<T>(
        &self,
        tenant: Uuid,
        change: impl FnOnce(&mut Organisation) -> T,
    ) -> Option<T> {
        self.shared.lock().organisations.get_mut(&tenant).map(change)
    }

    /// The invoices and bills of an organisation, oldest first.
    #[must_use]
    pub fn invoices(&self, tenant: Uuid) -> Vec<Document> {
        self.read(tenant, |one| one.invoices.iter().cloned().collect()).unwrap_or_default()
    }

    /// The credit notes of an organisation, oldest first.
    #[must_use]
    pub fn credit_notes(&self, tenant: Uuid) -> Vec<Document> {
        self.read(tenant, |one| one.credit_notes.iter().cloned().collect()).unwrap_or_default()
    }

    /// The bank transactions of an organisation, oldest first.
    #[must_use]
    pub fn bank_transactions(&self, tenant: Uuid) -> Vec<Document> {
        self.read(tenant, |one| one.bank_transactions.iter().cloned().collect()).unwrap_or_default()
    }

    /// The payments of an organisation, deleted ones included, oldest first.
    #[must_use]
    pub fn payments(&self, tenant: Uuid) -> Vec<Payment> {
        self.read(tenant, |one| one.payments.iter().cloned().collect()).unwrap_or_default()
    }

    /// The contacts of an organisation, oldest first.
    #[must_use]
    pub fn contacts(&self, tenant: Uuid) -> Vec<Contact> {
        self.read(tenant, |one| one.contacts.iter().cloned().collect()).unwrap_or_default()
    }

    /// The items of an organisation, oldest first.
    #[must_use]
    pub fn items(&self, tenant: Uuid) -> Vec<Item> {
        self.read(tenant, |one| one.items.iter().cloned().collect()).unwrap_or_default()
    }

    /// The manual journals of an organisation, oldest first.
    #[must_use]
    pub fn manual_journals(&self, tenant: Uuid) -> Vec<ManualJournal> {
        self.read(tenant, |one| one.manual_journals.iter().cloned().collect()).unwrap_or_default()
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
