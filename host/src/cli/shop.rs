//! `tillbook shop`: the shops that a server works for.

use std::{io::Read, time::Duration};

use clap::{Args, Subcommand};
use miette::{IntoDiagnostic, WrapErr, miette};
use tillbook::{
    branch::{Opened, Opener, ShopSecrets},
    config::Config,
    daemon::PATIENCE,
    store::{Activity, NOT_ON, OrganisationRow, ShopRow, Store},
    time::Timestamp,
    vault::Vault,
};

use tillbook_core::settings::{
    Settings,
    sync::{Switch, SyncSettings},
};

use super::{Exit, Global, context, table};

/// Add shops to a server, switch them on and off
///
/// A shop that is added is not switched on: nothing is sent until `activate`, and nothing that
/// existed before that moment is sent by itself.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tillbook shop add                                  the configured shop ([shop] and [xero])
  tillbook shop add --url https://shop.example --slug north --organisation ID < keys.json
  tillbook shop list
  tillbook shop activate shop --accept-proposed      from now on; look at `tillbook sync --dry-run` first
  tillbook shop activate shop --settings map.json --from 2026-12-01
  tillbook shop pause shop --reason \"moving house\"
  tillbook shop resume shop
  tillbook shop switch shop refunds off
  tillbook shop switch shop refunds on --from 2026-12-01
  tillbook shop hook shop                            address and secret for the shop's webhooks

keys.json: {\"consumer_key\":\"ck_…\",\"consumer_secret\":\"cs_…\"}; sealed before they are stored.")]
pub(crate) struct ShopArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Add a shop, or change its keys
    Add {
        /// Its address; the configured one without
        #[arg(long)]
        url: Option<String>,
        /// What stands in the address of its webhooks
        #[arg(long, default_value = "shop")]
        slug: String,
        /// The organisation's id; the configured one without
        #[arg(long, value_name = "ID")]
        organisation: Option<String>,
    },
    /// List them
    List,
    /// Switch a shop on: what happens from then on is sent
    Activate {
        /// The shop's slug
        slug: String,
        /// Sync by proposed settings when none are stored. Look at them first: they are guesses
        #[arg(long)]
        accept_proposed: bool,
        /// Store these settings for the shop
        #[arg(long, value_name = "FILE")]
        settings: Option<std::path::PathBuf>,
        /// The first day (or moment, UTC) that is sent; now without
        #[arg(long, value_name = "DAY")]
        from: Option<String>,
    },
    /// Send nothing for a shop; what comes in is kept
    Pause {
        /// The shop's slug
        slug: String,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// Go on with a paused shop
    Resume {
        /// The shop's slug
        slug: String,
    },
    /// Switch a kind on or off; what is off is not queued, and what was posted stays as it is
    Switch {
        /// The shop's slug
        slug: String,
        /// Which kind
        #[arg(value_enum)]
        kind: Kind,
        /// on or off
        #[arg(value_enum)]
        state: OnOff,
        /// When switching on: from when? `now`, `beginning`, a day or a moment (UTC)
        #[arg(long, value_name = "WHEN")]
        from: Option<String>,
    },
    /// Show address and secret for the shop's webhooks
    Hook {
        /// The shop's slug
        slug: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum OnOff {
    On,
    Off,
}

/// What is synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    Orders,
    Payments,
    Refunds,
    Fees,
    Customers,
    Products,
    Summaries,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Payments => "payments",
            Self::Refunds => "refunds",
            Self::Fees => "fees",
            Self::Customers => "customers",
            Self::Products => "products",
            Self::Summaries => "summaries",
        }
    }

    const fn of(self, switches: &mut SyncSettings) -> &mut Switch {
        match self {
            Self::Orders => &mut switches.orders,
            Self::Payments => &mut switches.payments,
            Self::Refunds => &mut switches.refunds,
            Self::Fees => &mut switches.fees,
            Self::Customers => &mut switches.customers,
            Self::Products => &mut switches.products,
            Self::Summaries => &mut switches.summaries,
        }
    }
}

pub(crate) async fn run(global: &Global, args: ShopArgs) -> miette::Result<Exit> {
    let (config, _) = context::configure(global)?;
    let store = context::open_store(&config).await?;
    let exit = match args.what {
        What::Add { url, slug, organisation } => {
            add(&config, &store, url, &slug, organisation).await?
        }
        What::List => list(&store).await?,
        What::Activate { slug, accept_proposed, settings, from } => {
            let from = moment(from.as_deref())?;
            let text = settings.as_deref().map(context::read_file).transpose()?;
            activate(&config, &store, &slug, (accept_proposed, text), from).await?
        }
        What::Pause { slug, reason } => set(&store, &slug, Activity::Paused, &reason).await?,
        What::Resume { slug } => set(&store, &slug, Activity::Active, "").await?,
        What::Switch { slug, kind, state, from } => {
            switch(&store, &slug, kind, state, from.as_deref()).await?
        }
        What::Hook { slug } => hook(&config, &store, &slug).await?,
    };
    store.close().await;
    Ok(exit)
}

async fn find(store: &Store, slug: &str) -> miette::Result<ShopRow> {
    let shop = store.shop(slug).await.into_diagnostic()?;
    shop.ok_or_else(|| miette!("there is no shop `{slug}`; `tillbook shop list` shows them"))
}

/// A day or moment in UTC; now when none is named.
fn moment(text: Option<&str>) -> miette::Result<Timestamp> {
    let Some(text) = text else { return Ok(context::clock().now()) };
    Timestamp::parse(text).ok_or_else(|| miette!("`{text}` is no day; write it as 2026-12-01"))
}

async fn add(
    config: &Config,
    store: &Store,
    url: Option<String>,
    slug: &str,
    organisation: Option<String>,
) -> miette::Result<Exit> {
    let good = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    if slug.is_empty() || slug.len() > 64 || !slug.chars().all(good) {
        return Err(miette!("a slug is 1 to 64 letters, digits, `-` and `_`"));
    }
    let vault = Vault::open(config).into_diagnostic()?;
    let known = store.shop(slug).await.into_diagnostic()?;
    let before = known.as_ref().map(|row| ShopSecrets::open(&vault, row)).transpose();
    let before = before.into_diagnostic()?.unwrap_or_default();
    let mut secrets = if url.is_some() {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).into_diagnostic()?;
        context::parse_json(&text, "standard input")?
    } else if config.has_shop() {
        ShopSecrets {
            consumer_key: config.shop.consumer_key.reveal().to_owned(),
            consumer_secret: config.shop.consumer_secret.reveal().to_owned(),
            ..ShopSecrets::default()
        }
    } else {
        eprintln!("No shop is configured; `tillbook doctor` says how, or name one with --url.");
        return Ok(Exit::Config);
    };
    if secrets.hook_secret.is_empty() {
        secrets.hook_secret = before.hook_secret;
    }
    if secrets.hook_secret.is_empty() {
        secrets.hook_secret = new_secret();
    }
    let organisation = organisation.unwrap_or_else(|| config.organisation_id());
    let now = context::clock().now();
    let url = url.unwrap_or_else(|| config.shop.url.clone());
    let row = ShopRow {
        slug: slug.to_owned(),
        organisation: organisation.clone(),
        url: url.trim_end_matches('/').to_owned(),
        secrets: secrets.seal(&vault, slug),
        activity: Activity::Paused,
        reason: String::from(NOT_ON),
        activated: now,
        switches: String::from("{}"),
        marks: String::from("{}"),
        added: now,
    };
    let organisations = store.organisations().await.into_diagnostic()?;
    if !organisations.iter().any(|one| one.id == organisation) {
        let row = OrganisationRow {
            id: organisation,
            connection: String::new(),
            name: String::new(),
            activity: Activity::Active,
            reason: String::new(),
        };
        store.put_organisation(&row, now).await.into_diagnostic()?;
    }
    store.put_shop(&row).await.into_diagnostic()?;
    println!("Shop `{slug}` is known. Nothing is sent until `tillbook shop activate {slug}`.");
    Ok(Exit::Ok)
}

fn new_secret() -> String {
    let (one, other) = (uuid::Uuid::new_v4(), uuid::Uuid::new_v4());
    format!("{}{}", one.simple(), other.simple())
}

async fn list(store: &Store) -> miette::Result<Exit> {
    let mut shown = table::table(&["shop", "address", "organisation", "", "since", "why"], &[]);
    for shop in store.shops().await.into_diagnostic()? {
        shown.add_row([
            shop.slug,
            shop.url,
            shop.organisation,
            shop.activity.as_str().to_owned(),
            shop.activated.to_string(),
            shop.reason,
        ]);
    }
    println!("{shown}");
    Ok(Exit::Ok)
}

async fn activate(
    config: &Config,
    store: &Store,
    slug: &str,
    (accept_proposed, text): (bool, Option<String>),
    from: Timestamp,
) -> miette::Result<Exit> {
    let shop = find(store, slug).await?;
    let opener = Opener {
        config: config.clone(),
        store: store.clone(),
        door: context::open_door(config)?,
        clock: context::clock(),
    };
    let given = text.map(|text| context::parse_json(&text, "the settings")).transpose()?;
    let stored = match given {
        Some(settings) => Some(settings),
        None => opener.settings(&shop).await.into_diagnostic()?,
    };
    let xero = opener.xero(&shop.organisation).await.into_diagnostic()?;
    let keys = opener.shop_config(&shop).into_diagnostic()?;
    let named = (shop.organisation.clone(), xero);
    let opened = opener.open(&keys, named, stored, PATIENCE.max(Duration::ZERO)).await;
    let Opened { organisation, proposed } =
        opened.into_diagnostic().wrap_err("the shop or its organisation cannot be opened")?;
    if proposed && !accept_proposed {
        eprintln!("The settings are only proposed ones. Look at them before anything is sent:");
        eprintln!("  tillbook sync --dry-run   or   tillbook sync --write-settings map.json");
        eprintln!("Then: tillbook shop activate {slug} --settings map.json, or --accept-proposed.");
        return Ok(Exit::Config);
    }
    let mut settings = organisation.settings.clone();
    for switch in [&mut settings.sync.orders, &mut settings.sync.summaries] {
        from.to_utc().clone_into(&mut switch.from);
    }
    let settings = serde_json::to_string(&settings).into_diagnostic()?;
    let now = context::clock().now();
    let put = store.put_settings(&shop.organisation, &shop.url, &settings, now);
    put.await.into_diagnostic()?;
    store.activate_shop(slug, from).await.into_diagnostic()?;
    println!(
        "Shop `{slug}` is switched on: orders made from {from} on are sent to {}. What is older \
         is sent only with `tillbook queue push`.",
        organisation.chart.organisation_field("Name").unwrap_or(shop.organisation)
    );
    Ok(Exit::Ok)
}

async fn set(store: &Store, slug: &str, activity: Activity, reason: &str) -> miette::Result<Exit> {
    let shop = find(store, slug).await?;
    if activity == Activity::Active && shop.reason == NOT_ON {
        return Err(miette!(
            "shop `{slug}` was never switched on: `tillbook shop activate {slug}`"
        ));
    }
    store.set_shop_activity(slug, activity, reason).await.into_diagnostic()?;
    println!("Shop `{slug}` is {}.", activity.as_str());
    Ok(Exit::Ok)
}

async fn switch(
    store: &Store,
    slug: &str,
    kind: Kind,
    state: OnOff,
    from: Option<&str>,
) -> miette::Result<Exit> {
    let shop = find(store, slug).await?;
    let stored = store.settings(&shop.organisation, &shop.url).await.into_diagnostic()?;
    let stored = stored.ok_or_else(|| {
        miette!("shop `{slug}` was never switched on: `tillbook shop activate {slug}`")
    })?;
    let mut settings: Settings = context::parse_json(&stored.json, "the stored settings")?;
    let (switch, mut off) = (kind.of(&mut settings.sync), shop.switched());
    switch.on = state == OnOff::On;
    if switch.on {
        let from = from.ok_or_else(|| {
            miette!(
                help = "--from now, --from beginning, or --from 2026-12-01",
                "from when are {} sent?",
                kind.as_str()
            )
        })?;
        switch.from = match from {
            "beginning" => String::new(),
            "now" => context::clock().now().to_utc(),
            moment_of => moment(Some(moment_of))?.to_utc(),
        };
        off.off.remove(kind.as_str());
    } else {
        off.off.insert(kind.as_str().to_owned());
    }
    let since = switch.from.clone();
    let text = serde_json::to_string(&settings).into_diagnostic()?;
    let now = context::clock().now();
    store.put_settings(&shop.organisation, &shop.url, &text, now).await.into_diagnostic()?;
    let switches = serde_json::to_string(&off).into_diagnostic()?;
    store.set_switches(slug, &switches).await.into_diagnostic()?;
    println!(
        "{} of shop `{slug}` are {}.",
        table::capital(kind.as_str()),
        match (state, since.as_str()) {
            (OnOff::Off, _) => String::from("off: what was posted stays as it is"),
            (OnOff::On, "") => String::from("on, from the beginning"),
            (OnOff::On, since) => format!("on, from {since} UTC"),
        }
    );
    Ok(Exit::Ok)
}

async fn hook(config: &Config, store: &Store, slug: &str) -> miette::Result<Exit> {
    let shop = find(store, slug).await?;
    let vault = Vault::open(config).into_diagnostic()?;
    let secrets = ShopSecrets::open(&vault, &shop).into_diagnostic()?;
    println!("Delivery URL   https://HOST/hooks/woocommerce/{slug}");
    println!("Secret         {}", secrets.hook_secret);
    println!("Topics         order.created order.updated order.deleted order.restored");
    println!("               product.updated customer.updated");
    println!("               action.woocommerce_refund_created action.woocommerce_delete_order");
    Ok(Exit::Ok)
}
