//! `tillbook preview`: the invoice that an order becomes, before anything is sent.

mod guess;
mod source;

use std::path::PathBuf;

use clap::Args;
use miette::{IntoDiagnostic, miette};
use serde::Serialize;
use tillbook::door::{Door, Sale, as_refs};
use tillbook_core::{
    contract::{CONTRACT_VERSION, MapRequest, ProposeRequest, SaleOutcome},
    finding::Finding,
    settings::Settings,
};

use super::{Exit, Global, context, table};
use source::Material;

/// Show the Xero invoice that an order becomes, before anything is sent
///
/// Shows the lines, the totals as Xero will reckon them, all findings, and the SHA-256 of the
/// exact bytes that would be sent. Nothing is changed anywhere.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tillbook preview                        a practice order
  tillbook preview 45                     order 45 of the configured shop (without one: of the practice shops)
  tillbook preview order.json             an order saved from the shop's REST API
  curl … | tillbook preview -             the same from standard input
  tillbook preview 45 --json | jq -r .body | sha256sum

Without settings they are proposed, without a Xero organisation a practice one is used; both are said.
Exit code 4 when the order is held.")]
pub(crate) struct PreviewArgs {
    /// A JSON file, `-` for standard input, or the id of an order
    order: Option<String>,
    /// Mapping settings (JSON); else those in the store, else proposed ones
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// Chart of a Xero organisation (JSON); else read from the configured one, else a practice one
    #[arg(long, value_name = "FILE")]
    chart: Option<PathBuf>,
    /// Profile of the shop (JSON); else read from the configured one, else inferred from the order
    #[arg(long, value_name = "FILE")]
    shop: Option<PathBuf>,
    /// Machine-readable: body, hashes, document, findings
    #[arg(long)]
    json: bool,
}

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Printed<'a> {
    module_sha256: &'a str,
    outcome: tillbook_core::contract::Outcome,
    body: Option<&'a str>,
    sha256: Option<&'a str>,
    notes: &'a [String],
    guesses: &'a [Finding],
    sale: &'a SaleOutcome,
}

pub(crate) async fn run(global: &Global, args: PreviewArgs) -> miette::Result<Exit> {
    let (config, _) = context::configure(global)?;
    let door = context::open_door(&config)?;
    let mut material = source::collect(&config, &args).await?;
    let (settings, guesses) = match material.settings.take() {
        Some(settings) => (settings, Vec::new()),
        None => propose(&door, &mut material).await?,
    };
    let sale = map(&door, &material, settings).await?;
    if args.json {
        let document = sale.document.as_ref();
        let printed = Printed {
            module_sha256: door.module_sha256(),
            outcome: sale.outcome,
            body: document.map(|document| document.body.as_str()),
            sha256: document.map(|document| document.sha256.as_str()),
            notes: &material.notes,
            guesses: &guesses,
            sale: &sale,
        };
        println!("{}", serde_json::to_string_pretty(&printed).into_diagnostic()?);
    } else {
        print(&door, &material, &sale, &guesses);
    }
    let is_held = sale.outcome == tillbook_core::contract::Outcome::Hold;
    Ok(if is_held { Exit::Attention } else { Exit::Ok })
}

fn print(door: &Door, material: &Material, sale: &SaleOutcome, guesses: &[Finding]) {
    print!("{}", table::sale(sale));
    if let Some(document) = &sale.document {
        println!("\n  Body    {} bytes, SHA-256 {}", document.body.len(), document.sha256);
    }
    println!("  Module  SHA-256 {}", door.module_sha256());
    for note in &material.notes {
        println!("  Note    {note}");
    }
    if !guesses.is_empty() {
        println!("  Note    the settings rest on {} guesses; --json lists them", guesses.len());
    }
}

async fn propose(door: &Door, material: &mut Material) -> miette::Result<(Settings, Vec<Finding>)> {
    let request = ProposeRequest {
        contract: CONTRACT_VERSION,
        shop: material.shop.clone(),
        chart: material.chart.as_input(),
        tax_rates: as_refs(&material.tax_rates),
        gateways: as_refs(&material.gateways),
    };
    let reply = door.propose_settings(&request).await.map_err(|error| miette!("{error}"))?;
    material.notes.push(String::from("no settings were given: these are proposed ones"));
    Ok((reply.settings, reply.findings))
}

async fn map(door: &Door, material: &Material, settings: Settings) -> miette::Result<SaleOutcome> {
    let request = MapRequest {
        summarised: Vec::new(),
        contract: CONTRACT_VERSION,
        shop: material.shop.clone(),
        settings,
        chart: material.chart.as_input(),
        sales: vec![Sale::as_input(&material.sale)],
        products: as_refs(&material.products),
        records: Vec::new(),
    };
    let reply = door.map(&request).await.map_err(|error| miette!("{error}"))?;
    reply.sales.into_iter().next().ok_or_else(|| miette!("the core said nothing about the order"))
}
