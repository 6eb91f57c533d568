//! The queue as people see it, and what they may do with it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sqlx::{Row, any::AnyRow};
use tillbook_core::finding::Finding;

use super::{
    Hint, ObjectKey, Priority, Store, StoreError, from_json,
    history::{What, note},
    queue::put_hints,
    sql,
};
use crate::time::Timestamp;

/// Entries in one list.
pub const BOARD_ENTRIES_MAX: u32 = 500;

/// Where an object stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// It is looked at in the next run.
    Waiting,
    /// A worker is at it.
    Running,
    /// It came to nothing and is tried again later.
    Retrying,
    /// A finding stops it; a person must act.
    Held,
    /// It is in Xero, or needs nothing there.
    Done,
    /// A person took it out of the sync.
    Excluded,
}

impl JobState {
    /// All of them, in the order in which people read them.
    pub const ALL: [Self; 6] =
        [Self::Waiting, Self::Running, Self::Retrying, Self::Held, Self::Done, Self::Excluded];

    /// The word in JSON and on screens.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Retrying => "retrying",
            Self::Held => "held",
            Self::Done => "done",
            Self::Excluded => "excluded",
        }
    }

    /// The state that a word names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// What of the queue is listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BoardFilter {
    /// Only what stands there.
    pub state: Option<JobState>,
    /// Only of the shop with this address.
    pub shop: Option<String>,
    /// Only the object with this id.
    pub object_id: Option<String>,
    /// Behind this entry's `place`.
    pub after: String,
    /// So many at most, never more than [`BOARD_ENTRIES_MAX`].
    pub limit: u32,
}

/// An object and where it stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BoardEntry {
    /// What it is.
    pub key: ObjectKey,
    /// Where it stands.
    pub state: JobState,
    /// How soon it is looked at.
    pub priority: Priority,
    /// How often it came back to the queue.
    pub attempts: i64,
    /// Since when it waits, or when it came to its end.
    pub since: Timestamp,
    /// Not looked at before this moment.
    pub run_after: Option<Timestamp>,
    /// Why it came back, was excluded, or how its document came to be equal.
    pub reason: String,
    /// What was found at the last look.
    pub findings: Vec<Finding>,
    /// Its place in the list.
    pub place: String,
}

impl Store {
    /// Objects of an organisation and where they stand, by shop, kind and id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn board(
        &self,
        organisation: &str,
        filter: &BoardFilter,
        now: Timestamp,
    ) -> Result<Vec<BoardEntry>, StoreError> {
        let limit = filter.limit.clamp(1, BOARD_ENTRIES_MAX);
        let rows = sqlx::query(sql::board::LIST)
            .bind(organisation)
            .bind(now.ms())
            .bind(filter.state.map_or("", JobState::as_str))
            .bind(filter.shop.as_deref().unwrap_or_default())
            .bind(filter.object_id.as_deref().unwrap_or_default())
            .bind(&filter.after)
            .bind(i64::from(limit))
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(read_entry).collect()
    }

    /// How many objects of an organisation stand where.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn board_counts(
        &self,
        organisation: &str,
        now: Timestamp,
    ) -> Result<BTreeMap<JobState, u64>, StoreError> {
        self.board_counts_of(organisation, "", now).await
    }

    /// The same of one of its shops, by its address.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn board_counts_of(
        &self,
        organisation: &str,
        shop: &str,
        now: Timestamp,
    ) -> Result<BTreeMap<JobState, u64>, StoreError> {
        let rows: Vec<(String, i64)> = sqlx::query_as(sql::board::COUNTS)
            .bind(organisation)
            .bind(now.ms())
            .bind(shop)
            .fetch_all(&self.pool)
            .await?;
        rows.into_iter()
            .map(|(word, count)| Ok((state_of(&word)?, u64::try_from(count).unwrap_or(0))))
            .collect()
    }

    /// Since when the oldest open job waits.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn oldest_waiting(
        &self,
        organisation: &str,
    ) -> Result<Option<Timestamp>, StoreError> {
        let oldest: Option<i64> = sqlx::query_scalar(sql::board::OLDEST_WAITING)
            .bind(organisation)
            .fetch_one(&self.pool)
            .await?;
        Ok(oldest.map(Timestamp::from_ms))
    }

    /// Looks at an object again, before all others; `who` asks for it.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn retry(
        &self,
        organisation: &str,
        key: &ObjectKey,
        who: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.wish(organisation, key, (What::Retried, who), now).await
    }

    /// Sends an order though it is older than the sync; `who` asks for it.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn push(
        &self,
        organisation: &str,
        key: &ObjectKey,
        who: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.wish(organisation, key, (What::Pushed, who), now).await
    }

    /// Takes an object out of the sync: nothing of it is sent or changed from now on.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn exclude(
        &self,
        organisation: &str,
        key: &ObjectKey,
        (reason, who): (&str, &str),
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query(sql::EXCLUSION_PUT)
            .bind(organisation)
            .bind(&key.shop)
            .bind(&key.kind)
            .bind(&key.object_id)
            .bind(reason)
            .bind(who)
            .bind(now.ms())
            .execute(&mut *transaction)
            .await?;
        let detail = format!("{who}: {reason}");
        note(&mut transaction, organisation, key, What::Excluded, &detail, now).await?;
        transaction.commit().await
    }

    /// Takes an object in again, and looks at it before all others.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn include(
        &self,
        organisation: &str,
        key: &ObjectKey,
        who: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.wish(organisation, key, (What::Included, who), now).await
    }

    /// What a person took out of a shop's sync, each with the reason.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn exclusions(
        &self,
        organisation: &str,
        shop: &str,
    ) -> Result<Vec<(u64, String)>, StoreError> {
        let rows: Vec<(String, String, String)> = sqlx::query_as(sql::EXCLUSIONS)
            .bind(organisation)
            .bind(shop)
            .fetch_all(&self.pool)
            .await?;
        let orders = rows.into_iter().filter(|(kind, ..)| kind == "order");
        Ok(orders.filter_map(|(_, id, reason)| Some((id.parse().ok()?, reason))).collect())
    }

    /// The orders of a shop that a person sends though they are older than the sync.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn pushed(&self, organisation: &str, shop: &str) -> Result<Vec<u64>, StoreError> {
        let ids: Vec<String> = sqlx::query_scalar(sql::PUSHED)
            .bind(organisation)
            .bind(shop)
            .fetch_all(&self.pool)
            .await?;
        Ok(ids.iter().filter_map(|id| id.parse().ok()).collect())
    }

    /// Writes a person's wish down and puts the object before all others.
    async fn wish(
        &self,
        organisation: &str,
        key: &ObjectKey,
        (what, who): (What, &str),
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        let statement = match what {
            What::Included => Some(sql::EXCLUSION_END),
            What::Pushed => Some(sql::PUSHED_PUT),
            _ => None,
        };
        if let Some(statement) = statement {
            let query = sqlx::query(statement)
                .bind(organisation)
                .bind(&key.shop)
                .bind(&key.kind)
                .bind(&key.object_id);
            let query = if what == What::Pushed { query.bind(who).bind(now.ms()) } else { query };
            query.execute(&mut *transaction).await?;
        }
        let hint = Hint {
            key: key.clone(),
            // No other hint bears it, so attempts and rests begin anew.
            mark: format!("asked for at {}", now.ms()),
            priority: Priority::Urgent,
            source: String::new(),
        };
        put_hints(&mut transaction, std::iter::once((organisation, &hint)), now).await?;
        note(&mut transaction, organisation, key, what, who, now).await?;
        transaction.commit().await
    }
}

fn state_of(word: &str) -> Result<JobState, StoreError> {
    JobState::parse(word).ok_or_else(|| StoreError::Corrupt(format!("state `{word}`")))
}

fn read_entry(row: &AnyRow) -> Result<BoardEntry, StoreError> {
    let (findings, run_after): (String, i64) = (row.try_get(10)?, row.try_get(8)?);
    Ok(BoardEntry {
        key: ObjectKey {
            shop: row.try_get(0)?,
            kind: row.try_get(1)?,
            object_id: row.try_get(2)?,
            purpose: row.try_get(3)?,
        },
        state: state_of(row.try_get(4)?)?,
        priority: Priority::of(row.try_get(5)?),
        attempts: row.try_get(6)?,
        since: Timestamp::from_ms(row.try_get(7)?),
        run_after: Some(Timestamp::from_ms(run_after)).filter(|at| at.ms() > 0),
        reason: row.try_get(9)?,
        findings: from_json(&findings)?,
        place: row.try_get(11)?,
    })
}
