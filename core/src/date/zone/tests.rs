use alloc::{string::ToString, vec, vec::Vec};

use proptest::prelude::*;

use super::*;

const HOUR: i32 = 3_600;

fn at(text: &str) -> Moment {
    Moment::parse(text).unwrap()
}

fn date(text: &str) -> Date {
    Date::parse(text).unwrap()
}

fn zone(first: i32, transitions: &[(&str, i32)]) -> Zone {
    Zone::new(first, transitions.iter().map(|(text, offset)| (at(text).0, *offset)).collect())
}

fn sydney() -> Zone {
    zone(11 * HOUR, &[("2026-04-04T16:00:00", 10 * HOUR), ("2026-10-03T16:00:00", 11 * HOUR)])
}

fn london() -> Zone {
    zone(0, &[("2026-03-29T01:00:00", HOUR), ("2026-10-25T01:00:00", 0)])
}

fn new_york() -> Zone {
    zone(-5 * HOUR, &[("2026-03-08T07:00:00", -4 * HOUR), ("2026-11-01T06:00:00", -5 * HOUR)])
}

fn lord_howe() -> Zone {
    let (summer, winter) = (11 * HOUR, 10 * HOUR + HOUR / 2);
    zone(summer, &[("2026-04-04T15:00:00", winter), ("2026-10-03T15:30:00", summer)])
}

fn sao_paulo() -> Zone {
    zone(-3 * HOUR, &[("2018-11-04T03:00:00", -2 * HOUR), ("2019-02-17T02:00:00", -3 * HOUR)])
}

/// Until 2011 clocks went back at one minute past midnight.
fn st_johns() -> Zone {
    zone(-9_000, &[("2010-11-07T02:31:00", -12_600)])
}

#[test]
fn moments_are_read_as_gateways_write_them() {
    let expected = 1_795_309_323;
    for text in [
        "2026-11-22T01:02:03",
        "2026-11-22 01:02:03",
        "2026-11-22T01:02:03Z",
        "2026-11-22T01:02:03.999Z",
        "2026-11-22T02:02:03+01:00",
        "2026-11-22T02:02:03+0100",
        "2026-11-21T21:32:03.5-03:30",
        "2026-11-22T02:02:03 +01",
        " 2026-11-22T01:02:03 ",
    ] {
        assert_eq!(Moment::parse(text).unwrap().unix_seconds(), expected, "{text}");
    }
    assert_eq!(Moment::parse_any("1795309323").unwrap().unix_seconds(), expected);
    assert_eq!(Moment::parse_any("1795309323999").unwrap().unix_seconds(), expected);
    assert_eq!(Moment::from_unix_millis(-1), Moment::from_unix_seconds(-1));
}

#[test]
fn what_is_no_moment_is_refused() {
    for text in [
        "",
        "2026-11-22",
        "2026-11-22T",
        "2026-11-22T01:02",
        "2026-11-22T24:00:00",
        "2026-11-22T01:60:00",
        "2026-11-22T01:02:03.",
        "2026-11-22T01:02:03+1",
        "2026-11-22T01:02:03+01:0",
        "2026-11-22T01:02:03+24:00",
        "2026-11-22T01:02:03 GMT",
        "2026-02-30T01:02:03",
        "1899-12-31T23:59:59",
        "1900-01-01T00:00:00+01:00",
        "９２６-11-22T01:02:03",
        "2026-11-22T0１:02:3",
    ] {
        assert!(Moment::parse(text).is_err(), "{text}");
    }
    for number in ["9223372036854775807", "-9223372036854775808", "99999999999999999"] {
        assert!(Moment::parse_any(number).is_err(), "{number}");
    }
}

#[test]
fn days_begin_at_local_midnight() {
    for (zone, day, start) in [
        (Zone::utc(), "2026-11-22", "2026-11-22T00:00:00"),
        (sydney(), "2026-01-01", "2025-12-31T13:00:00"),
        (sydney(), "2026-07-01", "2026-06-30T14:00:00"),
        (london(), "2026-07-01", "2026-06-30T23:00:00"),
        (london(), "2026-12-01", "2026-12-01T00:00:00"),
        (new_york(), "2026-07-01", "2026-07-01T04:00:00"),
        (new_york(), "2026-12-31", "2026-12-31T05:00:00"),
        (lord_howe(), "2026-07-01", "2026-06-30T13:30:00"),
        (sao_paulo(), "2018-11-04", "2018-11-04T03:00:00"),
        (sao_paulo(), "2019-02-17", "2019-02-17T03:00:00"),
        (st_johns(), "2010-11-07", "2010-11-07T02:30:00"),
    ] {
        let (day, start) = (date(day), at(start));
        assert_eq!(zone.start_of(day), start, "{day}");
        assert_eq!(zone.day(start), Some(day));
        assert_eq!(zone.day(Moment(start.0 - 1)), Some(day.pred()));
    }
}

#[test]
fn days_are_as_long_as_their_clocks_make_them() {
    for (zone, day, minutes) in [
        (sydney(), "2026-04-05", 25 * 60),
        (sydney(), "2026-10-04", 23 * 60),
        (london(), "2026-03-29", 23 * 60),
        (london(), "2026-10-25", 25 * 60),
        (new_york(), "2026-03-08", 23 * 60),
        (new_york(), "2026-11-01", 25 * 60),
        (lord_howe(), "2026-04-05", 24 * 60 + 30),
        (lord_howe(), "2026-10-04", 23 * 60 + 30),
        (sao_paulo(), "2018-11-04", 23 * 60),
        (sao_paulo(), "2019-02-16", 25 * 60),
    ] {
        let day = date(day);
        let length = zone.start_of(day.plus_days(1)).0 - zone.start_of(day).0;
        assert_eq!(length, minutes * 60, "{day}");
    }
}

#[test]
fn a_day_that_a_zone_leaves_out_is_empty() {
    let apia = zone(-10 * HOUR, &[("2011-12-30T10:00:00", 14 * HOUR)]);
    assert_eq!(apia.start_of(date("2011-12-30")), apia.start_of(date("2011-12-31")));
    assert_eq!(apia.day(at("2011-12-30T10:00:00")), Some(date("2011-12-31")));
    assert_eq!(apia.day(at("2011-12-30T09:59:59")), Some(date("2011-12-29")));
}

#[test]
fn transitions_may_come_in_any_order_and_twice() {
    let orderly = Zone::new(0, vec![(10, 60), (20, 120)]);
    assert_eq!(Zone::new(0, vec![(20, 0), (20, 120), (10, 60)]), orderly);
}

#[test]
fn days_know_their_month() {
    let day = date("2024-02-11");
    assert_eq!(day.month(), (2024, 2));
    assert_eq!(day.first_of_month(), date("2024-02-01"));
    assert_eq!(day.last_of_month(), date("2024-02-29"));
    assert_eq!(date("2026-12-31").last_of_month(), date("2026-12-31"));
    assert_eq!(date("2024-03-01").pred().to_string(), "2024-02-29");
    assert!(date("2025-12-01").month() < date("2026-01-01").month());
}

fn zones() -> impl Strategy<Value = Zone> {
    let offset = -14 * HOUR..=14 * HOUR;
    let transition = (1_700_000_000i64..1_800_000_000, offset.clone());
    (offset, proptest::collection::vec(transition, 0..6))
        .prop_map(|(first, transitions)| Zone::new(first, transitions))
}

proptest! {
    #[test]
    fn a_moment_is_on_the_day_that_has_begun_and_not_ended(
        zone in zones(),
        seconds in 1_699_000_000i64..1_801_000_000,
        days in -3i64..=3,
    ) {
        let moment = Moment(seconds);
        let other = Date::of_unix_seconds(seconds + days * SECONDS_A_DAY).unwrap();
        let within = zone.start_of(other) <= moment && moment < zone.start_of(other.plus_days(1));
        prop_assert_eq!(within, zone.day(moment) == Some(other));
    }

    #[test]
    fn nothing_panics(
        first in any::<i32>(),
        transitions in proptest::collection::vec((any::<i64>(), any::<i32>()), 0..6),
        seconds in any::<i64>(),
        text in ".{0,30}",
    ) {
        let zone = Zone::new(first, transitions);
        let parsed = [Moment::parse_any(&text).ok(), Moment::from_unix_seconds(seconds)];
        for moment in parsed.into_iter().flatten().collect::<Vec<_>>() {
            zone.day(moment).map(|day| zone.start_of(day));
        }
    }
}
