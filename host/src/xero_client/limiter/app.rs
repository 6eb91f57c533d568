//! The app's calls a minute, over all organisations: counted by the second.

use std::{collections::VecDeque, time::Duration};

use serde::{Deserialize, Serialize};

use super::{Cause, Feedback, Limits, Problem, Wait};
use crate::time::Timestamp;

/// Xero's window and two seconds more: the first and last second are counted whole.
const SECONDS: i64 = 62;

/// What is sent now may count a little later; this part of the limit, in percent, is left for it.
const SLACK_PERCENT: u32 = 2;

/// The window of an app.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AppWindow {
    /// Second since the Unix epoch, and the calls sent in it; oldest first.
    sent: VecDeque<(i64, u32)>,
    closed_until: Timestamp,
}

impl AppWindow {
    /// Counts a call, or says until when there is none left.
    ///
    /// # Errors
    /// [`Wait`].
    pub fn admit(&mut self, limits: &Limits, now: Timestamp) -> Result<(), Wait> {
        let second = self.keep_time(now);
        let wait = |until| Err(Wait { until, cause: Cause::App });
        if now < self.closed_until {
            return wait(self.closed_until);
        }
        let used: u64 = self.sent.iter().map(|(_, count)| u64::from(*count)).sum();
        let most = limits.app_per_minute - limits.app_per_minute * SLACK_PERCENT / 100;
        if used >= u64::from(most.max(1)) {
            let oldest = self.sent.front().map_or(second, |(oldest, _)| *oldest);
            return wait(Timestamp::from_ms(oldest.saturating_add(SECONDS).saturating_mul(1_000)));
        }
        self.add(second, 1);
        Ok(())
    }

    /// Takes back a call that was not made.
    pub fn withdraw(&mut self) {
        if let Some((_, count)) = self.sent.back_mut() {
            *count = count.saturating_sub(1);
        }
    }

    /// Learns from an answer: where the server counts more calls than we do, its count holds.
    pub fn learn(&mut self, limits: &Limits, feedback: &Feedback, now: Timestamp) {
        let second = self.keep_time(now);
        if let Some(remaining) = feedback.app_minute_remaining {
            let used = u64::from(limits.app_per_minute.saturating_sub(remaining));
            let ours: u64 = self.sent.iter().map(|(_, count)| u64::from(*count)).sum();
            let more = u32::try_from(used.saturating_sub(ours)).unwrap_or(u32::MAX);
            if more > 0 {
                self.add(second, more);
            }
        }
        if feedback.problem == Some(Problem::AppMinute) {
            let wait = feedback.closed_for.unwrap_or(Duration::from_mins(1));
            self.closed_until = now.plus(wait.min(Duration::from_mins(2)));
        }
    }

    fn add(&mut self, second: i64, calls: u32) {
        match self.sent.back_mut() {
            Some((last, count)) if *last >= second => *count = count.saturating_add(calls),
            _ => self.sent.push_back((second, calls)),
        }
    }

    /// Lets go what is over; a clock that was put back begins anew.
    fn keep_time(&mut self, now: Timestamp) -> i64 {
        let second = now.ms().div_euclid(1_000);
        for (sent, _) in &mut self.sent {
            *sent = (*sent).min(second.saturating_add(SECONDS));
        }
        while self.sent.front().is_some_and(|(oldest, _)| oldest.saturating_add(SECONDS) <= second)
        {
            self.sent.pop_front();
        }
        self.closed_until = self.closed_until.min(now.plus(Duration::from_mins(2)));
        second
    }
}
