//! Xero's limits, kept exactly: never more than N calls in any 60 seconds, never more than M in
//! flight. Pure: the time is an argument, and waiting is somebody else's business.
//!
//! A call counts at Xero at some moment between its sending and its answer. So its place in the
//! window is held from the sending, and given back 60 seconds after the *answer*.
//! (Xero, "OAuth 2.0 API limits": 60 calls a minute and 5 at once for each organisation.)

use std::{collections::VecDeque, time::Duration};

use crate::time::Timestamp;

/// Xero's window; one millisecond more, so that equal times never share two windows.
const WINDOW: Duration = Duration::from_millis(60_001);

/// How long to wait when all places in flight are taken: an answer is expected soon.
const IN_FLIGHT_WAIT: Duration = Duration::from_millis(100);

/// What the headers of an answer say about limits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Feedback {
    /// `X-MinLimit-Remaining`
    pub minute_remaining: Option<u32>,
    /// `X-AppMinLimit-Remaining`
    pub app_minute_remaining: Option<u32>,
    /// `X-DayLimit-Remaining`
    pub day_remaining: Option<u32>,
    /// Until when the server refuses calls: `Retry-After` of a 429.
    pub closed_for: Option<Duration>,
}

/// A place in the window. Give it back with [`Limiter::finish`].
#[derive(Debug)]
#[must_use = "a place that is not given back is lost"]
pub struct Place(());

/// The window of one organisation.
#[derive(Debug)]
pub struct Limiter {
    per_minute: usize,
    in_flight_max: usize,
    /// When the calls of the last 60 seconds were answered, oldest first.
    answered: VecDeque<Timestamp>,
    in_flight: usize,
    closed_until: Timestamp,
    day_remaining: Option<u32>,
}

impl Limiter {
    /// A limiter that has seen no call yet.
    #[must_use]
    pub fn new(per_minute: u32, in_flight_max: u32) -> Self {
        Self {
            per_minute: per_minute as usize,
            in_flight_max: in_flight_max as usize,
            answered: VecDeque::new(),
            in_flight: 0,
            closed_until: Timestamp::from_ms(0),
            day_remaining: None,
        }
    }

    /// Tells the limiter of calls that an earlier process made.
    pub fn remember(&mut self, calls: &[Timestamp]) {
        self.answered.extend(calls);
        self.answered.make_contiguous().sort_unstable();
    }

    /// Takes a place, or says until when there is none.
    ///
    /// # Errors
    /// The moment at which it is worth asking again.
    pub fn admit(&mut self, now: Timestamp) -> Result<Place, Timestamp> {
        self.forget_before(now);
        if now < self.closed_until {
            return Err(self.closed_until);
        }
        if self.in_flight >= self.in_flight_max {
            return Err(now.plus(IN_FLIGHT_WAIT));
        }
        if self.answered.len() + self.in_flight >= self.per_minute {
            let oldest = self.answered.front();
            return Err(oldest.map_or(now.plus(IN_FLIGHT_WAIT), |oldest| oldest.plus(WINDOW)));
        }
        self.in_flight += 1;
        Ok(Place(()))
    }

    /// Gives a place back after the answer, or after the call was given up, and learns from the
    /// headers: where the server counts more calls than we do, its count holds.
    #[expect(clippy::needless_pass_by_value, reason = "a place is given back once")]
    pub fn finish(&mut self, place: Place, now: Timestamp, feedback: &Feedback) {
        let Place(()) = place;
        self.in_flight = self.in_flight.saturating_sub(1);
        self.answered.push_back(now);
        self.forget_before(now);
        if feedback.day_remaining.is_some() {
            self.day_remaining = feedback.day_remaining;
        }
        if let Some(remaining) = feedback.minute_remaining.min_some(feedback.app_minute_remaining) {
            let used = self.per_minute.saturating_sub(remaining as usize);
            let ours = self.answered.len() + self.in_flight;
            self.answered.extend(std::iter::repeat_n(now, used.saturating_sub(ours)));
        }
        if let Some(wait) = feedback.closed_for {
            self.closed_until = self.closed_until.max(now.plus(wait));
        }
    }

    /// Gives back a place that was not used.
    #[expect(clippy::needless_pass_by_value, reason = "a place is given back once")]
    pub fn withdraw(&mut self, place: Place) {
        let Place(()) = place;
        self.in_flight = self.in_flight.saturating_sub(1);
    }

    /// Calls left today, as far as the server has said.
    #[must_use]
    pub fn day_remaining(&self) -> Option<u32> {
        self.day_remaining
    }

    fn forget_before(&mut self, now: Timestamp) {
        while self.answered.front().is_some_and(|oldest| oldest.plus(WINDOW) <= now) {
            self.answered.pop_front();
        }
    }
}

/// The smaller of two numbers of which either may be missing.
trait MinSome {
    fn min_some(self, other: Self) -> Self;
}

impl MinSome for Option<u32> {
    fn min_some(self, other: Self) -> Self {
        match (self, other) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_ms(ms)
    }

    fn call(limiter: &mut Limiter, sent: i64, answered: i64) {
        let place = limiter.admit(at(sent)).unwrap();
        limiter.finish(place, at(answered), &Feedback::default());
    }

    /// However calls are spaced, no window of 60 seconds that begins at any call's earliest
    /// arrival holds more than the limit.
    #[test]
    fn never_more_than_the_limit_in_any_sixty_seconds() {
        for (gap, latency) in [(0, 0), (1, 500), (700, 900), (1_500, 3)] {
            let mut limiter = Limiter::new(60, 5);
            let (mut now, mut calls) = (0_i64, Vec::new());
            while calls.len() < 400 {
                match limiter.admit(at(now)) {
                    Ok(place) => {
                        limiter.finish(place, at(now + latency), &Feedback::default());
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
        let mut limiter = Limiter::new(60, 5);
        for second in 0..60 {
            call(&mut limiter, second * 10, second * 10 + 5);
        }
        let until = limiter.admit(at(700)).unwrap_err();
        assert_eq!(until, at(5 + 60_001));
        assert!(limiter.admit(at(60_005)).is_err());
        assert!(limiter.admit(until).is_ok());
    }

    #[test]
    fn the_sixth_in_flight_waits_for_an_answer() {
        let mut limiter = Limiter::new(60, 5);
        let mut places: Vec<_> = (0..5).map(|_| limiter.admit(at(0)).unwrap()).collect();
        assert!(limiter.admit(at(0)).is_err());
        limiter.finish(places.pop().unwrap(), at(1), &Feedback::default());
        assert!(limiter.admit(at(1)).is_ok());
    }

    #[test]
    fn the_servers_count_holds_when_it_is_higher() {
        let mut limiter = Limiter::new(60, 5);
        let place = limiter.admit(at(0)).unwrap();
        let feedback = Feedback { minute_remaining: Some(1), ..Feedback::default() };
        limiter.finish(place, at(10), &feedback);
        call(&mut limiter, 20, 30);
        assert_eq!(limiter.admit(at(40)).unwrap_err(), at(10 + 60_001));
    }

    #[test]
    fn stays_away_as_long_as_it_was_told() {
        let mut limiter = Limiter::new(60, 5);
        let place = limiter.admit(at(0)).unwrap();
        let closed_for = Some(Duration::from_secs(26));
        limiter.finish(place, at(10), &Feedback { closed_for, ..Feedback::default() });
        assert_eq!(limiter.admit(at(20)).unwrap_err(), at(26_010));
        assert!(limiter.admit(at(26_010)).is_ok());
    }

    #[test]
    fn remembers_what_an_earlier_process_sent() {
        let mut limiter = Limiter::new(2, 5);
        limiter.remember(&[at(500), at(100)]);
        assert_eq!(limiter.admit(at(1_000)).unwrap_err(), at(60_101));
    }
}
