//! Minor units, rates between currencies, and fees.

use rust_decimal::prelude::ToPrimitive as _;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::shop::decimals::print_decimal;

/// Currencies without decimals at the gateways.
const WITHOUT_DECIMALS: [&str; 9] = ["CLP", "JPY", "KRW", "PYG", "UGX", "VND", "VUV", "XAF", "XPF"];
/// Currencies with three.
const WITH_THREE: [&str; 5] = ["BHD", "JOD", "KWD", "OMR", "TND"];

/// Hundred-thousandths of a US dollar for one unit: the practice gateways' rates never move.
const RATES: [(&str, i64); 8] = [
    ("AUD", 65_120),
    ("BHD", 265_250),
    ("CAD", 71_930),
    ("CHF", 124_400),
    ("EUR", 116_240),
    ("GBP", 131_870),
    ("JPY", 651),
    ("NZD", 57_310),
];
/// A US dollar in the unit of [`RATES`], and the value of a currency without a rate.
const DOLLAR: i64 = 100_000;
/// Decimals of a rate between two currencies.
const RATE_DECIMALS: u32 = 6;
/// A fee's part of the amount, in ten-thousandths.
const FEE_PARTS: i64 = 175;
/// A fee's fixed part, in minor units.
const FEE_FIXED: i64 = 30;

/// Gives the decimals of a currency at the gateways: 0, 2 or 3 (ISO 4217).
#[must_use]
pub fn minor_digits(currency: &str) -> u32 {
    if WITHOUT_DECIMALS.contains(&currency) {
        0
    } else if WITH_THREE.contains(&currency) {
        3
    } else {
        2
    }
}

/// Reads a WooCommerce amount as minor units, half away from zero.
pub(crate) fn to_minor(amount: &str, currency: &str) -> i64 {
    let amount: Decimal = amount.parse().unwrap_or_default();
    whole(amount * Decimal::from(10_i64.pow(minor_digits(currency))))
}

/// Gives minor units as a decimal in major units.
pub(crate) fn to_major(minor: i64, currency: &str) -> Decimal {
    Decimal::new(minor, minor_digits(currency))
}

/// Prints minor units in major units with the currency's decimals.
pub(crate) fn print_major(minor: i64, currency: &str) -> String {
    print_decimal(to_major(minor, currency), minor_digits(currency))
}

/// Gives the units of `to` for one unit of `from`; none for the same currency.
pub(crate) fn rate(from: &str, to: &str) -> Option<Decimal> {
    let dollars = |currency: &str| {
        let known = RATES.iter().find(|(code, _)| *code == currency);
        Decimal::from(known.map_or(DOLLAR, |(_, value)| *value))
    };
    (from != to).then(|| (dollars(from) / dollars(to)).round_dp(RATE_DECIMALS))
}

/// Converts minor units of one currency into minor units of another, half away from zero.
pub(crate) fn convert(minor: i64, from: &str, to: &str) -> i64 {
    match rate(from, to) {
        None => minor,
        Some(rate) => {
            whole(to_major(minor, from) * rate * Decimal::from(10_i64.pow(minor_digits(to))))
        }
    }
}

/// Gives the fee for a charge: 1.75 % and 30 minor units, half up.
pub(crate) fn fee(minor: i64) -> i64 {
    whole(Decimal::from(minor) * Decimal::new(FEE_PARTS, 4)) + FEE_FIXED
}

fn whole(amount: Decimal) -> i64 {
    let rounded = amount.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
    rounded.to_i64().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fees_round_half_up_in_minor_units() {
        assert_eq!(fee(10_000), 205);
        assert_eq!(fee(1_000), 48, "17.5 becomes 18");
        assert_eq!(fee(0), 30);
    }

    #[test]
    fn amounts_keep_their_currency_s_decimals() {
        assert_eq!(to_minor("12.345", "BHD"), 12_345);
        assert_eq!(to_minor("12.345", "AUD"), 1_235);
        assert_eq!(to_minor("500", "JPY"), 500);
        assert_eq!(print_major(-5, "AUD"), "-0.05");
        assert_eq!(print_major(1_500, "JPY"), "1500");
        assert_eq!(convert(10_000, "EUR", "JPY"), 17_856);
        assert_eq!(convert(10_000, "EUR", "EUR"), 10_000);
    }
}
