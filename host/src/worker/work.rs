//! The work of one step, under the organisation's lease.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use super::{
    ATTEMPTS_MAX, BACKLOG_PER_STEP, Marks, Organisation, Progress, RETRY_SCHEDULE, Stop, Worker,
    settle,
};
use crate::{
    bookkeeper::{ORDERS_PER_PART, PlanError, Scope},
    config::DOCUMENTS_PER_CALL_MAX,
    daemon::StopSignal,
    door::DoorError,
    facts::FactSource,
    finding,
    store::{Job, Lease, ObjectKey, Outcome, OutcomeKind, Priority, StoredPlan},
};

/// WooCommerce's dates have whole seconds, and the shop's clock may differ from ours.
const SAME_SECOND: Duration = Duration::from_mins(1);

/// What a plan of the worker's is for: enough to close its jobs when another one carries it on.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Batch {
    #[serde(flatten)]
    scope: Scope,
    #[serde(default)]
    jobs: Vec<Job>,
}

impl Worker {
    pub(super) async fn work<F: FactSource>(
        &self,
        lease: &Lease,
        organisation: &Organisation<F>,
        stop: &StopSignal,
    ) -> Result<Progress, Stop> {
        let mut progress = Progress::default();
        let open = self.books.store.open_plan(&organisation.id).await?;
        // Another shop's plan is its own affair: what it links would be taken for this shop's. It
        // is carried on with that shop, or ended by this one's next plan, and then looked up.
        if let Some(plan) = open.filter(|plan| plan.is_for(&organisation.shop_url)) {
            tracing::info!(plan = plan.name(), "carrying on");
            let batch: Batch = serde_json::from_str(&plan.scope).unwrap_or_default();
            organisation.xero.set_urgent(is_urgent(&batch.jobs));
            match self.books.carry_on(lease, organisation, &plan, stop, &mut |_| ()).await {
                Ok(applied) if applied.stopped => return Ok(progress),
                Ok(_) => {
                    self.settle(lease, organisation, &batch.jobs, &plan, &mut progress).await?;
                    return Ok(progress);
                }
                // Its jobs are still in the queue: planned again, they find what was done.
                Err(PlanError::Lost | PlanError::Stale) => {
                    if !batch.jobs.is_empty() {
                        return Err(self.again(lease, &batch.jobs).await?);
                    }
                    tracing::warn!(plan = plan.name(), "given up: it was interrupted too long ago");
                }
                Err(error) => return Err(error.into()),
            }
        }
        // Of another shop, or of a plan that was given up.
        self.books.wait_for_strays(&organisation.id).await?;
        let (store, shop) = (&self.books.store, &organisation.shop_url);
        let jobs = store.pick(lease, shop, self.now(), ORDERS_PER_PART).await?;
        let jobs = self.pass_over(lease, organisation, together(jobs), &mut progress).await?;
        if !jobs.is_empty() {
            organisation.xero.set_urgent(is_urgent(&jobs));
            store.mark_running(lease, &jobs).await?;
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
        let store = &self.books.store;
        let excluded = store.exclusions(&organisation.id, &organisation.shop_url).await?;
        let excluded: BTreeMap<String, String> =
            excluded.into_iter().map(|(id, reason)| (id.to_string(), reason)).collect();
        let (mut rest, mut stuck) = (Vec::new(), Vec::new());
        for job in jobs {
            if excluded.contains_key(&job.key.object_id) && job.key.kind == "order" {
                progress.skipped += 1;
                stuck.push(settle::ended(&job, OutcomeKind::Skipped, "excluded", Vec::new()));
            } else if job.attempts >= ATTEMPTS_MAX {
                progress.held += 1;
                let message = format!("tried {} times without an end", job.attempts);
                stuck.push(held(&job, finding::GAVE_UP, message));
            } else {
                rest.push(job);
            }
        }
        if !stuck.is_empty() {
            store.settle(lease, &stuck, self.now()).await?;
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
        let scope = Scope {
            orders: ids(jobs, "order"),
            products: ids(jobs, "product"),
            customers: ids(jobs, "customer"),
            ..Scope::default()
        };
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
        let mut settled = settle::settle(jobs, plan, &calls);
        mark(organisation, plan, &mut settled.outcomes);
        books.store.settle(lease, &settled.outcomes, self.now()).await?;
        progress.add(&settled.progress);
        if !settled.alone.is_empty() {
            let batch_max = half(settled.alone.len());
            let why = ("Xero refused a call that it shared", self.now());
            books.store.return_jobs(lease, &settled.alone, self.now(), batch_max, why).await?;
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
        let reason = String::from("Xero: nobody knows whether the last call was carried out");
        let why = (reason.as_str(), self.now());
        self.books.store.return_jobs(lease, &keys(jobs), self.now(), batch_max, why).await?;
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
        let why = ("the core stopped on orders that it shared a plan with", self.now());
        let batch_max = half(jobs.len());
        self.books.store.return_jobs(lease, &keys(jobs), self.now(), batch_max, why).await?;
        progress.returned += jobs.len();
        Ok(())
    }
}

/// Whether somebody waits for one of them: then what of Xero's day is kept for that may be used.
fn is_urgent(jobs: &[Job]) -> bool {
    jobs.iter().any(|job| job.priority == Priority::Urgent)
}

/// Notes by which state of its order each look came to its end, so that a sweep passes over it.
/// What changed just before it was read may change once more within the same second, and is looked
/// at again.
fn mark<F: FactSource>(
    organisation: &Organisation<F>,
    plan: &StoredPlan,
    outcomes: &mut [Outcome],
) {
    let settled = Marks::from(plan.made.minus(SAME_SECOND)).orders;
    for outcome in outcomes.iter_mut().filter(|outcome| outcome.key.kind == "order") {
        let order_id: Option<u64> = outcome.key.object_id.parse().ok();
        let modified = order_id.and_then(|id| plan.modified.get(&id));
        if let Some(modified) = modified.filter(|at| !at.is_empty() && **at < settled) {
            outcome.mark = organisation.mark(modified);
        }
    }
}

/// The ids of the objects of a kind that jobs are for.
fn ids(jobs: &[Job], kind: &str) -> Vec<u64> {
    let own = jobs.iter().filter(|job| job.key.kind == kind);
    own.filter_map(|job| job.key.object_id.parse().ok()).collect()
}

fn keys(jobs: &[Job]) -> Vec<ObjectKey> {
    jobs.iter().map(|job| job.key.clone()).collect()
}

/// How many of so many jobs may go together next time; always few enough to be told from a full
/// call.
fn half(count: usize) -> usize {
    (count / 2).clamp(1, DOCUMENTS_PER_CALL_MAX - 1)
}

/// The first jobs that may be planned together: all of them, unless some have spoilt a batch; of
/// the past only so many that what happens now does not wait long for them.
fn together(mut jobs: Vec<Job>) -> Vec<Job> {
    let past = jobs.first().is_some_and(|job| job.priority == Priority::Backlog);
    let (mut count, mut limit) = (0, if past { BACKLOG_PER_STEP } else { usize::MAX });
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
