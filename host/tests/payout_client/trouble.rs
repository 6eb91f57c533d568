//! Gateways that refuse, answer late, oddly or not at all.

use std::time::Duration;

use chrono::{DateTime, Utc};
use miette::Diagnostic as _;
use serde_json::{Value, json};
use tillbook::config::{Config, PaypalConfig, Secret, StripeConfig};
use tillbook::facts::FactsError;
use tillbook::payout_client::{Limits, PayoutClient, PayoutError};
use tillbook::shop_client::ShopClientError;
use tillbook_core::shop::payout::Source;
use tillbook_practice::fault::{Fault, FaultRule, Problem};
use tillbook_practice::shop::{Fault as ShopFault, PracticeShop, Running};

use crate::script::{Said, Script, param};
use crate::{client, config, day, open, quick, shop_client};

const SECRET: &str = "sk_live_hunter2hunter2";

async fn read(client: &PayoutClient) -> Result<usize, PayoutError> {
    let raw = client.read(day("2026-11-01"), day("2026-11-07")).await?;
    Ok(raw.payouts.len() + raw.entries.len())
}

fn stripe_at(url: &str) -> PayoutClient {
    let config = StripeConfig { url: url.to_owned(), secret_key: Secret::new(SECRET) };
    PayoutClient::stripe(&config).unwrap().with_limits(quick())
}

fn paypal_at(url: &str) -> PayoutClient {
    let (client_id, client_secret) = ("app".to_owned(), Secret::new(SECRET));
    let config = PaypalConfig { url: url.to_owned(), client_id, client_secret };
    PayoutClient::paypal(&config).unwrap().with_limits(quick())
}

fn woopayments_at(url: &str) -> PayoutClient {
    PayoutClient::woopayments(&shop_client(url, "ck", "cs")).with_limits(quick())
}

/// Lets calls of Stripe's or PayPal's desk go wrong; of PayPal's only searches.
fn fault(shop: &Running, source: Source, fault: Fault, times: u64) {
    let rule = FaultRule::next(fault).times(times);
    match source {
        Source::Stripe => shop.stripe.as_ref().unwrap().fault(rule),
        _ => shop.paypal.as_ref().unwrap().fault(rule.path("/v1/reporting")),
    }
}

#[tokio::test]
async fn what_is_not_configured_is_named() {
    let shop = shop_client("http://127.0.0.1:9", "ck", "cs");
    let wanted = |source, config: &Config| PayoutClient::for_source(source, config, &shop);
    let mut config = Config::default();
    let setting = |result: Result<PayoutClient, PayoutError>| match result.unwrap_err() {
        PayoutError::NotConfigured { setting, .. } => setting,
        other => panic!("{other:?}"),
    };
    assert_eq!(setting(wanted(Source::Stripe, &config)), "stripe.secret_key");
    assert_eq!(setting(wanted(Source::Paypal, &config)), "paypal.client_id");
    assert!(!config.has_stripe() && !config.has_paypal());
    config.paypal.client_id = "app".to_owned();
    assert!(config.has_paypal());
    assert_eq!(setting(wanted(Source::Paypal, &config)), "paypal.client_secret");
    let error = wanted(Source::Paypal, &config).unwrap_err();
    assert_eq!(error.to_string(), "PayPal is not configured: `paypal.client_secret` is empty");
    assert!(matches!(wanted(Source::Csv, &config), Err(PayoutError::NoFile)));
    assert!(wanted(Source::Woopayments, &config).is_ok());
    config.stripe.secret_key = Secret::new(format!("{SECRET}\n"));
    let error = wanted(Source::Stripe, &config).unwrap_err();
    assert!(matches!(error, PayoutError::Key { setting: "stripe.secret_key" }), "{error:?}");
    config.stripe.secret_key = Secret::new(SECRET);
    for url in ["http://api.stripe.com", "api.stripe.com", "ftp://127.0.0.1"] {
        config.stripe.url = url.to_owned();
        let error = wanted(Source::Stripe, &config).unwrap_err();
        let PayoutError::Address { setting: "stripe.url", value, .. } = &error else {
            panic!("{error:?}");
        };
        assert_eq!(value, url);
    }
}

#[tokio::test]
async fn a_refused_key_says_what_to_do_and_is_not_shown() {
    let shop = open("AU-incl", 7).await;
    let mut config = config(&shop);
    config.stripe.secret_key = Secret::new(SECRET);
    config.paypal.client_secret = Secret::new(SECRET);
    let own = shop_client(&shop.base_url, "ck_unknown", SECRET);
    for source in [Source::Stripe, Source::Paypal, Source::Woopayments] {
        let client = PayoutClient::for_source(source, &config, &own).unwrap();
        let error = read(&client).await.unwrap_err();
        match &error {
            PayoutError::Unauthorised { status: 401, message, .. } => {
                assert!(!message.is_empty());
            }
            PayoutError::Shop(ShopClientError::Unauthorised { .. }) => {
                assert_eq!(source, Source::Woopayments);
            }
            other => panic!("{other:?}"),
        }
        let help = error.help().unwrap().to_string();
        assert!(help.contains("key") || help.contains("paypal.client_id"), "{help}");
        let shown = format!("{error} {error:?} {client:?} {config:?}");
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(!error.is_passing());
        assert_eq!(FactsError::from(error).retry_after, Duration::from_mins(15));
    }
}

#[tokio::test]
async fn passing_trouble_is_tried_again() {
    let shop = open("AU-incl", 7).await;
    for source in [Source::Stripe, Source::Paypal] {
        let client = client(&shop, source);
        let all = read(&client).await.unwrap();
        assert!(all > 0);
        for (trouble, times) in [
            (Fault::ServerError { committed: false }, 3),
            (Fault::Unavailable, 2),
            (Fault::RateLimit { problem: Problem::Minute, retry_after_secs: None }, 3),
            (Fault::RateLimit { problem: Problem::Minute, retry_after_secs: Some(0) }, 1),
            (Fault::TornBody, 3),
            (Fault::DropBefore, 3),
        ] {
            fault(&shop, source, trouble.clone(), times);
            assert_eq!(read(&client).await.unwrap(), all, "{source:?} {trouble:?}");
        }
    }
}

#[tokio::test]
async fn trouble_that_stays_is_classed() {
    let shop = open("AU-incl", 7).await;
    for source in [Source::Stripe, Source::Paypal] {
        let client = client(&shop, source);
        fault(&shop, source, Fault::ServerError { committed: false }, 4);
        let error = read(&client).await.unwrap_err();
        assert!(matches!(error, PayoutError::Unavailable { status: 500, attempts: 4, .. }));
        assert!(error.is_passing());
        let class = FactsError::from(error);
        assert!(class.message.contains("answered 500 after 4 tries"), "{class}");
        assert_eq!(class.retry_after, Duration::from_mins(1));

        fault(&shop, source, Fault::TornBody, 4);
        let error = read(&client).await.unwrap_err();
        assert!(matches!(error, PayoutError::Unreachable { attempts: 4, .. }), "{error:?}");
        assert!(error.is_passing() && !format!("{error:?}").contains("start_date"));

        let limit = |secs| Fault::RateLimit { problem: Problem::Minute, retry_after_secs: secs };
        fault(&shop, source, limit(None), 4);
        let error = read(&client).await.unwrap_err();
        assert!(matches!(error, PayoutError::TooManyRequests { retry_after: None, .. }));
        // A gateway that asks for a long rest gets it at once.
        fault(&shop, source, limit(Some(3_600)), 1);
        let class = FactsError::from(read(&client).await.unwrap_err());
        assert_eq!(class.retry_after, Duration::from_hours(1));
        assert!(read(&client).await.is_ok());
    }
}

#[tokio::test]
async fn a_slow_gateway_is_left() {
    let shop = open("AU-incl", 7).await;
    let limits = Limits { request_timeout: Duration::from_millis(200), ..quick() };
    let client = client(&shop, Source::Stripe).with_limits(Limits { attempts_max: 2, ..limits });
    fault(&shop, Source::Stripe, Fault::Stall { ms: 5_000 }, 2);
    let error = read(&client).await.unwrap_err();
    let PayoutError::Unreachable { attempts: 2, source, .. } = error else { panic!("{error:?}") };
    assert!(source.is_timeout());
}

#[tokio::test]
async fn a_token_is_kept_and_renewed() {
    let shop = open("AU-incl", 7).await;
    let paypal = shop.paypal.as_ref().unwrap();
    let tokens = || paypal.requests().iter().filter(|call| call.starts_with("POST")).count();
    let client = client(&shop, Source::Paypal);
    read(&client).await.unwrap();
    read(&client.clone()).await.unwrap();
    assert_eq!(tokens(), 1);
    fault(&shop, Source::Paypal, Fault::ExpiredToken, 1);
    read(&client).await.unwrap();
    assert_eq!(tokens(), 2);
    fault(&shop, Source::Paypal, Fault::ExpiredToken, 2);
    let error = read(&client).await.unwrap_err();
    assert!(matches!(error, PayoutError::Unauthorised { status: 401, .. }), "{error:?}");
    assert_eq!(tokens(), 3);
}

#[tokio::test]
async fn a_shop_without_the_plugin_says_so() {
    let shop = PracticeShop::builder().batch("AU-incl").start().await.unwrap();
    let error = read(&client(&shop, Source::Woopayments)).await.unwrap_err();
    assert!(matches!(error, PayoutError::NoPlugin), "{error:?}");
    assert!(error.to_string().contains("no WooPayments"), "{error}");
    assert!(error.help().unwrap().to_string().contains("install"));
}

#[tokio::test]
async fn the_shop_s_trouble_is_its_own() {
    let shop = open("AU-incl", 7).await;
    let client = client(&shop, Source::Woopayments);
    let all = read(&client).await.unwrap();
    let status = |status| ShopFault::Status { status, retry_after_secs: None };
    shop.fail_next([status(502), status(429), status(500)]);
    assert_eq!(read(&client).await.unwrap(), all);
    shop.fail_next([500; 4].map(status));
    let error = read(&client).await.unwrap_err();
    let unavailable = matches!(
        error,
        PayoutError::Shop(ShopClientError::Unavailable { status: 500, attempts: 4 })
    );
    assert!(unavailable && error.is_passing(), "{error:?}");
    assert_eq!(FactsError::from(error).retry_after, Duration::from_mins(1));
    shop.fail_next([ShopFault::Status { status: 429, retry_after_secs: Some(3_600) }]);
    let class = FactsError::from(read(&client).await.unwrap_err());
    assert_eq!(class.retry_after, Duration::from_hours(1));
    shop.fail_next([ShopFault::PhpWarning]);
    let error = read(&client).await.unwrap_err();
    assert!(matches!(error, PayoutError::Shop(ShopClientError::Shape { .. })), "{error:?}");
}

/// An answer that serves as a token and as a page of any list.
fn parrot() -> String {
    let detail = json!({"transaction_info": {"transaction_id": "1"}});
    json!({
        "access_token": "t0ken", "expires_in": 100,
        "transaction_details": [detail], "total_pages": 3,
        "data": [{"id": "po_1"}], "has_more": true, "total_count": 9,
    })
    .to_string()
}

#[tokio::test]
async fn a_list_that_does_not_move_on_is_named() {
    let script = Script::start(|_| (200, "", parrot())).await;
    for client in [stripe_at(&script.url), paypal_at(&script.url), woopayments_at(&script.url)] {
        let error = read(&client).await.unwrap_err();
        assert!(matches!(error, PayoutError::Shape { .. }), "{error:?}");
        assert!(!error.is_passing());
    }
}

#[tokio::test]
async fn a_list_without_end_is_refused() {
    let shop = open("AU-incl", 7).await;
    for source in [Source::Stripe, Source::Paypal, Source::Woopayments] {
        let limits = Limits { rows_per_page: 1, list_pages_max: 2, ..quick() };
        let client = client(&shop, source).with_limits(limits);
        let error = client.read(day("2026-09-01"), day("2026-11-30")).await.unwrap_err();
        assert!(matches!(error, PayoutError::ListTooLong { pages_max: 2, .. }), "{error:?}");
    }
}

#[tokio::test]
async fn answers_that_cannot_be_read_are_named() {
    let html = || (200, "Content-Type: text/html\r\n", format!("<html>{SECRET}</html>"));
    let script = Script::start(move |_| html()).await;
    for client in [stripe_at(&script.url), paypal_at(&script.url)] {
        let error = read(&client).await.unwrap_err();
        let PayoutError::Shape { why, .. } = &error else { panic!("{error:?}") };
        assert!(why.contains("no JSON") && !why.contains("hunter2"), "{why}");
    }
    let elsewhere = "Location: https://api.example/v1?key=1\r\n";
    let script = Script::start(move |_| (307, elsewhere, String::new())).await;
    let error = read(&stripe_at(&script.url)).await.unwrap_err();
    let PayoutError::Redirected { to, .. } = error else { panic!("{error:?}") };
    assert_eq!(to, "https://api.example/v1");

    let script = Script::start(|_| (200, "", " ".repeat(2_000))).await;
    let limits = Limits { response_bytes_max: 1_999, ..quick() };
    let error = read(&stripe_at(&script.url).with_limits(limits)).await.unwrap_err();
    assert!(matches!(error, PayoutError::TooLarge { bytes_max: 1_999, .. }), "{error:?}");

    let refusal = json!({"name": "INVALID_REQUEST", "message": "No.", "details": [{"issue": "x"}]});
    let script = Script::start(move |target| match target {
        "/v1/oauth2/token" => (200, "", parrot()),
        _ => (400, "", refusal.to_string()),
    })
    .await;
    let error = read(&paypal_at(&script.url)).await.unwrap_err();
    assert_eq!(error.to_string(), "PayPal refused the request (400 INVALID_REQUEST): No. (x)");
    // A permission that is missing is one for a person.
    let script =
        Script::start(|_| (403, "", json!({"message": "NOT_AUTHORIZED"}).to_string())).await;
    let error = read(&stripe_at(&script.url)).await.unwrap_err();
    assert!(matches!(error, PayoutError::Unauthorised { status: 403, .. }), "{error:?}");
}

#[tokio::test]
async fn payouts_by_hand_are_not_asked_for_their_rows() {
    let script = Script::start(|target| {
        let payout = |id: &str, automatic: bool| json!({"id": id, "automatic": automatic});
        let body = if target.starts_with("/v1/payouts") {
            json!({"data": [payout("po_1", false), payout("po_2", true)], "has_more": false})
        } else {
            assert_eq!(param(target, "payout").as_deref(), Some("po_2"), "{target}");
            json!({"data": [{"id": "txn_1", "amount": 1}], "has_more": false})
        };
        (200, "", body.to_string())
    })
    .await;
    let raw = stripe_at(&script.url).read(day("2026-11-01"), day("2026-11-07")).await.unwrap();
    assert_eq!(raw.payouts.len(), 2);
    assert_eq!(raw.entries[0].get(), r#"{"amount":1,"id":"txn_1","payout":"po_2"}"#);
    assert_eq!(script.heard().len(), 2);
}

fn moment(target: &str, name: &str) -> DateTime<Utc> {
    param(target, name).unwrap().parse().unwrap()
}

/// Answers a search of PayPal's by its two moments; tokens are given.
async fn paypal_script(
    answer: impl Fn(DateTime<Utc>, DateTime<Utc>) -> (u16, Value) + Send + 'static,
) -> Script {
    Script::start(move |target| -> Said {
        if target.starts_with("/v1/oauth2") {
            return (200, "", json!({"access_token": "t", "expires_in": 32_400}).to_string());
        }
        let (status, body) = answer(moment(target, "start_date"), moment(target, "end_date"));
        (status, "", body.to_string())
    })
    .await
}

fn row(id: &str, at: DateTime<Utc>, code: &str, value: &str, currency: &str) -> Value {
    json!({"transaction_info": {
        "transaction_id": id, "transaction_event_code": code, "transaction_status": "S",
        "transaction_initiation_date": at.format("%Y-%m-%dT%H:%M:%S+0000").to_string(),
        "transaction_amount": {"currency_code": currency, "value": value},
    }})
}

#[tokio::test]
async fn a_search_that_finds_too_much_is_halved() {
    let script = paypal_script(|start, end| {
        if (end - start).num_hours() > 50 {
            return (400, json!({"name": "RESULTSET_TOO_LARGE", "message": "Too much."}));
        }
        let row = row(&start.to_rfc3339(), start, "T0006", "1.00", "AUD");
        (200, json!({"transaction_details": [row], "total_pages": 1}))
    })
    .await;
    let limits = Limits { list_pages_max: 1, ..quick() };
    let raw = paypal_at(&script.url)
        .with_limits(limits)
        .read(day("2026-11-03"), day("2026-11-08"))
        .await
        .unwrap();
    // Eight days in four parts, and six times 31 days in sixteen each; no moment is left out.
    let mut asked: Vec<(DateTime<Utc>, DateTime<Utc>)> = script
        .heard()
        .iter()
        .filter(|target| target.contains("start_date"))
        .map(|target| (moment(target, "start_date"), moment(target, "end_date")))
        .filter(|(start, end)| (*end - *start).num_hours() <= 50)
        .collect();
    asked.sort_unstable();
    assert_eq!(raw.entries.len(), asked.len());
    for pair in asked.windows(2) {
        assert_eq!((pair[1].0 - pair[0].1).num_seconds(), 1);
    }
    assert_eq!(asked.first().unwrap().0.to_rfc3339(), "2026-04-30T00:00:00+00:00");
    assert_eq!(asked.last().unwrap().1.to_rfc3339(), "2026-11-09T23:59:59+00:00");
}

#[tokio::test]
async fn what_is_not_gathered_yet_is_nothing() {
    let refuse = || {
        (
            400,
            json!({
                "name": "INVALID_REQUEST", "details": [],
                "message": "Data for the given start date is not available.",
            }),
        )
    };
    let script = paypal_script(move |start, _| {
        if start > Utc::now() - chrono::TimeDelta::days(3) {
            return refuse();
        }
        (200, json!({"transaction_details": [row("1", start, "T0400", "-1.00", "AUD")], "total_pages": 1}))
    })
    .await;
    let today = Utc::now().date_naive();
    let client = paypal_at(&script.url);
    assert_eq!(client.read(today, today).await.unwrap().entries.len(), 0);
    client.probe(today).await.unwrap();
    // Of days long past it is a failure.
    let script = paypal_script(move |_, _| refuse()).await;
    let error = read(&paypal_at(&script.url)).await;
    let old = paypal_at(&script.url).read(day("2025-01-01"), day("2025-01-02")).await.unwrap_err();
    assert!(matches!(old, PayoutError::Refused { status: 400, .. }), "{old:?} {error:?}");
}

#[tokio::test]
async fn reading_goes_back_to_the_withdrawal_before_in_each_currency() {
    let at = |text: &str| -> DateTime<Utc> { text.parse().unwrap() };
    let rows = [
        ("a", at("2026-06-20T10:00:00Z"), "T0006", "5.00", "EUR"),
        ("b", at("2026-07-01T10:00:00Z"), "T0403", "-5.00", "EUR"),
        ("c", at("2026-08-01T10:00:00Z"), "T0006", "7.00", "EUR"),
        ("d", at("2026-10-10T09:00:00Z"), "T0006", "3.00", "AUD"),
        ("e", at("2026-10-10T10:00:00Z"), "T0401", "-3.00", "AUD"),
        ("f", at("2026-10-20T10:00:00Z"), "T0006", "2.00", "AUD"),
        ("g", at("2026-11-03T10:00:00Z"), "T0401", "-2.00", "AUD"),
        ("h", at("2026-11-03T11:00:00Z"), "T0401", "-7.00", "EUR"),
    ];
    let script = paypal_script(move |start, end| {
        let found: Vec<Value> = rows
            .iter()
            .filter(|row| row.1 >= start && row.1 <= end)
            .map(|(id, at, code, value, currency)| row(id, *at, code, value, currency))
            .collect();
        (200, json!({"transaction_details": found, "total_pages": 1}))
    })
    .await;
    let client = paypal_at(&script.url);
    let raw = client.read(day("2026-11-01"), day("2026-11-07")).await.unwrap();
    let read = crate::read_by_core(&raw, "Australia/Sydney");
    let mut payouts: Vec<(&str, String)> =
        read.payouts.iter().map(|one| (one.id.as_str(), one.amount.0.to_string())).collect();
    payouts.sort_unstable();
    assert_eq!(payouts, [("g", "2.00".to_owned()), ("h", "7.00".to_owned())]);
    let mut entries: Vec<(&str, &str)> =
        read.entries.iter().map(|one| (one.id.as_str(), one.payout.as_str())).collect();
    entries.sort_unstable();
    assert_eq!(entries, [("c", "h"), ("f", "g")]);
}
