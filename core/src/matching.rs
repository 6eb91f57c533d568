//! Who in the shop is whom in Xero. ACCOUNTING section 3.
//!
//! The first of these that finds somebody counts: the link that we keep, the contact number, the
//! e-mail address, the tax number, the same name at the same postcode. Two candidates are never
//! guessed between; an archived one is never used.

pub mod customer;
mod fold;
pub mod item;
pub mod ledger;
pub mod planned;
mod suggest;

use alloc::{format, string::String, vec::Vec};

use crate::{
    finding::{Code, Finding},
    json::strict::choice,
    register::Register,
};

pub use customer::Customer;
pub use ledger::LedgerContact;
pub use suggest::{Suggestion, suggest};

use fold::fold;

choice! {
    /// By what a customer was found in Xero.
    By {
        Link "By the link that we keep.",
        Number "By `ContactNumber`.",
        Email "By `EmailAddress`.",
        TaxNumber "By `TaxNumber`.",
        NameAndPostcode "By the same name at the same postcode.",
    }
}

/// What a customer is in Xero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match<'a> {
    /// This contact.
    Found(&'a LedgerContact, By),
    /// Nobody yet.
    New,
    /// It cannot be said; the finding holds the customer's orders.
    Unclear(Finding),
}

/// A contact or an item that is to be made, changed or linked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedRecord {
    /// What names the customer ([`Customer::key`]), or WooCommerce's id of the product.
    pub key: String,
    /// `Name` of the contact, or `Code` of the item.
    pub name: String,
    /// `ContactID` or `ItemID`; empty for a new one.
    pub xero_id: String,
    /// The element to send; empty where only the link is made.
    pub body: String,
    /// SHA-256 of all that the shop says: another one later changes it again. Empty for an item
    /// that is not ours to change.
    pub sha256: String,
}

/// A link to a contact or an item that we keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Linked<'a> {
    /// `ContactID` or `ItemID`; empty where an earlier part of the plan makes it.
    pub xero_id: &'a str,
    /// `Name` or `Code`.
    pub name: &'a str,
    /// SHA-256 of what the shop said at the time.
    pub sha256: &'a str,
}

/// The contacts of an organisation, found by what names them.
#[derive(Debug, Default)]
pub struct Directory {
    contacts: Vec<LedgerContact>,
    by: Register<usize>,
}

impl Directory {
    /// Indexes an organisation's contacts.
    #[must_use]
    pub fn new(contacts: Vec<LedgerContact>) -> Self {
        let mut directory = Self::default();
        for (index, contact) in contacts.iter().enumerate() {
            let name = fold(&contact.name);
            let keys = [
                (By::Link, contact.id.clone()),
                (By::Number, contact.number.clone()),
                (By::Email, contact.email.to_ascii_lowercase()),
                (By::TaxNumber, fold(&contact.tax_number)),
            ];
            let places = contact
                .postcodes
                .iter()
                .map(|postcode| (By::NameAndPostcode, place(&name, postcode)));
            for (by, key) in keys.into_iter().chain(places).filter(|(_, key)| !key.is_empty()) {
                directory.enter(words(by), &key, index);
            }
            if contact.active {
                directory.enter(NAME, &name, index);
            }
        }
        directory.contacts = contacts;
        directory
    }

    /// All contacts.
    #[must_use]
    pub fn contacts(&self) -> &[LedgerContact] {
        &self.contacts
    }

    /// Finds a customer; `linked` is the contact's id in the link that we keep.
    #[must_use]
    pub fn find(&self, customer: &Customer, linked: Option<&str>) -> Match<'_> {
        if let Some(contact) = linked.and_then(|id| self.all(words(By::Link), id).pop()) {
            return if contact.active {
                Match::Found(contact, By::Link)
            } else {
                Match::Unclear(archived(customer, contact, By::Link))
            };
        }
        let keys = [
            (By::Number, customer.number.clone()),
            (By::Email, customer.email.to_ascii_lowercase()),
            (By::TaxNumber, fold(&customer.tax_number)),
            (By::NameAndPostcode, place(&fold(&customer.name), &customer.billing.postcode)),
            (By::NameAndPostcode, place(&fold(&customer.plain_name()), &customer.billing.postcode)),
        ];
        for (by, key) in keys.into_iter().filter(|(_, key)| !key.is_empty()) {
            let found = self.all(words(by), &key);
            let (active, gone): (Vec<_>, Vec<_>) = found.into_iter().partition(|one| one.active);
            match (active.as_slice(), gone.first()) {
                ([contact], _) => return Match::Found(contact, by),
                ([], Some(contact)) => return Match::Unclear(archived(customer, contact, by)),
                ([], None) => {}
                (several, _) => return Match::Unclear(ambiguous(customer, several, by)),
            }
        }
        Match::New
    }

    /// Whether another active contact bears a name already.
    #[must_use]
    pub fn has_name(&self, name: &str) -> bool {
        !self.all(NAME, &fold(name)).is_empty()
    }

    /// Enters a contact behind the others with its key.
    fn enter(&mut self, by: &str, key: &str, index: usize) {
        let mut count = 0;
        while let Some(there) = self.by.get(&format!("{by} {key} {count}")) {
            if *there == index {
                return;
            }
            count += 1;
        }
        self.by.put(format!("{by} {key} {count}"), index);
    }

    /// All contacts with a key.
    fn all(&self, by: &str, key: &str) -> Vec<&LedgerContact> {
        let mut found = Vec::new();
        while let Some(index) = self.by.get(&format!("{by} {key} {}", found.len())) {
            let Some(contact) = self.contacts.get(*index) else { break };
            found.push(contact);
        }
        found
    }
}

/// The key of names alone, which show whether one is taken.
const NAME: &str = "name";

/// Name and postcode in one key; empty where one is missing.
fn place(name: &str, postcode: &str) -> String {
    let postcode = fold(postcode);
    if name.is_empty() || postcode.is_empty() {
        String::new()
    } else {
        format!("{name}|{postcode}")
    }
}

fn words(by: By) -> &'static str {
    match by {
        By::Link => "link",
        By::Number => "contact number",
        By::Email => "e-mail address",
        By::TaxNumber => "tax number",
        By::NameAndPostcode => "name and postcode",
    }
}

fn archived(customer: &Customer, contact: &LedgerContact, by: By) -> Finding {
    let message = format!("`{}`, found by its {}, is archived in Xero", contact.name, words(by));
    Finding::new(Code::ContactArchived, "customer", customer.key.clone(), message)
}

fn ambiguous(customer: &Customer, several: &[&LedgerContact], by: By) -> Finding {
    let names: Vec<String> =
        several.iter().take(5).map(|contact| format!("`{}`", contact.name)).collect();
    let message =
        format!("{} contacts have this {}: {}", several.len(), words(by), names.join(", "));
    Finding::new(Code::ContactAmbiguous, "customer", customer.key.clone(), message)
}
