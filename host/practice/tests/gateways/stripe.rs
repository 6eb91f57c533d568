//! The practice Stripe.

use std::collections::BTreeSet;

use serde_json::Value;
use tillbook_practice::fault::{Fault, FaultRule, Problem};
use tillbook_practice::gateways::{Gateway, StripeDesk};

use crate::{client, open};

async fn ask(stripe: &StripeDesk, path: &str) -> (u16, Value) {
    let url = format!("{}{path}", stripe.base_url);
    let answer = client().get(url).bearer_auth(&stripe.secret_key).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// Walks a list to its end.
async fn walk(stripe: &StripeDesk, path: &str, limit: usize) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::new();
    loop {
        let sign = if path.contains('?') { '&' } else { '?' };
        let mut query = format!("{path}{sign}limit={limit}");
        if let Some(last) = all.last() {
            query = format!("{query}&starting_after={}", last["id"].as_str().unwrap());
        }
        let (status, page) = ask(stripe, &query).await;
        assert_eq!((status, &page["object"]), (200, &"list".into()), "{page}");
        all.extend(page["data"].as_array().unwrap().iter().cloned());
        if page["has_more"] == false {
            return all;
        }
    }
}

#[tokio::test]
async fn payouts_add_up_and_are_walked_without_doubles() {
    let shop = open("CA-compound").await;
    let stripe = shop.stripe.as_ref().unwrap();
    let gateways = shop.gateways().unwrap();
    let account = gateways.account(Gateway::Stripe).unwrap();
    let payouts = walk(stripe, "/v1/payouts", 2).await;
    let ids: BTreeSet<&str> = payouts.iter().map(|item| item["id"].as_str().unwrap()).collect();
    assert_eq!((ids.len(), payouts.len()), (account.payouts.len(), account.payouts.len()));
    assert!(payouts.is_sorted_by_key(|item| -item["created"].as_i64().unwrap()));
    for payout in &payouts {
        let path = format!("/v1/balance_transactions?payout={}", payout["id"].as_str().unwrap());
        let rows = walk(stripe, &path, 1).await;
        let nets = |own: bool| -> i64 {
            let rows = rows.iter().filter(|row| (row["type"] == "payout") == own);
            rows.map(|row| row["net"].as_i64().unwrap()).sum()
        };
        assert_eq!(nets(false), payout["amount"].as_i64().unwrap());
        assert_eq!(nets(true), -nets(false));
    }
    let everything = walk(stripe, "/v1/balance_transactions", 100).await;
    assert_eq!(everything.len(), account.entries.len() + account.payouts.len());
}

#[tokio::test]
async fn payouts_are_found_by_arrival_and_status() {
    let shop = open("CA-compound").await;
    let stripe = shop.stripe.as_ref().unwrap();
    let gateways = shop.gateways().unwrap();
    let last = gateways.account(Gateway::Stripe).unwrap().payouts.last().unwrap();
    let at = last.arrives_at.timestamp();
    for (query, count) in [
        (format!("arrival_date[gte]={at}&arrival_date[lte]={at}"), 1),
        (format!("arrival_date[gte]={}", at + 1), 0),
        ("status=in_transit".to_owned(), 1),
    ] {
        let (_, page) = ask(stripe, &format!("/v1/payouts?{query}")).await;
        assert_eq!(page["data"].as_array().unwrap().len(), count, "{query}");
    }
    let (_, one) = ask(stripe, &format!("/v1/payouts/{}", last.id)).await;
    assert_eq!((&one["amount"], &one["arrival_date"]), (&last.amount.into(), &at.into()));
}

#[tokio::test]
async fn sources_are_expanded_into_what_they_are() {
    let shop = open("GB-incl").await;
    let stripe = shop.stripe.as_ref().unwrap();
    let path = "/v1/balance_transactions?expand[]=data.source";
    let rows = walk(stripe, path, 100).await;
    let kinds: BTreeSet<&str> =
        rows.iter().filter_map(|row| row["source"]["object"].as_str()).collect();
    for kind in ["charge", "dispute", "payout", "topup"] {
        assert!(kinds.contains(kind), "{kind} is not in {kinds:?}");
    }
    let charges: Vec<&Value> = rows.iter().filter(|row| row["type"] == "charge").collect();
    for row in &charges {
        let source = &row["source"];
        assert_eq!(source["balance_transaction"], row["id"]);
        if source["currency"] == row["currency"] {
            assert_eq!((&source["amount"], &row["exchange_rate"]), (&row["amount"], &Value::Null));
        }
        let Some(number) = source["metadata"]["order_id"].as_str() else { continue };
        let order = shop.order(number.parse().unwrap(), None).unwrap();
        assert_eq!(order["transaction_id"], source["id"]);
    }
    let stray = charges.iter().filter(|row| row["source"]["metadata"]["order_id"].is_null());
    assert_eq!(stray.count(), 1);
    let disputes = rows.iter().filter(|row| row["reporting_category"] == "dispute");
    for row in disputes {
        assert_eq!(row["fee"], 1_500);
        assert!(charges.iter().any(|charge| charge["source"]["id"] == row["source"]["charge"]));
    }
}

#[tokio::test]
async fn mistakes_have_stripe_s_words() {
    let shop = open("AU-incl").await;
    let stripe = shop.stripe.as_ref().unwrap();
    let url = format!("{}/v1/payouts", stripe.base_url);
    assert_eq!(client().get(&url).send().await.unwrap().status(), 401);
    let wrong = client().get(&url).bearer_auth("sk_test_wrong").send().await.unwrap();
    assert_eq!(wrong.status(), 401);
    let basic = client().get(&url).basic_auth(&stripe.secret_key, Some("")).send().await.unwrap();
    assert_eq!(basic.status(), 200);
    for (path, status, code) in [
        ("/v1/payouts?limit=101", 400, Value::Null),
        ("/v1/payouts?created[gte]=yesterday", 400, "parameter_invalid_integer".into()),
        ("/v1/payouts?starting_after=po_unknown", 400, "resource_missing".into()),
        ("/v1/balance_transactions?payout=po_unknown", 404, "resource_missing".into()),
        ("/v1/payouts/po_unknown", 404, "resource_missing".into()),
        ("/v1/nothing", 404, Value::Null),
    ] {
        let (got, body) = ask(stripe, path).await;
        assert_eq!((got, &body["error"]["code"]), (status, &code), "{path}");
        assert_eq!(body["error"]["type"], "invalid_request_error");
    }
}

#[tokio::test]
async fn faults_strike_once() {
    let shop = open("AU-incl").await;
    let stripe = shop.stripe.as_ref().unwrap();
    let limit = Fault::RateLimit { problem: Problem::Minute, retry_after_secs: Some(2) };
    stripe.fault(FaultRule::next(limit));
    let url = format!("{}/v1/payouts", stripe.base_url);
    let answer = client().get(&url).bearer_auth(&stripe.secret_key).send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["retry-after"]),
        (429, &"2".parse().unwrap())
    );
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["error"]["code"], "rate_limit");
    stripe.fault(FaultRule::next(Fault::ServerError { committed: false }));
    let (status, body) = ask(stripe, "/v1/payouts").await;
    assert_eq!((status, &body["error"]["type"]), (500, &"api_error".into()));
    stripe.fault(FaultRule::next(Fault::TornBody));
    let torn = client().get(&url).bearer_auth(&stripe.secret_key).send().await.unwrap();
    assert_eq!(torn.status(), 200);
    assert!(torn.bytes().await.is_err());
    stripe.fault(FaultRule::next(Fault::DropBefore));
    assert!(client().get(&url).bearer_auth(&stripe.secret_key).send().await.is_err());
    assert_eq!(ask(stripe, "/v1/payouts").await.0, 200);
    assert_eq!(stripe.requests().len(), 5);
}
