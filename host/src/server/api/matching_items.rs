//! Products with their items: the core is asked what it would do about each of them, were items made
//! for all; nothing of that is kept.

use serde::Deserialize;
use serde_json::value::RawValue;
use tillbook_core::{
    contract::{CONTRACT_VERSION, LedgerInput, MapRequest, PlanRequest, PlanResponse},
    plan::{RecordKind, RecordLink},
    settings::{Settings, UnsoldProduct, sync::Switch},
};

use super::{
    super::{App, answer::ApiError},
    matching::{Branch, ITEMS, MatchPage, MatchShape, MatchWord, Wanted, id_of, listing, more},
};
use crate::{door::as_refs, facts::FactSource as _};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Head {
    id: u64,
    name: String,
    sku: String,
    variations: Vec<serde::de::IgnoredAny>,
}

pub(super) async fn products_page(
    app: &App,
    branch: &Branch,
    wanted: &Wanted,
) -> Result<MatchPage, ApiError> {
    let (page, per_page) = wanted.page()?;
    let mut params = listing(&wanted.search, page, per_page);
    params.push(("_fields", String::from("id")));
    let (listed, total) = branch.facts.client().page("products", &params).await?;
    let ids: Vec<u64> = listed.iter().filter_map(|product| id_of(product)).collect();
    let changed = branch.facts.read_records(&ids, &[]).await?.products;
    let items = app.ledger(branch, ITEMS).await?;
    let records = app.store.records(&branch.id, &branch.shop_url).await?;
    let planned = ask(app, branch, (&changed, &items), records.clone()).await?;
    let heads = changed.iter().map(|one| serde_json::from_str(one.get()).unwrap_or_default());
    // A product with variations is sold as one of them only.
    let heads = heads.filter(|head: &Head| head.id > 0 && head.variations.is_empty());
    let matches = heads.map(|head| shape(head, &planned, &records)).collect();
    let used = branch.settings.lines.item_codes;
    Ok(MatchPage::of(used, matches, wanted, more((page, per_page), total)))
}

/// What the core would do about products, were items made for all of them.
async fn ask(
    app: &App,
    branch: &Branch,
    (products, items): (&[Box<RawValue>], &[Box<RawValue>]),
    records: Vec<RecordLink>,
) -> Result<PlanResponse, ApiError> {
    let mut settings: Settings = branch.settings.clone();
    settings.lines.item_codes = true;
    settings.items.unsold = UnsoldProduct::Create;
    settings.sync.products = Switch::default();
    let request = PlanRequest {
        contract: CONTRACT_VERSION,
        map: MapRequest {
            contract: CONTRACT_VERSION,
            shop: branch.shop.clone(),
            settings,
            chart: branch.chart.as_input(),
            sales: Vec::new(),
            products: Vec::new(),
            records,
            summarised: Vec::new(),
        },
        links: Vec::new(),
        unanswered: Vec::new(),
        ledger: LedgerInput {
            invoices: Vec::new(),
            credit_notes: Vec::new(),
            contacts: Vec::new(),
            bank_transactions: Vec::new(),
            items: as_refs(items),
        },
        undo: false,
        redo: false,
        pushed: Vec::new(),
        excluded: Vec::new(),
        products: as_refs(products),
        customers: Vec::new(),
        documents_per_call: 0,
        bytes_per_call: 0,
    };
    Ok(app.branches()?.opener().door.plan(&request).await?)
}

fn shape(head: Head, planned: &PlanResponse, records: &[RecordLink]) -> MatchShape {
    let key = head.id.to_string();
    let is_own = |record: &&RecordLink| record.kind == RecordKind::Item && record.key == key;
    let linked = records.iter().find(is_own);
    let found = linked.or_else(|| planned.records.iter().find(is_own));
    let (state, by) = match (linked, found) {
        (Some(_), _) => (MatchWord::Linked, Some("link")),
        (None, Some(item)) if item.name.eq_ignore_ascii_case(&head.sku) => {
            (MatchWord::Found, Some("code"))
        }
        (None, Some(_)) => (MatchWord::Found, Some("name")),
        (None, None) => (MatchWord::None, None),
    };
    MatchShape {
        name: if head.name.is_empty() { key.clone() } else { head.name },
        detail: head.sku,
        state,
        xero_id: found.map(|record| record.xero_id.clone()),
        xero_name: found.map(|record| record.name.clone()),
        by: by.map(str::to_owned),
        suggestions: Vec::new(),
        findings: Vec::new(),
        key,
    }
}
