//! Negative fees that WooCommerce taxed in parts.
//!
//! A fee below zero (a gift card, a loyalty discount) takes its tax from the goods: WooCommerce
//! divides it over the tax classes of the order's lines in proportion and taxes each part at its
//! own rates (`WC_Order_Item_Fee::calculate_taxes`). The line then bears rates that were never
//! charged on one amount, so it becomes one piece per set.

use alloc::{string::String, vec::Vec};

use rust_decimal::Decimal;

use crate::{
    finding::{Code, Finding},
    money::{allocate, round_half_up, unit},
    settings::TaxMode,
    shop::order::{Line, LineKind, Order},
    sorted::sorted_by,
};

use super::{Context, Notes, account, piece::TaxChoice, tax};

/// One part of a fee.
pub(super) struct Part {
    pub(super) net: Decimal,
    pub(super) tax: Decimal,
    pub(super) tax_choice: TaxChoice,
    /// What the part is taxed with, for its description; empty when there is one part only.
    pub(super) label: String,
}

/// Lines above zero that are taxed alike.
struct Group<'a> {
    set: Vec<u64>,
    rate: Decimal,
    net: Decimal,
    /// The first of them: why an untaxed group bears no tax.
    line: &'a Line,
}

/// The parts of a fee, or `None` when it is to stay whole.
pub(super) fn parts(
    context: &Context<'_>,
    order: &Order,
    line: &Line,
    digits: u32,
    notes: &mut Notes,
) -> Option<Vec<Part>> {
    let set = Order::rate_set(line);
    let negative = line.net.is_sign_negative() && !line.net.is_zero();
    if line.kind != LineKind::Fee
        || !negative
        || set.is_empty()
        || context.settings.tax.mode == TaxMode::Line
    {
        return None;
    }
    let groups = groups(order)?;
    if is_whole(order, line, &set, &groups, digits) {
        return None;
    }
    let shares = shares(line, &set, &groups, digits)?;
    let alone = shares.len() == 1;
    let message = alloc::format!("`{}` is shown in {} parts", line.name, shares.len());
    let finding =
        Finding::new(Code::TaxFeeSplit, line.kind.as_str(), alloc::format!("{}", line.id), message);
    notes.push(finding);
    let account = account::of_line(context, order, line, notes);
    let parts = shares.into_iter().map(|(group, net, tax)| {
        // An untaxed group lends its reason: the fee goes where those goods go.
        let stand_in = Line { taxes: taxes_of(line, &group.set), ..group.line.clone() };
        Part {
            net,
            tax,
            tax_choice: tax::of_line(context, order, &stand_in, &account, notes),
            label: match group.set.as_slice() {
                _ if alone => String::new(),
                [] => "no tax".into(),
                set => tax::name_of(order, set),
            },
        }
    });
    Some(parts.collect())
}

fn taxes_of(line: &Line, set: &[u64]) -> Vec<crate::shop::order::LineTax> {
    line.taxes.iter().filter(|tax| set.contains(&tax.rate_id)).cloned().collect()
}

/// Groups of the lines above zero; `None` when the order does not say a percentage.
fn groups(order: &Order) -> Option<Vec<Group<'_>>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for line in order.lines.iter().filter(|line| line.net > Decimal::ZERO) {
        let set = Order::rate_set(line);
        if let Some(group) = groups.iter_mut().find(|group| group.set == set) {
            group.net += line.net;
        } else {
            let rate = order.combined_rate(&set)?;
            groups.push(Group { set, rate, net: line.net, line });
        }
    }
    Some(groups)
}

/// Whether the tax is what the whole fee bears at the rates it names.
fn is_whole(order: &Order, line: &Line, set: &[u64], groups: &[Group<'_>], digits: u32) -> bool {
    let known = groups.iter().any(|group| group.set == set);
    let rate = order.combined_rate(set);
    known && rate.is_some_and(|rate| (line.net * rate - line.tax).abs() <= unit(digits))
}

/// The groups that share in the fee, each with its net and tax; they add up to the fee's.
fn shares<'a, 'g>(
    line: &Line,
    set: &[u64],
    groups: &'g [Group<'a>],
    digits: u32,
) -> Option<Vec<(&'g Group<'a>, Decimal, Decimal)>> {
    let tax_of = |group: &Group<'_>| -> Decimal {
        taxes_of(line, &group.set).iter().map(|tax| tax.total).sum()
    };
    let taxed: Vec<&Group<'_>> = groups
        .iter()
        .filter(|group| !group.rate.is_zero() && group.set.iter().all(|id| set.contains(id)))
        .collect();
    // A rate that stands in two sets (goods and shipping) belongs to the larger one here.
    let taxed = sorted_by(taxed, |a, b| b.set.len().cmp(&a.set.len()).then(b.net.cmp(&a.net)));
    let mut used: Vec<u64> = Vec::new();
    let mut charged: Vec<&Group<'_>> = Vec::new();
    let mut shares: Vec<(&Group<'_>, Decimal, Decimal)> = Vec::new();
    for group in taxed {
        if group.set.iter().any(|id| used.contains(id)) {
            continue;
        }
        used.extend(&group.set);
        charged.push(group);
        let tax = tax_of(group);
        let net = round_half_up(tax / group.rate, digits);
        if !net.is_zero() {
            shares.push((group, net, tax));
        }
    }
    let net = round_half_up(line.net, digits);
    let rest = net - shares.iter().map(|share| share.1).sum::<Decimal>();
    let untaxed: Vec<&Group<'_>> = groups
        .iter()
        .filter(|group| group.rate.is_zero() && group.set.iter().all(|id| set.contains(id)))
        .collect();
    // Too small a fee for its tax to show leaves all of it: the taxed groups share it then.
    let others = if shares.is_empty() && untaxed.is_empty() { charged } else { untaxed };
    if rest.is_sign_negative() && !others.is_empty() {
        let weights: Vec<Decimal> = others.iter().map(|group| group.net).collect();
        let rests = allocate(rest, &weights, digits).ok()?;
        shares
            .extend(others.into_iter().zip(rests).map(|(group, net)| (group, net, Decimal::ZERO)));
        shares.retain(|share| !share.1.is_zero());
    } else {
        shares.iter_mut().max_by_key(|share| share.1.abs())?.1 += rest;
    }
    let tax_rest = line.tax - shares.iter().map(|share| share.2).sum::<Decimal>();
    shares.iter_mut().max_by_key(|share| share.2.abs())?.2 += tax_rest;
    (!shares.is_empty()).then_some(shares)
}
