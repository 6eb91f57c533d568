//! A server's rounds over a real shop and a practice Xero, over HTTP.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;
use tillbook::bookkeeper::Bookkeeper;
use tillbook::branch::{Branches, Opener};
use tillbook::config::{Config, Secret, ShopConfig};
use tillbook::daemon::{Round, Rounds, Timetable, stop_signal};
use tillbook::store::{
    Activity, BoardFilter, JobState, ObjectKey, OrganisationRow, ShopRow, Store,
};
use tillbook::time::{Clock, SystemClock};
use tillbook::worker::Rhythm;
use tillbook_practice::shop::{PracticeShop, Running as Shop, generate};
use tillbook_practice::xero::{PracticeXero, Preset, Running as Xero};

use crate::world::{TestClock, door, xero_config};

const DAY: Duration = Duration::from_hours(24);

/// A shop that is served, with the clock of all three.
struct Station {
    _folder: TempDir,
    shop: Shop,
    xero: Xero,
    clock: Arc<TestClock>,
    rounds: Rounds,
    organisation: String,
}

impl Station {
    /// A shop with some orders from before it was switched on.
    async fn open(before: usize) -> Self {
        let cases = generate::orders(7, before, "GB-incl").unwrap();
        let shop = PracticeShop::builder().cases(cases).start().await.unwrap();
        let xero = PracticeXero::builder()
            .organisation(Preset::Gb)
            .lift_minute_limit()
            .start()
            .await
            .unwrap();
        let clock = TestClock::start();
        clock.set(SystemClock.now());
        let config = Config {
            shop: ShopConfig {
                url: shop.base_url.clone(),
                consumer_key: Secret::new(&shop.consumer_key),
                consumer_secret: Secret::new(&shop.consumer_secret),
                ..ShopConfig::default()
            },
            xero: tillbook::config::XeroConfig { calls_per_minute: 100_000, ..xero_config(&xero) },
            ..Config::default()
        };
        let folder = TempDir::new().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let opener = Opener { config, store: store.clone(), door: door(), clock: clock.clone() };
        let organisation = xero.tenant().to_string();
        let books = Bookkeeper {
            store,
            door: door(),
            owner: String::from("test"),
            clock: clock.clone(),
            patience: Duration::ZERO,
            read_patience: Duration::ZERO,
        };
        let timetable = Timetable {
            drain_every: Duration::from_mins(10),
            sweep_every: Duration::from_mins(10),
            rhythm: Rhythm { compare_every: DAY, look_again_every: DAY / 4 },
            sum_up_every: DAY / 4,
        };
        let rounds = Rounds { books, branches: Arc::new(Branches::new(opener)), timetable };
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
        let named = (self.organisation.clone(), opener.xero(&self.organisation).unwrap());
        let opened = opener.open(&opener.config.shop, named, None, Duration::ZERO).await.unwrap();
        let settings = serde_json::to_string(&opened.organisation.settings).unwrap();
        let url = &self.shop.base_url;
        store.put_settings(&self.organisation, url, &settings, now).await.unwrap();
        let shop = ShopRow {
            slug: String::from("shop"),
            organisation: self.organisation.clone(),
            url: url.clone(),
            secrets: Vec::new(),
            activity: Activity::Active,
            reason: String::new(),
            activated: now.plus(Duration::from_mins(15)),
            switches: String::from("{}"),
            marks: String::from("{}"),
            added: now,
        };
        store.put_shop(&shop).await.unwrap();
        self.pass(Duration::from_mins(16));
    }

    /// Lets time pass everywhere.
    fn pass(&self, by: Duration) {
        self.clock.set(self.clock.now().plus(by));
        self.xero.advance(by);
        let now = chrono::DateTime::from_timestamp_millis(self.clock.now().ms()).unwrap();
        self.shop.set_clock(now);
    }

    async fn round(&self) -> Option<Round> {
        let (_switch, stop) = stop_signal();
        self.rounds.round(&stop).await.unwrap()
    }

    /// The next round, at its time.
    async fn next_round(&self) -> Round {
        self.pass(Duration::from_mins(10));
        self.round().await.expect("a round is due")
    }

    /// A new order, like one that the shop was opened with.
    fn sell(&self, seed: u64) -> u64 {
        let case = generate::orders(seed, 1, "GB-incl").unwrap().remove(0);
        let mut order = case.order_dp6.clone();
        order["id"] = json!(0);
        order["status"] = json!("processing");
        for key in ["date_created", "date_created_gmt", "date_paid", "date_paid_gmt", "refunds"] {
            order.as_object_mut().unwrap().remove(key);
        }
        self.shop.add_order(order).unwrap()
    }

    fn invoices(&self, status: &str) -> usize {
        let all = self.xero.invoices(self.xero.tenant());
        all.iter()
            .filter(|invoice| format!("{:?}", invoice.status).to_uppercase() == status)
            .count()
    }

    async fn states(&self) -> Vec<(String, JobState)> {
        let filter = BoardFilter { limit: 100, ..BoardFilter::default() };
        let store = &self.rounds.books.store;
        let board = store.board(&self.organisation, &filter, self.clock.now()).await.unwrap();
        board.into_iter().map(|entry| (entry.key.object_id, entry.state)).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_there_before_is_left_and_what_comes_is_sent() {
    let station = Station::open(5).await;
    let round = station.round().await.unwrap();
    assert_eq!((round.settled, round.reason.as_str()), (0, ""), "{round:?}");
    assert_eq!(station.xero.invoices(station.xero.tenant()).len(), 0);
    assert_eq!(station.round().await, None, "it rests");
    // No webhook names it; the sweep does.
    let order = station.sell(41);
    let round = station.next_round().await;
    assert_eq!(round.settled, 1, "{round:?} {:?}", station.states().await);
    assert_eq!(station.xero.invoices(station.xero.tenant()).len(), 1);
    assert_eq!(station.states().await, [(order.to_string(), JobState::Done)]);
    let round = station.next_round().await;
    assert_eq!(round.settled, 0, "what is done by the same mark is passed over");
    // A person sends one of those from before.
    let old = station.shop.order_ids()[0];
    let key = ObjectKey::invoice(&station.shop.base_url, old);
    let store = &station.rounds.books.store;
    store.push(&station.organisation, &key, "anna", station.clock.now()).await.unwrap();
    let round = station.round().await.expect("a person waits: at once");
    assert_eq!(round.settled, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_leaves_no_trace_is_found_by_comparing_ids() {
    let station = Station::open(0).await;
    let (first, second) = (station.sell(51), station.sell(52));
    station.next_round().await;
    assert_eq!(station.states().await.len(), 2);
    let refund = json!({"amount": "1.00", "reason": "late", "api_refund": false});
    let refund = station.shop.add_refund(first, &refund).unwrap();
    station.next_round().await;
    let credits = |status: &str| {
        let all = station.xero.credit_notes(station.xero.tenant());
        all.iter().filter(|note| format!("{:?}", note.status).to_uppercase() == status).count()
    };
    assert_eq!(credits("PAID"), 1);
    station.shop.delete_refund(refund).unwrap();
    station.shop.delete_order(second).unwrap();
    station.next_round().await;
    assert_eq!((credits("PAID"), station.invoices("VOIDED")), (1, 0), "no date has changed");
    station.pass(DAY);
    station.round().await.unwrap();
    assert_eq!((credits("VOIDED"), station.invoices("VOIDED")), (1, 1));
    // A trashed order needs no comparison.
    let third = station.sell(53);
    station.next_round().await;
    station.shop.trash_order(third).unwrap();
    station.next_round().await;
    assert_eq!(station.invoices("VOIDED"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_was_down_for_a_week_catches_up() {
    let station = Station::open(0).await;
    station.next_round().await;
    station.shop.fail_next(std::iter::repeat_n(
        tillbook_practice::shop::Fault::Status { status: 503, retry_after_secs: Some(3_600) },
        40,
    ));
    let round = station.next_round().await;
    assert!(round.reason.contains("shop"), "{round:?}");
    assert!(round.next > station.clock.now());
    for seed in 61..=66 {
        station.sell(seed);
        station.pass(DAY);
    }
    // It answers again.
    let mut settled = 0;
    for _ in 0..60 {
        settled += station.next_round().await.settled;
        if settled == 6 {
            break;
        }
        station.pass(DAY / 12);
    }
    assert_eq!(settled, 6, "{:?}", station.states().await);
    assert_eq!(station.xero.invoices(station.xero.tenant()).len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_paused_or_excluded_waits() {
    let station = Station::open(0).await;
    let store = &station.rounds.books.store;
    store
        .set_organisation_activity(&station.organisation, Activity::Paused, "stocktaking")
        .await
        .unwrap();
    let order = station.sell(71);
    station.pass(DAY);
    assert_eq!(station.round().await, None);
    let resumed = store.set_organisation_activity(&station.organisation, Activity::Active, "");
    assert!(resumed.await.unwrap());
    let key = ObjectKey::invoice(&station.shop.base_url, order);
    let why = ("a test", "anna");
    store.exclude(&station.organisation, &key, why, station.clock.now()).await.unwrap();
    station.round().await.unwrap();
    assert_eq!(station.states().await, [(order.to_string(), JobState::Excluded)]);
    assert_eq!(station.xero.invoices(station.xero.tenant()).len(), 0);
    store.include(&station.organisation, &key, "anna", station.clock.now()).await.unwrap();
    station.round().await.unwrap();
    assert_eq!(station.states().await, [(order.to_string(), JobState::Done)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_round_gives_the_organisation_back() {
    let station = Station::open(0).await;
    station.sell(81);
    let (switch, stop) = stop_signal();
    switch.send(true).unwrap();
    let round = station.rounds.round(&stop).await.unwrap().unwrap();
    assert_eq!(round.settled, 0);
    assert!(round.next <= station.clock.now());
    assert_eq!(station.round().await.unwrap().settled, 1);
}
