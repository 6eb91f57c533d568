//! `tillbook preview`: the invoice that an order becomes, before anything is sent.
use clap::Args;
use super::{Exit, Global};
/// Show the Xero invoice that an order becomes, before anything is sent
#[derive(Debug, Args)]
pub(crate) struct PreviewArgs {}
pub(crate) async fn run(_global: &Global, _args: PreviewArgs) -> miette::Result<Exit> { Ok(Exit::Ok) }
