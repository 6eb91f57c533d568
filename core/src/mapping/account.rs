//! Which account and which tracking options a line bears.

use alloc::{format, string::String, vec::Vec};

use rust_decimal::Decimal;

use crate::{
    finding::{Code, Finding},
    settings::{FeeKind, FeeRule, Rules},
    shop::{
        order::{Line, LineKind, Order},
        product::Product,
    },
    xero::{chart::Chart, document::LineItem},
};

use super::{Context, Notes, piece::AccountChoice};

/// The account of an order's line, by the first rule that matches; an error when there is none
/// or it cannot be used.
pub(super) fn of_line(
    context: &Context<'_>,
    order: &Order,
    line: &Line,
    notes: &mut Notes,
) -> AccountChoice {
    let (code, rule) = match line.kind {
        LineKind::LineItem => of_item(context, &order.buyer.shipping_country, line),
        LineKind::Shipping => of_shipping(context, line),
        LineKind::Fee => of_fee(context, line),
    };
    checked(context, code, rule, notes)
}

/// An account that a setting names, with an error when it cannot bear invoice lines.
pub(super) fn checked(
    context: &Context<'_>,
    code: &str,
    rule: String,
    notes: &mut Notes,
) -> AccountChoice {
    let choice = AccountChoice { code: code.into(), rule };
    if let Some(finding) = problem(context.chart, &choice.code, &choice.rule) {
        notes.push(finding);
    }
    choice
}

/// Why no line can be coded to an account.
pub(crate) fn problem(chart: &Chart, code: &str, rule: &str) -> Option<Finding> {
    let wrong =
        |wrong: Code, message: String| Some(Finding::new(wrong, "account", code, message).at(rule));
    match chart.account(code) {
        _ if code.is_empty() => wrong(Code::AccountUnmapped, format!("`{rule}` names no account")),
        None => wrong(Code::AccountUnknown, format!("there is no account `{code}` in Xero")),
        Some(account) if !account.active => {
            wrong(Code::AccountArchived, format!("account `{code}` is archived in Xero"))
        }
        Some(account) if !account.takes_lines() => wrong(
            Code::AccountNotForLines,
            format!("invoice lines cannot be posted to account `{code}` ({})", account.name),
        ),
        Some(_) => None,
    }
}

/// Code of the account of a product and its variation, sold in the shop's own country; `None` where
/// no line can be coded to it.
pub(crate) fn account_at_home(
    context: &Context<'_>,
    (product_id, variation_id): (u64, u64),
    tax_class: &str,
) -> Option<String> {
    let tax_class = tax_class.into();
    let line = Line { tax_class, product_id, variation_id, ..Line::default() };
    let (code, rule) = of_item(context, context.shop.country(), &line);
    problem(context.chart, code, &rule).is_none().then(|| code.into())
}

fn of_item<'a>(context: &'a Context<'_>, country: &str, line: &Line) -> (&'a str, String) {
    let settings = &context.settings.accounts;
    if let Some((code, rule)) = by_product(&settings.rules, line) {
        return (code, format!("accounts.rules.{rule}"));
    }
    let gift_cards = &context.settings.gift_cards;
    let is_gift_card =
        products(context, line).any(|product| gift_cards.product_types.contains(&product.kind));
    if is_gift_card {
        return (&gift_cards.account, "gift_cards.account".into());
    }
    match by_rules(context, &settings.rules, country, line) {
        Some((code, rule)) => (code, format!("accounts.rules.{rule}")),
        None => (&settings.sales, "accounts.sales".into()),
    }
}

fn of_shipping<'a>(context: &'a Context<'_>, line: &Line) -> (&'a str, String) {
    let settings = &context.settings.accounts;
    let method = line.method_id.split(':').next().unwrap_or_default();
    match settings.shipping_methods.get(method) {
        Some(code) => (code, format!("accounts.shipping_methods.{method}")),
        None => (&settings.shipping, "accounts.shipping".into()),
    }
}

fn of_fee<'a>(context: &'a Context<'_>, line: &Line) -> (&'a str, String) {
    let settings = context.settings;
    match fee_rule(context, line) {
        Some((_, rule)) if rule.account.is_empty() && rule.kind == FeeKind::GiftCard => {
            (&settings.gift_cards.account, "gift_cards.account".into())
        }
        Some((index, rule)) => (&rule.account, format!("fees[{index}].account")),
        None => (&settings.accounts.fees, "accounts.fees".into()),
    }
}

/// What a fee line is; `None` where no rule takes it.
pub(super) fn fee_kind(context: &Context<'_>, line: &Line) -> Option<FeeKind> {
    fee_rule(context, line).map(|(_, rule)| rule.kind)
}

/// The first rule that takes a fee line, with its position.
fn fee_rule<'a>(context: &'a Context<'_>, line: &Line) -> Option<(usize, &'a FeeRule)> {
    context.settings.fees.iter().enumerate().find(|(_, rule)| takes(rule, line))
}

/// Whether a fee rule takes a line: all that the rule gives must match.
fn takes(rule: &FeeRule, line: &Line) -> bool {
    let named = rule.name_contains.is_empty()
        || line.name.to_ascii_lowercase().contains(&rule.name_contains.to_ascii_lowercase());
    let signed = !rule.negative || (line.net.is_sign_negative() && !line.net.is_zero());
    let bears = rule.meta_key.is_empty()
        || line.meta.iter().any(|(key, value)| {
            *key == rule.meta_key && (rule.meta_value.is_empty() || *value == rule.meta_value)
        });
    named && signed && bears
}

/// The product's records that were handed in, the variation's first.
fn products<'a>(context: &'a Context<'_>, line: &Line) -> impl Iterator<Item = &'a Product> {
    let ids = [line.variation_id, line.product_id];
    ids.into_iter().filter(|id| *id > 0).filter_map(|id| context.products.get(&id))
}

fn by_product<'a>(rules: &'a Rules, line: &Line) -> Option<(&'a str, String)> {
    [line.variation_id, line.product_id].into_iter().filter(|id| *id > 0).find_map(|id| {
        let found = rules.product.get(&format!("{id}"))?;
        Some((found.as_str(), format!("product.{id}")))
    })
}

/// ACCOUNTING section 1: product, product category, product type, tax class, country.
fn by_rules<'a>(
    context: &Context<'_>,
    rules: &'a Rules,
    country: &str,
    line: &Line,
) -> Option<(&'a str, String)> {
    let class = if line.tax_class.is_empty() { "standard" } else { &line.tax_class };
    by_product(rules, line)
        .or_else(|| {
            products(context, line).flat_map(|product| &product.categories).find_map(|category| {
                let found = rules.category.get(category)?;
                Some((found.as_str(), format!("category.{category}")))
            })
        })
        .or_else(|| {
            products(context, line).find_map(|product| {
                let found = rules.product_type.get(&product.kind)?;
                Some((found.as_str(), format!("product_type.{}", product.kind)))
            })
        })
        .or_else(|| {
            let found = rules.tax_class.get(class)?;
            Some((found.as_str(), format!("tax_class.{class}")))
        })
        .or_else(|| {
            let found = rules.country.get(country)?;
            Some((found.as_str(), format!("country.{country}")))
        })
}

/// Xero takes two tracking categories a line (reference: Xero, section 3.1).
const TRACKING_MAX: usize = 2;

/// The tracking options of a line; an option that Xero does not have is left out with a warning.
pub(super) fn tracking(
    context: &Context<'_>,
    order: &Order,
    line: &Line,
    notes: &mut Notes,
) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (index, setting) in context.settings.tracking.iter().enumerate().take(TRACKING_MAX) {
        let option = by_rules(context, &setting.rules, &order.buyer.shipping_country, line)
            .map_or(setting.option.as_str(), |(option, _)| option);
        if option.is_empty() {
            continue;
        }
        let known = context.chart.tracking.iter().any(|category| {
            category.name == setting.category && category.options.iter().any(|one| one == option)
        });
        if known {
            found.push((setting.category.clone(), option.into()));
        } else {
            let message = format!("Xero has no `{option}` in `{}`", setting.category);
            let finding = Finding::new(
                Code::TrackingUnknown,
                "tracking_category",
                &*setting.category,
                message,
            );
            notes.push(finding.at(format!("tracking[{index}]")));
        }
    }
    found
}

/// The line that takes what is left over, without tax.
pub(super) fn rounding_line(
    context: &Context<'_>,
    rounding: Decimal,
    notes: &mut Notes,
) -> Option<LineItem> {
    let code = &context.settings.rounding.account;
    if code.is_empty() {
        notes.note(
            Code::BalanceRoundingAccountMissing,
            "total",
            format!("a rounding line of {rounding} is needed"),
        );
        return None;
    }
    let account = checked(context, code, "rounding.account".into(), notes);
    Some(LineItem {
        description: "Rounding".into(),
        quantity: Decimal::ONE,
        unit_amount: rounding,
        item_code: None,
        account_code: account.code,
        tax_type: context.settings.tax.no_tax.clone(),
        rate: Decimal::ZERO,
        tax_amount: None,
        tracking: Vec::new(),
    })
}
