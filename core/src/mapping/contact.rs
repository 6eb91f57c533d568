//! Who an invoice is made out to.

use alloc::{borrow::Cow, format, string::String};

use crate::{
    finding::Code,
    settings::{ContactMode, template::fill},
    shop::order::Order,
    xero::{document::Contact, wire::sha256},
};

use super::{
    Context, Notes,
    header::{SHORT_CHARS_MAX, shortened},
};

/// How much of an e-mail address's SHA-256 keeps guests apart: 64 bits.
const GUEST_HASH_CHARS: usize = 16;

/// ACCOUNTING section 3: one contact for all, or each customer one with a stable number.
pub(super) fn contact(context: &Context<'_>, order: &Order, notes: &mut Notes) -> Contact {
    let settings = &context.settings.contact;
    if settings.mode == ContactMode::One {
        return Contact { name: tidy(&settings.name, notes), ..Contact::default() };
    }
    let buyer = &order.buyer;
    let nameless =
        buyer.first_name.is_empty() && buyer.last_name.is_empty() && buyer.company.is_empty();
    let name = if nameless {
        notes.note(Code::ContactNameless, "billing", "the customer has no name".into());
        if buyer.email.is_empty() { "Guest".into() } else { buyer.email.clone() }
    } else {
        fill(&settings.name_template, |field| match field {
            "first_name" => Cow::Borrowed(buyer.first_name.as_str()),
            "last_name" => Cow::Borrowed(&buyer.last_name),
            "company" => Cow::Borrowed(&buyer.company),
            "email" => Cow::Borrowed(&buyer.email),
            "id" => Cow::Owned(format!("{}", order.customer_id)),
            _ => Cow::Borrowed(""),
        })
    };
    let prefix = &settings.number_prefix;
    let number = match order.customer_id {
        0 if buyer.email.is_empty() => None,
        0 => {
            let hash = sha256(&buyer.email.trim().to_ascii_lowercase());
            Some(format!("{prefix}guest-{}", hash.get(..GUEST_HASH_CHARS).unwrap_or_default()))
        }
        id => Some(format!("{prefix}{id}")),
    };
    let email = Some(buyer.email.clone()).filter(|email| email.contains('@'));
    Contact { number, name: tidy(&name, notes), email }
}

/// A name that Xero takes: no angle brackets, no double blanks, at most 255 characters
/// (reference: Xero, section 3.4).
fn tidy(name: &str, notes: &mut Notes) -> String {
    let plain = fill(&name.replace(['<', '>', '{', '}'], " "), |_| Cow::Borrowed(""));
    let plain = if plain.is_empty() { "Guest".into() } else { plain };
    shortened("Contact.Name", &plain, SHORT_CHARS_MAX, notes)
}
