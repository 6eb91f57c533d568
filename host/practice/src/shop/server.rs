//! The transport: from HTTP to a [`Request`] and back, and the task that delivers webhooks.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, Method, Response, Uri, header};
use bytes::Bytes;
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tokio::sync::{Notify, oneshot};

use super::access::ApiKey;
use super::delivery::{self, Delivered};
use super::fault::Fault;
use super::query::Params;
use super::reply::{Reply, print_json};
use super::route::Request;
use super::running::Running;
use super::store::Shop;

/// Largest request body, PHP's `post_max_size` of the recorded shop.
const BODY_BYTES_MAX: usize = 8 * 1024 * 1024;

/// How the transport behaves.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Switches {
    /// Every request counts as https.
    pub(crate) https: bool,
    /// `X-Forwarded-Proto: https` counts as https.
    pub(crate) trust_forwarded_proto: bool,
    /// Webhooks go out at once.
    pub(crate) deliver_automatically: bool,
}

/// What the transport shares with the control API.
#[derive(Debug)]
pub(crate) struct Door {
    shop: Mutex<Shop>,
    switches: Switches,
    delivery_timeout: Duration,
    something_waits: Notify,
}

impl Door {
    /// The shop; one request at a time, as an order is saved in one transaction.
    pub(crate) fn shop(&self) -> MutexGuard<'_, Shop> {
        self.shop.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the shop and, when it delivers by itself, wakes the deliverer.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut Shop) -> T) -> T {
        let done = change(&mut self.shop());
        self.something_waits.notify_one();
        done
    }

    /// Sends what waits now; what the receivers cause meanwhile waits for the next time.
    pub(crate) async fn deliver_pending(&self) -> Vec<Delivered> {
        let waiting = self.shop().webhooks.pending.len();
        let mut done = Vec::new();
        for _ in 0..waiting {
            let Some(outgoing) = self.shop().next_delivery() else { break };
            let status = delivery::send(&outgoing, self.delivery_timeout).await;
            self.shop().settle_delivery(outgoing.webhook_id, status);
            let body = String::from_utf8_lossy(&outgoing.body).into_owned();
            done.push(Delivered {
                webhook_id: outgoing.webhook_id,
                topic: outgoing.topic,
                status,
                body,
            });
        }
        done
    }

    /// Sends the pings of new webhooks; WooCommerce's REST API ignores what comes back.
    async fn send_pings(&self) {
        loop {
            let Some(outgoing) = self.shop().next_ping() else { return };
            delivery::send(&outgoing, self.delivery_timeout).await;
        }
    }
}

/// The handle of a shop without a socket.
pub(crate) fn closed(
    home: &str,
    shop: Shop,
    switches: Switches,
    delivery_timeout: Duration,
) -> Running {
    let door = Arc::new(Door {
        shop: Mutex::new(shop),
        switches,
        delivery_timeout,
        something_waits: Notify::new(),
    });
    let mut running =
        Running::new(SocketAddr::from(([127, 0, 0, 1], 0)), door, None, oneshot::channel().0);
    home.clone_into(&mut running.base_url);
    running
}

/// Starts the tasks and gives the handle; they end when the handle is dropped.
pub(crate) fn serve(
    listener: TcpListener,
    address: SocketAddr,
    shop: Shop,
    switches: Switches,
    delivery_timeout: Duration,
    key: Option<ApiKey>,
) -> Running {
    let door = Arc::new(Door {
        shop: Mutex::new(shop),
        switches,
        delivery_timeout,
        something_waits: Notify::new(),
    });
    let app = Router::new()
        .fallback(handle)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(Arc::clone(&door));
    let (handle_end, ended) = oneshot::channel::<()>();
    let deliverer = Arc::clone(&door);
    tokio::spawn(async move {
        let work = async move {
            loop {
                deliverer.something_waits.notified().await;
                if deliverer.switches.deliver_automatically {
                    deliverer.deliver_pending().await;
                }
            }
        };
        tokio::select! {
            served = axum::serve(listener, app) => {
                if let Err(error) = served {
                    tracing::error!(%error, "the practice shop stopped");
                }
            }
            () = work => {}
            _ = ended => {}
        }
    });
    Running::new(address, door, key, handle_end)
}

async fn handle(
    State(door): State<Arc<Door>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let path = uri.path();
    if path == "/practice/deliver" && method == Method::POST {
        let done = door.deliver_pending().await;
        let failed = done.iter().filter(|one| one.status.is_none_or(|code| code >= 303)).count();
        let body = json!({"delivered": done.len() - failed, "failed": failed});
        return respond(&Reply::ok(body), &door.shop().home);
    }
    let fault = {
        let mut shop = door.shop();
        if shop.faults.is_empty() { None } else { Some(shop.faults.remove(0)) }
    };
    match fault {
        Some(Fault::Delay(time)) => tokio::time::sleep(time).await,
        Some(fault) => return spoil(&fault, &uri),
        None => {}
    }
    let params = Params::read(uri.query().unwrap_or_default());
    let Some(route) = find_route(path, &params, door.shop().pretty_permalinks) else {
        return not_found();
    };
    let forwarded = headers.get("x-forwarded-proto").and_then(|value| value.to_str().ok());
    let switches = door.switches;
    let method = params
        .get("_method")
        .or_else(|| headers.get("x-http-method-override").and_then(|value| value.to_str().ok()))
        .filter(|_| method == Method::POST)
        .map_or_else(|| method.to_string(), str::to_uppercase);
    let body = match read_body(&headers, &body) {
        Ok(body) => body,
        Err(refusal) => return respond(&refusal, &door.shop().home),
    };
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let request = Request {
        method,
        route,
        path: path.to_owned(),
        params,
        body,
        authorization: authorization.map(ToOwned::to_owned),
        ssl: switches.https || (switches.trust_forwarded_proto && forwarded == Some("https")),
    };
    let reply = door.change(|shop| shop.answer(&request));
    door.send_pings().await;
    let home = door.shop().home.clone();
    respond(&reply, &home)
}

/// The REST route: below `/wp-json`, or in `rest_route`.
fn find_route(path: &str, params: &Params, pretty: bool) -> Option<String> {
    if let Some(route) = params.get("rest_route")
        && matches!(path, "/" | "/index.php")
    {
        return Some(format!("/{}", route.trim_matches('/')));
    }
    let route = path.strip_prefix("/index.php").unwrap_or(path).strip_prefix("/wp-json")?;
    if !pretty || !(route.is_empty() || route.starts_with('/')) {
        return None;
    }
    Some(format!("/{}", route.trim_matches('/')))
}

fn read_body(headers: &HeaderMap, body: &Bytes) -> Result<Value, Reply> {
    if body.is_empty() {
        return Ok(Value::Null);
    }
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
        let text = String::from_utf8_lossy(body);
        let params = Params::read(&text);
        let pairs = params.pairs().iter();
        let fields: Map<String, Value> =
            pairs.map(|(name, value)| (name.clone(), value.clone().into())).collect();
        return Ok(fields.into());
    }
    serde_json::from_slice(body).map_err(|_| {
        let body = json!({
            "code": "rest_invalid_json",
            "message": "Invalid JSON body passed.",
            "data": {
                "status": 400,
                "json_error_code": 4,
                "json_error_message": "Syntax error",
            },
        });
        Reply { status: 400, ..Reply::ok(body) }
    })
}

/// Puts the headers on that `WordPress` sends with every REST answer.
fn respond(reply: &Reply, home: &str) -> Response<Body> {
    let mut response = Response::builder()
        .status(reply.status)
        .header(header::CONTENT_TYPE, "application/json; charset=UTF-8")
        .header("X-Robots-Tag", "noindex")
        .header("X-Content-Type-Options", "nosniff")
        .header("Access-Control-Expose-Headers", "X-WP-Total, X-WP-TotalPages, Link")
        .header("Cache-Control", "no-cache, must-revalidate, max-age=0, no-store, private");
    // The link to the index gives way to a list's own links.
    if !reply.headers.iter().any(|(name, _)| *name == "Link") {
        response =
            response.header("Link", format!("<{home}/wp-json/>; rel=\"https://api.w.org/\""));
    }
    for (name, value) in &reply.headers {
        response = response.header(*name, value);
    }
    finish(response.body(Body::from(print_json(&reply.body))))
}

/// A theme's page for an address that does not exist.
fn not_found() -> Response<Body> {
    page(404, "Page not found")
}

fn page(status: u16, title: &str) -> Response<Body> {
    let html = format!(
        "<!DOCTYPE html>\n<html lang=\"en-US\"><head><title>{title}</title></head></html>\n"
    );
    let builder = Response::builder().status(status);
    finish(builder.header(header::CONTENT_TYPE, "text/html; charset=UTF-8").body(Body::from(html)))
}

fn spoil(fault: &Fault, uri: &Uri) -> Response<Body> {
    let redirect = |to: &str| {
        let builder = Response::builder().status(302).header(header::LOCATION, to);
        finish(builder.body(Body::empty()))
    };
    let json = |body: Vec<u8>| {
        let kind = "application/json; charset=UTF-8";
        finish(Response::builder().header(header::CONTENT_TYPE, kind).body(Body::from(body)))
    };
    match fault {
        Fault::Status { status, retry_after_secs } => {
            let mut builder = Response::builder().status(*status);
            if let Some(seconds) = retry_after_secs {
                builder = builder.header(header::RETRY_AFTER, seconds.to_string());
            }
            finish(builder.body(Body::from("Service Unavailable")))
        }
        Fault::Html { status } => page(*status, "Briefly unavailable for scheduled maintenance"),
        Fault::RedirectLoop => redirect(&uri.to_string()),
        Fault::RedirectTo(to) => redirect(to),
        Fault::PhpWarning => json(b"<br />\n<b>Warning</b>: Undefined variable\n[]".to_vec()),
        Fault::Flood(bytes) => {
            json([b"[\"".to_vec(), vec![b'x'; *bytes], b"\"]".to_vec()].concat())
        }
        Fault::Delay(_) => page(500, "late"),
    }
}

fn finish(response: Result<Response<Body>, axum::http::Error>) -> Response<Body> {
    response.unwrap_or_else(|error| {
        tracing::error!(%error, "an answer could not be built");
        Response::new(Body::empty())
    })
}
