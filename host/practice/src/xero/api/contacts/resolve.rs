//! Which contact a document or a request means.

use uuid::Uuid;

use super::super::super::json::Json;
use super::super::super::model::contact::Contact;
use super::super::super::model::organisation::Organisation;
use super::super::{Context, fields};
use super::{blank, check, overlay};

/// The contact a document is for.
pub(in super::super) enum Party {
    /// One that exists.
    Known(Uuid),
    /// One that is made with the document.
    New(Box<Contact>),
}

/// The contact with that id, number or name; active ones first.
pub(super) fn find<'a>(organisation: &'a Organisation, element: &Json) -> Option<&'a Contact> {
    if let Some(id) = fields::id(element, "ContactID") {
        return organisation.contacts.get(id);
    }
    if let Some(number) = fields::filled(element, "ContactNumber")
        && let Some(found) = organisation.contacts.find(|one| one.number == number)
    {
        return Some(found);
    }
    let name = fields::filled(element, "Name")?.to_lowercase();
    let named = |one: &&Contact| one.name.trim().to_lowercase() == name;
    let active = organisation.contacts.iter().filter(|one| one.status == "ACTIVE").find(named);
    active.or_else(|| organisation.contacts.iter().find(named))
}

/// The contact that a document's `Contact` means; a name that nobody bears makes one.
///
/// # Errors
/// The sentence that refuses the document.
pub(in super::super) fn party(
    organisation: &Organisation,
    context: &Context,
    element: &Json,
) -> Result<Party, String> {
    if let Some(found) = find(organisation, element) {
        return if found.status == "ARCHIVED" {
            Err(check::ARCHIVED_FOR_DOCUMENT.to_owned())
        } else {
            Ok(Party::Known(found.id))
        };
    }
    if fields::filled(element, "Name").is_none() {
        return Err(match fields::id(element, "ContactID") {
            Some(_) => {
                "The contact with the specified contact details could not be found".to_owned()
            }
            None => check::NAMELESS.to_owned(),
        });
    }
    let mut contact = blank(context);
    overlay(&mut contact, element);
    let mut errors = Vec::new();
    check::contact(organisation, &contact, true, &mut errors);
    match errors.into_iter().next() {
        Some(error) => Err(error),
        None => Ok(Party::New(Box::new(contact))),
    }
}
