//! A shop that a server works for, with its organisation, over HTTP.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tillbook::config::{Config, Secret, ShopConfig};
use tillbook::daemon::{Round, Rounds, stop_signal};
use tillbook::store::{Activity, BoardFilter, JobState, OrganisationRow, ShopRow, Store};
use tillbook::time::{Clock, SystemClock};
use tillbook_practice::shop::{PracticeShop, Running as Shop, generate};
use tillbook_practice::xero::{PracticeXero, Preset, Running as Xero};

use crate::world::{TestClock, door, xero_config};

/// A shop that is served, with the clock of all three.
pub(crate) struct Station {
    _folder: TempDir,
    pub(crate) shop: Shop,
    pub(crate) xero: Xero,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) rounds: Rounds,
    pub(crate) organisation: String,
}

impl Station {
    /// A shop with some orders from before it was switched on, and a Xero without its limit of
    /// calls in a minute.
    pub(crate) async fn open(before: usize) -> Self {
        let xero = PracticeXero::builder().organisation(Preset::Gb).lift_minute_limit();
        Self::with(before, xero.start().await.unwrap(), 100_000).await
    }

    /// With a WooCommerce before 9.0.
    pub(crate) async fn open_old() -> Self {
        let xero = PracticeXero::builder().organisation(Preset::Gb).lift_minute_limit();
        let cases = generate::orders(7, 0, "GB-incl").unwrap();
        let shop = PracticeShop::builder().cases(cases).lists_refunds(false);
        Self::of(shop.start().await.unwrap(), xero.start().await.unwrap(), 100_000).await
    }

    /// With a Xero of one's own.
    pub(crate) async fn with(before: usize, xero: Xero, calls_per_minute: u32) -> Self {
        let cases = generate::orders(7, before, "GB-incl").unwrap();
        let shop = PracticeShop::builder().cases(cases).start().await.unwrap();
        Self::of(shop, xero, calls_per_minute).await
    }

    async fn of(shop: Shop, xero: Xero, calls_per_minute: u32) -> Self {
        let clock = TestClock::start();
        clock.set(SystemClock.now());
        let config = Config {
            shop: ShopConfig {
                url: shop.base_url.clone(),
                consumer_key: Secret::new(&shop.consumer_key),
                consumer_secret: Secret::new(&shop.consumer_secret),
            },
            xero: tillbook::config::XeroConfig { calls_per_minute, ..xero_config(&xero) },
            ..Config::default()
        };
        let folder = TempDir::new().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let organisation = xero.tenant().to_string();
        let owner = String::from("test");
        let rounds = Rounds::open(&config, store, door(), clock.clone(), owner);
        let station = Self { _folder: folder, shop, xero, clock, rounds, organisation };
        station.switch_on().await;
        station
    }

    async fn switch_on(&self) {
        let (store, now) = (&self.rounds.books.store, self.clock.now());
        let row = OrganisationRow {
            id: self.organisation.clone(),
            connection: String::new(),
            name: String::from("Demo"),
            activity: Activity::Active,
            reason: String::new(),
        };
        store.put_organisation(&row, now).await.unwrap();
        let opener = self.rounds.branches.opener();
        let named = (self.organisation.clone(), opener.xero(&self.organisation).await.unwrap());
        let opened = opener.open(&opener.config.shop, named, None, Duration::ZERO).await.unwrap();
        let activated = now.plus(Duration::from_mins(15));
        let mut settings = opened.organisation.settings.clone();
        settings.sync.orders.from = activated.to_utc();
        let settings = serde_json::to_string(&settings).unwrap();
        let url = &self.shop.base_url;
        store.put_settings(&self.organisation, url, &settings, now).await.unwrap();
        let shop = ShopRow {
            slug: String::from("shop"),
            organisation: self.organisation.clone(),
            url: url.clone(),
            secrets: Vec::new(),
            activity: Activity::Active,
            reason: String::new(),
            activated,
            switches: String::from("{}"),
            marks: String::from("{}"),
            added: now,
        };
        store.put_shop(&shop).await.unwrap();
        self.pass(Duration::from_mins(16));
    }

    /// Lets time pass everywhere.
    pub(crate) fn pass(&self, by: Duration) {
        self.clock.set(self.clock.now().plus(by));
        self.xero.advance(by);
        let now = chrono::DateTime::from_timestamp_millis(self.clock.now().ms()).unwrap();
        self.shop.set_clock(now);
    }

    pub(crate) async fn round(&self) -> Option<Round> {
        let (_switch, stop) = stop_signal();
        self.rounds.round(&stop).await.unwrap()
    }

    /// The next round, at its time.
    pub(crate) async fn next_round(&self) -> Round {
        self.pass(Duration::from_mins(10));
        self.round().await.unwrap()
    }

    /// A new order, like one that the shop was opened with.
    pub(crate) fn sell(&self, seed: u64) -> u64 {
        let case = generate::orders(seed, 1, "GB-incl").unwrap().remove(0);
        self.take(case.order_dp6)
    }

    /// A new order that looks like this one, made now.
    pub(crate) fn take(&self, mut order: Value) -> u64 {
        order["id"] = json!(0);
        order["status"] = json!("processing");
        for key in ["date_created", "date_created_gmt", "refunds"] {
            order.as_object_mut().unwrap().remove(key);
        }
        let now = chrono::DateTime::from_timestamp_millis(self.clock.now().ms()).unwrap();
        let paid = now.format("%Y-%m-%dT%H:%M:%S").to_string();
        order["date_paid"] = json!(paid);
        order["date_paid_gmt"] = json!(paid);
        self.shop.add_order(order).unwrap()
    }

    pub(crate) fn invoices(&self, status: &str) -> usize {
        let all = self.xero.invoices(self.xero.tenant());
        all.iter()
            .filter(|invoice| format!("{:?}", invoice.status).to_uppercase() == status)
            .count()
    }

    pub(crate) async fn states(&self) -> Vec<(String, JobState)> {
        let filter = BoardFilter { limit: 100, ..BoardFilter::default() };
        let store = &self.rounds.books.store;
        let board = store.board(&self.organisation, &filter, self.clock.now()).await.unwrap();
        board.into_iter().map(|entry| (entry.key.object_id, entry.state)).collect()
    }

    /// Changes the shop's settings.
    pub(crate) async fn set_settings(&self, change: impl FnOnce(&mut Value)) {
        let (store, url) = (&self.rounds.books.store, &self.shop.base_url);
        let stored = store.settings(&self.organisation, url).await.unwrap().unwrap();
        let mut settings: Value = serde_json::from_str(&stored.json).unwrap();
        change(&mut settings);
        let text = settings.to_string();
        store.put_settings(&self.organisation, url, &text, self.clock.now()).await.unwrap();
    }

    /// How many objects stand where.
    pub(crate) async fn states_count(&self) -> std::collections::BTreeMap<JobState, u64> {
        let store = &self.rounds.books.store;
        store.board_counts(&self.organisation, self.clock.now()).await.unwrap()
    }
}
