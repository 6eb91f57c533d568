//! What is read of dealt ledgers, over many pages and part by part.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;
use serde_json::Value;
use tillbook::payout_client::{Limits, RawPayouts};
use tillbook_core::contract::ReadPayoutsResponse;
use tillbook_core::shop::payout::Source;
use tillbook_core::summary::Entry;
use tillbook_practice::gateways::{Account, Gateway, minor_digits};
use tillbook_practice::shop::{Running, corpus};

use crate::{SOURCES, client, open, quick, read_by_core};

/// The days of a ledger, with what is on its way.
fn days(account: &Account) -> (NaiveDate, NaiveDate) {
    let first = account.entries.iter().map(|entry| entry.at).min().unwrap();
    let last = account.payouts.iter().map(|payout| payout.arrives_at).max().unwrap();
    (first.date_naive(), last.date_naive())
}

fn zone(shop: &Running) -> String {
    shop.settings().timezone
}

fn decimal(minor: i64, currency: &str) -> Decimal {
    Decimal::new(minor, minor_digits(currency))
}

/// Ids of raw rows, in order.
fn ids(raw: &RawPayouts) -> Vec<String> {
    let id = |row: &Value| {
        let info = row.get("transaction_info").unwrap_or(row);
        let id = info.get("transaction_id").or_else(|| info.get("id")).unwrap();
        id.as_str().unwrap().to_owned()
    };
    raw.entries.iter().map(|row| id(&serde_json::from_str(row.get()).unwrap())).collect()
}

/// Amounts of payouts by id; PayPal withdraws nothing but what is above zero.
fn ledger_payouts(account: &Account) -> BTreeMap<String, Decimal> {
    let paypal = account.gateway == Gateway::PayPal;
    let payouts = account.payouts.iter().filter(|payout| !paypal || payout.amount > 0);
    payouts.map(|payout| (payout.id.clone(), decimal(payout.amount, &account.currency))).collect()
}

/// Checks that what the core read adds up, and gives amounts by payout.
fn check_sums(read: &ReadPayoutsResponse, what: &str) -> BTreeMap<String, Decimal> {
    assert_eq!(read.findings, [], "{what}");
    let mut amounts = BTreeMap::new();
    for payout in &read.payouts {
        let own = read.entries.iter().filter(|entry| entry.payout == payout.id);
        let sum: Decimal = own.map(|entry| entry.amount.0 - entry.fee.0).sum();
        assert_eq!(sum, payout.amount.0, "{what} {}", payout.id);
        amounts.insert(payout.id.clone(), payout.amount.0);
    }
    amounts
}

/// The ids of a payout's entries.
fn entries_of(read: &ReadPayoutsResponse, payout: &str) -> BTreeSet<String> {
    let own = read.entries.iter().filter(|entry| entry.payout == payout);
    own.map(|entry| entry.id.clone()).collect()
}

#[tokio::test]
async fn everything_is_read_once_over_many_pages() {
    let batches = corpus::batches();
    let seeds = batches.iter().map(|batch| (*batch, 7)).chain([("GB-incl", 3), ("US-excl", 4)]);
    for (batch, seed) in seeds {
        let shop = open(batch, seed).await;
        let dealt = shop.gateways().unwrap();
        for (source, gateway) in SOURCES {
            let Some(account) = dealt.account(gateway) else { continue };
            let what = format!("{batch} {seed} {gateway:?}");
            let (from, to) = days(account);
            let client = client(&shop, source).with_limits(Limits { rows_per_page: 3, ..quick() });
            assert_eq!(client.source(), source);
            let raw = client.read(from, to).await.unwrap();
            let ids = ids(&raw);
            let distinct: BTreeSet<&String> = ids.iter().collect();
            assert_eq!(distinct.len(), ids.len(), "{what}: each once");
            for entry in &account.entries {
                // Stripe does not tell what awaits a payout.
                let told = source != Source::Stripe || entry.payout.is_some();
                assert_eq!(distinct.contains(&entry.id), told, "{what} {}", entry.id);
            }
            let read = read_by_core(&raw, &zone(&shop));
            assert_eq!(check_sums(&read, &what), ledger_payouts(account), "{what}");
        }
    }
}

#[tokio::test]
async fn a_part_of_the_days_has_the_same_payouts_as_the_whole() {
    for batch in ["AU-incl", "US-excl", "JP-0dp-incl"] {
        let shop = open(batch, 7).await;
        let dealt = shop.gateways().unwrap();
        for (source, gateway) in SOURCES {
            let account = dealt.account(gateway).unwrap();
            let client = client(&shop, source);
            let (mut from, to) = days(account);
            let whole = read_by_core(&client.read(from, to).await.unwrap(), &zone(&shop));
            let mut seen = BTreeSet::new();
            while from <= to {
                let until = (from + Days::new(8)).min(to);
                let what = format!("{batch} {gateway:?} {from} to {until}");
                let part = read_by_core(&client.read(from, until).await.unwrap(), &zone(&shop));
                let payouts = check_sums(&part, &what);
                let known =
                    |entry: &Entry| entry.payout.is_empty() || payouts.contains_key(&entry.payout);
                assert!(part.entries.iter().all(known), "{what}: no part of a payout");
                for payout in &part.payouts {
                    assert!(whole.payouts.contains(payout), "{what} {}", payout.id);
                    let (own, all) =
                        (entries_of(&part, &payout.id), entries_of(&whole, &payout.id));
                    assert_eq!(own, all, "{what} {}", payout.id);
                    seen.insert(payout.id.clone());
                }
                let (from_text, until_text) = (from.to_string(), until.to_string());
                for payout in &whole.payouts {
                    let within =
                        (from_text.as_str()..=until_text.as_str()).contains(&payout.date.as_str());
                    assert!(!within || part.payouts.contains(payout), "{what} {}", payout.id);
                }
                from = until + Days::new(1);
            }
            assert_eq!(seen.len(), whole.payouts.len(), "{batch} {gateway:?}");
        }
    }
}

#[tokio::test]
async fn days_without_payouts_cost_little() {
    let shop = open("AU-incl", 7).await;
    let dealt = shop.gateways().unwrap();
    let (_, last) = days(dealt.account(Gateway::Stripe).unwrap());
    let far = last + Days::new(400);
    for (source, _) in SOURCES {
        let raw = client(&shop, source).read(far, far).await.unwrap();
        assert_eq!((raw.payouts.len(), raw.entries.len()), (0, 0), "{source:?}");
    }
    // Six windows back, one for the day itself, and the token.
    assert_eq!(shop.paypal.as_ref().unwrap().requests().len(), 8);
    assert_eq!(shop.stripe.as_ref().unwrap().requests().len(), 1);
    // Days that end before they begin are none.
    let raw = client(&shop, Source::Stripe).read(last, last - Days::new(30)).await.unwrap();
    assert_eq!((raw.payouts.len(), raw.entries.len()), (0, 0));
}

#[tokio::test]
async fn what_awaits_a_payout_is_known() {
    let shop = open("AU-incl", 7).await;
    let dealt = shop.gateways().unwrap();
    let account = dealt.account(Gateway::WooPayments).unwrap();
    let waiting: BTreeSet<&str> = account
        .entries
        .iter()
        .filter(|entry| entry.payout.is_none())
        .map(|entry| entry.id.as_str())
        .collect();
    assert!(!waiting.is_empty());
    let (_, to) = days(account);
    let raw = client(&shop, Source::Woopayments).read(to - Days::new(7), to).await.unwrap();
    let read = read_by_core(&raw, &zone(&shop));
    let found: BTreeSet<&str> = read
        .entries
        .iter()
        .filter(|entry| entry.payout.is_empty())
        .map(|entry| entry.id.as_str())
        .collect();
    assert_eq!(found, waiting);
}

#[tokio::test]
async fn digits_stay_as_they_were_printed() {
    let shop = open("EU-excl", 7).await;
    let dealt = shop.gateways().unwrap();
    let (from, to) = days(dealt.account(Gateway::Stripe).unwrap());
    let raw = client(&shop, Source::Stripe).read(from, to).await.unwrap();
    for row in &raw.entries {
        let row: Value = serde_json::from_str(row.get()).unwrap();
        assert!(row["payout"].as_str().unwrap().starts_with("po_"));
        assert!(row["source"].is_object() || row["source"].is_null(), "{row}");
    }
}
