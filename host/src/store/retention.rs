//! Forgetting: by age, and by person.

use super::{
    Store, StoreError,
    sql::{mirror, operations as sql},
};
use crate::{recording, time::Timestamp};

/// What was forgotten because of its age, or would be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Questions to the core.
    pub recordings: u64,
    /// Plans that lost their bodies and calls, or were never carried out.
    pub plans: u64,
    /// Entries of histories.
    pub history: u64,
}

/// What was forgotten of a person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Questions to the core.
    pub recordings: u64,
    /// Plans that lost their bodies and calls.
    pub plans: u64,
    /// Entries of histories and outcomes that lost their words.
    pub notes: u64,
    /// Contacts in Xero whose link was cut, by name; they stay in Xero.
    pub contacts: Vec<String>,
    /// Plans on their way, which could not be touched.
    pub open_plans: u64,
}

impl Store {
    /// Forgets bodies of plans that ended before `bodies`, and histories before `history`; gives
    /// how many plans and entries. With `dry_run` they are only counted.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn prune_old(
        &self,
        bodies: Timestamp,
        history: Timestamp,
        dry_run: bool,
    ) -> Result<(u64, u64), StoreError> {
        let mut counts = [0, 0];
        for (count, (query, at)) in
            counts.iter_mut().zip([(sql::PLANS_OLD, bodies), (sql::HISTORY_OLD, history)])
        {
            let rows: i64 = sqlx::query_scalar(query).bind(at.ms()).fetch_one(&self.pool).await?;
            *count = u64::try_from(rows).unwrap_or(0);
        }
        let [plans, entries] = counts;
        if dry_run || plans + entries == 0 {
            return Ok((plans, entries));
        }
        let mut transaction = self.begin().await?;
        for (statement, at) in [
            (sql::PLAN_CALLS_FORGET_OLD, bodies),
            (sql::PLANS_EMPTY_OLD, bodies),
            (sql::PLANS_FORGET_OLD, bodies),
            (sql::HISTORY_FORGET_OLD, history),
        ] {
            sqlx::query(statement).bind(at.ms()).execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        Ok((plans, entries))
    }

    /// Forgets a person: `keys` name a customer's contact, `texts` stand wherever the person is
    /// named, in small letters.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_person(
        &self,
        keys: &[String],
        mut texts: Vec<String>,
    ) -> Result<Forgotten, StoreError> {
        let mut forgotten = Forgotten::default();
        let key = |at: usize| keys.get(at).or(keys.first()).cloned().unwrap_or_default();
        let links: Vec<(String, String)> = sqlx::query_as(sql::PERSON_LINKS)
            .bind(key(0))
            .bind(key(1))
            .bind(key(2))
            .fetch_all(&self.pool)
            .await?;
        for (_, name) in links {
            texts.push(name.to_lowercase());
            forgotten.contacts.push(name);
        }
        texts.retain(|text| !text.trim().is_empty());
        let recordings = self.recordings_naming(&texts).await?;
        forgotten.recordings = recordings.len() as u64;
        let mut transaction = self.begin().await?;
        for id in recordings {
            sqlx::query(sql::RECORDING_FORGET).bind(id).execute(&mut *transaction).await?;
        }
        for text in &texts {
            let like = like(text);
            let plans: Vec<(String, String, String)> =
                sqlx::query_as(sql::PERSON_PLANS).bind(&like).fetch_all(&mut *transaction).await?;
            for (organisation, sha256, state) in plans {
                if state == "applying" {
                    forgotten.open_plans += 1;
                    continue;
                }
                for statement in [sql::PLAN_CALL_FORGET, sql::PERSON_PLAN_EMPTY] {
                    sqlx::query(statement)
                        .bind(&organisation)
                        .bind(&sha256)
                        .execute(&mut *transaction)
                        .await?;
                }
                forgotten.plans += 1;
            }
            for statement in [sql::PERSON_HISTORY_FORGET, sql::PERSON_OUTCOMES_FORGET] {
                let done = sqlx::query(statement).bind(&like).execute(&mut *transaction).await?;
                forgotten.notes += done.rows_affected();
            }
        }
        sqlx::query(sql::PERSON_LINKS_FORGET)
            .bind(key(0))
            .bind(key(1))
            .bind(key(2))
            .execute(&mut *transaction)
            .await?;
        // Names stand in what Xero answered, too: it is asked again.
        for statement in [mirror::THROW_AWAY, mirror::MARKS_THROW_AWAY] {
            sqlx::query(statement).execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        Ok(forgotten)
    }

    /// The recordings in which one of these texts stands.
    async fn recordings_naming(&self, texts: &[String]) -> Result<Vec<String>, StoreError> {
        let rows: Vec<(String, Vec<u8>, Vec<u8>)> =
            sqlx::query_as(sql::RECORDINGS_PACKED).fetch_all(&self.pool).await?;
        let mut naming = Vec::new();
        for (id, request, reply) in rows {
            let mut text = recording::unpack(&request)?;
            text.extend(recording::unpack(&reply)?);
            let text = String::from_utf8_lossy(&text).to_lowercase();
            if texts.iter().any(|one| text.contains(one)) {
                naming.push(id);
            }
        }
        Ok(naming)
    }
}

/// Anything with this text in it.
fn like(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}
