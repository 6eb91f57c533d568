//! The queue: one open job for each thing to do.

use serde::{Deserialize, Serialize};
use sqlx::Row;

use super::{Lease, ObjectKey, Store, StoreError, bind_key, sql};
use crate::{config::DOCUMENTS_PER_CALL_MAX, time::Timestamp};

/// Says that an object may have changed. What is true is read from the shop later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// What to look at.
    pub key: ObjectKey,
    /// The object's state when the hint was given, such as its time of change; empty when
    /// unknown. A sweep passes over objects that are posted or need nothing by the same mark.
    pub mark: String,
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
        let mut transaction = self.begin().await?;
        let mut place: i64 =
            sqlx::query_scalar(sql::JOB_PLACE_LAST).fetch_one(&mut *transaction).await?;
        for hint in hints {
            place = place.saturating_add(1);
            bind_key!(sqlx::query(sql::JOB_HINT), organisation, hint.key)
                .bind(place)
                .bind(&hint.mark)
                .bind(i64::try_from(DOCUMENTS_PER_CALL_MAX).unwrap_or(1))
                .bind(now.ms())
                .execute(&mut *transaction)
                .await?;
        }
        Ok(transaction.commit().await?)
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

    /// The next jobs that are due, in the order of the queue, behind `after`.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn pick(
        &self,
        lease: &Lease,
        now: Timestamp,
        after: i64,
        count: usize,
    ) -> Result<Vec<Job>, StoreError> {
        let rows = sqlx::query(sql::JOB_PICK)
            .bind(&lease.organisation)
            .bind(now.ms())
            .bind(after)
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
                })
            })
            .collect()
    }

    /// How many jobs are open.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn job_count(&self, organisation: &str) -> Result<u64, StoreError> {
        let count: i64 =
            sqlx::query_scalar(sql::JOB_COUNT).bind(organisation).fetch_one(&self.pool).await?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// Puts jobs back for later, at most `batch_max` of them in one call.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when the lease was taken over.
    pub async fn return_jobs(
        &self,
        lease: &Lease,
        keys: &[ObjectKey],
        run_after: Timestamp,
        batch_max: usize,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin_fenced(lease).await?;
        for key in keys {
            bind_key!(sqlx::query(sql::JOB_RETURN), &lease.organisation, key)
                .bind(run_after.ms())
                .bind(i64::try_from(batch_max.max(1)).unwrap_or(1))
                .execute(&mut *transaction)
                .await?;
        }
        Ok(transaction.commit().await?)
    }
}
