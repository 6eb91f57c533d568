//! `tillbook migrate-store`: from one engine to the other.

use std::path::Path;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use miette::{IntoDiagnostic, miette};
use tillbook::{lock::ProcessLock, store::Store};

use super::{Exit, Global, context, table};

/// Copy the whole store from SQLite to PostgreSQL, or back
///
/// All rows of all tables in one transaction; both are counted and compared by their hashes before
/// it is kept. Stop all hosts first. What is sealed stays sealed: the key file has to go along.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tillbook migrate-store --from data --to postgres://tillbook@db.example/tillbook --dry-run
  tillbook migrate-store --from data --to postgres://tillbook@db.example/tillbook
  tillbook migrate-store --from postgres://tillbook@db.example/tillbook --to data2")]
pub(crate) struct MigrateStoreArgs {
    /// Folder of SQLite, or address of PostgreSQL
    #[arg(long, value_name = "FOLDER|URL")]
    from: String,
    /// The same for where it goes; must be empty
    #[arg(long, value_name = "FOLDER|URL")]
    to: String,
    /// Only count
    #[arg(long)]
    dry_run: bool,
    /// Pass over tables that are the same already
    #[arg(long)]
    resume: bool,
}

pub(crate) async fn run(_: &Global, args: MigrateStoreArgs) -> miette::Result<Exit> {
    if args.from == args.to {
        return Err(miette!("both are the same store"));
    }
    if !is_postgres(&args.from) && !Store::exists(Path::new(&args.from)) {
        return Err(miette!("there is no store in `{}`", args.from));
    }
    let (from, _lock) = open(&args.from).await?;
    from.assert_idle(context::clock().now()).await.into_diagnostic()?;
    if args.dry_run {
        show(&from.contents().await.into_diagnostic()?);
        println!("Nothing was copied.");
        return Ok(Exit::Ok);
    }
    let (to, _lock) = open(&args.to).await?;
    to.assert_idle(context::clock().now()).await.into_diagnostic()?;
    let rows = from.contents().await.into_diagnostic()?.iter().map(|one| one.rows).sum();
    let bar = ProgressBar::new(rows);
    if let Ok(style) = ProgressStyle::with_template("{bar:40.green} {pos}/{len} rows {msg}") {
        bar.set_style(style);
    }
    let copied = from
        .copy_into(&to, args.resume, |table, rows| {
            bar.set_message(table.to_owned());
            bar.inc(rows);
        })
        .await;
    bar.finish_and_clear();
    let copied = copied.into_diagnostic()?;
    show(&copied);
    from.close().await;
    to.close().await;
    println!("Copied and compared. Let the hosts use the new one, and keep the old one as it is.");
    println!("Secrets in it stay sealed: the key file has to go along.");
    Ok(Exit::Ok)
}

fn is_postgres(address: &str) -> bool {
    address.starts_with("postgres://") || address.starts_with("postgresql://")
}

/// A store, and for a folder the lock that no other process works on it.
async fn open(address: &str) -> miette::Result<(Store, Option<ProcessLock>)> {
    if is_postgres(address) {
        return Ok((Store::connect(address).await.into_diagnostic()?, None));
    }
    let folder = Path::new(address);
    let lock = ProcessLock::take(folder).into_diagnostic()?;
    Ok((Store::open(folder).await.into_diagnostic()?, Some(lock)))
}

pub(crate) fn show(contents: &[tillbook::store::Contents]) {
    let mut rows = table::table(&["Table", "Rows", "SHA-256 over all"], &[1]);
    for one in contents.iter().filter(|one| one.rows > 0) {
        let sha256 = one.sha256.get(..16).unwrap_or(&one.sha256).to_owned();
        rows.add_row([one.table.clone(), one.rows.to_string(), sha256]);
    }
    println!("{rows}");
    let empty = contents.iter().filter(|one| one.rows == 0).count();
    println!("{} tables, {empty} of them empty.", contents.len());
}
