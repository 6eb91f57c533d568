//! Saved plans that people want carried out: the next round of their organisation does it.

use sqlx::{Row, any::AnyRow};

use super::{Store, StoreError, sql::plugin as sql};
use crate::time::Timestamp;

/// A plan that a person wants carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanWanted {
    /// What names it.
    pub plan: String,
    /// Who asked for it.
    pub who: String,
    /// When.
    pub asked: Timestamp,
    /// Why it was not carried out; empty while it is still to be.
    pub failure: String,
}

impl Store {
    /// Writes down that a shop's plan shall be carried out.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn want_plan(
        &self,
        (organisation, shop): (&str, &str),
        plan: &str,
        who: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query(sql::PLAN_WANT)
            .bind(organisation)
            .bind(plan)
            .bind(shop)
            .bind(who)
            .bind(now.ms())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await
    }

    /// The plans of a shop that are to be carried out or could not be, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn plans_wanted(
        &self,
        organisation: &str,
        shop: &str,
    ) -> Result<Vec<PlanWanted>, StoreError> {
        let query = sqlx::query(sql::PLANS_WANTED).bind(organisation).bind(shop);
        let rows = query.fetch_all(&self.pool).await?;
        let read = |row: &AnyRow| {
            Ok(PlanWanted {
                plan: row.try_get(0)?,
                who: row.try_get(1)?,
                asked: Timestamp::from_ms(row.try_get(2)?),
                failure: row.try_get(3)?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// Ends the wish for a plan: it was carried out, or could not be for this reason.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn plan_answered(
        &self,
        organisation: &str,
        plan: &str,
        failure: Option<&str>,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        let statement =
            if failure.is_some() { sql::PLAN_WANTED_FAILED } else { sql::PLAN_WANTED_DONE };
        let mut query = sqlx::query(statement).bind(organisation).bind(plan);
        if let Some(failure) = failure {
            query = query.bind(failure);
        }
        query.execute(&mut *transaction).await?;
        transaction.commit().await
    }
}
