//! Which tax type a line bears: by the set of rates stored on it, never by today's tables.

use alloc::{format, string::String, vec::Vec};

use rust_decimal::Decimal;

use crate::{
    finding::{Code, Finding},
    settings::TaxMode,
    shop::order::{Line, Order},
    xero::chart::TaxType,
};

use super::{
    Context, Notes, account,
    piece::{AccountChoice, TaxChoice},
};

/// Two rates that are nearer than this are the same: Xero keeps four decimals of a percentage.
const RATE_TOLERANCE: Decimal = Decimal::from_parts(1, 0, 0, false, 6);

/// How a line is taxed; an error when its set of rates has no tax type.
pub(super) fn of_line(
    context: &Context<'_>,
    order: &Order,
    line: &Line,
    account: &AccountChoice,
    notes: &mut Notes,
) -> TaxChoice {
    let set = Order::rate_set(line);
    if set.is_empty() {
        untaxed(context, order, line, account, notes)
    } else {
        of_set(context, order, set, account, notes)
    }
}

fn of_set(
    context: &Context<'_>,
    order: &Order,
    set: Vec<u64>,
    account: &AccountChoice,
    notes: &mut Notes,
) -> TaxChoice {
    let tax = &context.settings.tax;
    let same = |rates: &[u64]| {
        let mut rates = rates.to_vec();
        rates.sort_unstable();
        rates == set
    };
    let row = tax.sets.iter().enumerate().find(|(_, row)| same(&row.rates));
    if tax.mode == TaxMode::Line {
        let code = row.map_or("", |(_, row)| &row.line_account);
        return as_line(context, set, code, "tax.mode".into(), notes);
    }
    match row {
        Some((index, row)) if row.tax_type.is_empty() => {
            as_line(context, set, &row.line_account, format!("tax.sets[{index}]"), notes)
        }
        Some((index, row)) => {
            let rule = format!("tax.sets[{index}].tax_type");
            let choice = typed(context, set, &row.tax_type, rule, account, notes);
            if context.chart.tax_type(&choice.tax_type).is_some() {
                compare_rates(order, &choice, notes);
            }
            choice
        }
        None => {
            let shown = name_of(order, &set);
            let message = format!("no Xero tax type is chosen for {shown}");
            let finding = Finding::new(Code::TaxSetUnmapped, "tax_rate", joined(&set), message);
            notes.push(finding.at("tax.sets"));
            TaxChoice { set, ..TaxChoice::default() }
        }
    }
}

/// Ids joined by `+`: how a set is named in findings.
fn joined(set: &[u64]) -> String {
    let ids: Vec<String> = set.iter().map(|id| format!("{id}")).collect();
    ids.join("+")
}

/// What people call a set: the labels and percentages that the order stored.
pub(super) fn name_of(order: &Order, set: &[u64]) -> String {
    let names: Vec<String> = set
        .iter()
        .map(|id| match order.tax_lines.iter().find(|line| line.rate_id == *id) {
            Some(line) => match line.percent {
                Some(percent) => format!("{} {} %", line.label, percent.normalize()),
                None => line.label.clone(),
            },
            None => format!("rate {id}"),
        })
        .collect();
    names.join(" + ")
}

fn as_line(
    context: &Context<'_>,
    set: Vec<u64>,
    code: &str,
    rule: String,
    notes: &mut Notes,
) -> TaxChoice {
    let tax = &context.settings.tax;
    let code = if code.is_empty() { tax.line_account.as_str() } else { code };
    let line_account = if code.is_empty() {
        let finding = Finding::new(
            Code::TaxLineAccountMissing,
            "tax_rate",
            joined(&set),
            "tax is to be a line of its own, but has no account",
        );
        notes.push(finding.at("tax.line_account"));
        AccountChoice::default()
    } else {
        account::checked(context, code, "tax.line_account".into(), notes)
    };
    TaxChoice {
        set,
        tax_type: no_tax(context, notes),
        rate: Decimal::ZERO,
        exact_rate: Decimal::ZERO,
        rule,
        line_account: Some(line_account),
    }
}

/// The tax type of lines that stand outside tax.
pub(super) fn no_tax(context: &Context<'_>, notes: &mut Notes) -> String {
    let code = &context.settings.tax.no_tax;
    known(context, code, "tax.no_tax", notes);
    code.clone()
}

fn known<'a>(
    context: &'a Context<'_>,
    code: &str,
    rule: &str,
    notes: &mut Notes,
) -> Option<&'a TaxType> {
    let found = context.chart.tax_type(code);
    if found.is_none() {
        let message = format!("Xero has no active tax rate of type `{code}`");
        notes.push(Finding::new(Code::TaxTypeUnknown, "tax_type", code, message).at(rule));
    }
    found
}

fn typed(
    context: &Context<'_>,
    set: Vec<u64>,
    code: &str,
    rule: String,
    account: &AccountChoice,
    notes: &mut Notes,
) -> TaxChoice {
    let found = known(context, code, &rule, notes);
    let bears = |tax: &TaxType| match context.chart.account(&account.code) {
        Some(account) if account.is_revenue() => tax.for_revenue,
        Some(account) if account.is_liability() => tax.for_liabilities,
        _ => true,
    };
    if found.is_some_and(|tax| !bears(tax)) {
        let message = format!("tax type `{code}` cannot be used with account `{}`", account.code);
        notes.push(Finding::new(Code::TaxTypeNotForSales, "tax_type", code, message).at(&*rule));
    }
    let rate = found.map_or(Decimal::ZERO, |tax| tax.percent / Decimal::ONE_HUNDRED);
    let exact_rate = found.map_or(Decimal::ZERO, |tax| tax.exact_rate);
    TaxChoice { set, tax_type: code.into(), rate, exact_rate, rule, line_account: None }
}

fn compare_rates(order: &Order, choice: &TaxChoice, notes: &mut Notes) {
    let Some(charged) = order.combined_rate(&choice.set) else { return };
    if (charged - choice.rate).abs() > RATE_TOLERANCE {
        let percent = |rate: Decimal| (rate * Decimal::ONE_HUNDRED).normalize();
        let message = format!(
            "{} was charged, tax type `{}` has {} %",
            name_of(order, &choice.set),
            choice.tax_type,
            percent(choice.rate)
        );
        let finding = Finding::new(Code::TaxRateDiffers, "tax_rate", joined(&choice.set), message);
        notes.push(finding.at(&*choice.rule));
    }
}

/// ACCOUNTING section 1: a line without tax maps by reason.
fn untaxed(
    context: &Context<'_>,
    order: &Order,
    line: &Line,
    account: &AccountChoice,
    notes: &mut Notes,
) -> TaxChoice {
    if context.settings.tax.mode == TaxMode::Line {
        let tax_type = no_tax(context, notes);
        return TaxChoice { tax_type, rule: "tax.mode".into(), ..TaxChoice::default() };
    }
    let types = &context.settings.tax.untaxed;
    let (reason, code) = if is_not_taxable(context, line) {
        ("not_taxable", &types.not_taxable)
    } else if order.is_vat_exempt {
        ("exempt", &types.exempt)
    } else if line.tax_class == "zero-rate" {
        ("zero_rate", &types.zero_rate)
    } else if is_export(context, order) {
        ("export", &types.export)
    } else {
        ("other", &types.other)
    };
    let rule = format!("tax.untaxed.{reason}");
    if code.is_empty() {
        let message = format!("no Xero tax type is chosen for lines without tax (`{reason}`)");
        let finding = Finding::new(Code::TaxUntaxedUnmapped, "settings", &*rule, message);
        notes.push(finding.at(&*rule));
        return TaxChoice { rule, ..TaxChoice::default() };
    }
    typed(context, Vec::new(), code, rule, account, notes)
}

/// WooCommerce marks a fee that was declared untaxed with the class `0` (reference: WooCommerce,
/// corpus note 4); goods say so in the product.
fn is_not_taxable(context: &Context<'_>, line: &Line) -> bool {
    let product =
        context.products.get(&line.variation_id).or_else(|| context.products.get(&line.product_id));
    line.tax_status.as_deref() == Some("none")
        || line.tax_class == "0"
        || product.is_some_and(|product| matches!(product.tax_status.as_str(), "none" | "shipping"))
}

/// Whether the goods went to another country.
pub(super) fn is_export(context: &Context<'_>, order: &Order) -> bool {
    let to = &order.buyer.shipping_country;
    let from = context.shop.country();
    !to.is_empty() && !from.is_empty() && to != from
}
