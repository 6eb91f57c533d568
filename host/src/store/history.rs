//! What was seen, planned, sent and answered for each object, in the order in which it happened.

use serde::{Deserialize, Serialize};
use sqlx::{Row, any::AnyRow};

use super::{
    ObjectKey, Store, StoreError, Writing,
    sql::{self, rows::history_add},
};
use crate::time::Timestamp;

/// What happened to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Something said that it may have changed.
    Seen,
    /// A plan holds it.
    Planned,
    /// A call that concerns it left for Xero.
    Sent,
    /// Xero answered that call.
    Answered,
    /// It was put back for later.
    Returned,
    /// A look at it came to an end.
    Settled,
    /// A person asked for it to be looked at again.
    Retried,
    /// A person took it out of the sync.
    Excluded,
    /// A person took it in again.
    Included,
    /// A person sends it though it is older than the sync.
    Pushed,
}

impl What {
    /// The word in the database and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Seen => "seen",
            Self::Planned => "planned",
            Self::Sent => "sent",
            Self::Answered => "answered",
            Self::Returned => "returned",
            Self::Settled => "settled",
            Self::Retried => "retried",
            Self::Excluded => "excluded",
            Self::Included => "included",
            Self::Pushed => "pushed",
        }
    }

    fn parse(word: &str) -> Result<Self, StoreError> {
        [
            Self::Seen,
            Self::Planned,
            Self::Sent,
            Self::Answered,
            Self::Returned,
            Self::Settled,
            Self::Retried,
            Self::Excluded,
            Self::Included,
            Self::Pushed,
        ]
        .into_iter()
        .find(|what| what.as_str() == word)
        .ok_or_else(|| StoreError::Corrupt(format!("history `{word}`")))
    }
}

/// One line of an object's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HistoryEntry {
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: What,
    /// Who or what said so, the plan's name, Xero's words: a line for people.
    pub detail: String,
}

/// One line of a shop's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// When.
    pub at: Timestamp,
    /// `order`, `product` or `customer`.
    pub kind: String,
    /// The shop's id of the object.
    pub object_id: String,
    /// What.
    pub what: What,
    /// A line for people.
    pub detail: String,
}

/// A place in a shop's log: a moment, and how many lines of it have been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogPlace {
    /// The moment.
    pub at: Timestamp,
    /// Lines of it that were read before.
    pub passed: u32,
}

impl Store {
    /// What happened to an object, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn history(
        &self,
        organisation: &str,
        key: &ObjectKey,
    ) -> Result<Vec<HistoryEntry>, StoreError> {
        let rows = sqlx::query(sql::HISTORY_OF)
            .bind(organisation)
            .bind(&key.shop)
            .bind(&key.kind)
            .bind(&key.object_id)
            .fetch_all(&self.pool)
            .await?;
        let read = |row: &AnyRow| {
            Ok(HistoryEntry {
                at: Timestamp::from_ms(row.try_get(0)?),
                what: What::parse(row.try_get(1)?)?,
                detail: row.try_get(2)?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// What happened to all objects of a shop, newest first, from a place on, with the place behind
    /// the last line; `None` at the end.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn log(
        &self,
        (organisation, shop): (&str, &str),
        from: LogPlace,
        limit: u32,
    ) -> Result<(Vec<LogEntry>, Option<LogPlace>), StoreError> {
        let rows = sqlx::query(sql::plugin::HISTORY_LOG)
            .bind(organisation)
            .bind(shop)
            .bind(from.at.ms())
            .bind(i64::from(limit))
            .bind(i64::from(from.passed))
            .fetch_all(&self.pool)
            .await?;
        let read = |row: &AnyRow| -> Result<LogEntry, StoreError> {
            Ok(LogEntry {
                at: Timestamp::from_ms(row.try_get(0)?),
                kind: row.try_get(1)?,
                object_id: row.try_get(2)?,
                what: What::parse(row.try_get(3)?)?,
                detail: row.try_get(4)?,
            })
        };
        let entries = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let full = entries.len() >= usize::try_from(limit).unwrap_or(usize::MAX);
        let next = entries.last().filter(|_| full).map(|last| {
            let same = entries.iter().filter(|entry| entry.at == last.at).count();
            let before = if last.at == from.at { from.passed } else { 0 };
            LogPlace { at: last.at, passed: before + u32::try_from(same).unwrap_or(0) }
        });
        Ok((entries, next))
    }

    /// Forgets what happened before a moment; gives how many lines that were.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn forget_history(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut transaction = self.begin().await?;
        let gone = sqlx::query(sql::HISTORY_FORGET)
            .bind(before.ms())
            .execute(&mut *transaction)
            .await?
            .rows_affected();
        transaction.commit().await?;
        Ok(gone)
    }
}

/// Writes a line into an object's history.
pub(super) async fn note(
    transaction: &mut Writing,
    organisation: &str,
    key: &ObjectKey,
    what: What,
    detail: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    note_all(transaction, &[(organisation, key, detail)], what, now).await
}

/// Writes a line into the histories of several objects: organisation, object, detail.
pub(super) async fn note_all(
    transaction: &mut Writing,
    lines: &[(&str, &ObjectKey, &str)],
    what: What,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut left = lines;
    while !left.is_empty() {
        let (text, rows) = history_add(left.len());
        let Some((taken, rest)) = left.split_at_checked(rows) else { break };
        let mut query = sqlx::query(text);
        for (organisation, key, detail) in taken {
            query = query
                .bind(*organisation)
                .bind(&key.shop)
                .bind(&key.kind)
                .bind(&key.object_id)
                .bind(now.ms())
                .bind(what.as_str())
                .bind(*detail);
        }
        query.execute(&mut **transaction).await?;
        left = rest;
    }
    Ok(())
}
