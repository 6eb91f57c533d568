//! The request body, byte for byte. The host sends it untouched; the preview shows it; its
//! SHA-256 names it.
//!
//! Numbers are plain decimals, never exponents; nothing is null; line amounts and totals are not
//! sent (reference: Xero, sections 1.3 and 3.1).

use alloc::{format, string::String};
use core::fmt::Write as _;

use rust_decimal::Decimal;
use sha2::{Digest, Sha256};

use super::document::{Contact, Invoice, LineItem};

/// Writes one element of `{"Invoices":[…]}`.
#[must_use]
pub fn write_invoice(invoice: &Invoice) -> String {
    let mut body = Object::new();
    body.text("Type", "ACCREC");
    body.text("InvoiceNumber", &invoice.number);
    body.text("Reference", &invoice.reference);
    body.raw("Contact", &write_contact(&invoice.contact));
    body.text("Date", &format!("{}", invoice.date));
    body.text("DueDate", &format!("{}", invoice.due_date));
    body.text("LineAmountTypes", invoice.line_amount_types.as_str());
    body.text("CurrencyCode", invoice.currency.as_str());
    if let Some(rate) = invoice.currency_rate {
        body.number("CurrencyRate", rate);
    }
    body.text("Status", invoice.status);
    body.optional("Url", invoice.url.as_deref());
    body.optional("BrandingThemeID", invoice.branding_theme_id.as_deref());
    body.raw("LineItems", &write_lines(&invoice.lines));
    body.finish()
}

/// Writes one element of `{"CreditNotes":[…]}`; the invoice's fields that a credit note lacks are
/// left out.
#[must_use]
pub fn write_credit_note(note: &Invoice) -> String {
    let mut body = Object::new();
    body.text("Type", "ACCRECCREDIT");
    body.text("CreditNoteNumber", &note.number);
    body.text("Reference", &note.reference);
    body.raw("Contact", &write_contact(&note.contact));
    body.text("Date", &format!("{}", note.date));
    body.text("LineAmountTypes", note.line_amount_types.as_str());
    body.text("CurrencyCode", note.currency.as_str());
    if let Some(rate) = note.currency_rate {
        body.number("CurrencyRate", rate);
    }
    body.text("Status", note.status);
    body.optional("BrandingThemeID", note.branding_theme_id.as_deref());
    body.raw("LineItems", &write_lines(&note.lines));
    body.finish()
}

fn write_lines(items: &[LineItem]) -> String {
    let mut lines = String::from("[");
    for line in items {
        separate(&mut lines);
        lines.push_str(&write_line(line));
    }
    lines.push(']');
    lines
}

fn write_contact(contact: &Contact) -> String {
    let mut body = Object::new();
    body.optional("ContactNumber", contact.number.as_deref());
    body.text("Name", &contact.name);
    body.optional("EmailAddress", contact.email.as_deref());
    body.finish()
}

fn write_line(line: &LineItem) -> String {
    let mut body = Object::new();
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
