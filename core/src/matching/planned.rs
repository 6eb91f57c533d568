//! What is to be done about a customer's contact.

use alloc::{collections::BTreeSet, string::String, vec::Vec};

use crate::{
    finding::Finding,
    register::Register,
    settings::ExistingContact,
    xero::wire::{ContactFields, sha256, write_contact_fields},
};

use super::{By, Customer, Directory, LedgerContact, Linked, Match, PlannedRecord, fold::fold};

/// What is known of a customer's contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KnownContact {
    /// It is in Xero: `ContactID` and `Name`.
    There(String, String),
    /// It is to be made, under this name.
    New(String),
    /// It cannot be said who it is.
    Unclear(Finding),
}

/// The contacts of all customers.
#[derive(Debug, Default)]
pub struct Contacts {
    /// What the mapping has to know, by [`Customer::key`].
    pub known: Register<KnownContact>,
    /// What is to be done, by the same.
    pub planned: Register<Option<PlannedRecord>>,
}

/// Plans every customer, each name once.
#[must_use]
pub fn plan(
    directory: &Directory,
    customers: &[Customer],
    links: &Register<Linked<'_>>,
    existing: ExistingContact,
) -> Contacts {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut contacts = Contacts::default();
    // A link without an id is of a contact that an earlier part of the plan makes.
    for link in links.iter().filter(|link| link.xero_id.is_empty()) {
        taken.insert(fold(link.name));
    }
    for customer in customers {
        let key = &customer.key;
        let link = links.get(key);
        if let Some(Linked { xero_id: "", name, .. }) = link {
            contacts.known.put(key.clone(), KnownContact::New((*name).into()));
            continue;
        }
        let sha256 = sha256(&write_contact_fields(&fields(customer, &customer.name)));
        let (known, planned) = match directory.find(customer, link.map(|link| link.xero_id)) {
            Match::Unclear(finding) => (KnownContact::Unclear(finding), None),
            Match::Found(contact, by) => {
                let same = by == By::Link && link.is_some_and(|link| link.sha256 == sha256);
                let planned = (!same && !customer.kept).then(|| PlannedRecord {
                    key: key.clone(),
                    name: contact.name.clone(),
                    xero_id: contact.id.clone(),
                    body: change(customer, contact, existing),
                    sha256,
                });
                (KnownContact::There(contact.id.clone(), contact.name.clone()), planned)
            }
            Match::New => {
                let free =
                    |name: &String| !directory.has_name(name) && !taken.contains(&fold(name));
                let name = Some(customer.name.clone()).filter(free);
                let name = name.unwrap_or_else(|| customer.name_apart());
                taken.insert(fold(&name));
                let body = write_contact_fields(&fields(customer, &name));
                let (key, xero_id) = (key.clone(), String::new());
                let planned = PlannedRecord { key, name: name.clone(), xero_id, body, sha256 };
                (KnownContact::New(name), Some(planned).filter(|_| !customer.kept))
            }
        };
        contacts.known.put(key.clone(), known);
        contacts.planned.put(key.clone(), planned);
    }
    contacts
}

fn fields<'a>(customer: &'a Customer, name: &'a str) -> ContactFields<'a> {
    let addresses = [("POBOX", &customer.billing), ("STREET", &customer.shipping)];
    ContactFields {
        id: "",
        texts: alloc::vec![
            ("ContactNumber", &customer.number, 50),
            ("Name", name, 255),
            ("FirstName", &customer.first_name, 255),
            ("LastName", &customer.last_name, 255),
            ("EmailAddress", &customer.email, 255),
            ("TaxNumber", &customer.tax_number, 50),
        ],
        addresses: addresses.into_iter().filter(|(_, address)| !address.is_empty()).collect(),
        phone: &customer.phone,
    }
}

/// The change to a contact that was there before; empty where there is nothing to change.
fn change(customer: &Customer, contact: &LedgerContact, existing: ExistingContact) -> String {
    let mut wanted = fields(customer, &customer.name);
    wanted.id = &contact.id;
    let own = |name: &str| match name {
        "ContactNumber" => &contact.number,
        "Name" => &contact.name,
        "FirstName" => &contact.first_name,
        "LastName" => &contact.last_name,
        "EmailAddress" => &contact.email,
        _ => &contact.tax_number,
    };
    match existing {
        ExistingContact::Leave => return String::new(),
        // A number that another program gave the contact stays: it is that program's key.
        ExistingContact::Overwrite => wanted.texts.retain(|(name, text, _)| {
            own(name) != *text && (*name != "ContactNumber" || contact.number.is_empty())
        }),
        ExistingContact::Fill => {
            wanted.texts.retain(|(name, _, _)| own(name).is_empty());
            wanted.addresses.retain(|(kind, _)| !contact.addresses.iter().any(|own| own == kind));
            if contact.has_phone {
                wanted.phone = "";
            }
        }
    }
    let texts: Vec<_> = wanted.texts.iter().filter(|(_, text, _)| !text.is_empty()).collect();
    if texts.is_empty() && wanted.addresses.is_empty() && wanted.phone.is_empty() {
        return String::new();
    }
    write_contact_fields(&wanted)
}
