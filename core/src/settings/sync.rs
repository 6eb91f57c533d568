//! What is sent by itself: a switch for each kind, and the moment from which new ones count.
//!
//! A switch that is off leaves what was posted exactly as it is. A moment keeps back only what was
//! never posted: what stands in Xero is followed whatever its date.

use alloc::string::String;

use serde::Serialize;

use crate::{
    date::{Date, Moment, When},
    json::{
        Json,
        strict::{Misread, Slot, object, optional},
    },
};

use super::settings;

settings! {
    /// What is sent by itself, by kind. A person can push an order all the same.
    SyncSettings {
        /// Orders, by when they were made. Where they are off, their refunds, payments and fees
        /// stay too.
        orders: Switch = Switch::default(),
        /// Payments, by when the order was paid or the refund made. Off, none is made or taken
        /// away, and what cannot change without that waits.
        payments: Switch = Switch::default(),
        /// Credit notes, by when the refund was made. Off, none is made, changed, used or taken
        /// back.
        refunds: Switch = Switch::default(),
        /// What gateways keep, by when the order was paid.
        fees: Switch = Switch::default(),
        /// Contacts, by when the order was made or the customer changed. Off, none is made or
        /// changed: an invoice names the contact that is found, else the customer's number, name
        /// and e-mail address, from which Xero itself makes a contact.
        customers: Switch = Switch::default(),
        /// Items, by when the order was made or the product changed. Off, none is made or changed:
        /// lines bear the codes of items that are there.
        products: Switch = Switch::default(),
        /// Summaries, by the day that they are of.
        summaries: Switch = Switch::default(),
        /// Stock; it is not sent yet.
        stock: Switch = Switch { on: false, ..Switch::default() },
    }
}

settings! {
    /// Whether a kind is sent by itself, and from when.
    Switch {
        /// Whether it is.
        on: bool = true,
        /// The first moment, in UTC: `2026-11-28T09:00:00`, or a day, `2026-11-28`, which begins at
        /// midnight UTC. From the beginning when empty.
        from: String = String::new(),
    }
}

impl SyncSettings {
    /// Every switch, with its name.
    #[must_use]
    pub const fn all(&self) -> [(&'static str, &Switch); 8] {
        [
            ("orders", &self.orders),
            ("payments", &self.payments),
            ("refunds", &self.refunds),
            ("fees", &self.fees),
            ("customers", &self.customers),
            ("products", &self.products),
            ("summaries", &self.summaries),
            ("stock", &self.stock),
        ]
    }
}

impl Switch {
    /// The first moment; `None` when it begins at the beginning, or where the text says no moment.
    #[must_use]
    pub fn start(&self) -> Option<Moment> {
        match Date::parse(&self.from) {
            Ok(day) if self.from.len() == 10 => Moment::from_unix_seconds(day.unix_seconds()),
            _ => Moment::parse(&self.from).ok(),
        }
    }

    /// Whether the text of the first moment says one, or says nothing.
    #[must_use]
    pub fn is_clear(&self) -> bool {
        self.from.is_empty() || self.start().is_some()
    }

    /// Whether something is known to have been made before the first moment. Where the text says
    /// none, the settings are wrong, and hold everything anyway.
    #[must_use]
    pub fn is_before(&self, made: When) -> bool {
        let Some(start) = self.start() else { return false };
        match (made.at, made.day) {
            (Some(at), _) => at < start,
            (None, day) => {
                day.is_some_and(|day| Date::of_unix_seconds(start.unix_seconds()) > Some(day))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(text: &str) -> Switch {
        Switch { from: text.into(), ..Switch::default() }
    }

    fn at(text: &str) -> When {
        When { at: Moment::parse(text).ok(), day: None }
    }

    fn on(text: &str) -> When {
        When { at: None, day: Date::parse(text).ok() }
    }

    #[test]
    fn the_first_moment_itself_counts() {
        let switch = from("2026-11-28T09:00:00");
        assert!(switch.is_before(at("2026-11-28T08:59:59")));
        assert!(!switch.is_before(at("2026-11-28T09:00:00")));
        let day = from("2026-11-28");
        assert!(day.is_before(at("2026-11-27T23:59:59")));
        assert!(!day.is_before(at("2026-11-28T00:00:00")));
    }

    #[test]
    fn where_the_moment_is_missing_the_day_decides() {
        let switch = from("2026-11-28T09:00:00");
        assert!(switch.is_before(on("2026-11-27")));
        assert!(!switch.is_before(on("2026-11-28")));
        assert!(!switch.is_before(When::default()));
    }

    #[test]
    fn what_is_no_moment_is_seen() {
        for text in ["soon", "2026-11-31", "2026-11-28T", "28.11.2026"] {
            assert!(!from(text).is_clear(), "{text}");
        }
        assert!(from("").is_clear() && !from("").is_before(on("1900-01-01")));
    }
}
