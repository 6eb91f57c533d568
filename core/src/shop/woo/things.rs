//! Products, tax rates, gateways and customers, as far as the core needs them.

use alloc::{borrow::Cow, string::String, vec::Vec};

use rust_decimal::Decimal;

use crate::{
    date::When,
    finding::Finding,
    json::{
        Fields, FromFields, Json, Raw, Reader, bounded, lenient_text, objects, present, raw_object,
    },
    shop::{product::Product, rates::TaxRate},
};

use super::{order::moment, plain_text};

/// A payment gateway of the shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gateway {
    /// Id, such as `bacs`.
    pub id: String,
    /// Title: plain text.
    pub title: String,
    /// Whether customers can choose it.
    pub enabled: bool,
}

raw_object!(RawRate { id "id", country "country", state "state", postcode "postcode", city "city", postcodes "postcodes", cities "cities", rate "rate", name "name", priority "priority", compound "compound", shipping "shipping", class "class" });

/// Reads `GET /taxes`: what can be read, and a finding for each rate that cannot.
#[must_use]
pub(crate) fn read_tax_rates(raw: &[&Json<'_>]) -> (Vec<TaxRate>, Vec<Finding>) {
    read_all(raw, "tax_rate", |reader, json| {
        let rate: RawRate<'_> = reader.object("tax_rate", json)?;
        let id = reader.id("id", rate.id)?;
        let mut text = |field, raw| reader.text(field, raw).unwrap_or_default().into_owned();
        let (country, state) = (text("country", rate.country), text("state", rate.state));
        let (name, class) = (text("name", rate.name), text("class", rate.class));
        let (one_postcode, one_city) = (text("postcode", rate.postcode), text("city", rate.city));
        let postcodes = places(reader, "postcodes", rate.postcodes, one_postcode);
        let cities = places(reader, "cities", rate.cities, one_city);
        Some(TaxRate {
            id,
            country,
            state,
            cities,
            postcodes,
            percent: reader.amount("rate", rate.rate).unwrap_or_default(),
            name: plain_text(&name),
            priority: reader.id("priority", rate.priority).unwrap_or(1),
            compound: reader.flag("compound", rate.compound).unwrap_or(false),
            shipping: reader.flag("shipping", rate.shipping).unwrap_or(true),
            class: if class.is_empty() { "standard".into() } else { class },
        })
    })
}

/// The list of places, or the older single one (`postcode`, `city`).
fn places(reader: &mut Reader, field: &str, list: Raw<'_>, one: String) -> Vec<String> {
    let mut places: Vec<String> = Vec::new();
    for place in reader.list(field, list) {
        places.extend(reader.text(field, Some(place)).map(Cow::into_owned));
    }
    if places.is_empty() && !one.is_empty() {
        places.push(one);
    }
    places
}

raw_object!(RawGateway { id "id", title "title", method_title "method_title", enabled "enabled" });

/// Reads `GET /payment_gateways`.
#[must_use]
pub(crate) fn read_gateways(raw: &[&Json<'_>]) -> (Vec<Gateway>, Vec<Finding>) {
    read_all(raw, "payment_gateway", |reader, json| {
        let gateway: RawGateway<'_> = reader.object("payment_gateway", json)?;
        let id = reader.text("id", gateway.id)?.into_owned();
        let title = reader.text("title", gateway.title).filter(|title| !title.is_empty());
        let title = title.or_else(|| reader.text("method_title", gateway.method_title));
        Some(Gateway {
            title: plain_text(&title.unwrap_or_default()),
            enabled: reader.flag("enabled", gateway.enabled).unwrap_or(false),
            id,
        })
    })
}

raw_object!(RawProduct { id "id", r#type "type", categories "categories", tags "tags", tax_status "tax_status", item_code "item_code" });

raw_object!(RawCategory { slug "slug" });

/// Reads products and variations. A product that is mapped to a Xero item bears its code as
/// `item_code`, a field of ours.
#[must_use]
pub(crate) fn read_products(raw: &[&Json<'_>]) -> (Vec<Product>, Vec<Finding>) {
    read_all(raw, "product", |reader, json| {
        let product: RawProduct<'_> = reader.object("product", json)?;
        let id = reader.id("id", product.id)?;
        let mut categories = Vec::new();
        for category in reader.list("categories", product.categories) {
            let category: Option<RawCategory<'_>> = reader.object("categories", category);
            let slug = category.and_then(|one| reader.text("categories.slug", one.slug));
            categories.extend(slug.map(Cow::into_owned));
        }
        let mut text = |field, raw| reader.text(field, raw).unwrap_or_default().into_owned();
        Some(Product {
            id,
            categories,
            tags: slugs(product.tags),
            kind: text("type", product.r#type),
            tax_status: text("tax_status", product.tax_status),
            item_code: text("item_code", product.item_code),
        })
    })
}

raw_object!(RawChanged { id "id", parent_id "parent_id", r#type "type", status "status", name "name", sku "sku", price "price", regular_price "regular_price", tax_class "tax_class", modified "date_modified_gmt" });

/// A product or variation that changed, as far as its item needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChangedProduct {
    /// WooCommerce's id.
    pub(crate) id: u64,
    /// The product of a variation; 0 for a product.
    pub(crate) parent: u64,
    /// Whether it is published and can be in an order itself.
    pub(crate) is_sold: bool,
    /// Name: plain text; a variation's own part of it.
    pub(crate) name: String,
    /// Stock keeping unit; empty when there is none.
    pub(crate) sku: String,
    /// The regular price, as prices are entered in the shop; else the one of now.
    pub(crate) price: Option<Decimal>,
    /// Tax class.
    pub(crate) tax_class: String,
    /// When it was changed.
    pub(crate) changed: When,
}

/// Reads a product or variation that changed; `None` where it has no id.
pub(crate) fn read_changed_product(json: &Json<'_>) -> Option<ChangedProduct> {
    let raw = RawChanged::from_fields(Fields::of(json)?);
    let text = |raw| lenient_text(raw).into_owned();
    let id = lenient_text(raw.id).parse().ok().filter(|id| *id > 0)?;
    let price = |raw| bounded(&lenient_text(raw));
    let grouped = matches!(&*text(raw.r#type), "variable" | "grouped" | "external");
    Some(ChangedProduct {
        id,
        parent: lenient_text(raw.parent_id).parse().unwrap_or_default(),
        is_sold: !grouped && text(raw.status) == "publish",
        name: plain_text(&lenient_text(raw.name)),
        sku: plain_text(&lenient_text(raw.sku)),
        price: price(raw.regular_price).or_else(|| price(raw.price)),
        tax_class: text(raw.tax_class),
        changed: When { at: moment(raw.modified), day: None },
    })
}

/// Slugs of tags; what cannot be read there stops nothing.
fn slugs(raw: Raw<'_>) -> Vec<String> {
    let slugs = objects(raw).map(|tag: RawCategory<'_>| lenient_text(tag.slug).into_owned());
    slugs.filter(|slug| !slug.is_empty()).collect()
}

raw_object!(RawCustomer { role "role" });

/// The role of a customer; empty when it cannot be read.
#[must_use]
pub(crate) fn read_role(raw: Raw<'_>) -> String {
    let mut reader = Reader::new("customer", "");
    present(raw)
        .and_then(|text| reader.object::<RawCustomer<'_>>("customer", text))
        .and_then(|customer| reader.text("role", customer.role).map(Cow::into_owned))
        .unwrap_or_default()
}

fn read_all<T>(
    raw: &[&Json<'_>],
    kind: &'static str,
    mut read: impl FnMut(&mut Reader, &Json<'_>) -> Option<T>,
) -> (Vec<T>, Vec<Finding>) {
    let mut found = Vec::with_capacity(raw.len());
    let mut findings = Vec::new();
    for (index, one) in raw.iter().enumerate() {
        let mut reader = Reader::new(kind, &alloc::format!("#{index}"));
        found.extend(read(&mut reader, one));
        findings.append(&mut reader.findings);
    }
    (found, findings)
}
