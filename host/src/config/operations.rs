//! Keeping the work in view: how long what is kept, when somebody is told, how the log is written.

use serde::{Deserialize, Serialize};

use super::Secret;

/// How long what is kept. Links, settings and hashes stay: the books need them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetentionConfig {
    /// Days for which the core's questions and answers are kept, so that `tillbook replay` can ask
    /// again; 0 keeps none.
    pub recordings_days: u32,
    /// Bytes that they may take; the oldest go first.
    pub recordings_bytes_max: u64,
    /// Days after its end for which a plan keeps the bodies that were sent and what was answered.
    pub bodies_days: u32,
    /// Days for which the history of each object is kept.
    pub history_days: u32,
}

/// When somebody is told that something waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AlertsConfig {
    /// Address that alerts are posted to as JSON; empty: none.
    pub webhook_url: String,
    /// Signs them: `X-Tillbook-Signature` is the HMAC-SHA256 of the body in base64.
    pub webhook_secret: Secret,
    /// Mail server, `smtps://user:password@machine:465` or `smtp://machine:25`; empty: no mail.
    pub smtp_url: Secret,
    /// Sender's address.
    pub from: String,
    /// Addresses that mail goes to, separated by commas.
    pub to: String,
    /// Minutes that an order may wait for its turn.
    pub job_minutes: u32,
    /// Hours that a held order may wait for a person.
    pub held_hours: u32,
    /// Minutes that an organisation may stand still.
    pub parked_minutes: u32,
    /// Size of the store in bytes from which somebody is told.
    pub store_bytes: u64,
    /// Hours after which an alert is said again.
    pub again_hours: u32,
}

/// How the log is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogConfig {
    /// `text`, or `json`: one object a line.
    pub format: LogFormat,
    /// Address of a collector of OpenTelemetry, `http://127.0.0.1:4318/v1/traces`; only where the
    /// program was built with it. Empty: none.
    pub otlp_url: String,
}

/// How a line of the log looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For machines.
    Json,
}

impl Default for RetentionConfig {
    fn default() -> Self {
        Self {
            recordings_days: 30,
            recordings_bytes_max: 256 << 20,
            bodies_days: 90,
            history_days: 365,
        }
    }
}

impl Default for AlertsConfig {
    fn default() -> Self {
        Self {
            webhook_url: String::new(),
            webhook_secret: Secret::default(),
            smtp_url: Secret::default(),
            from: String::new(),
            to: String::new(),
            job_minutes: 60,
            held_hours: 24,
            parked_minutes: 60,
            store_bytes: 4 << 30,
            again_hours: 24,
        }
    }
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { format: LogFormat::Text, otlp_url: String::new() }
    }
}

impl AlertsConfig {
    /// Whether anybody is to be told.
    #[must_use]
    pub fn is_used(&self) -> bool {
        !self.webhook_url.is_empty() || !self.smtp_url.is_empty()
    }

    pub(super) fn check(&self) -> Result<(), String> {
        if !self.smtp_url.is_empty() && (self.from.is_empty() || self.to.is_empty()) {
            return Err(String::from("`alerts.smtp_url` needs `alerts.from` and `alerts.to`"));
        }
        if !self.webhook_url.is_empty() && url::Url::parse(&self.webhook_url).is_err() {
            return Err(String::from("`alerts.webhook_url` is no address"));
        }
        Ok(())
    }
}
