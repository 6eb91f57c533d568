//! `tillbook doctor` tries each configured source of payouts.

use std::process::Output;

use tillbook_practice::shop::{PracticeShop, Running};
use tokio::process::Command;

use crate::{config, open};

async fn doctor(shop: &Running, more: &[(&str, &str)]) -> (Output, String) {
    let config = config(shop);
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_tillbook"))
        .args(["doctor", "--settings"])
        .current_dir(folder.path())
        .env_clear()
        .env("TILLBOOK_SHOP_URL", &config.shop.url)
        .env("TILLBOOK_SHOP_CONSUMER_KEY", config.shop.consumer_key.reveal())
        .env("TILLBOOK_SHOP_CONSUMER_SECRET", config.shop.consumer_secret.reveal())
        .env("TILLBOOK_STRIPE_URL", &config.stripe.url)
        .env("TILLBOOK_STRIPE_SECRET_KEY", config.stripe.secret_key.reveal())
        .env("TILLBOOK_PAYPAL_URL", &config.paypal.url)
        .env("TILLBOOK_PAYPAL_CLIENT_ID", &config.paypal.client_id)
        .env("TILLBOOK_PAYPAL_CLIENT_SECRET", config.paypal.client_secret.reveal())
        .envs(more.iter().copied())
        .output()
        .await
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    for secret in [&config.stripe.secret_key, &config.paypal.client_secret] {
        assert!(secret.is_empty() || !text.contains(secret.reveal()), "{text}");
    }
    (output, text)
}

fn line<'a>(text: &'a str, name: &str) -> &'a str {
    let found = text.lines().find(|line| line.split_whitespace().nth(1) == Some(name));
    found.unwrap_or_else(|| panic!("no {name} in {text}")).trim()
}

#[tokio::test]
async fn each_source_has_a_line() {
    let shop = open("AU-incl", 7).await;
    let (output, text) = doctor(&shop, &[]).await;
    assert_eq!(output.status.code(), Some(0), "{text}");
    for name in ["WooPayments", "Stripe", "PayPal"] {
        let line = line(&text, name);
        assert!(line.starts_with("ok") && line.contains("can be read"), "{line}");
    }
    let shown = text.lines().find(|line| line.contains("stripe.secret_key")).unwrap();
    assert!(shown.contains("***") && shown.contains("$TILLBOOK_STRIPE_SECRET_KEY"), "{shown}");

    let wrong = [("TILLBOOK_STRIPE_SECRET_KEY", "rk_wrong"), ("TILLBOOK_PAYPAL_CLIENT_SECRET", "")];
    let (output, text) = doctor(&shop, &wrong).await;
    assert_eq!(output.status.code(), Some(4), "{text}");
    assert!(
        line(&text, "Stripe").starts_with("WRONG") && text.contains("restricted key"),
        "{text}"
    );
    assert!(line(&text, "PayPal").contains("`paypal.client_secret` is empty"), "{text}");
}

#[tokio::test]
async fn a_shop_without_gateways_is_well() {
    let shop = PracticeShop::builder().batch("AU-incl").start().await.unwrap();
    let unset = [
        ("TILLBOOK_STRIPE_URL", "https://api.stripe.com"),
        ("TILLBOOK_PAYPAL_URL", "https://api-m.paypal.com"),
    ];
    let (output, text) = doctor(&shop, &unset).await;
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(line(&text, "WooPayments").starts_with('–'), "{text}");
    let lines = || text.lines().filter(|line| !line.contains('$'));
    assert!(!lines().any(|line| line.trim().starts_with("ok    Stripe")), "{text}");
}
