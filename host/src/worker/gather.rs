//! From jobs to documents: what needs none is settled on the way.

use sha2::{Digest, Sha256};
use tillbook_core::{
    contract::{
        CONTRACT_VERSION, Document, Exactness, MapRequest, Outcome as Verdict, SaleOutcome,
    },
    finding::Finding,
};

use super::{ATTEMPTS_MAX, Organisation, Progress, Stop, Worker};
use crate::{
    door::{DoorError, Sale, as_refs},
    facts::FactSource,
    finding,
    store::{CallItem, Job, Lease, Outcome, OutcomeKind},
    time::Timestamp,
};

/// A document that is ready to be sent.
#[derive(Debug)]
pub(super) struct Ready {
    /// What the journal needs to settle it.
    pub(super) item: CallItem,
    /// The exact bytes of the element.
    pub(super) body: String,
}

impl Worker {
    /// Takes jobs from the queue until one call is full or nothing is due.
    pub(super) async fn gather<F: FactSource>(
        &self,
        lease: &Lease,
        organisation: &Organisation<F>,
        now: Timestamp,
    ) -> Result<(Vec<Ready>, Progress), Stop> {
        let (mut batch, mut progress) = (Vec::new(), Progress::default());
        let (mut limit, mut after) = (organisation.documents_per_call, 0);
        while batch.len() < limit {
            let jobs = self.store.pick(lease, now, after, limit - batch.len()).await?;
            let jobs = share_a_call(jobs, &mut limit, batch.len());
            let Some(last) = jobs.last() else { break };
            after = last.place;
            let jobs = self.pass_over(lease, organisation, jobs, now, &mut progress).await?;
            if jobs.is_empty() {
                continue;
            }
            let (ready, outcomes) =
                self.map(lease, organisation, &jobs, now, &mut progress).await?;
            self.store.settle(lease, &outcomes, now).await?;
            for outcome in &outcomes {
                progress.count(outcome.kind);
            }
            batch.extend(ready);
        }
        Ok((batch, progress))
    }

    /// Closes jobs whose document exists, holds those that can go no further; gives the rest.
    async fn pass_over<F: FactSource>(
        &self,
        lease: &Lease,
        organisation: &Organisation<F>,
        jobs: Vec<Job>,
        now: Timestamp,
        progress: &mut Progress,
    ) -> Result<Vec<Job>, Stop> {
        let (mut rest, mut linked, mut stuck) = (Vec::new(), Vec::new(), Vec::new());
        for job in jobs {
            if self.store.link_of(&organisation.id, &job.key).await?.is_some() {
                linked.push((job.key, job.version));
            } else if job.key.shop != organisation.shop_url {
                let message = format!("the order is of the shop {}", job.key.shop);
                stuck.push(held(&job, finding::error(finding::OTHER_SHOP, &job.key, message)));
            } else if job.attempts >= ATTEMPTS_MAX {
                let message = format!("tried {} times without an end", job.attempts);
                let finding = finding::error(finding::GAVE_UP, &job.key, message);
                stuck.push(held(&job, finding));
            } else {
                rest.push(job);
            }
        }
        progress.already += linked.len();
        progress.held += stuck.len();
        if !linked.is_empty() {
            self.store.close_jobs(lease, &linked).await?;
        }
        if !stuck.is_empty() {
            self.store.settle(lease, &stuck, now).await?;
        }
        Ok(rest)
    }

    /// Reads the facts and asks the core. Where the core stops on a batch, the batch is halved
    /// until only the guilty order is held.
    async fn map<F: FactSource>(
        &self,
        lease: &Lease,
        organisation: &Organisation<F>,
        jobs: &[Job],
        now: Timestamp,
        progress: &mut Progress,
    ) -> Result<(Vec<Ready>, Vec<Outcome>), Stop> {
        let ids: Vec<u64> = jobs.iter().filter_map(|job| job.key.object_id.parse().ok()).collect();
        let mut facts = organisation.facts.read_facts(&ids).await?;
        let (mut present, mut sales, mut outcomes) = (Vec::new(), Vec::<Sale>::new(), Vec::new());
        for job in jobs {
            let place = facts.sales.iter().position(|(id, _)| id.to_string() == job.key.object_id);
            if let Some(place) = place {
                present.push(job);
                sales.push(facts.sales.swap_remove(place).1);
            } else {
                outcomes.push(gone(job));
            }
        }
        if sales.is_empty() {
            return Ok((Vec::new(), outcomes));
        }
        let request = MapRequest {
            contract: CONTRACT_VERSION,
            shop: organisation.shop.clone(),
            settings: organisation.settings.clone(),
            chart: organisation.chart.as_input(),
            sales: sales.iter().map(Sale::as_input).collect(),
            products: as_refs(&facts.products),
            records: self.store.records(&organisation.id, &organisation.shop_url).await?,
        };
        let ready = match self.door.map(&request).await {
            Ok(reply) => sort_out(&present, reply.sales, &mut outcomes),
            Err(error) => {
                tracing::warn!(%error, orders = present.len(), "the core stopped");
                progress.returned +=
                    self.halve(lease, &present, &error, now, &mut outcomes).await?;
                Vec::new()
            }
        };
        Ok((ready, outcomes))
    }

    async fn halve(
        &self,
        lease: &Lease,
        jobs: &[&Job],
        error: &DoorError,
        now: Timestamp,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<usize, Stop> {
        if let [job] = jobs {
            let message = format!("{error} ({})", error.code());
            outcomes.push(held(job, finding::error(finding::CORE_STOPPED, &job.key, message)));
            return Ok(0);
        }
        let keys: Vec<_> = jobs.iter().map(|job| job.key.clone()).collect();
        self.store.return_jobs(lease, &keys, now, jobs.len() / 2).await?;
        Ok(jobs.len())
    }
}

/// The first jobs that may go into one call together; lowers `limit` to what they bear.
fn share_a_call(mut jobs: Vec<Job>, limit: &mut usize, already: usize) -> Vec<Job> {
    let mut count = 0;
    for job in &jobs {
        let bears = job.batch_max.min(*limit);
        if already + count >= bears {
            break;
        }
        *limit = bears;
        count += 1;
    }
    jobs.truncate(count);
    jobs
}

/// Documents to send; the others get their outcome. An order that the core passed over in
/// silence is held.
fn sort_out(jobs: &[&Job], sales: Vec<SaleOutcome>, outcomes: &mut Vec<Outcome>) -> Vec<Ready> {
    let mut ready = Vec::new();
    let mut sales = sales.into_iter();
    for (index, job) in jobs.iter().enumerate() {
        let sale = sales.next().filter(|sale| usize::try_from(sale.index) == Ok(index));
        let Some(mut sale) = sale else {
            let message = String::from("the core said nothing about this order");
            outcomes.push(held(job, finding::error(finding::CORE_STOPPED, &job.key, message)));
            continue;
        };
        sale.findings.extend(waiting(job, &sale));
        let status = sale.status.unwrap_or_default();
        match (sale.outcome, sale.document) {
            (Verdict::Post, Some(document)) => {
                if is_as_shown(&document) {
                    ready.push(make_ready(job, document, sale.findings));
                } else {
                    outcomes.push(held(job, differs(job)));
                }
            }
            (Verdict::Skip, _) => {
                outcomes.push(ended(job, OutcomeKind::Skipped, &status, sale.findings));
            }
            (Verdict::Hold | Verdict::Post, _) => {
                outcomes.push(ended(job, OutcomeKind::Held, &status, sale.findings));
            }
        }
    }
    ready
}

/// INVARIANT: only a body with the hash that the preview shows is sent.
fn is_as_shown(document: &Document) -> bool {
    hex::encode(Sha256::digest(&document.body)) == document.sha256
}

fn differs(job: &Job) -> Finding {
    let message = String::from("the document's bytes do not have the hash that was shown");
    finding::error(finding::HASH_DIFFERS, &job.key, message)
}

/// What is ready and not sent: credit notes.
fn waiting(job: &Job, sale: &SaleOutcome) -> Option<Finding> {
    let count = sale.refunds.iter().filter(|refund| refund.document.is_some()).count();
    let message = format!("the invoice is posted whole; {count} credit notes wait");
    (count > 0).then(|| finding::warning(finding::CREDIT_NOTES_WAIT, &job.key, message))
}

fn make_ready(job: &Job, document: Document, findings: Vec<Finding>) -> Ready {
    let exactness = match document.exactness {
        Exactness::Exact => "exact",
        Exactness::TaxAmount => "tax_amount",
        Exactness::RoundingLine => "rounding_line",
    };
    Ready {
        item: CallItem {
            key: job.key.clone(),
            version: job.version,
            mark: job.mark.clone(),
            number: document.number,
            reference: document.reference,
            total: document.total,
            sha256: document.sha256,
            exactness: String::from(exactness),
            findings,
        },
        body: document.body,
    }
}

fn ended(job: &Job, kind: OutcomeKind, detail: &str, findings: Vec<Finding>) -> Outcome {
    Outcome {
        key: job.key.clone(),
        version: job.version,
        mark: job.mark.clone(),
        kind,
        detail: detail.to_owned(),
        findings,
        link: None,
    }
}

fn held(job: &Job, finding: Finding) -> Outcome {
    let detail = finding.code.clone();
    ended(job, OutcomeKind::Held, &detail, vec![finding])
}

fn gone(job: &Job) -> Outcome {
    let message = format!("the shop no longer has order {}", job.key.object_id);
    let finding = finding::error(finding::NOT_IN_SHOP, &job.key, message);
    ended(job, OutcomeKind::Skipped, finding::NOT_IN_SHOP, vec![finding])
}
