//! One organisation (tenant) and its books.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::chart::{Account, BrandingTheme, Currency, TaxRate, TrackingCategory};
use super::contact::Contact;
use super::document::{Document, DocumentKind};
use super::item::Item;
use super::posting::{BankTransfer, HistoryNote, ManualJournal, Payment};
use super::shelf::Shelf;

/// What `GET /Organisation` tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// `Name` and `LegalName`.
    pub name: String,
    /// `CountryCode`.
    pub country: String,
    /// `Version`: `AU`, `NZ`, `UK`, `US`, `GLOBAL`…
    pub version: String,
    /// `BaseCurrency`.
    pub base_currency: String,
    /// `Timezone` as Xero names it.
    pub timezone: String,
    /// The same zone's IANA name.
    pub zone: chrono_tz::Tz,
    /// `TaxNumber`.
    pub tax_number: String,
    /// `TaxNumberName`; empty leaves it out.
    pub tax_number_name: String,
    /// `SalesTaxBasis`.
    pub sales_tax_basis: String,
    /// `SalesTaxPeriod`.
    pub sales_tax_period: String,
    /// `FinancialYearEndDay` and `FinancialYearEndMonth`.
    pub year_end: (u32, u32),
    /// `ShortCode`.
    pub short_code: String,
    /// `PeriodLockDate`.
    pub period_lock: Option<NaiveDate>,
    /// `EndOfYearLockDate`.
    pub year_lock: Option<NaiveDate>,
    /// `CreatedDateUTC`.
    pub created: DateTime<Utc>,
}

/// An organisation.
#[derive(Debug, Clone)]
pub struct Organisation {
    /// `OrganisationID`, which is also the tenant's id.
    pub id: Uuid,
    /// Who it is.
    pub profile: Profile,
    /// The chart of accounts.
    pub accounts: Shelf<Account>,
    /// The tax rates.
    pub tax_rates: Vec<TaxRate>,
    /// The tracking categories.
    pub tracking: Vec<TrackingCategory>,
    /// The currencies subscribed to.
    pub currencies: Vec<Currency>,
    /// The branding themes.
    pub branding_themes: Vec<BrandingTheme>,
    /// The contacts.
    pub contacts: Shelf<Contact>,
    /// The items.
    pub items: Shelf<Item>,
    /// The invoices and bills.
    pub invoices: Shelf<Document>,
    /// The credit notes.
    pub credit_notes: Shelf<Document>,
    /// The bank transactions.
    pub bank_transactions: Shelf<Document>,
    /// The payments.
    pub payments: Shelf<Payment>,
    /// The bank transfers.
    pub bank_transfers: Shelf<BankTransfer>,
    /// The manual journals.
    pub manual_journals: Shelf<ManualJournal>,
    /// Notes on histories.
    pub history: Vec<HistoryNote>,
    ids_made: u64,
}

impl Organisation {
    /// An organisation without a chart.
    #[must_use]
    pub fn new(id: Uuid, profile: Profile) -> Self {
        Self {
            id,
            profile,
            accounts: Shelf::default(),
            tax_rates: Vec::new(),
            tracking: Vec::new(),
            currencies: Vec::new(),
            branding_themes: Vec::new(),
            contacts: Shelf::default(),
            items: Shelf::default(),
            invoices: Shelf::default(),
            credit_notes: Shelf::default(),
            bank_transactions: Shelf::default(),
            payments: Shelf::default(),
            bank_transfers: Shelf::default(),
            manual_journals: Shelf::default(),
            history: Vec::new(),
            ids_made: 0,
        }
    }

    /// A new id; the same organisation makes the same ids in every run.
    pub fn new_id(&mut self) -> Uuid {
        self.ids_made += 1;
        Uuid::new_v5(&self.id, &self.ids_made.to_be_bytes())
    }

    /// Today in the organisation's time zone.
    #[must_use]
    pub fn today(&self, now: DateTime<Utc>) -> NaiveDate {
        now.with_timezone(&self.profile.zone).date_naive()
    }

    /// The account with that code, whatever its status.
    #[must_use]
    pub fn account_by_code(&self, code: &str) -> Option<&Account> {
        self.accounts.find(|one| !one.code.is_empty() && one.code.eq_ignore_ascii_case(code.trim()))
    }

    /// The tax rate of that type, whatever its status.
    #[must_use]
    pub fn tax_rate(&self, tax_type: &str) -> Option<&TaxRate> {
        self.tax_rates.iter().find(|one| one.tax_type.eq_ignore_ascii_case(tax_type))
    }

    /// The item with that code that was not deleted.
    #[must_use]
    pub fn item_by_code(&self, code: &str) -> Option<&Item> {
        self.items.find(|one| !one.deleted && one.code.eq_ignore_ascii_case(code))
    }

    /// The collection of a kind of document.
    #[must_use]
    pub const fn documents(&self, kind: DocumentKind) -> &Shelf<Document> {
        match kind {
            DocumentKind::Invoice => &self.invoices,
            DocumentKind::CreditNote => &self.credit_notes,
            DocumentKind::BankTransaction => &self.bank_transactions,
        }
    }

    /// The collection of a kind of document, to change.
    pub const fn documents_mut(&mut self, kind: DocumentKind) -> &mut Shelf<Document> {
        match kind {
            DocumentKind::Invoice => &mut self.invoices,
            DocumentKind::CreditNote => &mut self.credit_notes,
            DocumentKind::BankTransaction => &mut self.bank_transactions,
        }
    }
}
