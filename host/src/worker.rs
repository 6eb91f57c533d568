//! One step of the worker: claim → what was left → jobs → plan → carry out → settle.
//!
//! No loop over steps and no sleep: the daemon calls again, at the time that a step names. A step
//! plans the orders of the jobs that are due, as `tillbook plan` does, and carries the plan out at
//! once; whatever is sent is on disk before, and a step that died is carried on by the next one.

mod settle;

use std::{collections::BTreeSet, time::Duration};

use serde::{Deserialize, Serialize};
use tillbook_core::{plan::LinkState, settings::Settings, shop::Shop};

use crate::{
    bookkeeper::{Bookkeeper, ORDERS_PER_PART, PlanError, Scope},
    config::DOCUMENTS_PER_CALL_MAX,
    daemon::StopSignal,
    door::DoorError,
    facts::{FactSource, FactsError, Listed},
    finding,
    store::{Hint, Job, Lease, ObjectKey, Outcome, OutcomeKind, StoreError, StoredPlan},
    time::Timestamp,
    xero_client::{Chart, Failure, XeroClient},
};

/// Longer than a call that takes the whole timeout; it is renewed before each one.
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
    /// Hash of settings and chart: a change makes a sweep look at everything again.
    pub rules_sha256: String,
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
            other => Self::Park { after: RETRY_SCHEDULE[0], reason: other.to_string() },
        }
    }
}

/// What a plan of the worker's is for: enough to close its jobs when another one carries it on.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Batch {
    #[serde(flatten)]
    scope: Scope,
    #[serde(default)]
    jobs: Vec<Job>,
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
        let Some(lease) = store.claim(&organisation.id, &self.books.owner, now, LEASE).await?
        else {
            return Ok(Step::Busy);
        };
        match self.work(&lease, organisation, stop).await {
            Ok(progress) => {
                store.release(&lease, self.now(), "").await?;
                Ok(if progress == Progress::default() {
                    Step::Idle
                } else {
                    Step::Worked(progress)
                })
            }
            Err(Stop::Park { after, reason }) => {
                let until = self.now().plus(after);
                tracing::info!(organisation = organisation.id, %reason, ?after, "parked");
                store.release(&lease, until, &reason).await?;
                Ok(Step::Parked { until, reason })
            }
            Err(Stop::Store(error)) => Err(error),
        }
    }

    fn now(&self) -> Timestamp {
        self.books.clock.now()
    }

    async fn work<F: FactSource>(
        &self,
        lease: &Lease,
        organisation: &Organisation<F>,
        stop: &StopSignal,
    ) -> Result<Progress, Stop> {
        let mut progress = Progress::default();
        if let Some(plan) = self.books.store.open_plan(&organisation.id).await? {
            tracing::info!(plan = plan.name(), "carrying on");
            match self.books.carry_on(lease, organisation, &plan, stop, &mut |_| ()).await {
                Ok(applied) if applied.stopped => return Ok(progress),
                Ok(_) => {
                    let batch: Batch = serde_json::from_str(&plan.scope).unwrap_or_default();
                    self.settle(lease, organisation, &batch.jobs, &plan, &mut progress).await?;
                    return Ok(progress);
                }
                // Its jobs are still in the queue: planned again, they find what was done.
                Err(PlanError::Lost | PlanError::Stale) => {
                    let batch: Batch = serde_json::from_str(&plan.scope).unwrap_or_default();
                    if !batch.jobs.is_empty() {
                        return Err(self.again(lease, &batch.jobs).await?);
                    }
                    tracing::warn!(plan = plan.name(), "given up: it was interrupted too long ago");
                }
                Err(error) => return Err(error.into()),
            }
        }
        let jobs = self.books.store.pick(lease, self.now(), 0, ORDERS_PER_PART).await?;
        let jobs = self.pass_over(lease, organisation, together(jobs), &mut progress).await?;
        if !jobs.is_empty() {
            self.plan_and_send(lease, organisation, &jobs, stop, &mut progress).await?;
        }
        Ok(progress)
    }

    /// Holds jobs that can go no further; gives the rest.
    async fn pass_over<F: FactSource>(
        &self,
        lease: &Lease,
        organisation: &Organisation<F>,
        jobs: Vec<Job>,
        progress: &mut Progress,
    ) -> Result<Vec<Job>, Stop> {
        let (mut rest, mut stuck) = (Vec::new(), Vec::new());
        for job in jobs {
            if job.key.shop != organisation.shop_url {
                let message = format!("the order is of the shop {}", job.key.shop);
                stuck.push(held(&job, finding::OTHER_SHOP, message));
            } else if job.attempts >= ATTEMPTS_MAX {
                let message = format!("tried {} times without an end", job.attempts);
                stuck.push(held(&job, finding::GAVE_UP, message));
            } else {
                rest.push(job);
            }
        }
        progress.held += stuck.len();
        if !stuck.is_empty() {
            self.books.store.settle(lease, &stuck, self.now()).await?;
        }
        Ok(rest)
    }

    async fn plan_and_send<F: FactSource>(
        &self,
        lease: &Lease,
        organisation: &Organisation<F>,
        jobs: &[Job],
        stop: &StopSignal,
        progress: &mut Progress,
    ) -> Result<(), Stop> {
        let books = &self.books;
        let orders = jobs.iter().filter_map(|job| job.key.object_id.parse().ok()).collect();
        let scope = Scope { orders, ..Scope::default() };
        let mut plan = match books.plan(organisation, &scope).await {
            Ok(plan) => plan,
            Err(PlanError::Core(error)) => return self.halve(lease, jobs, &error, progress).await,
            Err(error) => return Err(error.into()),
        };
        if !plan.is_empty() {
            let batch = Batch { scope, jobs: jobs.to_vec() };
            plan.scope = serde_json::to_string(&batch).unwrap_or_default();
            books.store.save_plan(&organisation.id, &plan).await?;
            books.write_down(lease, organisation, &plan).await?;
            match books.carry_out(lease, organisation, &plan, stop, &mut |_| ()).await {
                // Nothing is settled before all of it is known.
                Ok(applied) if applied.stopped => return Ok(()),
                Ok(_) => {}
                Err(PlanError::Lost) => return Err(self.again(lease, jobs).await?),
                Err(error) => return Err(error.into()),
            }
        }
        self.settle(lease, organisation, jobs, &plan, progress).await
    }

    /// Closes the jobs of a plan that was carried out.
    async fn settle<F: FactSource>(
        &self,
        lease: &Lease,
        organisation: &Organisation<F>,
        jobs: &[Job],
        plan: &StoredPlan,
        progress: &mut Progress,
    ) -> Result<(), Stop> {
        let books = &self.books;
        let calls = if plan.is_empty() {
            Vec::new()
        } else {
            books.store.plan_calls(&organisation.id, &plan.sha256).await?
        };
        let settled = settle::settle(jobs, plan, &calls);
        books.store.settle(lease, &settled.outcomes, self.now()).await?;
        for (outcome, changed) in settled.outcomes.iter().zip(&settled.changed) {
            progress.count(outcome.kind, *changed);
        }
        progress.returned += settled.alone.len();
        if !settled.alone.is_empty() {
            let batch_max = half(settled.alone.len());
            books.store.return_jobs(lease, &settled.alone, self.now(), batch_max).await?;
        }
        Ok(())
    }

    /// Puts jobs back whose calls nobody knows the end of: planned again, they find it. If that
    /// comes to nothing either, fewer go together, until the guilty one is alone.
    async fn again(&self, lease: &Lease, jobs: &[Job]) -> Result<Stop, Stop> {
        let attempts = jobs.iter().map(|job| job.attempts).max().unwrap_or_default();
        let delays = RETRY_SCHEDULE.get(usize::try_from(attempts).unwrap_or_default());
        let after = delays.or(RETRY_SCHEDULE.last()).copied().unwrap_or_default();
        let batch_max = if attempts > 0 { half(jobs.len()) } else { DOCUMENTS_PER_CALL_MAX };
        let keys: Vec<ObjectKey> = jobs.iter().map(|job| job.key.clone()).collect();
        self.books.store.return_jobs(lease, &keys, self.now(), batch_max).await?;
        let reason = String::from("Xero: nobody knows whether the last call was carried out");
        Ok(Stop::Park { after, reason })
    }

    /// Where the core stops on several orders, they are halved until only the guilty one is held.
    async fn halve(
        &self,
        lease: &Lease,
        jobs: &[Job],
        error: &DoorError,
        progress: &mut Progress,
    ) -> Result<(), Stop> {
        tracing::warn!(%error, orders = jobs.len(), "the core stopped");
        if let [job] = jobs {
            let message = format!("{error} ({})", error.code());
            let outcome = held(job, finding::CORE_STOPPED, message);
            self.books.store.settle(lease, &[outcome], self.now()).await?;
            progress.held += 1;
            return Ok(());
        }
        let keys: Vec<ObjectKey> = jobs.iter().map(|job| job.key.clone()).collect();
        self.books.store.return_jobs(lease, &keys, self.now(), half(keys.len())).await?;
        progress.returned += keys.len();
        Ok(())
    }

    /// Compares the shop's list of orders with what is known, and hints at what has changed.
    /// Gives how many orders the shop has and how many were hinted at.
    ///
    /// # Errors
    /// [`SweepError`].
    pub async fn sweep<F: FactSource>(
        &self,
        organisation: &Organisation<F>,
    ) -> Result<(usize, usize), SweepError> {
        let listed = organisation.facts.list_orders().await?;
        let mut hints: Vec<Hint> = listed
            .iter()
            .map(|listed| Hint {
                key: ObjectKey::invoice(&organisation.shop_url, listed.order_id),
                mark: format!("{} {}", listed.modified, organisation.rules_sha256),
            })
            .collect();
        hints.extend(self.gone(organisation, &listed).await?);
        let changed = self.books.store.sweep(&organisation.id, &hints, self.now()).await?;
        Ok((listed.len(), changed))
    }

    /// Orders that something is known of and that the shop lists no more. Asked for one by one they
    /// show whether they are really gone.
    async fn gone<F: FactSource>(
        &self,
        organisation: &Organisation<F>,
        listed: &[Listed],
    ) -> Result<Vec<Hint>, StoreError> {
        let (store, shop) = (&self.books.store, &organisation.shop_url);
        let links = store.core_links(&organisation.id, shop).await?;
        let live = links.iter().filter(|link| link.state == LinkState::Live);
        let mut known: BTreeSet<u64> = live.map(|link| link.order_id).collect();
        for outcome in store.outcomes(&organisation.id).await? {
            let waits = matches!(outcome.kind, OutcomeKind::Held | OutcomeKind::Refused);
            if waits && outcome.key.kind == "order" && outcome.key.shop == *shop {
                known.extend(outcome.key.object_id.parse::<u64>());
            }
        }
        for listed in listed {
            known.remove(&listed.order_id);
        }
        let hint = |order_id| Hint {
            key: ObjectKey::invoice(shop, order_id),
            mark: format!("gone {}", organisation.rules_sha256),
        };
        Ok(known.into_iter().map(hint).collect())
    }
}

/// How many of so many jobs may go together next time; always few enough to be told from a full
/// call.
fn half(count: usize) -> usize {
    (count / 2).clamp(1, DOCUMENTS_PER_CALL_MAX - 1)
}

/// The first jobs that may be planned together: all of them, unless some have spoilt a batch.
fn together(mut jobs: Vec<Job>) -> Vec<Job> {
    let (mut count, mut limit) = (0, usize::MAX);
    for job in &jobs {
        if job.batch_max < DOCUMENTS_PER_CALL_MAX {
            limit = limit.min(job.batch_max);
        }
        if count >= limit {
            break;
        }
        count += 1;
    }
    jobs.truncate(count);
    jobs
}

fn held(job: &Job, code: &str, message: String) -> Outcome {
    let findings = vec![finding::error(code, &job.key, message)];
    settle::ended(job, OutcomeKind::Held, code, findings)
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
