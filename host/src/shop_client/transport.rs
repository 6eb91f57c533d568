//! One GET: signed, limited in time and size, repeated when that may help, read as JSON.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::Utc;
use reqwest::header::{CONTENT_TYPE, LOCATION};
use reqwest::{Response, StatusCode};
use serde::Deserialize;
use url::Url;

use super::credentials::{Credentials, SignIn};
use super::error::ShopClientError;
use super::oauth::{self, Once};
use super::{Limits, RawJson};
use crate::http::{self, BodyError};

/// Characters of an unreadable answer that an error quotes.
const QUOTE_CHARS: usize = 80;

/// An answer with status 200.
#[derive(Debug)]
pub(super) struct Page {
    /// The body as it came.
    pub(super) body: String,
    /// `X-WP-TotalPages`, for a list.
    pub(super) pages: Option<u64>,
    /// `X-WP-Total`, for a list.
    pub(super) total: Option<u64>,
}

impl Page {
    /// The body as one value.
    pub(super) fn one(self) -> Result<RawJson, ShopClientError> {
        serde_json::from_str(&self.body).map_err(|error| unreadable(&self.body, &error))
    }

    /// The body as a list of values.
    pub(super) fn many(self) -> Result<Vec<RawJson>, ShopClientError> {
        serde_json::from_str(&self.body).map_err(|error| unreadable(&self.body, &error))
    }
}

/// The way to one shop.
#[derive(Debug, Clone)]
pub(super) struct Transport {
    client: reqwest::Client,
    base: Url,
    base_text: String,
    credentials: Credentials,
    sign_in: SignIn,
    limits: Limits,
    /// Whether `/wp-json/` was found not to work and `?rest_route=` to work.
    plain_permalinks: Arc<AtomicBool>,
}

/// What one try gave.
enum Attempt {
    Page(Page),
    /// A web page with a status that a wrong permalink setting may explain.
    Html(ShopClientError),
    /// A failure that may pass, and how long the shop wants to be left alone.
    Passing(Failure, Option<Duration>),
}

enum Failure {
    Transport(reqwest::Error),
    Status(StatusCode),
}

impl Transport {
    pub(super) fn new(
        base_url: &str,
        credentials: Credentials,
        sign_in: SignIn,
        limits: Limits,
    ) -> Result<Self, ShopClientError> {
        let bad = |why: String| ShopClientError::Address { url: base_url.to_owned(), why };
        let base_text = base_url.trim_end_matches('/').to_owned();
        let base = Url::parse(&base_text).map_err(|error| bad(error.to_string()))?;
        if !matches!(base.scheme(), "http" | "https") || base.host_str().is_none() {
            return Err(bad("it must begin with https:// or http://".to_owned()));
        }
        if base.query().is_some() || base.fragment().is_some() || !base.username().is_empty() {
            return Err(bad("it must not hold a query, a fragment or a user".to_owned()));
        }
        let client = http::client(&base, limits.request_timeout, limits.connect_timeout)
            .map_err(ShopClientError::Client)?;
        let plain_permalinks = Arc::new(AtomicBool::new(false));
        Ok(Self { client, base, base_text, credentials, sign_in, limits, plain_permalinks })
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(super) fn base_url(&self) -> &str {
        &self.base_text
    }

    /// Reads a route below `/wc/v3/`.
    pub(super) async fn get(
        &self,
        route: &str,
        params: &[(&str, String)],
    ) -> Result<Page, ShopClientError> {
        self.get_route(&format!("/wc/v3/{route}"), params).await
    }

    /// Reads the REST index, which is open and tells the site's zone.
    pub(super) async fn index(&self) -> Result<Page, ShopClientError> {
        let fields = "name,url,home,gmt_offset,timezone_string,namespaces".to_owned();
        self.get_route("/", &[("_fields", fields)]).await
    }

    async fn get_route(
        &self,
        route: &str,
        params: &[(&str, String)],
    ) -> Result<Page, ShopClientError> {
        let plain = self.plain_permalinks.load(Ordering::Relaxed);
        let first = match self.repeat(route, params, plain).await? {
            Ok(page) => return Ok(page),
            Err(html) => html,
        };
        let explained = matches!(first, ShopClientError::Html { status: 200 | 404, .. });
        if plain || !explained {
            return Err(first);
        }
        // Without pretty permalinks, or where the web server does not hand on `/wp-json/`, a page
        // of the theme answers; the same route works as a parameter.
        match self.repeat(route, params, true).await {
            Ok(Ok(page)) => {
                self.plain_permalinks.store(true, Ordering::Relaxed);
                Ok(page)
            }
            Ok(Err(_)) => Err(first),
            Err(other) => Err(other),
        }
    }

    /// Tries until an answer is final; the inner error is a web page.
    async fn repeat(
        &self,
        route: &str,
        params: &[(&str, String)],
        plain: bool,
    ) -> Result<Result<Page, ShopClientError>, ShopClientError> {
        let mut attempts = 0;
        loop {
            attempts += 1;
            let (failure, wait) = match self.attempt(route, params, plain).await? {
                Attempt::Page(page) => return Ok(Ok(page)),
                Attempt::Html(error) => return Ok(Err(error)),
                Attempt::Passing(failure, wait) => (failure, wait),
            };
            let limits = &self.limits;
            let delay = wait.unwrap_or_else(|| {
                http::rest(limits.retry_delay, limits.retry_delay_max, attempts)
            });
            if attempts >= self.limits.attempts_max || delay > self.limits.retry_delay_max {
                return Err(give_up(failure, wait, attempts));
            }
            tracing::debug!(route, attempts, ?delay, "the shop is asked again");
            tokio::time::sleep(delay).await;
        }
    }

    async fn attempt(
        &self,
        route: &str,
        params: &[(&str, String)],
        plain: bool,
    ) -> Result<Attempt, ShopClientError> {
        let (request, address) = self.sign(route, params, plain);
        match request.send().await {
            Ok(response) => self.read(response, &address).await,
            Err(error) => Ok(Attempt::Passing(Failure::Transport(error.without_url()), None)),
        }
    }

    /// Builds the request; the address that is given back holds no query, thus no signature.
    fn sign(
        &self,
        route: &str,
        params: &[(&str, String)],
        plain: bool,
    ) -> (reqwest::RequestBuilder, String) {
        let mut params: Vec<(&str, String)> = params.to_vec();
        let address = if plain {
            params.push(("rest_route", route.to_owned()));
            format!("{}/", self.base_text)
        } else {
            format!("{}/wp-json{route}", self.base_text)
        };
        let basic = |query: String, user: &str, password: &str| {
            self.client.get(format!("{address}?{query}")).basic_auth(user, Some(password))
        };
        let request = match &self.credentials {
            Credentials::ApplicationPassword { user, password } => {
                basic(oauth::query(&params), user, password)
            }
            Credentials::ConsumerKey { key, secret } if self.signs_by_oauth() => {
                let once = Once {
                    timestamp: Utc::now().timestamp(),
                    nonce: uuid::Uuid::new_v4().simple().to_string(),
                };
                // A shop that wants OAuth believes it was asked over http, whatever came before it.
                let signed = address.replacen("https://", "http://", 1);
                let query = oauth::sign(&signed, &params, key, secret, &once);
                self.client.get(format!("{address}?{query}"))
            }
            Credentials::ConsumerKey { key, secret } => basic(oauth::query(&params), key, secret),
        };
        (request, address)
    }

    fn signs_by_oauth(&self) -> bool {
        match self.sign_in {
            SignIn::Auto => self.base.scheme() == "http",
            SignIn::Basic => false,
            SignIn::OAuth1 => true,
        }
    }

    async fn read(&self, response: Response, address: &str) -> Result<Attempt, ShopClientError> {
        let status = response.status();
        if status.is_redirection() {
            let to = header(&response, LOCATION.as_str()).unwrap_or_default();
            let to = to.split(['?', '#']).next().unwrap_or_default().to_owned();
            return Err(ShopClientError::Redirected { from: address.to_owned(), to });
        }
        if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
            let wait = http::retry_after(response.headers());
            return Ok(Attempt::Passing(Failure::Status(status), wait));
        }
        let count = |name| header(&response, name).and_then(|count| count.parse().ok());
        let (pages, total) = (count("x-wp-totalpages"), count("x-wp-total"));
        let html = header(&response, CONTENT_TYPE.as_str())
            .is_some_and(|kind| kind.starts_with("text/html"));
        let body = match self.read_body(response).await? {
            Ok(body) => body,
            Err(error) => return Ok(Attempt::Passing(Failure::Transport(error), None)),
        };
        if html || body.trim_start().starts_with("<!") {
            let title = title_of(&body);
            return Ok(Attempt::Html(ShopClientError::Html { status: status.as_u16(), title }));
        }
        if status.is_success() {
            return Ok(Attempt::Page(Page { body, pages, total }));
        }
        Err(read_error(status, &body))
    }

    /// Reads no more than the limit; the inner error is one of the connection.
    async fn read_body(
        &self,
        response: Response,
    ) -> Result<Result<String, reqwest::Error>, ShopClientError> {
        let bytes_max = self.limits.response_bytes_max;
        let bytes = match http::read_body(response, bytes_max).await {
            Ok(bytes) => bytes,
            Err(BodyError::TooLarge) => return Err(ShopClientError::TooLarge { bytes_max }),
            Err(BodyError::Torn(error)) => return Ok(Err(error)),
        };
        match String::from_utf8(bytes) {
            // WordPress plugins saved with a byte order mark print it before every answer.
            Ok(text) => Ok(Ok(text.trim_start_matches('\u{feff}').to_owned())),
            Err(_) => Err(ShopClientError::Shape { why: "it is not UTF-8".to_owned() }),
        }
    }
}

fn give_up(failure: Failure, wait: Option<Duration>, attempts: u32) -> ShopClientError {
    match failure {
        Failure::Transport(source) => ShopClientError::Unreachable { attempts, source },
        Failure::Status(StatusCode::TOO_MANY_REQUESTS) => {
            ShopClientError::TooManyRequests { retry_after: wait }
        }
        Failure::Status(status) => {
            ShopClientError::Unavailable { status: status.as_u16(), attempts }
        }
    }
}

/// Reads WooCommerce's error object; what is none is refused with its beginning.
fn read_error(status: StatusCode, body: &str) -> ShopClientError {
    #[derive(Deserialize)]
    struct Told {
        code: String,
        message: String,
    }
    let told = serde_json::from_str(body)
        .unwrap_or_else(|_| Told { code: String::new(), message: quote(body) });
    ShopClientError::from_answer(status.as_u16(), told.code, told.message)
}

pub(super) fn unreadable(body: &str, error: &serde_json::Error) -> ShopClientError {
    ShopClientError::Shape { why: format!("{error}; it begins `{}`", quote(body)) }
}

fn quote(body: &str) -> String {
    body.chars().take(QUOTE_CHARS).collect()
}

fn title_of(html: &str) -> String {
    let title = html.split_once("<title>").and_then(|(_, rest)| rest.split_once("</title>"));
    title.map_or_else(|| quote(html), |(title, _)| quote(title.trim()))
}

fn header(response: &Response, name: &str) -> Option<String> {
    response.headers().get(name).and_then(|value| value.to_str().ok()).map(ToOwned::to_owned)
}
