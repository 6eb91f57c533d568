//! Whether each configured source of payouts lets itself be read: one day of it is.

use chrono::{Days, NaiveDate, Utc};
use miette::Diagnostic as _;
use tillbook::{
    config::Config,
    payout_client::{PayoutClient, PayoutError},
    shop_facts::ShopSource,
};

use super::Report;

/// PayPal gathers transactions within hours; before that it has nothing to show.
const DAYS_AGO: u64 = 3;

pub(super) async fn check(config: &Config, report: &mut Report) {
    let today = Utc::now().date_naive();
    let day = today.checked_sub_days(Days::new(DAYS_AGO)).unwrap_or(today);
    if config.has_shop()
        && let Ok(shop) = ShopSource::open(&config.shop)
    {
        let client = Ok(PayoutClient::woopayments(shop.client()));
        check_one("WooPayments", client, day, report).await;
    }
    if config.has_stripe() {
        check_one("Stripe", PayoutClient::stripe(&config.stripe), day, report).await;
    }
    if config.has_paypal() {
        check_one("PayPal", PayoutClient::paypal(&config.paypal), day, report).await;
    }
}

async fn check_one(
    name: &str,
    client: Result<PayoutClient, PayoutError>,
    day: NaiveDate,
    report: &mut Report,
) {
    let read = async { client?.probe(day).await };
    match read.await {
        Ok(()) => Report::well(name, "its payouts can be read"),
        // Most shops have one or two gateways: that it is not there is nothing to cure.
        Err(PayoutError::NoPlugin) => Report::absent(
            name,
            "the shop does not have it",
            "nothing, unless its payouts are to be read: then install and activate it",
        ),
        // The shop has a line of its own.
        Err(PayoutError::Shop(error)) if error.is_passing() => {
            Report::absent(name, &error.to_string(), "cure the shop first");
        }
        Err(error) => {
            let cure = error.help().map_or_else(String::new, |help| help.to_string());
            report.ill(name, &error.to_string(), &cure);
        }
    }
}
