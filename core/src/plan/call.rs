//! Calls and the steps in them.

use alloc::{string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use crate::{
    finding::Subject,
    json::{
        Json,
        strict::{Blank, Misread, Slot, choice, needed, object, optional},
    },
    xero::document::DocumentKind,
};

choice! {
    /// What a step does.
    Action {
        Create "Makes a document.",
        Update "Changes a document.",
        Void "Voids a document, or deletes it where it is a draft.",
        Pay "Makes a payment.",
        Unpay "Deletes a payment.",
        Allocate "Uses a credit note's credit on its invoice.",
        Unallocate "Takes such credit back.",
        Spend "Books what a gateway kept.",
        Unspend "Deletes such a booking.",
        CreateContact "Makes a contact.",
        UpdateContact "Fills in a contact that was there before, or changes it.",
        CreateItem "Makes an untracked item.",
        UpdateItem "Changes an item that we made.",
    }
}

choice! {
    /// How a step can be reversed.
    Reversal {
        Delete "By deleting what it made.",
        Void "By voiding what it made.",
        Unlink "By removing the payment or allocation that follows it, then voiding.",
        Again "By doing it again: a payment or an allocation that was taken away.",
        Update "By changing it back.",
        Archive "By archiving it.",
        Never "Not at all: a voided document stays voided, a new one bears another number.",
    }
}

/// One thing that a call does.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields))]
pub struct Step {
    /// What it does.
    pub action: Action,
    /// Which kind of document it is about; of a payment, the one that is paid.
    pub document: DocumentKind,
    /// WooCommerce's id of the order, or of the refund for a credit note.
    pub id: u64,
    /// The order concerned: a refund's own.
    pub order_id: u64,
    /// The document's number.
    pub number: String,
    /// What the document is to come to, or what is paid or allocated: a decimal in `currency`.
    pub amount: String,
    /// Currency of `amount`.
    pub currency: String,
    /// How it can be reversed.
    pub reversal: Reversal,
    /// SHA-256 of the document or payment as the preview shows it; empty for steps that take away.
    pub sha256: String,
    /// Xero's id of what is changed or taken away; empty for what is made.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub xero_id: String,
    /// What names the customer or the product, where the step is about a contact or an item; then
    /// `id`, `order_id` and `amount` say nothing, and `number` is the contact's name or the item's
    /// code. Of a summary's document its key; then `id` and `order_id` say nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub key: String,
    /// First moment of what a summary covers, in seconds since 1970 UTC.
    #[serde(default, skip_serializing_if = "Blank::is_blank")]
    pub begins: i64,
    /// The moment after the last.
    #[serde(default, skip_serializing_if = "Blank::is_blank")]
    pub ends: i64,
    /// The element of the call's collection, byte for byte; the whole body where the call has no
    /// collection; empty where nothing is sent.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub body: String,
    /// Whether the payment is that of a deposit.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub deposit: bool,
    /// Whether a person wanted it taken back, so that it is not made again by itself.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub undone: bool,
}

impl<'a> Slot<'a> for Step {
    fn read(&mut self, json: &'a Json<'a>) -> Result<(), Misread> {
        object(
            json,
            &mut [
                optional("action", &mut self.action),
                optional("document", &mut self.document),
                optional("id", &mut self.id),
                optional("order_id", &mut self.order_id),
                optional("number", &mut self.number),
                optional("amount", &mut self.amount),
                optional("currency", &mut self.currency),
                optional("reversal", &mut self.reversal),
                optional("sha256", &mut self.sha256),
                optional("xero_id", &mut self.xero_id),
                optional("key", &mut self.key),
                optional("begins", &mut self.begins),
                optional("ends", &mut self.ends),
                optional("body", &mut self.body),
                optional("deposit", &mut self.deposit),
                optional("undone", &mut self.undone),
            ],
        )
    }
}

impl Step {
    /// The object in the shop.
    #[must_use]
    pub fn object(&self) -> Subject {
        if !self.key.is_empty() {
            let kind = match self.action {
                Action::CreateItem | Action::UpdateItem => "product",
                Action::CreateContact | Action::UpdateContact => "customer",
                _ => "summary",
            };
            return Subject { kind: kind.into(), id: self.key.clone() };
        }
        Subject { kind: self.document.object().into(), id: alloc::format!("{}", self.id) }
    }
}

/// One request to Xero.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields))]
pub struct Call {
    /// `PUT`, `POST` or `DELETE`.
    pub method: String,
    /// Path and query below Xero's API address, such as `/Invoices?summarizeErrors=false&unitdp=4`.
    pub path: String,
    /// Name of the collection whose elements are the steps' bodies, `{"Invoices":[…]}`; empty where
    /// the one step's body is all.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub collection: String,
    /// Names, such as `{order/77}`, that stand in `path` and bodies for ids that Xero gives only in
    /// an earlier wave: each is to be replaced by the id in the link of that object. Where this is
    /// empty, the bytes are sent untouched.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<String>,
    /// What it does. A step may be left out where an earlier one of its order went wrong.
    pub steps: Vec<Step>,
}

impl<'a> Slot<'a> for Call {
    fn read(&mut self, json: &'a Json<'a>) -> Result<(), Misread> {
        object(
            json,
            &mut [
                needed("method", &mut self.method),
                needed("path", &mut self.path),
                optional("collection", &mut self.collection),
                optional("needs", &mut self.needs),
                needed("steps", &mut self.steps),
            ],
        )
    }
}

impl Call {
    /// The bytes to send for some of its steps.
    #[must_use]
    pub fn body<'s>(&self, steps: impl Iterator<Item = &'s Step>) -> String {
        let bodies: Vec<&str> = steps.map(|step| &*step.body).collect();
        if self.collection.is_empty() {
            return bodies.concat();
        }
        alloc::format!("{{\"{}\":[{}]}}", self.collection, bodies.join(","))
    }
}
