//! Samples of each gateway, and laws for whatever comes in.

mod laws;
mod samples;

use alloc::{string::String, vec::Vec};
use core::str::FromStr as _;

use super::*;

/// Reads two texts, each a JSON list.
fn read_texts(source: Source, payouts: &str, entries: &str, zone: &Zone) -> Read {
    let lists = [Json::parse(payouts).unwrap(), Json::parse(entries).unwrap()];
    let [payouts, entries] = &lists;
    read(source, &elements(payouts), &elements(entries), zone)
}

fn elements<'a>(json: &'a Json<'a>) -> Vec<&'a Json<'a>> {
    if let Json::List(list) = json { list.iter().collect() } else { Vec::new() }
}

fn decimal(text: &str) -> Decimal {
    Decimal::from_str(text).unwrap()
}

fn date(text: &str) -> Date {
    Date::parse(text).unwrap()
}

/// UTC-5.
fn new_york() -> Zone {
    Zone::new(-5 * 3_600, Vec::new())
}

fn codes(read: &Read) -> Vec<&str> {
    read.findings.iter().map(|finding| finding.code.as_str()).collect()
}

fn entry<'r>(read: &'r Read, id: &str) -> &'r Entry {
    read.entries.iter().find(|entry| entry.id == id).unwrap()
}

/// Whether the entries of each payout add up to its amount, and all ids are distinct.
fn adds_up(read: &Read) -> Result<(), String> {
    for payout in &read.payouts {
        let own = read.entries.iter().filter(|entry| entry.payout == payout.id);
        let sum: Decimal = own.clone().map(Entry::net).sum();
        if sum != payout.amount || own.clone().any(|entry| entry.currency != payout.currency) {
            return Err(alloc::format!("{payout:?}: {sum}, {:?}", own.collect::<Vec<_>>()));
        }
    }
    let mut ids: Vec<&str> = read.entries.iter().map(|entry| entry.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.len() == read.entries.len() { Ok(()) } else { Err("an id stands twice".into()) }
}
