//! The journal: a call is on disk before it is sent, and its answer before it counts.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sqlx::{Row, sqlite::SqliteRow};
use tillbook_core::finding::Finding;

use super::{
    Lease, ObjectKey, Outcome, Store, StoreError, from_json, outcome::write_outcomes, sql, to_json,
};
use crate::time::Timestamp;

/// How far a call has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallState {
    /// On disk, surely not sent.
    Planned,
    /// May have been sent; no answer is known.
    Sent,
    /// Answered; the answer is on disk.
    Done,
}

/// One document of a call: enough to settle it without asking the shop or the core again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CallItem {
    /// The object that the document is for.
    pub key: ObjectKey,
    /// The version of the job.
    pub version: i64,
    /// The mark of the job.
    pub mark: String,
    /// `InvoiceNumber`.
    pub number: String,
    /// `Reference`.
    pub reference: String,
    /// Total by our arithmetic.
    pub total: String,
    /// SHA-256 of the document's body.
    pub sha256: String,
    /// How the document reaches the shop's total.
    pub exactness: String,
    /// The core's findings.
    pub findings: Vec<Finding>,
}

/// A call that is about to be journalled.
#[derive(Debug, Clone)]
pub struct NewCall {
    /// `Idempotency-Key`.
    pub idempotency_key: String,
    /// `PUT`.
    pub method: String,
    /// Path and query behind the API's address.
    pub path: String,
    /// The exact bytes.
    pub body: Vec<u8>,
    /// The documents in it, in their order.
    pub items: Vec<CallItem>,
}

/// A call as the journal has it.
#[derive(Debug, Clone)]
pub struct Call {
    /// `Idempotency-Key`.
    pub idempotency_key: String,
    /// `PUT`.
    pub method: String,
    /// Path and query behind the API's address.
    pub path: String,
    /// The exact bytes.
    pub body: Vec<u8>,
    /// The documents in it, in their order.
    pub items: Vec<CallItem>,
    /// How far it has come.
    pub state: CallState,
    /// When it was first sent.
    pub sent: Option<Timestamp>,
    /// HTTP status of the answer.
    pub status: Option<u16>,
    /// The answer.
    pub response: Vec<u8>,
}

impl Store {
    /// Writes what is about to be sent.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when the lease was taken over.
    pub async fn plan_call(
        &self,
        lease: &Lease,
        call: &NewCall,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let items = to_json(&call.items)?;
        let mut transaction = self.begin_fenced(lease).await?;
        sqlx::query(sql::CALL_PLAN)
            .bind(&call.idempotency_key)
            .bind(&lease.organisation)
            .bind(lease.fence)
            .bind(&call.method)
            .bind(&call.path)
            .bind(&call.body)
            .bind(hex::encode(Sha256::digest(&call.body)))
            .bind(items)
            .bind(now.ms())
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// Writes that the call leaves now; the time of a first sending stays.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when the lease was taken over.
    pub async fn mark_sent(
        &self,
        lease: &Lease,
        idempotency_key: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin_fenced(lease).await?;
        sqlx::query(sql::CALL_SENT)
            .bind(idempotency_key)
            .bind(lease.fence)
            .bind(now.ms())
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// Writes that a call was surely not done: it is planned again, the same bytes, a new key.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when the lease was taken over.
    pub async fn plan_again(
        &self,
        lease: &Lease,
        idempotency_key: &str,
        new_key: &str,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin_fenced(lease).await?;
        sqlx::query(sql::CALL_AGAIN)
            .bind(idempotency_key)
            .bind(new_key)
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// Writes the answer, before anybody reads it.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when the lease was taken over.
    pub async fn mark_done(
        &self,
        lease: &Lease,
        idempotency_key: &str,
        (status, response): (u16, &[u8]),
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin_fenced(lease).await?;
        sqlx::query(sql::CALL_DONE)
            .bind(idempotency_key)
            .bind(now.ms())
            .bind(i64::from(status))
            .bind(response)
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// Closes a call with what became of its documents, all in one transaction.
    ///
    /// Documents without an outcome stay in the queue. `did_work` says whether any document of
    /// the call exists.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when the lease was taken over.
    pub async fn close_call(
        &self,
        lease: &Lease,
        idempotency_key: &str,
        did_work: bool,
        outcomes: &[Outcome],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin_fenced(lease).await?;
        write_outcomes(&mut transaction, lease, outcomes, now).await?;
        sqlx::query(sql::CALL_CLOSE)
            .bind(idempotency_key)
            .bind(if did_work { "settled" } else { "refused" })
            .bind(now.ms())
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// The calls that nobody has settled, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Database`] or [`StoreError::Corrupt`].
    pub async fn open_calls(&self, organisation: &str) -> Result<Vec<Call>, StoreError> {
        let rows = sqlx::query(sql::CALL_OPEN).bind(organisation).fetch_all(&self.pool).await?;
        rows.iter().map(read_call).collect()
    }

    /// When calls were sent after `since`: what a new worker's limiter must know.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn calls_sent_since(
        &self,
        organisation: &str,
        since: Timestamp,
    ) -> Result<Vec<Timestamp>, StoreError> {
        let times: Vec<i64> = sqlx::query_scalar(sql::CALL_SENT_SINCE)
            .bind(organisation)
            .bind(since.ms())
            .fetch_all(&self.pool)
            .await?;
        Ok(times.into_iter().map(Timestamp::from_ms).collect())
    }

    /// How many calls of an organisation were ever sent.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn call_count(&self, organisation: &str) -> Result<u64, StoreError> {
        let count: i64 =
            sqlx::query_scalar(sql::CALL_COUNT).bind(organisation).fetch_one(&self.pool).await?;
        Ok(u64::try_from(count).unwrap_or(0))
    }
}

fn read_call(row: &SqliteRow) -> Result<Call, StoreError> {
    let items: String = row.try_get("items")?;
    let state: String = row.try_get("state")?;
    let sent: Option<i64> = row.try_get("sent_ms")?;
    let status: Option<i64> = row.try_get("status")?;
    let response: Option<Vec<u8>> = row.try_get("response")?;
    Ok(Call {
        idempotency_key: row.try_get("idempotency_key")?,
        method: row.try_get("method")?,
        path: row.try_get("path")?,
        body: row.try_get("body")?,
        items: from_json(&items)?,
        state: match state.as_str() {
            "planned" => CallState::Planned,
            "sent" => CallState::Sent,
            "done" => CallState::Done,
            other => return Err(StoreError::Corrupt(format!("call state `{other}`"))),
        },
        sent: sent.map(Timestamp::from_ms),
        status: status.and_then(|status| u16::try_from(status).ok()),
        response: response.unwrap_or_default(),
    })
}
