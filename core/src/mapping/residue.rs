//! Amounts under which Xero's own arithmetic gives the order's total and tax.
//!
//! ACCOUNTING section 1: the line amount types that reproduce the order exactly, preferring the
//! way the store enters prices; what remains is put right by (a) `TaxAmount` on the largest
//! lines, at most one cent a line, (b) one rounding line, at most one cent per line that was
//! taxed and at most the cap, or (c) not at all.

use alloc::{collections::BTreeMap, vec::Vec};
use core::cmp::Reverse;

use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde::{Deserialize, Serialize};

use crate::{
    money::{XERO_DIGITS, round_half_up, unit},
    sorted::sorted_by,
    xero::arithmetic::{self, LineAmountTypes, UNIT_DIGITS},
};

use super::piece::{Piece, PieceKind};

/// What is to be reached.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target {
    /// The order's total, rounded to `digits`.
    pub total: Decimal,
    /// The order's tax, rounded to `digits`.
    pub total_tax: Decimal,
    /// Decimals that amounts have: 2, or fewer where currency or shop have fewer.
    pub digits: u32,
    /// Whether the shop enters prices with tax.
    pub prices_include_tax: bool,
    /// The most that a rounding line may be, in a currency with two decimals.
    pub cap: Decimal,
}

/// How a document came to equal its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Exactness {
    /// Xero's own arithmetic gives the order's total and tax.
    Exact,
    /// Some lines state their tax.
    TaxAmount,
    /// A rounding line was needed.
    RoundingLine,
}

/// Amounts for every piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Solution {
    /// `LineAmountTypes`
    pub types: LineAmountTypes,
    /// One for each piece.
    pub lines: Vec<Solved>,
    /// The rounding line; zero when none is needed.
    pub rounding: Decimal,
    /// The most that the rounding line could have been.
    pub bound: Decimal,
    /// How the amounts came to be equal.
    pub exactness: Exactness,
}

/// Amounts of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Solved {
    /// `Quantity`
    pub quantity: Decimal,
    /// `UnitAmount`
    pub unit_amount: Decimal,
    /// What Xero makes of them.
    pub line_amount: Decimal,
    /// What Xero would reckon as tax.
    pub reckoned_tax: Decimal,
    /// The tax.
    pub tax_amount: Decimal,
    /// Whether the line must state it.
    pub tax_sent: bool,
}

/// Why no amounts were found: the nearest miss.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The tax cannot be reached within one unit a line.
    TaxDiffers {
        /// Tax that the shop charged.
        shop: Decimal,
        /// Tax by Xero's arithmetic.
        xero: Decimal,
    },
    /// The lines do not add up, by more than may be rounded.
    OutOfBalance {
        /// The order's total less what its lines come to.
        difference: Decimal,
        /// The most that may be rounded.
        bound: Decimal,
    },
}

/// Finds amounts for every piece.
///
/// # Errors
/// [`Failure`], of the way in which the store enters prices.
pub(super) fn solve(pieces: &[Piece], target: &Target) -> Result<Solution, Failure> {
    let types = if target.prices_include_tax {
        [LineAmountTypes::Inclusive, LineAmountTypes::Exclusive]
    } else {
        [LineAmountTypes::Exclusive, LineAmountTypes::Inclusive]
    };
    let [preferred, other] = types.map(|types| solve_as(types, pieces, target));
    match (preferred, other) {
        (Ok(preferred), Ok(other)) => {
            Ok(if other.exactness < preferred.exactness { other } else { preferred })
        }
        (Ok(found), Err(_)) | (Err(_), Ok(found)) => Ok(found),
        (Err(failure), Err(_)) => Err(failure),
    }
}

/// A piece on its way to amounts.
struct Draft {
    line_amount: Decimal,
    /// By Xero's arithmetic, two decimals.
    reckoned: Decimal,
    /// The tax so far, in the target's decimals.
    tax: Decimal,
    /// Whether it must be stated: it differs from what Xero reckons, or nobody has verified what
    /// Xero reckons here.
    stated: bool,
}

fn solve_as(
    types: LineAmountTypes,
    pieces: &[Piece],
    target: &Target,
) -> Result<Solution, Failure> {
    let mut drafts: Vec<Draft> = pieces.iter().map(|piece| draft(types, piece, target)).collect();
    let tax_lines: Decimal =
        pieces.iter().filter(|piece| piece.kind == PieceKind::TaxLine).map(|piece| piece.net).sum();
    reach_tax(pieces, &mut drafts, target, target.total_tax - tax_lines)?;
    compare_by_set(pieces, &drafts, target)?;
    let amounts: Decimal = drafts.iter().map(|draft| draft.line_amount).sum();
    let taxes: Decimal = match types {
        LineAmountTypes::Inclusive => Decimal::ZERO,
        _ => drafts.iter().map(|draft| draft.tax).sum(),
    };
    let rounding = target.total - amounts - taxes;
    let bound = bound(pieces, target);
    if rounding.abs() > bound {
        return Err(Failure::OutOfBalance { difference: rounding, bound });
    }
    let lines: Vec<Solved> =
        pieces.iter().zip(&drafts).map(|(piece, draft)| settle(piece, draft)).collect();
    let exactness = if !rounding.is_zero() {
        Exactness::RoundingLine
    } else if lines.iter().any(|line| line.tax_sent) {
        Exactness::TaxAmount
    } else {
        Exactness::Exact
    };
    Ok(Solution { types, lines, rounding, bound, exactness })
}

fn draft(types: LineAmountTypes, piece: &Piece, target: &Target) -> Draft {
    let amount = match types {
        LineAmountTypes::Inclusive => piece.net + piece.tax,
        _ => piece.net,
    };
    let line_amount = round_half_up(amount, target.digits);
    let rates = (piece.tax_choice.rate, piece.tax_choice.exact_rate);
    let reckoned = arithmetic::tax_amount(types, line_amount, rates.0);
    let tax = round_half_up(reckoned, target.digits);
    let stated = is_stated(types, line_amount, rates, tax);
    Draft { line_amount, reckoned, tax, stated }
}

/// Whether a line must state its tax: Xero would reckon another, or nobody has verified what it
/// reckons. `rates` are the effective rate that Xero shows and the one that its components make.
pub(crate) fn is_stated(
    types: LineAmountTypes,
    line_amount: Decimal,
    rates: (Decimal, Decimal),
    tax: Decimal,
) -> bool {
    let exact = arithmetic::exact_tax(types, line_amount, rates.0);
    // Nobody has seen whether Xero reckons a compound rate from the four decimals it shows.
    let other = arithmetic::tax_amount(types, line_amount, rates.1);
    let reckoned = round_half_up(exact, XERO_DIGITS);
    tax != reckoned || other != reckoned || is_negative_tie(exact)
}

/// Half a cent below zero: no recording shows which way Xero rounds it (reference: Xero, section
/// 4.1, "not covered"), so such a tax is stated.
fn is_negative_tie(exact: Decimal) -> bool {
    let cents = (exact * Decimal::ONE_HUNDRED).round_dp(6);
    exact.is_sign_negative() && cents.fract().abs() == Decimal::new(5, 1)
}

/// Step (a): one unit on as many lines as are needed, first where it brings the line nearer to
/// the tax that the shop stored, then the largest.
fn reach_tax(
    pieces: &[Piece],
    drafts: &mut [Draft],
    target: &Target,
    wanted: Decimal,
) -> Result<(), Failure> {
    let found: Decimal = drafts.iter().map(|draft| draft.tax).sum();
    let failure = Failure::TaxDiffers { shop: wanted, xero: found };
    let one = unit(target.digits);
    let steps = ((wanted - found) / one).round();
    let step = if steps.is_sign_negative() { -one } else { one };
    let order: Vec<(bool, Reverse<Decimal>, usize)> = pieces
        .iter()
        .zip(&*drafts)
        .enumerate()
        .filter(|(_, (piece, draft))| {
            !piece.tax_choice.rate.is_zero()
                && !draft.line_amount.is_zero()
                && (draft.tax + step - draft.reckoned).abs() <= one
        })
        .map(|(index, (piece, draft))| {
            let nearer = (draft.tax + step - piece.tax).abs() < (draft.tax - piece.tax).abs();
            (!nearer, Reverse(draft.line_amount.abs()), index)
        })
        .collect();
    let order = sorted_by(order, Ord::cmp);
    let count = steps.abs().to_usize().filter(|count| *count <= order.len()).ok_or(failure)?;
    move_units(pieces, drafts, order.into_iter().map(|(_, _, index)| index), count, step);
    let reached: Decimal = drafts.iter().map(|draft| draft.tax).sum();
    if reached == wanted { Ok(()) } else { Err(failure) }
}

/// Moves one unit on each of `count` lines in this order. A line whose set would then be too far
/// from the shop's tax (law L2) is passed over.
fn move_units(
    pieces: &[Piece],
    drafts: &mut [Draft],
    order: impl Iterator<Item = usize>,
    count: usize,
    step: Decimal,
) {
    let mut sets = sum_by_set(pieces, drafts);
    let mut left = count;
    for index in order {
        let (Some(piece), Some(draft)) = (pieces.get(index), drafts.get_mut(index)) else {
            continue;
        };
        let Some(sum) = sets.get_mut(piece.tax_choice.set.as_slice()) else { continue };
        let ahead = sum.xero + step - sum.shop;
        let away = ahead.is_sign_negative() == step.is_sign_negative();
        if left == 0 || (away && ahead.abs() > step.abs() * sum.lines) {
            continue;
        }
        sum.xero += step;
        draft.tax += step;
        draft.stated = true;
        left -= 1;
    }
}

/// The tax of the pieces that bear one set of rates.
#[derive(Default)]
struct SetSum {
    shop: Decimal,
    xero: Decimal,
    lines: Decimal,
}

fn sum_by_set<'a>(pieces: &'a [Piece], drafts: &[Draft]) -> BTreeMap<&'a [u64], SetSum> {
    let mut sets: BTreeMap<&[u64], SetSum> = BTreeMap::new();
    // A tax line bears no tax; its rate's name is no reason to count it among those that do.
    let bears = |piece: &&Piece| piece.kind != PieceKind::TaxLine;
    for (piece, draft) in pieces.iter().zip(drafts).filter(|(piece, _)| bears(piece)) {
        let sum = sets.entry(&piece.tax_choice.set).or_default();
        sum.shop += piece.tax;
        sum.xero += draft.tax;
        sum.lines += Decimal::ONE;
    }
    sets
}

/// Law L2: tax by set of rates within one unit a line of what the shop stored.
fn compare_by_set(pieces: &[Piece], drafts: &[Draft], target: &Target) -> Result<(), Failure> {
    let one = unit(target.digits);
    let sets = sum_by_set(pieces, drafts);
    match sets.values().find(|sum| (sum.shop - sum.xero).abs() > one * sum.lines) {
        Some(sum) => Err(Failure::TaxDiffers { shop: sum.shop, xero: sum.xero }),
        None => Ok(()),
    }
}

/// Step (b)'s bound: one unit for each line that was taxed or whose amount had to be rounded,
/// and at most the cap, which counts in units where the currency has no decimals.
pub(super) fn bound(pieces: &[Piece], target: &Target) -> Decimal {
    let finer = |amount: Decimal| round_half_up(amount, target.digits) != amount;
    let count = pieces
        .iter()
        .filter(|piece| {
            !piece.tax_choice.rate.is_zero()
                || !piece.tax.is_zero()
                || piece.tax_choice.line_account.is_some()
                || finer(piece.net)
        })
        .count();
    let per_line = unit(target.digits) * Decimal::from(count);
    let mut cap = target.cap;
    for _ in target.digits..XERO_DIGITS {
        cap *= Decimal::TEN;
    }
    per_line.min(round_half_up(cap, target.digits))
}

/// The largest quantity that is written as one; beyond it the line has quantity 1.
const QUANTITY_MAX: Decimal = Decimal::from_parts(999_999_999, 0, 0, false, 0);

/// Quantity and unit price that give the line amount; quantity 1 where they cannot.
fn settle(piece: &Piece, draft: &Draft) -> Solved {
    let (quantity, unit_amount) =
        split_unit(piece, draft).unwrap_or((Decimal::ONE, draft.line_amount));
    Solved {
        quantity,
        unit_amount,
        line_amount: draft.line_amount,
        reckoned_tax: draft.reckoned,
        tax_amount: draft.tax,
        tax_sent: draft.stated,
    }
}

fn split_unit(piece: &Piece, draft: &Draft) -> Option<(Decimal, Decimal)> {
    let quantity = piece.quantity.normalize();
    if quantity <= Decimal::ZERO || quantity > QUANTITY_MAX || quantity.scale() > UNIT_DIGITS {
        return None;
    }
    let unit_amount = round_half_up(draft.line_amount / quantity, UNIT_DIGITS);
    let product = quantity * unit_amount;
    let gives = arithmetic::line_amount(quantity, unit_amount) == draft.line_amount;
    // A half cent below zero again, and a sentence of Xero's that a stated tax cannot exceed the
    // unit price (reference: Xero, section 4.2): neither is verified, so neither is relied upon.
    let doubtful =
        is_negative_tie(product) || (draft.stated && draft.tax.abs() > unit_amount.abs());
    (gives && !doubtful).then_some((quantity, unit_amount))
}
