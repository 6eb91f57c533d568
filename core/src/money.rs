//! Exact money: decimal amounts that know their currency.

use alloc::{string::String, vec::Vec};
use core::fmt;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::sorted::sorted_by;

/// The largest amount that is read, in whole currency units: just inside Xero's bound for a line
/// (`reference: Xero, LineAmount ≤ 9,999,999,999.99`).
///
/// INVARIANT: every amount that enters the core is at most this, quantities and rates are bounded
/// likewise, so that sums and products stay far inside what a [`Decimal`] holds.
pub const AMOUNT_MAX: Decimal = Decimal::from_parts(1_410_065_407, 2, 0, false, 0);

/// Xero keeps two decimals of every total, whatever the currency.
pub const XERO_DIGITS: u32 = 2;

/// An ISO 4217 currency code, three capital letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

/// An exact amount in one currency, such as `12.34 GBP`.
///
/// Sums are checked: two currencies never add up to a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Money {
    amount: Decimal,
    currency: Currency,
}

/// An amount as it crosses the door: a decimal in a text, in the currency of what it stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Amount(pub Decimal);

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&plain(self.0, XERO_DIGITS))
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(|_| D::Error::custom("should be an amount in a text"))
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Amount {
    fn schema_name() -> alloc::borrow::Cow<'static, str> {
        "Amount".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        String::json_schema(generator)
    }
}

/// An amount could not be read or computed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The text is not three capital letters.
    #[error("`{0}` is not a currency code")]
    NotACurrency(String),
    /// The two amounts are in different currencies.
    #[error("cannot add {right} to {left}")]
    CurrencyMismatch {
        /// Currency of the left operand.
        left: Currency,
        /// Currency of the right operand.
        right: Currency,
    },
    /// There is nothing to divide the amount between.
    #[error("cannot allocate an amount over zero total weight")]
    ZeroWeight,
    /// The amount is larger than [`AMOUNT_MAX`].
    #[error("amount is too large")]
    TooLarge,
}

/// Currencies whose money has no minor unit (ISO 4217, exponent 0).
const WITHOUT_MINOR_UNIT: [&str; 16] = [
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV",
    "XAF", "XOF", "XPF",
];

/// Currencies whose money has three decimals (ISO 4217, exponent 3).
const WITH_THREE_DIGITS: [&str; 7] = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];

impl Currency {
    /// Reads an ISO 4217 code; any three capital letters are taken, so that a new currency is
    /// no reason to stop.
    ///
    /// # Errors
    /// [`MoneyError::NotACurrency`].
    pub fn parse(code: &str) -> Result<Self, MoneyError> {
        match code.as_bytes() {
            [a, b, c] if [a, b, c].iter().all(|letter| letter.is_ascii_uppercase()) => {
                Ok(Self([*a, *b, *c]))
            }
            _ => Err(MoneyError::NotACurrency(code.into())),
        }
    }

    /// The code, such as `GBP`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// How many decimals the currency itself has: 0, 2 or 3.
    #[must_use]
    pub fn digits(&self) -> u32 {
        let code = self.as_str();
        if WITHOUT_MINOR_UNIT.contains(&code) {
            0
        } else if WITH_THREE_DIGITS.contains(&code) {
            3
        } else {
            2
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Money {
    /// Puts an amount and its currency together.
    #[must_use]
    pub const fn new(amount: Decimal, currency: Currency) -> Self {
        Self { amount, currency }
    }

    /// The amount, in whole currency units.
    #[must_use]
    pub const fn amount(self) -> Decimal {
        self.amount
    }

    /// The currency.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// The amount rounded half-up to `digits` decimals.
    #[must_use]
    pub fn rounded(self, digits: u32) -> Self {
        Self { amount: round_half_up(self.amount, digits), ..self }
    }

    /// Adds two amounts of the same currency.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`] or [`MoneyError::TooLarge`].
    pub fn try_add(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch {
                left: self.currency,
                right: other.currency,
            });
        }
        let amount = self.amount.checked_add(other.amount).ok_or(MoneyError::TooLarge)?;
        Ok(Self { amount, ..self })
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", plain(self.amount, XERO_DIGITS), self.currency)
    }
}

/// Rounds half away from zero to `digits` decimals: Xero's rule (ACCOUNTING section 2), and the
/// way PHP and so WooCommerce round.
#[must_use]
pub fn round_half_up(amount: Decimal, digits: u32) -> Decimal {
    amount.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero)
}

/// One unit of the last of `digits` decimals: 0.01 for two.
#[must_use]
pub fn unit(digits: u32) -> Decimal {
    Decimal::new(1, digits)
}

/// Writes an amount plainly, at least `digits` decimals, never an exponent.
#[must_use]
pub fn plain(amount: Decimal, digits: u32) -> String {
    let mut shown = amount.normalize();
    if shown.scale() < digits {
        shown.rescale(digits);
    }
    alloc::format!("{shown}")
}

/// Splits `amount` in proportion to `weights`, largest remainder first, in units of `digits`
/// decimals.
///
/// The parts always add up to `amount` (law L9). A weight below zero counts as zero.
///
/// # Errors
/// [`MoneyError::ZeroWeight`] when no weight is above zero, [`MoneyError::TooLarge`] when the
/// amount or a weight is beyond [`AMOUNT_MAX`].
pub fn allocate(
    amount: Decimal,
    weights: &[Decimal],
    digits: u32,
) -> Result<Vec<Decimal>, MoneyError> {
    let positive = |weight: &Decimal| (*weight).max(Decimal::ZERO);
    if amount.abs() > AMOUNT_MAX || weights.iter().any(|weight| *weight > AMOUNT_MAX) {
        return Err(MoneyError::TooLarge);
    }
    let total: Decimal = weights.iter().map(positive).sum();
    if total.is_zero() {
        return Err(MoneyError::ZeroWeight);
    }
    let mut parts: Vec<Decimal> = Vec::with_capacity(weights.len());
    let mut remainders: Vec<(Decimal, usize)> = Vec::with_capacity(weights.len());
    for (index, weight) in weights.iter().enumerate() {
        let exact = amount * (positive(weight) / total);
        let part = exact.round_dp_with_strategy(digits, RoundingStrategy::ToZero);
        remainders.push(((exact - part).abs(), index));
        parts.push(part);
    }
    let remainders = sorted_by(remainders, |left, right| right.0.cmp(&left.0));
    hand_out(amount - parts.iter().sum::<Decimal>(), digits, &remainders, &mut parts);
    Ok(parts)
}

/// Gives what is left over, unit by unit, to the parts that lost most; a rest finer than a unit
/// goes to the first.
fn hand_out(
    mut left: Decimal,
    digits: u32,
    remainders: &[(Decimal, usize)],
    parts: &mut [Decimal],
) {
    let step = if left.is_sign_negative() { -unit(digits) } else { unit(digits) };
    for (_, index) in remainders.iter().cycle().take(remainders.len() * 2) {
        if left.abs() < step.abs() {
            break;
        }
        if let Some(part) = parts.get_mut(*index) {
            *part += step;
            left -= step;
        }
    }
    if let Some(part) = remainders.first().and_then(|(_, index)| parts.get_mut(*index)) {
        *part += left;
    }
}
