//! `/TaxRates`: read all or one, create one, change one.

use rust_decimal::Decimal;

use super::super::call::{Call, Reply};
use super::super::json::{Fields, Json};
use super::super::model::chart::{AppliesTo, TaxComponent, TaxRate};
use super::super::model::organisation::Organisation;
use super::{Context, Outcome, elements, fields, filter, write_all};

pub(super) fn answer(
    organisation: &mut Organisation,
    context: &Context,
    call: &Call,
    rest: &[&str],
) -> Reply {
    match (call.method.as_str(), rest) {
        ("GET", []) => list(organisation, context, call),
        ("GET", [tax_type]) => match organisation.tax_rate(tax_type) {
            Some(rate) => context.envelope("TaxRates", vec![render(rate).into()], None),
            None => Reply::not_found(),
        },
        ("PUT" | "POST", []) => {
            // One rate a request (section 1.3).
            if elements(call, "TaxRates", &context.unknowns).is_ok_and(|list| list.len() > 1) {
                return Reply::bad_post_data("only one tax rate can be written a request");
            }
            write_all(organisation, context, call, "TaxRates", |books, element| {
                write(books, context, element)
            })
        }
        _ => Reply::empty(405),
    }
}

fn list(organisation: &Organisation, context: &Context, call: &Call) -> Reply {
    let conditions = match call.param("where").map(|text| filter::read(&text)) {
        None => Vec::new(),
        Some(Ok(conditions)) => conditions,
        Some(Err(why)) => return Reply::bad_query(&why),
    };
    let only = call.param("TaxType");
    let mut rates: Vec<&TaxRate> = Vec::new();
    for rate in &organisation.tax_rates {
        let mut wanted = only.as_ref().is_none_or(|code| rate.tax_type.eq_ignore_ascii_case(code));
        for condition in &conditions {
            let held = match condition.field.to_ascii_lowercase().as_str() {
                "name" => &rate.name,
                "taxtype" => &rate.tax_type,
                "status" => &rate.status,
                _ => return Reply::bad_query("No such property or field exists"),
            };
            wanted &= held.eq_ignore_ascii_case(&condition.value);
        }
        if wanted {
            rates.push(rate);
        }
    }
    rates.sort_by(|a, b| a.name.cmp(&b.name));
    context.envelope("TaxRates", rates.into_iter().map(|one| render(one).into()).collect(), None)
}

fn write(organisation: &mut Organisation, context: &Context, element: &Json) -> Outcome {
    let name = fields::filled(element, "Name").unwrap_or_default();
    let tax_type = fields::filled(element, "TaxType");
    let held = organisation.tax_rates.iter().position(|one| match &tax_type {
        Some(tax_type) => one.tax_type.eq_ignore_ascii_case(tax_type),
        None => one.name.eq_ignore_ascii_case(&name),
    });
    let held = held.filter(|_| !context.create_only);
    let mut errors = Vec::new();
    let mut rate = match held.and_then(|place| organisation.tax_rates.get(place)) {
        Some(rate) => rate.clone(),
        None => TaxRate {
            tax_type: String::new(),
            name: String::new(),
            report_tax_type: String::new(),
            status: "ACTIVE".to_owned(),
            components: Vec::new(),
            applies_to: AppliesTo::ALL,
        },
    };
    overlay(&mut rate, element);
    let same_name = |one: &TaxRate| one.name.eq_ignore_ascii_case(&rate.name);
    let taken = organisation
        .tax_rates
        .iter()
        .any(|one| same_name(one) && one.tax_type != rate.tax_type && one.status != "DELETED");
    if rate.name.is_empty() || taken {
        errors.push("Please enter a unique Name.".to_owned());
    }
    if rate.components.is_empty() {
        errors.push("At least one tax component must be specified".to_owned());
    }
    if rate.components.iter().any(|one| one.rate.is_sign_negative() && !one.rate.is_zero()) {
        errors.push("Tax rate must be valid.".to_owned());
    }
    if errors.is_empty() {
        if rate.tax_type.is_empty() {
            rate.tax_type = next_type(organisation);
        }
        match held.and_then(|place| organisation.tax_rates.get_mut(place)) {
            Some(place) => *place = rate.clone(),
            None => organisation.tax_rates.push(rate.clone()),
        }
    }
    Outcome { body: render(&rate), errors, warnings: Vec::new() }
}

fn overlay(rate: &mut TaxRate, element: &Json) {
    if let Some(name) = fields::filled(element, "Name") {
        rate.name = name;
    }
    if let Some(status) = fields::filled(element, "Status") {
        rate.status = status.to_ascii_uppercase();
    }
    if let Some(report) = fields::filled(element, "ReportTaxType") {
        rate.report_tax_type = report.to_ascii_uppercase();
        rate.applies_to = match rate.report_tax_type.as_str() {
            "INPUT" => AppliesTo::PURCHASES,
            "OUTPUT" => AppliesTo::SALES,
            _ => AppliesTo::ALL,
        };
    }
    if let Some(parts) = element.get("TaxComponents") {
        rate.components = parts
            .items()
            .iter()
            .map(|part| TaxComponent {
                name: fields::filled(part, "Name").unwrap_or_default(),
                rate: fields::number(part, "Rate").unwrap_or(Decimal::NEGATIVE_ONE),
                compound: fields::flag(part, "IsCompound").unwrap_or(false),
                non_recoverable: fields::flag(part, "IsNonRecoverable").unwrap_or(false),
            })
            .collect();
    }
}

/// The next free `TAX…`.
fn next_type(organisation: &Organisation) -> String {
    (1..=u32::from(u16::MAX))
        .map(|number| format!("TAX{number:03}"))
        .find(|code| organisation.tax_rate(code).is_none())
        .unwrap_or_default()
}

fn render(rate: &TaxRate) -> Fields {
    let components: Vec<Json> = rate
        .components
        .iter()
        .map(|part| {
            let mut fields = Fields::default();
            fields
                .put("Name", part.name.as_str())
                .put("Rate", Json::fixed(part.rate, 4))
                .put("IsCompound", part.compound)
                .put("IsNonRecoverable", part.non_recoverable);
            fields.into()
        })
        .collect();
    let mut out = Fields::default();
    out.put("Name", rate.name.as_str())
        .put("TaxType", rate.tax_type.as_str())
        .put_text("ReportTaxType", &rate.report_tax_type)
        .put("CanApplyToAssets", rate.applies_to.assets)
        .put("CanApplyToEquity", rate.applies_to.equity)
        .put("CanApplyToExpenses", rate.applies_to.expenses)
        .put("CanApplyToLiabilities", rate.applies_to.liabilities)
        .put("CanApplyToRevenue", rate.applies_to.revenue)
        .put("DisplayTaxRate", Json::fixed(rate.effective_rate(), 4))
        .put("EffectiveRate", Json::fixed(rate.effective_rate(), 4))
        .put("Status", rate.status.as_str())
        .put("TaxComponents", components);
    out
}
