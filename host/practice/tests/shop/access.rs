//! Signing in to the practice shop, as the real one was seen to let in and turn away.

use crate::caller::{Answer, Caller, check_error};
use chrono::Utc;
use serde_json::Value;
use tillbook_practice::shop::{Builder, PracticeShop};

const REFUSED: &str = "woocommerce_rest_authentication_error";
const STRANGER: &str = "woocommerce_rest_cannot_view";
const ORDER: &str = "/wp-json/wc/v3/orders/45";

fn shop() -> Builder {
    PracticeShop::builder().batch("AU-incl")
}

#[tokio::test]
async fn over_http_only_oauth_opens() {
    let shop = shop().start().await.unwrap();
    let caller = Caller::of(&shop);
    assert_eq!(caller.get("orders/45", "").await.status, 200);
    let keys = format!(
        "{ORDER}?consumer_key={}&consumer_secret={}",
        shop.consumer_key, shop.consumer_secret
    );
    check_error(&caller.raw("GET", &keys, Value::Null).await, 401, STRANGER);
    check_error(&caller.clone().basic().get("orders/45", "").await, 401, STRANGER);
    check_error(&caller.raw("GET", ORDER, Value::Null).await, 401, STRANGER);
    let index = caller.raw("GET", "/wp-json/", Value::Null).await;
    assert_eq!(index.json()["timezone_string"], "Australia/Sydney");
}

#[tokio::test]
async fn over_https_basic_and_query_open() {
    let shop = shop().https(true).start().await.unwrap();
    let caller = Caller::of(&shop);
    assert_eq!(caller.clone().basic().get("orders/45", "").await.status, 200);
    let keys = format!(
        "{ORDER}?consumer_key={}&consumer_secret={}",
        shop.consumer_key, shop.consumer_secret
    );
    assert_eq!(caller.raw("GET", &keys, Value::Null).await.status, 200);
    let wrong = Caller::with(&shop, &shop.consumer_key, "cs_wrong").basic();
    let answer = wrong.get("orders/45", "").await;
    check_error(&answer, 401, REFUSED);
    assert_eq!(answer.json()["message"], "Consumer secret is invalid.");
    assert!(answer.header("www-authenticate").starts_with("Basic realm=\"WooCommerce API."));
    // An unknown key is nobody, not an error.
    let unknown = Caller::with(&shop, "ck_unknown", "cs_wrong").basic();
    check_error(&unknown.get("orders/45", "").await, 401, STRANGER);
}

#[tokio::test]
async fn a_trusted_proxy_makes_a_request_https() {
    let shop = shop().trust_forwarded_proto(true).start().await.unwrap();
    let caller = Caller::of(&shop).basic();
    check_error(&caller.get("orders/45", "").await, 401, STRANGER);
    let keys = format!(
        "{ORDER}?consumer_key={}&consumer_secret={}",
        shop.consumer_key, shop.consumer_secret
    );
    let header = "X-Forwarded-Proto: https\r\n";
    assert_eq!(caller.exchange("GET", &keys, header, &Value::Null).await.status, 200);
}

#[tokio::test]
async fn each_fault_of_a_signature_has_its_words() {
    let shop = shop().start().await.unwrap();
    let caller = Caller::of(&shop);
    let now = Utc::now().timestamp();
    let ask =
        async |query: String| caller.raw("GET", &format!("{ORDER}?{query}"), Value::Null).await;
    let says = |answer: &Answer, message: &str| {
        check_error(answer, 401, REFUSED);
        assert_eq!(answer.json()["message"], message);
    };
    let good = caller.sign_as("GET", ORDER, "dp=6", "first", now);
    assert_eq!(ask(good.clone()).await.status, 200);
    says(&ask(good.clone()).await, "Invalid nonce - nonce has already been used.");
    let bent = good.replace("dp=6", "dp=5").replace("=first", "=second");
    says(&ask(bent).await, "Invalid signature - provided signature does not match.");
    let old = caller.sign_as("GET", ORDER, "", "old", now - 16 * 60);
    says(&ask(old).await, "Invalid timestamp.");
    let method = good.replace("HMAC-SHA256", "PLAINTEXT");
    says(&ask(method).await, "Invalid signature - signature method is invalid.");
    let stranger = Caller::with(&shop, "ck_x", "cs_x").get("orders/45", "").await;
    says(&stranger, "Consumer key is invalid.");
    let half = ask("oauth_consumer_key=ck_x&oauth_nonce=1".to_owned()).await;
    check_error(&half, 401, "woocommerce_rest_authentication_missing_parameter");
    assert_eq!(
        half.json()["message"],
        "Missing OAuth parameters oauth_timestamp, oauth_signature, oauth_signature_method"
    );
}

#[tokio::test]
async fn oauth_may_stand_in_the_header() {
    let shop = shop().start().await.unwrap();
    let caller = Caller::of(&shop);
    let query = caller.sign("GET", ORDER, "");
    let parts: Vec<String> = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| format!("{name}=\"{value}\""))
        .collect();
    let header = format!("Authorization: OAuth {}\r\n", parts.join(", "));
    assert_eq!(caller.exchange("GET", ORDER, &header, &Value::Null).await.status, 200);
}

#[tokio::test]
async fn application_passwords_need_https_or_a_local_site() {
    let password = "abcd EFGH ijkl MNOP";
    let user = |builder: Builder| builder.application_password("ada", password);
    let open = async |builder: Builder, user: &str, password: &str| {
        let shop = builder.start().await.unwrap();
        Caller::with(&shop, user, password).basic().get("orders/45", "").await
    };
    check_error(&open(user(shop()), "ada", password).await, 401, STRANGER);
    let local = || user(shop()).environment_local(true);
    assert_eq!(open(local(), "ada", password).await.status, 200);
    assert_eq!(open(user(shop()).https(true), "ada", "abcdEFGHijklMNOP").await.status, 200);
    check_error(&open(local(), "ada", "wrong").await, 401, "incorrect_password");
    check_error(&open(local(), "eve", password).await, 401, "invalid_username");
}
