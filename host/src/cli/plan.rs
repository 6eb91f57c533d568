//! `tillbook plan`: what would be sent, saved under a name.

use clap::Args;
use miette::IntoDiagnostic;
use serde::Serialize;
use tillbook::{
    bookkeeper::{Counts, Scope},
    store::{PlanState, StoredPlan},
};
use tillbook_core::{
    finding::{Finding, Severity},
    plan::{Action, Fate, Reversal, Row, Step},
};

use super::{Exit, Global, setup::Setup, table};

/// Show what would be sent to Xero, and save it under a name
///
/// Compares the shop with what was posted before and with what Xero has: new orders and refunds,
/// edits, cancellations, payments. Nothing is sent; `tillbook apply NAME` sends exactly this.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tillbook plan                          the whole shop
  tillbook plan --order 1201 --detail    one order, step by step, with how each can be reversed
  tillbook plan --json | jq .counts
  tillbook plan --list                   plans that were saved, and how far they have come

Exit code 4 when an order is held.")]
pub(crate) struct PlanArgs {
    /// Only this order (WooCommerce's id); may be repeated
    #[arg(long = "order", value_name = "ID")]
    orders: Vec<u64>,
    /// Make again what a person undid
    #[arg(long)]
    redo: bool,
    /// The plans that were saved
    #[arg(long, conflicts_with_all = ["orders", "redo", "detail"])]
    list: bool,
    #[command(flatten)]
    shown: Shown,
}

/// How a plan is shown.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(crate) struct Shown {
    /// Every step, with how it can be reversed
    #[arg(long)]
    detail: bool,
    /// Machine-readable: counts, rows, steps with their bodies
    #[arg(long)]
    json: bool,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Printed<'a> {
    plan: &'a str,
    state: &'static str,
    counts: Counts,
    rows: Vec<&'a Row>,
    steps: Vec<&'a Step>,
}

pub(crate) async fn run(global: &Global, args: PlanArgs) -> miette::Result<Exit> {
    let Some(setup) = Setup::open(global, "plan").await? else { return Ok(Exit::Config) };
    if args.list {
        return list(&setup, args.shown.json).await;
    }
    let scope = Scope { orders: args.orders, redo: args.redo, ..Scope::default() };
    make(&setup, &scope, args.shown).await
}

/// Makes, saves and shows a plan.
pub(crate) async fn make(setup: &Setup, scope: &Scope, shown: Shown) -> miette::Result<Exit> {
    let bookkeeper = setup.bookkeeper();
    let plan = bookkeeper.plan(&setup.organisation, scope).await.into_diagnostic()?;
    if !plan.is_empty() {
        bookkeeper.store.save_plan(&setup.organisation.id, &plan).await.into_diagnostic()?;
    }
    if shown.json {
        println!("{}", serde_json::to_string_pretty(&printed(&plan)).into_diagnostic()?);
    } else {
        show(&plan, shown.detail);
        if setup.proposed {
            println!(
                "The settings are only proposed ones; `tillbook sync --write-settings FILE` shows them."
            );
        }
    }
    bookkeeper.store.close().await;
    Ok(if plan.counts().hold > 0 { Exit::Attention } else { Exit::Ok })
}

fn printed(plan: &StoredPlan) -> Printed<'_> {
    Printed {
        plan: &plan.sha256,
        state: plan.state.as_str(),
        counts: plan.counts(),
        rows: plan.rows().collect(),
        steps: plan.steps().collect(),
    }
}

/// The numbers in one line: create 14, update 2, skip 31, held 1.
pub(crate) fn summary(counts: &Counts) -> String {
    let parts = [
        ("create", counts.create),
        ("update", counts.update),
        ("withdraw", counts.withdraw),
        ("link again", counts.adopt),
        ("pay", counts.pay),
        ("remove payment", counts.unpay),
        ("allocate", counts.allocate),
        ("remove allocation", counts.unallocate),
        ("book fee", counts.spend),
        ("remove fee", counts.unspend),
        ("new contacts", counts.contacts),
        ("contacts filled in", counts.contacts_changed),
        ("new items", counts.items),
        ("items changed", counts.items_changed),
        ("same", counts.same),
        ("skip", counts.skip),
        ("held", counts.hold),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(word, count)| format!("{word} {count}"))
        .collect();
    if parts.is_empty() { "no orders".into() } else { parts.join(", ") }
}

fn show(plan: &StoredPlan, detail: bool) {
    let counts = plan.counts();
    println!("{} · {} calls", summary(&counts), counts.calls);
    if detail {
        println!("{}", steps(plan));
        println!("{}", rows(plan));
    }
    for row in plan.rows() {
        // What is planned and needs no thought is not told one by one.
        let quiet = |finding: &Finding| finding.severity != Severity::Error;
        if row.fate != Fate::Hold && row.findings.iter().all(quiet) && !detail {
            continue;
        }
        if !row.findings.is_empty() {
            println!(
                "\n{} {} ({}):",
                table::capital(&row.object.kind),
                row.object.id,
                fate(row.fate)
            );
            print!("{}", table::findings(&row.findings));
        }
    }
    if !detail {
        let posted = plan.rows().filter(|row| row.fate != Fate::Hold);
        print!("{}", table::warnings(posted.flat_map(|row| &row.findings)));
    }
    if plan.is_empty() {
        println!("Xero has what it should have: there is nothing to send.");
    } else {
        println!("\nNothing has been sent. To send exactly this: tillbook apply {}", plan.name());
    }
}

fn steps(plan: &StoredPlan) -> String {
    let mut shown = table::table(&["", "document", "of", "amount", "", "can be reversed"], &[3]);
    for step in plan.steps() {
        shown.add_row([
            action(step.action),
            &step.number,
            &format!("{} {}", step.object().kind, step.object().id),
            &step.amount,
            &step.currency,
            reversal(step.reversal),
        ]);
    }
    shown.to_string()
}

fn rows(plan: &StoredPlan) -> String {
    let mut shown = table::table(&["", "document", "", "why"], &[]);
    for row in plan.rows() {
        let object = format!("{} {}", row.object.kind, row.object.id);
        let why = row.findings.first().map_or("", |finding| &finding.message);
        shown.add_row([&object, &row.number, fate(row.fate), why]);
    }
    shown.to_string()
}

const fn fate(fate: Fate) -> &'static str {
    match fate {
        Fate::Create => "create",
        Fate::Adopt => "link again",
        Fate::Update => "update",
        Fate::Withdraw => "withdraw",
        Fate::Settle => "settle",
        Fate::Same => "same",
        Fate::Skip => "skip",
        Fate::Hold => "held",
    }
}

const fn action(action: Action) -> &'static str {
    match action {
        Action::Create => "create",
        Action::Update => "update",
        Action::Void => "void",
        Action::Pay => "pay",
        Action::Unpay => "remove payment",
        Action::Allocate => "allocate",
        Action::Unallocate => "remove allocation",
        Action::Spend => "book fee",
        Action::Unspend => "remove fee",
        Action::CreateContact => "new contact",
        Action::UpdateContact => "fill in contact",
        Action::CreateItem => "new item",
        Action::UpdateItem => "change item",
    }
}

const fn reversal(reversal: Reversal) -> &'static str {
    match reversal {
        Reversal::Delete => "by deleting it",
        Reversal::Void => "by voiding it",
        Reversal::Unlink => "by voiding it, once payments and allocations are removed",
        Reversal::Again => "by making it again",
        Reversal::Update => "by changing it back",
        Reversal::Archive => "by archiving it",
        Reversal::Never => "not: a new document bears another number",
    }
}

async fn list(setup: &Setup, json: bool) -> miette::Result<Exit> {
    let store = &setup.worker.books.store;
    let plans = store.plans(&setup.organisation.id, "").await.into_diagnostic()?;
    if json {
        let all: Vec<Printed<'_>> = plans.iter().map(printed).collect();
        println!("{}", serde_json::to_string_pretty(&all).into_diagnostic()?);
        return Ok(Exit::Ok);
    }
    let mut shown = table::table(&["plan", "", "made", "what"], &[]);
    for plan in &plans {
        let (state, made) = (plan.state.as_str(), plan.made.to_string());
        shown.add_row([plan.name(), state, &made, &summary(&plan.counts())]);
    }
    println!("{shown}");
    let open = plans.iter().find(|plan| plan.state == PlanState::Applying);
    if let Some(plan) = open {
        println!("To carry on: tillbook apply {}", plan.name());
    }
    Ok(Exit::Ok)
}
