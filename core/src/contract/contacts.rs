//! The customers of a request's orders, matched with the organisation's contacts; `match`.

use alloc::{string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use crate::{
    finding::Finding,
    json::{
        Fields, Json,
        strict::{Misread, closed, needed, optional},
    },
    matching::{
        By, Customer, Directory, LedgerContact, Match, Suggestion,
        customer::customer,
        planned::{Contacts, Links, Planned, plan},
        suggest,
    },
    plan::{Known, LinkState, RecordKind, RecordLink},
    register::Register,
    settings::{ContactSettings, Settings, StatusAction},
    shop::{order::Order, woo},
    xero::document::DocumentKind,
};

use super::{CONTRACT_VERSION, CORE_VERSION, PlanRequest, Request, SaleInput};

#[cfg(feature = "schema")]
use super::types::AnyObject;

/// Matches the customers of all orders that are to be posted and have not been.
pub(super) fn plan_contacts(request: &PlanRequest<&Json<'_>>, known: &Known) -> Contacts {
    let settings = &request.map.settings;
    let posted = |id: u64| {
        let link = known.document(DocumentKind::Invoice, id);
        link.is_some_and(|link| link.state == LinkState::Live)
    };
    let customers = customers(settings, &request.map.sales, |order| {
        let action = settings.statuses.get(&order.status);
        let posts = matches!(action, Some(StatusAction::Invoice | StatusAction::InvoicePaid));
        posts && !posted(order.id)
    });
    let directory = directory(&request.ledger.contacts);
    plan(&directory, &customers, &links(&request.records), settings.contact.existing)
}

/// What is to be done about the contact of an order, once.
pub(super) fn take_planned(
    contacts: &mut Contacts,
    settings: &ContactSettings,
    order: &Order,
) -> Option<Planned> {
    contacts.planned.get_mut(&customer(settings, order)?.key)?.take()
}

fn links(records: &[RecordLink]) -> Links<'_> {
    let mut links = Links::default();
    for link in records.iter().filter(|link| link.kind == RecordKind::Contact) {
        links.put(link.key.clone(), (&*link.xero_id, &*link.sha256));
    }
    links
}

fn directory(contacts: &[&Json<'_>]) -> Directory {
    Directory::new(contacts.iter().filter_map(|json| LedgerContact::read(json)).collect())
}

/// The customers of those orders that are wanted; of several orders the last one says who it is.
fn customers(
    settings: &Settings,
    sales: &[SaleInput<&Json<'_>>],
    wanted: impl Fn(&Order) -> bool,
) -> Vec<Customer> {
    let mut customers: Register<(u64, Customer)> = Register::default();
    for sale in sales {
        let (_, order, _) = woo::read_order(sale.order);
        let Some(mut order) = order else { continue };
        order.buyer.role = woo::read_role(sale.customer);
        let Some(customer) = customer(&settings.contact, &order).filter(|_| wanted(&order)) else {
            continue;
        };
        let known = customers.get(&customer.key);
        if known.is_none_or(|(id, _)| *id < order.id) {
            customers.put(customer.key.clone(), (order.id, customer));
        }
    }
    customers.into_things().into_iter().map(|(_, customer)| customer).collect()
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
    let links = links(&request.records);
    let customers = customers(&request.settings, &request.sales, |_| true);
    let matched = |customer: Customer| {
        let linked = links.get(&customer.key).map(|(id, _)| *id);
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
        customers: customers.into_iter().map(matched).collect(),
    }
}
