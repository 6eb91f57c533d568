//! Parse, configure, run one command.

mod alerts;
mod apply;
mod backup;
mod completeness;
mod completions;
mod connect;
mod context;
mod demo;
mod doctor;
mod explain;
mod explain_summary;
mod log;
mod match_customers;
mod migrate_store;
mod pair;
mod payouts;
mod plan;
mod practice;
mod practice_chart;
mod preview;
mod prune;
mod queue;
mod replay;
mod report;
mod serve;
mod setup;
mod shop;
mod summarise;
mod sync;
mod table;
mod token;
mod undo;

use std::process::ExitCode;

use clap::{ArgAction, Args, Parser, Subcommand};

use tillbook::config::ConfigError;

/// How a command ended, for scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All is well.
    Ok,
    /// It could not be done; the message says why.
    Failed,
    /// The configuration is missing something or wrong.
    Config,
    /// It was done, and a person should look: an order is held, or amounts differ.
    Attention,
    /// Ctrl-C.
    Interrupted,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Ok => 0,
            Exit::Failed => 1,
            Exit::Config => 3,
            Exit::Attention => 4,
            Exit::Interrupted => 130,
        })
    }
}

const AFTER_HELP: &str = "\
Examples:
  tillbook demo                     a hundred and more real orders into a practice Xero, on this machine
  tillbook preview order.json       the Xero invoice that an order becomes, before anything is sent
  tillbook doctor                   what is missing, and how to cure it
  tillbook connect                  let Tillbook into Xero; prints an address to open
  tillbook queue                    what waits, and why
  tillbook serve                    take webhooks, answer the API, keep Xero up to date
  tillbook token add NAME --role view   a token for the API
  tillbook plan                     what would be sent for the configured shop, saved under a name
  tillbook apply NAME               send exactly that
  tillbook undo --order 1201        plan to take back what was posted
  tillbook summarise --dry-run      yesterday's summaries, for shops that sum up instead
  tillbook completeness             every order and refund: posted, excluded or pending, and why
  tillbook replay order 1201        asks the core again what it was asked, and compares
  tillbook explain SHOP-1201        which order lines and rules made each line of an invoice

Exit codes: 0 done · 1 failed · 2 wrong usage · 3 configuration · 4 done, but a person should look
(an order is held, or amounts differ) · 130 interrupted

Configuration: defaults < tillbook.toml < TILLBOOK_* in the environment < --set";

/// Puts every WooCommerce order into Xero, to the cent and once.
#[derive(Debug, Parser)]
#[command(name = "tillbook", version, about, after_help = AFTER_HELP, max_term_width = 110)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// Configuration file; `tillbook.toml` in this folder when it exists
    #[arg(long, global = true, value_name = "FILE", env = "TILLBOOK_CONFIG")]
    pub(crate) config: Option<std::path::PathBuf>,
    /// Set one key over file and environment, such as `xero.tenant_id=…`; may be repeated
    #[arg(long = "set", global = true, value_name = "KEY=VALUE", value_parser = parse_pair)]
    pub(crate) set: Vec<(String, String)>,
    /// Say more: -v calls and waits, -vv everything
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::DemoArgs),
    Connect(connect::ConnectArgs),
    Serve(serve::ServeArgs),
    Pair(pair::PairArgs),
    Token(token::TokenArgs),
    Preview(preview::PreviewArgs),
    Sync(sync::SyncArgs),
    Queue(queue::QueueArgs),
    Shop(shop::ShopArgs),
    Plan(plan::PlanArgs),
    Apply(apply::ApplyArgs),
    Undo(undo::UndoArgs),
    Explain(explain::ExplainArgs),
    Summarise(summarise::SummariseArgs),
    Completeness(completeness::CompletenessArgs),
    Payouts(payouts::PayoutsArgs),
    Match(match_customers::MatchArgs),
    Replay(replay::ReplayArgs),
    Report(report::ReportArgs),
    Backup(backup::BackupArgs),
    Restore(backup::RestoreArgs),
    MigrateStore(migrate_store::MigrateStoreArgs),
    Prune(prune::PruneArgs),
    Forget(prune::ForgetArgs),
    Alerts(alerts::AlertsArgs),
    Practice(practice::PracticeArgs),
    Doctor(doctor::DoctorArgs),
    Completions(completions::CompletionsArgs),
}

fn parse_pair(text: &str) -> Result<(String, String), String> {
    text.split_once('=')
        .map(|(key, value)| (key.trim().to_owned(), value.to_owned()))
        .ok_or_else(|| format!("`{text}` has no `=`"))
}

/// Runs the program.
pub(crate) fn run() -> ExitCode {
    let cli = Cli::parse();
    // A configuration that is wrong is said by the command.
    let config = context::configure(&cli.global).map(|(config, _)| config.log).unwrap_or_default();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("cannot start: {error}");
            return Exit::Failed.into();
        }
    };
    let ended = runtime.block_on(async {
        let _log = log::start(cli.global.verbose, &config);
        match cli.command {
            Command::Demo(args) => demo::run(&cli.global, args).await,
            Command::Connect(args) => connect::run(&cli.global, args).await,
            Command::Serve(args) => serve::run(&cli.global, args).await,
            Command::Pair(args) => pair::run(&cli.global, args).await,
            Command::Token(args) => token::run(&cli.global, args).await,
            Command::Sync(args) => sync::run(&cli.global, args).await,
            Command::Queue(args) => queue::run(&cli.global, args).await,
            Command::Shop(args) => shop::run(&cli.global, args).await,
            Command::Plan(args) => plan::run(&cli.global, args).await,
            Command::Apply(args) => apply::run(&cli.global, args).await,
            Command::Undo(args) => undo::run(&cli.global, args).await,
            Command::Explain(args) => explain::run(&cli.global, args).await,
            Command::Summarise(args) => summarise::run(&cli.global, args).await,
            Command::Completeness(args) => completeness::run(&cli.global, args).await,
            Command::Payouts(args) => payouts::run(&cli.global, args).await,
            Command::Match(args) => match_customers::run(&cli.global, args).await,
            Command::Replay(args) => replay::run(&cli.global, args).await,
            Command::Report(args) => report::run(&cli.global, args).await,
            Command::Backup(args) => backup::back_up(&cli.global, args).await,
            Command::Restore(args) => backup::restore(&cli.global, args).await,
            Command::MigrateStore(args) => migrate_store::run(&cli.global, args).await,
            Command::Prune(args) => prune::prune(&cli.global, args).await,
            Command::Forget(args) => prune::forget(&cli.global, args).await,
            Command::Alerts(args) => alerts::run(&cli.global, args).await,
            Command::Practice(args) => practice::run(&cli.global, args).await,
            Command::Preview(args) => preview::run(&cli.global, args).await,
            Command::Doctor(args) => doctor::run(&cli.global, args).await,
            Command::Completions(args) => Ok(completions::run(&args)),
        }
    });
    runtime.shutdown_background();
    ended
        .unwrap_or_else(|report| {
            eprintln!("{report:?}");
            if report.downcast_ref::<ConfigError>().is_some() { Exit::Config } else { Exit::Failed }
        })
        .into()
}
