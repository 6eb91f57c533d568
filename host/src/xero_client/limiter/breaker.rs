//! A server in trouble is left alone: after some failures in a row nothing is sent but one call now
//! and then, which looks whether it is well again.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Cause, Limits, Wait};
use crate::time::Timestamp;

/// The first rest; each further one is twice as long, up to the last.
const REST: Duration = Duration::from_secs(30);
const REST_MAX: Duration = Duration::from_mins(15);

/// How long others wait while one call looks.
const LOOKING: Duration = Duration::from_secs(1);

/// The breaker of one organisation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Breaker {
    /// Failures in a row.
    failures: u32,
    /// Rests in a row.
    rests: u32,
    open_until: Timestamp,
    /// The place of the call that looks.
    probe: u64,
    words: String,
}

impl Breaker {
    pub(super) fn trouble(&self, limits: &Limits) -> Option<&str> {
        self.is_open(limits).then_some(self.words.as_str())
    }

    fn is_open(&self, limits: &Limits) -> bool {
        self.failures >= limits.failures_max
    }

    /// Whether a call may be sent; one at a time after a rest.
    pub(super) fn admit(
        &self,
        limits: &Limits,
        mut in_flight: impl Iterator<Item = u64>,
        now: Timestamp,
    ) -> Result<(), Wait> {
        if !self.is_open(limits) {
            return Ok(());
        }
        // The clock may have been put back.
        let open_until = self.open_until.min(now.plus(REST_MAX));
        let until = if now < open_until {
            open_until
        } else if in_flight.any(|place| place == self.probe) {
            now.plus(LOOKING)
        } else {
            return Ok(());
        };
        Err(Wait { until, cause: Cause::Trouble(self.words.clone()) })
    }

    /// A call takes this place.
    pub(super) fn send(&mut self, limits: &Limits, place: u64) {
        if self.is_open(limits) {
            self.probe = place;
        }
    }

    /// A call ended, well or with these words.
    pub(super) fn learn(
        &mut self,
        limits: &Limits,
        place: u64,
        trouble: Option<&str>,
        now: Timestamp,
    ) {
        let Some(words) = trouble else {
            *self = Self::default();
            return;
        };
        let was_open = self.is_open(limits);
        self.failures = self.failures.saturating_add(1);
        words.clone_into(&mut self.words);
        // Of several that were on their way when it opened, only the first begins a rest.
        if self.is_open(limits) && (!was_open || place == self.probe) {
            self.open_until = now.plus(REST.saturating_mul(1 << self.rests.min(10)).min(REST_MAX));
            self.rests = self.rests.saturating_add(1);
            self.probe = 0;
        }
    }
}
