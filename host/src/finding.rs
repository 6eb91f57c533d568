//! Findings of the host's own, in the core's language.

use tillbook_core::finding::{Finding, Severity, Subject};

use crate::store::ObjectKey;

/// Xero has another total than the document: an alarm.
pub const TOTAL_DIFFERS: &str = "host.total_differs";
/// Xero has another document under this number.
pub const NUMBER_TAKEN: &str = "host.number_taken";
/// Xero refused the document.
pub const XERO_REFUSED: &str = "host.xero_refused";
/// Xero took the document and has something to say about it.
pub const XERO_WARNED: &str = "host.xero_warned";
/// The core stopped or refused the request.
pub const CORE_STOPPED: &str = "host.core_stopped";
/// The document's bytes do not have the hash that was shown.
pub const HASH_DIFFERS: &str = "host.hash_differs";
/// The shop no longer has the order.
pub const NOT_IN_SHOP: &str = "host.not_in_shop";
/// The order is of a shop that is not the configured one.
pub const OTHER_SHOP: &str = "host.other_shop";
/// The order's credit notes are not sent yet.
pub const CREDIT_NOTES_WAIT: &str = "host.credit_notes_wait";
/// It was tried too often.
pub const GAVE_UP: &str = "host.gave_up";

/// An error about an object.
#[must_use]
pub fn error(code: &str, key: &ObjectKey, message: String) -> Finding {
    Finding {
        code: code.to_owned(),
        severity: Severity::Error,
        object: Subject { kind: key.kind.clone(), id: key.object_id.clone() },
        field: None,
        amount: None,
        message,
        cure: cure(code).to_owned(),
    }
}

/// A warning about an object: it is posted all the same.
#[must_use]
pub fn warning(code: &str, key: &ObjectKey, message: String) -> Finding {
    Finding { severity: Severity::Warning, ..error(code, key, message) }
}

fn cure(code: &str) -> &'static str {
    match code {
        TOTAL_DIFFERS => "compare order and invoice, correct the invoice in Xero, and report it",
        NUMBER_TAKEN => "choose another number prefix, or rename the other invoice in Xero",
        XERO_REFUSED => "cure what Xero names, then sync the order again",
        XERO_WARNED => "look at the invoice in Xero",
        CORE_STOPPED => "report it with the order's JSON; other orders go on",
        HASH_DIFFERS => "report it; nothing was sent",
        CREDIT_NOTES_WAIT => "post the credit notes that `tillbook preview` shows by hand",
        NOT_IN_SHOP => "nothing to do, unless the order should still exist",
        OTHER_SHOP => "configure that shop's address again, or hint at the order under the new one",
        _ => "see the last message in the log, cure it, then sync the order again",
    }
}
