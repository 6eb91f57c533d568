//! Webhooks of the practice shop: what they tell, how they are signed, when they give up.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::caller::{Caller, check_error, moment};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tillbook_practice::shop::{PracticeShop, Running, corpus};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::sync::Notify;

/// A request as it came over the wire.
#[derive(Debug, Clone)]
struct Arrived {
    headers: Vec<(String, String)>,
    body: String,
}

impl Arrived {
    fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    }
}

/// Writes down what arrives and answers with a status that can be changed.
struct Receiver {
    url: String,
    arrived: Arc<Mutex<Vec<Arrived>>>,
    status: Arc<Mutex<u16>>,
    news: Arc<Notify>,
}

impl Receiver {
    async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/wc", listener.local_addr().unwrap());
        let (arrived, status) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(200)));
        let news = Arc::new(Notify::new());
        let receiver = Self { url, arrived, status, news };
        let (arrived, status) = (Arc::clone(&receiver.arrived), Arc::clone(&receiver.status));
        let news = Arc::clone(&receiver.news);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let mut stream = BufReader::new(stream);
                let request = read(&mut stream).await;
                arrived.lock().unwrap().push(request);
                let code = *status.lock().unwrap();
                let answer =
                    format!("HTTP/1.1 {code} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                stream.write_all(answer.as_bytes()).await.unwrap();
                news.notify_one();
            }
        });
        receiver
    }

    fn answer(&self, status: u16) {
        *self.status.lock().unwrap() = status;
    }

    fn take(&self) -> Vec<Arrived> {
        std::mem::take(&mut *self.arrived.lock().unwrap())
    }
}

async fn read(stream: &mut BufReader<tokio::net::TcpStream>) -> Arrived {
    let mut headers = Vec::new();
    let mut line = String::new();
    stream.read_line(&mut line).await.unwrap();
    loop {
        line.clear();
        stream.read_line(&mut line).await.unwrap();
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.push((name.to_owned(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "Content-Length").unwrap().1.clone();
    let mut body = vec![0; length.parse().unwrap()];
    stream.read_exact(&mut body).await.unwrap();
    Arrived { headers, body: String::from_utf8(body).unwrap() }
}

struct Stage {
    shop: Running,
    caller: Caller,
    receiver: Receiver,
}

impl Stage {
    async fn open() -> Self {
        let shop = PracticeShop::builder().batch("AU-incl").start().await.unwrap();
        let (caller, receiver) = (Caller::of(&shop), Receiver::open().await);
        Self { shop, caller, receiver }
    }

    async fn hook(&self, topic: &str, secret: &str) -> u64 {
        let body = json!({"topic": topic, "delivery_url": self.receiver.url, "secret": secret});
        let answer = self.caller.send("POST", "webhooks", "", body).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.json()["id"].as_u64().unwrap()
    }

    /// Delivers and gives topic and body of all that arrived.
    async fn deliver(&self) -> Vec<(String, Value)> {
        self.shop.deliver_pending().await;
        let body = |one: &Arrived| serde_json::from_str(&one.body).unwrap();
        let arrived = self.receiver.take();
        arrived.iter().map(|one| (one.header("X-WC-Webhook-Topic").to_owned(), body(one))).collect()
    }
}

fn names(headers: &[(String, String)]) -> Vec<&str> {
    headers.iter().map(|(name, _)| name.as_str()).collect()
}

#[tokio::test]
async fn a_new_webhook_pings_as_recorded() {
    let stage = Stage::open().await;
    let id = stage.hook("order.updated", "s").await;
    let ping = stage.receiver.take().remove(0);
    assert_eq!(ping.body, format!("webhook_id={id}"));
    let recorded = &corpus::deliveries()[0].1;
    assert_eq!(names(&ping.headers), names(&recorded.headers));
    assert_eq!(ping.header("Content-Type"), recorded.headers[6].1);
}

#[tokio::test]
async fn a_delivery_looks_like_the_recorded_one() {
    let stage = Stage::open().await;
    // WooCommerce decodes entities in the secret before it signs.
    let id = stage.hook("order.updated", "a&amp;b&#039;c").await;
    stage.receiver.take();
    stage.shop.edit_order(45, |_| {}).unwrap();
    stage.shop.deliver_pending().await;
    let delivery = stage.receiver.take().remove(0);
    let recorded =
        corpus::deliveries().into_iter().find(|(name, _)| name.starts_with("0031")).unwrap().1;
    assert_eq!(names(&delivery.headers), names(&recorded.headers));
    for (name, value) in &recorded.headers {
        if ["User-Agent", "Accept", "Accept-Encoding", "Content-Type", "Connection"]
            .contains(&name.as_str())
            || name.ends_with("Topic")
            || name.ends_with("Resource")
            || name.ends_with("Event")
        {
            assert_eq!(delivery.header(name), value, "{name}");
        }
    }
    assert_eq!(delivery.header("X-WC-Webhook-Source"), format!("{}/", stage.shop.base_url));
    assert_eq!(delivery.header("X-WC-Webhook-ID"), id.to_string());
    assert_eq!(delivery.header("X-WC-Webhook-Delivery-ID").len(), 32);
    let mac = Hmac::<Sha256>::new_from_slice(b"a&b'c").unwrap();
    let signature = STANDARD.encode(mac.chain_update(&delivery.body).finalize().into_bytes());
    assert_eq!(delivery.header("X-WC-Webhook-Signature"), signature);
    // The body is printed as PHP prints it, and is what REST says.
    assert!(recorded.body.contains("\\/wp-json\\/") && delivery.body.contains("\\/wp-json\\/"));
    let rest = stage.caller.get("orders/45", "").await;
    assert_eq!(delivery.body, rest.text);
}

#[test]
fn the_recorded_bodies_are_untouched() {
    for (name, delivery) in corpus::deliveries() {
        let hash = Sha256::digest(delivery.body.as_bytes());
        let recorded = delivery.body_sha256.as_bytes().chunks(2);
        let byte = |pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        assert_eq!(hash.to_vec(), recorded.map(byte).collect::<Vec<u8>>(), "{name}");
    }
}

/// The body is of the moment of delivery, and an event that waits already is dropped.
#[tokio::test]
async fn bodies_are_late_and_events_fold() {
    let stage = Stage::open().await;
    for topic in ["order.created", "order.updated"] {
        stage.hook(topic, "s").await;
    }
    let mut order = stage.shop.order(45, Some(6)).unwrap();
    order["id"] = Value::Null;
    let id = stage.shop.add_order(order).unwrap();
    for _ in 0..3 {
        stage.shop.edit_order(id, |_| {}).unwrap();
    }
    stage.shop.set_status(id, "completed").unwrap();
    assert_eq!(stage.shop.pending_deliveries(), 2);
    stage.receiver.take();
    let told = stage.deliver().await;
    let topics: Vec<&str> = told.iter().map(|(topic, _)| topic.as_str()).collect();
    assert_eq!(topics, ["order.created", "order.updated"]);
    assert!(told.iter().all(|(_, body)| body["status"] == "completed" && body["id"] == id));
    stage.shop.edit_order(id, |_| {}).unwrap();
    stage.shop.delete_order(id).unwrap();
    let told = stage.deliver().await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].1["code"], "woocommerce_rest_shop_order_invalid_id");
    assert_eq!(told[0].1["data"]["status"], 404);
}

#[tokio::test]
async fn some_events_tell_little_and_some_nothing() {
    let stage = Stage::open().await;
    for topic in [
        "order.updated",
        "order.deleted",
        "order.restored",
        "product.deleted",
        "coupon.deleted",
        "action.woocommerce_refund_created",
    ] {
        stage.hook(topic, "s").await;
    }
    stage.receiver.take();
    let shop = &stage.shop;
    shop.trash_order(45).unwrap();
    assert_eq!(stage.deliver().await, [("order.deleted".to_owned(), json!({"id": 45}))]);
    shop.restore_order(45).unwrap();
    let told = stage.deliver().await;
    assert_eq!(told[0].0, "order.restored");
    assert_eq!(told[1].0, "order.updated");
    let refund = shop.add_refund(45, &json!({"amount": "1.00"})).unwrap();
    let told = stage.deliver().await;
    let action = json!({"action": "woocommerce_refund_created", "arg": refund});
    assert_eq!(told[0].0, "order.updated");
    assert_eq!(told[1], ("action.woocommerce_refund_created".to_owned(), action));
    shop.delete_refund(refund).unwrap();
    stage.caller.send("DELETE", "orders/45", "force=true", Value::Null).await;
    stage.caller.send("DELETE", "products/10", "force=true", Value::Null).await;
    assert!(stage.deliver().await.is_empty());
    stage.caller.send("DELETE", "products/11", "", Value::Null).await;
    assert_eq!(
        stage.deliver().await,
        [
            ("product.deleted".to_owned(), json!({"id": 11})),
            ("coupon.deleted".to_owned(), json!({"id": 11})),
        ]
    );
}

/// A shopper who only opens the checkout makes an order that is updated before it is created.
#[tokio::test]
async fn a_draft_is_created_when_it_is_placed() {
    let stage = Stage::open().await;
    for topic in ["order.created", "order.updated", "product.updated"] {
        stage.hook(topic, "s").await;
    }
    stage.receiver.take();
    let mut order = stage.shop.order(45, Some(6)).unwrap();
    order["id"] = Value::Null;
    order["status"] = "checkout-draft".into();
    let id = stage.shop.add_order(order).unwrap();
    let told = stage.deliver().await;
    assert_eq!((told.len(), told[0].0.as_str()), (1, "order.updated"));
    assert_eq!(told[0].1["status"], "checkout-draft");
    stage.shop.set_status(id, "processing").unwrap();
    let told = stage.deliver().await;
    let topics: Vec<&str> = told.iter().map(|(topic, _)| topic.as_str()).collect();
    assert_eq!(topics, ["order.created", "order.updated"]);
    // A variation is told of as a product.
    stage.shop.edit_product(33, |product| product["stock_quantity"] = 4.into()).unwrap();
    let told = stage.deliver().await;
    assert_eq!((&told[0].1["id"], &told[0].1["type"]), (&json!(33), &json!("variation")));
}

/// Nothing is tried again; the seventh failure in a row disables, and the counter outlives that.
#[tokio::test]
async fn the_seventh_failure_disables() {
    let stage = Stage::open().await;
    let id = stage.hook("order.updated", "s").await;
    stage.receiver.take();
    stage.receiver.answer(500);
    let status = async || {
        let hook = stage.caller.get(&format!("webhooks/{id}"), "").await.json();
        hook["status"].as_str().unwrap().to_owned()
    };
    for _ in 1..=6 {
        stage.shop.edit_order(45, |_| {}).unwrap();
        assert_eq!(stage.deliver().await.len(), 1);
        assert_eq!(stage.shop.pending_deliveries(), 0);
        assert_eq!(status().await, "active");
    }
    stage.shop.edit_order(45, |_| {}).unwrap();
    stage.deliver().await;
    assert_eq!(status().await, "disabled");
    stage.shop.edit_order(45, |_| {}).unwrap();
    assert_eq!(stage.shop.pending_deliveries(), 0);

    let active = json!({"status": "active"});
    let path = format!("webhooks/{id}");
    stage.caller.send("PUT", &path, "", active.clone()).await;
    stage.shop.edit_order(45, |_| {}).unwrap();
    stage.deliver().await;
    assert_eq!(status().await, "disabled");

    // A success, 302 included, sets the counter back.
    stage.caller.send("PUT", &path, "", active).await;
    stage.receiver.answer(302);
    stage.shop.edit_order(45, |_| {}).unwrap();
    stage.deliver().await;
    stage.receiver.answer(307);
    stage.shop.edit_order(45, |_| {}).unwrap();
    stage.deliver().await;
    assert_eq!(status().await, "active");
}

/// `WordPress` waits a minute for an answer; then it is a failure like any other.
#[tokio::test]
async fn a_receiver_that_says_nothing_is_a_failure() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let builder = PracticeShop::builder().batch("AU-incl");
    let shop = builder.delivery_timeout(Duration::from_millis(100)).start().await.unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    let body = json!({"topic": "order.updated", "delivery_url": url});
    Caller::of(&shop).send("POST", "webhooks", "", body).await;
    shop.edit_order(45, |_| {}).unwrap();
    let done = shop.deliver_pending().await;
    assert_eq!((done.len(), done[0].status), (1, None));
    drop(silent);
    shop.edit_order(45, |_| {}).unwrap();
    assert_eq!(shop.deliver_pending().await[0].status, None);
}

#[tokio::test]
async fn webhooks_are_checked_and_removed() {
    let stage = Stage::open().await;
    let post = async |body: Value| stage.caller.send("POST", "webhooks", "", body).await;
    let url = &stage.receiver.url;
    check_error(&post(json!({})).await, 400, "rest_missing_callback_param");
    check_error(
        &post(json!({"topic": "order.paid", "delivery_url": url})).await,
        400,
        "woocommerce_rest_webhook_invalid_topic",
    );
    check_error(
        &post(json!({"topic": "order.updated", "delivery_url": "ftp://x"})).await,
        400,
        "woocommerce_rest_webhook_invalid_delivery_url",
    );
    let id = stage.hook("order.updated", "s").await;
    let hook = stage.caller.get(&format!("webhooks/{id}"), "").await.json();
    assert!(hook.get("secret").is_none());
    assert_eq!((&hook["resource"], &hook["event"]), (&json!("order"), &json!("updated")));
    let path = format!("webhooks/{id}");
    check_error(
        &stage.caller.send("DELETE", &path, "", Value::Null).await,
        501,
        "woocommerce_rest_trash_not_supported",
    );
    stage.shop.edit_order(45, |_| {}).unwrap();
    assert_eq!(stage.caller.send("DELETE", &path, "force=true", Value::Null).await.status, 200);
    assert_eq!(stage.shop.pending_deliveries(), 0);
}

#[tokio::test]
async fn delivery_can_be_asked_for_or_happen_by_itself() {
    let stage = Stage::open().await;
    stage.hook("order.updated", "s").await;
    stage.shop.edit_order(45, |_| {}).unwrap();
    let answer = stage.caller.raw("POST", "/practice/deliver", Value::Null).await;
    assert_eq!(answer.json(), json!({"delivered": 1, "failed": 0}));

    let builder = PracticeShop::builder().batch("AU-incl").deliver_automatically(true);
    let shop = builder.clock(moment("2026-12-01T00:00:00Z")).start().await.unwrap();
    let receiver = Receiver::open().await;
    let body = json!({"topic": "order.updated", "delivery_url": receiver.url});
    Caller::of(&shop).send("POST", "webhooks", "", body).await;
    receiver.news.notified().await;
    receiver.take();
    shop.edit_order(45, |_| {}).unwrap();
    receiver.news.notified().await;
    assert_eq!(receiver.take()[0].header("X-WC-Webhook-Topic"), "order.updated");
}
