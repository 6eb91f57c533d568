//! Tokens of the API: who may do what, and where.

use sha2::{Digest, Sha256};
use sqlx::{Row, any::AnyRow};

use super::{Store, StoreError, sql::access as sql};
use crate::{config::Secret, time::Timestamp};

/// Every token begins so, that people and scanners for leaked secrets know one.
pub const TOKEN_BEGINS: &str = "tillbook_";
/// A use is written down at most this often.
const USED_EVERY_MS: i64 = 60_000;

/// What a token may do; each may what those before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Look.
    View,
    /// Pause, resume, retry, exclude, push, sync.
    Operate,
    /// Give and take back tokens.
    Configure,
}

impl Role {
    /// All of them, the least first.
    pub const ALL: [Self; 3] = [Self::View, Self::Operate, Self::Configure];

    /// The word in the database, in JSON and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Operate => "operate",
            Self::Configure => "configure",
        }
    }

    /// The role with that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }
}

/// A token as the store knows it: not the token itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRow {
    /// Its public name.
    pub id: String,
    /// What it is for, for people.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// The shop (its slug) that it is bound to; none for all.
    pub shop: Option<String>,
    /// When it was made.
    pub made: Timestamp,
    /// When it ends by itself.
    pub expires: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub used: Option<Timestamp>,
    /// When it was taken back.
    pub revoked: Option<Timestamp>,
}

impl TokenRow {
    /// Whether it is good at that moment.
    #[must_use]
    pub fn is_good(&self, now: Timestamp) -> bool {
        self.revoked.is_none() && self.expires.is_none_or(|expires| now < expires)
    }
}

/// What a new token shall be.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// What it is for, for people.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// The shop that it is bound to; none for all.
    pub shop: Option<String>,
    /// When it ends by itself.
    pub expires: Option<Timestamp>,
}

impl Store {
    /// Makes a token of 256 random bits; gives its row and the token itself, which nobody can see
    /// again.
    ///
    /// # Errors
    /// [`StoreError::Database`], or [`StoreError::Corrupt`] when the machine has no randomness.
    pub async fn add_token(
        &self,
        new: &NewToken,
        now: Timestamp,
    ) -> Result<(TokenRow, Secret), StoreError> {
        let token = Secret::new(format!("{TOKEN_BEGINS}{}", hex::encode(random::<32>()?)));
        let row = TokenRow {
            id: hex::encode(random::<6>()?),
            name: new.name.clone(),
            role: new.role,
            shop: new.shop.clone(),
            made: now,
            expires: new.expires,
            used: None,
            revoked: None,
        };
        let mut transaction = self.begin().await?;
        sqlx::query(sql::TOKEN_ADD)
            .bind(&row.id)
            .bind(token_sha256(token.reveal()))
            .bind(&row.name)
            .bind(row.role.as_str())
            .bind(row.shop.clone().unwrap_or_default())
            .bind(now.ms())
            .bind(row.expires.map(Timestamp::ms))
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok((row, token))
    }

    /// All tokens, oldest first, also those that are no good any more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn tokens(&self) -> Result<Vec<TokenRow>, StoreError> {
        sqlx::query(sql::TOKENS).fetch_all(&self.pool).await?.iter().map(read_token).collect()
    }

    /// The row of a token that somebody shows, good or not.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn token(&self, shown: &str) -> Result<Option<TokenRow>, StoreError> {
        let row =
            sqlx::query(sql::TOKEN_OF).bind(token_sha256(shown)).fetch_optional(&self.pool).await?;
        row.as_ref().map(read_token).transpose()
    }

    /// Writes down that a token was used, unless that is known to the minute.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn use_token(&self, token: &TokenRow, now: Timestamp) -> Result<(), StoreError> {
        if token.used.is_some_and(|used| now.ms().saturating_sub(used.ms()) < USED_EVERY_MS) {
            return Ok(());
        }
        let mut transaction = self.begin().await?;
        sqlx::query(sql::TOKEN_USED)
            .bind(&token.id)
            .bind(now.ms())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await
    }

    /// Takes a token back for good; gives whether there is one of that id.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn revoke_token(&self, id: &str, now: Timestamp) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        let found = sqlx::query(sql::TOKEN_REVOKE)
            .bind(id)
            .bind(now.ms())
            .execute(&mut *transaction)
            .await?
            .rows_affected();
        transaction.commit().await?;
        Ok(found > 0)
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query(sql::PING).execute(&self.pool).await?;
        Ok(())
    }
}

fn token_sha256(token: &str) -> String {
    hex::encode(Sha256::digest(token))
}

pub(super) fn random<const BYTES: usize>() -> Result<[u8; BYTES], StoreError> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    Ok(bytes)
}

fn read_token(row: &AnyRow) -> Result<TokenRow, StoreError> {
    let (role, shop): (String, String) = (row.try_get(2)?, row.try_get(3)?);
    let moment = |column: usize| -> Result<Option<Timestamp>, sqlx::Error> {
        Ok(row.try_get::<Option<i64>, _>(column)?.map(Timestamp::from_ms))
    };
    Ok(TokenRow {
        id: row.try_get(0)?,
        name: row.try_get(1)?,
        role: Role::parse(&role)
            .ok_or_else(|| StoreError::Corrupt(format!("role `{role}` of a token")))?,
        shop: (!shop.is_empty()).then_some(shop),
        made: Timestamp::from_ms(row.try_get(4)?),
        expires: moment(5)?,
        used: moment(6)?,
        revoked: moment(7)?,
    })
}
