//! Contract of the payout clients with the practice gateways: each payout and entry is read once,
//! and what was read adds up in the core.

#![expect(clippy::unwrap_used, clippy::panic, reason = "test code: a failure is what it is for")]

mod doctor;
mod file;
mod ledger;
mod script;
mod trouble;

use std::time::Duration;

use chrono::NaiveDate;
use serde::Deserialize;
use tillbook::config::{Config, Secret};
use tillbook::payout_client::{Limits, PayoutClient, RawPayouts};
use tillbook::shop_client::{Credentials, Limits as ShopLimits, ShopClient, SignIn};
use tillbook::zone::zone_input;
use tillbook_core::contract::ReadPayoutsResponse;
use tillbook_core::shop::payout::Source;
use tillbook_practice::gateways::{Gateway, Gateways};
use tillbook_practice::shop::{PracticeShop, Running, corpus};

const SOURCES: [(Source, Gateway); 3] = [
    (Source::Woopayments, Gateway::WooPayments),
    (Source::Stripe, Gateway::Stripe),
    (Source::Paypal, Gateway::PayPal),
];

fn quick() -> Limits {
    Limits {
        retry_delay: Duration::from_millis(1),
        retry_delay_max: Duration::from_millis(20),
        ..Limits::default()
    }
}

/// A shop with a batch, dealt over gateways.
async fn open(batch: &str, seed: u64) -> Running {
    let dealt = Gateways::deal(seed, corpus::orders(batch).into_iter().cloned());
    PracticeShop::builder().gateways(dealt).start().await.unwrap()
}

/// The configuration for a shop's gateways.
fn config(shop: &Running) -> Config {
    let mut config = Config::default();
    config.shop.url.clone_from(&shop.base_url);
    config.shop.consumer_key = Secret::new(&shop.consumer_key);
    config.shop.consumer_secret = Secret::new(&shop.consumer_secret);
    if let Some(stripe) = &shop.stripe {
        config.stripe.url.clone_from(&stripe.base_url);
        config.stripe.secret_key = Secret::new(&stripe.secret_key);
    }
    if let Some(paypal) = &shop.paypal {
        config.paypal.url.clone_from(&paypal.base_url);
        config.paypal.client_id.clone_from(&paypal.client_id);
        config.paypal.client_secret = Secret::new(&paypal.client_secret);
    }
    config
}

fn shop_client(url: &str, key: &str, secret: &str) -> ShopClient {
    let credentials = Credentials::ConsumerKey { key: key.to_owned(), secret: secret.to_owned() };
    let limits = ShopLimits {
        retry_delay: Duration::from_millis(1),
        retry_delay_max: Duration::from_millis(20),
        ..ShopLimits::default()
    };
    ShopClient::with_limits(url, credentials, SignIn::Auto, limits).unwrap()
}

fn client(shop: &Running, source: Source) -> PayoutClient {
    let own = shop_client(&shop.base_url, &shop.consumer_key, &shop.consumer_secret);
    PayoutClient::for_source(source, &config(shop), &own).unwrap().with_limits(quick())
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// What the core makes of it, in a zone.
fn read_by_core(raw: &RawPayouts, zone: &str) -> ReadPayoutsResponse {
    let zone = zone_input(zone, day("2023-01-01"), day("2027-12-31")).unwrap();
    let request = serde_json::to_string(&raw.as_request(zone)).unwrap();
    read_reply(&tillbook_core::call("read_payouts", &request))
}

fn read_reply(reply: &str) -> ReadPayoutsResponse {
    #[derive(Deserialize)]
    struct Reply {
        ok: ReadPayoutsResponse,
    }
    let reply: Reply =
        serde_json::from_str(reply).unwrap_or_else(|error| panic!("{error}: {reply:.300}"));
    reply.ok
}
