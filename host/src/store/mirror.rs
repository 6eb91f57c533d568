//! What Xero had of a shop's documents when it was last asked.

use sqlx::{Row, any::AnyRow};

use super::{
    Store, StoreError,
    sql::{mirror as sql, rows::mirror_put},
};
use crate::{
    recording::{pack, unpack},
    time::Timestamp,
};

/// Which copy: of a collection of Xero, such as `Invoices`, for a shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MirrorOf<'a> {
    /// The organisation.
    pub organisation: &'a str,
    /// The shop's address.
    pub shop: &'a str,
    /// Xero's name of the collection.
    pub resource: &'a str,
}

/// How fresh a copy is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MirrorMark {
    /// Which ones are kept; a copy of other ones is no help.
    pub scope: String,
    /// The youngest change that was seen, by Xero's own clock.
    pub changed: Timestamp,
    /// When all were read.
    pub whole: Timestamp,
}

/// One that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mirrored {
    /// Xero's id.
    pub xero_id: String,
    /// Its number; empty where it has none.
    pub number: String,
    /// As Xero gave it.
    pub body: String,
}

/// What brings a copy up to date.
#[derive(Debug, Clone, Default)]
pub struct MirrorNews {
    /// Whether these are all: what was kept before goes.
    pub whole: bool,
    /// What has changed.
    pub changed: Vec<Mirrored>,
    /// Ids of those that are not wanted any more.
    pub gone: Vec<String>,
}

impl Store {
    /// How fresh a copy is; `None` where there is none.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn mirror_mark(&self, of: MirrorOf<'_>) -> Result<Option<MirrorMark>, StoreError> {
        let row = sqlx::query(sql::MARK)
            .bind(of.organisation)
            .bind(of.shop)
            .bind(of.resource)
            .fetch_optional(&self.pool)
            .await?;
        let read = |row: &AnyRow| {
            Ok(MirrorMark {
                scope: row.try_get(0)?,
                changed: Timestamp::from_ms(row.try_get(1)?),
                whole: Timestamp::from_ms(row.try_get(2)?),
            })
        };
        row.as_ref().map(read).transpose()
    }

    /// Brings a copy up to date, all in one commit.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn put_mirror(
        &self,
        of: MirrorOf<'_>,
        mark: &MirrorMark,
        news: &MirrorNews,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        if news.whole {
            sqlx::query(sql::EMPTY)
                .bind(of.organisation)
                .bind(of.shop)
                .bind(of.resource)
                .execute(&mut *transaction)
                .await?;
        }
        for xero_id in &news.gone {
            sqlx::query(sql::DROP)
                .bind(of.organisation)
                .bind(of.shop)
                .bind(of.resource)
                .bind(xero_id)
                .execute(&mut *transaction)
                .await?;
        }
        let mut left = news.changed.as_slice();
        while !left.is_empty() {
            let (text, rows) = mirror_put(left.len());
            let Some((taken, rest)) = left.split_at_checked(rows) else { break };
            let mut query = sqlx::query(text);
            for one in taken {
                query = query
                    .bind(of.organisation)
                    .bind(of.shop)
                    .bind(of.resource)
                    .bind(&one.xero_id)
                    .bind(&one.number)
                    .bind(pack(one.body.as_bytes()));
            }
            query.execute(&mut *transaction).await?;
            left = rest;
        }
        sqlx::query(sql::MARK_PUT)
            .bind(of.organisation)
            .bind(of.shop)
            .bind(of.resource)
            .bind(&mark.scope)
            .bind(mark.changed.ms())
            .bind(mark.whole.ms())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await
    }

    /// Ids and numbers of all that a copy holds, by id.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn mirror_names(
        &self,
        of: MirrorOf<'_>,
    ) -> Result<Vec<(String, String)>, StoreError> {
        let rows = sqlx::query_as(sql::NAMES)
            .bind(of.organisation)
            .bind(of.shop)
            .bind(of.resource)
            .fetch_all(&self.pool)
            .await?;
        Ok(rows)
    }

    /// What a copy holds of some ids, in their order; those that it does not hold are missing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn mirror_some(
        &self,
        of: MirrorOf<'_>,
        ids: &[&str],
    ) -> Result<Vec<String>, StoreError> {
        let mut bodies = Vec::with_capacity(ids.len());
        for id in ids {
            let packed: Option<Vec<u8>> = sqlx::query_scalar(sql::BODY)
                .bind(of.organisation)
                .bind(of.shop)
                .bind(of.resource)
                .bind(id)
                .fetch_optional(&self.pool)
                .await?;
            bodies.extend(packed.map(|packed| text_of(&packed)).transpose()?);
        }
        Ok(bodies)
    }

    /// All that a copy holds, by id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn mirror_all(&self, of: MirrorOf<'_>) -> Result<Vec<String>, StoreError> {
        let bodies: Vec<Vec<u8>> = sqlx::query_scalar(sql::BODIES)
            .bind(of.organisation)
            .bind(of.shop)
            .bind(of.resource)
            .fetch_all(&self.pool)
            .await?;
        bodies.iter().map(|packed| text_of(packed)).collect()
    }
}

fn text_of(packed: &[u8]) -> Result<String, StoreError> {
    String::from_utf8(unpack(packed)?).map_err(|error| StoreError::Corrupt(error.to_string()))
}
