//! Carrying a plan out, call by call.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use reqwest::Method;
use serde_json::value::RawValue;
use tillbook_core::{
    contract::{CONTRACT_VERSION, ReadRequest},
    finding::Finding,
    plan::{Action, Call, Ending, Link, LinkState, Purpose, Step, StepResult},
};
use uuid::Uuid;

use super::{Bookkeeper, PlanError, Scope};
use crate::{
    daemon::StopSignal,
    facts::FactSource,
    store::{Lease, PlanCall, PlanCallState, PlanState, StoredPlan},
    time::Timestamp,
    worker::Organisation,
    xero_client::{Failure, KEY_LIFE, XeroClient},
};

/// Pause before a call whose outcome is unknown is sent again under its key.
const AGAIN_AFTER: Duration = Duration::from_secs(2);

/// How long after it was written down a call may leave: much shorter than a lease.
const SEND_WITHIN: Duration = Duration::from_secs(20);

/// How often such a call is sent again before the caller is told.
const TRIES_MAX: u32 = 5;

/// What happens while a plan is carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// So many calls there are.
    Calls(usize),
    /// A call is done.
    Done,
    /// A wait, and why.
    Waiting(Duration, String),
}

/// What has become of a plan.
#[derive(Debug, Clone, Default)]
pub struct Applied {
    /// Steps that were done.
    pub done: usize,
    /// Steps that Xero refused.
    pub refused: usize,
    /// Steps that were not sent, because an earlier one of their order went wrong.
    pub passed: usize,
    /// What Xero said, and alarms.
    pub findings: Vec<Finding>,
    /// Whether it was stopped before its end; it can be carried on.
    pub stopped: bool,
}

/// How long a call may be on its way that nobody waits for any more: a client's patience, and what a
/// proxy may hold it back.
const ARRIVES_WITHIN: Duration = Duration::from_mins(2);

/// How one call ended.
enum Sent {
    Answered(u16, Vec<u8>),
    /// Surely not carried out; it may go again, under a new key, after a while.
    Later(Duration, String),
    /// Perhaps carried out; it may go again under the same key.
    Unknown(String),
}

impl Bookkeeper {
    /// The saved plan whose name begins so.
    ///
    /// # Errors
    /// [`PlanError::Unknown`], [`PlanError::Ambiguous`] or [`PlanError::Store`].
    pub async fn find(&self, organisation: &str, name: &str) -> Result<StoredPlan, PlanError> {
        let found = self.store.plans(organisation, &name.to_ascii_lowercase()).await?;
        match <[StoredPlan; 1]>::try_from(found) {
            Ok([plan]) => Ok(plan),
            Err(found) if found.is_empty() => Err(PlanError::Unknown(name.to_owned())),
            Err(_) => Err(PlanError::Ambiguous(name.to_owned())),
        }
    }

    /// Carries a plan out, from its beginning or from where it stopped.
    ///
    /// # Errors
    /// [`PlanError::Changed`] when the plan is not what would be planned today; others where it
    /// could not go on: then it can be carried on later.
    pub async fn apply<F: FactSource>(
        &self,
        organisation: &Organisation<F>,
        plan: &StoredPlan,
        stop: &StopSignal,
        mut on_event: impl FnMut(Event),
    ) -> Result<Applied, PlanError> {
        self.under_lease(&organisation.id, async |lease| {
            self.prove_and_carry_out(lease, organisation, plan, stop, &mut on_event).await
        })
        .await
    }

    /// Carries a saved plan out under a lease that is held, as [`Self::apply`] does.
    ///
    /// # Errors
    /// Those of [`Self::apply`] and [`Self::find`].
    pub(crate) async fn apply_under<F: FactSource>(
        &self,
        lease: &Lease,
        organisation: &Organisation<F>,
        name: &str,
        stop: &StopSignal,
    ) -> Result<Applied, PlanError> {
        let plan = self.find(&organisation.id, name).await?;
        self.prove_and_carry_out(lease, organisation, &plan, stop, &mut |_| ()).await
    }

    /// Saves a plan that was made just now, and carries it out.
    ///
    /// # Errors
    /// [`PlanError`], where it could not go on: then it can be carried on later.
    pub async fn send<F: FactSource>(
        &self,
        organisation: &Organisation<F>,
        plan: &StoredPlan,
        stop: &StopSignal,
        mut on_event: impl FnMut(Event),
    ) -> Result<Applied, PlanError> {
        self.under_lease(&organisation.id, async |lease| {
            self.send_under(lease, organisation, plan, stop, &mut on_event).await
        })
        .await
    }

    /// The same under a lease that is held.
    pub(crate) async fn send_under<F: FactSource>(
        &self,
        lease: &Lease,
        organisation: &Organisation<F>,
        plan: &StoredPlan,
        stop: &StopSignal,
        mut on_event: impl FnMut(Event),
    ) -> Result<Applied, PlanError> {
        self.store.save_plan(&organisation.id, plan).await?;
        self.write_down(lease, organisation, plan).await?;
        self.carry_out(lease, organisation, plan, stop, &mut on_event).await
    }

    /// Does something under the organisation's lease, which is given back however it ends.
    async fn under_lease<T>(
        &self,
        organisation: &str,
        work: impl AsyncFnOnce(&Lease) -> Result<T, PlanError>,
    ) -> Result<T, PlanError> {
        let now = self.clock.now();
        let claimed = self.store.claim(organisation, &self.owner, now, self.lease).await?;
        let lease = claimed.ok_or(PlanError::Busy)?;
        let done = work(&lease).await;
        self.store.release(&lease, self.clock.now(), "").await?;
        done
    }

    /// Carries a saved plan out once it is known to be still true.
    async fn prove_and_carry_out<F: FactSource>(
        &self,
        lease: &Lease,
        organisation: &Organisation<F>,
        plan: &StoredPlan,
        stop: &StopSignal,
        on_event: &mut impl FnMut(Event),
    ) -> Result<Applied, PlanError> {
        match plan.state {
            PlanState::Saved => {
                let scope: Scope = serde_json::from_str(&plan.scope).unwrap_or_default();
                self.wait_for_strays(&organisation.id).await?;
                let today = self.plan(organisation, &scope).await?;
                if today.sha256 != plan.sha256 {
                    return Err(PlanError::Changed { today: today.name().to_owned() });
                }
                let plan = &StoredPlan { summaries: today.summaries, ..plan.clone() };
                self.write_down(lease, organisation, plan).await?;
                self.carry_out(lease, organisation, plan, stop, on_event).await
            }
            PlanState::Applying => self.carry_on(lease, organisation, plan, stop, on_event).await,
            ended @ (PlanState::Done | PlanState::Stopped) => Err(PlanError::Ended(ended)),
        }
    }

    /// Whether a call whose sender has gone may still reach Xero: what is planned before it does
    /// would not know of it, and nobody would look for it later.
    ///
    /// # Errors
    /// [`PlanError::OnItsWay`], with the time until it cannot any more.
    pub(crate) async fn wait_for_strays(&self, organisation: &str) -> Result<(), PlanError> {
        let now = self.clock.now();
        let last = self.store.last_unanswered(organisation).await?;
        match last.map(|sent| sent.plus(ARRIVES_WITHIN)).filter(|until| now < *until) {
            // A clock that was put back by more says nothing of it.
            Some(until) if until.since(now) <= ARRIVES_WITHIN => {
                Err(PlanError::OnItsWay(until.since(now)))
            }
            _ => Ok(()),
        }
    }

    /// Carries on a plan that was interrupted, unless that is too long ago.
    pub(crate) async fn carry_on<F: FactSource>(
        &self,
        lease: &Lease,
        organisation: &Organisation<F>,
        plan: &StoredPlan,
        stop: &StopSignal,
        on_event: &mut impl FnMut(Event),
    ) -> Result<Applied, PlanError> {
        self.check_fresh(lease, organisation, plan).await?;
        self.carry_out(lease, organisation, plan, stop, on_event).await
    }

    /// Carries out what is written down.
    pub(crate) async fn carry_out<F: FactSource>(
        &self,
        lease: &Lease,
        organisation: &Organisation<F>,
        plan: &StoredPlan,
        stop: &StopSignal,
        on_event: &mut impl FnMut(Event),
    ) -> Result<Applied, PlanError> {
        let calls = self.store.plan_calls(&organisation.id, &plan.sha256).await?;
        on_event(Event::Calls(calls.len()));
        let mut applied = Applied::default();
        let mut spoilt = Spoilt::default();
        for mut call in calls {
            if !matches!(call.state, PlanCallState::Done | PlanCallState::Passed) {
                if stop.is_set() {
                    applied.stopped = true;
                    return Ok(applied);
                }
                self.store.renew(lease, self.clock.now(), self.lease).await?;
                self.one(lease, organisation, plan, &mut call, &spoilt, on_event).await?;
            }
            tally(&mut applied, &mut spoilt, &call);
            on_event(Event::Done);
        }
        self.store.end_plan(lease, &plan.sha256, PlanState::Done, self.clock.now()).await?;
        Ok(applied)
    }

    /// Ends a plan that was interrupted a while ago: what it says may no longer be true, and nobody
    /// would see that a person has been at work meanwhile.
    async fn check_fresh<F: FactSource>(
        &self,
        lease: &Lease,
        organisation: &Organisation<F>,
        plan: &StoredPlan,
    ) -> Result<(), PlanError> {
        let calls = self.store.plan_calls(&organisation.id, &plan.sha256).await?;
        let last = calls.iter().filter_map(|call| call.sent).max().unwrap_or(plan.made);
        let now = self.clock.now();
        if (now >= last && now.since(last) < KEY_LIFE) || self.looks_nothing_up() {
            return Ok(());
        }
        self.store.end_plan(lease, &plan.sha256, PlanState::Stopped, self.clock.now()).await?;
        Err(PlanError::Stale)
    }

    /// Writes a plan's calls down, and that it is being carried out.
    pub(crate) async fn write_down<F: FactSource>(
        &self,
        lease: &Lease,
        organisation: &Organisation<F>,
        plan: &StoredPlan,
    ) -> Result<(), PlanError> {
        let calls = plan.parts.iter().flat_map(|part| part.waves.iter().flatten());
        let calls: Vec<PlanCall> = (0..).zip(calls).map(|(place, call)| new(place, call)).collect();
        let shop = &organisation.shop_url;
        Ok(self.store.begin_plan(lease, shop, plan, &calls, self.clock.now()).await?)
    }

    /// Brings one call to its end.
    async fn one<F: FactSource>(
        &self,
        lease: &Lease,
        organisation: &Organisation<F>,
        plan: &StoredPlan,
        call: &mut PlanCall,
        spoilt: &Spoilt,
        on_event: &mut impl FnMut(Event),
    ) -> Result<(), PlanError> {
        let shop = &organisation.shop_url;
        // Most calls bear all that they need; the links of a large shop are many.
        let takes = call.call.steps.iter().any(takes_away);
        let links = if takes || !call.call.needs.is_empty() {
            self.store.core_links(&organisation.id, shop).await?
        } else {
            Vec::new()
        };
        let Some((path, sent)) = complete(call, &links, spoilt) else {
            call.results = vec![StepResult::default(); call.call.steps.len()];
            self.store
                .mark_plan_call_done(lease, shop, &plan.sha256, call, None, self.clock.now())
                .await?;
            return Ok(());
        };
        for tried in 0.. {
            let now = self.clock.now();
            if is_key_old(call, now) && !self.send_blindly(lease, plan, call).await? {
                return self.lost(lease, plan).await;
            }
            let gone = taken_away(&call.call, &links);
            let is_first = call.sent.is_none();
            match self.dispatch(lease, organisation, plan, call, (&path, &gone)).await? {
                Sent::Answered(status, answer) => {
                    match self.read(organisation, plan, (call, &sent), (status, &answer)).await? {
                        (Ending::Answered | Ending::Refused, results) => {
                            call.results = results;
                            give_back(call, &links);
                            let answer = Some((status, answer.as_slice()));
                            self.store
                                .mark_plan_call_done(lease, shop, &plan.sha256, call, answer, now)
                                .await?;
                            return Ok(());
                        }
                        // Its key would only bring the same answer again: a new plan looks.
                        (Ending::Unknown, _) => {
                            if !self.send_blindly(lease, plan, call).await? {
                                return self.lost(lease, plan).await;
                            }
                        }
                        // The first call with this key still runs, or none has.
                        (Ending::Later, _) => {
                            let why = XeroClient::explain(status, &answer);
                            self.pause(rest(call, now), tried, why, on_event).await?;
                        }
                    }
                }
                Sent::Later(after, why) => {
                    // This time it was surely not carried out; nobody knows of the times before, for
                    // which the key must stay.
                    if is_first {
                        call.idempotency_key = Uuid::new_v4().to_string();
                        let key = &call.idempotency_key;
                        self.store.plan_call_again(lease, &plan.sha256, call.place, key).await?;
                        call.sent = None;
                    }
                    self.pause(after, tried, why, on_event).await?;
                }
                Sent::Unknown(why) => self.pause(rest(call, now), tried, why, on_event).await?,
            }
            self.store.renew(lease, self.clock.now(), self.lease).await?;
        }
        Ok(())
    }

    /// Writes down what leaves now, and sends it at once: a process that stood still in between may
    /// have lost its lease, and sends nothing.
    async fn dispatch<F: FactSource>(
        &self,
        lease: &Lease,
        organisation: &Organisation<F>,
        plan: &StoredPlan,
        call: &mut PlanCall,
        (path, gone): (&str, &[Link]),
    ) -> Result<Sent, PlanError> {
        let now = self.clock.now();
        let late = self.journals_late() && call.sent.is_none();
        if late {
            call.idempotency_key = Uuid::new_v4().to_string();
        } else {
            self.journal(lease, organisation, plan, (call, gone), now).await?;
        }
        call.sent.get_or_insert(now);
        let before = (!self.sends_however_late()).then(|| now.plus(SEND_WITHIN));
        let sent = send(&organisation.xero, call, path, before).await;
        if late {
            self.journal(lease, organisation, plan, (call, gone), now).await?;
        }
        Ok(sent)
    }

    /// Writes down that a call leaves now, in which words, and which links it gives up.
    async fn journal<F: FactSource>(
        &self,
        lease: &Lease,
        organisation: &Organisation<F>,
        plan: &StoredPlan,
        (call, gone): (&PlanCall, &[Link]),
        now: Timestamp,
    ) -> Result<(), PlanError> {
        let (shop, written) = (&organisation.shop_url, (call, call.body.as_slice()));
        let store = &self.store;
        Ok(store.mark_plan_call_sent(lease, &plan.sha256, written, (shop, gone), now).await?)
    }

    /// Ends a plan of which nobody knows how far it has come.
    async fn lost(&self, lease: &Lease, plan: &StoredPlan) -> Result<(), PlanError> {
        let now = self.clock.now();
        self.store.end_plan(lease, &plan.sha256, PlanState::Stopped, now).await?;
        Err(PlanError::Lost)
    }

    /// How the call ended, and what each of its steps has become.
    async fn read<F>(
        &self,
        organisation: &Organisation<F>,
        plan: &StoredPlan,
        (call, sent): (&PlanCall, &[usize]),
        (status, answer): (u16, &[u8]),
    ) -> Result<(Ending, Vec<StepResult>), PlanError> {
        let text = std::str::from_utf8(answer).unwrap_or_default();
        let json: Option<&RawValue> = serde_json::from_str(text).ok();
        let steps = sent.iter().filter_map(|at| call.call.steps.get(*at));
        let steps = steps.map(|step| Step { body: String::new(), ..step.clone() }).collect();
        let request = ReadRequest {
            contract: CONTRACT_VERSION,
            call: Call { steps, ..call.call.clone() },
            status: status.into(),
            answer: json.filter(|json| json.get().starts_with('{')),
        };
        let orders = request.call.steps.iter().map(|step| step.order_id).collect();
        let ask = async |books: Self| books.door.read(&request).await;
        let named = |_: &Result<_, _>| (plan.sha256.clone(), orders);
        let reply = self.recorded(organisation, named, ask).await?;
        let mut results = vec![StepResult::default(); call.call.steps.len()];
        for (at, result) in sent.iter().zip(reply.results) {
            if let Some(place) = results.get_mut(*at) {
                *place = result;
            }
        }
        Ok((reply.ending, results))
    }

    /// Waits, or tells the caller when it would take too long.
    async fn pause(
        &self,
        after: Duration,
        tried: u32,
        why: String,
        on_event: &mut impl FnMut(Event),
    ) -> Result<(), PlanError> {
        if after > self.patience || tried >= TRIES_MAX {
            return Err(Failure::NotDone { retry_after: after, message: why }.into());
        }
        on_event(Event::Waiting(after, why));
        tokio::time::sleep(after).await;
        Ok(())
    }
}

/// Whether Xero may have forgotten a call's key. A clock that went back since it was sent does not
/// say how old the key is.
fn is_key_old(call: &PlanCall, now: Timestamp) -> bool {
    call.sent.is_some_and(|first| now < first || now.since(first) >= KEY_LIFE)
}

/// How long to wait before a call goes again under its key: the longer it has been tried, the
/// longer.
fn rest(call: &PlanCall, now: Timestamp) -> Duration {
    call.sent.map_or(AGAIN_AFTER, |first| AGAIN_AFTER.max(now.since(first) / 2))
}

fn new(place: i64, call: &Call) -> PlanCall {
    PlanCall {
        place,
        call: call.clone(),
        idempotency_key: Uuid::new_v4().to_string(),
        state: PlanCallState::Planned,
        body: Vec::new(),
        sent: None::<Timestamp>,
        results: Vec::new(),
    }
}

/// Leaves out the steps of orders that went wrong and puts ids in for names; gives the path and
/// which steps remain. `None` when nothing remains. A call that was sent before stays as it was.
fn complete(call: &mut PlanCall, links: &[Link], spoilt: &Spoilt) -> Option<(String, Vec<usize>)> {
    let ids: BTreeMap<String, &str> = links
        .iter()
        .filter(|link| link.purpose == Purpose::Document && link.state == LinkState::Live)
        .map(|link| (format!("{{{}/{}}}", link.document.object(), link.id), &*link.xero_id))
        .collect();
    let put_in = |text: &str| {
        let mut text = text.to_owned();
        for name in &call.call.needs {
            text = text.replace(name, ids.get(name)?);
        }
        Some(text)
    };
    let steps = call.call.steps.iter().enumerate();
    let remain: Vec<(usize, &Step)> = steps.filter(|(_, step)| !spoilt.stops(step)).collect();
    if remain.is_empty() {
        return None;
    }
    let path = put_in(&call.call.path)?;
    let body = put_in(&call.call.body(remain.iter().map(|(_, step)| *step)))?;
    let remain = remain.into_iter().map(|(at, _)| at).collect();
    call.body = body.into_bytes();
    Some((path, remain))
}

/// Links of payments and fees that a call takes away. They are given up before it is sent: if its answer is
/// lost, what is gone is not taken for what a person removed, and what still stands is
/// found again.
fn taken_away(call: &Call, links: &[Link]) -> Vec<Link> {
    let own = call.steps.iter().filter_map(|step| taken_link(step, links));
    own.map(|link| Link { state: LinkState::Withdrawn, ..link.clone() }).collect()
}

/// The link of the payment or fee that a step takes away.
fn taken_link<'a>(step: &Step, links: &'a [Link]) -> Option<&'a Link> {
    let own = |link: &&Link| link.purpose != Purpose::Document && link.xero_id == step.xero_id;
    if takes_away(step) { links.iter().find(own) } else { None }
}

/// Whether a step deletes something that has a link of its own.
fn takes_away(step: &Step) -> bool {
    matches!(step.action, Action::Unpay | Action::Unspend)
}

/// Gives back the links of what Xero refused to take away: it stands, and is ours.
fn give_back(call: &mut PlanCall, links: &[Link]) {
    for (step, result) in call.call.steps.iter().zip(&mut call.results) {
        if !result.done && result.stops {
            let link = taken_link(step, links);
            result.link = link.map(|link| Link { state: LinkState::Live, ..link.clone() });
        }
    }
}

async fn send(xero: &XeroClient, call: &PlanCall, path: &str, before: Option<Timestamp>) -> Sent {
    let method = match call.call.method.as_str() {
        "POST" => Method::POST,
        "DELETE" => Method::DELETE,
        _ => Method::PUT,
    };
    let words = (call.idempotency_key.as_str(), call.body.as_slice());
    match xero.send_before(before, method, path, words).await {
        // The organisation refuses us, not this call: a person must act, and nothing was done.
        Ok(response) if matches!(response.status, 401..=403) => {
            Sent::Later(Duration::MAX, XeroClient::explain(response.status, &response.body))
        }
        // Somebody between us and Xero gave up, and Xero may still be at it: only the same key is
        // safe now. After an answer of Xero's own its key would bring that answer again.
        Ok(response) if matches!(response.status, 502 | 504) => {
            Sent::Unknown(XeroClient::explain(response.status, &response.body))
        }
        Ok(response) => Sent::Answered(response.status, response.body),
        Err(Failure::NotDone { retry_after, message }) => Sent::Later(retry_after, message),
        Err(Failure::Refused { message, .. }) => Sent::Later(Duration::MAX, message),
        Err(failure @ Failure::Unknown { .. }) => Sent::Unknown(failure.to_string()),
    }
}

/// Orders of which something went wrong.
#[derive(Default)]
struct Spoilt {
    /// Nothing more is sent for these.
    orders: BTreeSet<u64>,
    /// The booking of an old fee could not be deleted, so no new one is made.
    fees: BTreeSet<u64>,
}

impl Spoilt {
    fn stops(&self, step: &Step) -> bool {
        // Summaries, contacts and items are no order's.
        if !step.key.is_empty() {
            return false;
        }
        self.orders.contains(&step.order_id)
            || (step.action == Action::Spend && self.fees.contains(&step.order_id))
    }
}

fn tally(applied: &mut Applied, spoilt: &mut Spoilt, call: &PlanCall) {
    for (step, result) in call.call.steps.iter().zip(&call.results) {
        match result {
            StepResult { done: true, .. } => applied.done += 1,
            StepResult { stops: true, .. } => applied.refused += 1,
            _ => applied.passed += 1,
        }
        // A payment that is refused leaves its order's other documents alone; an invoice names its
        // contact itself.
        let alone = matches!(
            step.action,
            Action::Pay
                | Action::Allocate
                | Action::Spend
                | Action::Unspend
                | Action::CreateContact
                | Action::UpdateContact
                | Action::CreateItem
                | Action::UpdateItem
        );
        if result.stops && !alone && step.key.is_empty() {
            spoilt.orders.insert(step.order_id);
        }
        if result.stops && step.action == Action::Unspend {
            spoilt.fees.insert(step.order_id);
        }
        applied.findings.extend(result.findings.iter().cloned());
    }
}
