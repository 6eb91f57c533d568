//! The programs under test: workers' processes and the intake, each as an actor that may die at any
//! point and start anew with an empty memory. The only file that knows how they are called.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use tillbook::{
    bookkeeper::{Bookkeeper, Scope},
    config::{CALL_BYTES_MAX, Secret, XeroConfig},
    daemon::stop_signal,
    store::{Activity, Hint, ObjectKey, Outcome, ShopRow, Store, StoreError, StoredPlan},
    time::{Clock, Timestamp},
    worker::{LEASE, Marks, Organisation, Rhythm, Step, SweepError, Worker},
    xero_client::{Chart, XeroClient},
};
use tillbook_practice::xero::State;

use super::{
    disk::Disk,
    scenario::{Rules, Scenario, door},
    shop::{Shop, URL, Window},
    stage::{ActorId, OwnClock, Point, Rates, Stage},
    wire::{Line, Stray},
};

/// The organisation's name in the store.
pub(super) const ORGANISATION: &str = "org";

/// The shop's name in the store.
const SLUG: &str = "shop";

/// How often a sweep does more than ask for changes.
const RHYTHM: Rhythm =
    Rhythm { compare_every: Duration::from_hours(6), look_again_every: Duration::from_hours(1) };

/// What a process does for as long as it lives.
pub(super) type Life = Pin<Box<dyn Future<Output = ()>>>;

/// What every process is made from.
#[derive(Debug, Clone)]
pub(super) struct Plant {
    pub(super) stage: Stage,
    pub(super) store: Store,
    pub(super) xero: State,
    pub(super) shop: Arc<Shop>,
    pub(super) rules: Arc<Rules>,
    pub(super) strays: Arc<Mutex<Vec<Stray>>>,
    pub(super) keys: Arc<Mutex<Vec<String>>>,
    pub(super) documents_per_call: usize,
    /// Whether the workers count their calls together.
    pub(super) shares_limits: bool,
    /// Only one worker: it may free the leases of the dead when it starts.
    pub(super) alone: bool,
}

/// One worker's process.
#[derive(Debug)]
pub(super) struct Process {
    plant: Plant,
    actor: ActorId,
    worker: Worker,
    organisation: Organisation<Window>,
}

fn config(xero: &State) -> XeroConfig {
    XeroConfig {
        api_url: String::from("https://api.xero.example/api.xro/2.0"),
        identity_url: String::from("https://identity.xero.example/connect/token"),
        client_id: xero.client_id().to_owned(),
        client_secret: Secret::new(xero.client_secret()),
        tenant_id: xero.tenant().to_string(),
        ..XeroConfig::default()
    }
}

impl Process {
    /// A new process: nothing is known but what the store has.
    pub(super) fn start(plant: &Plant, actor: ActorId, birth: u64) -> Self {
        let stage = plant.stage.clone();
        let clock: Arc<dyn Clock> = Arc::new(OwnClock { stage: stage.clone(), actor });
        let line = Line {
            stage: stage.clone(),
            actor,
            xero: plant.xero.clone(),
            strays: Arc::clone(&plant.strays),
            keys: Arc::clone(&plant.keys),
        };
        let disk = Disk { stage: stage.clone(), actor };
        let store = plant.store.clone().with_hook(Arc::new(disk));
        let config = config(&plant.xero);
        let client = XeroClient::with_wire(&config, Arc::clone(&clock), Arc::new(line)).unwrap();
        let xero = if plant.shares_limits {
            client.sharing_limits(&config, store.clone(), (&config.client_id, ORGANISATION))
        } else {
            client
        };
        let books = Bookkeeper {
            store,
            door: door(),
            owner: format!("process {actor}.{birth}"),
            clock,
            patience: Duration::ZERO,
            read_patience: Duration::ZERO,
            lease: LEASE,
        };
        let organisation = Organisation {
            id: String::from(ORGANISATION),
            shop_url: String::from(URL),
            shop: plant.rules.profile.clone(),
            facts: Window { stage, actor, shop: Arc::clone(&plant.shop) },
            chart: plant.rules.chart.clone(),
            settings: plant.rules.settings.clone(),
            rules_sha256: String::from("rules"),
            xero,
            documents_per_call: plant.documents_per_call,
            call_bytes_max: CALL_BYTES_MAX,
        };
        Self { plant: plant.clone(), actor, worker: Worker { books }, organisation }
    }

    /// Works until it dies: a step or a sweep at each turn.
    pub(super) fn live(self) -> Life {
        Box::pin(async move {
            if self.plant.alone {
                self.free_leases().await;
            }
            loop {
                self.plant.stage.point(self.actor, Point::Turn).await;
                let (sweeps, leaves) = {
                    let dice = &mut self.plant.stage.lock().dice;
                    (dice.hits(120), dice.hits(300))
                };
                let failed = if sweeps { self.sweep().await } else { self.step().await };
                // Some programs end when their store fails, and are started again.
                if failed && leaves {
                    return;
                }
            }
        })
    }

    async fn free_leases(&self) {
        if let Err(error) = self.worker.books.store.free_leases_of_the_dead().await {
            self.plant.stage.note(|| format!("{} cannot free leases: {error}", self.actor));
        }
    }

    /// One step; gives whether the store failed.
    pub(super) async fn step(&self) -> bool {
        let (_switch, stop) = stop_signal();
        let done = self.worker.step(&self.organisation, &stop).await;
        self.plant.stage.note(|| format!("{} step: {done:?}", self.actor));
        match done {
            Ok(Step::Worked(progress)) => {
                self.plant.stage.lock().tally.count_many("jobs settled", progress.done() as u64);
                false
            }
            Ok(_) => false,
            Err(error) => {
                if matches!(error, StoreError::Fenced(_)) {
                    self.plant.stage.count("workers fenced off");
                }
                true
            }
        }
    }

    async fn sweep(&self) -> bool {
        let done = self.sweep_since(&RHYTHM).await;
        self.plant.stage.note(|| format!("{} sweep: {done:?}", self.actor));
        self.plant.stage.count("sweeps");
        matches!(done, Err(SweepError::Store(_)))
    }

    /// Sweeps from the marks that are kept, and keeps the new ones; gives how many objects it hinted at.
    async fn sweep_since(&self, rhythm: &Rhythm) -> Result<usize, SweepError> {
        let store = &self.worker.books.store;
        let kept = store.shop(SLUG).await?.map(|row| row.marks).unwrap_or_default();
        let mut marks: Marks = serde_json::from_str(&kept).unwrap_or_default();
        let swept = self.worker.sweep_since(&self.organisation, &mut marks, *rhythm).await?;
        store.set_marks(SLUG, &serde_json::to_string(&marks).unwrap()).await?;
        Ok(swept.hinted)
    }

    /// One sweep that looks at everything; gives how many objects it hinted at.
    pub(super) async fn sweep_once(&self) -> Result<usize, String> {
        let rhythm = Rhythm { compare_every: Duration::ZERO, look_again_every: Duration::ZERO };
        let found = self.sweep_since(&rhythm).await;
        self.plant.stage.note(|| format!("{} sweep: {found:?}", self.actor));
        found.map_err(|error| error.to_string())
    }

    /// What is still to be done about everything.
    pub(super) async fn plan(&self) -> Result<StoredPlan, String> {
        let plan = self.worker.books.plan(&self.organisation, &Scope::default()).await;
        plan.map_err(|error| format!("{error:?}"))
    }

    /// How every object ended.
    pub(super) async fn outcomes(&self) -> Vec<Outcome> {
        self.worker.books.store.outcomes(ORGANISATION).await.unwrap()
    }
}

/// Writes down the shop as one that is worked for since a moment.
pub(super) async fn found(store: &Store, since: Timestamp) {
    let row = ShopRow {
        slug: String::from(SLUG),
        organisation: String::from(ORGANISATION),
        url: String::from(URL),
        secrets: Vec::new(),
        activity: Activity::Active,
        reason: String::new(),
        activated: since,
        switches: String::from("{}"),
        marks: serde_json::to_string(&Marks::from(since)).unwrap(),
        added: since,
    };
    store.put_shop(&row).await.unwrap();
}

/// When something is to be done, and why not before.
pub(super) async fn next_run(store: &Store) -> Option<(Timestamp, String)> {
    store.next_run(ORGANISATION, URL).await.unwrap()
}

/// The intake: takes the shop's hints as they come.
pub(super) fn intake(plant: &Plant, actor: ActorId) -> Life {
    let plant = plant.clone();
    let disk = Disk { stage: plant.stage.clone(), actor };
    let store = plant.store.clone().with_hook(Arc::new(disk));
    Box::pin(async move {
        loop {
            plant.stage.point(actor, Point::Turn).await;
            let letter = {
                let mut inner = plant.stage.lock();
                let now_ms = inner.now_ms;
                plant.shop.take_mail(&mut inner.dice, now_ms)
            };
            let Some(letter) = letter else { continue };
            let now = OwnClock { stage: plant.stage.clone(), actor }.now();
            let hint = Hint::new(ObjectKey::invoice(URL, letter.order_id), &letter.mark);
            let taken = store.hint(ORGANISATION, &[hint], now).await;
            plant.stage.note(|| format!("{actor} hint of {}: {taken:?}", letter.order_id));
        }
    })
}

/// Reads the chart of a scenario's organisation, with nothing going wrong.
pub(super) async fn read_chart(scenario: &Scenario) -> Chart {
    let stage = Stage::new(super::dice::Dice::new(0), Rates::default(), scenario.start_ms, false);
    let actor = stage.enter();
    let xero = scenario.xero();
    let clock: Arc<dyn Clock> = Arc::new(OwnClock { stage: stage.clone(), actor });
    let line = Line {
        stage: stage.clone(),
        actor,
        xero: xero.clone(),
        strays: Arc::default(),
        keys: Arc::default(),
    };
    let client = XeroClient::with_wire(&config(&xero), clock, Arc::new(line)).unwrap();
    super::director::alone(&stage, actor, client.read_chart()).await.unwrap()
}
