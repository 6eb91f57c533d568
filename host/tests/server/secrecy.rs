//! Secrets are in no log, no answer, and not in the database's files.

use std::io::Write;
use std::sync::{Arc, Mutex};

use serde_json::json;
use tillbook::store::Role;
use tracing_subscriber::fmt::MakeWriter;

use crate::stage::{OTHER_SECRET, SECRET, Stage, signature};

#[derive(Debug, Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test]
async fn secrets_are_nowhere() {
    let log = Log::default();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone());
    let guard = tracing::subscriber::set_default(subscriber.finish());
    let stage = Stage::start().await;
    let (view, configure) =
        (stage.token(Role::View, None).await, stage.token(Role::Configure, None).await);
    let mut answers = String::new();
    for secret in [SECRET, OTHER_SECRET] {
        let body = r#"{"id":7,"billing":{"email":"jane@example.com"}}"#;
        stage.deliver("main", "order.updated", body, secret).await;
    }
    for token in [&view, &configure] {
        for path in [
            "me",
            "shops",
            "shops/main",
            "shops/main/queue",
            "shops/main/held",
            "organisations",
            "tokens",
            "nothing",
        ] {
            answers += &stage.get(token, &format!("/api/v1/{path}")).await.1.to_string();
        }
    }
    let request = stage.client.post(stage.url("/api/v1/tokens")).bearer_auth(&view);
    answers += &request
        .json(&json!({"name": "x", "role": "view"}))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    for path in ["/metrics", "/readyz", "/healthz", "/api/v1/openapi.json"] {
        answers += &stage.client.get(stage.url(path)).send().await.unwrap().text().await.unwrap();
    }
    stage.store.close().await;
    drop(guard);
    let log = log.0.lock().unwrap().clone();
    assert!(holds(&log, "request"), "nothing was logged");
    let right = signature(SECRET, br#"{"id":7,"billing":{"email":"jane@example.com"}}"#);
    let secrets =
        [SECRET, OTHER_SECRET, &view, &configure, &right, "cs_hunter2", "jane@example.com"];
    let mut files = Vec::new();
    for entry in std::fs::read_dir(stage.folder.path()).unwrap() {
        files.extend(std::fs::read(entry.unwrap().path()).unwrap());
    }
    assert!(holds(&files, "main.example"), "the database was not looked into");
    for secret in secrets {
        assert!(!holds(&log, secret), "{secret} is in the log");
        assert!(!holds(answers.as_bytes(), secret), "{secret} is in an answer");
        assert!(!holds(&files, secret), "{secret} is in the database");
    }
}
