//! Connections to Xero: who may speak for whom, and with which token.

use std::time::Duration;

use sqlx::{Row, any::AnyRow};

use super::{Store, StoreError, sql, sql::connection as own};
use crate::{
    time::Timestamp,
    vault::{Vault, VaultError},
};

/// How an app proves who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionKind {
    /// A custom connection: client credentials, one organisation, nobody signs in.
    Custom,
    /// A web app: a person's consent, and the app's secret.
    Web,
    /// A native app: a person's consent, and a proof instead of a secret.
    Pkce,
}

impl ConnectionKind {
    /// Its name in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Custom => "custom",
            Self::Web => "web",
            Self::Pkce => "pkce",
        }
    }

    fn read(text: &str) -> Result<Self, StoreError> {
        [Self::Custom, Self::Web, Self::Pkce]
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| StoreError::Corrupt(format!("connection of kind `{text}`")))
    }
}

/// A connection as the store has it. Its secrets are sealed about [`Connection::secrets_about`] and
/// [`Connection::tokens_about`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// Our own id.
    pub id: String,
    /// How the app proves who it is.
    pub kind: ConnectionKind,
    /// The app's id at Xero.
    pub client_id: String,
    /// The scopes that Xero gave, separated by spaces.
    pub scopes: String,
    /// The app's secret, sealed.
    pub secrets: Vec<u8>,
    /// The tokens, sealed.
    pub tokens: Vec<u8>,
    /// Rises with each token that is saved.
    pub generation: i64,
    /// When the next token should be fetched.
    pub renew: Timestamp,
    /// When the access token ends.
    pub expires: Timestamp,
    /// When the tokens were fetched.
    pub refreshed: Timestamp,
    /// Until when nobody else fetches tokens.
    pub refresh_until: Timestamp,
    /// How often that failed in a row.
    pub refresh_failures: i64,
    /// Why a person must connect again; `None` while all is well.
    pub needs_person: Option<String>,
    /// Whether a person was told so.
    pub said: bool,
    /// When it came into its present state.
    pub changed: Timestamp,
    /// When it was made.
    pub added: Timestamp,
}

impl Connection {
    /// What the app's secret is sealed about.
    #[must_use]
    pub fn secrets_about(id: &str) -> String {
        format!("client:{id}")
    }

    /// What the tokens are sealed about.
    #[must_use]
    pub fn tokens_about(id: &str) -> String {
        format!("token:{id}")
    }

    fn read(row: &AnyRow) -> Result<Self, StoreError> {
        let time = |column: &str| row.try_get(column).map(Timestamp::from_ms);
        let (kind, state, reason): (String, String, String) =
            (row.try_get("kind")?, row.try_get("state")?, row.try_get("reason")?);
        let said: i64 = row.try_get("said")?;
        Ok(Self {
            id: row.try_get("id")?,
            kind: ConnectionKind::read(&kind)?,
            client_id: row.try_get("client_id")?,
            scopes: row.try_get("scopes")?,
            secrets: row.try_get("secrets")?,
            tokens: row.try_get("tokens")?,
            generation: row.try_get("generation")?,
            renew: time("renew_ms")?,
            expires: time("expires_ms")?,
            refreshed: time("refreshed_ms")?,
            refresh_until: time("refresh_until_ms")?,
            refresh_failures: row.try_get("refresh_failures")?,
            needs_person: (state != "active").then_some(reason),
            said: said != 0,
            changed: time("changed_ms")?,
            added: time("added_ms")?,
        })
    }
}

/// New tokens, sealed, to be kept.
#[derive(Debug, Clone)]
pub struct NewTokens {
    /// Sealed about [`Connection::tokens_about`].
    pub sealed: Vec<u8>,
    /// The scopes that Xero gave.
    pub scopes: String,
    /// When the next token should be fetched.
    pub renew: Timestamp,
    /// When the access token ends.
    pub expires: Timestamp,
}

/// A connection that is made, or made again.
#[derive(Debug, Clone)]
pub struct NewConnection {
    /// Our own id; one that is there is connected again.
    pub id: String,
    /// How the app proves who it is.
    pub kind: ConnectionKind,
    /// The app's id at Xero.
    pub client_id: String,
    /// The app's secret, sealed about [`Connection::secrets_about`].
    pub secrets: Vec<u8>,
    /// Its tokens.
    pub tokens: NewTokens,
}

impl Store {
    /// Keeps a connection; it speaks for no organisation yet.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn put_connection(
        &self,
        new: &NewConnection,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query(own::CONNECTION_PUT)
            .bind(&new.id)
            .bind(new.kind.as_str())
            .bind(&new.client_id)
            .bind(&new.tokens.scopes)
            .bind(&new.secrets)
            .bind(&new.tokens.sealed)
            .bind(new.tokens.renew.ms())
            .bind(new.tokens.expires.ms())
            .bind(now.ms())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await
    }

    /// Lets a connection speak for organisations (id and name): what waited for it goes on at once.
    /// Connections of the same app that speak for nobody any more are forgotten.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn link_organisations(
        &self,
        connection: &str,
        organisations: &[(String, String)],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        for (id, name) in organisations {
            sqlx::query(own::ORGANISATION_LINK)
                .bind(id)
                .bind(connection)
                .bind(name)
                .bind(now.ms())
                .execute(&mut *transaction)
                .await?;
        }
        for statement in [own::UNPARK_ORGANISATIONS, own::CONNECTION_FORGET_IDLE] {
            sqlx::query(statement).bind(connection).execute(&mut *transaction).await?;
        }
        transaction.commit().await
    }

    /// Every organisation that a connection speaks for: its id, its name and the app's id.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn connected_organisations(
        &self,
    ) -> Result<Vec<(String, String, String)>, StoreError> {
        Ok(sqlx::query_as(own::ORGANISATIONS_CONNECTED).fetch_all(&self.pool).await?)
    }

    /// All connections, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Database`] or [`StoreError::Corrupt`].
    pub async fn connections(&self) -> Result<Vec<Connection>, StoreError> {
        let rows = sqlx::query(own::CONNECTION_ALL).fetch_all(&self.pool).await?;
        rows.iter().map(Connection::read).collect()
    }

    /// One connection.
    ///
    /// # Errors
    /// [`StoreError::Database`] or [`StoreError::Corrupt`].
    pub async fn connection(&self, id: &str) -> Result<Option<Connection>, StoreError> {
        let row = sqlx::query(own::CONNECTION_GET).bind(id).fetch_optional(&self.pool).await?;
        row.as_ref().map(Connection::read).transpose()
    }

    /// The connection that speaks for an organisation.
    ///
    /// # Errors
    /// [`StoreError::Database`] or [`StoreError::Corrupt`].
    pub async fn connection_of(
        &self,
        organisation: &str,
    ) -> Result<Option<Connection>, StoreError> {
        let query = sqlx::query(own::CONNECTION_OF).bind(organisation);
        query.fetch_optional(&self.pool).await?.as_ref().map(Connection::read).transpose()
    }

    /// The organisations that a connection speaks for: id and name.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn organisations_of(
        &self,
        connection: &str,
    ) -> Result<Vec<(String, String)>, StoreError> {
        Ok(sqlx::query_as(own::ORGANISATIONS_OF).bind(connection).fetch_all(&self.pool).await?)
    }

    /// Makes this worker the one that fetches the next token, for so long; `false` when another one
    /// does, or has done.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub(crate) async fn claim_refresh(
        &self,
        (id, generation): (&str, i64),
        owner: &str,
        now: Timestamp,
        duration: Duration,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        let claimed = sqlx::query(own::REFRESH_CLAIM)
            .bind(id)
            .bind(generation)
            .bind(owner)
            .bind(now.ms())
            .bind(now.plus(duration).ms())
            .execute(&mut *transaction)
            .await?
            .rows_affected();
        transaction.commit().await?;
        Ok(claimed == 1)
    }

    /// Keeps the tokens that follow those of `generation`; `false` when others are kept already.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub(crate) async fn save_tokens(
        &self,
        (id, generation): (&str, i64),
        tokens: &NewTokens,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        let saved = sqlx::query(own::REFRESH_SAVE)
            .bind(id)
            .bind(generation)
            .bind(&tokens.sealed)
            .bind(&tokens.scopes)
            .bind(tokens.renew.ms())
            .bind(tokens.expires.ms())
            .bind(now.ms())
            .execute(&mut *transaction)
            .await?
            .rows_affected();
        transaction.commit().await?;
        Ok(saved == 1)
    }

    /// Gives the fetching of tokens back after it failed; nobody tries before `until`.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub(crate) async fn refresh_failed(
        &self,
        (id, generation): (&str, i64),
        owner: &str,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query(own::REFRESH_FAILED)
            .bind(id)
            .bind(generation)
            .bind(owner)
            .bind(until.ms())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await
    }

    /// Notes that only a person can help a connection, and parks its organisations with that reason;
    /// `false` when that is known already, or newer tokens are there.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub(crate) async fn connection_needs_person(
        &self,
        (id, generation): (&str, i64),
        reason: &str,
        now: Timestamp,
        park_until: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        let changed = sqlx::query(own::CONNECTION_NEEDS_PERSON)
            .bind(id)
            .bind(generation)
            .bind(reason)
            .bind(now.ms())
            .execute(&mut *transaction)
            .await?
            .rows_affected();
        if changed == 1 {
            let organisations: Vec<(String, String)> =
                sqlx::query_as(own::ORGANISATIONS_OF).bind(id).fetch_all(&mut *transaction).await?;
            for (organisation, _) in &organisations {
                let make = sqlx::query(sql::LEASE_MAKE).bind(organisation);
                make.execute(&mut *transaction).await?;
            }
            sqlx::query(own::PARK_ORGANISATIONS)
                .bind(id)
                .bind(reason)
                .bind(park_until.ms())
                .bind(now.ms())
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(changed == 1)
    }

    /// Takes it upon the caller to tell a person that a connection needs one: `true` once only,
    /// whoever asks.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn say_connection_needs_person(&self, id: &str) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        let query = sqlx::query(own::CONNECTION_SAY).bind(id);
        let said = query.execute(&mut *transaction).await?.rows_affected();
        transaction.commit().await?;
        Ok(said == 1)
    }

    /// Forgets a connection; its organisations stay, without one.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn forget_connection(&self, id: &str) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        for statement in [own::ORGANISATION_UNLINK, own::CONNECTION_DELETE] {
            sqlx::query(statement).bind(id).execute(&mut *transaction).await?;
        }
        transaction.commit().await
    }

    /// Lets others fetch tokens that a dead process was about to. Only for a process that has made
    /// sure that no other one is alive.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn free_refreshes_of_the_dead(&self) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query(own::REFRESH_FREE_ALL).execute(&mut *transaction).await?;
        transaction.commit().await
    }

    /// Seals the secrets of all connections by the key that seals now; gives how many were sealed
    /// anew. A connection whose tokens change meanwhile is left to the next time.
    ///
    /// # Errors
    /// [`ResealError`].
    pub async fn reseal_connections(&self, vault: &Vault) -> Result<u64, ResealError> {
        let mut count = 0;
        for one in self.connections().await? {
            let secrets = vault.reseal(&Connection::secrets_about(&one.id), &one.secrets)?;
            let tokens = vault.reseal(&Connection::tokens_about(&one.id), &one.tokens)?;
            if secrets.is_none() && tokens.is_none() {
                continue;
            }
            let mut transaction = self.begin().await?;
            let query = sqlx::query(own::CONNECTION_RESEAL)
                .bind(&one.id)
                .bind(one.generation)
                .bind(secrets.unwrap_or(one.secrets))
                .bind(tokens.unwrap_or(one.tokens));
            let done = query.execute(&mut *transaction).await.map_err(StoreError::from)?;
            transaction.commit().await?;
            count += done.rows_affected();
        }
        Ok(count)
    }
}

/// Secrets could not be sealed anew.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResealError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A secret does not open.
    #[error(transparent)]
    Vault(#[from] VaultError),
}
