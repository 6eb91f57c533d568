//! Documents against their members, and payouts against their deposits (law L5).

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{Verdict, ensure};
use crate::{
    clock::{day_of_text, day_text},
    host::{Host, Member, Sent, State},
    json::Json,
    sale::digits_of,
    woo::round,
    world::World,
};

/// A line as the test reckons it: account, tax type, amount with tax, tax.
type Line = (String, String, Decimal, Decimal);

fn decimal(json: &Json, name: &str) -> Decimal {
    json.str_at(name).parse().unwrap()
}

/// The percentage of a tax type of the chart.
fn percent(world: &World, tax_type: &str) -> Decimal {
    let rates = world.shop.chart.list_at("tax_rates");
    let own =
        |rate: &&Json| rate.str_at("TaxType") == tax_type && rate.str_at("Status") == "ACTIVE";
    rates.iter().find(own).map_or(Decimal::ZERO, |rate| decimal(rate, "EffectiveRate"))
}

/// Half-up, by line, the tax within the amount: what Xero does.
fn reckon(world: &World, line: &Json) -> Line {
    let gross = round(decimal(line, "UnitAmount") * decimal(line, "Quantity"), 2);
    let tax_type = line.str_at("TaxType").to_owned();
    let rate = percent(world, &tax_type);
    let tax = match line.get("TaxAmount") {
        Some(stated) => stated.as_str().unwrap().parse().unwrap(),
        None => round(gross * rate / (Decimal::ONE_HUNDRED + rate), 2),
    };
    (line.str_at("AccountCode").into(), tax_type, gross, tax)
}

/// What members bring to one line of a document.
#[derive(Default)]
struct Wanted {
    kind: String,
    account: String,
    tax_type: String,
    gross: Decimal,
    tax: Decimal,
    shares: i64,
}

/// What was sent just now, against the members it was sent with.
pub(crate) fn documents(world: &World, host: &Host, sent: &[Sent], members: &[Member]) -> Verdict {
    for one in sent {
        let own: Vec<&Member> =
            members.iter().filter(|member| member.document == one.key).collect();
        let about =
            |what: String| format!("{} ({}): {what}\n{}", one.key, one.number, one.body.write());
        body(world, one, &own).map_err(about)?;
        if !one.is_payout() {
            daily(world, host, one, &own).map_err(about)?;
        }
    }
    Ok(())
}

fn body(world: &World, sent: &Sent, members: &[&Member]) -> Verdict {
    let sign = if sent.credit { -Decimal::ONE } else { Decimal::ONE };
    ensure((sent.body.str_at("Type") == "ACCRECCREDIT") == sent.credit, || "type".into())?;
    ensure(sent.body.str_at("LineAmountTypes") == "Inclusive", || "not inclusive".into())?;
    let lines = sent.body.list_at("LineItems").iter().map(|line| reckon(world, line));
    let lines =
        lines.map(|(account, tax_type, gross, tax)| (account, tax_type, gross * sign, tax * sign));
    let mut lines: Vec<Line> = lines.collect();
    let total: Decimal = lines.iter().map(|line| line.2).sum();
    ensure(total == sent.total * sign && sent.total >= Decimal::ZERO, || {
        format!("Xero would total {total}, the plan says {}", sent.total)
    })?;
    let mut wanted: BTreeMap<(String, String), Wanted> = BTreeMap::new();
    for member in members {
        for share in &member.shares {
            let line = wanted.entry((member.adjusts.clone(), share.line.clone())).or_default();
            line.kind.clone_from(&share.kind);
            line.account.clone_from(&share.account);
            line.tax_type.clone_from(&share.tax_type);
            line.gross += share.gross;
            line.tax += share.tax;
            line.shares += 1;
        }
    }
    for line in wanted.values().filter(|line| !line.gross.is_zero() || !line.tax.is_zero()) {
        take(line, &mut lines)?;
    }
    taxes(world, wanted.values())?;
    // What is left is a line without an amount, or what finer amounts leave.
    let bound = if digits_of(sent.body.str_at("CurrencyCode")) > 2 && sent.is_payout() {
        // All of a payout's entries are rounded, and what adjusts others': its last document has
        // what that makes.
        let payout = sent.key.split('/').nth(2).unwrap_or_default();
        let entries = world.entries().filter(|entry| entry.payout == payout).count();
        Decimal::new(1, 2) * Decimal::from(entries + members.len())
    } else {
        Decimal::ZERO
    };
    let rest: Decimal = lines.iter().map(|line| line.2.abs() + line.3.abs()).sum();
    ensure(lines.len() <= 1 && rest <= bound, || format!("lines without members: {lines:?}"))
}

/// Takes the document's line that members want.
fn take(line: &Wanted, lines: &mut Vec<Line>) -> Verdict {
    let fee = line.kind == "gateway_fees";
    let alike = |one: &&Line| {
        let same = one.0 == line.account && one.1 == line.tax_type && one.2 == line.gross;
        same && (fee || one.3 == line.tax)
    };
    let Some(at) = lines.iter().position(|one| alike(&one)) else {
        let (account, tax_type) = (&line.account, &line.tax_type);
        return Err(format!(
            "no line of {account} {tax_type} with {} and tax {}, but {lines:?}",
            line.gross, line.tax
        ));
    };
    lines.remove(at);
    Ok(())
}

/// The tax of each type is what Xero would reckon, but for what each share's rounding makes: one
/// and a half units, twice where a share is what was adjusted or divided; rates that Xero keeps with
/// four decimals can make a thousandth of the amounts more.
fn taxes<'a>(world: &World, wanted: impl Iterator<Item = &'a Wanted>) -> Verdict {
    let mut types: BTreeMap<&str, [Decimal; 4]> = BTreeMap::new();
    for line in wanted.filter(|line| line.kind != "gateway_fees") {
        let rate = percent(world, &line.tax_type);
        let reckoned = line.gross * rate / (Decimal::ONE_HUNDRED + rate);
        let sums = types.entry(&line.tax_type).or_default();
        let found = [line.tax, reckoned, Decimal::from(line.shares), line.gross.abs()];
        for (sum, amount) in sums.iter_mut().zip(found) {
            *sum += amount;
        }
    }
    let whole = world.shop.rounding.digits == 0;
    let unit = if whole { Decimal::ONE } else { Decimal::new(1, 2) };
    for (tax_type, [tax, reckoned, shares, moved]) in types {
        let bound = unit * Decimal::from(3) * shares + moved * Decimal::new(1, 3);
        ensure((tax - reckoned).abs() <= bound, || {
            format!("{tax} of {tax_type} are far from {reckoned}, for {shares} shares")
        })?;
    }
    Ok(())
}

/// A day's document covers its day, and what is in it for the first time happened on that day.
fn daily(world: &World, host: &Host, sent: &Sent, members: &[&Member]) -> Verdict {
    let day = sent.key.rsplit('/').next().map(day_of_text).unwrap();
    let (from, to) = (world.clock.start_of(day), world.clock.start_of(day + 1));
    ensure((sent.begins, sent.ends) == (from, to), || {
        format!("covers {} to {}, the day is {from} to {to}", sent.begins, sent.ends)
    })?;
    for member in members {
        let about = |what: &str| format!("{:?} {what}", member.object);
        if !member.adjusts.is_empty() {
            let adjusted = host.sent.iter().find(|one| one.number == member.adjusts);
            let adjusted = adjusted.ok_or_else(|| about("adjusts what was never sent"))?;
            ensure(adjusted.key < sent.key, || about(&format!("adjusts {}", adjusted.key)))?;
            continue;
        }
        let moment = if member.object.0 == "order" {
            world.sale(&member.object.1).and_then(|sale| sale.moment(world.rules.day))
        } else {
            let order = world.order_of_refund(&member.object.1);
            let mut refunds = order.into_iter().flat_map(|sale| &sale.refunds);
            let own = refunds.find(|refund| refund.id.to_string() == member.object.1);
            own.map(|refund| refund.created)
        };
        let inside = moment.is_some_and(|moment| from <= moment && moment < to);
        ensure(inside, || about(&format!("of {moment:?} lies outside of {from} to {to}")))?;
    }
    Ok(())
}

/// L5: the documents of a payout come to its deposit.
pub(crate) fn deposits(world: &World, host: &Host, refused: &[String], all: bool) -> Verdict {
    for payout in world.payouts() {
        let beginning = format!("payout/{}/{}/", payout.source, payout.id);
        let own = || host.sent.iter().filter(|sent| sent.key.starts_with(&beginning));
        let open = own().any(|sent| sent.state == State::Undone)
            || refused.iter().any(|key| key.starts_with(&beginning));
        let signed = |sent: &Sent| if sent.credit { -sent.total } else { sent.total };
        let live: Vec<&Sent> =
            own().filter(|sent| matches!(sent.state, State::Live | State::Lost)).collect();
        let deposit = round(payout.amount, 2);
        let total: Decimal = live.iter().map(|sent| signed(sent)).sum();
        let due = payout.day <= world.today && world.rules.summary_on(payout.day);
        if live.is_empty() && !(all && due) || (open && !all) {
            continue;
        }
        // Halves that are not made at once, where amounts are finer than Xero's.
        let arrival = day_text(payout.day);
        let early = |sent: &&Sent| !sent.key.ends_with(&arrival[..7]);
        let halves = digits_of(&payout.currency) > 2 && live.iter().any(early);
        let near = halves && (total - deposit).abs() <= Decimal::new(2, 2);
        ensure((total == deposit || near) && !live.is_empty(), || {
            format!(
                "L5: {beginning} comes to {total} in {} documents, {deposit} reached the bank",
                live.len()
            )
        })?;
    }
    Ok(())
}
