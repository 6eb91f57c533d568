//! What can go wrong between host and gateway, and what to do about it.

use std::time::Duration;

use crate::{
    facts::{FactsError, RETRY_LATER, RETRY_MUCH_LATER},
    shop_client::ShopClientError,
};

/// What a gateway says of its payouts could not be read. No message holds a secret.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum PayoutError {
    /// A source is asked for that nothing is configured of.
    #[error("{gateway} is not configured: `{setting}` is empty")]
    #[diagnostic(
        code(payout::not_configured),
        help("set it in the file, as TILLBOOK_… in the environment, or with --set")
    )]
    NotConfigured {
        /// Whose payouts they are.
        gateway: &'static str,
        /// The first setting that is missing.
        setting: &'static str,
    },
    /// A key holds what no key has.
    #[error("`{setting}` is no key: it holds a blank, a line break or another odd character")]
    #[diagnostic(code(payout::key), help("copy the key again, alone and whole"))]
    Key {
        /// The setting.
        setting: &'static str,
    },
    /// Files have no settings: they are read when they are named.
    #[error("payouts of a file can be read only from the file itself")]
    #[diagnostic(code(payout::no_file), help("name the file"))]
    NoFile,
    /// A setting is no address that a secret may go to.
    #[error("`{setting}` cannot be used: `{value}`: {why}")]
    #[diagnostic(code(payout::address))]
    Address {
        /// The setting.
        setting: &'static str,
        /// Its value.
        value: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The HTTP client could not be set up.
    #[error("no HTTP client: {0}")]
    #[diagnostic(code(payout::client), help("the machine's certificates may be missing or broken"))]
    Client(#[source] reqwest::Error),
    /// No answer came: no connection, a cut one, or too late. All tries are used up.
    #[error("{gateway} did not answer after {attempts} tries")]
    #[diagnostic(code(payout::unreachable), help("it is tried again later"))]
    Unreachable {
        /// Who was asked.
        gateway: &'static str,
        /// Tries made.
        attempts: u32,
        /// The last failure.
        #[source]
        source: reqwest::Error,
    },
    /// The gateway is in trouble. All tries are used up.
    #[error("{gateway} answered {status} after {attempts} tries")]
    #[diagnostic(code(payout::unavailable), help("it is tried again later"))]
    Unavailable {
        /// Who was asked.
        gateway: &'static str,
        /// HTTP status.
        status: u16,
        /// Tries made.
        attempts: u32,
        /// How long to stay away, when it said so.
        retry_after: Option<Duration>,
    },
    /// The gateway limits requests.
    #[error("{gateway} asks for fewer requests")]
    #[diagnostic(code(payout::too_many_requests), help("it is tried again later"))]
    TooManyRequests {
        /// Who was asked.
        gateway: &'static str,
        /// How long to stay away, when it said so.
        retry_after: Option<Duration>,
    },
    /// The gateway does not know the key, or the key may not read this.
    #[error("{gateway} refused the key ({status}): {message}")]
    #[diagnostic(code(payout::unauthorised), help("{help}"))]
    Unauthorised {
        /// Who was asked.
        gateway: &'static str,
        /// HTTP status, 401 or 403.
        status: u16,
        /// The gateway's words.
        message: String,
        /// What to do.
        help: &'static str,
    },
    /// The gateway refused the request itself.
    #[error("{gateway} refused the request ({status} {code}): {message}")]
    #[diagnostic(code(payout::refused))]
    Refused {
        /// Who was asked.
        gateway: &'static str,
        /// HTTP status.
        status: u16,
        /// The gateway's code; may be empty.
        code: String,
        /// The gateway's words.
        message: String,
    },
    /// The gateway lives elsewhere.
    #[error("{gateway} redirects to `{to}`")]
    #[diagnostic(
        code(payout::redirected),
        help("keys are not sent on: correct the address in the configuration")
    )]
    Redirected {
        /// Who was asked.
        gateway: &'static str,
        /// Where it points, without its query.
        to: String,
    },
    /// The answer is no JSON, or not of the expected shape.
    #[error("the answer of {gateway} cannot be read: {why}")]
    #[diagnostic(
        code(payout::shape),
        help("check that the address in the configuration is the gateway's own")
    )]
    Shape {
        /// Who was asked.
        gateway: &'static str,
        /// What is wrong.
        why: String,
    },
    /// The answer is larger than is read.
    #[error("the answer of {gateway} is larger than {bytes_max} bytes")]
    #[diagnostic(code(payout::too_large))]
    TooLarge {
        /// Who was asked.
        gateway: &'static str,
        /// The limit.
        bytes_max: usize,
    },
    /// A list goes on beyond all reason.
    #[error("a list of {gateway} has more than {pages_max} pages")]
    #[diagnostic(code(payout::list_too_long), help("read fewer days at once"))]
    ListTooLong {
        /// Who was asked.
        gateway: &'static str,
        /// The limit.
        pages_max: u64,
    },
    /// The shop has no route for WooPayments' payouts.
    #[error("the shop has no WooPayments: `wc/v3/payments` is unknown to it")]
    #[diagnostic(
        code(payout::no_plugin),
        help("install and activate the plugin WooPayments, or choose another source of payouts")
    )]
    NoPlugin,
    /// The shop, which answers for WooPayments, could not be asked.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Shop(#[from] ShopClientError),
    /// A file cannot be read.
    #[error("the file of payouts cannot be read: {0}")]
    #[diagnostic(code(payout::file), help("{}", super::csv::HELP))]
    File(#[from] super::csv::FileError),
}

impl PayoutError {
    /// Whether waiting may cure it; everything else needs a person.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Unavailable { .. } | Self::TooManyRequests { .. } => {
                true
            }
            Self::Shop(error) => error.is_passing(),
            _ => false,
        }
    }
}

impl From<PayoutError> for FactsError {
    fn from(error: PayoutError) -> Self {
        let message = error.to_string();
        let retry_after = match error {
            PayoutError::Shop(error) => return error.into(),
            PayoutError::TooManyRequests { retry_after: Some(wait), .. }
            | PayoutError::Unavailable { retry_after: Some(wait), .. } => wait,
            error if error.is_passing() => RETRY_LATER,
            _ => RETRY_MUCH_LATER,
        };
        Self { message, retry_after }
    }
}
