//! PayPal's Transaction Search (`developer.paypal.com/docs/api/transaction-search`).
//!
//! PayPal has no payouts of its own: the core takes each withdrawal to a bank for a payout of all
//! that moved since the one before in the same currency. So reading goes back beyond the days that
//! are asked for, at most [`BACK_WINDOWS_MAX`] times [`WINDOW_DAYS_MAX`] days, until it meets the
//! withdrawal before in every currency that was withdrawn (in any, where none was). What that
//! withdrawal took is left out. Where none is met all is given: what the first withdrawal took from
//! earlier months then shows as taken from the balance.

mod row;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Method;
use serde::Deserialize;
use tokio::sync::Mutex;

use self::row::{is_after, name, once, withdrawals};
use super::{
    Limits, Lists, PayoutError, RawJson, Span,
    transport::{Gateway, Rows, Transport},
};
use crate::config::{PaypalConfig, Secret};

/// Days of one search; PayPal allows no more.
pub const WINDOW_DAYS_MAX: i64 = 31;
/// Searches that go back beyond the days that are asked for.
pub const BACK_WINDOWS_MAX: u32 = 6;

const GATEWAY: Gateway = Gateway {
    name: "PayPal",
    setting: "paypal.url",
    key_help: "check `paypal.client_id` and `paypal.client_secret` (developer.paypal.com → Apps & \
               Credentials), and that the app may use Transaction Search: a new permission takes \
               up to nine hours",
};
/// PayPal gives no more rows at once.
const PAGE_SIZE_MAX: usize = 500;
/// More rows than one search may find: fewer days find fewer.
const TOO_MANY_ROWS: &str = "RESULTSET_TOO_LARGE";
/// What PayPal says of days that it has not gathered yet.
const NOT_GATHERED: &str = "start date is not available";
/// PayPal gathers within hours; a day and a half has been seen.
const GATHERING: TimeDelta = TimeDelta::days(4);
/// A token is renewed so long before its end.
const TOKEN_MARGIN: Duration = Duration::from_mins(1);

/// PayPal's API with one app's keys.
#[derive(Debug, Clone)]
pub struct Paypal {
    transport: Transport,
    client_id: String,
    client_secret: Secret,
    token: Arc<Mutex<Option<Token>>>,
}

#[derive(Debug)]
struct Token {
    secret: Secret,
    until: Instant,
}

#[derive(Deserialize)]
struct Granted {
    access_token: Secret,
    expires_in: u32,
}

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    transaction_details: Vec<RawJson>,
    total_pages: Option<u64>,
}

impl Paypal {
    pub(super) fn new(config: &PaypalConfig) -> Result<Self, PayoutError> {
        let missing = [
            ("paypal.client_id", config.client_id.is_empty()),
            ("paypal.client_secret", config.client_secret.is_empty()),
        ];
        if let Some((setting, _)) = missing.into_iter().find(|(_, missing)| *missing) {
            return Err(PayoutError::NotConfigured { gateway: GATEWAY.name, setting });
        }
        Ok(Self {
            transport: Transport::new(GATEWAY, &config.url)?,
            client_id: config.client_id.clone(),
            client_secret: config.client_secret.clone(),
            token: Arc::default(),
        })
    }

    pub(super) fn with_limits(self, limits: Limits) -> Self {
        Self { transport: self.transport.with_limits(limits), ..self }
    }

    /// All transactions of these days, and those before that the first withdrawal took.
    pub(super) async fn read(&self, span: Span) -> Result<Lists, PayoutError> {
        let mut rows = Rows::default();
        self.search(span.start(), span.end(), &mut rows).await?;
        let rows = rows.into_rows();
        let withdrawn = withdrawals(&rows);
        let (mut from, mut earlier) = (span.start(), Vec::new());
        for _ in 0..BACK_WINDOWS_MAX {
            let before = withdrawals(&earlier);
            let met = withdrawn.keys().all(|currency| before.contains_key(currency));
            if met && !before.is_empty() {
                break;
            }
            let to = from;
            from -= TimeDelta::days(WINDOW_DAYS_MAX);
            let mut window = Rows::default();
            self.search(from, to, &mut window).await?;
            earlier.extend(window.into_rows());
        }
        let ends = withdrawals(&earlier);
        earlier.retain(|row| is_after(row, &ends));
        Ok((Vec::new(), once(earlier.into_iter().chain(rows))))
    }

    pub(super) async fn probe(&self, span: Span) -> Result<(), PayoutError> {
        match self.page((span.start(), span.end()), 1, 1).await {
            Err(PayoutError::Refused { message, .. }) if message.contains(NOT_GATHERED) => Ok(()),
            other => other.map(drop),
        }
    }

    /// Reads from one moment to before another, in as many searches as that takes.
    async fn search(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        rows: &mut Rows,
    ) -> Result<(), PayoutError> {
        let mut start = from;
        while start < to {
            let end = to.min(start + TimeDelta::days(WINDOW_DAYS_MAX));
            let mut open = vec![(start, end)];
            while let Some((start, end)) = open.pop() {
                match self.window(start, end, rows).await {
                    Err(PayoutError::Refused { code, .. })
                        if code == TOO_MANY_ROWS && end - start >= TimeDelta::seconds(2) =>
                    {
                        let half = TimeDelta::seconds((end - start).num_seconds() / 2);
                        open.extend([(start + half, end), (start, start + half)]);
                    }
                    // There is nothing to read there yet.
                    Err(PayoutError::Refused { message, .. })
                        if message.contains(NOT_GATHERED) && start > Utc::now() - GATHERING => {}
                    other => other?,
                }
            }
            start = end;
        }
        Ok(())
    }

    /// One search, page by page.
    async fn window(
        &self,
        start: DateTime<Utc>,
        end: DateTime<Utc>,
        rows: &mut Rows,
    ) -> Result<(), PayoutError> {
        let limits = self.transport.limits;
        let size = limits.rows_per_page.clamp(1, PAGE_SIZE_MAX);
        for number in 1..=limits.list_pages_max {
            let page = self.page((start, end), size, number).await?;
            let (count, mut new) = (page.transaction_details.len(), 0);
            for row in page.transaction_details {
                new += usize::from(rows.put(&name(&row), row));
            }
            if page.total_pages.map_or(count < size, |pages| number >= pages) {
                return Ok(());
            }
            if new == 0 {
                return Err(self.transport.shape("it gives no new page, although there are more"));
            }
        }
        Err(self.transport.list_too_long())
    }

    /// Asks for a page; a token that has come to its end early is renewed once.
    async fn page(
        &self,
        (start, end): (DateTime<Utc>, DateTime<Utc>),
        size: usize,
        number: u64,
    ) -> Result<Page, PayoutError> {
        let print = |moment: DateTime<Utc>| moment.format("%Y-%m-%dT%H:%M:%SZ").to_string();
        let query = [
            // Both ends are within.
            ("start_date", print(start)),
            ("end_date", print(end - TimeDelta::seconds(1))),
            ("fields", "all".to_owned()),
            ("page_size", size.to_string()),
            ("page", number.to_string()),
        ];
        let request = self.transport.request(Method::GET, "/v1/reporting/transactions");
        let request = || request.try_clone().map(|request| request.query(&query));
        for last in [false, true] {
            let token = self.token().await?;
            let Some(request) = request() else { break };
            match self.transport.ask(request.bearer_auth(token.reveal())).await {
                Err(PayoutError::Unauthorised { status: 401, .. }) if !last => {
                    self.forget(&token).await;
                }
                other => return other,
            }
        }
        Err(self.transport.shape("it cannot be asked twice"))
    }

    async fn token(&self) -> Result<Secret, PayoutError> {
        let mut kept = self.token.lock().await;
        if let Some(token) = kept.as_ref().filter(|token| Instant::now() < token.until) {
            return Ok(token.secret.clone());
        }
        let request = self
            .transport
            .request(Method::POST, "/v1/oauth2/token")
            .basic_auth(&self.client_id, Some(self.client_secret.reveal()))
            .form(&[("grant_type", "client_credentials")]);
        let Granted { access_token, expires_in } = self.transport.ask(request).await?;
        let lasts = Duration::from_secs(expires_in.into()).saturating_sub(TOKEN_MARGIN);
        *kept = Some(Token { secret: access_token.clone(), until: Instant::now() + lasts });
        Ok(access_token)
    }

    /// Forgets a token, unless another one has taken its place.
    async fn forget(&self, token: &Secret) {
        let mut kept = self.token.lock().await;
        if kept.as_ref().is_some_and(|kept| kept.secret == *token) {
            *kept = None;
        }
    }
}
