//! The practice PayPal.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, Utc};
use rust_decimal::Decimal;
use serde_json::Value;
use tillbook_practice::fault::{Fault, FaultRule};
use tillbook_practice::gateways::{Gateway, PaypalDesk};
use tillbook_practice::shop::{Running, corpus};

use crate::{client, open};

async fn token(paypal: &PaypalDesk) -> String {
    let url = format!("{}/v1/oauth2/token", paypal.base_url);
    let answer = client()
        .post(url)
        .basic_auth(&paypal.client_id, Some(&paypal.client_secret))
        .form(&[("grant_type", "client_credentials")])
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    let body: Value = answer.json().await.unwrap();
    body["access_token"].as_str().unwrap().to_owned()
}

async fn ask(paypal: &PaypalDesk, token: &str, query: &[(&str, &str)]) -> (u16, Value) {
    let url = format!("{}/v1/reporting/transactions", paypal.base_url);
    let answer = client().get(url).query(query).bearer_auth(token).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

fn print(moment: DateTime<Utc>) -> String {
    moment.format("%FT%TZ").to_string()
}

/// Reads everything, a month and a few rows at a time.
async fn walk(shop: &Running) -> Vec<Value> {
    let paypal = shop.paypal.as_ref().unwrap();
    let token = token(paypal).await;
    let gateways = shop.gateways().unwrap();
    let first = gateways.account(Gateway::PayPal).unwrap().entries[0].at;
    let (mut from, mut all) = (first, Vec::new());
    while from < gateways.closed_at {
        let to = from + Duration::days(31);
        for page in 1.. {
            let (status, body) = ask(
                paypal,
                &token,
                &[
                    ("start_date", &print(from)),
                    ("end_date", &print(to - Duration::seconds(1))),
                    ("fields", "all"),
                    ("page_size", "3"),
                    ("page", &page.to_string()),
                ],
            )
            .await;
            assert_eq!(status, 200, "{body}");
            all.extend(body["transaction_details"].as_array().unwrap().iter().cloned());
            if body["total_pages"].as_u64().unwrap() <= page {
                break;
            }
        }
        from = to;
    }
    all
}

fn amount(value: &Value) -> Decimal {
    value["value"].as_str().map_or(Decimal::ZERO, |text| text.parse().unwrap())
}

#[tokio::test]
async fn withdrawals_empty_the_balance_but_one() {
    // With them orders in another currency, in one without decimals and in one with three.
    for batch in corpus::batches() {
        let shop = open(batch).await;
        let gateways = shop.gateways().unwrap();
        let account = gateways.account(Gateway::PayPal).unwrap();
        let rows = walk(&shop).await;
        let ids: BTreeSet<&str> = rows
            .iter()
            .map(|row| row["transaction_info"]["transaction_id"].as_str().unwrap())
            .collect();
        assert_eq!(ids.len(), rows.len(), "{batch}");
        let mut balances: BTreeMap<String, Decimal> = BTreeMap::new();
        let (mut whole, mut parts) = (0, 0);
        for row in &rows {
            let info = &row["transaction_info"];
            let currency = info["transaction_amount"]["currency_code"].as_str().unwrap();
            let balance = balances.entry(currency.to_owned()).or_default();
            *balance += amount(&info["transaction_amount"]) + amount(&info["fee_amount"]);
            let left = balance.is_zero();
            match info["transaction_event_code"].as_str().unwrap() {
                "T0401" => {
                    assert!(left, "{batch}: {info}");
                    whole += 1;
                }
                "T0400" => {
                    assert!(!left);
                    parts += 1;
                }
                _ => {}
            }
        }
        assert!(whole > 1 && parts == 1, "{batch}: {whole} {parts}");
        for (currency, balance) in &balances {
            assert!(*currency == account.currency || balance.is_zero(), "{batch} {currency}");
        }
    }
}

#[tokio::test]
async fn rows_point_to_orders_and_to_each_other() {
    let shop = open("GB-incl").await;
    let rows = walk(&shop).await;
    let infos: Vec<&Value> = rows.iter().map(|row| &row["transaction_info"]).collect();
    let codes: BTreeSet<&str> =
        infos.iter().map(|info| info["transaction_event_code"].as_str().unwrap()).collect();
    let wanted = [
        "T0006", "T0101", "T0106", "T0300", "T0400", "T0401", "T1200", "T1201", "T1202", "T2101",
        "T2102",
    ];
    for code in wanted {
        assert!(codes.contains(code), "{code} is not in {codes:?}");
    }
    let id = |info: &Value| info["transaction_id"].as_str().unwrap().to_owned();
    let charges: BTreeMap<String, &Value> = infos
        .iter()
        .filter(|info| info["transaction_event_code"] == "T0006")
        .map(|info| (id(info), *info))
        .collect();
    for info in charges.values() {
        let Some(invoice) = info["invoice_id"].as_str() else { continue };
        let order = shop.order(invoice.strip_prefix("WC-").unwrap().parse().unwrap(), None);
        assert_eq!(order.unwrap()["transaction_id"], info["transaction_id"]);
        let custom = info["custom_field"].as_str().unwrap();
        let custom: Value = serde_json::from_str(custom).unwrap();
        let order_id = custom.get("order_id").unwrap_or(&custom);
        assert_eq!(format!("WC-{order_id}"), invoice);
    }
    for info in &infos {
        if ["T1107", "T1201", "T1202"].contains(&info["transaction_event_code"].as_str().unwrap()) {
            assert!(charges.contains_key(info["paypal_reference_id"].as_str().unwrap()));
            assert_eq!(info["paypal_reference_id_type"], "TXN");
        }
        let date = info["transaction_initiation_date"].as_str().unwrap();
        assert!(date.ends_with("+0000"), "{date}");
    }
}

#[tokio::test]
async fn foreign_payments_are_converted_in_two_rows() {
    let mut found = 0;
    for batch in corpus::batches() {
        let shop = open(batch).await;
        let gateways = shop.gateways().unwrap();
        let account = gateways.account(Gateway::PayPal).unwrap();
        let foreign = account.entries.iter().filter(|entry| entry.rate.is_some()).count();
        let rows = walk(&shop).await;
        let code = |row: &&Value| row["transaction_info"]["transaction_event_code"] == "T0200";
        assert_eq!(rows.iter().filter(code).count(), 2 * foreign, "{batch}");
        found += foreign;
    }
    assert!(found > 0, "no order in another currency was dealt to PayPal");
}

#[tokio::test]
async fn mistakes_have_paypal_s_words() {
    let shop = open("AU-incl").await;
    let paypal = shop.paypal.as_ref().unwrap();
    let url = format!("{}/v1/oauth2/token", paypal.base_url);
    let form = [("grant_type", "client_credentials")];
    let wrong = client().post(&url).basic_auth("x", Some("y")).form(&form).send().await.unwrap();
    assert_eq!(wrong.status(), 401);
    assert_eq!(wrong.json::<Value>().await.unwrap()["error"], "invalid_client");
    let token = token(paypal).await;
    let month = [("start_date", "2026-10-01T00:00:00-0700"), ("end_date", "2026-10-31T00:00:00Z")];
    let (status, body) = ask(paypal, "nonsense", &month).await;
    assert_eq!((status, &body["error"]), (401, &"invalid_token".into()));
    assert_eq!(ask(paypal, &token, &month).await.0, 200);
    for (name, value) in [
        ("end_date", "2026-11-02T00:00:00Z"),
        ("end_date", "2026-09-02T00:00:00Z"),
        ("end_date", "2026-10-02"),
        ("page_size", "501"),
        ("page", "0"),
    ] {
        let mut query = month.to_vec();
        query.retain(|(known, _)| *known != name);
        query.push((name, value));
        let (status, body) = ask(paypal, &token, &query).await;
        assert_eq!((status, &body["name"]), (400, &"INVALID_REQUEST".into()), "{name} {value}");
        assert_eq!(body["details"][0]["field"], name);
    }
    paypal.fault(FaultRule::next(Fault::ExpiredToken));
    assert_eq!(ask(paypal, &token, &month).await.0, 401);
    assert_eq!(ask(paypal, &token, &month).await.0, 200);
}
