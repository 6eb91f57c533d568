//! Somebody is told once what waits too long, again after a while, and when it is cured.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;
use tempfile::TempDir;
use tillbook::alert;
use tillbook::config::{AlertsConfig, Secret};
use tillbook::store::{Hint, ObjectKey, Outcome, OutcomeKind, Store};
use tillbook::time::Clock;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

use crate::world::TestClock;

const SECRET: &str = "s3cret";
const HOUR: Duration = Duration::from_hours(1);

/// A webhook that fails so often before it takes anything.
#[derive(Clone, Default)]
struct Hook {
    took: Arc<Mutex<Vec<Value>>>,
    fails: Arc<Mutex<u32>>,
}

impl Hook {
    async fn start(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/alert?token=hush", listener.local_addr().unwrap());
        let app = Router::new().route("/alert", post(take)).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        address
    }

    fn took(&self) -> Vec<Value> {
        std::mem::take(&mut *self.took.lock().unwrap())
    }
}

async fn take(State(hook): State<Hook>, headers: HeaderMap, body: Bytes) -> StatusCode {
    {
        let mut fails = hook.fails.lock().unwrap();
        if *fails > 0 {
            *fails -= 1;
            return StatusCode::BAD_GATEWAY;
        }
    }
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(&body);
    let signature = BASE64_STANDARD.encode(mac.finalize().into_bytes());
    if headers["x-tillbook-signature"] != signature.as_str() {
        return StatusCode::UNAUTHORIZED;
    }
    hook.took.lock().unwrap().push(serde_json::from_slice(&body).unwrap());
    StatusCode::OK
}

/// A mail server that keeps what it is given.
async fn mail_sink() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("smtp://{}", listener.local_addr().unwrap());
    let mails = Arc::new(Mutex::new(Vec::new()));
    let kept = mails.clone();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let kept = kept.clone();
            tokio::spawn(async move {
                let (reader, mut writer) = socket.into_split();
                let mut lines = BufReader::new(reader).lines();
                let mut mail: Option<String> = None;
                writer.write_all(b"220 sink\r\n").await.unwrap();
                while let Ok(Some(line)) = lines.next_line().await {
                    let reply = match &mut mail {
                        Some(text) if line == "." => {
                            kept.lock().unwrap().push(std::mem::take(text));
                            mail = None;
                            "250 taken\r\n"
                        }
                        Some(text) => {
                            text.push_str(&line);
                            text.push('\n');
                            continue;
                        }
                        None if line == "DATA" => {
                            mail = Some(String::new());
                            "354 go on\r\n"
                        }
                        None if line == "QUIT" => "221 bye\r\n",
                        None => "250 well\r\n",
                    };
                    writer.write_all(reply.as_bytes()).await.unwrap();
                }
            });
        }
    });
    (address, mails)
}

struct World {
    _folder: TempDir,
    store: Store,
    clock: Arc<TestClock>,
    config: AlertsConfig,
    hook: Hook,
}

impl World {
    async fn open() -> Self {
        // Clients choose their provider of TLS by the process.
        rustls::crypto::ring::default_provider().install_default().ok();
        let folder = TempDir::new().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let hook = Hook::default();
        let config = AlertsConfig {
            webhook_url: hook.start().await,
            webhook_secret: Secret::new(SECRET),
            ..AlertsConfig::default()
        };
        Self { _folder: folder, store, clock: TestClock::start(), config, hook }
    }

    async fn check(&self) -> Vec<String> {
        let said = alert::check(&self.store, &self.config, &*self.clock).await.unwrap();
        said.iter().map(|one| format!("{} {}", one.kind, one.key)).collect()
    }

    fn advance(&self, by: Duration) {
        self.clock.set(self.clock.now().plus(by));
    }

    async fn queue(&self) {
        let key = ObjectKey::invoice("https://shop.example", 1);
        let hint = Hint::new(key, "m");
        self.store.hint("org", &[hint], self.clock.now()).await.unwrap();
    }
}

#[tokio::test]
async fn what_waits_is_said_once_and_again_and_when_it_is_cured() {
    let world = World::open().await;
    assert!(world.check().await.is_empty());
    world.queue().await;
    assert!(world.check().await.is_empty(), "it may wait an hour");
    world.advance(HOUR);
    assert_eq!(world.check().await, ["waits jobs/org"]);
    let took = world.hook.took();
    assert_eq!(took.len(), 1);
    assert_eq!(took[0]["kind"], "waits");
    assert!(took[0]["message"].as_str().unwrap().contains("1 orders"), "{took:?}");
    assert!(world.check().await.is_empty(), "said once");
    world.advance(HOUR * 25);
    assert_eq!(world.check().await, ["waits jobs/org"], "and again");
    // It is done.
    let now = world.clock.now();
    let lease = world.store.claim("org", "w", now, HOUR).await.unwrap().unwrap();
    let job = world.store.pick(&lease, "https://shop.example", now, 9).await.unwrap().remove(0);
    let outcome = Outcome {
        key: job.key,
        version: job.version,
        mark: job.mark,
        kind: OutcomeKind::Posted,
        detail: String::new(),
        findings: Vec::new(),
    };
    world.store.settle(&lease, &[outcome], now).await.unwrap();
    world.store.release(&lease, now, "").await.unwrap();
    assert_eq!(world.check().await, ["cured jobs/org"]);
    assert!(world.check().await.is_empty());
}

#[tokio::test]
async fn an_alert_that_was_not_delivered_is_said_later() {
    let world = World::open().await;
    world.queue().await;
    world.advance(HOUR);
    *world.hook.fails.lock().unwrap() = 2;
    assert_eq!(world.check().await, ["waits jobs/org"], "the third try arrives");
    world.advance(HOUR * 25);
    *world.hook.fails.lock().unwrap() = 3;
    assert!(world.check().await.is_empty());
    assert_eq!(world.check().await, ["waits jobs/org"]);
}

#[tokio::test]
async fn a_parked_organisation_and_a_large_store_are_said() {
    let mut world = World::open().await;
    let now = world.clock.now();
    let lease = world.store.claim("org", "w", now, HOUR).await.unwrap().unwrap();
    world.store.release(&lease, now.plus(HOUR * 10), "the day's limit").await.unwrap();
    assert!(world.check().await.is_empty());
    world.advance(HOUR);
    assert_eq!(world.check().await, ["waits parked/org"]);
    world.advance(HOUR * 10);
    assert_eq!(world.check().await, ["cured parked/org"]);
    world.config.store_bytes = 1;
    assert_eq!(world.check().await, ["waits store"]);
}

#[tokio::test]
async fn mail_reaches_everybody() {
    let mut world = World::open().await;
    let (address, mails) = mail_sink().await;
    world.config = AlertsConfig {
        smtp_url: Secret::new(address),
        from: String::from("Tillbook <tillbook@shop.example>"),
        to: String::from("a@shop.example, b@shop.example"),
        ..AlertsConfig::default()
    };
    world.queue().await;
    world.advance(HOUR);
    assert_eq!(world.check().await, ["waits jobs/org"]);
    let mails = mails.lock().unwrap().clone();
    assert_eq!(mails.len(), 1, "{mails:?}");
    for words in ["a@shop.example", "b@shop.example", "1 orders of organisation org wait"] {
        assert!(mails[0].contains(words), "{words}: {mails:?}");
    }
    // A server that is not there is no reason to stop, and nothing counts as said.
    world.config.smtp_url = Secret::new("smtp://127.0.0.1:1");
    world.advance(HOUR * 25);
    assert!(world.check().await.is_empty());
    let debug = format!("{:?}", world.config);
    assert!(!debug.contains("127.0.0.1"), "{debug}");
}
