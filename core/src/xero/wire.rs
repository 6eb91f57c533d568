//! The request body, byte for byte. The host sends it untouched; the preview shows it; its
//! SHA-256 names it.
//!
//! Numbers are plain decimals, never exponents; nothing is null; line amounts and totals are not
//! sent (reference: Xero, sections 1.3 and 3.1).

use alloc::{format, string::String, vec::Vec};
use core::fmt::Write as _;

use rust_decimal::Decimal;
use sha2::{Digest, Sha256};

use crate::{date::Date, shop::order::Address};

use super::document::{Contact, DocumentKind, Invoice, LineItem};

/// Writes one element of `{"Invoices":[…]}` or of `{"CreditNotes":[…]}`; a credit note has neither
/// due date nor link.
#[must_use]
pub fn write_document(document: &Invoice) -> String {
    write(document, &Existing::default())
}

/// What a document says, whatever contact and items have become meanwhile: by this a change in the shop is
/// noticed later.
#[must_use]
pub fn fingerprint(document: &Invoice) -> String {
    let contact = &document.contact;
    let known = Contact { number: contact.number.clone(), ..Contact::default() };
    let by_name = Contact { id: None, ..contact.clone() };
    let contact = if contact.number.is_some() { known } else { by_name };
    let mut document = Invoice { contact, status: "", ..document.clone() };
    for line in &mut document.lines {
        line.item_code = None;
    }
    sha256(&write_document(&document))
}

/// The ids that make a request change a document instead of making one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Existing<'a> {
    /// `InvoiceID` or `CreditNoteID`.
    pub id: &'a str,
    /// `LineItemID` by position; a line without one is made anew, and lines of the document that
    /// no id names are removed (reference: Xero, section 3.1).
    pub line_ids: Vec<&'a str>,
}

/// Writes one element that changes a document that exists.
#[must_use]
pub fn write_change(document: &Invoice, existing: &Existing<'_>) -> String {
    write(document, existing)
}

/// Writes one element that gives a document another status, such as `VOIDED`.
#[must_use]
pub fn write_status(kind: DocumentKind, id: &str, status: &str) -> String {
    write_new_status(id_field(kind), id, status)
}

/// Writes one element of `{"Payments":[…]}` for a document of ours, by its number: the id is not
/// known before the document is there (reference: Xero, section 3.3).
#[must_use]
pub fn write_payment(kind: DocumentKind, number: &str, payment: &Settlement<'_>) -> String {
    let (object, field) = match kind {
        DocumentKind::Invoice => ("Invoice", "InvoiceNumber"),
        DocumentKind::CreditNote => ("CreditNote", "CreditNoteNumber"),
    };
    let mut body = Object::new();
    body.raw(object, &named(field, number));
    body.raw("Account", &named("Code", payment.account_code));
    body.text("Date", &format!("{}", payment.date));
    body.number("Amount", payment.amount);
    body.optional("Reference", Some(payment.reference).filter(|text| !text.is_empty()));
    body.finish()
}

/// What a payment says besides the document it settles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settlement<'a> {
    /// The bank or clearing account.
    pub account_code: &'a str,
    /// Day the money moved.
    pub date: Date,
    /// Gross, in the document's currency.
    pub amount: Decimal,
    /// The gateway's reference; left out when empty.
    pub reference: &'a str,
}

/// Writes one element of `{"BankTransactions":[…]}`: money spent, tax included. Without a day it is
/// only for comparing.
#[must_use]
pub fn write_spend(spend: &Spend<'_>, date: Option<Date>) -> String {
    let mut line = Object::new();
    line.text("Description", spend.description);
    line.raw("Quantity", "1");
    line.number("UnitAmount", spend.amount);
    line.text("AccountCode", spend.account_code);
    line.text("TaxType", spend.tax_type);
    let mut body = Object::new();
    body.text("Type", "SPEND");
    body.raw("Contact", &named("Name", spend.contact));
    body.raw("BankAccount", &named("Code", spend.bank_account_code));
    if let Some(date) = date {
        body.text("Date", &format!("{date}"));
    }
    body.optional("Reference", Some(spend.reference).filter(|text| !text.is_empty()));
    body.text("LineAmountTypes", "Inclusive");
    body.text("Status", "AUTHORISED");
    body.raw("LineItems", &format!("[{}]", line.finish()));
    body.finish()
}

/// Writes one element that deletes a bank transaction.
#[must_use]
pub fn write_spend_deleted(id: &str) -> String {
    write_new_status("BankTransactionID", id, "DELETED")
}

fn write_new_status(id_field: &str, id: &str, status: &str) -> String {
    let mut body = Object::new();
    body.text(id_field, id);
    body.text("Status", status);
    body.finish()
}

/// Money spent from a bank account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spend<'a> {
    /// Who is paid.
    pub contact: &'a str,
    /// The account that it is taken from.
    pub bank_account_code: &'a str,
    /// The account that bears it.
    pub account_code: &'a str,
    /// `TaxType`.
    pub tax_type: &'a str,
    /// Gross, in the bank account's currency.
    pub amount: Decimal,
    /// The gateway's reference.
    pub reference: &'a str,
    /// What it is for.
    pub description: &'a str,
}

/// Writes one element of `{"Items":[…]}`: an untracked item that is sold (lengths: reference,
/// Xero, section 3.5).
#[must_use]
pub fn write_item(item: &ItemFields<'_>) -> String {
    let cut = |text: &'_ str, chars_max| {
        String::from(text.get(..cut_at(text, chars_max)).unwrap_or(text))
    };
    let mut sales = Object::new();
    if let Some(price) = item.price {
        sales.number("UnitPrice", price);
    }
    for (field, code) in [("AccountCode", item.account_code), ("TaxType", item.tax_type)] {
        sales.optional(field, Some(code).filter(|code| !code.is_empty()));
    }
    let mut body = Object::new();
    body.optional("ItemID", Some(item.id).filter(|id| !id.is_empty()));
    body.text("Code", item.code);
    body.text("Name", &cut(item.name, 50));
    body.text("Description", &cut(item.name, 4_000));
    body.raw("IsSold", "true");
    body.raw("SalesDetails", &sales.finish());
    body.finish()
}

/// An item as it is made or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ItemFields<'a> {
    /// `ItemID` of the item that is changed; empty for a new one.
    pub id: &'a str,
    /// `Code`, at most 30 characters.
    pub code: &'a str,
    /// `Name` and `Description`, cut to what each may have.
    pub name: &'a str,
    /// `UnitPrice` of a sale, at most four decimals.
    pub price: Option<Decimal>,
    /// `AccountCode` of a sale; left out when empty.
    pub account_code: &'a str,
    /// `TaxType` of a sale; left out when empty: then the account's own counts.
    pub tax_type: &'a str,
}

/// Writes one element of `{"Allocations":[…]}`.
#[must_use]
pub fn write_allocation(invoice_id: &str, amount: Decimal, date: Date) -> String {
    let mut body = Object::new();
    body.raw("Invoice", &named("InvoiceID", invoice_id));
    body.number("Amount", amount);
    body.text("Date", &format!("{date}"));
    body.finish()
}

/// A contact as it is made or changed; what is empty is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContactFields<'a> {
    /// `ContactID` of the contact that is changed; empty for a new one.
    pub id: &'a str,
    /// Plain fields by Xero's name, with the most characters that each may have.
    pub texts: Vec<(&'static str, &'a str, usize)>,
    /// Addresses by `AddressType`.
    pub addresses: Vec<(&'static str, &'a Address)>,
    /// `PhoneNumber` of the default kind.
    pub phone: &'a str,
}

/// Writes one element of `{"Contacts":[…]}` (lengths: reference, Xero, section 3.4).
#[must_use]
pub fn write_contact_fields(contact: &ContactFields<'_>) -> String {
    let filled = |body: &mut Object, name: &str, text: &str, chars_max: usize| {
        if !text.is_empty() {
            body.text(name, text.get(..cut_at(text, chars_max)).unwrap_or(text));
        }
    };
    let mut body = Object::new();
    filled(&mut body, "ContactID", contact.id, 36);
    for (name, text, chars_max) in &contact.texts {
        filled(&mut body, name, text, *chars_max);
    }
    let mut addresses = String::from("[");
    for (kind, address) in &contact.addresses {
        separate(&mut addresses);
        let mut entry = Object::new();
        entry.text("AddressType", kind);
        filled(&mut entry, "AddressLine1", &address.line_1, 500);
        filled(&mut entry, "AddressLine2", &address.line_2, 500);
        filled(&mut entry, "City", &address.city, 255);
        filled(&mut entry, "Region", &address.state, 255);
        filled(&mut entry, "PostalCode", &address.postcode, 50);
        filled(&mut entry, "Country", &address.country, 50);
        addresses.push_str(&entry.finish());
    }
    if !contact.addresses.is_empty() {
        addresses.push(']');
        body.raw("Addresses", &addresses);
    }
    if !contact.phone.is_empty() {
        let mut phone = Object::new();
        phone.text("PhoneType", "DEFAULT");
        filled(&mut phone, "PhoneNumber", contact.phone, 50);
        body.raw("Phones", &format!("[{}]", phone.finish()));
    }
    body.finish()
}

/// An object that only names something.
fn named(field: &str, text: &str) -> String {
    let mut object = Object::new();
    object.text(field, text);
    object.finish()
}

fn cut_at(text: &str, chars_max: usize) -> usize {
    text.char_indices().nth(chars_max).map_or(text.len(), |(end, _)| end)
}

fn id_field(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::Invoice => "InvoiceID",
        DocumentKind::CreditNote => "CreditNoteID",
    }
}

fn write(document: &Invoice, existing: &Existing<'_>) -> String {
    let mut body = Object::new();
    body.optional(id_field(document.kind), Some(existing.id).filter(|id| !id.is_empty()));
    let is_invoice = document.kind == DocumentKind::Invoice;
    let (kind, number) = match document.kind {
        DocumentKind::Invoice => ("ACCREC", "InvoiceNumber"),
        DocumentKind::CreditNote => ("ACCRECCREDIT", "CreditNoteNumber"),
    };
    body.text("Type", kind);
    body.text(number, &document.number);
    body.text("Reference", &document.reference);
    body.raw("Contact", &write_contact(&document.contact));
    body.text("Date", &format!("{}", document.date));
    if is_invoice {
        body.text("DueDate", &format!("{}", document.due_date));
    }
    body.text("LineAmountTypes", document.line_amount_types.as_str());
    body.text("CurrencyCode", document.currency.as_str());
    if let Some(rate) = document.currency_rate {
        body.number("CurrencyRate", rate);
    }
    // A document that is there keeps its status: a person may have approved it.
    body.optional("Status", Some(document.status).filter(|_| existing.id.is_empty()));
    body.optional("Url", document.url.as_deref().filter(|_| is_invoice));
    body.optional("BrandingThemeID", document.branding_theme_id.as_deref());
    body.raw("LineItems", &write_lines(&document.lines, &existing.line_ids));
    body.finish()
}

fn write_lines(items: &[LineItem], ids: &[&str]) -> String {
    let mut lines = String::from("[");
    let mut ids = ids.iter();
    for line in items {
        separate(&mut lines);
        lines.push_str(&write_line(line, ids.next().copied()));
    }
    lines.push(']');
    lines
}

fn write_contact(contact: &Contact) -> String {
    let mut body = Object::new();
    if let Some(id) = &contact.id {
        body.text("ContactID", id);
        return body.finish();
    }
    body.optional("ContactNumber", contact.number.as_deref());
    body.text("Name", &contact.name);
    body.optional("EmailAddress", contact.email.as_deref());
    body.finish()
}

fn write_line(line: &LineItem, id: Option<&str>) -> String {
    let mut body = Object::new();
    body.optional("LineItemID", id);
    body.text("Description", &line.description);
    body.number("Quantity", line.quantity);
    body.number("UnitAmount", line.unit_amount);
    body.optional("ItemCode", line.item_code.as_deref());
    body.text("AccountCode", &line.account_code);
    body.text("TaxType", &line.tax_type);
    if let Some(tax) = line.tax_amount {
        body.number("TaxAmount", tax);
    }
    if !line.tracking.is_empty() {
        let mut tracking = String::from("[");
        for (category, option) in &line.tracking {
            separate(&mut tracking);
            let mut entry = Object::new();
            entry.text("Name", category);
            entry.text("Option", option);
            tracking.push_str(&entry.finish());
        }
        tracking.push(']');
        body.raw("Tracking", &tracking);
    }
    body.finish()
}

/// SHA-256 of a body, lower-case hexadecimal.
#[must_use]
pub fn sha256(body: &str) -> String {
    let digest = Sha256::digest(body.as_bytes());
    hexadecimal(&digest)
}

/// SHA-256 of several texts, each with its length, so that no two rows of texts are the same.
#[must_use]
pub fn sha256_of<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let mut hasher = Sha256::new();
    for text in texts {
        hasher.update((text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    }
    hexadecimal(&hasher.finalize())
}

fn hexadecimal(digest: &[u8]) -> String {
    digest.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string cannot fail.
        write!(text, "{byte:02x}").unwrap_or_default();
        text
    })
}

/// A JSON object that is written in the order of its fields.
struct Object(String);

fn separate(text: &mut String) {
    if !text.ends_with(['{', '[']) {
        text.push(',');
    }
}

impl Object {
    fn new() -> Self {
        Self(String::from("{"))
    }

    fn raw(&mut self, name: &str, value: &str) {
        separate(&mut self.0);
        self.0.push('"');
        self.0.push_str(name);
        self.0.push_str("\":");
        self.0.push_str(value);
    }

    fn text(&mut self, name: &str, value: &str) {
        // A string always serialises.
        self.raw(name, &serde_json::to_string(value).unwrap_or_default());
    }

    fn optional(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    fn number(&mut self, name: &str, value: Decimal) {
        self.raw(name, &format!("{}", value.normalize()));
    }

    fn finish(mut self) -> String {
        self.0.push('}');
        self.0
    }
}
