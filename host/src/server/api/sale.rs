//! Orders of the shop, as it gives them: a list to choose from, and whole ones for a preview.

use std::sync::Arc;

use axum::extract::State;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use super::{
    super::{App, answer::ApiError},
    body::{Body, InPath, InQuery, OutsideRefusals, Refusals, ShopPath, ids_of, is_odd, shop_of},
};
use crate::{
    branch::shop_config, door::Sale, facts::FactSource as _, shop_client::ShopClientError,
    shop_facts::ShopSource, store::ShopRow,
};

const PER_PAGE: u32 = 20;
const PER_PAGE_MAX: u32 = 100;
const PAGE_MAX: u32 = 1_000_000;
const FIELDS: &str = "id,number,date_created,status,total,currency,billing";

/// Which orders
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Criteria {
    /// Words, or the number
    #[serde(default)]
    #[param(max_length = 200, pattern = "^[^\\x00-\\x1F\\x7F]*$")]
    search: String,
    /// Only those of this status, without `wc-`; several between commas
    #[serde(default)]
    #[param(max_length = 200, pattern = "^[a-z0-9,-]*$", example = "processing")]
    status: String,
    /// The first day on which they were made, by the shop's clock
    #[param(value_type = Option<String>, format = Date, example = "2026-11-01")]
    from: Option<NaiveDate>,
    /// The last day
    #[param(value_type = Option<String>, format = Date, example = "2026-11-30")]
    to: Option<NaiveDate>,
    /// From 1
    #[param(minimum = 1, maximum = 1_000_000)]
    page: Option<u32>,
    /// At most so many, 20 unless said
    #[param(minimum = 1, maximum = 100)]
    per_page: Option<u32>,
}

/// An order in a list
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ListedOrder {
    /// WooCommerce's id
    #[schema(example = 1201)]
    id: u64,
    /// The number that people see
    number: String,
    /// When it was made, by the shop's clock
    date: String,
    /// Its status, without `wc-`
    status: String,
    /// What the customer is charged
    total: String,
    /// ISO 4217 code
    currency: String,
    /// Who bought
    name: String,
}

/// One page of orders
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Orders {
    orders: Vec<ListedOrder>,
    /// How many there are in all
    total: u64,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Head {
    id: u64,
    number: String,
    date_created: Option<String>,
    status: String,
    total: String,
    currency: String,
    billing: Billing,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Billing {
    first_name: String,
    last_name: String,
    company: String,
}

impl From<Head> for ListedOrder {
    fn from(head: Head) -> Self {
        let Billing { first_name, last_name, company } = head.billing;
        let name = format!("{first_name} {last_name}").trim().to_owned();
        Self {
            id: head.id,
            number: head.number,
            date: head.date_created.unwrap_or_default(),
            status: head.status,
            total: head.total,
            currency: head.currency,
            name: if name.is_empty() { company } else { name },
        }
    }
}

/// Orders of the shop to choose from, newest first; the shop is asked
#[utoipa::path(
    get,
    path = "/api/v1/shops/{shop}/orders",
    tag = "shops",
    security(("token" = [])),
    extensions(("x-role" = json!("view")), ("x-reach" = json!("shop"))),
    params(ShopPath, Criteria),
    responses((status = 200, description = "One page", body = Orders), Refusals, OutsideRefusals)
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    InPath(ShopPath { shop }): InPath<ShopPath>,
    InQuery(wanted): InQuery<Criteria>,
) -> Result<Body<Orders>, ApiError> {
    let (page, per_page) = (wanted.page.unwrap_or(1), wanted.per_page.unwrap_or(PER_PAGE));
    if !(1..=PAGE_MAX).contains(&page) || !(1..=PER_PAGE_MAX).contains(&per_page) {
        let message =
            format!("`page` is from 1 to {PAGE_MAX}, `per_page` from 1 to {PER_PAGE_MAX}");
        return Err(ApiError::bad_request(message));
    }
    let odd_status =
        |one: char| !(one.is_ascii_lowercase() || one.is_ascii_digit() || ",-".contains(one));
    if is_odd(&wanted.search, 200)
        || is_odd(&wanted.status, 200)
        || wanted.status.contains(odd_status)
    {
        return Err(ApiError::bad_request("`search` or `status` cannot be understood"));
    }
    let shop = shop_of(&app, &shop).await?;
    let mut params = vec![
        ("page", page.to_string()),
        ("per_page", per_page.to_string()),
        ("orderby", String::from("date")),
        ("order", String::from("desc")),
        ("_fields", String::from(FIELDS)),
        ("status", if wanted.status.is_empty() { String::from("any") } else { wanted.status }),
    ];
    if !wanted.search.is_empty() {
        params.push(("search", wanted.search));
    }
    // Both bounds are exclusive, and of the shop's own clock.
    if let Some(before) = wanted.from.and_then(|day| day.pred_opt()) {
        params.push(("after", format!("{before}T23:59:59")));
    }
    if let Some(behind) = wanted.to.and_then(|day| day.succ_opt()) {
        params.push(("before", format!("{behind}T00:00:00")));
    }
    let source = ShopSource::open(&shop_config(&app.whole, &shop)?)?;
    let (found, total) = source.client().page("orders", &params).await.map_err(refused)?;
    let orders = found
        .iter()
        .filter_map(|order| serde_json::from_str::<Head>(order.get()).ok())
        .map(ListedOrder::from)
        .collect();
    Ok(Body(Orders { orders, total }))
}

/// A shop that does not know the status, or minds something else of the question.
fn refused(error: ShopClientError) -> ApiError {
    match error {
        ShopClientError::Refused { status: 400, message, .. } => {
            ApiError::conflict("shop_refused", format!("the shop does not list that: {message}"))
        }
        error => error.into(),
    }
}

/// Which orders
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Named {
    /// WooCommerce's ids between commas, at most a hundred
    #[param(pattern = "^[1-9][0-9]{0,14}(,[1-9][0-9]{0,14}){0,99}$", example = "1201,1202")]
    ids: String,
}

/// An order with what belongs to it, as WooCommerce gives it
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SaleShape {
    /// `GET /orders/{id}` with six decimals
    #[schema(value_type = Object)]
    order: Box<RawValue>,
    /// `GET /orders/{id}/refunds`, oldest first
    #[schema(value_type = Vec<Object>)]
    refunds: Vec<Box<RawValue>>,
    /// `GET /customers/{id}`, where a setting goes by the customer's role
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    customer: Option<Box<RawValue>>,
}

impl From<Sale> for SaleShape {
    fn from(sale: Sale) -> Self {
        Self { order: sale.order, refunds: sale.refunds, customer: sale.customer }
    }
}

/// Orders as the worker reads them
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Sales {
    /// In the order in which they were asked for; those that the shop does not have are missing
    sales: Vec<SaleShape>,
    /// The products that they name
    #[schema(value_type = Vec<Object>)]
    products: Vec<Box<RawValue>>,
}

/// Orders with refunds and products, exactly as the worker reads them from the shop
#[utoipa::path(
    get,
    path = "/api/v1/shops/{shop}/sales",
    tag = "shops",
    security(("token" = [])),
    extensions(("x-role" = json!("view")), ("x-reach" = json!("shop"))),
    params(ShopPath, Named),
    responses((status = 200, description = "The orders", body = Sales), Refusals, OutsideRefusals)
)]
pub(super) async fn read(
    State(app): State<Arc<App>>,
    InPath(ShopPath { shop }): InPath<ShopPath>,
    InQuery(Named { ids }): InQuery<Named>,
) -> Result<Body<Sales>, ApiError> {
    let ids = ids_of(&ids)?;
    let shop = shop_of(&app, &shop).await?;
    let facts = source_of(&app, &shop).await?.read_facts(&ids).await?;
    let sales = facts.sales.into_iter().map(|(_, sale)| SaleShape::from(sale)).collect();
    Ok(Body(Sales { sales, products: facts.products }))
}

/// The shop, read as its settings ask for.
async fn source_of(app: &App, shop: &ShopRow) -> Result<ShopSource, ApiError> {
    let source = ShopSource::open(&shop_config(&app.whole, shop)?)?;
    let stored = app.store.settings(&shop.organisation, &shop.url).await?;
    let settings = stored.and_then(|stored| serde_json::from_str(&stored.json).ok());
    Ok(settings.map_or(source.clone(), |settings| source.for_settings(&settings)))
}
