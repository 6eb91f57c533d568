//! The whole store as tables: copied, counted and compared, whatever engine keeps it.
//!
//! Which tables and columns there are is asked of the engine, so that none can be forgotten.

use futures_util::TryStreamExt;
use sha2::{Digest, Sha256};
use sqlx::{AnyConnection, AssertSqlSafe, Row, any::AnyRow};

use super::{Engine, Store, StoreError, sql::operations as sql};
use crate::time::Timestamp;

/// Rows after which the caller hears how far a copy has come.
const ROWS_A_STEP: u64 = 500;

/// What of the store's tables cannot be copied.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CopyError {
    /// A store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A worker is at it.
    #[error("`{owner}` is working on organisation `{organisation}`; stop all hosts first")]
    Leased {
        /// The organisation.
        organisation: String,
        /// The worker.
        owner: String,
    },
    /// The target holds something.
    #[error("table `{table}` of the target has {rows} rows; the target must be empty")]
    NotEmpty {
        /// The table.
        table: String,
        /// Its rows.
        rows: u64,
    },
    /// The engines do not have the same tables or columns.
    #[error("`{0}` is not in both stores; both must be of this program's version")]
    Shape(String),
    /// A column of a kind that this program does not write.
    #[error("column `{0}` has the type `{1}`, which is not copied")]
    Kind(String, String),
    /// What was written is not what was read.
    #[error("table `{0}` is not the same in both stores; nothing was kept")]
    Differs(String),
}

impl From<sqlx::Error> for CopyError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Integer,
    Text,
    Blob,
}

/// A table with its columns.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Shape {
    table: String,
    columns: Vec<(String, Kind)>,
}

/// How many rows a table has, and a hash over all of them in whatever order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// The table.
    pub table: String,
    /// Its rows.
    pub rows: u64,
    /// SHA-256 over the sorted hashes of its rows, in hex.
    pub sha256: String,
}

impl Store {
    /// The names of all tables, sorted.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn tables(&self) -> Result<Vec<String>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        Ok(names(self.engine, &mut connection).await?)
    }

    /// What all tables hold.
    ///
    /// # Errors
    /// [`CopyError`].
    pub async fn contents(&self) -> Result<Vec<Contents>, CopyError> {
        let mut snapshot = self.pool.begin_with(self.reading()).await?;
        let mut all = Vec::new();
        for shape in shapes(self.engine, &mut snapshot).await? {
            all.push(contents(&shape, &mut snapshot).await?);
        }
        Ok(all)
    }

    /// Copies every row of every table into an empty store, in one transaction there, compares
    /// both, and keeps it only when they are the same. With `resume` tables that are the same
    /// already are passed over. Gives what was copied.
    ///
    /// # Errors
    /// [`CopyError`]; then the target is as it was.
    pub async fn copy_into(
        &self,
        target: &Self,
        resume: bool,
        mut on_rows: impl FnMut(&str, u64),
    ) -> Result<Vec<Contents>, CopyError> {
        let mut from = self.pool.begin_with(self.reading()).await?;
        let mut into = target.begin().await?;
        let shapes =
            both(shapes(self.engine, &mut from).await?, shapes(target.engine, &mut into).await?)?;
        let mut copied = Vec::new();
        for (here, there) in &shapes {
            let rows = count(&there.table, &mut into).await?;
            let same = rows > 0
                && resume
                && contents(here, &mut from).await? == contents(there, &mut into).await?;
            if rows > 0 && !same {
                return Err(CopyError::NotEmpty { table: there.table.clone(), rows });
            }
            if !same {
                copy(here, &mut from, &mut into, &mut on_rows).await?;
            }
            let (was, is) = (contents(here, &mut from).await?, contents(there, &mut into).await?);
            if was != is {
                return Err(CopyError::Differs(there.table.clone()));
            }
            copied.push(is);
        }
        into.commit().await?;
        Ok(copied)
    }

    /// Refuses while a worker holds a lease.
    ///
    /// # Errors
    /// [`CopyError::Leased`].
    pub async fn assert_idle(&self, now: Timestamp) -> Result<(), CopyError> {
        let held: Option<(String, String)> =
            sqlx::query_as(sql::LEASES_HELD).bind(now.ms()).fetch_optional(&self.pool).await?;
        match held {
            Some((organisation, owner)) => Err(CopyError::Leased { organisation, owner }),
            None => Ok(()),
        }
    }

    /// A transaction that sees one moment of the whole.
    const fn reading(&self) -> &'static str {
        match self.engine {
            Engine::Sqlite => "BEGIN",
            Engine::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ",
        }
    }
}

async fn names(engine: Engine, at: &mut AnyConnection) -> Result<Vec<String>, sqlx::Error> {
    let query = match engine {
        Engine::Sqlite => sql::TABLES_SQLITE,
        Engine::Postgres => sql::TABLES_POSTGRES,
    };
    sqlx::query_scalar(query).fetch_all(at).await
}

async fn shapes(engine: Engine, at: &mut AnyConnection) -> Result<Vec<Shape>, CopyError> {
    let query = match engine {
        Engine::Sqlite => sql::COLUMNS_SQLITE,
        Engine::Postgres => sql::COLUMNS_POSTGRES,
    };
    let mut shapes = Vec::new();
    for table in names(engine, at).await? {
        let columns: Vec<(String, String)> =
            sqlx::query_as(query).bind(&table).fetch_all(&mut *at).await?;
        let columns = columns.into_iter().map(|(name, kind)| {
            let known = match kind.to_ascii_lowercase().as_str() {
                "integer" | "bigint" => Kind::Integer,
                "text" => Kind::Text,
                "blob" | "bytea" => Kind::Blob,
                _ => return Err(CopyError::Kind(format!("{table}.{name}"), kind)),
            };
            Ok((name, known))
        });
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        shapes.push(Shape { table, columns });
    }
    Ok(shapes)
}

/// The tables of both stores, each with its columns by name.
fn both(here: Vec<Shape>, there: Vec<Shape>) -> Result<Vec<(Shape, Shape)>, CopyError> {
    let only = |some: &[Shape], others: &[Shape]| {
        some.iter().find(|one| !others.contains(one)).map(|one| one.table.clone())
    };
    if let Some(table) = only(&here, &there).or_else(|| only(&there, &here)) {
        return Err(CopyError::Shape(table));
    }
    Ok(here.into_iter().zip(there).collect())
}

async fn count(table: &str, at: &mut AnyConnection) -> Result<u64, CopyError> {
    let query = format!("SELECT COUNT(*) FROM \"{table}\"");
    let rows: i64 = sqlx::query_scalar(AssertSqlSafe(query)).fetch_one(at).await?;
    Ok(u64::try_from(rows).unwrap_or(0))
}

fn listed(shape: &Shape) -> String {
    let names: Vec<String> = shape.columns.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    names.join(", ")
}

async fn copy(
    shape: &Shape,
    from: &mut AnyConnection,
    into: &mut AnyConnection,
    on_rows: &mut impl FnMut(&str, u64),
) -> Result<(), CopyError> {
    let (table, names) = (&shape.table, listed(shape));
    let places: Vec<String> = (1..=shape.columns.len()).map(|at| format!("${at}")).collect();
    let insert = format!("INSERT INTO \"{table}\" ({names}) VALUES ({})", places.join(", "));
    let select = format!("SELECT {names} FROM \"{table}\"");
    let mut rows = sqlx::query(AssertSqlSafe(select)).fetch(from);
    let mut done = 0;
    while let Some(row) = rows.try_next().await? {
        let mut query = sqlx::query(AssertSqlSafe(insert.clone()));
        for (at, (_, kind)) in shape.columns.iter().enumerate() {
            query = match kind {
                Kind::Integer => query.bind(row.try_get::<Option<i64>, _>(at)?),
                Kind::Text => query.bind(row.try_get::<Option<String>, _>(at)?),
                Kind::Blob => query.bind(row.try_get::<Option<Vec<u8>>, _>(at)?),
            };
        }
        query.execute(&mut *into).await?;
        done += 1;
        if done % ROWS_A_STEP == 0 {
            on_rows(table, ROWS_A_STEP);
        }
    }
    on_rows(table, done % ROWS_A_STEP);
    Ok(())
}

async fn contents(shape: &Shape, at: &mut AnyConnection) -> Result<Contents, CopyError> {
    let select = format!("SELECT {} FROM \"{}\"", listed(shape), shape.table);
    let mut rows = sqlx::query(AssertSqlSafe(select)).fetch(at);
    let mut found = Vec::new();
    while let Some(row) = rows.try_next().await? {
        found.push(hash(shape, &row)?);
    }
    found.sort_unstable();
    let mut hasher = Sha256::new();
    for one in &found {
        hasher.update(one);
    }
    Ok(Contents {
        table: shape.table.clone(),
        rows: found.len() as u64,
        sha256: hex::encode(hasher.finalize()),
    })
}

/// The hash of a row: what is there, how long, and the bytes; nothing is told from empty.
fn hash(shape: &Shape, row: &AnyRow) -> Result<[u8; 32], sqlx::Error> {
    let mut hasher = Sha256::new();
    for (at, (name, kind)) in shape.columns.iter().enumerate() {
        let bytes = match kind {
            Kind::Integer => {
                row.try_get::<Option<i64>, _>(at)?.map(|one| one.to_be_bytes().to_vec())
            }
            Kind::Text => row.try_get::<Option<String>, _>(at)?.map(String::into_bytes),
            Kind::Blob => row.try_get::<Option<Vec<u8>>, _>(at)?,
        };
        hasher.update(name);
        hasher.update([0, u8::from(bytes.is_some())]);
        let bytes = bytes.unwrap_or_default();
        hasher.update((bytes.len() as u64).to_be_bytes());
        hasher.update(bytes);
    }
    Ok(hasher.finalize().into())
}
