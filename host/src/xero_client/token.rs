//! The access token of a custom connection: OAuth 2.0 client credentials, asked for once and kept.

use std::time::Duration;

use axum::http::Request;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use tokio::sync::Mutex;

use super::{
    Failure, Response, XeroClient, answer,
    failure::Effect,
    transport::{set_header, unusable},
};
use crate::{config::Secret, time::Timestamp};

/// The part of a token's life, in percent, after which a new one is asked for.
const RENEW_AFTER_PERCENT: u64 = 80;

/// Xero's tokens live for 30 minutes; used when the answer does not say.
const LIFE_SECS: u64 = 1_800;

/// The token, behind a lock that is held while it is asked for: two callers ask once.
#[derive(Debug, Default)]
pub(super) struct TokenCell(Mutex<Option<Token>>);

#[derive(Debug, Clone)]
struct Token {
    access_token: Secret,
    renew_at: Timestamp,
}

impl TokenCell {
    /// The token in use, or a new one.
    pub(super) async fn get(&self, client: &XeroClient) -> Result<Secret, Failure> {
        let mut cell = self.0.lock().await;
        let now = client.clock.now();
        match &*cell {
            Some(token) if now < token.renew_at => Ok(token.access_token.clone()),
            _ => {
                let token = request(client, now).await?;
                let access_token = token.access_token.clone();
                *cell = Some(token);
                Ok(access_token)
            }
        }
    }

    /// Forgets a token that Xero no longer takes, unless a newer one is there already.
    pub(super) async fn forget(&self, used: &Secret) {
        let mut cell = self.0.lock().await;
        if cell.as_ref().is_some_and(|token| token.access_token == *used) {
            *cell = None;
        }
    }
}

async fn request(client: &XeroClient, now: Timestamp) -> Result<Token, Failure> {
    let credentials =
        STANDARD.encode(format!("{}:{}", client.client_id, client.client_secret.reveal()));
    let form = [("grant_type", "client_credentials"), ("scope", client.scopes.as_str())];
    let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let mut request = Request::post(&client.identity_url)
        .body(Bytes::from(form))
        .map_err(|error| unusable(&error))?;
    set_header(&mut request, "authorization", &format!("Basic {credentials}"))?;
    set_header(&mut request, "accept", "application/json")?;
    set_header(&mut request, "content-type", "application/x-www-form-urlencoded")?;
    let sent = client.wire.exchange(request).await;
    let response = sent.map_err(|error| Failure::from_wire(&error, Effect::Read))?;
    let status = response.status().as_u16();
    let body = response.into_body().to_vec();
    if !(200..300).contains(&status) {
        let message = format!("no token: {}", answer::explain(status, &body));
        return Err(Failure::from_status(status, None, message, Effect::Read));
    }
    read(&Response { status, body }, now).ok_or_else(|| Failure::NotDone {
        retry_after: super::failure::RETRY_SOON,
        message: String::from("no token: the answer is not what Xero sends"),
    })
}

fn read(response: &Response, now: Timestamp) -> Option<Token> {
    let value: serde_json::Value = serde_json::from_slice(&response.body).ok()?;
    let access_token = Secret::new(value.get("access_token")?.as_str()?);
    let life_secs =
        value.get("expires_in").and_then(serde_json::Value::as_u64).unwrap_or(LIFE_SECS);
    let keep = Duration::from_secs(life_secs.saturating_mul(RENEW_AFTER_PERCENT) / 100);
    Some(Token { access_token, renew_at: now.plus(keep) })
}
