//! What the core was asked is kept, gives the same bytes again, and can be shown without names.

use std::collections::BTreeSet;

use serde_json::Value;
use tillbook::door::Door;
use tillbook::recording::{Bundle, BundleError, Recording, Redactor, pack, replay, unpack};
use tillbook::sandbox::{Limits, Sandbox};
use tillbook::store::Store;
use tillbook::time::Timestamp;
use tillbook_practice::shop::corpus;
use tillbook_practice::xero::Unknowns;

use crate::world::{World, door, recorded};

/// A world whose bookkeeper keeps what it asks.
async fn recording_world(count: usize) -> World {
    let mut world = World::open(recorded(count), Unknowns::default()).await;
    world.worker.books.door = door().recording(true);
    world
}

async fn all(store: &Store) -> Vec<Recording> {
    store.recordings("").await.unwrap()
}

#[tokio::test]
async fn each_question_that_decides_gives_the_same_bytes_again() {
    let world = recording_world(12).await;
    assert_eq!(world.sweep().await, 12);
    world.drain().await;
    world.assert_each_once(12).await;
    let store = &world.worker.books.store;
    let found = all(store).await;
    let operations: BTreeSet<&str> = found.iter().map(|one| &*one.operation).collect();
    assert_eq!(operations, BTreeSet::from(["plan", "read"]));
    for one in &found {
        let request = unpack(&one.request).unwrap();
        let again = replay(door().sandbox(), &one.operation, &request);
        assert!(again.is(&one.reply_sha256), "{}", one.name());
        assert_eq!(again.reply.unwrap(), unpack(&one.reply).unwrap());
    }
    // By plan, and by order.
    let plan = found.iter().find(|one| one.operation == "plan").unwrap();
    let of_plan = store.recordings(&plan.run[..12]).await.unwrap();
    assert!(of_plan.iter().any(|one| one.operation == "read"));
    let order = plan.orders[0];
    assert!(store.recordings_of_order(order).await.unwrap().contains(plan));
    assert!(store.recordings_of_order(4_000_000_000).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_recorder_that_fails_stops_no_work() {
    let world = recording_world(3).await;
    // A store that takes no recordings: its table is not there any more.
    let path = world.folder().join("tillbook.db");
    let pool = sqlx_any(&path).await;
    sqlx::query("DROP TABLE recording").execute(&pool).await.unwrap();
    pool.close().await;
    world.sweep().await;
    world.drain().await;
    world.assert_each_once(3).await;
}

async fn sqlx_any(path: &std::path::Path) -> sqlx::AnyPool {
    sqlx::any::install_default_drivers();
    sqlx::AnyPool::connect(&format!("sqlite://{}?mode=rw", path.display())).await.unwrap()
}

/// Every text of an order that says who somebody is.
fn personal(order: &Value, found: &mut BTreeSet<String>) {
    for part in ["billing", "shipping"] {
        for (key, value) in order[part].as_object().into_iter().flatten() {
            if !matches!(key.as_str(), "country" | "state") {
                found.extend(value.as_str().map(String::from));
            }
        }
    }
    for key in [
        "transaction_id",
        "customer_ip_address",
        "customer_user_agent",
        "customer_note",
        "order_key",
        "cart_hash",
        "payment_url",
    ] {
        found.extend(order[key].as_str().map(String::from));
    }
    for entry in order["meta_data"].as_array().into_iter().flatten() {
        let key = entry["key"].as_str().unwrap();
        if !key.contains("fee") && !key.contains("deposit") && !key.contains("exchange") {
            found.extend(entry["value"].as_str().map(String::from));
        }
    }
}

#[tokio::test]
async fn a_bundle_names_nobody_and_replays() {
    let sandbox = Sandbox::embedded(Limits::default(), None).unwrap();
    let mut names = BTreeSet::new();
    let mut requests = Vec::new();
    for batch in corpus::batches() {
        let sales: Vec<Value> = corpus::orders(batch)
            .iter()
            .map(|case| serde_json::json!({"order": case.order_dp6, "refunds": case.refunds_dp6}))
            .collect();
        for case in corpus::orders(batch) {
            personal(&case.order, &mut names);
        }
        let facts = corpus::store(batch).unwrap().to_facts("https://shop.example");
        let settings = serde_json::json!({});
        let request = serde_json::json!({
            "contract": 1,
            "shop": facts,
            "settings": settings,
            "chart": {},
            "sales": sales,
        });
        requests.push(request.to_string());
    }
    let recordings: Vec<Recording> = requests
        .iter()
        .map(|request| {
            let again = replay(&sandbox, "map", request.as_bytes());
            Recording {
                id: again.reply_sha256.clone(),
                organisation: String::from("org"),
                shop: String::from("https://shop.example"),
                run: String::new(),
                operation: String::from("map"),
                module_sha256: sandbox.sha256().to_owned(),
                core: String::from("0"),
                orders: Vec::new(),
                request: pack(request.as_bytes()),
                reply: pack(&again.reply.unwrap()),
                reply_sha256: again.reply_sha256,
                made: Timestamp::from_ms(0),
            }
        })
        .collect();
    let bundle = Bundle::of(&recordings, &sandbox).unwrap();
    let text = serde_json::to_string(&bundle).unwrap();
    // What is short or plain stands in every text; names are neither.
    let facts: String = corpus::batches()
        .iter()
        .map(|batch| corpus::store(batch).unwrap().to_facts("https://shop.example").to_string())
        .collect();
    let plain = |name: &String| {
        name.len() < 5
            // The shop's own zone, such as Australia/Sydney.
            || facts.contains(&**name)
            || name.parse::<f64>().is_ok()
            || ["GBP", "shipping", "postcode", "percent"].contains(&&**name)
    };
    names.retain(|name| !plain(name));
    assert!(names.len() > 400, "{}", names.len());
    let before = requests.concat();
    for name in &names {
        let written = serde_json::to_string(name).unwrap();
        let written = written.trim_matches('"');
        assert!(before.contains(written), "{name} is not even in the request");
        assert!(!text.contains(written), "`{name}` is in the bundle");
    }
    // The amounts stay, and it replays.
    let read = Bundle::read(&text).unwrap();
    for (one, request) in read.questions.iter().zip(&requests) {
        let again = replay(&sandbox, &one.operation, one.request.get().as_bytes());
        assert!(again.is(&one.reply_sha256));
        assert_eq!(amounts(one.request.get()), amounts(request));
    }
    assert!(matches!(Bundle::read(&text[..50]), Err(BundleError::Json(_))));
}

/// Every total of a request, in its order.
fn amounts(request: &str) -> Vec<String> {
    let total = |part: &str| part.split('"').nth(1).map(String::from);
    request.split("\"total\":").skip(1).filter_map(total).collect()
}

#[tokio::test]
async fn without_the_names_a_plan_is_the_same() {
    let world = recording_world(12).await;
    world.sweep().await;
    world.drain().await;
    let found = all(&world.worker.books.store).await;
    let bundle = Bundle::of(&found, door().sandbox()).unwrap();
    assert_eq!(bundle.questions.len(), found.len());
    for one in &bundle.questions {
        assert!(one.decided_otherwise.is_empty(), "{:?}", one.decided_otherwise);
        assert!(one.reply.as_ref().unwrap().get().contains("\"ok\""), "{:?}", one.reply);
    }
    let text = serde_json::to_string(&bundle).unwrap();
    let mut names = BTreeSet::new();
    for order in recorded(12) {
        personal(&order, &mut names);
    }
    for name in names.iter().filter(|name| name.len() >= 5 && name.contains('@')) {
        assert!(!text.contains(&**name), "{name}");
    }
}

#[tokio::test]
async fn what_another_module_decided_is_refused_with_its_name() {
    let sandbox = Sandbox::embedded(Limits::default(), None).unwrap();
    let recording = Recording {
        id: String::from("1"),
        organisation: String::new(),
        shop: String::new(),
        run: String::new(),
        operation: String::from("map"),
        module_sha256: String::from("0123abcd"),
        core: String::from("0.0.9"),
        orders: Vec::new(),
        request: pack(b"{}"),
        reply: Vec::new(),
        reply_sha256: String::new(),
        made: Timestamp::from_ms(0),
    };
    let refused = Bundle::of(&[recording], &sandbox).unwrap_err().to_string();
    assert!(refused.contains("0123abcd") && refused.contains("0.0.9"), "{refused}");
}

#[test]
fn the_same_name_becomes_the_same_name_in_shop_and_xero() {
    let request = r#"{"map":{"sales":[{"order":{"billing":{"first_name":"Louise",
        "last_name":"Marchetti","email":"louise@marchetti.example"},"transaction_id":"pi_3NAbc12345",
        "number":"1201","total":"12.30","line_items":[{"name":"Card for Louise Marchetti"}]}}]},
        "ledger":{"contacts":[{"ContactID":"c-1","Name":"Louise Marchetti",
        "EmailAddress":"Louise@Marchetti.example"}],"invoices":[{"Reference":"1201 pi_3NAbc12345",
        "Total":12.30,"Contact":{"Name":"Louise Marchetti"}}]}}"#;
    let mut redactor = Redactor::with_key([1; 32]);
    redactor.learn(request).unwrap();
    let text = redactor.redact(request).unwrap();
    let value: Value = serde_json::from_str(&text).unwrap();
    let billing = &value["map"]["sales"][0]["order"]["billing"];
    let name = format!(
        "{} {}",
        billing["first_name"].as_str().unwrap(),
        billing["last_name"].as_str().unwrap()
    );
    let contact = &value["ledger"]["contacts"][0];
    assert_eq!(contact["Name"], name.as_str());
    assert_eq!(contact["ContactID"], "c-1");
    assert!(
        billing["email"]
            .as_str()
            .unwrap()
            .eq_ignore_ascii_case(contact["EmailAddress"].as_str().unwrap())
    );
    let order = &value["map"]["sales"][0]["order"];
    let reference = format!("1201 {}", order["transaction_id"].as_str().unwrap());
    assert_eq!(value["ledger"]["invoices"][0]["Reference"], reference.as_str());
    assert_eq!(order["line_items"][0]["name"], format!("Card for {name}").as_str());
    assert!(text.contains("\"Total\":12.30") && text.contains("\"12.30\""), "{text}");
    for gone in ["Louise", "Marchetti", "3NAbc12345"] {
        assert!(!text.to_lowercase().contains(&gone.to_lowercase()), "{gone}: {text}");
    }
}

#[tokio::test]
async fn recordings_go_by_age_and_by_size() {
    let world = recording_world(4).await;
    world.sweep().await;
    world.drain().await;
    let store = &world.worker.books.store;
    let count = all(store).await.len() as u64;
    assert!(count >= 2);
    let past = Timestamp::from_ms(0);
    assert_eq!(store.prune_recordings(past, u64::MAX, false).await.unwrap(), 0);
    assert_eq!(store.prune_recordings(past, 1, true).await.unwrap(), count);
    assert_eq!(all(store).await.len() as u64, count);
    let later = Timestamp::from_ms(i64::MAX);
    assert_eq!(store.prune_recordings(later, u64::MAX, false).await.unwrap(), count);
    assert!(all(store).await.is_empty());
}

#[tokio::test]
async fn a_thousand_orders_are_hardly_slower_with_a_recorder() {
    let mut took = Vec::new();
    for records in [false, true] {
        let generated = tillbook_practice::shop::generate::orders(7, 1_000, crate::world::BATCH);
        let orders: Vec<Value> = generated.unwrap().into_iter().map(|case| case.order).collect();
        let mut world = World::open(orders, Unknowns::default()).await;
        world.worker.books.door = Door::recording(door(), records);
        world.sweep().await;
        let started = std::time::Instant::now();
        world.drain().await;
        took.push(started.elapsed());
        let kept = all(&world.worker.books.store).await;
        let bytes: usize = kept.iter().map(|one| one.request.len() + one.reply.len()).sum();
        println!("records: {records}: {:?}, {} kept, {bytes} bytes", took.last(), kept.len());
    }
    // Measured: a few hundredths; a busy machine measures its neighbours.
    assert!(took[1] < took[0] * 3, "{took:?}");
}
