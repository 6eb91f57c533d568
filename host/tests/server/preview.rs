//! The preview is the posting: what a page shows from the API is what Xero gets.

use std::time::Duration;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::plant::{Plant, Plug, call};

/// Maps orders as a page does.
async fn preview(plug: &Plug<'_>, ids: &[u64]) -> Vec<Value> {
    let ids: Vec<String> = ids.iter().map(u64::to_string).collect();
    let context = plug.get("context").await;
    let sales = plug.get(&format!("sales?ids={}", ids.join(","))).await;
    let request = json!({
        "contract": context["contract"], "shop": context["shop"],
        "settings": context["settings"], "chart": context["chart"],
        "records": context["records"], "summarised": context["summarised"],
        "sales": sales["sales"], "products": sales["products"],
    });
    call("map", &request)["sales"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_previewed_is_what_is_sent() {
    let plant = Plant::open(2).await;
    let plug = plant.pair().await;
    plug.switch_on().await;
    plant.pass(Duration::from_mins(5));
    let orders: Vec<u64> = (60..68).map(|seed| plant.sell(seed)).collect();
    let previewed = preview(&plug, &orders).await;
    let round = plant.round().await.unwrap();
    assert_eq!(round.settled, orders.len(), "{round:?}");
    let mut bodies: Vec<String> = Vec::new();
    for plan in plant.store.plans(&plug.organisation().await, "").await.unwrap() {
        bodies
            .extend(plan.steps().filter(|step| step.key.is_empty()).map(|step| step.body.clone()));
    }
    for (order, sale) in orders.iter().zip(&previewed) {
        let document = &sale["document"];
        let body = document["body"].as_str().unwrap();
        assert!(bodies.iter().any(|sent| sent == body), "order {order}: {body}");
        assert_eq!(document["sha256"], hex::encode(Sha256::digest(body)));
        let objects = plug.get(&format!("objects?kind=order&ids={order}")).await;
        let object = &objects["objects"][0];
        assert_eq!(object["state"], "done", "{objects}");
        assert_eq!(object["documents"][0]["number"], document["number"], "{objects}");
        assert_eq!(object["documents"][0]["sha256"], document["sha256"], "{objects}");
        assert!(object["documents"][0]["url"].as_str().unwrap().contains("go.xero.com"));
    }
    // Contacts are linked by now; what would be sent is still what was.
    let again = preview(&plug, &orders).await;
    assert_eq!(again.len(), orders.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_are_listed_and_read_as_the_worker_reads_them() {
    let plant = Plant::open(5).await;
    let plug = plant.pair().await;
    let list = plug.get("orders?per_page=2").await;
    assert_eq!(
        (list["orders"].as_array().unwrap().len(), &list["total"]),
        (2, &json!(5)),
        "{list}"
    );
    let order = &list["orders"][0];
    for field in ["number", "date", "status", "total", "currency", "name"] {
        assert!(order[field].is_string(), "{order}");
    }
    let sales = plug.get(&format!("sales?ids={}", order["id"])).await;
    assert_eq!(sales["sales"][0]["order"]["id"], order["id"]);
    for path in
        ["sales?ids=", "sales?ids=a", "sales?ids=1,-2", "orders?per_page=101", "orders?page=0"]
    {
        let (status, answer) = plug.ask(reqwest::Method::GET, path, None).await;
        assert_eq!(status, 400, "{path}: {answer}");
    }
}
