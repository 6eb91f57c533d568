//! The simulator's clock: real, or standing still until its owner moves it.

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, Utc};

use super::json::Json;

/// Where the simulator's time comes from.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    frozen: Option<DateTime<Utc>>,
    ahead: Duration,
}

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub const fn real() -> Self {
        Self { frozen: None, ahead: Duration::zero() }
    }

    /// A clock that stands at `at` until it is advanced.
    ///
    /// It moves by one millisecond a write, so that the order of changes stays visible.
    #[must_use]
    pub const fn standing(at: DateTime<Utc>) -> Self {
        Self { frozen: Some(at), ahead: Duration::zero() }
    }

    /// Moves the clock on; a real clock then runs ahead of the machine's.
    pub fn advance(&mut self, by: std::time::Duration) {
        let by = Duration::from_std(by).unwrap_or(Duration::zero());
        self.ahead = self.ahead.checked_add(&by).unwrap_or(self.ahead);
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        let base = self.frozen.unwrap_or_else(Utc::now);
        base.checked_add_signed(self.ahead).unwrap_or(base)
    }

    /// Moves a standing clock by one millisecond.
    pub(crate) fn tick(&mut self) {
        if self.frozen.is_some() {
            self.advance(std::time::Duration::from_millis(1));
        }
    }
}

/// `/Date(ms+0000)/`.
pub(crate) fn stamp(at: DateTime<Utc>) -> Json {
    Json::Text(format!("/Date({}+0000)/", at.timestamp_millis()))
}

/// `/Date(ms)/`, as the envelope and items have it.
pub(crate) fn bare_stamp(at: DateTime<Utc>) -> Json {
    Json::Text(format!("/Date({})/", at.timestamp_millis()))
}

/// `/Date(ms+0000)/` of a calendar day at midnight UTC.
pub(crate) fn day_stamp(day: NaiveDate) -> Json {
    Json::Text(format!("/Date({}+0000)/", midnight(day).and_utc().timestamp_millis()))
}

/// `2026-09-14T00:00:00`.
pub(crate) fn day_text(day: NaiveDate) -> Json {
    Json::Text(midnight(day).format("%Y-%m-%dT%H:%M:%S").to_string())
}

/// `2026-09-14T09:29:59Z`.
pub(crate) fn stamp_text(at: DateTime<Utc>) -> Json {
    Json::Text(at.format("%Y-%m-%dT%H:%M:%SZ").to_string())
}

fn midnight(day: NaiveDate) -> NaiveDateTime {
    day.and_time(chrono::NaiveTime::MIN)
}

/// Reads a day as the API takes it: `YYYY-MM-DD`, with or without a time, or `/Date(ms+0000)/`.
pub(crate) fn read_day(text: &str) -> Option<NaiveDate> {
    let text = text.trim();
    if let Some(inside) = text.strip_prefix("/Date(").and_then(|rest| rest.strip_suffix(")/")) {
        let digits = inside
            .get(1..)
            .and_then(|rest| rest.find(['+', '-']))
            .map_or(inside, |at| inside.get(..=at).unwrap_or(inside));
        let millis: i64 = digits.parse().ok()?;
        return DateTime::from_timestamp_millis(millis).map(|at| at.date_naive());
    }
    let day = text.get(..10).unwrap_or(text);
    let rest = text.get(10..).unwrap_or_default();
    if !rest.is_empty() && !rest.starts_with(['T', ' ']) {
        return None;
    }
    NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_in_both_forms() {
        let day = NaiveDate::from_ymd_opt(2026, 9, 14).unwrap();
        for text in [
            "2026-09-14",
            "2026-09-14T00:00:00",
            "/Date(1789344000000+0000)/",
            "/Date(1789344000000)/",
        ] {
            assert_eq!(read_day(text), Some(day), "{text}");
        }
        assert_eq!(read_day("14/09/2026"), None);
        assert_eq!(read_day("2026-09-14x"), None);
        assert_eq!(day_stamp(day), Json::from("/Date(1789344000000+0000)/"));
        assert_eq!(day_text(day), Json::from("2026-09-14T00:00:00"));
    }

    #[test]
    fn a_standing_clock_moves_only_when_told() {
        let mut clock = Clock::standing(DateTime::from_timestamp(0, 0).unwrap());
        assert_eq!(clock.now(), clock.now());
        clock.advance(std::time::Duration::from_secs(61));
        clock.tick();
        assert_eq!(clock.now().timestamp_millis(), 61_001);
    }
}
