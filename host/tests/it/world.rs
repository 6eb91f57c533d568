//! A shop in memory, a practice Xero, and a worker between them.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};
use tempfile::TempDir;
use tillbook::bookkeeper::Bookkeeper;
use tillbook::config::{CALL_BYTES_MAX, DOCUMENTS_PER_CALL_MAX, Secret, XeroConfig};
use tillbook::daemon::stop_signal;
use tillbook::door::{Door, Sale, as_refs};
use tillbook::facts::{FactSource, Facts, FactsError, Listed};
use tillbook::sandbox::{Limits, Sandbox};
use tillbook::store::{Outcome, Store};
use tillbook::time::{Clock, Timestamp};
use tillbook::worker::{LEASE, Organisation, Progress, Step, Worker};
use tillbook::xero_client::XeroClient;
use tillbook_core::contract::{CONTRACT_VERSION, ProposeRequest};
use tillbook_core::plan::{Link, LinkState, Purpose};
use tillbook_core::shop::Shop;
use tillbook_practice::shop::corpus;
use tillbook_practice::xero::{PracticeXero, Preset, Running, Unknowns};

pub(crate) const SHOP_URL: &str = "https://shop.example";
pub(crate) const BATCH: &str = "GB-incl";

/// A clock that moves only when it is told to; the practice Xero's moves along.
#[derive(Debug)]
pub(crate) struct TestClock(Mutex<Timestamp>);

impl TestClock {
    pub(crate) fn start() -> Arc<Self> {
        Arc::new(Self(Mutex::new(Timestamp::from_ms(1_000_000))))
    }

    pub(crate) fn set(&self, now: Timestamp) {
        *self.0.lock().unwrap() = now;
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// Orders in memory.
#[derive(Debug, Default)]
pub(crate) struct MemoryShop {
    pub(crate) orders: Mutex<Vec<Value>>,
    pub(crate) failures: Mutex<Vec<FactsError>>,
}

impl FactSource for MemoryShop {
    async fn read_facts(&self, order_ids: &[u64]) -> Result<Facts, FactsError> {
        if let Some(failure) = self.failures.lock().unwrap().pop() {
            return Err(failure);
        }
        let orders = self.orders.lock().unwrap();
        let sales = orders
            .iter()
            .filter_map(|order| Some((order["id"].as_u64()?, order)))
            .filter(|(id, _)| order_ids.contains(id))
            .map(|(id, order)| {
                (
                    id,
                    Sale {
                        order: to_raw_value(order).unwrap(),
                        refunds: Vec::new(),
                        customer: None,
                    },
                )
            })
            .collect();
        Ok(Facts { sales, products: Vec::new() })
    }

    async fn list_orders(&self) -> Result<Vec<Listed>, FactsError> {
        let orders = self.orders.lock().unwrap();
        Ok(orders
            .iter()
            .map(|order| Listed {
                order_id: order["id"].as_u64().unwrap(),
                modified: order["date_modified_gmt"].as_str().unwrap_or_default().to_owned(),
            })
            .collect())
    }
}

/// All of it.
pub(crate) struct World {
    folder: TempDir,
    pub(crate) xero: Running,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) worker: Worker,
    pub(crate) organisation: Organisation<MemoryShop>,
}

/// Recorded orders of the batch that are posted.
pub(crate) fn recorded(count: usize) -> Vec<Value> {
    let orders: Vec<Value> = corpus::orders(BATCH)
        .into_iter()
        .map(|case| case.order.clone())
        .filter(|order| matches!(order["status"].as_str(), Some("processing" | "completed")))
        .take(count)
        .collect();
    assert_eq!(orders.len(), count, "not enough recorded orders");
    orders
}

pub(crate) fn raw(values: &[Value]) -> Vec<Box<RawValue>> {
    values.iter().map(|value| to_raw_value(value).unwrap()).collect()
}

pub(crate) fn xero_config(xero: &Running) -> XeroConfig {
    XeroConfig {
        api_url: format!("{}/api.xro/2.0", xero.base_url()),
        identity_url: format!("{}/connect/token", xero.base_url()),
        client_id: xero.client_id().to_owned(),
        client_secret: Secret::new(xero.client_secret()),
        tenant_id: xero.tenant().to_string(),
        timeout_secs: 5,
        ..XeroConfig::default()
    }
}

/// One compiled core for the whole test program.
pub(crate) fn door() -> Door {
    static DOOR: std::sync::OnceLock<Door> = std::sync::OnceLock::new();
    DOOR.get_or_init(|| Door::new(Sandbox::embedded(Limits::default(), None).unwrap())).clone()
}

impl World {
    pub(crate) async fn open(orders: Vec<Value>, unknowns: Unknowns) -> Self {
        let xero = PracticeXero::builder()
            .organisation(Preset::Gb)
            .unknowns(unknowns)
            .start()
            .await
            .unwrap();
        let config = xero_config(&xero);
        Self::with(orders, xero, config).await
    }

    pub(crate) async fn with(orders: Vec<Value>, xero: Running, config: XeroConfig) -> Self {
        let clock = TestClock::start();
        let client = XeroClient::new(&config, clock.clone()).unwrap();
        let chart = client.read_chart().await.unwrap();
        let door = door();
        let facts = corpus::store(BATCH).unwrap().to_facts(SHOP_URL);
        let shop: Shop = serde_json::from_value(facts).unwrap();
        let (rates, gateways) = (raw(corpus::taxes()), raw(corpus::payment_gateways()));
        let request = ProposeRequest {
            contract: CONTRACT_VERSION,
            shop: shop.clone(),
            chart: chart.as_input(),
            tax_rates: as_refs(&rates),
            gateways: as_refs(&gateways),
        };
        let settings = door.propose_settings(&request).await.unwrap().settings;
        let folder = TempDir::new().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let organisation = Organisation {
            id: String::from("org"),
            shop_url: SHOP_URL.to_owned(),
            shop,
            facts: MemoryShop { orders: Mutex::new(orders), ..MemoryShop::default() },
            chart,
            settings,
            rules_sha256: String::from("s"),
            xero: client,
            documents_per_call: DOCUMENTS_PER_CALL_MAX,
            call_bytes_max: CALL_BYTES_MAX,
        };
        let books = Bookkeeper {
            store,
            door,
            owner: String::from("test"),
            clock: clock.clone(),
            patience: Duration::ZERO,
            read_patience: Duration::ZERO,
            lease: LEASE,
        };
        let worker = Worker { books };
        Self { folder, xero, clock, worker, organisation }
    }

    /// Where its store is.
    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Moves both clocks.
    pub(crate) fn advance(&self, by: Duration) {
        self.clock.set(self.clock.now().plus(by));
        self.xero.advance(by);
    }

    pub(crate) async fn sweep(&self) -> usize {
        self.worker.sweep(&self.organisation).await.unwrap().1
    }

    pub(crate) async fn step(&self) -> Step {
        let (_switch, stop) = stop_signal();
        self.worker.step(&self.organisation, &stop).await.unwrap()
    }

    /// Steps until nothing is left, moving the clocks where a step must wait.
    pub(crate) async fn drain(&self) -> (Progress, Vec<String>) {
        let (mut sum, mut reasons) = (Progress::default(), Vec::new());
        for _ in 0..500 {
            match self.step().await {
                Step::Worked(progress) => sum.add(&progress),
                Step::Parked { reason, .. } => reasons.push(reason),
                Step::Idle | Step::Busy => {}
            }
            match self.worker.books.store.next_run(&self.organisation.id, SHOP_URL).await.unwrap() {
                None => return (sum, reasons),
                Some((due, _)) => self.advance(due.since(self.clock.now())),
            }
        }
        panic!("it never ends: {reasons:?}");
    }

    /// Links of invoices.
    pub(crate) async fn links(&self) -> Vec<Link> {
        let links = self.worker.books.store.core_links(&self.organisation.id, SHOP_URL).await;
        links.unwrap().into_iter().filter(|link| link.purpose == Purpose::Document).collect()
    }

    pub(crate) async fn outcomes(&self) -> Vec<Outcome> {
        self.worker.books.store.outcomes(&self.organisation.id).await.unwrap()
    }

    /// Numbers of Xero's invoices.
    pub(crate) fn invoice_numbers(&self) -> Vec<String> {
        let mut numbers: Vec<String> =
            self.xero.invoices(self.xero.tenant()).into_iter().map(|one| one.number).collect();
        numbers.sort();
        numbers
    }

    /// Calls that created invoices, answered or not.
    pub(crate) fn writes(&self) -> usize {
        self.xero
            .calls()
            .iter()
            .filter(|call| call.method == "PUT" && call.path.ends_with("/Invoices"))
            .count()
    }

    /// Every order is in Xero exactly once, linked to exactly that invoice, and nothing waits.
    pub(crate) async fn assert_each_once(&self, count: usize) {
        let links = self.links().await;
        let mut linked: Vec<String> = links.iter().map(|link| link.number.clone()).collect();
        linked.sort();
        assert_eq!(linked.len(), count, "links");
        assert_eq!(self.invoice_numbers(), linked, "invoices in Xero");
        for link in &links {
            assert_eq!(link.state, LinkState::Live, "{link:?}");
            assert!(!link.xero_id.is_empty());
        }
        let store = &self.worker.books.store;
        assert_eq!(store.job_count(&self.organisation.id, SHOP_URL).await.unwrap(), 0);
        assert!(store.open_plan(&self.organisation.id).await.unwrap().is_none());
    }
}
