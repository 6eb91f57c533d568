//! What waits, and what was said of it.

use std::time::Duration;

use super::{Engine, Store, StoreError, sql::operations as sql};
use crate::{alert::Wait, config::AlertsConfig, time::Timestamp};

/// Something that waits or waited, as it was noted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAlert {
    /// Names it.
    pub key: String,
    /// For people.
    pub message: String,
    /// Whether somebody was told that it waits, and not yet that it is cured.
    pub is_on: bool,
    /// Since when it waits.
    pub since: Timestamp,
    /// When somebody was told last.
    pub said: Timestamp,
}

impl Store {
    /// What waits now, however long.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn waits(
        &self,
        config: &AlertsConfig,
        now: Timestamp,
    ) -> Result<Vec<Wait>, StoreError> {
        let minutes = |count: u32| Duration::from_mins(count.into());
        let mut waits = Vec::new();
        let jobs: Vec<(String, i64, i64)> =
            sqlx::query_as(sql::WAITING_JOBS).bind(now.ms()).fetch_all(&self.pool).await?;
        for (organisation, count, oldest) in jobs {
            waits.push(Wait {
                key: format!("jobs/{organisation}"),
                message: format!(
                    "{count} orders of organisation {organisation} wait to be sent. Look at \
                     `tillbook doctor`, and whether a host runs."
                ),
                since: Some(Timestamp::from_ms(oldest)),
                may: minutes(config.job_minutes),
            });
        }
        let held: Vec<(String, i64)> =
            sqlx::query_as(sql::WAITING_HELD).fetch_all(&self.pool).await?;
        for (organisation, count) in held {
            waits.push(Wait {
                key: format!("held/{organisation}"),
                message: format!(
                    "{count} orders of organisation {organisation} are held or refused and wait \
                     for a person."
                ),
                since: None,
                may: Duration::from_hours(config.held_hours.into()),
            });
        }
        let parked: Vec<(String, String, i64)> =
            sqlx::query_as(sql::WAITING_PARKED).bind(now.ms()).fetch_all(&self.pool).await?;
        for (organisation, reason, _) in parked {
            waits.push(Wait {
                key: format!("parked/{organisation}"),
                message: format!("Organisation {organisation} stands still: {reason}."),
                since: None,
                may: minutes(config.parked_minutes),
            });
        }
        waits.extend(self.needing_a_person().await?);
        waits.extend(self.too_large(config).await?);
        Ok(waits)
    }

    /// Connections that were revoked, and shops whose webhook is disabled or that are shut.
    async fn needing_a_person(&self) -> Result<Vec<Wait>, StoreError> {
        let mut waits = Vec::new();
        let queries = [
            ("organisation", sql::WAITING_ORGANISATIONS, "Organisation"),
            ("connection", sql::WAITING_CONNECTIONS, "The connection"),
            ("shop", sql::WAITING_SHOPS, "Shop"),
        ];
        let tables = self.tables().await?;
        for (kind, query, word) in queries {
            if !tables.iter().any(|table| table == kind) {
                continue;
            }
            let rows: Vec<(String, String, String)> =
                sqlx::query_as(query).fetch_all(&self.pool).await?;
            waits.extend(rows.into_iter().map(|(id, state, reason)| Wait {
                key: format!("{kind}/{id}"),
                message: format!("{word} {id} is {state}: {reason}. It waits for a person."),
                since: None,
                may: Duration::ZERO,
            }));
        }
        Ok(waits)
    }

    async fn too_large(&self, config: &AlertsConfig) -> Result<Option<Wait>, StoreError> {
        let bytes = self.size_bytes().await?;
        Ok((bytes >= config.store_bytes).then(|| Wait {
            key: String::from("store"),
            message: format!(
                "The store has grown to {} MB. Look at `[retention]` and `tillbook prune`.",
                bytes >> 20
            ),
            since: None,
            may: Duration::ZERO,
        }))
    }

    /// How large the store is, in bytes.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn size_bytes(&self) -> Result<u64, StoreError> {
        let query = match self.engine {
            Engine::Sqlite => sql::SIZE_SQLITE,
            Engine::Postgres => sql::SIZE_POSTGRES,
        };
        let bytes: i64 = sqlx::query_scalar(query).fetch_one(&self.pool).await?;
        Ok(u64::try_from(bytes).unwrap_or(0))
    }

    /// What was noted.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn alerts(&self) -> Result<Vec<StoredAlert>, StoreError> {
        let rows: Vec<(String, String, String, i64, i64)> =
            sqlx::query_as(sql::ALERTS).fetch_all(&self.pool).await?;
        let read = |(key, message, state, since, said): (_, _, String, _, _)| StoredAlert {
            key,
            message,
            is_on: state == "on",
            since: Timestamp::from_ms(since),
            said: Timestamp::from_ms(said),
        };
        Ok(rows.into_iter().map(read).collect())
    }

    /// Notes that something waits; whether it was said stays.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put_alert(
        &self,
        key: &str,
        message: &str,
        since: Timestamp,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query(sql::ALERT_PUT)
            .bind(key)
            .bind(message)
            .bind(since.ms())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await
    }

    /// Notes that somebody was told that it waits.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn alert_said(&self, key: &str, now: Timestamp) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query(sql::ALERT_SAID).bind(key).bind(now.ms()).execute(&mut *transaction).await?;
        transaction.commit().await
    }

    /// Forgets something that waits no more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_alert(&self, key: &str) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query(sql::ALERT_FORGET).bind(key).execute(&mut *transaction).await?;
        transaction.commit().await
    }
}
