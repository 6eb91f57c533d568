//! A shop's tax rates, and which of them can meet on one line.

use alloc::{collections::BTreeSet, string::String, vec::Vec};

use rust_decimal::Decimal;

/// The largest combined fraction that is believed: 1,000 %.
pub const RATE_MAX: Decimal = Decimal::TEN;

/// One row of WooCommerce's tax table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxRate {
    /// WooCommerce's id.
    pub id: u64,
    /// Country, two letters; empty for all.
    pub country: String,
    /// State; empty for all.
    pub state: String,
    /// Cities and postcodes it is limited to; empty for all.
    pub places: Vec<String>,
    /// Percentage.
    pub percent: Decimal,
    /// Name, such as `VAT`: plain text.
    pub name: String,
    /// Of the rates with one priority only the first that fits applies.
    pub priority: u64,
    /// Whether it is charged on top of the others.
    pub compound: bool,
    /// Whether it is charged on shipping.
    pub shipping: bool,
    /// Tax class slug; `standard` for the standard one.
    pub class: String,
}

/// A set of rates that can be charged together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateSet {
    /// The rates, ascending by id.
    pub ids: Vec<u64>,
    /// Their combined fraction, such as 0.08875.
    pub rate: Decimal,
    /// Their names, joined by `+`.
    pub name: String,
    /// The country they are charged in.
    pub country: String,
    /// The tax class.
    pub class: String,
}

/// A place that some rate names: country, state, city or postcode.
type Place<'a> = (&'a str, &'a str, &'a str);

fn applies(rate: &TaxRate, (country, state, place): Place<'_>) -> bool {
    (rate.country.is_empty() || rate.country == country)
        && (rate.state.is_empty() || rate.state == state)
        && (rate.places.is_empty() || rate.places.iter().any(|known| known == place))
}

/// Every set of rates that an order can bear on one line, by class and by the places the table
/// names, with the sets of shipping where some rate is not charged on it.
///
/// Source: WooCommerce, `WC_Tax::get_matched_tax_rates` (one rate per priority, the first that
/// fits in the table's order).
#[must_use]
pub fn possible_sets(rates: &[TaxRate]) -> Vec<RateSet> {
    let classes: BTreeSet<&str> = rates.iter().map(|rate| rate.class.as_str()).collect();
    let mut places: BTreeSet<Place<'_>> = BTreeSet::new();
    for rate in rates {
        places.insert((&rate.country, &rate.state, ""));
        for place in &rate.places {
            places.insert((&rate.country, &rate.state, place));
        }
    }
    let mut sets: Vec<RateSet> = Vec::new();
    for class in classes {
        for place in &places {
            let goods = charged_at(rates, class, *place);
            let shipping: Vec<&TaxRate> =
                goods.iter().copied().filter(|rate| rate.shipping).collect();
            for found in [goods, shipping] {
                if let Some(set) = to_set(&found, class)
                    && !sets.iter().any(|known| known.ids == set.ids)
                {
                    sets.push(set);
                }
            }
        }
    }
    sets
}

fn charged_at<'a>(rates: &'a [TaxRate], class: &str, place: Place<'_>) -> Vec<&'a TaxRate> {
    let mut found: Vec<&TaxRate> = Vec::new();
    for rate in rates.iter().filter(|rate| rate.class == class && applies(rate, place)) {
        if !found.iter().any(|known| known.priority == rate.priority) {
            found.push(rate);
        }
    }
    found.sort_by_key(|rate| rate.priority);
    found
}

/// The fraction that several percentages make together: those that do not compound are added,
/// then each compound one is charged on top (WooCommerce, `WC_Tax::calc_exclusive_tax`).
///
/// `None` when it comes to more than [`RATE_MAX`], or when a percentage is below zero.
#[must_use]
pub fn combine(percentages: &[(Decimal, bool)]) -> Option<Decimal> {
    if percentages.iter().any(|(percent, _)| percent.is_sign_negative() && !percent.is_zero()) {
        return None;
    }
    let fraction = |percent: Decimal| percent / Decimal::ONE_HUNDRED;
    let plain = percentages.iter().filter(|(_, compound)| !compound);
    let mut rate: Decimal = plain.map(|(percent, _)| fraction(*percent)).sum();
    for (percent, _) in percentages.iter().filter(|(_, compound)| *compound) {
        rate = rate.checked_add((Decimal::ONE + rate).checked_mul(fraction(*percent))?)?;
        if rate > RATE_MAX {
            return None;
        }
    }
    (rate <= RATE_MAX).then_some(rate)
}

fn to_set(found: &[&TaxRate], class: &str) -> Option<RateSet> {
    let mut ids: Vec<u64> = found.iter().map(|rate| rate.id).collect();
    ids.sort_unstable();
    let percentages: Vec<(Decimal, bool)> =
        found.iter().map(|rate| (rate.percent, rate.compound)).collect();
    let names: Vec<&str> = found.iter().map(|rate| rate.name.as_str()).collect();
    Some(RateSet {
        ids,
        rate: combine(&percentages)?,
        name: names.join(" + "),
        country: found.first()?.country.clone(),
        class: class.into(),
    })
}
