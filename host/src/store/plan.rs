//! Saved plans, and how far they have been carried out.

use std::collections::BTreeMap;

use serde::Deserialize;
use sqlx::{Row, any::AnyRow};
use tillbook_core::{
    contract::PlanResponse,
    plan::{Action, Call, Link, RecordLink, Step, StepResult},
};

use super::{
    Job, Lease, ObjectKey, Store, StoreError, Writing, from_json,
    history::{What, note},
    link::{put_body, put_links, put_records},
    sql,
    summary::{PlannedSummary, put_summaries},
    to_json,
};
use crate::time::Timestamp;

/// How far a plan has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanState {
    /// Nothing of it has been sent.
    Saved,
    /// Something may have been sent.
    Applying,
    /// All of it has been carried out.
    Done,
    /// It cannot be carried on; a new plan finds what was done.
    Stopped,
}

impl PlanState {
    /// The word in the database and on screens.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Saved => "saved",
            Self::Applying => "applying",
            Self::Done => "done",
            Self::Stopped => "stopped",
        }
    }

    pub(super) fn parse(word: &str) -> Result<Self, StoreError> {
        [Self::Saved, Self::Applying, Self::Done, Self::Stopped]
            .into_iter()
            .find(|state| state.as_str() == word)
            .ok_or_else(|| StoreError::Corrupt(format!("plan state `{word}`")))
    }
}

/// A plan as it was saved.
#[derive(Debug, Clone)]
pub struct StoredPlan {
    /// What names it.
    pub sha256: String,
    /// What it was made for, as JSON of the planner's own.
    pub scope: String,
    /// The core's answers, one for each thousand orders.
    pub parts: Vec<PlanResponse>,
    /// How far it has come.
    pub state: PlanState,
    /// When it was made.
    pub made: Timestamp,
    /// The summaries in it with what they are made of; only of a plan that was made just now, the
    /// store keeps them apart.
    pub summaries: Vec<PlannedSummary>,
    /// `date_modified_gmt` of the orders that were read; only of a plan that was made just now.
    pub modified: BTreeMap<u64, String>,
}

/// The shop that a plan was made for, by its scope; those of the command line name none.
pub(crate) fn shop_of(scope: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct MadeFor {
        #[serde(default)]
        jobs: Vec<Job>,
        #[serde(default)]
        shop: String,
    }
    let made_for: MadeFor = serde_json::from_str(scope).ok()?;
    let named = Some(made_for.shop).filter(|shop| !shop.is_empty());
    made_for.jobs.into_iter().next().map(|job| job.key.shop).or(named)
}

impl StoredPlan {
    /// Whether it may be carried on for a shop: not when it was made for another one.
    #[must_use]
    pub fn is_for(&self, shop: &str) -> bool {
        shop_of(&self.scope).is_none_or(|own| own == shop)
    }
}

/// How far a call of a plan has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanCallState {
    /// Surely not sent.
    Planned,
    /// May have been sent; no answer is known.
    Sent,
    /// Answered, and the answer counts.
    Done,
    /// Nothing of it was left to send, because of what went wrong before.
    Passed,
}

/// A call of a plan that is being carried out.
#[derive(Debug, Clone)]
pub struct PlanCall {
    /// Its place in the plan.
    pub place: i64,
    /// The call.
    pub call: Call,
    /// `Idempotency-Key`.
    pub idempotency_key: String,
    /// How far it has come.
    pub state: PlanCallState,
    /// The bytes that were sent; empty before.
    pub body: Vec<u8>,
    /// When it was first sent.
    pub sent: Option<Timestamp>,
    /// What its steps have become, once it is done.
    pub results: Vec<StepResult>,
}

impl Store {
    /// Saves a plan; one of the same name that is being carried out stays as it is.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn save_plan(&self, organisation: &str, plan: &StoredPlan) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query(sql::PLAN_SAVE)
            .bind(organisation)
            .bind(&plan.sha256)
            .bind(&plan.scope)
            .bind(to_json(&plan.parts)?)
            .bind(plan.state.as_str())
            .bind(plan.made.ms())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await
    }

    /// The plans whose names begin so, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn plans(
        &self,
        organisation: &str,
        sha256_begins: &str,
    ) -> Result<Vec<StoredPlan>, StoreError> {
        let rows = sqlx::query(sql::PLAN_FIND)
            .bind(organisation)
            .bind(sha256_begins)
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(read_plan).collect()
    }

    /// The plan that is being carried out, if there is one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn open_plan(&self, organisation: &str) -> Result<Option<StoredPlan>, StoreError> {
        let row = sqlx::query(sql::PLAN_OPEN).bind(organisation).fetch_optional(&self.pool).await?;
        row.as_ref().map(read_plan).transpose()
    }

    /// The calls that were sent and never answered, in the order in which they were sent, each with
    /// what its plan was made for.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn unanswered(&self, organisation: &str) -> Result<Vec<(String, Call)>, StoreError> {
        let rows: Vec<(String, String)> =
            sqlx::query_as(sql::PLAN_UNANSWERED).bind(organisation).fetch_all(&self.pool).await?;
        rows.into_iter().map(|(scope, call)| Ok((scope, from_json(&call)?))).collect()
    }

    /// When the last call left that was never answered.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn last_unanswered(
        &self,
        organisation: &str,
    ) -> Result<Option<Timestamp>, StoreError> {
        let query = sqlx::query_scalar(sql::PLAN_LAST_UNANSWERED).bind(organisation);
        let sent: Option<i64> = query.fetch_one(&self.pool).await?;
        Ok(sent.map(Timestamp::from_ms))
    }

    /// Writes down the calls of a plan and that it is being carried out; keeps links that need no
    /// call.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when the lease was taken over.
    pub async fn begin_plan(
        &self,
        lease: &Lease,
        shop: &str,
        plan: &StoredPlan,
        calls: &[PlanCall],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin_fenced(lease).await?;
        // What another plan has left undone is in this one, or is not wanted any more.
        sqlx::query(sql::PLAN_STOP_OTHERS)
            .bind(&lease.organisation)
            .bind(&plan.sha256)
            .bind(now.ms())
            .execute(&mut *transaction)
            .await?;
        // The same change may come again: to and fro gives plans of the same name.
        sqlx::query(sql::PLAN_CALL_FORGET)
            .bind(&lease.organisation)
            .bind(&plan.sha256)
            .execute(&mut *transaction)
            .await?;
        put_summaries(&mut transaction, lease, shop, &plan.summaries).await?;
        for part in &plan.parts {
            put_links(&mut transaction, lease, shop, &part.links, now).await?;
            put_records(&mut transaction, lease, shop, &part.records, now).await?;
        }
        for call in calls {
            sqlx::query(sql::PLAN_CALL_MAKE)
                .bind(&lease.organisation)
                .bind(&plan.sha256)
                .bind(call.place)
                .bind(to_json(&call.call)?)
                .bind(&call.idempotency_key)
                .bind(&call.body)
                .execute(&mut *transaction)
                .await?;
            let named = (shop, What::Planned, short(&plan.sha256));
            note_steps(&mut transaction, lease, &call.call, named, now).await?;
        }
        set_state(&mut transaction, lease, &plan.sha256, PlanState::Applying, now).await?;
        transaction.commit().await
    }

    /// Writes that a plan has ended.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when the lease was taken over.
    pub async fn end_plan(
        &self,
        lease: &Lease,
        sha256: &str,
        state: PlanState,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin_fenced(lease).await?;
        set_state(&mut transaction, lease, sha256, state, now).await?;
        transaction.commit().await
    }

    /// The calls of a plan that is being or was carried out, in their order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn plan_calls(
        &self,
        organisation: &str,
        sha256: &str,
    ) -> Result<Vec<PlanCall>, StoreError> {
        let rows = sqlx::query(sql::PLAN_CALLS)
            .bind(organisation)
            .bind(sha256)
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(read_call).collect()
    }

    /// Writes the bytes of a call that leaves now, with the links that it gives up; the time of a
    /// first sending stays.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when the lease was taken over.
    pub async fn mark_plan_call_sent(
        &self,
        lease: &Lease,
        sha256: &str,
        (call, body): (&PlanCall, &[u8]),
        (shop, links): (&str, &[Link]),
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin_fenced(lease).await?;
        put_links(&mut transaction, lease, shop, links, now).await?;
        sqlx::query(sql::PLAN_CALL_SENT)
            .bind(&lease.organisation)
            .bind(sha256)
            .bind(call.place)
            .bind(body)
            .bind(now.ms())
            .execute(&mut *transaction)
            .await?;
        let named = (shop, What::Sent, short(sha256));
        note_steps(&mut transaction, lease, &call.call, named, now).await?;
        transaction.commit().await
    }

    /// Gives a call that was surely not carried out a new key, so that it can be sent again.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when the lease was taken over.
    pub async fn plan_call_again(
        &self,
        lease: &Lease,
        sha256: &str,
        place: i64,
        idempotency_key: &str,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin_fenced(lease).await?;
        sqlx::query(sql::PLAN_CALL_AGAIN)
            .bind(&lease.organisation)
            .bind(sha256)
            .bind(place)
            .bind(idempotency_key)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await
    }

    /// Writes the answer to a call, what its steps have become, and the links that follow.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when the lease was taken over.
    pub async fn mark_plan_call_done(
        &self,
        lease: &Lease,
        shop: &str,
        sha256: &str,
        call: &PlanCall,
        answer: Option<(u16, &[u8])>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin_fenced(lease).await?;
        let state = if answer.is_some() { "done" } else { "passed" };
        let links: Vec<Link> =
            call.results.iter().filter_map(|result| result.link.clone()).collect();
        put_links(&mut transaction, lease, shop, &links, now).await?;
        for (step, result) in call.call.steps.iter().zip(&call.results) {
            if let (Action::Create | Action::Update, Some(link)) = (step.action, &result.link) {
                put_body(&mut transaction, lease, shop, link, &step.body).await?;
            }
        }
        let records: Vec<RecordLink> =
            call.results.iter().filter_map(|result| result.record.clone()).collect();
        put_records(&mut transaction, lease, shop, &records, now).await?;
        sqlx::query(sql::PLAN_CALL_DONE)
            .bind(&lease.organisation)
            .bind(sha256)
            .bind(call.place)
            .bind(state)
            .bind(now.ms())
            .bind(answer.map(|(status, _)| i64::from(status)))
            .bind(answer.map(|(_, body)| body))
            .bind(to_json(&call.results)?)
            .execute(&mut *transaction)
            .await?;
        for (step, result) in call.call.steps.iter().zip(&call.results) {
            let detail = said(step, result);
            let key = key_of(shop, step);
            note(&mut transaction, &lease.organisation, &key, What::Answered, &detail, now).await?;
        }
        transaction.commit().await
    }

    /// When calls were sent after `since`: what a new worker's limiter must know.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn calls_sent_since(
        &self,
        organisation: &str,
        since: Timestamp,
    ) -> Result<Vec<Timestamp>, StoreError> {
        let times: Vec<i64> = sqlx::query_scalar(sql::CALL_SENT_SINCE)
            .bind(organisation)
            .bind(since.ms())
            .fetch_all(&self.pool)
            .await?;
        Ok(times.into_iter().map(Timestamp::from_ms).collect())
    }
}

/// Letters of a plan's name in histories.
const NAME_CHARS: usize = 12;

fn short(sha256: &str) -> &str {
    sha256.get(..NAME_CHARS).unwrap_or(sha256)
}

/// Whose history a step belongs to.
fn key_of(shop: &str, step: &Step) -> ObjectKey {
    if step.key.is_empty() {
        return ObjectKey::invoice(shop, step.order_id);
    }
    let object = step.object();
    ObjectKey {
        shop: shop.to_owned(),
        kind: object.kind,
        object_id: object.id,
        purpose: String::new(),
    }
}

/// The word of the contract.
fn word(action: Action) -> String {
    to_json(&action).map(|text| text.trim_matches('"').to_owned()).unwrap_or_default()
}

/// What has become of a step, in one line.
fn said(step: &Step, result: &StepResult) -> String {
    let (action, number) = (word(step.action), &step.number);
    let words = match result {
        StepResult { done: true, .. } => "done",
        StepResult { stops: true, .. } => "refused",
        _ => "not sent",
    };
    let messages: Vec<&str> =
        result.findings.iter().map(|finding| finding.message.as_str()).collect();
    format!("{action} {number}: {words} {}", messages.join(" · ")).trim_end().to_owned()
}

/// Writes a line into the history of each object of a call.
async fn note_steps(
    transaction: &mut Writing,
    lease: &Lease,
    call: &Call,
    (shop, what, plan): (&str, What, &str),
    now: Timestamp,
) -> Result<(), StoreError> {
    for step in &call.steps {
        let detail = format!("{} {}, plan {plan}", word(step.action), step.number);
        let key = key_of(shop, step);
        note(transaction, &lease.organisation, &key, what, &detail, now).await?;
    }
    Ok(())
}

async fn set_state(
    transaction: &mut Writing,
    lease: &Lease,
    sha256: &str,
    state: PlanState,
    now: Timestamp,
) -> Result<(), StoreError> {
    let ended = matches!(state, PlanState::Done | PlanState::Stopped).then(|| now.ms());
    sqlx::query(sql::PLAN_STATE)
        .bind(&lease.organisation)
        .bind(sha256)
        .bind(state.as_str())
        .bind(ended)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

fn read_plan(row: &AnyRow) -> Result<StoredPlan, StoreError> {
    let parts: String = row.try_get(2)?;
    Ok(StoredPlan {
        sha256: row.try_get(0)?,
        scope: row.try_get(1)?,
        parts: from_json(&parts)?,
        state: PlanState::parse(row.try_get(3)?)?,
        made: Timestamp::from_ms(row.try_get(4)?),
        summaries: Vec::new(),
        modified: BTreeMap::new(),
    })
}

fn read_call(row: &AnyRow) -> Result<PlanCall, StoreError> {
    let (call, results, state): (String, String, String) =
        (row.try_get(1)?, row.try_get(6)?, row.try_get(3)?);
    let sent: Option<i64> = row.try_get(5)?;
    Ok(PlanCall {
        place: row.try_get(0)?,
        call: from_json(&call)?,
        idempotency_key: row.try_get(2)?,
        state: match state.as_str() {
            "planned" => PlanCallState::Planned,
            "sent" => PlanCallState::Sent,
            "done" => PlanCallState::Done,
            "passed" => PlanCallState::Passed,
            other => return Err(StoreError::Corrupt(format!("state `{other}` of a call"))),
        },
        body: row.try_get(4)?,
        sent: sent.map(Timestamp::from_ms),
        results: from_json(&results)?,
    })
}
