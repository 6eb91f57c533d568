//! `tillbook prune` and `tillbook forget`: what is kept about people goes.

use clap::Args;
use miette::IntoDiagnostic;
use tillbook::retention;

use super::{Exit, Global, context};

/// Forget what is older than the days in `[retention]`: bodies, recordings, histories
///
/// The daemon does so once a day. Links, numbers and hashes stay, so that nothing is sent again.
#[derive(Debug, Args)]
pub(crate) struct PruneArgs {
    /// Only count
    #[arg(long)]
    dry_run: bool,
}

/// Forget a customer: what was recorded, sent and noted with the name in it
///
/// Invoices in Xero stay, and so do the numbers that link them to orders: the books must be kept.
/// Forget the customer in the shop first, or the next change of an order brings the name again.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tillbook forget --customer louise@example.com
  tillbook forget --customer 1204")]
pub(crate) struct ForgetArgs {
    /// E-mail address, or the shop's id of the customer
    #[arg(long, value_name = "EMAIL|ID")]
    customer: String,
}

pub(crate) async fn prune(global: &Global, args: PruneArgs) -> miette::Result<Exit> {
    let (config, _) = context::configure(global)?;
    let store = context::existing_store(&config).await?;
    let now = context::clock().now();
    let pruned = if args.dry_run {
        retention::count(&store, &config.retention, now).await
    } else {
        retention::prune(&store, &config.retention, now).await
    };
    store.close().await;
    let pruned = pruned.into_diagnostic()?;
    let done = if args.dry_run { "Would forget" } else { "Forgot" };
    println!(
        "{done} {} recordings, the bodies of {} plans and {} entries of histories.",
        pruned.recordings, pruned.plans, pruned.history
    );
    Ok(Exit::Ok)
}

pub(crate) async fn forget(global: &Global, args: ForgetArgs) -> miette::Result<Exit> {
    let (config, _) = context::configure(global)?;
    let store = context::existing_store(&config).await?;
    let forgotten = retention::forget(&store, &args.customer).await;
    store.close().await;
    let forgotten = forgotten.into_diagnostic()?;
    println!(
        "Forgot {} recordings, the bodies of {} plans and {} notes.",
        forgotten.recordings, forgotten.plans, forgotten.notes
    );
    for name in &forgotten.contacts {
        println!(
            "The contact `{name}` is no longer linked; it stays in Xero until you archive it."
        );
    }
    println!("What stays for the books: which order became which invoice, by numbers.");
    if forgotten.open_plans > 0 {
        println!("{} plans are on their way; do this again after them.", forgotten.open_plans);
        return Ok(Exit::Attention);
    }
    Ok(Exit::Ok)
}
