//! From a plan that was carried out to what became of each job.

use std::collections::{BTreeMap, BTreeSet};

use tillbook_core::{
    finding::{Code, Finding, Severity, Subject},
    plan::{Fate, Row, Step, StepResult},
};

use super::Progress;
use crate::{
    finding,
    store::{Job, ObjectKey, Outcome, OutcomeKind, PlanCall, StoredPlan},
};

/// What became of jobs.
#[derive(Debug, Default)]
pub(super) struct Settled {
    /// Of the jobs that came to an end, and of the contacts and items beside them.
    pub(super) outcomes: Vec<Outcome>,
    /// Jobs whose call was refused as a whole: each may be good, and one of them is not.
    pub(super) alone: Vec<ObjectKey>,
    /// The jobs in numbers.
    pub(super) progress: Progress,
}

/// What a plan said of one order, and what its steps have become.
#[derive(Default)]
struct Ended<'a> {
    rows: Vec<&'a Row>,
    steps: Vec<(&'a Step, &'a StepResult)>,
    /// Whether a call that it shared was refused as a whole.
    refused_whole: bool,
}

/// Judges each job by its order's rows and steps.
pub(super) fn settle(jobs: &[Job], plan: &StoredPlan, calls: &[PlanCall]) -> Settled {
    let mut orders: BTreeMap<u64, Ended<'_>> = BTreeMap::new();
    for row in plan.rows() {
        orders.entry(row.order_id).or_default().rows.push(row);
    }
    for call in calls {
        let refused_whole = is_refused_whole(call);
        let steps = call.call.steps.iter().zip(&call.results);
        for (step, result) in steps.filter(|(step, _)| step.key.is_empty()) {
            let order = orders.entry(step.order_id).or_default();
            order.steps.push((step, result));
            order.refused_whole |= refused_whole;
        }
    }
    // What was sent before and never answered, and is in Xero.
    let links = plan.parts.iter().flat_map(|part| &part.links);
    let found: BTreeSet<u64> = links.map(|link| link.order_id).collect();
    let mut settled = Settled::default();
    for job in jobs.iter().filter(|job| job.key.kind != "order") {
        let outcome = record(job, calls);
        settled.progress.count(outcome.kind, true);
        settled.outcomes.push(outcome);
    }
    for job in jobs.iter().filter(|job| job.key.kind == "order") {
        let order_id: u64 = job.key.object_id.parse().unwrap_or_default();
        let order = orders.remove(&order_id).unwrap_or_default();
        if order.refused_whole {
            settled.alone.push(job.key.clone());
            continue;
        }
        let adopted =
            found.contains(&order_id) || order.rows.iter().any(|row| row.fate == Fate::Adopt);
        let outcome = outcome(job, &order);
        settled.progress.count(outcome.kind, adopted || !order.steps.is_empty());
        settled.outcomes.push(outcome);
    }
    settled.progress.returned = settled.alone.len();
    let own = |key: &ObjectKey| jobs.iter().any(|job| job.key == *key);
    settled.outcomes.extend(records(jobs, calls).into_iter().filter(|outcome| !own(&outcome.key)));
    settled
}

/// What became of a product or customer that changed without an order.
fn record(job: &Job, calls: &[PlanCall]) -> Outcome {
    let steps = calls.iter().flat_map(|call| call.call.steps.iter().zip(&call.results));
    let own: Vec<_> = steps
        .filter(|(step, _)| {
            let object = step.object();
            !step.key.is_empty() && object.kind == job.key.kind && object.id == job.key.object_id
        })
        .collect();
    let findings = own.iter().flat_map(|(_, result)| result.findings.clone()).collect();
    if own.iter().any(|(_, result)| result.stops && !result.done) {
        return ended(job, OutcomeKind::Refused, Code::XeroRefused.as_str(), findings);
    }
    // Without a link, or without a difference, there is nothing to do.
    let kind = if own.is_empty() { OutcomeKind::Skipped } else { OutcomeKind::Posted };
    ended(job, kind, "", findings)
}

/// What became of the contacts and items that were to be made or changed: they have no jobs of
/// their own, and a person should see why one was refused.
fn records(jobs: &[Job], calls: &[PlanCall]) -> Vec<Outcome> {
    let Some(shop) = jobs.first().map(|job| &job.key.shop) else { return Vec::new() };
    let steps = calls.iter().flat_map(|call| call.call.steps.iter().zip(&call.results));
    let own = steps.filter(|(step, result)| !step.key.is_empty() && (result.done || result.stops));
    own.map(|(step, result)| {
        let object = step.object();
        let purpose = if object.kind == "customer" { "contact" } else { "item" };
        Outcome {
            key: ObjectKey {
                shop: shop.clone(),
                kind: object.kind,
                object_id: object.id,
                purpose: String::from(purpose),
            },
            version: 0,
            mark: String::new(),
            kind: if result.done { OutcomeKind::Posted } else { OutcomeKind::Refused },
            detail: String::new(),
            findings: result.findings.clone(),
        }
    })
    .collect()
}

/// Whether a call for several orders came to nothing, perhaps for the sake of one of them. Steps
/// that were left out say nothing.
fn is_refused_whole(call: &PlanCall) -> bool {
    let steps = call.call.steps.iter().zip(&call.results);
    let sent: Vec<_> = steps.filter(|(_, result)| result.done || result.stops).collect();
    let orders: BTreeSet<u64> = sent.iter().map(|(step, _)| step.order_id).collect();
    orders.len() > 1 && sent.iter().all(|(_, result)| !result.done)
}

fn outcome(job: &Job, Ended { rows, steps, .. }: &Ended<'_>) -> Outcome {
    let said = steps.iter().flat_map(|(_, result)| &result.findings);
    let mut findings: Vec<Finding> =
        rows.iter().flat_map(|row| &row.findings).chain(said).cloned().collect();
    if rows.is_empty() {
        let message = format!("the shop no longer has order {}", job.key.object_id);
        findings.push(finding::error(finding::NOT_IN_SHOP, &job.key, message));
        return ended(job, OutcomeKind::Skipped, finding::NOT_IN_SHOP, findings);
    }
    if steps.iter().any(|(_, result)| result.stops && !result.done) {
        return ended(job, OutcomeKind::Refused, Code::XeroRefused.as_str(), findings);
    }
    if rows.iter().any(|row| row.fate == Fate::Hold) {
        let errors = findings.iter().find(|finding| finding.severity == Severity::Error);
        let detail = errors.map(|finding| finding.code.clone()).unwrap_or_default();
        return ended(job, OutcomeKind::Held, &detail, findings);
    }
    let own = Subject { kind: String::from("order"), id: job.key.object_id.clone() };
    let row = rows.iter().find(|row| row.object == own);
    if row.is_none_or(|row| matches!(row.fate, Fate::Skip | Fate::Withdraw)) {
        return ended(job, OutcomeKind::Skipped, "", findings);
    }
    let detail = exactness(row.map_or(&[][..], |row| &row.findings));
    ended(job, OutcomeKind::Posted, detail, findings)
}

/// How an invoice came to equal its order, by what the core says of it.
fn exactness(findings: &[Finding]) -> &'static str {
    let has = |code: Code| findings.iter().any(|finding| finding.code == code.as_str());
    if has(Code::BalanceRoundingLine) {
        "rounding_line"
    } else if has(Code::BalanceTaxAmount) {
        "tax_amount"
    } else {
        "exact"
    }
}

pub(super) fn ended(job: &Job, kind: OutcomeKind, detail: &str, findings: Vec<Finding>) -> Outcome {
    Outcome {
        key: job.key.clone(),
        version: job.version,
        mark: job.mark.clone(),
        kind,
        detail: detail.to_owned(),
        findings,
    }
}
