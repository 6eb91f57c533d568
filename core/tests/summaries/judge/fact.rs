//! Every fact is in exactly one place (law L6).

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::{Verdict, ensure};
use crate::{
    host::{Host, Reply, Subject, Taking, subject},
    sale::{Sale, Stage, digits_of},
    woo::round,
    world::World,
};

/// What stands in documents, by fact.
#[derive(Default)]
struct Posted {
    daily: Decimal,
    paid_out: Decimal,
    converted: bool,
}

fn posted(host: &Host, currency: impl Fn(u64) -> String) -> BTreeMap<Subject, Posted> {
    let mut posted: BTreeMap<Subject, Posted> = BTreeMap::new();
    for member in &host.members {
        let one = posted.entry(member.fact().clone()).or_default();
        if member.object.0 == "entry" {
            one.paid_out += member.sold();
            one.converted |= member.currency != currency(member.order);
        } else {
            one.daily += member.gross();
        }
    }
    posted
}

/// What the gateway moved for an order or refund, of what its payouts' documents hold; `None`
/// where it does not say in the order's currency.
fn moved(world: &World, host: &Host, kind: &str, sale: &Sale, refund: Option<u64>) -> Decimal {
    let posted: BTreeSet<&str> = (host.members.iter())
        .filter(|member| member.object.0 == "entry")
        .map(|member| &*member.object.1)
        .collect();
    let own = world.entries().filter(|entry| {
        entry.kind == kind
            && entry.order == Some(sale.id)
            && entry.refund == refund
            && posted.contains(&*entry.id)
    });
    own.map(crate::gateway::Entry::moved_for).sum()
}

/// At the end: all that is ready is posted once, and all else is not.
pub(crate) fn facts(world: &World, host: &Host, held: &mut usize) -> Verdict {
    let currency = |id: u64| {
        let sale = world.sales.iter().find(|sale| sale.id == id);
        sale.map(|sale| sale.currency.clone()).unwrap_or_default()
    };
    let all = posted(host, currency);
    let nothing = Posted::default();
    for sale in world.sales.iter().filter(|sale| !sale.gone) {
        let subject = ("order".to_owned(), sale.id.to_string());
        let found = all.get(&subject).unwrap_or(&nothing);
        let about = |what: String| format!("L6: {subject:?} of {}: {what}", sale.method);
        let charged = moved(world, host, "charge", sale, None);
        let fact = Fact { world, host, sale, subject: &subject };
        fact.check(found, sale.posted_total(), charged, held).map_err(about)?;
        let refunded = sale.refunded(&world.shown);
        for (id, amount) in refunded {
            let subject = ("refund".to_owned(), id.to_string());
            let found = all.get(&subject).unwrap_or(&nothing);
            let about = |what: String| format!("L6: {subject:?} of {}: {what}", sale.id);
            let back = moved(world, host, "refund", sale, Some(id));
            let fact = Fact { world, host, sale, subject: &subject };
            fact.check(found, amount, back, held).map_err(about)?;
        }
    }
    for (subject, found) in all.iter().filter(|(subject, _)| !subject.0.is_empty()) {
        let zero = found.daily.is_zero() && found.paid_out.is_zero();
        // Whose order a person has to look at stays as it is.
        let order = host.members.iter().find(|member| member.fact() == subject);
        let order = ("order".to_owned(), order.map_or(0, |member| member.order).to_string());
        let held = host.takings.get(&order).is_some_and(|order| order.state == "held");
        ensure(zero || held || world.has(subject), || {
            let (daily, paid_out) = (found.daily, found.paid_out);
            format!("L6: {subject:?} is gone and still posted: daily {daily}, paid out {paid_out}")
        })?;
    }
    entries(world, host)
}

/// One order or refund.
struct Fact<'a> {
    world: &'a World,
    host: &'a Host,
    sale: &'a Sale,
    subject: &'a Subject,
}

impl Fact<'_> {
    fn check(&self, found: &Posted, amount: Decimal, moved: Decimal, held: &mut usize) -> Verdict {
        let Some(taking) = self.host.takings.get(self.subject) else {
            return Err("no taking".into());
        };
        let shown = || {
            format!(
                "{} ({}) {} of {amount}, daily {}, paid out {} of {moved}",
                taking.state, taking.reason, taking.route, found.daily, found.paid_out
            )
        };
        // What is not posted may be finer than what could be posted of it.
        let near = taking.state != "ready" && (taking.amount - amount).abs() <= Decimal::new(1, 2);
        ensure(taking.amount == amount || near, || {
            format!("comes to {}, {}", taking.amount, shown())
        })?;
        let both = !found.daily.is_zero() && !found.paid_out.is_zero();
        ensure(!both, || format!("in a day and in a payout: {}", shown()))?;
        let zero = found.daily.is_zero() && found.paid_out.is_zero();
        if self.host.own.contains(self.subject) {
            return ensure(zero, || format!("individually and in a summary: {}", shown()));
        }
        if taking.state == "held" {
            let unclear = !self.sale.spoilt && !self.sale.overdrawn();
            *held += usize::from(
                unclear && self.sale.stage(self.world.shop.skips_zero) != Stage::Unknown,
            );
            return Ok(());
        }
        let stage = self.sale.stage(self.world.shop.skips_zero);
        match stage {
            Stage::Sold if amount.is_zero() => {
                ensure(found.daily.is_zero() && found.paid_out.is_zero(), shown)
            }
            Stage::Sold if taking.state == "ready" => self
                .sold(taking, found, amount, moved)
                .map_err(|what| format!("{what}: {}", shown())),
            Stage::Sold => Err(format!("sold, but {}", shown())),
            Stage::Unknown => ensure(taking.state == "held", shown),
            Stage::Unpaid | Stage::Dropped => {
                let wanted = if stage == Stage::Unpaid { "waiting" } else { "excluded" };
                ensure(zero && taking.state == wanted, shown)
            }
        }
    }

    fn sold(&self, taking: &Taking, found: &Posted, amount: Decimal, moved: Decimal) -> Verdict {
        if taking.route == "daily" {
            let dayless = taking.day.is_empty() && found.daily.is_zero();
            let wanted = if dayless { Decimal::ZERO } else { amount };
            return ensure(found.daily == wanted && found.paid_out.is_zero(), || "daily".into());
        }
        ensure(taking.route == "payout" && found.daily.is_zero(), || "route".into())?;
        if found.converted {
            return ensure(
                found.paid_out.is_zero() == moved.is_zero() || found.paid_out.abs() <= Decimal::ONE,
                || "converted".into(),
            );
        }
        let between = |low: Decimal, high: Decimal| round(moved, 2).max(low).min(high);
        let wanted = between(amount.min(Decimal::ZERO), amount.max(Decimal::ZERO));
        // Xero's two decimals are rounded charge by charge.
        let finer = digits_of(&self.sale.currency) > 2;
        let near = finer && (found.paid_out - wanted).abs() <= Decimal::new(2, 2);
        // Without a name, a refund is known by its amount alone.
        let alike = |one: &&crate::sale::Refund| {
            (round(one.amount, self.sale.digits) + amount).abs() <= Decimal::new(1, 2)
        };
        let keyless = self.subject.0 == "refund"
            && (found.paid_out.is_zero() || found.paid_out == amount)
            && self.sale.refunds.iter().filter(alike).any(|one| one.key.is_none());
        ensure(found.paid_out == wanted || near || keyless, || {
            format!("{wanted} should be paid out")
        })
    }
}

/// Every entry brings exactly what it moved, in all documents together.
fn entries(world: &World, host: &Host) -> Verdict {
    let mut brought: BTreeMap<&str, Decimal> = BTreeMap::new();
    for member in host.members.iter().filter(|member| member.object.0 == "entry") {
        *brought.entry(&member.object.1).or_default() += member.gross();
    }
    for entry in world.entries() {
        let digits = digits_of(&entry.currency).min(2);
        let net = round(entry.amount, digits) - round(entry.fee, digits);
        let net = if entry.gone { Decimal::ZERO } else { net };
        let payout = world.payouts().find(|payout| payout.id == entry.payout);
        let due = payout
            .is_some_and(|payout| payout.day <= world.today && world.rules.summary_on(payout.day));
        let found = brought.get(&*entry.id).copied();
        let shown = entry.shown(world.clock.start_of(world.today + 1));
        let right = found.map_or(!due || !shown, |found| found == net);
        ensure(right, || format!("L6: {} brings {found:?} of {net}", entry.id))?;
    }
    Ok(())
}

/// At any time: what the shop and the gateways have is in a document, or waits with a reason.
pub(crate) fn everywhere(world: &World, host: &Host, reply: &Reply) -> Verdict {
    let of = |list: &[crate::json::Json]| -> BTreeSet<Subject> {
        list.iter().flat_map(|one| [subject(one, "object"), subject(one, "stands_for")]).collect()
    };
    let (made, waiting) = (of(&reply.members), of(&reply.waiting));
    let posted = host.members.iter().flat_map(|member| [&member.object, &member.stands_for]);
    let posted: BTreeSet<&Subject> = posted.collect();
    let named: BTreeSet<u64> = world.entries().filter_map(|entry| entry.order).collect();
    let known = |subject: &Subject| {
        made.contains(subject) || waiting.contains(subject) || posted.contains(subject)
    };
    for (subject, taking) in &host.takings {
        let out = matches!(&*taking.state, "individual" | "excluded");
        let moved = taking.route == "payout" && named.contains(&taking.order);
        ensure(out || moved || known(subject), || {
            format!("L6: {subject:?} is {} and nowhere ({})", taking.state, taking.group)
        })?;
    }
    let until = world.clock.start_of(world.today + 1);
    for entry in world.entries().filter(|entry| entry.shown(until)) {
        let subject = ("entry".to_owned(), entry.id.clone());
        ensure(known(&subject), || format!("L6: {subject:?} is nowhere"))?;
    }
    Ok(())
}
