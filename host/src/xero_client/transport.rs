//! One exchange with Xero: a place in the window, a token, the request, the answer.

use std::{sync::atomic::Ordering, time::Duration};

use chrono::DateTime;
use reqwest::{RequestBuilder, header::HeaderMap};
use url::Url;

use super::{
    ClientError, Failure, Response, XeroClient, answer,
    failure::{Effect, RETRY_SOON},
    limiter::Feedback,
};
use crate::{
    config::Secret,
    http::{self, BodyError},
};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A `Retry-After` beyond a day is a mistake.
const RETRY_AFTER_SECS_MAX: u64 = 86_400;

/// Makes the HTTP client. No redirects: a token goes only to the configured address.
pub(super) fn build(timeout: Duration, address: &Url) -> Result<reqwest::Client, ClientError> {
    Ok(http::client(address, timeout, CONNECT_TIMEOUT)?)
}

/// An answer with what its headers say about limits.
pub(super) struct Answer {
    pub(super) response: Response,
    feedback: Feedback,
}

impl Answer {
    /// What an error answer tells us about the other side.
    pub(super) fn failure(&self, effect: Effect) -> Failure {
        let Response { status, body } = &self.response;
        let message = answer::explain(*status, body);
        Failure::from_status(*status, self.feedback.closed_for, message, effect)
    }
}

impl XeroClient {
    /// Sends a request that changes nothing.
    pub(super) async fn read(&self, request: RequestBuilder) -> Result<Response, Failure> {
        let answer = self.exchange(request, Effect::Read).await?;
        if (200..300).contains(&answer.response.status) {
            Ok(answer.response)
        } else {
            Err(answer.failure(Effect::Read))
        }
    }

    /// Sends one request; an expired token is renewed and the request sent once more, for a 401
    /// says that nothing was done.
    pub(super) async fn exchange(
        &self,
        request: RequestBuilder,
        effect: Effect,
    ) -> Result<Answer, Failure> {
        let again = request.try_clone();
        let (token, first) = self.attempt(request, effect).await?;
        if first.response.status != 401 {
            return Ok(first);
        }
        self.token.forget(&token).await;
        let Some(again) = again else { return Ok(first) };
        Ok(self.attempt(again, effect).await?.1)
    }

    async fn attempt(
        &self,
        request: RequestBuilder,
        effect: Effect,
    ) -> Result<(Secret, Answer), Failure> {
        let place = self.limiter().admit(self.clock.now()).map_err(|until| Failure::NotDone {
            retry_after: until.since(self.clock.now()),
            message: String::from("Xero's limit of calls is used up for now"),
        })?;
        let token = match self.token.get(self).await {
            Ok(token) => token,
            Err(failure) => {
                self.limiter().withdraw(place);
                return Err(failure);
            }
        };
        let mut request = request
            .header("Authorization", format!("Bearer {}", token.reveal()))
            .header("Accept", "application/json");
        if !self.tenant_id.is_empty() {
            request = request.header("Xero-Tenant-Id", &self.tenant_id);
        }
        let counter = if effect == Effect::Read { &self.reads } else { &self.writes };
        counter.fetch_add(1, Ordering::Relaxed);
        let answer = self.receive(request, effect).await;
        let feedback = answer.as_ref().map(|answer| answer.feedback.clone()).unwrap_or_default();
        self.limiter().finish(place, self.clock.now(), &feedback);
        Ok((token, answer?))
    }

    async fn receive(&self, request: RequestBuilder, effect: Effect) -> Result<Answer, Failure> {
        let response =
            request.send().await.map_err(|error| Failure::from_transport(&error, effect))?;
        let status = response.status().as_u16();
        let feedback = read_feedback(status, response.headers());
        if let Some(ms) = read_date_ms(response.headers()) {
            let skew = ms.saturating_sub(self.clock.now().ms());
            self.skew_ms.store(skew, Ordering::Relaxed);
        }
        let body = read_body(response, self.response_bytes_max, effect).await?;
        if status >= 400 {
            tracing::info!(status, message = answer::explain(status, &body), "Xero said no");
        }
        Ok(Answer { response: Response { status, body }, feedback })
    }
}

/// Reads a body up to the limit; a torn one leaves a write's outcome unknown.
pub(super) async fn read_body(
    response: reqwest::Response,
    max: usize,
    effect: Effect,
) -> Result<Vec<u8>, Failure> {
    http::read_body(response, max).await.map_err(|error| match error {
        BodyError::Torn(error) => Failure::from_transport(&error, effect),
        BodyError::TooLarge => {
            let message = format!("the answer is longer than {max} bytes");
            match effect {
                Effect::Read => Failure::Refused { status: 0, message },
                Effect::Write => Failure::Unknown { answered: true, message },
            }
        }
    })
}

fn read_feedback(status: u16, headers: &HeaderMap) -> Feedback {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<u64>().ok();
    let count = |name: &str| number(name).and_then(|count| u32::try_from(count).ok());
    let retry_after =
        number("Retry-After").map(|secs| Duration::from_secs(secs.min(RETRY_AFTER_SECS_MAX)));
    Feedback {
        minute_remaining: count("X-MinLimit-Remaining"),
        app_minute_remaining: count("X-AppMinLimit-Remaining"),
        day_remaining: count("X-DayLimit-Remaining"),
        closed_for: match status {
            429 => Some(retry_after.unwrap_or_else(|| without_retry_after(headers))),
            503 => retry_after,
            _ => None,
        },
    }
}

/// The concurrency limit's 429 names no time: a second is enough. Other limits always do.
fn without_retry_after(headers: &HeaderMap) -> Duration {
    let problem = headers.get("X-Rate-Limit-Problem").and_then(|value| value.to_str().ok());
    match problem.map(str::to_lowercase).as_deref() {
        Some("concurrent") => Duration::from_secs(1),
        Some("minute" | "appminute" | "day") => Duration::from_mins(1),
        _ => RETRY_SOON,
    }
}

fn read_date_ms(headers: &HeaderMap) -> Option<i64> {
    let date = headers.get("Date")?.to_str().ok()?;
    Some(DateTime::parse_from_rfc2822(date).ok()?.timestamp_millis())
}
