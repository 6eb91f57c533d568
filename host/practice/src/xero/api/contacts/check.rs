//! What a contact must be.

use super::super::super::model::contact::Contact;
use super::super::super::model::organisation::Organisation;
use super::TEXTS;

/// Refuses a change to an archived contact.
pub(super) const ARCHIVED: &str = "The specified contact details matched an archived contact. \
    Archived contacts cannot currently be edited via the API.";

/// Refuses a document for an archived contact.
pub(super) const ARCHIVED_FOR_DOCUMENT: &str = "The contact with the specified contact details has been archived. \
    The contact must be un-archived before creating new invoices or credit notes";

/// Refuses a contact that nothing names.
pub(super) const NAMELESS: &str = "The Contact must contain at least 1 of the following elements \
    to identify the contact: Name, ContactID, ContactNumber";

const PERSONS_MAX: usize = 5;
const NAME_CHARS_MAX: usize = 255;
const NUMBER_CHARS_MAX: usize = 50;

/// (member, characters) of addresses and phones.
const PARTS: [(&str, usize); 12] = [
    ("AddressLine1", 500),
    ("AddressLine2", 500),
    ("AddressLine3", 500),
    ("AddressLine4", 500),
    ("City", 255),
    ("Region", 255),
    ("AttentionTo", 255),
    ("PostalCode", 50),
    ("Country", 50),
    ("PhoneNumber", 50),
    ("PhoneAreaCode", 10),
    ("PhoneCountryCode", 20),
];

/// Collects every reason to refuse a contact.
pub(super) fn contact(
    organisation: &Organisation,
    contact: &Contact,
    is_new: bool,
    errors: &mut Vec<String>,
) {
    name(organisation, contact, errors);
    let long = |text: &str, max: usize| text.chars().count() > max;
    if long(&contact.number, NUMBER_CHARS_MAX) {
        errors.push("The ContactNumber field cannot be longer than 50 characters.".to_owned());
    }
    let number_taken = !contact.number.is_empty()
        && organisation
            .contacts
            .iter()
            .any(|one| (is_new || one.id != contact.id) && one.number == contact.number);
    if number_taken {
        errors.push(format!(
            "The contact number {} is already assigned to another contact.",
            contact.number
        ));
    }
    for (field, max) in TEXTS {
        if long(contact.text(field), max) {
            errors.push(format!("The {field} field cannot be longer than {max} characters."));
        }
    }
    for part in contact.addresses.iter().chain(&contact.phones) {
        for (member, max) in PARTS {
            if part.get(member).is_some_and(|text| long(text, max)) {
                errors.push(format!("The {member} field cannot be longer than {max} characters."));
            }
        }
    }
    let email = contact.text("EmailAddress");
    if !email.is_empty() && !is_email(email) {
        errors.push("Email address must be valid.".to_owned());
    }
    if contact.persons.len() > PERSONS_MAX {
        errors.push("A contact can have at most 5 contact persons.".to_owned());
    }
    if email.is_empty() && !contact.persons.is_empty() {
        errors.push(
            "Additional people cannot be added when the primary person has no email address set."
                .to_owned(),
        );
    }
    if !matches!(contact.status.as_str(), "ACTIVE" | "ARCHIVED") {
        errors.push("ContactStatus must be valid.".to_owned());
    }
}

fn name(organisation: &Organisation, contact: &Contact, errors: &mut Vec<String>) {
    let name = &contact.name;
    if name.trim().is_empty() {
        errors.push(NAMELESS.to_owned());
        return;
    }
    let blanks = name.starts_with(' ') || name.contains("  ");
    if name.chars().count() > NAME_CHARS_MAX || name.contains(['<', '>']) || blanks {
        errors.push("The contact name is not valid.".to_owned());
    }
    let key = name.trim().to_lowercase();
    let taken = contact.status == "ACTIVE"
        && organisation.contacts.iter().any(|one| {
            one.id != contact.id && one.status == "ACTIVE" && one.name.trim().to_lowercase() == key
        });
    if taken {
        errors.push(format!(
            "The contact name {name} is already assigned to another contact. \
             The contact name must be unique across all active contacts."
        ));
    }
}

fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(user, host)| {
        !user.is_empty()
            && host.contains('.')
            && !host.starts_with('.')
            && !host.ends_with('.')
            && !text.contains([' ', ',', ';', '<', '>'])
            && !host.contains('@')
    })
}
