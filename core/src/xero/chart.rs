//! The chart: what an organisation has to post to, read from Xero's own answers.

use alloc::{borrow::Cow, format, string::String, vec::Vec};

use rust_decimal::Decimal;

use crate::{
    date::Date,
    finding::{Code, Finding},
    json::{Json, Raw, Reader, present, raw_object},
    shop::rates::combine,
};

/// An organisation's chart, checked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Chart {
    /// Base currency, such as `AUD`.
    pub base_currency: String,
    /// Two-letter country.
    pub country: String,
    /// Nothing may be dated on or before this day.
    pub locked_until: Option<Date>,
    /// Accounts, archived ones too.
    pub accounts: Vec<Account>,
    /// Tax rates, deleted ones too.
    pub tax_rates: Vec<TaxType>,
    /// Tracking categories with their active options.
    pub tracking: Vec<TrackingCategory>,
    /// Codes of the enabled currencies.
    pub currencies: Vec<String>,
    /// Branding themes: id and name.
    pub branding_themes: Vec<(String, String)>,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Code; bank accounts may lack one.
    pub code: String,
    /// Name.
    pub name: String,
    /// `BANK`, `REVENUE`, `SALES`, `CURRLIAB`, …
    pub kind: String,
    /// Whether it can be used.
    pub active: bool,
    /// `DEBTORS`, `GST`, `ROUNDING`, …; empty for an ordinary account.
    pub system: String,
    /// Currency of a bank account; empty for others, which are in the base currency.
    pub currency: String,
    /// Whether payments may be posted to it though it is no bank account.
    pub takes_payments: bool,
}

/// A tax rate, which documents name by its tax type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxType {
    /// The tax type, such as `OUTPUT2`.
    pub code: String,
    /// Name.
    pub name: String,
    /// Effective rate, a percentage: what documents are reckoned with, at most four decimals.
    pub percent: Decimal,
    /// What the components make together, a fraction with all its decimals; differs from
    /// `percent` where one compounds.
    pub exact_rate: Decimal,
    /// Whether it can be used.
    pub active: bool,
    /// Whether it can be used on revenue accounts.
    pub for_revenue: bool,
    /// Whether it can be used on liability accounts.
    pub for_liabilities: bool,
}

/// A tracking category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackingCategory {
    /// Name.
    pub name: String,
    /// Names of its active options.
    pub options: Vec<String>,
}

/// The raw parts of a chart: the collections of Xero's answers.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RawChart<'a> {
    pub(crate) organisation: Raw<'a>,
    pub(crate) accounts: Raw<'a>,
    pub(crate) tax_rates: Raw<'a>,
    pub(crate) tracking_categories: Raw<'a>,
    pub(crate) currencies: Raw<'a>,
    pub(crate) branding_themes: Raw<'a>,
}

raw_object!(RawOrganisation {
    base "BaseCurrency", country "CountryCode", period "PeriodLockDate", year "EndOfYearLockDate",
});
raw_object!(RawAccount {
    code "Code", name "Name", kind "Type", status "Status", system "SystemAccount",
    payments "EnablePaymentsToAccount", currency "CurrencyCode",
});
raw_object!(RawTaxRate {
    code "TaxType", name "Name", rate "EffectiveRate", display "DisplayTaxRate", status "Status",
    components "TaxComponents", revenue "CanApplyToRevenue", liabilities "CanApplyToLiabilities",
});
raw_object!(RawComponent { rate "Rate", compound "IsCompound" });
raw_object!(RawTracking { name "Name", status "Status", options "Options" });
raw_object!(RawOption { name "Name", status "Status" });
raw_object!(RawCurrency { code "Code" });
raw_object!(RawTheme { id "BrandingThemeID", name "Name" });

impl Chart {
    /// Reads a chart from Xero's answers; what cannot be read becomes `chart.incomplete`.
    pub(crate) fn read(raw: &RawChart<'_>) -> (Self, Vec<Finding>) {
        let mut reader = Reader::new("chart", "");
        let mut chart = Self::default();
        if let Some(json) = present(raw.organisation) {
            chart.read_organisation(&mut reader, json);
        }
        chart.accounts = read_each(&mut reader, "accounts", raw.accounts, read_account);
        chart.tax_rates = read_each(&mut reader, "tax_rates", raw.tax_rates, read_tax_rate);
        chart.tracking =
            read_each(&mut reader, "tracking_categories", raw.tracking_categories, read_tracking);
        chart.currencies = read_each(&mut reader, "currencies", raw.currencies, |reader, json| {
            let currency: RawCurrency<'_> = reader.object("currencies", json)?;
            reader.text("currencies.Code", currency.code).map(Cow::into_owned)
        });
        chart.branding_themes =
            read_each(&mut reader, "branding_themes", raw.branding_themes, |reader, json| {
                let theme: RawTheme<'_> = reader.object("branding_themes", json)?;
                let id = reader.text("branding_themes.BrandingThemeID", theme.id)?.into_owned();
                let name = reader.text("branding_themes.Name", theme.name).unwrap_or_default();
                Some((id, name.into_owned()))
            });
        let findings = reader
            .findings
            .into_iter()
            .map(|found| {
                let again = Finding::new(Code::ChartIncomplete, "chart", "", found.message);
                again.at(found.field.unwrap_or_default())
            })
            .collect();
        (chart, findings)
    }

    fn read_organisation(&mut self, reader: &mut Reader, json: &Json<'_>) {
        let Some(organisation) = reader.object::<RawOrganisation<'_>>("organisation", json) else {
            return;
        };
        let mut text = |field, raw| reader.text(field, raw).unwrap_or_default().into_owned();
        self.base_currency = text("organisation.BaseCurrency", organisation.base);
        self.country = text("organisation.CountryCode", organisation.country);
        let locks = [
            ("organisation.PeriodLockDate", organisation.period),
            ("organisation.EndOfYearLockDate", organisation.year),
        ];
        for (field, raw) in locks {
            let Some(text) = reader.text(field, raw) else { continue };
            match Date::parse_xero(&text) {
                Ok(date) => self.locked_until = self.locked_until.max(Some(date)),
                Err(error) => reader.note(Code::ChartIncomplete, field, format!("{error}")),
            }
        }
    }

    /// The account with this code. Codes are compared as Xero does, without regard to case.
    #[must_use]
    pub fn account(&self, code: &str) -> Option<&Account> {
        self.accounts
            .iter()
            .find(|account| !account.code.is_empty() && account.code.eq_ignore_ascii_case(code))
    }

    /// The active tax rate of this tax type.
    #[must_use]
    pub fn tax_type(&self, code: &str) -> Option<&TaxType> {
        self.tax_rates.iter().find(|rate| rate.active && rate.code == code)
    }

    /// The account that Xero keeps for a purpose, such as `ROUNDING`.
    #[must_use]
    pub fn system_account(&self, system: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.system == system && !account.code.is_empty())
    }

    /// Whether documents can be in this currency. A chart without a list of currencies does not
    /// say, and does not stop anything.
    #[must_use]
    pub fn has_currency(&self, code: &str) -> bool {
        self.base_currency == code
            || self.currencies.is_empty()
            || self.currencies.iter().any(|known| known == code)
    }
}

impl Account {
    /// Whether an invoice line can be coded to it: no bank and no control account.
    #[must_use]
    pub fn takes_lines(&self) -> bool {
        self.kind != "BANK"
            && !matches!(
                self.system.as_str(),
                "DEBTORS" | "CREDITORS" | "RETAINEDEARNINGS" | "HISTORICAL" | "TRACKINGTRANSFERS"
            )
    }

    /// Whether a payment can be posted to it.
    #[must_use]
    pub fn pays(&self) -> bool {
        self.active && (self.kind == "BANK" || self.takes_payments)
    }

    /// Whether it is one of the revenue types.
    #[must_use]
    pub fn is_revenue(&self) -> bool {
        matches!(self.kind.as_str(), "REVENUE" | "SALES" | "OTHERINCOME")
    }

    /// Whether it is one of the liability types.
    #[must_use]
    pub fn is_liability(&self) -> bool {
        matches!(self.kind.as_str(), "CURRLIAB" | "LIABILITY" | "TERMLIAB")
    }
}

fn read_each<T>(
    reader: &mut Reader,
    field: &str,
    raw: Raw<'_>,
    read: impl Fn(&mut Reader, &Json<'_>) -> Option<T>,
) -> Vec<T> {
    reader.list(field, raw).iter().filter_map(|one| read(reader, one)).collect()
}

fn read_account(reader: &mut Reader, json: &Json<'_>) -> Option<Account> {
    let account: RawAccount<'_> = reader.object("accounts", json)?;
    let payments = reader.flag("accounts.EnablePaymentsToAccount", account.payments);
    let mut text = |field, raw| reader.text(field, raw).unwrap_or_default().into_owned();
    Some(Account {
        code: text("accounts.Code", account.code),
        name: text("accounts.Name", account.name),
        kind: text("accounts.Type", account.kind),
        active: matches!(text("accounts.Status", account.status).as_str(), "ACTIVE" | ""),
        system: text("accounts.SystemAccount", account.system),
        currency: text("accounts.CurrencyCode", account.currency),
        takes_payments: payments.unwrap_or(false),
    })
}

fn read_tax_rate(reader: &mut Reader, json: &Json<'_>) -> Option<TaxType> {
    let rate: RawTaxRate<'_> = reader.object("tax_rates", json)?;
    let percent = reader
        .amount("tax_rates.EffectiveRate", rate.rate)
        .or_else(|| reader.amount("tax_rates.DisplayTaxRate", rate.display))
        .unwrap_or_default();
    let components = read_components(reader, rate.components);
    let revenue = reader.flag("tax_rates.CanApplyToRevenue", rate.revenue);
    let liabilities = reader.flag("tax_rates.CanApplyToLiabilities", rate.liabilities);
    let mut text = |field, raw| reader.text(field, raw).unwrap_or_default().into_owned();
    let believable = !percent.is_sign_negative() && percent <= Decimal::ONE_THOUSAND;
    Some(TaxType {
        code: text("tax_rates.TaxType", rate.code),
        name: text("tax_rates.Name", rate.name),
        percent,
        exact_rate: combine(&components)
            .filter(|exact| !components.is_empty() && is_shown_as(*exact, percent))
            .unwrap_or(percent / Decimal::ONE_HUNDRED),
        active: believable
            && matches!(text("tax_rates.Status", rate.status).as_str(), "ACTIVE" | ""),
        for_revenue: revenue.unwrap_or(true),
        for_liabilities: liabilities.unwrap_or(true),
    })
}

fn read_components(reader: &mut Reader, raw: Raw<'_>) -> Vec<(Decimal, bool)> {
    let mut components = Vec::new();
    for component in reader.list("tax_rates.TaxComponents", raw) {
        let Some(component) =
            reader.object::<RawComponent<'_>>("tax_rates.TaxComponents", component)
        else {
            continue;
        };
        let percent = reader.amount("tax_rates.TaxComponents.Rate", component.rate);
        let compound = reader.flag("tax_rates.TaxComponents.IsCompound", component.compound);
        components.push((percent.unwrap_or_default(), compound.unwrap_or(false)));
    }
    components
}

/// Whether components make the rate that Xero shows: otherwise they are not believed.
fn is_shown_as(exact: Decimal, percent: Decimal) -> bool {
    (exact * Decimal::ONE_HUNDRED - percent).abs() <= Decimal::new(1, 3)
}

fn read_tracking(reader: &mut Reader, json: &Json<'_>) -> Option<TrackingCategory> {
    let category: RawTracking<'_> = reader.object("tracking_categories", json)?;
    let name = reader.text("tracking_categories.Name", category.name)?.into_owned();
    let status = reader.text("tracking_categories.Status", category.status);
    if status.is_some_and(|status| status != "ACTIVE") {
        return None;
    }
    let mut options = Vec::new();
    for option in reader.list("tracking_categories.Options", category.options) {
        let Some(option) = reader.object::<RawOption<'_>>("Options", option) else {
            continue;
        };
        let status = reader.text("Options.Status", option.status);
        if status.is_none_or(|status| status == "ACTIVE") {
            options.extend(reader.text("Options.Name", option.name).map(Cow::into_owned));
        }
    }
    Some(TrackingCategory { name, options })
}
