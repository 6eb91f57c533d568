//! How an alert reaches somebody: a signed POST, and mail.

use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
};
use sha2::Sha256;

use super::Notice;
use crate::{config::AlertsConfig, http, store::StoreError, time::Timestamp};

/// How often a POST is tried; the next check tries again what failed.
const TRIES_MAX: u32 = 3;

/// Pause after the first try; doubled after each.
const PAUSE: Duration = Duration::from_millis(500);

/// How long an answer is waited for.
const TIMEOUT: Duration = Duration::from_secs(10);

/// An alert cannot be delivered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AlertError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// `alerts.smtp_url`, `from` or `to` cannot be used.
    #[error("mail cannot be sent by `[alerts]`: {0}")]
    Mail(String),
    /// The webhook did not take it.
    #[error("`alerts.webhook_url` did not take it: {0}")]
    Webhook(String),
}

/// Delivers alerts.
#[derive(Debug)]
pub struct Courier {
    webhook: Option<(reqwest::Client, url::Url)>,
    webhook_secret: String,
    mail: Option<Mail>,
}

#[derive(Debug)]
struct Mail {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    to: Vec<Mailbox>,
}

impl Courier {
    /// By the configuration.
    ///
    /// # Errors
    /// [`AlertError::Mail`] or [`AlertError::Webhook`] where it cannot be used.
    pub fn new(config: &AlertsConfig) -> Result<Self, AlertError> {
        let webhook = match config.webhook_url.as_str() {
            "" => None,
            address => {
                let wrong = |error: &str| AlertError::Webhook(error.to_owned());
                let url = http::safe_address(address).map_err(wrong)?;
                let client = http::client(&url, TIMEOUT, TIMEOUT);
                Some((client.map_err(|error| wrong(&error.to_string()))?, url))
            }
        };
        let mail = (!config.smtp_url.is_empty()).then(|| Mail::new(config)).transpose()?;
        let webhook_secret = config.webhook_secret.reveal().to_owned();
        Ok(Self { webhook, webhook_secret, mail })
    }

    /// Delivers to everybody.
    ///
    /// # Errors
    /// [`AlertError`]: it did not reach everybody.
    pub async fn deliver(&self, notice: &Notice) -> Result<(), AlertError> {
        if let Some((client, url)) = &self.webhook {
            self.post(client, url, notice).await?;
        }
        match &self.mail {
            Some(mail) => mail.send(notice).await,
            None => Ok(()),
        }
    }

    async fn post(
        &self,
        client: &reqwest::Client,
        url: &url::Url,
        notice: &Notice,
    ) -> Result<(), AlertError> {
        let body =
            serde_json::to_vec(notice).map_err(|error| AlertError::Webhook(error.to_string()))?;
        let signature = signature(&self.webhook_secret, &body);
        let (mut pause, mut why) = (PAUSE, String::new());
        for tried in 0..TRIES_MAX {
            if tried > 0 {
                tokio::time::sleep(pause).await;
                pause *= 2;
            }
            let request = client
                .post(url.clone())
                .header("Content-Type", "application/json")
                .header("X-Tillbook-Signature", &signature)
                .body(body.clone());
            match request.send().await {
                Ok(answer) if answer.status().is_success() => return Ok(()),
                Ok(answer) => why = format!("it answered {}", answer.status()),
                // The address may hold a token: it is not said.
                Err(error) => why = error.without_url().to_string(),
            }
        }
        Err(AlertError::Webhook(why))
    }
}

/// HMAC-SHA256 of the body, in base64.
#[must_use]
fn signature(secret: &str, body: &[u8]) -> String {
    // A key of any length will do, so this cannot fail.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(body);
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}

impl Mail {
    fn new(config: &AlertsConfig) -> Result<Self, AlertError> {
        let wrong = |what: &str| AlertError::Mail(format!("`alerts.{what}` cannot be used"));
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(config.smtp_url.reveal())
            .map_err(|_| wrong("smtp_url"))?
            .timeout(Some(TIMEOUT))
            .build();
        let from = config.from.parse().map_err(|_| wrong("from"))?;
        let to: Result<Vec<Mailbox>, _> =
            config.to.split(',').map(|one| one.trim().parse()).collect();
        Ok(Self { transport, from, to: to.map_err(|_| wrong("to"))? })
    }

    async fn send(&self, notice: &Notice) -> Result<(), AlertError> {
        let text = format!(
            "{}\n\nSince {}.\n\n`tillbook doctor` says more.\n",
            notice.message,
            Timestamp::from_ms(notice.since_ms)
        );
        let fail = |error: &dyn std::fmt::Display| AlertError::Mail(error.to_string());
        let mut message = Message::builder().from(self.from.clone());
        for to in &self.to {
            message = message.to(to.clone());
        }
        let message = message
            .subject(notice.title())
            .header(ContentType::TEXT_PLAIN)
            .body(text)
            .map_err(|error| fail(&error))?;
        self.transport.send(message).await.map_err(|error| fail(&error))?;
        Ok(())
    }
}
