//! What must hold, by arithmetic of the test's own.

#[path = "judge/account.rs"]
mod account;
#[path = "judge/document.rs"]
mod document;
#[path = "judge/fact.rs"]
mod fact;

pub(crate) use account::accounts;
pub(crate) use document::{deposits, documents};
pub(crate) use fact::{everywhere, facts};

/// What is wrong, where something is.
pub(crate) type Verdict = Result<(), String>;

/// Fails unless something holds.
pub(crate) fn ensure(holds: bool, message: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { Err(message()) }
}
