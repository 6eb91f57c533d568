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
