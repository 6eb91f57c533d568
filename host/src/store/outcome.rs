//! How objects ended: links to documents, and findings of those that were held.

use sqlx::{Row, Sqlite, Transaction, sqlite::SqliteRow};
use tillbook_core::finding::Finding;

use super::{Lease, ObjectKey, Store, StoreError, bind_key, from_json, sql, to_json};
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
    /// The document in Xero, when there is one.
    pub link: Option<Link>,
}

/// What an object has become in Xero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// `InvoiceID`.
    pub xero_id: String,
    /// `InvoiceNumber`.
    pub number: String,
    /// SHA-256 of the body that was sent.
    pub document_sha256: String,
    /// Total by our arithmetic.
    pub document_total: String,
    /// Total as Xero has it.
    pub xero_total: String,
    /// `posted`, or `differs` when the totals are not equal.
    pub state: String,
    /// The call that made it.
    pub idempotency_key: String,
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
        Ok(transaction.commit().await?)
    }

    /// Closes jobs that need nothing: their documents are already there.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when the lease was taken over.
    pub async fn close_jobs(
        &self,
        lease: &Lease,
        jobs: &[(ObjectKey, i64)],
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin_fenced(lease).await?;
        for (key, version) in jobs {
            bind_key!(sqlx::query(sql::JOB_DONE), &lease.organisation, key)
                .bind(version)
                .execute(&mut *transaction)
                .await?;
        }
        Ok(transaction.commit().await?)
    }

    /// The document of an object, if it has one.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn link_of(
        &self,
        organisation: &str,
        key: &ObjectKey,
    ) -> Result<Option<Link>, StoreError> {
        let row = bind_key!(sqlx::query(sql::LINK_OF), organisation, key)
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.as_ref().map(|row| read_link(row, 0)).transpose()?)
    }

    /// All documents of an organisation, by number.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn links(&self, organisation: &str) -> Result<Vec<(ObjectKey, Link)>, StoreError> {
        let rows = sqlx::query(sql::LINK_ALL).bind(organisation).fetch_all(&self.pool).await?;
        rows.iter().map(|row| Ok((read_key(row)?, read_link(row, 4)?))).collect()
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
                    link: None,
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
    transaction: &mut Transaction<'static, Sqlite>,
    lease: &Lease,
    outcomes: &[Outcome],
    now: Timestamp,
) -> Result<(), StoreError> {
    let organisation = &lease.organisation;
    for outcome in outcomes {
        if let Some(link) = &outcome.link {
            bind_key!(sqlx::query(sql::LINK_MAKE), organisation, outcome.key)
                .bind(&link.xero_id)
                .bind(&link.number)
                .bind(&link.document_sha256)
                .bind(&link.document_total)
                .bind(&link.xero_total)
                .bind(&link.state)
                .bind(&link.idempotency_key)
                .bind(now.ms())
                .execute(&mut **transaction)
                .await?;
        }
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
    }
    Ok(())
}

fn read_key(row: &SqliteRow) -> Result<ObjectKey, sqlx::Error> {
    Ok(ObjectKey {
        shop: row.try_get(0)?,
        kind: row.try_get(1)?,
        object_id: row.try_get(2)?,
        purpose: row.try_get(3)?,
    })
}

fn read_link(row: &SqliteRow, first: usize) -> Result<Link, sqlx::Error> {
    Ok(Link {
        xero_id: row.try_get(first)?,
        number: row.try_get(first + 1)?,
        document_sha256: row.try_get(first + 2)?,
        document_total: row.try_get(first + 3)?,
        xero_total: row.try_get(first + 4)?,
        state: row.try_get(first + 5)?,
        idempotency_key: String::new(),
    })
}
