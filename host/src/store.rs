//! What must outlive a crash: jobs, leases, plans with their calls, links, outcomes, settings.
//!
//! SQLite in WAL mode with every commit on disk. All SQL is in `store/sql.rs`, in words that
//! PostgreSQL understands too. Nobody holds a transaction while talking to another machine.

mod lease;
mod link;
mod outcome;
mod plan;
mod queue;
mod settings;
mod sql;
mod summary;

use std::{
    fs::{self, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
    time::Duration,
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sqlx::{
    Sqlite, SqlitePool, Transaction,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

pub use lease::Lease;
pub use outcome::{Outcome, OutcomeCount, OutcomeKind};
pub use plan::{PlanCall, PlanCallState, PlanState, StoredPlan};
pub use queue::{Hint, Job};
pub use settings::{StoredSettings, settings_sha256};
pub use summary::PlannedSummary;

/// How long a writer waits for another one.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);
const CONNECTIONS_MAX: u32 = 4;
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

/// The durable store.
#[derive(Debug, Clone)]
pub struct Store {
    pool: SqlitePool,
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
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY_TIMEOUT);
        let pool =
            SqlitePoolOptions::new().max_connections(CONNECTIONS_MAX).connect_with(options).await?;
        sqlx::migrate!("migrations/sqlite").run(&pool).await?;
        Ok(Self { pool })
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

    /// Begins a writing transaction: the write lock is taken at once, so that it cannot be
    /// refused half-way.
    async fn begin(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.pool.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// Begins a writing transaction that only the holder of `lease` may make.
    async fn begin_fenced(
        &self,
        lease: &Lease,
    ) -> Result<Transaction<'static, Sqlite>, StoreError> {
        let mut transaction = self.begin().await?;
        let held: Option<i64> = sqlx::query_scalar(sql::LEASE_IS_HELD)
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
