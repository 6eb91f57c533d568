//! Real hosts, killed with SIGKILL at random moments while webhooks come in: one on SQLite, two on
//! one PostgreSQL. What was answered with 200 is in Xero once, and nothing else is.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

mod host;
#[path = "../support/postgres.rs"]
mod postgres;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::json;
use tempfile::TempDir;
use tillbook::store::{BoardFilter, JobState, Store};
use tillbook::time::{Clock, SystemClock};
use tillbook_practice::shop::{PracticeShop, Running as Shop, corpus::Case, generate};
use tillbook_practice::xero::{PracticeXero, Preset, Running as Xero};

use host::{Host, Settings};

const ROUNDS: usize = 50;
const ORDERS_A_ROUND: usize = 3;
/// A kill comes so many milliseconds after the webhooks at most: before, inside and after the work.
const MOMENT_MS_MAX: u64 = 900;

/// The sequence of Marsaglia's xorshift64: the same seed, the same moments.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

fn seed() -> u64 {
    let given = std::env::var("TILLBOOK_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    given.unwrap_or_else(|| SystemClock.now().ms().unsigned_abs())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_host_on_sqlite_loses_and_doubles_nothing() {
    let folder = TempDir::new().unwrap();
    let store = Store::open(&folder.path().join("data")).await.unwrap();
    kill_at_random(folder, None, 1, store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hosts_on_postgresql_lose_and_double_nothing() {
    let Some(address) = postgres::database() else { return };
    let store = Store::connect(&address).await.unwrap();
    kill_at_random(TempDir::new().unwrap(), Some(address), 2, store).await;
}

async fn kill_at_random(folder: TempDir, database: Option<String>, count: usize, store: Store) {
    let seed = seed();
    println!("TILLBOOK_TEST_SEED={seed}");
    let mut dice = Dice(seed.max(1));
    let mut cases = generate::orders(seed, ROUNDS * ORDERS_A_ROUND, "GB-incl").unwrap();
    let shop = PracticeShop::builder().start().await.unwrap();
    let xero = PracticeXero::builder()
        .organisation(Preset::Gb)
        .lift_minute_limit()
        .latency(Duration::from_millis(15))
        .start()
        .await
        .unwrap();
    let settings = Settings::new(folder.path(), database, &shop, &xero);
    settings.run(&["shop", "add"]).await;
    settings.run(&["shop", "activate", "shop", "--accept-proposed"]).await;
    let secret = settings.hook_secret().await;
    let mut hosts = Vec::new();
    for number in 0..count {
        hosts.push(Host::start(&settings, number).await);
    }
    let (mut accepted, mut refused, mut kills) = (BTreeSet::new(), 0, 0);
    for round in 0..ROUNDS {
        let orders: Vec<u64> =
            cases.drain(..ORDERS_A_ROUND).map(|case| sell(&shop, &case)).collect();
        let at = usize::try_from(dice.below(count as u64)).unwrap();
        for order in &orders {
            // Some come twice, and to different hosts.
            for _ in 0..=dice.below(2) {
                let to = usize::try_from(dice.below(count as u64)).unwrap();
                match hosts[to].webhook(&shop, *order, &secret).await {
                    Some(200) => _ = accepted.insert(*order),
                    _ => refused += 1,
                }
            }
        }
        tokio::time::sleep(Duration::from_millis(dice.below(MOMENT_MS_MAX))).await;
        if round % 7 == 6 {
            // A rolling restart: it is asked to stop, and does.
            hosts[at].stop().await;
        } else {
            hosts[at].kill().await;
            kills += 1;
        }
        hosts[at] = Host::start(&settings, at).await;
    }
    drained(&store, &xero.tenant().to_string()).await;
    println!(
        "{count} hosts, {kills} kills: {} orders accepted, {refused} deliveries refused, {} calls",
        accepted.len(),
        xero.calls().len()
    );
    assert_eq!(accepted.len() + refused_only(&shop, &accepted), ROUNDS * ORDERS_A_ROUND);
    check(&xero, &store, &accepted).await;
    for mut host in hosts {
        host.stop().await;
    }
}

/// Orders of which no delivery was accepted: nothing is owed for them.
fn refused_only(shop: &Shop, accepted: &BTreeSet<u64>) -> usize {
    shop.order_ids().iter().filter(|id| !accepted.contains(id)).count()
}

fn sell(shop: &Shop, case: &Case) -> u64 {
    let mut order = case.order_dp6.clone();
    order["id"] = json!(0);
    order["status"] = json!("processing");
    for key in ["date_created", "date_created_gmt", "refunds"] {
        order.as_object_mut().unwrap().remove(key);
    }
    let paid = chrono::Utc::now().format("%Y-%m-%dT%H:%M:%S").to_string();
    order["date_paid"] = json!(paid);
    order["date_paid_gmt"] = json!(paid);
    shop.add_order(order).unwrap()
}

/// Waits until nothing is left to do.
async fn drained(store: &Store, organisation: &str) {
    let begun = Instant::now();
    loop {
        let now = SystemClock.now();
        let counts = store.board_counts(organisation, now).await.unwrap();
        let open: u64 = [JobState::Waiting, JobState::Running, JobState::Retrying]
            .iter()
            .filter_map(|state| counts.get(state))
            .sum();
        if open == 0 && store.open_plan(organisation).await.unwrap().is_none() {
            return;
        }
        if begun.elapsed() > Duration::from_mins(5) {
            let some = BoardFilter { limit: 5, ..BoardFilter::default() };
            let board = store.board(organisation, &some, now).await.unwrap();
            let next = store.next_run(organisation, &board[0].key.shop).await.unwrap();
            panic!("it never ends: {counts:?} {next:?} {board:#?}");
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Each accepted order has one invoice, or waits visibly with a finding; nothing else is there.
async fn check(xero: &Xero, store: &Store, accepted: &BTreeSet<u64>) {
    let organisation = xero.tenant().to_string();
    let filter = BoardFilter { limit: 500, ..BoardFilter::default() };
    let board = store.board(&organisation, &filter, SystemClock.now()).await.unwrap();
    let orders: Vec<_> = board.iter().filter(|entry| entry.key.kind == "order").collect();
    let known: BTreeSet<u64> =
        orders.iter().map(|entry| entry.key.object_id.parse().unwrap()).collect();
    assert_eq!(known, *accepted, "what was answered with 200 is known, and nothing else");
    let mut numbers: Vec<String> =
        xero.invoices(xero.tenant()).into_iter().map(|invoice| invoice.number).collect();
    let made = numbers.len();
    numbers.sort();
    numbers.dedup();
    assert_eq!(numbers.len(), made, "an invoice was made twice");
    let done = orders.iter().filter(|entry| entry.state == JobState::Done).count();
    for entry in &orders {
        match entry.state {
            JobState::Done => {}
            JobState::Held => assert!(!entry.findings.is_empty(), "{entry:?}"),
            _ => panic!("{entry:?}"),
        }
    }
    println!("{made} invoices, {done} done, {} held", orders.len() - done);
    assert!(made >= done * 9 / 10 && made <= orders.len(), "{made} invoices of {done}");
    for entry in orders.iter().filter(|entry| entry.state == JobState::Done) {
        let suffix = format!("-{}", entry.key.object_id);
        assert_eq!(numbers.iter().filter(|number| number.ends_with(&suffix)).count(), 1);
    }
}
