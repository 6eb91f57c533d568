//! WooPayments' routes of the practice shop.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde_json::Value;
use tillbook_practice::gateways::{Gateway, Gateways, minor_digits};
use tillbook_practice::shop::{PracticeShop, corpus};

use crate::caller::{Caller, check_error, code};
use crate::{dealt, open};

#[tokio::test]
async fn a_shop_without_woopayments_has_no_such_route() {
    let shop = PracticeShop::builder().batch("AU-incl").start().await.unwrap();
    let answer = Caller::of(&shop).get("payments/deposits", "sort=date").await;
    check_error(&answer, 404, "rest_no_route");
    assert!(shop.stripe.is_none() && shop.paypal.is_none() && shop.gateways().is_none());
}

#[tokio::test]
async fn strangers_are_turned_away() {
    let shop = open("AU-incl").await;
    let caller = Caller::with(&shop, "ck_unknown", "cs_wrong");
    let answer = caller.get("payments/deposits", "sort=date").await;
    check_error(&answer, 401, "woocommerce_rest_authentication_error");
}

#[tokio::test]
async fn deposits_are_paged_and_add_up() {
    let shop = open("US-excl").await;
    let caller = Caller::of(&shop);
    let gateways = shop.gateways().unwrap();
    let account = gateways.account(Gateway::WooPayments).unwrap();
    let mut seen = Vec::new();
    for page in 1.. {
        let query = format!("direction=desc&page={page}&pagesize=2&sort=date");
        let answer = caller.get("payments/deposits", &query).await.json();
        assert_eq!(answer["total_count"], account.payouts.len());
        let data = answer["data"].as_array().unwrap().clone();
        if data.is_empty() {
            break;
        }
        seen.extend(data);
    }
    let ids: BTreeSet<&str> = seen.iter().map(|item| item["id"].as_str().unwrap()).collect();
    assert_eq!((ids.len(), seen.len()), (account.payouts.len(), account.payouts.len()));
    assert!(seen.is_sorted_by_key(|item| -item["date"].as_i64().unwrap()));
    for deposit in &seen {
        let query = format!("deposit_id={}&per_page=100", deposit["id"].as_str().unwrap());
        let rows = caller.get("payments/reports/transactions", &query).await.json();
        let nets = rows.as_array().unwrap().iter().map(|row| row["net_amount"].as_i64().unwrap());
        assert_eq!(nets.sum::<i64>(), deposit["amount"].as_i64().unwrap());
        let same = deposit["status"].as_str().unwrap();
        assert!(rows.as_array().unwrap().iter().all(|row| row["deposit_status"] == same));
    }
    let negative = seen.iter().find(|item| item["amount"].as_i64().unwrap() < 0).unwrap();
    assert_eq!(negative["type"], "withdrawal");
}

#[tokio::test]
async fn deposits_are_found_by_id_status_and_day() {
    let shop = open("US-excl").await;
    let caller = Caller::of(&shop);
    let gateways = shop.gateways().unwrap();
    let account = gateways.account(Gateway::WooPayments).unwrap();
    let find = async |query: String| -> Vec<Value> {
        let answer = caller.get("payments/deposits", &query).await;
        answer.json()["data"].as_array().unwrap().clone()
    };
    let waiting = find("sort=date&status_is=in_transit".to_owned()).await;
    assert_eq!(waiting.len(), account.payouts.iter().filter(|payout| !payout.paid).count());
    let last = account.payouts.last().unwrap();
    let after = code(&last.arrives_at.format("%F %T").to_string());
    assert_eq!(find(format!("date_after={after}&sort=date")).await.len(), 1);
    let first = account.payouts[0].arrives_at.format("%F");
    let between = format!("date_between[]=2020-01-01&date_between[]={first}&sort=date");
    assert_eq!(find(between).await.len(), 1);
    let one = caller.get(&format!("payments/deposits/{}", last.id), "").await.json();
    assert_eq!(one["amount"], last.amount);
    assert_eq!(one["date"], last.arrives_at.timestamp_millis());
    let unknown = caller.get("payments/deposits/po_unknown", "").await;
    assert_eq!((unknown.status, &unknown.json()["code"]), (500, &"resource_missing".into()));
}

#[tokio::test]
async fn a_row_has_the_fields_of_the_report() {
    let gateways = dealt("GB-incl");
    let account = gateways.account(Gateway::WooPayments).unwrap().clone();
    let shop = PracticeShop::builder().gateways(gateways).start().await.unwrap();
    let caller = Caller::of(&shop);
    let too_many = caller.get("payments/reports/transactions", "per_page=101").await;
    check_error(&too_many, 400, "rest_invalid_param");
    let charge = account.entries.iter().find(|entry| entry.order.is_some()).unwrap();
    let order = charge.order.as_ref().unwrap();
    let query = format!("order_id={}&type=charge", order.id);
    let rows = caller.get("payments/reports/transactions", &query).await.json();
    assert_eq!(rows.as_array().unwrap().len(), 1);
    let row = &rows[0];
    assert_eq!(row["transaction_id"], charge.id.as_str());
    assert_eq!(row["payment_id"], charge.intent.as_deref().unwrap());
    assert_eq!((&row["amount"], &row["fees"]), (&charge.gross.into(), &charge.fee.into()));
    assert_eq!(row["deposit_currency"], "gbp");
    assert_eq!(row["date"], charge.at.format("%F %T").to_string());
    let all = caller.get("payments/reports/transactions", "page=1&per_page=100").await.json();
    assert_eq!(all.as_array().unwrap().len(), account.entries.len());
    let stray = all
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["type"] == "charge" && row["order_id"].is_null());
    assert!(stray.is_some());
}

#[tokio::test]
async fn the_raw_rows_show_both_amounts_of_a_foreign_payment() {
    let all = Gateways::deal(7, corpus::cases().iter().cloned());
    let account = all.account(Gateway::WooPayments).unwrap().clone();
    let shop = PracticeShop::builder().gateways(all).start().await.unwrap();
    let entry = account.entries.iter().find(|entry| entry.rate.is_some()).unwrap();
    let order = entry.order.as_ref().unwrap().id;
    let query = format!("order_id={order}&sort=date&type=charge");
    let rows = Caller::of(&shop).get("payments/transactions", &query).await.json();
    let row = &rows["data"][0];
    assert_eq!(
        (&row["amount"], &row["customer_amount"]),
        (&entry.gross.into(), &entry.presented.into())
    );
    assert_eq!(row["customer_currency"], entry.presented_currency.to_lowercase());
    let rate: Decimal = row["exchange_rate"].to_string().parse().unwrap();
    let digits = |currency: &str| Decimal::from(10_u32.pow(minor_digits(currency)));
    let paid = Decimal::from(entry.presented) / digits(&entry.presented_currency) * rate;
    let paid = (paid * digits(&account.currency))
        .round_dp_with_strategy(0, rust_decimal::RoundingStrategy::MidpointAwayFromZero);
    assert_eq!(paid, Decimal::from(entry.gross));
}
