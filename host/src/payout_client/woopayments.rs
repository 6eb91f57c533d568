//! `WooPayments`, asked through the shop (Automattic/woocommerce-payments, `docs/rest-api`).

use serde::Deserialize;

use super::{Limits, Lists, PayoutError, RawJson, Span, midnight, transport::Rows};
use crate::shop_client::{PER_PAGE_MAX, ShopClient, ShopClientError};

const NAME: &str = "WooPayments";

/// Days beyond those asked for, as nobody says in which zone the plugin's server compares dates.
/// What lies outside is left out here.
const MARGIN_DAYS: i64 = 3;

/// `WooPayments` of one shop.
#[derive(Debug, Clone)]
pub struct WooPayments {
    shop: ShopClient,
    limits: Limits,
}

#[derive(Deserialize)]
struct Deposits {
    data: Vec<RawJson>,
    #[serde(default)]
    total_count: Option<u64>,
}

/// What reading needs to know of a deposit; the rest is the core's.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Deposit {
    id: String,
    /// Arrival, in milliseconds since 1970 UTC.
    date: Option<i64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Transaction {
    #[serde(rename = "transaction_id")]
    id: Option<String>,
    r#type: Option<String>,
    deposit_id: Option<String>,
}

impl WooPayments {
    pub(super) fn new(shop: ShopClient) -> Self {
        Self { shop, limits: Limits::default() }
    }

    pub(super) fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Deposits, their transactions, and those of these days that await a deposit.
    pub(super) async fn read(&self, span: Span) -> Result<Lists, PayoutError> {
        let deposits = self.deposits(span).await?;
        let mut entries = Rows::default();
        for deposit in &deposits {
            let id = head::<Deposit>(deposit).id;
            if !id.is_empty() {
                let wanted = vec![("deposit_id", id.clone())];
                self.transactions(wanted, Some(&id), &mut entries).await?;
            }
        }
        self.transactions(dates(span), None, &mut entries).await?;
        Ok((deposits, entries.into_rows()))
    }

    pub(super) async fn probe(&self, span: Span) -> Result<(), PayoutError> {
        let mut params = dates(span);
        params.extend(page("pagesize", 1, 1));
        self.get::<Deposits>("payments/deposits", &params).await?;
        Ok(())
    }

    async fn deposits(&self, span: Span) -> Result<Vec<RawJson>, PayoutError> {
        let (start, end) = (span.start().timestamp_millis(), span.end().timestamp_millis());
        let size = self.page_size();
        let (mut found, mut all) = (Rows::default(), 0);
        for number in 1..=self.limits.list_pages_max {
            let mut params = dates(span);
            params.extend(page("pagesize", size, number));
            let Deposits { data, total_count } = self.get("payments/deposits", &params).await?;
            let count = data.len();
            all += u64::try_from(count).unwrap_or(u64::MAX);
            let mut new = 0;
            for deposit in data {
                new += usize::from(found.put(&head::<Deposit>(&deposit).id, deposit));
            }
            let last = total_count.map_or(count < size, |total| count == 0 || all >= total);
            if last {
                let within = |deposit: &RawJson| {
                    head::<Deposit>(deposit).date.is_none_or(|date| (start..end).contains(&date))
                };
                return Ok(found.into_rows().into_iter().filter(within).collect());
            }
            check_progress(new)?;
        }
        Err(self.list_too_long())
    }

    /// Puts in the transactions of a deposit, or for none those that await one.
    async fn transactions(
        &self,
        filter: Vec<(&'static str, String)>,
        deposit_id: Option<&str>,
        entries: &mut Rows,
    ) -> Result<(), PayoutError> {
        let size = self.page_size();
        // Names of all rows, of those too that are left out: only so a page that comes again shows.
        let mut pages = Rows::default();
        for number in 1..=self.limits.list_pages_max {
            let mut params = filter.clone();
            params.extend(page("per_page", size, number));
            let rows: Vec<RawJson> = self.get("payments/reports/transactions", &params).await?;
            let (count, mut new) = (rows.len(), 0);
            for row in rows {
                let Transaction { id, r#type, deposit_id: own } = head(&row);
                let kind = r#type.unwrap_or_default();
                let name = id.map(|id| format!("{id} {kind}")).unwrap_or_default();
                new += usize::from(pages.put(&name, row.clone()));
                if own.as_deref().filter(|id| !id.is_empty()) == deposit_id {
                    entries.put(&name, row);
                }
            }
            if count < size {
                return Ok(());
            }
            check_progress(new)?;
        }
        Err(self.list_too_long())
    }

    async fn get<T: serde::de::DeserializeOwned>(
        &self,
        route: &str,
        params: &[(&str, String)],
    ) -> Result<T, PayoutError> {
        let body = self.shop.get(route, params).await.map_err(|error| match error {
            ShopClientError::NoWooCommerce => PayoutError::NoPlugin,
            error => PayoutError::Shop(error),
        })?;
        serde_json::from_str(body.get()).map_err(|_| shape("it is not what was asked for"))
    }

    fn page_size(&self) -> usize {
        self.limits.rows_per_page.clamp(1, PER_PAGE_MAX)
    }

    fn list_too_long(&self) -> PayoutError {
        PayoutError::ListTooLong { gateway: NAME, pages_max: self.limits.list_pages_max }
    }
}

/// Moments, as the plugin refuses days. Newest first: what is added meanwhile moves rows to later
/// pages, where they are seen twice, and none is missed.
fn dates(span: Span) -> Vec<(&'static str, String)> {
    let print = |day, later| midnight(day, later).format("%Y-%m-%d %H:%M:%S").to_string();
    vec![
        ("date_after", print(span.from, -MARGIN_DAYS)),
        ("date_before", print(span.to, MARGIN_DAYS + 1)),
    ]
}

fn page(size_name: &'static str, size: usize, number: u64) -> [(&'static str, String); 4] {
    [
        ("sort", "date".to_owned()),
        ("direction", "desc".to_owned()),
        ("page", number.to_string()),
        (size_name, size.to_string()),
    ]
}

/// A page that is not the last must bring something new.
fn check_progress(new: usize) -> Result<(), PayoutError> {
    if new == 0 {
        return Err(shape("it gives the same page again, whatever page is asked for"));
    }
    Ok(())
}

fn shape(why: &str) -> PayoutError {
    PayoutError::Shape { gateway: NAME, why: why.to_owned() }
}

/// What cannot be read this far is the core's to judge.
fn head<T: Default + for<'a> Deserialize<'a>>(row: &RawJson) -> T {
    serde_json::from_str(row.get()).unwrap_or_default()
}
