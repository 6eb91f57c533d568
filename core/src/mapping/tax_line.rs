//! Tax as lines of its own, to a liability account: US sales tax, and the tax of other countries
//! that does not belong in the organisation's own return.

use alloc::{borrow::Cow, collections::BTreeMap, vec::Vec};

use rust_decimal::Decimal;

use crate::{
    money::{round_half_up, unit},
    settings::template::fill,
    shop::order::{LineKind, Order},
    sorted::sorted_by,
};

use super::{
    Context, Notes,
    piece::{AccountChoice, Piece, PieceKind, TaxChoice},
    residue::{Exactness, Target},
    tax,
};

/// What is to be posted for one rate.
#[derive(Default)]
struct RateTax {
    total: Decimal,
    /// What the lines themselves say, not rounded.
    stored: Decimal,
    /// How many they are.
    lines: Decimal,
    account: AccountChoice,
    source: Vec<(LineKind, u64)>,
    rule: alloc::string::String,
}

/// Adds one line for each rate whose tax is a line of its own. Says whether a cent had to be
/// moved to reach the order's tax.
pub(super) fn add_tax_lines(
    context: &Context<'_>,
    order: &Order,
    target: &Target,
    pieces: &mut Vec<Piece>,
    notes: &mut Notes,
) -> Exactness {
    let mut rates = collect(order, pieces);
    use_stored_totals(order, pieces, &mut rates);
    for rate in rates.values_mut() {
        rate.total = round_half_up(rate.total, target.digits);
    }
    // What bears a tax type keeps its own tax; the lines have the rest.
    let typed: Decimal = pieces.iter().map(|piece| piece.tax).sum();
    let wanted = target.total_tax - round_half_up(typed, target.digits);
    let nudged = !rates.is_empty() && reach(&mut rates, wanted, target.digits);
    for (rate_id, rate) in rates {
        if rate.total.is_zero() {
            continue;
        }
        let name = tax::name_of(order, &[rate_id]);
        pieces.push(Piece {
            kind: PieceKind::TaxLine,
            source: rate.source,
            description: fill(&context.settings.lines.tax, |field| match field {
                "name" => Cow::Borrowed(name.as_str()),
                _ => Cow::Borrowed(""),
            }),
            quantity: Decimal::ONE,
            net: rate.total,
            tax: Decimal::ZERO,
            tax_choice: TaxChoice {
                set: alloc::vec![rate_id],
                tax_type: tax::no_tax(context, notes),
                rule: rate.rule,
                ..TaxChoice::default()
            },
            account: rate.account,
            tracking: Vec::new(),
            item_code: None,
        });
    }
    if nudged { Exactness::TaxAmount } else { Exactness::Exact }
}

/// Sums the stored taxes of the lines concerned, by rate.
fn collect(order: &Order, pieces: &[Piece]) -> BTreeMap<u64, RateTax> {
    let mut rates: BTreeMap<u64, RateTax> = BTreeMap::new();
    for piece in pieces {
        let Some(account) = &piece.tax_choice.line_account else { continue };
        if piece.kind == PieceKind::Discount {
            continue;
        }
        for (kind, id) in &piece.source {
            let lines = order.lines.iter().filter(|line| line.kind == *kind && line.id == *id);
            for tax in lines.flat_map(|line| &line.taxes) {
                let known = piece.tax_choice.set.contains(&tax.rate_id);
                if !known {
                    continue;
                }
                let rate = rates.entry(tax.rate_id).or_default();
                rate.total += tax.total;
                rate.stored += tax.total;
                rate.lines += Decimal::ONE;
                rate.account = account.clone();
                rate.rule.clone_from(&piece.tax_choice.rule);
                rate.source.push((*kind, *id));
            }
        }
    }
    rates
}

/// A rate that only stands on such lines has the total that the order itself stores for it.
fn use_stored_totals(order: &Order, pieces: &[Piece], rates: &mut BTreeMap<u64, RateTax>) {
    for line in &order.tax_lines {
        let elsewhere = pieces.iter().any(|piece| {
            piece.tax_choice.line_account.is_none() && piece.tax_choice.set.contains(&line.rate_id)
        });
        if let Some(rate) = rates.get_mut(&line.rate_id).filter(|_| !elsewhere) {
            rate.total = line.total;
        }
    }
}

/// Moves at most one unit on each of the largest lines, so that they add up to what is wanted; a
/// line that would then be more than a unit a line from the shop's tax stays (law L2).
fn reach(rates: &mut BTreeMap<u64, RateTax>, wanted: Decimal, digits: u32) -> bool {
    let difference = wanted - rates.values().map(|rate| rate.total).sum::<Decimal>();
    let mut step = unit(digits);
    if difference.is_sign_negative() {
        step.set_sign_negative(true);
    }
    let mut left = difference;
    let by_size = sorted_by(rates.values_mut().collect(), |left, right| {
        right.total.abs().cmp(&left.total.abs())
    });
    for rate in by_size {
        if left.is_zero() {
            break;
        }
        if (rate.total + step - rate.stored).abs() > step.abs() * rate.lines {
            continue;
        }
        rate.total += step;
        left -= step;
    }
    left != difference
}
