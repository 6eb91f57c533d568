//! The proof of completeness against what the shop has.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{Verdict, ensure};
use crate::{
    host::{Host, Subject, subject},
    json::Json,
    sale::Stage,
    world::World,
};

fn decimal(json: &Json, name: &str) -> Decimal {
    let found = json.str_at(name);
    if found.is_empty() { Decimal::ZERO } else { found.parse().unwrap() }
}

/// Amount, posted, excluded and pending.
type Row = [Decimal; 4];

const NAMES: [&str; 4] = ["amount", "posted", "excluded", "pending"];

/// What the shop has, by fact: currency, amount, whether it is dropped.
fn shop(world: &World) -> BTreeMap<Subject, (String, Decimal, bool)> {
    let mut shop = BTreeMap::new();
    for sale in world.sales.iter().filter(|sale| !sale.gone) {
        let dropped = sale.stage(world.shop.skips_zero) == Stage::Dropped;
        let mut put = |kind: &str, id: u64, amount: Decimal| {
            let dropped = dropped || (kind == "refund" && amount.is_zero());
            shop.insert(
                (kind.to_owned(), id.to_string()),
                (sale.currency.clone(), amount, dropped),
            );
        };
        put("order", sale.id, sale.posted_total());
        for (id, amount) in sale.refunded(&world.shown) {
            put("refund", id, amount);
        }
    }
    shop
}

/// What is posted of a fact; all of it where that was in another currency.
fn posted(host: &Host, fact: &Subject, currency: &str, amount: Decimal) -> Decimal {
    if host.own.contains(fact) {
        return amount;
    }
    let own: Vec<_> = host.members.iter().filter(|member| member.fact() == fact).collect();
    let of = |member: &&crate::host::Member| {
        if member.object.0 == "entry" { member.sold() } else { member.gross() }
    };
    let sum: Decimal = own.iter().map(of).sum();
    let converted = own.iter().any(|member| member.currency != currency);
    if converted && !sum.is_zero() { amount } else { sum }
}

/// Every fact has one row, every row adds up, and so do the totals.
pub(crate) fn accounts(world: &World, host: &Host, parts: u64) -> Verdict {
    let (accounts, totals) = host.complete(world, parts)?;
    let shop = shop(world);
    let mut seen: BTreeMap<Subject, &Json> = BTreeMap::new();
    let mut sums: BTreeMap<String, (Row, u32)> = BTreeMap::new();
    for account in &accounts {
        let fact = subject(account, "object");
        let row = NAMES.map(|name| decimal(account, name));
        let about = |what: &str| format!("completeness, {fact:?}: {what}: {}", account.write());
        ensure(row[0] == row[1] + row[2] + row[3], || about("does not add up"))?;
        ensure(seen.insert(fact.clone(), account).is_none(), || about("stands twice"))?;
        let gone = (account.str_at("currency").to_owned(), Decimal::ZERO, true);
        let (currency, amount, dropped) = shop.get(&fact).unwrap_or(&gone);
        let held = host.takings.get(&fact).is_some_and(|taking| taking.state != "ready");
        let near = held && (row[0] - *amount).abs() <= Decimal::new(1, 2);
        ensure(row[0] == *amount || near, || about(&format!("the shop has {amount}")))?;
        let amount = &row[0];
        let posted = posted(host, &fact, currency, *amount);
        ensure(row[1] == posted, || about(&format!("{posted} is posted")))?;
        let excluded = if *dropped && !host.own.contains(&fact) { *amount } else { Decimal::ZERO };
        ensure(row[2] == excluded, || about(&format!("{excluded} is excluded")))?;
        let sum = sums.entry(account.str_at("currency").to_owned()).or_default();
        for (sum, amount) in sum.0.iter_mut().zip(row) {
            *sum += amount;
        }
        sum.1 += 1;
    }
    for fact in shop.keys() {
        ensure(seen.contains_key(fact), || format!("completeness: {fact:?} is missing"))?;
    }
    for total in &totals {
        let row = NAMES.map(|name| decimal(total, name));
        let count: u32 = total.str_at("count").parse().unwrap_or_default();
        let sum = sums.remove(total.str_at("currency")).unwrap_or_default();
        ensure((row, count) == sum, || format!("completeness: {} is not {sum:?}", total.write()))?;
    }
    ensure(sums.is_empty(), || format!("completeness: no totals of {sums:?}"))
}
