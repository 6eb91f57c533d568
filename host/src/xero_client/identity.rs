//! Xero's identity server: OAuth 2.0 in form posts.
//!
//! (Xero, "OAuth 2.0 overview": an access token lives for 30 minutes; a refresh token for 60 days
//! unused, and each use replaces it, though the old one works for 30 minutes more.)

use std::{sync::Arc, time::Duration};

use axum::http::{Method, Request};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::{
    Failure, answer,
    failure::{Effect, RETRY_SOON},
    transport::{set_header, unusable},
    wire::Wire,
};
use crate::{config::Secret, time::Timestamp};

/// Xero's tokens live for 30 minutes; used when the answer does not say.
const LIFE_SECS: u64 = 1_800;

/// The part of a token's life, in percent, after which a new one is fetched: at some moment
/// between these, so that many hosts do not come at once.
const RENEW_AFTER_PERCENT: (u64, u64) = (60, 80);

/// An app, as it proves who it is.
#[derive(Debug, Clone)]
pub struct App {
    /// Its id.
    pub client_id: String,
    /// Its secret; empty for one that proves itself otherwise (PKCE).
    pub client_secret: Secret,
}

/// What a person's consent or a refresh gives.
#[derive(Debug, Clone)]
pub struct Grant {
    /// For calls to the API.
    pub access_token: Secret,
    /// For the next grant; only where `offline_access` was asked for.
    pub refresh_token: Option<Secret>,
    /// The scopes that were given, separated by spaces.
    pub scopes: String,
    /// When the next one should be fetched.
    pub renew: Timestamp,
    /// When the access token ends.
    pub expires: Timestamp,
}

/// No grant.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GrantError {
    /// Xero said no for good; the words are its own, such as `invalid_grant`.
    #[error("Xero gives no token: {0}")]
    Refused(String),
    /// It may be tried again.
    #[error(transparent)]
    Failed(#[from] Failure),
}

/// An organisation that a grant reaches.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reached {
    /// Xero's id of the connection between app and organisation.
    pub id: String,
    /// Xero's id of the organisation.
    pub tenant_id: String,
    /// `ORGANISATION`
    #[serde(default)]
    pub tenant_type: String,
    /// Its name.
    #[serde(default)]
    pub tenant_name: String,
}

/// The identity server.
#[derive(Debug, Clone)]
pub struct Identity {
    wire: Arc<dyn Wire>,
    token_url: String,
    connections_url: String,
}

impl Identity {
    /// Speaks to it over a wire; `api_url` is that of the accounting API, whose server also lists
    /// connections.
    pub(super) fn new(wire: Arc<dyn Wire>, token_url: &str, api_url: &str) -> Self {
        let server = api_url.find("/api.xro").and_then(|at| api_url.get(..at)).unwrap_or(api_url);
        Self {
            wire,
            token_url: token_url.to_owned(),
            connections_url: format!("{server}/connections"),
        }
    }

    /// A token for the app itself: a custom connection.
    ///
    /// # Errors
    /// [`GrantError`].
    pub async fn grant_to_app(
        &self,
        app: &App,
        scopes: &str,
        now: Timestamp,
    ) -> Result<Grant, GrantError> {
        self.grant(app, &[("grant_type", "client_credentials"), ("scope", scopes)], now).await
    }

    /// Tokens for a code that a person's consent brought.
    ///
    /// # Errors
    /// [`GrantError`].
    pub async fn grant_for_code(
        &self,
        app: &App,
        (code, verifier, redirect_uri): (&str, &str, &str),
        now: Timestamp,
    ) -> Result<Grant, GrantError> {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("code_verifier", verifier),
            ("redirect_uri", redirect_uri),
        ];
        self.grant(app, &form, now).await
    }

    /// The next tokens.
    ///
    /// # Errors
    /// [`GrantError`].
    pub async fn refresh(
        &self,
        app: &App,
        refresh_token: &Secret,
        now: Timestamp,
    ) -> Result<Grant, GrantError> {
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh_token.reveal())];
        self.grant(app, &form, now).await
    }

    /// Ends a refresh token, and with it all that its consent gave.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn revoke(&self, app: &App, refresh_token: &Secret) -> Result<(), Failure> {
        let url = match self.token_url.strip_suffix("/token") {
            Some(base) => format!("{base}/revocation"),
            None => format!("{}/revocation", self.token_url.trim_end_matches('/')),
        };
        let (status, body) = self.post(&url, app, &[("token", refresh_token.reveal())]).await?;
        check("the connection was not revoked", status, &body)
    }

    /// The organisations that a token reaches.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn connections(&self, access_token: &Secret) -> Result<Vec<Reached>, Failure> {
        let (status, body) = self.with_token(Method::GET, "", access_token).await?;
        check("no connections", status, &body)?;
        let all: Vec<Reached> =
            serde_json::from_slice(&body).map_err(|_| not_understood("/connections"))?;
        // Practice managers have connections of another kind.
        Ok(all.into_iter().filter(|one| one.tenant_type != "PRACTICE").collect())
    }

    /// Ends the connection with one organisation.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn disconnect(
        &self,
        access_token: &Secret,
        reached: &Reached,
    ) -> Result<(), Failure> {
        let path = format!("/{}", reached.id);
        let (status, body) = self.with_token(Method::DELETE, &path, access_token).await?;
        check("the organisation was not disconnected", status, &body)
    }

    async fn grant(
        &self,
        app: &App,
        form: &[(&str, &str)],
        now: Timestamp,
    ) -> Result<Grant, GrantError> {
        let (status, body) = self.post(&self.token_url, app, form).await?;
        if (200..300).contains(&status) {
            return Ok(read(&body, now).ok_or_else(|| not_understood("/connect/token"))?);
        }
        let words = answer::explain(status, &body);
        if (400..500).contains(&status) && status != 429 && status != 408 {
            return Err(GrantError::Refused(words));
        }
        let message = format!("no token: {words}");
        Err(Failure::from_status(status, None, message, Effect::Read).into())
    }

    async fn with_token(
        &self,
        method: Method,
        path: &str,
        access_token: &Secret,
    ) -> Result<(u16, Bytes), Failure> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.connections_url))
            .body(Bytes::new())
            .map_err(|error| unusable(&error))?;
        let bearer = format!("Bearer {}", access_token.reveal());
        set_header(&mut request, "authorization", &bearer)?;
        self.send(request).await
    }

    async fn post(
        &self,
        url: &str,
        app: &App,
        form: &[(&str, &str)],
    ) -> Result<(u16, Bytes), Failure> {
        let own = [("client_id", app.client_id.as_str())];
        let own: &[(&str, &str)] = if app.client_secret.is_empty() { &own } else { &[] };
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .extend_pairs(own)
            .finish();
        let mut request =
            Request::post(url).body(Bytes::from(body)).map_err(|error| unusable(&error))?;
        if !app.client_secret.is_empty() {
            let pair = format!("{}:{}", app.client_id, app.client_secret.reveal());
            set_header(&mut request, "authorization", &format!("Basic {}", STANDARD.encode(pair)))?;
        }
        set_header(&mut request, "content-type", "application/x-www-form-urlencoded")?;
        self.send(request).await
    }

    async fn send(&self, mut request: Request<Bytes>) -> Result<(u16, Bytes), Failure> {
        set_header(&mut request, "accept", "application/json")?;
        let sent = self.wire.exchange(request).await;
        // What was asked twice does no harm: the old token works a while beside the new one.
        let answer = sent.map_err(|error| Failure::from_wire(&error, Effect::Read))?;
        Ok((answer.status().as_u16(), answer.into_body()))
    }
}

fn check(what: &str, status: u16, body: &[u8]) -> Result<(), Failure> {
    if (200..300).contains(&status) {
        return Ok(());
    }
    let message = format!("{what}: {}", answer::explain(status, body));
    Err(Failure::from_status(status, None, message, Effect::Read))
}

fn not_understood(what: &str) -> Failure {
    let message = format!("no token: the answer to {what} is not what Xero sends");
    Failure::NotDone { retry_after: RETRY_SOON, message }
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: Secret,
    #[serde(default)]
    refresh_token: Option<Secret>,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    expires_in: Option<u64>,
}

fn read(body: &[u8], now: Timestamp) -> Option<Grant> {
    let answer: TokenAnswer = serde_json::from_slice(body).ok()?;
    let life = answer.expires_in.unwrap_or(LIFE_SECS);
    let [chance, ..] = uuid::Uuid::new_v4().into_bytes();
    let (least, most) = RENEW_AFTER_PERCENT;
    let percent = least + (most - least) * u64::from(chance) / 255;
    let after = |secs: u64| now.plus(Duration::from_secs(secs));
    Some(Grant {
        access_token: answer.access_token,
        refresh_token: answer.refresh_token.filter(|token| !token.is_empty()),
        scopes: answer.scope,
        renew: after(life.saturating_mul(percent) / 100),
        expires: after(life),
    })
}

/// Tokens as they are sealed.
#[derive(Serialize, Deserialize)]
pub(super) struct Sealed {
    pub(super) access_token: String,
    pub(super) refresh_token: String,
}

impl Sealed {
    /// The text that is sealed; `kept` is the refresh token that stays where no new one came.
    pub(super) fn of(grant: &Grant, kept: &str) -> Vec<u8> {
        let refresh_token = grant.refresh_token.as_ref().map_or(kept, Secret::reveal).to_owned();
        let sealed = Self { access_token: grant.access_token.reveal().to_owned(), refresh_token };
        serde_json::to_vec(&sealed).unwrap_or_default()
    }
}
