//! The mapping settings of a shop, with their hash.

use sha2::{Digest, Sha256};

use super::{Store, StoreError, sql};
use crate::time::Timestamp;

/// Settings as the store has them.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct StoredSettings {
    /// The core's JSON.
    pub json: String,
    /// SHA-256 of that text, in hex.
    pub sha256: String,
}

/// The hash by which settings are known, in hex.
#[must_use]
pub fn settings_sha256(json: &str) -> String {
    hex::encode(Sha256::digest(json))
}

impl Store {
    /// Keeps the settings of a shop; gives their hash.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn put_settings(
        &self,
        organisation: &str,
        shop: &str,
        json: &str,
        now: Timestamp,
    ) -> Result<String, StoreError> {
        let sha256 = settings_sha256(json);
        sqlx::query(sql::SETTINGS_SET)
            .bind(organisation)
            .bind(shop)
            .bind(json)
            .bind(&sha256)
            .bind(now.ms())
            .execute(&self.pool)
            .await?;
        Ok(sha256)
    }

    /// Keeps the settings of a shop if those that are there are the ones that the new ones were made
    /// from (their hash; `None` where there were none); gives their hash, or `None` where somebody
    /// else has changed them meanwhile.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn replace_settings(
        &self,
        (organisation, shop): (&str, &str),
        json: &str,
        based_on: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<String>, StoreError> {
        let sha256 = settings_sha256(json);
        let mut transaction = self.begin().await?;
        let statement = match based_on {
            Some(_) => sql::plugin::SETTINGS_REPLACE,
            None => sql::plugin::SETTINGS_FIRST,
        };
        let mut query = sqlx::query(statement)
            .bind(organisation)
            .bind(shop)
            .bind(json)
            .bind(&sha256)
            .bind(now.ms());
        if let Some(based_on) = based_on {
            query = query.bind(based_on);
        }
        let kept = query.execute(&mut *transaction).await?.rows_affected();
        transaction.commit().await?;
        Ok((kept == 1).then_some(sha256))
    }

    /// The settings of a shop.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn settings(
        &self,
        organisation: &str,
        shop: &str,
    ) -> Result<Option<StoredSettings>, StoreError> {
        Ok(sqlx::query_as(sql::SETTINGS_OF)
            .bind(organisation)
            .bind(shop)
            .fetch_optional(&self.pool)
            .await?)
    }
}
