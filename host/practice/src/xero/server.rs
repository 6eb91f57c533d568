//! From a socket to the world and back: one call at a time through the door, the faults, the
//! idempotency store and the log.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::request::Parts;
use axum::response::Response;
use bytes::Bytes;
use tokio::sync::Notify;

use super::auth::expired_token;
use super::call::{Call, Reply};
use super::control;
use super::idempotency::Found;
use super::limits::too_many;
use super::log::Fate;
use super::unknowns::InFlightRepeat;
use super::wire::Scissors;
use super::world::{API, Ticket, World, segments};
use crate::fault::Fault;

/// Bytes a request may have (section 1.3).
const BODY_BYTES_MAX: usize = 10 * 1024 * 1024;

/// The world, shared between the server and its owner.
#[derive(Debug, Clone)]
pub(crate) struct Shared {
    world: Arc<Mutex<World>>,
    /// Wakes repeats that wait for the first call with their idempotency key.
    settled: Arc<Notify>,
    /// How long every call takes.
    latency: Duration,
}

/// What happens to the connection under an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Delivery {
    Whole,
    Torn,
    Dropped,
}

impl Shared {
    pub(crate) fn new(world: World, latency: Duration) -> Self {
        Self { world: Arc::new(Mutex::new(world)), settled: Arc::new(Notify::new()), latency }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn router(self) -> Router {
        Router::new().fallback(answer).with_state(self)
    }
}

async fn answer(
    State(shared): State<Shared>,
    ConnectInfo(scissors): ConnectInfo<Scissors>,
    request: Request,
) -> Response {
    let Some(call) = read_call(request).await else {
        return into_response(Reply::text(413, "Request Entity Too Large"), "GET");
    };
    let method = call.method.clone();
    // The work goes on when the client hangs up, as it would at Xero.
    let work = tokio::spawn(async move { serve(&shared, call).await });
    let Ok((reply, delivery)) = work.await else {
        return into_response(Reply::text(500, "The practice server failed"), &method);
    };
    match delivery {
        Delivery::Whole => {}
        Delivery::Torn => scissors.cut_in_body(reply.body.len() / 2),
        Delivery::Dropped => scissors.cut_now(),
    }
    into_response(reply, &method)
}

/// Answers a call that came without a socket; a fault that cuts the connection gives no answer.
pub(super) async fn answer_here(
    shared: &Shared,
    request: axum::http::Request<Bytes>,
) -> Option<axum::http::Response<Bytes>> {
    let (parts, body) = request.into_parts();
    let (reply, delivery) = serve(shared, call_of(&parts, body)).await;
    if delivery != Delivery::Whole {
        return None;
    }
    let mut response = axum::http::Response::builder().status(reply.status);
    for (name, value) in &reply.headers {
        response = response.header(*name, value);
    }
    response.body(reply.body).ok()
}

async fn read_call(request: Request) -> Option<Call> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, BODY_BYTES_MAX).await.ok()?;
    Some(call_of(&parts, body))
}

fn call_of(parts: &Parts, body: Bytes) -> Call {
    let headers = parts
        .headers
        .iter()
        .map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect();
    Call {
        method: parts.method.as_str().to_ascii_uppercase(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers,
        body,
    }
}

fn into_response(reply: Reply, method: &str) -> Response {
    let mut response = Response::builder().status(reply.status);
    for (name, value) in &reply.headers {
        response = response.header(*name, value);
    }
    let body = if method == "HEAD" { Body::empty() } else { Body::from(reply.body) };
    response.body(body).unwrap_or_default()
}

/// Answers one call and writes it into the log.
async fn serve(shared: &Shared, call: Call) -> (Reply, Delivery) {
    if control::is_meant(&call) {
        return (control::answer(shared, &call), Delivery::Whole);
    }
    let mut fate = Fate::default();
    let faults = shared.lock().faults.strike(&call.method, &call.path);
    fate.faults.clone_from(&faults);
    for fault in &faults {
        if let Fault::Delay { ms } = fault {
            tokio::time::sleep(Duration::from_millis(*ms)).await;
        }
    }
    let (reply, delivery) = if let Some(answered) = at_the_door(shared, &faults) {
        answered
    } else {
        let reply = route(shared, &call, &faults, &mut fate).await;
        let delivery = if faults.contains(&Fault::DropAfter) {
            Delivery::Dropped
        } else if faults.contains(&Fault::TornBody) {
            Delivery::Torn
        } else {
            Delivery::Whole
        };
        (reply, delivery)
    };
    fate.dropped = delivery == Delivery::Dropped;
    let mut world = shared.lock();
    let now = world.now();
    world.log.add(now, &call, &reply, fate);
    (reply, delivery)
}

/// What a fault answers before Xero itself has seen the call.
fn at_the_door(shared: &Shared, faults: &[Fault]) -> Option<(Reply, Delivery)> {
    faults.iter().find_map(|fault| {
        let world = shared.lock();
        Some(match fault {
            Fault::DropBefore => (Reply::empty(503), Delivery::Dropped),
            Fault::RateLimit { problem, retry_after_secs } => {
                let seconds = retry_after_secs.and_then(|secs| i64::try_from(secs).ok());
                (too_many(*problem, seconds, &world.unknowns, None), Delivery::Whole)
            }
            Fault::Unavailable => {
                let text = "The Xero API is temporarily unavailable";
                (Reply::text(503, text), Delivery::Whole)
            }
            Fault::ExpiredToken => (expired_token(world.now()), Delivery::Whole),
            _ => return None,
        })
    })
}

async fn route(shared: &Shared, call: &Call, faults: &[Fault], fate: &mut Fate) -> Reply {
    let is_api = call.path.get(..API.len()).is_some_and(|head| head.eq_ignore_ascii_case(API));
    if is_api {
        return api(shared, call, faults, fate).await;
    }
    stall(faults).await;
    match server_error(faults) {
        None => identity(shared, call),
        Some(committed) => {
            if committed {
                identity(shared, call);
            }
            unhandled()
        }
    }
}

/// Tokens, consent and connections.
fn identity(shared: &Shared, call: &Call) -> Reply {
    let path = segments(&call.path);
    let lower: Vec<String> = path.iter().map(|part| part.to_ascii_lowercase()).collect();
    let words: Vec<&str> = lower.iter().map(String::as_str).collect();
    match (call.method.as_str(), words.as_slice()) {
        ("POST", ["connect", "token"]) => {
            let mut world = shared.lock();
            let now = world.now();
            world.auth.token(call, now)
        }
        ("POST", ["connect", "revocation"]) => shared.lock().auth.revoke(call),
        ("GET", ["identity", "connect", "authorize"]) => {
            let mut world = shared.lock();
            let now = world.now();
            world.auth.authorize(call, now)
        }
        (_, ["connections", rest @ ..]) => connections(shared, call, rest),
        _ => Reply::not_found(),
    }
}

/// Waits as long as a call is to take.
async fn stall(faults: &[Fault]) {
    for fault in faults {
        if let Fault::Stall { ms } = fault {
            tokio::time::sleep(Duration::from_millis(*ms)).await;
        }
    }
}

/// Whether the call fails with 500, and if so whether its work is done.
fn server_error(faults: &[Fault]) -> Option<bool> {
    faults.iter().find_map(|fault| match fault {
        Fault::ServerError { committed } => Some(*committed),
        _ => None,
    })
}

fn connections(shared: &Shared, call: &Call, rest: &[&str]) -> Reply {
    let mut guard = shared.lock();
    let world = &mut *guard;
    let now = world.clock.now();
    let organisations = &world.organisations;
    let names =
        |tenant| organisations.get(&tenant).map(|one| one.profile.name.clone()).unwrap_or_default();
    world.auth.connections(call, rest, &names, now)
}

async fn api(shared: &Shared, call: &Call, faults: &[Fault], fate: &mut Fate) -> Reply {
    let ticket = match shared.lock().enter(call) {
        Ok(ticket) => ticket,
        Err(reply) => return *reply,
    };
    fate.tenant = Some(ticket.caller.tenant);
    let held = Admitted { shared, ticket };
    if !shared.latency.is_zero() {
        tokio::time::sleep(shared.latency).await;
    }
    let reply = first_or_replay(shared, call, &held.ticket, faults, fate).await;
    dress(reply, &held.ticket)
}

/// A call that is in flight; it counts against the limit until it is dropped.
struct Admitted<'a> {
    shared: &'a Shared,
    ticket: Ticket,
}

impl Drop for Admitted<'_> {
    fn drop(&mut self) {
        self.shared.lock().leave(&self.ticket);
    }
}

async fn first_or_replay(
    shared: &Shared,
    call: &Call,
    ticket: &Ticket,
    faults: &[Fault],
    fate: &mut Fate,
) -> Reply {
    loop {
        let woken = shared.settled.notified();
        let found = shared.lock().begin(call, ticket);
        match found {
            Found::Fresh => break,
            Found::Replay(reply) => {
                fate.replayed = true;
                return reply;
            }
            Found::Refused(reply) => return reply,
            Found::Running => {
                if shared.lock().unknowns.in_flight_repeat == InFlightRepeat::Refuse {
                    return Reply::exception(
                        10,
                        "ValidationException",
                        "Idempotency Key: a request with this key is being processed.",
                    )
                    .with_status(409);
                }
                woken.await;
            }
        }
    }
    stall(faults).await;
    let mut world = shared.lock();
    let reply = match server_error(faults) {
        Some(false) => unhandled(),
        Some(true) => {
            world.work(call, ticket);
            unhandled()
        }
        None => world.work(call, ticket),
    };
    world.settle(call, ticket, &reply);
    drop(world);
    shared.settled.notify_waiters();
    reply
}

fn unhandled() -> Reply {
    Reply::text(500, "An unhandled error with the Xero API occurred")
}

/// The headers that every answer of the API bears.
fn dress(reply: Reply, ticket: &Ticket) -> Reply {
    if reply.status == 429 {
        return reply;
    }
    ticket
        .remaining
        .put_on(reply)
        .header("Xero-Correlation-Id", ticket.call_id.to_string())
        .header("Server", "Kestrel")
        .header("Cache-Control", "max-age=0, no-cache, no-store")
        .header("Pragma", "no-cache")
}
