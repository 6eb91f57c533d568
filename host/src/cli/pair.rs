//! `tillbook pair`: a code by which a shop is connected.

use clap::Args;
use miette::IntoDiagnostic;
use tillbook::{
    config::Config,
    store::{PAIRING_LIFE, Store},
};

use super::{Exit, Global, context};

/// Make a code that connects a WooCommerce shop with this server
///
/// The code is entered in the shop, in WordPress under WooCommerce → Tillbook → Connect. It is good
/// once, and for a quarter of an hour; only its hash is kept. Connecting the same shop again renews
/// its keys and its token.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tillbook pair

The server itself, `tillbook serve`, must be running at the address that is entered with the code.")]
pub(crate) struct PairArgs {}

pub(crate) async fn run(global: &Global, _: PairArgs) -> miette::Result<Exit> {
    let (config, _) = context::configure(global)?;
    let store = context::open_store(&config).await?;
    print_code(&store, &config).await?;
    store.close().await;
    Ok(Exit::Ok)
}

/// Makes a code and says what to do with it.
pub(super) async fn print_code(store: &Store, config: &Config) -> miette::Result<()> {
    let code = store.add_pairing(context::clock().now()).await.into_diagnostic()?;
    let url = match config.server.url.as_str() {
        "" => format!("http://{}", config.server.listen),
        url => url.trim_end_matches('/').to_owned(),
    };
    println!("To connect a shop, enter in WordPress under WooCommerce → Tillbook → Connect:");
    println!("  Address of the host   {url}");
    println!("  Pairing code          {code}");
    println!("The code is good for {} minutes, once.", PAIRING_LIFE.as_secs() / 60);
    Ok(())
}
