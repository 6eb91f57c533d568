//! One exchange with a gateway: limited in time and size, repeated when that may help, read as
//! JSON. Every request only reads, or asks for a token, so any may be repeated.

use std::{collections::BTreeSet, time::Duration};

use reqwest::{Client, Method, RequestBuilder, StatusCode, header::LOCATION};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Limits, PayoutError, RawJson};
use crate::http::{self, BodyError};

/// Characters of a gateway's words that an error repeats.
const WORDS_CHARS: usize = 300;

/// Who is asked, and how that is said to people.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gateway {
    pub(super) name: &'static str,
    /// The setting with its address.
    pub(super) setting: &'static str,
    /// What to do about a refused key.
    pub(super) key_help: &'static str,
}

/// The way to one gateway.
#[derive(Debug, Clone)]
pub(super) struct Transport {
    pub(super) gateway: Gateway,
    pub(super) limits: Limits,
    client: Client,
    base: String,
}

/// Why one try gave nothing, when another may.
enum Passing {
    Broken(reqwest::Error),
    Status(StatusCode, Option<Duration>),
}

impl Transport {
    pub(super) fn new(gateway: Gateway, address: &str) -> Result<Self, PayoutError> {
        let Gateway { setting, .. } = gateway;
        let url = http::safe_address(address).map_err(|why| PayoutError::Address {
            setting,
            value: address.to_owned(),
            why,
        })?;
        let limits = Limits::default();
        let client = http::client(&url, limits.request_timeout, limits.connect_timeout)
            .map_err(PayoutError::Client)?;
        Ok(Self { gateway, limits, client, base: address.trim_end_matches('/').to_owned() })
    }

    /// The same with other limits.
    pub(super) fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// A request to a path below the gateway's address.
    pub(super) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client
            .request(method, format!("{}{path}", self.base))
            .timeout(self.limits.request_timeout)
            .header("Accept", "application/json")
    }

    /// Sends until an answer is final, and reads it.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        request: RequestBuilder,
    ) -> Result<T, PayoutError> {
        let Limits { attempts_max, retry_delay, retry_delay_max, .. } = self.limits;
        let mut attempts = 0;
        loop {
            attempts += 1;
            let again =
                request.try_clone().ok_or_else(|| self.shape("it cannot be asked twice"))?;
            let passing = match self.attempt(again).await? {
                Ok(body) => return self.read(&body),
                Err(passing) => passing,
            };
            let wait = match passing {
                Passing::Status(_, Some(wait)) => wait,
                _ => http::rest(retry_delay, retry_delay_max, attempts),
            };
            if attempts >= attempts_max || wait > retry_delay_max {
                return Err(self.give_up(passing, attempts));
            }
            tracing::debug!(gateway = self.gateway.name, attempts, ?wait, "it is asked again");
            tokio::time::sleep(wait).await;
        }
    }

    /// One try: a body, or what may pass.
    async fn attempt(
        &self,
        request: RequestBuilder,
    ) -> Result<Result<Vec<u8>, Passing>, PayoutError> {
        let gateway = self.gateway.name;
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => return Ok(Err(Passing::Broken(error.without_url()))),
        };
        let status = response.status();
        if status.is_redirection() {
            let to = response.headers().get(LOCATION).and_then(|to| to.to_str().ok());
            let to = to.and_then(|to| to.split(['?', '#']).next()).unwrap_or_default().to_owned();
            return Err(PayoutError::Redirected { gateway, to });
        }
        if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
            return Ok(Err(Passing::Status(status, http::retry_after(response.headers()))));
        }
        let bytes_max = self.limits.response_bytes_max;
        match http::read_body(response, bytes_max).await {
            Ok(body) if status.is_success() => Ok(Ok(body)),
            Ok(body) => Err(self.refusal(status.as_u16(), &body)),
            Err(BodyError::Torn(error)) => Ok(Err(Passing::Broken(error))),
            Err(BodyError::TooLarge) => Err(PayoutError::TooLarge { gateway, bytes_max }),
        }
    }

    fn give_up(&self, passing: Passing, attempts: u32) -> PayoutError {
        let gateway = self.gateway.name;
        match passing {
            Passing::Broken(source) => PayoutError::Unreachable { gateway, attempts, source },
            Passing::Status(StatusCode::TOO_MANY_REQUESTS, retry_after) => {
                PayoutError::TooManyRequests { gateway, retry_after }
            }
            Passing::Status(status, retry_after) => {
                PayoutError::Unavailable { gateway, status: status.as_u16(), attempts, retry_after }
            }
        }
    }

    /// The body is not quoted: it may hold a token or a buyer's name.
    fn read<T: DeserializeOwned>(&self, body: &[u8]) -> Result<T, PayoutError> {
        serde_json::from_slice(body).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            let what =
                if error.is_data() { "it is not what was asked for" } else { "it is no JSON" };
            self.shape(&format!("{what}, at line {line}, column {column}"))
        })
    }

    pub(super) fn shape(&self, why: &str) -> PayoutError {
        PayoutError::Shape { gateway: self.gateway.name, why: why.to_owned() }
    }

    pub(super) fn list_too_long(&self) -> PayoutError {
        let pages_max = self.limits.list_pages_max;
        PayoutError::ListTooLong { gateway: self.gateway.name, pages_max }
    }

    fn refusal(&self, status: u16, body: &[u8]) -> PayoutError {
        let Gateway { name: gateway, key_help: help, .. } = self.gateway;
        let (code, message) = words(body);
        match status {
            401 | 403 => PayoutError::Unauthorised { gateway, status, message, help },
            _ => PayoutError::Refused { gateway, status, code, message },
        }
    }
}

/// Code and message of an error as Stripe, PayPal and OAuth write it.
fn words(body: &[u8]) -> (String, String) {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let first = |places: &[&str]| {
        let found = places.iter().find_map(|place| body.pointer(place).and_then(Value::as_str));
        found.unwrap_or_default().chars().take(WORDS_CHARS).collect::<String>()
    };
    let code = first(&["/error/code", "/name", "/error"]);
    let message = first(&["/error/message", "/error_description", "/message"]);
    let why = first(&["/details/0/issue"]);
    (code, if why.is_empty() { message } else { format!("{message} ({why})") })
}

/// Rows of a list, each once: pages shift while they are read.
#[derive(Debug, Default)]
pub(super) struct Rows {
    rows: Vec<RawJson>,
    seen: BTreeSet<String>,
}

impl Rows {
    /// Puts a row in unless its name is known; one without a name is always new. Says whether it
    /// was put in.
    pub(super) fn put(&mut self, name: &str, row: RawJson) -> bool {
        let new = name.is_empty() || self.seen.insert(name.to_owned());
        if new {
            self.rows.push(row);
        }
        new
    }

    pub(super) fn into_rows(self) -> Vec<RawJson> {
        self.rows
    }
}
