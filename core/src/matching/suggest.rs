//! Contacts that could be a customer's: for a person to confirm, never applied by themselves.

use alloc::{string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use super::{Customer, Directory, LedgerContact, fold::fold};
use crate::sorted::sorted_by;

/// Suggestions for one customer.
const SUGGESTIONS_MAX: usize = 3;

/// A contact that could be meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Suggestion {
    /// `ContactID`.
    pub contact_id: String,
    /// `Name`.
    pub name: String,
    /// 1 to 99; the more, the likelier.
    pub score: u32,
    /// Why, for people.
    pub reason: String,
}

/// The likeliest contacts of a customer whom nothing names.
#[must_use]
pub fn suggest(directory: &Directory, customer: &Customer) -> Vec<Suggestion> {
    let found = directory.contacts().iter().filter(|contact| contact.active);
    let found: Vec<Suggestion> = found.filter_map(|contact| score(customer, contact)).collect();
    let mut found = sorted_by(found, |a, b| b.score.cmp(&a.score));
    found.truncate(SUGGESTIONS_MAX);
    found
}

fn score(customer: &Customer, contact: &LedgerContact) -> Option<Suggestion> {
    let name = fold(&contact.name);
    let same = |text: &str| !text.is_empty() && fold(text) == name;
    let postcode = fold(&customer.billing.postcode);
    let near = !postcode.is_empty() && contact.postcodes.iter().any(|own| fold(own) == postcode);
    let last = fold(&customer.last_name);
    let (score, reason) = if same(&customer.plain_name()) || same(&customer.name) {
        (80, "the same name")
    } else if same(&customer.company) {
        (75, "the same company")
    } else if near && last.len() > 1 && name.contains(&last) {
        (60, "the last name, at the same postcode")
    } else if last.len() > 2 && name.contains(&last) && name.contains(&fold(&customer.first_name)) {
        (50, "first and last name within the contact's")
    } else {
        return None;
    };
    let (contact_id, name) = (contact.id.clone(), contact.name.clone());
    Some(Suggestion { contact_id, name, score, reason: reason.into() })
}
