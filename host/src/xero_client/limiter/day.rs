//! The day's calls. Xero says how many are left, not when its day begins.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Cause, Feedback, Limits, Problem, Urgency, Wait};
use crate::time::Timestamp;

const DAY: Duration = Duration::from_hours(24);

/// Where only the reserve is left, one call an hour looks whether a new day has begun at Xero.
const LOOK_AGAIN: Duration = Duration::from_hours(1);

/// Answers overtake each other by a few calls; a count that rises by more is a new day's.
const OVERTAKEN_MAX: u32 = 50;

/// The day of one organisation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Day {
    /// Its first call that we know of.
    begun: Timestamp,
    used: u32,
    /// What is left by the server's last word, less what was sent since.
    remaining: Option<u32>,
    /// The server's last word itself.
    said: u32,
    heard: Timestamp,
    /// The most that the server ever left us.
    largest: u32,
}

impl Day {
    pub(super) fn remaining(&self) -> Option<u32> {
        self.remaining
    }

    /// Counts a call, or says until when there is none left.
    pub(super) fn admit(
        &mut self,
        limits: &Limits,
        urgency: Urgency,
        in_flight: usize,
        now: Timestamp,
    ) -> Result<(), Wait> {
        if self.used == 0 || now < self.begun || now.since(self.begun) >= DAY {
            let largest = self.largest;
            *self = Self { begun: now, largest, ..Self::default() };
        }
        let own = limits.per_day.saturating_sub(self.used);
        let left = self.remaining.map_or(own, |remaining| remaining.min(own));
        let tomorrow = self.begun.plus(DAY);
        if left == 0 {
            return Err(Wait { until: tomorrow, cause: Cause::Day });
        }
        let most =
            if self.largest == 0 { limits.per_day } else { self.largest.min(limits.per_day) };
        let reserve = u64::from(most) * u64::from(limits.reserve_percent) / 100;
        if urgency == Urgency::Ordinary && u64::from(left) <= reserve {
            let by_own_count = u64::from(own) <= reserve;
            let look_again = self.heard.plus(LOOK_AGAIN);
            if by_own_count || now < look_again || in_flight > 0 {
                let until = if by_own_count { tomorrow } else { tomorrow.min(look_again) };
                return Err(Wait {
                    until: until.max(now.plus(DAY / 86_400)),
                    cause: Cause::Reserve,
                });
            }
        }
        self.used = self.used.saturating_add(1);
        self.remaining = self.remaining.map(|remaining| remaining.saturating_sub(1));
        Ok(())
    }

    /// Takes back a call that was not made.
    pub(super) fn withdraw(&mut self) {
        self.used = self.used.saturating_sub(1);
        self.remaining = self.remaining.map(|remaining| remaining.saturating_add(1));
    }

    pub(super) fn learn(&mut self, feedback: &Feedback, in_flight: usize, now: Timestamp) {
        let in_flight = u32::try_from(in_flight).unwrap_or(u32::MAX);
        if let Some(said) = feedback.day_remaining {
            if self.remaining.is_some() && said > self.said.saturating_add(OVERTAKEN_MAX) {
                self.begun = now;
                self.used = in_flight.saturating_add(1);
            }
            self.said = said;
            self.heard = now;
            self.largest = self.largest.max(said.saturating_add(1));
            // Those in flight may be counted or not.
            self.remaining = Some(said.saturating_sub(in_flight));
        }
        if feedback.problem == Some(Problem::Day) {
            self.remaining = Some(0);
            // What it says of the time to wait is the beginning of its next day.
            let wait = feedback.closed_for.unwrap_or(LOOK_AGAIN).min(DAY);
            self.begun = now.plus(wait).minus(DAY);
            self.heard = now;
        }
    }
}
