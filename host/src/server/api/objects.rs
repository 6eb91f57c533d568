//! Many objects at once, for lists of orders; and the log of a shop.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    super::{App, answer::ApiError},
    body::{
        Body, FindingShape, IDS_MAX, InPath, InQuery, Refusals, ShopPath, ids_of, limited, moment,
        shop_of,
    },
    object::KindWord,
    queue::StateWord,
};
use crate::{
    store::{BoardFilter, LogEntry, LogPlace, PostedDocument, ShopRow},
    time::Timestamp,
};

/// Which objects
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Several {
    /// What they are, `order` unless said
    #[serde(default = "order")]
    #[param(inline)]
    kind: KindWord,
    /// The shop's ids between commas, at most a hundred
    #[param(max_length = 2_100, example = "1201,1202")]
    ids: String,
}

const fn order() -> KindWord {
    KindWord::Order
}

/// A document that stands in Xero
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DocumentShape {
    /// `invoice` or `credit_note`
    #[schema(example = "invoice")]
    kind: &'static str,
    /// Its number
    number: String,
    /// Xero's id of it
    xero_id: String,
    /// SHA-256 of the bytes that made it, as the preview shows it, or of those that changed it last;
    /// empty where that was long ago
    sha256: String,
    /// Where Xero shows it
    url: String,
}

impl From<PostedDocument> for DocumentShape {
    fn from(document: PostedDocument) -> Self {
        let (kind, page) = if document.is_invoice {
            ("invoice", "AccountsReceivable/View.aspx?invoiceID=")
        } else {
            ("credit_note", "AccountsReceivable/ViewCreditNote.aspx?creditNoteID=")
        };
        Self {
            kind,
            url: format!("https://go.xero.com/{page}{}", document.xero_id),
            number: document.number,
            xero_id: document.xero_id,
            sha256: document.body_sha256,
        }
    }
}

/// An object, where it stands, and what Xero has of it
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BriefObject {
    kind: KindWord,
    /// The shop's id of it
    id: u64,
    /// Where it stands; none when it was never seen
    state: Option<StateWord>,
    /// Why, for people
    reason: String,
    /// What holds it: the first of its findings
    finding: Option<FindingShape>,
    documents: Vec<DocumentShape>,
}

/// Objects of a shop
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BriefObjects {
    /// In the order in which they were asked for
    objects: Vec<BriefObject>,
}

/// Where objects stand, and their documents in Xero
#[utoipa::path(
    get,
    path = "/api/v1/shops/{shop}/objects",
    tag = "queue",
    security(("token" = [])),
    extensions(("x-role" = json!("view")), ("x-reach" = json!("shop"))),
    params(ShopPath, Several),
    responses((status = 200, description = "Each of them", body = BriefObjects), Refusals)
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    InPath(ShopPath { shop }): InPath<ShopPath>,
    InQuery(Several { kind, ids }): InQuery<Several>,
) -> Result<Body<BriefObjects>, ApiError> {
    let ids = ids_of(&ids)?;
    let shop = shop_of(&app, &shop).await?;
    let mut objects = Vec::with_capacity(ids.len().min(IDS_MAX));
    for id in ids {
        objects.push(brief(&app, &shop, kind, id).await?);
    }
    Ok(Body(BriefObjects { objects }))
}

async fn brief(
    app: &App,
    shop: &ShopRow,
    kind: KindWord,
    id: u64,
) -> Result<BriefObject, ApiError> {
    let filter = BoardFilter {
        shop: Some(shop.url.clone()),
        object_id: Some(id.to_string()),
        limit: 10,
        ..BoardFilter::default()
    };
    let board = app.store.board(&shop.organisation, &filter, app.clock.now()).await?;
    let entry = board.into_iter().find(|entry| entry.key.kind == kind.as_str());
    let documents = if kind == KindWord::Order {
        app.store.documents_of(&shop.organisation, &shop.url, id).await?
    } else {
        Vec::new()
    };
    let documents = documents.into_iter().map(DocumentShape::from).collect();
    let state = entry.as_ref().map(|entry| entry.state.into());
    let finding = entry.as_ref().and_then(|entry| entry.findings.first()).map(FindingShape::from);
    let reason = entry.map(|entry| entry.reason).unwrap_or_default();
    Ok(BriefObject { kind, id, state, reason, finding, documents })
}

/// Which lines
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct LogPage {
    /// Those behind this place: `next` of the page before
    #[param(max_length = 40)]
    before: Option<String>,
    /// At most so many, 50 unless said
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// A line of a shop's log
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LogLine {
    #[schema(format = DateTime)]
    at: String,
    /// `order`, `product` or `customer`
    #[schema(example = "order")]
    kind: String,
    /// The shop's id of it
    #[schema(example = "1201")]
    id: String,
    /// `seen`, `planned`, `sent`, `answered`, `returned`, `settled`, or what a person did
    #[schema(example = "sent")]
    what: &'static str,
    /// For people
    detail: String,
}

impl From<LogEntry> for LogLine {
    fn from(entry: LogEntry) -> Self {
        Self {
            at: moment(entry.at),
            kind: entry.kind,
            id: entry.object_id,
            what: entry.what.as_str(),
            detail: entry.detail,
        }
    }
}

/// A page of a shop's log
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Log {
    /// Newest first
    entries: Vec<LogLine>,
    /// Give this as `before` for the next page; none at the end
    next: Option<String>,
}

/// What happened to all objects of a shop
#[utoipa::path(
    get,
    path = "/api/v1/shops/{shop}/log",
    tag = "queue",
    security(("token" = [])),
    extensions(("x-role" = json!("view")), ("x-reach" = json!("shop"))),
    params(ShopPath, LogPage),
    responses((status = 200, description = "Newest first", body = Log), Refusals)
)]
pub(super) async fn log(
    State(app): State<Arc<App>>,
    InPath(ShopPath { shop }): InPath<ShopPath>,
    InQuery(page): InQuery<LogPage>,
) -> Result<Body<Log>, ApiError> {
    let limit = limited(page.limit, 50, 200)?;
    let from = match page.before.as_deref() {
        None | Some("") => LogPlace { at: Timestamp::from_ms(i64::MAX), passed: 0 },
        Some(text) => place(text).ok_or_else(|| {
            ApiError::bad_request("`before` is none of the places that were given")
        })?,
    };
    let shop = shop_of(&app, &shop).await?;
    let of = (shop.organisation.as_str(), shop.url.as_str());
    let (entries, next) = app.store.log(of, from, limit).await?;
    let next = next.map(|place| format!("{}-{}", place.at.ms(), place.passed));
    Ok(Body(Log { entries: entries.into_iter().map(LogLine::from).collect(), next }))
}

fn place(text: &str) -> Option<LogPlace> {
    let (at, passed) = text.split_once('-')?;
    Some(LogPlace { at: Timestamp::from_ms(at.parse().ok()?), passed: passed.parse().ok()? })
}
