//! The payout clients: what gateways say of their payouts, as the core's `read_payouts` takes it.
//!
//! Bodies stay text ([`RawJson`]): the accounting core must see the digits that the gateway
//! printed. Nothing is ever written to a gateway. Which day a moment belongs to and what adds up
//! is the core's to say: some payouts of the day before and of the day after may be among those
//! that are read, and each of them comes with all its entries.

mod csv;
mod error;
mod paypal;
mod stripe;
mod transport;
mod woopayments;

use std::time::Duration;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use serde_json::value::RawValue;
use tillbook_core::{
    contract::{CONTRACT_VERSION, ReadPayoutsRequest, ZoneInput},
    shop::payout::Source,
};

pub use self::{
    csv::{COLUMNS, COLUMNS_NEEDED, CsvFile, FILE_BYTES_MAX, FileError},
    error::PayoutError,
    paypal::{BACK_WINDOWS_MAX, Paypal, WINDOW_DAYS_MAX},
    stripe::Stripe,
    woopayments::WooPayments,
};
use crate::{
    config::{Config, PaypalConfig, StripeConfig},
    door::as_refs,
    shop_client::ShopClient,
};

/// A JSON value as the gateway printed it, digit by digit.
pub type RawJson = Box<RawValue>;

/// Largest answer that is read: five hundred transactions of 32 KiB each.
pub const RESPONSE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Longest wait for one answer, from connecting to its last byte; searches are slow.
pub const REQUEST_TIMEOUT: Duration = Duration::from_mins(1);
/// Longest wait for a connection.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Tries of one request, the first included.
pub const ATTEMPTS_MAX: u32 = 4;
/// Wait before the second try; it doubles from try to try.
pub const RETRY_DELAY: Duration = Duration::from_millis(500);
/// Longest wait between two tries; a gateway that asks for more is left alone until later.
pub const RETRY_DELAY_MAX: Duration = Duration::from_secs(20);
/// Pages of one list; beyond, the list is refused.
pub const LIST_PAGES_MAX: u64 = 500;

/// The clients' limits; [`Default`] gives the constants of this module.
///
/// `WooPayments` is asked through the shop's client, which keeps its own limits of time, size and
/// tries.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// See [`RESPONSE_BYTES_MAX`].
    pub response_bytes_max: usize,
    /// See [`REQUEST_TIMEOUT`].
    pub request_timeout: Duration,
    /// See [`CONNECT_TIMEOUT`]; what is set later is not looked at.
    pub connect_timeout: Duration,
    /// See [`ATTEMPTS_MAX`].
    pub attempts_max: u32,
    /// See [`RETRY_DELAY`].
    pub retry_delay: Duration,
    /// See [`RETRY_DELAY_MAX`].
    pub retry_delay_max: Duration,
    /// Rows asked for at once; at most what the gateway gives, 100 or PayPal's 500.
    pub rows_per_page: usize,
    /// See [`LIST_PAGES_MAX`].
    pub list_pages_max: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            response_bytes_max: RESPONSE_BYTES_MAX,
            request_timeout: REQUEST_TIMEOUT,
            connect_timeout: CONNECT_TIMEOUT,
            attempts_max: ATTEMPTS_MAX,
            retry_delay: RETRY_DELAY,
            retry_delay_max: RETRY_DELAY_MAX,
            rows_per_page: usize::MAX,
            list_pages_max: LIST_PAGES_MAX,
        }
    }
}

/// What a gateway said of the payouts of some days, as `read_payouts` takes it.
#[derive(Debug, Clone)]
pub struct RawPayouts {
    /// Whose payouts they are.
    pub source: Source,
    /// The payouts; PayPal and files have none.
    pub payouts: Vec<RawJson>,
    /// The movements of the gateway's balance, or the rows of a file.
    pub entries: Vec<RawJson>,
}

impl RawPayouts {
    /// What the core is asked with; `zone` is the declared one.
    #[must_use]
    pub fn as_request(&self, zone: ZoneInput) -> ReadPayoutsRequest<&RawValue> {
        ReadPayoutsRequest {
            contract: CONTRACT_VERSION,
            source: self.source,
            zone,
            payouts: as_refs(&self.payouts),
            entries: as_refs(&self.entries),
        }
    }
}

/// One source of payouts.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum PayoutClient {
    /// Through the shop, which asks `WooPayments`' server.
    WooPayments(WooPayments),
    /// Stripe's API.
    Stripe(Stripe),
    /// PayPal's API.
    Paypal(Paypal),
    /// A file, which is read already.
    Csv(CsvFile),
}

impl PayoutClient {
    /// The client for a configured source; connects only when it is asked.
    ///
    /// # Errors
    /// [`PayoutError::NotConfigured`] with the setting that is missing, [`PayoutError::NoFile`]
    /// for [`Source::Csv`], which [`PayoutClient::csv`] reads, [`PayoutError::Key`] and
    /// [`PayoutError::Address`].
    pub fn for_source(
        source: Source,
        config: &Config,
        shop: &ShopClient,
    ) -> Result<Self, PayoutError> {
        match source {
            Source::Woopayments => Ok(Self::woopayments(shop)),
            Source::Stripe => Self::stripe(&config.stripe),
            Source::Paypal => Self::paypal(&config.paypal),
            Source::Csv => Err(PayoutError::NoFile),
        }
    }

    /// `WooPayments`, by the shop's own keys.
    #[must_use]
    pub fn woopayments(shop: &ShopClient) -> Self {
        Self::WooPayments(WooPayments::new(shop.clone()))
    }

    /// Stripe.
    ///
    /// # Errors
    /// [`PayoutError::NotConfigured`], [`PayoutError::Key`] and [`PayoutError::Address`].
    pub fn stripe(config: &StripeConfig) -> Result<Self, PayoutError> {
        Stripe::new(config).map(Self::Stripe)
    }

    /// PayPal.
    ///
    /// # Errors
    /// [`PayoutError::NotConfigured`] and [`PayoutError::Address`].
    pub fn paypal(config: &PaypalConfig) -> Result<Self, PayoutError> {
        Paypal::new(config).map(Self::Paypal)
    }

    /// The rows of a file, read at once.
    ///
    /// # Errors
    /// [`PayoutError::File`] with the line.
    pub fn csv(file: &[u8]) -> Result<Self, PayoutError> {
        Ok(Self::Csv(CsvFile::read(file)?))
    }

    /// The same client with other limits; a file has none that could be set.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        match self {
            Self::WooPayments(client) => Self::WooPayments(client.with_limits(limits)),
            Self::Stripe(client) => Self::Stripe(client.with_limits(limits)),
            Self::Paypal(client) => Self::Paypal(client.with_limits(limits)),
            Self::Csv(file) => Self::Csv(file),
        }
    }

    /// Whose payouts it reads.
    #[must_use]
    pub const fn source(&self) -> Source {
        match self {
            Self::WooPayments(_) => Source::Woopayments,
            Self::Stripe(_) => Source::Stripe,
            Self::Paypal(_) => Source::Paypal,
            Self::Csv(_) => Source::Csv,
        }
    }

    /// Reads the payouts that arrived from one day to another, both within, with all their
    /// entries, and entries that await a payout where the gateway tells them.
    ///
    /// Days are meant in any zone, so a little more is read. Stripe does not tell what awaits a
    /// payout. A file is given whole, whatever the days.
    ///
    /// # Errors
    /// [`PayoutError`]; a part is never given for the whole.
    pub async fn read(&self, from: NaiveDate, to: NaiveDate) -> Result<RawPayouts, PayoutError> {
        let span = Span { from, to };
        let (payouts, entries) = match self {
            Self::WooPayments(client) => client.read(span).await?,
            Self::Stripe(client) => client.read(span).await?,
            Self::Paypal(client) => client.read(span).await?,
            Self::Csv(file) => (Vec::new(), file.rows().to_vec()),
        };
        Ok(RawPayouts { source: self.source(), payouts, entries })
    }

    /// Reads as little of one day as shows that address and keys are right.
    ///
    /// # Errors
    /// As [`PayoutClient::read`].
    pub async fn probe(&self, day: NaiveDate) -> Result<(), PayoutError> {
        let span = Span { from: day, to: day };
        match self {
            Self::WooPayments(client) => client.probe(span).await,
            Self::Stripe(client) => client.probe(span).await,
            Self::Paypal(client) => client.probe(span).await,
            Self::Csv(_) => Ok(()),
        }
    }
}

/// Payouts and entries.
type Lists = (Vec<RawJson>, Vec<RawJson>);

/// Days that are asked for, both within.
#[derive(Debug, Clone, Copy)]
struct Span {
    from: NaiveDate,
    to: NaiveDate,
}

impl Span {
    /// A moment before the first day began anywhere.
    fn start(self) -> DateTime<Utc> {
        midnight(self.from, -1)
    }

    /// A moment after the last day ended everywhere.
    fn end(self) -> DateTime<Utc> {
        midnight(self.to, 2)
    }
}

/// The UTC midnight that a day begins with, some days later.
fn midnight(day: NaiveDate, later: i64) -> DateTime<Utc> {
    let days = Days::new(later.unsigned_abs());
    let moved = if later < 0 { day.checked_sub_days(days) } else { day.checked_add_days(days) };
    moved.unwrap_or(day).and_time(NaiveTime::MIN).and_utc()
}
