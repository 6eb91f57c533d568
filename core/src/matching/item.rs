//! Which product is which item in Xero. ACCOUNTING section 4.
//!
//! The first of these that finds an item counts: the link that we keep, the SKU as its code, the
//! exact name. Nothing else is ever applied without a person.

use alloc::{
    collections::BTreeSet,
    format,
    string::{String, ToString},
};

use rust_decimal::Decimal;

use super::{Linked, PlannedRecord};
use crate::{
    json::{Fields, FromFields, Json, bounded, lenient_text, raw_object},
    register::Register,
    settings::{Settings, UnmappedProduct, UnsoldProduct, template::fill},
    xero::wire::{ItemFields, sha256, write_item},
};

/// Xero's longest item code.
const CODE_CHARS_MAX: usize = 30;

/// A product or variation, as an order line names it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sold {
    /// WooCommerce's id: the variation's where there is one.
    pub id: u64,
    /// Stock keeping unit; empty when there is none.
    pub sku: String,
    /// Name: plain text.
    pub name: String,
    /// Price for one as last sold, without tax.
    pub price: Decimal,
    /// Account code and `TaxType` of a sale at home, where there was one.
    pub posting: Option<(String, String)>,
    /// Whether the item is neither made nor changed.
    pub kept: bool,
    /// Whether no order names it: its product changed. Then the price is what the shop asks for, or
    /// unknown, and `TaxType` stays what the item has.
    pub alone: bool,
}

/// An item of the organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerItem {
    id: String,
    code: String,
    name: String,
    /// `UnitPrice` of a sale.
    price: Option<Decimal>,
    /// `AccountCode` of a sale.
    account: String,
    /// `TaxType` of a sale.
    tax_type: String,
}

raw_object!(RawItem { id "ItemID", code "Code", name "Name", sales "SalesDetails" });
raw_object!(RawSales { price "UnitPrice", account "AccountCode", tax_type "TaxType" });

impl LedgerItem {
    /// Reads one element of `Items`; `None` when it is no item with a code.
    pub(crate) fn read(json: &Json<'_>) -> Option<Self> {
        let raw = RawItem::from_fields(Fields::of(json)?);
        let text = |raw| lenient_text(raw).into_owned();
        let sales = raw.sales.and_then(Fields::of).map(RawSales::from_fields);
        let (price, account, tax_type) =
            sales.map(|sales| (sales.price, sales.account, sales.tax_type)).unwrap_or_default();
        let item = Self {
            id: text(raw.id),
            code: text(raw.code),
            name: text(raw.name),
            price: bounded(&lenient_text(price)),
            account: text(account),
            tax_type: text(tax_type),
        };
        (!item.code.is_empty()).then_some(item)
    }
}

/// The items of all products.
#[derive(Debug, Default)]
pub struct Items {
    /// Item code by product or variation id.
    pub codes: Register<String>,
    /// What is to be done, by the same.
    pub planned: Register<Option<PlannedRecord>>,
}

/// Plans every product that is sold, each code once.
#[must_use]
pub fn plan_items(
    settings: &Settings,
    ledger: &[LedgerItem],
    sold: &[Sold],
    links: &Register<Linked<'_>>,
) -> Items {
    let mut found: Register<&LedgerItem> = Register::default();
    for item in ledger {
        for key in [format!("id {}", item.id), code_key(&item.code), format!("name {}", item.name)]
        {
            if found.get(&key).is_none() {
                found.put(key, item);
            }
        }
    }
    let mut items = Items::default();
    let mut taken: BTreeSet<String> = BTreeSet::new();
    // A link without an id is of an item that an earlier part of the plan makes.
    for link in links.iter().filter(|link| link.xero_id.is_empty()) {
        taken.insert(code_key(link.name));
    }
    for sold in sold {
        let key = sold.id.to_string();
        let link = links.get(&key);
        if let Some(Linked { xero_id: "", name: code, .. }) = link {
            items.codes.put(key, (*code).into());
            continue;
        }
        let linked = link.and_then(|link| found.get(&format!("id {}", link.xero_id)));
        let by_code = || found.get(&code_key(&sold.sku)).filter(|_| !sold.sku.is_empty());
        let by_name =
            || found.get(&format!("name {}", sold.name)).filter(|_| !sold.name.is_empty());
        let item = linked.or_else(by_code).or_else(by_name);
        // Two products with one code would be one item: the second stays without.
        if let Some(item) = item.filter(|item| taken.insert(code_key(&item.code))) {
            items.codes.put(key.clone(), item.code.clone());
            items
                .planned
                .put(key.clone(), existing(settings, sold, item, link.map(|link| link.sha256)));
        } else if item.is_none() && makes(settings, sold) {
            let code = code(settings, sold, |code| {
                found.get(&code_key(code)).is_none() && !taken.contains(&code_key(code))
            });
            taken.insert(code_key(&code));
            let fields = fields(settings, sold, "", &code);
            let (body, sha256) = (write_item(&fields), fingerprint(settings, sold));
            items.codes.put(key.clone(), code.clone());
            let (name, xero_id) = (code, String::new());
            let planned = PlannedRecord { key: key.clone(), name, xero_id, body, sha256 };
            items.planned.put(key, Some(planned));
        }
    }
    items
}

/// What is to be done about an item that is there: ours is changed with the product, another one is
/// only linked.
fn existing(
    settings: &Settings,
    sold: &Sold,
    item: &LedgerItem,
    linked: Option<&str>,
) -> Option<PlannedRecord> {
    let now = fingerprint(settings, sold);
    let sold = &beside(sold, item);
    let planned = |body, sha256| PlannedRecord {
        key: sold.id.to_string(),
        name: item.code.clone(),
        xero_id: item.id.clone(),
        body,
        sha256,
    };
    match linked {
        _ if sold.kept => None,
        None => Some(planned(String::new(), String::new())),
        Some(at) if at.is_empty() || (at == now && !differs(sold, item)) => None,
        Some(_) => Some(planned(write_item(&fields(settings, sold, &item.id, &item.code)), now)),
    }
}

/// Whether an item is made for a product that has none.
fn makes(settings: &Settings, sold: &Sold) -> bool {
    let chosen = if sold.alone {
        settings.items.unsold == UnsoldProduct::Create
    } else {
        settings.items.unmapped == UnmappedProduct::Create
    };
    chosen && !sold.kept
}

/// A product that changed alone, with what of the item it says nothing about: an account that is
/// none, a price that is unknown, and the tax type, which goes by where it is sold.
fn beside(sold: &Sold, item: &LedgerItem) -> Sold {
    let mut sold = sold.clone();
    if sold.alone {
        let account = sold.posting.take().map_or_else(|| item.account.clone(), |own| own.0);
        let same = account == item.account;
        let tax_type = if same { item.tax_type.clone() } else { String::new() };
        sold.posting = Some((account, tax_type));
        if sold.price.is_zero() {
            sold.price = item.price.unwrap_or_default();
        }
    }
    sold
}

/// Whether a product that changed alone has another price or account than its item.
fn differs(sold: &Sold, item: &LedgerItem) -> bool {
    let account = sold.posting.as_ref().map(|own| &own.0);
    let price = item.price.unwrap_or_default();
    sold.alone && (sold.price != price || account != Some(&item.account))
}

/// The SKU, where Xero takes it and nobody has it; else one from the template, made unique.
fn code(settings: &Settings, sold: &Sold, free: impl Fn(&str) -> bool) -> String {
    let fits =
        |code: &str| !code.is_empty() && code.chars().count() <= CODE_CHARS_MAX && free(code);
    if fits(&sold.sku) {
        return sold.sku.clone();
    }
    let made = fill(&settings.items.code_template, |field| match field {
        "id" => sold.id.to_string().into(),
        "sku" => sold.sku.as_str().into(),
        _ => "".into(),
    });
    if fits(&made) {
        return made;
    }
    let mut candidates = (1_u32..).map(|count| match count {
        1 => format!("WC-{}", sold.id),
        count => format!("WC-{}-{count}", sold.id),
    });
    candidates.find(|code| fits(code)).unwrap_or_default()
}

fn code_key(code: &str) -> String {
    format!("code {}", code.to_ascii_lowercase())
}

/// The price of one sale may be a discounted one, and its tax that of one place: a name or code
/// that changes counts, those do not.
fn fingerprint(settings: &Settings, sold: &Sold) -> String {
    let plain = Sold { posting: None, ..sold.clone() };
    sha256(&write_item(&ItemFields { price: None, ..fields(settings, &plain, "", &sold.sku) }))
}

fn fields<'a>(
    settings: &'a Settings,
    sold: &'a Sold,
    item_id: &'a str,
    code: &'a str,
) -> ItemFields<'a> {
    let posting = sold.posting.as_ref().map(|(account, tax)| (&**account, &**tax));
    let (account_code, tax_type) = posting.unwrap_or((&settings.accounts.sales, ""));
    ItemFields {
        id: item_id,
        code,
        name: &sold.name,
        price: Some(sold.price).filter(|price| *price > Decimal::ZERO),
        account_code,
        tax_type,
    }
}
