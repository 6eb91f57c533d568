//! Webhooks of WooCommerce.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use serde_json::json;
use tillbook::config::ServerConfig;
use tillbook::store::{StoreError, What, WriteHook, WriteMoment};
use tillbook_practice::shop::{PracticeShop, corpus};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::stage::{OTHER_SECRET, SECRET, Stage, json_of, signature};

#[tokio::test]
async fn a_delivery_is_a_hint_that_outlives_the_server() {
    let stage = Stage::start().await;
    assert_eq!(stage.deliver("main", "order.updated", r#"{"id":7}"#, SECRET).await, 200);
    assert_eq!(stage.jobs("main").await, 1);
    let history = stage.history("main", 7).await;
    assert_eq!((history.len(), history[0].what), (1, What::Seen));
    assert_eq!(history[0].detail, "webhook order.updated");
}

#[tokio::test]
async fn wrong_signatures_are_refused_all_alike() {
    let stage = Stage::start().await;
    let body = r#"{"id":7}"#;
    let right = signature(SECRET, body.as_bytes());
    let truncated = &right[..right.len() - 2];
    let cases: [(&str, Option<&str>, &str); 8] = [
        ("main", None, body),
        ("main", Some(""), body),
        ("main", Some("no base64!"), body),
        ("main", Some(truncated), body),
        ("main", Some(&right), r#"{"id":8}"#),
        ("main", Some(&signature(OTHER_SECRET, body.as_bytes())), body),
        ("nobody", Some(&right), body),
        ("MAIN%00", Some(&right), body),
    ];
    let mut answers = Vec::new();
    for (shop, signature, body) in cases {
        let response = stage.post(shop, Some("order.updated"), signature, body).await;
        let headers: Vec<String> = response
            .headers()
            .iter()
            .filter(|(name, _)| *name != "date")
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect();
        answers.push((json_of(response).await, headers));
    }
    assert_eq!(answers[0].0.0, 401);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
    assert_eq!(stage.jobs("main").await, 0);
    // A signature of another shop's secret over the same body opens only that shop.
    assert_eq!(stage.deliver("other", "order.updated", body, OTHER_SECRET).await, 200);
    assert_eq!((stage.jobs("main").await, stage.jobs("other").await), (0, 1));
}

/// An unknown shop must not be told by how long the answer takes: the body is hashed all the same.
#[tokio::test]
async fn an_unknown_shop_takes_as_long_as_a_wrong_signature() {
    let stage = Stage::start().await;
    let body = "x".repeat(900_000);
    let time = async |shop: &str| {
        let mut times = Vec::new();
        for _ in 0..15 {
            let began = Instant::now();
            let answer = stage.post(shop, Some("order.updated"), Some("AAAA"), body.clone()).await;
            assert_eq!(answer.status(), 401);
            times.push(began.elapsed());
        }
        times.sort();
        times[5]
    };
    let (known, unknown) = (time("main").await, time("nobody").await);
    assert!(known < unknown * 3 && unknown < known * 3, "{known:?} {unknown:?}");
}

#[tokio::test]
async fn a_replayed_delivery_is_one_job() {
    let stage = Stage::start().await;
    for _ in 0..3 {
        assert_eq!(stage.deliver("main", "order.updated", r#"{"id":7}"#, SECRET).await, 200);
    }
    assert_eq!(stage.jobs("main").await, 1);
    assert_eq!(stage.history("main", 7).await.len(), 3);
}

#[tokio::test]
async fn pings_and_errors_and_unknown_topics_are_answered() {
    let stage = Stage::start().await;
    // The ping is not signed; of nobody's shop it tells nothing either.
    for shop in ["main", "nobody"] {
        let ping = stage.post(shop, None, None, "webhook_id=3").await;
        assert_eq!(ping.status(), 200);
        assert_eq!(stage.post(shop, None, None, "a=b").await.status(), 401);
    }
    assert_eq!(stage.deliver("main", "coupon.deleted", r#"{"id":7}"#, SECRET).await, 200);
    assert_eq!(stage.deliver("main", "moon.risen", r#"{"id":7}"#, SECRET).await, 200);
    let odd = "order.updated <script>".repeat(20);
    assert_eq!(stage.deliver("main", &odd, r#"{"id":7}"#, SECRET).await, 200);
    assert_eq!(stage.deliver("main", "order.updated", "[]", SECRET).await, 200);
    assert_eq!(stage.deliver("main", "order.updated", "no json", SECRET).await, 200);
    assert_eq!(stage.jobs("main").await, 0);
    assert_eq!(stage.store.sweeps_wanted().await.unwrap(), []);
    // Signed, but the object was gone: somebody must look.
    let gone = r#"{"code":"woocommerce_rest_shop_order_invalid_id","message":"Invalid ID."}"#;
    assert_eq!(stage.deliver("main", "order.updated", gone, SECRET).await, 200);
    assert_eq!(stage.jobs("main").await, 0);
    let wanted = stage.store.sweeps_wanted().await.unwrap();
    assert_eq!((wanted.len(), wanted[0].shop.as_str()), (1, "main"));
    assert_eq!(wanted[0].reason, "webhook order.updated without an object");
}

#[tokio::test]
async fn a_refund_of_an_unknown_order_asks_for_a_sweep_until_one_is_done() {
    let stage = Stage::start().await;
    let body = r#"{"action":"woocommerce_refund_created","arg":46}"#;
    let topic = "action.woocommerce_refund_created";
    assert_eq!(stage.deliver("main", topic, body, SECRET).await, 200);
    let wanted = stage.store.sweeps_wanted().await.unwrap();
    assert_eq!(wanted.len(), 1);
    // A sweep that began before the wish does not fulfil it.
    let before = wanted[0].asked.minus(Duration::from_millis(1));
    stage.store.sweep_done("main", before).await.unwrap();
    assert_eq!(stage.store.sweeps_wanted().await.unwrap(), wanted);
    stage.store.sweep_done("main", wanted[0].asked).await.unwrap();
    assert_eq!(stage.store.sweeps_wanted().await.unwrap(), []);
    // This one names the order.
    let body = r#"{"action":"woocommerce_order_refunded","arg":45}"#;
    let topic = "action.woocommerce_order_refunded";
    assert_eq!(stage.deliver("main", topic, body, SECRET).await, 200);
    assert_eq!(stage.jobs("main").await, 1);
}

#[tokio::test]
async fn recorded_deliveries_are_taken_when_they_are_signed() {
    let stage = Stage::start().await;
    let (mut taken, mut swept) = (0, 0);
    for (name, delivery) in corpus::deliveries() {
        let mut request = stage.client.post(stage.url("/hooks/woocommerce/main"));
        let is_signed = delivery.headers.iter().any(|(key, _)| key == "X-WC-Webhook-Signature");
        let own = ["Host", "Content-Length", "Connection", "Accept-Encoding", "Transfer-Encoding"];
        for (key, value) in &delivery.headers {
            if own.contains(&key.as_str()) || key == "X-WC-Webhook-Signature" {
                continue;
            }
            request = request.header(key, value);
        }
        if is_signed {
            let right = signature(SECRET, delivery.body.as_bytes());
            request = request.header("X-WC-Webhook-Signature", right);
        }
        let (status, answer) =
            json_of(request.body(delivery.body.clone()).send().await.unwrap()).await;
        assert_eq!(status, 200, "{name}: {answer}");
        taken += answer["taken"].as_u64().unwrap();
        swept += u64::from(answer["sweep"].as_bool().unwrap());
    }
    // Twelve: a ping, a refund without its order, two products that were gone, eight objects.
    assert_eq!((taken, swept), (8, 3));
}

#[tokio::test]
async fn bodies_are_bounded_in_length_and_time() {
    let config = ServerConfig {
        body_secs: 1,
        head_secs: 2,
        hook_bytes_max: 10_000,
        ..ServerConfig::default()
    };
    let stage = Stage::with(config, None).await;
    let body = format!(r#"{{"id":7,"x":"{}"}}"#, "x".repeat(10_000));
    assert_eq!(stage.deliver("main", "order.updated", &body, SECRET).await, 413);
    // The same without a length: counted as it comes.
    let right = signature(SECRET, body.as_bytes());
    let head = format!(
        "POST /hooks/woocommerce/main HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\
         X-WC-Webhook-Topic: order.updated\r\nX-WC-Webhook-Signature: {right}\r\n\r\n\
         {:x}\r\n{body}\r\n0\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(stage.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = vec![0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(String::from_utf8(answer).unwrap(), "HTTP/1.1 413");
    assert_eq!(stage.jobs("main").await, 0);
    // A byte now and then is never silent, but takes too long all the same.
    let (began, answer) = (
        Instant::now(),
        drip(
            &stage,
            "POST /hooks/woocommerce/main HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n",
        )
        .await,
    );
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(began.elapsed() < Duration::from_secs(4));
    // Nor does a head that never ends.
    let (began, answer) = (
        Instant::now(),
        drip(&stage, "POST /hooks/woocommerce/main HTTP/1.1\r\nHost: x\r\nX: ").await,
    );
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(began.elapsed() < Duration::from_secs(5));
    assert_eq!(stage.deliver("main", "order.updated", r#"{"id":7}"#, SECRET).await, 200);
}

/// Sends the beginning of a request, then a byte every tenth of a second; gives what came back.
async fn drip(stage: &Stage, head: &str) -> String {
    let mut stream = TcpStream::connect(stage.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let (mut reader, mut writer) = stream.into_split();
    let dripping = tokio::spawn(async move {
        while writer.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    let mut answer = Vec::new();
    let read = reader.read_to_end(&mut answer);
    tokio::time::timeout(Duration::from_secs(20), read).await.unwrap().ok();
    dripping.abort();
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn a_secret_that_was_changed_counts_within_seconds() {
    let stage = Stage::start().await;
    assert_eq!(stage.deliver("main", "order.updated", r#"{"id":7}"#, SECRET).await, 200);
    assert_eq!(stage.deliver("new", "order.updated", r#"{"id":7}"#, SECRET).await, 401);
    stage.store.put_shop(&crate::stage::shop("main", "another secret")).await.unwrap();
    stage.store.put_shop(&crate::stage::shop("new", SECRET)).await.unwrap();
    stage.clock.forward(Duration::from_secs(6));
    assert_eq!(stage.deliver("main", "order.updated", r#"{"id":7}"#, SECRET).await, 401);
    assert_eq!(stage.deliver("main", "order.updated", r#"{"id":7}"#, "another secret").await, 200);
    assert_eq!(stage.deliver("new", "order.updated", r#"{"id":7}"#, SECRET).await, 200);
    // A shop without a secret believes nobody.
    stage.store.put_shop(&crate::stage::shop("main", "")).await.unwrap();
    stage.clock.forward(Duration::from_secs(6));
    assert_eq!(stage.deliver("main", "order.updated", r#"{"id":7}"#, "").await, 401);
}

/// Holds every commit back until it is let go, or fails it.
#[derive(Debug)]
struct Gate {
    open: tokio::sync::Semaphore,
    full: std::sync::atomic::AtomicBool,
}

impl WriteHook for Gate {
    fn at(&self, moment: WriteMoment) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            if moment != WriteMoment::BeforeCommit {
                return Ok(());
            }
            if self.full.load(std::sync::atomic::Ordering::Relaxed) {
                return Err(StoreError::Database(sqlx::Error::WorkerCrashed));
            }
            self.open.acquire().await.unwrap().forget();
            Ok(())
        })
    }
}

impl Gate {
    fn new() -> Self {
        let full = std::sync::atomic::AtomicBool::new(false);
        Self { open: tokio::sync::Semaphore::new(1_000), full }
    }
}

#[tokio::test]
async fn nothing_is_answered_before_it_is_on_disk_and_a_full_queue_says_so() {
    let gate = Arc::new(Gate::new());
    let config =
        ServerConfig { intake_queue_max: 2, intake_batch_max: 2, ..ServerConfig::default() };
    let stage = Arc::new(Stage::with(config, Some(gate.clone())).await);
    // From now on no commit comes through.
    gate.open.forget_permits(1_000);
    let send = |id: u64| {
        let stage = Arc::clone(&stage);
        let body = json!({"id": id}).to_string();
        tokio::spawn(async move { stage.deliver("main", "order.updated", &body, SECRET).await })
    };
    let first = send(1);
    tokio::time::sleep(Duration::from_millis(200)).await;
    let waiting = [send(2), send(3)];
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!first.is_finished() && waiting.iter().all(|one| !one.is_finished()));
    assert_eq!(stage.jobs("main").await, 0);
    // One commit is on its way, two wait: the next one is sent away.
    let body = r#"{"id":4}"#;
    let right = signature(SECRET, body.as_bytes());
    let answer = stage.post("main", Some("order.updated"), Some(&right), body).await;
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.headers()["retry-after"], "1");
    gate.open.add_permits(1_000);
    assert_eq!(first.await.unwrap(), 200);
    for one in waiting {
        assert_eq!(one.await.unwrap(), 200);
    }
    assert_eq!(stage.jobs("main").await, 3);
    // A full disk is said too, and nothing of it is kept.
    gate.full.store(true, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(stage.deliver("main", "order.updated", r#"{"id":9}"#, SECRET).await, 503);
    gate.full.store(false, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(stage.jobs("main").await, 3);
    assert_eq!(stage.deliver("main", "order.updated", r#"{"id":9}"#, SECRET).await, 200);
}

/// The whole way: the practice shop delivers, and reading it again makes it deliver nothing.
#[tokio::test]
async fn reading_the_shop_raises_no_webhook() {
    let stage = Stage::start().await;
    let shop = PracticeShop::builder()
        .batch("GB-incl")
        .application_password("admin", "abcd efgh")
        .environment_local(true)
        .start()
        .await
        .unwrap();
    let hook = json!({
        "name": "orders", "topic": "order.updated", "secret": SECRET,
        "delivery_url": stage.url("/hooks/woocommerce/main"),
    });
    let made = stage
        .client
        .post(format!("{}/wp-json/wc/v3/webhooks", shop.base_url))
        .basic_auth("admin", Some("abcd efgh"))
        .json(&hook)
        .send()
        .await
        .unwrap();
    assert_eq!(made.status(), 201, "{:?}", made.text().await);
    let id = shop.order_ids()[0];
    shop.set_status(id, "completed").unwrap();
    let delivered = shop.deliver_pending().await;
    assert!(delivered.iter().any(|one| one.topic == "order.updated"), "{delivered:?}");
    assert!(delivered.iter().all(|one| one.status == Some(200)), "{delivered:?}");
    assert_eq!(stage.jobs("main").await, 1);
    let source = tillbook::shop_facts::ShopSource::open(&tillbook::config::ShopConfig {
        url: shop.base_url.clone(),
        consumer_key: tillbook::config::Secret::new(&shop.consumer_key),
        consumer_secret: tillbook::config::Secret::new(&shop.consumer_secret),
    })
    .unwrap();
    let before = shop.requests().len();
    source.read_background().await.unwrap();
    tillbook::facts::FactSource::read_facts(&source, &shop.order_ids()).await.unwrap();
    let read = &shop.requests()[before..];
    assert!(!read.is_empty());
    assert!(read.iter().all(|request| request.starts_with("GET ")), "{read:?}");
    assert_eq!(shop.pending_deliveries(), 0);
    assert!(shop.deliver_pending().await.is_empty());
}
