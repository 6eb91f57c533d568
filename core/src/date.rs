//! Calendar days. The core has no clock and no table of time zones: a shop's local dates come with
//! its facts, and a Xero date is a day, not a moment (reference: Xero, section 3.0). Where moments
//! have to become days, the zone's offsets are handed in.

mod zone;

pub use zone::{Moment, Zone};

use alloc::string::String;
use core::fmt;

use chrono::{Datelike, Days, Months, NaiveDate, NaiveTime};

/// A calendar day in the proleptic Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(NaiveDate);

/// When something was made, as far as it is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct When {
    /// The moment; `None` where the shop does not say it in UTC.
    pub at: Option<Moment>,
    /// The day, local to the shop; it decides where the moment is missing.
    pub day: Option<Date>,
}

/// The text is not a calendar day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a date")]
pub struct DateError(pub String);

impl Date {
    /// Reads `2026-11-22`, alone or followed by `T` or a blank and a time of day.
    ///
    /// # Errors
    /// [`DateError`] for anything else, and for years outside 1900 to 9999.
    pub fn parse(text: &str) -> Result<Self, DateError> {
        let wrong = || DateError(text.chars().take(40).collect());
        let (day, rest) = text.split_at_checked(10).ok_or_else(wrong)?;
        if !(rest.is_empty() || rest.starts_with('T') || rest.starts_with(' ')) {
            return Err(wrong());
        }
        // By hand: the library's parser of formats is a tenth of the module.
        let mut parts = day.split('-').map(|part| {
            let digits = part.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| part.parse::<u32>().ok()).flatten()
        });
        let mut part = || parts.next().flatten().ok_or_else(wrong);
        let (year, month, day) = (part()?, part()?, part()?);
        let year = i32::try_from(year).map_err(|_| wrong())?;
        NaiveDate::from_ymd_opt(year, month, day)
            .filter(|_| (1900..=9999).contains(&year))
            .map(Self)
            .ok_or_else(wrong)
    }

    /// Reads Xero's `/Date(1222300800000+0000)/` (milliseconds of a UTC midnight) or an ISO day.
    ///
    /// # Errors
    /// [`DateError`].
    pub fn parse_xero(text: &str) -> Result<Self, DateError> {
        let Some(inner) = text.strip_prefix("/Date(").and_then(|rest| rest.strip_suffix(")/"))
        else {
            return Self::parse(text);
        };
        let wrong = || DateError(text.chars().take(40).collect());
        let end = inner
            .char_indices()
            .skip(1)
            .find(|(_, letter)| matches!(letter, '+' | '-'))
            .map_or(inner.len(), |(at, _)| at);
        let millis: i64 = inner.get(..end).and_then(|n| n.parse().ok()).ok_or_else(wrong)?;
        chrono::DateTime::from_timestamp_millis(millis)
            .map(|moment| Self(moment.date_naive()))
            .ok_or_else(wrong)
    }

    /// The day of a moment, in seconds since 1970 of the clock that is meant; `None` outside the
    /// years 1900 to 9999.
    #[must_use]
    pub fn of_unix_seconds(seconds: i64) -> Option<Self> {
        let day = chrono::DateTime::from_timestamp(seconds, 0)?.date_naive();
        (1900..=9999).contains(&day.year()).then_some(Self(day))
    }

    /// Year and month: days of one month have the same, and they sort as months do.
    #[must_use]
    pub fn month(self) -> (i32, u32) {
        (self.0.year(), self.0.month())
    }

    /// The first day of its month.
    #[must_use]
    pub fn first_of_month(self) -> Self {
        self.0.with_day(1).map_or(self, Self)
    }

    /// The last day of its month.
    #[must_use]
    pub fn last_of_month(self) -> Self {
        let next = self.first_of_month().0.checked_add_months(Months::new(1));
        next.and_then(|next| next.pred_opt()).map_or(self, Self)
    }

    /// The day before; stays where it is at the beginning of the calendar.
    #[must_use]
    pub fn pred(self) -> Self {
        self.0.pred_opt().map_or(self, Self)
    }

    /// Seconds from 1970 to the midnight that it begins with, on a clock that shows UTC.
    #[must_use]
    pub fn unix_seconds(self) -> i64 {
        self.0.and_time(NaiveTime::MIN).and_utc().timestamp()
    }

    /// The day `days` later; stays where it is beyond the end of the calendar.
    #[must_use]
    pub fn plus_days(self, days: u32) -> Self {
        Self(self.0.checked_add_days(Days::new(u64::from(days))).unwrap_or(self.0))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0.year(), self.0.month(), self.0.day())
    }
}
