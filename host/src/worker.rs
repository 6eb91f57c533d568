//! One step of the worker: claim → facts → core → journal → send → settle.
//!
//! No loop over steps, no sleep, no clock: the daemon calls again, at the time that a step names.
//! What is about to be sent is on disk before it is sent; what came back is on disk before it
//! counts; an unknown outcome is looked up, never repeated blindly.

mod gather;
mod post;
mod recover;
mod settle;

use std::time::Duration;

use tillbook_core::{settings::Settings, shop::Shop};

use crate::{
    door::Door,
    facts::{FactSource, FactsError},
    store::{Hint, Lease, ObjectKey, OutcomeKind, Store, StoreError},
    time::Timestamp,
    xero_client::{Chart, Failure, XeroClient},
};

/// Longer than the slowest step: a few calls that each take the whole timeout.
pub const LEASE: Duration = Duration::from_mins(5);

/// How often an object may come back to the queue before a person must look.
pub const ATTEMPTS_MAX: i64 = 12;

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
    /// Their hash: a change makes a sweep look at everything again.
    pub settings_sha256: String,
    /// Xero itself.
    pub xero: XeroClient,
    /// Documents in one call.
    pub documents_per_call: usize,
    /// Bytes of one call's body.
    pub call_bytes_max: usize,
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
    /// Were in Xero already.
    pub already: usize,
    /// Went back to the queue.
    pub returned: usize,
}

impl Progress {
    fn count(&mut self, kind: OutcomeKind) {
        match kind {
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
            Failure::NotDone { retry_after, .. } => retry_after,
            Failure::Unknown { .. } => RETRY_SCHEDULE[0],
            Failure::Refused { .. } => REFUSED_PAUSE,
        };
        Self::Park { after, reason }
    }
}

/// A worker: takes organisations one step at a time.
#[derive(Debug, Clone)]
pub struct Worker {
    /// The store.
    pub store: Store,
    /// The core.
    pub door: Door,
    /// Who this is, for leases.
    pub owner: String,
}

impl Worker {
    /// Runs one step for an organisation: settles what an earlier worker left, or else one batch.
    ///
    /// # Errors
    /// [`StoreError`] only: whatever else fails is a state of the job or of the organisation.
    pub async fn step<F: FactSource>(
        &self,
        organisation: &Organisation<F>,
        now: Timestamp,
    ) -> Result<Step, StoreError> {
        let Some(lease) = self.store.claim(&organisation.id, &self.owner, now, LEASE).await? else {
            return Ok(Step::Busy);
        };
        match self.work(&lease, organisation, now).await {
            Ok(progress) => {
                self.store.release(&lease, now, "").await?;
                Ok(if progress == Progress::default() {
                    Step::Idle
                } else {
                    Step::Worked(progress)
                })
            }
            Err(Stop::Park { after, reason }) => {
                let until = now.plus(after);
                tracing::info!(organisation = organisation.id, %reason, ?after, "parked");
                self.store.release(&lease, until, &reason).await?;
                Ok(Step::Parked { until, reason })
            }
            Err(Stop::Store(error)) => Err(error),
        }
    }

    async fn work<F: FactSource>(
        &self,
        lease: &Lease,
        organisation: &Organisation<F>,
        now: Timestamp,
    ) -> Result<Progress, Stop> {
        let open = self.store.open_calls(&organisation.id).await?;
        if open.is_empty() {
            let (batch, mut progress) = self.gather(lease, organisation, now).await?;
            if !batch.is_empty() {
                progress.add(&self.post(lease, organisation, batch, now).await?);
            }
            return Ok(progress);
        }
        let mut progress = Progress::default();
        for call in open {
            progress.add(&self.recover(lease, organisation, call, now).await?);
        }
        Ok(progress)
    }

    /// Compares the shop's list of orders with what is known, and hints at what has changed.
    /// Gives how many orders the shop has and how many were hinted at.
    ///
    /// # Errors
    /// [`SweepError`].
    pub async fn sweep<F: FactSource>(
        &self,
        organisation: &Organisation<F>,
        now: Timestamp,
    ) -> Result<(usize, usize), SweepError> {
        let listed = organisation.facts.list_orders().await?;
        let hints: Vec<Hint> = listed
            .iter()
            .map(|listed| Hint {
                key: ObjectKey::invoice(&organisation.shop_url, listed.order_id),
                mark: format!("{} {}", listed.modified, organisation.settings_sha256),
            })
            .collect();
        let changed = self.store.sweep(&organisation.id, &hints, now).await?;
        Ok((listed.len(), changed))
    }
}

/// A sweep failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SweepError {
    /// The shop could not be asked.
    #[error("shop: {0}")]
    Shop(#[from] FactsError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
