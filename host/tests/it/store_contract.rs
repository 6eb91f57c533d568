//! What every store must keep. One suite over both engines; `contract!` is the only place that knows
//! which.

use std::time::Duration;

use tempfile::TempDir;
use tillbook::store::{
    Activity, BoardFilter, Hint, JobState, Lease, ObjectKey, OrganisationRow, Outcome, OutcomeKind,
    PlanCall, PlanCallState, PlanState, Priority, ShopRow, Store, StoreError, StoredPlan, What,
};
use tillbook::time::Timestamp;
use tillbook_core::plan::{Call, Link, LinkState, Step, StepResult};

const ORGANISATION: &str = "org";
const SHOP: &str = "https://shop.example";
const MINUTE: Duration = Duration::from_mins(1);

/// Where a store is kept, to be opened more than once.
enum Place {
    Folder(TempDir),
    Address(String),
}

impl Place {
    async fn open(&self) -> Store {
        match self {
            Self::Folder(folder) => Store::open(folder.path()).await.unwrap(),
            Self::Address(address) => Store::connect(address).await.unwrap(),
        }
    }
}

/// Makes a test of each engine out of what a store must keep.
macro_rules! contract {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            use super::*;
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name(&Place::Folder(TempDir::new().unwrap())).await;
            })+
        }
        mod postgres {
            use super::*;
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                let Some(address) = crate::postgres::database() else { return };
                super::$name(&Place::Address(address)).await;
            })+
        }
    };
}

contract!(
    hints_coalesce_and_keep_their_place,
    many_hints_are_taken_as_one_by_one,
    the_most_urgent_class_comes_first,
    a_sweep_passes_over_what_is_done_by_the_same_mark,
    a_hint_that_comes_while_a_job_is_worked_on_is_not_lost,
    one_organisation_has_one_holder,
    who_lost_the_lease_can_write_nothing,
    a_parked_organisation_waits_for_its_time,
    returned_jobs_wait_and_count,
    a_call_keeps_its_exact_bytes_through_a_restart,
    a_call_that_was_surely_not_done_goes_again_under_a_new_key,
    a_plan_that_begins_ends_the_one_before,
    outcomes_are_counted,
    settings_have_a_hash,
    the_dead_lose_their_leases,
    two_writers_wait_for_each_other,
    people_see_each_object_in_one_state,
    what_a_person_wishes_goes_first_and_is_remembered,
    each_object_has_a_history,
    shops_and_organisations_are_kept,
    many_claim_and_one_gets_it,
);

fn at(ms: i64) -> Timestamp {
    Timestamp::from_ms(ms)
}

fn hint(id: u64, mark: &str) -> Hint {
    Hint::new(ObjectKey::invoice(SHOP, id), mark)
}

fn outcome(id: u64, version: i64, kind: OutcomeKind) -> Outcome {
    Outcome {
        key: ObjectKey::invoice(SHOP, id),
        version,
        mark: String::from("m1"),
        kind,
        detail: String::new(),
        findings: Vec::new(),
    }
}

fn plan(sha256: &str) -> StoredPlan {
    StoredPlan {
        summaries: Vec::new(),
        modified: std::collections::BTreeMap::new(),
        sha256: sha256.to_owned(),
        scope: String::from("{}"),
        parts: Vec::new(),
        state: PlanState::Saved,
        made: at(0),
    }
}

fn call(key: &str) -> PlanCall {
    PlanCall {
        place: 0,
        call: Call {
            method: String::from("PUT"),
            path: String::from("/Invoices"),
            ..Call::default()
        },
        idempotency_key: key.to_owned(),
        state: PlanCallState::Planned,
        body: Vec::new(),
        sent: None,
        results: Vec::new(),
    }
}

/// What Xero answered to a call that makes one invoice.
fn answered(key: &str) -> PlanCall {
    let link = Link { id: 1, order_id: 1, xero_id: String::from("x1"), ..Link::default() };
    let result = StepResult { done: true, link: Some(link), ..StepResult::default() };
    PlanCall { results: vec![result], ..call(key) }
}

async fn claim(store: &Store, now: i64) -> Option<Lease> {
    store.claim(ORGANISATION, "worker", at(now), MINUTE).await.unwrap()
}

async fn hints_coalesce_and_keep_their_place(place: &Place) {
    let store = place.open().await;
    store.hint(ORGANISATION, &[hint(1, "a"), hint(2, "a"), hint(3, "a")], at(0)).await.unwrap();
    store.hint(ORGANISATION, &[hint(2, "b"), hint(1, "b")], at(5)).await.unwrap();
    let lease = claim(&store, 10).await.unwrap();
    let jobs = store.pick(&lease, SHOP, at(10), 10).await.unwrap();
    let seen: Vec<_> = jobs
        .iter()
        .map(|job| (job.key.object_id.as_str(), job.version, job.mark.as_str()))
        .collect();
    assert_eq!(seen, [("1", 2, "b"), ("2", 2, "b"), ("3", 1, "a")]);
}

async fn many_hints_are_taken_as_one_by_one(place: &Place) {
    let store = place.open().await;
    // More than any one statement takes, with objects that are named again by another mark.
    let mut hints: Vec<Hint> = (1..=150).map(|id| hint(id, "a")).collect();
    hints.extend([hint(7, "a"), hint(7, "b"), hint(7, "a"), hint(8, "b")]);
    for hint in &mut hints {
        "webhook".clone_into(&mut hint.source);
    }
    store.hint(ORGANISATION, &hints, at(0)).await.unwrap();
    let lease = claim(&store, 0).await.unwrap();
    let jobs = store.pick(&lease, SHOP, at(0), 1_000).await.unwrap();
    let ids: Vec<String> = jobs.iter().map(|job| job.key.object_id.clone()).collect();
    assert_eq!(ids, (1..=150).map(|id: u64| id.to_string()).collect::<Vec<_>>());
    let of = |id: usize| (jobs[id - 1].mark.as_str(), jobs[id - 1].version > 1);
    assert_eq!((of(6), of(7), of(8)), (("a", false), ("a", true), ("b", true)));
    let lines = async |id: u64| store.history(ORGANISATION, &hint(id, "").key).await.unwrap().len();
    assert_eq!((lines(6).await, lines(7).await, lines(8).await), (1, 4, 2));
}

async fn a_sweep_passes_over_what_is_done_by_the_same_mark(place: &Place) {
    let store = place.open().await;
    assert_eq!(store.sweep(ORGANISATION, &[hint(1, "m1"), hint(2, "m1")], at(0)).await.unwrap(), 2);
    let lease = claim(&store, 0).await.unwrap();
    store.settle(&lease, &[outcome(1, 1, OutcomeKind::Held)], at(1)).await.unwrap();
    store.settle(&lease, &[outcome(2, 1, OutcomeKind::Posted)], at(1)).await.unwrap();
    assert_eq!(store.job_count(ORGANISATION, SHOP).await.unwrap(), 0);
    let marks = [hint(1, "m1"), hint(2, "m1"), hint(3, "m1")];
    // The held one may have been cured, the third is new.
    assert_eq!(store.sweep(ORGANISATION, &marks, at(2)).await.unwrap(), 2);
    assert_eq!(store.sweep(ORGANISATION, &[hint(2, "m2")], at(3)).await.unwrap(), 1);
}

async fn a_hint_that_comes_while_a_job_is_worked_on_is_not_lost(place: &Place) {
    let store = place.open().await;
    store.hint(ORGANISATION, &[hint(1, "a")], at(0)).await.unwrap();
    let lease = claim(&store, 0).await.unwrap();
    let version = store.pick(&lease, SHOP, at(0), 1).await.unwrap()[0].version;
    store.hint(ORGANISATION, &[hint(1, "b")], at(1)).await.unwrap();
    store.settle(&lease, &[outcome(1, version, OutcomeKind::Posted)], at(2)).await.unwrap();
    let jobs = store.pick(&lease, SHOP, at(2), 10).await.unwrap();
    assert_eq!((jobs[0].version, jobs[0].mark.as_str()), (2, "b"));
}

async fn one_organisation_has_one_holder(place: &Place) {
    let store = place.open().await;
    let first = claim(&store, 0).await.unwrap();
    assert_eq!(claim(&store, 59_999).await, None);
    assert!(store.claim("other", "worker", at(0), MINUTE).await.unwrap().is_some());
    store.renew(&first, at(50_000), MINUTE).await.unwrap();
    assert_eq!(claim(&store, 60_000).await, None);
    let second = claim(&store, 110_000).await.unwrap();
    assert!(second.fence > first.fence);
}

async fn who_lost_the_lease_can_write_nothing(place: &Place) {
    let store = place.open().await;
    store.hint(ORGANISATION, &[hint(1, "a")], at(0)).await.unwrap();
    let late = claim(&store, 0).await.unwrap();
    let holder = claim(&store, 60_000).await.unwrap();
    let saved = plan("p1");
    store.save_plan(ORGANISATION, &saved).await.unwrap();
    store.begin_plan(&holder, SHOP, &saved, &[call("k1")], at(60_000)).await.unwrap();
    let key = [ObjectKey::invoice(SHOP, 1)];
    let answer = Some((200, b"{}".as_slice()));
    let outcomes = [outcome(1, 1, OutcomeKind::Posted)];
    let body = (&call("k1"), b"x".as_slice());
    let fenced = [
        store.begin_plan(&late, SHOP, &saved, &[call("k2")], at(1)).await,
        store.mark_plan_call_sent(&late, "p1", body, (SHOP, &[]), at(1)).await,
        store.mark_plan_call_done(&late, SHOP, "p1", &answered("k1"), answer, at(1)).await,
        store.plan_call_again(&late, "p1", 0, "k9").await,
        store.end_plan(&late, "p1", PlanState::Done, at(1)).await,
        store.keep_records(&late, SHOP, &[], at(1)).await,
        store.settle(&late, &outcomes, at(1)).await,
        store.return_jobs(&late, &key, at(1), 1, ("", at(1))).await,
        store.renew(&late, at(1), MINUTE).await,
        store.release(&late, at(1), "").await,
    ];
    for (index, result) in fenced.into_iter().enumerate() {
        assert!(matches!(result, Err(StoreError::Fenced(_))), "{index}: {result:?}");
    }
    assert_eq!(store.job_count(ORGANISATION, SHOP).await.unwrap(), 1);
    assert!(store.open_plan(ORGANISATION).await.unwrap().is_some());
    assert!(store.core_links(ORGANISATION, SHOP).await.unwrap().is_empty());
}

async fn a_parked_organisation_waits_for_its_time(place: &Place) {
    let store = place.open().await;
    store.hint(ORGANISATION, &[hint(1, "a")], at(0)).await.unwrap();
    let lease = claim(&store, 0).await.unwrap();
    store.release(&lease, at(5_000), "minute limit").await.unwrap();
    assert_eq!(claim(&store, 4_999).await, None);
    let next = store.next_run(ORGANISATION, SHOP).await.unwrap();
    assert_eq!(next, Some((at(5_000), String::from("minute limit"))));
    store.unpark(ORGANISATION).await.unwrap();
    assert!(claim(&store, 1).await.is_some());
}

async fn returned_jobs_wait_and_count(place: &Place) {
    let store = place.open().await;
    store.hint(ORGANISATION, &[hint(1, "a"), hint(2, "a")], at(0)).await.unwrap();
    let lease = claim(&store, 0).await.unwrap();
    store
        .return_jobs(&lease, &[ObjectKey::invoice(SHOP, 1)], at(9), 1, ("why", at(0)))
        .await
        .unwrap();
    let ids = |jobs: Vec<tillbook::store::Job>| {
        jobs.into_iter().map(|job| job.key.object_id).collect::<Vec<_>>()
    };
    assert_eq!(ids(store.pick(&lease, SHOP, at(8), 10).await.unwrap()), ["2"]);
    let jobs = store.pick(&lease, SHOP, at(9), 10).await.unwrap();
    assert_eq!((jobs[0].attempts, jobs[0].batch_max), (1, 1));
    // A new hint is a new beginning.
    store.hint(ORGANISATION, &[hint(1, "b")], at(10)).await.unwrap();
    let jobs = store.pick(&lease, SHOP, at(10), 10).await.unwrap();
    assert_eq!((jobs[0].attempts, jobs[0].batch_max), (0, 50));
}

async fn a_call_keeps_its_exact_bytes_through_a_restart(place: &Place) {
    let store = place.open().await;
    let lease = claim(&store, 0).await.unwrap();
    store.save_plan(ORGANISATION, &plan("p1")).await.unwrap();
    store.begin_plan(&lease, SHOP, &plan("p1"), &[call("k1")], at(1)).await.unwrap();
    let body = b"{\"Invoices\":[{\"Total\": 1.0 }]}".as_slice();
    for ms in [2, 70] {
        let written = (&call("k1"), body);
        store.mark_plan_call_sent(&lease, "p1", written, (SHOP, &[]), at(ms)).await.unwrap();
    }
    store.close().await;

    let store = place.open().await;
    assert_eq!(store.open_plan(ORGANISATION).await.unwrap().unwrap().sha256, "p1");
    let kept = &store.plan_calls(ORGANISATION, "p1").await.unwrap()[0];
    assert_eq!((kept.state, kept.sent), (PlanCallState::Sent, Some(at(2))));
    assert_eq!(kept.body, body);
    assert_eq!(store.calls_sent_since(ORGANISATION, at(1)).await.unwrap(), [at(2)]);

    let answer = Some((200, b"answer".as_slice()));
    store.mark_plan_call_done(&lease, SHOP, "p1", &answered("k1"), answer, at(3)).await.unwrap();
    let kept = &store.plan_calls(ORGANISATION, "p1").await.unwrap()[0];
    assert_eq!((kept.state, kept.results.len()), (PlanCallState::Done, 1));
    let links = store.core_links(ORGANISATION, SHOP).await.unwrap();
    assert_eq!((links[0].xero_id.as_str(), links[0].state), ("x1", LinkState::Live));
    store.end_plan(&lease, "p1", PlanState::Done, at(4)).await.unwrap();
    assert!(store.open_plan(ORGANISATION).await.unwrap().is_none());
}

async fn a_call_that_was_surely_not_done_goes_again_under_a_new_key(place: &Place) {
    let store = place.open().await;
    let lease = claim(&store, 0).await.unwrap();
    store.save_plan(ORGANISATION, &plan("p1")).await.unwrap();
    store.begin_plan(&lease, SHOP, &plan("p1"), &[call("k1")], at(1)).await.unwrap();
    let written = (&call("k1"), b"x".as_slice());
    store.mark_plan_call_sent(&lease, "p1", written, (SHOP, &[]), at(2)).await.unwrap();
    store.plan_call_again(&lease, "p1", 0, "k2").await.unwrap();
    let kept = &store.plan_calls(ORGANISATION, "p1").await.unwrap()[0];
    assert_eq!((kept.state, kept.idempotency_key.as_str()), (PlanCallState::Planned, "k2"));
    assert_eq!(kept.sent, None);
}

async fn a_plan_that_begins_ends_the_one_before(place: &Place) {
    let store = place.open().await;
    let lease = claim(&store, 0).await.unwrap();
    for name in ["p1", "p2"] {
        store.save_plan(ORGANISATION, &plan(name)).await.unwrap();
        store.begin_plan(&lease, SHOP, &plan(name), &[call("k")], at(1)).await.unwrap();
    }
    assert_eq!(store.open_plan(ORGANISATION).await.unwrap().unwrap().sha256, "p2");
    assert_eq!(store.plans(ORGANISATION, "p1").await.unwrap()[0].state, PlanState::Stopped);
    assert!(store.open_plan("other").await.unwrap().is_none());
}

async fn outcomes_are_counted(place: &Place) {
    let store = place.open().await;
    let lease = claim(&store, 0).await.unwrap();
    let twice = [outcome(1, 1, OutcomeKind::Held), outcome(1, 1, OutcomeKind::Posted)];
    store.settle(&lease, &twice, at(1)).await.unwrap();
    let counts = store.outcome_counts(ORGANISATION).await.unwrap();
    assert_eq!((counts[0].kind, counts[0].count), (OutcomeKind::Posted, 1));
}

async fn settings_have_a_hash(place: &Place) {
    let store = place.open().await;
    assert_eq!(store.settings(ORGANISATION, SHOP).await.unwrap(), None);
    let first = store.put_settings(ORGANISATION, SHOP, "{}", at(1)).await.unwrap();
    let second = store.put_settings(ORGANISATION, SHOP, "{\"a\":1}", at(2)).await.unwrap();
    assert_ne!(first, second);
    let kept = store.settings(ORGANISATION, SHOP).await.unwrap().unwrap();
    assert_eq!((kept.json.as_str(), kept.sha256), ("{\"a\":1}", second));
}

async fn the_dead_lose_their_leases(place: &Place) {
    let store = place.open().await;
    let dead = claim(&store, 0).await.unwrap();
    assert_eq!(store.free_leases_of_the_dead().await.unwrap(), 1);
    let error = store.release(&dead, at(1), "").await.unwrap_err();
    assert!(matches!(error, StoreError::Fenced(_)), "{error}");
    assert!(claim(&store, 1).await.is_some());
}

async fn two_writers_wait_for_each_other(place: &Place) {
    let (first, second) = (place.open().await, place.open().await);
    let write = |store: Store, from: u64| async move {
        for id in from..from + 50 {
            store.hint(ORGANISATION, &[hint(id, "a")], at(0)).await.unwrap();
        }
    };
    tokio::join!(write(first.clone(), 0), write(second, 1_000));
    assert_eq!(first.job_count(ORGANISATION, SHOP).await.unwrap(), 100);
}

async fn the_most_urgent_class_comes_first(place: &Place) {
    let store = place.open().await;
    let with = |id, priority| Hint { priority, ..hint(id, "a") };
    let hints = [
        with(1, Priority::Backlog),
        with(2, Priority::Now),
        with(3, Priority::Urgent),
        hint(4, "a"),
    ];
    store.hint(ORGANISATION, &hints, at(0)).await.unwrap();
    let lease = claim(&store, 0).await.unwrap();
    assert!(store.has_urgent(ORGANISATION, at(0)).await.unwrap());
    for wanted in [vec!["3"], vec!["2", "4"], vec!["1"]] {
        let jobs = store.pick(&lease, SHOP, at(0), 10).await.unwrap();
        let ids: Vec<&str> = jobs.iter().map(|job| job.key.object_id.as_str()).collect();
        assert_eq!(ids, wanted);
        for job in &jobs {
            let done = Outcome { key: job.key.clone(), ..outcome(0, 1, OutcomeKind::Posted) };
            store.settle(&lease, &[done], at(1)).await.unwrap();
        }
    }
    // A more urgent hint lifts a job, a less urgent one does not sink it.
    store.hint(ORGANISATION, &[with(5, Priority::Backlog)], at(2)).await.unwrap();
    store.hint(ORGANISATION, &[with(5, Priority::Now)], at(2)).await.unwrap();
    store.hint(ORGANISATION, &[with(5, Priority::Backlog)], at(2)).await.unwrap();
    assert_eq!(store.pick(&lease, SHOP, at(2), 10).await.unwrap()[0].priority, Priority::Now);
    assert!(store.pick(&lease, "https://other.example", at(2), 10).await.unwrap().is_empty());
}

async fn people_see_each_object_in_one_state(place: &Place) {
    let store = place.open().await;
    let ids: Vec<Hint> = (1..=5).map(|id| hint(id, "a")).collect();
    store.hint(ORGANISATION, &ids, at(7)).await.unwrap();
    let lease = claim(&store, 10).await.unwrap();
    let jobs = store.pick(&lease, SHOP, at(10), 1).await.unwrap();
    store.mark_running(&lease, &jobs).await.unwrap();
    let key = |id| ObjectKey::invoice(SHOP, id);
    store.return_jobs(&lease, &[key(2)], at(900), 50, ("Xero was away", at(10))).await.unwrap();
    store.settle(&lease, &[outcome(3, 1, OutcomeKind::Held)], at(11)).await.unwrap();
    store.settle(&lease, &[outcome(4, 1, OutcomeKind::Posted)], at(11)).await.unwrap();
    let why = ("a test order", "anna");
    store.exclude(ORGANISATION, &key(5), why, at(12)).await.unwrap();
    store.exclude(ORGANISATION, &key(6), why, at(12)).await.unwrap();
    let all = BoardFilter { limit: 100, ..BoardFilter::default() };
    let board = store.board(ORGANISATION, &all, at(20)).await.unwrap();
    let states: Vec<(&str, JobState)> =
        board.iter().map(|entry| (entry.key.object_id.as_str(), entry.state)).collect();
    let wanted = [
        ("1", JobState::Running),
        ("2", JobState::Retrying),
        ("3", JobState::Held),
        ("4", JobState::Done),
        ("5", JobState::Excluded),
        ("6", JobState::Excluded),
    ];
    assert_eq!(states, wanted);
    assert_eq!((board[1].reason.as_str(), board[1].run_after), ("Xero was away", Some(at(900))));
    assert_eq!((board[4].reason.as_str(), board[5].since), ("a test order", at(12)));
    let counts = store.board_counts(ORGANISATION, at(20)).await.unwrap();
    assert_eq!(counts[&JobState::Excluded], 2);
    assert_eq!(counts.values().sum::<u64>(), 6);
    // The lease of a dead worker ends, and what it worked on waits again.
    let dead = store.board_counts(ORGANISATION, at(100_000)).await.unwrap();
    assert_eq!(dead.get(&JobState::Running), None);
    assert_eq!(dead[&JobState::Waiting], 2);
    assert_eq!(store.oldest_waiting(ORGANISATION).await.unwrap(), Some(at(7)));
    // Page by page it is the same list.
    let (mut paged, mut after) = (Vec::new(), String::new());
    loop {
        let filter = BoardFilter { limit: 2, after: after.clone(), ..BoardFilter::default() };
        let page = store.board(ORGANISATION, &filter, at(20)).await.unwrap();
        let Some(last) = page.last() else { break };
        after.clone_from(&last.place);
        paged.extend(page);
    }
    assert_eq!(paged, board);
    let held = BoardFilter { state: Some(JobState::Held), ..all };
    assert_eq!(store.board(ORGANISATION, &held, at(20)).await.unwrap(), board[2..3]);
}

async fn what_a_person_wishes_goes_first_and_is_remembered(place: &Place) {
    let store = place.open().await;
    let key = |id| ObjectKey::invoice(SHOP, id);
    store.hint(ORGANISATION, &[hint(1, "a"), hint(2, "a")], at(0)).await.unwrap();
    let lease = claim(&store, 0).await.unwrap();
    store.return_jobs(&lease, &[key(2)], at(9_000), 1, ("why", at(0))).await.unwrap();
    store.retry(ORGANISATION, &key(2), "anna", at(5)).await.unwrap();
    let jobs = store.pick(&lease, SHOP, at(5), 10).await.unwrap();
    assert_eq!(jobs.iter().map(|job| &*job.key.object_id).collect::<Vec<_>>(), ["2"]);
    assert_eq!((jobs[0].priority, jobs[0].attempts), (Priority::Urgent, 0));
    store.push(ORGANISATION, &key(7), "anna", at(6)).await.unwrap();
    store.push(ORGANISATION, &key(7), "anna", at(7)).await.unwrap();
    assert_eq!(store.pushed(ORGANISATION, SHOP).await.unwrap(), [7]);
    store.exclude(ORGANISATION, &key(1), ("no", "anna"), at(8)).await.unwrap();
    assert_eq!(store.exclusions(ORGANISATION, SHOP).await.unwrap(), [(1, String::from("no"))]);
    store.include(ORGANISATION, &key(1), "anna", at(9)).await.unwrap();
    assert!(store.exclusions(ORGANISATION, SHOP).await.unwrap().is_empty());
}

async fn each_object_has_a_history(place: &Place) {
    let store = place.open().await;
    let seen = Hint { source: String::from("webhook order.updated"), ..hint(1, "a") };
    store.hint(ORGANISATION, &[seen], at(1)).await.unwrap();
    let lease = claim(&store, 2).await.unwrap();
    let step = Step { order_id: 1, number: String::from("W-1"), ..Step::default() };
    let result = StepResult { done: true, ..StepResult::default() };
    let mut one = call("k1");
    one.call.steps = vec![step];
    store.save_plan(ORGANISATION, &plan("p1")).await.unwrap();
    store.begin_plan(&lease, SHOP, &plan("p1"), std::slice::from_ref(&one), at(3)).await.unwrap();
    let written = (&one, b"x".as_slice());
    store.mark_plan_call_sent(&lease, "p1", written, (SHOP, &[]), at(4)).await.unwrap();
    let answered = PlanCall { results: vec![result], ..one.clone() };
    let answer = Some((200, b"{}".as_slice()));
    store.mark_plan_call_done(&lease, SHOP, "p1", &answered, answer, at(5)).await.unwrap();
    store.settle(&lease, &[outcome(1, 1, OutcomeKind::Posted)], at(6)).await.unwrap();
    let key = ObjectKey::invoice(SHOP, 1);
    let history = store.history(ORGANISATION, &key).await.unwrap();
    let lines: Vec<(i64, What, &str)> =
        history.iter().map(|line| (line.at.ms(), line.what, line.detail.as_str())).collect();
    let wanted = [
        (1, What::Seen, "webhook order.updated"),
        (3, What::Planned, "create W-1, plan p1"),
        (4, What::Sent, "create W-1, plan p1"),
        (5, What::Answered, "create W-1: done"),
        (6, What::Settled, "posted"),
    ];
    assert_eq!(lines, wanted);
    assert_eq!(store.forget_history(at(5)).await.unwrap(), 3);
    assert_eq!(store.history(ORGANISATION, &key).await.unwrap().len(), 2);
}

async fn shops_and_organisations_are_kept(place: &Place) {
    let store = place.open().await;
    let shop = ShopRow {
        slug: String::from("north"),
        organisation: String::from(ORGANISATION),
        url: String::from(SHOP),
        secrets: vec![0, 255, 7],
        activity: Activity::Active,
        reason: String::new(),
        activated: at(5),
        switches: String::from("{}"),
        marks: String::from("{}"),
        added: at(5),
    };
    store.put_shop(&shop).await.unwrap();
    assert!(store.set_shop_activity("north", Activity::Paused, "moving").await.unwrap());
    store.set_marks("north", "{\"a\":1}").await.unwrap();
    // What is known of it is changed; how far it has come is not.
    let moved = ShopRow { url: String::from("https://new.example"), ..shop.clone() };
    store.put_shop(&moved).await.unwrap();
    let kept = store.shop("north").await.unwrap().unwrap();
    assert_eq!((kept.url.as_str(), kept.marks.as_str()), ("https://new.example", "{\"a\":1}"));
    assert_eq!((kept.activity, kept.reason.as_str()), (Activity::Paused, "moving"));
    assert_eq!(kept.secrets, [0, 255, 7]);
    assert_eq!(store.shop("south").await.unwrap(), None);
    assert!(!store.set_shop_activity("south", Activity::Paused, "").await.unwrap());
    let organisation = OrganisationRow {
        id: String::from(ORGANISATION),
        connection: String::new(),
        name: String::from("Demo"),
        activity: Activity::Active,
        reason: String::new(),
    };
    store.put_organisation(&organisation, at(0)).await.unwrap();
    store.set_organisation_activity(ORGANISATION, Activity::Paused, "why").await.unwrap();
    store.put_organisation(&organisation, at(1)).await.unwrap();
    let kept = &store.organisations().await.unwrap()[0];
    assert_eq!((kept.activity, kept.reason.as_str()), (Activity::Paused, "why"));
}

async fn many_claim_and_one_gets_it(place: &Place) {
    let store = place.open().await;
    let claims = (0..16).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { claim(&store, 0).await })
    });
    let mut held = 0;
    for claim in claims.collect::<Vec<_>>() {
        held += usize::from(claim.await.unwrap().is_some());
    }
    assert_eq!(held, 1);
}
