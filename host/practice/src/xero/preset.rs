//! Organisations to start with: charts and tax rates as businesses of each region have them.

mod accounts;
mod taxes;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::model::chart::{BrandingTheme, Currency, TrackingCategory, TrackingOption};
use super::model::organisation::{Organisation, Profile};

/// A kind of organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Preset {
    /// Australia: AUD, GST 10 %.
    Au,
    /// United Kingdom: GBP, VAT 20 %, 5 %, 0 %.
    Gb,
    /// United States: USD, sales taxes of New York and San Francisco.
    Us,
    /// New Zealand: NZD, GST 15 %.
    Nz,
    /// Canada: CAD, GST, HST and provincial taxes, two of them compound.
    Ca,
    /// Any other country, by its base currency; EUR, JPY and BHD have tax rates of their own.
    Global(String),
}

/// An organisation of Xero's global edition with that base currency, for example `EUR`.
#[must_use]
pub fn global(base_currency: &str) -> Preset {
    Preset::Global(base_currency.to_ascii_uppercase())
}

/// What differs between regions.
struct Region {
    name: &'static str,
    country: &'static str,
    version: &'static str,
    currency: String,
    timezone: &'static str,
    zone: chrono_tz::Tz,
    year_end: (u32, u32),
}

impl Preset {
    /// The presets with an edition of their own, and three global ones.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let mut all = vec![Self::Au, Self::Gb, Self::Us, Self::Nz, Self::Ca];
        all.extend(["EUR", "JPY", "BHD"].map(global));
        all
    }

    /// The preset by a word such as `au`, `gb`, `ca` or a currency code.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        Some(match word.to_ascii_lowercase().as_str() {
            "au" => Self::Au,
            "gb" | "uk" => Self::Gb,
            "us" => Self::Us,
            "nz" => Self::Nz,
            "ca" => Self::Ca,
            code if code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
                global(code)
            }
            _ => return None,
        })
    }

    fn region(&self) -> Region {
        use chrono_tz::{America, Asia, Australia, Europe, Pacific, Tz};
        let known = |name, country, version, currency: &str, timezone, zone: Tz, year_end| Region {
            name,
            country,
            version,
            currency: currency.to_owned(),
            timezone,
            zone,
            year_end,
        };
        match self {
            Self::Au => {
                let zone = Australia::Sydney;
                known("AU", "AU", "AU", "AUD", "AUSEASTERNSTANDARDTIME", zone, (30, 6))
            }
            Self::Gb => known("UK", "GB", "UK", "GBP", "GMTSTANDARDTIME", Europe::London, (31, 3)),
            Self::Us => {
                let zone = America::New_York;
                known("US", "US", "US", "USD", "EASTERNSTANDARDTIME", zone, (31, 12))
            }
            Self::Nz => {
                let zone = Pacific::Auckland;
                known("NZ", "NZ", "NZ", "NZD", "NEWZEALANDSTANDARDTIME", zone, (31, 3))
            }
            Self::Ca => {
                let zone = America::Toronto;
                known("Canada", "CA", "GLOBAL", "CAD", "EASTERNSTANDARDTIME", zone, (31, 12))
            }
            Self::Global(currency) => {
                let (country, timezone, zone) = match currency.as_str() {
                    "EUR" => ("FR", "ROMANCESTANDARDTIME", Europe::Paris),
                    "JPY" => ("JP", "TOKYOSTANDARDTIME", Asia::Tokyo),
                    "BHD" => ("BH", "ARABSTANDARDTIME", Asia::Bahrain),
                    _ => ("SG", "UTC", Tz::UTC),
                };
                known("Global", country, "GLOBAL", currency, timezone, zone, (31, 12))
            }
        }
    }

    /// Makes the organisation; the same number makes the same ids.
    #[must_use]
    pub fn build(&self, number: usize, now: DateTime<Utc>) -> Organisation {
        let region = self.region();
        let id = Uuid::new_v5(
            &Uuid::NAMESPACE_OID,
            format!("practice organisation {number}").as_bytes(),
        );
        let mut organisation = Organisation::new(id, profile(&region, number, now));
        organisation.tax_rates = taxes::rates(self);
        organisation.currencies = currencies(&region.currency);
        accounts::fill(&mut organisation, taxes::defaults(self), now);
        fill_tracking(&mut organisation);
        let theme = BrandingTheme {
            id: organisation.new_id(),
            name: "Standard".to_owned(),
            sort_order: 0,
            created: now,
        };
        organisation.branding_themes.push(theme);
        organisation
    }
}

fn profile(region: &Region, number: usize, now: DateTime<Utc>) -> Profile {
    let suffix = if number == 1 { String::new() } else { format!(" {number}") };
    Profile {
        name: format!("Practice Company ({}){suffix}", region.name),
        country: region.country.to_owned(),
        version: region.version.to_owned(),
        base_currency: region.currency.clone(),
        timezone: region.timezone.to_owned(),
        zone: region.zone,
        tax_number: "101-2-303".to_owned(),
        tax_number_name: if region.version == "GLOBAL" { "Tax reg" } else { "" }.to_owned(),
        sales_tax_basis: "ACCRUALS".to_owned(),
        sales_tax_period: "3MONTHLY".to_owned(),
        year_end: region.year_end,
        short_code: format!("!TB{number:03}"),
        period_lock: None,
        year_lock: None,
        created: now,
    }
}

fn currencies(base: &str) -> Vec<Currency> {
    let mut codes = vec![base];
    codes.extend(["EUR", "USD", "GBP"].into_iter().filter(|code| *code != base));
    codes.into_iter().map(currency_of).collect()
}

/// A currency with its name where it is a common one.
pub(crate) fn currency_of(code: &str) -> Currency {
    let description = match code {
        "AUD" => "Australian Dollar",
        "BHD" => "Bahraini Dinar",
        "CAD" => "Canadian Dollar",
        "CHF" => "Swiss Franc",
        "EUR" => "Euro",
        "GBP" => "British Pound",
        "JPY" => "Japanese Yen",
        "NZD" => "New Zealand Dollar",
        "SGD" => "Singapore Dollar",
        "USD" => "United States Dollar",
        other => other,
    };
    Currency { code: code.to_owned(), description: description.to_owned() }
}

fn fill_tracking(organisation: &mut Organisation) {
    const CATEGORIES: [(&str, &[&str]); 2] = [
        ("Channel", &["Web shop", "Marketplace", "Point of sale"]),
        ("Region", &["Eastside", "North", "South", "West Coast"]),
    ];
    for (name, options) in CATEGORIES {
        let id = organisation.new_id();
        let options = options
            .iter()
            .map(|option| TrackingOption {
                id: organisation.new_id(),
                name: (*option).to_owned(),
                status: "ACTIVE".to_owned(),
            })
            .collect();
        let status = "ACTIVE".to_owned();
        organisation.tracking.push(TrackingCategory { id, name: name.to_owned(), status, options });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_is_sound() {
        for preset in Preset::all() {
            let organisation = preset.build(1, DateTime::UNIX_EPOCH);
            let profile = &organisation.profile;
            assert_eq!(organisation.currencies[0].code, profile.base_currency);
            for system in [
                "DEBTORS",
                "CREDITORS",
                "GST",
                "HISTORICAL",
                "RETAINEDEARNINGS",
                "ROUNDING",
                "TRACKINGTRANSFERS",
            ] {
                let found = organisation.accounts.find(|one| one.system_account == system);
                assert!(found.is_some(), "{system} in {preset:?}");
            }
            for account in &organisation.accounts {
                let rate = organisation.tax_rate(&account.tax_type);
                let rate = rate.unwrap_or_else(|| panic!("{} of {preset:?}", account.tax_type));
                assert!(rate.applies_to.allows(account.class()), "{} {preset:?}", account.name);
            }
        }
    }

    #[test]
    fn compound_rates_of_canada_have_four_decimals() {
        let organisation = Preset::Ca.build(1, DateTime::UNIX_EPOCH);
        let rate = |name: &str| {
            let found = organisation.tax_rates.iter().find(|one| one.name.contains(name));
            found.unwrap().effective_rate().normalize().to_string()
        };
        assert_eq!(rate("QC"), "15.4738");
        assert_eq!(rate("PE"), "15.5");
        assert_eq!(rate("BC"), "12");
    }
}
