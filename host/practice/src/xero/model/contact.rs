//! Contacts.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::shelf::Record;

/// A contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// `ContactID`.
    pub id: Uuid,
    /// `ContactNumber`, the API's own key.
    pub number: String,
    /// `ContactStatus`: `ACTIVE` or `ARCHIVED`.
    pub status: String,
    /// `Name`, unique among active contacts.
    pub name: String,
    /// Plain text fields by their name on the wire, for example `EmailAddress`.
    pub texts: Vec<(String, String)>,
    /// Addresses, `STREET` and `POBOX`.
    pub addresses: Vec<Part>,
    /// Phones, `DEFAULT`, `DDI`, `FAX` and `MOBILE`.
    pub phones: Vec<Part>,
    /// People of the contact, each as written.
    pub persons: Vec<Part>,
    /// `PaymentTerms` as sent: (Bills or Sales, day, type).
    pub payment_terms: Vec<(String, u32, String)>,
    /// Whether a sales document names it.
    pub is_customer: bool,
    /// Whether a purchase document names it.
    pub is_supplier: bool,
    /// `UpdatedDateUTC`.
    pub updated: DateTime<Utc>,
}

/// A part of a contact with a type: an address, a phone, a person.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Part {
    /// `STREET`, `MOBILE`…; empty for people.
    pub kind: String,
    /// The members by their name on the wire.
    pub texts: Vec<(String, String)>,
}

impl Contact {
    /// A text field by its name on the wire; empty when it was never set.
    #[must_use]
    pub fn text(&self, field: &str) -> &str {
        find(&self.texts, field).unwrap_or_default()
    }

    /// Sets a text field.
    pub fn set_text(&mut self, field: &str, value: &str) {
        set(&mut self.texts, field, value);
    }
}

impl Part {
    /// Sets a member.
    pub fn set(&mut self, field: &str, value: &str) {
        set(&mut self.texts, field, value);
    }

    /// A member by its name.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&str> {
        find(&self.texts, field)
    }
}

fn find<'a>(texts: &'a [(String, String)], field: &str) -> Option<&'a str> {
    texts.iter().find(|(name, _)| name == field).map(|(_, value)| value.as_str())
}

fn set(texts: &mut Vec<(String, String)>, field: &str, value: &str) {
    if let Some((_, held)) = texts.iter_mut().find(|(name, _)| name == field) {
        value.clone_into(held);
    } else {
        texts.push((field.to_owned(), value.to_owned()));
    }
}

impl Record for Contact {
    fn id(&self) -> Uuid {
        self.id
    }
}
