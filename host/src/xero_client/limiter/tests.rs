use super::*;

const LIMITS: Limits = Limits {
    per_minute: 60,
    in_flight: 5,
    per_day: 5_000,
    reserve_percent: 10,
    app_per_minute: 10_000,
    answer_max: Duration::from_secs(90),
    failures_max: 3,
};

fn at(ms: i64) -> Timestamp {
    Timestamp::from_ms(ms)
}

fn admit(limiter: &mut Limiter, ms: i64) -> Result<Place, Timestamp> {
    limiter.admit(&LIMITS, Urgency::Ordinary, at(ms)).map_err(|wait| wait.until)
}

fn finish(limiter: &mut Limiter, place: Place, ms: i64, feedback: &Feedback) {
    limiter.finish(&LIMITS, place, at(ms), feedback);
}

fn call(limiter: &mut Limiter, sent: i64, answered: i64) {
    let place = admit(limiter, sent).unwrap();
    finish(limiter, place, answered, &Feedback::default());
}

/// However calls are spaced, no window of 60 seconds that begins at any call's earliest arrival
/// holds more than the limit.
#[test]
fn never_more_than_the_limit_in_any_sixty_seconds() {
    for (gap, latency) in [(0, 0), (1, 500), (700, 900), (1_500, 3)] {
        let mut limiter = Limiter::default();
        let (mut now, mut calls) = (0_i64, Vec::new());
        while calls.len() < 400 {
            match admit(&mut limiter, now) {
                Ok(place) => {
                    finish(&mut limiter, place, now + latency, &Feedback::default());
                    calls.push((now, now + latency));
                    now += latency + gap;
                }
                Err(until) => now = until.ms(),
            }
        }
        for (first, sixtieth_later) in calls.iter().zip(calls.iter().skip(60)) {
            // The latest that the first can count, the earliest that the 61st can.
            assert!(sixtieth_later.0 - first.1 > 60_000, "gap {gap} latency {latency}");
        }
    }
}

#[test]
fn the_sixty_first_waits_and_goes_when_the_first_leaves_the_window() {
    let mut limiter = Limiter::default();
    for second in 0..60 {
        call(&mut limiter, second * 10, second * 10 + 5);
    }
    let until = admit(&mut limiter, 700).unwrap_err();
    assert_eq!(until, at(5 + 60_001));
    assert!(admit(&mut limiter, 60_005).is_err());
    assert!(admit(&mut limiter, until.ms()).is_ok());
}

#[test]
fn the_sixth_in_flight_waits_for_an_answer() {
    let mut limiter = Limiter::default();
    let mut places: Vec<_> = (0..5).map(|_| admit(&mut limiter, 0).unwrap()).collect();
    assert!(admit(&mut limiter, 0).is_err());
    finish(&mut limiter, places.pop().unwrap(), 1, &Feedback::default());
    assert!(admit(&mut limiter, 1).is_ok());
}

#[test]
fn the_servers_count_holds_when_it_is_higher() {
    let mut limiter = Limiter::default();
    let place = admit(&mut limiter, 0).unwrap();
    let feedback = Feedback { minute_remaining: Some(1), ..Feedback::default() };
    finish(&mut limiter, place, 10, &feedback);
    call(&mut limiter, 20, 30);
    assert_eq!(admit(&mut limiter, 40).unwrap_err(), at(10 + 60_001));
}

#[test]
fn stays_away_as_long_as_it_was_told() {
    let mut limiter = Limiter::default();
    let place = admit(&mut limiter, 0).unwrap();
    let closed_for = Some(Duration::from_secs(26));
    finish(&mut limiter, place, 10, &Feedback { closed_for, ..Feedback::default() });
    assert_eq!(admit(&mut limiter, 20).unwrap_err(), at(26_010));
    assert!(admit(&mut limiter, 26_010).is_ok());
}

#[test]
fn remembers_what_an_earlier_process_sent() {
    let mut limiter = Limiter::default();
    limiter.remember(&[at(500), at(100)]);
    let limits = Limits { per_minute: 2, ..LIMITS };
    let wait = limiter.admit(&limits, Urgency::Ordinary, at(1_000)).unwrap_err();
    assert_eq!(wait, Wait { until: at(60_101), cause: Cause::Minute });
}

#[test]
fn a_place_whose_holder_died_is_free_once_no_answer_can_come() {
    let mut limiter = Limiter::default();
    let lost: Vec<_> = (0..5).map(|_| admit(&mut limiter, 0).unwrap()).collect();
    assert!(admit(&mut limiter, 89_999).is_err());
    assert!(admit(&mut limiter, 90_000).is_ok());
    // It counted at some time until then: so it stays in the window for a minute more.
    assert_eq!(limiter.answered.len(), 5);
    // An answer that comes all the same changes nothing.
    finish(&mut limiter, lost.into_iter().next().unwrap(), 90_001, &Feedback::default());
    assert_eq!((limiter.answered.len(), limiter.in_flight.len()), (5, 1));
}

#[test]
fn the_dead_leave_no_places_but_their_calls_count() {
    let mut limiter = Limiter::default();
    for _ in 0..5 {
        let _ = admit(&mut limiter, 0).unwrap();
    }
    limiter.free_places_of_the_dead(at(10));
    assert_eq!((limiter.answered.len(), limiter.in_flight.len()), (5, 0));
    assert!(admit(&mut limiter, 10).is_ok());
}

#[test]
fn a_clock_that_is_put_back_stops_nothing_for_longer_than_a_window() {
    let mut limiter = Limiter::default();
    let hour = 3_600_000;
    for _ in 0..60 {
        call(&mut limiter, 10 * hour, 10 * hour);
    }
    let until = admit(&mut limiter, hour).unwrap_err();
    assert_eq!(until, at(hour + 60_001));
    assert!(admit(&mut limiter, until.ms()).is_ok());
}

#[test]
fn the_state_survives_as_text_and_reads_what_another_version_wrote() {
    let mut limiter = Limiter::default();
    call(&mut limiter, 0, 5);
    let _ = admit(&mut limiter, 6).unwrap();
    let text = serde_json::to_string(&limiter).unwrap();
    assert_eq!(serde_json::from_str::<Limiter>(&text).unwrap(), limiter);
    let other: Limiter = serde_json::from_str(r#"{"new":1,"places":7}"#).unwrap();
    assert_eq!(other.places, 7);
}

fn day(remaining: u32) -> Feedback {
    Feedback { day_remaining: Some(remaining), ..Feedback::default() }
}

#[test]
fn the_days_reserve_is_for_urgent_work() {
    let mut limiter = Limiter::default();
    let place = admit(&mut limiter, 0).unwrap();
    finish(&mut limiter, place, 1, &day(4_000));
    assert_eq!(limiter.day_remaining(), Some(4_000));
    let place = admit(&mut limiter, 2).unwrap();
    finish(&mut limiter, place, 3, &day(400));
    // A tenth of the 4,001 that were once left is kept.
    let wait = limiter.admit(&LIMITS, Urgency::Ordinary, at(4)).unwrap_err();
    assert_eq!(wait.cause, Cause::Reserve);
    assert_eq!(wait.until, at(3 + 3_600_000), "an hour later one call looks again");
    let place = limiter.admit(&LIMITS, Urgency::Urgent, at(5)).unwrap();
    finish(&mut limiter, place, 6, &day(399));
    // That call finds a new day.
    let later = 7 + 3_600_000;
    let place = admit(&mut limiter, later).unwrap();
    assert!(admit(&mut limiter, later).is_err(), "only one looks");
    finish(&mut limiter, place, later + 1, &day(4_999));
    assert!(admit(&mut limiter, later + 2).is_ok());
}

#[test]
fn a_day_that_is_used_up_waits_for_the_next_one() {
    let mut limiter = Limiter::default();
    let place = admit(&mut limiter, 1_000).unwrap();
    finish(&mut limiter, place, 1_001, &day(0));
    let wait = limiter.admit(&LIMITS, Urgency::Urgent, at(2_000)).unwrap_err();
    assert_eq!(wait, Wait { until: at(1_000 + 86_400_000), cause: Cause::Day });
    // Xero names the time itself in a 429.
    let mut limiter = Limiter::default();
    let place = admit(&mut limiter, 1_000).unwrap();
    let (closed_for, problem) = (Some(Duration::from_hours(2)), Some(Problem::Day));
    finish(&mut limiter, place, 1_001, &Feedback { closed_for, problem, ..Feedback::default() });
    let wait = limiter.admit(&LIMITS, Urgency::Urgent, at(2_000)).unwrap_err();
    assert_eq!(wait.until, at(1_001 + 7_200_000));
    assert!(admit(&mut limiter, wait.until.ms()).is_ok());
}

#[test]
fn a_smaller_days_limit_is_kept_though_the_server_would_give_more() {
    let limits = Limits { per_day: 20, reserve_percent: 10, per_minute: 100, ..LIMITS };
    let mut limiter = Limiter::default();
    let mut sent = 0;
    while let Ok(place) = limiter.admit(&limits, Urgency::Ordinary, at(sent)) {
        limiter.finish(&limits, place, at(sent), &day(5_000 - u32::try_from(sent).unwrap()));
        sent += 1;
    }
    assert_eq!(sent, 18, "two are kept");
    let place = limiter.admit(&limits, Urgency::Urgent, at(30)).unwrap();
    limiter.withdraw(place);
    assert!(limiter.admit(&limits, Urgency::Ordinary, at(86_400_000)).is_ok());
}

fn trouble() -> Feedback {
    Feedback { trouble: Some(String::from("HTTP 503")), ..Feedback::default() }
}

#[test]
fn after_failures_in_a_row_one_call_looks_after_rests_that_grow() {
    let mut limiter = Limiter::default();
    let fail = |limiter: &mut Limiter, ms| {
        let place = admit(limiter, ms).unwrap();
        finish(limiter, place, ms, &trouble());
    };
    fail(&mut limiter, 0);
    fail(&mut limiter, 1);
    call(&mut limiter, 2, 2);
    assert_eq!(limiter.trouble(&LIMITS), None, "not in a row");
    for ms in 3..6 {
        fail(&mut limiter, ms);
    }
    assert_eq!(limiter.trouble(&LIMITS), Some("HTTP 503"));
    let mut now = 6;
    for rest in [30, 60, 120, 240, 480, 900, 900] {
        let wait = limiter.admit(&LIMITS, Urgency::Urgent, at(now)).unwrap_err();
        assert_eq!(wait.cause, Cause::Trouble(String::from("HTTP 503")));
        assert_eq!(wait.until.ms() - now, rest * 1_000 - i64::from(rest == 30), "{rest}");
        now = wait.until.ms();
        let probe = admit(&mut limiter, now).unwrap();
        let other = limiter.admit(&LIMITS, Urgency::Urgent, at(now)).unwrap_err();
        assert_eq!(other.until, at(now + 1_000), "one looks at a time");
        finish(&mut limiter, probe, now, &trouble());
    }
    now = limiter.admit(&LIMITS, Urgency::Urgent, at(now)).unwrap_err().until.ms();
    call(&mut limiter, now, now);
    for _ in 0..5 {
        let _ = admit(&mut limiter, now).unwrap();
    }
}

#[test]
fn a_probe_that_died_does_not_stop_the_next_one() {
    let mut limiter = Limiter::default();
    for ms in 0..3 {
        let place = admit(&mut limiter, ms).unwrap();
        finish(&mut limiter, place, ms, &trouble());
    }
    let _ = admit(&mut limiter, 40_000).unwrap();
    assert!(admit(&mut limiter, 120_000).is_err());
    assert!(admit(&mut limiter, 130_000).is_ok());
}

#[test]
fn an_app_has_a_window_over_all_its_organisations() {
    let limits = Limits { app_per_minute: 100, ..LIMITS };
    let mut app = AppWindow::default();
    let mut sent = 0;
    while app.admit(&limits, at(sent * 10)).is_ok() {
        sent += 1;
    }
    assert_eq!(sent, 98, "two in a hundred are left for what counts late");
    assert_eq!(app.admit(&limits, at(61_999)).unwrap_err().until, at(62_000));
    assert!(app.admit(&limits, at(62_000)).is_ok());
    // The server counts others' calls, too.
    let feedback = Feedback { app_minute_remaining: Some(1), ..Feedback::default() };
    app.learn(&limits, &feedback, at(62_001));
    assert_eq!(app.admit(&limits, at(62_002)).unwrap_err().cause, Cause::App);
}
