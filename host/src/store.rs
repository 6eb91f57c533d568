//! What must outlive a crash: jobs, leases, plans with their calls, links, outcomes, settings.
//!
//! SQLite in WAL mode with every commit on disk, or PostgreSQL. All SQL is in `store/sql.rs`, the
//! same words for both. Nobody holds a transaction while talking to another machine.

mod access;
mod alert;
mod backup;
mod board;
mod budget;
mod connection;
mod consent;
mod history;
mod intake;
mod lease;
mod link;
mod mirror;
mod outcome;
mod overview;
mod pairing;
mod plan;
mod queue;
mod recording;
mod retention;
mod settings;
mod shop;
mod sql;
mod summary;
mod tables;
mod wanted;

use std::{
    fs::{self, OpenOptions},
    io,
    ops::{Deref, DerefMut},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
    sync::Arc,
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sqlx::{
    Any, AnyConnection, AnyPool, Transaction,
    any::{AnyConnectOptions, AnyPoolOptions},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub use access::{NewToken, Role, TOKEN_BEGINS, TokenRow};
pub use alert::StoredAlert;
pub use backup::BackupError;
pub use board::{BOARD_ENTRIES_MAX, BoardEntry, BoardFilter, JobState};
pub use connection::{Connection, ConnectionKind, NewConnection, NewTokens, ResealError};
pub use consent::{CONSENT_LIFE, Choice, ConsentRow};
pub use history::{HistoryEntry, LogEntry, LogPlace, What};
pub use intake::{Arrival, Nonce, SweepWanted};
pub use lease::Lease;
pub use link::PostedDocument;
pub use mirror::{MirrorMark, MirrorNews, MirrorOf, Mirrored};
pub use outcome::{Outcome, OutcomeCount, OutcomeKind};
pub use overview::{HeldRow, PlanCallRow, PlanRow};
pub use pairing::PAIRING_LIFE;
pub(crate) use plan::shop_of;
pub use plan::{PlanCall, PlanCallState, PlanState, StoredPlan};
pub use queue::{Hint, Job, Priority};
pub use retention::{Forgotten, Pruned};
pub use settings::{StoredSettings, settings_sha256};
pub use shop::{Activity, NOT_ON, OrganisationRow, ShopRow, Switches};
pub use summary::PlannedSummary;
pub use tables::{Contents, CopyError};
pub use wanted::PlanWanted;

/// Every commit is on disk before it counts; a writer of another process waits half a minute.
const SQLITE_PRAGMAS: [&str; 4] = [
    "PRAGMA busy_timeout = 30000",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
];
const SQLITE_CONNECTIONS_MAX: u32 = 4;
const POSTGRES_CONNECTIONS_MAX: u32 = 8;
const FILE: &str = "tillbook.db";

/// The store failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The lease was taken over: what this worker wanted to write is no longer its business.
    #[error("the lease of organisation `{0}` was taken over")]
    Fenced(String),
    /// The database failed.
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// The database cannot be brought to this version.
    #[error("the database cannot be migrated: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The folder or file cannot be made.
    #[error("`{path}` cannot be written: {error}")]
    Folder {
        /// The folder or file.
        path: String,
        /// Why.
        error: io::Error,
    },
    /// A row does not hold what this program writes.
    #[error("the database holds nonsense: {0}")]
    Corrupt(String),
}

/// Names one thing to do: what (an order's invoice), of which shop, for which organisation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ObjectKey {
    /// The shop's address.
    pub shop: String,
    /// `order`.
    pub kind: String,
    /// The shop's id of the object.
    pub object_id: String,
    /// `invoice`.
    pub purpose: String,
}

impl ObjectKey {
    /// The invoice of an order.
    #[must_use]
    pub fn invoice(shop: &str, order_id: u64) -> Self {
        Self {
            shop: shop.to_owned(),
            kind: String::from("order"),
            object_id: order_id.to_string(),
            purpose: String::from("invoice"),
        }
    }
}

/// Which engine keeps the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file of this machine; one process at a time.
    Sqlite,
    /// A server that any number of hosts share.
    Postgres,
}

/// What may go wrong with a write, for tests: asked before each writing transaction begins and
/// before it is committed, told after it was.
pub trait WriteHook: std::fmt::Debug + Send + Sync {
    /// Waits, or fails as a full disk would.
    fn at(
        &self,
        moment: WriteMoment,
    ) -> futures_util::future::BoxFuture<'_, Result<(), StoreError>>;
}

/// A moment of a writing transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteMoment {
    /// Nothing is written yet.
    Begin,
    /// All is written, nothing is kept yet.
    BeforeCommit,
    /// It is kept.
    AfterCommit,
}

/// The durable store.
#[derive(Debug, Clone)]
pub struct Store {
    pool: AnyPool,
    engine: Engine,
    /// SQLite has one writer: they queue here, in order, instead of polling the file's lock.
    writer: Arc<Semaphore>,
    hook: Option<Arc<dyn WriteHook>>,
    #[cfg(feature = "sabotage")]
    sabotage: crate::sabotage::Sabotage,
}

/// A writing transaction.
pub(crate) struct Writing {
    transaction: Transaction<'static, Any>,
    hook: Option<Arc<dyn WriteHook>>,
    turn: Option<OwnedSemaphorePermit>,
}

impl Writing {
    /// Keeps what was written.
    async fn commit(self) -> Result<(), StoreError> {
        if let Some(hook) = &self.hook {
            hook.at(WriteMoment::BeforeCommit).await?;
        }
        self.transaction.commit().await?;
        // The next writer need not wait for what the hook makes of it.
        drop(self.turn);
        if let Some(hook) = &self.hook {
            hook.at(WriteMoment::AfterCommit).await?;
        }
        Ok(())
    }
}

impl Deref for Writing {
    type Target = AnyConnection;

    fn deref(&self) -> &Self::Target {
        &self.transaction
    }
}

impl DerefMut for Writing {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.transaction
    }
}

impl Store {
    /// Opens the database in `folder`, and makes both when they are not there.
    ///
    /// # Errors
    /// [`StoreError::Folder`], [`StoreError::Database`] or [`StoreError::Migrate`].
    pub async fn open(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(FILE);
        let fail = |error| StoreError::Folder { path: path.display().to_string(), error };
        make_folder(folder).map_err(fail)?;
        // Made here first, so that nobody but the owner can read it.
        OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(&path)
            .map_err(|error| StoreError::Folder { path: path.display().to_string(), error })?;
        let address = url::Url::from_file_path(std::path::absolute(&path).map_err(fail)?)
            .map_err(|()| fail(io::ErrorKind::InvalidFilename.into()))?;
        let address = format!("sqlite://{}?mode=rw", address.path());
        let pool = connect(&address, SQLITE_CONNECTIONS_MAX, Engine::Sqlite).await?;
        sqlx::migrate!("migrations/sqlite").run(&pool).await?;
        Ok(Self::with(pool, Engine::Sqlite))
    }

    /// Opens a database of PostgreSQL, `postgres://user:password@machine/database`, and brings it to
    /// this version; hosts that start at once do that one after the other.
    ///
    /// # Errors
    /// [`StoreError::Database`] or [`StoreError::Migrate`].
    pub async fn connect(address: &str) -> Result<Self, StoreError> {
        let pool = connect(address, POSTGRES_CONNECTIONS_MAX, Engine::Postgres).await?;
        sqlx::migrate!("migrations/postgres").run(&pool).await?;
        Ok(Self::with(pool, Engine::Postgres))
    }

    fn with(pool: AnyPool, engine: Engine) -> Self {
        Self {
            pool,
            engine,
            writer: Arc::new(Semaphore::new(1)),
            hook: None,
            #[cfg(feature = "sabotage")]
            sabotage: crate::sabotage::Sabotage::None,
        }
    }

    /// The same store, with something that may go wrong at each write.
    #[must_use]
    pub fn with_hook(self, hook: Arc<dyn WriteHook>) -> Self {
        Self { hook: Some(hook), ..self }
    }

    /// The same store, with a fault that is put in on purpose.
    #[cfg(feature = "sabotage")]
    #[must_use]
    pub fn with_sabotage(self, sabotage: crate::sabotage::Sabotage) -> Self {
        Self { sabotage, ..self }
    }

    /// Whether a fault was put in.
    #[cfg(feature = "sabotage")]
    pub(crate) fn has(&self, sabotage: crate::sabotage::Sabotage) -> bool {
        self.sabotage == sabotage
    }

    /// Which engine keeps it.
    #[must_use]
    pub const fn engine(&self) -> Engine {
        self.engine
    }

    /// Whether a folder has a store already.
    #[must_use]
    pub fn exists(folder: &Path) -> bool {
        folder.join(FILE).is_file()
    }

    /// Closes the database cleanly.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Begins a writing transaction: on SQLite the write lock is taken at once, so that it cannot
    /// be refused half-way.
    async fn begin(&self) -> Result<Writing, StoreError> {
        if let Some(hook) = &self.hook {
            hook.at(WriteMoment::Begin).await?;
        }
        let turn = match self.engine {
            Engine::Sqlite => Arc::clone(&self.writer).acquire_owned().await.ok(),
            Engine::Postgres => None,
        };
        let begin = match self.engine {
            Engine::Sqlite => "BEGIN IMMEDIATE",
            Engine::Postgres => "BEGIN",
        };
        let transaction = self.pool.begin_with(begin).await?;
        Ok(Writing { transaction, hook: self.hook.clone(), turn })
    }

    /// Begins a writing transaction that only the holder of `lease` may make. On PostgreSQL the
    /// lease's row stays locked until its end, so that nobody takes it over meanwhile.
    async fn begin_fenced(&self, lease: &Lease) -> Result<Writing, StoreError> {
        let mut transaction = self.begin().await?;
        #[cfg(feature = "sabotage")]
        if self.has(crate::sabotage::Sabotage::NoLeaseCheck) {
            return Ok(transaction);
        }
        let is_held = match self.engine {
            Engine::Sqlite => sql::LEASE_IS_HELD,
            Engine::Postgres => sql::LEASE_IS_HELD_LOCKED,
        };
        let held: Option<i64> = sqlx::query_scalar(is_held)
            .bind(&lease.organisation)
            .bind(lease.fence)
            .fetch_optional(&mut *transaction)
            .await?;
        match held {
            Some(_) => Ok(transaction),
            None => Err(StoreError::Fenced(lease.organisation.clone())),
        }
    }
}

async fn connect(address: &str, connections: u32, engine: Engine) -> Result<AnyPool, StoreError> {
    sqlx::any::install_default_drivers();
    let options: AnyConnectOptions = address.parse()?;
    Ok(AnyPoolOptions::new()
        .max_connections(connections)
        .after_connect(move |connection, _| {
            Box::pin(async move {
                if engine == Engine::Sqlite {
                    for pragma in SQLITE_PRAGMAS {
                        sqlx::query(pragma).execute(&mut *connection).await?;
                    }
                }
                Ok(())
            })
        })
        .connect_with(options)
        .await?)
}

/// Makes a folder that only its owner can open, and those above it; one that is there stays as
/// it is.
pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Structured columns are JSON text, the same on every engine.
fn to_json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Corrupt(error.to_string()))
}

fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// Binds the five columns that name a thing to do.
macro_rules! bind_key {
    ($query:expr, $organisation:expr, $key:expr) => {
        $query
            .bind($organisation)
            .bind(&$key.shop)
            .bind(&$key.kind)
            .bind(&$key.object_id)
            .bind(&$key.purpose)
    };
}
pub(crate) use bind_key;
