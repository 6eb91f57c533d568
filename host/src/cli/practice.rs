//! `tillbook practice`: a practice shop and a practice Xero, to try everything against.

use clap::Args;
use miette::{IntoDiagnostic, WrapErr, miette};
use tillbook_practice::{
    gateways::Gateways,
    shop::{PracticeShop, corpus},
    xero::PracticeXero,
};

use super::{Exit, Global, practice_chart};

/// How the orders are dealt over gateways: always the same way.
const SEED: u64 = 1;

/// Days before the last that the printed example sums up.
const DAYS_SHOWN: u64 = 21;

/// Run a practice shop and a practice Xero on this machine until Ctrl-C
///
/// The shop answers WooCommerce's REST API v3 with recorded orders; the Xero keeps Xero's rules,
/// limits and arithmetic. Both listen on 127.0.0.1 only and forget everything at the end.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tillbook practice
  tillbook practice --shop GB-incl --shop-port 8080 --xero-port 8081
  tillbook practice --shop GB-incl --payouts      with WooPayments, Stripe and PayPal, which pay out

What it prints can be pasted into another terminal; then `tillbook doctor` and
`tillbook sync --dry-run` work against it.")]
pub(crate) struct PracticeArgs {
    /// Which recorded shop
    #[arg(long, default_value = "AU-incl", value_name = "NAME")]
    shop: String,
    /// Port of the shop; a free one without
    #[arg(long, default_value_t = 0, value_name = "PORT")]
    shop_port: u16,
    /// Deal the orders over WooPayments, Stripe and PayPal, which then pay out
    #[arg(long)]
    payouts: bool,
    /// Port of the Xero; a free one without
    #[arg(long, default_value_t = 0, value_name = "PORT")]
    xero_port: u16,
}

pub(crate) async fn run(_global: &Global, args: PracticeArgs) -> miette::Result<Exit> {
    let names = corpus::batches();
    let store = corpus::store(&args.shop).ok_or_else(|| {
        miette!(
            help = format!("there are {}", names.join(", ")),
            "there is no shop `{}`",
            args.shop
        )
    })?;
    let profile = serde_json::from_value(store.to_facts("")).into_diagnostic()?;
    let builder = if args.payouts {
        let cases = corpus::orders(&args.shop).into_iter().cloned();
        PracticeShop::builder().gateways(Gateways::deal(SEED, cases))
    } else {
        PracticeShop::builder().batch(&args.shop)
    };
    let shop = builder
        .listen(([127, 0, 0, 1], args.shop_port).into())
        .start()
        .await
        .into_diagnostic()
        .wrap_err("the practice shop cannot start")?;
    let xero = PracticeXero::builder()
        .organisation(practice_chart::preset_for(&profile))
        .port(args.xero_port)
        .start()
        .await
        .into_diagnostic()
        .wrap_err("the practice Xero cannot start")?;
    println!(
        "# practice shop {} with {} orders, and a practice Xero",
        args.shop,
        shop.order_ids().len()
    );
    println!("export TILLBOOK_SHOP_URL={}", shop.base_url);
    println!("export TILLBOOK_SHOP_CONSUMER_KEY={}", shop.consumer_key);
    println!("export TILLBOOK_SHOP_CONSUMER_SECRET={}", shop.consumer_secret);
    println!("export TILLBOOK_XERO_API_URL={}/api.xro/2.0", xero.base_url());
    println!("export TILLBOOK_XERO_IDENTITY_URL={}/connect/token", xero.base_url());
    println!("export TILLBOOK_XERO_AUTHORISE_URL={}/identity/connect/authorize", xero.base_url());
    println!("export TILLBOOK_XERO_CLIENT_ID={}", xero.client_id());
    println!("export TILLBOOK_XERO_CLIENT_SECRET={}", xero.client_secret());
    println!("export TILLBOOK_XERO_TENANT_ID={}", xero.tenant());
    if let (Some(stripe), Some(paypal), Some(dealt)) = (&shop.stripe, &shop.paypal, shop.gateways())
    {
        println!("export TILLBOOK_STRIPE_URL={}", stripe.base_url);
        println!("export TILLBOOK_STRIPE_SECRET_KEY={}", stripe.secret_key);
        println!("export TILLBOOK_PAYPAL_URL={}", paypal.base_url);
        println!("export TILLBOOK_PAYPAL_CLIENT_ID={}", paypal.client_id);
        println!("export TILLBOOK_PAYPAL_CLIENT_SECRET={}", paypal.client_secret);
        let last = dealt.closed_at.date_naive();
        let first = last.checked_sub_days(chrono::Days::new(DAYS_SHOWN)).unwrap_or(last);
        println!("# then: tillbook summarise --what-if --dry-run --from {first} --to {last}");
    }
    println!("# Ctrl-C ends both");
    tokio::signal::ctrl_c().await.into_diagnostic()?;
    xero.shutdown().await;
    drop(shop);
    Ok(Exit::Ok)
}
