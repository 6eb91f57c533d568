//! Time zones for the core, which has no table of them: a zone's offsets over some days.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Offset as _, TimeZone as _};
use chrono_tz::Tz;
use tillbook_core::contract::{TransitionInput, ZoneInput};

/// Days before and after those asked for: a payout of these days may hold what was sold before.
pub const MARGIN_DAYS: u64 = 31;
/// Offsets are compared day by day: no zone has changed there and back within one.
const STEP_SECS: i64 = 86_400;
/// No clock on Earth is further from UTC.
const OFFSET_SECS_MAX: i64 = 14 * 3_600;

/// There is no such zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("`{name}` is no time zone")]
#[diagnostic(
    code(zone::unknown),
    help("name one as `Australia/Sydney`, or an offset from UTC as `+10:00` or `UTC+10`")
)]
pub struct UnknownZone {
    /// What was given.
    pub name: String,
}

/// A time zone over some days, as the core takes it, with [`MARGIN_DAYS`] before and after.
///
/// Beside the names of IANA's database, `WordPress`' offsets are known: `UTC+2`, `UTC-3.5`,
/// `UTC+5:45`, `+05:45`.
///
/// # Errors
/// [`UnknownZone`].
pub fn zone_input(name: &str, from: NaiveDate, to: NaiveDate) -> Result<ZoneInput, UnknownZone> {
    let name = name.trim();
    if let Ok(zone) = name.parse::<Tz>() {
        return Ok(over(zone, from, to));
    }
    let offset_seconds = read_offset(name).ok_or_else(|| UnknownZone { name: name.to_owned() })?;
    Ok(ZoneInput { offset_seconds, transitions: Vec::new() })
}

/// The day in a time zone at a moment, in seconds since 1970 UTC.
///
/// # Errors
/// [`UnknownZone`].
pub fn day_of(name: &str, seconds: i64) -> Result<NaiveDate, UnknownZone> {
    let name = name.trim();
    let offset = match name.parse::<Tz>() {
        Ok(zone) => offset(zone, seconds),
        Err(_) => read_offset(name).ok_or_else(|| UnknownZone { name: name.to_owned() })?,
    };
    let local = DateTime::from_timestamp(seconds + offset, 0).unwrap_or_default();
    Ok(local.date_naive())
}

fn over(zone: Tz, from: NaiveDate, to: NaiveDate) -> ZoneInput {
    let margin = Days::new(MARGIN_DAYS);
    let start = seconds(from.checked_sub_days(margin).unwrap_or(from));
    let end = seconds(to.checked_add_days(margin).unwrap_or(to));
    let mut zone_input = ZoneInput { offset_seconds: offset(zone, start), transitions: Vec::new() };
    let (mut at, mut current) = (start, zone_input.offset_seconds);
    while at < end {
        let next = at + STEP_SECS;
        let changed = offset(zone, next);
        if changed != current {
            let moment = first_with(zone, changed, at, next);
            zone_input.transitions.push(TransitionInput { at: moment, offset_seconds: changed });
            current = changed;
        }
        at = next;
    }
    zone_input
}

/// The first second that has an offset, between one that has not and one that has.
fn first_with(zone: Tz, wanted: i64, mut without: i64, mut with: i64) -> i64 {
    while with - without > 1 {
        let middle = without + (with - without) / 2;
        if offset(zone, middle) == wanted {
            with = middle;
        } else {
            without = middle;
        }
    }
    with
}

/// Seconds east of UTC at a moment, in seconds since 1970 UTC.
fn offset(zone: Tz, at: i64) -> i64 {
    let moment = DateTime::from_timestamp(at, 0).unwrap_or_default().naive_utc();
    zone.offset_from_utc_datetime(&moment).fix().local_minus_utc().into()
}

fn seconds(day: NaiveDate) -> i64 {
    day.and_time(NaiveTime::MIN).and_utc().timestamp()
}

/// Reads `UTC+2`, `UTC+5.75`, `+05:45` or `-0330`, in seconds east of UTC.
fn read_offset(name: &str) -> Option<i64> {
    let text = name.strip_prefix("UTC").or_else(|| name.strip_prefix("GMT")).unwrap_or(name);
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+')?),
    };
    let (hours, part) = match text.split_once([':', '.']) {
        Some((hours, minutes)) if text.contains(':') => (hours, minutes_of(minutes)?),
        Some((hours, decimals)) => (hours, minutes_of_decimals(decimals)?),
        None if text.len() == 4 => {
            let (hours, minutes) = text.split_at_checked(2)?;
            (hours, minutes_of(minutes)?)
        }
        None => (text, 0),
    };
    let known = !hours.is_empty() && hours.len() <= 2 && hours.bytes().all(|b| b.is_ascii_digit());
    let hours: i64 = known.then(|| hours.parse().ok()).flatten()?;
    let seconds = (hours * 60 + part) * 60;
    (seconds <= OFFSET_SECS_MAX).then_some(sign * seconds)
}

fn minutes_of(text: &str) -> Option<i64> {
    let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten().filter(|minutes| *minutes < 60)
}

/// Clocks keep to quarters of an hour.
fn minutes_of_decimals(text: &str) -> Option<i64> {
    match text {
        "0" | "00" => Some(0),
        "25" => Some(15),
        "5" | "50" => Some(30),
        "75" => Some(45),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// Offset and transitions of a year, moments in RFC 3339.
    fn year_2026(name: &str) -> (i64, Vec<(String, i64)>) {
        let zone = zone_input(name, day("2026-02-10"), day("2026-12-01")).unwrap();
        let print = |one: &TransitionInput| {
            let at = DateTime::from_timestamp(one.at, 0).unwrap();
            (at.format("%FT%TZ").to_string(), one.offset_seconds)
        };
        (zone.offset_seconds, zone.transitions.iter().map(print).collect())
    }

    fn twice(first: (&str, i64), second: (&str, i64)) -> Vec<(String, i64)> {
        [first, second].map(|(at, offset)| (at.to_owned(), offset)).to_vec()
    }

    #[test]
    fn zones_change_at_the_second() {
        let (summer, transitions) = year_2026("Australia/Sydney");
        assert_eq!(summer, 39_600);
        let changes = twice(("2026-04-04T16:00:00Z", 36_000), ("2026-10-03T16:00:00Z", 39_600));
        assert_eq!(transitions, changes);

        let (winter, transitions) = year_2026("Europe/London");
        assert_eq!(winter, 0);
        let changes = twice(("2026-03-29T01:00:00Z", 3_600), ("2026-10-25T01:00:00Z", 0));
        assert_eq!(transitions, changes);

        let (winter, transitions) = year_2026("America/New_York");
        assert_eq!(winter, -18_000);
        let changes = twice(("2026-03-08T07:00:00Z", -14_400), ("2026-11-01T06:00:00Z", -18_000));
        assert_eq!(transitions, changes);

        // Half an hour of summer.
        let (summer, transitions) = year_2026("Australia/Lord_Howe");
        assert_eq!(summer, 39_600);
        let changes = twice(("2026-04-04T15:00:00Z", 37_800), ("2026-10-03T15:30:00Z", 39_600));
        assert_eq!(transitions, changes);
        assert_eq!(year_2026("Asia/Kolkata"), (19_800, Vec::new()));
        assert_eq!(year_2026("UTC"), (0, Vec::new()));
    }

    #[test]
    fn a_month_before_and_after_belongs_to_it() {
        let changes = |from: &str, to: &str| {
            zone_input("Europe/London", day(from), day(to)).unwrap().transitions.len()
        };
        assert_eq!(changes("2026-04-28", "2026-04-28"), 1);
        assert_eq!(changes("2026-04-30", "2026-05-30"), 0);
        assert_eq!(changes("2026-09-25", "2026-09-25"), 1);
        assert_eq!(changes("2026-09-01", "2026-09-23"), 0);
        assert_eq!(changes("2020-01-01", "2026-12-31"), 14);
    }

    #[test]
    fn wordpress_offsets_are_zones_too() {
        let offset = |name: &str| {
            let zone = zone_input(name, day("2026-01-01"), day("2026-12-31")).unwrap();
            assert!(zone.transitions.is_empty());
            zone.offset_seconds
        };
        for (name, expected) in [
            ("UTC+0", 0),
            ("UTC+2", 7_200),
            ("UTC-3.5", -12_600),
            ("UTC+5.75", 20_700),
            ("UTC+5:45", 20_700),
            ("UTC+12.75", 45_900),
            ("+02:00", 7_200),
            ("-0330", -12_600),
            ("+14:00", 50_400),
        ] {
            assert_eq!(offset(name), expected, "{name}");
        }
    }

    #[test]
    fn what_is_no_zone_is_named() {
        for name in
            ["", "Sydney", "Europe/Atlantis", "UTC+", "+2:", "+15:00", "UTC+2.3", "2", "+02:60"]
        {
            let unknown = zone_input(name, day("2026-01-01"), day("2026-12-31")).unwrap_err();
            assert_eq!(unknown.name, name);
            assert!(unknown.to_string().contains("is no time zone"));
        }
    }
}
