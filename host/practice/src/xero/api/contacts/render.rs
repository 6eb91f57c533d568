//! How contacts are answered.

use std::collections::HashMap;

use rust_decimal::Decimal;
use uuid::Uuid;

use super::super::super::clock::stamp;
use super::super::super::json::{Fields, Json};
use super::super::super::model::contact::{Contact, Part};
use super::super::super::model::document::Document;
use super::super::super::model::organisation::Organisation;
use super::super::{Context, fields};

/// What a contact owes and is owed: outstanding and overdue, of sales and of bills.
#[derive(Debug, Clone, Copy, Default)]
pub(in super::super) struct Balance([Decimal; 4]);

/// Where a contact is shown.
#[derive(Debug, Clone, Copy)]
pub(in super::super) enum View {
    /// Alone, read.
    One(Option<Balance>),
    /// In a list of contacts.
    Listed(Option<Balance>),
    /// The answer to a write of contacts, and on an invoice.
    Written,
    /// On a credit note or bank transaction.
    Lean,
}

/// The balances of every contact with an open document.
pub(super) fn balances(organisation: &Organisation, context: &Context) -> HashMap<Uuid, Balance> {
    let today = organisation.today(context.now);
    let mut found: HashMap<Uuid, Balance> = HashMap::new();
    let mut count = |one: &Document, sign: Decimal| {
        if let (Some(contact), true) = (one.contact, one.status.is_approved()) {
            let Balance(sums) = found.entry(contact).or_default();
            let amount = one.outstanding() * sign;
            let [owing, owing_late, owed, owed_late] = sums;
            let (all, late) =
                if one.document_type.is_sale() { (owing, owing_late) } else { (owed, owed_late) };
            *all += amount;
            if one.due_date.is_some_and(|due| due < today) {
                *late += amount;
            }
        }
    };
    organisation.invoices.iter().for_each(|one| count(one, Decimal::ONE));
    organisation.credit_notes.iter().for_each(|one| count(one, Decimal::NEGATIVE_ONE));
    found
}

/// A contact in full, as far as the view shows it.
pub(in super::super) fn contact(contact: &Contact, view: View) -> Fields {
    let mut out = Fields::default();
    let balance = match view {
        View::One(balance) | View::Listed(balance) => balance,
        View::Written | View::Lean => None,
    };
    let lean = matches!(view, View::Lean);
    let listed = matches!(view, View::Listed(_));
    out.put("ContactID", contact.id)
        .put_text("ContactNumber", &contact.number)
        .put_text("AccountNumber", contact.text("AccountNumber"))
        .put("ContactStatus", contact.status.as_str())
        .put("Name", contact.name.as_str());
    for field in ["FirstName", "LastName"] {
        let set = contact.texts.iter().any(|(name, _)| name == field);
        out.put_some(field, set.then(|| contact.text(field)));
    }
    out.put_text("CompanyNumber", contact.text("CompanyNumber"))
        .put("EmailAddress", contact.text("EmailAddress"))
        .put_text("SkypeUserName", contact.text("SkypeUserName"))
        .put("BankAccountDetails", contact.text("BankAccountDetails"));
    for field in ["TaxNumber", "AccountsReceivableTaxType", "AccountsPayableTaxType"] {
        out.put_text(field, contact.text(field));
    }
    out.put("Addresses", contact.addresses.iter().map(address).collect::<Vec<_>>())
        .put("Phones", contact.phones.iter().map(phone).collect::<Vec<_>>())
        .put("UpdatedDateUTC", stamp(contact.updated))
        .put("ContactGroups", Vec::new());
    if !lean {
        out.put("IsSupplier", contact.is_supplier).put("IsCustomer", contact.is_customer);
        for field in
            ["DefaultCurrency", "SalesDefaultLineAmountType", "PurchasesDefaultLineAmountType"]
        {
            out.put_text(field, contact.text(field));
        }
        if !listed {
            out.put("SalesTrackingCategories", Vec::new())
                .put("PurchasesTrackingCategories", Vec::new());
        }
        out.put_some("PaymentTerms", terms(contact)).put_some("Balances", balance.map(balances_of));
    }
    out.put("ContactPersons", contact.persons.iter().map(person).collect::<Vec<_>>());
    if matches!(view, View::One(_) | View::Listed(_)) {
        out.put("HasAttachments", false);
    }
    out.put("HasValidationErrors", false);
    out
}

/// A contact on a document of a list: its id and name.
pub(in super::super) fn short(contact: &Contact) -> Fields {
    let mut out = Fields::default();
    out.put("ContactID", contact.id).put("Name", contact.name.as_str());
    put_empty_lists(&mut out);
    out.put("HasValidationErrors", false);
    out
}

/// A contact on a refused document: what was sent.
pub(in super::super) fn echo(sent: &Json, id: Option<Uuid>) -> Fields {
    let mut out = Fields::default();
    out.put_some("ContactID", id.or_else(|| fields::id(sent, "ContactID")))
        .put_some("ContactNumber", fields::filled(sent, "ContactNumber"))
        .put_some("Name", fields::filled(sent, "Name"));
    put_empty_lists(&mut out);
    out.put("HasValidationErrors", false).put("ValidationErrors", Vec::new());
    out
}

/// A refused contact: zeros for its id when it is new, and what was sent.
pub(super) fn refused(sent: &Json, held: &Contact) -> Fields {
    let mut out = Fields::default();
    out.put("ContactID", held.id)
        .put_some("ContactNumber", fields::filled(sent, "ContactNumber"))
        .put_some("AccountNumber", fields::filled(sent, "AccountNumber"))
        .put_some("ContactStatus", fields::filled(sent, "ContactStatus"))
        .put_some("Name", fields::text(sent, "Name"));
    for field in ["FirstName", "LastName", "CompanyNumber", "EmailAddress", "BankAccountDetails"] {
        out.put_some(field, fields::text(sent, field));
    }
    for field in ["TaxNumber", "AccountsReceivableTaxType", "AccountsPayableTaxType"] {
        out.put_some(field, fields::text(sent, field));
    }
    out.put("Addresses", echo_parts(sent, "Addresses"))
        .put("Phones", echo_parts(sent, "Phones"))
        .put("ContactGroups", Vec::new())
        .put_some("IsSupplier", fields::flag(sent, "IsSupplier"))
        .put_some("IsCustomer", fields::flag(sent, "IsCustomer"))
        .put("ContactPersons", Vec::new())
        .put("HasValidationErrors", true);
    out
}

fn echo_parts(sent: &Json, list: &str) -> Vec<Json> {
    sent.get(list)
        .map(Json::items)
        .unwrap_or_default()
        .iter()
        .map(|part| match fields::without_nulls(part) {
            Json::Object(mut fields) => {
                fields.put("ValidationErrors", Vec::new());
                fields.into()
            }
            other => other,
        })
        .collect()
}

fn put_empty_lists(out: &mut Fields) {
    for list in ["Addresses", "Phones", "ContactGroups", "ContactPersons"] {
        out.put(list, Vec::new());
    }
}

fn address(part: &Part) -> Json {
    let mut out = Fields::default();
    out.put("AddressType", part.kind.as_str());
    for line in ["AddressLine1", "AddressLine2", "AddressLine3", "AddressLine4"] {
        out.put_some(line, part.get(line));
    }
    for member in ["City", "Region", "PostalCode", "Country"] {
        out.put(member, part.get(member).unwrap_or_default());
    }
    out.put_some("AttentionTo", part.get("AttentionTo"));
    out.into()
}

fn phone(part: &Part) -> Json {
    let mut out = Fields::default();
    out.put("PhoneType", part.kind.as_str());
    for member in ["PhoneNumber", "PhoneAreaCode", "PhoneCountryCode"] {
        out.put(member, part.get(member).unwrap_or_default());
    }
    out.into()
}

fn person(part: &Part) -> Json {
    let mut out = Fields::default();
    for member in ["FirstName", "LastName", "EmailAddress"] {
        out.put_some(member, part.get(member));
    }
    out.put("IncludeInEmails", part.get("IncludeInEmails") == Some("true"));
    out.into()
}

fn terms(contact: &Contact) -> Option<Fields> {
    let mut out = Fields::default();
    for (side, day, kind) in &contact.payment_terms {
        let mut term = Fields::default();
        term.put("Day", *day).put("Type", kind.as_str());
        out.put(side, term);
    }
    (!contact.payment_terms.is_empty()).then_some(out)
}

fn balances_of(Balance([owing, owing_late, owed, owed_late]): Balance) -> Fields {
    let side = |all, late| {
        let mut out = Fields::default();
        out.put("Outstanding", Json::money(all)).put("Overdue", Json::money(late));
        out
    };
    let mut out = Fields::default();
    out.put("AccountsReceivable", side(owing, owing_late))
        .put("AccountsPayable", side(owed, owed_late));
    out
}
