//! Findings of the host's own, in the core's language.

use tillbook_core::finding::{Finding, Severity, Subject};

use crate::store::ObjectKey;

/// The core stopped or refused the request.
pub const CORE_STOPPED: &str = "host.core_stopped";
/// The shop no longer has the order.
pub const NOT_IN_SHOP: &str = "host.not_in_shop";
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

fn cure(code: &str) -> &'static str {
    match code {
        CORE_STOPPED => "report it with the order's JSON; other orders go on",
        NOT_IN_SHOP => "nothing to do, unless the order should still exist",
        _ => "see the last message in the log, cure it, then sync the order again",
    }
}
