//! How objects ended: links to documents, and findings of those that were held.

use sqlx::{Row, any::AnyRow};
use tillbook_core::finding::Finding;

use super::{
    Lease, ObjectKey, Store, StoreError, Writing, bind_key, from_json,
    history::{What, note},
    sql, to_json,
};
use crate::time::Timestamp;

/// How a look at an object ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OutcomeKind {
    /// It is in Xero.
    Posted,
    /// By the settings it needs no document.
    Skipped,
    /// A finding stops it; a person must act.
    Held,
    /// Xero said no.
    Refused,
}

impl OutcomeKind {
    /// The word in the database and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Posted => "posted",
            Self::Skipped => "skipped",
            Self::Held => "held",
            Self::Refused => "refused",
        }
    }

    fn parse(word: &str) -> Result<Self, StoreError> {
        [Self::Posted, Self::Skipped, Self::Held, Self::Refused]
            .into_iter()
            .find(|kind| kind.as_str() == word)
            .ok_or_else(|| StoreError::Corrupt(format!("outcome `{word}`")))
    }
}

/// The end of one look at an object.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// What was looked at.
    pub key: ObjectKey,
    /// The version that was worked on; a newer hint keeps the job.
    pub version: i64,
    /// The mark of the hint that was worked on.
    pub mark: String,
    /// How it ended.
    pub kind: OutcomeKind,
    /// How exactly: the document's exactness, or the reason it was skipped.
    pub detail: String,
    /// The findings: the core's, then the host's.
    pub findings: Vec<Finding>,
}

/// How many objects ended in one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutcomeCount {
    /// The way.
    pub kind: OutcomeKind,
    /// How many.
    pub count: u64,
}

impl Store {
    /// Writes how objects ended and closes their jobs, unless a newer hint came meanwhile.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when the lease was taken over.
    pub async fn settle(
        &self,
        lease: &Lease,
        outcomes: &[Outcome],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin_fenced(lease).await?;
        write_outcomes(&mut transaction, lease, outcomes, now).await?;
        transaction.commit().await
    }

    /// How every object of an organisation ended.
    ///
    /// # Errors
    /// [`StoreError::Database`] or [`StoreError::Corrupt`].
    pub async fn outcomes(&self, organisation: &str) -> Result<Vec<Outcome>, StoreError> {
        let rows = sqlx::query(sql::OUTCOME_ALL).bind(organisation).fetch_all(&self.pool).await?;
        rows.iter()
            .map(|row| {
                let findings: String = row.try_get(7)?;
                Ok(Outcome {
                    key: read_key(row)?,
                    version: 0,
                    mark: row.try_get(4)?,
                    kind: OutcomeKind::parse(row.try_get(5)?)?,
                    detail: row.try_get(6)?,
                    findings: from_json(&findings)?,
                })
            })
            .collect()
    }

    /// How many objects ended in which way.
    ///
    /// # Errors
    /// [`StoreError::Database`] or [`StoreError::Corrupt`].
    pub async fn outcome_counts(
        &self,
        organisation: &str,
    ) -> Result<Vec<OutcomeCount>, StoreError> {
        let rows: Vec<(String, i64)> =
            sqlx::query_as(sql::OUTCOME_COUNT).bind(organisation).fetch_all(&self.pool).await?;
        rows.into_iter()
            .map(|(word, count)| {
                let count = u64::try_from(count).unwrap_or(0);
                Ok(OutcomeCount { kind: OutcomeKind::parse(&word)?, count })
            })
            .collect()
    }
}

/// Writes outcomes, links and the ends of jobs inside a transaction of the lease's holder.
pub(super) async fn write_outcomes(
    transaction: &mut Writing,
    lease: &Lease,
    outcomes: &[Outcome],
    now: Timestamp,
) -> Result<(), StoreError> {
    let organisation = &lease.organisation;
    for outcome in outcomes {
        bind_key!(sqlx::query(sql::OUTCOME_SET), organisation, outcome.key)
            .bind(&outcome.mark)
            .bind(outcome.kind.as_str())
            .bind(&outcome.detail)
            .bind(to_json(&outcome.findings)?)
            .bind(now.ms())
            .execute(&mut **transaction)
            .await?;
        bind_key!(sqlx::query(sql::JOB_DONE), organisation, outcome.key)
            .bind(outcome.version)
            .execute(&mut **transaction)
            .await?;
        let detail = format!("{} {}", outcome.kind.as_str(), outcome.detail);
        let key = &outcome.key;
        note(transaction, organisation, key, What::Settled, detail.trim_end(), now).await?;
    }
    Ok(())
}

fn read_key(row: &AnyRow) -> Result<ObjectKey, sqlx::Error> {
    Ok(ObjectKey {
        shop: row.try_get(0)?,
        kind: row.try_get(1)?,
        object_id: row.try_get(2)?,
        purpose: row.try_get(3)?,
    })
}
