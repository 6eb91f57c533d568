//! Customers and products of a request's orders, matched with contacts and items; `match`.

use alloc::{format, string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use crate::{
    finding::Finding,
    json::{
        Fields, Json,
        strict::{Misread, closed, needed, optional},
    },
    mapping::{Posted, sold_at_home},
    matching::{
        By, Customer, Directory, LedgerContact, Linked, Match, PlannedRecord, Suggestion,
        customer::customer,
        item::{Items, LedgerItem, Sold, plan_items},
        planned::{Contacts, plan},
        suggest,
    },
    money::round_half_up,
    plan::{RecordKind, RecordLink},
    register::Register,
    settings::{
        ContactMode, ContactSettings, Settings, StatusAction, UnmappedProduct, UnsoldProduct,
    },
    shop::{
        order::{Line, LineKind, Order},
        woo,
    },
    xero::arithmetic::UNIT_DIGITS,
};

use super::{
    CONTRACT_VERSION, CORE_VERSION, PlanRequest, Request, SaleInput,
    alone::Alone,
    gate::{Gate, made_at},
    sales::{self, Ground},
};

#[cfg(feature = "schema")]
use super::types::AnyObject;

/// Matches customers and products of all orders that are or have been posted: what is changed or
/// credited later names the same contact and items.
pub(super) fn plan_records(
    request: &PlanRequest<&Json<'_>>,
    ground: &Ground<'_>,
    (gate, alone): (&Gate<'_>, &Alone),
) -> (Contacts, Items) {
    let settings = &request.map.settings;
    let (each, items) = (settings.contact.mode == ContactMode::Each, has_items(request));
    if !each && !items {
        return (Contacts::default(), Items::default());
    }
    let orders = orders(&request.map.sales, |order| {
        let action = settings.statuses.get(&order.status);
        matches!(action, Some(StatusAction::Invoice | StatusAction::InvoicePaid))
            && gate.stops(order.id, made_at(order)).is_none()
    });
    let records = &request.map.records;
    let contacts = if each {
        let directory = directory(&request.ledger.contacts);
        let links = links(records, RecordKind::Contact);
        let mut customers = Vec::new();
        for (order, mut customer) in self::customers(&settings.contact, &orders) {
            let linked = links.get(&customer.key).is_some();
            customer.kept = gate.keeps_record(&settings.sync.customers, linked, order);
            customers.push(customer);
        }
        alone.add_customers(&mut customers);
        plan(&directory, &customers, &links, settings.contact.existing)
    } else {
        Contacts::default()
    };
    let items = if items {
        let ledger = request.ledger.items.iter().filter_map(|json| LedgerItem::read(json));
        let links = links(records, RecordKind::Item);
        let mut sold = sold(ground, &orders, |id, order| {
            gate.keeps_record(&settings.sync.products, links.get(id).is_some(), order)
        });
        alone.add_sold(&mut sold);
        plan_items(settings, &ledger.collect::<Vec<_>>(), &sold, &links)
    } else {
        Items::default()
    };
    (contacts, items)
}

/// Whether lines may bear item codes at all.
fn has_items(request: &PlanRequest<&Json<'_>>) -> bool {
    let settings = &request.map.settings;
    let makes = settings.items.unmapped == UnmappedProduct::Create
        || settings.items.unsold == UnsoldProduct::Create;
    settings.lines.item_codes && (makes || !request.ledger.items.is_empty())
}

/// What is to be done about the contact of an order, once.
pub(super) fn take_contact(
    contacts: &mut Contacts,
    settings: &ContactSettings,
    order: &Order,
) -> Option<PlannedRecord> {
    contacts.planned.get_mut(&customer(settings, order)?.key)?.take()
}

/// What is to be done about the items of an order's products, once each.
pub(super) fn take_items(items: &mut Items, order: &Order) -> Vec<PlannedRecord> {
    let mut taken = Vec::new();
    for line in &order.lines {
        let planned = items.planned.get_mut(&format!("{}", sold_id(line)));
        taken.extend(planned.and_then(Option::take));
    }
    taken
}

/// The variation of a line, or its product; 0 when there is none any more.
fn sold_id(line: &Line) -> u64 {
    if line.variation_id > 0 { line.variation_id } else { line.product_id }
}

/// The products of orders, each once, as the last order names them; account and tax are those of
/// the last sale at home. An item is kept as it is where each of its orders keeps it.
fn sold(ground: &Ground<'_>, orders: &[Order], kept: impl Fn(&str, &Order) -> bool) -> Vec<Sold> {
    let (posted, contacts, items) = (Posted::default(), Register::default(), Register::default());
    let known = sales::Known { posted: &posted, contacts: &contacts, items: &items, gate: None };
    let context = ground.context(&known);
    let mut sold: Register<Sold> = Register::default();
    for order in orders {
        let items = order.lines.iter().filter(|line| line.kind == LineKind::LineItem);
        for line in items.filter(|line| sold_id(line) > 0) {
            let price = line.subtotal.checked_div(line.quantity).unwrap_or_default();
            let (id, key) = (sold_id(line), format!("{}", sold_id(line)));
            let (sku, name) = (line.sku.clone(), line.name.clone());
            let price = round_half_up(price, UNIT_DIGITS);
            let before = sold.get(&key);
            let kept = before.is_none_or(|sold| sold.kept) && kept(&key, order);
            let before = before.map(|sold| sold.posting.clone()).unwrap_or_default();
            let posting = sold_at_home(&context, order, line).or(before);
            sold.put(key, Sold { id, sku, name, price, posting, kept, alone: false });
        }
    }
    sold.into_things()
}

fn links(records: &[RecordLink], kind: RecordKind) -> Register<Linked<'_>> {
    let mut links = Register::default();
    for link in records.iter().filter(|link| link.kind == kind) {
        let linked = Linked { xero_id: &link.xero_id, name: &link.name, sha256: &link.sha256 };
        links.put(link.key.clone(), linked);
    }
    links
}

fn directory(contacts: &[&Json<'_>]) -> Directory {
    Directory::new(contacts.iter().filter_map(|json| LedgerContact::read(json)).collect())
}

/// Those orders that can be read and are wanted.
fn orders(sales: &[SaleInput<&Json<'_>>], wanted: impl Fn(&Order) -> bool) -> Vec<Order> {
    let mut orders = Vec::new();
    for sale in sales {
        let (_, order, _) = woo::read_order(sale.order);
        if let Some(mut order) = order.filter(&wanted) {
            order.buyer.role = woo::read_role(sale.customer);
            orders.push(order);
        }
    }
    orders
}

/// The customers of orders; of several orders the last one says who it is, and comes with it.
fn customers<'o>(settings: &ContactSettings, orders: &'o [Order]) -> Vec<(&'o Order, Customer)> {
    let mut customers: Register<(&Order, Customer)> = Register::default();
    for order in orders {
        let Some(customer) = customer(settings, order) else { continue };
        let known = customers.get(&customer.key);
        if known.is_none_or(|(last, _)| last.id < order.id) {
            customers.put(customer.key.clone(), (order, customer));
        }
    }
    customers.into_things()
}

/// What `match` takes.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "MatchRequest", deny_unknown_fields))]
pub struct MatchRequest<D> {
    /// Version of the contract: 1.
    pub contract: u32,
    /// The user's choices.
    pub settings: Settings,
    /// Orders whose customers are to be matched, whatever their status.
    pub sales: Vec<SaleInput<D>>,
    /// `Contacts` of `GET /Contacts`, archived ones too.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<AnyObject>"))]
    pub contacts: Vec<D>,
    /// Contacts that customers are linked to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub records: Vec<RecordLink>,
}

impl<'a> Request<'a> for MatchRequest<&'a Json<'a>> {
    fn read(&mut self, given: Fields<'a>) -> Result<(), Misread> {
        closed(
            given,
            &mut [
                needed("contract", &mut self.contract),
                needed("settings", &mut self.settings),
                needed("sales", &mut self.sales),
                needed("contacts", &mut self.contacts),
                optional("records", &mut self.records),
            ],
        )
    }
}

/// What `match` gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MatchResponse {
    /// Version of the contract.
    pub contract: u32,
    /// Version of the core.
    pub core: String,
    /// One for each customer who is to be a contact, in the order in which they bought.
    pub customers: Vec<CustomerMatch>,
}

/// One customer, and who it is in Xero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CustomerMatch {
    /// The customer's id, or `guest-` and a hash of the e-mail address.
    pub key: String,
    /// The name that a new contact would have.
    pub name: String,
    /// E-mail address; empty when there is none.
    pub email: String,
    /// `ContactID`, where one was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact_id: Option<String>,
    /// `Name` of that contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact_name: Option<String>,
    /// By what it was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<By>,
    /// For a customer whom nothing names: contacts that could be meant, for a person to confirm.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suggestions: Vec<Suggestion>,
    /// Why it cannot be said who it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
}

pub(super) fn match_customers(request: &MatchRequest<&Json<'_>>) -> MatchResponse {
    let directory = directory(&request.contacts);
    let links = links(&request.records, RecordKind::Contact);
    let orders = orders(&request.sales, |_| true);
    let customers = customers(&request.settings.contact, &orders);
    let matched = |customer: Customer| {
        let linked = links.get(&customer.key).map(|link| link.xero_id);
        let (mut found, mut suggestions, mut findings) = (None, Vec::new(), Vec::new());
        match directory.find(&customer, linked) {
            Match::Found(contact, by) => found = Some((contact, by)),
            Match::New => suggestions = suggest(&directory, &customer),
            Match::Unclear(finding) => {
                findings.push(finding);
                suggestions = suggest(&directory, &customer);
            }
        }
        CustomerMatch {
            key: customer.key,
            name: customer.name,
            email: customer.email,
            contact_id: found.map(|(contact, _)| contact.id.clone()),
            contact_name: found.map(|(contact, _)| contact.name.clone()),
            by: found.map(|(_, by)| by),
            suggestions,
            findings,
        }
    };
    MatchResponse {
        contract: CONTRACT_VERSION,
        core: CORE_VERSION.into(),
        customers: customers.into_iter().map(|(_, customer)| matched(customer)).collect(),
    }
}
