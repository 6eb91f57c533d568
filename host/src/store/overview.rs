//! What people look at: what is held, which plans there are, how much was sent.

use sqlx::{Row, any::AnyRow};
use tillbook_core::finding::Finding;

use super::{ObjectKey, Store, StoreError, from_json, plan::PlanState, sql::access as sql};
use crate::time::Timestamp;

/// Something that a person must look at.
#[derive(Debug, Clone)]
pub struct HeldRow {
    /// What it is.
    pub key: ObjectKey,
    /// `held` by the core, or `refused` by Xero.
    pub outcome: String,
    /// How exactly.
    pub detail: String,
    /// Why.
    pub findings: Vec<Finding>,
    /// Since when.
    pub settled: Timestamp,
}

/// A saved plan, without what is in it.
#[derive(Debug, Clone)]
pub struct PlanRow {
    /// What names it.
    pub sha256: String,
    /// How far it has come.
    pub state: PlanState,
    /// When it was made.
    pub made: Timestamp,
}

/// A call of a plan, without its body.
#[derive(Debug, Clone)]
pub struct PlanCallRow {
    /// Its place in the plan.
    pub place: i64,
    /// `planned`, `sent`, `done` or `passed`.
    pub state: String,
    /// When it was first sent.
    pub sent: Option<Timestamp>,
    /// When its answer counted.
    pub done: Option<Timestamp>,
    /// The status that Xero answered with.
    pub status: Option<i64>,
}

impl Store {
    /// What a person must look at, newest first; empty words stand for every organisation or shop.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn held(
        &self,
        organisation: &str,
        shop: &str,
        limit: u32,
    ) -> Result<Vec<HeldRow>, StoreError> {
        let rows = sqlx::query(sql::HELD)
            .bind(organisation)
            .bind(shop)
            .bind(i64::from(limit))
            .fetch_all(&self.pool)
            .await?;
        rows.iter()
            .map(|row| {
                Ok(HeldRow {
                    key: ObjectKey {
                        shop: row.try_get(0)?,
                        kind: row.try_get(1)?,
                        object_id: row.try_get(2)?,
                        purpose: row.try_get(3)?,
                    },
                    outcome: row.try_get(4)?,
                    detail: row.try_get(5)?,
                    findings: from_json(row.try_get(6)?)?,
                    settled: Timestamp::from_ms(row.try_get(7)?),
                })
            })
            .collect()
    }

    /// The newest plans of an organisation.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn plan_rows(
        &self,
        organisation: &str,
        limit: u32,
    ) -> Result<Vec<PlanRow>, StoreError> {
        let rows = sqlx::query(sql::PLAN_NAMES)
            .bind(organisation)
            .bind(i64::from(limit))
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(read_plan_row).collect()
    }

    /// The newest plan whose name begins so.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn plan_row(
        &self,
        organisation: &str,
        sha256_begins: &str,
    ) -> Result<Option<PlanRow>, StoreError> {
        let row = sqlx::query(sql::PLAN_NAMED)
            .bind(organisation)
            .bind(sha256_begins)
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(read_plan_row).transpose()
    }

    /// The calls of a plan that has been begun.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn plan_call_rows(
        &self,
        organisation: &str,
        sha256: &str,
    ) -> Result<Vec<PlanCallRow>, StoreError> {
        let rows = sqlx::query(sql::PLAN_CALL_ROWS)
            .bind(organisation)
            .bind(sha256)
            .fetch_all(&self.pool)
            .await?;
        let moment = |ms: Option<i64>| ms.map(Timestamp::from_ms);
        rows.iter()
            .map(|row| {
                Ok(PlanCallRow {
                    place: row.try_get(0)?,
                    state: row.try_get(1)?,
                    sent: moment(row.try_get(2)?),
                    done: moment(row.try_get(3)?),
                    status: row.try_get(4)?,
                })
            })
            .collect()
    }

    /// How many calls were sent after `since`.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn call_count_since(
        &self,
        organisation: &str,
        since: Timestamp,
    ) -> Result<u64, StoreError> {
        let count: i64 = sqlx::query_scalar(sql::CALLS_SINCE)
            .bind(organisation)
            .bind(since.ms())
            .fetch_one(&self.pool)
            .await?;
        Ok(u64::try_from(count).unwrap_or(0))
    }
}

fn read_plan_row(row: &AnyRow) -> Result<PlanRow, StoreError> {
    Ok(PlanRow {
        sha256: row.try_get(0)?,
        state: PlanState::parse(row.try_get(1)?)?,
        made: Timestamp::from_ms(row.try_get(2)?),
    })
}
