//! Health, and how a server ends.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;
use tillbook::config::ServerConfig;
use tillbook::server::Ended;
use tillbook::store::Role;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::stage::{SECRET, Stage, json_of, signature};

#[tokio::test]
async fn health_and_readiness_and_metrics() {
    let stage = Stage::start().await;
    let get =
        async |path: &str| json_of(stage.client.get(stage.url(path)).send().await.unwrap()).await;
    assert_eq!(get("/healthz").await.0, 200);
    let ready = |core: &str, stopping: bool, ready: bool| json!({"ready": ready, "store": "ok", "core": core, "stopping": stopping});
    assert_eq!(get("/readyz").await, (503, ready("loading", false, false)));
    stage.app.health().set_core(Ok(()));
    assert_eq!(get("/readyz").await, (200, ready("ok", false, true)));
    stage.app.health().set_stopping();
    assert_eq!(get("/readyz").await, (503, ready("ok", true, false)));
    stage.deliver("main", "order.updated", r#"{"id":7}"#, SECRET).await;
    let (status, text) = get("/metrics").await;
    assert_eq!(status, 200);
    let text = text.as_str().unwrap();
    for line in [
        "tillbook_intake_deliveries_total{source=\"woocommerce\",outcome=\"taken\"}",
        "tillbook_intake_seconds_bucket{source=\"woocommerce\",le=\"0.001\"}",
        "tillbook_queue_objects{state=\"waiting\"} ",
        "tillbook_queue_oldest_seconds",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    for name in ["org-1", "main.example", "Main Ltd"] {
        assert!(!text.contains(name), "{name}: {text}");
    }
    stage.store.close().await;
    assert_eq!(get("/readyz").await.0, 503);
    assert_eq!(get("/healthz").await.0, 200);
}

#[tokio::test]
async fn metrics_can_want_a_token() {
    let config = ServerConfig { metrics: String::from("token"), ..ServerConfig::default() };
    let stage = Stage::with(config, None).await;
    assert_eq!(stage.client.get(stage.url("/metrics")).send().await.unwrap().status(), 401);
    let bound = stage.token(Role::View, Some("main")).await;
    assert_eq!(stage.get(&bound, "/metrics").await.0, 403);
    let token = stage.token(Role::View, None).await;
    assert_eq!(stage.get(&token, "/metrics").await.0, 200);
}

/// A request that is on its way is answered; an idle connection is closed; nothing new is taken.
#[tokio::test]
async fn a_server_that_stops_answers_what_it_has_begun() {
    let stage = Stage::start().await;
    let mut idle = TcpStream::connect(stage.address).await.unwrap();
    let body = r#"{"id":7}"#;
    let mut slow = TcpStream::connect(stage.address).await.unwrap();
    let head = format!(
        "POST /hooks/woocommerce/main HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\
         X-WC-Webhook-Topic: order.updated\r\nX-WC-Webhook-Signature: {}\r\n\r\n",
        body.len(),
        signature(SECRET, body.as_bytes())
    );
    slow.write_all(head.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    stage.stop.send(true).unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let mut nothing = Vec::new();
    assert_eq!(idle.read_to_end(&mut nothing).await.unwrap_or(0), 0);
    assert!(TcpStream::connect(stage.address).await.is_err());
    assert!(!stage.serving.is_finished());
    slow.write_all(body.as_bytes()).await.unwrap();
    let mut answer = String::new();
    slow.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(stage.jobs("main").await, 1);
    assert_eq!(stage.serving.await.unwrap(), Ended::Drained);
}

#[tokio::test]
async fn a_connection_that_does_not_end_is_cut() {
    let config = ServerConfig { shutdown_secs: 1, ..ServerConfig::default() };
    let stage = Stage::with(config, None).await;
    let mut stuck = TcpStream::connect(stage.address).await.unwrap();
    let head = "POST /hooks/woocommerce/main HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n";
    stuck.write_all(head.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let began = Instant::now();
    stage.stop.send(true).unwrap();
    assert_eq!(stage.serving.await.unwrap(), Ended::Cut(1));
    assert!(began.elapsed() < Duration::from_secs(4));
}

#[tokio::test]
async fn more_connections_than_allowed_wait_for_their_turn() {
    let config = ServerConfig { connections_max: 1, head_secs: 1, ..ServerConfig::default() };
    let stage = Stage::with(config, None).await;
    let _hog = TcpStream::connect(stage.address).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    // The first one says nothing and is closed after a second.
    let began = Instant::now();
    assert_eq!(stage.client.get(stage.url("/healthz")).send().await.unwrap().status(), 200);
    assert!(began.elapsed() > Duration::from_millis(500));
}

/// The program as people run it, ended by the signal that supervisors send.
#[test]
fn the_program_serves_and_stops_at_a_signal() {
    let folder = tempfile::tempdir().unwrap();
    let (mut child, address) = start(folder.path());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let status = runtime.block_on(async {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let health = client.get(format!("{address}/healthz")).send().await.unwrap();
        assert_eq!(health.status(), 200);
        let began = Instant::now();
        loop {
            let ready = client.get(format!("{address}/readyz")).send().await.unwrap();
            if ready.status() == 200 {
                break ready.status();
            }
            assert!(began.elapsed() < Duration::from_mins(2), "{:?}", ready.text().await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    assert_eq!(status, 200);
    let kill = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(kill.success());
    let began = Instant::now();
    let ended = loop {
        if let Some(ended) = child.try_wait().unwrap() {
            break ended;
        }
        assert!(began.elapsed() < Duration::from_secs(30));
        std::thread::sleep(Duration::from_millis(20));
    };
    let mut said = String::new();
    child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(ended.success(), "{ended} {said}");
}

fn start(folder: &std::path::Path) -> (Child, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_tillbook"))
        .args(["serve", "--listen", "127.0.0.1:0"])
        .current_dir(folder)
        .env_clear()
        .env("TILLBOOK_DATA_FOLDER", folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("Listening on ").unwrap_or_else(|| panic!("{line}"));
    let address = address.to_owned();
    child.stdout = Some(reader.into_inner());
    (child, address)
}
