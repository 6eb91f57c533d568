//! Xero over HTTPS: signs in, keeps the limits, sends bytes, says how it went. Knows no accounting.
//!
//! Nothing here sleeps or repeats: a call that cannot be made now fails with
//! [`Failure::NotDone`] and the time to wait, and the worker parks the organisation.

mod answer;
mod chart;
mod failure;
pub mod limiter;
mod token;
mod transport;
mod wire;

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::http::Method;
use bytes::Bytes;
use serde_json::value::RawValue;
use url::Url;

pub use chart::Chart;
pub use failure::Failure;
pub use wire::{Wire, WireError};

use crate::{
    config::{Secret, XeroConfig},
    time::{Clock, Timestamp},
};
use failure::Effect;
use limiter::Limiter;
use token::TokenCell;

/// Xero keeps an `Idempotency-Key` for 6 minutes; after this time it is not relied upon.
pub const KEY_LIFE: Duration = Duration::from_mins(5);

/// Documents on one page when everything is read; Xero's own maximum.
const PAGE_SIZE: usize = 1_000;

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
    identity_url: String,
    client_id: String,
    client_secret: Secret,
    tenant_id: String,
    scopes: String,
    clock: Arc<dyn Clock>,
    token: TokenCell,
    limiter: Mutex<Limiter>,
    reads: AtomicU64,
    writes: AtomicU64,
    skew_ms: std::sync::atomic::AtomicI64,
}

impl XeroClient {
    /// A client for one organisation; connects only when it is used.
    ///
    /// # Errors
    /// [`ClientError`] for an address that cannot be used.
    pub fn new(config: &XeroConfig, clock: Arc<dyn Clock>) -> Result<Self, ClientError> {
        let address = check_address("xero.api_url", &config.api_url)?;
        let timeout = Duration::from_secs(config.timeout_secs.into());
        let wire = wire::Https::open(&address, timeout, config.response_bytes_max)?;
        Self::with_wire(config, clock, Arc::new(wire))
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
        check_address("xero.api_url", &config.api_url)?;
        let identity_url = check_address("xero.identity_url", &config.identity_url)?;
        Ok(Self {
            wire,
            api_url: config.api_url.trim_end_matches('/').to_owned(),
            identity_url: identity_url.to_string(),
            client_id: config.client_id.clone(),
            client_secret: config.client_secret.clone(),
            tenant_id: config.tenant_id.clone(),
            scopes: config.scopes.clone(),
            clock,
            token: TokenCell::default(),
            limiter: Mutex::new(Limiter::new(config.calls_per_minute, config.calls_in_flight)),
            reads: AtomicU64::new(0),
            writes: AtomicU64::new(0),
            skew_ms: std::sync::atomic::AtomicI64::new(0),
        })
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
        let mut request = self.request(method, path, &[], Bytes::copy_from_slice(body))?;
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
        let collection = path.split('?').next().unwrap_or_default();
        let (page, size) = (page.to_string(), PAGE_SIZE.to_string());
        let query = [("page", page.as_str()), ("pageSize", size.as_str()), ("unitdp", "4")];
        let request = self.request(Method::GET, &format!("/{path}"), &query, Bytes::new())?;
        let response = self.read(request).await?;
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
    #[must_use]
    pub fn wait_until(&self) -> Option<Timestamp> {
        let now = self.clock.now();
        let mut limiter = self.limiter();
        match limiter.admit(now) {
            Err(until) => Some(until),
            Ok(place) => {
                limiter.withdraw(place);
                None
            }
        }
    }

    /// Tells the limiter of calls that an earlier process made.
    pub fn remember_calls(&self, calls: &[Timestamp]) {
        self.limiter().remember(calls);
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
        self.limiter().day_remaining()
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

    fn limiter(&self) -> std::sync::MutexGuard<'_, Limiter> {
        // The limiter has no half-changed states: a panic elsewhere does not spoil it.
        self.limiter.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
