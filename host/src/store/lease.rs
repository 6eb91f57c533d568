//! Leases: an organisation is drained by one worker at a time.

use std::time::Duration;

use super::{Engine, Store, StoreError, sql};
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

    /// Takes an organisation for something short that a person waits for, whether its round is due
    /// or not, unless another worker holds it. [`Store::give_back`] ends it.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn borrow(
        &self,
        organisation: &str,
        owner: &str,
        now: Timestamp,
        lease: Duration,
    ) -> Result<Option<Lease>, StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query(sql::LEASE_MAKE).bind(organisation).execute(&mut *transaction).await?;
        let fence: Option<i64> = sqlx::query_scalar(sql::LEASE_BORROW)
            .bind(organisation)
            .bind(owner)
            .bind(now.ms())
            .bind(now.plus(lease).ms())
            .fetch_optional(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(fence.map(|fence| Lease { organisation: organisation.to_owned(), fence }))
    }

    /// Gives back what was borrowed: the next round is when it was to be.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when it was taken over.
    pub async fn give_back(&self, lease: &Lease) -> Result<(), StoreError> {
        let mut transaction = self.begin_fenced(lease).await?;
        sqlx::query(sql::LEASE_GIVE_BACK)
            .bind(&lease.organisation)
            .bind(lease.fence)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await
    }

    /// Takes the organisation that is due and has waited longest; several hosts that ask at once each
    /// get another one.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn claim_next(
        &self,
        owner: &str,
        now: Timestamp,
        lease: Duration,
    ) -> Result<Option<Lease>, StoreError> {
        let due: Option<i64> =
            sqlx::query_scalar(sql::LEASE_DUE).bind(now.ms()).fetch_optional(&self.pool).await?;
        if due.is_none() {
            return Ok(None);
        }
        let statement = match self.engine {
            Engine::Sqlite => sql::LEASE_CLAIM_NEXT,
            Engine::Postgres => sql::LEASE_CLAIM_NEXT_UNLOCKED,
        };
        let mut transaction = self.begin().await?;
        let claimed: Option<(String, i64)> = sqlx::query_as(statement)
            .bind(owner)
            .bind(now.ms())
            .bind(now.plus(lease).ms())
            .fetch_optional(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(claimed.map(|(organisation, fence)| Lease { organisation, fence }))
    }

    /// Ends the rest of organisations for which a person waits; what parks them stays.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn wake_urgent(&self, now: Timestamp) -> Result<(), StoreError> {
        let waits: i64 =
            sqlx::query_scalar(sql::LEASE_URGENT).bind(now.ms()).fetch_one(&self.pool).await?;
        if waits > 0 {
            let mut transaction = self.begin().await?;
            let query = sqlx::query(sql::LEASE_WAKE_URGENT).bind(now.ms());
            query.execute(&mut *transaction).await?;
            transaction.commit().await?;
        }
        Ok(())
    }

    /// Ends the rest of an organisation, or of all: its next round is at once. What parks it stays.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn wake(&self, organisation: Option<&str>) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        let query = sqlx::query(sql::LEASE_WAKE).bind(organisation.unwrap_or_default());
        query.execute(&mut *transaction).await?;
        transaction.commit().await
    }

    /// Whether a person has paused an organisation.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn is_paused(&self, organisation: &str) -> Result<bool, StoreError> {
        let state: Option<String> = sqlx::query_scalar(sql::ORGANISATION_STATE)
            .bind(organisation)
            .fetch_optional(&self.pool)
            .await?;
        Ok(state.is_some_and(|state| state == "paused"))
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
        let mut transaction = self.begin().await?;
        let freed =
            sqlx::query(sql::LEASE_FREE_ALL).execute(&mut *transaction).await?.rows_affected();
        transaction.commit().await?;
        Ok(freed)
    }

    /// Lets a parked organisation run at once: for a person who has cured the cause.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn unpark(&self, organisation: &str) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query(sql::LEASE_UNPARK).bind(organisation).execute(&mut *transaction).await?;
        transaction.commit().await
    }

    /// When the next job of a shop that waits for a later moment is due.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn next_retry(
        &self,
        organisation: &str,
        shop: &str,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let due: Option<i64> = sqlx::query_scalar(sql::JOB_NEXT_RETRY)
            .bind(organisation)
            .bind(shop)
            .bind(now.ms())
            .fetch_one(&self.pool)
            .await?;
        Ok(due.map(Timestamp::from_ms))
    }

    /// When the next round of an organisation is, and why not earlier; empty where it only rests.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn next_round(
        &self,
        organisation: &str,
    ) -> Result<Option<(Timestamp, String)>, StoreError> {
        let lease: Option<(i64, i64, String)> =
            sqlx::query_as(sql::LEASE_NEXT).bind(organisation).fetch_optional(&self.pool).await?;
        Ok(lease.map(|(next, _, reason)| (Timestamp::from_ms(next), reason)))
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
        let open = self.open_plan(organisation).await?;
        let has_calls = open.is_some_and(|plan| plan.is_for(shop));
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
