//! Leases: an organisation is drained by one worker at a time.

use std::time::Duration;

use super::{Store, StoreError, sql};
use crate::time::Timestamp;

/// Proof of one claim. Whoever holds an older fence can write nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The organisation that is held.
    pub organisation: String,
    /// Rises with each claim.
    pub fence: i64,
}

impl Store {
    /// Takes an organisation for `lease`, unless another worker holds it or it is parked.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn claim(
        &self,
        organisation: &str,
        owner: &str,
        now: Timestamp,
        lease: Duration,
    ) -> Result<Option<Lease>, StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query(sql::LEASE_MAKE).bind(organisation).execute(&mut *transaction).await?;
        let fence: Option<i64> = sqlx::query_scalar(sql::LEASE_CLAIM)
            .bind(organisation)
            .bind(owner)
            .bind(now.ms())
            .bind(now.plus(lease).ms())
            .fetch_optional(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(fence.map(|fence| Lease { organisation: organisation.to_owned(), fence }))
    }

    /// Holds the lease for longer, counted from `now`.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when it was taken over.
    pub async fn renew(
        &self,
        lease: &Lease,
        now: Timestamp,
        duration: Duration,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin_fenced(lease).await?;
        sqlx::query(sql::LEASE_RENEW)
            .bind(&lease.organisation)
            .bind(lease.fence)
            .bind(now.plus(duration).ms())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await
    }

    /// Gives the organisation back; nobody takes it before `next_run`.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when it was taken over.
    pub async fn release(
        &self,
        lease: &Lease,
        next_run: Timestamp,
        reason: &str,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin_fenced(lease).await?;
        sqlx::query(sql::LEASE_RELEASE)
            .bind(&lease.organisation)
            .bind(lease.fence)
            .bind(next_run.ms())
            .bind(reason)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await
    }

    /// Frees every lease. Only for a process that has made sure that no other one is alive: the
    /// holders, if any, are fenced off.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn free_leases_of_the_dead(&self) -> Result<u64, StoreError> {
        Ok(sqlx::query(sql::LEASE_FREE_ALL).execute(&self.pool).await?.rows_affected())
    }

    /// Lets a parked organisation run at once: for a person who has cured the cause.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn unpark(&self, organisation: &str) -> Result<(), StoreError> {
        sqlx::query(sql::LEASE_UNPARK).bind(organisation).execute(&self.pool).await?;
        Ok(())
    }

    /// When the organisation has something to do for a shop, and why it waits until then; `None` when
    /// nothing is queued or open.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn next_run(
        &self,
        organisation: &str,
        shop: &str,
    ) -> Result<Option<(Timestamp, String)>, StoreError> {
        let job: Option<i64> = sqlx::query_scalar(sql::JOB_NEXT)
            .bind(organisation)
            .bind(shop)
            .fetch_one(&self.pool)
            .await?;
        let has_calls = self.open_plan(organisation).await?.is_some();
        let due = match (job, has_calls) {
            (_, true) => 0,
            (Some(due), false) => due,
            (None, false) => return Ok(None),
        };
        let lease: Option<(i64, i64, String)> =
            sqlx::query_as(sql::LEASE_NEXT).bind(organisation).fetch_optional(&self.pool).await?;
        let (next, until, reason) = lease.unwrap_or_default();
        Ok(Some((Timestamp::from_ms(due.max(next).max(until)), reason)))
    }
}
