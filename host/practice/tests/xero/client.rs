//! What the tests share: a client that logs in, sends plain JSON, and holds every exchange
//! against Xero's OpenAPI file where that is at hand.

use std::path::PathBuf;

use serde_json::{Value, json};
use tillbook_practice::xero::{PracticeXero, Preset, Running};

use crate::openapi;

/// The folder of recordings and specifications, or none with one line that says so.
pub(crate) fn shared(test: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("TILLBOOK_SHARED").map(PathBuf::from);
    if folder.is_none() {
        println!("{test} skipped: TILLBOOK_SHARED is not set");
    }
    folder
}

/// Reads one JSON file of the shared folder.
pub(crate) fn fixture(folder: &std::path::Path, name: &str) -> Value {
    let path = folder.join("fixtures/xero").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("{}", path.display()));
    serde_json::from_str(&text).unwrap()
}

/// A client of one organisation.
pub(crate) struct Client {
    pub(crate) http: reqwest::Client,
    pub(crate) base: String,
    pub(crate) tenant: String,
    pub(crate) token: String,
}

/// An answer, read.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{}", self.text))
    }

    /// The first element of a collection.
    pub(crate) fn first(&self, collection: &str) -> Value {
        self.json()[collection][0].clone()
    }

    /// A header's text; empty when it is absent.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// A client for plain HTTP; the TLS provider must be there before reqwest makes any.
pub(crate) fn http() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().build().unwrap()
}

impl Client {
    /// Logs in with the app's credentials, for the first organisation.
    pub(crate) async fn new(xero: &Running) -> Self {
        Self::for_tenant(xero, &xero.tenant().to_string()).await
    }

    /// Logs in for one organisation.
    pub(crate) async fn for_tenant(xero: &Running, tenant: &str) -> Self {
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
    pub(crate) fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        self.http
            .request(method.parse().unwrap(), format!("{}/api.xro/2.0/{path}", self.base))
            .bearer_auth(&self.token)
            .header("Xero-Tenant-Id", &self.tenant)
            .header("Accept", "application/json")
    }

    /// Reads.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        let answer = read(self.request("GET", path)).await;
        openapi::check_answer("GET", path, answer.status, &answer.text);
        answer
    }

    /// Sends JSON.
    pub(crate) async fn send(&self, method: &str, path: &str, body: &Value) -> Answer {
        let answer = read(self.request(method, path).json(body)).await;
        openapi::check_answer(method, path, answer.status, &answer.text);
        answer
    }

    /// Creates.
    pub(crate) async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send("PUT", path, body).await
    }

    /// Creates or updates.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, body).await
    }
}

/// Sends a request and reads the whole answer.
pub(crate) async fn read(request: reqwest::RequestBuilder) -> Answer {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let headers = answer.headers().clone();
    Answer { status, headers, text: answer.text().await.unwrap() }
}

/// One Australian organisation and a client for it.
pub(crate) async fn start() -> (Running, Client) {
    start_as(Preset::Au).await
}

/// One organisation and a client for it.
pub(crate) async fn start_as(preset: Preset) -> (Running, Client) {
    let builder = PracticeXero::builder().organisation(preset).lift_minute_limit();
    let xero = builder.start().await.unwrap();
    let client = Client::new(&xero).await;
    (xero, client)
}

/// An invoice over 100.00 and the account's own tax.
pub(crate) fn invoice(status: &str) -> Value {
    json!({
        "Type": "ACCREC",
        "Contact": { "Name": "Ada Lovelace" },
        "Date": "2026-11-01",
        "DueDate": "2026-11-15",
        "Status": status,
        "LineItems": [{
            "Description": "Loom", "Quantity": 2, "UnitAmount": 50, "AccountCode": "200",
        }],
    })
}

/// Errors element by element.
pub(crate) const LENIENT: &str = "summarizeErrors=false";

/// Creates one document and gives its id.
pub(crate) async fn document_id(client: &Client, collection: &str, body: &Value) -> String {
    let answer = client.put(collection, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let key = format!("{}ID", collection.trim_end_matches('s'));
    answer.first(collection)[key].as_str().unwrap().to_owned()
}

/// The first sentence that refused the first element.
pub(crate) fn refusal(answer: &Answer, collection: &str) -> String {
    let element = answer.first(collection);
    assert_eq!(element["StatusAttributeString"], "ERROR", "{element:#}");
    element["ValidationErrors"][0]["Message"].as_str().unwrap().to_owned()
}
