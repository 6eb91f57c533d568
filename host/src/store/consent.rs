//! Consents of Xero that people were sent for, and the organisations that they brought.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sqlx::Row;

use super::{Store, StoreError, from_json, sql::plugin as sql, to_json};
use crate::time::Timestamp;

/// How long a person may take at Xero.
pub const CONSENT_LIFE: Duration = Duration::from_mins(30);

/// A consent that is under way.
#[derive(Debug, Clone)]
pub struct ConsentRow {
    /// SHA-256 of its state: whoever brings the state was sent by us.
    pub id: String,
    /// The shop's slug.
    pub shop: String,
    /// Proves the code; sealed about [`ConsentRow::about`].
    pub verifier: Vec<u8>,
    /// Where Xero sends the person back to.
    pub redirect_uri: String,
    /// Where the person goes then.
    pub return_to: String,
}

impl ConsentRow {
    /// The id of a consent with a state.
    #[must_use]
    pub fn id_of(state: &str) -> String {
        hex::encode(Sha256::digest(state))
    }

    /// What its verifier is sealed about.
    #[must_use]
    pub fn about(id: &str) -> String {
        format!("consent:{id}")
    }
}

/// An organisation that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Xero's id of it.
    pub id: String,
    /// Its name.
    pub name: String,
}

impl Store {
    /// Keeps a consent that a person is sent for; those that nobody came back from are forgotten.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn add_consent(
        &self,
        consent: &ConsentRow,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query(sql::CONSENT_FORGET).bind(now.ms()).execute(&mut *transaction).await?;
        sqlx::query(sql::CONSENT_ADD)
            .bind(&consent.id)
            .bind(&consent.shop)
            .bind(&consent.verifier)
            .bind(&consent.redirect_uri)
            .bind(&consent.return_to)
            .bind(now.ms())
            .bind(now.plus(CONSENT_LIFE).ms())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await
    }

    /// Takes the consent with a state: it is given once only.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn take_consent(
        &self,
        state: &str,
        now: Timestamp,
    ) -> Result<Option<ConsentRow>, StoreError> {
        let id = ConsentRow::id_of(state);
        let mut transaction = self.begin().await?;
        let row = sqlx::query(sql::CONSENT_OF)
            .bind(&id)
            .bind(now.ms())
            .fetch_optional(&mut *transaction)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let take = sqlx::query(sql::CONSENT_TAKE).bind(&id).bind(now.ms());
        let taken = take.execute(&mut *transaction).await?.rows_affected();
        transaction.commit().await?;
        if taken != 1 {
            return Ok(None);
        }
        Ok(Some(ConsentRow {
            id,
            shop: row.try_get(0)?,
            verifier: row.try_get(1)?,
            redirect_uri: row.try_get(2)?,
            return_to: row.try_get(3)?,
        }))
    }

    /// Keeps which organisations a consent reaches, in place of those of older ones of the shop.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn keep_choices(
        &self,
        (id, shop): (&str, &str),
        choices: &[Choice],
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        let given = sqlx::query(sql::CONSENT_GIVEN).bind(id).bind(to_json(&choices)?);
        given.execute(&mut *transaction).await?;
        let older = sqlx::query(sql::CONSENT_FORGET_OLDER).bind(shop).bind(id);
        older.execute(&mut *transaction).await?;
        transaction.commit().await
    }

    /// The organisations that a shop's people gave consent for.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn choices(&self, shop: &str) -> Result<Vec<Choice>, StoreError> {
        let kept: Option<String> =
            sqlx::query_scalar(sql::CONSENT_CHOICES).bind(shop).fetch_optional(&self.pool).await?;
        kept.map_or(Ok(Vec::new()), |kept| from_json(&kept))
    }
}
