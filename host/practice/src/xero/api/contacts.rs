//! `/Contacts`: lists, one by id or number, create and update (section 3.4).

pub(super) mod check;
pub(super) mod render;
pub(super) mod resolve;

use uuid::Uuid;

use super::super::call::{Call, Reply};
use super::super::json::Json;
use super::super::model::contact::{Contact, Part};
use super::super::model::organisation::Organisation;
use super::list::{Row, select};
use super::{Context, Outcome, fields, history, write_all};
use render::View;

impl Row for Contact {
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

/// Text fields of a contact that the API keeps, with the characters each may have.
pub(super) const TEXTS: [(&str, usize); 14] = [
    ("AccountNumber", 50),
    ("FirstName", 255),
    ("LastName", 255),
    ("CompanyNumber", 50),
    ("EmailAddress", 255),
    ("SkypeUserName", 50),
    ("BankAccountDetails", 255),
    ("TaxNumber", 50),
    ("AccountsReceivableTaxType", 50),
    ("AccountsPayableTaxType", 50),
    ("DefaultCurrency", 3),
    ("SalesDefaultLineAmountType", 50),
    ("PurchasesDefaultLineAmountType", 50),
    ("Website", 255),
];

pub(super) fn answer(
    organisation: &mut Organisation,
    context: &Context,
    call: &Call,
    rest: &[&str],
) -> Reply {
    match (call.method.as_str(), rest) {
        ("GET", []) => list(organisation, context, call),
        ("GET", [key]) => match find(organisation, key) {
            Some(contact) => {
                let balance = render::balances(organisation, context).remove(&contact.id);
                let body = render::contact(contact, View::One(balance));
                context.envelope("Contacts", vec![body.into()], None)
            }
            None => Reply::not_found(),
        },
        ("PUT" | "POST", []) => {
            write_all(organisation, context, call, "Contacts", |books, element| {
                write(books, context, element, None)
            })
        }
        ("POST", [key]) => {
            let Some(id) = find(organisation, key).map(|one| one.id) else {
                return Reply::not_found();
            };
            write_all(organisation, context, call, "Contacts", |books, element| {
                write(books, context, element, Some(id))
            })
        }
        (_, [key, word]) if word.eq_ignore_ascii_case("history") => {
            let id = find(organisation, key).map(|one| one.id);
            history::answer(organisation, context, call, id)
        }
        _ => Reply::empty(405),
    }
}

fn find<'a>(organisation: &'a Organisation, key: &str) -> Option<&'a Contact> {
    match key.parse::<Uuid>() {
        Ok(id) => organisation.contacts.get(id),
        Err(_) => organisation.contacts.find(|one| !one.number.is_empty() && one.number == key),
    }
}

fn list(organisation: &Organisation, context: &Context, call: &Call) -> Reply {
    let archived = call.flag("includeArchived") == Some(true);
    let ids: Option<Vec<String>> = call
        .param("IDs")
        .map(|text| text.split(',').map(|id| id.trim().to_ascii_lowercase()).collect());
    let term = call.param("searchTerm").map(|text| text.to_lowercase());
    let shown = organisation.contacts.iter().filter(|one| {
        (archived || one.status == "ACTIVE")
            && ids.as_ref().is_none_or(|ids| ids.contains(&one.id.to_string()))
            && term.as_ref().is_none_or(|term| {
                [&one.name, &one.number]
                    .into_iter()
                    .map(String::as_str)
                    .chain(
                        ["FirstName", "LastName", "EmailAddress", "CompanyNumber"]
                            .map(|key| one.text(key)),
                    )
                    .any(|text| text.to_lowercase().contains(term))
            })
    });
    let value = |one: &Contact, field: &str| {
        Some(match field.to_ascii_lowercase().as_str() {
            "name" => one.name.clone(),
            "emailaddress" => one.text("EmailAddress").to_owned(),
            "accountnumber" => one.text("AccountNumber").to_owned(),
            "taxnumber" => one.text("TaxNumber").to_owned(),
            "contactnumber" => one.number.clone(),
            "contactid" => one.id.to_string(),
            "contactstatus" => one.status.clone(),
            "iscustomer" => one.is_customer.to_string(),
            "issupplier" => one.is_supplier.to_string(),
            _ => return None,
        })
    };
    match select(shown, call, context, true, value) {
        Ok(listed) => {
            let summary = call.flag("summaryOnly") == Some(true);
            let mut balances = render::balances(organisation, context);
            let list = listed
                .rows
                .into_iter()
                .map(|one| {
                    let balance = balances.remove(&one.id).filter(|_| !summary);
                    render::contact(one, View::Listed(balance)).into()
                })
                .collect();
            context.envelope("Contacts", list, listed.pagination)
        }
        Err(reply) => *reply,
    }
}

/// Creates or updates one contact.
fn write(
    organisation: &mut Organisation,
    context: &Context,
    element: &Json,
    target: Option<Uuid>,
) -> Outcome {
    let mut errors = Vec::new();
    let held = if context.create_only {
        None
    } else {
        match target {
            Some(id) => organisation.contacts.get(id).cloned(),
            None => resolve::find(organisation, element).cloned(),
        }
    };
    let is_new = held.is_none();
    let before = held.clone();
    let mut contact = held.unwrap_or_else(|| blank(context));
    if before.as_ref().is_some_and(|one| one.status == "ARCHIVED") {
        errors.push(check::ARCHIVED.to_owned());
    } else {
        overlay(&mut contact, element);
        check::contact(organisation, &contact, is_new, &mut errors);
    }
    if !errors.is_empty() {
        return Outcome { body: render::refused(element, &contact), errors, warnings: Vec::new() };
    }
    if is_new {
        contact.id = organisation.new_id();
    }
    contact.updated = context.now;
    organisation.contacts.put(contact.clone());
    let body = render::contact(&contact, View::Written);
    Outcome { body, errors, warnings: Vec::new() }
}

/// A contact that has nothing yet.
pub(super) fn blank(context: &Context) -> Contact {
    let part = |kind: &str| Part { kind: kind.to_owned(), texts: Vec::new() };
    Contact {
        id: Uuid::nil(),
        number: String::new(),
        status: "ACTIVE".to_owned(),
        name: String::new(),
        texts: Vec::new(),
        addresses: ["STREET", "POBOX"].map(part).to_vec(),
        phones: ["DEFAULT", "DDI", "FAX", "MOBILE"].map(part).to_vec(),
        persons: Vec::new(),
        payment_terms: Vec::new(),
        is_customer: false,
        is_supplier: false,
        updated: context.now,
    }
}

/// Puts what was sent over what is held; fields that were left out stay.
pub(super) fn overlay(contact: &mut Contact, element: &Json) {
    if let Some(name) = fields::text(element, "Name") {
        contact.name = name;
    }
    if let Some(number) = fields::filled(element, "ContactNumber") {
        contact.number = number;
    }
    if let Some(status) = fields::filled(element, "ContactStatus") {
        contact.status = status.to_ascii_uppercase();
    }
    for (field, _) in TEXTS {
        if let Some(text) = fields::text(element, field) {
            contact.set_text(field, text.trim());
        }
    }
    overlay_parts(&mut contact.addresses, element, "Addresses", "AddressType");
    overlay_parts(&mut contact.phones, element, "Phones", "PhoneType");
    if let Some(persons) = element.get("ContactPersons").filter(|list| !list.items().is_empty()) {
        contact.persons = persons.items().iter().map(|one| part_of(one, "")).collect();
    }
    if let Some(terms) = element.get("PaymentTerms") {
        for side in ["Bills", "Sales"] {
            let Some(term) = terms.get(side) else { continue };
            let day = fields::text(term, "Day").and_then(|text| text.parse().ok()).unwrap_or(0);
            let kind = fields::filled(term, "Type").unwrap_or_default();
            contact.payment_terms.retain(|(held, _, _)| held != side);
            contact.payment_terms.push((side.to_owned(), day, kind));
        }
    }
}

fn overlay_parts(held: &mut Vec<Part>, element: &Json, list: &str, kind_key: &str) {
    for sent in element.get(list).map(Json::items).unwrap_or_default() {
        let part = part_of(sent, kind_key);
        match held.iter_mut().find(|one| one.kind == part.kind) {
            Some(one) => {
                for (field, text) in &part.texts {
                    one.set(field, text);
                }
            }
            None => held.push(part),
        }
    }
}

/// A part with the members that were sent, under their names on the wire.
fn part_of(sent: &Json, kind_key: &str) -> Part {
    const MEMBERS: [&str; 15] = [
        "AddressLine1",
        "AddressLine2",
        "AddressLine3",
        "AddressLine4",
        "City",
        "Region",
        "PostalCode",
        "Country",
        "AttentionTo",
        "PhoneNumber",
        "PhoneAreaCode",
        "PhoneCountryCode",
        "FirstName",
        "LastName",
        "EmailAddress",
    ];
    let kind = fields::filled(sent, kind_key).unwrap_or_default().to_ascii_uppercase();
    let mut part = Part { kind, texts: Vec::new() };
    for member in MEMBERS {
        if let Some(text) = fields::text(sent, member) {
            part.set(member, &text);
        }
    }
    if let Some(include) = fields::flag(sent, "IncludeInEmails") {
        part.set("IncludeInEmails", &include.to_string());
    }
    part
}
