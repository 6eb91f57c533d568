//! The servers of Stripe and PayPal: HTTP on loopback around somebody who answers.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::fault::{Fault, FaultRule, Faults};
use crate::shop::query::Params;
use crate::xero::wire::{CuttableListener, Scissors};

/// Largest request body that is read.
const BODY_BYTES_MAX: usize = 1024 * 1024;

/// A request after the transport has been taken off.
#[derive(Debug)]
pub(crate) struct Call {
    /// Upper-case method.
    pub(crate) method: String,
    /// Path without query.
    pub(crate) path: String,
    /// Query parameters.
    pub(crate) query: Params,
    /// The `Authorization` header.
    pub(crate) authorization: Option<String>,
    /// Fields of a form.
    pub(crate) form: Params,
}

impl Call {
    /// The token after `Bearer`.
    pub(crate) fn bearer(&self) -> Option<&str> {
        self.authorization.as_deref()?.strip_prefix("Bearer ").map(str::trim)
    }

    /// User and password after `Basic`.
    pub(crate) fn basic(&self) -> Option<(String, String)> {
        let text = self.authorization.as_deref()?.strip_prefix("Basic ")?.trim();
        let text = String::from_utf8(STANDARD.decode(text).ok()?).ok()?;
        text.split_once(':').map(|(user, password)| (user.to_owned(), password.to_owned()))
    }
}

/// An answer in JSON.
#[derive(Debug)]
pub(crate) struct Answer {
    /// HTTP status.
    pub(crate) status: u16,
    /// JSON body.
    pub(crate) body: Value,
}

/// Somebody who answers for a gateway.
pub(crate) trait Clerk: std::fmt::Debug + Send + Sync + 'static {
    /// Answers a call.
    fn answer(&self, call: &Call) -> Answer;
    /// Turns a call away with 401, 429 or 500 in the gateway's words.
    fn refuse(&self, status: u16) -> Answer;
}

#[derive(Debug, Default)]
struct Book {
    faults: Faults,
    requests: Vec<String>,
}

/// A running server, as far as its owner needs it.
#[derive(Debug, Clone)]
pub(super) struct Desk {
    clerk: Arc<dyn Clerk>,
    book: Arc<Mutex<Book>>,
}

impl Desk {
    /// Lets calls go wrong.
    pub(super) fn fault(&self, rule: FaultRule) {
        self.book().faults.add(rule);
    }

    /// The calls so far as `METHOD path`.
    pub(super) fn requests(&self) -> Vec<String> {
        self.book().requests.clone()
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts a task that ends when what is given back last is dropped; the address is second.
    pub(super) async fn open(
        clerk: impl Clerk,
        ip: IpAddr,
    ) -> io::Result<(Self, String, oneshot::Sender<()>)> {
        let listener = TcpListener::bind(SocketAddr::new(ip, 0)).await?;
        let base_url = format!("http://{}", listener.local_addr()?);
        let desk = Self { clerk: Arc::new(clerk), book: Arc::default() };
        let app = Router::new().fallback(handle).with_state(desk.clone());
        let service = app.into_make_service_with_connect_info::<Scissors>();
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(async move {
            tokio::select! {
                served = axum::serve(CuttableListener(listener), service) => {
                    if let Err(error) = served {
                        tracing::error!(%error, "a practice gateway stopped");
                    }
                }
                _ = stopped => {}
            }
        });
        Ok((desk, base_url, stop))
    }
}

/// What faults make of an answer.
#[derive(Debug, Default)]
struct Fate {
    refusal: Option<u16>,
    retry_after: Option<u64>,
    dropped: bool,
    torn: bool,
}

impl Fate {
    /// Waits as long as the faults say, and tells what else they do.
    async fn of(faults: Vec<Fault>) -> Self {
        let mut fate = Self::default();
        for fault in faults {
            match fault {
                Fault::Delay { ms } | Fault::Stall { ms } => {
                    tokio::time::sleep(Duration::from_millis(ms)).await;
                }
                Fault::DropBefore | Fault::DropAfter => fate.dropped = true,
                Fault::TornBody => fate.torn = true,
                Fault::RateLimit { retry_after_secs, .. } => {
                    fate.retry_after = retry_after_secs;
                    fate.refusal = Some(429);
                }
                Fault::ServerError { .. } => fate.refusal = Some(500),
                Fault::Unavailable => fate.refusal = Some(503),
                Fault::ExpiredToken => fate.refusal = Some(401),
            }
        }
        fate
    }
}

async fn handle(
    State(desk): State<Desk>,
    ConnectInfo(scissors): ConnectInfo<Scissors>,
    request: Request,
) -> Response {
    let Some(call) = read(request).await else { return respond(413, String::new(), None) };
    let struck = {
        let mut book = desk.book();
        book.requests.push(format!("{} {}", call.method, call.path));
        book.faults.strike(&call.method, &call.path)
    };
    let fate = Fate::of(struck).await;
    let answer = match fate.refusal {
        Some(status) => desk.clerk.refuse(status),
        None => desk.clerk.answer(&call),
    };
    let body = answer.body.to_string();
    if fate.dropped {
        scissors.cut_now();
    } else if fate.torn {
        scissors.cut_in_body(body.len() / 2);
    }
    respond(answer.status, body, fate.retry_after)
}

async fn read(request: Request) -> Option<Call> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, BODY_BYTES_MAX).await.ok()?;
    let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    Some(Call {
        method: parts.method.as_str().to_ascii_uppercase(),
        path: parts.uri.path().to_owned(),
        query: Params::read(parts.uri.query().unwrap_or_default()),
        authorization: header.map(ToOwned::to_owned),
        form: Params::read(&String::from_utf8_lossy(&body)),
    })
}

fn respond(status: u16, body: String, retry_after: Option<u64>) -> Response {
    let mut response = Response::builder().status(status).header(CONTENT_TYPE, "application/json");
    if let Some(seconds) = retry_after {
        response = response.header(RETRY_AFTER, seconds);
    }
    response.body(Body::from(body)).unwrap_or_default()
}
