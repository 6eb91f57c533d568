//! Xero over HTTPS: signs in, keeps the limits, sends bytes, says how it went. Knows no accounting.
//!
//! Nothing here sleeps or repeats: a call that cannot be made now fails with
//! [`Failure::NotDone`] and the time to wait, and the worker parks the organisation.

mod answer;
mod budget;
mod chart;
mod connected;
pub mod consent;
mod failure;
mod identity;
pub mod limiter;
pub mod scope;
mod token;
mod transport;
mod wire;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::http::Method;
use bytes::Bytes;
use serde_json::value::RawValue;
use url::Url;

pub use budget::{BudgetReport, budgets};
pub use chart::Chart;
pub use connected::{Complaint, KEEP_ALIVE_AGE, Keeper};
pub use failure::Failure;
pub use identity::{App, Grant, GrantError, Identity, Reached};
pub use token::TokenSource;
pub use wire::{Wire, WireError};

use crate::{
    config::{Config, XeroConfig},
    store::{Connection, ConnectionKind, Store, StoreError},
    time::{Clock, Timestamp},
    vault::VaultError,
};
use budget::Budget;
use connected::ConnectedToken;
use failure::Effect;
use limiter::Urgency;
use token::AppToken;

/// What the header says of calls left, before it has said anything.
const UNKNOWN: i64 = -1;

/// Xero keeps an `Idempotency-Key` for 6 minutes; after this time it is not relied upon.
pub const KEY_LIFE: Duration = Duration::from_mins(5);

/// Documents on one page when everything is read; Xero's own maximum.
const PAGE_SIZE: usize = 1_000;

/// The status of an answer that says: nothing has changed.
const NOT_MODIFIED: u16 = 304;

/// Which ones of a collection are read, and in which order.
#[derive(Debug, Clone, Copy, Default)]
pub struct Changed {
    /// Only what has changed since, by Xero's clock in whole seconds.
    pub since: Option<Timestamp>,
    /// The field that they are ordered by; Xero's own order when empty.
    pub order: &'static str,
}

/// The configured client cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The address is none, or would carry secrets in clear text.
    #[error("`{key}` is `{value}`: {why}")]
    Address {
        /// The setting.
        key: &'static str,
        /// Its value.
        value: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The HTTP client cannot be made.
    #[error("no HTTPS client: {0}")]
    Build(#[from] reqwest::Error),
    /// The connection cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The key of the stored secrets cannot be had.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// How many calls were made, for reports.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CallCount {
    /// Calls that read.
    pub reads: u64,
    /// Calls that write.
    pub writes: u64,
}

/// What Xero answered to a call that changes something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

/// One Xero organisation.
#[derive(Debug)]
pub struct XeroClient {
    wire: Arc<dyn Wire>,
    api_url: String,
    tenant_id: String,
    clock: Arc<dyn Clock>,
    tokens: Arc<dyn TokenSource>,
    budget: Budget,
    urgent: AtomicBool,
    reads: AtomicU64,
    writes: AtomicU64,
    skew_ms: AtomicI64,
    day_remaining: AtomicI64,
}

impl XeroClient {
    /// A client for one organisation by the configured custom connection; connects only when it is
    /// used.
    ///
    /// # Errors
    /// [`ClientError`] for an address that cannot be used.
    pub fn new(config: &XeroConfig, clock: Arc<dyn Clock>) -> Result<Self, ClientError> {
        Self::with_wire(config, clock, open_wire(config)?)
    }

    /// The same over another wire than the network.
    ///
    /// # Errors
    /// [`ClientError::Address`] for an address that cannot be used.
    pub fn with_wire(
        config: &XeroConfig,
        clock: Arc<dyn Clock>,
        wire: Arc<dyn Wire>,
    ) -> Result<Self, ClientError> {
        let tokens = AppToken {
            identity: open_identity(config, Arc::clone(&wire))?,
            app: App {
                client_id: config.client_id.clone(),
                client_secret: config.client_secret.clone(),
            },
            scopes: config.scopes.clone(),
            clock: Arc::clone(&clock),
            kept: tokio::sync::Mutex::default(),
        };
        Self::from_parts(config, &config.tenant_id, clock, wire, Arc::new(tokens))
    }

    /// A client for one organisation by a connection that the store keeps. Tokens and limits are
    /// shared with every other worker.
    ///
    /// # Errors
    /// [`ClientError::Address`] for an address that cannot be used.
    pub fn for_connection(
        config: &XeroConfig,
        connection: &Connection,
        organisation: &str,
        keeper: Keeper,
        wire: Arc<dyn Wire>,
    ) -> Result<Self, ClientError> {
        let (store, clock) = (keeper.store.clone(), Arc::clone(&keeper.clock));
        let tokens = ConnectedToken {
            keeper,
            organisation: organisation.to_owned(),
            kept: tokio::sync::Mutex::default(),
        };
        // A custom connection has one organisation and need not name it.
        let tenant = if connection.kind == ConnectionKind::Custom { "" } else { organisation };
        let client = Self::from_parts(config, tenant, clock, wire, Arc::new(tokens))?;
        Ok(client.sharing_limits(config, store, (&connection.client_id, organisation)))
    }

    fn from_parts(
        config: &XeroConfig,
        tenant_id: &str,
        clock: Arc<dyn Clock>,
        wire: Arc<dyn Wire>,
        tokens: Arc<dyn TokenSource>,
    ) -> Result<Self, ClientError> {
        check_address("xero.api_url", &config.api_url)?;
        Ok(Self {
            wire,
            api_url: config.api_url.trim_end_matches('/').to_owned(),
            tenant_id: tenant_id.to_owned(),
            clock,
            tokens,
            budget: Budget::here(config),
            urgent: AtomicBool::new(false),
            reads: AtomicU64::new(0),
            writes: AtomicU64::new(0),
            skew_ms: AtomicI64::new(0),
            day_remaining: AtomicI64::new(UNKNOWN),
        })
    }

    /// The same client, its calls counted in the store together with those of all other workers of
    /// this app and organisation.
    #[must_use]
    pub fn sharing_limits(
        self,
        config: &XeroConfig,
        store: Store,
        (client_id, organisation): (&str, &str),
    ) -> Self {
        let limits = budget::shared_limits(config);
        Self { budget: Budget::shared(limits, store, client_id, organisation), ..self }
    }

    /// Whether calls from now on may use what of the day is kept for urgent work.
    pub fn set_urgent(&self, urgent: bool) {
        self.urgent.store(urgent, Ordering::Relaxed);
    }

    fn urgency(&self) -> Urgency {
        if self.urgent.load(Ordering::Relaxed) { Urgency::Urgent } else { Urgency::Ordinary }
    }

    /// Sends a call that changes something. The same key may be used again only with the same
    /// bytes, while its outcome is unknown.
    ///
    /// Every answer comes back, also one that says no, to be written down before it is read.
    ///
    /// # Errors
    /// [`Failure::NotDone`] when it was surely not done, [`Failure::Unknown`] when it may have
    /// been.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        idempotency_key: &str,
        body: &[u8],
    ) -> Result<Response, Failure> {
        self.send_before(None, method, path, (idempotency_key, body)).await
    }

    /// The same, unless it cannot leave before a moment: who waited for a place or a token, or stood
    /// still, may no longer be the one to send.
    ///
    /// # Errors
    /// Those of [`XeroClient::send`].
    pub async fn send_before(
        &self,
        moment: Option<Timestamp>,
        method: Method,
        path: &str,
        (idempotency_key, body): (&str, &[u8]),
    ) -> Result<Response, Failure> {
        let mut request = self.request(method, path, &[], Bytes::copy_from_slice(body))?;
        if let Some(moment) = moment {
            request.extensions_mut().insert(transport::LeaveBefore(moment));
        }
        transport::set_header(&mut request, "idempotency-key", idempotency_key)?;
        if !body.is_empty() {
            transport::set_header(&mut request, "content-type", "application/json")?;
        }
        match self.exchange(request, Effect::Write).await? {
            answer if answer.response.status == 429 => Err(answer.failure(Effect::Write)),
            answer => Ok(answer.response),
        }
    }

    /// What an answer says, in one line for people.
    #[must_use]
    pub fn explain(status: u16, body: &[u8]) -> String {
        answer::explain(status, body)
    }

    /// Reads one page of a collection with its lines, from 1, as Xero wrote it; the flag says
    /// whether it is the last one.
    ///
    /// # Errors
    /// [`Failure::Refused`] or [`Failure::NotDone`].
    pub async fn read_page(
        &self,
        path: &str,
        page: u32,
    ) -> Result<(Vec<Box<RawValue>>, bool), Failure> {
        self.read_changed(path, page, Changed::default()).await
    }

    /// The same of what has changed since a moment, in the order of a field.
    ///
    /// # Errors
    /// Those of [`XeroClient::read_page`].
    pub async fn read_changed(
        &self,
        path: &str,
        page: u32,
        changed: Changed,
    ) -> Result<(Vec<Box<RawValue>>, bool), Failure> {
        let collection = path.split('?').next().unwrap_or_default();
        let (page, size) = (page.to_string(), PAGE_SIZE.to_string());
        let mut query = vec![("page", page.as_str()), ("pageSize", size.as_str()), ("unitdp", "4")];
        if !changed.order.is_empty() {
            query.push(("order", changed.order));
        }
        let mut request = self.request(Method::GET, &format!("/{path}"), &query, Bytes::new())?;
        if let Some(since) = changed.since {
            transport::set_header(&mut request, "if-modified-since", &since.to_utc())?;
        }
        let response = self.read(request).await?;
        if response.status == NOT_MODIFIED {
            return Ok((Vec::new(), true));
        }
        let found = answer::raw_elements(&response.body, collection)
            .ok_or_else(|| not_understood(collection))?;
        let last = found.len() < PAGE_SIZE;
        Ok((found, last))
    }

    /// Reads a collection that has no pages, the part of it that the query names, or its one
    /// element that the path names.
    ///
    /// # Errors
    /// [`Failure::Refused`] or [`Failure::NotDone`].
    pub async fn read_once(&self, path: &str) -> Result<Vec<Box<RawValue>>, Failure> {
        let collection = path.split(['?', '/']).next().unwrap_or_default();
        let request = self.request(Method::GET, &format!("/{path}"), &[], Bytes::new())?;
        let response = self.read(request).await?;
        answer::raw_elements(&response.body, collection).ok_or_else(|| not_understood(collection))
    }

    /// When a call could be made: `None` for at once.
    pub async fn wait_until(&self) -> Option<Timestamp> {
        self.budget.wait_until(self.urgency(), self.clock.now()).await
    }

    /// Tells the limiter of calls that an earlier process made.
    pub fn remember_calls(&self, calls: &[Timestamp]) {
        self.budget.remember(calls);
    }

    /// How many calls this client has made.
    #[must_use]
    pub fn call_count(&self) -> CallCount {
        CallCount {
            reads: self.reads.load(Ordering::Relaxed),
            writes: self.writes.load(Ordering::Relaxed),
        }
    }

    /// Calls left today, as far as Xero has said.
    #[must_use]
    pub fn day_remaining(&self) -> Option<u32> {
        u32::try_from(self.day_remaining.load(Ordering::Relaxed)).ok()
    }

    /// A text field of an object that Xero sent, whatever the key's letter case.
    #[must_use]
    pub fn text_field(object: &RawValue, key: &str) -> Option<String> {
        let raw = answer::raw_field(object.get(), key)?;
        serde_json::from_str(raw.get()).ok()
    }

    /// How many milliseconds the server's clock was ahead of ours at the last answer.
    #[must_use]
    pub fn clock_skew_ms(&self) -> i64 {
        self.skew_ms.load(Ordering::Relaxed)
    }
}

/// Opens a client for an organisation (its id in the store): by the connection that speaks for it,
/// or else by the configured custom connection. Its limits are shared with every other worker.
/// `None` when neither is there.
///
/// # Errors
/// [`ClientError`].
pub async fn open(
    config: &Config,
    store: &Store,
    clock: Arc<dyn Clock>,
    organisation: &str,
) -> Result<Option<XeroClient>, ClientError> {
    let wire = open_wire(&config.xero)?;
    if let Some(connection) = store.connection_of(organisation).await? {
        let keeper = Keeper::open(config, store.clone(), clock, Arc::clone(&wire))?;
        let opened =
            XeroClient::for_connection(&config.xero, &connection, organisation, keeper, wire);
        return opened.map(Some);
    }
    if !config.has_xero() || organisation != config.organisation_id() {
        return Ok(None);
    }
    let client = XeroClient::with_wire(&config.xero, clock, wire)?;
    let who = (config.xero.client_id.as_str(), organisation);
    Ok(Some(client.sharing_limits(&config.xero, store.clone(), who)))
}

/// Frees what processes that died have held: their calls' places, and tokens that they were about
/// to fetch. Only for a process that has made sure that no other one is alive.
///
/// # Errors
/// [`StoreError`].
pub async fn free_what_the_dead_held(store: &Store, now: Timestamp) -> Result<(), StoreError> {
    store.free_refreshes_of_the_dead().await?;
    budget::free_places_of_the_dead(store, now).await
}

/// Opens the network for a client.
///
/// # Errors
/// [`ClientError`].
pub fn open_wire(config: &XeroConfig) -> Result<Arc<dyn Wire>, ClientError> {
    let address = check_address("xero.api_url", &config.api_url)?;
    let timeout = Duration::from_secs(config.timeout_secs.into());
    Ok(Arc::new(wire::Https::open(&address, timeout, config.response_bytes_max)?))
}

/// Opens the identity server over a wire.
///
/// # Errors
/// [`ClientError::Address`].
pub fn open_identity(config: &XeroConfig, wire: Arc<dyn Wire>) -> Result<Identity, ClientError> {
    let api_url = check_address("xero.api_url", &config.api_url)?;
    let token_url = check_address("xero.identity_url", &config.identity_url)?;
    Ok(Identity::new(wire, token_url.as_str(), api_url.as_str()))
}

fn not_understood(path: &str) -> Failure {
    Failure::NotDone {
        retry_after: failure::RETRY_SOON,
        message: format!("the answer to {path} is not what Xero sends"),
    }
}

/// Secrets go only over TLS, or to this machine itself.
fn check_address(key: &'static str, value: &str) -> Result<Url, ClientError> {
    let wrong = |why| ClientError::Address { key, value: value.to_owned(), why };
    crate::http::safe_address(value).map_err(wrong)
}
