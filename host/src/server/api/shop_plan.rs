//! Plans of a shop: made, looked at, and handed to the worker to be carried out.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tillbook_core::plan::{Row, Step};
use utoipa::{IntoParams, ToSchema};

use super::{
    super::{App, access::Caller, answer::ApiError},
    body::{
        Body, BodyRefusals, FindingShape, InPath, OutsideRefusals, Refusals, ShopPath, aside,
        findings, moment, shop_of,
    },
    plan::{CallShape, PlanWithCalls},
    shop::Accepted,
};
use crate::{
    bookkeeper::{Counts, PlanError, Scope},
    store::{Activity, PlanState, ShopRow, StoredPlan, shop_of as shop_of_scope},
};

/// Orders in one plan that is asked for.
const ORDERS_MAX: usize = 1_000;

/// What a plan shall be for
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PlanAsked {
    /// WooCommerce's ids; the whole shop without
    #[serde(default)]
    #[schema(max_items = 1_000)]
    orders: Vec<u64>,
    /// Whether what was posted for these orders is to be taken back
    #[serde(default)]
    undo: bool,
}

/// An order, refund, product or customer of a plan
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PlanRowShape {
    /// `order`, `refund`, `product`, `customer` or `summary`
    #[schema(example = "order")]
    kind: String,
    /// The shop's id of it
    #[schema(example = "1201")]
    id: String,
    /// The order concerned; 0 where there is none
    order_id: u64,
    /// The document's number, the contact's name or the item's code
    number: String,
    /// What the document is to come to, a decimal in `currency`; empty where nothing is done
    amount: String,
    currency: String,
    /// How what is done can be reversed: `delete`, `void`, `unlink`, `again`, `update`, `archive`
    /// or `never`; empty where nothing is done
    reversal: String,
    /// `create`, `adopt`, `update`, `withdraw`, `settle`, `same`, `skip` or `hold`
    #[schema(example = "create")]
    fate: String,
    findings: Vec<FindingShape>,
}

impl PlanRowShape {
    fn of(row: &Row, plan: &StoredPlan) -> Self {
        // The first step is about the object itself; payments and the like follow it.
        let step = plan.steps().find(|step| step.object() == row.object);
        Self {
            kind: row.object.kind.clone(),
            id: row.object.id.clone(),
            order_id: row.order_id,
            number: row.number.clone(),
            amount: step.map(|step| step.amount.clone()).unwrap_or_default(),
            currency: step.map(|step| step.currency.clone()).unwrap_or_default(),
            reversal: step.map(|step| word(&step.reversal)).unwrap_or_default(),
            fate: word(&row.fate),
            findings: findings(&row.findings),
        }
    }
}

/// One thing that is done in Xero
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PlanStepShape {
    /// `create`, `update`, `void`, `pay`, `unpay`, `allocate` and so on
    #[schema(example = "create")]
    action: String,
    /// What it is about, as in the rows
    kind: String,
    /// The shop's id of it
    id: String,
    /// The order concerned; 0 where there is none
    order_id: u64,
    number: String,
    /// A decimal in `currency`
    amount: String,
    currency: String,
    /// How it can be reversed: `delete`, `void`, `unlink`, `again`, `update`, `archive` or `never`
    reversal: String,
    /// SHA-256 of the bytes that are sent, of a new document as the preview shows it
    sha256: String,
}

impl From<&Step> for PlanStepShape {
    fn from(step: &Step) -> Self {
        let object = step.object();
        let sent = !step.body.is_empty();
        Self {
            action: word(&step.action),
            kind: object.kind,
            id: object.id,
            order_id: step.order_id,
            number: step.number.clone(),
            amount: step.amount.clone(),
            currency: step.currency.clone(),
            reversal: word(&step.reversal),
            sha256: if sent { hex::encode(Sha256::digest(&step.body)) } else { String::new() },
        }
    }
}

/// The word of the core's contract.
fn word(of: &impl Serialize) -> String {
    let value = serde_json::to_value(of).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

/// Whether somebody wants a plan carried out, and what has become of that
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ApplyShape {
    /// `wanted`, until the next round has done it, or `failed`
    #[schema(example = "wanted")]
    state: &'static str,
    /// Why it was not carried out
    message: String,
    /// Who asked for it
    who: String,
    #[schema(format = DateTime)]
    at: String,
}

/// A plan with all that is in it
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WholePlan {
    #[serde(flatten)]
    plan: PlanWithCalls,
    /// How many documents and orders it does what with
    #[schema(value_type = Object)]
    counts: Counts,
    /// Whether there is nothing to carry out; then it is not saved
    empty: bool,
    rows: Vec<PlanRowShape>,
    steps: Vec<PlanStepShape>,
    apply: Option<ApplyShape>,
}

/// Plan what would be sent for a shop, and save it under its SHA-256; nothing is sent
#[utoipa::path(
    post,
    path = "/api/v1/shops/{shop}/plans",
    tag = "plans",
    security(("token" = [])),
    extensions(("x-role" = json!("operate")), ("x-reach" = json!("shop"))),
    params(ShopPath),
    request_body = PlanAsked,
    responses(
        (status = 201, description = "The plan", body = WholePlan),
        Refusals, BodyRefusals, OutsideRefusals
    )
)]
pub(super) async fn make(
    State(app): State<Arc<App>>,
    InPath(ShopPath { shop }): InPath<ShopPath>,
    Body(asked): Body<PlanAsked>,
) -> Result<(StatusCode, Body<WholePlan>), ApiError> {
    aside(move || async move {
        if asked.orders.len() > ORDERS_MAX {
            return Err(ApiError::bad_request(format!(
                "at most {ORDERS_MAX} orders go into one plan"
            )));
        }
        if asked.undo && asked.orders.is_empty() {
            return Err(ApiError::bad_request("name the orders that are to be taken back"));
        }
        let shop = shop_of(&app, &shop).await?;
        let branch = app.branches()?.get(&shop).await?;
        let (orders, undo) = (asked.orders, asked.undo);
        let scope = Scope { shop: shop.url.clone(), orders, undo, ..Scope::default() };
        let books = app.books()?;
        // A worker that reads the ledger at the same time would find our older copy of it.
        let plan =
            app.under_lease(&branch.id, async |_| Ok(books.plan(&branch, &scope).await?)).await?;
        if !plan.is_empty() {
            app.store.save_plan(&shop.organisation, &plan).await?;
        }
        Ok((StatusCode::CREATED, Body(whole(&app, &shop, &plan).await?)))
    })
    .await
}

/// Names one plan of a shop
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct PlanPath {
    /// The shop's name
    #[param(max_length = 64, pattern = "^[a-z0-9-]+$", example = "main")]
    shop: String,
    /// The plan's name, or the beginning of it
    #[param(pattern = "^[0-9a-f]{8,64}$")]
    plan: String,
}

/// One plan of a shop, with all that is in it
#[utoipa::path(
    get,
    path = "/api/v1/shops/{shop}/plans/{plan}",
    tag = "plans",
    security(("token" = [])),
    extensions(("x-role" = json!("view")), ("x-reach" = json!("shop"))),
    params(PlanPath),
    responses((status = 200, description = "The plan", body = WholePlan), Refusals)
)]
pub(super) async fn read(
    State(app): State<Arc<App>>,
    InPath(PlanPath { shop, plan }): InPath<PlanPath>,
) -> Result<Body<WholePlan>, ApiError> {
    let shop = shop_of(&app, &shop).await?;
    let plan = find(&app, &shop, &plan).await?;
    Ok(Body(whole(&app, &shop, &plan).await?))
}

/// Have a plan carried out by the next round, at once where nothing else is done
///
/// It is carried out only if it is still what would be planned then; what becomes of it stands in
/// the plan, and what is sent in the queue and the log.
#[utoipa::path(
    post,
    path = "/api/v1/shops/{shop}/plans/{plan}/apply",
    tag = "plans",
    security(("token" = [])),
    extensions(("x-role" = json!("operate")), ("x-reach" = json!("shop"))),
    params(PlanPath),
    responses(
        (status = 202, description = "It will be done", body = Accepted), Refusals, OutsideRefusals
    )
)]
pub(super) async fn apply(
    State(app): State<Arc<App>>,
    caller: Caller,
    InPath(PlanPath { shop, plan }): InPath<PlanPath>,
) -> Result<(StatusCode, Body<Accepted>), ApiError> {
    let shop = shop_of(&app, &shop).await?;
    let plan = find(&app, &shop, &plan).await?;
    if shop.activity != Activity::Active {
        let message = "the shop is paused or was never switched on: nothing is sent for it";
        return Err(ApiError::conflict("not_active", message));
    }
    if matches!(plan.state, PlanState::Done | PlanState::Stopped) {
        let message = format!("this plan is {}; make a new one", plan.state.as_str());
        return Err(ApiError::conflict("plan_ended", message));
    }
    let place = (shop.organisation.as_str(), shop.slug.as_str());
    app.store.want_plan(place, &plan.sha256, &caller.who(), app.clock.now()).await?;
    app.store.unpark(&shop.organisation).await?;
    app.wake.notify_one();
    Ok((StatusCode::ACCEPTED, Body(Accepted::default())))
}

/// A plan of this shop: others of its organisation are nobody's business here.
async fn find(app: &App, shop: &ShopRow, name: &str) -> Result<StoredPlan, ApiError> {
    let none = || ApiError::not_found("there is no such plan");
    if name.len() < 8 || name.len() > 64 || !name.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(none());
    }
    let found = app.store.plans(&shop.organisation, &name.to_ascii_lowercase()).await?;
    let own = |plan: &StoredPlan| shop_of_scope(&plan.scope).as_ref() == Some(&shop.url);
    found.into_iter().find(own).ok_or_else(none)
}

async fn whole(app: &App, shop: &ShopRow, plan: &StoredPlan) -> Result<WholePlan, ApiError> {
    let calls = app.store.plan_call_rows(&shop.organisation, &plan.sha256).await?;
    let calls = calls.into_iter().map(CallShape::from).collect();
    let wanted = app.store.plans_wanted(&shop.organisation, &shop.slug).await?;
    let wanted = wanted.into_iter().find(|wanted| wanted.plan == plan.sha256);
    Ok(WholePlan {
        plan: PlanWithCalls::new(plan, calls),
        counts: plan.counts(),
        empty: plan.is_empty(),
        rows: plan.rows().map(|row| PlanRowShape::of(row, plan)).collect(),
        steps: plan.steps().map(PlanStepShape::from).collect(),
        apply: wanted.map(|wanted| ApplyShape {
            state: if wanted.failure.is_empty() { "wanted" } else { "failed" },
            message: wanted.failure,
            who: wanted.who,
            at: moment(wanted.asked),
        }),
    })
}

impl From<PlanError> for ApiError {
    fn from(error: PlanError) -> Self {
        match error {
            PlanError::Shop(error) => error.into(),
            PlanError::Xero(failure) => failure.into(),
            PlanError::Core(error) => error.into(),
            PlanError::Store(error) => error.into(),
            error => Self::conflict("not_planned", error.to_string()),
        }
    }
}
