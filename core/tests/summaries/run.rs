//! A shop from its first day to its last, with a host that sums up every few days.

use std::collections::BTreeMap;

use crate::{
    host::{Fate, Host, Member, Reply, Sent, State, member},
    json::Json,
    judge::{self, Verdict, ensure},
    random::Random,
    world::{DAYS, World},
};

/// How often something happened.
pub(crate) type Counts = BTreeMap<&'static str, usize>;

/// A run.
pub(crate) struct Run {
    world: World,
    host: Host,
    random: Random,
    counts: Counts,
    held: usize,
    /// Keys of documents that Xero refused and that were not made since.
    refused: Vec<String>,
    /// The same of all days: other days may have been asked for since.
    open: Vec<String>,
    /// What was planned last and not to be sent, with its findings.
    stopped: Vec<String>,
}

/// Runs a shop; what is wrong names the day.
pub(crate) fn run(seed: u64, index: u64, shift: i64) -> Result<Counts, String> {
    let mut random = Random::new(seed, index);
    let world = World::draw(&mut random, shift);
    let host = Host::default();
    let (counts, refused, open, stopped) = Default::default();
    let mut run = Run { world, host, random, counts, held: 0, refused, open, stopped };
    let verdict = run.all();
    let world = &run.world;
    let zone = world.clock.name;
    let about = |what| {
        let day = world.today - world.start;
        let settings = world.settings().write();
        let stopped = run.stopped.join("\n");
        format!(
            "TILLBOOK_SEED={seed}, shop {index} ({zone}), day {day}: {what}\nSTOPPED {stopped}\n{settings}"
        )
    };
    verdict.map_err(about)?;
    Ok(run.counts)
}

impl Run {
    fn count(&mut self, what: &'static str, number: usize) {
        *self.counts.entry(what).or_default() += number;
    }

    fn all(&mut self) -> Verdict {
        for day in 0..DAYS {
            self.world.today = self.world.start + day;
            self.world.live(&mut self.random);
            if self.random.chance(16) {
                self.sync(false)?;
            }
        }
        for _ in 0..2 {
            self.world.close(&mut self.random);
            self.sync(true)?;
        }
        let (world, host) = (&self.world, &self.host);
        judge::deposits(world, host, &[], true)?;
        judge::facts(world, host, &mut self.held)?;
        judge::accounts(world, host, 1)?;
        self.tally();
        Ok(())
    }

    fn tally(&mut self) {
        let of = |state: State| self.host.sent.iter().filter(|sent| sent.state == state).count();
        let (live, undone) = (of(State::Live), of(State::Replaced));
        let payouts = self.host.sent.iter().filter(|sent| sent.is_payout()).count();
        let credits = self.host.sent.iter().filter(|sent| sent.credit).count();
        let zero = self.host.sent.iter().filter(|sent| sent.total.is_zero()).count();
        let adjusting = self.host.members.iter().filter(|one| !one.adjusts.is_empty()).count();
        self.count("shops", 1);
        self.count("orders", self.world.sales.len());
        self.count("refunds", self.world.sales.iter().map(|sale| sale.refunds.len()).sum());
        self.count("entries", self.world.entries().count());
        self.count("documents", live);
        self.count("remade", undone);
        self.count("of payouts", payouts);
        self.count("credit notes", credits);
        self.count("zero", zero);
        self.count("adjustments", adjusting);
        self.count("individual", self.host.own.len());
        self.count("held for good", self.held);
    }

    /// Takings, documents, and what becomes of them.
    fn sync(&mut self, last: bool) -> Verdict {
        let all = last || self.random.chance(15);
        let back = if last || self.random.chance(70) { 1_000 } else { 20 };
        let days = ((self.world.today - back).max(self.world.start - 10), self.world.today);
        let redo = last || self.random.chance(10);
        self.host.ask_takings(&mut self.world, all)?;
        let reply = self.sum_up(days, redo)?;
        let stopped = reply.documents.iter().filter(|one| one.str_at("fate") != "create");
        let shown = |one: &Json| {
            let findings = one.get("findings").map(Json::write);
            format!("{} {}", one.str_at("key"), findings.unwrap_or_default())
        };
        self.stopped = stopped.map(shown).collect();
        if self.random.chance(12) {
            self.in_parts(&reply, days, redo)?;
        }
        if days.0 < self.world.start {
            judge::everywhere(&self.world, &self.host, &reply)?;
        }
        let (sent, members) = self.send(&reply, last);
        judge::documents(&self.world, &self.host, &sent, &members)?;
        if self.refused.is_empty() && (last || self.random.chance(30)) {
            self.again(days, redo)?;
        }
        judge::deposits(&self.world, &self.host, &self.open, false)?;
        let random = &mut self.random;
        self.host.post_own(|| last || random.chance(70));
        self.host.ask_takings(&mut self.world, false)?;
        if self.random.chance(25) {
            let parts = self.random.between(1, 3);
            judge::accounts(&self.world, &self.host, parts)?;
        }
        if !last && self.random.chance(8) {
            self.undo()?;
        }
        Ok(())
    }

    /// Sums up; what a lost answer made is kept first.
    fn sum_up(&mut self, days: (i64, i64), redo: bool) -> Result<Reply, String> {
        loop {
            let reply = self.host.sum_up(&self.world, 1, days, redo)?;
            if reply.found.is_empty() {
                ensure(!self.host.has_lost(), || "a lost document was not found".into())?;
                return Ok(reply);
            }
            self.count("found again", reply.found.len());
            self.host.keep_found(&reply.found);
            self.host.ask_takings(&mut self.world, false)?;
        }
    }

    /// The parts give what the whole gives.
    fn in_parts(&mut self, whole: &Reply, days: (i64, i64), redo: bool) -> Verdict {
        let parts = *self.random.pick(&[2, 3, 7]);
        let reply = self.host.sum_up(&self.world, parts, days, redo)?;
        let sorted = |list: &[Json]| {
            let mut list: Vec<String> = list.iter().map(Json::write).collect();
            list.sort();
            list
        };
        let shown = |what: &str, one: &[Json], other: &[Json]| {
            let (one, other) = (sorted(one), sorted(other));
            let only = |a: &[String], b: &[String]| -> Vec<String> {
                a.iter().filter(|text| !b.contains(text)).cloned().collect()
            };
            format!("{parts} parts: {what}\n{:#?}\n{:#?}", only(&one, &other), only(&other, &one))
        };
        let same = sorted(&whole.documents) == sorted(&reply.documents);
        ensure(same, || shown("documents", &whole.documents, &reply.documents))?;
        ensure(whole.documents == reply.documents, || "order of documents".into())?;
        let same = sorted(&whole.members) == sorted(&reply.members);
        ensure(same, || shown("members", &whole.members, &reply.members))?;
        let same = sorted(&whole.waiting) == sorted(&reply.waiting);
        ensure(same, || shown("waiting", &whole.waiting, &reply.waiting))?;
        self.count("in parts", 1);
        Ok(())
    }

    fn send(&mut self, reply: &Reply, last: bool) -> (Vec<Sent>, Vec<Member>) {
        let random = &mut self.random;
        let fates = || match random.below(20) {
            _ if last => Fate::Answered,
            0 => Fate::Lost,
            1 => Fate::Refused,
            _ => Fate::Answered,
        };
        let sent = self.host.send(reply, fates);
        let made = |key: &str| sent.iter().any(|one| one.key == key);
        let planned = reply.documents.iter().map(|document| document.str_at("key").to_owned());
        self.refused = planned.filter(|key| !made(key)).collect();
        self.open.extend(self.refused.iter().cloned());
        self.open.retain(|key| !made(key));
        let members = reply.members.iter().map(member);
        (sent, members.collect())
    }

    /// Summing up again right after sending plans nothing (law L7).
    fn again(&mut self, days: (i64, i64), redo: bool) -> Verdict {
        self.host.ask_takings(&mut self.world, false)?;
        let again = self.sum_up(days, redo)?;
        let list = |list: &[Json]| list.iter().map(Json::write).collect::<Vec<_>>().join("\n");
        ensure(again.documents.is_empty(), || {
            format!(
                "L7: sent, and summed up again: {}\n{}",
                list(&again.documents),
                list(&again.members)
            )
        })
    }

    /// A person takes a document back.
    fn undo(&mut self) -> Verdict {
        let live = self.host.sent.iter().filter(|sent| sent.state == State::Live);
        let keys: Vec<String> = live.map(|sent| sent.key.clone()).collect();
        if keys.is_empty() || self.host.has_lost() {
            return Ok(());
        }
        let key = self.random.pick(&keys).clone();
        self.host.undo(&self.world, &key)?;
        self.count("undone", 1);
        self.host.ask_takings(&mut self.world, false)
    }
}
