//! Xero's answers to calls that change something.
//!
//! Every element of a batch is answered on its own; one that was refused echoes what was sent and
//! bears its reasons (reference: Xero, section 1.4).

use alloc::{borrow::Cow, string::String, vec::Vec};

use crate::json::{Fields, Json, lenient_text};

/// How one element ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Element<'a> {
    /// Whether it was refused.
    pub(crate) refused: bool,
    /// The element.
    pub(crate) json: &'a Json<'a>,
    /// What Xero says about it: `ValidationErrors` and `Warnings`, also of its parts.
    pub(crate) messages: Vec<String>,
}

/// The elements of a collection, by its name in the envelope.
pub(crate) fn elements<'a>(answer: &'a Json<'a>, collection: &str) -> Option<Vec<Element<'a>>> {
    let Json::List(list) = Fields::of(answer)?.get(collection)? else { return None };
    Some(list.iter().map(element).collect())
}

fn element<'a>(json: &'a Json<'a>) -> Element<'a> {
    let field = |name: &str| Fields::of(json).and_then(|fields| fields.get(name));
    let text = |name: &str| lenient_text(field(name));
    let refused = text("StatusAttributeString").eq_ignore_ascii_case("ERROR")
        || text("HasErrors") == "true"
        || text("HasValidationErrors") == "true"
        || matches!(field("ValidationErrors"), Some(Json::List(list)) if !list.is_empty());
    Element { refused, json, messages: messages(json) }
}

/// Every `Message` below `ValidationErrors` and `Warnings`, and the general words of an answer
/// that is one error.
pub(crate) fn messages(json: &Json<'_>) -> Vec<String> {
    let mut found = Vec::new();
    collect(json, false, &mut found);
    if found.is_empty() {
        let fields = Fields::of(json);
        let general = ["Detail", "Message", "detail", "message", "Title", "title"];
        let said = general.into_iter().find_map(|name| fields?.get(name)?.scalar());
        found.extend(said.map(Cow::into_owned));
    }
    found
}

fn collect(json: &Json<'_>, inside: bool, found: &mut Vec<String>) {
    match json {
        Json::List(list) => list.iter().for_each(|one| collect(one, inside, found)),
        Json::Object(fields) => {
            for (name, value) in fields {
                if inside && name == "Message" {
                    let said = value.scalar().map(Cow::into_owned);
                    found.extend(said.filter(|said| !found.contains(said)));
                }
                collect(value, name == "ValidationErrors" || name == "Warnings", found);
            }
        }
        _ => {}
    }
}
