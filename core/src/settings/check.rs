//! Settings held against a chart, before any order is: all that is wrong, at once.

use alloc::{collections::BTreeSet, format, string::String, vec::Vec};

use rust_decimal::Decimal;

use crate::{
    date::Date,
    finding::{Code, Finding, errors_first},
    json::decimal,
    shop::{
        rates::{RateSet, TaxRate, possible_sets},
        woo::Gateway,
    },
    xero::chart::Chart,
};

use super::{
    FeeKind, Rules, Settings, TaxMode,
    template::{CONTACT_FIELDS, LINE_FIELDS, ORDER_FIELDS, fields},
};

/// The largest rounding cap that can be chosen: one whole unit of the currency.
pub const CAP_MAX: Decimal = Decimal::ONE;

/// The longest terms, in days.
pub const TERMS_DAYS_MAX: u32 = 3_650;

/// Xero takes two tracking categories a line.
const TRACKING_MAX: usize = 2;

/// Whether a rounding cap is within bounds.
pub(crate) fn is_cap(cap: Decimal) -> bool {
    !cap.is_sign_negative() && cap <= CAP_MAX
}

/// The finding on a rounding cap that is none.
pub(crate) fn wrong_cap(settings: &Settings) -> Finding {
    let shown: String = settings.rounding.cap.chars().take(40).collect();
    let message = format!("`{shown}` is no amount from 0 to {CAP_MAX}");
    at("rounding.cap", Code::SettingsOutOfRange, message)
}

fn at(path: &str, code: Code, message: String) -> Finding {
    Finding::new(code, "settings", path, message).at(path)
}

/// Checks settings against a chart and, where they are given, the shop's rates and gateways.
#[must_use]
pub fn check(
    settings: &Settings,
    chart: &Chart,
    rates: &[TaxRate],
    gateways: &[Gateway],
) -> Vec<Finding> {
    let mut findings = templates(settings);
    if settings.invoice.prefix.trim().is_empty() {
        let message = "invoice numbers need a prefix".into();
        findings.push(at("invoice.prefix", Code::NumberPrefixMissing, message));
    } else if !settings.invoice.prefix.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        let message = "the prefix is not plain ASCII".into();
        findings.push(at("invoice.prefix", Code::NumberInvalid, message));
    }
    if !decimal(&settings.rounding.cap).is_some_and(is_cap) {
        findings.push(wrong_cap(settings));
    }
    check_terms(settings, &mut findings);
    check_accounts(settings, chart, &mut findings);
    check_summary(settings, &mut findings);
    findings.extend(starts(settings));
    if settings.sync.stock.on {
        let message = "stock is not sent yet".into();
        findings.push(at("sync.stock.on", Code::SettingsOutOfRange, message));
    }
    check_tax(settings, chart, &mut findings);
    check_sets(settings, &possible_sets(rates), &mut findings);
    check_tracking(settings, chart, &mut findings);
    check_branding(settings, chart, &mut findings);
    check_gateways(settings, chart, gateways, &mut findings);
    errors_first(findings)
}

/// Findings on templates that name fields which do not exist.
pub(crate) fn templates(settings: &Settings) -> Vec<Finding> {
    let lines = &settings.lines;
    let all: [(&str, &str, &[&str]); 8] = [
        ("invoice.reference", &settings.invoice.reference, &ORDER_FIELDS),
        ("refunds.reference", &settings.refunds.reference, &ORDER_FIELDS),
        ("contact.name_template", &settings.contact.name_template, &CONTACT_FIELDS),
        ("lines.line_item", &lines.line_item, &LINE_FIELDS),
        ("lines.shipping", &lines.shipping, &LINE_FIELDS),
        ("lines.fee", &lines.fee, &LINE_FIELDS),
        ("lines.discount", &lines.discount, &LINE_FIELDS),
        ("lines.tax", &lines.tax, &LINE_FIELDS),
    ];
    let mut findings = Vec::new();
    for (path, template, known) in all {
        for field in fields(template).into_iter().filter(|field| !known.contains(field)) {
            let shown: String = field.chars().take(40).collect();
            let message =
                format!("there is no field `{{{shown}}}`; there are {}", known.join(", "));
            findings.push(at(path, Code::TemplateUnknownField, message));
        }
    }
    findings
}

/// Findings on first moments that are none: nothing can be said to be of before or after them.
pub(crate) fn starts(settings: &Settings) -> Vec<Finding> {
    let wrong = settings.sync.all().into_iter().filter(|(_, switch)| !switch.is_clear());
    wrong
        .map(|(name, switch)| {
            let shown: String = switch.from.chars().take(40).collect();
            let message = format!(
                "`{shown}` is no moment; write it in UTC as 2026-11-28T09:00:00 or 2026-11-28"
            );
            at(&format!("sync.{name}.from"), Code::SettingsOutOfRange, message)
        })
        .collect()
}

fn check_terms(settings: &Settings, findings: &mut Vec<Finding>) {
    let terms = &settings.invoice.terms;
    let all = [terms.days];
    let longest = all.iter().chain(terms.by_gateway.values()).chain(terms.by_role.values()).max();
    if longest.is_some_and(|days| *days > TERMS_DAYS_MAX) {
        let message = format!("terms can be at most {TERMS_DAYS_MAX} days");
        findings.push(at("invoice.terms", Code::SettingsOutOfRange, message));
    }
}

/// Every account that a setting names: path, code, and whether it may be left empty.
fn named_accounts(settings: &Settings) -> Vec<(String, &str, bool)> {
    let accounts = &settings.accounts;
    let mut all = alloc::vec![
        (String::from("accounts.sales"), accounts.sales.as_str(), false),
        ("accounts.shipping".into(), &accounts.shipping, false),
        ("accounts.fees".into(), &accounts.fees, false),
        (
            "accounts.discounts".into(),
            &accounts.discounts,
            settings.lines.discounts == super::Discounts::Net,
        ),
        ("gift_cards.account".into(), &settings.gift_cards.account, true),
        ("rounding.account".into(), &settings.rounding.account, false),
        (
            "refunds.account".into(),
            &settings.refunds.account,
            settings.refunds.amount_only == super::AmountOnly::Spread,
        ),
        (
            "tax.line_account".into(),
            &settings.tax.line_account,
            settings.tax.mode == TaxMode::Types,
        ),
    ];
    for (method, code) in &accounts.shipping_methods {
        all.push((format!("accounts.shipping_methods.{method}"), code, false));
    }
    for (path, code) in rule_values("accounts.rules", &accounts.rules) {
        all.push((path, code, false));
    }
    for (index, fee) in settings.fees.iter().enumerate() {
        all.push((format!("fees[{index}].account"), &fee.account, fee.kind == FeeKind::GiftCard));
    }
    for (index, set) in settings.tax.sets.iter().enumerate() {
        all.push((format!("tax.sets[{index}].line_account"), &set.line_account, true));
    }
    all.extend(summary_accounts(settings));
    all
}

/// Accounts that only summaries name; where payouts are documents, fees and what cannot be joined
/// need one.
fn summary_accounts(settings: &Settings) -> Vec<(String, &str, bool)> {
    let accounts = &settings.summary.accounts;
    let pays_out = settings.summary.is_used() && !settings.summary.payouts.is_empty();
    let own = [
        ("refunds", &accounts.refunds, true),
        ("fees", &accounts.fees, true),
        ("reserves", &accounts.reserves, true),
        ("chargebacks", &accounts.chargebacks, true),
        ("adjustments", &accounts.adjustments, true),
        ("transfers", &accounts.transfers, true),
        ("unmatched", &accounts.unmatched, !pays_out),
    ];
    let named = own.into_iter();
    let mut all: Vec<(String, &str, bool)> = named
        .map(|(name, code, optional)| (format!("summary.accounts.{name}"), code.as_str(), optional))
        .collect();
    if pays_out && accounts.fees.is_empty() {
        all.push(("gateway_fees.account".into(), &settings.gateway_fees.account, false));
    }
    all
}

fn check_summary(settings: &Settings, findings: &mut Vec<Finding>) {
    let summary = &settings.summary;
    let mut wrong = |path: String, message: String| {
        findings.push(at(&path, Code::SettingsOutOfRange, message));
    };
    for (index, row) in summary.modes.iter().enumerate() {
        if !row.from.is_empty() && (row.from.len() != 10 || Date::parse(&row.from).is_err()) {
            let message = format!("`{}` is no day; write it as 2026-11-22", row.from);
            wrong(format!("summary.modes[{index}].from"), message);
        }
    }
    let dear = &summary.individually.total_from;
    if !dear.is_empty() && decimal(dear).is_none() {
        wrong("summary.individually.total_from".into(), format!("`{dear}` is no amount"));
    }
    for (index, group) in summary.groups.iter().enumerate() {
        let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
        if group.name.is_empty() || !group.name.chars().all(plain) {
            let message = format!("`{}` should be letters, digits and `-`", group.name);
            wrong(format!("summary.groups[{index}].name"), message);
        }
    }
    if summary.is_used() && summary.contact.trim().is_empty() {
        wrong("summary.contact".into(), "summaries need a contact's name".into());
    }
}

fn rule_values<'a>(path: &str, rules: &'a Rules) -> Vec<(String, &'a str)> {
    let kinds = [
        ("product", &rules.product),
        ("category", &rules.category),
        ("product_type", &rules.product_type),
        ("tax_class", &rules.tax_class),
        ("country", &rules.country),
    ];
    kinds
        .into_iter()
        .flat_map(|(kind, map)| {
            map.iter().map(move |(key, value)| (format!("{path}.{kind}.{key}"), value.as_str()))
        })
        .collect()
}

fn check_accounts(settings: &Settings, chart: &Chart, findings: &mut Vec<Finding>) {
    for (path, code, optional) in named_accounts(settings) {
        let wrong = match chart.account(code) {
            _ if code.is_empty() && optional => continue,
            _ if code.is_empty() => {
                at(&path, Code::AccountUnmapped, format!("`{path}` names no account"))
            }
            None => {
                at(&path, Code::AccountUnknown, format!("there is no account `{code}` in Xero"))
            }
            Some(account) if !account.active => {
                at(&path, Code::AccountArchived, format!("account `{code}` is archived in Xero"))
            }
            Some(account) if !account.takes_lines() => at(
                &path,
                Code::AccountNotForLines,
                format!("invoice lines cannot be posted to `{code}` ({})", account.name),
            ),
            Some(_) => continue,
        };
        findings.push(wrong);
    }
}

fn check_tax(settings: &Settings, chart: &Chart, findings: &mut Vec<Finding>) {
    let tax = &settings.tax;
    let untaxed = &tax.untaxed;
    let mut types: Vec<(String, &str, bool)> =
        alloc::vec![("tax.no_tax".into(), tax.no_tax.as_str(), true)];
    if tax.mode == TaxMode::Types {
        for (reason, code) in [
            ("not_taxable", &untaxed.not_taxable),
            ("exempt", &untaxed.exempt),
            ("zero_rate", &untaxed.zero_rate),
            ("export", &untaxed.export),
            ("other", &untaxed.other),
        ] {
            types.push((format!("tax.untaxed.{reason}"), code, true));
        }
        for (index, set) in tax.sets.iter().enumerate() {
            let needed = set.line_account.is_empty() && tax.line_account.is_empty();
            types.push((format!("tax.sets[{index}].tax_type"), &set.tax_type, needed));
        }
    }
    for (path, code, needed) in types {
        if code.is_empty() {
            if needed {
                let message = format!("`{path}` names no tax type");
                findings.push(at(&path, Code::TaxUntaxedUnmapped, message));
            }
        } else if chart.tax_type(code).is_none() {
            let message = format!("Xero has no active tax rate of type `{code}`");
            findings.push(at(&path, Code::TaxTypeUnknown, message));
        } else if chart.tax_type(code).is_some_and(|tax| !tax.for_revenue) {
            let message = format!("tax type `{code}` cannot be used with revenue accounts");
            findings.push(at(&path, Code::TaxTypeNotForSales, message));
        }
    }
}

fn check_sets(settings: &Settings, possible: &[RateSet], findings: &mut Vec<Finding>) {
    let mut seen: BTreeSet<Vec<u64>> = BTreeSet::new();
    for (index, row) in settings.tax.sets.iter().enumerate() {
        let mut rates = row.rates.clone();
        rates.sort_unstable();
        if !seen.insert(rates) {
            let path = format!("tax.sets[{index}]");
            let message = format!("`{path}` repeats a set that stands above it");
            findings.push(at(&path, Code::SettingsUnused, message));
        }
    }
    if settings.tax.mode == TaxMode::Line {
        return;
    }
    for set in possible.iter().filter(|set| !seen.contains(&set.ids)) {
        let ids: Vec<String> = set.ids.iter().map(|id| format!("{id}")).collect();
        let message = format!("no Xero tax type is chosen for {} ({})", set.name, set.country);
        let finding = Finding::new(Code::TaxSetUnmapped, "tax_rate", ids.join("+"), message);
        findings.push(finding.at("tax.sets"));
    }
}

fn check_tracking(settings: &Settings, chart: &Chart, findings: &mut Vec<Finding>) {
    if settings.tracking.len() > TRACKING_MAX {
        let message = format!("a line can have {TRACKING_MAX} tracking categories");
        findings.push(at("tracking", Code::SettingsOutOfRange, message));
    }
    for (index, setting) in settings.tracking.iter().enumerate() {
        let path = format!("tracking[{index}]");
        let Some(category) = chart.tracking.iter().find(|one| one.name == setting.category) else {
            let message = format!("Xero has no tracking category `{}`", setting.category);
            findings.push(at(&path, Code::TrackingUnknown, message));
            continue;
        };
        let mut options = rule_values(&format!("{path}.rules"), &setting.rules);
        options.push((format!("{path}.option"), &setting.option));
        for (path, option) in options {
            if !option.is_empty() && !category.options.iter().any(|known| known == option) {
                let message = format!("Xero has no `{option}` in `{}`", category.name);
                findings.push(at(&path, Code::TrackingUnknown, message));
            }
        }
    }
}

fn check_branding(settings: &Settings, chart: &Chart, findings: &mut Vec<Finding>) {
    let wanted = &settings.invoice.branding_theme;
    let known = chart.branding_themes.iter().any(|(id, name)| id == wanted || name == wanted);
    if !wanted.is_empty() && !known {
        let message = format!("Xero has no branding theme `{wanted}`");
        findings.push(at("invoice.branding_theme", Code::BrandingUnknown, message));
    }
}

fn check_gateways(
    settings: &Settings,
    chart: &Chart,
    gateways: &[Gateway],
    findings: &mut Vec<Finding>,
) {
    let rows = settings.payments.accounts.iter();
    let mut all: Vec<(String, &String)> =
        rows.map(|(gateway, code)| (format!("payments.accounts.{gateway}"), code)).collect();
    if !settings.payments.other.is_empty() {
        all.push(("payments.other".into(), &settings.payments.other));
    }
    for (path, code) in all {
        match chart.account(code) {
            Some(account) if account.pays() => {}
            Some(account) => {
                let message = format!("payments cannot be posted to `{code}` ({})", account.name);
                findings.push(at(&path, Code::GatewayAccountWrong, message));
            }
            None => {
                let message = format!("there is no account `{code}` in Xero");
                findings.push(at(&path, Code::AccountUnknown, message));
            }
        }
    }
    for gateway in gateways.iter().filter(|gateway| gateway.enabled) {
        let of_currency = format!("{}/", gateway.id);
        let mut keys = settings.payments.accounts.keys();
        let named = keys.any(|key| *key == gateway.id || key.starts_with(&of_currency));
        if !named && settings.payments.other.is_empty() {
            let message = format!("no account is chosen for `{}`", gateway.title);
            let finding =
                Finding::new(Code::GatewayUnmapped, "payment_gateway", &*gateway.id, message);
            findings.push(finding.at("payments.accounts"));
        }
    }
}
