//! Buyers who do not exist.

use serde_json::Value;

use super::dice::Dice;
use crate::shop::order::set;

const FIRST: [&str; 16] = [
    "Ada", "Björn", "Chiara", "Dmitri", "Elif", "Fatima", "Grace", "Hiro", "Inés", "Jürgen",
    "Kwame", "Léa", "Mei", "Noor", "O’Neil", "Zoë",
];
const LAST: [&str; 16] = [
    "Almeida",
    "Brown",
    "Castañeda",
    "Dvořák",
    "Eriksen",
    "Fischer",
    "García",
    "Hughes",
    "Ito",
    "Jones",
    "Kowalski",
    "Lefèvre",
    "Müller",
    "Nguyen",
    "Okafor",
    "Smith",
];
const COMPANY: [&str; 8] =
    ["", "", "", "", "Northwind & Sons", "Atelier 12", "Blue Harbour Pty Ltd", "Käsehaus"];

/// A name and an address to write to.
#[derive(Debug)]
pub(crate) struct Person {
    first: String,
    last: String,
    company: String,
    email: String,
    phone: String,
    street: String,
}

impl Person {
    /// Makes somebody; one in three has bought before, with the same e-mail address.
    pub(crate) fn new(dice: &mut Dice, id: u64) -> Self {
        let (first, last) = (dice.one(&FIRST).to_owned(), dice.one(&LAST).to_owned());
        let regular = dice.below(3) == 0;
        let known = if regular { dice.below(40) } else { id };
        Self {
            first,
            last,
            company: dice.one(&COMPANY).to_owned(),
            email: format!("customer{known}@example.com"),
            phone: format!("+61 2 5550 {:04}", dice.below(10_000)),
            street: format!("{} Market Street", 1 + dice.below(200)),
        }
    }

    /// Writes the person into an order's addresses; city, state and country stay, as they decided
    /// the tax.
    pub(crate) fn sign(&self, order: &mut Value) {
        for name in ["billing", "shipping"] {
            let Some(address) = order.get_mut(name) else { continue };
            let filled = address.get("country").and_then(Value::as_str).unwrap_or_default();
            if filled.is_empty() {
                continue;
            }
            for (field, value) in [
                ("first_name", &self.first),
                ("last_name", &self.last),
                ("company", &self.company),
                ("address_1", &self.street),
                ("phone", &self.phone),
            ] {
                set(address, field, value.clone().into());
            }
            if name == "billing" {
                set(address, "email", self.email.clone().into());
            }
        }
        set(order, "customer_id", 0.into());
    }
}
