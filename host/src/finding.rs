//! Findings of the host's own, in the shape in which the core writes its findings.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::store::ObjectKey;

/// Something that a person should know about an object.
#[derive(Debug, Clone, Serialize)]
pub struct HostFinding {
    /// Stable code, `host.…`.
    pub code: &'static str,
    /// `error` or `warning`.
    pub severity: &'static str,
    /// What it is about.
    pub object: FindingObject,
    /// The amount in question.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    /// For a shop owner.
    pub message: String,
    /// What would cure it.
    pub cure: &'static str,
}

/// The object of a finding.
#[derive(Debug, Clone, Serialize)]
pub struct FindingObject {
    /// `order`
    pub kind: String,
    /// The shop's id.
    pub id: String,
}

/// Xero has another total than the document: an alarm.
pub const TOTAL_DIFFERS: &str = "host.total_differs";
/// Xero has another document under this number.
pub const NUMBER_TAKEN: &str = "host.number_taken";
/// Xero refused the document.
pub const XERO_REFUSED: &str = "host.xero_refused";
/// The core stopped or refused the request.
pub const CORE_STOPPED: &str = "host.core_stopped";
/// The document's bytes do not have the hash that was shown.
pub const HASH_DIFFERS: &str = "host.hash_differs";
/// The shop no longer has the order.
pub const NOT_IN_SHOP: &str = "host.not_in_shop";
/// It was tried too often.
pub const GAVE_UP: &str = "host.gave_up";

impl HostFinding {
    /// An error about an object.
    #[must_use]
    pub fn error(code: &'static str, key: &ObjectKey, message: String) -> Self {
        Self {
            code,
            severity: "error",
            object: FindingObject { kind: key.kind.clone(), id: key.object_id.clone() },
            amount: None,
            message,
            cure: cure(code),
        }
    }

    /// With the amount in question.
    #[must_use]
    pub fn amount(mut self, amount: impl Into<String>) -> Self {
        self.amount = Some(amount.into());
        self
    }

    /// The list of findings with this one at its end.
    #[must_use]
    pub fn after(&self, findings: &RawValue) -> Box<RawValue> {
        let mut list: Vec<Box<RawValue>> = serde_json::from_str(findings.get()).unwrap_or_default();
        list.extend(serde_json::value::to_raw_value(self));
        serde_json::value::to_raw_value(&list).unwrap_or_else(|_| none())
    }

    /// A list with only this one.
    #[must_use]
    pub fn alone(&self) -> Box<RawValue> {
        self.after(&none())
    }
}

/// No findings.
#[must_use]
pub fn none() -> Box<RawValue> {
    serde_json::value::to_raw_value::<[(); 0]>(&[]).unwrap_or_default()
}

fn cure(code: &str) -> &'static str {
    match code {
        TOTAL_DIFFERS => "compare order and invoice, correct the invoice in Xero, and report it",
        NUMBER_TAKEN => "choose another number prefix, or rename the other invoice in Xero",
        XERO_REFUSED => "cure what Xero names, then sync the order again",
        CORE_STOPPED => "report it with the order's JSON; other orders go on",
        HASH_DIFFERS => "report it; nothing was sent",
        NOT_IN_SHOP => "nothing to do, unless the order should still exist",
        _ => "see the last message in the log, cure it, then sync the order again",
    }
}
