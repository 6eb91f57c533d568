//! Rate limits by a clock that stands still until it is moved.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::json;
use tillbook_practice::fault::{Fault, FaultRule, Problem};
use tillbook_practice::xero::unknowns::{LimitSpelling, WindowAnchor};
use tillbook_practice::xero::{Clock, LimitOptions, PracticeXero, Preset, Running, Unknowns};

use crate::client::{Answer, Client};

fn noon() -> DateTime<Utc> {
    "2026-11-22T12:00:10Z".parse().unwrap()
}

async fn start(limits: LimitOptions, unknowns: Unknowns) -> (Running, Client) {
    let builder = PracticeXero::builder().organisation(Preset::Gb).organisation(Preset::Nz);
    let builder = builder.clock(Clock::standing(noon())).limits(limits).unknowns(unknowns);
    let xero = builder.start().await.unwrap();
    let client = Client::new(&xero).await;
    (xero, client)
}

/// Asserts a 429 as it was recorded: no body, no content type.
fn check(answer: &Answer, problem: &str, retry_after: &str) {
    assert_eq!(answer.status, 429);
    assert_eq!(answer.text, "");
    assert_eq!(answer.header("content-type"), "");
    assert_eq!(answer.header("x-rate-limit-problem"), problem);
    assert_eq!(answer.header("retry-after"), retry_after);
}

#[tokio::test]
async fn sixty_calls_a_minute_and_then_429_until_the_window_ends() {
    let (xero, client) = start(LimitOptions::default(), Unknowns::default()).await;
    let first = client.get("Organisation").await;
    assert_eq!(first.header("x-minlimit-remaining"), "59");
    assert_eq!(first.header("x-daylimit-remaining"), "4999");
    assert_eq!(first.header("x-appminlimit-remaining"), "9999");
    assert_eq!(first.json()["Id"], first.header("xero-correlation-id"));
    xero.advance(Duration::from_secs(34));
    for _ in 0..59 {
        assert_eq!(client.get("Organisation").await.status, 200);
    }
    let refused = client.get("Organisation").await;
    check(&refused, "minute", "26");
    assert_eq!(xero.violations(), 1);
    assert_eq!(refused.header("x-minlimit-remaining"), "0");
    assert_eq!(refused.header("x-daylimit-remaining"), "4940");
    let other = Client::for_tenant(&xero, &xero.tenants()[1].to_string()).await;
    assert_eq!(other.get("Organisation").await.status, 200);
    xero.advance(Duration::from_secs(25));
    check(&client.get("Organisation").await, "minute", "1");
    xero.advance(Duration::from_secs(1));
    assert_eq!(client.get("Organisation").await.status, 200);
}

#[tokio::test]
async fn a_day_and_an_app_have_limits_of_their_own() {
    let limits = LimitOptions { day: 2, minute: None, ..LimitOptions::default() };
    let (xero, client) = start(limits, Unknowns::default()).await;
    client.get("Organisation").await;
    client.get("Organisation").await;
    check(&client.get("Organisation").await, "day", "86400");
    xero.advance(Duration::from_hours(24));
    let client = Client::new(&xero).await;
    assert_eq!(client.get("Organisation").await.status, 200);
    xero.set_limits(LimitOptions { app_minute: 1, ..LimitOptions::default() });
    check(&client.get("Organisation").await, "appminute", "60");
}

#[tokio::test]
async fn the_strict_spellings_and_windows_differ() {
    let limits = LimitOptions { day: 1, ..LimitOptions::default() };
    let (xero, client) = start(limits, Unknowns::strict()).await;
    client.get("Organisation").await;
    check(&client.get("Organisation").await, "Day", "43190");
    let limits = LimitOptions { minute: Some(1), ..LimitOptions::default() };
    xero.set_limits(limits);
    check(&client.get("Organisation").await, "minute", "50");
    let unknowns = Unknowns::strict();
    assert_eq!(unknowns.limit_spelling, LimitSpelling::Capitalised);
    assert_eq!(unknowns.window_anchor, WindowAnchor::ClockMinute);
}

/// Five calls that take long leave no room for a sixth.
async fn sixth(unknowns: Unknowns) -> Answer {
    let (xero, client) = start(LimitOptions::default(), unknowns).await;
    xero.fault(FaultRule::next(Fault::Stall { ms: 60_000 }).method("PUT").times(5));
    let mut running = Vec::new();
    for _ in 0..5 {
        let request = client.request("PUT", "Contacts").json(&json!({ "Name": "Slow" }));
        running.push(tokio::spawn(request.send()));
    }
    // Only `PUT` stalls: reads succeed until all five are in.
    let refused = loop {
        let answer = client.get("Organisation").await;
        if answer.status == 429 {
            break answer;
        }
        assert_eq!(answer.status, 200);
        tokio::task::yield_now().await;
    };
    for call in running {
        call.abort();
    }
    refused
}

#[tokio::test]
async fn five_calls_at_once() {
    check(&sixth(Unknowns::default()).await, "concurrent", "");
    check(&sixth(Unknowns::strict()).await, "Concurrent", "1");
}

#[tokio::test]
async fn the_minute_limit_can_be_lifted_and_a_fault_can_stand_for_any() {
    let limits = LimitOptions { minute: None, ..LimitOptions::default() };
    let (xero, client) = start(limits, Unknowns::default()).await;
    for _ in 0..70 {
        assert_eq!(client.get("Organisation").await.status, 200);
    }
    let fault = Fault::RateLimit { problem: Problem::Day, retry_after_secs: Some(7) };
    xero.fault(FaultRule::next(fault));
    check(&client.get("Organisation").await, "day", "7");
    assert_eq!(xero.violations(), 0, "a fault is nobody's violation");
    assert_eq!(client.get("Organisation").await.status, 200);
}
