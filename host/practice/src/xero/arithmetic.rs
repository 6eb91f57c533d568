//! Xero's arithmetic, written apart from the core's so that each checks the other.
//!
//! Source: section 4.1 of the reference on Xero's API; it reproduces all 131 recorded documents.
//! Amounts are rounded per line, half away from zero, from the tax type's combined rate.

use rust_decimal::{Decimal, RoundingStrategy};

use super::unknowns::{Excess, NegativeTies, Unknowns, ZeroDecimals};

/// Whether line amounts include tax.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineAmountTypes {
    /// Tax is added to the lines.
    Exclusive,
    /// Tax is inside the lines.
    Inclusive,
    /// There is no tax.
    NoTax,
}

impl LineAmountTypes {
    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exclusive => "Exclusive",
            Self::Inclusive => "Inclusive",
            Self::NoTax => "NoTax",
        }
    }

    pub(crate) fn read(text: &str) -> Option<Self> {
        [Self::Exclusive, Self::Inclusive, Self::NoTax]
            .into_iter()
            .find(|one| one.name().eq_ignore_ascii_case(text))
    }
}

/// A discount on one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Discount {
    /// Percent of the line.
    Rate(Decimal),
    /// Amount off the line.
    Amount(Decimal),
}

/// How amounts are rounded in one document.
#[derive(Debug, Clone, Copy)]
pub struct Rounding {
    negative_ties: NegativeTies,
    unit_excess: Excess,
    discount_excess: Excess,
    amount_places: u32,
    unit_places: u32,
}

impl Rounding {
    /// Rounding for a currency, with `UnitAmount` kept at four decimals or two (`unitdp`).
    #[must_use]
    pub fn new(unknowns: &Unknowns, currency: &str, unit_places: u32) -> Self {
        let whole =
            unknowns.zero_decimal_currencies == ZeroDecimals::None && has_no_decimals(currency);
        Self {
            negative_ties: unknowns.negative_ties,
            unit_excess: unknowns.unit_amount_excess,
            discount_excess: unknowns.discount_excess,
            amount_places: if whole { 0 } else { 2 },
            unit_places,
        }
    }

    /// Rounds an amount.
    #[must_use]
    pub fn amount(&self, exact: Decimal) -> Decimal {
        self.half_up(exact, self.amount_places)
    }

    /// Rounds a unit price.
    #[must_use]
    pub fn unit(&self, exact: Decimal) -> Decimal {
        self.by(self.unit_excess, exact, self.unit_places)
    }

    /// Rounds a discount's rate or amount.
    #[must_use]
    pub fn discount(&self, exact: Decimal) -> Decimal {
        self.by(self.discount_excess, exact, 2)
    }

    fn by(&self, excess: Excess, exact: Decimal, places: u32) -> Decimal {
        match excess {
            Excess::Round => self.half_up(exact, places),
            Excess::Truncate => exact.trunc_with_scale(places),
        }
    }

    fn half_up(&self, exact: Decimal, places: u32) -> Decimal {
        let strategy = match self.negative_ties {
            NegativeTies::TowardsPositive if exact.is_sign_negative() => {
                RoundingStrategy::MidpointTowardZero
            }
            _ => RoundingStrategy::MidpointAwayFromZero,
        };
        exact.round_dp_with_strategy(places, strategy)
    }

    /// The amount of one line; none when it is too large to be represented.
    #[must_use]
    pub fn line(
        &self,
        quantity: Decimal,
        unit: Decimal,
        discount: Option<Discount>,
    ) -> Option<Decimal> {
        let gross = quantity.checked_mul(self.unit(unit))?;
        let net = match discount {
            None => gross,
            Some(Discount::Rate(rate)) => {
                let kept = Decimal::ONE_HUNDRED.checked_sub(self.discount(rate))?;
                gross.checked_mul(kept)?.checked_div(Decimal::ONE_HUNDRED)?
            }
            Some(Discount::Amount(amount)) => gross.checked_sub(self.discount(amount))?,
        };
        Some(self.amount(net))
    }

    /// The tax of one line from a rate in percent; none when it cannot be represented.
    #[must_use]
    pub fn tax(&self, line: Decimal, percent: Decimal, types: LineAmountTypes) -> Option<Decimal> {
        let exact = match types {
            LineAmountTypes::NoTax => Decimal::ZERO,
            LineAmountTypes::Exclusive => {
                line.checked_mul(percent)?.checked_div(Decimal::ONE_HUNDRED)?
            }
            LineAmountTypes::Inclusive => {
                let whole = Decimal::ONE_HUNDRED.checked_add(percent)?;
                line.checked_mul(percent)?.checked_div(whole)?
            }
        };
        Some(self.amount(exact))
    }
}

/// Sums of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Sum without tax.
    pub sub_total: Decimal,
    /// Sum of tax.
    pub total_tax: Decimal,
    /// Sum with tax.
    pub total: Decimal,
}

impl Totals {
    /// Adds up lines of (amount, tax); none when the sums cannot be represented.
    #[must_use]
    pub fn of(lines: &[(Decimal, Decimal)], types: LineAmountTypes) -> Option<Self> {
        let mut sums = Self::default();
        for (amount, tax) in lines {
            let net = match types {
                LineAmountTypes::Inclusive => amount.checked_sub(*tax)?,
                LineAmountTypes::Exclusive | LineAmountTypes::NoTax => *amount,
            };
            sums.sub_total = sums.sub_total.checked_add(net)?;
            sums.total_tax = sums.total_tax.checked_add(*tax)?;
        }
        sums.total = sums.sub_total.checked_add(sums.total_tax)?;
        Some(sums)
    }
}

/// Whether a currency has no minor unit (ISO 4217).
#[must_use]
pub fn has_no_decimals(currency: &str) -> bool {
    const WHOLE: [&str; 16] = [
        "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV",
        "XAF", "XOF", "XPF",
    ];
    WHOLE.contains(&currency)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn the_worked_examples_hold() {
        let rounding = Rounding::new(&Unknowns::default(), "NZD", 2);
        let tax = |line| rounding.tax(dec(line), dec("15"), LineAmountTypes::Exclusive).unwrap();
        let sum: Decimal = ["25.06", "25.61", "25.63"].into_iter().map(tax).sum();
        assert_eq!(sum, dec("11.44"));
        let inclusive = rounding.tax(dec("6187.50"), dec("8.25"), LineAmountTypes::Inclusive);
        assert_eq!(inclusive, Some(dec("471.56")));
        assert_eq!(rounding.amount(dec("20.625")), dec("20.63"));
    }

    #[test]
    fn each_switch_changes_a_cent() {
        let usual = Rounding::new(&Unknowns::default(), "JPY", 4);
        let strict = Rounding::new(&Unknowns::strict(), "JPY", 4);
        let strict_gbp = Rounding::new(&Unknowns::strict(), "GBP", 4);
        assert_eq!(usual.amount(dec("-0.125")), dec("-0.13"));
        assert_eq!(strict_gbp.amount(dec("-0.125")), dec("-0.12"));
        assert_eq!(usual.amount(dec("10.5")), dec("10.5"));
        assert_eq!(strict.amount(dec("10.5")), dec("11"));
        assert_eq!(usual.unit(dec("1.00009")), dec("1.0001"));
        assert_eq!(strict.unit(dec("1.00009")), dec("1.0000"));
        let discount = Some(Discount::Amount(dec("0.018")));
        assert_eq!(usual.line(dec("1"), dec("1"), discount), Some(dec("0.98")));
        assert_eq!(strict_gbp.line(dec("1"), dec("1"), discount), Some(dec("0.99")));
    }

    #[test]
    fn amounts_beyond_reach_are_none() {
        let rounding = Rounding::new(&Unknowns::default(), "GBP", 2);
        assert_eq!(rounding.line(Decimal::MAX, Decimal::MAX, None), None);
    }
}
