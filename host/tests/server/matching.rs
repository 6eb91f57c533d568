//! Who is whom: what the core finds, and what people confirm.

use std::time::Duration;

use serde_json::{Value, json};

use crate::plant::Plant;

#[tokio::test(flavor = "multi_thread")]
async fn customers_are_matched_and_confirmed() {
    let plant = Plant::open(0).await;
    let plug = plant.pair().await;
    plug.switch_on_with(|settings| settings["contact"]["mode"] = json!("each")).await;
    plant.pass(Duration::from_mins(5));
    for seed in 80..84 {
        plant.sell(seed);
    }
    let page = plug.get("matching/customers").await;
    let matches = page["matches"].as_array().unwrap().clone();
    assert!(!matches.is_empty() && page["used"] == true, "{page}");
    assert!(matches.iter().all(|one| one["state"] != "linked"), "{page}");
    // Sent, they are linked.
    plant.round().await.unwrap();
    plant.pass(Duration::from_mins(6));
    let page = plug.get("matching/customers").await;
    let linked: Vec<&Value> =
        page["matches"].as_array().unwrap().iter().filter(|one| one["state"] == "linked").collect();
    assert!(!linked.is_empty(), "{page}");
    let (key, name) = (&linked[0]["key"], linked[0]["xero_name"].as_str().unwrap());
    let words: String = name.chars().take(5).collect();
    let found = plug.get(&format!("matching/customers/ledger?search={words}")).await;
    let contact = found["found"].as_array().unwrap().iter().find(|one| one["name"] == name);
    let contact = contact.unwrap_or_else(|| panic!("{name}: {found}"));
    // A link can be ended and made by a person; what is not in Xero cannot.
    let end = json!({"matches": [{"key": key, "xero_id": null}]});
    let (status, answer) = plug.post("matching/customers", end).await;
    assert_eq!((status, &answer["confirmed"]), (200, &json!(1)), "{answer}");
    let records = plug.get("context").await["records"].clone();
    assert!(!records.as_array().unwrap().iter().any(|one| one["key"] == *key), "{records}");
    let wrong =
        json!({"matches": [{"key": key, "xero_id": "00000000-0000-0000-0000-000000000000"}]});
    let (status, answer) = plug.post("matching/customers", wrong).await;
    assert_eq!((status, &answer["error"]["code"]), (422, &json!("not_in_xero")), "{answer}");
    let right = json!({"matches": [{"key": key, "xero_id": contact["xero_id"]}]});
    assert_eq!(plug.post("matching/customers", right).await.0, 200);
    let records = plug.get("context").await["records"].clone();
    assert!(records.as_array().unwrap().iter().any(|one| one["key"] == *key), "{records}");
    // The organisation is free again for the worker.
    plant.pass(Duration::from_mins(10));
    assert!(plant.round().await.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn products_are_listed_with_what_the_core_says_of_them() {
    let plant = Plant::open(0).await;
    let plug = plant.pair().await;
    plug.switch_on().await;
    let page = plug.get("matching/products?limit=20").await;
    let matches = page["matches"].as_array().unwrap();
    assert!(!matches.is_empty(), "{page}");
    for one in matches {
        assert!(one["key"].is_string() && one["name"].is_string(), "{one}");
        assert!(matches!(one["state"].as_str(), Some("none" | "found" | "linked")), "{one}");
    }
    let items = plug.get("matching/products/ledger").await;
    let Some(item) = items["found"].as_array().unwrap().first() else { return };
    let pair = json!({"matches": [{"key": matches[0]["key"], "xero_id": item["xero_id"]}]});
    assert_eq!(plug.post("matching/products", pair).await.0, 200);
    let page = plug.get("matching/products?limit=20&state=linked").await;
    assert_eq!(page["matches"][0]["xero_name"], item["name"], "{page}");
}
