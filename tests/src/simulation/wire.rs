//! The way to Xero and back: every error that Xero or the network between has.

use std::sync::{Arc, Mutex};

use axum::http::{Request, Response};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use tillbook::xero_client::{Wire, WireError};
use tillbook_practice::{
    fault::{Fault, FaultRule, Problem},
    xero::State,
};

use super::stage::{ActorId, Point, Rates, Stage};

/// How long a client waits for an answer, in milliseconds.
pub(super) const TIMEOUT_MS: i64 = 30_000;

/// How long a request may be under way that its sender has given up, in milliseconds.
const STRAY_MS_MAX: u64 = 50_000;

/// How long trouble lasts once it has begun, in milliseconds, and how much of it there is.
const SPELL_MS_MAX: u64 = 90_000;
const SPELL_PER_MILLE: u64 = 400;

/// A request that arrives after its sender has stopped waiting.
#[derive(Debug)]
pub(super) struct Stray {
    pub(super) request: Request<Bytes>,
    /// When it arrives at the latest.
    pub(super) until_ms: i64,
}

/// One process's way to Xero.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) stage: Stage,
    pub(super) actor: ActorId,
    pub(super) xero: State,
    pub(super) strays: Arc<Mutex<Vec<Stray>>>,
    /// The idempotency keys that were seen, for the log.
    pub(super) keys: Arc<Mutex<Vec<String>>>,
}

/// What goes wrong with one call.
#[derive(Debug, Clone)]
enum Trouble {
    Refused,
    LostBefore,
    LostAfter,
    Torn,
    Twice,
    Stray,
    Proxy {
        done: bool,
    },
    /// A proxy gives up while Xero still works.
    Gateway,
    Login,
    Xero(Fault),
}

impl Trouble {
    fn name(&self) -> &'static str {
        match self {
            Self::Refused => "Xero: connection refused",
            Self::LostBefore => "Xero: request lost",
            Self::LostAfter => "Xero: answer lost after the commit",
            Self::Torn => "Xero: answer torn",
            Self::Twice => "Xero: request delivered twice",
            Self::Stray => "Xero: request delivered after its sender gave up",
            Self::Proxy { .. } => "Xero: 502 of a proxy",
            Self::Gateway => "Xero: 504 of a proxy, done later",
            Self::Login => "Xero: 200 of something else",
            Self::Xero(Fault::ServerError { committed: true }) => "Xero: 500, done",
            Self::Xero(Fault::ServerError { .. }) => "Xero: 500, not done",
            Self::Xero(Fault::Unavailable) => "Xero: 503",
            Self::Xero(Fault::ExpiredToken) => "Xero: 401",
            Self::Xero(Fault::RateLimit { .. }) => "Xero: 429",
            Self::Xero(_) => "Xero: other",
        }
    }
}

impl Line {
    /// Draws what goes wrong with the next call, if anything does.
    fn trouble(&self) -> Option<Trouble> {
        // Trouble seldom comes alone.
        let spell = {
            let inner = self.stage.lock();
            inner.now_ms < inner.spell_until_ms
        };
        let rate = |rates: &Rates| if spell { SPELL_PER_MILLE } else { rates.wire };
        if !self.stage.strikes(rate, "calls struck") {
            return None;
        }
        let mut inner = self.stage.lock();
        if !spell {
            let ms = inner.dice.below(SPELL_MS_MAX);
            inner.spell_until_ms = inner.now_ms + i64::try_from(ms).unwrap_or_default();
        }
        let dice = &mut inner.dice;
        let trouble = match dice.below(17) {
            0 => Trouble::Refused,
            1 => Trouble::LostBefore,
            2..=4 => Trouble::LostAfter,
            5 => Trouble::Torn,
            6 => Trouble::Twice,
            7 => Trouble::Stray,
            8 => Trouble::Proxy { done: dice.hits(500) },
            9 => Trouble::Login,
            10 => Trouble::Xero(Fault::ServerError { committed: true }),
            11 => Trouble::Xero(Fault::ServerError { committed: false }),
            12 => Trouble::Xero(Fault::Unavailable),
            13 => Trouble::Xero(Fault::ExpiredToken),
            14 => Trouble::Gateway,
            _ => {
                let problems =
                    [Problem::Minute, Problem::Day, Problem::Concurrent, Problem::AppMinute];
                let problem = dice.one(&problems);
                let secs = if problem == Problem::Day { 20_000 } else { 26 };
                let named = problem != Problem::Concurrent && dice.hits(700);
                Trouble::Xero(Fault::RateLimit { problem, retry_after_secs: named.then_some(secs) })
            }
        };
        inner.tally.count(trouble.name());
        Some(trouble)
    }

    /// The how manieth key of the seed this is: keys themselves are never the same twice.
    fn number_of(&self, key: &str) -> usize {
        let mut keys = self.keys.lock().unwrap();
        let known = keys.iter().position(|known| known == key);
        known.unwrap_or_else(|| {
            keys.push(key.to_owned());
            keys.len() - 1
        })
    }

    async fn carry(&self, request: Request<Bytes>) -> Result<Response<Bytes>, WireError> {
        let stage = &self.stage;
        stage.point(self.actor, Point::Send).await;
        if stage.strikes(|rates| rates.token, "tokens expired") {
            self.xero.expire_access_tokens();
        }
        let trouble = self.trouble();
        stage.note(|| {
            let path = request.uri().path();
            let body = if request.method() == "GET" || path.ends_with("/token") {
                String::new()
            } else {
                let key = request.headers().get("idempotency-key");
                let key = key.and_then(|key| key.to_str().ok()).unwrap_or_default();
                let key = self.number_of(key);
                format!(" key {key}: {}", String::from_utf8_lossy(request.body()))
            };
            let trouble = trouble.as_ref().map(Trouble::name).unwrap_or_default();
            format!("{} {} {path} {trouble}{body}", self.actor, request.method())
        });
        let sent_ms = stage.lock().now_ms;
        let is_secret = request.uri().path().ends_with("/token");
        let answer = self.deliver(request, trouble).await;
        stage.point(self.actor, Point::Answer).await;
        let mut inner = stage.lock();
        // Whoever slept over it finds the answer, or that its own patience is at an end.
        if inner.now_ms - sent_ms > TIMEOUT_MS && inner.dice.hits(500) {
            inner.tally.count("answers that came too late");
            return Err(WireError::Broken(String::from("no answer in time")));
        }
        drop(inner);
        stage.note(|| match &answer {
            Ok(answer) if is_secret => format!("{} answer {}", self.actor, answer.status()),
            Ok(answer) => {
                let body = String::from_utf8_lossy(answer.body());
                let body = body.get(..body.len().min(200)).unwrap_or_default();
                format!("{} answer {} {body}", self.actor, answer.status())
            }
            Err(error) => format!("{} answer {error:?}", self.actor),
        });
        answer
    }

    /// Lets a request arrive some time later.
    fn stray(&self, request: Request<Bytes>) {
        let mut inner = self.stage.lock();
        let ms = inner.dice.below(STRAY_MS_MAX);
        let until_ms = inner.now_ms + i64::try_from(ms).unwrap_or_default();
        drop(inner);
        self.strays.lock().unwrap().push(Stray { request, until_ms });
    }

    async fn deliver(
        &self,
        request: Request<Bytes>,
        trouble: Option<Trouble>,
    ) -> Result<Response<Bytes>, WireError> {
        let broken = |why: &str| Err(WireError::Broken(why.to_owned()));
        let odd = |status: u16, body: &'static str| {
            let mut answer = Response::new(Bytes::from_static(body.as_bytes()));
            *answer.status_mut() = axum::http::StatusCode::from_u16(status).unwrap();
            Ok(answer)
        };
        match trouble {
            None => {}
            Some(Trouble::Refused) => return Err(WireError::Connect("refused".into())),
            Some(Trouble::LostBefore) => return broken("the request was lost"),
            Some(Trouble::LostAfter) => {
                self.xero.call(request).await;
                return broken("the answer was lost");
            }
            Some(Trouble::Torn) => {
                self.xero.call(request).await;
                return broken("the answer was torn");
            }
            Some(Trouble::Twice) => {
                self.xero.call(request.clone()).await;
            }
            Some(Trouble::Stray) => {
                self.stray(request);
                return broken("no answer in time");
            }
            Some(Trouble::Gateway) => {
                self.stray(request);
                return odd(504, "<html>Gateway timeout</html>");
            }
            Some(Trouble::Proxy { done }) => {
                if done {
                    self.xero.call(request).await;
                }
                return odd(502, "<html>Bad gateway</html>");
            }
            Some(Trouble::Login) => return odd(200, "<html>Welcome to the hotel</html>"),
            Some(Trouble::Xero(fault)) => self.xero.fault(FaultRule::next(fault)),
        }
        let answer = self.xero.call(request).await;
        answer.ok_or_else(|| WireError::Broken(String::from("cut")))
    }
}

impl Wire for Line {
    fn exchange(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, WireError>> {
        Box::pin(self.carry(request))
    }
}
