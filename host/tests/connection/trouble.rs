//! A Xero in trouble: left alone, looked at now and then, by one for all.

use std::time::Duration;

use tillbook::xero_client::{Failure, budgets};
use tillbook_practice::fault::{Fault, FaultRule};

use crate::world::{Place, World, on_both_engines, practice};

on_both_engines!(an_outage_of_a_day_costs_few_calls_and_ends_by_itself);

async fn an_outage_of_a_day_costs_few_calls_and_ends_by_itself(place: Place) {
    let world = World::connected(place, practice().await).await;
    let clients = [world.client("first").await, world.client("second").await];
    clients[0].read_organisation().await.unwrap();
    let before = world.api_calls();
    world.xero.fault(FaultRule::next(Fault::Unavailable).path("/api.xro").times(1_000_000));
    let end = world.now().plus(Duration::from_hours(24));
    let mut reasons = Vec::new();
    while world.now() < end {
        for client in &clients {
            let failure = client.read_organisation().await.unwrap_err();
            let Failure::NotDone { message, .. } = failure else { panic!("{failure:?}") };
            reasons.push(message);
        }
        // Each would look every half minute.
        world.xero.advance(Duration::from_secs(30));
    }
    let calls = world.api_calls() - before;
    assert!((95..=110).contains(&calls), "{calls} calls in a day");
    assert!(reasons.iter().any(|words| words.contains("left alone")), "{reasons:?}");
    assert!(reasons.iter().all(|words| words.contains("not available")), "{:?}", reasons[0]);
    let report = budgets(&world.place.open().await, &world.config).await.unwrap();
    assert!(report.values().next().unwrap().trouble.is_some());
    world.xero.clear_faults();
    world.xero.advance(Duration::from_mins(16));
    for client in &clients {
        client.read_organisation().await.unwrap();
    }
    let report = budgets(&world.place.open().await, &world.config).await.unwrap();
    assert_eq!(report.values().next().unwrap().trouble, None);
    assert_eq!(world.xero.violations(), 0);
}
