//! What Xero will total, before anything is sent.
//!
//! Source: ACCOUNTING section 2, proven on 131 recorded documents (reference: Xero, section 4.1):
//! half-up per line, from the tax type's combined effective rate, then summed.

use rust_decimal::Decimal;

use crate::money::{XERO_DIGITS, round_half_up};

/// Decimals that Xero keeps of a unit price when asked with `unitdp=4`, and of a quantity.
pub const UNIT_DIGITS: u32 = 4;

/// How line amounts relate to tax.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineAmountTypes {
    /// Line amounts are without tax.
    Exclusive,
    /// Line amounts hold their tax.
    Inclusive,
    /// No line has tax.
    NoTax,
}

impl LineAmountTypes {
    /// Xero's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exclusive => "Exclusive",
            Self::Inclusive => "Inclusive",
            Self::NoTax => "NoTax",
        }
    }
}

/// One line as Xero reckons it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineInput {
    /// Quantity, at most four decimals.
    pub quantity: Decimal,
    /// Unit price, at most four decimals.
    pub unit_amount: Decimal,
    /// The tax type's effective rate as a fraction.
    pub rate: Decimal,
    /// The tax, when the line states it.
    pub tax_amount: Option<Decimal>,
}

/// What Xero makes of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineTotals {
    /// Quantity × unit price, two decimals.
    pub line_amount: Decimal,
    /// Tax, two decimals.
    pub tax_amount: Decimal,
}

/// What Xero makes of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Without tax.
    pub sub_total: Decimal,
    /// Tax.
    pub total_tax: Decimal,
    /// What is due.
    pub total: Decimal,
}

/// Quantity × unit price as Xero rounds it.
#[must_use]
pub fn line_amount(quantity: Decimal, unit_amount: Decimal) -> Decimal {
    round_half_up(quantity * round_half_up(unit_amount, UNIT_DIGITS), XERO_DIGITS)
}

/// The tax that Xero reckons on a line amount; see [`exact_tax`] for the figure before rounding.
#[must_use]
pub fn tax_amount(types: LineAmountTypes, line_amount: Decimal, rate: Decimal) -> Decimal {
    round_half_up(exact_tax(types, line_amount, rate), XERO_DIGITS)
}

/// The tax on a line amount before it is rounded.
#[must_use]
pub fn exact_tax(types: LineAmountTypes, line_amount: Decimal, rate: Decimal) -> Decimal {
    match types {
        LineAmountTypes::Exclusive => line_amount * rate,
        // `rate` is a fraction not below zero, so the divisor is at least one.
        LineAmountTypes::Inclusive => line_amount * rate / (Decimal::ONE + rate),
        LineAmountTypes::NoTax => Decimal::ZERO,
    }
}

/// One line as Xero will show it.
#[must_use]
pub fn line(types: LineAmountTypes, input: &LineInput) -> LineTotals {
    let line_amount = line_amount(input.quantity, input.unit_amount);
    let reckoned = || tax_amount(types, line_amount, input.rate);
    let tax_amount = match types {
        LineAmountTypes::NoTax => Decimal::ZERO,
        _ => input.tax_amount.unwrap_or_else(reckoned),
    };
    LineTotals { line_amount, tax_amount }
}

/// The totals of a document with these lines.
#[must_use]
pub fn totals(types: LineAmountTypes, lines: impl IntoIterator<Item = LineTotals>) -> Totals {
    let mut amounts = Decimal::ZERO;
    let mut total_tax = Decimal::ZERO;
    for line in lines {
        amounts += line.line_amount;
        total_tax += line.tax_amount;
    }
    match types {
        LineAmountTypes::Inclusive => {
            Totals { sub_total: amounts - total_tax, total_tax, total: amounts }
        }
        _ => Totals { sub_total: amounts, total_tax, total: amounts + total_tax },
    }
}
