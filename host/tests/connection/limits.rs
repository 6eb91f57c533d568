//! Limits that all workers of all processes share: used to the full, and never broken.

use std::time::Duration;

use tillbook::config::XeroConfig;
use tillbook::xero_client::{Failure, XeroClient, budgets};
use tillbook_practice::fault::{Fault, FaultRule};
use tillbook_practice::xero::{LimitOptions, PracticeXero, Preset};
use tokio::sync::RwLock;

use crate::world::{Place, World, on_both_engines};

on_both_engines!(
    four_workers_share_a_minute,
    the_reserve_of_a_day_is_for_urgent_work,
    what_dead_workers_held_comes_free,
);

/// Calls until `count` have been answered in all. The clock moves between calls only: it runs much
/// faster than the machine, and a call would take minutes by it.
async fn hammer(world: &World, clients: &[XeroClient], count: usize) {
    let done = || world.xero.calls().iter().filter(|call| call.path.contains("/Org")).count();
    let quiet = RwLock::new(());
    let work = clients.iter().map(async |client| {
        while done() < count {
            let answer = {
                let _calling = quiet.read().await;
                client.read_organisation().await
            };
            match answer {
                Ok(_) => {}
                Err(Failure::NotDone { .. }) => tokio::time::sleep(Duration::from_millis(5)).await,
                Err(failure) => panic!("{failure}"),
            }
        }
    });
    let clock = async {
        loop {
            tokio::time::sleep(Duration::from_millis(10)).await;
            let _nobody_calls = quiet.write().await;
            world.xero.advance(Duration::from_secs(1));
        }
    };
    tokio::select! {
        _ = futures_util::future::join_all(work) => {}
        () = clock => {}
    }
}

async fn four_workers_share_a_minute(place: Place) {
    let xero = PracticeXero::builder()
        .organisation(Preset::Gb)
        .latency(Duration::from_millis(3))
        .start()
        .await
        .unwrap();
    let world = World::connected(place, xero).await;
    let mut clients = Vec::new();
    for number in 0..4 {
        // Each of them would make several calls at once.
        let owner = format!("worker {number}");
        clients.push(world.client(&owner).await);
        clients.push(world.client(&owner).await);
    }
    let begun = world.now();
    hammer(&world, &clients, 250).await;
    let took = world.now().since(begun);
    assert_eq!(world.xero.violations(), 0);
    assert!(world.xero.calls().iter().all(|call| call.status == 200));
    // 250 calls are four full windows and a part of the fifth.
    assert!(took >= Duration::from_mins(4), "{took:?}");
    assert!(took < Duration::from_mins(7), "the limit was not used: {took:?}");
}

async fn the_reserve_of_a_day_is_for_urgent_work(place: Place) {
    let xero = PracticeXero::builder()
        .organisation(Preset::Gb)
        .limits(LimitOptions { day: 50, minute: None, ..LimitOptions::default() })
        .start()
        .await
        .unwrap();
    let mut world = World::connected(place, xero).await;
    world.config = XeroConfig { calls_per_minute: 1_000, ..world.config };
    let (first, second) = (world.client("first").await, world.client("second").await);
    let count = async |client: &XeroClient| {
        let mut done = 0;
        loop {
            match client.read_organisation().await {
                Ok(_) => done += 1,
                Err(failure) => return (done, failure),
            }
        }
    };
    let (ordinary, failure) = count(&first).await;
    assert_eq!(ordinary, 45, "a tenth is kept");
    let Failure::NotDone { retry_after, message } = failure else { panic!("{failure:?}") };
    assert!(retry_after > Duration::from_mins(50), "it is not parked: {retry_after:?}");
    assert!(message.contains("urgent"), "{message}");
    assert!(second.read_organisation().await.is_err(), "the other worker does not know");
    second.set_urgent(true);
    let (urgent, failure) = count(&second).await;
    assert_eq!(urgent, 5);
    let Failure::NotDone { retry_after, .. } = failure else { panic!("{failure:?}") };
    assert!(retry_after > Duration::from_hours(23), "{retry_after:?}");
    assert_eq!(world.xero.violations(), 0);
    let report = budgets(&world.place.open().await, &world.config).await.unwrap();
    assert_eq!(report.values().next().unwrap().day_remaining, Some(0));
    world.xero.advance(Duration::from_hours(24));
    let (next_day, _) = count(&first).await;
    assert_eq!(next_day, 45);
    assert_eq!(world.xero.violations(), 0);
}

async fn what_dead_workers_held_comes_free(place: Place) {
    let world = World::connected(place, crate::world::practice().await).await;
    let dying = world.client("dying").await;
    dying.read_organisation().await.unwrap();
    world.xero.fault(FaultRule::next(Fault::Delay { ms: 4_500 }).times(5));
    let calls: Vec<_> = (0..5).map(|_| dying.read_organisation()).collect();
    // It dies with five calls in flight.
    let dead = tokio::time::timeout(Duration::from_secs(2), futures_util::future::join_all(calls));
    assert!(dead.await.is_err());
    let other = world.client("other").await;
    let failure = other.read_organisation().await.unwrap_err();
    assert!(failure.to_string().contains("limit"), "{failure}");
    // No answer can come after the timeout of 5 s and a little more.
    world.xero.advance(Duration::from_secs(21));
    other.read_organisation().await.unwrap();
}
