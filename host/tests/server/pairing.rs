//! Connecting a shop with a code.

use std::time::Duration;

use serde_json::json;
use tillbook::branch::ShopSecrets;
use tillbook::store::{NOT_ON, ShopRow};
use tillbook::time::Clock as _;

use crate::plant::{HOOK_SECRET, Plant};
use crate::stage::{signature, vault};

async fn only_shop(plant: &Plant) -> ShopRow {
    let mut shops = plant.store.shops().await.unwrap();
    assert_eq!(shops.len(), 1);
    shops.remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_connects_a_shop_once() {
    let plant = Plant::open(1).await;
    let code = plant.store.add_pairing(plant.clock.now()).await.unwrap();
    assert!(
        code.len() == 9 && code.chars().all(|one| one == '-' || one.is_ascii_alphanumeric()),
        "{code}"
    );
    // Small letters and spaces are the same code.
    let typed = code.to_lowercase().replace('-', " ");
    let (status, paired) = plant.try_pair(&plant.wish(&typed)).await;
    assert_eq!(status, 201, "{paired}");
    let slug = paired["shop"].as_str().unwrap();
    assert_eq!(paired["hook_path"], format!("/hooks/woocommerce/{slug}"));
    assert_eq!(paired["event_path"], format!("/events/{slug}"));
    assert_eq!(paired["module_sha256"], tillbook::module::SHA256);
    let shop = only_shop(&plant).await;
    assert_eq!((shop.url.as_str(), shop.organisation.as_str()), (&*plant.shop.base_url, ""));
    assert_eq!(shop.reason, NOT_ON);
    let secrets = ShopSecrets::open(&vault(), &shop).unwrap();
    assert_eq!(secrets.hook_secret, HOOK_SECRET);
    assert_eq!(secrets.consumer_key, plant.shop.consumer_key);
    // Once.
    let (status, again) = plant.try_pair(&plant.wish(&code)).await;
    assert_eq!((status, &again["error"]["code"]), (401, &json!("wrong_code")), "{again}");
    // The token is good for this shop, and webhooks are believed.
    let token = paired["token"].as_str().unwrap();
    let url = plant.url(&format!("/api/v1/shops/{slug}/status"));
    let answer = plant.client.get(url).bearer_auth(token).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let body = r#"{"id":7}"#;
    let request = plant
        .client
        .post(plant.url(&format!("/hooks/woocommerce/{slug}")))
        .header("X-WC-Webhook-Topic", "order.updated")
        .header("X-WC-Webhook-Signature", signature(HOOK_SECRET, body.as_bytes()))
        .body(body);
    assert_eq!(request.send().await.unwrap().status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_runs_out_and_guesses_are_few() {
    let plant = Plant::open(0).await;
    let code = plant.store.add_pairing(plant.clock.now()).await.unwrap();
    plant.pass(Duration::from_secs(15 * 60));
    let (status, late) = plant.try_pair(&plant.wish(&code)).await;
    assert_eq!((status, &late["error"]["code"]), (401, &json!("wrong_code")), "{late}");
    let mut statuses = Vec::new();
    for _ in 0..14 {
        statuses.push(plant.try_pair(&plant.wish("AAAA-AAAA")).await.0);
    }
    assert!(statuses[..5].iter().all(|status| *status == 401), "{statuses:?}");
    assert!(statuses.contains(&429), "{statuses:?}");
    assert!(plant.store.shops().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_whose_keys_do_not_open_it_is_refused_and_the_code_stays_good() {
    let plant = Plant::open(0).await;
    let code = plant.store.add_pairing(plant.clock.now()).await.unwrap();
    let mut wish = plant.wish(&code);
    wish["consumer_secret"] = json!("cs_wrong");
    let (status, answer) = plant.try_pair(&wish).await;
    assert_eq!((status, &answer["error"]["code"]), (422, &json!("shop_unreachable")), "{answer}");
    let message = answer["error"]["message"].as_str().unwrap();
    assert!(message.contains("refused the key") && !message.contains("cs_wrong"), "{message}");
    // Nobody without a code makes the host ask anything.
    let before = plant.shop.requests().len();
    assert_eq!(plant.try_pair(&plant.wish("BBBB-BBBB")).await.0, 401);
    assert_eq!(plant.shop.requests().len(), before);
    assert_eq!(plant.try_pair(&plant.wish(&code)).await.0, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_shop_gets_new_keys_instead_of_a_second_shop() {
    let plant = Plant::open(0).await;
    let first = plant.pair().await;
    first.switch_on().await;
    let code = plant.store.add_pairing(plant.clock.now()).await.unwrap();
    let mut wish = plant.wish(&code);
    wish["hook_secret"] = json!("another secret of the hooks");
    let (status, paired) = plant.try_pair(&wish).await;
    assert_eq!((status, paired["shop"].as_str()), (201, Some(first.shop.as_str())), "{paired}");
    let shop = only_shop(&plant).await;
    let secrets = ShopSecrets::open(&vault(), &shop).unwrap();
    assert_eq!(secrets.hook_secret, "another secret of the hooks");
    assert!(!shop.organisation.is_empty() && shop.was_on(), "it stays connected and on");
    let (status, _) = first.ask(reqwest::Method::GET, "status", None).await;
    assert_eq!(status, 401, "the old token is taken back");
}
