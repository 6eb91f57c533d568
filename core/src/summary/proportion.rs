//! Parts of a sale: what one of several charges, or a charge in another currency, brings.

use alloc::vec::Vec;

use rust_decimal::Decimal;

use crate::{
    mapping::takings::Share,
    money::{AMOUNT_MAX, Amount, round_half_up, unit},
    sorted::sorted_by,
};

/// The part of some shares, which come to `whole`, that an `amount` is after `before` of them: all
/// such parts add up to the shares again. Amounts are in the currency of `amount`.
///
/// `None` where no proportion can be reckoned: shares that cancel out.
pub(super) fn part(
    shares: &[Share],
    whole: Decimal,
    (before, amount): (Decimal, Decimal),
    digits: u32,
) -> Option<Vec<Share>> {
    if before.is_zero() && amount == whole {
        return Some(shares.to_vec());
    }
    if whole.is_zero() {
        return None;
    }
    let first = up_to(shares, whole, before, digits)?;
    let second = up_to(shares, whole, before + amount, digits)?;
    let mut parts = Vec::new();
    for (share, (from, to)) in shares.iter().zip(first.into_iter().zip(second)) {
        let (gross, tax) = (Amount(to.0 - from.0), Amount(to.1 - from.1));
        if gross != Amount::default() || tax != Amount::default() {
            parts.push(Share { gross, tax, ..share.clone() });
        }
    }
    Some(parts)
}

/// Gross and tax of each share when `amount` of the whole is there: proportional, and adding up to
/// the amount (law L9).
fn up_to(
    shares: &[Share],
    whole: Decimal,
    amount: Decimal,
    digits: u32,
) -> Option<Vec<(Decimal, Decimal)>> {
    let mut parts: Vec<(Decimal, Decimal)> = Vec::with_capacity(shares.len());
    let mut lost: Vec<(usize, Decimal)> = Vec::with_capacity(shares.len());
    let mut sum = Decimal::ZERO;
    for (index, share) in shares.iter().enumerate() {
        let exact = scaled(share.gross.0, amount, whole)?;
        let gross = round_half_up(exact, digits);
        sum += gross;
        lost.push((index, exact - gross));
        parts.push((gross, round_half_up(scaled(share.tax.0, amount, whole)?, digits)));
    }
    let mut left = round_half_up(amount, digits) - sum;
    let mut step = unit(digits);
    step.set_sign_negative(left.is_sign_negative());
    for (index, _) in sorted_by(lost, |a, b| (b.1 * step).cmp(&(a.1 * step))) {
        if left.is_zero() {
            break;
        }
        if let Some(part) = parts.get_mut(index) {
            part.0 += step;
            left -= step;
        }
    }
    left.is_zero().then_some(parts)
}

fn scaled(part: Decimal, amount: Decimal, whole: Decimal) -> Option<Decimal> {
    let exact = part.checked_mul(amount)?.checked_div(whole)?;
    (exact.abs() <= AMOUNT_MAX).then_some(exact)
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    fn share(gross: &str, tax: &str) -> Share {
        let amount = |text: &str| Amount(text.parse().unwrap());
        Share { gross: amount(gross), tax: amount(tax), ..Share::default() }
    }

    #[test]
    fn parts_add_up_to_the_whole_and_each_to_its_charge() {
        let shares = vec![share("33.33", "5.55"), share("-3.34", "-0.56"), share("70.01", "11.67")];
        let whole = Decimal::from(100);
        let amounts = ["33.33", "33.33", "33.34"].map(|text| text.parse::<Decimal>().unwrap());
        let mut sums = [Decimal::ZERO; 3];
        let mut before = Decimal::ZERO;
        for amount in amounts {
            let parts = part(&shares, whole, (before, amount), 2).unwrap();
            assert_eq!(parts.iter().map(|part| part.gross.0).sum::<Decimal>(), amount);
            for (sum, part) in sums.iter_mut().zip(&parts) {
                *sum += part.gross.0;
            }
            before += amount;
        }
        assert_eq!(sums.to_vec(), shares.iter().map(|share| share.gross.0).collect::<Vec<_>>());
    }

    #[test]
    fn another_currency_takes_all_in_proportion() {
        let shares = vec![share("100.00", "20.00"), share("-10.00", "-2.00")];
        let parts = part(&shares, Decimal::from(90), (Decimal::ZERO, Decimal::new(7_701, 2)), 2);
        let parts = parts.unwrap();
        assert_eq!(parts.iter().map(|part| part.gross.0).sum::<Decimal>(), Decimal::new(7_701, 2));
    }

    #[test]
    fn what_cancels_out_has_no_parts() {
        let shares = vec![share("10.00", "0"), share("-10.00", "0")];
        assert_eq!(part(&shares, Decimal::ZERO, (Decimal::ZERO, Decimal::ONE), 2), None);
    }
}
