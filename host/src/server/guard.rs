//! What stands around every route: panics, headers, foreign pages, the log.

use std::{any::Any, sync::Arc, time::Instant};

use axum::{
    Router,
    extract::{MatchedPath, Request},
    http::{HeaderName, HeaderValue, header},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
};
use tower_http::{catch_panic::CatchPanicLayer, csrf::CsrfLayer};

use super::{App, answer::ApiError};

/// Sent with every answer that does not say otherwise itself: nothing may be loaded or framed.
const HEADERS: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::CACHE_CONTROL, "no-store"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Puts it around.
///
/// A page of another site can make a browser send requests here. What changes something is taken
/// from pages of this host and of `server.origins` only (`Sec-Fetch-Site`, else `Origin`); callers
/// that are no browsers send neither. What shops send is signed and comes from no page.
pub(super) fn protect(router: Router, app: &Arc<App>) -> Router {
    let origins = app.config.origins.split(',').map(str::trim).filter(|origin| !origin.is_empty());
    let mut csrf = CsrfLayer::new();
    for origin in origins {
        // The configuration was checked; one that is none is trusted in nothing.
        csrf = csrf.clone().add_trusted_origin(origin).unwrap_or(csrf);
    }
    let csrf = csrf
        .with_insecure_bypass(|_, uri| {
            uri.path().starts_with("/hooks/") || uri.path().starts_with("/events/")
        })
        .with_rejection_response(|_| {
            ApiError::forbidden("a page of another site may not do this").into_response()
        });
    router.layer(csrf).layer(CatchPanicLayer::custom(on_panic)).layer(from_fn(observe))
}

#[expect(clippy::needless_pass_by_value, reason = "the layer hands it over")]
fn on_panic(panic: Box<dyn Any + Send + 'static>) -> Response {
    let what = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied());
    tracing::error!(panic = what.unwrap_or("?"), "a request broke down");
    ApiError::internal().into_response()
}

/// Adds headers, and writes a line to the log: the route, not the path, which names customers'
/// objects; no header, which holds secrets.
async fn observe(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let method = request.method().clone();
    let mut response = next.run(request).await;
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    let (status, elapsed) = (response.status().as_u16(), began.elapsed());
    let route = route.as_ref().map_or("-", MatchedPath::as_str);
    tracing::debug!(%method, route, status, ?elapsed, "request");
    response
}
