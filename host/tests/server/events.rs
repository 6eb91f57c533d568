//! Events of the plugin.

use std::time::Duration;

use serde_json::{Value, json};
use tillbook::config::ServerConfig;
use tillbook::intake::{canonical, sign};
use tillbook::time::Clock as _;

use crate::stage::{OTHER_SECRET, SECRET, Stage, json_of};

struct Letter {
    shop: &'static str,
    secret: &'static str,
    seconds_late: i64,
    nonce: String,
    body: String,
}

impl Letter {
    fn of(body: &Value) -> Self {
        let nonce = format!("nonce-{}", uuid::Uuid::new_v4());
        let body = body.to_string();
        Self { shop: "main", secret: SECRET, seconds_late: 0, nonce, body }
    }

    async fn send(&self, stage: &Stage) -> (u16, Value) {
        let timestamp = (stage.clock.now().ms() / 1_000 - self.seconds_late).to_string();
        let text = canonical("main", &timestamp, &self.nonce, self.body.as_bytes());
        let signature = sign(self.secret, &text);
        self.post(stage, &timestamp, &signature).await
    }

    async fn post(&self, stage: &Stage, timestamp: &str, signature: &str) -> (u16, Value) {
        let request = stage
            .client
            .post(stage.url(&format!("/events/{}", self.shop)))
            .header("X-Tillbook-Timestamp", timestamp)
            .header("X-Tillbook-Nonce", &self.nonce)
            .header("X-Tillbook-Signature", signature)
            .body(self.body.clone());
        json_of(request.send().await.unwrap()).await
    }
}

fn one(kind: &str) -> Value {
    json!({"events": [{"kind": kind, "order_id": 7, "refund_id": 8}]})
}

/// The text of the module's documentation, reckoned by hand with another tool.
#[test]
fn the_signature_is_as_documented() {
    let text = canonical("main", "1795870800", "5f1c5f1c5f1c5f1c", b"{\"events\":[]}");
    assert_eq!(
        text,
        "v1\nPOST\n/events/main\n1795870800\n5f1c5f1c5f1c5f1c\n\
         24de1c4a19c43ad41b013f13dcd858c17b0daa7f33a53f19913e5b11366d1c2e"
    );
    assert_eq!(
        sign("secret", &text),
        "d49727b7a3b6bc3b2aeba3d63c7faea5cf05f8f0b9840b757750182e3a6089c4"
    );
}

#[tokio::test]
async fn events_are_hints_and_wishes() {
    let stage = Stage::start().await;
    let body = json!({"events": [
        {"kind": "refund_deleted", "order_id": 7, "refund_id": 8},
        {"kind": "order_deleted", "order_id": 9},
        {"kind": "stock_changed", "product_id": 3},
        {"kind": "customer_updated", "customer_id": 4},
        {"kind": "tea_is_ready", "pot": 1},
    ]});
    let answer = Letter::of(&body).send(&stage).await;
    assert_eq!(answer, (200, json!({"taken": 4, "sweep": false, "unknown": 1})));
    assert_eq!(stage.jobs("main").await, 4);
    assert_eq!(stage.history("main", 7).await[0].detail, "event refund_deleted");
    // Without the id that it needs, and without any object.
    for kind in ["refund_deleted", "settings_changed"] {
        let answer = Letter::of(&json!({"events": [{"kind": kind}]})).send(&stage).await;
        assert_eq!(answer, (200, json!({"taken": 0, "sweep": true, "unknown": 0})));
    }
    for odd in [
        json!([]),
        json!({"events": [{"kind": 7}]}),
        json!({"events": vec![json!({"kind": "order_paid"}); 501]}),
    ] {
        assert_eq!(Letter::of(&odd).send(&stage).await.0, 400, "{odd}");
    }
}

#[tokio::test]
async fn forged_late_and_replayed_events_are_refused_all_alike() {
    let stage = Stage::start().await;
    let minutes = |minutes: i64| minutes * 60;
    let good = Letter::of(&one("order_updated"));
    let (status, _) = good.send(&stage).await;
    assert_eq!(status, 200);
    let refused = [
        // The same nonce again, also with another body and time.
        Letter { nonce: good.nonce.clone(), ..Letter::of(&one("order_updated")) },
        Letter { nonce: good.nonce.clone(), seconds_late: 9, ..Letter::of(&one("order_paid")) },
        Letter { secret: OTHER_SECRET, ..Letter::of(&one("order_updated")) },
        Letter { shop: "other", ..Letter::of(&one("order_updated")) },
        Letter { shop: "nobody", ..Letter::of(&one("order_updated")) },
        Letter { seconds_late: minutes(6), ..Letter::of(&one("order_updated")) },
        Letter { seconds_late: -minutes(6), ..Letter::of(&one("order_updated")) },
        Letter { nonce: String::from("short"), ..Letter::of(&one("order_updated")) },
        Letter { nonce: "x".repeat(65), ..Letter::of(&one("order_updated")) },
        Letter { nonce: String::from("with spaces in it"), ..Letter::of(&one("order_updated")) },
    ];
    let unsigned = json!({"error": {"code": "unsigned", "message": "the signature does not fit"}});
    for (place, letter) in refused.iter().enumerate() {
        assert_eq!(letter.send(&stage).await, (401, unsigned.clone()), "{place}");
    }
    let letter = Letter::of(&one("order_updated"));
    for (timestamp, signature) in [("", ""), ("soon", "00"), ("9223372036854775807", "zz")] {
        assert_eq!(letter.post(&stage, timestamp, signature).await, (401, unsigned.clone()));
    }
    assert_eq!((stage.jobs("main").await, stage.jobs("other").await), (1, 0));
    // Within five minutes either way is near enough.
    for seconds_late in [minutes(5) - 1, 1 - minutes(5)] {
        let letter = Letter { seconds_late, ..Letter::of(&one("order_updated")) };
        assert_eq!(letter.send(&stage).await.0, 200);
    }
}

#[tokio::test]
async fn a_nonce_is_remembered_by_the_store_for_as_long_as_it_counts() {
    let stage = Stage::start().await;
    let letter = Letter::of(&one("order_updated"));
    assert_eq!(letter.send(&stage).await.0, 200);
    // Another server on the same store knows it too.
    let next =
        Stage::on(stage.store.clone(), tempfile::tempdir().unwrap(), ServerConfig::default()).await;
    assert_eq!(letter.send(&next).await.0, 401);
    // Forgetting is for those only whose time is over.
    next.store.forget_nonces(next.clock.now()).await.unwrap();
    assert_eq!(letter.send(&next).await.0, 401);
    let later = next.clock.now().plus(Duration::from_mins(12));
    next.store.forget_nonces(later).await.unwrap();
    assert_eq!(letter.send(&next).await.0, 200);
}

#[tokio::test]
async fn the_same_on_postgresql() {
    let Some(address) = crate::postgres::database() else { return };
    let store = tillbook::store::Store::connect(&address).await.unwrap();
    let stage = Stage::on(store, tempfile::tempdir().unwrap(), ServerConfig::default()).await;
    let letter = Letter::of(&one("refund_deleted"));
    assert_eq!(letter.send(&stage).await.0, 200);
    assert_eq!(letter.send(&stage).await.0, 401);
    assert_eq!(stage.deliver("main", "order.updated", r#"{"id":7}"#, SECRET).await, 200);
    assert_eq!(stage.jobs("main").await, 1);
    let token = stage.token(tillbook::store::Role::Configure, None).await;
    for path in ["/api/v1/shops/main/queue", "/api/v1/tokens", "/api/v1/shops/main/held"] {
        assert_eq!(stage.get(&token, path).await.0, 200, "{path}");
    }
}
