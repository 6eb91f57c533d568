//! Moments, and the calendar days that they fall on in a time zone.
//!
//! The core holds no table of time zones: whoever calls hands in the offsets of the range in
//! question.

use alloc::vec::Vec;

use super::{Date, DateError};
use crate::sorted::sorted_by;

const SECONDS_A_DAY: i64 = 86_400;

/// The largest offset from UTC that is taken, in seconds: a day and two hours, more than any zone
/// has had.
const OFFSET_MAX: i32 = 26 * 3_600;

/// From here on a bare number counts milliseconds: as seconds it would be the year 5138.
const MILLIS_FROM: i64 = 100_000_000_000;

/// A moment: seconds since 1970 UTC, fractions cut off; within the years 1900 to 9999 UTC where it
/// was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(i64);

impl Moment {
    /// Reads `2026-11-22T01:02:03`, with a blank or `T` between day and time, fractions of a
    /// second or none, then `Z`, `+01:00`, `+0100`, `+01`, or nothing, which means UTC.
    ///
    /// # Errors
    /// [`DateError`] for anything else, and for years outside 1900 to 9999.
    pub fn parse(text: &str) -> Result<Self, DateError> {
        let text = text.trim();
        let wrong = || DateError(text.chars().take(40).collect());
        let day = text.get(..10).ok_or_else(wrong)?;
        let day = Date::parse(day)?;
        let rest =
            text.get(10..).and_then(|rest| rest.strip_prefix(['T', ' '])).ok_or_else(wrong)?;
        let (time, rest) = rest.split_at_checked(8).ok_or_else(wrong)?;
        let seconds = time_of_day(time).ok_or_else(wrong)?;
        let rest = match rest.strip_prefix(['.', ',']) {
            Some(fraction) => {
                let zone = fraction.trim_start_matches(|digit: char| digit.is_ascii_digit());
                if zone.len() == fraction.len() {
                    return Err(wrong());
                }
                zone
            }
            None => rest,
        };
        let offset = offset(rest.trim_start()).ok_or_else(wrong)?;
        Self::from_unix_seconds(day.unix_seconds() + seconds - offset).ok_or_else(wrong)
    }

    /// Reads a text as [`Moment::parse`] does, or a bare number of seconds or milliseconds since
    /// 1970: what is at least 100,000,000,000 counts milliseconds.
    ///
    /// # Errors
    /// [`DateError`].
    pub fn parse_any(text: &str) -> Result<Self, DateError> {
        let Ok(number) = text.trim().parse::<i64>() else { return Self::parse(text) };
        let moment = if number.unsigned_abs() < MILLIS_FROM.unsigned_abs() {
            Self::from_unix_seconds(number)
        } else {
            Self::from_unix_millis(number)
        };
        moment.ok_or_else(|| DateError(text.chars().take(40).collect()))
    }

    /// From seconds since 1970 UTC; `None` outside the years 1900 to 9999.
    #[must_use]
    pub fn from_unix_seconds(seconds: i64) -> Option<Self> {
        Date::of_unix_seconds(seconds).map(|_| Self(seconds))
    }

    /// From milliseconds since 1970 UTC; `None` outside the years 1900 to 9999.
    #[must_use]
    pub fn from_unix_millis(millis: i64) -> Option<Self> {
        Self::from_unix_seconds(millis.div_euclid(1_000))
    }

    /// Seconds since 1970 UTC.
    #[must_use]
    pub const fn unix_seconds(self) -> i64 {
        self.0
    }

    /// Whether it is 00:00:00 UTC: gateways write a day without a time so.
    #[must_use]
    pub const fn is_utc_midnight(self) -> bool {
        self.0.rem_euclid(SECONDS_A_DAY) == 0
    }
}

/// `01:02:03` in seconds; a leap second counts as the one after it.
fn time_of_day(text: &str) -> Option<i64> {
    let mut parts = text.split(':').map(two_digits);
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
    let within = hours < 24 && minutes < 60 && seconds <= 60 && parts.next().is_none();
    within.then_some(hours * 3_600 + minutes * 60 + seconds)
}

fn two_digits(text: &str) -> Option<i64> {
    let two = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    two.then(|| text.parse().ok()).flatten()
}

/// `Z`, `+01:00`, `-0330`, `+01` or nothing, in seconds east of UTC.
fn offset(text: &str) -> Option<i64> {
    if matches!(text, "" | "Z" | "z") {
        return Some(0);
    }
    let (sign, rest) = match text.strip_prefix('+') {
        Some(rest) => (1, rest),
        None => (-1, text.strip_prefix('-')?),
    };
    let (hours, minutes) = rest.split_at_checked(2)?;
    let minutes = minutes.strip_prefix(':').unwrap_or(minutes);
    let minutes = if minutes.is_empty() { 0 } else { two_digits(minutes)? };
    let hours = two_digits(hours)?;
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60))
}

/// A time zone over the range in question: its offset from UTC, and when it changes.
///
/// Days are whole stretches of time: where clocks are put back over a midnight, the hours that
/// are lived twice belong to the day that had begun already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    /// Offset before the first transition, in seconds east of UTC.
    first: i32,
    /// Moments in seconds since 1970 UTC, ascending, each with the offset from then on.
    transitions: Vec<(i64, i32)>,
}

impl Zone {
    /// A zone that begins with an offset in seconds east of UTC; each transition is a moment in
    /// seconds since 1970 UTC and the offset from then on.
    ///
    /// They may come in any order; of two at one moment the last counts. Offsets beyond 26 hours
    /// are taken for 26 hours.
    #[must_use]
    pub fn new(offset_seconds: i32, transitions: Vec<(i64, i32)>) -> Self {
        let bounded = |offset: i32| offset.clamp(-OFFSET_MAX, OFFSET_MAX);
        let mut distinct: Vec<(i64, i32)> = Vec::with_capacity(transitions.len());
        for (at, offset) in sorted_by(transitions, |left, right| left.0.cmp(&right.0)) {
            if distinct.last().is_some_and(|last| last.0 == at) {
                distinct.pop();
            }
            distinct.push((at, bounded(offset)));
        }
        Self { first: bounded(offset_seconds), transitions: distinct }
    }

    /// UTC itself.
    #[must_use]
    pub const fn utc() -> Self {
        Self { first: 0, transitions: Vec::new() }
    }

    /// The calendar day of a moment, in this zone; `None` outside the years 1900 to 9999.
    #[must_use]
    pub fn day(&self, moment: Moment) -> Option<Date> {
        let mut offset = i64::from(self.first);
        let mut reached = i64::MIN;
        for (at, next) in self.transitions.iter().take_while(|(at, _)| *at <= moment.0) {
            reached = reached.max(at.saturating_sub(1).saturating_add(offset));
            offset = i64::from(*next);
        }
        Date::of_unix_seconds(reached.max(moment.0.saturating_add(offset)))
    }

    /// The first moment of a day: after the gap where midnight is left out, and the first one
    /// where it comes twice.
    #[must_use]
    pub fn start_of(&self, day: Date) -> Moment {
        let midnight = day.unix_seconds();
        let mut offset = i64::from(self.first);
        let mut since = i64::MIN;
        for (at, next) in &self.transitions {
            let start = since.max(midnight - offset);
            if start < *at {
                return Moment(start);
            }
            offset = i64::from(*next);
            since = *at;
        }
        Moment(since.max(midnight - offset))
    }
}

#[cfg(test)]
mod tests;
