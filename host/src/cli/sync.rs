//! `tillbook sync`: puts the configured shop's orders into the configured organisation.

use std::path::PathBuf;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use miette::{IntoDiagnostic, WrapErr};
use tillbook::{
    bookkeeper::{LOOKBACK_DAYS, Scope, SummaryScope},
    daemon::{Ended, Rounds, drain},
    lock::{LockError, ProcessLock},
    store::OutcomeKind,
    worker::Progress,
};
use tillbook_core::finding::Severity;

use super::{
    Exit, Global, context, payouts, plan,
    setup::Setup,
    summarise::{self, Shown},
    table,
};

/// Bring the configured Xero organisation up to date with the shop: orders, refunds, payments, fees
///
/// Plans what has changed since the last time, as `tillbook plan` shows it, and sends it. May be
/// stopped or killed at any moment and started again: what was on its way is carried on or looked
/// up first. A second run sends only what is new.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tillbook sync --dry-run                      what would be sent, and what would be held
  tillbook sync now                            the next round of the shops that are switched on, at once
  tillbook sync --write-settings map.json      keep the proposed settings in a file, send nothing
  tillbook sync --set sync.settings=map.json   sync by the settings in that file

Exit code 4 when an order is held or refused, or when it must be continued later.")]
pub(crate) struct SyncArgs {
    /// `now`: make the next round of the shops that are switched on, as a server does, at once
    #[arg(value_enum)]
    when: Option<When>,
    /// Plan the whole shop, as `tillbook plan` does, and send nothing
    #[arg(long)]
    dry_run: bool,
    /// Sync by proposed settings when none are given. Look at them first: they are guesses
    #[arg(long)]
    accept_proposed: bool,
    /// Write the settings that would be used to a file, and send nothing
    #[arg(long, value_name = "FILE")]
    write_settings: Option<PathBuf>,
}

/// When a round is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum When {
    /// At once.
    Now,
}

pub(crate) async fn run(global: &Global, args: SyncArgs) -> miette::Result<Exit> {
    if args.when == Some(When::Now) {
        return now(global).await;
    }
    let Some(setup) = Setup::open(global, "sync").await? else { return Ok(Exit::Config) };
    if let Some(file) = &args.write_settings {
        let text = serde_json::to_string_pretty(&setup.organisation.settings).into_diagnostic()?;
        std::fs::write(file, text).into_diagnostic().wrap_err(file.display().to_string())?;
        println!("Wrote {}. Look at it, then: --set sync.settings={0}", file.display());
        return Ok(Exit::Ok);
    }
    if args.dry_run {
        return plan::make(&setup, &Scope::default(), plan::Shown::default()).await;
    }
    if setup.proposed && !args.accept_proposed {
        eprintln!("The settings are only proposed ones. Look at them before anything is sent:");
        eprintln!("  tillbook sync --dry-run   or   tillbook sync --write-settings map.json");
        eprintln!("Then sync with --accept-proposed, or with --set sync.settings=map.json.");
        return Ok(Exit::Config);
    }
    sync(&setup).await
}

/// Ends the rest of all shops; without a server the rounds are made here.
async fn now(global: &Global) -> miette::Result<Exit> {
    let (config, _) = context::configure(global)?;
    let store = context::open_store(&config).await?;
    store.wake(None).await.into_diagnostic()?;
    let lock = match ProcessLock::take(&config.data.folder) {
        Ok(lock) => lock,
        Err(LockError::Held(process)) => {
            println!("The server (process {process}) does it now; `tillbook queue` shows how far.");
            return Ok(Exit::Ok);
        }
        Err(error) => return Err(error).into_diagnostic(),
    };
    let door = context::open_door(&config)?;
    let owner = format!("sync now {}", std::process::id());
    let rounds = Rounds::open(&config, store.clone(), door, context::clock(), owner);
    let stop = context::stop_on_ctrl_c();
    let mut exit = Exit::Ok;
    let mut made = 0_usize;
    while let Some(round) = rounds.round(&stop).await.into_diagnostic()? {
        made += 1;
        println!("{}: {} settled. {}", round.organisation, round.settled, round.reason);
        if !round.reason.is_empty() {
            exit = Exit::Attention;
        }
        if stop.is_set() {
            exit = Exit::Interrupted;
            break;
        }
    }
    if made == 0 {
        println!("No shop is switched on: `tillbook shop add`, `tillbook shop activate`.");
        println!("Or all shops are paused or parked: `tillbook queue` says why.");
    }
    store.close().await;
    drop(lock);
    Ok(exit)
}

async fn sync(setup: &Setup) -> miette::Result<Exit> {
    let Setup { worker, organisation, .. } = setup;
    let stop = context::stop_on_ctrl_c();
    let (orders, changed) = worker.sweep(organisation).await.into_diagnostic()?;
    println!("{orders} orders in the shop, {changed} new or changed.");
    let (id, shop) = (&organisation.id, &organisation.shop_url);
    let open = worker.books.store.job_count(id, shop).await.into_diagnostic()?;
    let bar = ProgressBar::new(open);
    if let Ok(style) = ProgressStyle::with_template("{bar:40.green} {pos}/{len} orders") {
        bar.set_style(style);
    }
    let mut sum = Progress::default();
    let ended = drain(worker, organisation, stop, |progress| {
        sum.add(progress);
        bar.inc(progress.done() as u64);
    })
    .await
    .into_diagnostic()?;
    bar.finish_and_clear();
    let summed = match ended {
        Ended::Empty if organisation.settings.summary.is_used() => sum_up(setup).await?,
        _ => Exit::Ok,
    };
    let exit = report(setup, &sum, &ended, worker.books.clock.now()).await?;
    Ok(if exit == Exit::Ok { summed } else { exit })
}

/// Sends the summaries of all days that are over and not sent yet.
async fn sum_up(setup: &Setup) -> miette::Result<Exit> {
    let today = summarise::today(setup)?;
    let back = |days| today.checked_sub_days(chrono::Days::new(days)).unwrap_or(today).to_string();
    let (from, to) = (back(LOOKBACK_DAYS), back(1));
    let mut exit = Exit::Ok;
    // What was sold by hand can be summed up though a gateway does not answer.
    if let Err(error) = payouts::read(setup, &from, &to).await {
        eprintln!("{error:?}");
        exit = Exit::Attention;
    }
    let scope = SummaryScope { from, to, ..SummaryScope::default() };
    let sent = summarise::send(setup, &scope, Shown::Brief).await?;
    Ok(if sent == Exit::Ok { exit } else { sent })
}

async fn report(
    setup: &Setup,
    sum: &Progress,
    ended: &Ended,
    now: tillbook::time::Timestamp,
) -> miette::Result<Exit> {
    let calls = setup.organisation.xero.call_count();
    println!("{} {} calls wrote, {} read.", summary(sum), calls.writes, calls.reads);
    let store = &setup.worker.books.store;
    let outcomes = store.outcomes(&setup.organisation.id).await.into_diagnostic()?;
    let (mut attention, mut posted) = (0_usize, Vec::new());
    for outcome in outcomes {
        let alarms = outcome.findings.iter().any(|finding| finding.severity == Severity::Error);
        if alarms || matches!(outcome.kind, OutcomeKind::Held | OutcomeKind::Refused) {
            attention += 1;
            let (kind, id) = (&outcome.key.kind, &outcome.key.object_id);
            println!("\n{} {id} is {}:", table::capital(kind), outcome.kind.as_str());
            print!("{}", table::findings(&outcome.findings));
        } else {
            posted.extend(outcome.findings);
        }
    }
    print!("{}", table::warnings(posted.iter()));
    store.close().await;
    match ended {
        Ended::Stopped => Ok(Exit::Interrupted),
        Ended::Parked { until, reason } => {
            let minutes = until.since(now).as_secs().div_ceil(60);
            println!("\nStopped for now ({reason}). Sync again in {minutes} minutes.");
            Ok(Exit::Attention)
        }
        Ended::Empty if attention > 0 => Ok(Exit::Attention),
        Ended::Empty => Ok(Exit::Ok),
    }
}

/// What became of the orders, without what did not happen.
fn summary(sum: &Progress) -> String {
    let parts = [
        (sum.posted, "brought up to date"),
        (sum.skipped, "without a document"),
        (sum.held, "held"),
        (sum.refused, "refused by Xero"),
        (sum.already, "as they should be"),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if parts.is_empty() {
        String::from("Nothing has changed since the last time.")
    } else {
        format!("Orders: {}.", parts.join(", "))
    }
}
