//! What every store must keep. One suite; `open` is the only line that knows the engine.

use std::time::Duration;

use tempfile::TempDir;
use tillbook::store::{
    Hint, Lease, ObjectKey, Outcome, OutcomeKind, PlanCall, PlanCallState, PlanState, Store,
    StoreError, StoredPlan,
};
use tillbook::time::Timestamp;
use tillbook_core::plan::{Call, Link, LinkState, StepResult};

const ORGANISATION: &str = "org";
const SHOP: &str = "https://shop.example";
const MINUTE: Duration = Duration::from_mins(1);

async fn open(folder: &TempDir) -> Store {
    Store::open(folder.path()).await.unwrap()
}

fn at(ms: i64) -> Timestamp {
    Timestamp::from_ms(ms)
}

fn hint(id: u64, mark: &str) -> Hint {
    Hint { key: ObjectKey::invoice(SHOP, id), mark: mark.to_owned() }
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

#[tokio::test]
async fn hints_coalesce_and_keep_their_place() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    store.hint(ORGANISATION, &[hint(1, "a"), hint(2, "a"), hint(3, "a")], at(0)).await.unwrap();
    store.hint(ORGANISATION, &[hint(2, "b"), hint(1, "b")], at(5)).await.unwrap();
    let lease = claim(&store, 10).await.unwrap();
    let jobs = store.pick(&lease, at(10), 0, 10).await.unwrap();
    let seen: Vec<_> = jobs
        .iter()
        .map(|job| (job.key.object_id.as_str(), job.version, job.mark.as_str()))
        .collect();
    assert_eq!(seen, [("1", 2, "b"), ("2", 2, "b"), ("3", 1, "a")]);
    let behind = store.pick(&lease, at(10), jobs[0].place, 1).await.unwrap();
    assert_eq!(behind[0].key.object_id, "2");
}

#[tokio::test]
async fn a_sweep_passes_over_what_is_done_by_the_same_mark() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    assert_eq!(store.sweep(ORGANISATION, &[hint(1, "m1"), hint(2, "m1")], at(0)).await.unwrap(), 2);
    let lease = claim(&store, 0).await.unwrap();
    store.settle(&lease, &[outcome(1, 1, OutcomeKind::Held)], at(1)).await.unwrap();
    store.settle(&lease, &[outcome(2, 1, OutcomeKind::Posted)], at(1)).await.unwrap();
    assert_eq!(store.job_count(ORGANISATION).await.unwrap(), 0);
    let marks = [hint(1, "m1"), hint(2, "m1"), hint(3, "m1")];
    // The held one may have been cured, the third is new.
    assert_eq!(store.sweep(ORGANISATION, &marks, at(2)).await.unwrap(), 2);
    assert_eq!(store.sweep(ORGANISATION, &[hint(2, "m2")], at(3)).await.unwrap(), 1);
}

#[tokio::test]
async fn a_hint_that_comes_while_a_job_is_worked_on_is_not_lost() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    store.hint(ORGANISATION, &[hint(1, "a")], at(0)).await.unwrap();
    let lease = claim(&store, 0).await.unwrap();
    let version = store.pick(&lease, at(0), 0, 1).await.unwrap()[0].version;
    store.hint(ORGANISATION, &[hint(1, "b")], at(1)).await.unwrap();
    store.settle(&lease, &[outcome(1, version, OutcomeKind::Posted)], at(2)).await.unwrap();
    let jobs = store.pick(&lease, at(2), 0, 10).await.unwrap();
    assert_eq!((jobs[0].version, jobs[0].mark.as_str()), (2, "b"));
}

#[tokio::test]
async fn one_organisation_has_one_holder() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    let first = claim(&store, 0).await.unwrap();
    assert_eq!(claim(&store, 59_999).await, None);
    assert!(store.claim("other", "worker", at(0), MINUTE).await.unwrap().is_some());
    store.renew(&first, at(50_000), MINUTE).await.unwrap();
    assert_eq!(claim(&store, 60_000).await, None);
    let second = claim(&store, 110_000).await.unwrap();
    assert!(second.fence > first.fence);
}

#[tokio::test]
async fn who_lost_the_lease_can_write_nothing() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    store.hint(ORGANISATION, &[hint(1, "a")], at(0)).await.unwrap();
    let late = claim(&store, 0).await.unwrap();
    let holder = claim(&store, 60_000).await.unwrap();
    let saved = plan("p1");
    store.save_plan(ORGANISATION, &saved).await.unwrap();
    store.begin_plan(&holder, SHOP, &saved, &[call("k1")], at(60_000)).await.unwrap();
    let key = [ObjectKey::invoice(SHOP, 1)];
    let answer = Some((200, b"{}".as_slice()));
    let outcomes = [outcome(1, 1, OutcomeKind::Posted)];
    let body = (0, b"x".as_slice());
    let fenced = [
        store.begin_plan(&late, SHOP, &saved, &[call("k2")], at(1)).await,
        store.mark_plan_call_sent(&late, "p1", body, (SHOP, &[]), at(1)).await,
        store.mark_plan_call_done(&late, SHOP, "p1", &answered("k1"), answer, at(1)).await,
        store.plan_call_again(&late, "p1", 0, "k9").await,
        store.end_plan(&late, "p1", PlanState::Done, at(1)).await,
        store.keep_records(&late, SHOP, &[], at(1)).await,
        store.settle(&late, &outcomes, at(1)).await,
        store.return_jobs(&late, &key, at(1), 1).await,
        store.renew(&late, at(1), MINUTE).await,
        store.release(&late, at(1), "").await,
    ];
    for (index, result) in fenced.into_iter().enumerate() {
        assert!(matches!(result, Err(StoreError::Fenced(_))), "{index}: {result:?}");
    }
    assert_eq!(store.job_count(ORGANISATION).await.unwrap(), 1);
    assert!(store.open_plan(ORGANISATION).await.unwrap().is_some());
    assert!(store.core_links(ORGANISATION, SHOP).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_parked_organisation_waits_for_its_time() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    store.hint(ORGANISATION, &[hint(1, "a")], at(0)).await.unwrap();
    let lease = claim(&store, 0).await.unwrap();
    store.release(&lease, at(5_000), "minute limit").await.unwrap();
    assert_eq!(claim(&store, 4_999).await, None);
    let next = store.next_run(ORGANISATION).await.unwrap();
    assert_eq!(next, Some((at(5_000), String::from("minute limit"))));
    store.unpark(ORGANISATION).await.unwrap();
    assert!(claim(&store, 1).await.is_some());
}

#[tokio::test]
async fn returned_jobs_wait_and_count() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    store.hint(ORGANISATION, &[hint(1, "a"), hint(2, "a")], at(0)).await.unwrap();
    let lease = claim(&store, 0).await.unwrap();
    store.return_jobs(&lease, &[ObjectKey::invoice(SHOP, 1)], at(9), 1).await.unwrap();
    let ids = |jobs: Vec<tillbook::store::Job>| {
        jobs.into_iter().map(|job| job.key.object_id).collect::<Vec<_>>()
    };
    assert_eq!(ids(store.pick(&lease, at(8), 0, 10).await.unwrap()), ["2"]);
    let jobs = store.pick(&lease, at(9), 0, 10).await.unwrap();
    assert_eq!((jobs[0].attempts, jobs[0].batch_max), (1, 1));
    // A new hint is a new beginning.
    store.hint(ORGANISATION, &[hint(1, "b")], at(10)).await.unwrap();
    let jobs = store.pick(&lease, at(10), 0, 10).await.unwrap();
    assert_eq!((jobs[0].attempts, jobs[0].batch_max), (0, 50));
}

#[tokio::test]
async fn a_call_keeps_its_exact_bytes_through_a_restart() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    let lease = claim(&store, 0).await.unwrap();
    store.save_plan(ORGANISATION, &plan("p1")).await.unwrap();
    store.begin_plan(&lease, SHOP, &plan("p1"), &[call("k1")], at(1)).await.unwrap();
    let body = b"{\"Invoices\":[{\"Total\": 1.0 }]}".as_slice();
    store.mark_plan_call_sent(&lease, "p1", (0, body), (SHOP, &[]), at(2)).await.unwrap();
    store.mark_plan_call_sent(&lease, "p1", (0, body), (SHOP, &[]), at(70)).await.unwrap();
    store.close().await;

    let store = open(&folder).await;
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

#[tokio::test]
async fn a_call_that_was_surely_not_done_goes_again_under_a_new_key() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    let lease = claim(&store, 0).await.unwrap();
    store.save_plan(ORGANISATION, &plan("p1")).await.unwrap();
    store.begin_plan(&lease, SHOP, &plan("p1"), &[call("k1")], at(1)).await.unwrap();
    store.mark_plan_call_sent(&lease, "p1", (0, b"x"), (SHOP, &[]), at(2)).await.unwrap();
    store.plan_call_again(&lease, "p1", 0, "k2").await.unwrap();
    let kept = &store.plan_calls(ORGANISATION, "p1").await.unwrap()[0];
    assert_eq!((kept.state, kept.idempotency_key.as_str()), (PlanCallState::Planned, "k2"));
    assert_eq!(kept.sent, None);
}

#[tokio::test]
async fn a_plan_that_begins_ends_the_one_before() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    let lease = claim(&store, 0).await.unwrap();
    for name in ["p1", "p2"] {
        store.save_plan(ORGANISATION, &plan(name)).await.unwrap();
        store.begin_plan(&lease, SHOP, &plan(name), &[call("k")], at(1)).await.unwrap();
    }
    assert_eq!(store.open_plan(ORGANISATION).await.unwrap().unwrap().sha256, "p2");
    assert_eq!(store.plans(ORGANISATION, "p1").await.unwrap()[0].state, PlanState::Stopped);
    assert!(store.open_plan("other").await.unwrap().is_none());
}

#[tokio::test]
async fn outcomes_are_counted() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    let lease = claim(&store, 0).await.unwrap();
    let twice = [outcome(1, 1, OutcomeKind::Held), outcome(1, 1, OutcomeKind::Posted)];
    store.settle(&lease, &twice, at(1)).await.unwrap();
    let counts = store.outcome_counts(ORGANISATION).await.unwrap();
    assert_eq!((counts[0].kind, counts[0].count), (OutcomeKind::Posted, 1));
}

#[tokio::test]
async fn settings_have_a_hash() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    assert_eq!(store.settings(ORGANISATION, SHOP).await.unwrap(), None);
    let first = store.put_settings(ORGANISATION, SHOP, "{}", at(1)).await.unwrap();
    let second = store.put_settings(ORGANISATION, SHOP, "{\"a\":1}", at(2)).await.unwrap();
    assert_ne!(first, second);
    let kept = store.settings(ORGANISATION, SHOP).await.unwrap().unwrap();
    assert_eq!((kept.json.as_str(), kept.sha256), ("{\"a\":1}", second));
}

#[tokio::test]
async fn the_dead_lose_their_leases() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    let dead = claim(&store, 0).await.unwrap();
    assert_eq!(store.free_leases_of_the_dead().await.unwrap(), 1);
    let error = store.release(&dead, at(1), "").await.unwrap_err();
    assert!(matches!(error, StoreError::Fenced(_)), "{error}");
    assert!(claim(&store, 1).await.is_some());
}

#[tokio::test]
async fn two_writers_wait_for_each_other() {
    let folder = TempDir::new().unwrap();
    let (first, second) = (open(&folder).await, open(&folder).await);
    let write = |store: Store, from: u64| async move {
        for id in from..from + 50 {
            store.hint(ORGANISATION, &[hint(id, "a")], at(0)).await.unwrap();
        }
    };
    tokio::join!(write(first.clone(), 0), write(second, 1_000));
    assert_eq!(first.job_count(ORGANISATION).await.unwrap(), 100);
}
