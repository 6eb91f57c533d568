//! The whole store is copied to the other engine and back, backed up and put back: every row.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;
use tillbook::bookkeeper::Scope;
use tillbook::store::{Activity, BackupError, CopyError, PlanState, ShopRow, Store};
use tillbook::time::{Clock, Timestamp};
use tillbook_practice::xero::Unknowns;

use crate::postgres;
use crate::world::{World, door, recorded};

const MINUTE: Duration = Duration::from_mins(1);

/// A store in which something happened, with a row of the tables that a sync leaves empty.
async fn filled() -> World {
    let mut world = World::open(recorded(8), Unknowns::default()).await;
    world.worker.books.door = door().recording(true);
    world.sweep().await;
    world.drain().await;
    let store = &world.worker.books.store;
    let now = world.clock.now();
    store.put_settings("org", "https://shop.example", "{\"a\":\"ü €\"}", now).await.unwrap();
    store.put_alert("k", "m", now).await.unwrap();
    world
}

/// Every `CREATE TABLE` of the migrations.
fn tables_of_migrations(engine: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(engine);
    let mut tables = BTreeSet::new();
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|one| one.unwrap().path()).collect();
    files.sort();
    for file in files {
        for line in std::fs::read_to_string(file).unwrap().lines() {
            if let Some(rest) = line.strip_prefix("CREATE TABLE ") {
                tables.insert(rest.split([' ', '(']).next().unwrap().to_owned());
            }
            if let Some(rest) = line.strip_prefix("DROP TABLE ") {
                tables.remove(rest.trim_end_matches(';'));
            }
        }
    }
    tables
}

#[tokio::test]
async fn no_table_is_forgotten() {
    let folder = TempDir::new().unwrap();
    let sqlite = Store::open(folder.path()).await.unwrap();
    let found: BTreeSet<String> = sqlite.tables().await.unwrap().into_iter().collect();
    assert_eq!(found, tables_of_migrations("sqlite"));
    let Some(address) = postgres::database() else { return };
    let other = Store::connect(&address).await.unwrap();
    assert_eq!(other.tables().await.unwrap(), sqlite.tables().await.unwrap());
    assert_eq!(found, tables_of_migrations("postgres"));
}

#[tokio::test]
async fn every_row_goes_to_postgresql_and_back() {
    let Some(address) = postgres::database() else { return };
    let world = filled().await;
    let sqlite = &world.worker.books.store;
    let there = Store::connect(&address).await.unwrap();
    let was = sqlite.contents().await.unwrap();
    assert!(was.iter().filter(|one| one.rows > 0).count() >= 7, "{was:?}");
    let mut rows = 0;
    let copied = sqlite.copy_into(&there, false, |_, count| rows += count).await.unwrap();
    assert_eq!(copied, was);
    assert_eq!(there.contents().await.unwrap(), was);
    assert_eq!(rows, was.iter().map(|one| one.rows).sum::<u64>());

    // Not twice, unless it is asked for; then what is the same is passed over.
    let twice = sqlite.copy_into(&there, false, |_, _| ()).await;
    assert!(matches!(twice, Err(CopyError::NotEmpty { .. })), "{twice:?}");
    assert_eq!(sqlite.copy_into(&there, true, |_, _| ()).await.unwrap(), was);

    let folder = TempDir::new().unwrap();
    let back = Store::open(folder.path()).await.unwrap();
    assert_eq!(there.copy_into(&back, false, |_, _| ()).await.unwrap(), was);
    assert_eq!(back.contents().await.unwrap(), was);
    // What is there differs: it is not overwritten.
    back.put_alert("k2", "m", world.clock.now()).await.unwrap();
    let differs = there.copy_into(&back, true, |_, _| ()).await;
    assert!(matches!(differs, Err(CopyError::NotEmpty { .. })), "{differs:?}");
}

#[tokio::test]
async fn a_store_under_a_lease_is_not_copied() {
    let world = filled().await;
    let store = &world.worker.books.store;
    let now = world.clock.now();
    store.assert_idle(now).await.unwrap();
    let lease = store.claim("org2", "somebody", now, MINUTE).await.unwrap().unwrap();
    let refused = store.assert_idle(now).await;
    assert!(matches!(refused, Err(CopyError::Leased { .. })), "{refused:?}");
    store.assert_idle(now.plus(MINUTE * 2)).await.unwrap();
    store.release(&lease, now, "").await.unwrap();
    store.assert_idle(now).await.unwrap();
}

#[tokio::test]
async fn after_a_restore_nothing_is_posted_twice() {
    let all = recorded(12);
    let mut world = World::open(all[..7].to_vec(), Unknowns::default()).await;
    world.sweep().await;
    world.drain().await;
    world.assert_each_once(7).await;
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("backup.db");
    world.worker.books.store.back_up(&file).await.unwrap();
    let mode = std::os::unix::fs::PermissionsExt::mode(&file.metadata().unwrap().permissions());
    assert_eq!(mode & 0o077, 0, "only its owner may read it");
    let again = world.worker.books.store.back_up(&file).await;
    assert!(matches!(again, Err(BackupError::Exists(_))), "{again:?}");

    // More is posted after the backup, and an old one changes.
    world.organisation.facts.orders.lock().unwrap().extend(all[7..].to_vec());
    world.sweep().await;
    world.drain().await;
    world.assert_each_once(12).await;
    let writes = world.writes();

    let data = folder.path().join("data");
    let restored = Store::restore(&file, &data, world.clock.now()).await.unwrap();
    assert!(restored.restored().await.unwrap().is_some());
    let twice = Store::restore(&file, &data, world.clock.now()).await;
    assert!(matches!(twice, Err(BackupError::NotEmpty(_))), "{twice:?}");
    world.worker.books.store = restored;
    assert_eq!(world.links().await.len(), 7);
    world.advance(Duration::from_hours(1));
    assert_eq!(world.sweep().await, 12, "every order is looked at again");
    world.drain().await;
    world.assert_each_once(12).await;
    assert_eq!(world.writes(), writes, "nothing was created again");
}

#[tokio::test]
async fn a_plan_on_its_way_is_stopped_by_a_restore() {
    let world = World::open(recorded(3), Unknowns::default()).await;
    let books = &world.worker.books;
    let plan = books.plan(&world.organisation, &Scope::default()).await.unwrap();
    let now = world.clock.now();
    books.store.save_plan("org", &plan).await.unwrap();
    let lease = books.store.claim("org", "w", now, MINUTE).await.unwrap().unwrap();
    books.store.begin_plan(&lease, "https://shop.example", &plan, &[], now).await.unwrap();
    let shop = ShopRow {
        slug: String::from("s"),
        organisation: String::from("org"),
        url: String::from("https://shop.example"),
        secrets: vec![1, 2],
        activity: Activity::Active,
        reason: String::new(),
        activated: now,
        switches: String::from("{}"),
        marks: String::from("{\"orders\":\"2026-11-22T00:00:00\"}"),
        added: now,
    };
    books.store.put_shop(&shop).await.unwrap();
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("backup.db");
    books.store.back_up(&file).await.unwrap();
    assert!(books.store.open_plan("org").await.unwrap().is_some());
    let data = folder.path().join("data");
    let restored = Store::restore(&file, &data, now).await.unwrap();
    assert!(restored.open_plan("org").await.unwrap().is_none());
    assert_eq!(restored.plans("org", "").await.unwrap()[0].state, PlanState::Stopped);
    // Sweeps begin again where the shop was switched on.
    let back = restored.shop("s").await.unwrap().unwrap();
    assert_eq!((back.marks.as_str(), &back.secrets), ("{}", &shop.secrets));
    // The lease of the dead is no obstacle.
    assert!(restored.claim("org", "w2", now, MINUTE).await.unwrap().is_some());
}

#[tokio::test]
async fn what_is_no_backup_leaves_nothing_behind() {
    let folder = TempDir::new().unwrap();
    let (file, data) = (folder.path().join("file"), folder.path().join("data"));
    let whole = folder.path().join("whole.db");
    filled().await.worker.books.store.back_up(&whole).await.unwrap();
    let mut broken = std::fs::read(&whole).unwrap();
    let half = broken.len() / 2;
    broken.truncate(half);
    for bytes in [b"{}".to_vec(), broken] {
        std::fs::write(&file, bytes).unwrap();
        let refused = Store::restore(&file, &data, Timestamp::from_ms(0)).await;
        assert!(matches!(refused, Err(BackupError::NoBackup(_))), "{refused:?}");
        assert!(!Store::exists(&data));
    }
}

#[tokio::test]
async fn a_backup_of_postgresql_is_a_file_like_any_other() {
    let Some(address) = postgres::database() else { return };
    let world = filled().await;
    let there = Store::connect(&address).await.unwrap();
    let was = world.worker.books.store.copy_into(&there, false, |_, _| ()).await.unwrap();
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("backup.db");
    there.back_up(&file).await.unwrap();
    let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().flatten().collect();
    assert_eq!(names.len(), 1, "nothing else is left: {names:?}");
    let back =
        Store::restore(&file, &folder.path().join("d"), Timestamp::from_ms(1)).await.unwrap();
    let is = back.contents().await.unwrap();
    for (was, is) in was.iter().zip(&is) {
        // What a restore marks differs.
        if !["lease", "mark", "outcome", "shop"].contains(&&*was.table) {
            assert_eq!(was, is);
        }
    }
}
