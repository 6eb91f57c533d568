//! Where an order and what it needs come from.

use std::{fs, io::Read, path::Path};

use miette::{IntoDiagnostic, WrapErr, miette};
use serde_json::{Value, value::RawValue};
use tillbook::{config::Config, door::Sale, shop_facts::ShopSource, xero_client::Chart};
use tillbook_core::{settings::Settings, shop::Shop};
use tillbook_practice::shop::corpus;

use super::{PreviewArgs, guess};
use crate::cli::{context, practice_chart};

/// The practice order that is shown when none is named.
const PRACTICE_ORDER: u64 = 45;

/// Everything that the core needs for one order.
pub(super) struct Material {
    pub(super) shop: Shop,
    pub(super) settings: Option<Settings>,
    pub(super) chart: Chart,
    pub(super) sale: Sale,
    pub(super) products: Vec<Box<RawValue>>,
    pub(super) tax_rates: Vec<Box<RawValue>>,
    pub(super) gateways: Vec<Box<RawValue>>,
    /// What a reader should know about where things come from.
    pub(super) notes: Vec<String>,
}

/// An order with what came along with it.
struct Found {
    sale: Sale,
    shop: Option<Shop>,
    products: Vec<Box<RawValue>>,
    tax_rates: Option<Vec<Box<RawValue>>>,
    gateways: Option<Vec<Box<RawValue>>>,
    note: Option<String>,
}

pub(super) async fn collect(config: &Config, args: &PreviewArgs) -> miette::Result<Material> {
    let found = find(config, args).await?;
    let order: Value = serde_json::from_str(found.sale.order.get()).into_diagnostic()?;
    let mut notes: Vec<String> = found.note.into_iter().collect();
    let shop = match (&args.shop, found.shop) {
        (Some(file), _) => context::read_json(file)?,
        (None, Some(shop)) => shop,
        (None, None) => {
            notes.push(String::from("the shop's profile is inferred from the order"));
            guess::shop(&order)
        }
    };
    let xero = if args.chart.is_none() { context::open_xero_alone(config).await? } else { None };
    let chart = match (&args.chart, xero) {
        (Some(file), _) => Chart::from_json(&context::read_file(file)?)
            .map_err(|part| miette!("`{}` has no part `{part}`", file.display()))?,
        (None, Some(xero)) => {
            xero.read_chart().await.map_err(|failure| miette!("Xero: {failure}"))?
        }
        (None, None) => {
            let (chart, name) = practice_chart::read(&shop).await?;
            notes.push(format!("no Xero organisation is configured: this is the chart of {name}"));
            chart
        }
    };
    let settings = match &args.settings {
        Some(file) => Some(context::read_json(file)?),
        None => context::stored_settings(config).await?,
    };
    Ok(Material {
        shop,
        settings,
        chart,
        products: found.products,
        tax_rates: found.tax_rates.unwrap_or_else(|| guess::tax_rates(&order)),
        gateways: found.gateways.unwrap_or_else(|| guess::gateways(&order)),
        sale: found.sale,
        notes,
    })
}

async fn find(config: &Config, args: &PreviewArgs) -> miette::Result<Found> {
    match args.order.as_deref() {
        None => from_practice(PRACTICE_ORDER),
        Some("-") => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).into_diagnostic()?;
            from_text(&text, "standard input")
        }
        Some(name) if Path::new(name).is_file() => {
            let text = fs::read_to_string(name).into_diagnostic().wrap_err(name.to_owned())?;
            from_text(&text, name)
        }
        Some(name) if config.has_shop() => from_shop(config, name).await,
        Some(name) => match name.parse() {
            Ok(id) => from_practice(id),
            Err(_) => Err(miette!(
                help = "name a JSON file, `-` for standard input, or the id of an order",
                "there is no file `{name}`"
            )),
        },
    }
}

async fn from_shop(config: &Config, number: &str) -> miette::Result<Found> {
    let settings = context::stored_settings(config).await?.unwrap_or_default();
    let source = ShopSource::open(&config.shop)?.for_settings(&settings);
    let background = source.read_background().await?;
    let facts = source.find_order(number).await?;
    let (sale, products) = facts
        .and_then(|mut facts| Some((facts.sales.pop()?.1, facts.products)))
        .ok_or_else(|| miette!("the shop has no order with the number {number}"))?;
    Ok(Found {
        sale,
        shop: Some(background.shop),
        products,
        tax_rates: Some(background.tax_rates),
        gateways: Some(background.gateways),
        note: None,
    })
}

fn from_practice(id: u64) -> miette::Result<Found> {
    let case = corpus::case(id).ok_or_else(|| {
        miette!(
            help = "configure a shop (`tillbook doctor` says how), or name a JSON file",
            "no shop is configured, and the practice shops have no order {id}"
        )
    })?;
    let raw = |values: &[Value]| -> Vec<Box<RawValue>> {
        values.iter().filter_map(|value| serde_json::value::to_raw_value(value).ok()).collect()
    };
    let facts = case.store.to_facts("");
    Ok(Found {
        sale: Sale {
            order: serde_json::value::to_raw_value(&case.order_dp6).into_diagnostic()?,
            refunds: raw(&case.refunds_dp6),
            customer: None,
        },
        shop: Some(serde_json::from_value(facts).into_diagnostic()?),
        products: raw(corpus::products()),
        tax_rates: Some(raw(corpus::taxes())),
        gateways: Some(raw(corpus::payment_gateways())),
        note: Some(format!(
            "no shop is configured: this is practice order {id} of {} ({})",
            case.batch, case.what
        )),
    })
}

/// An order as the shop gives it, or `{"order":…,"refunds":…,"customer":…,"shop":…}`.
fn from_text(text: &str, name: &str) -> miette::Result<Found> {
    let value: Value = context::parse_json(text, name)?;
    let whole = value.get("order").is_some();
    let sale = if whole {
        #[derive(serde::Deserialize)]
        struct Whole {
            order: Box<RawValue>,
            #[serde(default)]
            refunds: Vec<Box<RawValue>>,
            customer: Option<Box<RawValue>>,
        }
        let Whole { order, refunds, customer } = context::parse_json(text, name)?;
        Sale { order, refunds, customer }
    } else if value.get("line_items").is_some() {
        Sale { order: context::parse_json(text, name)?, refunds: Vec::new(), customer: None }
    } else {
        return Err(miette!(
            help = "save it with `curl -u ck_…:cs_… https://shop.example/wp-json/wc/v3/orders/45`",
            "`{name}` holds no WooCommerce order"
        ));
    };
    let shop = value.get("shop").or_else(|| value.get("store")).filter(|_| whole);
    Ok(Found {
        sale,
        shop: shop
            .map(|shop| serde_json::from_value(shop.clone()))
            .transpose()
            .into_diagnostic()?,
        products: Vec::new(),
        tax_rates: None,
        gateways: None,
        note: None,
    })
}
