//! Shops that answer late, oddly or not at all.

use std::time::Duration;
use std::time::Instant;
use tillbook::shop_client::Credentials;
use tillbook::shop_client::Limits;
use tillbook::shop_client::ShopClient;
use tillbook::shop_client::ShopClientError;
use tillbook::shop_client::SignIn;
use tillbook_practice::shop::Fault;
use tokio::net::TcpListener;
use tokio::net::TcpSocket;
use tokio::net::TcpStream;

use crate::{batch, client, id, install_crypto, keys, open, quick};

#[tokio::test]
async fn passing_trouble_is_tried_again() {
    let (shop, client) = open().await;
    let status = |status| Fault::Status { status, retry_after_secs: None };
    shop.fail_next([status(502), status(503), status(429)]);
    assert_eq!(id(&client.order(45, None).await.unwrap()), 45);

    // The fourth failure is the last try.
    shop.fail_next([500, 500, 500, 503].map(status));
    let error = client.order(45, None).await.unwrap_err();
    assert!(
        matches!(error, ShopClientError::Unavailable { status: 503, attempts: 4 }),
        "{error:?}"
    );
    assert!(error.is_passing());

    shop.fail_next([429; 4].map(status));
    let error = client.order(45, None).await.unwrap_err();
    assert!(matches!(error, ShopClientError::TooManyRequests { .. }), "{error:?}");
}

#[tokio::test]
async fn a_shop_that_asks_for_a_long_rest_gets_it() {
    let (shop, client) = open().await;
    shop.fail_next([Fault::Status { status: 429, retry_after_secs: Some(3_600) }]);
    let before = Instant::now();
    let error = client.order(45, None).await.unwrap_err();
    assert!(before.elapsed() < Duration::from_secs(5));
    let ShopClientError::TooManyRequests { retry_after } = error else { panic!("{error:?}") };
    assert_eq!(retry_after, Some(Duration::from_hours(1)));
    assert!(shop.requests().is_empty());
}

#[tokio::test]
async fn answers_that_cannot_be_read_are_named() {
    let (shop, client) = open().await;
    shop.fail_next([Fault::Html { status: 200 }, Fault::Html { status: 200 }]);
    let error = client.order(45, None).await.unwrap_err();
    let ShopClientError::Html { status: 200, title } = error else { panic!("{error:?}") };
    assert_eq!(title, "Briefly unavailable for scheduled maintenance");

    // A firewall's page is not asked about permalinks.
    shop.fail_next([Fault::Html { status: 403 }]);
    let error = client.order(45, None).await.unwrap_err();
    assert!(matches!(error, ShopClientError::Html { status: 403, .. }), "{error:?}");

    shop.fail_next([Fault::PhpWarning]);
    let error = client.order(45, None).await.unwrap_err();
    let ShopClientError::Shape { why } = &error else { panic!("{error:?}") };
    assert!(why.contains("<b>Warning</b>"), "{why}");
    assert!(!error.is_passing());

    shop.fail_next([Fault::RedirectLoop]);
    let error = client.order(45, None).await.unwrap_err();
    let ShopClientError::Redirected { from, to } = error else { panic!("{error:?}") };
    assert!(from.ends_with(&to) && !to.contains("oauth"), "{from} {to}");

    shop.fail_next([Fault::RedirectTo("https://www.shop.test/wp-json/?a=1".to_owned())]);
    let error = client.order(45, None).await.unwrap_err();
    let ShopClientError::Redirected { to, .. } = error else { panic!("{error:?}") };
    assert_eq!(to, "https://www.shop.test/wp-json/");
}

#[tokio::test]
async fn plain_permalinks_are_found_once() {
    let shop = batch("AU-incl").pretty_permalinks(false).start().await.unwrap();
    let client = client(&shop, SignIn::Auto);
    assert_eq!(id(&client.order(45, None).await.unwrap()), 45);
    assert_eq!(client.settings().await.unwrap().timezone, "Australia/Sydney");
    assert_eq!(client.tax_rates().await.unwrap().len(), 35);
    // From then on nothing is asked at the wrong place: a fault meets the one right request.
    shop.fail_next([Fault::Html { status: 404 }]);
    let error = client.order(45, None).await.unwrap_err();
    assert!(matches!(error, ShopClientError::Html { .. }), "{error:?}");
    assert!(client.order(45, None).await.is_ok());
}

#[tokio::test]
async fn a_flood_is_cut_off() {
    install_crypto();
    let shop = batch("AU-incl").start().await.unwrap();
    let limits = Limits { response_bytes_max: 100_000, ..quick() };
    let client =
        ShopClient::with_limits(&shop.base_url, keys(&shop), SignIn::Auto, limits).unwrap();
    shop.fail_next([Fault::Flood(100_001)]);
    let error = client.order(45, None).await.unwrap_err();
    assert!(matches!(error, ShopClientError::TooLarge { bytes_max: 100_000 }), "{error:?}");
    assert!(client.order(45, None).await.is_ok());
    shop.fail_next([Fault::Flood(100_000 - 4)]);
    let error = client.gateways().await.map(|list| list.len());
    assert_eq!(error.unwrap(), 1);
}

#[tokio::test]
async fn a_slow_shop_is_left() {
    install_crypto();
    let shop = batch("AU-incl").start().await.unwrap();
    let limits = Limits { request_timeout: Duration::from_millis(200), attempts_max: 2, ..quick() };
    let client =
        ShopClient::with_limits(&shop.base_url, keys(&shop), SignIn::Auto, limits).unwrap();
    let late = || Fault::Delay(Duration::from_mins(1));
    shop.fail_next([late(), late()]);
    let error = client.order(45, None).await.unwrap_err();
    let ShopClientError::Unreachable { attempts: 2, source } = &error else {
        panic!("{error:?}");
    };
    assert!(source.is_timeout());
    // An error may be logged: no signature in it.
    assert!(!format!("{error:?}").contains("oauth_signature"), "{error:?}");
}

/// A machine that does not take up the connection is given up before the whole time is spent.
#[tokio::test]
async fn a_silent_machine_is_given_up() {
    install_crypto();
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    // Nobody accepts: once the queue is full, the next connection is left hanging.
    let mut queue = Vec::new();
    while let Ok(stream) =
        tokio::time::timeout(Duration::from_millis(300), TcpStream::connect(address)).await
    {
        queue.push(stream.unwrap());
        assert!(queue.len() < 64, "the queue does not fill");
    }
    let limits = Limits { connect_timeout: Duration::from_millis(200), attempts_max: 1, ..quick() };
    let credentials = Credentials::ConsumerKey { key: "ck".to_owned(), secret: "cs".to_owned() };
    let url = format!("http://{address}");
    let client = ShopClient::with_limits(&url, credentials, SignIn::Auto, limits).unwrap();
    let before = Instant::now();
    let error = client.order(1, None).await.unwrap_err();
    assert!(before.elapsed() < Duration::from_secs(10));
    let ShopClientError::Unreachable { source, .. } = error else { panic!("{error:?}") };
    assert!(source.is_connect() && source.is_timeout(), "{source:?}");
}

#[tokio::test]
async fn a_closed_door_is_no_answer() {
    install_crypto();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let credentials = Credentials::ConsumerKey { key: "ck".to_owned(), secret: "cs".to_owned() };
    let client = ShopClient::with_limits(&url, credentials, SignIn::Auto, quick()).unwrap();
    let error = client.order(1, None).await.unwrap_err();
    assert!(matches!(error, ShopClientError::Unreachable { attempts: 4, .. }), "{error:?}");
    assert!(error.is_passing());
}
