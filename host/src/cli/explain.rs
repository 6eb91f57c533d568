//! `tillbook explain`: which order lines and which rules made each line of a document.

use std::fmt::Write as _;

use clap::Args;
use miette::{IntoDiagnostic, miette};
use tillbook::{door::as_refs, facts::FactSource};
use tillbook_core::{
    contract::{CONTRACT_VERSION, Document, MapRequest, RefundOutcome},
    plan::{Link, Purpose},
    xero::document::DocumentKind,
};

use super::{Exit, Global, explain_summary, setup::Setup, table};

/// Say for each line of a document in Xero which order lines and which rules made it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tillbook explain SHOP-1201          the invoice of an order
  tillbook explain SHOP-1201-R1250    the credit note of a refund
  tillbook explain SHOP-1201 --json | jq .lines
  tillbook explain SHOP-SUM-2026-11-21-bacs          the orders behind each line of a summary
  tillbook explain SHOP-SUM-2026-11-21-bacs --csv    one row for each")]
pub(crate) struct ExplainArgs {
    /// Number of the invoice or credit note
    number: String,
    /// Machine-readable
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Of a summary: one row for each order, refund or entry behind each line
    #[arg(long)]
    csv: bool,
}

pub(crate) async fn run(global: &Global, args: ExplainArgs) -> miette::Result<Exit> {
    let Some(setup) = Setup::open(global, "explain").await? else { return Ok(Exit::Config) };
    if let Some(summary) = explain_summary::find(&setup, &args.number).await? {
        explain_summary::show(&setup, &summary, args.json, args.csv)?;
        setup.worker.books.store.close().await;
        return Ok(Exit::Ok);
    }
    let organisation = &setup.organisation;
    let links = setup.worker.books.store.core_links(&organisation.id, &organisation.shop_url).await;
    let links = links.into_diagnostic()?;
    let own = |link: &&Link| {
        link.purpose == Purpose::Document && link.number.eq_ignore_ascii_case(&args.number)
    };
    let Some(link) = links.iter().find(own) else {
        return Err(miette!(
            help = "`tillbook plan --detail` shows the numbers of what is posted and will be",
            "nothing was posted as `{}`",
            args.number
        ));
    };
    let facts = organisation.facts.read_facts(&[link.order_id]).await.into_diagnostic()?;
    let records = setup.worker.books.store.records(&organisation.id, &organisation.shop_url).await;
    let request = MapRequest {
        contract: CONTRACT_VERSION,
        shop: organisation.shop.clone(),
        settings: organisation.settings.clone(),
        chart: organisation.chart.as_input(),
        sales: facts.sales.iter().map(|(_, sale)| sale.as_input()).collect(),
        products: as_refs(&facts.products),
        records: records.into_diagnostic()?,
        summarised: Vec::new(),
    };
    let reply = setup.worker.books.door.map(&request).await.into_diagnostic()?;
    let sale = reply.sales.into_iter().next();
    let document = sale.and_then(|sale| match link.document {
        DocumentKind::Invoice => sale.document,
        DocumentKind::CreditNote => {
            let own = |refund: &RefundOutcome| refund.refund_id == Some(link.id);
            sale.refunds.into_iter().find(own)?.document
        }
    });
    let Some(document) = document else {
        return Err(miette!("the order of `{}` makes no document any more", link.number));
    };
    if args.json {
        println!("{}", serde_json::to_string_pretty(&document).into_diagnostic()?);
    } else {
        print!("{}", explained(&document, link));
    }
    setup.worker.books.store.close().await;
    Ok(Exit::Ok)
}

fn explained(document: &Document, link: &Link) -> String {
    let mut shown =
        table::table(&["line", "amount", "tax", "from", "account", "tax type"], &[1, 2]);
    for line in &document.lines {
        let sources: Vec<String> =
            line.source.iter().map(|source| format!("{} {}", source.kind, source.id)).collect();
        let from = if sources.is_empty() { "the residue".into() } else { sources.join(", ") };
        shown.add_row([
            format!("{} × {}  {}", line.quantity, line.unit_amount, line.description),
            line.line_amount.clone(),
            line.tax_amount.clone(),
            from,
            format!("{}  by {}", line.account_code, line.rules.account),
            format!("{}  by {}", line.tax_type, line.rules.tax),
        ]);
    }
    let residue = &document.residue;
    let object = link.document.object();
    let mut text = format!(
        "{} is the document of {object} {}, in Xero as {}\n{shown}\n",
        link.number, link.id, link.xero_id
    );
    writeln!(
        text,
        "{} {} {}, tax {}. Residue: {} lines state their tax ({} in all), rounding line {} of at most {}.",
        document.line_amount_types,
        document.total,
        document.currency,
        document.total_tax,
        residue.tax_amount_lines,
        residue.tax_amount,
        residue.rounding_line,
        residue.bound
    )
    .ok();
    text
}
