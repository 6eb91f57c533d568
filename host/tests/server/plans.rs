//! Plans from the shop's pages: looked at, handed over, carried out by the worker's next round.

use std::time::Duration;

use serde_json::{Value, json};

use crate::plant::{Plant, Plug};

/// Makes a plan.
async fn plan(plug: &Plug<'_>, asked: Value) -> Value {
    let (status, plan) = plug.post("plans", asked).await;
    assert_eq!(status, 201, "{plan}");
    plan
}

async fn apply(plug: &Plug<'_>, plan: &Value) -> (u16, Value) {
    let path = format!("plans/{}/apply", plan["plan"].as_str().unwrap());
    plug.post(&path, json!({})).await
}

async fn again(plug: &Plug<'_>, plan: &Value) -> Value {
    plug.get(&format!("plans/{}", plan["plan"].as_str().unwrap())).await
}

fn invoices(plant: &Plant, status: &str) -> usize {
    let all = plant.xero.invoices(plant.xero.tenant());
    all.iter().filter(|one| format!("{:?}", one.status).to_uppercase() == status).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_carried_out_by_the_next_round_and_taken_back_by_another() {
    let plant = Plant::open(0).await;
    let plug = plant.pair().await;
    let (status, answer) = plug.post("plans", json!({})).await;
    assert_eq!((status, &answer["error"]["code"]), (409, &json!("not_ready")), "{answer}");
    plug.switch_on().await;
    plant.pass(Duration::from_mins(5));
    let order = plant.sell(71);
    let made = plan(&plug, json!({"orders": [order]})).await;
    assert_eq!((&made["state"], &made["counts"]["create"]), (&json!("saved"), &json!(1)), "{made}");
    let row = &made["rows"][0];
    assert_eq!((&row["fate"], &row["order_id"]), (&json!("create"), &json!(order)), "{made}");
    assert!(!row["amount"].as_str().unwrap().is_empty(), "{made}");
    assert_eq!(plant.xero.invoices(plant.xero.tenant()).len(), 0, "nothing is sent by planning");
    // It waits for the round, and says so.
    let (status, _) = apply(&plug, &made).await;
    assert_eq!(status, 202);
    assert_eq!(again(&plug, &made).await["apply"]["state"], "wanted");
    plant.round().await.unwrap();
    let done = again(&plug, &made).await;
    assert_eq!((&done["state"], &done["apply"]), (&json!("done"), &Value::Null), "{done}");
    assert_eq!(plant.xero.invoices(plant.xero.tenant()).len(), 1);
    let (status, answer) = apply(&plug, &made).await;
    assert_eq!((status, &answer["error"]["code"]), (409, &json!("plan_ended")), "{answer}");
    // The log has it, newest first, page by page.
    let log = plug.get("log?limit=2").await;
    assert_eq!(log["entries"].as_array().unwrap().len(), 2, "{log}");
    let mut seen = log["entries"].as_array().unwrap().clone();
    let mut next = log["next"].as_str().map(str::to_owned);
    while let Some(before) = next {
        let page = plug.get(&format!("log?limit=2&before={before}")).await;
        seen.extend(page["entries"].as_array().unwrap().iter().cloned());
        next = page["next"].as_str().map(str::to_owned);
    }
    let whole = plug.get("log?limit=200").await;
    assert_eq!(json!(seen), whole["entries"]);
    let id = json!(order.to_string());
    assert!(seen.iter().any(|line| line["what"] == "sent" && line["id"] == id));
    // Taken back.
    let back = plan(&plug, json!({"orders": [order], "undo": true})).await;
    assert_eq!(back["counts"]["withdraw"], 1, "{back}");
    assert_eq!(apply(&plug, &back).await.0, 202);
    plant.pass(Duration::from_mins(10));
    plant.round().await.unwrap();
    assert_eq!(invoices(&plant, "VOIDED"), 1, "{}", again(&plug, &back).await);
    let (status, _) = plug.post("plans", json!({"undo": true})).await;
    assert_eq!(status, 409, "the whole shop is not taken back by a slip");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_changed_since_is_not_sent() {
    let plant = Plant::open(0).await;
    let plug = plant.pair().await;
    plug.switch_on().await;
    plant.pass(Duration::from_mins(5));
    let order = plant.sell(72);
    let made = plan(&plug, json!({"orders": [order]})).await;
    plant.pass(Duration::from_mins(1));
    plant.shop.set_status(order, "cancelled").unwrap();
    assert_eq!(apply(&plug, &made).await.0, 202);
    plant.round().await.unwrap();
    let left = again(&plug, &made).await;
    assert_eq!((&left["state"], &left["apply"]["state"]), (&json!("saved"), &json!("failed")));
    assert!(left["apply"]["message"].as_str().unwrap().contains("changed"), "{left}");
    // Another shop's people see nothing of it, and a paused shop sends nothing.
    let (status, _) = plug.post("pause", json!({"reason": "a test"})).await;
    assert_eq!(status, 200);
    let (status, answer) = apply(&plug, &made).await;
    assert_eq!((status, &answer["error"]["code"]), (409, &json!("not_active")), "{answer}");
    let (status, _) = plug.ask(reqwest::Method::GET, "plans/0123456789abcdef", None).await;
    assert_eq!(status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_is_accounted_for_day_by_day() {
    let plant = Plant::open(0).await;
    let plug = plant.pair().await;
    plug.switch_on().await;
    plant.pass(Duration::from_mins(5));
    plant.sell(73);
    plant.sell(74);
    let now =
        chrono::DateTime::from_timestamp_millis(tillbook::time::Clock::now(&*plant.clock).ms())
            .unwrap();
    let month = now.format("%Y-%m").to_string();
    let before = plug.get(&format!("completeness?month={month}")).await;
    assert_eq!((&before["totals"]["pending"], &before["totals"]["posted"]), (&json!(2), &json!(0)));
    assert!(before["days"].as_array().unwrap().len() >= 28, "{before}");
    plant.round().await.unwrap();
    plant.pass(Duration::from_mins(2));
    let after = plug.get(&format!("completeness?month={month}")).await;
    assert_eq!((&after["totals"]["pending"], &after["totals"]["posted"]), (&json!(0), &json!(2)));
    for month in ["2026", "2026-13", "2026-1", "soon"] {
        let path = format!("completeness?month={month}");
        assert_eq!(plug.ask(reqwest::Method::GET, &path, None).await.0, 400, "{month}");
    }
}
