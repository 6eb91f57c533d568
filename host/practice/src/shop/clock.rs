//! The shop's time and the site's zone.

use chrono::{DateTime, NaiveDateTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;

/// WooCommerce's naive form of a moment; an answer never carries a zone.
const NAIVE: &str = "%Y-%m-%dT%H:%M:%S";

/// The time the shop believes it is.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) enum Clock {
    /// The machine's time.
    #[default]
    System,
    /// A time set by the test or demo; it stands still.
    Fixed(DateTime<Utc>),
}

impl Clock {
    /// Gives the present moment.
    pub(crate) fn now(self) -> DateTime<Utc> {
        match self {
            Self::System => Utc::now(),
            Self::Fixed(moment) => moment,
        }
    }
}

/// Prints a moment as `date_*_gmt`.
pub(crate) fn print_gmt(moment: DateTime<Utc>) -> String {
    moment.format(NAIVE).to_string()
}

/// Prints a moment as the site-local `date_*`.
pub(crate) fn print_local(moment: DateTime<Utc>, zone: Tz) -> String {
    moment.with_timezone(&zone).format(NAIVE).to_string()
}

/// Reads a naive date and time, as WooCommerce stores it.
pub(crate) fn read_naive(text: &str) -> Option<NaiveDateTime> {
    let text = text.replace(' ', "T");
    NaiveDateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M:%S%.f").ok()
}

/// Gives the site's offset at a moment in hours, as the REST index prints `gmt_offset`.
pub(crate) fn offset_hours(moment: DateTime<Utc>, zone: Tz) -> serde_json::Value {
    let seconds = zone.offset_from_utc_datetime(&moment.naive_utc()).fix().local_minus_utc();
    let hours = Decimal::from(seconds) / Decimal::from(3600);
    serde_json::from_str(&hours.normalize().to_string()).unwrap_or_default()
}

/// What a date in a query means, after `WordPress`' date query and WooCommerce's flag.
///
/// Returns the naive moment and whether it is to be compared with the UTC column. A zone in the
/// text moves it to site-local time even when `dates_are_gmt` then compares it with UTC: that is
/// how `…Z` with the flag finds nothing (`WP_Date_Query::build_mysql_datetime`).
pub(crate) fn read_query_date(text: &str, zone: Tz) -> Option<NaiveDateTime> {
    if let Some(naive) = read_naive(text) {
        return Some(whole_seconds(naive));
    }
    let padded = match text.get(text.len().saturating_sub(3)..) {
        Some(tail) if tail.starts_with(['+', '-']) => format!("{text}:00"),
        _ => text.to_owned(),
    };
    let moment = DateTime::parse_from_rfc3339(&padded.replace([' ', 't'], "T")).ok()?;
    Some(whole_seconds(moment.with_timezone(&zone).naive_local()))
}

fn whole_seconds(moment: NaiveDateTime) -> NaiveDateTime {
    use chrono::Timelike as _;
    moment.with_nanosecond(0).unwrap_or(moment)
}
