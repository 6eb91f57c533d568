//! A contact as Xero has it.

use alloc::{string::String, vec::Vec};

use crate::json::{Fields, FromFields, Json, lenient_text as text, objects as each, raw_object};

/// A contact of the organisation, as far as it decides who is who and what is missing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LedgerContact {
    /// `ContactID`.
    pub id: String,
    /// `ContactNumber`; empty when there is none.
    pub number: String,
    /// `Name`.
    pub name: String,
    /// `FirstName`.
    pub first_name: String,
    /// `LastName`.
    pub last_name: String,
    /// `EmailAddress`.
    pub email: String,
    /// `TaxNumber`.
    pub tax_number: String,
    /// Whether it is not archived.
    pub active: bool,
    /// The postcodes of its addresses.
    pub postcodes: Vec<String>,
    /// Kinds of address that have a line: `POBOX`, `STREET`.
    pub addresses: Vec<String>,
    /// Whether it has a phone number of the default kind.
    pub has_phone: bool,
}

raw_object!(RawContact {
    id "ContactID", number "ContactNumber", name "Name", first_name "FirstName",
    last_name "LastName", email "EmailAddress", tax_number "TaxNumber", status "ContactStatus",
    addresses "Addresses", phones "Phones",
});
raw_object!(RawAddress {
    kind "AddressType", line "AddressLine1", city "City", postcode "PostalCode",
});
raw_object!(RawPhone { kind "PhoneType", number "PhoneNumber" });

impl LedgerContact {
    /// Reads one element of `Contacts`; `None` when it is no contact with an id.
    pub(crate) fn read(json: &Json<'_>) -> Option<Self> {
        let raw = RawContact::from_fields(Fields::of(json)?);
        let own = |raw| text(raw).into_owned();
        let id = own(raw.id);
        if id.is_empty() {
            return None;
        }
        let mut contact = Self {
            id,
            number: own(raw.number),
            name: own(raw.name),
            first_name: own(raw.first_name),
            last_name: own(raw.last_name),
            email: own(raw.email),
            tax_number: own(raw.tax_number),
            active: text(raw.status) != "ARCHIVED",
            ..Self::default()
        };
        for address in each::<RawAddress<'_>>(raw.addresses) {
            contact.postcodes.extend(Some(own(address.postcode)).filter(|text| !text.is_empty()));
            if !text(address.line).is_empty() || !text(address.city).is_empty() {
                contact.addresses.push(own(address.kind));
            }
        }
        let default =
            |phone: RawPhone<'_>| text(phone.kind) == "DEFAULT" && !text(phone.number).is_empty();
        contact.has_phone = each::<RawPhone<'_>>(raw.phones).any(default);
        Some(contact)
    }
}
