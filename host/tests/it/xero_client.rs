//! The client against the practice Xero: limits, faults, tokens, and bytes that nobody touches.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::Method;
use serde_json::Value;
use serde_json::value::RawValue;
use tillbook::config::{Secret, XeroConfig};
use tillbook::time::{Clock, Timestamp};
use tillbook::xero_client::{Failure, XeroClient};
use tillbook_practice::fault::{Fault, FaultRule, Problem};
use tillbook_practice::xero::{LimitOptions, PracticeXero, Preset, Running};

/// A clock that moves only when it is told to.
#[derive(Debug)]
struct TestClock(Mutex<Timestamp>);

impl TestClock {
    fn start() -> Arc<Self> {
        Arc::new(Self(Mutex::new(Timestamp::from_ms(1_000_000))))
    }

    fn advance(&self, by: Duration) {
        let mut now = self.0.lock().unwrap();
        *now = now.plus(by);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

async fn practice() -> Running {
    PracticeXero::builder().organisation(Preset::Gb).strict_accept().start().await.unwrap()
}

fn config(xero: &Running) -> XeroConfig {
    XeroConfig {
        api_url: format!("{}/api.xro/2.0", xero.base_url()),
        identity_url: format!("{}/connect/token", xero.base_url()),
        client_id: xero.client_id().to_owned(),
        client_secret: Secret::new(xero.client_secret()),
        tenant_id: xero.tenant().to_string(),
        timeout_secs: 5,
        ..XeroConfig::default()
    }
}

fn client(xero: &Running) -> (XeroClient, Arc<TestClock>) {
    let clock = TestClock::start();
    (XeroClient::new(&config(xero), clock.clone()).unwrap(), clock)
}

fn invoice(number: &str) -> String {
    format!(
        r##"{{"Type":"ACCREC","Contact":{{"Name":"Online customers"}},"InvoiceNumber":"{number}","Reference":"#{number}","Date":"2026-11-20","DueDate":"2026-11-20","LineAmountTypes":"Exclusive","CurrencyCode":"GBP","Status":"AUTHORISED","LineItems":[{{"Description":"Tea","Quantity":3,"UnitAmount":3.3333,"AccountCode":"200","TaxType":"OUTPUT2"}}]}}"##
    )
}

async fn put(client: &XeroClient, key: &str, bodies: &[&str]) -> Result<u16, Failure> {
    let body = format!("{{\"Invoices\":[{}]}}", bodies.join(","));
    let path = "/Invoices?summarizeErrors=false&unitdp=4";
    client.send(Method::PUT, path, key, body.as_bytes()).await.map(|response| response.status)
}

/// Looks an invoice up by its number.
async fn find(client: &XeroClient, number: &str) -> Result<Vec<Box<RawValue>>, Failure> {
    client.read_once(&format!("Invoices?InvoiceNumbers={number}")).await
}

/// The invoices of the last answer to a call that writes.
fn answered(xero: &Running) -> Vec<Value> {
    let call = xero.calls().into_iter().rfind(|call| call.method == "PUT").unwrap();
    let answer: Value = serde_json::from_str(&call.response_body).unwrap();
    answer["Invoices"].as_array().unwrap().clone()
}

fn writes(xero: &Running) -> usize {
    xero.calls().iter().filter(|call| call.method == "PUT").count()
}

#[tokio::test]
async fn bytes_arrive_untouched_with_every_header() {
    let xero = practice().await;
    let (client, _) = client(&xero);
    let (first, second) = (invoice("W-1"), invoice("W-2"));
    assert_eq!(put(&client, "key-1", &[&first, &second]).await.unwrap(), 200);
    let call = xero.calls().into_iter().find(|call| call.method == "PUT").unwrap();
    assert_eq!(call.request_body, format!("{{\"Invoices\":[{first},{second}]}}"));
    assert_eq!(call.query, "summarizeErrors=false&unitdp=4");
    let header = |name: &str| {
        call.request_headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    };
    assert_eq!(header("idempotency-key"), Some("key-1"));
    assert_eq!(header("accept"), Some("application/json"));
    assert_eq!(header("xero-tenant-id"), Some(xero.tenant().to_string().as_str()));
    let answer = answered(&xero);
    assert_eq!(answer.len(), 2);
    // 3 × 3.3333 = 10.00 and 20 %: four decimals were kept, else it would be 9.99.
    assert_eq!(answer[0]["Total"], 12.0);
    assert_eq!(answer[1]["InvoiceNumber"], "W-2");
    xero.shutdown().await;
}

#[tokio::test]
async fn a_bad_document_is_refused_alone() {
    let xero = practice().await;
    let (client, _) = client(&xero);
    let bad = invoice("W-2").replace("\"200\"", "\"999\"");
    put(&client, "k", &[&invoice("W-1"), &bad, &invoice("W-3")]).await.unwrap();
    let refused: Vec<bool> =
        answered(&xero).iter().map(|one| one["StatusAttributeString"] == "ERROR").collect();
    assert_eq!(refused, [false, true, false]);
    assert_eq!(xero.invoices(xero.tenant()).len(), 2);
    xero.shutdown().await;
}

#[tokio::test]
async fn the_token_is_asked_for_once_and_again_when_it_expires() {
    let xero = practice().await;
    let (client, clock) = client(&xero);
    let tokens = || xero.calls().iter().filter(|call| call.path == "/connect/token").count();
    for _ in 0..3 {
        client.read_organisation().await.unwrap();
    }
    assert_eq!(tokens(), 1);
    // Xero forgets it: one 401, one new token, and the call goes through.
    xero.expire_access_tokens();
    client.read_organisation().await.unwrap();
    assert_eq!(tokens(), 2);
    // Before it gets old it is renewed without a 401.
    clock.advance(Duration::from_mins(25));
    let refused = xero.calls().iter().filter(|call| call.status == 401).count();
    client.read_organisation().await.unwrap();
    assert_eq!(tokens(), 3);
    assert_eq!(xero.calls().iter().filter(|call| call.status == 401).count(), refused);
    // A write survives an expired token too: 401 says that nothing was done.
    xero.expire_access_tokens();
    assert_eq!(put(&client, "k", &[&invoice("W-1")]).await.unwrap(), 200);
    assert_eq!(xero.invoices(xero.tenant()).len(), 1);
    xero.shutdown().await;
}

#[tokio::test]
async fn a_wrong_secret_is_refused_in_words_and_never_shown() {
    let xero = practice().await;
    let mut config = config(&xero);
    config.client_secret = Secret::new("hunter2");
    let client = XeroClient::new(&config, TestClock::start()).unwrap();
    let failure = client.read_organisation().await.unwrap_err();
    assert!(matches!(&failure, Failure::Refused { message, .. } if message.contains("no token")));
    assert!(!format!("{failure:?} {client:?}").contains("hunter2"));
    xero.shutdown().await;
}

#[tokio::test]
async fn each_kind_of_429_is_surely_not_done() {
    let cases = [
        (Problem::Minute, Some(26), 26),
        (Problem::Day, Some(7_200), 7_200),
        (Problem::AppMinute, Some(3), 3),
        (Problem::Concurrent, None, 1),
    ];
    for (problem, retry_after_secs, expected) in cases {
        let xero = practice().await;
        let (client, clock) = client(&xero);
        client.read_organisation().await.unwrap();
        let fault = Fault::RateLimit { problem, retry_after_secs };
        xero.fault(FaultRule::next(fault).method("PUT"));
        let failure = put(&client, "k", &[&invoice("W-1")]).await.unwrap_err();
        let Failure::NotDone { retry_after, .. } = failure else { panic!("{failure:?}") };
        assert_eq!(retry_after, Duration::from_secs(expected), "{problem:?}");
        // Until then nothing is sent at all.
        let before = xero.calls().len();
        clock.advance(retry_after.saturating_sub(Duration::from_millis(1)));
        assert!(put(&client, "k2", &[&invoice("W-1")]).await.is_err());
        assert!(client.wait_until().await.is_some());
        assert_eq!(xero.calls().len(), before);
        clock.advance(Duration::from_millis(1));
        assert_eq!(client.wait_until().await, None);
        assert_eq!(put(&client, "k2", &[&invoice("W-1")]).await.unwrap(), 200);
        xero.shutdown().await;
    }
}

#[tokio::test]
async fn a_lost_or_torn_answer_leaves_the_outcome_unknown() {
    for (fault, done) in [(Fault::DropAfter, 1), (Fault::TornBody, 1), (Fault::DropBefore, 0)] {
        let xero = practice().await;
        let (client, _) = client(&xero);
        xero.fault(FaultRule::next(fault.clone()).method("PUT"));
        let failure = put(&client, "k", &[&invoice("W-1")]).await.unwrap_err();
        assert!(
            matches!(failure, Failure::Unknown { answered: false, .. }),
            "{fault:?} {failure:?}"
        );
        assert_eq!(xero.invoices(xero.tenant()).len(), done, "{fault:?}");
        // The same bytes under the same key: done once, whatever happened before.
        assert_eq!(put(&client, "k", &[&invoice("W-1")]).await.unwrap(), 200);
        assert_eq!(xero.invoices(xero.tenant()).len(), 1);
        xero.shutdown().await;
    }
}

#[tokio::test]
async fn a_server_in_trouble_answers_and_the_answer_comes_back() {
    for (fault, status) in [
        (Fault::Unavailable, 503),
        (Fault::ServerError { committed: true }, 500),
        (Fault::ServerError { committed: false }, 500),
    ] {
        let xero = practice().await;
        let (client, _) = client(&xero);
        xero.fault(FaultRule::next(fault.clone()).method("PUT"));
        assert_eq!(put(&client, "k", &[&invoice("W-1")]).await.unwrap(), status, "{fault:?}");
        xero.fault(FaultRule::next(fault).method("GET"));
        let failure = find(&client, "W-1").await.unwrap_err();
        assert!(matches!(failure, Failure::NotDone { .. }), "{failure:?}");
        xero.shutdown().await;
    }
}

#[tokio::test]
async fn an_answer_over_the_limit_is_not_read() {
    let xero = practice().await;
    let mut config = config(&xero);
    config.response_bytes_max = 2_000;
    let client = XeroClient::new(&config, TestClock::start()).unwrap();
    client.read_organisation().await.unwrap();
    let failure = client.read_chart().await.unwrap_err();
    assert!(matches!(&failure, Failure::Refused { message, .. } if message.contains("2000 bytes")));
    let failure = put(&client, "k", &[&invoice("W-1"), &invoice("W-2")]).await.unwrap_err();
    assert!(matches!(failure, Failure::Unknown { .. }), "{failure:?}");
    xero.shutdown().await;
}

#[tokio::test]
async fn never_more_calls_in_a_minute_than_configured() {
    let xero = practice().await;
    let (client, clock) = client(&xero);
    let mut sent = 0;
    while find(&client, "W-1").await.is_ok() {
        sent += 1;
        assert!(sent <= 60);
    }
    assert_eq!(sent, 60);
    assert!(xero.calls().iter().all(|call| call.status == 200));
    clock.advance(Duration::from_millis(60_001));
    xero.advance(Duration::from_millis(60_001));
    find(&client, "W-1").await.unwrap();
    xero.shutdown().await;
}

#[tokio::test]
async fn the_servers_own_count_is_believed() {
    let xero = practice().await;
    // Somebody else uses the same app: three calls are left.
    let (other, _) = client(&xero);
    for _ in 0..57 {
        find(&other, "W-1").await.unwrap();
    }
    let (client, _) = client(&xero);
    let mut sent = 0;
    while find(&client, "W-1").await.is_ok() {
        sent += 1;
    }
    assert_eq!(sent, 3);
    assert!(xero.calls().iter().all(|call| call.status == 200), "a 429 was provoked");
    xero.shutdown().await;
}

#[tokio::test]
async fn no_more_than_five_are_in_flight() {
    let xero = PracticeXero::builder()
        .organisation(Preset::Gb)
        .latency(Duration::from_millis(300))
        .start()
        .await
        .unwrap();
    let (client, _) = client(&xero);
    let client = &client;
    client.read_organisation().await.unwrap();
    let calls: Vec<_> = (0..12).map(|_| find(client, "W-1")).collect();
    let results = futures_util::future::join_all(calls).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 5);
    assert!(
        results
            .iter()
            .all(|result| { result.is_ok() || matches!(result, Err(Failure::NotDone { .. })) })
    );
    assert!(xero.calls().iter().all(|call| call.status == 200), "a 429 was provoked");
    xero.shutdown().await;
}

#[tokio::test]
async fn a_smaller_minute_limit_is_kept() {
    let xero = practice().await;
    xero.set_limits(LimitOptions { minute: Some(10), ..LimitOptions::default() });
    let config = XeroConfig { calls_per_minute: 10, ..config(&xero) };
    let client = XeroClient::new(&config, TestClock::start()).unwrap();
    let mut sent = 0;
    while find(&client, "W-1").await.is_ok() {
        sent += 1;
    }
    assert_eq!(sent, 10);
    assert!(xero.calls().iter().all(|call| call.status == 200));
    xero.shutdown().await;
}

#[tokio::test]
async fn nothing_listens_means_surely_not_done() {
    let xero = practice().await;
    let config = config(&xero);
    let (client, _) = client(&xero);
    client.read_organisation().await.unwrap();
    xero.shutdown().await;
    let failure = put(&client, "k", &[&invoice("W-1")]).await.unwrap_err();
    assert!(matches!(failure, Failure::NotDone { .. } | Failure::Unknown { .. }), "{failure:?}");
    let fresh = XeroClient::new(&config, TestClock::start()).unwrap();
    let failure = put(&fresh, "k", &[&invoice("W-1")]).await.unwrap_err();
    assert!(matches!(failure, Failure::NotDone { .. }), "{failure:?}");
}

#[tokio::test]
async fn finds_by_number_and_reads_the_whole_chart() {
    let xero = practice().await;
    let (client, _) = client(&xero);
    put(&client, "k", &[&invoice("W-1"), &invoice("W-2")]).await.unwrap();
    let found = find(&client, "W-2,W-9").await.unwrap();
    let [element] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(XeroClient::text_field(element, "Reference").as_deref(), Some("#W-2"));
    let (all, last) = client.read_page("Invoices", 1).await.unwrap();
    assert_eq!((all.len(), last), (2, true));
    let chart = client.read_chart().await.unwrap();
    assert_eq!(chart.organisation_field("BaseCurrency").as_deref(), Some("GBP"));
    let input = chart.as_input();
    assert!(input.tax_rates.unwrap().get().contains("OUTPUT2"));
    assert_eq!(writes(&xero), 1);
    xero.shutdown().await;
}

#[test]
fn secrets_travel_only_over_tls_or_to_this_machine() {
    for (url, good) in [
        ("https://api.xero.com/api.xro/2.0", true),
        ("http://127.0.0.1:9/api.xro/2.0", true),
        ("http://localhost:9", true),
        ("http://api.xero.com", false),
        ("http://localhost.example.com", false),
        ("nonsense", false),
    ] {
        let config = XeroConfig { api_url: url.to_owned(), ..XeroConfig::default() };
        assert_eq!(XeroClient::new(&config, TestClock::start()).is_ok(), good, "{url}");
    }
}
