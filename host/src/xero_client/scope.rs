//! What an app may do: only what the settings need.
//!
//! (Xero, "Granular scopes": since March 2026 each part of the accounting API has its own.)

use tillbook_core::settings::{ContactMode, Settings, StatusAction};

/// Invoices, credit notes and items.
pub const INVOICES: &str = "accounting.invoices";
/// Payments and allocations.
pub const PAYMENTS: &str = "accounting.payments";
/// Contacts.
pub const CONTACTS: &str = "accounting.contacts";
/// Contacts that are only looked at: customers are switched off.
pub const CONTACTS_READ: &str = "accounting.contacts.read";
/// The organisation's chart, which is only read.
pub const SETTINGS_READ: &str = "accounting.settings.read";
/// Gateway fees, which are spent money.
pub const BANK_TRANSACTIONS: &str = "accounting.banktransactions";
/// Refresh tokens, so that a consent lasts.
pub const OFFLINE: &str = "offline_access";

/// The scopes that settings need for what they switch on, for an app that a person gives consent
/// to. Without settings, those of the ones that are proposed.
#[must_use]
pub fn needed(settings: Option<&Settings>) -> Vec<&'static str> {
    let proposed = Settings::default();
    let settings = settings.unwrap_or(&proposed);
    let sync = &settings.sync;
    let pays = settings.statuses.values().any(|action| *action == StatusAction::InvoicePaid);
    let summary = settings.summary.is_used();
    let each = settings.contact.mode == ContactMode::Each;
    let fees = !settings.gateway_fees.account.is_empty();
    [
        (true, INVOICES),
        (pays && sync.payments.on || summary, PAYMENTS),
        (each && sync.customers.on || summary, CONTACTS),
        (each && !sync.customers.on && !summary, CONTACTS_READ),
        (true, SETTINGS_READ),
        (fees && sync.fees.on, BANK_TRANSACTIONS),
        (true, OFFLINE),
    ]
    .into_iter()
    .filter_map(|(is_needed, scope)| is_needed.then_some(scope))
    .collect()
}

/// The scopes that are needed and were not given: those need a new consent.
#[must_use]
pub fn missing<'a>(given: &str, needed: &[&'a str]) -> Vec<&'a str> {
    let given: Vec<&str> = given.split_whitespace().collect();
    // Older apps have one scope for all that moves money; who may write may read.
    let broad = given.contains(&"accounting.transactions");
    let covers = |scope: &str| {
        let whole = scope.strip_suffix(".read").unwrap_or(scope);
        given.contains(&scope)
            || given.contains(&whole)
            || scope == OFFLINE
            || broad && [INVOICES, PAYMENTS, BANK_TRANSACTIONS].contains(&scope)
    };
    needed.iter().copied().filter(|scope| !covers(scope)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_settings_need_is_asked_for() {
        let mut settings = Settings::default();
        assert_eq!(needed(Some(&settings)), [INVOICES, PAYMENTS, CONTACTS, SETTINGS_READ, OFFLINE]);
        assert_eq!(needed(None), needed(Some(&settings)));
        settings.gateway_fees.account = String::from("404");
        assert!(needed(Some(&settings)).contains(&BANK_TRANSACTIONS));
        settings.contact.mode = ContactMode::One;
        for action in settings.statuses.values_mut() {
            *action = StatusAction::Invoice;
        }
        assert_eq!(needed(Some(&settings)), [INVOICES, SETTINGS_READ, BANK_TRANSACTIONS, OFFLINE]);
    }

    #[test]
    fn nothing_is_asked_for_what_is_switched_off() {
        let mut settings = Settings::default();
        settings.gateway_fees.account = String::from("404");
        settings.sync.payments.on = false;
        settings.sync.customers.on = false;
        settings.sync.fees.on = false;
        assert_eq!(needed(Some(&settings)), [INVOICES, CONTACTS_READ, SETTINGS_READ, OFFLINE]);
    }

    #[test]
    fn what_was_not_given_needs_a_new_consent() {
        let given = "openid accounting.invoices accounting.contacts accounting.settings";
        assert_eq!(
            missing(given, &[INVOICES, SETTINGS_READ, BANK_TRANSACTIONS]),
            [BANK_TRANSACTIONS]
        );
        assert_eq!(missing("accounting.invoices.read", &[INVOICES]), [INVOICES]);
        let broad = "accounting.transactions accounting.contacts accounting.settings.read";
        assert!(missing(broad, &needed(None)).is_empty());
    }
}
