//! The worker between a shop in memory, the real core and the practice Xero: whatever goes
//! wrong, each order is in Xero exactly once.
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use crate::world::{self, World, recorded};
use reqwest::Method;
use tillbook::door::Door;
use tillbook::facts::FactsError;
use tillbook::sandbox::{Limits, Sandbox};
use tillbook::store::{Hint, ObjectKey, OutcomeKind};
use tillbook::time::Clock;
use tillbook::worker::{LEASE, Step};
use tillbook::xero_client::KEY_LIFE;
use tillbook_core::plan::Action;
use tillbook_practice::fault::{Fault, FaultRule, Problem};
use tillbook_practice::xero::{LimitOptions, PracticeXero, Preset, Unknowns};

#[tokio::test]
async fn a_batch_is_one_call_and_a_second_run_sends_nothing() {
    let world = World::open(recorded(8), Unknowns::default()).await;
    assert_eq!(world.sweep().await, 8);
    let (sum, _) = world.drain().await;
    assert_eq!((sum.posted, sum.held), (8, 0), "{:?}", world.outcomes().await);
    world.assert_each_once(8).await;
    assert_eq!(world.writes(), 1);
    assert_posted_bytes(&world).await;
    let calls = changes(&world);
    assert_eq!(world.sweep().await, 0);
    assert_eq!(world.step().await, Step::Idle);
    // Even an explicit hint sends nothing again: the order has its invoice.
    let key = ObjectKey::invoice(world::SHOP_URL, world.links().await[0].order_id);
    let hint = Hint::new(key, "new");
    world.worker.books.store.hint("org", &[hint], Clock::now(&*world.clock)).await.unwrap();
    let (sum, _) = world.drain().await;
    assert_eq!(sum.already, 1);
    assert_eq!(changes(&world), calls);
}

/// Calls that are no reading.
fn changes(world: &World) -> usize {
    world.xero.calls().iter().filter(|call| call.method != "GET").count()
}

/// What Xero received is, byte for byte, what the core wrote and the plan shows.
async fn assert_posted_bytes(world: &World) {
    #[derive(serde::Deserialize)]
    struct Envelope {
        #[serde(rename = "Invoices")]
        invoices: Vec<Box<serde_json::value::RawValue>>,
    }
    let calls = world.xero.calls();
    let body = &calls.iter().find(|call| call.method == "PUT").unwrap().request_body;
    let envelope: Envelope = serde_json::from_str(body).unwrap();
    let received: Vec<&str> = envelope.invoices.iter().map(|element| element.get()).collect();
    let plans = world.worker.books.store.plans("org", "").await.unwrap();
    let planned: Vec<&str> = plans[0]
        .steps()
        .filter(|step| step.action == Action::Create)
        .map(|step| step.body.as_str())
        .collect();
    assert_eq!(received, planned);
}

#[tokio::test]
async fn whatever_happens_to_the_call_each_order_is_there_once() {
    let faults = [
        Fault::DropBefore,
        Fault::DropAfter,
        Fault::TornBody,
        Fault::ServerError { committed: true },
        Fault::ServerError { committed: false },
        Fault::Unavailable,
        Fault::ExpiredToken,
        Fault::RateLimit { problem: Problem::Minute, retry_after_secs: Some(26) },
        Fault::RateLimit { problem: Problem::Day, retry_after_secs: Some(20_000) },
        Fault::RateLimit { problem: Problem::Concurrent, retry_after_secs: None },
    ];
    for unknowns in [Unknowns::default(), Unknowns::strict()] {
        for fault in &faults {
            for times in [1, 3] {
                let world = World::open(recorded(5), unknowns.clone()).await;
                world.sweep().await;
                let rule = FaultRule::next(fault.clone()).method("PUT").times(times);
                world.xero.fault(rule);
                let (sum, reasons) = world.drain().await;
                assert_eq!(sum.refused + sum.held, 0, "{fault:?} {reasons:?}");
                world.assert_each_once(5).await;
            }
        }
    }
}

#[tokio::test]
async fn a_look_up_that_fails_as_well_only_delays() {
    for fault in [Fault::DropAfter, Fault::DropBefore] {
        let world = World::open(recorded(5), Unknowns::default()).await;
        world.sweep().await;
        world.xero.fault(FaultRule::next(fault.clone()).method("PUT"));
        let look_up = "/api.xro/2.0/Invoices";
        world.xero.fault(FaultRule::next(fault).method("GET").path(look_up).times(4));
        world.drain().await;
        world.assert_each_once(5).await;
    }
}

#[tokio::test]
async fn an_unknown_outcome_is_looked_up_before_anything_is_sent_again() {
    let world = World::open(recorded(5), Unknowns::default()).await;
    world.sweep().await;
    world.xero.fault(FaultRule::next(Fault::DropAfter).method("PUT"));
    assert!(matches!(world.step().await, Step::Parked { .. }));
    assert_eq!(world.links().await.len(), 0);
    world.advance(KEY_LIFE * 3);
    let (sum, _) = world.drain().await;
    assert_eq!(sum.posted, 5);
    // Found, not sent: there is still only the first write.
    assert_eq!(world.writes(), 1);
    world.assert_each_once(5).await;
}

/// A worker dies at every point at which it waits for something: for the store, for the shop, for
/// Xero. At once, as after a restart, or long after Xero has forgotten the key.
#[tokio::test]
async fn a_worker_that_dies_anywhere_loses_and_doubles_nothing() {
    let (mut deaths, mut finished) = (0, false);
    for polls in (1_usize..).step_by(3) {
        for (pause, lease_freed) in [(Duration::ZERO, true), (LEASE * 3, false)] {
            let world = World::open(recorded(5), Unknowns::default()).await;
            world.sweep().await;
            finished = polls_of(world.step(), polls).await.is_some();
            if lease_freed {
                world.worker.books.store.free_leases_of_the_dead().await.unwrap();
            }
            world.advance(pause);
            let (sum, reasons) = world.drain().await;
            assert_eq!(sum.refused + sum.held, 0, "{polls} polls: {reasons:?}");
            world.assert_each_once(5).await;
            deaths += usize::from(!finished);
        }
        if finished {
            break;
        }
    }
    println!("died at {deaths} points");
    // How often a future is polled is the machine's business: only that it died at several points.
    assert!(finished && deaths > 4, "{deaths}");
}

/// Drives a future so many times, then drops it.
async fn polls_of<T>(future: impl Future<Output = T>, polls: usize) -> Option<T> {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        future.as_mut().poll(context).map(Some)
    })
    .await
}

#[tokio::test]
async fn a_document_that_xero_refuses_does_not_hold_up_the_others() {
    let mut world = World::open(recorded(6), Unknowns::default()).await;
    world.sweep().await;
    // The account of shipping was archived since the chart was read; only some orders ship.
    let tenant = world.xero.tenant();
    let shipping = String::from("260");
    assert_ne!(world.organisation.settings.accounts.sales, shipping);
    world.organisation.settings.accounts.shipping.clone_from(&shipping);
    world.xero.change(tenant, |one| {
        let id = one.accounts.find(|account| account.code == shipping).unwrap().id;
        one.accounts.get_mut(id).unwrap().status = String::from("ARCHIVED");
    });
    let (sum, _) = world.drain().await;
    assert!(sum.posted > 0 && sum.refused > 0, "{sum:?}");
    assert_eq!(sum.posted + sum.refused, 6);
    assert_eq!(world.invoice_numbers().len(), sum.posted);
    let outcomes = world.outcomes().await;
    let refused = outcomes.iter().find(|one| one.kind == OutcomeKind::Refused).unwrap();
    let finding = refused.findings.iter().find(|one| one.code == "xero.refused").unwrap();
    assert!(finding.message.to_lowercase().contains("archived"), "{finding:?}");
    assert_eq!(world.writes(), 1);
}

#[tokio::test]
async fn a_number_that_somebody_else_uses_holds_the_order() {
    let world = World::open(recorded(2), Unknowns::default()).await;
    world.sweep().await;
    world.drain().await;
    let number = world.links().await[0].number.clone();
    // The same shop again, without memory of what it sent, and with one order changed since.
    let mut other = World::open(recorded(2), Unknowns::default()).await;
    let body =
        world.xero.calls().iter().find(|call| call.method == "PUT").unwrap().request_body.clone();
    let foreign = body.replacen("\"Reference\":\"", "\"Reference\":\"not ours ", 1);
    let path = "/Invoices?summarizeErrors=false&unitdp=4";
    let xero = &other.organisation.xero;
    let response = xero.send(Method::PUT, path, "k", foreign.as_bytes()).await;
    assert_eq!(response.unwrap().status, 200);
    other.organisation.id = String::from("org");
    other.sweep().await;
    let (sum, _) = other.drain().await;
    // One is provably ours and adopted, the other is not.
    assert_eq!((sum.posted, sum.refused + sum.held), (1, 1), "{sum:?}");
    assert_eq!(other.invoice_numbers().len(), 2);
    let outcomes = other.outcomes().await;
    let stopped = outcomes.iter().find(|one| one.kind != OutcomeKind::Posted).unwrap();
    assert_eq!(stopped.kind, OutcomeKind::Held);
    let taken = stopped.findings.iter().find(|one| one.code == "ledger.number_taken").unwrap();
    assert!(taken.message.contains(&number));
}

#[tokio::test]
async fn an_order_that_stops_the_core_is_held_alone() {
    let mut orders = recorded(7);
    let note = "x".repeat(400_000);
    orders[3]["customer_note"] = note.into();
    let stopped = orders[3]["id"].to_string();
    let mut world = World::open(orders, Unknowns::default()).await;
    // Room for some orders, not for all, and never for the large one.
    let limits = Limits { request_bytes_max: 300_000, ..Limits::default() };
    world.worker.books.door = Door::new(Sandbox::embedded(limits, None).unwrap());
    world.sweep().await;
    let (sum, _) = world.drain().await;
    assert_eq!((sum.posted, sum.held), (6, 1), "{sum:?}");
    let outcomes = world.outcomes().await;
    let held: Vec<_> = outcomes.iter().filter(|one| one.kind == OutcomeKind::Held).collect();
    assert_eq!(held[0].key.object_id, stopped);
    assert_eq!(held[0].findings[0].code, "host.core_stopped");
    assert!(held[0].findings[0].message.contains("300000"), "{:?}", held[0].findings);
    world.assert_each_once(6).await;
}

#[tokio::test]
async fn a_shop_that_cannot_be_asked_parks_the_organisation() {
    let world = World::open(recorded(2), Unknowns::default()).await;
    world.sweep().await;
    world.organisation.facts.failures.lock().unwrap().push(FactsError {
        message: String::from("maintenance"),
        retry_after: Duration::from_mins(1),
    });
    let step = world.step().await;
    let Step::Parked { until, reason } = step else { panic!("{step:?}") };
    assert_eq!(until.since(Clock::now(&*world.clock)), Duration::from_mins(1));
    assert!(reason.contains("maintenance"));
    world.drain().await;
    world.assert_each_once(2).await;
}

#[tokio::test]
async fn an_order_that_the_shop_deleted_is_skipped() {
    let world = World::open(recorded(3), Unknowns::default()).await;
    world.sweep().await;
    let gone = world.organisation.facts.orders.lock().unwrap().remove(1);
    let (sum, _) = world.drain().await;
    assert_eq!((sum.posted, sum.skipped), (2, 1));
    let key = ObjectKey::invoice(world::SHOP_URL, gone["id"].as_u64().unwrap());
    let outcomes = world.outcomes().await;
    let outcome = outcomes.iter().find(|one| one.key == key).unwrap();
    assert_eq!(outcome.detail, "host.not_in_shop");
}

#[tokio::test]
async fn the_minute_limit_parks_and_is_never_overstepped() {
    let xero = PracticeXero::builder().organisation(Preset::Gb).start().await.unwrap();
    xero.set_limits(LimitOptions { minute: Some(8), ..LimitOptions::default() });
    let mut config = world::xero_config(&xero);
    config.calls_per_minute = 8;
    let mut world = World::with(recorded(8), xero, config).await;
    world.organisation.documents_per_call = 1;
    world.sweep().await;
    let (sum, reasons) = world.drain().await;
    assert_eq!(sum.posted, 8);
    assert!(!reasons.is_empty());
    assert!(world.xero.calls().iter().all(|call| call.status == 200), "a 429 was provoked");
    world.assert_each_once(8).await;
}

#[tokio::test]
async fn an_organisation_that_refuses_us_rests_and_loses_nothing() {
    let world = World::open(recorded(3), Unknowns::default()).await;
    world.sweep().await;
    world.xero.fault(FaultRule::next(Fault::ExpiredToken).method("PUT").times(2));
    let step = world.step().await;
    let Step::Parked { reason, .. } = step else { panic!("{step:?}") };
    assert!(reason.contains("401"), "{reason}");
    assert_eq!(world.worker.books.store.job_count("org", world::SHOP_URL).await.unwrap(), 3);
    world.drain().await;
    world.assert_each_once(3).await;
}
