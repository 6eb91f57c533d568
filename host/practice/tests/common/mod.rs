//! What the tests of the practice Xero share: a client that logs in and sends plain JSON.

#![expect(dead_code, reason = "each test binary uses its own part")]

pub mod openapi;

use std::path::PathBuf;

use serde_json::Value;
use tillbook_practice::xero::Running;

/// The folder of recordings and specifications, or none with one line that says so.
pub fn shared(test: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("TILLBOOK_SHARED").map(PathBuf::from);
    if folder.is_none() {
        println!("{test} skipped: TILLBOOK_SHARED is not set");
    }
    folder
}

/// Reads one JSON file of the shared folder.
pub fn fixture(folder: &std::path::Path, name: &str) -> Value {
    let path = folder.join("fixtures/xero").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("{}", path.display()));
    serde_json::from_str(&text).unwrap()
}

/// A client of one organisation.
pub struct Client {
    pub http: reqwest::Client,
    pub base: String,
    pub tenant: String,
    pub token: String,
}

/// An answer, read.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{}", self.text))
    }

    /// The first element of a collection.
    pub fn first(&self, collection: &str) -> Value {
        self.json()[collection][0].clone()
    }

    /// A header's text; empty when it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// A client for plain HTTP; the TLS provider must be there before reqwest makes any.
pub fn http() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().build().unwrap()
}

impl Client {
    /// Logs in with the app's credentials, for the first organisation.
    pub async fn new(xero: &Running) -> Self {
        Self::for_tenant(xero, &xero.tenant().to_string()).await
    }

    /// Logs in for one organisation.
    pub async fn for_tenant(xero: &Running, tenant: &str) -> Self {
        let http = http();
        let answer = http
            .post(format!("{}/connect/token", xero.base_url()))
            .basic_auth(xero.client_id(), Some(xero.client_secret()))
            .form(&[("grant_type", "client_credentials")])
            .send()
            .await
            .unwrap();
        let body: Value = answer.json().await.unwrap();
        let token = body["access_token"].as_str().unwrap().to_owned();
        Self { http, base: xero.base_url(), tenant: tenant.to_owned(), token }
    }

    /// Prepares a call to the accounting API.
    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        self.http
            .request(method.parse().unwrap(), format!("{}/api.xro/2.0/{path}", self.base))
            .bearer_auth(&self.token)
            .header("Xero-Tenant-Id", &self.tenant)
            .header("Accept", "application/json")
    }

    /// Reads.
    pub async fn get(&self, path: &str) -> Answer {
        read(self.request("GET", path)).await
    }

    /// Sends JSON.
    pub async fn send(&self, method: &str, path: &str, body: &Value) -> Answer {
        read(self.request(method, path).json(body)).await
    }

    /// Creates.
    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send("PUT", path, body).await
    }

    /// Creates or updates.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, body).await
    }
}

/// Sends a request and reads the whole answer.
pub async fn read(request: reqwest::RequestBuilder) -> Answer {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let headers = answer.headers().clone();
    Answer { status, headers, text: answer.text().await.unwrap() }
}
