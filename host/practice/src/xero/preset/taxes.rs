//! Tax types of each region, and the rates that a business there would have added.
//!
//! Codes and rates: section 3.6 of the reference on Xero's API.

use rust_decimal::Decimal;

use super::super::model::chart::{AppliesTo, TaxComponent, TaxRate};
use super::Preset;

/// The tax types that new accounts get.
#[derive(Clone, Copy)]
pub(super) struct Defaults {
    pub(super) sales: &'static str,
    pub(super) purchases: &'static str,
    pub(super) none: &'static str,
}

/// Where a rate applies.
#[derive(Clone, Copy)]
enum On {
    All,
    Sales,
    Purchases,
    Imports,
    Old,
}

use On::{All, Imports, Old, Purchases, Sales};

/// (tax type, name, report tax type, where, percent)
type Row = (&'static str, &'static str, &'static str, On, &'static str);

/// (name, components as (name, percent, compound))
type Custom = (&'static str, &'static [(&'static str, &'static str, bool)]);

const AU: &[Row] = &[
    ("BASEXCLUDED", "BAS Excluded", "BASEXCLUDED", All, "0"),
    ("EXEMPTCAPITAL", "GST Free Capital", "EXEMPTCAPITAL", Purchases, "0"),
    ("EXEMPTEXPENSES", "GST Free Expenses", "EXEMPTEXPENSES", Purchases, "0"),
    ("EXEMPTEXPORT", "GST Free Exports", "EXEMPTEXPORT", Sales, "0"),
    ("EXEMPTOUTPUT", "GST Free Income", "EXEMPTOUTPUT", Sales, "0"),
    ("CAPEXINPUT", "GST on Capital", "CAPITALEXINPUT", Purchases, "10"),
    ("INPUT", "GST on Expenses", "INPUT", Purchases, "10"),
    ("GSTONIMPORTS", "GST on Imports", "GSTONIMPORTS", Imports, "0"),
    ("OUTPUT", "GST on Income", "OUTPUT", Sales, "10"),
    ("INPUTTAXED", "Input Taxed", "INPUTTAXED", All, "0"),
];

const GB: &[Row] = &[
    ("SRINPUT", "17.5% (VAT on Expenses)", "INPUT", Old, "17.5"),
    ("SROUTPUT", "17.5% (VAT on Income)", "OUTPUT", Old, "17.5"),
    ("CAPEXINPUT2", "20% (VAT on Capital Purchases)", "CAPITALEXPENSESINPUT", Purchases, "20"),
    ("CAPEXOUTPUT2", "20% (VAT on Capital Sales)", "CAPITALSALESOUTPUT", Sales, "20"),
    ("INPUT2", "20% (VAT on Expenses)", "INPUT", Purchases, "20"),
    ("OUTPUT2", "20% (VAT on Income)", "OUTPUT", Sales, "20"),
    ("RRINPUT", "5% (VAT on Expenses)", "INPUT", Purchases, "5"),
    ("RROUTPUT", "5% (VAT on Income)", "OUTPUT", Sales, "5"),
    ("ECACQUISITIONS", "EC Acquisitions (20%)", "ECACQUISITIONS", Purchases, "0"),
    ("EXEMPTINPUT", "Exempt Expenses", "EXEMPTINPUT", Purchases, "0"),
    ("EXEMPTOUTPUT", "Exempt Income", "EXEMPTOUTPUT", Sales, "0"),
    ("NONE", "No VAT", "NONE", All, "0"),
    ("REVERSECHARGES", "Reverse Charge Expenses (20%)", "REVERSECHARGES", Purchases, "0"),
    ("GSTONIMPORTS", "VAT on Imports", "GSTONIMPORTS", Imports, "0"),
    ("ECZROUTPUT", "Zero Rated EC Goods Income", "ECOUTPUT", Sales, "0"),
    ("ECZROUTPUTSERVICES", "Zero Rated EC Services", "ECOUTPUTSERVICES", Sales, "0"),
    ("ZERORATEDINPUT", "Zero Rated Expenses", "INPUT", Purchases, "0"),
    ("ZERORATEDOUTPUT", "Zero Rated Income", "OUTPUT", Sales, "0"),
];

const NZ: &[Row] = &[
    ("INPUT", "12.5% GST on Expenses", "INPUT", Old, "12.5"),
    ("OUTPUT", "12.5% GST on Income", "OUTPUT", Old, "12.5"),
    ("INPUT2", "15% GST on Expenses", "INPUT", Purchases, "15"),
    ("OUTPUT2", "15% GST on Income", "OUTPUT", Sales, "15"),
    ("GSTONIMPORTS", "GST on Imports", "GSTONIMPORTS", Imports, "0"),
    ("NONE", "No GST", "NONE", All, "0"),
    ("ZERORATED", "Zero Rated", "OUTPUT", All, "0"),
];

const GLOBAL: &[Row] = &[
    ("GSTONIMPORTS", "Sales Tax on Imports", "GSTONIMPORTS", Imports, "0"),
    ("NONE", "Tax Exempt", "NONE", All, "0"),
];

const US_CUSTOM: &[Custom] = &[
    ("Tax on Goods", &[("State Tax", "4.5", false), ("City Tax", "4.25", false)]),
    (
        "New York City Sales Tax",
        &[("NY State Tax", "4", false), ("NY City Tax", "4.5", false), ("MCTD", "0.375", false)],
    ),
    ("New York State Tax", &[("NY State Tax", "4", false)]),
    (
        "San Francisco Sales Tax",
        &[
            ("CA State Tax", "7.25", false),
            ("SF County", "1.25", false),
            ("SF City", "0.125", false),
        ],
    ),
];

const CA_CUSTOM: &[Custom] = &[
    ("GST 5%", &[("GST", "5", false)]),
    ("HST 13%", &[("HST", "13", false)]),
    ("BC - GST/PST", &[("GST", "5", false), ("PST", "7", false)]),
    ("QC - GST/QST", &[("GST", "5", false), ("QST", "9.975", true)]),
    ("PE - GST/PST", &[("GST", "5", false), ("PST", "10", true)]),
    ("Zero Rated", &[("GST", "0", false)]),
];

const EUR_CUSTOM: &[Custom] = &[
    ("FR TVA 20%", &[("TVA", "20", false)]),
    ("FR TVA 5.5%", &[("TVA", "5.5", false)]),
    ("FR TVA 2.1%", &[("TVA", "2.1", false)]),
    ("DE MwSt 19%", &[("MwSt", "19", false)]),
    ("DE MwSt 7%", &[("MwSt", "7", false)]),
    ("IE VAT 23%", &[("VAT", "23", false)]),
    ("IE VAT 13.5%", &[("VAT", "13.5", false)]),
    ("EU Reverse Charge 0%", &[("VAT", "0", false)]),
    ("Zero Rated", &[("VAT", "0", false)]),
];

const JPY_CUSTOM: &[Custom] = &[
    ("Consumption Tax 10%", &[("Consumption Tax", "10", false)]),
    ("Consumption Tax 8%", &[("Consumption Tax", "8", false)]),
    ("Zero Rated", &[("Consumption Tax", "0", false)]),
];

const BHD_CUSTOM: &[Custom] =
    &[("VAT 10%", &[("VAT", "10", false)]), ("VAT 0%", &[("VAT", "0", false)])];

const OTHER_CUSTOM: &[Custom] = &[("Zero Rated", &[("TAX", "0", false)])];

/// The tax types new accounts of the region get.
pub(super) fn defaults(preset: &Preset) -> Defaults {
    match preset {
        Preset::Au => Defaults { sales: "OUTPUT", purchases: "INPUT", none: "BASEXCLUDED" },
        Preset::Gb | Preset::Nz => Defaults { sales: "OUTPUT2", purchases: "INPUT2", none: "NONE" },
        Preset::Us | Preset::Ca | Preset::Global(_) => {
            Defaults { sales: "OUTPUT", purchases: "INPUT", none: "NONE" }
        }
    }
}

/// Every tax rate of the region.
pub(super) fn rates(preset: &Preset) -> Vec<TaxRate> {
    const DEMO: &[(&str, &str, bool)] = &[("City Tax", "4", false), ("State Tax", "4.25", false)];
    let (rows, custom, standard): (&[Row], &[Custom], Option<&[_]>) = match preset {
        Preset::Au => (AU, &[], None),
        Preset::Gb => (GB, &[], None),
        Preset::Nz => (NZ, &[], None),
        Preset::Us => (GLOBAL, US_CUSTOM, Some(DEMO)),
        Preset::Ca => (GLOBAL, CA_CUSTOM, Some(&[("GST", "5", false)])),
        Preset::Global(currency) => match currency.as_str() {
            "EUR" => (GLOBAL, EUR_CUSTOM, Some(&[("TVA", "20", false)])),
            "JPY" => (GLOBAL, JPY_CUSTOM, Some(&[("Consumption Tax", "10", false)])),
            "BHD" => (GLOBAL, BHD_CUSTOM, Some(&[("VAT", "10", false)])),
            _ => (GLOBAL, OTHER_CUSTOM, Some(DEMO)),
        },
    };
    let mut rates: Vec<TaxRate> = rows.iter().map(from_row).collect();
    if let Some(parts) = standard {
        rates.push(rate("OUTPUT", "Tax on Sales", "OUTPUT", parts));
        rates.push(rate("INPUT", "Tax on Purchases", "INPUT", parts));
    }
    for (number, (name, parts)) in (1_u32..).zip(custom) {
        rates.push(rate(&format!("TAX{number:03}"), name, "", parts));
    }
    rates
}

fn from_row((tax_type, name, report, on, percent): &Row) -> TaxRate {
    let component = match *report {
        "NONE" | "BASEXCLUDED" => "No Tax",
        _ => "TAX",
    };
    let mut rate = rate(tax_type, name, report, &[(component, percent, false)]);
    rate.applies_to = match on {
        All | Old => AppliesTo::ALL,
        Sales => AppliesTo::SALES,
        Purchases => AppliesTo::PURCHASES,
        Imports => AppliesTo {
            assets: false,
            equity: false,
            expenses: false,
            liabilities: true,
            revenue: false,
        },
    };
    if matches!(on, Old) {
        "DELETED".clone_into(&mut rate.status);
    }
    rate
}

fn rate(tax_type: &str, name: &str, report: &str, parts: &[(&str, &str, bool)]) -> TaxRate {
    TaxRate {
        tax_type: tax_type.to_owned(),
        name: name.to_owned(),
        report_tax_type: report.to_owned(),
        status: "ACTIVE".to_owned(),
        components: parts
            .iter()
            .map(|(name, percent, compound)| TaxComponent {
                name: (*name).to_owned(),
                rate: percent.parse().unwrap_or(Decimal::ZERO),
                compound: *compound,
                non_recoverable: false,
            })
            .collect(),
        applies_to: AppliesTo::ALL,
    }
}
