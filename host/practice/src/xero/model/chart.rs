//! Accounts, tax rates, tracking categories, currencies and branding themes.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::super::unknowns::CompoundRate;
use super::shelf::Record;

/// An account of the chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// `AccountID`.
    pub id: Uuid,
    /// `Code`, unique and at most ten characters; empty for a bank account without one.
    pub code: String,
    /// `Name`, unique.
    pub name: String,
    /// `ACTIVE`, `ARCHIVED` or `DELETED`.
    pub status: String,
    /// `Type`, for example `REVENUE`.
    pub account_type: String,
    /// Tax type of a line that names none.
    pub tax_type: String,
    /// `Description`.
    pub description: String,
    /// `SystemAccount`, for example `DEBTORS`; empty for most.
    pub system_account: String,
    /// Whether payments may go to it although it is no bank account.
    pub enable_payments: bool,
    /// `ShowInExpenseClaims`.
    pub show_in_expense_claims: bool,
    /// `BankAccountNumber` of a bank account.
    pub bank_account_number: String,
    /// `BankAccountType` of a bank account: `BANK`, `CREDITCARD` or `PAYPAL`.
    pub bank_account_type: String,
    /// Currency of a bank account.
    pub currency: String,
    /// `UpdatedDateUTC`.
    pub updated: DateTime<Utc>,
}

impl Account {
    /// `Class`: `ASSET`, `EQUITY`, `EXPENSE`, `LIABILITY` or `REVENUE`.
    #[must_use]
    pub fn class(&self) -> &'static str {
        class_of(&self.account_type).unwrap_or("EXPENSE")
    }

    /// Whether money can be paid to or from it.
    #[must_use]
    pub fn takes_payments(&self) -> bool {
        self.account_type == "BANK" || self.enable_payments
    }

    /// Whether it may stand on a document's line.
    #[must_use]
    pub fn takes_lines(&self) -> bool {
        const CLOSED: [&str; 3] = ["DEBTORS", "CREDITORS", "RETAINEDEARNINGS"];
        self.account_type != "BANK" && !CLOSED.contains(&self.system_account.as_str())
    }
}

/// The class of an account type; none when there is no such type.
#[must_use]
pub fn class_of(account_type: &str) -> Option<&'static str> {
    Some(match account_type {
        "BANK" | "CURRENT" | "FIXED" | "INVENTORY" | "NONCURRENT" | "PREPAYMENT" => "ASSET",
        "EQUITY" => "EQUITY",
        "DEPRECIATN"
        | "DIRECTCOSTS"
        | "EXPENSE"
        | "OVERHEADS"
        | "SUPERANNUATIONEXPENSE"
        | "WAGESEXPENSE" => "EXPENSE",
        "CURRLIAB"
        | "LIABILITY"
        | "TERMLIAB"
        | "PAYGLIABILITY"
        | "SUPERANNUATIONLIABILITY"
        | "WAGESPAYABLELIABILITY" => "LIABILITY",
        "OTHERINCOME" | "REVENUE" | "SALES" => "REVENUE",
        _ => return None,
    })
}

impl Record for Account {
    fn id(&self) -> Uuid {
        self.id
    }
}

/// One part of a tax rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxComponent {
    /// `Name`.
    pub name: String,
    /// Percent.
    pub rate: Decimal,
    /// Whether it is charged on the amount with the other components.
    pub compound: bool,
    /// Whether it cannot be reclaimed.
    pub non_recoverable: bool,
}

/// The classes of account that a tax type may be used with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "five flags of Xero's own")]
pub struct AppliesTo {
    /// `CanApplyToAssets`.
    pub assets: bool,
    /// `CanApplyToEquity`.
    pub equity: bool,
    /// `CanApplyToExpenses`.
    pub expenses: bool,
    /// `CanApplyToLiabilities`.
    pub liabilities: bool,
    /// `CanApplyToRevenue`.
    pub revenue: bool,
}

impl AppliesTo {
    /// Every class.
    pub const ALL: Self =
        Self { assets: true, equity: true, expenses: true, liabilities: true, revenue: true };
    /// Sales only: everything but expenses.
    pub const SALES: Self = Self { expenses: false, ..Self::ALL };
    /// Purchases only: everything but revenue.
    pub const PURCHASES: Self = Self { revenue: false, ..Self::ALL };

    /// Whether a class of account is among them.
    #[must_use]
    pub fn allows(self, class: &str) -> bool {
        match class {
            "ASSET" => self.assets,
            "EQUITY" => self.equity,
            "EXPENSE" => self.expenses,
            "LIABILITY" => self.liabilities,
            _ => self.revenue,
        }
    }
}

/// A tax rate; its key is the tax type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxRate {
    /// `TaxType`, for example `OUTPUT2` or `TAX001`.
    pub tax_type: String,
    /// `Name`, unique.
    pub name: String,
    /// `ReportTaxType`; empty for rates a user of a global organisation made.
    pub report_tax_type: String,
    /// `ACTIVE`, `DELETED` or `ARCHIVED`.
    pub status: String,
    /// The parts.
    pub components: Vec<TaxComponent>,
    /// Where it may be used.
    pub applies_to: AppliesTo,
}

impl TaxRate {
    /// The combined rate in percent, all digits: compound parts are charged on the sum of one
    /// hundred and the plain parts.
    #[must_use]
    pub fn exact_rate(&self) -> Decimal {
        let plain: Decimal =
            self.components.iter().filter(|one| !one.compound).map(|one| one.rate).sum();
        let base = (Decimal::ONE_HUNDRED + plain) / Decimal::ONE_HUNDRED;
        let compound: Decimal =
            self.components.iter().filter(|one| one.compound).map(|one| one.rate * base).sum();
        plain + compound
    }

    /// `EffectiveRate`: the combined rate at four decimals.
    #[must_use]
    pub fn effective_rate(&self) -> Decimal {
        self.exact_rate()
            .round_dp_with_strategy(4, rust_decimal::RoundingStrategy::MidpointAwayFromZero)
    }

    /// The rate that lines are taxed with.
    #[must_use]
    pub fn line_rate(&self, compound: CompoundRate) -> Decimal {
        match compound {
            CompoundRate::Shown => self.effective_rate(),
            CompoundRate::Exact => self.exact_rate(),
        }
    }
}

/// A tracking category with its options.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackingCategory {
    /// `TrackingCategoryID`.
    pub id: Uuid,
    /// `Name`, unique.
    pub name: String,
    /// `ACTIVE`, `ARCHIVED` or `DELETED`.
    pub status: String,
    /// The options.
    pub options: Vec<TrackingOption>,
}

/// One option of a tracking category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackingOption {
    /// `TrackingOptionID`.
    pub id: Uuid,
    /// `Name`, unique within the category.
    pub name: String,
    /// `ACTIVE`, `ARCHIVED` or `DELETED`.
    pub status: String,
}

/// A currency the organisation is subscribed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Currency {
    /// ISO 4217 code.
    pub code: String,
    /// Its name.
    pub description: String,
}

/// A branding theme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrandingTheme {
    /// `BrandingThemeID`.
    pub id: Uuid,
    /// `Name`.
    pub name: String,
    /// `SortOrder`.
    pub sort_order: u32,
    /// `CreatedDateUTC`.
    pub created: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compound_parts_are_charged_on_the_others() {
        let part = |rate: &str, compound| TaxComponent {
            name: String::new(),
            rate: rate.parse().unwrap(),
            compound,
            non_recoverable: false,
        };
        let rate = TaxRate {
            tax_type: "TAX001".into(),
            name: "GST+QST".into(),
            report_tax_type: String::new(),
            status: "ACTIVE".into(),
            components: vec![part("5", false), part("9.975", true)],
            applies_to: AppliesTo::ALL,
        };
        assert_eq!(rate.exact_rate(), "15.47375".parse().unwrap());
        assert_eq!(rate.effective_rate(), "15.4738".parse().unwrap());
    }
}
