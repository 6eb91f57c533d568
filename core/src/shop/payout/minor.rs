//! Amounts in minor units, as Stripe's API gives them.

use crate::money::Currency;

/// Currencies that Stripe counts in whole units (docs.stripe.com/currencies, zero-decimal
/// currencies; WooPayments has the same list in its utilities).
///
/// ISK and UGX have no minor unit either, yet Stripe counts them in hundredths, for the sake of
/// older programs; HUF and TWD are paid out in whole units only, but counted in hundredths too
/// (the same page, special cases).
const WHOLE: [&str; 15] = [
    "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF",
    "XOF", "XPF",
];

/// Currencies that Stripe counts in thousandths (the same page, three-decimal currencies).
const THOUSANDTHS: [&str; 5] = ["BHD", "JOD", "KWD", "OMR", "TND"];

/// How many decimals Stripe's minor unit stands for. WooPayments passes Stripe's amounts on.
pub(super) fn digits(currency: Currency) -> u32 {
    if WHOLE.contains(&currency.as_str()) {
        0
    } else if THOUSANDTHS.contains(&currency.as_str()) {
        3
    } else {
        2
    }
}
