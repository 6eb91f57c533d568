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
    shop::{Shop, Window},
    stage::{ActorId, OwnClock, Point, Rates, Stage},
    wire::{Line, Stray},
};

/// The organisation's name in the store.
pub(super) const ORGANISATION: &str = "org";

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
    /// The shops of the organisation.
    pub(super) places: Vec<Place>,
    pub(super) strays: Arc<Mutex<Vec<Stray>>>,
    pub(super) keys: Arc<Mutex<Vec<String>>>,
    pub(super) documents_per_call: usize,
    /// Whether the workers count their calls together.
    pub(super) shares_limits: bool,
    /// Only one worker: it may free the leases of the dead when it starts.
    pub(super) alone: bool,
}

/// A shop with the rules by which it is worked for.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// Its name in the store.
    pub(super) slug: String,
    pub(super) shop: Arc<Shop>,
    pub(super) rules: Arc<Rules>,
}

/// One worker's process.
#[derive(Debug)]
pub(super) struct Process {
    plant: Plant,
    actor: ActorId,
    worker: Worker,
    /// One for each shop.
    branches: Vec<Organisation<Window>>,
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
        let disk = Disk { stage: stage.clone(), actor };
        let books = Bookkeeper {
            store: plant.store.clone().with_hook(Arc::new(disk)),
            door: door(),
            owner: format!("process {actor}.{birth}"),
            clock,
            patience: Duration::ZERO,
            read_patience: Duration::ZERO,
            lease: LEASE,
        };
        let branches = plant.places.iter().map(|place| branch(plant, place, actor, &books));
        let branches = branches.collect();
        Self { plant: plant.clone(), actor, worker: Worker { books }, branches }
    }

    /// Who it is.
    pub(super) const fn actor(&self) -> ActorId {
        self.actor
    }

    /// Works until it dies: a step or a sweep at each turn.
    pub(super) fn live(self) -> Life {
        Box::pin(async move {
            if self.plant.alone {
                self.free_leases().await;
            }
            loop {
                self.plant.stage.point(self.actor, Point::Turn).await;
                let (sweeps, leaves, at) = {
                    let dice = &mut self.plant.stage.lock().dice;
                    (dice.hits(120), dice.hits(300), dice.place(self.branches.len()))
                };
                let failed = if sweeps { self.sweep(at).await } else { self.step(at).await };
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

    /// One step for one of the shops; gives whether the store failed.
    pub(super) async fn step(&self, at: usize) -> bool {
        let (_switch, stop) = stop_signal();
        let done = self.worker.step(&self.branches[at], &stop).await;
        self.plant.stage.note(|| format!("{} step for shop {at}: {done:?}", self.actor));
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

    async fn sweep(&self, at: usize) -> bool {
        let done = self.sweep_since(at, &RHYTHM).await;
        self.plant.stage.note(|| format!("{} sweep of shop {at}: {done:?}", self.actor));
        self.plant.stage.count("sweeps");
        matches!(done, Err(SweepError::Store(_)))
    }

    /// Sweeps from the marks that are kept, and keeps the new ones; gives how many objects it hinted at.
    async fn sweep_since(&self, at: usize, rhythm: &Rhythm) -> Result<usize, SweepError> {
        let store = &self.worker.books.store;
        let slug = &self.plant.places[at].slug;
        let kept = store.shop(slug).await?.map(|row| row.marks).unwrap_or_default();
        let mut marks: Marks = serde_json::from_str(&kept).unwrap_or_default();
        let swept = self.worker.sweep_since(&self.branches[at], &mut marks, *rhythm).await?;
        store.set_marks(slug, &serde_json::to_string(&marks).unwrap()).await?;
        Ok(swept.hinted)
    }

    /// One sweep that looks at everything; gives how many objects it hinted at.
    pub(super) async fn sweep_once(&self, at: usize) -> Result<usize, String> {
        let rhythm = Rhythm { compare_every: Duration::ZERO, look_again_every: Duration::ZERO };
        let found = self.sweep_since(at, &rhythm).await;
        self.plant.stage.note(|| format!("{} sweep: {found:?}", self.actor));
        found.map_err(|error| error.to_string())
    }

    /// What is still to be done about everything.
    pub(super) async fn plan(&self, at: usize) -> Result<StoredPlan, String> {
        let plan = self.worker.books.plan(&self.branches[at], &Scope::default()).await;
        plan.map_err(|error| format!("{error:?}"))
    }

    /// How every object ended.
    pub(super) async fn outcomes(&self) -> Vec<Outcome> {
        self.worker.books.store.outcomes(ORGANISATION).await.unwrap()
    }
}

/// What a process knows of one of the shops.
fn branch(
    plant: &Plant,
    place: &Place,
    actor: ActorId,
    books: &Bookkeeper,
) -> Organisation<Window> {
    let stage = plant.stage.clone();
    let line = Line {
        stage: stage.clone(),
        actor,
        xero: plant.xero.clone(),
        strays: Arc::clone(&plant.strays),
        keys: Arc::clone(&plant.keys),
    };
    let config = config(&plant.xero);
    let client = XeroClient::with_wire(&config, Arc::clone(&books.clock), Arc::new(line)).unwrap();
    let xero = if plant.shares_limits {
        client.sharing_limits(&config, books.store.clone(), (&config.client_id, ORGANISATION))
    } else {
        client
    };
    Organisation {
        id: String::from(ORGANISATION),
        shop_url: place.shop.url().to_owned(),
        shop: place.rules.profile.clone(),
        facts: Window { stage, actor, shop: Arc::clone(&place.shop) },
        chart: place.rules.chart.clone(),
        settings: place.rules.settings.clone(),
        rules_sha256: String::from("rules"),
        xero,
        documents_per_call: plant.documents_per_call,
        call_bytes_max: CALL_BYTES_MAX,
    }
}

/// Writes down a shop as one that is worked for since a moment.
pub(super) async fn found(store: &Store, place: &Place, since: Timestamp) {
    let row = ShopRow {
        slug: place.slug.clone(),
        organisation: String::from(ORGANISATION),
        url: place.shop.url().to_owned(),
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

/// When something is to be done for a shop, and why not before.
pub(super) async fn next_run(store: &Store, place: &Place) -> Option<(Timestamp, String)> {
    store.next_run(ORGANISATION, place.shop.url()).await.unwrap()
}

/// The intake: takes the shops' hints as they come.
pub(super) fn intake(plant: &Plant, actor: ActorId) -> Life {
    let plant = plant.clone();
    let disk = Disk { stage: plant.stage.clone(), actor };
    let store = plant.store.clone().with_hook(Arc::new(disk));
    Box::pin(async move {
        loop {
            plant.stage.point(actor, Point::Turn).await;
            let found = {
                let mut inner = plant.stage.lock();
                let now_ms = inner.now_ms;
                let mut waiting = plant.places.iter().filter(|place| place.shop.has_mail(now_ms));
                waiting.next().and_then(|place| {
                    let letter = place.shop.take_mail(&mut inner.dice, now_ms)?;
                    Some((place, letter))
                })
            };
            let Some((place, letter)) = found else { continue };
            let url = place.shop.url();
            let now = OwnClock { stage: plant.stage.clone(), actor }.now();
            let hint = Hint::new(ObjectKey::invoice(url, letter.order_id), &letter.mark);
            let taken = store.hint(ORGANISATION, &[hint], now).await;
            plant.stage.note(|| {
                format!("{actor} hint of {} of {}: {taken:?}", letter.order_id, place.slug)
            });
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
