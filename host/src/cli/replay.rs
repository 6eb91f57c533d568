//! `tillbook replay`: asks the core again what it was asked, and compares.

use std::path::{Path, PathBuf};

use clap::Args;
use miette::{IntoDiagnostic, WrapErr, miette};
use tillbook::{
    config::Config,
    recording::{Bundle, BundleError, Recording, Replayed, differences, replay, unpack},
    sandbox::Sandbox,
    store::Store,
};

use super::{Exit, Global, context};

/// Differences that are shown of one reply.
const SHOWN_MAX: usize = 20;

/// Ask the accounting core once more what it was asked for a plan or an order, and compare
///
/// The same module gives the same bytes. Where another one decided, its version and SHA-256 are
/// named; `--module` takes its file.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tillbook replay 3f2a91c07b1e            everything that was asked for this plan
  tillbook replay order 1201              everything that was asked about this order
  tillbook replay report.json             a report that somebody sent
  tillbook replay order 1201 --module tillbook-0.1.0.wasm

Exit code 4 when a reply differs.")]
pub(crate) struct ReplayArgs {
    /// A plan's or recording's name, `order` and its id, or the file of a report
    #[arg(required = true, num_args = 1..=2, value_name = "JOB")]
    job: Vec<String>,
    /// Another module than the one in this program
    #[arg(long, value_name = "FILE")]
    module: Option<PathBuf>,
}

/// One thing that was asked.
struct Asked {
    name: String,
    operation: String,
    module_sha256: String,
    core: String,
    request: Vec<u8>,
    reply: Vec<u8>,
    reply_sha256: String,
}

pub(crate) async fn run(global: &Global, args: ReplayArgs) -> miette::Result<Exit> {
    let (config, _) = context::configure(global)?;
    let sandbox = open_sandbox(&config, args.module.as_deref())?;
    let asked = match args.job.as_slice() {
        [file] if Path::new(file).is_file() => of_file(&context::read_file(Path::new(file))?)?,
        job => of_recordings(&find(&config, job).await?)?,
    };
    let mut exit = Exit::Ok;
    for one in &asked {
        if one.module_sha256 != sandbox.sha256() && args.module.is_none() {
            let (core, sha256) = (one.core.clone(), one.module_sha256.clone());
            return Err(BundleError::Module { core, sha256 }).into_diagnostic();
        }
        let again = replay(&sandbox, &one.operation, &one.request);
        if !say(one, &again, sandbox.sha256()) {
            exit = Exit::Attention;
        }
    }
    Ok(exit)
}

/// The core in this program, or another one.
fn open_sandbox(config: &Config, module: Option<&Path>) -> miette::Result<Sandbox> {
    let Some(file) = module else {
        let cache = config.data.folder.join("cache");
        return Sandbox::embedded(config.limits(), Some(&cache)).into_diagnostic();
    };
    let wasm = std::fs::read(file).into_diagnostic();
    let wasm = wasm.wrap_err_with(|| format!("cannot read `{}`", file.display()))?;
    Sandbox::new(&wasm, config.limits(), None).into_diagnostic()
}

/// The recordings that a job names.
pub(crate) async fn find(config: &Config, job: &[String]) -> miette::Result<Vec<Recording>> {
    let store = context::existing_store(config).await?;
    let found = match job {
        [kind, id] if kind == "order" => {
            let id = id.parse().map_err(|_| miette!("`{id}` is no id of an order"))?;
            store.recordings_of_order(id).await
        }
        [name] if Store::is_name(name) => store.recordings(&name.to_ascii_lowercase()).await,
        _ => {
            return Err(miette!(
                help = "name a plan, a recording, a file, or an order: order 1201",
                "`{}` names nothing that was recorded",
                job.join(" ")
            ));
        }
    };
    store.close().await;
    let found = found.into_diagnostic()?;
    if found.is_empty() {
        return Err(miette!(
            help = "recordings are kept for `retention.recordings_days` days",
            "nothing is recorded of `{}`",
            job.join(" ")
        ));
    }
    Ok(found)
}

fn of_recordings(recordings: &[Recording]) -> miette::Result<Vec<Asked>> {
    let asked = |one: &Recording| {
        Ok(Asked {
            name: one.name().to_owned(),
            operation: one.operation.clone(),
            module_sha256: one.module_sha256.clone(),
            core: one.core.clone(),
            request: unpack(&one.request)?,
            reply: unpack(&one.reply)?,
            reply_sha256: one.reply_sha256.clone(),
        })
    };
    let asked: Result<Vec<Asked>, tillbook::store::StoreError> =
        recordings.iter().map(asked).collect();
    asked.into_diagnostic()
}

fn of_file(text: &str) -> miette::Result<Vec<Asked>> {
    let bundle = Bundle::read(text).into_diagnostic()?;
    let asked = bundle.questions.into_iter().map(|one| Asked {
        name: one.id.get(..12).unwrap_or(&one.id).to_owned(),
        operation: one.operation,
        module_sha256: one.module_sha256,
        core: one.core,
        request: one.request.get().as_bytes().to_vec(),
        reply: one.reply.map(|reply| reply.get().as_bytes().to_vec()).unwrap_or_default(),
        reply_sha256: one.reply_sha256,
    });
    Ok(asked.collect())
}

/// Says how a reply compares; gives whether it is the same.
fn say(one: &Asked, again: &Replayed, sha256: &str) -> bool {
    let Asked { name, operation, core, .. } = one;
    if again.is(&one.reply_sha256) {
        let module = if sha256 == one.module_sha256 { "the same module" } else { "another module" };
        println!("{name} {operation}: {module}, the same bytes ({})", again.reply_sha256);
        return true;
    }
    println!("{name} {operation}: not the same as core {core} said");
    println!("  was {}\n  is  {}", one.reply_sha256, again.reply_sha256);
    let is = again.reply.as_ref().map_or(&[][..], Vec::as_slice);
    for difference in differences(&one.reply, is, SHOWN_MAX) {
        println!("  {}: {} → {}", difference.place, difference.was, difference.is);
    }
    false
}
