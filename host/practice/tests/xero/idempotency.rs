//! `Idempotency-Key`: six minutes, errors included, one request a key.

use std::time::Duration;

use serde_json::{Value, json};
use tillbook_practice::fault::{Fault, FaultRule};
use tillbook_practice::xero::{Clock, PracticeXero, Preset, Running, Unknowns};

use crate::client::{Answer, Client, invoice, read};

async fn start(unknowns: Unknowns) -> (Running, Client) {
    let clock = Clock::standing("2026-11-22T12:00:00Z".parse().unwrap());
    let builder = PracticeXero::builder().organisation(Preset::Nz).clock(clock);
    let xero = builder.unknowns(unknowns).start().await.unwrap();
    let client = Client::new(&xero).await;
    (xero, client)
}

async fn put(client: &Client, key: &str, body: &Value) -> Answer {
    read(client.request("PUT", "Invoices").header("Idempotency-Key", key).json(body)).await
}

#[tokio::test]
async fn a_repeat_within_six_minutes_is_the_first_answer_again() {
    let (xero, client) = start(Unknowns::default()).await;
    let first = put(&client, "k1", &invoice("AUTHORISED")).await;
    xero.advance(Duration::from_secs(359));
    let again = put(&client, "k1", &invoice("AUTHORISED")).await;
    assert_eq!(first.text, again.text);
    assert!(xero.calls().last().unwrap().replayed);
    assert_eq!(again.header("x-minlimit-remaining"), "59");
    assert_eq!(xero.invoices(xero.tenant()).len(), 1);
    xero.advance(Duration::from_secs(2));
    let later = put(&client, "k1", &invoice("AUTHORISED")).await;
    assert_ne!(first.text, later.text);
    assert_eq!(xero.invoices(xero.tenant()).len(), 2);
}

#[tokio::test]
async fn errors_are_repeated_too() {
    let (xero, client) = start(Unknowns::default()).await;
    let bad = json!({ "Type": "ACCREC" });
    let first = put(&client, "k", &bad).await;
    assert_eq!(first.status, 400);
    assert_eq!(put(&client, "k", &bad).await.text, first.text);
    xero.fault(FaultRule::next(Fault::ServerError { committed: true }).method("PUT"));
    let broken = put(&client, "k5", &invoice("AUTHORISED")).await;
    assert_eq!(broken.status, 500);
    assert_eq!(put(&client, "k5", &invoice("AUTHORISED")).await.status, 500);
    assert_eq!(xero.invoices(xero.tenant()).len(), 1);
}

#[tokio::test]
async fn a_key_belongs_to_one_request() {
    let (xero, client) = start(Unknowns::default()).await;
    put(&client, "k", &invoice("DRAFT")).await;
    let other = put(&client, "k", &invoice("AUTHORISED")).await;
    assert_eq!(other.status, 400);
    let expected = "Idempotency Key: k is used with a different request.";
    assert_eq!(other.json()["Message"], expected);
    xero.set_unknowns(Unknowns::strict());
    assert_eq!(put(&client, "k", &invoice("AUTHORISED")).await.json()["Detail"], expected);
    let long = "k".repeat(129);
    assert_eq!(put(&client, &long, &invoice("DRAFT")).await.status, 400);
    assert_eq!(put(&client, &long[..128], &invoice("DRAFT")).await.status, 200);
    assert_eq!(xero.invoices(xero.tenant()).len(), 2);
}

/// Two calls with one key, the second while the first still runs.
async fn in_flight(unknowns: Unknowns) -> (Answer, Answer, usize) {
    let (xero, client) = start(unknowns).await;
    xero.fault(FaultRule::next(Fault::Stall { ms: 300 }).method("PUT"));
    let request = |client: &Client| {
        let request = client.request("PUT", "Invoices").header("Idempotency-Key", "k");
        read(request.json(&invoice("AUTHORISED")))
    };
    let first = tokio::spawn(request(&client));
    while !xero.pending_faults().is_empty() {
        tokio::task::yield_now().await;
    }
    let second = request(&client).await;
    (first.await.unwrap(), second, xero.invoices(xero.tenant()).len())
}

#[tokio::test]
async fn a_repeat_of_a_running_call_waits_or_is_refused() {
    let (first, second, made) = in_flight(Unknowns::default()).await;
    assert_eq!((first.status, made), (200, 1));
    assert_eq!(first.text, second.text);
    let (first, second, made) = in_flight(Unknowns::strict()).await;
    assert_eq!((first.status, second.status, made), (200, 409, 1));
}

#[tokio::test]
async fn a_lost_answer_is_found_again_under_its_key() {
    let (xero, client) = start(Unknowns::default()).await;
    xero.fault(FaultRule::next(Fault::DropAfter).method("PUT").path("/api.xro/2.0/invoices"));
    let request = client.request("PUT", "Invoices").header("Idempotency-Key", "k");
    assert!(request.json(&invoice("AUTHORISED")).send().await.is_err());
    assert_eq!(xero.invoices(xero.tenant()).len(), 1);
    assert_eq!(xero.calls().last().unwrap().status, 0);
    let again = put(&client, "k", &invoice("AUTHORISED")).await;
    assert_eq!(again.first("Invoices")["InvoiceNumber"], "INV-0001");
    assert_eq!(xero.invoices(xero.tenant()).len(), 1);
}
