//! What the ledgers hold, batch by batch.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike as _, NaiveDate};
use rust_decimal::Decimal;
use tillbook_practice::gateways::{Account, Entry, Gateway, Gateways, Kind, minor_digits};
use tillbook_practice::shop::corpus::{self, Case};
use tillbook_practice::shop::generate;

use crate::dealt;

const KINDS: [Kind; 9] = [
    Kind::Charge,
    Kind::Refund,
    Kind::Dispute,
    Kind::DisputeReversal,
    Kind::AccountFee,
    Kind::Adjustment,
    Kind::ReserveHeld,
    Kind::ReserveReleased,
    Kind::TopUp,
];

fn all() -> Vec<(String, Gateways)> {
    let mut all: Vec<(String, Gateways)> =
        corpus::batches().iter().map(|batch| ((*batch).to_owned(), dealt(batch))).collect();
    let generated = generate::orders(3, 400, "AU-incl").unwrap();
    all.push(("generated".to_owned(), Gateways::deal(3, generated)));
    all.push(("whole corpus".to_owned(), Gateways::deal(11, corpus::cases().iter().cloned())));
    all
}

#[test]
fn nets_add_up_to_payouts() {
    for (name, gateways) in all() {
        assert_eq!(gateways.accounts.len(), 3, "{name}");
        for account in &gateways.accounts {
            let mut left = 0;
            for payout in &account.payouts {
                let nets: i64 = account.entries_of(&payout.id).map(|entry| entry.net).sum();
                assert_eq!(payout.brought_forward, left, "{name}");
                assert_eq!(payout.amount, nets + left - payout.left, "{name} {}", payout.id);
                assert!(account.gateway == Gateway::PayPal || payout.left == 0);
                left = payout.left;
            }
            for entry in &account.entries {
                assert_eq!(entry.net, entry.gross - entry.fee);
                let payout = entry.payout.as_ref().map(|id| account.payout(id).unwrap());
                assert!(payout.is_none_or(|payout| payout.created_at >= entry.available_at));
            }
        }
    }
}

#[test]
fn every_special_case_is_in_every_account() {
    let last_days = (0..53).filter_map(|weeks| {
        let first = NaiveDate::from_ymd_opt(2026, 11, 25)?;
        // Eight days, so that every weekday and every place in a month has its turn.
        first.checked_add_days(chrono::Days::new(8 * weeks))
    });
    let shifted = last_days.map(|day| {
        let cases = corpus::orders("BH-3dp-incl").into_iter().cloned();
        (day.to_string(), Gateways::dealer(7).spread_days(84).until(day).deal(cases))
    });
    for (name, gateways) in all().into_iter().chain(shifted) {
        for account in &gateways.accounts {
            let place = format!("{name} {:?}", account.gateway);
            let entries = |kind| account.entries_for(kind).count();
            for kind in KINDS.into_iter().filter(|kind| *kind != Kind::Refund) {
                assert!(entries(kind) > 0, "{place} has no {kind:?}");
            }
            assert!(account.entries_for(Kind::Charge).any(|entry| entry.order.is_none()));
            assert!(account.entries_for(Kind::Dispute).all(|entry| entry.fee > 0));
            assert!(account.entries.iter().any(|entry| entry.payout.is_none()), "{place} unpaid");
            assert!(account.payouts.iter().any(|payout| payout.amount == 0), "{place} zero");
            assert!(spans_a_month_end(account), "{place} month");
            let on_its_way = account.payouts.iter().any(|payout| !payout.paid);
            assert!(on_its_way || account.gateway == Gateway::PayPal, "{place} on its way");
            let negative = account.payouts.iter().find(|payout| {
                let only = |entry: &Entry| matches!(entry.kind, Kind::Refund | Kind::Dispute);
                payout.amount < 0 && account.entries_of(&payout.id).all(only)
            });
            assert!(negative.is_some(), "{place} negative");
        }
        let refunds = gateways.accounts.iter().flat_map(|one| one.entries_for(Kind::Refund));
        assert!(refunds.count() > 0, "{name} has no refund");
        let paypal = gateways.account(Gateway::PayPal).unwrap();
        assert_eq!(paypal.payouts.iter().filter(|payout| payout.left != 0).count(), 1, "{name}");
    }
}

fn spans_a_month_end(account: &Account) -> bool {
    account.payouts.iter().any(|payout| {
        let months: BTreeSet<u32> =
            account.entries_of(&payout.id).map(|entry| entry.at.month()).collect();
        months.len() > 1
    })
}

#[test]
fn a_paid_order_is_charged_once_and_each_refund_with_money_booked() {
    for (name, gateways) in all() {
        let mut charged: BTreeMap<u64, usize> = BTreeMap::new();
        let mut refunded = BTreeSet::new();
        for account in &gateways.accounts {
            for entry in account.entries_for(Kind::Charge) {
                let Some(order) = &entry.order else { continue };
                *charged.entry(order.id).or_default() += 1;
                let case = gateways.cases.iter().find(|case| case.id == order.id).unwrap();
                assert_eq!(entry.presented, minor(case, "total"), "{name} {}", order.id);
                assert_eq!(entry.presented_currency, case.order["currency"]);
                assert_eq!(case.order["payment_method"], account.gateway.method());
                let converted = case.order["currency"] != account.currency.as_str();
                assert_eq!(entry.rate.is_some(), converted);
            }
            let ids = account.entries_for(Kind::Refund).map(|entry| entry.refund_id.unwrap());
            refunded.extend(ids);
        }
        for case in &gateways.cases {
            let paid = !case.order["date_paid_gmt"].is_null() && minor(case, "total") > 0;
            let method = case.order["payment_method"].as_str().unwrap();
            let due = paid && Gateway::of_method(method).is_some();
            let times = charged.get(&case.id).copied().unwrap_or_default();
            assert_eq!(times, usize::from(due), "{name} {}", case.id);
            for refund in &case.refunds {
                let amount: Decimal = refund["amount"].as_str().unwrap().parse().unwrap();
                let booked = refunded.contains(&refund["id"].as_u64().unwrap());
                assert_eq!(booked, due && !amount.is_zero(), "{name} {}", case.id);
            }
        }
    }
}

fn minor(case: &Case, field: &str) -> i64 {
    let currency = case.order["currency"].as_str().unwrap();
    let amount: Decimal = case.order_dp6[field].as_str().unwrap().parse().unwrap();
    let minor = amount * Decimal::from(10_u32.pow(minor_digits(currency)));
    let strategy = rust_decimal::RoundingStrategy::MidpointAwayFromZero;
    minor.round_dp_with_strategy(0, strategy).to_string().parse().unwrap()
}

#[test]
fn currencies_keep_their_decimals() {
    for (batch, currency, digits) in
        [("JP-0dp-incl", "JPY", 0), ("AU-incl", "AUD", 2), ("BH-3dp-incl", "BHD", 3)]
    {
        let gateways = dealt(batch);
        let account = gateways.account(Gateway::Stripe).unwrap();
        assert_eq!((account.currency.as_str(), minor_digits(currency)), (currency, digits));
        let csv = gateways.csv(Gateway::Stripe);
        let line = csv.lines().find(|line| line.contains(",dispute,")).unwrap();
        let fee = line.split(',').nth(8).unwrap();
        assert_eq!(fee, format!("{:.*}", digits as usize, Decimal::new(1_500, digits)));
    }
}

#[test]
fn fees_are_a_part_and_a_fixed_sum() {
    let gateways = dealt("AU-incl");
    for entry in gateways.account(Gateway::Stripe).unwrap().entries_for(Kind::Charge) {
        let part = Decimal::from(entry.gross) * Decimal::new(175, 4);
        let strategy = rust_decimal::RoundingStrategy::MidpointAwayFromZero;
        let fee = part.round_dp_with_strategy(0, strategy) + Decimal::from(30);
        assert_eq!(Decimal::from(entry.fee), fee);
    }
}

#[test]
fn the_same_seed_gives_the_same_ledgers() {
    assert!(dealt("GB-incl") == dealt("GB-incl"));
    let other = Gateways::deal(8, corpus::orders("GB-incl").into_iter().cloned());
    assert!(dealt("GB-incl") != other);
}

#[test]
fn dates_and_methods_may_be_kept() {
    let recorded = corpus::orders("AU-incl");
    let dealer = Gateways::dealer(1).keep_methods(true).spread_days(0);
    let kept = dealer.deal(recorded.iter().copied().cloned());
    for (before, after) in recorded.iter().zip(&kept.cases) {
        for field in ["payment_method", "payment_method_title", "date_paid", "total"] {
            assert_eq!(before.order[field], after.order[field], "{}", before.id);
        }
    }
    assert!(kept.account(Gateway::Stripe).is_some());
    let last = NaiveDate::from_ymd_opt(2026, 12, 24).unwrap();
    let late = Gateways::dealer(1).until(last).deal(recorded.into_iter().cloned());
    assert_eq!(late.closed_at.date_naive(), last);
    assert!(Gateways::deal(1, []).accounts.is_empty());
}
