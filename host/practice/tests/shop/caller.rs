//! A caller of the practice shop that signs by itself, apart from the host's client.

use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;
use tillbook_practice::shop::{Running, corpus};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

static NONCE: AtomicU64 = AtomicU64::new(0);

/// Asks over a plain socket, so that nothing between hides what the shop says.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    address: String,
    key: String,
    secret: String,
    basic: bool,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> String {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let found = lines.find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.to_owned()).unwrap_or_default()
    }
}

impl Caller {
    pub(crate) fn of(shop: &Running) -> Self {
        Self::with(shop, &shop.consumer_key, &shop.consumer_secret)
    }

    pub(crate) fn with(shop: &Running, key: &str, secret: &str) -> Self {
        let address = shop.address.to_string();
        Self { address, key: key.to_owned(), secret: secret.to_owned(), basic: false }
    }

    pub(crate) fn basic(mut self) -> Self {
        self.basic = true;
        self
    }

    pub(crate) async fn get(&self, path: &str, query: &str) -> Answer {
        self.send("GET", path, query, Value::Null).await
    }

    pub(crate) async fn send(&self, method: &str, path: &str, query: &str, body: Value) -> Answer {
        let path = format!("/wp-json/wc/v3/{path}");
        let query = if self.basic { query.to_owned() } else { self.sign(method, &path, query) };
        self.raw(method, &format!("{path}?{query}"), body).await
    }

    /// Sends a request as it is; with `basic` the header is added.
    pub(crate) async fn raw(&self, method: &str, target: &str, body: Value) -> Answer {
        let pair = STANDARD.encode(format!("{}:{}", self.key, self.secret));
        let header =
            if self.basic { format!("Authorization: Basic {pair}\r\n") } else { String::new() };
        self.exchange(method, target, &header, &body).await
    }

    /// Sends a request with header lines of its own.
    pub(crate) async fn exchange(
        &self,
        method: &str,
        target: &str,
        header: &str,
        body: &Value,
    ) -> Answer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let request = format!(
            "{method} {target} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{header}\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            body.len(),
        );
        let mut stream = TcpStream::connect(&self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let (head, text) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head: head.to_owned(), text: text.to_owned() }
    }

    /// A query with an OAuth 1.0a signature.
    pub(crate) fn sign(&self, method: &str, path: &str, query: &str) -> String {
        let nonce = NONCE.fetch_add(1, Ordering::Relaxed).to_string();
        self.sign_as(method, path, query, &nonce, Utc::now().timestamp())
    }

    /// A query with the nonce and timestamp given.
    pub(crate) fn sign_as(
        &self,
        method: &str,
        path: &str,
        query: &str,
        nonce: &str,
        at: i64,
    ) -> String {
        let mut pairs: Vec<(String, String)> =
            url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let plain = pairs.clone();
        let mut lists = 0;
        for (name, _) in &mut pairs {
            if let Some(list) = name.strip_suffix("[]") {
                *name = format!("{list}[{lists}]");
                lists += 1;
            }
        }
        let own = [
            ("oauth_consumer_key", self.key.as_str()),
            ("oauth_nonce", nonce),
            ("oauth_signature_method", "HMAC-SHA256"),
            ("oauth_timestamp", &at.to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        pairs.extend(own.clone());
        pairs.sort();
        let join = |pairs: &[(String, String)]| {
            let pair = |(name, value): &(String, String)| format!("{}={}", code(name), code(value));
            pairs.iter().map(pair).collect::<Vec<_>>().join("&")
        };
        let url = format!("http://{}{path}", self.address);
        let base = format!("{method}&{}&{}", code(&url), code(&join(&pairs)));
        let secret = format!("{}&", self.secret);
        let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        let signature = STANDARD.encode(mac.chain_update(base).finalize().into_bytes());
        let mut sent = plain;
        sent.extend(own);
        format!("{}&oauth_signature={}", join(&sent), code(&signature))
    }
}

pub(crate) fn code(text: &str) -> String {
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let print = |byte: u8| match byte {
        byte if keep(byte) => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(print).collect()
}

pub(crate) fn ids(list: &Value) -> Vec<u64> {
    list.as_array().unwrap().iter().map(|item| item["id"].as_u64().unwrap()).collect()
}

pub(crate) fn order_ids(batch: &str) -> Vec<u64> {
    let mut ids: Vec<u64> = corpus::orders(batch).iter().map(|case| case.id).collect();
    ids.sort_unstable();
    ids
}

pub(crate) fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

#[track_caller]
pub(crate) fn check_error(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.text);
    let body = answer.json();
    assert_eq!(body["code"], code, "{}", answer.text);
    assert_eq!(body["data"]["status"], status, "{}", answer.text);
}
