//! A customer as a contact should be.

use alloc::{borrow::Cow, format, string::String, vec::Vec};

use crate::{
    settings::{ContactMode, ContactSettings, template::fill},
    shop::order::{Address, Buyer, Order},
    xero::wire::sha256,
};

/// How much of an e-mail address's SHA-256 keeps guests apart: 64 bits.
const GUEST_HASH_CHARS: usize = 16;

/// Xero's longest contact number.
const NUMBER_CHARS_MAX: usize = 50;

/// A customer of the shop, or a guest.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Customer {
    /// What names the customer: the id, or `guest-` and a hash of the e-mail address.
    pub key: String,
    /// `ContactNumber`.
    pub number: String,
    /// `Name`, before another contact of that name is looked for.
    pub name: String,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Company; empty when there is none.
    pub company: String,
    /// E-mail address; empty when it is none.
    pub email: String,
    /// Phone number.
    pub phone: String,
    /// Tax number, such as a VAT id.
    pub tax_number: String,
    /// Where invoices go.
    pub billing: Address,
    /// Where goods go.
    pub shipping: Address,
    /// Whether the contact is neither made nor changed.
    pub kept: bool,
}

/// Whether a buyer's invoices are made out to the one contact for all.
#[must_use]
pub fn is_for_all(settings: &ContactSettings, customer_id: u64, buyer: &Buyer) -> bool {
    settings.mode == ContactMode::One
        || (settings.one_for_guests && customer_id == 0)
        || settings.one_for_roles.contains(&buyer.role)
}

/// The customer of an order who is to be a contact; `None` for the one contact for all, and for a
/// guest without an e-mail address, who cannot be known again.
#[must_use]
pub fn customer(settings: &ContactSettings, order: &Order) -> Option<Customer> {
    of_buyer(settings, order.customer_id, &order.buyer)
}

/// The same, of who buys under this id.
#[must_use]
pub fn of_buyer(settings: &ContactSettings, customer_id: u64, buyer: &Buyer) -> Option<Customer> {
    if is_for_all(settings, customer_id, buyer) {
        return None;
    }
    let key = match customer_id {
        0 if buyer.email.is_empty() => return None,
        0 => {
            let hash = sha256(&buyer.email.trim().to_ascii_lowercase());
            format!("guest-{}", hash.get(..GUEST_HASH_CHARS).unwrap_or_default())
        }
        id => format!("{id}"),
    };
    let number: String =
        format!("{}{key}", settings.number_prefix).chars().take(NUMBER_CHARS_MAX).collect();
    Some(Customer {
        key,
        number,
        name: name(settings, customer_id, buyer),
        first_name: buyer.first_name.clone(),
        last_name: buyer.last_name.clone(),
        company: buyer.company.clone(),
        email: if is_email(&buyer.email) { buyer.email.clone() } else { String::new() },
        phone: buyer.phone.clone(),
        tax_number: Some(&buyer.tax_number)
            .filter(|text| is_tax_number(text))
            .cloned()
            .unwrap_or_default(),
        billing: buyer.billing.clone(),
        shipping: buyer.shipping.clone(),
        kept: false,
    })
}

/// The name that a buyer's contact is to have, tidy but of any length.
#[must_use]
pub fn name(settings: &ContactSettings, customer_id: u64, buyer: &Buyer) -> String {
    let name = if is_nameless(buyer) {
        buyer.email.clone()
    } else {
        let company = !buyer.company.is_empty() && !settings.company_template.is_empty();
        let template = if company { &settings.company_template } else { &settings.name_template };
        fill(template, |field| match field {
            "first_name" => Cow::Borrowed(buyer.first_name.as_str()),
            "last_name" => Cow::Borrowed(&buyer.last_name),
            "company" => Cow::Borrowed(&buyer.company),
            "email" => Cow::Borrowed(&buyer.email),
            "id" => Cow::Owned(format!("{customer_id}")),
            _ => Cow::Borrowed(""),
        })
    };
    tidy(&name)
}

/// Whether a buyer has neither name nor company.
#[must_use]
pub fn is_nameless(buyer: &Buyer) -> bool {
    buyer.first_name.is_empty() && buyer.last_name.is_empty() && buyer.company.is_empty()
}

/// A name that Xero takes: no angle brackets, no double blanks (reference: Xero, section 3.4).
#[must_use]
pub fn tidy(name: &str) -> String {
    let plain = fill(&name.replace(['<', '>', '{', '}'], " "), |_| Cow::Borrowed(""));
    if plain.is_empty() { "Guest".into() } else { plain }
}

/// Whether a text can be a tax number: people who have none write `n/a`, `none` or `0`.
fn is_tax_number(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    digits >= 2 && text.chars().filter(|letter| letter.is_alphanumeric()).count() >= 5
}

/// What Xero takes for an e-mail address, as far as it is known.
fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(user, host)| {
        let plain = !text.contains([' ', ',', ';', '<', '>']) && text.is_ascii();
        let dotted = host.contains('.') && !host.starts_with('.') && !host.ends_with('.');
        plain && dotted && !user.is_empty() && !host.contains('@')
    })
}

impl Customer {
    /// First and last name, as a person would have typed them into Xero.
    #[must_use]
    pub fn plain_name(&self) -> String {
        let parts: Vec<&str> = [&*self.first_name, &self.last_name]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect();
        parts.join(" ")
    }

    /// The name with what keeps two people of one name apart.
    #[must_use]
    pub fn name_apart(&self) -> String {
        let apart = if self.email.is_empty() || self.name.contains(&self.email) {
            &self.number
        } else {
            &self.email
        };
        format!("{} ({apart})", self.name)
    }
}
