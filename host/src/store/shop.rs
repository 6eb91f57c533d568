//! The shops and organisations that a server works for.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sqlx::{Row, any::AnyRow};

use super::{Store, StoreError, sql};
use crate::time::Timestamp;

/// Why a shop that was added sends nothing.
pub const NOT_ON: &str = "not switched on yet";

/// Whether something is worked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activity {
    /// It is.
    Active,
    /// A person, or what only a person can cure, has stopped it; hints are kept.
    Paused,
}

impl Activity {
    /// The word in the database and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
        }
    }

    fn parse(word: &str) -> Self {
        if word == "paused" { Self::Paused } else { Self::Active }
    }
}

/// A shop that is worked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShopRow {
    /// What stands in the address of its webhooks.
    pub slug: String,
    /// The organisation that its documents go to.
    pub organisation: String,
    /// Its address, without a slash at the end.
    pub url: String,
    /// Its keys, sealed.
    pub secrets: Vec<u8>,
    /// Whether it is worked for.
    pub activity: Activity,
    /// Why not, for people.
    pub reason: String,
    /// Since when; what is older is not sent by itself.
    pub activated: Timestamp,
    /// Which kinds are synced, and since when: JSON.
    pub switches: String,
    /// How far sweeps have come: JSON.
    pub marks: String,
    /// When it was added.
    pub added: Timestamp,
}

/// Kinds of objects that are switched off for a shop: what comes in of them is not queued.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Switches {
    /// `orders`, `products`, `customers` and so on, as the core's settings name them.
    pub off: BTreeSet<String>,
}

impl Switches {
    /// Whether hints at objects of a kind, such as `order`, are queued.
    #[must_use]
    pub fn queues(&self, kind: &str) -> bool {
        !self.off.contains(&format!("{kind}s"))
    }
}

impl ShopRow {
    /// Which kinds are switched off.
    #[must_use]
    pub fn switched(&self) -> Switches {
        serde_json::from_str(&self.switches).unwrap_or_default()
    }

    /// Whether it was ever switched on.
    #[must_use]
    pub fn was_on(&self) -> bool {
        self.reason != NOT_ON
    }
}

/// An organisation that is worked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganisationRow {
    /// Xero's tenant id, or a name of ours for a custom connection.
    pub id: String,
    /// The connection that reaches it; empty for the configured custom connection.
    pub connection: String,
    /// Its name, for people.
    pub name: String,
    /// Whether it is worked for.
    pub activity: Activity,
    /// Why not, for people.
    pub reason: String,
}

impl Store {
    /// Adds a shop, or changes what is known of it; how far its sweeps have come, whether it is
    /// paused and since when it is active stay.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn put_shop(&self, shop: &ShopRow) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query(sql::SHOP_PUT)
            .bind(&shop.slug)
            .bind(&shop.organisation)
            .bind(&shop.url)
            .bind(&shop.secrets)
            .bind(shop.activity.as_str())
            .bind(&shop.reason)
            .bind(shop.activated.ms())
            .bind(&shop.switches)
            .bind(&shop.marks)
            .bind(shop.added.ms())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await
    }

    /// All shops, by slug.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn shops(&self) -> Result<Vec<ShopRow>, StoreError> {
        let rows = sqlx::query(sql::SHOPS).fetch_all(&self.pool).await?;
        rows.iter().map(read_shop).collect()
    }

    /// The shop with a slug.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn shop(&self, slug: &str) -> Result<Option<ShopRow>, StoreError> {
        let row = sqlx::query(sql::SHOP_OF).bind(slug).fetch_optional(&self.pool).await?;
        row.as_ref().map(read_shop).transpose()
    }

    /// Pauses a shop or lets it go on; `false` where there is none, or it was never switched on.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn set_shop_activity(
        &self,
        slug: &str,
        activity: Activity,
        reason: &str,
    ) -> Result<bool, StoreError> {
        self.set(sql::SHOP_ACTIVITY, slug, activity, reason, Some(NOT_ON)).await
    }

    /// Pauses an organisation or lets it go on: a pause ends after the call that is on its way.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn set_organisation_activity(
        &self,
        id: &str,
        activity: Activity,
        reason: &str,
    ) -> Result<bool, StoreError> {
        self.set(sql::ORGANISATION_ACTIVITY, id, activity, reason, None).await
    }

    async fn set(
        &self,
        statement: &'static str,
        id: &str,
        activity: Activity,
        reason: &str,
        unless: Option<&str>,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        let mut query = sqlx::query(statement).bind(id).bind(activity.as_str()).bind(reason);
        if let Some(unless) = unless {
            query = query.bind(unless);
        }
        let changed = query.execute(&mut *transaction).await?.rows_affected();
        transaction.commit().await?;
        Ok(changed > 0)
    }

    /// Keeps how far a shop's sweeps have come.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn set_marks(&self, slug: &str, marks: &str) -> Result<(), StoreError> {
        self.set_text(sql::SHOP_MARKS, slug, marks).await
    }

    /// Keeps which kinds of a shop are synced.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn set_switches(&self, slug: &str, switches: &str) -> Result<(), StoreError> {
        self.set_text(sql::SHOP_SWITCHES, slug, switches).await
    }

    async fn set_text(
        &self,
        statement: &'static str,
        slug: &str,
        text: &str,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query(statement).bind(slug).bind(text).execute(&mut *transaction).await?;
        transaction.commit().await
    }

    /// Lets a shop's documents go to another organisation; it is to be switched on anew then, and
    /// what people said of its objects while it had none goes along. `false`, and nothing changes,
    /// where documents stand in the present one.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn set_shop_organisation(
        &self,
        shop: &ShopRow,
        organisation: &str,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        let posted: i64 = sqlx::query_scalar(sql::plugin::LINKS_LIVE)
            .bind(&shop.organisation)
            .bind(&shop.url)
            .fetch_one(&mut *transaction)
            .await?;
        if posted > 0 && shop.organisation != organisation {
            return Ok(false);
        }
        sqlx::query(sql::LEASE_MAKE).bind(organisation).execute(&mut *transaction).await?;
        if shop.organisation != organisation {
            sqlx::query(sql::plugin::SHOP_ORGANISATION)
                .bind(&shop.slug)
                .bind(organisation)
                .bind(NOT_ON)
                .execute(&mut *transaction)
                .await?;
            let forget = sqlx::query(sql::plugin::WAITING_FORGET).bind(&shop.url);
            forget.execute(&mut *transaction).await?;
            for statement in [sql::plugin::HISTORY_MOVE, sql::plugin::EXCLUSIONS_MOVE] {
                let query = sqlx::query(statement).bind(&shop.url).bind(organisation);
                query.execute(&mut *transaction).await?;
            }
        }
        transaction.commit().await?;
        Ok(true)
    }

    /// Adds an organisation, or changes its connection and name; whether it is paused stays.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn put_organisation(
        &self,
        organisation: &OrganisationRow,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query(sql::ORGANISATION_PUT)
            .bind(&organisation.id)
            .bind(&organisation.connection)
            .bind(&organisation.name)
            .bind(organisation.activity.as_str())
            .bind(&organisation.reason)
            .bind(now.ms())
            .execute(&mut *transaction)
            .await?;
        sqlx::query(sql::LEASE_MAKE).bind(&organisation.id).execute(&mut *transaction).await?;
        transaction.commit().await
    }

    /// Switches a shop on from a moment on: what is older is not sent by itself.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn activate_shop(&self, slug: &str, from: Timestamp) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        let query = sqlx::query(sql::SHOP_ACTIVATED).bind(slug).bind(from.ms());
        query.execute(&mut *transaction).await?;
        transaction.commit().await
    }

    /// All organisations.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn organisations(&self) -> Result<Vec<OrganisationRow>, StoreError> {
        let rows = sqlx::query(sql::ORGANISATIONS).fetch_all(&self.pool).await?;
        let read = |row: &AnyRow| {
            Ok(OrganisationRow {
                id: row.try_get(0)?,
                connection: row.try_get(1)?,
                name: row.try_get(2)?,
                activity: Activity::parse(row.try_get(3)?),
                reason: row.try_get(4)?,
            })
        };
        rows.iter().map(read).collect()
    }
}

fn read_shop(row: &AnyRow) -> Result<ShopRow, StoreError> {
    Ok(ShopRow {
        slug: row.try_get(0)?,
        organisation: row.try_get(1)?,
        url: row.try_get(2)?,
        secrets: row.try_get(3)?,
        activity: Activity::parse(row.try_get(4)?),
        reason: row.try_get(5)?,
        activated: Timestamp::from_ms(row.try_get(6)?),
        switches: row.try_get(7)?,
        marks: row.try_get(8)?,
        added: Timestamp::from_ms(row.try_get(9)?),
    })
}
