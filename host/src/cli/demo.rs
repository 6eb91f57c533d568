//! `tillbook demo`: a hundred and more real orders into a practice Xero, on this machine.

mod regime;
mod report;

use std::time::{Duration, Instant};

use clap::Args;
use futures_util::{StreamExt, TryStreamExt, stream};
use indicatif::{ProgressBar, ProgressStyle};
use miette::{IntoDiagnostic, WrapErr};
use tillbook::{
    bookkeeper::Bookkeeper,
    daemon::{PATIENCE, StopSignal, stop_signal},
    door::Door,
    store::Store,
    worker::Worker,
};
use tillbook_practice::{
    shop::corpus,
    xero::{PracticeXero, Running},
};

use super::{Exit, Global, context};
use regime::Regime;
use report::Report;

/// Regimes that are synced at the same time.
const REGIMES_AT_ONCE: usize = 4;

/// Sync a hundred and more real orders into a practice Xero, on this machine
///
/// Starts practice shops with recorded WooCommerce orders of eleven shops and tax regimes, and a
/// practice Xero with one organisation for each. Then does what `sync` does: proposes settings,
/// reads the orders over HTTP, plans in the sandbox, writes the plan down, sends it, reads back what
/// Xero has and compares it to the cent. Needs no account and no network.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tillbook demo
  tillbook demo --orders 30
  tillbook demo --keep          leave shops and Xero running, and print how to reach them
  tillbook demo --json | jq .total

Exit code 4 when a cent differs or an order is missing.")]
pub(crate) struct DemoArgs {
    /// At most so many orders, taken evenly from all shops; all recorded ones without
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    orders: Option<u32>,
    /// Stay up and print addresses and credentials until Ctrl-C
    #[arg(long)]
    keep: bool,
    /// Machine-readable
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(global: &Global, args: DemoArgs) -> miette::Result<Exit> {
    let (config, _) = context::configure(global)?;
    let started = Instant::now();
    let (switch, stop) = stop_signal();
    let interrupt = tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            switch.send(true).ok();
            // A second Ctrl-C does not wait for anything.
            tokio::signal::ctrl_c().await.ok();
            std::process::exit(130);
        }
    });
    let folder = Folder::make()?;
    let door = context::open_door(&config)?;
    let store = Store::open(&folder.0).await.into_diagnostic()?;
    let owner = format!("demo {}", std::process::id());
    let books = Bookkeeper {
        store,
        door,
        owner,
        clock: context::clock(),
        patience: Duration::ZERO,
        read_patience: PATIENCE,
        lease: tillbook::worker::LEASE,
    };
    let worker = Worker { books };
    let (xero, regimes) = open(&worker.books.door, args.orders).await?;
    let outcome = sync_all(&worker, &regimes, &stop, args.json).await;
    let exit = match outcome? {
        None => Exit::Interrupted,
        Some(reports) => {
            let sha256 = worker.books.door.module_sha256();
            let exact = report::print(&reports, sha256, started, args.json)?;
            if exact { Exit::Ok } else { Exit::Attention }
        }
    };
    if args.keep && !stop.is_set() {
        keep(&xero, &regimes, stop).await;
    }
    worker.books.store.close().await;
    xero.shutdown().await;
    drop(regimes);
    interrupt.abort();
    Ok(exit)
}

/// Starts the practice Xero, then shop after shop.
async fn open(door: &Door, orders: Option<u32>) -> miette::Result<(Running, Vec<Regime>)> {
    let batches = corpus::batches();
    let mut builder = PracticeXero::builder();
    for batch in &batches {
        builder = builder.organisation(regime::preset(batch));
    }
    let xero = builder.start().await.into_diagnostic().wrap_err("the practice Xero")?;
    let shares = share(orders, &batches);
    let mut regimes = Vec::new();
    for ((batch, tenant), count) in batches.iter().zip(xero.tenants()).zip(shares) {
        if count > 0 {
            regimes.push(Regime::open(door, &xero, tenant, batch, count).await?);
        }
    }
    Ok((xero, regimes))
}

/// How many orders of each batch: one by one in turn until the number is reached.
fn share(orders: Option<u32>, batches: &[&str]) -> Vec<usize> {
    let sizes: Vec<usize> = batches.iter().map(|batch| corpus::orders(batch).len()).collect();
    let mut left = orders.map_or(usize::MAX, |orders| orders as usize);
    let mut shares = vec![0; sizes.len()];
    while left > 0 && shares.iter().sum::<usize>() < sizes.iter().sum() {
        for (share, size) in shares.iter_mut().zip(&sizes) {
            if left > 0 && *share < *size {
                *share += 1;
                left -= 1;
            }
        }
    }
    shares
}

async fn sync_all(
    worker: &Worker,
    regimes: &[Regime],
    stop: &StopSignal,
    quiet: bool,
) -> miette::Result<Option<Vec<Report>>> {
    let total: usize = regimes.iter().map(|regime| regime.order_count).sum();
    let bar = if quiet { ProgressBar::hidden() } else { ProgressBar::new(total as u64) };
    if let Ok(style) = ProgressStyle::with_template("{bar:40.green} {pos}/{len} orders  {msg}") {
        bar.set_style(style);
    }
    let reports: Vec<Option<Report>> = stream::iter(regimes)
        .map(|regime| regime.sync(worker, stop.clone(), &bar))
        .buffered(REGIMES_AT_ONCE)
        .try_collect()
        .await?;
    bar.finish_and_clear();
    Ok(reports.into_iter().collect())
}

async fn keep(xero: &Running, regimes: &[Regime], mut stop: StopSignal) {
    println!("\nStill running. The practice Xero:");
    println!("  API {}/api.xro/2.0   token {}/connect/token", xero.base_url(), xero.base_url());
    println!("  client id {}   secret {}", xero.client_id(), xero.client_secret());
    println!("The practice shops (WooCommerce REST API v3), each with its organisation:");
    for regime in regimes {
        let (url, tenant) = (&regime.shop.base_url, &regime.organisation.id);
        println!("  {:<26} {url}   tenant {tenant}", regime.name);
    }
    if let Some(regime) = regimes.first() {
        let (key, secret) = (&regime.shop.consumer_key, &regime.shop.consumer_secret);
        println!("  consumer key {key}\n  consumer secret {secret}");
    }
    println!("Ctrl-C ends them.");
    stop.wait().await;
}

/// A folder of its own that is gone afterwards, even after an error.
struct Folder(std::path::PathBuf);

impl Folder {
    fn make() -> miette::Result<Self> {
        let name = format!("tillbook-demo-{}", uuid::Uuid::new_v4().simple());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir(&folder).into_diagnostic()?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is in the system's temporary folder.
        std::fs::remove_dir_all(&self.0).ok();
    }
}
