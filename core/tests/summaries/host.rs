//! A model of the host: it asks, sends what is planned, and keeps what became of it.

#[path = "host/kept.rs"]
mod kept;

use std::collections::{BTreeMap, BTreeSet};

use tillbook_core::call;

use crate::{
    clock::day_text,
    json::{Json, number, object, text},
    orders,
    world::World,
};

pub(crate) use kept::{Fate, Member, Sent, Share, State, Subject, Taking, member, subject};
use kept::{decimal, order_of};

/// What `summarise` gave.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    pub(crate) found: Vec<Json>,
    pub(crate) members: Vec<Json>,
    pub(crate) waiting: Vec<Json>,
    pub(crate) documents: Vec<Json>,
    steps: Vec<Json>,
}

/// What the host keeps.
#[derive(Debug, Default)]
pub(crate) struct Host {
    pub(crate) takings: BTreeMap<Subject, Taking>,
    pub(crate) members: Vec<Member>,
    /// Members of documents whose answer was lost.
    lost: Vec<Member>,
    pub(crate) sent: Vec<Sent>,
    /// Orders and refunds with documents of their own.
    pub(crate) own: BTreeSet<Subject>,
    /// Orders whose members or links have changed.
    touched: BTreeSet<u64>,
    asked: String,
}

/// The core's answer to a request.
fn ask(operation: &str, request: &str) -> Result<Json, String> {
    let reply = Json::parse(&call(operation, request))?;
    let Json::Object(fields) = reply else { return Err("no object".into()) };
    match fields.into_iter().next() {
        Some((name, ok)) if name == "ok" => Ok(ok),
        other => Err(format!("{operation} answers {other:?}")),
    }
}

impl Host {
    /// Forgets nothing: orders whose postings changed are asked again, and all at need.
    pub(crate) fn ask_takings(&mut self, world: &mut World, all: bool) -> Result<(), String> {
        let settings = world.rules.settings(&world.shop).write();
        let all = all || settings != self.asked;
        let touched = core::mem::take(&mut self.touched);
        let wanted: Vec<u64> = (world.sales.iter())
            .filter(|sale| !sale.gone && (all || sale.changed || touched.contains(&sale.id)))
            .map(|sale| sale.id)
            .collect();
        self.asked = settings;
        let stays = |subject: &Subject| world.has(subject);
        self.takings.retain(|subject, _| stays(subject));
        for part in wanted.chunks(50) {
            self.ask_part(world, part)?;
        }
        for sale in &mut world.sales {
            sale.changed = false;
        }
        Ok(())
    }

    fn ask_part(&mut self, world: &World, part: &[u64]) -> Result<(), String> {
        let chosen = || world.sales.iter().filter(|sale| part.contains(&sale.id));
        let sales: Vec<String> = chosen().map(|sale| sale.request(&world.shown)).collect();
        let mut summarised = Vec::new();
        for id in part {
            let own = |member: &&Member| {
                let sold = member.shares.iter().any(Share::is_sold);
                member.order == *id && (member.object.0 != "entry" || sold)
            };
            if let Some(member) = self.members.iter().find(own) {
                let document = text(&*member.document);
                summarised.push(object([("order_id", number(id)), ("document", document)]));
            }
        }
        let map = object([
            ("contract", number(1)),
            ("shop", world.shop.facts.clone()),
            ("settings", Json::Raw(self.asked.clone())),
            ("chart", Json::Raw(world.chart.clone())),
            ("sales", Json::Raw(format!("[{}]", sales.join(",")))),
            ("products", orders::products()),
            ("summarised", Json::List(summarised)),
        ]);
        let request = object([
            ("contract", number(1)),
            ("map", map),
            ("zone", Json::Raw(world.handed.request())),
            ("links", self.own_links(part)),
        ]);
        let reply = ask("takings", &request.write())?;
        for outcome in reply.list_at("takings") {
            let raw = outcome.get("taking").unwrap();
            let taking = Taking {
                order: order_of(raw),
                state: if raw.str_at("state").is_empty() {
                    "ready".into()
                } else {
                    raw.str_at("state").into()
                },
                route: if raw.str_at("route").is_empty() {
                    "individual".into()
                } else {
                    raw.str_at("route").into()
                },
                group: raw.str_at("group").into(),
                reason: raw.str_at("reason").into(),
                day: raw.str_at("day").into(),
                amount: decimal(raw, "amount"),
                raw: raw.clone(),
            };
            self.takings.insert(subject(raw, "object"), taking);
        }
        Ok(())
    }

    /// Links of documents of their own, of some orders.
    pub(crate) fn own_links(&self, orders: &[u64]) -> Json {
        let order_of = |subject: &Subject| self.takings.get(subject).map_or(0, |one| one.order);
        let own = self.own.iter().filter(|subject| orders.contains(&order_of(subject)));
        let link = |subject: &Subject| {
            let kind = if subject.0 == "order" { "invoice" } else { "credit_note" };
            object([
                ("document", text(kind)),
                ("purpose", text("document")),
                ("id", number(&subject.1)),
                ("order_id", number(order_of(subject))),
                ("xero_id", text(format!("own-{}", subject.1))),
                ("number", text(format!("WEB-{}", subject.1))),
                ("sha256", text("")),
            ])
        };
        Json::List(own.map(link).collect())
    }

    /// Links of summaries that are known.
    pub(crate) fn links(&self) -> Vec<Json> {
        let known = |sent: &&Sent| matches!(sent.state, State::Live | State::Undone);
        self.sent.iter().filter(known).map(|sent| sent.link(&sent.xero_id)).collect()
    }

    fn ledger(&self) -> Json {
        let of = |credit: bool| {
            let own = self.sent.iter().filter(|sent| sent.credit == credit);
            Json::List(own.map(Sent::standing).collect())
        };
        object([("invoices", of(false)), ("credit_notes", of(true))])
    }

    /// Subjects that stand in documents and that nobody has any more.
    pub(crate) fn gone(&self, world: &World) -> BTreeSet<Subject> {
        let own = self.members.iter().map(|member| &member.object);
        own.filter(|subject| !world.has(subject)).cloned().collect()
    }

    /// The order whose part something comes in.
    fn part_of(world: &World, member: &Member) -> u64 {
        if member.object.0 != "entry" {
            return member.order;
        }
        world.entry(&member.object.1).and_then(|entry| entry.order).unwrap_or_default()
    }

    /// One request of several, or the only one.
    fn request(
        &self,
        world: &World,
        (part, parts): (u64, u64),
        days: (i64, i64),
    ) -> Vec<(String, Json)> {
        let own = |order: u64| order % parts == part;
        let raw = |list: Vec<Json>| Json::List(list);
        let takings = self.takings.values().filter(|taking| own(taking.order));
        let until = world.clock.start_of(world.today + 1);
        let entries = world.entries().filter(|entry| entry.shown(until));
        let entries = entries.filter(|entry| own(entry.order.unwrap_or_default()));
        let posted: Vec<&Member> =
            self.members.iter().filter(|one| own(Self::part_of(world, one))).collect();
        let gone = self.gone(world);
        let lost = |subject: &&Subject| posted.iter().any(|member| member.object == **subject);
        let gone = gone
            .iter()
            .filter(lost)
            .map(|subject| object([("kind", text(&*subject.0)), ("id", text(&*subject.1))]));
        let payouts = world.payouts().map(|payout| Json::Raw(payout.request(world.today)));
        let fields = [
            ("contract", number(1)),
            ("shop", world.shop.facts.clone()),
            ("settings", Json::Raw(self.asked.clone())),
            ("chart", Json::Raw(world.chart.clone())),
            ("zone", Json::Raw(world.handed.request())),
            ("from", text(day_text(days.0))),
            ("to", text(day_text(days.1))),
            ("payouts", raw(payouts.collect())),
            ("takings", raw(takings.map(|taking| taking.raw.clone()).collect())),
            ("entries", raw(entries.map(|entry| Json::Raw(entry.request(&world.clock))).collect())),
            ("posted", raw(posted.iter().map(|member| member.raw.clone()).collect())),
            ("gone", raw(gone.collect())),
            ("links", raw(self.links())),
            ("ledger", self.ledger()),
        ];
        fields.into_iter().map(|(name, value)| (name.into(), value)).collect()
    }

    /// Sums up some days, in parts.
    pub(crate) fn sum_up(
        &self,
        world: &World,
        parts: u64,
        days: (i64, i64),
        redo: bool,
    ) -> Result<Reply, String> {
        let mut reply = Reply::default();
        let mut sums = Json::List(Vec::new());
        for part in 0..parts {
            let mut fields = self.request(world, (part, parts), days);
            fields.push(("redo".into(), Json::Bool(redo)));
            fields.push(("sums".into(), sums));
            fields.push(("more".into(), Json::Bool(part + 1 < parts)));
            if part == 0 {
                let lost = self.sent.iter().filter(|sent| sent.state == State::Lost);
                let lost = lost.map(|sent| {
                    object([("link", sent.link("")), ("total", text(sent.total.to_string()))])
                });
                fields.push(("sent".into(), Json::List(lost.collect())));
            }
            let answer = ask("summarise", &Json::Object(fields).write())?;
            reply.found.extend(answer.list_at("found").iter().cloned());
            if !reply.found.is_empty() {
                return Ok(reply);
            }
            reply.members.extend(answer.list_at("members").iter().cloned());
            reply.waiting.extend(answer.list_at("waiting").iter().cloned());
            sums = Json::List(answer.list_at("sums").to_vec());
            reply.documents = answer.list_at("documents").to_vec();
            let waves = answer.get("plan").map(|plan| plan.list_at("waves").to_vec());
            let calls = waves.unwrap_or_default();
            let calls = calls.iter().flat_map(Json::list);
            reply.steps = calls.flat_map(|call| call.list_at("steps").to_vec()).collect();
        }
        Ok(reply)
    }

    /// Keeps what a lost answer made.
    pub(crate) fn keep_found(&mut self, found: &[Json]) {
        for link in found {
            let key = link.str_at("key");
            let own = |sent: &&mut Sent| sent.state == State::Lost && sent.key == key;
            self.sent.iter_mut().find(own).unwrap().state = State::Live;
            let (back, rest) = self.lost.drain(..).partition(|member| member.document == key);
            self.lost = rest;
            self.keep(back);
        }
    }

    /// Whether an answer has been lost.
    pub(crate) fn has_lost(&self) -> bool {
        self.sent.iter().any(|sent| sent.state == State::Lost)
    }

    fn keep(&mut self, members: Vec<Member>) {
        self.touched.extend(members.iter().map(|member| member.order));
        self.members.extend(members);
    }

    /// Sends what is planned; `fate` says what becomes of each document.
    pub(crate) fn send(&mut self, reply: &Reply, mut fate: impl FnMut() -> Fate) -> Vec<Sent> {
        let mut done = Vec::new();
        for step in &reply.steps {
            let key = step.str_at("key");
            let fate = fate();
            if fate == Fate::Refused {
                continue;
            }
            let shown = reply.documents.iter().find(|document| document.str_at("key") == key);
            let shown = shown.unwrap();
            let members: Vec<Member> = (reply.members.iter())
                .filter(|member| member.str_at("document") == key)
                .map(member)
                .collect();
            let number = |name: &str| step.str_at(name).parse().unwrap_or_default();
            let sent = Sent {
                key: key.into(),
                number: step.str_at("number").into(),
                credit: step.str_at("document") == "credit_note",
                body: Json::parse(step.str_at("body")).unwrap(),
                total: decimal(step, "amount"),
                begins: number("begins"),
                ends: number("ends"),
                date: shown.str_at("date").into(),
                state: if fate == Fate::Lost { State::Lost } else { State::Live },
                xero_id: format!("x-{}", self.sent.len() + 1),
            };
            let again = |known: &&mut Sent| known.state == State::Undone && known.key == key;
            if let Some(before) = self.sent.iter_mut().find(again) {
                before.state = State::Replaced;
            }
            if fate == Fate::Lost {
                self.lost.extend(members);
            } else {
                self.keep(members);
            }
            done.push(sent.clone());
            self.sent.push(sent);
        }
        done
    }

    /// A person takes a summary back.
    pub(crate) fn undo(&mut self, world: &World, key: &str) -> Result<(), String> {
        let today = (world.today, world.today);
        let keep =
            ["contract", "shop", "settings", "chart", "zone", "from", "to", "links", "ledger"];
        let mut fields = self.request(world, (0, 1), today);
        fields.retain(|(name, _)| keep.contains(&&**name));
        fields.push(("undo".into(), Json::List(vec![text(key)])));
        let reply = ask("summarise", &Json::Object(fields).write())?;
        let waves = reply.get("plan").map(|plan| plan.list_at("waves").to_vec());
        let waves = waves.unwrap_or_default();
        let steps = waves.iter().flat_map(Json::list).flat_map(|call| call.list_at("steps"));
        let voids: Vec<&Json> = steps.collect();
        if voids.len() != 1 || voids[0].str_at("action") != "void" || voids[0].str_at("key") != key
        {
            return Err(format!("{key} is not voided: {}", reply.write()));
        }
        let live = |sent: &&mut Sent| sent.key == key && sent.state == State::Live;
        self.sent.iter_mut().find(live).unwrap().state = State::Undone;
        let (gone, rest) = self.members.drain(..).partition(|member| member.document == key);
        self.members = rest;
        let gone: Vec<Member> = gone;
        self.touched.extend(gone.iter().map(|member| member.order));
        Ok(())
    }

    /// Posts orders and refunds that have documents of their own, and takes back what is dropped.
    pub(crate) fn post_own(&mut self, mut now: impl FnMut() -> bool) {
        let takings: Vec<(Subject, Taking)> = self
            .takings
            .iter()
            .map(|(subject, taking)| (subject.clone(), taking.clone()))
            .collect();
        for (subject, taking) in takings {
            let order = ("order".to_owned(), taking.order.to_string());
            let free = subject.0 == "order" || self.own.contains(&order);
            let changed = if taking.state == "individual" && free && now() {
                self.own.insert(subject)
            } else if taking.state == "excluded" {
                self.own.remove(&subject)
            } else {
                false
            };
            if changed {
                self.touched.insert(taking.order);
            }
        }
        let (takings, own) = (&self.takings, &mut self.own);
        own.retain(|subject| takings.contains_key(subject));
    }

    /// What `completeness` says.
    pub(crate) fn complete(
        &self,
        world: &World,
        parts: u64,
    ) -> Result<(Vec<Json>, Vec<Json>), String> {
        let (mut accounts, mut totals) = (Vec::new(), Vec::new());
        for part in 0..parts {
            let own = |order: u64| order % parts == part;
            let orders: Vec<u64> =
                world.sales.iter().map(|sale| sale.id).filter(|id| own(*id)).collect();
            let takings = self.takings.values().filter(|taking| own(taking.order));
            let posted = self.members.iter().filter(|member| own(member.order));
            let facts: BTreeSet<&Subject> = posted.clone().map(Member::fact).collect();
            let gone = facts.into_iter().filter(|fact| !fact.0.is_empty() && !world.has(fact));
            let gone = gone.map(|one| object([("kind", text(&*one.0)), ("id", text(&*one.1))]));
            let mut links = self.own_links(&orders).list().to_vec();
            links.extend(self.links());
            let request = object([
                ("contract", number(1)),
                ("takings", Json::List(takings.map(|taking| taking.raw.clone()).collect())),
                ("gone", Json::List(gone.collect())),
                ("links", Json::List(links)),
                ("posted", Json::List(posted.map(|member| member.raw.clone()).collect())),
                ("totals", Json::List(totals)),
            ]);
            let reply = ask("completeness", &request.write())?;
            accounts.extend(reply.list_at("accounts").iter().cloned());
            totals = reply.list_at("totals").to_vec();
        }
        Ok((accounts, totals))
    }
}
