//! A shop's tax rates, and which of them can meet on one line.

use alloc::{collections::BTreeSet, string::String, vec::Vec};

use rust_decimal::Decimal;

use crate::sorted::sorted_by;

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
    /// Cities it is limited to; empty for all.
    pub cities: Vec<String>,
    /// Postcodes, patterns (`941*`) and ranges (`94102...94199`) it is limited to; empty for all.
    pub postcodes: Vec<String>,
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

/// A city and a postcode that some rate names; empty for anywhere else. Patterns and ranges are
/// places of their own: they are not held against each other.
type Place<'a> = (&'a str, &'a str);

/// The most pairs of city and postcode that are looked at for one state; a larger table is looked
/// at city by city and postcode by postcode.
const PAIRS_MAX: usize = 2_000;

/// Every set of rates that an order can bear on one line, by class and by the places the table
/// names, with the sets of shipping where some rate is not charged on it.
///
/// Source: WooCommerce, `WC_Tax::get_matched_tax_rates` (one rate per priority, the first that
/// fits in the table's order). A set that only arises where two patterns overlap is not found
/// here; an order that bears it says so (`tax.set_unmapped`).
#[must_use]
pub fn possible_sets(rates: &[TaxRate]) -> Vec<RateSet> {
    let mut sets: Vec<RateSet> = Vec::new();
    let mut known: BTreeSet<Vec<u64>> = BTreeSet::new();
    let mut areas: BTreeSet<(&str, &str, &str)> = BTreeSet::new();
    for rate in rates {
        areas.insert((&rate.class, &rate.country, &rate.state));
    }
    for (class, country, state) in areas {
        let here: Vec<&TaxRate> = rates
            .iter()
            .filter(|rate| {
                rate.class == class
                    && (rate.country.is_empty() || rate.country == country)
                    && (rate.state.is_empty() || rate.state == state)
            })
            .collect();
        for place in places(&here) {
            let goods = charged_at(&here, place);
            let shipping: Vec<&TaxRate> =
                goods.iter().copied().filter(|rate| rate.shipping).collect();
            for found in [goods, shipping] {
                if let Some(set) = to_set(&found, class)
                    && known.insert(set.ids.clone())
                {
                    sets.push(set);
                }
            }
        }
    }
    sets
}

fn places<'a>(rates: &[&'a TaxRate]) -> BTreeSet<Place<'a>> {
    let mut places: BTreeSet<Place<'a>> = BTreeSet::new();
    let (mut cities, mut postcodes) = (places.clone(), places.clone());
    for rate in rates {
        for city in &rate.cities {
            cities.insert((city, ""));
        }
        for postcode in &rate.postcodes {
            postcodes.insert(("", postcode));
        }
    }
    places.insert(("", ""));
    if cities.len().saturating_mul(postcodes.len()) <= PAIRS_MAX {
        for (city, _) in &cities {
            for (_, postcode) in &postcodes {
                places.insert((city, postcode));
            }
        }
    }
    for place in cities.into_iter().chain(postcodes) {
        places.insert(place);
    }
    places
}

fn charged_at<'a>(rates: &[&'a TaxRate], (city, postcode): Place<'_>) -> Vec<&'a TaxRate> {
    let among = |names: &[String], name: &str| names.is_empty() || names.iter().any(|n| n == name);
    let mut found: Vec<&TaxRate> = Vec::new();
    for rate in rates {
        if among(&rate.cities, city)
            && among(&rate.postcodes, postcode)
            && !found.iter().any(|known| known.priority == rate.priority)
        {
            found.push(rate);
        }
    }
    sorted_by(found, |left, right| left.priority.cmp(&right.priority))
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
