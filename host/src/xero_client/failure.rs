//! What a failed call tells us about the other side.

use std::time::Duration;

use super::wire::WireError;

/// A call failed; classed by what we *know*.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Xero said no for good: sending the same again is no use.
    #[error("{message}")]
    Refused {
        /// HTTP status, or 0 when nothing was sent.
        status: u16,
        /// Xero's words, or what is wrong on our side.
        message: String,
    },
    /// Surely not done: it may be sent again after a while.
    #[error("{message}")]
    NotDone {
        /// How long to wait at least.
        retry_after: Duration,
        /// Why.
        message: String,
    },
    /// It may be done or not. Look before sending again.
    #[error("{message}")]
    Unknown {
        /// Whether Xero answered, if only with an error: then the old key would replay it.
        answered: bool,
        /// What happened.
        message: String,
    },
}

/// Whether a call may have changed something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// A read: sending it again does no harm.
    Read,
    /// A write.
    Write,
}

/// After a refused connection, a maintenance page or the like.
pub(super) const RETRY_SOON: Duration = Duration::from_secs(5);

/// The concurrency limit's 429 has no `Retry-After`.
const RETRY_CONCURRENT: Duration = Duration::from_secs(1);

impl Failure {
    /// The request did not get as far as Xero, or the way back was cut.
    pub(super) fn from_wire(error: &WireError, effect: Effect) -> Self {
        let message = error.to_string();
        match (error, effect) {
            (WireError::TooLarge(_), Effect::Read) => Self::Refused { status: 0, message },
            (WireError::TooLarge(_), Effect::Write) => Self::Unknown { answered: true, message },
            (WireError::Broken(_), Effect::Write) => Self::Unknown { answered: false, message },
            (WireError::Connect(_), _) | (WireError::Broken(_), Effect::Read) => {
                Self::NotDone { retry_after: RETRY_SOON, message }
            }
        }
    }

    /// Xero answered with an error status.
    pub(super) fn from_status(
        status: u16,
        retry_after: Option<Duration>,
        message: String,
        effect: Effect,
    ) -> Self {
        match (status, effect) {
            (429, _) => {
                Self::NotDone { retry_after: retry_after.unwrap_or(RETRY_CONCURRENT), message }
            }
            // The server may have failed after it did the work.
            (500.., Effect::Write) if status != 501 => Self::Unknown { answered: true, message },
            (500.., Effect::Read) if status != 501 => {
                Self::NotDone { retry_after: retry_after.unwrap_or(RETRY_SOON), message }
            }
            _ => Self::Refused { status, message },
        }
    }
}

/// The whole chain of causes in one line, without the address (it may bear a token).
pub(super) fn describe(error: &reqwest::Error) -> String {
    let mut words = if error.is_timeout() {
        String::from("no answer in time")
    } else if error.is_connect() {
        String::from("cannot connect")
    } else {
        String::from("the connection broke")
    };
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        words = format!("{words}: {cause}");
        source = cause.source();
    }
    words
}
