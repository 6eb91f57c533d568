//! Years of bad days in one process: the practice shop, the practice Xero, several workers and the
//! store between them, in virtual time, with everything going wrong that a seed draws.
//!
//! One actor moves at a time, from one point of waiting to the next (`stage`); a director draws who
//! moves, who dies and how time goes by (`director`). What happens depends on the seed alone, so a
//! seed that fails is played again alone: `TILLBOOK_TEST_SEED=n`. After the bad days all heals, and
//! the ledger is held against the shop without the core (`books`).
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a simulation is a test: it fails by panicking"
)]

mod books;
mod crowd;
mod dice;
mod director;
mod disk;
mod process;
mod scenario;
mod shop;
mod stage;
mod tally;
mod wire;

use std::{
    fs, io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

pub use tillbook::sabotage::Sabotage;
use tillbook::{store::Store, time::Timestamp};
use tillbook_practice::xero::LoggedCall;

pub use crowd::play_many;
pub use tally::Tally;

use self::{
    dice::Dice,
    director::Director,
    process::{Place, Plant},
    scenario::{Scenario, rules},
    shop::Shop,
    stage::Stage,
};

/// What became of one seed.
#[derive(Debug)]
pub struct Played {
    /// The seed.
    pub seed: u64,
    /// What happened, in numbers.
    pub tally: Tally,
    /// What happened, in order; empty unless it was asked for.
    pub log: Vec<String>,
    /// What did not come right, if anything.
    pub failure: Option<String>,
}

/// Plays seeds, one after the other, on one thread.
#[derive(Debug)]
pub struct Player {
    runtime: tokio::runtime::Runtime,
    folder: PathBuf,
}

impl Player {
    /// A player with a folder of its own, in memory where the machine has such.
    ///
    /// # Errors
    /// The folder or the runtime cannot be made.
    pub fn new() -> io::Result<Self> {
        static PLAYERS: AtomicU64 = AtomicU64::new(0);
        let memory = Path::new("/dev/shm");
        let base = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        let number = PLAYERS.fetch_add(1, Ordering::Relaxed);
        let folder = base.join(format!("tillbook-simulation-{}-{number}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self { runtime, folder })
    }

    /// Plays one seed.
    #[must_use]
    pub fn play(&self, seed: u64, sabotage: Sabotage, with_log: bool) -> Played {
        let played = || self.runtime.block_on(play(&self.folder, seed, sabotage, with_log));
        catch_unwind(AssertUnwindSafe(played)).unwrap_or_else(|panic| Played {
            seed,
            tally: Tally::default(),
            log: Vec::new(),
            failure: Some(format!("it panics: {}", words_of(&*panic))),
        })
    }
}

fn words_of(panic: &(dyn std::any::Any + Send)) -> String {
    let words = panic.downcast_ref::<String>().cloned();
    words.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default()
}

impl Drop for Player {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.folder).ok();
    }
}

/// An empty database of this version, made once and copied for each seed.
async fn template(folder: &Path) -> Vec<u8> {
    static TEMPLATE: OnceLock<Vec<u8>> = OnceLock::new();
    if let Some(bytes) = TEMPLATE.get() {
        return bytes.clone();
    }
    let folder = folder.join("template");
    let store = Store::open(&folder).await.unwrap();
    store.close().await;
    let bytes = fs::read(folder.join("tillbook.db")).unwrap();
    TEMPLATE.get_or_init(|| bytes).clone()
}

async fn play(folder: &Path, seed: u64, sabotage: Sabotage, with_log: bool) -> Played {
    let mut dice = Dice::new(seed);
    let scenario = Scenario::draw(&mut dice);
    let stage = Stage::new(dice, scenario.rates, scenario.start_ms, with_log);
    stage.note(|| format!("seed {seed}: {scenario:?}"));
    let own = folder.join("seed");
    // A seed that panicked has left its own behind.
    fs::remove_dir_all(&own).ok();
    fs::create_dir_all(&own).unwrap();
    fs::write(own.join("tillbook.db"), template(folder).await).unwrap();
    let plant = Plant {
        stage: stage.clone(),
        store: Store::open(&own).await.unwrap().with_sabotage(sabotage),
        xero: scenario.xero(),
        places: places(&scenario).await,
        strays: Arc::default(),
        keys: Arc::default(),
        documents_per_call: scenario.documents_per_call,
        shares_limits: scenario.shares_limits,
        alone: scenario.workers == 1,
    };
    for place in &plant.places {
        process::found(&plant.store, place, Timestamp::from_ms(scenario.start_ms)).await;
    }
    let mut director = Director::new(plant.clone(), scenario);
    let failure = director.play().await.err();
    drop(director);
    plant.store.close().await;
    fs::remove_dir_all(&own).unwrap();
    count_calls(&stage, &plant.xero.calls());
    let tally = stage.lock().tally.clone();
    Played { seed, tally, log: stage.take_log(), failure }
}

/// The shops of a scenario; their orders bear the same ids.
async fn places(scenario: &Scenario) -> Vec<Place> {
    let mut places = Vec::new();
    for (slug, prefix) in [("shop", "W-"), ("other", "V-")].into_iter().take(scenario.shops) {
        places.push(Place {
            slug: slug.to_owned(),
            shop: Arc::new(Shop::open(scenario.batch, &format!("https://{slug}.example"))),
            rules: Arc::new(rules(scenario, prefix).await),
        });
    }
    places
}

fn count_calls(stage: &Stage, calls: &[LoggedCall]) {
    let mut inner = stage.lock();
    inner.tally.count("seeds");
    for call in calls {
        let what = if call.method == "GET" { "calls that read" } else { "calls that write" };
        inner.tally.count(what);
    }
}
