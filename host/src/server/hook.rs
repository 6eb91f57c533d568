//! `POST /hooks/woocommerce/{shop}` and `POST /events/{shop}`.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Json, Router,
    body::{Body, Bytes, to_bytes},
    extract::{Path, State},
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use serde_json::json;

use super::{
    App,
    answer::{ApiError, too_large},
};
use crate::intake::{Delivery, Envelope, Refusal, Taken};

const TOPIC: HeaderName = HeaderName::from_static("x-wc-webhook-topic");
const WEBHOOK_SIGNATURE: HeaderName = HeaderName::from_static("x-wc-webhook-signature");
const TIMESTAMP: HeaderName = HeaderName::from_static("x-tillbook-timestamp");
const NONCE: HeaderName = HeaderName::from_static("x-tillbook-nonce");
const SIGNATURE: HeaderName = HeaderName::from_static("x-tillbook-signature");

pub(super) fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/hooks/woocommerce/{shop}", post(take_delivery))
        .route("/events/{shop}", post(take_events))
}

async fn take_delivery(
    State(app): State<Arc<App>>,
    Path(slug): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let began = Instant::now();
    let taken = async {
        let body = read_body(&app, &headers, body).await?;
        let (topic, signature) = (text(&headers, &TOPIC), text(&headers, &WEBHOOK_SIGNATURE));
        Ok(app.intake.take_delivery(&slug, &Delivery { topic, signature }, &body).await?)
    };
    answer("woocommerce", began, taken.await)
}

async fn take_events(
    State(app): State<Arc<App>>,
    Path(slug): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let began = Instant::now();
    let taken = async {
        let body = read_body(&app, &headers, body).await?;
        let envelope = Envelope {
            timestamp: text(&headers, &TIMESTAMP).unwrap_or_default(),
            nonce: text(&headers, &NONCE).unwrap_or_default(),
            signature: text(&headers, &SIGNATURE).unwrap_or_default(),
        };
        Ok(app.intake.take_events(&slug, &envelope, &body).await?)
    };
    answer("plugin", began, taken.await)
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap_or_default())
}

/// Reads a body whole, within its limits of length and time: one that comes a byte at a time is
/// given up.
async fn read_body(app: &App, headers: &HeaderMap, body: Body) -> Result<Bytes, ApiError> {
    let limit = app.config.hook_bytes_max;
    let told =
        headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if told.is_some_and(|length: usize| length > limit) {
        return Err(too_large());
    }
    let patience = Duration::from_secs(u64::from(app.config.body_secs));
    match tokio::time::timeout(patience, to_bytes(body, limit)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) if is_too_large(&error) => Err(too_large()),
        Ok(Err(_)) => Err(ApiError::bad_request("the body broke off")),
        Err(_) => {
            Err(ApiError::new(StatusCode::REQUEST_TIMEOUT, "too_slow", "the body took too long"))
        }
    }
}

fn is_too_large(error: &axum::Error) -> bool {
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = source {
        if error.is::<http_body_util::LengthLimitError>() {
            return true;
        }
        source = error.source();
    }
    false
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unsigned => Self::unsigned(),
            Refusal::Malformed(message) => Self::bad_request(message),
            Refusal::Busy => Self::unavailable("too much arrives at once; come again"),
            Refusal::Store(_) => Self::unavailable("it cannot be written; come again"),
        }
    }
}

/// Answers and counts.
fn answer(source: &'static str, began: Instant, taken: Result<Taken, ApiError>) -> Response {
    let outcome = match &taken {
        Ok(taken) if taken.hints > 0 || taken.sweep => "taken",
        Ok(_) => "nothing",
        Err(error) => error.code(),
    };
    let response = match taken {
        Ok(Taken { hints, sweep, unknown }) => {
            Json(json!({"taken": hints, "sweep": sweep, "unknown": unknown})).into_response()
        }
        Err(error) => error.into_response(),
    };
    metrics::counter!("tillbook_intake_deliveries_total", "source" => source, "outcome" => outcome)
        .increment(1);
    metrics::histogram!("tillbook_intake_seconds", "source" => source).record(began.elapsed());
    response
}
