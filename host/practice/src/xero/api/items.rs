//! `/Items`: the price list, with quantities of tracked items (section 3.5).

use rust_decimal::{Decimal, RoundingStrategy};
use uuid::Uuid;

use super::super::call::{Call, Reply};
use super::super::clock::{bare_stamp, stamp};
use super::super::json::{Fields, Json};
use super::super::model::item::{Item, Price};
use super::super::model::organisation::Organisation;
use super::list::{Row, select};
use super::{Context, Outcome, fields, history, write_all};

const CODE_CHARS_MAX: usize = 30;
const NAME_CHARS_MAX: usize = 50;
const DESCRIPTION_CHARS_MAX: usize = 4000;

impl Row for Item {
    fn id(&self) -> Uuid {
        self.id
    }

    fn updated(&self) -> chrono::DateTime<chrono::Utc> {
        self.updated
    }

    fn name(&self) -> String {
        self.name.clone()
    }
}

pub(super) fn answer(
    organisation: &mut Organisation,
    context: &Context,
    call: &Call,
    rest: &[&str],
) -> Reply {
    let id = rest.first().and_then(|key| find(organisation, key)).map(|one| one.id);
    match (call.method.as_str(), rest) {
        ("GET", []) => list(organisation, context, call),
        ("PUT" | "POST", []) => write_all(organisation, context, call, "Items", |books, sent| {
            write(books, context, sent, None)
        }),
        (_, [_, word]) if word.eq_ignore_ascii_case("history") => {
            history::answer(organisation, context, call, id)
        }
        (_, [_]) if id.is_none() => Reply::not_found(),
        ("GET", [_]) => {
            let item = id.and_then(|id| organisation.items.get(id));
            let list = item.map(|one| render(one, context, true).into()).into_iter().collect();
            context.envelope("Items", list, None)
        }
        ("POST", [_]) => write_all(organisation, context, call, "Items", |books, sent| {
            write(books, context, sent, id)
        }),
        ("DELETE", [_]) => {
            if let Some(item) = id.and_then(|id| organisation.items.get_mut(id)) {
                item.deleted = true;
                item.updated = context.now;
            }
            Reply::empty(204)
        }
        _ => Reply::empty(405),
    }
}

fn find<'a>(organisation: &'a Organisation, key: &str) -> Option<&'a Item> {
    match key.parse::<Uuid>() {
        Ok(id) => organisation.items.get(id).filter(|one| !one.deleted),
        Err(_) => organisation.item_by_code(key),
    }
}

fn list(organisation: &Organisation, context: &Context, call: &Call) -> Reply {
    let shown = organisation.items.iter().filter(|one| !one.deleted);
    let value = |one: &Item, field: &str| {
        Some(match field.to_ascii_lowercase().as_str() {
            "code" => one.code.clone(),
            "name" => one.name.clone(),
            "itemid" => one.id.to_string(),
            "istrackedasinventory" => one.is_tracked().to_string(),
            "issold" => one.is_sold.to_string(),
            "ispurchased" => one.is_purchased.to_string(),
            _ => return None,
        })
    };
    match select(shown, call, context, false, value) {
        Ok(mut listed) => {
            if call.param("order").is_none() {
                listed.rows.sort_by_key(|one| one.code.to_lowercase());
            }
            let list =
                listed.rows.into_iter().map(|one| render(one, context, true).into()).collect();
            context.envelope("Items", list, None)
        }
        Err(reply) => *reply,
    }
}

fn write(
    organisation: &mut Organisation,
    context: &Context,
    sent: &Json,
    target: Option<Uuid>,
) -> Outcome {
    let by_code = fields::filled(sent, "Code").and_then(|code| organisation.item_by_code(&code));
    let by_id = target.or_else(|| fields::id(sent, "ItemID"));
    let held = if context.create_only {
        None
    } else {
        by_id.and_then(|id| organisation.items.get(id)).or(by_code).cloned()
    };
    let is_new = held.is_none();
    let before = held.clone();
    let mut item = held.unwrap_or_else(|| blank(context));
    overlay(&mut item, sent, context);
    let mut errors = Vec::new();
    check(organisation, &item, &mut errors);
    if let Some(before) = before
        && before.is_tracked() != item.is_tracked()
        && is_used(organisation, &before.code)
    {
        errors.push("Inventory tracking cannot be changed on an item with transactions.".into());
    }
    if errors.is_empty() {
        if is_new {
            item.id = organisation.new_id();
        }
        item.updated = context.now;
        organisation.items.put(item.clone());
    }
    let mut body = render(&item, context, false);
    if errors.is_empty() {
        body.put("ValidationErrors", Vec::new());
    }
    Outcome { body, errors, warnings: Vec::new() }
}

fn is_used(organisation: &Organisation, code: &str) -> bool {
    organisation
        .invoices
        .iter()
        .chain(&organisation.credit_notes)
        .chain(&organisation.bank_transactions)
        .any(|one| one.lines.iter().any(|line| line.item_code.eq_ignore_ascii_case(code)))
}

fn blank(context: &Context) -> Item {
    Item {
        id: Uuid::nil(),
        code: String::new(),
        name: String::new(),
        description: String::new(),
        purchase_description: String::new(),
        is_sold: true,
        is_purchased: true,
        sales: Price::default(),
        purchases: Price::default(),
        inventory_account_code: String::new(),
        quantity_on_hand: Decimal::ZERO,
        total_cost_pool: Decimal::ZERO,
        deleted: false,
        updated: context.now,
    }
}

fn overlay(item: &mut Item, sent: &Json, context: &Context) {
    let read = |key: &str, place: &mut String| {
        if let Some(text) = fields::text(sent, key) {
            text.trim().clone_into(place);
        }
    };
    read("Code", &mut item.code);
    read("Name", &mut item.name);
    read("Description", &mut item.description);
    read("PurchaseDescription", &mut item.purchase_description);
    read("InventoryAssetAccountCode", &mut item.inventory_account_code);
    if item.name.is_empty() {
        item.name.clone_from(&item.code);
    }
    if let Some(flag) = fields::flag(sent, "IsSold") {
        item.is_sold = flag;
    }
    if let Some(flag) = fields::flag(sent, "IsPurchased") {
        item.is_purchased = flag;
    }
    for (key, price) in
        [("SalesDetails", &mut item.sales), ("PurchaseDetails", &mut item.purchases)]
    {
        let Some(details) = sent.get(key) else { continue };
        if let Some(unit) = fields::number(details, "UnitPrice") {
            let half_up = RoundingStrategy::MidpointAwayFromZero;
            price.unit_price = Some(unit.round_dp_with_strategy(context.unit_places, half_up));
        }
        let read = |key: &str, place: &mut String| {
            if let Some(text) = fields::text(details, key) {
                text.trim().clone_into(place);
            }
        };
        read("AccountCode", &mut price.account_code);
        read("COGSAccountCode", &mut price.cogs_account_code);
        read("TaxType", &mut price.tax_type);
    }
}

fn check(organisation: &Organisation, item: &Item, errors: &mut Vec<String>) {
    let long = |text: &str, max: usize| text.chars().count() > max;
    if item.code.is_empty() || long(&item.code, CODE_CHARS_MAX) {
        errors.push("Code must have 1 to 30 characters.".to_owned());
    }
    if long(&item.name, NAME_CHARS_MAX) {
        errors.push("Name cannot be longer than 50 characters.".to_owned());
    }
    if [&item.description, &item.purchase_description]
        .into_iter()
        .any(|text| long(text, DESCRIPTION_CHARS_MAX))
    {
        errors.push("Description cannot be longer than 4000 characters.".to_owned());
    }
    if organisation.item_by_code(&item.code).is_some_and(|one| one.id != item.id) {
        errors.push(format!("Price List Item with Code '{}' already exists", item.code));
    }
    for code in
        [&item.sales.account_code, &item.purchases.account_code, &item.purchases.cogs_account_code]
    {
        let known = organisation.account_by_code(code).is_some_and(|one| one.status == "ACTIVE");
        if !code.is_empty() && !known {
            errors.push(format!("Account code '{code}' is not a valid code for this document."));
        }
    }
    for tax_type in [&item.sales.tax_type, &item.purchases.tax_type] {
        if !tax_type.is_empty() && organisation.tax_rate(tax_type).is_none() {
            errors.push(format!(
                "The TaxType code {tax_type} does not exist or cannot be used for this type of \
                 transaction."
            ));
        }
    }
    if item.is_tracked() {
        check_tracked(organisation, item, errors);
    }
}

fn check_tracked(organisation: &Organisation, item: &Item, errors: &mut Vec<String>) {
    let inventory = organisation
        .account_by_code(&item.inventory_account_code)
        .is_some_and(|one| one.account_type == "INVENTORY" && one.status == "ACTIVE");
    if !inventory {
        errors.push("InventoryAssetAccountCode must be an account of type INVENTORY.".to_owned());
    }
    if item.purchases.cogs_account_code.is_empty() || !item.purchases.account_code.is_empty() {
        errors.push(
            "A tracked item needs PurchaseDetails.COGSAccountCode and no AccountCode.".to_owned(),
        );
    }
}

fn render(item: &Item, context: &Context, read: bool) -> Fields {
    let updated = if read { stamp(item.updated) } else { bare_stamp(item.updated) };
    let mut out = Fields::default();
    out.put("ItemID", item.id)
        .put("Code", item.code.as_str())
        .put_text("Description", &item.description)
        .put_text("PurchaseDescription", &item.purchase_description)
        .put("UpdatedDateUTC", updated)
        .put("PurchaseDetails", price(&item.purchases, context))
        .put("SalesDetails", price(&item.sales, context))
        .put("Name", item.name.as_str())
        .put("IsTrackedAsInventory", item.is_tracked());
    if item.is_tracked() {
        out.put("InventoryAssetAccountCode", item.inventory_account_code.as_str())
            .put("TotalCostPool", Json::money(item.total_cost_pool))
            .put("QuantityOnHand", Json::fixed(item.quantity_on_hand, 4));
    }
    out.put("IsSold", item.is_sold).put("IsPurchased", item.is_purchased);
    out
}

fn price(price: &Price, context: &Context) -> Fields {
    let mut out = Fields::default();
    out.put_some("UnitPrice", price.unit_price.map(|unit| Json::fixed(unit, context.unit_places)))
        .put_text("COGSAccountCode", &price.cogs_account_code)
        .put_text("AccountCode", &price.account_code)
        .put_text("TaxType", &price.tax_type);
    out
}
