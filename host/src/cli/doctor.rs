//! `tillbook doctor`: what is missing, and how to cure it.

mod payouts;

use std::{collections::BTreeMap, time::Instant};

use clap::Args;
use miette::Diagnostic;
use tillbook::{
    config::{Config, Source},
    lock::ProcessLock,
    shop_facts::ShopSource,
    store::Store,
    xero_client::XeroClient,
};

use super::{Exit, Global, context, table};

/// More than this makes OAuth and lock dates go wrong.
const SKEW_MS_MAX: i64 = 30_000;

/// Say what is missing, and how to cure it
///
/// Reads only: nothing is changed in the shop, at a gateway or in Xero.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  tillbook doctor\n  tillbook doctor --config /etc/tillbook.toml\n\nExit code 4 when something needs a cure."
)]
pub(crate) struct DoctorArgs {
    /// List every setting with its value and where it came from
    #[arg(long)]
    settings: bool,
}

/// What the checks found.
#[derive(Debug, Default)]
struct Report {
    wrong: usize,
}

impl Report {
    fn well(what: &str, detail: &str) {
        println!("  ok    {what:<14} {detail}");
    }

    fn absent(what: &str, detail: &str, cure: &str) {
        println!("  –     {what:<14} {detail}\n        {:<14} → {cure}", "");
    }

    fn ill(&mut self, what: &str, detail: &str, cure: &str) {
        self.wrong += 1;
        println!("  WRONG {what:<14} {detail}\n        {:<14} → {cure}", "");
    }
}

pub(crate) async fn run(global: &Global, args: DoctorArgs) -> miette::Result<Exit> {
    let (config, sources) = context::configure(global)?;
    let mut report = Report::default();
    if args.settings {
        println!("{}", list(&config, &sources));
    }
    let set = sources.values().filter(|source| **source != Source::Default).count();
    Report::well("configuration", &format!("{set} of {} settings are set", sources.len()));
    check_data(&config, &mut report).await;
    check_core(&config, &mut report);
    check_shop(&config, &mut report).await;
    payouts::check(&config, &mut report).await;
    check_xero(&config, &mut report).await;
    if report.wrong == 0 {
        println!("\nNothing is wrong.");
        return Ok(Exit::Ok);
    }
    println!("\n{} to cure.", report.wrong);
    Ok(Exit::Attention)
}

fn list(config: &Config, sources: &BTreeMap<String, Source>) -> comfy_table::Table {
    let values = toml::Table::try_from(config).unwrap_or_default();
    let mut list = table::table(&["Setting", "Value", "From"], &[]);
    for (key, source) in sources {
        let value = key
            .split_once('.')
            .and_then(|(section, key)| values.get(section)?.get(key))
            .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        list.add_row([key.clone(), value.unwrap_or_default(), source.to_string()]);
    }
    list
}

async fn check_data(config: &Config, report: &mut Report) {
    let folder = config.data.folder.display().to_string();
    match ProcessLock::take(&config.data.folder) {
        Ok(_lock) => {}
        Err(error) => {
            let cure = "wait for it to end, or choose another `data.folder`";
            return report.ill("data", &format!("{folder}: {error}"), cure);
        }
    }
    match Store::open(&config.data.folder).await {
        Ok(store) => {
            Report::well("data", &format!("{folder} can be written"));
            store.close().await;
        }
        Err(error) => report.ill(
            "data",
            &format!("{folder}: {error}"),
            "make the folder writable, or set `data.folder` (never on a network share)",
        ),
    }
}

fn check_core(config: &Config, report: &mut Report) {
    let start = Instant::now();
    match context::open_door(config) {
        Ok(door) => {
            let how = if door.sandbox().loaded_from_cache() { "loaded" } else { "compiled" };
            let ms = start.elapsed().as_millis();
            Report::well("core", &format!("SHA-256 {}", door.module_sha256()));
            Report::well("", &format!("{how} in {ms} ms"));
        }
        Err(error) => report.ill("core", &error.to_string(), "install Tillbook again"),
    }
}

async fn check_xero(config: &Config, report: &mut Report) {
    let opened = match context::open_store(config).await {
        Ok(store) => context::open_xero(config, &store).await,
        // What is wrong with the store was said above.
        Err(_) => return,
    };
    let client = match opened {
        Ok(Some((_, client))) => client,
        Ok(None) => {
            return Report::absent(
                "Xero",
                "no organisation is configured",
                "`tillbook connect`, or set `xero.client_id` and `xero.client_secret` of a custom \
                 connection (developer.xero.com), or try `tillbook demo`",
            );
        }
        Err(error) => {
            let cure = error.help().map_or_else(
                || String::from("correct `xero.api_url`, `xero.identity_url` and `data.key`"),
                |help| help.to_string(),
            );
            return report.ill("Xero", &error.to_string(), &cure);
        }
    };
    match client.read_organisation().await {
        Ok(organisation) => {
            let word = |key: &str| XeroClient::text_field(&organisation, key).unwrap_or_default();
            let (name, currency) = (word("Name"), word("BaseCurrency"));
            Report::well("Xero", &format!("signed in to {name}, in {currency}"));
            if let Some(day) = client.day_remaining() {
                Report::well("", &format!("{day} calls left today"));
            }
            check_skew(client.clock_skew_ms(), report);
        }
        Err(failure) => report.ill(
            "Xero",
            &failure.to_string(),
            "`tillbook connect list` says more; else check client id, secret, scopes and \
             `xero.tenant_id` in developer.xero.com",
        ),
    }
}

fn check_skew(skew_ms: i64, report: &mut Report) {
    let secs = skew_ms / 1_000;
    if skew_ms.abs() > SKEW_MS_MAX {
        let detail = format!("this machine is {secs} s apart from Xero");
        report.ill("clock", &detail, "let the machine keep its time by NTP");
    } else {
        Report::well("clock", "agrees with Xero");
    }
}

async fn check_shop(config: &Config, report: &mut Report) {
    if !config.has_shop() {
        return Report::absent(
            "shop",
            "no shop is configured",
            "set `shop.url`, `shop.consumer_key` and `shop.consumer_secret` \
             (WooCommerce → Settings → Advanced → REST API)",
        );
    }
    let read = async { ShopSource::open(&config.shop)?.read_background().await };
    match read.await {
        Ok(background) => {
            let shop = &background.shop;
            Report::well("shop", &format!("signed in to {}, in {}", shop.url, shop.currency));
            let (rates, gateways) = (background.tax_rates.len(), background.gateways.len());
            Report::well("", &format!("{rates} tax rates, {gateways} payment gateways"));
        }
        Err(error) => {
            let cure = error.help().map_or_else(String::new, |help| help.to_string());
            report.ill("shop", &error.to_string(), &cure);
        }
    }
}
