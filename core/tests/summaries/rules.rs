//! What the user chose, and what changes of it while the shop runs.

use crate::{
    clock::day_text,
    gateway::Gateway,
    json::{Json, number, object, text},
    random::Random,
    sale::set,
    shop::{Shop, TERMS_ROLE},
};

/// Something in the settings that stops documents or orders until it is cured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Broken {
    TaxSet,
    Cap,
    Prefix,
    Unmatched,
}

/// The choices that bear on summaries.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    modes: Vec<(i64, bool)>,
    /// Methods that pay out, by source.
    payers: Vec<(&'static str, String)>,
    groups: Vec<(&'static str, Vec<&'static str>)>,
    alone_gateways: Vec<&'static str>,
    alone_roles: bool,
    total_from: u64,
    /// Which moment decides the day.
    pub(crate) day: &'static str,
    split_months: bool,
    status: &'static str,
    broken: Option<Broken>,
}

const DAILY: [&str; 3] = ["bacs", "cod", "cheque"];

impl Rules {
    /// Draws the choices on the first day.
    pub(crate) fn draw(gateways: &[Gateway], start: i64, random: &mut Random) -> Self {
        let payer = |gateway: &Gateway| (gateway.source, gateway.method.clone());
        let late = random.chance(25);
        let begin = start + i64::try_from(random.below(20)).unwrap();
        Self {
            modes: vec![(if late { begin } else { start - 1_000 }, true)],
            payers: gateways.iter().map(payer).collect(),
            groups: if random.chance(40) { vec![("offline", vec!["bacs", "c*"])] } else { vec![] },
            alone_gateways: if random.chance(15) { vec!["cheque"] } else { vec![] },
            alone_roles: random.chance(15),
            total_from: if random.chance(20) { 5_000 } else { 0 },
            day: random.pick::<&str>(&["paid", "paid", "created", "completed"]),
            split_months: random.chance(75),
            status: random.pick::<&str>(&["authorised", "draft", "submitted"]),
            broken: None,
        }
    }

    /// Somebody changes his mind.
    pub(crate) fn change(&mut self, gateways: &[Gateway], today: i64, random: &mut Random) {
        match random.below(9) {
            0 => {
                let summary = self.modes.last().is_none_or(|mode| mode.1);
                self.modes.push((today + i64::try_from(random.below(4)).unwrap(), !summary));
            }
            1 if self.payers.len() == gateways.len() => drop(self.payers.pop()),
            1 => {
                let payer = |gateway: &Gateway| (gateway.source, gateway.method.clone());
                self.payers = gateways.iter().map(payer).collect();
            }
            2 => {
                let members = vec!["cod", *random.pick(&DAILY)];
                self.groups = vec![(random.pick::<&str>(&["shop", "offline"]), members)];
            }
            3 => self.groups.clear(),
            4 => self.alone_gateways = vec![*random.pick(&["bacs", "card_a", "cheque"])],
            5 => self.alone_gateways.clear(),
            6 => self.alone_roles = !self.alone_roles,
            7 => self.total_from = *random.pick(&[0, 100, 1_000]),
            _ => self.day = random.pick::<&str>(&["paid", "created", "completed"]),
        }
    }

    /// Somebody breaks the settings, or they are put right.
    pub(crate) fn shake(&mut self, random: &mut Random) {
        let kinds =
            [Broken::TaxSet, Broken::TaxSet, Broken::Cap, Broken::Prefix, Broken::Unmatched];
        self.broken = if self.broken.is_some() { None } else { Some(*random.pick(&kinds)) };
    }

    /// All is put right, and summaries go on.
    pub(crate) fn cure(&mut self, today: i64) {
        self.broken = None;
        self.modes.retain(|mode| mode.0 <= today);
        if !self.summary_on(today) {
            self.modes.push((today, true));
        }
    }

    /// Whether summaries count on a day.
    pub(crate) fn summary_on(&self, day: i64) -> bool {
        let last = self.modes.iter().filter(|mode| mode.0 <= day).max_by_key(|mode| mode.0);
        last.is_some_and(|mode| mode.1)
    }

    /// Whether something holds orders or documents now.
    pub(crate) const fn is_broken(&self) -> bool {
        self.broken.is_some()
    }

    /// The settings as a request has them.
    pub(crate) fn settings(&self, shop: &Shop) -> Json {
        let mut settings = shop.settings.clone();
        let texts = |list: &[&'static str]| Json::List(list.iter().map(|one| text(*one)).collect());
        let mode = |(from, summary): &(i64, bool)| {
            let mode = if *summary { "summary" } else { "individual" };
            object([("from", text(day_text(*from))), ("mode", text(mode))])
        };
        let payer = |(source, method): &(&'static str, String)| {
            object([("source", text(*source)), ("methods", Json::List(vec![text(&**method)]))])
        };
        let group = |(name, methods): &(&'static str, Vec<&'static str>)| {
            object([("name", text(*name)), ("methods", texts(methods))])
        };
        let total = if self.total_from == 0 { String::new() } else { self.total_from.to_string() };
        let unmatched = if self.broken == Some(Broken::Unmatched) { "" } else { "905" };
        let alone = object([
            ("gateways", texts(&self.alone_gateways)),
            ("roles", texts(if self.alone_roles { &[TERMS_ROLE] } else { &[] })),
            ("total_from", text(total)),
        ]);
        let accounts = object([
            ("reserves", text("901")),
            ("chargebacks", text("902")),
            ("adjustments", text("903")),
            ("transfers", text("904")),
            ("unmatched", text(unmatched)),
        ]);
        let summary = object([
            ("modes", Json::List(self.modes.iter().map(mode).collect())),
            ("individually", alone),
            ("payouts", Json::List(self.payers.iter().map(payer).collect())),
            ("groups", Json::List(self.groups.iter().map(group).collect())),
            ("day", text(self.day)),
            ("split_months", Json::Bool(self.split_months)),
            ("status", text(self.status)),
            ("accounts", accounts),
        ]);
        set(&mut settings, "summary", summary);
        set(&mut settings, "gateway_fees", object([("account", text("906"))]));
        set(&mut settings, "payments", object([("other", text("904"))]));
        self.break_in(&mut settings);
        settings
    }

    fn break_in(&self, settings: &mut Json) {
        match self.broken {
            Some(Broken::TaxSet) => {
                let mut tax = settings.get("tax").unwrap().clone();
                let rows = tax.list_at("sets").iter().skip(1).cloned().collect();
                set(&mut tax, "sets", Json::List(rows));
                set(settings, "tax", tax);
            }
            Some(Broken::Cap) => {
                set(
                    settings,
                    "rounding",
                    object([("account", text("860")), ("cap", text("much"))]),
                );
            }
            Some(Broken::Prefix) => {
                let mut invoice = settings.get("invoice").unwrap().clone();
                set(&mut invoice, "prefix", text(""));
                set(settings, "invoice", invoice);
            }
            Some(Broken::Unmatched) | None => {}
        }
    }
}

/// The chart with the accounts that only summaries need.
pub(crate) fn chart(shop: &Shop) -> Json {
    let mut chart = shop.chart.clone();
    let mut accounts = chart.list_at("accounts").to_vec();
    for code in 901..=906 {
        accounts.push(object([
            ("Code", text(number(code).as_str().unwrap())),
            ("Name", text(format!("Account {code}"))),
            ("Type", text("CURRENT")),
            ("Status", text("ACTIVE")),
        ]));
    }
    set(&mut chart, "accounts", Json::List(accounts));
    chart
}

/// A payment method without payouts.
pub(crate) fn daily_method(random: &mut Random) -> &'static str {
    random.pick::<&str>(&DAILY)
}
