//! The host's bookkeeper between a shop in memory, the real module and a practice Xero.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use serde_json::{
    Value,
    value::{RawValue, to_raw_value},
};
use tempfile::TempDir;
use tillbook::{
    bookkeeper::{Applied, Bookkeeper, Event, PlanError, Scope},
    config::{CALL_BYTES_MAX, Secret, XeroConfig},
    daemon::stop_signal,
    door::{Door, Sale},
    facts::{FactSource, Facts, FactsError, Listed},
    sandbox::{Limits, Sandbox},
    store::{PlanState, Store, StoredPlan},
    time::{Clock, SystemClock, Timestamp},
    worker::Organisation,
    xero_client::XeroClient,
};
use tillbook_core::settings::ContactMode;
use uuid::Uuid;

use crate::{ledger::Ledger, regimes::prepare};
use tillbook_practice::shop::corpus;

pub(crate) const SHOP_URL: &str = "https://shop.example.com";

/// Orders with their refunds, in memory.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    pub(crate) orders: Mutex<BTreeMap<u64, (Value, Vec<Value>)>>,
}

fn raw(values: &[Value]) -> Vec<Box<RawValue>> {
    values.iter().map(|value| to_raw_value(value).unwrap()).collect()
}

impl FactSource for Shelf {
    async fn read_facts(&self, order_ids: &[u64]) -> Result<Facts, FactsError> {
        let orders = self.orders.lock().unwrap();
        let sale = |id: &u64| {
            let (order, refunds) = orders.get(id)?;
            let (order, refunds) = (to_raw_value(order).unwrap(), raw(refunds));
            Some((*id, Sale { order, refunds, customer: None }))
        };
        Ok(Facts { sales: order_ids.iter().filter_map(sale).collect(), products: products() })
    }

    async fn list_orders(&self) -> Result<Vec<Listed>, FactsError> {
        let ids = self.orders.lock().unwrap();
        let listed = |order_id: &u64| Listed { order_id: *order_id, modified: String::new() };
        Ok(ids.keys().map(listed).collect())
    }
}

/// The first expense account that is there for whoever wants it.
fn fee_account(chart: &Value) -> Value {
    let accounts = chart["accounts"].as_array().unwrap().iter();
    let mut expenses = accounts.filter(|one| {
        one["Type"] == "EXPENSE"
            && one["Status"] == "ACTIVE"
            && one.get("SystemAccount").is_none_or(|system| system == "")
    });
    expenses.next().map_or_else(|| panic!("no expense account: {chart}"), |one| one["Code"].clone())
}

fn products() -> Vec<Box<RawValue>> {
    raw(corpus::products())
}

/// A clock that runs ahead a second at each look, so that nobody waits for the minute's limit.
#[derive(Debug)]
struct Hurried(AtomicI64);

impl Clock for Hurried {
    fn now(&self) -> Timestamp {
        Timestamp::from_ms(self.0.fetch_add(1_000, Ordering::Relaxed))
    }
}

/// One compiled core for the whole test program.
fn door() -> Door {
    static DOOR: OnceLock<Door> = OnceLock::new();
    DOOR.get_or_init(|| Door::new(Sandbox::embedded(Limits::default(), None).unwrap())).clone()
}

/// A bookkeeper with its store, for one batch of the recorded orders.
pub(crate) struct Desk {
    folder: TempDir,
    pub(crate) bookkeeper: Bookkeeper,
    pub(crate) organisation: Organisation<Shelf>,
    pub(crate) tenant: Uuid,
}

impl Desk {
    pub(crate) async fn open(ledger: &Ledger, batch: &str) -> Self {
        let tenant = ledger.tenant_of(batch);
        let (shop, chart, mut settings) = prepare(ledger, batch).await;
        settings["gateway_fees"]["account"] = fee_account(&chart);
        settings["payments"]["other"] = settings["payments"]["accounts"]["bacs"].clone();
        let config = XeroConfig {
            api_url: format!("{}/api.xro/2.0", ledger.xero.base_url()),
            identity_url: format!("{}/connect/token", ledger.xero.base_url()),
            client_id: ledger.xero.client_id().to_owned(),
            client_secret: Secret::new(ledger.xero.client_secret()),
            tenant_id: tenant.to_string(),
            ..XeroConfig::default()
        };
        let clock: Arc<dyn Clock> = Arc::new(Hurried(AtomicI64::new(SystemClock.now().ms())));
        let xero = XeroClient::new(&config, Arc::clone(&clock)).unwrap();
        let chart = xero.read_chart().await.unwrap();
        let folder = TempDir::new().unwrap();
        let bookkeeper = Bookkeeper {
            store: Store::open(folder.path()).await.unwrap(),
            door: door(),
            owner: "test".into(),
            clock,
            patience: Duration::from_secs(20),
            read_patience: Duration::from_secs(20),
            lease: tillbook::worker::LEASE,
        };
        let organisation = Organisation {
            id: tenant.to_string(),
            shop_url: SHOP_URL.into(),
            shop: serde_json::from_value(shop).unwrap(),
            facts: Shelf::default(),
            chart,
            settings: serde_json::from_value(settings).unwrap(),
            rules_sha256: String::new(),
            xero,
            documents_per_call: 50,
            call_bytes_max: CALL_BYTES_MAX,
        };
        Self { folder, bookkeeper, organisation, tenant }
    }

    /// Puts an order with its refunds into the shop, or replaces it.
    pub(crate) fn put(&self, order: &Value, refunds: &[Value]) {
        let id = order["id"].as_u64().unwrap();
        let mut orders = self.organisation.facts.orders.lock().unwrap();
        orders.insert(id, (order.clone(), refunds.to_vec()));
    }

    pub(crate) async fn plan(&self, scope: &Scope) -> StoredPlan {
        self.bookkeeper.plan(&self.organisation, scope).await.unwrap()
    }

    /// Lets time pass for the bookkeeper.
    pub(crate) fn pass(&mut self, time: Duration) {
        let later = self.bookkeeper.clock.now().plus(time);
        self.bookkeeper.clock = Arc::new(Hurried(AtomicI64::new(later.ms())));
    }

    /// Each customer a contact from now on.
    pub(crate) fn each_a_contact(&mut self, prefix: &str) {
        let contact = &mut self.organisation.settings.contact;
        contact.mode = ContactMode::Each;
        prefix.clone_into(&mut contact.number_prefix);
    }

    /// While a call that nobody waits for any more may still arrive, nothing else is sent; lets that
    /// time pass.
    pub(crate) async fn strays_are_waited_for(&mut self) {
        let plan = self.plan(&Scope::default()).await;
        self.bookkeeper.store.save_plan(&self.organisation.id, &plan).await.unwrap();
        let early = self.apply(&plan).await;
        assert!(matches!(early, Err(PlanError::OnItsWay(_))), "{early:?}");
        self.pass(Duration::from_mins(2));
    }

    /// Plans, saves, finds again by its name, and carries out.
    pub(crate) async fn sync(&self, scope: &Scope) -> (StoredPlan, Applied) {
        let plan = self.plan(scope).await;
        self.bookkeeper.store.save_plan(&self.organisation.id, &plan).await.unwrap();
        let applied = self.apply(&plan).await.unwrap();
        (plan, applied)
    }

    pub(crate) async fn apply(&self, plan: &StoredPlan) -> Result<Applied, PlanError> {
        let (_switch, stop) = stop_signal();
        let found = self.bookkeeper.find(&self.organisation.id, plan.name()).await.unwrap();
        self.bookkeeper.apply(&self.organisation, &found, &stop, |_| ()).await
    }

    /// The same, by a new process for each call.
    pub(crate) async fn sync_with_restarts(&mut self, scope: &Scope) -> (StoredPlan, usize) {
        let plan = self.plan(scope).await;
        self.bookkeeper.store.save_plan(&self.organisation.id, &plan).await.unwrap();
        let mut starts = 0;
        loop {
            starts += 1;
            self.bookkeeper.store.close().await;
            self.bookkeeper.store = Store::open(self.folder.path()).await.unwrap();
            self.bookkeeper.store.free_leases_of_the_dead().await.unwrap();
            let found = self.bookkeeper.find(&self.organisation.id, plan.name()).await.unwrap();
            if found.state == PlanState::Done {
                return (plan, starts);
            }
            let (switch, stop) = stop_signal();
            let mut calls = 0;
            let sent = |event| {
                // What was done before is only told again.
                calls += usize::from(event == Event::Done);
                if calls >= starts {
                    switch.send(true).ok();
                }
            };
            self.bookkeeper.apply(&self.organisation, &found, &stop, sent).await.unwrap();
        }
    }
}
