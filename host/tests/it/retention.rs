//! What is kept about people goes by age, and by person.

use std::time::Duration;

use serde_json::json;
use tillbook::config::RetentionConfig;
use tillbook::retention;
use tillbook::store::Store;
use tillbook::time::Clock;
use tillbook_core::settings::ContactMode;
use tillbook_practice::xero::Unknowns;

use crate::world::{World, door, recorded};

const DAY: Duration = Duration::from_hours(24);

async fn world() -> World {
    let mut orders = recorded(6);
    orders[0]["billing"]["email"] = json!("Louise.M@example.org");
    orders[0]["customer_id"] = json!(0);
    let mut world = World::open(orders, Unknowns::default()).await;
    world.organisation.settings.contact.mode = ContactMode::Each;
    world.worker.books.door = door().recording(true);
    world.sweep().await;
    world.drain().await;
    world
}

/// How often a text is in the store's file, in clear.
async fn found(store: &Store, text: &str) -> usize {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("copy.db");
    // A fresh file holds no pages of what was deleted.
    store.back_up(&file).await.unwrap();
    let bytes = String::from_utf8_lossy(&std::fs::read(file).unwrap()).to_lowercase();
    bytes.matches(text).count()
}

#[tokio::test]
async fn bodies_go_when_their_days_are_over_and_links_stay() {
    let world = world().await;
    let store = &world.worker.books.store;
    assert!(found(store, "louise.m@example.org").await > 0, "the test looks for nothing");
    let links = world.links().await;
    let config = RetentionConfig { history_days: 30, ..RetentionConfig::default() };
    let now = world.clock.now();
    assert_eq!(retention::prune(store, &config, now).await.unwrap(), retention::Pruned::default());
    let later = now.plus(DAY * 91);
    let counted = retention::count(store, &config, later).await.unwrap();
    assert!(counted.recordings > 0 && counted.plans > 0, "{counted:?}");
    assert_eq!(retention::prune(store, &config, later).await.unwrap(), counted);
    assert_eq!(
        retention::count(store, &config, later).await.unwrap(),
        retention::Pruned::default()
    );
    // The contact's name in Xero stays with its link: `forget` is for that.
    assert_eq!(found(store, "louise.m@example.org").await, 1);
    assert_eq!(world.links().await, links);
    // Nothing is sent again for it.
    let writes = world.writes();
    world.sweep().await;
    world.drain().await;
    assert_eq!(world.writes(), writes);
}

#[tokio::test]
async fn a_person_is_forgotten_and_the_books_stay() {
    let world = world().await;
    let store = &world.worker.books.store;
    let links = world.links().await;
    let forgotten = retention::forget(store, " louise.m@EXAMPLE.org").await.unwrap();
    assert!(forgotten.recordings > 0 && forgotten.plans > 0, "{forgotten:?}");
    assert_eq!(forgotten.contacts.len(), 1, "{forgotten:?}");
    assert_eq!(found(store, "louise.m@example.org").await, 0);
    assert_eq!(world.links().await, links);
    let again = retention::forget(store, "louise.m@example.org").await.unwrap();
    assert_eq!(again, retention::Forgotten::default());
    // A customer whom nobody knows, and signs that a pattern would take for more.
    assert_eq!(retention::forget(store, "%@%").await.unwrap(), retention::Forgotten::default());
}
