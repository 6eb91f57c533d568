//! The practice shop behaves as the recorded WooCommerce did.

use crate::caller::{Caller, check_error, ids, moment, order_ids};
use serde_json::{Value, json};
use tillbook_practice::shop::{Permission, PracticeShop, Running, corpus};

async fn open() -> (Running, Caller) {
    let shop = PracticeShop::builder().batch("AU-incl").start().await.unwrap();
    let caller = Caller::of(&shop);
    (shop, caller)
}

#[test]
fn the_corpus_is_whole() {
    assert_eq!(corpus::cases().len(), 170);
    assert_eq!(corpus::batches().len(), 11);
    let refunds: usize = corpus::cases().iter().map(|case| case.refunds.len()).sum();
    assert_eq!(refunds, 49);
    for batch in corpus::batches() {
        assert!(!corpus::orders(batch).is_empty());
        assert!(corpus::store(batch).is_some());
    }
    let lists = [
        corpus::taxes(),
        corpus::tax_classes(),
        corpus::products(),
        corpus::variations(),
        corpus::product_categories(),
        corpus::customers(),
        corpus::coupons(),
        corpus::payment_gateways(),
        corpus::settings_groups(),
        corpus::order_statuses(),
    ];
    assert_eq!(lists.map(<[Value]>::len), [35, 4, 21, 4, 2, 17, 9, 3, 27, 8]);
    assert_eq!(corpus::deliveries().len(), 12);
}

/// A float read and printed again must not lose a digit: `9.000333333333334` is in the recording.
#[test]
fn the_corpus_keeps_every_digit() {
    let text = include_str!("../../data/woocommerce/orders.jsonl");
    let prices = regex::Regex::new(r#""price": ?(-?[0-9.eE+-]+)"#).unwrap();
    let find = |text: &str| -> Vec<u64> {
        let number = |found: regex::Captures<'_>| found[1].parse::<f64>().unwrap().to_bits();
        prices.captures_iter(text).map(number).collect()
    };
    let mut seen = 0;
    for (line, case) in text.lines().zip(corpus::cases()) {
        let mut printed = case.order.to_string() + &case.order_dp6.to_string();
        for refund in case.refunds.iter().chain(&case.refunds_dp6) {
            printed += &refund.to_string();
        }
        assert_eq!(find(line), find(&printed), "{}", case.id);
        seen += find(line).len();
    }
    assert!(seen > 800, "{seen}");
}

#[tokio::test]
async fn every_order_is_served_as_it_was_recorded() {
    for batch in corpus::batches() {
        let shop = PracticeShop::builder().batch(batch).start().await.unwrap();
        let caller = Caller::of(&shop);
        for case in corpus::orders(batch) {
            let path = format!("orders/{}", case.id);
            let home =
                |value: &Value| value.to_string().replace(corpus::RECORDED_URL, &shop.base_url);
            assert_eq!(caller.get(&path, "").await.json().to_string(), home(&case.order));
            let six = caller.get(&path, "dp=6").await.json().to_string();
            assert_eq!(six, home(&case.order_dp6));
            let refunds = caller.get(&format!("{path}/refunds"), "").await.json();
            assert_eq!(ids(&refunds).len(), case.refunds.len());
            for refund in &case.refunds {
                let path = format!("{path}/refunds/{}", refund["id"]);
                let served = caller.get(&path, "").await.json().to_string();
                assert_eq!(served, home(refund));
            }
        }
    }
}

/// PHP prints a price of less than a ten-thousandth with an exponent, as the recording has it.
#[tokio::test]
async fn tiny_prices_are_printed_as_php_does() {
    let shop = PracticeShop::builder().batch("BH-3dp-incl").start().await.unwrap();
    let order = Caller::of(&shop).get("orders/264", "").await;
    assert!(order.text.contains(r#""price":6.5e-5,"#), "{}", order.text);
}

#[tokio::test]
async fn pages_are_counted_and_linked() {
    let (shop, caller) = open().await;
    let first = caller.get("orders", "per_page=7").await;
    assert_eq!(first.header("x-wp-total"), "20");
    assert_eq!(first.header("x-wp-totalpages"), "3");
    let link = first.header("link");
    assert!(link.starts_with(&format!("<{}/wp-json/wc/v3/orders?", shop.base_url)), "{link}");
    assert!(link.contains("page=2") && link.ends_with(">; rel=\"next\""), "{link}");
    let second = caller.get("orders", "per_page=7&page=2").await;
    assert!(second.header("link").contains("rel=\"prev\", <"), "{}", second.header("link"));
    let third = caller.get("orders", "per_page=7&page=3").await;
    assert!(!third.header("link").contains("next"));
    assert_eq!(ids(&third.json()).len(), 6);
    assert!(ids(&caller.get("orders", "page=9").await.json()).is_empty());
    let shifted = caller.get("orders", "per_page=5&offset=2&orderby=id&order=asc").await;
    let all = order_ids("AU-incl");
    assert_eq!(ids(&shifted.json()), all[2..7]);
    // Ten is the default, newest first.
    assert_eq!(ids(&caller.get("orders", "").await.json()).len(), 10);
}

#[tokio::test]
async fn wrong_parameters_are_all_named() {
    let (_shop, caller) = open().await;
    let answer = caller.get("orders", "per_page=101&orderby=money&after=2026-11-22").await;
    assert_eq!(answer.status, 400);
    let body = answer.json();
    assert_eq!(body["code"], "rest_invalid_param");
    assert_eq!(body["message"], "Invalid parameter(s): per_page, orderby, after");
    assert_eq!(
        body["data"]["params"]["per_page"],
        "per_page must be between 1 (inclusive) and 100 (inclusive)"
    );
    assert_eq!(body["data"]["details"]["after"]["code"], "rest_invalid_date");
    assert_eq!(body["data"]["details"]["orderby"]["code"], "rest_not_in_enum");
    let answer = caller.get("orders", "page=x").await.json();
    assert_eq!(answer["data"]["params"]["page"], "page is not of type integer.");
    check_error(&caller.get("orders", "status=paid").await, 400, "rest_invalid_param");
    check_error(&caller.get("orders", "per_page=0").await, 400, "rest_invalid_param");
}

#[tokio::test]
async fn filters_narrow_the_list() {
    let (_shop, caller) = open().await;
    let list = async |query: &str| ids(&caller.get("orders", query).await.json());
    let all = order_ids("AU-incl");
    assert_eq!(list("per_page=100&order=asc&orderby=id").await, all);
    assert_eq!(list("include=52,45").await.len(), 2);
    assert_eq!(list("include[]=52&include[]=45&orderby=include").await, [52, 45]);
    assert_eq!(list("per_page=100&exclude=52,45").await.len(), all.len() - 2);
    let both = list("per_page=100&status=completed,refunded").await.len();
    let completed = list("per_page=100&status=completed").await.len();
    let refunded = list("per_page=100&status=refunded").await.len();
    assert_eq!((completed, refunded, both), (4, 2, 6));
    assert!(list("search=45").await.contains(&45));
    assert_eq!(list("search=nobody-of-that-name").await.len(), 0);
    let fields = caller.get("orders", "_fields=id,billing.email&per_page=1").await.json();
    assert_eq!(fields[0].as_object().unwrap().len(), 2);
    assert_eq!(fields[0]["billing"].as_object().unwrap().len(), 1);
}

/// `modified_after` was seen to be exclusive, in whole seconds, and to shift a `Z`.
#[tokio::test]
async fn dates_of_change_are_compared_as_wordpress_does() {
    let (shop, caller) = open().await;
    shop.set_clock(moment("2026-11-22T02:00:00Z"));
    shop.edit_order(45, |_| {}).unwrap();
    let list = async |query: &str| {
        let query = format!("{query}&per_page=100");
        ids(&caller.get("orders", &query).await.json())
    };
    let gmt = "dates_are_gmt=true&modified_after=";
    assert_eq!(list(&format!("{gmt}2026-11-22T01:59:59")).await, [45]);
    assert!(list(&format!("{gmt}2026-11-22T02:00:00")).await.is_empty());
    assert!(list(&format!("{gmt}2026-11-22T01:59:59Z")).await.is_empty());
    assert_eq!(list("modified_after=2026-11-22T01:59:59Z").await, [45]);
    assert_eq!(list("modified_after=2026-11-22T12:59:59").await, [45]);
    assert!(list("modified_after=2026-11-22T13:00:00").await.is_empty());
    // A naive UTC text without the flag is read as Sydney's time: everything is later.
    assert_eq!(list("modified_after=2026-11-22T01:59:59").await.len(), 20);
    assert_eq!(list("dates_are_gmt=true&modified_before=2026-11-22T02:00:00").await.len(), 19);
    assert_eq!(list("modified_after=2026-11-22T12:59:59%2B11:00").await, [45]);
    // Customers and taxes ignore dates altogether.
    let taxes = caller.get("taxes", "modified_after=2999-01-01T00:00:00").await;
    assert_eq!(taxes.header("x-wp-total"), "35");
    let customers = caller.get("customers", "modified_after=2999-01-01T00:00:00").await;
    assert_eq!(customers.header("x-wp-total"), "17");
    let products = caller.get("products", "modified_after=2999-01-01T00:00:00").await;
    assert_eq!(products.header("x-wp-total"), "0");
}

#[tokio::test]
async fn objects_that_are_gone_are_told_in_each_controllers_words() {
    let (_shop, caller) = open().await;
    for (path, code) in [
        ("orders/9", "woocommerce_rest_shop_order_invalid_id"),
        ("orders/9/refunds", "woocommerce_rest_invalid_order_id"),
        ("orders/45/refunds/9", "woocommerce_rest_invalid_order_refund_id"),
        ("products/9", "woocommerce_rest_product_invalid_id"),
        ("products/29/variations/9", "woocommerce_rest_product_variation_invalid_id"),
        ("customers/9999", "woocommerce_rest_invalid_id"),
        ("taxes/9999", "woocommerce_rest_invalid_id"),
        ("coupons/9999", "woocommerce_rest_shop_coupon_invalid_id"),
        ("webhooks/9999", "woocommerce_rest_shop_webhook_invalid_id"),
        ("settings/nothing", "rest_setting_setting_group_invalid"),
        ("payment_gateways/nothing", "woocommerce_rest_payment_gateway_invalid"),
        ("nothing", "rest_no_route"),
    ] {
        check_error(&caller.get(path, "").await, 404, code);
    }
}

#[tokio::test]
async fn the_lists_around_orders_are_served() {
    let (_shop, caller) = open().await;
    for (path, count) in [
        ("taxes/classes", 4),
        ("payment_gateways", 3),
        ("products/categories", 2),
        ("products/29/variations", 4),
        ("settings", 27),
        ("orders/statuses", 8),
    ] {
        assert_eq!(caller.get(path, "").await.json().as_array().unwrap().len(), count, "{path}");
    }
    let tax = caller.get("settings/tax", "").await.json();
    let value = |id: &str| {
        let all = tax.as_array().unwrap();
        all.iter().find(|setting| setting["id"] == id).unwrap()["value"].clone()
    };
    assert_eq!(value("woocommerce_prices_include_tax"), "yes");
    let status = caller.get("system_status", "").await.json();
    assert_eq!(status["settings"]["currency"], "AUD");
    assert_eq!(caller.get("products/33", "").await.json()["type"], "variation");
}

#[tokio::test]
async fn trash_hides_and_force_deletes() {
    let (shop, caller) = open().await;
    let trashed = caller.send("DELETE", "orders/45", "", Value::Null).await;
    assert_eq!((trashed.status, &trashed.json()["status"]), (200, &json!("trash")));
    check_error(
        &caller.send("DELETE", "orders/45", "", Value::Null).await,
        410,
        "woocommerce_rest_already_trashed",
    );
    let any = caller.get("orders", "status=any&per_page=100").await;
    assert!(!ids(&any.json()).contains(&45));
    assert_eq!(ids(&caller.get("orders", "status=any,trash&per_page=100").await.json()).len(), 19);
    assert_eq!(ids(&caller.get("orders", "status=trash").await.json()), [45]);
    assert_eq!(caller.get("orders/45", "").await.status, 200);
    shop.restore_order(45).unwrap();
    assert_eq!(caller.get("orders/45", "").await.json()["status"], "processing");
    let deleted = caller.send("DELETE", "orders/45", "force=true", Value::Null).await;
    assert_eq!(deleted.json()["id"], 45);
    check_error(&caller.get("orders/45", "").await, 404, "woocommerce_rest_shop_order_invalid_id");
}

#[tokio::test]
async fn a_put_changes_and_dates_the_order() {
    let (shop, caller) = open().await;
    shop.set_clock(moment("2026-12-01T00:00:00Z"));
    let body = json!({
        "status": "completed",
        "customer_note": "ring twice",
        "billing": {"city": "Perth"},
        "meta_data": [{"key": "_till", "value": "7"}],
    });
    let order = caller.send("PUT", "orders/45", "", body).await.json();
    assert_eq!(order["status"], "completed");
    assert_eq!(order["date_completed_gmt"], "2026-12-01T00:00:00");
    assert_eq!(order["date_modified"], "2026-12-01T11:00:00");
    assert_eq!(order["billing"]["city"], "Perth");
    let meta = order["meta_data"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&meta["key"], &meta["value"]), (&json!("_till"), &json!("7")));
    let notes = caller.get("orders/45/notes", "").await.json();
    assert_eq!(notes[0]["note"], "Order status changed from Processing to Completed.");
    check_error(
        &caller.send("PUT", "orders/45", "", json!({"status": "paid"})).await,
        400,
        "rest_invalid_param",
    );
    check_error(
        &caller.send("PUT", "orders/45", "", json!({"line_items": []})).await,
        501,
        "practice_no_totals",
    );
}

#[tokio::test]
async fn refunds_are_made_and_vanish_silently() {
    let (shop, caller) = open().await;
    shop.set_clock(moment("2026-12-01T00:00:00Z"));
    let line = shop.order(45, None).unwrap()["line_items"][0].clone();
    let body = json!({"reason": "torn", "api_refund": false, "line_items": [{
        "id": line["id"], "quantity": 1, "refund_total": "27.23",
        "refund_tax": [{"id": 1, "refund_total": "2.72"}],
    }]});
    let refund = caller.send("POST", "orders/45/refunds", "", body).await;
    assert_eq!(refund.status, 201);
    let refund = refund.json();
    assert_eq!(refund["amount"], "29.95");
    assert_eq!(refund["line_items"][0]["total"], "-27.23");
    assert_eq!(refund["line_items"][0]["quantity"], -1);
    assert_eq!(refund["tax_lines"][0]["tax_total"], "-2.72");
    let order = caller.get("orders/45", "").await.json();
    assert_eq!(order["refunds"][0]["total"], "-29.95");
    assert_eq!(order["date_modified_gmt"], "2026-12-01T00:00:00");
    let all = caller.get("refunds", "per_page=100").await.json();
    assert!(all.as_array().unwrap().iter().any(|one| one["parent_id"] == 45));

    shop.set_clock(moment("2026-12-02T00:00:00Z"));
    let path = format!("orders/45/refunds/{}", refund["id"]);
    check_error(
        &caller.send("DELETE", &path, "", Value::Null).await,
        501,
        "woocommerce_rest_trash_not_supported",
    );
    assert_eq!(caller.send("DELETE", &path, "force=true", Value::Null).await.status, 200);
    let order = caller.get("orders/45", "").await.json();
    assert_eq!(order["refunds"], json!([]));
    assert_eq!(order["date_modified_gmt"], "2026-12-01T00:00:00");

    let too_much = json!({"amount": "999", "api_refund": false});
    check_error(
        &caller.send("POST", "orders/45/refunds", "", too_much).await,
        500,
        "woocommerce_rest_cannot_create_order_refund",
    );
    shop.set_status(45, "refunded").unwrap();
    let order = caller.get("orders/45", "").await.json();
    assert_eq!(order["refunds"][0]["reason"], "Order fully refunded.");
    assert_eq!(order["refunds"][0]["total"], "-60.87");
}

#[tokio::test]
async fn a_batch_holds_a_hundred_changes() {
    let (_shop, caller) = open().await;
    let many: Vec<Value> = (0..101).map(|id| json!({"id": id})).collect();
    check_error(
        &caller.send("POST", "orders/batch", "", json!({"update": many})).await,
        413,
        "woocommerce_rest_request_entity_too_large",
    );
    let body = json!({"update": [{"id": 45, "status": "on-hold"}, {"id": 9}], "delete": [52]});
    let answer = caller.send("POST", "orders/batch", "", body).await.json();
    assert_eq!(answer["update"][0]["status"], "on-hold");
    assert_eq!(answer["update"][1]["error"]["code"], "woocommerce_rest_shop_order_invalid_id");
    assert_eq!(answer["delete"][0]["id"], 52);
}

#[tokio::test]
async fn plain_permalinks_take_the_route_as_a_parameter() {
    let builder = PracticeShop::builder().batch("AU-incl").https(true).pretty_permalinks(false);
    let shop = builder.start().await.unwrap();
    let caller = Caller::of(&shop).basic();
    let pretty = caller.raw("GET", "/wp-json/wc/v3/orders/45", Value::Null).await;
    assert_eq!(pretty.status, 404);
    assert!(pretty.text.starts_with("<!DOCTYPE html>"));
    let plain = caller.raw("GET", "/?rest_route=/wc/v3/orders/45", Value::Null).await;
    assert_eq!(plain.json()["id"], 45);
    let index = caller.raw("GET", "/?rest_route=/", Value::Null).await.json();
    assert_eq!(index["timezone_string"], "Australia/Sydney");
}

#[tokio::test]
async fn a_key_may_only_do_what_it_was_made_for() {
    let builder = PracticeShop::builder().batch("AU-incl");
    let shop = builder
        .api_key("ck_r", "cs_r", Permission::Read)
        .api_key("ck_w", "cs_w", Permission::Write)
        .start()
        .await
        .unwrap();
    let reader = Caller::of(&shop);
    let writer = Caller::with(&shop, "ck_w", "cs_w");
    assert_eq!(reader.get("orders/45", "").await.status, 200);
    let code = "woocommerce_rest_authentication_error";
    let put = reader.send("PUT", "orders/45", "", json!({})).await;
    check_error(&put, 401, code);
    assert_eq!(put.json()["message"], "The API key provided does not have write permissions.");
    check_error(&writer.get("orders/45", "").await, 401, code);
    assert_eq!(writer.send("PUT", "orders/45", "", json!({})).await.status, 200);
}
