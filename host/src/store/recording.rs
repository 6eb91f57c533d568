//! Recordings of what the core was asked.

use sqlx::{Row, any::AnyRow};

use super::{Store, StoreError, sql::operations as sql};
use crate::{recording::Recording, time::Timestamp};

impl Store {
    /// Whether a text can name a recording or a plan: hexadecimal digits.
    #[must_use]
    pub fn is_name(text: &str) -> bool {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit())
    }

    /// Keeps recordings; one that is there already only becomes young again.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put_recordings(&self, recordings: &[Recording]) -> Result<(), StoreError> {
        if recordings.is_empty() {
            return Ok(());
        }
        let mut transaction = self.begin().await?;
        for one in recordings {
            let bytes = one.request.len().saturating_add(one.reply.len());
            sqlx::query(sql::RECORDING_PUT)
                .bind(&one.id)
                .bind(&one.organisation)
                .bind(&one.shop)
                .bind(&one.run)
                .bind(&one.operation)
                .bind(&one.module_sha256)
                .bind(&one.core)
                .bind(orders_text(&one.orders))
                .bind(&one.request)
                .bind(&one.reply)
                .bind(&one.reply_sha256)
                .bind(i64::try_from(bytes).unwrap_or(i64::MAX))
                .bind(one.made.ms())
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await
    }

    /// The recordings whose own id or whose plan's name begins so, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn recordings(&self, begins: &str) -> Result<Vec<Recording>, StoreError> {
        let rows = sqlx::query(sql::RECORDING_FIND).bind(begins).fetch_all(&self.pool).await?;
        rows.iter().map(read).collect()
    }

    /// The recordings that concern an order, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn recordings_of_order(&self, order_id: u64) -> Result<Vec<Recording>, StoreError> {
        let rows = sqlx::query(sql::RECORDING_OF_ORDER)
            .bind(format!("%,{order_id},%"))
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(read).collect()
    }

    /// How many recordings are older than `before`, or are more than fit into `bytes_max` with all
    /// younger ones; without `dry_run` they are forgotten.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn prune_recordings(
        &self,
        before: Timestamp,
        bytes_max: u64,
        dry_run: bool,
    ) -> Result<u64, StoreError> {
        let old: i64 =
            sqlx::query_scalar(sql::RECORDING_OLD).bind(before.ms()).fetch_one(&self.pool).await?;
        let sizes: Vec<(String, i64)> =
            sqlx::query_as(sql::RECORDING_SIZES).fetch_all(&self.pool).await?;
        // The old ones are at the end: they go by their age.
        let young = sizes.len().saturating_sub(usize::try_from(old).unwrap_or(0));
        let (mut sum, mut over) = (0_u64, Vec::new());
        for (id, bytes) in sizes.into_iter().take(young) {
            sum = sum.saturating_add(u64::try_from(bytes).unwrap_or(0));
            if sum > bytes_max {
                over.push(id);
            }
        }
        let count = u64::try_from(old).unwrap_or(0).saturating_add(over.len() as u64);
        if dry_run || count == 0 {
            return Ok(count);
        }
        let mut transaction = self.begin().await?;
        sqlx::query(sql::RECORDING_FORGET_OLD).bind(before.ms()).execute(&mut *transaction).await?;
        for id in over {
            sqlx::query(sql::RECORDING_FORGET).bind(id).execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        Ok(count)
    }
}

/// `,12,13,`, so that one of them is found by `%,12,%`.
fn orders_text(orders: &[u64]) -> String {
    if orders.is_empty() {
        return String::new();
    }
    let ids: Vec<String> = orders.iter().map(u64::to_string).collect();
    format!(",{},", ids.join(","))
}

fn read(row: &AnyRow) -> Result<Recording, StoreError> {
    let orders: String = row.try_get(7)?;
    Ok(Recording {
        id: row.try_get(0)?,
        organisation: row.try_get(1)?,
        shop: row.try_get(2)?,
        run: row.try_get(3)?,
        operation: row.try_get(4)?,
        module_sha256: row.try_get(5)?,
        core: row.try_get(6)?,
        orders: orders.split(',').filter_map(|id| id.parse().ok()).collect(),
        request: row.try_get(8)?,
        reply: row.try_get(9)?,
        reply_sha256: row.try_get(10)?,
        made: Timestamp::from_ms(row.try_get(11)?),
    })
}
