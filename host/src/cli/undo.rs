//! `tillbook undo`: a plan that takes back what was posted.

use std::collections::BTreeSet;

use clap::Args;
use miette::{IntoDiagnostic, miette};
use tillbook::bookkeeper::Scope;
use tillbook_core::plan::Action;

use super::{Exit, Global, plan, setup::Setup};

/// Plan to take back what was posted: of an order, of a range of days, or of a plan
///
/// Removes payments and allocations, then voids the documents. Nothing is sent before
/// `tillbook apply`. What was undone is not posted again until `tillbook plan --redo`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tillbook undo --order 1201
  tillbook undo --from 2026-11-01 --to 2026-11-30    invoices dated in November
  tillbook undo --plan 3f2a9c12ab34                  all that this plan made
  tillbook undo --all")]
#[group(id = "what", required = true, multiple = true)]
pub(crate) struct UndoArgs {
    /// This order (WooCommerce's id); may be repeated
    #[arg(long = "order", value_name = "ID", group = "what")]
    orders: Vec<u64>,
    /// All documents that a plan made or changed
    #[arg(long, value_name = "NAME", group = "what", conflicts_with_all = ["orders", "from", "all"])]
    plan: Option<String>,
    /// Invoices dated on this day or later
    #[arg(long, value_name = "DATE", group = "what", requires = "to", conflicts_with_all = ["orders", "all"])]
    from: Option<String>,
    /// Invoices dated on this day or earlier
    #[arg(long, value_name = "DATE", requires = "from")]
    to: Option<String>,
    /// Everything that was posted for this shop
    #[arg(long, group = "what", conflicts_with = "orders")]
    all: bool,
    #[command(flatten)]
    shown: plan::Shown,
}

pub(crate) async fn run(global: &Global, args: UndoArgs) -> miette::Result<Exit> {
    let Some(setup) = Setup::open(global, "undo").await? else { return Ok(Exit::Config) };
    let orders = match (&args.plan, &args.from, &args.to) {
        (Some(name), ..) => of_plan(&setup, name).await?,
        (_, Some(from), Some(to)) => {
            let days = (day(from)?, day(to)?);
            let bookkeeper = setup.bookkeeper();
            bookkeeper.orders_dated(&setup.organisation, days).await.into_diagnostic()?
        }
        _ => args.orders,
    };
    if orders.is_empty() && !args.all {
        println!("Nothing was posted there: there is nothing to undo.");
        return Ok(Exit::Ok);
    }
    let scope = Scope { orders, undo: true, ..Scope::default() };
    plan::make(&setup, &scope, args.shown).await
}

fn day(text: &str) -> miette::Result<&str> {
    let found = tillbook_core::date::Date::parse(text).is_ok_and(|_| text.len() == 10);
    if found { Ok(text) } else { Err(miette!("`{text}` is no day; write it as 2026-11-22")) }
}

async fn of_plan(setup: &Setup, name: &str) -> miette::Result<Vec<u64>> {
    let plan = setup.bookkeeper().find(&setup.organisation.id, name).await.into_diagnostic()?;
    let made = plan.steps().filter(|step| matches!(step.action, Action::Create | Action::Update));
    let orders: BTreeSet<u64> = made.map(|step| step.order_id).collect();
    Ok(orders.into_iter().collect())
}
