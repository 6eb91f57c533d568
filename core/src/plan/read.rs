//! From Xero's answer to what each step has become.

use alloc::{format, string::String, vec::Vec};

use rust_decimal::Decimal;

use crate::{
    finding::{Code, Finding, stops},
    json::{Fields, Json, bounded, lenient_text},
    money::{XERO_DIGITS, plain},
    xero::{
        document::DocumentKind,
        response::{Element, elements, messages},
        standing::Standing,
    },
};

use super::{
    call::{Action, Call, Step},
    known::{Link, LinkState, Purpose, RecordKind, RecordLink},
};

/// How a call ended, and whether it may be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Xero answered each step.
    Answered,
    /// Surely nothing was done; the same call may be sent later.
    Later,
    /// Nobody knows what was done: it has to be looked up before anything is sent again.
    Unknown,
    /// Xero refused the whole call; sending it again is of no use before a person acts.
    Refused,
}

/// What a step has become.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StepResult {
    /// Whether it was done.
    pub done: bool,
    /// Whether nothing further may be sent for this order in this plan: the step was refused, or
    /// Xero's total is not the document's.
    pub stops: bool,
    /// Xero's id of what was made or changed; empty when it was not.
    pub xero_id: String,
    /// The link to be kept from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<Link>,
    /// The link of a contact to be kept from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<RecordLink>,
    /// Xero's reasons and warnings, and the alarm when totals differ.
    pub findings: Vec<Finding>,
}

/// Reads the answer to a call: its HTTP status, and its body where that is JSON.
#[must_use]
pub(crate) fn read(
    call: &Call,
    status: u32,
    answer: Option<&Json<'_>>,
) -> (Ending, Vec<StepResult>) {
    let collection = collection(&call.path);
    let deletes = call.method == "DELETE" && matches!(status, 200 | 204);
    if deletes {
        return (Ending::Answered, call.steps.iter().map(|step| done(step, "", None)).collect());
    }
    let found = answer.and_then(|answer| elements(answer, collection));
    // A call for one thing that is refused is answered with 400 and the reasons.
    if let Some(found) = found.filter(|found| status == 200 && found.len() == call.steps.len()) {
        let results = call.steps.iter().zip(&found).map(|(step, element)| result(step, element));
        return (Ending::Answered, results.collect());
    }
    let ending = match status {
        409 | 429 | 503 => Ending::Later,
        400..=499 => Ending::Refused,
        _ => Ending::Unknown,
    };
    let mut said = answer.map(messages).unwrap_or_default();
    if said.is_empty() {
        said.push(format!("Xero answered HTTP {status}"));
    }
    if ending != Ending::Refused {
        said.clear();
    }
    let refused = |step: &Step| {
        let findings = said.iter().map(|said| finding(step, Code::XeroRefused, said)).collect();
        StepResult { stops: true, findings, ..StepResult::default() }
    };
    (ending, call.steps.iter().map(refused).collect())
}

/// The collection that a path ends in, as it stands in the answer.
fn collection(path: &str) -> &'static str {
    ["Allocations", "BankTransactions", "Payments", "CreditNotes", "Invoices", "Contacts", "Items"]
        .into_iter()
        .find(|name| path.contains(name))
        .unwrap_or_default()
}

fn finding(step: &Step, code: Code, message: &str) -> Finding {
    let object = step.object();
    Finding::new(code, &object.kind, object.id, message)
}

fn result(step: &Step, element: &Element<'_>) -> StepResult {
    let code = if element.refused { Code::XeroRefused } else { Code::XeroWarning };
    let said: Vec<Finding> =
        element.messages.iter().map(|message| finding(step, code, message)).collect();
    if element.refused {
        let mut findings = said;
        if findings.is_empty() {
            findings.push(finding(step, code, "Xero gave no reason"));
        }
        return StepResult { stops: true, findings, ..StepResult::default() };
    }
    let text = |name: &str| {
        lenient_text(Fields::of(element.json).and_then(|fields| fields.get(name))).into_owned()
    };
    let mut result = match step.action {
        Action::Create | Action::Update | Action::Void => document(step, element.json),
        Action::Pay | Action::Unpay => done(step, &text("PaymentID"), None),
        Action::Allocate | Action::Unallocate => done(step, &text("AllocationID"), None),
        Action::CreateContact | Action::UpdateContact => done(step, &text("ContactID"), None),
        Action::CreateItem | Action::UpdateItem => done(step, &text("ItemID"), None),
        Action::Spend => spent(step, &text("BankTransactionID"), &text("Total")),
        Action::Unspend => done(step, &text("BankTransactionID"), None),
    };
    result.findings.splice(0..0, said);
    result
}

fn document(step: &Step, json: &Json<'_>) -> StepResult {
    let Some(standing) = Standing::read(step.document, json) else {
        let mut result = done(step, "", None);
        result.stops = true;
        return result;
    };
    let mut result = done(step, &standing.id, Some(&standing));
    let wanted = bounded(&step.amount).unwrap_or_default();
    if step.action != Action::Void && standing.total != wanted {
        let mut finding = total_differs(step.document, step.id, standing.total, wanted);
        finding.object = step.object();
        result.findings.push(finding);
    }
    result.stops = stops(&result.findings);
    result
}

fn spent(step: &Step, id: &str, total: &str) -> StepResult {
    let mut result = done(step, id, None);
    let (total, wanted) = (bounded(total), bounded(&step.amount));
    if total != wanted {
        let (total, wanted) = (total.unwrap_or_default(), wanted.unwrap_or_default());
        result.findings.push(total_differs(step.document, step.id, total, wanted));
    }
    result
}

/// The alarm of ACCOUNTING section 0: Xero's total is not the document's.
pub(super) fn total_differs(
    kind: DocumentKind,
    id: u64,
    xero: Decimal,
    document: Decimal,
) -> Finding {
    let message = format!(
        "Xero totals {}, the document {}",
        plain(xero, XERO_DIGITS),
        plain(document, XERO_DIGITS)
    );
    let found = Finding::new(Code::LedgerTotalDiffers, kind.object(), format!("{id}"), message);
    found.with_amount(xero - document)
}

fn done(step: &Step, xero_id: &str, standing: Option<&Standing>) -> StepResult {
    let taken = if step.undone { LinkState::Undone } else { LinkState::Withdrawn };
    let link = |purpose, state| Link {
        document: step.document,
        purpose,
        id: step.id,
        order_id: step.order_id,
        xero_id: if xero_id.is_empty() { step.xero_id.clone() } else { xero_id.into() },
        number: step.number.clone(),
        sha256: step.sha256.clone(),
        ledger_sha256: standing.map(|standing| standing.sha256.clone()).unwrap_or_default(),
        state,
        key: step.key.clone(),
        begins: step.begins,
        ends: step.ends,
    };
    let document = if step.key.is_empty() { Purpose::Document } else { Purpose::Summary };
    let payment = if step.deposit { Purpose::Deposit } else { Purpose::Payment };
    let link = match step.action {
        Action::Create | Action::Update => Some(link(document, LinkState::Live)),
        Action::Void => Some(link(document, taken)),
        Action::Pay => Some(link(payment, LinkState::Live)),
        Action::Unpay => Some(link(payment, LinkState::Withdrawn)),
        Action::Spend => Some(link(Purpose::Fee, LinkState::Live)),
        Action::Unspend => Some(link(Purpose::Fee, LinkState::Withdrawn)),
        _ => None,
    };
    let record = match step.action {
        Action::CreateContact | Action::UpdateContact => Some(RecordKind::Contact),
        Action::CreateItem | Action::UpdateItem => Some(RecordKind::Item),
        _ => None,
    };
    let record = record.map(|kind| RecordLink {
        kind,
        key: step.key.clone(),
        xero_id: if xero_id.is_empty() { step.xero_id.clone() } else { xero_id.into() },
        name: step.number.clone(),
        sha256: step.sha256.clone(),
    });
    let xero_id = link.as_ref().map_or_else(|| xero_id.into(), |link| link.xero_id.clone());
    StepResult { done: true, stops: false, xero_id, link, record, findings: Vec::new() }
}
