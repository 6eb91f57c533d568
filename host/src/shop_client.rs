//! The WooCommerce client: reads facts from a shop's REST API v3 and checks its webhooks.
//!
//! Bodies stay text ([`RawJson`]): the accounting core must see the digits that the shop printed.
//! Nothing is ever written to the shop, so every request may be repeated. Redirects are not
//! followed: a key must not travel to an address that nobody entered.

mod credentials;
mod error;
mod facts;
mod oauth;
mod orders;
mod transport;
pub mod webhook;

use std::time::Duration;

use serde_json::value::RawValue;

pub use credentials::{Credentials, SignIn};
pub use error::ShopClientError;
pub use facts::ShopFacts;
pub use orders::{OrderPages, OrderQuery};
use transport::{Page, Transport};

/// A JSON value as the shop printed it, digit by digit.
pub type RawJson = Box<RawValue>;

/// Objects asked for at once; WooCommerce gives no more.
pub const PER_PAGE_MAX: usize = 100;
/// Largest answer that is read: a hundred orders of 160 KiB each.
pub const RESPONSE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Longest wait for one answer, from connecting to its last byte.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// Longest wait for a connection.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Tries of one request, the first included.
pub const ATTEMPTS_MAX: u32 = 4;
/// Wait before the second try; it doubles from try to try.
pub const RETRY_DELAY: Duration = Duration::from_millis(500);
/// Longest wait between two tries; a shop that asks for more is left alone until later.
pub const RETRY_DELAY_MAX: Duration = Duration::from_secs(20);
/// Pages of a list that does not page by date; beyond, the list is refused.
pub const LIST_PAGES_MAX: u64 = 500;

/// The client's limits; [`Default`] gives the constants of this module.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// See [`RESPONSE_BYTES_MAX`].
    pub response_bytes_max: usize,
    /// See [`REQUEST_TIMEOUT`].
    pub request_timeout: Duration,
    /// See [`CONNECT_TIMEOUT`].
    pub connect_timeout: Duration,
    /// See [`ATTEMPTS_MAX`].
    pub attempts_max: u32,
    /// See [`RETRY_DELAY`].
    pub retry_delay: Duration,
    /// See [`RETRY_DELAY_MAX`].
    pub retry_delay_max: Duration,
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
            list_pages_max: LIST_PAGES_MAX,
        }
    }
}

/// A shop that can be asked.
#[derive(Debug, Clone)]
pub struct ShopClient {
    transport: Transport,
}

impl ShopClient {
    /// Makes a client for the shop at `base_url`, the Site Address of `WordPress`' settings.
    ///
    /// # Errors
    /// [`ShopClientError::Address`] for an address that is no `http` or `https` URL.
    pub fn new(base_url: &str, credentials: Credentials) -> Result<Self, ShopClientError> {
        Self::with_limits(base_url, credentials, SignIn::Auto, Limits::default())
    }

    /// Makes a client with its own limits and way of signing in.
    ///
    /// # Errors
    /// As [`ShopClient::new`].
    pub fn with_limits(
        base_url: &str,
        credentials: Credentials,
        sign_in: SignIn,
        limits: Limits,
    ) -> Result<Self, ShopClientError> {
        let transport = Transport::new(base_url, credentials, sign_in, limits)?;
        Ok(Self { transport })
    }

    /// The shop's address, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        self.transport.base_url()
    }

    /// Reads one order, a trashed one too; `dp` decimals, else the shop's own.
    ///
    /// # Errors
    /// [`ShopClientError::NotFound`] when it is deleted, and what any request may meet.
    pub async fn order(&self, id: u64, dp: Option<u32>) -> Result<RawJson, ShopClientError> {
        let page = self.transport.get(&format!("orders/{id}"), &dp_param(dp)).await?;
        page.one()
    }

    /// Finds the order with a number, which plugins may make differ from the id.
    ///
    /// WooCommerce has no filter for numbers: the id is tried first, then the search.
    ///
    /// # Errors
    /// What any request may meet.
    pub async fn order_by_number(
        &self,
        number: &str,
        dp: Option<u32>,
    ) -> Result<Option<RawJson>, ShopClientError> {
        if let Ok(id) = number.parse() {
            match self.order(id, dp).await {
                Ok(order) if has_number(&order, number) => return Ok(Some(order)),
                Ok(_) | Err(ShopClientError::NotFound { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        let mut params = dp_param(dp);
        params.push(("search", number.to_owned()));
        params.push(("per_page", PER_PAGE_MAX.to_string()));
        let found = self.transport.get("orders", &params).await?.many()?;
        Ok(found.into_iter().find(|order| has_number(order, number)))
    }

    /// Reads one page of a list for people, newest first, with how many there are in all.
    ///
    /// # Errors
    /// What any request may meet.
    pub async fn page(
        &self,
        route: &str,
        params: &[(&str, String)],
    ) -> Result<(Vec<RawJson>, u64), ShopClientError> {
        let page = self.transport.get(route, params).await?;
        let total = page.total;
        let found = page.many()?;
        let total = total.unwrap_or_else(|| u64::try_from(found.len()).unwrap_or(0));
        Ok((found, total))
    }

    /// Reads orders page by page.
    #[must_use]
    pub fn orders(&self, query: OrderQuery) -> OrderPages {
        OrderPages::new(self.transport.clone(), query)
    }

    /// Reads an order's refunds, oldest first; they are not paged by date, as an order has few.
    ///
    /// # Errors
    /// [`ShopClientError::NotFound`] when the order is deleted, and what any request may meet.
    pub async fn refunds(
        &self,
        order_id: u64,
        dp: Option<u32>,
    ) -> Result<Vec<RawJson>, ShopClientError> {
        let mut params = dp_param(dp);
        params.push(("orderby", "id".to_owned()));
        params.push(("order", "asc".to_owned()));
        self.list(&format!("orders/{order_id}/refunds"), params).await
    }

    /// Reads fields of all refunds of the shop, by id, or of those made after a moment (naive UTC).
    ///
    /// # Errors
    /// [`ShopClientError::NoWooCommerce`] before WooCommerce 9.0, which has no such list, and what
    /// any request may meet.
    pub async fn all_refunds(
        &self,
        fields: &str,
        after: Option<&str>,
    ) -> Result<Vec<RawJson>, ShopClientError> {
        self.list("refunds", with_fields(fields, after.map(|after| ("after", after)))).await
    }

    /// Reads fields of the products that changed after a moment (naive UTC, exclusive), by id.
    ///
    /// # Errors
    /// What any request may meet.
    pub async fn products_changed(
        &self,
        fields: &str,
        after: &str,
    ) -> Result<Vec<RawJson>, ShopClientError> {
        self.list("products", with_fields(fields, Some(("modified_after", after)))).await
    }

    /// Reads fields of all customers, whatever their role, by id.
    ///
    /// # Errors
    /// What any request may meet.
    pub async fn customers_brief(&self, fields: &str) -> Result<Vec<RawJson>, ShopClientError> {
        self.list("customers", with_fields(fields, Some(("role", "all")))).await
    }

    /// Reads fields of some orders, those of a status or `any`; ids that are gone are left out.
    ///
    /// # Errors
    /// What any request may meet.
    pub async fn orders_by_id(
        &self,
        ids: &[u64],
        fields: &str,
        status: &str,
    ) -> Result<Vec<RawJson>, ShopClientError> {
        self.named("orders", ids, &[("status", status), ("_fields", fields)]).await
    }

    /// Reads orders by id, whatever their status but the trash; ids that are gone are left out.
    ///
    /// # Errors
    /// What any request may meet.
    pub async fn whole_orders_by_id(
        &self,
        ids: &[u64],
        dp: Option<u32>,
    ) -> Result<Vec<RawJson>, ShopClientError> {
        let dp = dp.map(|dp| dp.to_string());
        let mut more = vec![("status", "any")];
        more.extend(dp.as_deref().map(|dp| ("dp", dp)));
        self.named("orders", ids, &more).await
    }

    /// Reads products by id; ids that are gone are left out.
    ///
    /// # Errors
    /// What any request may meet.
    pub async fn products(&self, ids: &[u64]) -> Result<Vec<RawJson>, ShopClientError> {
        self.named("products", ids, &[]).await
    }

    /// Reads one product, or one variation.
    ///
    /// # Errors
    /// [`ShopClientError::NotFound`], and what any request may meet.
    pub async fn product(&self, id: u64) -> Result<RawJson, ShopClientError> {
        self.transport.get(&format!("products/{id}"), &[]).await?.one()
    }

    /// Reads customers by id, whatever their role; ids that are gone are left out.
    ///
    /// # Errors
    /// What any request may meet.
    pub async fn customers_by_id(&self, ids: &[u64]) -> Result<Vec<RawJson>, ShopClientError> {
        // The list alone has customers of the role `customer` only.
        self.named("customers", ids, &[("role", "all")]).await
    }

    /// Reads any route below `/wc/v3/`, such as a plugin's own.
    pub(crate) async fn get(
        &self,
        route: &str,
        params: &[(&str, String)],
    ) -> Result<RawJson, ShopClientError> {
        self.transport.get(route, params).await?.one()
    }

    async fn named(
        &self,
        route: &str,
        ids: &[u64],
        more: &[(&'static str, &str)],
    ) -> Result<Vec<RawJson>, ShopClientError> {
        let mut found = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(PER_PAGE_MAX) {
            let ids: Vec<String> = chunk.iter().map(u64::to_string).collect();
            let mut params = by_id();
            params.push(("include", ids.join(",")));
            params.push(("per_page", PER_PAGE_MAX.to_string()));
            params.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
            found.extend(self.transport.get(route, &params).await?.many()?);
        }
        Ok(found)
    }

    /// Reads all products without variations, by id.
    ///
    /// # Errors
    /// What any request may meet.
    pub async fn all_products(&self) -> Result<Vec<RawJson>, ShopClientError> {
        self.list("products", by_id()).await
    }

    /// Reads a product's variations.
    ///
    /// # Errors
    /// What any request may meet.
    pub async fn variations(&self, product_id: u64) -> Result<Vec<RawJson>, ShopClientError> {
        self.list(&format!("products/{product_id}/variations"), by_id()).await
    }

    /// Reads all customers with an account, by id.
    ///
    /// # Errors
    /// What any request may meet.
    pub async fn customers(&self) -> Result<Vec<RawJson>, ShopClientError> {
        let mut params = by_id();
        params.push(("role", "all".to_owned()));
        self.list("customers", params).await
    }

    /// Reads all tax rates.
    ///
    /// # Errors
    /// What any request may meet.
    pub async fn tax_rates(&self) -> Result<Vec<RawJson>, ShopClientError> {
        self.list("taxes", by_id()).await
    }

    /// Reads the tax classes.
    ///
    /// # Errors
    /// What any request may meet.
    pub async fn tax_classes(&self) -> Result<Vec<RawJson>, ShopClientError> {
        self.transport.get("taxes/classes", &[]).await?.many()
    }

    /// Reads the payment gateways.
    ///
    /// # Errors
    /// What any request may meet.
    pub async fn gateways(&self) -> Result<Vec<RawJson>, ShopClientError> {
        self.transport.get("payment_gateways", &[]).await?.many()
    }

    /// Reads the webhooks with their status: a disabled one tells nothing any more.
    ///
    /// # Errors
    /// What any request may meet.
    pub async fn webhooks(&self) -> Result<Vec<RawJson>, ShopClientError> {
        self.list("webhooks", by_id()).await
    }

    /// Reads the settings that decide totals, and the site's zone.
    ///
    /// # Errors
    /// [`ShopClientError::Shape`] when a setting is missing, and what any request may meet.
    pub async fn settings(&self) -> Result<ShopFacts, ShopClientError> {
        let index = self.transport.index().await?;
        let general = self.transport.get("settings/general", &[]).await?;
        let tax = self.transport.get("settings/tax", &[]).await?;
        ShopFacts::read(self.base_url(), &index.body, &general.body, &tax.body)
    }

    /// Reads a whole list that has no dates to page by. Ids rise, so what is added meanwhile comes
    /// last; what is deleted meanwhile may hide one object until the next reading.
    async fn list(
        &self,
        route: &str,
        mut params: Vec<(&'static str, String)>,
    ) -> Result<Vec<RawJson>, ShopClientError> {
        params.push(("per_page", PER_PAGE_MAX.to_string()));
        let pages_max = self.transport.limits().list_pages_max;
        let mut all = Vec::new();
        for number in 1..=pages_max {
            let mut params = params.clone();
            params.push(("page", number.to_string()));
            let page: Page = self.transport.get(route, &params).await?;
            let pages = page.pages;
            let items = page.many()?;
            // A proxy may drop the header; a page that is not full is the last one too.
            let full = items.len() >= PER_PAGE_MAX;
            all.extend(items);
            if pages.map_or(!full, |pages| number >= pages) {
                return Ok(all);
            }
        }
        Err(ShopClientError::ListTooLong { route: route.to_owned(), pages_max })
    }
}

fn with_fields(fields: &str, more: Option<(&'static str, &str)>) -> Vec<(&'static str, String)> {
    let mut params = by_id();
    params.push(("_fields", fields.to_owned()));
    if let Some((name, value)) = more {
        params.push((name, value.to_owned()));
        // Only with it are naive dates those of the UTC column.
        params.push(("dates_are_gmt", String::from("true")));
    }
    params
}

fn by_id() -> Vec<(&'static str, String)> {
    vec![("orderby", "id".to_owned()), ("order", "asc".to_owned())]
}

fn dp_param(dp: Option<u32>) -> Vec<(&'static str, String)> {
    dp.map(|dp| ("dp", dp.to_string())).into_iter().collect()
}

fn has_number(order: &RawValue, number: &str) -> bool {
    #[derive(serde::Deserialize)]
    struct Numbered {
        number: String,
    }
    serde_json::from_str::<Numbered>(order.get()).is_ok_and(|order| order.number == number)
}
