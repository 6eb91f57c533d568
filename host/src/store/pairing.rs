//! Codes by which a shop is connected: short, for a quarter of an hour, and good once.

use std::time::Duration;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::{Store, StoreError, access::random, sql::plugin as sql};
use crate::time::Timestamp;

/// How long a code is good.
pub const PAIRING_LIFE: Duration = Duration::from_mins(15);

/// Letters and digits that nobody takes for one another.
const ALPHABET: &[u8] = b"ABCDEFGHJKMNPQRSTUVWXYZ23456789";
/// Letters of a code.
const CHARS: usize = 8;

impl Store {
    /// Makes a code, `ABCD-EFGH`; only a salted hash of it is kept. Those that have run out are
    /// forgotten.
    ///
    /// # Errors
    /// [`StoreError::Database`], or [`StoreError::Corrupt`] when the machine has no randomness.
    pub async fn add_pairing(&self, now: Timestamp) -> Result<String, StoreError> {
        let code = new_code()?;
        let salt = hex::encode(random::<16>()?);
        let mut transaction = self.begin().await?;
        sqlx::query(sql::PAIRING_FORGET).bind(now.ms()).execute(&mut *transaction).await?;
        sqlx::query(sql::PAIRING_ADD)
            .bind(hex::encode(random::<8>()?))
            .bind(&salt)
            .bind(hashed(&salt, &code))
            .bind(now.plus(PAIRING_LIFE).ms())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        let (first, second) = code.split_at(CHARS / 2);
        Ok(format!("{first}-{second}"))
    }

    /// The id of the code that somebody shows; `None` where it is none of ours, used or too old.
    /// Small letters, spaces and dashes do not matter.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn pairing(&self, shown: &str, now: Timestamp) -> Result<Option<String>, StoreError> {
        let shown: String = shown
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|letter| letter.to_ascii_uppercase())
            .collect();
        let rows: Vec<(String, String, String)> =
            sqlx::query_as(sql::PAIRINGS).bind(now.ms()).fetch_all(&self.pool).await?;
        let mut found = None;
        for (id, salt, kept) in rows {
            // Every one is compared, whole: the time tells nothing.
            if bool::from(hashed(&salt, &shown).as_bytes().ct_eq(kept.as_bytes())) {
                found = Some(id);
            }
        }
        Ok(found)
    }

    /// Uses a code up; `false` when another one was quicker, or it has run out meanwhile.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn take_pairing(&self, id: &str, now: Timestamp) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        let query = sqlx::query(sql::PAIRING_TAKE).bind(id).bind(now.ms());
        let taken = query.execute(&mut *transaction).await?.rows_affected();
        transaction.commit().await?;
        Ok(taken == 1)
    }
}

fn hashed(salt: &str, code: &str) -> String {
    hex::encode(Sha256::new().chain_update(salt).chain_update(code).finalize())
}

/// Each letter is as likely as any other: bytes that would favour some are passed over.
fn new_code() -> Result<String, StoreError> {
    let fair = 256 / ALPHABET.len() * ALPHABET.len();
    let mut code = String::with_capacity(CHARS);
    while code.len() < CHARS {
        let drawn = random::<16>()?;
        let good = drawn.into_iter().map(usize::from).filter(|byte| *byte < fair);
        let letters = good.filter_map(|byte| ALPHABET.get(byte % ALPHABET.len()));
        code.extend(letters.take(CHARS - code.len()).map(|letter| char::from(*letter)));
    }
    Ok(code)
}
