//! `tillbook report`: a file without names that replays.

use std::path::PathBuf;

use clap::Args;
use miette::{IntoDiagnostic, WrapErr, miette};
use tillbook::{recording::Bundle, sandbox::Sandbox};

use super::{Exit, Global, context, replay};

/// Write what the accounting core was asked into a file without names, to show it to others
///
/// Names, addresses, e-mails, phones, notes, tax numbers, references of payments and what plugins
/// keep become other words of the same shape; amounts, taxes and dates stay. The file is replayed by
/// `tillbook replay FILE`. Look through it before you give it away.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tillbook report 3f2a91c07b1e --out report.json
  tillbook report order 1201")]
pub(crate) struct ReportArgs {
    /// A plan's or recording's name, or `order` and its id
    #[arg(required = true, num_args = 1..=2, value_name = "JOB")]
    job: Vec<String>,
    /// The file; standard output without one
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(crate) async fn run(global: &Global, args: ReportArgs) -> miette::Result<Exit> {
    let (config, _) = context::configure(global)?;
    let recordings = replay::find(&config, &args.job).await?;
    let cache = config.data.folder.join("cache");
    let sandbox = Sandbox::embedded(config.limits(), Some(&cache)).into_diagnostic()?;
    // Only what this module decided can be asked again without the names.
    let (own, others): (Vec<_>, Vec<_>) =
        recordings.into_iter().partition(|one| one.module_sha256 == sandbox.sha256());
    if own.is_empty() {
        let needed = others.first().map(|one| one.module_sha256.clone()).unwrap_or_default();
        return Err(miette!("all of it was decided by another module, SHA-256 {needed}"));
    }
    let bundle = Bundle::of(&own, &sandbox).into_diagnostic()?;
    let text = serde_json::to_string(&bundle).into_diagnostic()?;
    let Some(file) = &args.out else {
        println!("{text}");
        return Ok(Exit::Ok);
    };
    std::fs::write(file, text).into_diagnostic().wrap_err(file.display().to_string())?;
    println!("Wrote {} questions to {}.", bundle.questions.len(), file.display());
    let otherwise: usize = bundle.questions.iter().map(|one| one.decided_otherwise.len()).sum();
    if otherwise > 0 {
        println!(
            "Without the names {otherwise} orders are decided otherwise; the file says which."
        );
    }
    if !others.is_empty() {
        println!("Left out {} that another module decided.", others.len());
    }
    Ok(Exit::Ok)
}
