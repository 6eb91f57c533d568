//! Things that go wrong on the way to a real shop, one request each.

use std::time::Duration;

/// What happens to one request instead of its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A bare status, as a host's proxy gives it: 429, 502, 503.
    Status {
        /// HTTP status.
        status: u16,
        /// `Retry-After` in seconds.
        retry_after_secs: Option<u32>,
    },
    /// A page where JSON was asked for: a maintenance page, a firewall, a login form.
    Html {
        /// HTTP status.
        status: u16,
    },
    /// A redirect to the same address, for ever.
    RedirectLoop,
    /// A redirect to another address.
    RedirectTo(String),
    /// JSON with a PHP warning printed before it.
    PhpWarning,
    /// A JSON body of at least so many bytes.
    Flood(usize),
    /// The right answer, but late.
    Delay(Duration),
}
