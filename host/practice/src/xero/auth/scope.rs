//! Which scope a call needs: the granular ones of 2026, and the broad ones they replace.

/// Every granular scope of the accounting API that the simulator knows, and the two of sign-in
/// that matter.
pub const GRANULAR: [&str; 12] = [
    "accounting.invoices",
    "accounting.payments",
    "accounting.banktransactions",
    "accounting.manualjournals",
    "accounting.contacts",
    "accounting.settings",
    "accounting.attachments",
    "accounting.budgets",
    "offline_access",
    "openid",
    "profile",
    "email",
];

/// Whether the scopes held let a call through.
pub(super) fn allow(held: &[String], resource: &str, write: bool) -> bool {
    let needed: &[&str] = match resource {
        "organisation" | "accounts" | "taxrates" | "trackingcategories" | "currencies"
        | "brandingthemes" | "users" => &["accounting.settings"],
        "items" => &["accounting.invoices", "accounting.settings", "accounting.transactions"],
        "contacts" | "contactgroups" => &["accounting.contacts"],
        "payments" | "batchpayments" | "overpayments" | "prepayments" => {
            &["accounting.payments", "accounting.transactions"]
        }
        "banktransactions" | "banktransfers" => {
            &["accounting.banktransactions", "accounting.transactions"]
        }
        "manualjournals" => &["accounting.manualjournals", "accounting.transactions"],
        "attachments" => &["accounting.attachments"],
        _ => &["accounting.invoices", "accounting.transactions"],
    };
    needed.iter().any(|scope| {
        held.iter().any(|one| {
            one == scope || (!write && one.strip_suffix(".read").is_some_and(|base| base == *scope))
        })
    })
}

/// Whether an app that may ask for `allowed` may ask for `scope`.
pub(super) fn may_ask(allowed: &[String], scope: &str) -> bool {
    let base = scope.strip_suffix(".read").unwrap_or(scope);
    allowed.iter().any(|one| one == scope || one == base)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_needs_less_than_writing() {
        let held = ["accounting.invoices.read".to_owned()];
        assert!(allow(&held, "invoices", false));
        assert!(!allow(&held, "invoices", true));
        assert!(!allow(&held, "payments", false));
        assert!(allow(&["accounting.transactions".to_owned()], "payments", true));
        assert!(may_ask(&["accounting.contacts".to_owned()], "accounting.contacts.read"));
    }
}
