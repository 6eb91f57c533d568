//! What arrives from shops: hints, nonces and wishes for a sweep, many arrivals in one commit.

use sqlx::Row;

use super::{Hint, Store, StoreError, queue::put_hints, sql::access as sql};
use crate::time::Timestamp;

/// One delivery, as it is to be kept.
#[derive(Debug, Clone, Default)]
pub struct Arrival {
    /// The organisation that the shop belongs to.
    pub organisation: String,
    /// What it hints at.
    pub hints: Vec<Hint>,
    /// What must not come twice.
    pub nonce: Option<Nonce>,
    /// The shop (its slug) that shall be swept soon, and why.
    pub sweep: Option<(String, String)>,
}

/// A number used once, by one shop.
#[derive(Debug, Clone)]
pub struct Nonce {
    /// The shop's slug.
    pub shop: String,
    /// The number.
    pub nonce: String,
    /// When it may be forgotten: its delivery is too old to be believed from then on.
    pub until: Timestamp,
}

/// A shop that shall be swept before its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SweepWanted {
    /// Its slug.
    pub shop: String,
    /// Why, for people.
    pub reason: String,
    /// When that was asked for.
    pub asked: Timestamp,
}

impl Store {
    /// Keeps arrivals, all in one commit; gives for each whether it was new. One whose nonce was
    /// seen before changes nothing.
    ///
    /// # Errors
    /// [`StoreError::Database`]; then none of them is kept.
    pub async fn take_in(
        &self,
        arrivals: &[Arrival],
        now: Timestamp,
    ) -> Result<Vec<bool>, StoreError> {
        let mut transaction = self.begin().await?;
        let mut fresh = Vec::with_capacity(arrivals.len());
        for arrival in arrivals {
            if let Some(nonce) = &arrival.nonce {
                let taken = sqlx::query(sql::NONCE_TAKE)
                    .bind(&nonce.shop)
                    .bind(&nonce.nonce)
                    .bind(nonce.until.ms())
                    .execute(&mut *transaction)
                    .await?;
                if taken.rows_affected() == 0 {
                    fresh.push(false);
                    continue;
                }
            }
            if let Some((shop, reason)) = &arrival.sweep {
                sqlx::query(sql::SWEEP_WANT)
                    .bind(shop)
                    .bind(reason)
                    .bind(now.ms())
                    .execute(&mut *transaction)
                    .await?;
            }
            fresh.push(true);
        }
        let mut hints: Vec<(&str, &Hint)> = Vec::new();
        for (arrival, _) in arrivals.iter().zip(&fresh).filter(|(_, fresh)| **fresh) {
            hints.extend(arrival.hints.iter().map(|hint| (arrival.organisation.as_str(), hint)));
        }
        put_hints(&mut transaction, hints.into_iter(), now).await?;
        transaction.commit().await?;
        Ok(fresh)
    }

    /// Forgets nonces that need not be known any more.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn forget_nonces(&self, now: Timestamp) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query(sql::NONCE_FORGET).bind(now.ms()).execute(&mut *transaction).await?;
        transaction.commit().await
    }

    /// Asks for a sweep of a shop before its time.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn want_sweep(
        &self,
        shop: &str,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sweep = Some((shop.to_owned(), reason.to_owned()));
        self.take_in(&[Arrival { sweep, ..Arrival::default() }], now).await.map(|_| ())
    }

    /// The shops that shall be swept before their time, longest waiting first.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn sweeps_wanted(&self) -> Result<Vec<SweepWanted>, StoreError> {
        let rows = sqlx::query(sql::SWEEPS_WANTED).fetch_all(&self.pool).await?;
        rows.iter()
            .map(|row| {
                Ok(SweepWanted {
                    shop: row.try_get(0)?,
                    reason: row.try_get(1)?,
                    asked: Timestamp::from_ms(row.try_get(2)?),
                })
            })
            .collect()
    }

    /// A sweep of a shop that began at `began` is over; what was asked for later stays.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn sweep_done(&self, shop: &str, began: Timestamp) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query(sql::SWEEP_DONE).bind(shop).bind(began.ms()).execute(&mut *transaction).await?;
        transaction.commit().await
    }
}
