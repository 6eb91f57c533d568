//! What is settled before anything happens: the store's regime, its organisation's chart, the
//! settings, and how much will go wrong. All of it comes from the seed.

use std::{
    collections::BTreeMap,
    sync::{Mutex, OnceLock, PoisonError},
};

use serde_json::value::{RawValue, to_raw_value};
use tillbook::{
    door::{Door, as_refs},
    sandbox::{Limits, Sandbox},
    xero_client::Chart,
};
use tillbook_core::{
    contract::{CONTRACT_VERSION, ProposeRequest},
    settings::{ContactMode, Settings},
    shop::Shop as Profile,
};
use tillbook_practice::{
    shop::corpus,
    xero::{Clock, LimitOptions, PracticeXero, Preset, State, Unknowns, global},
};

use super::{dice::Dice, stage::Rates};

/// 2026-11-22 at noon.
const START_MS: i64 = 1_795_348_800_000;

/// A week, over which starts are spread.
const START_SPREAD_MS: u64 = 7 * 86_400_000;

/// What a seed begins with.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a thing that a seed has or has not")]
pub(super) struct Scenario {
    pub(super) batch: &'static str,
    pub(super) strict: bool,
    pub(super) contacts: bool,
    pub(super) items: bool,
    pub(super) workers: usize,
    /// Shops of one organisation.
    pub(super) shops: usize,
    pub(super) orders: u64,
    pub(super) events: u64,
    pub(super) moves: u64,
    pub(super) documents_per_call: usize,
    pub(super) shares_limits: bool,
    pub(super) start_ms: i64,
    pub(super) rates: Rates,
}

impl Scenario {
    /// Draws a scenario.
    pub(super) fn draw(dice: &mut Dice) -> Self {
        let batches = corpus::batches();
        // Some seeds are struck by one kind of thing only, some by all, some by little.
        let mut rate = |often: &[u64]| if dice.hits(650) { dice.one(often) } else { 0 };
        let rates = Rates {
            crash: rate(&[3, 8, 25]),
            freeze: rate(&[8, 20, 40]),
            wire: rate(&[30, 80, 200]),
            disk: rate(&[5, 20]),
            shop: rate(&[20, 100]),
            mail: rate(&[100, 400]),
            clock: rate(&[5, 20]),
            token: rate(&[10, 50]),
        };
        Self {
            batch: batches[dice.place(batches.len())],
            strict: dice.hits(500),
            contacts: dice.hits(400),
            items: dice.hits(300),
            workers: dice.one(&[1, 2, 2, 3]),
            shops: dice.one(&[1, 1, 2]),
            orders: dice.between(1, 3),
            events: dice.between(2, 10),
            moves: dice.between(120, 450),
            documents_per_call: dice.one(&[1, 2, 50]),
            shares_limits: dice.hits(400),
            start_ms: START_MS + i64::try_from(dice.below(START_SPREAD_MS)).unwrap_or_default(),
            rates,
        }
    }

    /// Its practice Xero, whose clock stands until it is moved.
    pub(super) fn xero(&self) -> State {
        let unknowns = if self.strict { Unknowns::strict() } else { Unknowns::default() };
        let start = chrono::DateTime::from_timestamp_millis(self.start_ms).unwrap();
        PracticeXero::builder()
            .organisation(preset(self.batch))
            .unknowns(unknowns)
            .limits(LimitOptions { day: 50_000, ..LimitOptions::default() })
            .clock(Clock::standing(start))
            .stand()
    }
}

/// The organisation for a batch of the recorded orders.
fn preset(batch: &str) -> Preset {
    match batch.get(..2).unwrap_or_default() {
        "AU" => Preset::Au,
        "GB" => Preset::Gb,
        "US" => Preset::Us,
        "CA" => Preset::Ca,
        "EU" => global("EUR"),
        "JP" => global("JPY"),
        "BH" => global("BHD"),
        other => panic!("no organisation for {other}"),
    }
}

/// One compiled core for the whole program.
pub(super) fn door() -> Door {
    static DOOR: OnceLock<Door> = OnceLock::new();
    DOOR.get_or_init(|| Door::new(Sandbox::embedded(Limits::default(), None).unwrap())).clone()
}

/// What a batch's worker is told before it starts.
#[derive(Debug, Clone)]
pub(super) struct Rules {
    pub(super) profile: Profile,
    pub(super) chart: Chart,
    pub(super) settings: Settings,
    /// The organisation's own currency.
    pub(super) base_currency: String,
}

/// The rules of a batch, proposed once for the whole program.
pub(super) async fn rules(scenario: &Scenario, prefix: &str) -> Rules {
    // Charts differ between the two kinds of Xero: a seed must not depend on those before it.
    static KNOWN: Mutex<BTreeMap<(&'static str, bool), Rules>> = Mutex::new(BTreeMap::new());
    let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let key = (scenario.batch, scenario.strict);
    let found = known().get(&key).cloned();
    let mut rules = if let Some(rules) = found {
        rules
    } else {
        let scenario = Scenario { start_ms: START_MS, ..scenario.clone() };
        let made = propose(&scenario).await;
        known().insert(key, made.clone());
        made
    };
    let contact = &mut rules.settings.contact;
    if scenario.contacts {
        contact.mode = ContactMode::Each;
        contact.number_prefix = format!("{prefix}C");
    } else {
        contact.mode = ContactMode::One;
    }
    prefix.clone_into(&mut rules.settings.invoice.prefix);
    rules.settings.lines.item_codes = scenario.items;
    rules
}

async fn propose(scenario: &Scenario) -> Rules {
    let chart = super::process::read_chart(scenario).await;
    let raw = |values: &[serde_json::Value]| -> Vec<Box<RawValue>> {
        values.iter().map(|value| to_raw_value(value).unwrap()).collect()
    };
    let (rates, gateways) = (raw(corpus::taxes()), raw(corpus::payment_gateways()));
    let facts = corpus::store(scenario.batch).unwrap().to_facts("https://shop.example");
    let profile: Profile = serde_json::from_value(facts).unwrap();
    let request = ProposeRequest {
        contract: CONTRACT_VERSION,
        shop: profile.clone(),
        chart: chart.as_input(),
        tax_rates: as_refs(&rates),
        gateways: as_refs(&gateways),
    };
    let mut settings = door().propose_settings(&request).await.unwrap().settings;
    settings.gateway_fees.account = expense_account(&scenario.xero());
    let bank = settings.payments.accounts.get("bacs").cloned();
    settings.payments.other = bank.unwrap_or_default();
    let base_currency = chart.organisation_field("BaseCurrency").unwrap_or_default();
    Rules { profile, chart, settings, base_currency }
}

/// The first expense account that is there for whoever wants it.
fn expense_account(xero: &State) -> String {
    let code = xero.read(xero.tenant(), |one| {
        let mut accounts = one.accounts.iter();
        let own = accounts
            .find(|account| account.account_type == "EXPENSE" && account.system_account.is_empty());
        own.map(|account| account.code.clone())
    });
    code.flatten().unwrap()
}
