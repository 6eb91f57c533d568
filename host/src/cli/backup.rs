//! `tillbook backup` and `tillbook restore`.

use std::path::PathBuf;

use clap::Args;
use miette::IntoDiagnostic;
use tillbook::{config::Config, lock::ProcessLock, store::Store};

use super::{Exit, Global, context, migrate_store};

/// Write the whole store into one file, while everything goes on
///
/// The file holds what is sealed as it is sealed: keep the key file too, in another place. It can be
/// put back into a folder by `tillbook restore`, and from there into PostgreSQL by
/// `tillbook migrate-store`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tillbook backup /var/backups/tillbook-2026-11-28.db")]
pub(crate) struct BackupArgs {
    /// The file; it must not be there yet
    file: PathBuf,
}

/// Put a backup back into an empty data folder
///
/// What was sent to Xero after the backup is not in it. So plans that were on their way are stopped,
/// and the next sync looks at every order and finds in Xero what is there, before it sends anything.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tillbook restore tillbook-2026-11-28.db --dry-run
  tillbook restore tillbook-2026-11-28.db --set data.folder=/var/lib/tillbook")]
pub(crate) struct RestoreArgs {
    /// A file that `tillbook backup` wrote
    file: PathBuf,
    /// Only look into the file
    #[arg(long)]
    dry_run: bool,
}

pub(crate) async fn back_up(global: &Global, args: BackupArgs) -> miette::Result<Exit> {
    let (config, _) = context::configure(global)?;
    let store = context::existing_store(&config).await?;
    let written = store.back_up(&args.file).await;
    store.close().await;
    written.into_diagnostic()?;
    let bytes = std::fs::metadata(&args.file).map(|file| file.len()).unwrap_or_default();
    println!("Wrote {} ({bytes} bytes).", args.file.display());
    println!("Secrets in it are sealed: without the key file nobody can use them, nor can you.");
    Ok(Exit::Ok)
}

pub(crate) async fn restore(global: &Global, args: RestoreArgs) -> miette::Result<Exit> {
    let (config, _) = context::configure(global)?;
    let now = context::clock().now();
    if args.dry_run {
        let folder = beside(&config);
        let looked = look(&args.file, &folder, now).await;
        std::fs::remove_dir_all(&folder).ok();
        looked?;
        println!("Nothing was put back.");
        return Ok(Exit::Ok);
    }
    if config.data.database.is_empty() {
        let _lock = ProcessLock::take(&config.data.folder).into_diagnostic()?;
        let folder = &config.data.folder;
        let store = Store::restore(&args.file, folder, now).await.into_diagnostic()?;
        store.close().await;
        println!("Put back into {}.", config.data.folder.display());
    } else {
        let to = context::open_store(&config).await?;
        let folder = beside(&config);
        let copied = async {
            let from = Store::restore(&args.file, &folder, now).await.into_diagnostic()?;
            let copied = from.copy_into(&to, false, |_, _| ()).await;
            from.close().await;
            copied.into_diagnostic()
        };
        let copied = copied.await;
        std::fs::remove_dir_all(&folder).ok();
        migrate_store::show(&copied?);
        println!("Put back into the database.");
    }
    println!("The next sync looks at every order, and finds what was sent since the backup.");
    println!("The key file has to be there too; connections to Xero may have to be made anew.");
    Ok(Exit::Ok)
}

/// A folder beside that of the data: a backup may be large.
fn beside(config: &Config) -> PathBuf {
    config.data.folder.with_extension(format!("backup-{}", std::process::id()))
}

async fn look(
    file: &std::path::Path,
    folder: &std::path::Path,
    now: tillbook::time::Timestamp,
) -> miette::Result<()> {
    let store = Store::restore(file, folder, now).await.into_diagnostic()?;
    let contents = store.contents().await;
    store.close().await;
    migrate_store::show(&contents.into_diagnostic()?);
    Ok(())
}
