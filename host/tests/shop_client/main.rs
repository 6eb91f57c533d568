//! Contract of the WooCommerce client with the practice shop and the recorded webhooks.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code: a failure is what it is for"
)]

mod trouble;
mod webhooks;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use futures_util::TryStreamExt as _;
use serde_json::Value;
use serde_json::json;
use std::sync::Once;
use std::time::Duration;
use tillbook::config::Secret;
use tillbook::config::ShopConfig;
use tillbook::facts::FactSource as _;
use tillbook::shop_client::Credentials;
use tillbook::shop_client::Limits;
use tillbook::shop_client::OrderQuery;
use tillbook::shop_client::RawJson;
use tillbook::shop_client::ShopClient;
use tillbook::shop_client::ShopClientError;
use tillbook::shop_client::SignIn;
use tillbook::shop_facts::ShopSource;
use tillbook_core::settings::Settings;
use tillbook_practice::shop::Builder;
use tillbook_practice::shop::PracticeShop;
use tillbook_practice::shop::Running;
use tillbook_practice::shop::corpus;
use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;

fn install_crypto() {
    static DONE: Once = Once::new();
    DONE.call_once(|| rustls::crypto::ring::default_provider().install_default().unwrap());
}

fn quick() -> Limits {
    let retry_delay = Duration::from_millis(1);
    Limits { retry_delay, retry_delay_max: Duration::from_millis(20), ..Limits::default() }
}

fn keys(shop: &Running) -> Credentials {
    let (key, secret) = (shop.consumer_key.clone(), shop.consumer_secret.clone());
    Credentials::ConsumerKey { key, secret }
}

fn client(shop: &Running, sign_in: SignIn) -> ShopClient {
    install_crypto();
    ShopClient::with_limits(&shop.base_url, keys(shop), sign_in, quick()).unwrap()
}

fn batch(name: &str) -> Builder {
    PracticeShop::builder().batch(name)
}

async fn open() -> (Running, ShopClient) {
    let shop = batch("AU-incl").start().await.unwrap();
    let client = client(&shop, SignIn::Auto);
    (shop, client)
}

fn id(raw: &RawJson) -> u64 {
    value(raw)["id"].as_u64().unwrap()
}

fn value(raw: &RawJson) -> Value {
    serde_json::from_str(raw.get()).unwrap()
}

fn sorted_ids(raw: &[RawJson]) -> Vec<u64> {
    let mut ids: Vec<u64> = raw.iter().map(id).collect();
    ids.sort_unstable();
    ids
}

fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

#[tokio::test]
async fn every_way_of_signing_in_opens() {
    let (_shop, oauth) = open().await;
    assert_eq!(id(&oauth.order(45, None).await.unwrap()), 45);

    let shop = batch("AU-incl").https(true).start().await.unwrap();
    assert_eq!(id(&client(&shop, SignIn::Basic).order(45, None).await.unwrap()), 45);

    let builder = batch("AU-incl").environment_local(true);
    let shop = builder.application_password("ada", "abcd EFGH").start().await.unwrap();
    let user = Credentials::ApplicationPassword {
        user: "ada".to_owned(),
        password: "abcd EFGH".to_owned(),
    };
    let client = ShopClient::new(&shop.base_url, user).unwrap();
    assert_eq!(id(&client.order(45, None).await.unwrap()), 45);
}

#[tokio::test]
async fn a_refused_key_says_what_to_do() {
    install_crypto();
    let shop = batch("AU-incl").start().await.unwrap();
    let ask = async |key: &str, secret: &str, sign_in: SignIn| {
        let credentials =
            Credentials::ConsumerKey { key: key.to_owned(), secret: secret.to_owned() };
        let client = ShopClient::with_limits(&shop.base_url, credentials, sign_in, quick());
        let error = client.unwrap().order(45, None).await.unwrap_err();
        let help = miette::Diagnostic::help(&error).unwrap().to_string();
        let ShopClientError::Unauthorised { status, code, .. } = error else {
            panic!("{error:?}");
        };
        assert_eq!(status, 401);
        (code, help)
    };
    let (code, help) = ask("ck_x", "cs_x", SignIn::Auto).await;
    assert_eq!(code, "woocommerce_rest_authentication_error");
    assert!(help.contains("WooCommerce → Settings → Advanced → REST API"), "{help}");
    let (_, help) = ask(&shop.consumer_key, "cs_x", SignIn::Auto).await;
    assert!(help.contains("Site Address"), "{help}");
    let (code, help) = ask(&shop.consumer_key, &shop.consumer_secret, SignIn::Basic).await;
    assert_eq!(code, "woocommerce_rest_cannot_view");
    assert!(help.contains("OAuth 1.0a"), "{help}");
}

#[test]
fn secrets_are_not_printed() {
    install_crypto();
    let credentials =
        Credentials::ConsumerKey { key: "ck_shown".to_owned(), secret: "cs_shown".to_owned() };
    let client = ShopClient::new("https://shop.test", credentials).unwrap();
    let user =
        Credentials::ApplicationPassword { user: "ada".to_owned(), password: "shown".to_owned() };
    let printed = format!("{client:?} {user:?}");
    assert!(printed.contains("***") && !printed.contains("shown"), "{printed}");
}

#[test]
fn only_web_addresses_are_shops() {
    install_crypto();
    let user = || Credentials::ConsumerKey { key: String::new(), secret: String::new() };
    for url in ["shop.example", "ftp://shop.example", "https://a@b.example", "https://b.example?x"]
    {
        let error = ShopClient::new(url, user()).unwrap_err();
        assert!(matches!(error, ShopClientError::Address { .. }), "{url}");
    }
    let client = ShopClient::new("https://shop.example/wp/", user()).unwrap();
    assert_eq!(client.base_url(), "https://shop.example/wp");
}

/// The bytes of every order are those that the shop printed, in both numbers of decimals.
#[tokio::test]
async fn bodies_come_digit_by_digit() {
    for name in corpus::batches() {
        let shop = batch(name).start().await.unwrap();
        let client = client(&shop, SignIn::Auto);
        for case in corpus::orders(name) {
            let home = |value: &Value| -> Value {
                let text = value.to_string().replace(corpus::RECORDED_URL, &shop.base_url);
                serde_json::from_str(&text).unwrap()
            };
            assert_eq!(value(&client.order(case.id, None).await.unwrap()), home(&case.order));
            let six = client.order(case.id, Some(6)).await.unwrap();
            assert_eq!(value(&six), home(&case.order_dp6));
            let refunds = client.refunds(case.id, None).await.unwrap();
            assert_eq!(refunds.len(), case.refunds.len());
            for refund in refunds {
                assert!(case.refunds.iter().any(|known| home(known) == value(&refund)));
            }
        }
    }
    let (_shop, client) = open().await;
    let order = client.order(49, None).await.unwrap();
    assert!(order.get().contains(r#""price":27.2272725"#), "{}", order.get());
}

#[tokio::test]
async fn settings_become_the_facts_of_the_core() {
    for name in corpus::batches() {
        let shop = batch(name).start().await.unwrap();
        let facts = client(&shop, SignIn::Auto).settings().await.unwrap();
        assert_eq!(serde_json::to_value(&facts).unwrap(), shop.facts(), "{name}");
    }
    let mut store = corpus::store("AU-incl").unwrap().clone();
    store.timezone = "Europe/Berlin".to_owned();
    let shop = batch("AU-incl").store(store).start().await.unwrap();
    let facts = client(&shop, SignIn::Auto).settings().await.unwrap();
    assert_eq!(facts.timezone, "Europe/Berlin");
}

#[tokio::test]
async fn lists_are_read_to_their_end() {
    let (_shop, client) = open().await;
    assert_eq!(client.tax_rates().await.unwrap().len(), 35);
    assert_eq!(client.tax_classes().await.unwrap().len(), 4);
    assert_eq!(client.gateways().await.unwrap().len(), 3);
    assert_eq!(client.customers().await.unwrap().len(), 17);
    assert_eq!(client.all_products().await.unwrap().len(), 21);
    assert_eq!(client.variations(29).await.unwrap().len(), 4);
    let products = client.products(&[10, 11, 9_999]).await.unwrap();
    assert_eq!(sorted_ids(&products), [10, 11]);
    assert!(client.products(&[]).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_list_of_several_pages_is_read_up_to_its_limit() {
    install_crypto();
    let shop = batch("AU-incl").start().await.unwrap();
    for _ in 0..101 {
        shop.add_refund(45, &json!({"amount": "0.01"})).unwrap();
    }
    let with_pages = |list_pages_max| {
        let limits = Limits { list_pages_max, ..quick() };
        ShopClient::with_limits(&shop.base_url, keys(&shop), SignIn::Auto, limits).unwrap()
    };
    let refunds = with_pages(2).refunds(45, None).await.unwrap();
    assert_eq!(refunds.len(), 101);
    assert!(refunds.iter().map(id).is_sorted());
    let error = with_pages(1).refunds(45, None).await.unwrap_err();
    assert!(matches!(error, ShopClientError::ListTooLong { pages_max: 1, .. }), "{error:?}");
}

#[tokio::test]
async fn an_order_is_found_by_its_number() {
    let (shop, client) = open().await;
    let found = client.order_by_number("45", None).await.unwrap().unwrap();
    assert_eq!(id(&found), 45);
    // A plugin may give numbers of its own; the id then leads to another order.
    shop.edit_order(45, |order| order["number"] = "R-1001".into()).unwrap();
    shop.edit_order(52, |order| order["number"] = "45".into()).unwrap();
    let found = client.order_by_number("45", None).await.unwrap().unwrap();
    assert_eq!(id(&found), 52);
    let found = client.order_by_number("R-1001", None).await.unwrap().unwrap();
    assert_eq!(id(&found), 45);
    assert!(client.order_by_number("R-9", None).await.unwrap().is_none());
    let gone = client.order(9, None).await.unwrap_err();
    assert!(matches!(gone, ShopClientError::NotFound { .. }), "{gone:?}");
}

#[tokio::test]
async fn the_sweep_finds_changed_and_trashed_orders() {
    let (shop, client) = open().await;
    let all = client.orders(OrderQuery::default()).collect_all().await.unwrap();
    assert_eq!(sorted_ids(&all), shop.order_ids());

    shop.set_clock(moment("2026-12-01T08:00:00Z"));
    shop.edit_order(45, |_| {}).unwrap();
    shop.trash_order(52).unwrap();
    let changed = async |after: &str| {
        let pages = client.orders(OrderQuery::modified_after(moment(after)));
        sorted_ids(&pages.collect_all().await.unwrap())
    };
    assert_eq!(changed("2026-12-01T07:59:59Z").await, [45, 52]);
    // Exclusive and in whole seconds, whatever the site's zone.
    assert!(changed("2026-12-01T08:00:00Z").await.is_empty());
    assert_eq!(changed("2026-12-01T18:59:59+11:00").await, [45, 52]);

    let query = OrderQuery {
        created_after: Some(moment("2024-01-01T00:00:00Z")),
        created_before: Some(moment("2025-01-01T00:00:00Z")),
        ..OrderQuery::default()
    };
    let early = client.orders(query).collect_all().await.unwrap();
    let expected = corpus::orders("AU-incl")
        .into_iter()
        .filter(|case| case.order["date_created_gmt"].as_str().unwrap().starts_with("2024"));
    assert_eq!(early.len(), expected.count());
}

/// Orders change between the pages; each must be seen at least once after its last change.
#[tokio::test]
async fn paging_misses_nothing_while_orders_change() {
    let cases = tillbook_practice::shop::generate::orders(5, 230, "AU-incl").unwrap();
    let start = moment("2026-12-01T00:00:00Z");
    let shop = PracticeShop::builder().cases(cases).clock(start).start().await.unwrap();
    let ids = shop.order_ids();
    // Four seconds of changes, more than a page in one of them.
    for (at, id) in ids.iter().enumerate() {
        let second = if at < 150 { 0 } else { i64::try_from(at).unwrap() % 3 + 1 };
        shop.set_clock(start + TimeDelta::seconds(second));
        shop.edit_order(*id, |_| {}).unwrap();
    }
    let client = client(&shop, SignIn::Auto);
    let query = OrderQuery { per_page: 20, ..OrderQuery::default() };
    let mut pages = client.orders(query);
    let mut seen = Vec::new();
    let mut turn = 0_usize;
    while let Some(page) = pages.next_page().await.unwrap() {
        seen.extend(page.iter().map(id));
        // The first orders that were shown and some that were not yet move to the end.
        shop.set_clock(start + TimeDelta::seconds(10 + i64::try_from(turn).unwrap()));
        if turn < 8 {
            shop.edit_order(ids[turn * 3], |_| {}).unwrap();
            shop.edit_order(ids[ids.len() - 1 - turn * 3], |_| {}).unwrap();
            shop.trash_order(ids[100 + turn]).unwrap();
        }
        turn += 1;
    }
    for id in &ids {
        assert!(seen.contains(id), "order {id} was missed");
    }
    assert!(turn > 11, "{turn} pages");
}

/// A shop that answers every question with the same page must not be asked for ever.
#[tokio::test]
async fn a_shop_that_ignores_dates_is_named() {
    let error = read_from_parrot("X-WP-TotalPages: 1\r\n").await;
    assert!(matches!(error, ShopClientError::DatesIgnored), "{error:?}");
    let error = read_from_parrot("").await;
    let ShopClientError::Shape { why } = error else { panic!("{error:?}") };
    assert!(why.contains("X-WP-TotalPages"), "{why}");
}

/// Reads from a server that says the same two orders whatever it is asked.
async fn read_from_parrot(header: &'static str) -> ShopClientError {
    install_crypto();
    let order = |id| json!({"id": id, "date_modified_gmt": "2026-01-01T00:00:00"});
    let page = json!([order(1), order(2)]).to_string();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                request.push(stream.read_u8().await.unwrap());
            }
            let head = format!("HTTP/1.1 200 OK\r\n{header}Content-Type: application/json");
            let length = format!("Connection: close\r\nContent-Length: {}", page.len());
            let answer = format!("{head}\r\n{length}\r\n\r\n{page}");
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    let credentials = Credentials::ConsumerKey { key: "ck".to_owned(), secret: "cs".to_owned() };
    let client = ShopClient::with_limits(&url, credentials, SignIn::Auto, quick()).unwrap();
    let query = OrderQuery { per_page: 2, ..OrderQuery::default() };
    client.orders(query).collect_all().await.unwrap_err()
}

#[tokio::test]
async fn the_stream_gives_the_same_orders() {
    let (shop, client) = open().await;
    let query = OrderQuery { per_page: 3, dp: Some(6), ..OrderQuery::default() };
    let some = OrderQuery { fields: Some(vec!["status".to_owned()]), ..query.clone() };
    let listed = client.orders(some).collect_all().await.unwrap();
    assert_eq!(sorted_ids(&listed), shop.order_ids());
    assert_eq!(value(&listed[0]).as_object().unwrap().len(), 3);
    let stream = client.orders(query).into_stream();
    let orders: Vec<RawJson> = stream.try_collect().await.unwrap();
    assert_eq!(sorted_ids(&orders), shop.order_ids());
    assert_eq!(value(&orders[0])["total"].as_str().unwrap().split('.').nth(1).unwrap().len(), 6);
}

#[tokio::test]
async fn customers_come_along_only_where_their_role_counts() {
    install_crypto();
    let shop = batch("AU-incl").start().await.unwrap();
    let source = ShopSource::open(&ShopConfig {
        url: shop.base_url.clone(),
        consumer_key: Secret::new(&shop.consumer_key),
        consumer_secret: Secret::new(&shop.consumer_secret),
    })
    .unwrap();
    // Order 54 is customer 3's, order 45 a guest's.
    let facts = source.read_facts(&[45, 54]).await.unwrap();
    assert!(facts.sales.iter().all(|(_, sale)| sale.customer.is_none()));
    assert!(!shop.requests().iter().any(|call| call.contains("/customers")));

    let mut settings = Settings::default();
    settings.contact.one_for_roles = vec!["wholesale".into()];
    let facts = source.for_settings(&settings).read_facts(&[45, 54]).await.unwrap();
    let roles: Vec<Option<Value>> = facts
        .sales
        .iter()
        .map(|(_, sale)| sale.customer.as_ref().map(|customer| value(customer)["role"].clone()))
        .collect();
    assert_eq!(roles, [None, Some("customer".into())]);
    let calls = shop.requests().into_iter().filter(|call| call.contains("/customers")).count();
    assert_eq!(calls, 1, "one look-up for a hundred customers");
}

#[tokio::test]
async fn a_variation_brings_its_product_with_it() {
    install_crypto();
    let shop = batch("AU-incl").start().await.unwrap();
    let source = ShopSource::open(&ShopConfig {
        url: shop.base_url.clone(),
        consumer_key: Secret::new(&shop.consumer_key),
        consumer_secret: Secret::new(&shop.consumer_secret),
    })
    .unwrap();
    // 31 is a variation of 29, and nothing has the last id any more.
    let records = source.read_records(&[10, 31, 999_999], &[17, 999_999]).await.unwrap();
    assert_eq!(sorted_ids(&records.products), [10, 29, 30, 31, 32, 33]);
    assert_eq!(sorted_ids(&records.customers), [17]);
    let nothing = source.read_records(&[], &[]).await.unwrap();
    assert!(nothing.products.is_empty() && nothing.customers.is_empty());
}
