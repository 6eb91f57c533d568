//! Tells somebody when something waits too long, once; again after a while; and when it is cured.
//!
//! What waits is read from the store, so it does not matter which host works. What was said is kept
//! there too. An alert that could not be delivered counts as not said.

mod delivery;

use std::time::Duration;

use serde::Serialize;

pub use delivery::{AlertError, Courier};

use crate::{
    config::AlertsConfig,
    store::{Store, StoreError, StoredAlert},
    time::{Clock, Timestamp},
};

/// Something that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// Names it: the same one is said once.
    pub key: String,
    /// For people: what waits, and what to do.
    pub message: String,
    /// Since when, where that is known; else since it was first seen.
    pub since: Option<Timestamp>,
    /// How long it may.
    pub may: Duration,
}

/// What is said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// Names what waits.
    pub key: String,
    /// `waits` or `cured`; `test` for a trial.
    pub kind: &'static str,
    /// For people.
    pub message: String,
    /// Since when, in milliseconds since 1970 UTC.
    pub since_ms: i64,
    /// When this was said, likewise.
    pub at_ms: i64,
}

/// Looks what waits, and says what is new, what still waits after a while, and what is cured.
/// Gives what was said.
///
/// # Errors
/// [`AlertError::Store`]; a message that cannot be delivered is logged, and said next time.
pub async fn check(
    store: &Store,
    config: &AlertsConfig,
    clock: &dyn Clock,
) -> Result<Vec<Notice>, AlertError> {
    if !config.is_used() {
        return Ok(Vec::new());
    }
    let now = clock.now();
    let waits = store.waits(config, now).await?;
    let notices = due(store, config, &waits, now).await?;
    let courier = Courier::new(config)?;
    let mut said = Vec::new();
    for notice in notices {
        match courier.deliver(&notice).await {
            Ok(()) => {
                if notice.kind == "cured" {
                    store.forget_alert(&notice.key).await?;
                } else {
                    store.alert_said(&notice.key, now).await?;
                }
                said.push(notice);
            }
            Err(error) => tracing::error!(key = notice.key, %error, "an alert was not delivered"),
        }
    }
    Ok(said)
}

/// What is to be said now. What waits is noted with when it was first seen.
async fn due(
    store: &Store,
    config: &AlertsConfig,
    waits: &[Wait],
    now: Timestamp,
) -> Result<Vec<Notice>, StoreError> {
    let known = store.alerts().await?;
    let again = Duration::from_hours(config.again_hours.into());
    let mut notices = Vec::new();
    for wait in waits {
        let row = known.iter().find(|row| row.key == wait.key);
        let since = wait.since.or(row.map(|row| row.since)).unwrap_or(now);
        store.put_alert(&wait.key, &wait.message, since).await?;
        let said = row.filter(|row| row.is_on).map(|row| row.said);
        let is_due = match said {
            None => now.since(since) >= wait.may,
            Some(said) => now.since(said) >= again,
        };
        if is_due {
            notices.push(notice(&wait.key, "waits", &wait.message, since, now));
        }
    }
    for row in known.iter().filter(|row| !waits.iter().any(|wait| wait.key == row.key)) {
        let StoredAlert { key, message, since, .. } = row;
        if row.is_on {
            notices.push(notice(key, "cured", message, *since, now));
        } else {
            store.forget_alert(key).await?;
        }
    }
    Ok(notices)
}

fn notice(
    key: &str,
    kind: &'static str,
    message: &str,
    since: Timestamp,
    now: Timestamp,
) -> Notice {
    Notice {
        key: key.to_owned(),
        kind,
        message: message.to_owned(),
        since_ms: since.ms(),
        at_ms: now.ms(),
    }
}

impl Notice {
    /// A trial, so that a person sees that alerts arrive.
    #[must_use]
    pub fn trial(now: Timestamp) -> Self {
        notice("test", "test", "This is a trial: alerts arrive.", now, now)
    }

    /// One line that says it.
    #[must_use]
    pub fn title(&self) -> String {
        match self.kind {
            "cured" => format!("Tillbook: cured: {}", self.message),
            _ => format!("Tillbook: {}", self.message),
        }
    }
}
