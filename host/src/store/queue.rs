//! The queue: one open job for each thing to do.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sqlx::Row;

use super::{
    Lease, ObjectKey, Store, StoreError, Writing, bind_key,
    history::{What, note, note_all},
    sql::{self, rows::job_hint},
};
use crate::{config::DOCUMENTS_PER_CALL_MAX, time::Timestamp};

/// How soon a job is looked at. A class of jobs is begun only when none of a more urgent one is due.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// A person waits for it.
    Urgent,
    /// It happens now.
    #[default]
    Now,
    /// It happened before: a push of history, or what a sweep found after a long time.
    Backlog,
}

impl Priority {
    const fn number(self) -> i64 {
        match self {
            Self::Urgent => 0,
            Self::Now => 1,
            Self::Backlog => 2,
        }
    }

    pub(super) const fn of(number: i64) -> Self {
        match number {
            ..=0 => Self::Urgent,
            1 => Self::Now,
            _ => Self::Backlog,
        }
    }
}

/// Says that an object may have changed. What is true is read from the shop later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// What to look at.
    pub key: ObjectKey,
    /// The object's state when the hint was given, such as its time of change; empty when
    /// unknown. A sweep passes over objects that are posted or need nothing by the same mark.
    pub mark: String,
    /// How soon it is looked at.
    pub priority: Priority,
    /// Who says so, for the object's history, such as `webhook order.updated`; empty: nothing is
    /// written there.
    pub source: String,
}

impl Hint {
    /// A hint that nobody in particular gives.
    #[must_use]
    pub fn new(key: ObjectKey, mark: &str) -> Self {
        Self { key, mark: mark.to_owned(), priority: Priority::Now, source: String::new() }
    }
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// What to look at.
    pub key: ObjectKey,
    /// Rises with each hint; a job settles only in the version that was worked on.
    pub version: i64,
    /// Place in the queue; a later hint does not change it.
    pub place: i64,
    /// The newest hint's mark.
    pub mark: String,
    /// How often it came back to the queue.
    pub attempts: i64,
    /// How many may share a call: 1 for one that has spoilt a batch.
    pub batch_max: usize,
    /// How soon it is looked at.
    #[serde(default)]
    pub priority: Priority,
}

impl Store {
    /// Takes hints: a new object gets a job, one with a job gets a new version.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn hint(
        &self,
        organisation: &str,
        hints: &[Hint],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if hints.is_empty() {
            return Ok(());
        }
        let mut transaction = self.begin().await?;
        put_hints(&mut transaction, hints.iter().map(|hint| (organisation, hint)), now).await?;
        transaction.commit().await
    }

    /// Takes hints for several organisations in one transaction.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn hint_all(
        &self,
        hints: &[(String, Hint)],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        let hints = hints.iter().map(|(organisation, hint)| (organisation.as_str(), hint));
        put_hints(&mut transaction, hints, now).await?;
        transaction.commit().await
    }

    /// Takes the hints of a sweep: objects that were posted or need nothing by the same mark are
    /// passed over; what was held or refused, or waits for what is due, may have been cured meanwhile. Gives how many were
    /// taken.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn sweep(
        &self,
        organisation: &str,
        hints: &[Hint],
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let mut changed = Vec::new();
        for hint in hints {
            let mark: Option<String> =
                bind_key!(sqlx::query_scalar(sql::OUTCOME_MARK), organisation, hint.key)
                    .fetch_optional(&self.pool)
                    .await?;
            if mark.as_ref() != Some(&hint.mark) {
                changed.push(hint.clone());
            }
        }
        self.hint(organisation, &changed, now).await?;
        Ok(changed.len())
    }

    /// The next jobs of a shop that are due, in the order of the queue: those of the most urgent
    /// class only.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn pick(
        &self,
        lease: &Lease,
        shop: &str,
        now: Timestamp,
        count: usize,
    ) -> Result<Vec<Job>, StoreError> {
        let rows = sqlx::query(sql::JOB_PICK)
            .bind(&lease.organisation)
            .bind(shop)
            .bind(now.ms())
            .bind(i64::try_from(count).unwrap_or(i64::MAX))
            .fetch_all(&self.pool)
            .await?;
        rows.iter()
            .map(|row| {
                let batch_max: i64 = row.try_get(8)?;
                Ok(Job {
                    key: ObjectKey {
                        shop: row.try_get(0)?,
                        kind: row.try_get(1)?,
                        object_id: row.try_get(2)?,
                        purpose: row.try_get(3)?,
                    },
                    version: row.try_get(4)?,
                    place: row.try_get(5)?,
                    mark: row.try_get(6)?,
                    attempts: row.try_get(7)?,
                    batch_max: usize::try_from(batch_max).unwrap_or(1).max(1),
                    priority: Priority::of(row.try_get(9)?),
                })
            })
            .collect()
    }

    /// Marks jobs as those that the holder of a lease works on.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when the lease was taken over.
    pub async fn mark_running(&self, lease: &Lease, jobs: &[Job]) -> Result<(), StoreError> {
        let mut transaction = self.begin_fenced(lease).await?;
        for job in jobs {
            bind_key!(sqlx::query(sql::JOB_RUNNING), &lease.organisation, job.key)
                .bind(lease.fence)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await
    }

    /// How many jobs of a shop are open.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn job_count(&self, organisation: &str, shop: &str) -> Result<u64, StoreError> {
        let count: i64 = sqlx::query_scalar(sql::JOB_COUNT)
            .bind(organisation)
            .bind(shop)
            .fetch_one(&self.pool)
            .await?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// Whether a person waits for a job that is due.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn has_urgent(&self, organisation: &str, now: Timestamp) -> Result<bool, StoreError> {
        let count: i64 = sqlx::query_scalar(sql::JOB_URGENT)
            .bind(organisation)
            .bind(now.ms())
            .fetch_one(&self.pool)
            .await?;
        Ok(count > 0)
    }

    /// Puts jobs back for later, at most `batch_max` of them in one call; `reason` says why.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when the lease was taken over.
    pub async fn return_jobs(
        &self,
        lease: &Lease,
        keys: &[ObjectKey],
        run_after: Timestamp,
        batch_max: usize,
        (reason, now): (&str, Timestamp),
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin_fenced(lease).await?;
        for key in keys {
            bind_key!(sqlx::query(sql::JOB_RETURN), &lease.organisation, key)
                .bind(run_after.ms())
                .bind(i64::try_from(batch_max.max(1)).unwrap_or(1))
                .bind(reason)
                .execute(&mut *transaction)
                .await?;
            note(&mut transaction, &lease.organisation, key, What::Returned, reason, now).await?;
        }
        transaction.commit().await
    }
}

/// Bits of a job's place behind the time of its first hint: so many hints fit into a millisecond.
const PLACE_BITS: u32 = 20;

/// Takes hints, many in one statement. Of those at the same object by the same mark one is taken:
/// a job that is open already only has to know that it was named.
pub(super) async fn put_hints<'a>(
    transaction: &mut Writing,
    hints: impl Iterator<Item = (&'a str, &'a Hint)>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let first = now.ms().saturating_mul(1 << PLACE_BITS);
    let mut known: BTreeMap<(&str, &ObjectKey), &Hint> = BTreeMap::new();
    let (mut open, mut seen) = (Vec::new(), Vec::new());
    for (place, (organisation, hint)) in (first..).zip(hints) {
        match known.get(&(organisation, &hint.key)) {
            Some(before) if before.mark == hint.mark && before.priority <= hint.priority => {}
            // One statement must not name an object twice.
            Some(_) => {
                write_hints(transaction, &open, now).await?;
                open.clear();
                known.clear();
                known.insert((organisation, &hint.key), hint);
                open.push((place, organisation, hint));
            }
            None => {
                known.insert((organisation, &hint.key), hint);
                open.push((place, organisation, hint));
            }
        }
        if !hint.source.is_empty() {
            seen.push((organisation, &hint.key, hint.source.as_str()));
        }
    }
    write_hints(transaction, &open, now).await?;
    note_all(transaction, &seen, What::Seen, now).await
}

async fn write_hints(
    transaction: &mut Writing,
    hints: &[(i64, &str, &Hint)],
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut left = hints;
    while !left.is_empty() {
        let (text, rows) = job_hint(left.len());
        let Some((taken, rest)) = left.split_at_checked(rows) else { break };
        let mut query = sqlx::query(text);
        for (place, organisation, hint) in taken {
            query = bind_key!(query, *organisation, hint.key)
                .bind(*place)
                .bind(&hint.mark)
                .bind(i64::try_from(DOCUMENTS_PER_CALL_MAX).unwrap_or(1))
                .bind(now.ms())
                .bind(hint.priority.number())
                .bind(now.ms());
        }
        query.execute(&mut **transaction).await?;
        left = rest;
    }
    Ok(())
}
