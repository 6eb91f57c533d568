//! A Xero in trouble: left alone, looked at now and then, by one for all.

use std::time::Duration;

use tillbook::xero_client::{Failure, budgets};
use tillbook_practice::fault::{Fault, FaultRule};
use tillbook_practice::xero::unknowns::MissingScope;
use tillbook_practice::xero::{PracticeXero, Preset, Unknowns};

use crate::world::{Place, World, on_both_engines, practice};

on_both_engines!(an_outage_of_a_day_costs_few_calls_and_ends_by_itself);

/// Xero is said to answer a missing scope by 401 or by 403; nobody has verified which.
#[tokio::test(flavor = "multi_thread")]
async fn a_missing_scope_asks_for_a_wider_consent_and_burns_no_token() {
    for missing_scope in [MissingScope::Forbidden, MissingScope::Unauthorized] {
        let xero = PracticeXero::builder()
            .organisation(Preset::Gb)
            .scopes(&["accounting.settings.read", "offline_access"])
            .unknowns(Unknowns { missing_scope, ..Unknowns::default() })
            .start()
            .await
            .unwrap();
        let folder = Place::Folder(tempfile::TempDir::new().unwrap());
        let world = World::connected(folder, xero).await;
        let client = world.client("worker").await;
        client.read_organisation().await.unwrap();
        let before = world.refreshes();
        let failure = client.read_once("Contacts").await.unwrap_err();
        let Failure::Refused { message, .. } = &failure else { panic!("{failure:?}") };
        assert!(message.contains("widen it with `tillbook connect`"), "{message}");
        assert_eq!(world.refreshes(), before);
        client.read_organisation().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_that_was_disconnected_is_said_in_words() {
    let folder = Place::Folder(tempfile::TempDir::new().unwrap());
    let mut world = World::connected(folder, practice().await).await;
    world.organisation = String::from("00000000-0000-0000-0000-000000000000");
    world.connect(&world.keeper("person").await).await;
    let client = world.client("worker").await;
    let failure = client.read_organisation().await.unwrap_err();
    assert!(failure.to_string().contains("not connected to the app"), "{failure}");
}

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
        // Each would look every minute.
        world.xero.advance(Duration::from_mins(1));
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
