//! Time as an argument: only [`SystemClock`] reads the clock.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// Milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since the Unix epoch.
    #[must_use]
    pub const fn from_ms(ms: i64) -> Self {
        Self(ms)
    }

    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub const fn ms(self) -> i64 {
        self.0
    }

    /// As a naive text in UTC, to the second: `2026-11-22T13:07:06`.
    #[must_use]
    pub fn to_utc(self) -> String {
        let moment = chrono::DateTime::from_timestamp_millis(self.ms()).unwrap_or_default();
        moment.format("%Y-%m-%dT%H:%M:%S").to_string()
    }

    /// Reads a day, `2026-12-01`, or a moment in UTC, `2026-12-01T09:00:00`, with or without `Z`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_suffix('Z').unwrap_or(text);
        let long = if text.len() == 10 { format!("{text}T00:00:00") } else { text.to_owned() };
        let moment: chrono::NaiveDateTime = long.parse().ok()?;
        Some(Self(moment.and_utc().timestamp_millis()))
    }

    /// This moment and `duration` more.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// This moment and `duration` less.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// How long after `earlier` this is; nothing when it is before.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

/// Says what time it is.
pub trait Clock: std::fmt::Debug + Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(0).plus(since)
    }
}

impl std::fmt::Display for Timestamp {
    /// UTC, to the second: `2026-11-22 13:07:06 UTC`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let moment = chrono::DateTime::from_timestamp_millis(self.ms()).unwrap_or_default();
        write!(f, "{}", moment.format("%Y-%m-%d %H:%M:%S UTC"))
    }
}
