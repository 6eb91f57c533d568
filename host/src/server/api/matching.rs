//! Who in the shop is whom in Xero, and which product is which item: what the core finds, and what
//! people confirm.
//!
//! A confirmation is a link, kept as those that the worker makes: previews and invoices name that
//! contact or item from then on, and nothing of it is changed in Xero.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tillbook_core::{
    contract::{CONTRACT_VERSION, CustomerMatch, MatchRequest},
    matching::By,
    plan::{RecordKind, RecordLink},
    settings::ContactMode,
};
use utoipa::{IntoParams, ToSchema};

use super::{
    super::{App, access::Caller, answer::ApiError},
    body::{
        Body, BodyRefusals, FindingShape, InPath, InQuery, OutsideRefusals, Refusals, ShopPath,
        aside, checked, findings, is_odd, limited, shop_of,
    },
    matching_items::products_page,
};
use crate::{
    bookkeeper::{patiently, read_all},
    door::as_refs,
    facts::FactSource as _,
    server::READ_PATIENCE,
    shop_facts::ShopSource,
    worker::Organisation,
    xero_client::XeroClient,
};

/// What Xero has is read again after this.
const LEDGER_AGE: Duration = Duration::from_mins(5);
/// Orders or products on one page.
const PER_PAGE: u32 = 100;
/// Contacts or items in one answer to a search.
const FOUND: u32 = 20;
/// Where Xero has its contacts, archived ones too.
const CONTACTS: &str = "Contacts?includeArchived=true";
/// Where Xero has its items.
pub(super) const ITEMS: &str = "Items";
/// Pairs in one confirmation.
const PAIRS_MAX: usize = 500;

/// A shop's branch with what its organisation has.
pub(super) type Branch = Arc<Organisation<ShopSource>>;
/// What Xero has of one kind.
pub(crate) type Ledger = Arc<Vec<Box<RawValue>>>;

/// Which ones
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// Words to look for
    #[serde(default)]
    #[param(max_length = 200, pattern = "^[^\\x00-\\x1F\\x7F]*$")]
    pub(super) search: String,
    /// Only those in this state, of the orders or products of one page
    #[param(inline)]
    pub(super) state: Option<MatchWord>,
    /// Orders or products that are looked at, 100 unless said
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// Those behind this place: `next` of the page before
    #[param(pattern = "^([1-9][0-9]{0,4})?$")]
    after: Option<String>,
}

impl Wanted {
    /// The page, and how many are on one.
    pub(super) fn page(&self) -> Result<(u32, u32), ApiError> {
        let per_page = limited(self.limit, PER_PAGE, PER_PAGE)?;
        let page =
            self.after.as_deref().filter(|after| !after.is_empty()).map_or(Some(1), |after| {
                after.parse().ok().filter(|page| (1..=100_000).contains(page))
            });
        let message = "`after` is none of the places that were given";
        let page = page.ok_or_else(|| ApiError::bad_request(message))?;
        said(&self.search)?;
        Ok((page, per_page))
    }
}

fn said(search: &str) -> Result<(), ApiError> {
    if is_odd(search, 200) {
        return Err(ApiError::bad_request("`search` cannot be understood"));
    }
    Ok(())
}

/// How a customer or product stands with Xero
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum MatchWord {
    /// It cannot be said which one it is: a person must
    Ambiguous,
    /// None was found, but some could be meant
    Suggested,
    /// None was found; what is made is a new one, where new ones are made at all
    None,
    /// It was found by what both sides say
    Found,
    /// It is linked: by a person, or because it was sent
    Linked,
}

/// What could be meant
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SuggestionShape {
    /// Xero's id of it
    xero_id: String,
    /// Its name in Xero
    name: String,
    /// 1 to 99; the more, the likelier
    score: u32,
    /// Why, for people
    reason: String,
}

/// A customer or product, and what it is in Xero
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MatchShape {
    /// What names it when it is confirmed
    pub(super) key: String,
    /// Its name in the shop
    pub(super) name: String,
    /// A customer's e-mail address, a product's SKU
    pub(super) detail: String,
    pub(super) state: MatchWord,
    /// Xero's id of the contact or item
    pub(super) xero_id: Option<String>,
    /// A contact's name, an item's code
    pub(super) xero_name: Option<String>,
    /// By what it was found: `link`, `number`, `email`, `tax_number`, `name_and_postcode`, `code`
    /// or `name`
    pub(super) by: Option<String>,
    /// Contacts that could be meant; for products there are none, look for one instead
    pub(super) suggestions: Vec<SuggestionShape>,
    /// Why it cannot be said which one it is
    pub(super) findings: Vec<FindingShape>,
}

impl From<CustomerMatch> for MatchShape {
    fn from(found: CustomerMatch) -> Self {
        let state = match (found.by, found.findings.is_empty(), found.suggestions.is_empty()) {
            (Some(By::Link), ..) => MatchWord::Linked,
            (Some(_), ..) => MatchWord::Found,
            (None, false, _) => MatchWord::Ambiguous,
            (None, true, false) => MatchWord::Suggested,
            (None, true, true) => MatchWord::None,
        };
        let suggestions = found.suggestions.into_iter().map(|one| SuggestionShape {
            xero_id: one.contact_id,
            name: one.name,
            score: one.score,
            reason: one.reason,
        });
        Self {
            key: found.key,
            name: found.name,
            detail: found.email,
            state,
            xero_id: found.contact_id,
            xero_name: found.contact_name,
            by: found.by.map(by_word),
            suggestions: suggestions.collect(),
            findings: findings(&found.findings),
        }
    }
}

fn by_word(by: By) -> String {
    let value = serde_json::to_value(by).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

/// A page of customers or products
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MatchPage {
    /// Whether they are matched at all: customers where each is a contact, products where lines
    /// bear item codes
    pub(super) used: bool,
    /// Those that need a person first
    pub(super) matches: Vec<MatchShape>,
    /// How many of the page are in which state, whatever was asked for
    pub(super) counts: BTreeMap<MatchWord, u32>,
    /// Give this as `after` for the next page; none at the end
    pub(super) next: Option<String>,
}

impl MatchPage {
    pub(super) fn of(
        used: bool,
        mut matches: Vec<MatchShape>,
        wanted: &Wanted,
        next: Option<u32>,
    ) -> Self {
        let mut counts = BTreeMap::new();
        for one in &matches {
            *counts.entry(one.state).or_insert(0) += 1;
        }
        matches.retain(|one| wanted.state.is_none_or(|state| state == one.state));
        matches.sort_by_key(|one| one.state);
        Self { used, matches, counts, next: next.map(|page| page.to_string()) }
    }
}

/// Who the customers of the shop's newest orders are in Xero
///
/// Pages go by orders: one page has the customers of so many orders.
#[utoipa::path(
    get,
    path = "/api/v1/shops/{shop}/matching/customers",
    tag = "shops",
    security(("token" = [])),
    extensions(("x-role" = json!("view")), ("x-reach" = json!("shop"))),
    params(ShopPath, Wanted),
    responses(
        (status = 200, description = "A page of customers", body = MatchPage),
        Refusals, OutsideRefusals
    )
)]
pub(super) async fn customers(
    State(app): State<Arc<App>>,
    InPath(ShopPath { shop }): InPath<ShopPath>,
    InQuery(wanted): InQuery<Wanted>,
) -> Result<Body<MatchPage>, ApiError> {
    aside(move || async move { customers_page(&app, &shop, &wanted).await.map(Body) }).await
}

async fn customers_page(app: &App, slug: &str, wanted: &Wanted) -> Result<MatchPage, ApiError> {
    let (page, per_page) = wanted.page()?;
    let shop = shop_of(app, slug).await?;
    let branch = app.branches()?.get(&shop).await?;
    if branch.settings.contact.mode != ContactMode::Each {
        return Ok(MatchPage::of(false, Vec::new(), wanted, None));
    }
    let mut params = listing(&wanted.search, page, per_page);
    params.push(("status", String::from("any")));
    params.push(("_fields", String::from("id")));
    let (listed, total) = branch.facts.client().page("orders", &params).await?;
    let ids: Vec<u64> = listed.iter().filter_map(|order| id_of(order)).collect();
    let facts = branch.facts.read_facts(&ids).await?;
    let contacts = app.ledger(&branch, CONTACTS).await?;
    let request = MatchRequest {
        contract: CONTRACT_VERSION,
        settings: branch.settings.clone(),
        sales: facts.sales.iter().map(|(_, sale)| sale.as_input()).collect(),
        contacts: as_refs(&contacts),
        records: app.store.records(&branch.id, &branch.shop_url).await?,
    };
    let found = app.branches()?.opener().door.match_customers(&request).await?.customers;
    let matches = found.into_iter().map(MatchShape::from).collect();
    Ok(MatchPage::of(true, matches, wanted, more((page, per_page), total)))
}

/// The page behind one, if there is any.
pub(super) fn more((page, per_page): (u32, u32), total: u64) -> Option<u32> {
    (u64::from(page) * u64::from(per_page) < total).then_some(page + 1)
}

/// What lists of the shop are asked with.
pub(super) fn listing(search: &str, page: u32, per_page: u32) -> Vec<(&'static str, String)> {
    let mut params = vec![
        ("page", page.to_string()),
        ("per_page", per_page.to_string()),
        ("orderby", String::from("date")),
        ("order", String::from("desc")),
    ];
    if !search.is_empty() {
        params.push(("search", search.to_owned()));
    }
    params
}

pub(super) fn id_of(object: &RawValue) -> Option<u64> {
    #[derive(Deserialize)]
    struct Head {
        id: u64,
    }
    serde_json::from_str::<Head>(object.get()).ok().map(|head| head.id)
}

/// The shop's products, and which items they are in Xero
#[utoipa::path(
    get,
    path = "/api/v1/shops/{shop}/matching/products",
    tag = "shops",
    security(("token" = [])),
    extensions(("x-role" = json!("view")), ("x-reach" = json!("shop"))),
    params(ShopPath, Wanted),
    responses(
        (status = 200, description = "A page of products", body = MatchPage),
        Refusals, OutsideRefusals
    )
)]
pub(super) async fn products(
    State(app): State<Arc<App>>,
    InPath(ShopPath { shop }): InPath<ShopPath>,
    InQuery(wanted): InQuery<Wanted>,
) -> Result<Body<MatchPage>, ApiError> {
    aside(move || async move {
        let shop = shop_of(&app, &shop).await?;
        let branch = app.branches()?.get(&shop).await?;
        products_page(&app, &branch, &wanted).await.map(Body)
    })
    .await
}

/// What to look for
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Words {
    /// A part of a name, a code or an e-mail address
    #[serde(default)]
    #[param(max_length = 200, pattern = "^[^\\x00-\\x1F\\x7F]*$")]
    search: String,
    /// At most so many, 20 unless said
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

/// Something of Xero's
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct InXero {
    xero_id: String,
    /// A contact's name, an item's code
    name: String,
    /// A contact's e-mail address, an item's name
    detail: String,
}

/// Things of Xero's that were found
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Found {
    found: Vec<InXero>,
}

/// Look for a contact in Xero
#[utoipa::path(
    get,
    path = "/api/v1/shops/{shop}/matching/customers/ledger",
    tag = "shops",
    security(("token" = [])),
    extensions(("x-role" = json!("view")), ("x-reach" = json!("shop"))),
    params(ShopPath, Words),
    responses((status = 200, description = "Contacts", body = Found), Refusals, OutsideRefusals)
)]
pub(super) async fn contacts(
    State(app): State<Arc<App>>,
    InPath(ShopPath { shop }): InPath<ShopPath>,
    InQuery(words): InQuery<Words>,
) -> Result<Body<Found>, ApiError> {
    aside(move || async move { look_for(&app, &shop, RecordKind::Contact, &words).await }).await
}

/// Look for an item in Xero
#[utoipa::path(
    get,
    path = "/api/v1/shops/{shop}/matching/products/ledger",
    tag = "shops",
    security(("token" = [])),
    extensions(("x-role" = json!("view")), ("x-reach" = json!("shop"))),
    params(ShopPath, Words),
    responses((status = 200, description = "Items", body = Found), Refusals, OutsideRefusals)
)]
pub(super) async fn items(
    State(app): State<Arc<App>>,
    InPath(ShopPath { shop }): InPath<ShopPath>,
    InQuery(words): InQuery<Words>,
) -> Result<Body<Found>, ApiError> {
    aside(move || async move { look_for(&app, &shop, RecordKind::Item, &words).await }).await
}

async fn look_for(
    app: &App,
    slug: &str,
    kind: RecordKind,
    words: &Words,
) -> Result<Body<Found>, ApiError> {
    said(&words.search)?;
    let limit = usize::try_from(limited(words.limit, FOUND, PER_PAGE)?).unwrap_or_default();
    let shop = shop_of(app, slug).await?;
    let branch = app.branches()?.get(&shop).await?;
    let (path, fields) = in_xero(kind);
    let all = app.ledger(&branch, path).await?;
    let words = words.search.to_lowercase();
    let read = |object: &RawValue| {
        let [xero_id, name, detail] =
            fields.map(|field| XeroClient::text_field(object, field).unwrap_or_default());
        InXero { xero_id, name, detail }
    };
    let fits = |one: &InXero| {
        one.name.to_lowercase().contains(&words) || one.detail.to_lowercase().contains(&words)
    };
    Ok(Body(Found { found: all.iter().map(|one| read(one)).filter(fits).take(limit).collect() }))
}

/// Where Xero has them, and their fields: id, what people know them by, and more.
const fn in_xero(kind: RecordKind) -> (&'static str, [&'static str; 3]) {
    match kind {
        RecordKind::Contact => (CONTACTS, ["ContactID", "Name", "EmailAddress"]),
        RecordKind::Item => (ITEMS, ["ItemID", "Code", "Name"]),
    }
}

/// Who is whom, said by a person
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Pair {
    /// The customer's or product's key, as the list gives it
    #[schema(min_length = 1, max_length = 200, pattern = "^[^\\x00-\\x1F\\x7F]*$")]
    key: String,
    /// Xero's id of the contact or item; none ends the link
    #[schema(min_length = 1, max_length = 64)]
    xero_id: Option<String>,
}

/// Pairs that a person confirms
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Pairs {
    #[schema(max_items = 500)]
    matches: Vec<Pair>,
}

/// How many were confirmed
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Confirmed {
    confirmed: usize,
}

/// Confirm which contacts customers are
#[utoipa::path(
    post,
    path = "/api/v1/shops/{shop}/matching/customers",
    tag = "shops",
    security(("token" = [])),
    extensions(("x-role" = json!("configure")), ("x-reach" = json!("shop"))),
    params(ShopPath),
    request_body = Pairs,
    responses(
        (status = 200, description = "They are linked", body = Confirmed),
        Refusals, BodyRefusals, OutsideRefusals
    )
)]
pub(super) async fn confirm_customers(
    State(app): State<Arc<App>>,
    caller: Caller,
    InPath(ShopPath { shop }): InPath<ShopPath>,
    Body(Pairs { matches }): Body<Pairs>,
) -> Result<Body<Confirmed>, ApiError> {
    aside(move || async move { confirm(&app, &caller, &shop, RecordKind::Contact, matches).await })
        .await
}

/// Confirm which items products are
#[utoipa::path(
    post,
    path = "/api/v1/shops/{shop}/matching/products",
    tag = "shops",
    security(("token" = [])),
    extensions(("x-role" = json!("configure")), ("x-reach" = json!("shop"))),
    params(ShopPath),
    request_body = Pairs,
    responses(
        (status = 200, description = "They are linked", body = Confirmed),
        Refusals, BodyRefusals, OutsideRefusals
    )
)]
pub(super) async fn confirm_products(
    State(app): State<Arc<App>>,
    caller: Caller,
    InPath(ShopPath { shop }): InPath<ShopPath>,
    Body(Pairs { matches }): Body<Pairs>,
) -> Result<Body<Confirmed>, ApiError> {
    aside(move || async move { confirm(&app, &caller, &shop, RecordKind::Item, matches).await })
        .await
}

async fn confirm(
    app: &App,
    caller: &Caller,
    slug: &str,
    kind: RecordKind,
    pairs: Vec<Pair>,
) -> Result<Body<Confirmed>, ApiError> {
    if pairs.len() > PAIRS_MAX {
        return Err(ApiError::bad_request(format!("at most {PAIRS_MAX} pairs at once")));
    }
    let shop = shop_of(app, slug).await?;
    let branch = app.branches()?.get(&shop).await?;
    let (path, [id, name, _]) = in_xero(kind);
    let there = app.ledger(&branch, path).await?;
    let names: BTreeMap<String, String> = there
        .iter()
        .filter_map(|object| {
            let id = XeroClient::text_field(object, id)?.to_lowercase();
            Some((id, XeroClient::text_field(object, name).unwrap_or_default()))
        })
        .collect();
    let confirmed = pairs.len();
    let (mut records, mut ended) = (Vec::new(), Vec::new());
    for Pair { key, xero_id } in pairs {
        let key = checked("key", key, 200)?;
        let Some(xero_id) = xero_id.filter(|id| !id.is_empty()) else {
            ended.push((kind, key));
            continue;
        };
        let Some(name) = names.get(&xero_id.to_lowercase()) else {
            let message = format!("Xero has no `{xero_id}`, or not any more");
            return Err(ApiError::unprocessable("not_in_xero", message));
        };
        let (name, sha256) = (name.clone(), String::new());
        records.push(RecordLink { kind, key, xero_id, name, sha256 });
    }
    keep(app, &branch, &records, &ended).await?;
    tracing::info!(shop = shop.slug, confirmed, who = caller.who(), "links were confirmed");
    app.wake.notify_one();
    Ok(Body(Confirmed { confirmed }))
}

/// Keeps and ends links under the organisation's lease: a worker that plans at the same time would
/// write its own over them.
async fn keep(
    app: &App,
    branch: &Branch,
    records: &[RecordLink],
    ended: &[(RecordKind, String)],
) -> Result<(), ApiError> {
    let (store, shop) = (&app.store, &branch.shop_url);
    app.under_lease(&branch.id, async |lease| {
        store.keep_records(lease, shop, records, app.clock.now()).await?;
        Ok(store.end_records(lease, shop, ended).await?)
    })
    .await
}

impl App {
    /// Everything that an organisation has of a kind, read within the last minutes.
    pub(super) async fn ledger(
        &self,
        branch: &Branch,
        path: &'static str,
    ) -> Result<Ledger, ApiError> {
        let (key, now) = ((branch.id.clone(), path), self.clock.now());
        if let Some(kept) = self.ledgers.get(&key, now, LEDGER_AGE) {
            return Ok(kept);
        }
        let on_wait = |wait: Duration, why: &str| tracing::info!(?wait, why, "waiting");
        let read = if path == ITEMS {
            // Items come all at once: there are no pages.
            patiently(READ_PATIENCE, on_wait, async || branch.xero.read_once(path).await).await?
        } else {
            read_all(&branch.xero, path, READ_PATIENCE, on_wait).await?
        };
        let read = Arc::new(read);
        self.ledgers.put(key, Arc::clone(&read), now);
        Ok(read)
    }
}
