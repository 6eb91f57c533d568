//! From Xero's answer to links: each document is judged on its own.

use std::str::FromStr;

use rust_decimal::Decimal;
use tillbook_core::finding::{Finding, Severity};

use super::{Organisation, Progress, REFUSED_PAUSE, RETRY_SCHEDULE, Stop, Worker};
use crate::{
    facts::FactSource,
    finding,
    store::{Call, CallItem, Lease, Link, ObjectKey, Outcome, OutcomeKind},
    time::Timestamp,
    xero_client::{Element, Verdict, XeroClient},
};

/// What a look-up by number found of a call's documents.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Outcomes of those that exist: ours are adopted, others hold the order.
    pub(super) outcomes: Vec<Outcome>,
    /// Those that do not exist.
    pub(super) missing: Vec<CallItem>,
}

impl Worker {
    /// Reads an answer that is on disk, and closes its call.
    pub(super) async fn conclude<F: FactSource>(
        &self,
        lease: &Lease,
        organisation: &Organisation<F>,
        call: &Call,
        now: Timestamp,
    ) -> Result<Progress, Stop> {
        let status = call.status.unwrap_or(0);
        let elements = XeroClient::read_answer(&call.response);
        match (status, elements) {
            (200..=299, Some(elements)) => {
                self.close_answered(lease, organisation, call, &elements, now).await
            }
            // A whole call refused for its content: look, then halve until the guilty one is alone.
            (400 | 413, _) if call.items.len() > 1 => {
                let found = self.look_up(organisation, call).await?;
                self.close_found(lease, call, found, call.items.len() / 2, now).await
            }
            (400 | 413, _) => self.close_answered(lease, organisation, call, &[], now).await,
            // The organisation refuses us: nothing was done, and a person must act.
            (401..=499, _) => {
                self.store.close_call(lease, &call.idempotency_key, false, &[], now).await?;
                let reason = format!("Xero: {}", XeroClient::explain(status, &call.response));
                Err(Stop::Park { after: REFUSED_PAUSE, reason })
            }
            // A server in trouble, or an answer that nobody can read: it may be done or not.
            _ => {
                let found = self.look_up(organisation, call).await?;
                self.close_found(lease, call, found, usize::MAX, now).await
            }
        }
    }

    /// Links the good documents; a refused one is looked up first, for its number may be taken
    /// by the very document that an earlier, unanswered call made.
    async fn close_answered<F: FactSource>(
        &self,
        lease: &Lease,
        organisation: &Organisation<F>,
        call: &Call,
        elements: &[Element],
        now: Timestamp,
    ) -> Result<Progress, Stop> {
        let paired: Vec<_> = call
            .items
            .iter()
            .enumerate()
            .map(|(at, item)| (item, pair(item, at, call, elements)))
            .collect();
        let refused: Vec<&str> = paired
            .iter()
            .filter(|(_, element)| element.is_none_or(|element| !exists(element)))
            .map(|(item, _)| item.number.as_str())
            .collect();
        let there = organisation.xero.find_invoices(&refused).await?;
        let outcomes: Vec<Outcome> = paired
            .iter()
            .map(|(item, element)| match element {
                Some(element) if exists(element) => link(item, element, &call.idempotency_key),
                _ => judge(item, &there, &call.idempotency_key)
                    .unwrap_or_else(|| refuse(item, *element, call)),
            })
            .collect();
        self.store.close_call(lease, &call.idempotency_key, true, &outcomes, now).await?;
        Ok(tally(&outcomes))
    }

    /// Looks up all documents of a call by their numbers.
    pub(super) async fn look_up<F: FactSource>(
        &self,
        organisation: &Organisation<F>,
        call: &Call,
    ) -> Result<Found, Stop> {
        let numbers: Vec<&str> = call.items.iter().map(|item| item.number.as_str()).collect();
        let there = organisation.xero.find_invoices(&numbers).await?;
        let mut found = Found::default();
        for item in &call.items {
            match judge(item, &there, &call.idempotency_key) {
                Some(outcome) => found.outcomes.push(outcome),
                None => found.missing.push(item.clone()),
            }
        }
        Ok(found)
    }

    /// Closes a call by what a look-up found; what is missing goes back to the queue.
    pub(super) async fn close_found(
        &self,
        lease: &Lease,
        call: &Call,
        found: Found,
        batch_max: usize,
        now: Timestamp,
    ) -> Result<Progress, Stop> {
        let Found { outcomes, missing } = found;
        let keys: Vec<ObjectKey> = missing.into_iter().map(|item| item.key).collect();
        let (batch_max, after) = if batch_max == usize::MAX {
            (call.items.len(), now.plus(RETRY_SCHEDULE[0]))
        } else {
            (batch_max, now)
        };
        self.store.return_jobs(lease, &keys, after, batch_max).await?;
        let did_work = !outcomes.is_empty();
        self.store.close_call(lease, &call.idempotency_key, did_work, &outcomes, now).await?;
        Ok(Progress { returned: keys.len(), ..tally(&outcomes) })
    }
}

/// The element that answers an item: by number, else by place when the numbers are silent.
fn pair<'a>(
    item: &CallItem,
    at: usize,
    call: &Call,
    elements: &'a [Element],
) -> Option<&'a Element> {
    let by_number = elements.iter().find(|element| element.number == item.number);
    let by_place = elements.get(at).filter(|element| {
        elements.len() == call.items.len()
            && (element.number.is_empty() || element.number == item.number)
    });
    by_place.or(by_number)
}

fn exists(element: &Element) -> bool {
    element.verdict != Verdict::Error
        && element.xero_id.chars().any(|c| c.is_ascii_hexdigit() && c != '0')
}

/// What the documents that Xero has under an item's number mean for it: ours is adopted, another
/// one holds the order. `None` when there is none.
fn judge(item: &CallItem, there: &[Element], idempotency_key: &str) -> Option<Outcome> {
    let mut same = there.iter().filter(|element| element.number == item.number).peekable();
    same.peek()?;
    Some(match same.find(|element| is_ours(item, element)) {
        Some(element) => link(item, element, idempotency_key),
        None => number_taken(item),
    })
}

/// INVARIANT: a document is adopted only when number, reference and total are ours.
fn is_ours(item: &CallItem, element: &Element) -> bool {
    element.number == item.number
        && element.reference == item.reference
        && element.total.as_deref().is_some_and(|total| same_amount(total, &item.total))
        && !matches!(element.status.as_str(), "VOIDED" | "DELETED")
}

/// Whether two texts are the same amount; `10.5` is `10.50`.
fn same_amount(a: &str, b: &str) -> bool {
    let read =
        |text: &str| Decimal::from_str(text).or_else(|_| Decimal::from_scientific(text)).ok();
    read(a).is_some_and(|a| Some(a) == read(b))
}

fn outcome(item: &CallItem, kind: OutcomeKind) -> Outcome {
    Outcome {
        key: item.key.clone(),
        version: item.version,
        mark: item.mark.clone(),
        kind,
        detail: item.exactness.clone(),
        findings: item.findings.clone(),
        link: None,
    }
}

/// A link, with an alarm when Xero's total is not the document's.
fn link(item: &CallItem, element: &Element, idempotency_key: &str) -> Outcome {
    let xero_total = element.total.clone().unwrap_or_default();
    let equal = same_amount(&xero_total, &item.total);
    let mut outcome = outcome(item, OutcomeKind::Posted);
    if !equal {
        let message = format!(
            "Xero made {xero_total} of invoice {}; the order comes to {}",
            item.number, item.total
        );
        tracing::error!(number = item.number, total = item.total, xero_total, "totals differ");
        let finding = finding::error(finding::TOTAL_DIFFERS, &item.key, message);
        outcome.findings.push(Finding { amount: Some(xero_total.clone()), ..finding });
    }
    if element.verdict == Verdict::Warning && !element.messages.is_empty() {
        let words = element.messages.join(" · ");
        let finding = finding::error(finding::XERO_WARNED, &item.key, words);
        outcome.findings.push(Finding { severity: Severity::Warning, ..finding });
    }
    outcome.link = Some(Link {
        xero_id: element.xero_id.clone(),
        number: item.number.clone(),
        document_sha256: item.sha256.clone(),
        document_total: item.total.clone(),
        xero_total,
        state: String::from(if equal { "posted" } else { "differs" }),
        idempotency_key: idempotency_key.to_owned(),
    });
    outcome
}

fn refuse(item: &CallItem, element: Option<&Element>, call: &Call) -> Outcome {
    let words = element.map(|element| element.messages.join(" · ")).unwrap_or_default();
    let words = if words.is_empty() {
        XeroClient::explain(call.status.unwrap_or(0), &call.response)
    } else {
        words
    };
    let mut outcome = outcome(item, OutcomeKind::Refused);
    outcome.detail = String::from(finding::XERO_REFUSED);
    outcome.findings.push(finding::error(finding::XERO_REFUSED, &item.key, words));
    outcome
}

fn number_taken(item: &CallItem) -> Outcome {
    let message = format!("Xero has another invoice with number {}", item.number);
    let mut outcome = outcome(item, OutcomeKind::Held);
    outcome.detail = String::from(finding::NUMBER_TAKEN);
    outcome.findings.push(finding::error(finding::NUMBER_TAKEN, &item.key, message));
    outcome
}

fn tally(outcomes: &[Outcome]) -> Progress {
    let mut progress = Progress::default();
    for outcome in outcomes {
        progress.count(outcome.kind);
    }
    progress
}
