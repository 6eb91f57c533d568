//! Xero's limits for one organisation, kept exactly: never more than N calls in any 60 seconds,
//! never more than M in flight, never more than a day's worth. Pure: the time is an argument,
//! waiting is somebody else's business, and the state is data that several processes may share.
//!
//! A call counts at Xero at some moment between its sending and its answer. So its place in the
//! window is held from the sending, and given back 60 seconds after the *answer*. A place whose
//! holder died counts as answered once no answer can come any more.
//! (Xero, "OAuth 2.0 API limits": 60 calls a minute, 5 at once and 5,000 a day for each
//! organisation, 1,000 a day on the Starter tier.)

mod app;
mod breaker;
mod day;

use std::{collections::VecDeque, time::Duration};

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;
pub use app::AppWindow;
use breaker::Breaker;
use day::Day;

/// Xero's window; one millisecond more, so that equal times never share two windows.
const WINDOW: Duration = Duration::from_millis(60_001);

/// How long to wait when all places in flight are taken: an answer is expected soon.
const IN_FLIGHT_WAIT: Duration = Duration::from_millis(100);

/// What is written later than this from now was written before the clock was put back.
const AHEAD_MAX: Duration = Duration::from_mins(2);

/// No server closes for longer than a day.
const CLOSED_MAX: Duration = Duration::from_hours(25);

/// What may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Calls in any 60 seconds.
    pub per_minute: u32,
    /// Calls in flight at once.
    pub in_flight: u32,
    /// Calls in a day.
    pub per_day: u32,
    /// Percent of the day's calls that only urgent work may use.
    pub reserve_percent: u32,
    /// Calls in any 60 seconds over all organisations of the app.
    pub app_per_minute: u32,
    /// After this time no answer comes any more.
    pub answer_max: Duration,
    /// Failures in a row after which calls rest.
    pub failures_max: u32,
}

/// Whether a call may use the day's reserve.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Urgency {
    /// It can wait until tomorrow.
    #[default]
    Ordinary,
    /// Somebody waits for it.
    Urgent,
}

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
    /// The limit that is used up: `X-Rate-Limit-Problem` of a 429.
    pub problem: Option<Problem>,
    /// Why the server did not do what it is there for, if it did not.
    pub trouble: Option<String>,
}

/// A limit that a 429 names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// Calls a minute.
    Minute,
    /// Calls a day.
    Day,
    /// Calls in flight.
    Concurrent,
    /// Calls a minute of the app.
    AppMinute,
}

/// Why there is no place now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// The minute's calls are used up.
    Minute,
    /// All places in flight are taken.
    InFlight,
    /// The server said so.
    Closed,
    /// The day's calls are used up.
    Day,
    /// What is left of the day's calls is kept for urgent work.
    Reserve,
    /// The app's calls are used up.
    App,
    /// The server is in trouble; these were its last words.
    Trouble(String),
}

/// No place now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// When it is worth asking again.
    pub until: Timestamp,
    /// Why.
    pub cause: Cause,
}

/// A place in the window. Give it back with [`Limiter::finish`].
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a place that is not given back counts until no answer can come any more"]
pub struct Place(u64);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Taken {
    place: u64,
    until: Timestamp,
}

/// The window of one organisation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limiter {
    /// When the calls of the last 60 seconds were answered, oldest first.
    answered: VecDeque<Timestamp>,
    in_flight: Vec<Taken>,
    places: u64,
    closed_until: Timestamp,
    day: Day,
    breaker: Breaker,
}

impl Limiter {
    /// Tells the limiter of calls that an earlier process made.
    pub fn remember(&mut self, calls: &[Timestamp]) {
        self.answered.extend(calls);
        self.answered.make_contiguous().sort_unstable();
    }

    /// Takes a place, or says until when there is none.
    ///
    /// # Errors
    /// [`Wait`].
    pub fn admit(
        &mut self,
        limits: &Limits,
        urgency: Urgency,
        now: Timestamp,
    ) -> Result<Place, Wait> {
        self.keep_time(limits, now);
        let wait = |until, cause| Err(Wait { until, cause });
        if now < self.closed_until {
            return wait(self.closed_until, Cause::Closed);
        }
        let in_flight = self.in_flight.iter().map(|taken| taken.place);
        self.breaker.admit(limits, in_flight, now)?;
        if self.in_flight.len() >= limits.in_flight as usize {
            return wait(now.plus(IN_FLIGHT_WAIT), Cause::InFlight);
        }
        if self.answered.len() + self.in_flight.len() >= limits.per_minute as usize {
            let oldest = self.answered.front();
            let until = oldest.map_or(now.plus(IN_FLIGHT_WAIT), |oldest| oldest.plus(WINDOW));
            return wait(until, Cause::Minute);
        }
        self.day.admit(limits, urgency, self.in_flight.len(), now)?;
        self.places = self.places.wrapping_add(1);
        let until = now.plus(limits.answer_max);
        self.in_flight.push(Taken { place: self.places, until });
        self.breaker.send(limits, self.places);
        Ok(Place(self.places))
    }

    /// Gives a place back after the answer, or after the call was given up, and learns from the
    /// headers: where the server counts more calls than we do, its count holds.
    #[expect(clippy::needless_pass_by_value, reason = "a place is given back once")]
    pub fn finish(&mut self, limits: &Limits, place: Place, now: Timestamp, feedback: &Feedback) {
        let Place(place) = place;
        if self.take_back(place) {
            self.answered.push_back(now);
        }
        self.keep_time(limits, now);
        let in_flight = self.in_flight.len();
        self.day.learn(feedback, in_flight, now);
        if let Some(remaining) = feedback.minute_remaining {
            let used = (limits.per_minute as usize).saturating_sub(remaining as usize);
            let ours = self.answered.len() + in_flight;
            self.answered.extend(std::iter::repeat_n(now, used.saturating_sub(ours)));
        }
        if let Some(wait) = feedback.closed_for {
            self.closed_until = self.closed_until.max(now.plus(wait));
        }
        self.breaker.learn(limits, place, feedback.trouble.as_deref(), now);
    }

    /// Gives back a place that was not used.
    #[expect(clippy::needless_pass_by_value, reason = "a place is given back once")]
    pub fn withdraw(&mut self, place: Place) {
        let Place(place) = place;
        if self.take_back(place) {
            self.day.withdraw();
        }
    }

    /// Gives back every place: for a process that has made sure that no other one is alive. Their
    /// calls may have been made.
    pub fn free_places_of_the_dead(&mut self, now: Timestamp) {
        let lost = self.in_flight.drain(..).count();
        self.answered.extend(std::iter::repeat_n(now, lost));
    }

    /// Calls left today, as far as the server has said.
    #[must_use]
    pub fn day_remaining(&self) -> Option<u32> {
        self.day.remaining()
    }

    /// Since when calls rest because the server is in trouble, and its last words.
    #[must_use]
    pub fn trouble(&self, limits: &Limits) -> Option<&str> {
        self.breaker.trouble(limits)
    }

    fn take_back(&mut self, place: u64) -> bool {
        let before = self.in_flight.len();
        self.in_flight.retain(|taken| taken.place != place);
        self.in_flight.len() < before
    }

    /// Lets go what is over, and what was written before the clock was put back.
    fn keep_time(&mut self, limits: &Limits, now: Timestamp) {
        let ahead = now.plus(AHEAD_MAX);
        for answered in &mut self.answered {
            if *answered > ahead {
                *answered = now;
            }
        }
        let lost_at = now.plus(limits.answer_max);
        for taken in &mut self.in_flight {
            taken.until = taken.until.min(lost_at);
        }
        let lost: Vec<Timestamp> =
            self.in_flight.iter().map(|taken| taken.until).filter(|until| *until <= now).collect();
        if !lost.is_empty() {
            self.in_flight.retain(|taken| taken.until > now);
            self.remember(&lost);
        }
        self.closed_until = self.closed_until.min(now.plus(CLOSED_MAX));
        while self.answered.front().is_some_and(|oldest| oldest.plus(WINDOW) <= now) {
            self.answered.pop_front();
        }
    }
}

#[cfg(test)]
mod tests;
