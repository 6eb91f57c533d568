//! Who an invoice is made out to.

use crate::{
    finding::Code,
    matching::{
        customer::{customer, is_for_all, is_nameless, name, tidy},
        planned::KnownContact,
    },
    shop::order::Order,
    xero::document::Contact,
};

use super::{
    Context, Notes,
    header::{SHORT_CHARS_MAX, shortened},
};

/// ACCOUNTING section 3: one contact for all, or each customer one with a stable number.
pub(super) fn contact(context: &Context<'_>, order: &Order, notes: &mut Notes) -> Contact {
    let settings = &context.settings.contact;
    if is_for_all(settings, order.customer_id, &order.buyer) {
        let name = shortened("Contact.Name", &tidy(&settings.name), SHORT_CHARS_MAX, notes);
        return Contact { name, ..Contact::default() };
    }
    if is_nameless(&order.buyer) {
        notes.note(Code::ContactNameless, "billing", "the customer has no name".into());
    }
    let customer = customer(settings, order);
    let known = customer.as_ref().and_then(|customer| context.contacts.get(&customer.key));
    let number = customer.as_ref().map(|customer| customer.number.clone());
    let (id, name) = match known {
        Some(KnownContact::There(id, name)) => (Some(id.clone()), name.clone()),
        Some(KnownContact::New(name)) => (None, name.clone()),
        Some(KnownContact::Unclear(finding)) => {
            // What stands in Xero has its contact already.
            if !context.is_posted(order.id) {
                notes.push(finding.clone());
            }
            (None, name(settings, order.customer_id, &order.buyer))
        }
        None => (None, name(settings, order.customer_id, &order.buyer)),
    };
    let name = shortened("Contact.Name", &name, SHORT_CHARS_MAX, notes);
    let email = customer.map(|customer| customer.email).filter(|email| !email.is_empty());
    Contact { id, number, name, email }
}
