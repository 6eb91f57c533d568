//! `tillbook apply`: sends exactly what a plan says.

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use miette::IntoDiagnostic;
use tillbook::bookkeeper::{Applied, Event};

use super::{Exit, Global, context, plan::summary, setup::Setup, table};

/// Send exactly what a saved plan says
///
/// Refuses when something has changed in the shop, in the settings or in Xero since the plan was
/// made. May be stopped or killed at any moment and started again: it goes on where it was.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tillbook apply 3f2a9c12ab34
  tillbook apply 3f2a9c12ab34 --accept-proposed   by the settings that were proposed

Exit code 4 when Xero refused something.")]
pub(crate) struct ApplyArgs {
    /// Name of the plan, or its first letters
    plan: String,
    /// Send by proposed settings when none are given. Look at them first: they are guesses
    #[arg(long)]
    accept_proposed: bool,
}

pub(crate) async fn run(global: &Global, args: ApplyArgs) -> miette::Result<Exit> {
    let Some(setup) = Setup::open(global, "apply").await? else { return Ok(Exit::Config) };
    if setup.proposed && !args.accept_proposed {
        eprintln!("The settings are only proposed ones. Look at them before anything is sent:");
        eprintln!("  tillbook sync --write-settings map.json");
        eprintln!("Then apply with --accept-proposed, or plan with --set sync.settings=map.json.");
        return Ok(Exit::Config);
    }
    let bookkeeper = setup.bookkeeper();
    let plan = bookkeeper.find(&setup.organisation.id, &args.plan).await.into_diagnostic()?;
    println!("{}", summary(&plan.counts()));
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:40.green} {pos}/{len} calls  {msg}") {
        bar.set_style(style);
    }
    let on_event = |event| match event {
        Event::Calls(count) => bar.set_length(count as u64),
        Event::Done => {
            bar.set_message("");
            bar.inc(1);
        }
        Event::Waiting(time, why) => bar.set_message(format!("{}s: {why}", time.as_secs())),
    };
    let stop = context::stop_on_ctrl_c();
    let applied = bookkeeper.apply(&setup.organisation, &plan, &stop, on_event).await;
    bar.finish_and_clear();
    let exit = applied.map(|applied| report(&setup, plan.name(), &applied));
    bookkeeper.store.close().await;
    exit.into_diagnostic()
}

fn report(setup: &Setup, name: &str, applied: &Applied) -> Exit {
    let calls = setup.organisation.xero.call_count();
    println!(
        "{} steps done, {} refused, {} not sent. {} calls wrote, {} read.",
        applied.done, applied.refused, applied.passed, calls.writes, calls.reads
    );
    if !applied.findings.is_empty() {
        print!("{}", table::findings(&applied.findings));
    }
    if applied.stopped {
        println!("Stopped. To carry on: tillbook apply {name}");
        return Exit::Interrupted;
    }
    let attention = applied.refused + applied.passed > 0;
    if attention { Exit::Attention } else { Exit::Ok }
}
