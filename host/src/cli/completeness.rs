//! `tillbook completeness`: whether anything is missing.

use clap::Args;
use miette::IntoDiagnostic;
use serde::Serialize;
use tillbook_core::plan::completeness::{Account, Standing, Total};

use super::{Exit, Global, setup::Setup, summarise, table};

/// Show that every order and refund is posted, excluded or pending, each for a reason
///
/// Reads all orders of the days asked for from the shop, and accounts for each by id and amount:
/// posted + excluded + pending is everything that the shop has.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tillbook completeness                                     this month
  tillbook completeness --from 2026-11-01 --to 2026-11-30
  tillbook completeness --csv > november.csv                one row for each order and refund
  tillbook completeness --json | jq .totals

Exit code 4 when something is pending.")]
pub(crate) struct CompletenessArgs {
    /// The first day on which an order or refund was made; the first of this month when not said
    #[arg(long, value_name = "DAY")]
    from: Option<String>,
    /// The last day; today when not said
    #[arg(long, value_name = "DAY")]
    to: Option<String>,
    /// Machine-readable
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// One row for each order and refund
    #[arg(long)]
    csv: bool,
}

#[derive(Serialize)]
struct Printed<'a> {
    from: &'a str,
    to: &'a str,
    totals: &'a [Total],
    accounts: &'a [Account],
}

pub(crate) async fn run(global: &Global, args: CompletenessArgs) -> miette::Result<Exit> {
    let Some(setup) = Setup::open(global, "completeness").await? else { return Ok(Exit::Config) };
    let today = summarise::today(&setup)?.to_string();
    let first = format!("{}-01", today.get(..7).unwrap_or_default());
    let (from, to) = (args.from.unwrap_or(first), args.to.unwrap_or(today));
    let accounted = setup.bookkeeper().account(&setup.organisation, (&from, &to)).await;
    let (accounts, totals) = accounted.into_diagnostic()?;
    setup.worker.books.store.close().await;
    if args.json {
        let printed = Printed { from: &from, to: &to, totals: &totals, accounts: &accounts };
        println!("{}", serde_json::to_string_pretty(&printed).into_diagnostic()?);
    } else if args.csv {
        print!("{}", csv(&accounts).into_diagnostic()?);
    } else {
        show(&from, &to, &accounts, &totals);
    }
    let pending = totals.iter().any(|total| total.pending_count > 0);
    Ok(if pending { Exit::Attention } else { Exit::Ok })
}

const fn word(standing: Standing) -> &'static str {
    match standing {
        Standing::Posted => "posted",
        Standing::Excluded => "excluded",
        Standing::Pending => "pending",
    }
}

fn show(from: &str, to: &str, accounts: &[Account], totals: &[Total]) {
    println!("Orders and refunds made from {from} to {to}:");
    let head = ["", "posted", "excluded", "pending", "everything"];
    let mut shown = table::table(&head, &[1, 2, 3, 4]);
    for total in totals {
        let counts = [total.posted_count, total.excluded_count, total.pending_count, total.count];
        let mut row = vec![String::from("orders and refunds")];
        row.extend(counts.map(|count| count.to_string()));
        shown.add_row(row);
        let amounts = [total.posted, total.excluded, total.pending, total.amount];
        let mut row = vec![total.currency.clone()];
        row.extend(amounts.map(|amount| format!("{:.2}", amount.0)));
        shown.add_row(row);
    }
    println!("{shown}");
    let open: Vec<&Account> =
        accounts.iter().filter(|account| account.standing != Standing::Posted).collect();
    if open.is_empty() {
        println!("Everything is posted.");
        return;
    }
    let mut shown = table::table(&["", "order", "amount", "", "", "why"], &[2]);
    for account in open {
        shown.add_row([
            format!("{} {}", account.object.kind, account.object.id),
            account.number.clone(),
            format!("{:.2}", account.amount.0),
            account.currency.clone(),
            word(account.standing).into(),
            account.message.clone(),
        ]);
    }
    println!("{shown}");
}

fn csv(accounts: &[Account]) -> Result<String, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "kind",
        "id",
        "order_id",
        "number",
        "created",
        "currency",
        "amount",
        "posted",
        "excluded",
        "pending",
        "standing",
        "documents",
        "reason",
        "message",
    ])?;
    for account in accounts {
        let amount = |amount: tillbook_core::money::Amount| format!("{:.2}", amount.0);
        writer.write_record([
            account.object.kind.clone(),
            account.object.id.clone(),
            account.order_id.to_string(),
            account.number.clone(),
            account.created.clone(),
            account.currency.clone(),
            amount(account.amount),
            amount(account.posted),
            amount(account.excluded),
            amount(account.pending),
            word(account.standing).into(),
            account.documents.join(" "),
            account.reason.clone(),
            account.message.clone(),
        ])?;
    }
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
