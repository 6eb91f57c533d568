//! People in a browser: a token in a cookie that no script can read.
//!
//! The session is the token itself: taken back or run out, it ends at once. A page of another site
//! cannot send the cookie (`SameSite=Strict`); what changes something wants besides the header
//! `X-Tillbook`, which only a script of ours sets, and an `Origin` that is this server.

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use url::Url;

use super::{
    App,
    access::{Caller, caller_of, caller_with},
    answer::ApiError,
};

/// The cookie's name.
const COOKIE: &str = "tillbook_session";
/// What a script of ours says.
const OURS: HeaderName = HeaderName::from_static("x-tillbook");

/// Who asks: by the token in `Authorization`, else by the one in the cookie.
pub(super) async fn caller(
    app: &App,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Caller, ApiError> {
    if headers.contains_key(header::AUTHORIZATION) {
        return caller_of(app, headers).await;
    }
    let token = token_in(headers).ok_or_else(ApiError::unauthorized)?;
    let is_safe = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    if !is_safe {
        if !headers.contains_key(OURS) {
            return Err(ApiError::forbidden("a page must send the header X-Tillbook"));
        }
        check_origin(app, headers)?;
    }
    caller_with(app, token).await
}

/// Whose browser it is, for a page.
pub(super) async fn visitor(app: &App, headers: &HeaderMap) -> Result<Option<Caller>, ApiError> {
    let Some(token) = token_in(headers) else { return Ok(None) };
    match caller_with(app, token).await {
        Ok(caller) => Ok(Some(caller)),
        Err(error) if error.code() == "unauthorized" => Ok(None),
        Err(error) => Err(error),
    }
}

/// Browsers say from which page something comes: it must be one of this server.
fn check_origin(app: &App, headers: &HeaderMap) -> Result<(), ApiError> {
    let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    let own = origin.is_some_and(|origin| {
        origin == app.address() || host_of(origin).is_some_and(|host| host == asked(headers))
    });
    own.then_some(()).ok_or_else(|| ApiError::forbidden("this comes from a page of another site"))
}

fn host_of(origin: &str) -> Option<String> {
    let url = Url::parse(origin).ok()?;
    let host = url.host_str()?;
    Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

/// The machine and port that were asked.
fn asked(headers: &HeaderMap) -> &str {
    headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default()
}

fn token_in(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = cookies.flat_map(|cookies| cookies.split(';'));
    let mut named = pairs.filter_map(|pair| pair.trim().split_once('='));
    named
        .find(|(name, _)| *name == COOKIE)
        .map(|(_, token)| token)
        .filter(|token| !token.is_empty())
}

/// The cookie for a token; an empty one ends the session.
pub(super) fn cookie(app: &App, token: &str) -> Option<HeaderValue> {
    let secure = if app.address().starts_with("https://") { "; Secure" } else { "" };
    let end = if token.is_empty() { "; Max-Age=0" } else { "" };
    let text = format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict{secure}{end}");
    let mut value = HeaderValue::from_str(&text).ok()?;
    value.set_sensitive(true);
    Some(value)
}
