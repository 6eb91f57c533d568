//! Products and customers that changed without an order: their items and contacts follow.

use alloc::{format, string::String, vec::Vec};

use crate::{
    date::When,
    finding::{Code, Finding, Subject},
    json::Json,
    mapping::{Posted, account_at_home},
    matching::{
        Customer, PlannedRecord,
        customer::of_buyer,
        item::{Items, Sold},
        planned::{Contacts, KnownContact},
    },
    money::round_half_up,
    plan::{Fate, Planner, RecordKind, RecordLink, Row},
    register::Register,
    settings::{Settings, UnsoldProduct, sync::Switch},
    shop::{
        product::Product,
        woo::{self, ChangedProduct},
    },
    xero::arithmetic::UNIT_DIGITS,
};

use super::{
    PlanRequest,
    gate::Gate,
    sales::{Ground, Known},
};

/// One that changed, and what is known of it.
struct Changed<T> {
    key: String,
    /// Whether it is linked already.
    linked: bool,
    /// Whether nothing is done about it: its kind is off, or it is too old.
    kept: bool,
    /// What it is now; nothing where it cannot or should not be anything in Xero.
    now: Option<T>,
}

/// What changed without an order.
pub(super) struct Alone {
    products: Vec<Changed<Sold>>,
    customers: Vec<Changed<Customer>>,
}

fn keys_of(records: &[RecordLink], kind: RecordKind) -> Register<()> {
    let mut keys = Register::default();
    for link in records.iter().filter(|link| link.kind == kind) {
        keys.put(link.key.clone(), ());
    }
    keys
}

impl Alone {
    /// Reads what a request names.
    pub(super) fn read(
        request: &PlanRequest<&Json<'_>>,
        ground: &Ground<'_>,
        gate: &Gate<'_>,
    ) -> Self {
        let settings = &request.map.settings;
        let linked = keys_of(&request.map.records, RecordKind::Item);
        let products: Vec<ChangedProduct> =
            request.products.iter().filter_map(|json| woo::read_changed_product(json)).collect();
        let asked = |product: &&ChangedProduct| {
            // The product of variations is there for their names.
            !products.iter().any(|other| other.parent == product.id)
        };
        let changed = products.iter().filter(asked).map(|product| {
            let key = format!("{}", product.id);
            let linked = linked.get(&key).is_some();
            let kept = keeps(gate, &settings.sync.products, linked, product.changed);
            let wanted =
                linked || (settings.items.unsold == UnsoldProduct::Create && product.is_sold);
            let now = if wanted { sold(ground, &products, product, kept) } else { None };
            Changed { key, linked, kept, now }
        });
        let changed = changed.collect();
        let linked = keys_of(&request.map.records, RecordKind::Contact);
        let customers = request.customers.iter().filter_map(|json| {
            let (id, buyer, changed) = woo::read_customer(json)?;
            let key = format!("{id}");
            let linked = linked.get(&key).is_some();
            let kept = keeps(gate, &settings.sync.customers, linked, changed);
            let now = of_buyer(&settings.contact, id, &buyer).filter(|_| linked);
            Some(Changed { key, linked, kept, now: now.map(|now| Customer { kept, ..now }) })
        });
        Self { customers: customers.collect(), products: changed }
    }

    /// Those products that no order of the request brings.
    pub(super) fn add_sold(&self, sold: &mut Vec<Sold>) {
        for product in self.products.iter().filter_map(|changed| changed.now.as_ref()) {
            if !sold.iter().any(|one| one.id == product.id) {
                sold.push(product.clone());
            }
        }
    }

    /// Those customers that no order of the request brings.
    pub(super) fn add_customers(&self, customers: &mut Vec<Customer>) {
        for customer in self.customers.iter().filter_map(|changed| changed.now.as_ref()) {
            if !customers.iter().any(|one| one.key == customer.key) {
                customers.push(customer.clone());
            }
        }
    }

    /// Plans what no order has planned, with a row for each.
    pub(super) fn plan(
        &self,
        settings: &Settings,
        (contacts, known): (&mut Contacts, &Register<KnownContact>),
        items: &mut Items,
        plan: &mut Planner<'_>,
    ) {
        for changed in &self.customers {
            let unclear = changed.now.as_ref().and_then(|now| match known.get(&now.key) {
                Some(KnownContact::Unclear(finding)) => Some(finding.clone()),
                _ => None,
            });
            let record = contacts.planned.get_mut(&changed.key).and_then(Option::take);
            let made = carry(plan, RecordKind::Contact, record);
            let off = !settings.sync.customers.on;
            plan.row(row("customer", changed, made, (off, unclear)));
        }
        for changed in &self.products {
            let entry = items.planned.get_mut(&changed.key);
            // An order of the same plan may have brought it.
            let brought = entry.is_some() && !changed.kept;
            let record = entry.and_then(Option::take);
            let (fate, name) = carry(plan, RecordKind::Item, record);
            let made = (fate.or(brought.then_some(Fate::Same)), name);
            let off = !settings.sync.products.on;
            plan.row(row("product", changed, made, (off, None)));
        }
    }
}

/// Puts what is planned into the plan; gives what becomes of it, and its name or code.
fn carry(
    plan: &mut Planner<'_>,
    kind: RecordKind,
    record: Option<PlannedRecord>,
) -> (Option<Fate>, String) {
    let Some(record) = record else { return (None, String::new()) };
    let (fate, name) = (fate_of(&record.xero_id, &record.body), record.name.clone());
    plan.record(kind, record);
    (Some(fate), name)
}

/// What becomes of a contact or an item.
const fn fate_of(xero_id: &str, body: &str) -> Fate {
    match (xero_id.is_empty(), body.is_empty()) {
        (true, _) => Fate::Create,
        (false, true) => Fate::Adopt,
        (false, false) => Fate::Update,
    }
}

fn row<T>(
    kind: &str,
    changed: &Changed<T>,
    (fate, number): (Option<Fate>, String),
    (off, unclear): (bool, Option<Finding>),
) -> Row {
    let about = |code, message: &str| Finding::new(code, kind, changed.key.clone(), message);
    let (fate, findings) = match (fate, unclear) {
        _ if off => {
            (Fate::Skip, alloc::vec![about(Code::RecordSwitchedOff, "its kind is switched off")])
        }
        (_, Some(finding)) => (Fate::Hold, alloc::vec![finding]),
        (Some(fate), None) => (fate, Vec::new()),
        (None, None) if !changed.linked => {
            let message = "no order has brought it to Xero yet";
            (Fate::Skip, alloc::vec![about(Code::RecordUnlinked, message)])
        }
        (None, None) => (Fate::Same, Vec::new()),
    };
    let object = Subject { kind: kind.into(), id: changed.key.clone() };
    Row { object, order_id: 0, number, fate, findings }
}

fn keeps(gate: &Gate<'_>, switch: &Switch, linked: bool, changed: When) -> bool {
    gate.keeps(switch, 0, changed) && !(linked && switch.on)
}

/// A product as an order line would name it; nothing where that cannot be said.
fn sold(
    ground: &Ground<'_>,
    products: &[ChangedProduct],
    product: &ChangedProduct,
    kept: bool,
) -> Option<Sold> {
    // Order lines name a variation by its product's name and its own.
    let name = if product.parent == 0 {
        product.name.clone()
    } else {
        let parent = products.iter().find(|other| other.id == product.parent)?;
        format!("{} - {}", parent.name, product.name)
    };
    let (posted, contacts, items) = (Posted::default(), Register::default(), Register::default());
    let known = Known { posted: &posted, contacts: &contacts, items: &items, gate: None };
    let context = ground.context(&known);
    let ids = if product.parent == 0 { (product.id, 0) } else { (product.parent, product.id) };
    let account = account_at_home(&context, ids, &product.tax_class);
    // A price with tax in it is none for an item, whose price is without.
    let price = product.price.filter(|_| !context.shop.prices_include_tax).unwrap_or_default();
    Some(Sold {
        id: product.id,
        sku: product.sku.clone(),
        name,
        price: round_half_up(price, UNIT_DIGITS),
        posting: account.map(|account| (account, String::new())),
        kept,
        alone: true,
    })
}

/// The products of a request, for rules by category and type.
pub(super) fn products_of(request: &PlanRequest<&Json<'_>>) -> Vec<Product> {
    woo::read_products(&request.products).0
}
