//! Tokens that several workers share: fetched by one, kept before they are used, lost and found.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tillbook::store::{Hint, ObjectKey, StoreError, WriteHook, WriteMoment};
use tillbook::vault::Vault;
use tillbook::xero_client::{Failure, KEEP_ALIVE_AGE, Keeper};

use crate::world::{KEY, Place, World, on_both_engines, practice, read_soon};

on_both_engines!(
    one_worker_refreshes_for_all,
    an_old_token_serves_while_another_worker_refreshes,
    a_crash_between_rotation_and_save_is_made_good,
    tokens_are_on_disk_before_they_are_used,
    a_revoked_connection_is_parked_and_said_once,
    a_new_consent_mends_it_while_workers_run,
    a_connection_is_kept_alive_though_nothing_is_to_be_done,
    a_rotated_key_seals_anew,
);

async fn one_worker_refreshes_for_all(place: Place) {
    let world = World::connected(place, practice().await).await;
    let mut clients = Vec::new();
    for number in 0..4 {
        clients.push(world.client(&format!("worker {number}")).await);
    }
    for client in &clients {
        client.read_organisation().await.unwrap();
    }
    let before = world.refreshes();
    for _ in 0..3 {
        // Longer than a token lives.
        world.xero.advance(Duration::from_mins(40));
        let calls: Vec<_> = clients.iter().map(read_soon).collect();
        for result in futures_util::future::join_all(calls).await {
            result.unwrap();
        }
    }
    assert_eq!(world.refreshes() - before, 3, "one for each life of a token");
    assert!(world.xero.calls().iter().all(|call| call.status == 200));
}

async fn an_old_token_serves_while_another_worker_refreshes(place: Place) {
    let world = World::connected(place, practice().await).await;
    let (first, second) = (world.client("first").await, world.client("second").await);
    // Four fifths of its life are over: both would like a new one, and nobody waits.
    world.xero.advance(Duration::from_mins(25));
    let before = world.refreshes();
    let (one, other) = tokio::join!(first.read_organisation(), second.read_organisation());
    one.unwrap();
    other.unwrap();
    assert_eq!(world.refreshes() - before, 1);
}

/// Fails the nth commit, as a crash or a full disk does.
#[derive(Debug)]
struct FailNth(AtomicUsize);

impl WriteHook for FailNth {
    fn at(&self, moment: WriteMoment) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let fails =
                moment == WriteMoment::BeforeCommit && self.0.fetch_sub(1, Ordering::SeqCst) == 1;
            if fails { Err(StoreError::Corrupt(String::from("disk full"))) } else { Ok(()) }
        })
    }
}

async fn a_crash_between_rotation_and_save_is_made_good(place: Place) {
    let world = World::connected(place, practice().await).await;
    world.xero.advance(Duration::from_hours(24 * 8));
    // The first write claims the refresh, the second would have saved what it brought.
    let hook = Arc::new(FailNth(AtomicUsize::new(2)));
    let dying = world.keeper_on(world.place.open().await.with_hook(hook), "dying");
    let before = world.refreshes();
    assert_eq!(dying.keep_alive(KEEP_ALIVE_AGE).await.unwrap(), 0);
    assert_eq!(world.refreshes() - before, 1, "Xero has rotated, and nobody kept it");
    // Nobody else tries while it might be alive.
    let other = world.client("other").await;
    let failure = other.read_organisation().await.unwrap_err();
    assert!(matches!(failure, Failure::NotDone { .. }), "{failure:?}");
    assert_eq!(world.refreshes() - before, 1);
    // Then the old refresh token still works: Xero keeps it for half an hour.
    world.xero.advance(Duration::from_mins(2));
    other.read_organisation().await.unwrap();
    assert_eq!(world.refreshes() - before, 2);
    assert!(Keeper::complaints(&world.place.open().await).await.unwrap().is_empty());
}

async fn tokens_are_on_disk_before_they_are_used(place: Place) {
    let world = World::connected(place, practice().await).await;
    world.xero.advance(Duration::from_mins(40));
    // A call's place is counted first, then the refresh is claimed, then it is saved.
    let hook = Arc::new(FailNth(AtomicUsize::new(3)));
    let client = world.client_of(world.keeper_on(world.place.open().await.with_hook(hook), "x"));
    let failure = client.await.read_organisation().await.unwrap_err();
    assert!(matches!(&failure, Failure::NotDone { message, .. } if message.contains("disk full")));
    assert_eq!(world.api_calls(), 0, "a token was used that nobody had kept");
}

async fn a_revoked_connection_is_parked_and_said_once(place: Place) {
    let world = World::connected(place, practice().await).await;
    let (first, second) = (world.client("first").await, world.client("second").await);
    first.read_organisation().await.unwrap();
    let store = world.place.open().await;
    let hint = Hint::new(ObjectKey::invoice("https://shop.example", 1), "m");
    store.hint(&world.organisation, &[hint], world.now()).await.unwrap();
    world.xero.revoke_all();
    for client in [&first, &second] {
        let failure = read_soon(client).await.unwrap_err();
        let Failure::Refused { message, .. } = &failure else { panic!("{failure:?}") };
        assert!(message.contains("invalid_grant") && message.contains("tillbook connect"));
    }
    // From now on nothing is sent at all.
    let before = world.xero.calls().len();
    assert!(first.read_organisation().await.is_err());
    assert!(second.read_organisation().await.is_err());
    assert_eq!(world.xero.calls().len(), before);
    // The queue waits, and says why.
    let (until, reason) =
        store.next_run(&world.organisation, "https://shop.example").await.unwrap().unwrap();
    assert!(until > world.now().plus(Duration::from_hours(1)), "{until}");
    assert!(reason.contains("tillbook connect"), "{reason}");
    // Whoever asks first is told, and nobody again.
    let other = world.place.open().await;
    let (one, two) = tokio::join!(Keeper::complaints(&store), Keeper::complaints(&other));
    let said = [one.unwrap(), two.unwrap()].concat();
    assert_eq!(said.len(), 1, "{said:?}");
    assert_eq!(said[0].organisations, std::slice::from_ref(&world.organisation));
    assert!(Keeper::complaints(&store).await.unwrap().is_empty());
}

async fn a_new_consent_mends_it_while_workers_run(place: Place) {
    let world = World::connected(place, practice().await).await;
    let client = world.client("worker").await;
    client.read_organisation().await.unwrap();
    let store = world.place.open().await;
    let hint = Hint::new(ObjectKey::invoice("https://shop.example", 1), "m");
    store.hint(&world.organisation, &[hint], world.now()).await.unwrap();
    world.xero.revoke_all();
    assert!(read_soon(&client).await.is_err());
    world.xero.consent_again();
    world.connect(&world.keeper("person").await).await;
    read_soon(&client).await.unwrap();
    let (until, _) =
        store.next_run(&world.organisation, "https://shop.example").await.unwrap().unwrap();
    assert!(until <= world.now(), "it still waits until {until}");
    assert_eq!(store.connections().await.unwrap().len(), 1, "the old one is forgotten");
}

async fn a_connection_is_kept_alive_though_nothing_is_to_be_done(place: Place) {
    let world = World::connected(place, practice().await).await;
    let keeper = world.keeper("daily").await;
    let before = world.refreshes();
    // Half a year without a call; an unused refresh token lives for 60 days.
    for _ in 0..182 {
        world.xero.advance(Duration::from_hours(24));
        keeper.keep_alive(KEEP_ALIVE_AGE).await.unwrap();
    }
    assert_eq!(world.refreshes() - before, 26, "weekly");
    world.client("worker").await.read_organisation().await.unwrap();
}

async fn a_rotated_key_seals_anew(place: Place) {
    const OTHER: &str = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";
    let world = World::connected(place, practice().await).await;
    let keeper = world.keeper("x").await;
    let vault =
        |key, old: &[&'static str]| Vault::with_keys(key, "test", old.iter().copied()).unwrap();
    let lost = Keeper { vault: vault(OTHER, &[]), ..keeper.clone() };
    let failure = world.client_of(lost).await.read_organisation().await.unwrap_err();
    assert!(failure.to_string().contains("data.old_keys"), "{failure}");
    let rotated = vault(OTHER, &[KEY]);
    assert_eq!(keeper.store.reseal_connections(&rotated).await.unwrap(), 1);
    assert_eq!(keeper.store.reseal_connections(&rotated).await.unwrap(), 0);
    let found = Keeper { vault: vault(OTHER, &[]), ..keeper.clone() };
    world.client_of(found).await.read_organisation().await.unwrap();
}
