//! One exchange with Xero: a place in the window, a token, the request, the answer.

use std::{sync::atomic::Ordering, time::Duration};

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, header::AUTHORIZATION};
use bytes::Bytes;
use chrono::DateTime;
use url::Url;

use super::{
    Failure, Response, XeroClient, answer,
    failure::{Effect, RETRY_SOON},
    limiter::{Feedback, Problem},
};
use crate::{config::Secret, time::Timestamp};

/// A scope is missing. Xero says so by 401 or 403.
const WIDEN: &str = "this connection may not do that: widen it with `tillbook connect`";

/// A person has disconnected the organisation from the app, or the id is another one's.
const DISCONNECTED: &str =
    "this organisation is not connected to the app in Xero: connect it with `tillbook connect`";

/// A `Retry-After` beyond a day is a mistake.
const RETRY_AFTER_SECS_MAX: u64 = 86_400;

/// An answer with what its headers say about limits.
pub(super) struct Answer {
    pub(super) response: Response,
    feedback: Feedback,
    /// The token is good, but not for this: another one would not be either.
    lacks_scope: bool,
}

impl Answer {
    /// What an error answer tells us about the other side.
    pub(super) fn failure(&self, effect: Effect) -> Failure {
        let Response { status, body } = &self.response;
        let message = match answer::explain(*status, body) {
            words if *status == 403 && words.contains("AuthorizationUnsuccessful") => {
                WIDEN.to_owned()
            }
            words if *status == 403 => format!("{DISCONNECTED} ({words})"),
            words => words,
        };
        Failure::from_status(*status, self.feedback.closed_for, message, effect)
    }
}

/// Counts a call by what it was for and what became of it.
fn count(effect: Effect, status: Option<u16>) {
    let kind = if effect == Effect::Read { "read" } else { "write" };
    let outcome = match status {
        None => "lost",
        Some(429) => "limited",
        Some(200..300) => "ok",
        Some(500..) => "failed",
        Some(_) => "refused",
    };
    metrics::counter!("tillbook_xero_calls_total", "kind" => kind, "outcome" => outcome)
        .increment(1);
}

/// Until when a request may leave.
#[derive(Debug, Clone, Copy)]
pub(super) struct LeaveBefore(pub(super) Timestamp);

impl XeroClient {
    /// A request to the API; an address or header that is none becomes a refusal.
    pub(super) fn request(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: Bytes,
    ) -> Result<Request<Bytes>, Failure> {
        let address = format!("{}{path}", self.api_url);
        let mut url = Url::parse(&address).map_err(|error| unusable(&error))?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let request = Request::builder().method(method).uri(url.as_str());
        request.body(body).map_err(|error| unusable(&error))
    }

    /// Sends a request that changes nothing.
    pub(super) async fn read(&self, request: Request<Bytes>) -> Result<Response, Failure> {
        let answer = self.exchange(request, Effect::Read).await?;
        // 304 says that nothing has changed since the moment that was named.
        if matches!(answer.response.status, 200..300 | 304) {
            Ok(answer.response)
        } else {
            Err(answer.failure(Effect::Read))
        }
    }

    /// Sends one request; an expired token is renewed and the request sent once more, for a 401
    /// says that nothing was done.
    pub(super) async fn exchange(
        &self,
        request: Request<Bytes>,
        effect: Effect,
    ) -> Result<Answer, Failure> {
        let again = request.clone();
        let (token, first) = self.attempt(request, effect).await?;
        if first.response.status != 401 {
            return Ok(first);
        }
        if first.lacks_scope {
            return Err(Failure::Refused { status: 401, message: WIDEN.to_owned() });
        }
        self.tokens.refused(&token).await;
        Ok(self.attempt(again, effect).await?.1)
    }

    async fn attempt(
        &self,
        mut request: Request<Bytes>,
        effect: Effect,
    ) -> Result<(Secret, Answer), Failure> {
        set_header(&mut request, "accept", "application/json")?;
        if !self.tenant_id.is_empty() {
            set_header(&mut request, "xero-tenant-id", &self.tenant_id)?;
        }
        let place = self.budget.admit(self.urgency(), self.clock.now()).await?;
        let token = match self.sign(&mut request).await {
            Ok(token) => token,
            Err(failure) => {
                self.budget.withdraw(place).await;
                return Err(failure);
            }
        };
        let before = request.extensions().get::<LeaveBefore>();
        if before.is_some_and(|LeaveBefore(moment)| self.clock.now() > *moment) {
            self.budget.withdraw(place).await;
            let message = String::from("it could not leave at once, and is written down anew");
            return Err(Failure::NotDone { retry_after: Duration::ZERO, message });
        }
        let counter = if effect == Effect::Read { &self.reads } else { &self.writes };
        counter.fetch_add(1, Ordering::Relaxed);
        let answer = self.receive(request, effect).await;
        count(effect, answer.as_ref().ok().map(|answer| answer.response.status));
        let feedback = match &answer {
            Ok(answer) => answer.feedback.clone(),
            Err(failure) => Feedback { trouble: Some(failure.to_string()), ..Feedback::default() },
        };
        if let Some(left) = feedback.day_remaining {
            self.day_remaining.store(left.into(), Ordering::Relaxed);
        }
        self.budget.finish(place, self.clock.now(), &feedback).await;
        Ok((token, answer?))
    }

    /// Puts the token on a request.
    async fn sign(&self, request: &mut Request<Bytes>) -> Result<Secret, Failure> {
        let token = self.tokens.token().await?;
        set_header(request, "authorization", &format!("Bearer {}", token.reveal()))?;
        Ok(token)
    }

    async fn receive(&self, request: Request<Bytes>, effect: Effect) -> Result<Answer, Failure> {
        let sent = self.wire.exchange(request).await;
        let response = sent.map_err(|error| Failure::from_wire(&error, effect))?;
        let status = response.status().as_u16();
        let mut feedback = read_feedback(status, response.headers());
        let lacks_scope = lacks_scope(response.headers());
        if let Some(ms) = read_date_ms(response.headers()) {
            let skew = ms.saturating_sub(self.clock.now().ms());
            self.skew_ms.store(skew, Ordering::Relaxed);
        }
        let body = response.into_body().to_vec();
        if status >= 400 {
            tracing::info!(status, message = answer::explain(status, &body), "Xero said no");
        }
        if status >= 500 && status != 501 {
            feedback.trouble = Some(answer::explain(status, &body));
        }
        Ok(Answer { response: Response { status, body }, feedback, lacks_scope })
    }
}

/// Sets a header; a secret one is marked, so that nothing prints it.
pub(super) fn set_header(
    request: &mut Request<Bytes>,
    name: &'static str,
    value: &str,
) -> Result<(), Failure> {
    let mut value = HeaderValue::from_str(value).map_err(|error| unusable(&error))?;
    let name = HeaderName::from_static(name);
    value.set_sensitive(name == AUTHORIZATION);
    request.headers_mut().insert(name, value);
    Ok(())
}

/// What was to be sent cannot be: nothing was.
pub(super) fn unusable(error: &dyn std::fmt::Display) -> Failure {
    Failure::Refused { status: 0, message: format!("the request cannot be made: {error}") }
}

fn read_feedback(status: u16, headers: &HeaderMap) -> Feedback {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<u64>().ok();
    let count = |name: &str| number(name).and_then(|count| u32::try_from(count).ok());
    let retry_after =
        number("Retry-After").map(|secs| Duration::from_secs(secs.min(RETRY_AFTER_SECS_MAX)));
    let problem = if status == 429 { read_problem(headers) } else { None };
    Feedback {
        minute_remaining: count("X-MinLimit-Remaining"),
        app_minute_remaining: count("X-AppMinLimit-Remaining"),
        day_remaining: count("X-DayLimit-Remaining"),
        closed_for: match status {
            429 => Some(retry_after.unwrap_or_else(|| without_retry_after(problem))),
            503 => retry_after,
            _ => None,
        },
        problem,
        trouble: None,
    }
}

/// `WWW-Authenticate: insufficient_scope`, which Xero's own pages also spell otherwise.
fn lacks_scope(headers: &HeaderMap) -> bool {
    let value = headers.get("WWW-Authenticate").and_then(|value| value.to_str().ok());
    value.is_some_and(|value| value.contains("scope"))
}

/// The concurrency limit's 429 names no time: a second is enough. Other limits always do.
fn without_retry_after(problem: Option<Problem>) -> Duration {
    match problem {
        Some(Problem::Concurrent) => Duration::from_secs(1),
        Some(Problem::Minute | Problem::AppMinute | Problem::Day) => Duration::from_mins(1),
        None => RETRY_SOON,
    }
}

fn read_problem(headers: &HeaderMap) -> Option<Problem> {
    let name = headers.get("X-Rate-Limit-Problem")?.to_str().ok()?.to_lowercase();
    match name.as_str() {
        "minute" => Some(Problem::Minute),
        "day" => Some(Problem::Day),
        "concurrent" => Some(Problem::Concurrent),
        "appminute" => Some(Problem::AppMinute),
        _ => None,
    }
}

fn read_date_ms(headers: &HeaderMap) -> Option<i64> {
    let date = headers.get("Date")?.to_str().ok()?;
    Some(DateTime::parse_from_rfc2822(date).ok()?.timestamp_millis())
}
