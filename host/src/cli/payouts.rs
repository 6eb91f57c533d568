//! `tillbook payouts`: what gateways paid out.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Subcommand};
use miette::{IntoDiagnostic, miette};
use tillbook::payout_client::PayoutClient;
use tillbook_core::{
    finding::Finding,
    shop::payout::{PayoutState, Source},
    summary::Payout,
};

use super::{Exit, Global, setup::Setup, table};

/// List what gateways paid out, or take a file of payouts in
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tillbook payouts list --from 2026-11-01
  tillbook payouts read --from 2026-11-01 --to 2026-11-21    ask the gateways, and keep what they say
  tillbook payouts import download.csv                       rows from any gateway

Columns of a file (amounts in major units with a point, days as 2026-11-22):
  payout_id,payout_date,payout_amount,currency,entry_id,type,date,amount,fee,net,
  order_number,transaction_id,refund_id,description
  type is one of charge, refund, fee, adjustment, dispute, reserve, transfer; what goes out is below zero")]
pub(crate) struct PayoutsArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// The payouts that are known
    List {
        /// The first day of arrival
        #[arg(long, value_name = "DAY", default_value = "2000-01-01")]
        from: String,
        /// Machine-readable
        #[arg(long)]
        json: bool,
    },
    /// Ask the gateways that `summary.payouts` names
    Read {
        /// The first day of arrival
        #[arg(long, value_name = "DAY")]
        from: String,
        /// The last day
        #[arg(long, value_name = "DAY")]
        to: String,
    },
    /// Take in a file of rows, separated by commas or semicolons
    Import {
        /// The file
        file: PathBuf,
    },
}

pub(crate) async fn run(global: &Global, args: PayoutsArgs) -> miette::Result<Exit> {
    let Some(setup) = Setup::open(global, "payouts").await? else { return Ok(Exit::Config) };
    let exit = match args.what {
        What::List { from, json } => list(&setup, &from, json).await?,
        What::Read { from, to } => {
            read(&setup, &from, &to).await?;
            Exit::Ok
        }
        What::Import { file } => import(&setup, &file).await?,
    };
    setup.worker.books.store.close().await;
    Ok(exit)
}

fn day(text: &str) -> miette::Result<NaiveDate> {
    text.parse().map_err(|_| miette!("`{text}` is no day; write it as 2026-11-22"))
}

/// Asks the gateways that pay out, and keeps what they say.
pub(crate) async fn read(setup: &Setup, from: &str, to: &str) -> miette::Result<()> {
    let (from, to) = (day(from)?, day(to)?);
    let organisation = &setup.organisation;
    for payer in &organisation.settings.summary.payouts {
        // Files are taken in by hand.
        if payer.source == Source::Csv {
            continue;
        }
        let client =
            PayoutClient::for_source(payer.source, &setup.config, organisation.facts.client())
                .into_diagnostic()?;
        let raw = client.read(from, to).await.into_diagnostic()?;
        let said = (raw.payouts.as_slice(), raw.entries.as_slice());
        let books = setup.bookkeeper();
        let kept = books.keep_payouts(organisation, raw.source, said, (from, to));
        let (payouts, entries, findings) = kept.await.into_diagnostic()?;
        tracing::info!(?payer.source, payouts, entries, "read");
        eprint!("{}", table::findings(&findings));
    }
    Ok(())
}

async fn import(setup: &Setup, file: &std::path::Path) -> miette::Result<Exit> {
    let bytes = std::fs::read(file)
        .map_err(|error| miette!("cannot read `{}`: {error}", file.display()))?;
    // A file is given whole; its days are the zone's own, whose offsets matter for times of day.
    let (from, to) = (day("2015-01-01")?, day("2035-12-31")?);
    let raw =
        PayoutClient::csv(&bytes).into_diagnostic()?.read(from, to).await.into_diagnostic()?;
    let said = (raw.payouts.as_slice(), raw.entries.as_slice());
    let books = setup.bookkeeper();
    let kept = books.keep_payouts(&setup.organisation, Source::Csv, said, (from, to));
    let (payouts, entries, findings) = kept.await.into_diagnostic()?;
    println!("{payouts} payouts with {entries} entries were taken in.");
    print!("{}", table::findings(&findings));
    let wrong = |finding: &Finding| finding.severity == tillbook_core::finding::Severity::Error;
    Ok(if findings.iter().any(wrong) { Exit::Attention } else { Exit::Ok })
}

async fn list(setup: &Setup, from: &str, json: bool) -> miette::Result<Exit> {
    let organisation = &setup.organisation;
    let store = &setup.worker.books.store;
    let (id, shop) = (&organisation.id, &organisation.shop_url);
    let payouts = store.payouts_since(id, shop, from).await.into_diagnostic()?;
    if json {
        println!("{}", serde_json::to_string_pretty(&payouts).into_diagnostic()?);
        return Ok(Exit::Ok);
    }
    let links = store.summary_links(id, shop).await.into_diagnostic()?;
    let mut shown = table::table(&["payout", "arrived", "", "amount", "", "document"], &[3]);
    for payout in &payouts {
        let mark = format!("/{}/", payout.id.replace('/', "-"));
        let own = links.iter().filter(|link| link.key.contains(&mark));
        let numbers: Vec<&str> = own.map(|link| &*link.number).collect();
        shown.add_row([
            payout.id.clone(),
            payout.date.clone(),
            state(payout).into(),
            format!("{:.2}", payout.amount.0),
            payout.currency.clone(),
            numbers.join(", "),
        ]);
    }
    println!("{shown}");
    Ok(Exit::Ok)
}

const fn state(payout: &Payout) -> &'static str {
    match payout.state {
        PayoutState::Paid => "paid",
        PayoutState::Coming => "coming",
        PayoutState::Failed => "failed",
    }
}
