//! `tillbook alerts`: whether alerts arrive.

use clap::{Args, Subcommand};
use miette::{IntoDiagnostic, miette};
use tillbook::alert::{Courier, Notice};

use super::{Exit, Global, context};

/// See whether alerts arrive
#[derive(Debug, Args)]
pub(crate) struct AlertsArgs {
    #[command(subcommand)]
    command: AlertsCommand,
}

#[derive(Debug, Subcommand)]
enum AlertsCommand {
    /// Send a trial to everybody that `[alerts]` names
    Test,
    /// Show what waits now
    Show,
}

pub(crate) async fn run(global: &Global, args: AlertsArgs) -> miette::Result<Exit> {
    let (config, _) = context::configure(global)?;
    let now = context::clock().now();
    match args.command {
        AlertsCommand::Test => {
            if !config.alerts.is_used() {
                return Err(miette!(
                    help = "set `alerts.webhook_url`, or `alerts.smtp_url` with `from` and `to`",
                    "nobody is to be told"
                ));
            }
            let courier = Courier::new(&config.alerts).into_diagnostic()?;
            courier.deliver(&Notice::trial(now)).await.into_diagnostic()?;
            println!("The trial was delivered.");
            Ok(Exit::Ok)
        }
        AlertsCommand::Show => {
            let store = context::existing_store(&config).await?;
            let waits = store.waits(&config.alerts, now).await;
            store.close().await;
            let waits = waits.into_diagnostic()?;
            for wait in &waits {
                println!("{}", wait.message);
            }
            if waits.is_empty() {
                println!("Nothing waits.");
                return Ok(Exit::Ok);
            }
            Ok(Exit::Attention)
        }
    }
}
