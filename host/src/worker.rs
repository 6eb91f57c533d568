//! One step of the worker: claim → what was left → jobs → plan → carry out → settle.
//!
//! No loop over steps and no sleep: the daemon calls again, at the time that a step names. A step
//! plans the orders of the jobs that are due, as `tillbook plan` does, and carries the plan out at
//! once; whatever is sent is on disk before, and a step that died is carried on by the next one.

mod settle;
mod sweep;
mod work;

pub use sweep::{Marks, OLD, OVERLAP, Rhythm, SweepError, Swept};

use std::time::Duration;

use tillbook_core::{settings::Settings, shop::Shop};

use crate::{
    bookkeeper::{Bookkeeper, PlanError},
    daemon::StopSignal,
    facts::{FactSource, FactsError},
    store::{Lease, OutcomeKind, StoreError},
    time::Timestamp,
    xero_client::{Chart, Failure, XeroClient},
};

/// Longer than a call that takes the whole timeout; it is renewed before each one.
pub const LEASE: Duration = Duration::from_mins(5);

/// How often an object may come back to the queue before a person must look.
pub const ATTEMPTS_MAX: i64 = 12;

/// Orders of the past in one step: what happens now waits for one step at most.
pub const BACKLOG_PER_STEP: usize = 100;

/// How long an organisation rests after it refused a call for a reason that a person must cure.
pub const REFUSED_PAUSE: Duration = Duration::from_mins(15);

/// Delay before each further attempt; the last one repeats.
pub const RETRY_SCHEDULE: [Duration; 5] = [
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_mins(2),
    Duration::from_mins(15),
    Duration::from_hours(2),
];

/// An organisation with the shop that it serves.
#[derive(Debug)]
pub struct Organisation<F> {
    /// Its id in the store: Xero's tenant id, or a name of ours for a custom connection.
    pub id: String,
    /// The shop's address.
    pub shop_url: String,
    /// The shop's profile, for the core.
    pub shop: Shop,
    /// The shop itself.
    pub facts: F,
    /// The organisation's chart, for the core.
    pub chart: Chart,
    /// The mapping settings, for the core.
    pub settings: Settings,
    /// Hash of settings and chart: a change makes a sweep look at everything again.
    pub rules_sha256: String,
    /// Xero itself.
    pub xero: XeroClient,
    /// Documents in one call.
    pub documents_per_call: usize,
    /// Bytes of one call's body.
    pub call_bytes_max: usize,
}

impl<F> Organisation<F> {
    /// The mark of an object that changed at a moment of the shop's.
    #[must_use]
    pub fn mark(&self, modified: &str) -> String {
        format!("{modified} {}", self.rules_sha256)
    }
}

/// What one step did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Nothing was due.
    Idle,
    /// Another worker holds the organisation, or it rests.
    Busy,
    /// Something was settled.
    Worked(Progress),
    /// It cannot go on before this moment.
    Parked {
        /// When to try again.
        until: Timestamp,
        /// Why, for people.
        reason: String,
    },
}

/// How many objects a step settled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// In Xero now.
    pub posted: usize,
    /// Need no document.
    pub skipped: usize,
    /// Stopped by a finding.
    pub held: usize,
    /// Refused by Xero.
    pub refused: usize,
    /// Were in Xero as they should be.
    pub already: usize,
    /// Went back to the queue.
    pub returned: usize,
}

impl Progress {
    fn count(&mut self, kind: OutcomeKind, changed: bool) {
        match kind {
            OutcomeKind::Posted if !changed => self.already += 1,
            OutcomeKind::Posted => self.posted += 1,
            OutcomeKind::Skipped => self.skipped += 1,
            OutcomeKind::Held => self.held += 1,
            OutcomeKind::Refused => self.refused += 1,
        }
    }

    /// Objects that left the queue.
    #[must_use]
    pub fn done(&self) -> usize {
        self.posted + self.skipped + self.held + self.refused + self.already
    }

    /// Adds another step's numbers.
    pub fn add(&mut self, other: &Self) {
        self.posted += other.posted;
        self.skipped += other.skipped;
        self.held += other.held;
        self.refused += other.refused;
        self.already += other.already;
        self.returned += other.returned;
    }
}

/// Why a step ends early.
#[derive(Debug)]
enum Stop {
    Park { after: Duration, reason: String },
    Store(StoreError),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<FactsError> for Stop {
    fn from(error: FactsError) -> Self {
        Self::Park { after: error.retry_after, reason: format!("shop: {}", error.message) }
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        let reason = format!("Xero: {failure}");
        let after = match failure {
            // A person must act, and no time was named.
            Failure::NotDone { retry_after, .. } if retry_after == Duration::MAX => REFUSED_PAUSE,
            Failure::NotDone { retry_after, .. } => retry_after,
            Failure::Unknown { .. } => RETRY_SCHEDULE[0],
            Failure::Refused { .. } => REFUSED_PAUSE,
        };
        Self::Park { after, reason }
    }
}

impl From<PlanError> for Stop {
    fn from(error: PlanError) -> Self {
        match error {
            PlanError::Store(error) => Self::Store(error),
            PlanError::Xero(failure) => failure.into(),
            PlanError::Shop(error) => error.into(),
            PlanError::OnItsWay(after) => Self::Park { after, reason: error.to_string() },
            other => Self::Park { after: RETRY_SCHEDULE[0], reason: other.to_string() },
        }
    }
}

/// A worker: takes organisations one step at a time.
#[derive(Debug, Clone)]
pub struct Worker {
    /// Who plans and sends. Its patience should be none: a step that must wait says until when.
    pub books: Bookkeeper,
}

impl Worker {
    /// Runs one step for an organisation: carries on what an earlier worker left, or else takes the
    /// jobs that are due.
    ///
    /// # Errors
    /// [`StoreError`] only: whatever else fails is a state of the job or of the organisation.
    pub async fn step<F: FactSource>(
        &self,
        organisation: &Organisation<F>,
        stop: &StopSignal,
    ) -> Result<Step, StoreError> {
        let (store, now) = (&self.books.store, self.now());
        let Some(lease) =
            store.claim(&organisation.id, &self.books.owner, now, self.books.lease).await?
        else {
            return Ok(Step::Busy);
        };
        let step = self.step_under(&lease, organisation, stop).await?;
        let (until, reason) = match &step {
            Step::Parked { until, reason } => (*until, reason.as_str()),
            _ => (self.now(), ""),
        };
        store.release(&lease, until, reason).await?;
        Ok(step)
    }

    /// The same under a lease that is held, and stays so.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn step_under<F: FactSource>(
        &self,
        lease: &Lease,
        organisation: &Organisation<F>,
        stop: &StopSignal,
    ) -> Result<Step, StoreError> {
        match self.work(lease, organisation, stop).await {
            Ok(progress) if progress == Progress::default() => Ok(Step::Idle),
            Ok(progress) => Ok(Step::Worked(progress)),
            Err(Stop::Park { after, reason }) => {
                let until = self.now().plus(after);
                tracing::info!(organisation = organisation.id, %reason, ?after, "parked");
                Ok(Step::Parked { until, reason })
            }
            Err(Stop::Store(error)) => Err(error),
        }
    }

    fn now(&self) -> Timestamp {
        self.books.clock.now()
    }
}
