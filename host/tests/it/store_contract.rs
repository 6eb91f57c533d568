//! What every store must keep. One suite; `open` is the only line that knows the engine.

use std::time::Duration;

use tempfile::TempDir;
use tillbook::store::{
    CallItem, CallState, Hint, Lease, Link, NewCall, ObjectKey, Outcome, OutcomeKind, Store,
    StoreError,
};
use tillbook::time::Timestamp;

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
        link: (kind == OutcomeKind::Posted).then(|| Link {
            xero_id: format!("x{id}"),
            number: format!("W-{id}"),
            document_sha256: String::from("ab"),
            document_total: String::from("1.00"),
            xero_total: String::from("1.00"),
            state: String::from("posted"),
            idempotency_key: String::from("k"),
        }),
    }
}

fn call(key: &str, ids: &[u64]) -> NewCall {
    NewCall {
        idempotency_key: key.to_owned(),
        method: String::from("PUT"),
        path: String::from("/Invoices"),
        body: b"{\"Invoices\":[{\"Total\": 1.0 }]}".to_vec(),
        items: ids
            .iter()
            .map(|id| CallItem {
                key: ObjectKey::invoice(SHOP, *id),
                version: 1,
                mark: String::new(),
                number: format!("W-{id}"),
                reference: format!("#{id}"),
                total: String::from("1.00"),
                sha256: String::from("ab"),
                exactness: String::from("exact"),
                findings: Vec::new(),
            })
            .collect(),
    }
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
async fn a_sweep_passes_over_what_ended_with_the_same_mark() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    assert_eq!(store.sweep(ORGANISATION, &[hint(1, "m1"), hint(2, "m1")], at(0)).await.unwrap(), 2);
    let lease = claim(&store, 0).await.unwrap();
    store.settle(&lease, &[outcome(1, 1, OutcomeKind::Held)], at(1)).await.unwrap();
    store.settle(&lease, &[outcome(2, 1, OutcomeKind::Posted)], at(1)).await.unwrap();
    assert_eq!(store.job_count(ORGANISATION).await.unwrap(), 0);
    let marks = [hint(1, "m1"), hint(2, "m1"), hint(3, "m1")];
    assert_eq!(store.sweep(ORGANISATION, &marks, at(2)).await.unwrap(), 1);
    assert_eq!(store.sweep(ORGANISATION, &[hint(1, "m2")], at(3)).await.unwrap(), 1);
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
    store.plan_call(&holder, &call("k1", &[1]), at(60_000)).await.unwrap();
    let key = [ObjectKey::invoice(SHOP, 1)];
    let answer = (200, b"{}".as_slice());
    let outcomes = [outcome(1, 1, OutcomeKind::Posted)];
    let fenced = [
        store.plan_call(&late, &call("k2", &[1]), at(1)).await,
        store.mark_sent(&late, "k1", at(1)).await,
        store.mark_done(&late, "k1", answer, at(1)).await,
        store.plan_again(&late, "k1", "k9").await,
        store.close_call(&late, "k1", true, &outcomes, at(1)).await,
        store.settle(&late, &outcomes, at(1)).await,
        store.close_jobs(&late, &[(key[0].clone(), 1)]).await,
        store.return_jobs(&late, &key, at(1), 1).await,
        store.renew(&late, at(1), MINUTE).await,
        store.release(&late, at(1), "").await,
    ];
    for (index, result) in fenced.into_iter().enumerate() {
        assert!(matches!(result, Err(StoreError::Fenced(_))), "{index}: {result:?}");
    }
    assert_eq!(store.job_count(ORGANISATION).await.unwrap(), 1);
    assert_eq!(store.open_calls(ORGANISATION).await.unwrap().len(), 1);
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
async fn the_journal_keeps_the_exact_bytes_through_a_restart() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    store.hint(ORGANISATION, &[hint(1, "a"), hint(2, "a")], at(0)).await.unwrap();
    let lease = claim(&store, 0).await.unwrap();
    let new = call("k1", &[1, 2]);
    store.plan_call(&lease, &new, at(1)).await.unwrap();
    store.mark_sent(&lease, "k1", at(2)).await.unwrap();
    store.mark_sent(&lease, "k1", at(70)).await.unwrap();
    store.close().await;

    let store = open(&folder).await;
    let open_calls = store.open_calls(ORGANISATION).await.unwrap();
    let [kept] = open_calls.as_slice() else { panic!("{open_calls:?}") };
    assert_eq!((kept.state, kept.sent), (CallState::Sent, Some(at(2))));
    assert_eq!((&kept.body, &kept.path), (&new.body, &new.path));
    assert_eq!(kept.items[1].number, "W-2");
    assert_eq!(store.calls_sent_since(ORGANISATION, at(1)).await.unwrap(), [at(2)]);

    store.mark_done(&lease, "k1", (200, b"answer"), at(3)).await.unwrap();
    let kept = &store.open_calls(ORGANISATION).await.unwrap()[0];
    assert_eq!((kept.state, kept.status), (CallState::Done, Some(200)));
    assert_eq!(kept.response, b"answer");

    let outcomes = [outcome(1, 1, OutcomeKind::Posted)];
    store.close_call(&lease, "k1", true, &outcomes, at(4)).await.unwrap();
    assert!(store.open_calls(ORGANISATION).await.unwrap().is_empty());
    // The document that the answer did not name is still to be done.
    assert_eq!(store.job_count(ORGANISATION).await.unwrap(), 1);
    assert_eq!(store.call_count(ORGANISATION).await.unwrap(), 1);
}

#[tokio::test]
async fn a_call_that_was_surely_not_done_is_planned_again_under_a_new_key() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    let lease = claim(&store, 0).await.unwrap();
    store.plan_call(&lease, &call("k1", &[1]), at(1)).await.unwrap();
    store.mark_sent(&lease, "k1", at(2)).await.unwrap();
    store.plan_again(&lease, "k1", "k2").await.unwrap();
    let kept = &store.open_calls(ORGANISATION).await.unwrap()[0];
    assert_eq!((kept.state, kept.idempotency_key.as_str()), (CallState::Planned, "k2"));
    store.mark_sent(&lease, "k2", at(9)).await.unwrap();
    assert_eq!(store.open_calls(ORGANISATION).await.unwrap()[0].sent, Some(at(9)));
}

#[tokio::test]
async fn a_link_is_made_once() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    let lease = claim(&store, 0).await.unwrap();
    let mut second = outcome(1, 1, OutcomeKind::Posted);
    second.link.as_mut().unwrap().xero_id = String::from("other");
    store.settle(&lease, &[outcome(1, 1, OutcomeKind::Posted), second], at(1)).await.unwrap();
    let key = ObjectKey::invoice(SHOP, 1);
    let link = store.link_of(ORGANISATION, &key).await.unwrap().unwrap();
    assert_eq!(link.xero_id, "x1");
    assert_eq!(store.link_of("other", &key).await.unwrap(), None);
    assert_eq!(store.links(ORGANISATION).await.unwrap().len(), 1);
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
