//! `tillbook summarise`: the documents of days and payouts.

use std::{collections::BTreeMap, fmt::Write as _};

use clap::Args;
use comfy_table::Cell;
use indicatif::ProgressBar;
use miette::{IntoDiagnostic, miette};
use rust_decimal::Decimal;
use serde::Serialize;
use tillbook::{
    bookkeeper::{Event, Summaries, SummaryScope},
    zone,
};
use tillbook_core::{
    contract::SummaryView,
    finding::{Finding, Severity},
    plan::Fate,
    settings::summary::{Mode, ModeFrom},
    summary::Waiting,
};

use super::{Exit, Global, context, payouts, setup::Setup, table};

/// Sum up days and payouts: one document per payout, one per day and payment method
///
/// Reads payouts from the gateways that are configured, then the shop, and sends the documents of
/// all days asked for that are over and not sent yet. What was sent is never rewritten: what has
/// changed since goes into the next document, which names what it adjusts.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[command(after_help = "\
Examples:
  tillbook summarise --dry-run                          yesterday's documents, line by line; sends nothing
  tillbook summarise --what-if --dry-run                the same, before summaries are switched on
  tillbook summarise --date 2026-11-21 --dry-run        the daily close of one day
  tillbook summarise --from 2026-11-01 --to 2026-11-21  send all that is open of three weeks
  tillbook summarise --undo SHOP-SUM-2026-11-21-bacs    take one document back
  tillbook explain SHOP-SUM-2026-11-21-bacs --csv       the orders behind each line

Switch it on in the settings: summary.modes = [{\"from\": \"2026-12-01\", \"mode\": \"summary\"}]

Exit code 4 when a document is held.")]
pub(crate) struct SummariseArgs {
    /// One day; yesterday when nothing is said
    #[arg(long, value_name = "DAY", conflicts_with_all = ["from", "to"])]
    date: Option<String>,
    /// The first day
    #[arg(long, value_name = "DAY", requires = "to")]
    from: Option<String>,
    /// The last day, which must be over
    #[arg(long, value_name = "DAY", requires = "from")]
    to: Option<String>,
    /// Show the documents, and send nothing
    #[arg(long)]
    dry_run: bool,
    /// Make again what a person undid
    #[arg(long)]
    redo: bool,
    /// Take back the document with this number; may be repeated
    #[arg(long, value_name = "NUMBER")]
    undo: Vec<String>,
    /// As if all orders were summed up, whatever the settings say; only to look
    #[arg(long, requires = "dry_run")]
    what_if: bool,
    /// Do not ask the gateways: use the payouts that were read before
    #[arg(long)]
    offline: bool,
    /// Machine-readable
    #[arg(long)]
    json: bool,
    /// Send by proposed settings when none are given. Look at them first: they are guesses
    #[arg(long)]
    accept_proposed: bool,
}

/// How much of summaries is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    /// Every document, line by line.
    Whole,
    /// Only what is held.
    Brief,
    /// For machines.
    Json,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Printed<'a> {
    from: &'a str,
    to: &'a str,
    plan: &'a str,
    documents: &'a [SummaryView],
    waiting: &'a [Waiting],
    findings: Vec<&'a Finding>,
}

pub(crate) async fn run(global: &Global, args: SummariseArgs) -> miette::Result<Exit> {
    let Some(mut setup) = Setup::open(global, "summarise").await? else { return Ok(Exit::Config) };
    if args.what_if {
        let everything = ModeFrom { from: String::new(), mode: Mode::Summary };
        setup.organisation.settings.summary.modes = vec![everything];
    }
    if !setup.organisation.settings.summary.is_used() {
        eprintln!(
            "All orders go individually. To sum them up from a day on, say so in the settings:"
        );
        eprintln!(r#"  "summary": {{"modes": [{{"from": "2026-12-01", "mode": "summary"}}]}}"#);
        eprintln!("To see what that would look like: tillbook summarise --what-if --dry-run");
        return Ok(Exit::Config);
    }
    if setup.proposed && !args.dry_run && !args.accept_proposed {
        eprintln!("The settings are only proposed ones. Look at the documents first: --dry-run");
        return Ok(Exit::Config);
    }
    let mut scope = scope(&setup, &args)?;
    scope.undo = keys_of(&setup, &args.undo).await?;
    if !args.offline && scope.undo.is_empty() {
        payouts::read(&setup, &scope.from, &scope.to).await?;
    }
    let shown = if args.json { Shown::Json } else { Shown::Whole };
    let exit = if args.dry_run {
        let summaries =
            setup.bookkeeper().summarise(&setup.organisation, &scope).await.into_diagnostic()?;
        show(&setup, &scope, &summaries, shown)?
    } else {
        send(&setup, &scope, shown).await?
    };
    setup.worker.books.store.close().await;
    Ok(exit)
}

/// Sends what is open of a scope; once more where a lost answer was found first.
pub(crate) async fn send(
    setup: &Setup,
    scope: &SummaryScope,
    shown: Shown,
) -> miette::Result<Exit> {
    let bookkeeper = setup.bookkeeper();
    let stop = context::stop_on_ctrl_c();
    loop {
        let summaries = bookkeeper.summarise(&setup.organisation, scope).await.into_diagnostic()?;
        let exit = show(setup, scope, &summaries, shown)?;
        if summaries.plan.is_empty() {
            return Ok(exit);
        }
        let bar = ProgressBar::new(0);
        let on_event = |event| match event {
            Event::Calls(count) => bar.set_length(count as u64),
            Event::Done => bar.inc(1),
            Event::Waiting(time, why) => bar.set_message(format!("{}s: {why}", time.as_secs())),
        };
        let sent = bookkeeper.send(&setup.organisation, &summaries.plan, &stop, on_event).await;
        bar.finish_and_clear();
        let applied = sent.into_diagnostic()?;
        print!("{}", table::findings(&applied.findings));
        let calls = setup.organisation.xero.call_count();
        if shown != Shown::Json {
            println!(
                "Summaries: {} sent, {} refused. {} calls wrote, {} read.",
                applied.done, applied.refused, calls.writes, calls.reads
            );
        }
        if applied.stopped {
            return Ok(Exit::Interrupted);
        }
        let found_again = summaries.plan.steps().next().is_none();
        if !found_again {
            return Ok(if applied.refused > 0 { Exit::Attention } else { exit });
        }
    }
}

/// The days that are meant.
fn scope(setup: &Setup, args: &SummariseArgs) -> miette::Result<SummaryScope> {
    let today = today(setup)?;
    let yesterday = today.pred_opt().unwrap_or(today).to_string();
    let (from, to) = match (&args.date, &args.from, &args.to) {
        (Some(date), ..) => (date.clone(), date.clone()),
        (None, Some(from), Some(to)) => (from.clone(), to.clone()),
        _ => (yesterday.clone(), yesterday),
    };
    for day in [&from, &to] {
        let parsed: chrono::NaiveDate =
            day.parse().map_err(|_| miette!("`{day}` is no day; write it as 2026-11-22"))?;
        if parsed >= today {
            return Err(miette!(
                help = "its summary can be made once it is over, in the declared time zone",
                "{day} is not over yet"
            ));
        }
    }
    if from > to {
        return Err(miette!("{from} is after {to}"));
    }
    Ok(SummaryScope { from, to, redo: args.redo, undo: Vec::new() })
}

/// Today in the declared zone.
pub(crate) fn today(setup: &Setup) -> miette::Result<chrono::NaiveDate> {
    let organisation = &setup.organisation;
    let declared = &organisation.settings.summary.zone;
    let name = if declared.is_empty() { &organisation.shop.timezone } else { declared };
    zone::day_of(name, context::clock().now().ms() / 1_000).into_diagnostic()
}

async fn keys_of(setup: &Setup, numbers: &[String]) -> miette::Result<Vec<String>> {
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    let organisation = &setup.organisation;
    let links = setup.worker.books.store.summary_links(&organisation.id, &organisation.shop_url);
    let links = links.await.into_diagnostic()?;
    let key = |number: &String| {
        let own = links.iter().find(|link| link.number.eq_ignore_ascii_case(number));
        own.map(|link| link.key.clone()).ok_or_else(|| miette!("no summary was sent as `{number}`"))
    };
    numbers.iter().map(key).collect()
}

/// Shows documents and what waits; says whether a person should look.
fn show(
    setup: &Setup,
    scope: &SummaryScope,
    summaries: &Summaries,
    shown: Shown,
) -> miette::Result<Exit> {
    let held = summaries.plan.rows().any(|row| row.fate == Fate::Hold);
    let exit = if held { Exit::Attention } else { Exit::Ok };
    if shown == Shown::Brief {
        for view in summaries.documents.iter().filter(|view| view.fate == Fate::Hold) {
            println!("\n{} is held:", view.number);
            print!("{}", table::findings(&view.findings));
        }
        return Ok(exit);
    }
    if shown == Shown::Json {
        let rows = summaries.plan.rows().flat_map(|row| &row.findings);
        let printed = Printed {
            from: &scope.from,
            to: &scope.to,
            plan: &summaries.plan.sha256,
            documents: &summaries.documents,
            waiting: &summaries.waiting,
            findings: rows.chain(&summaries.findings).collect(),
        };
        println!("{}", serde_json::to_string_pretty(&printed).into_diagnostic()?);
        return Ok(exit);
    }
    for view in &summaries.documents {
        print!("{}", document(setup, view));
    }
    for row in summaries.plan.rows() {
        let has_document = summaries.documents.iter().any(|view| view.key == row.object.id);
        match row.fate {
            Fate::Adopt => println!("{} is in Xero: its answer was lost.", row.number),
            Fate::Withdraw => println!("{} is taken back.", row.number),
            _ => {}
        }
        if !has_document {
            print!("{}", table::findings(&row.findings));
        }
    }
    if summaries.documents.is_empty() && scope.undo.is_empty() {
        println!("No document is open from {} to {}.", scope.from, scope.to);
    }
    print!("{}", waiting(&summaries.waiting));
    let told = summaries.findings.iter().filter(|finding| {
        finding.severity == Severity::Error
            || finding.object.kind == "entry"
            || finding.object.kind == "summary"
    });
    print!("{}", table::findings(&told.cloned().collect::<Vec<_>>()));
    Ok(exit)
}

/// A document as an accountant reads it.
fn document(setup: &Setup, view: &SummaryView) -> String {
    let mut text = String::new();
    let kind = if view.kind == "invoice" { "Invoice" } else { "Credit note" };
    let fate = match view.fate {
        Fate::Hold => "   HELD",
        Fate::Skip => "   not made",
        _ => "",
    };
    writeln!(
        text,
        "\n{kind} {}   {}   {}   tax inclusive{fate}\nTo {}   dated {}   reference {}",
        view.number, view.status, view.currency, view.contact, view.date, view.reference,
    )
    .ok();
    let head = ["Line", "From", "Account", "Tax type", "Tax", "Amount"];
    let mut lines = table::table(&head, &[1, 4, 5]);
    for (line, summed) in view.lines.iter().zip(&view.summed) {
        let star = if line.tax_amount_sent { "*" } else { "" };
        lines.add_row([
            Cell::new(&line.description),
            Cell::new(summed.shares),
            Cell::new(setup.account(&line.account_code)),
            Cell::new(&line.tax_type),
            Cell::new(format!("{}{star}", line.tax_amount)),
            Cell::new(&line.line_amount),
        ]);
    }
    let stated = if view.lines.iter().any(|line| line.tax_amount_sent) {
        "\n  * the orders' own taxes, which differ from the tax of their sum"
    } else {
        ""
    };
    writeln!(
        text,
        "{lines}\n  Sub total {}   tax {}   TOTAL {} {}   from {} orders, refunds and entries{stated}",
        view.sub_total, view.total_tax, view.total, view.currency, view.members,
    )
    .ok();
    text.push_str(&table::findings(&view.findings));
    text
}

/// What is in no document yet, by reason and currency.
fn waiting(waiting: &[Waiting]) -> String {
    if waiting.is_empty() {
        return String::new();
    }
    let mut sums: BTreeMap<(&str, &str), (usize, Decimal, &str, String)> = BTreeMap::new();
    for one in waiting {
        let name = || format!("{} {}", one.object.kind, one.object.id);
        let sum = sums
            .entry((&one.reason, &one.currency))
            .or_insert_with(|| (0, Decimal::ZERO, &one.message, name()));
        sum.0 += 1;
        sum.1 += one.amount.0;
    }
    let mut shown = table::table(&["waits", "", "amount", "", "why", "such as"], &[1, 2]);
    for ((reason, currency), (count, amount, message, example)) in sums {
        shown.add_row([
            reason,
            &count.to_string(),
            &format!("{amount:.2}"),
            currency,
            message,
            &example,
        ]);
    }
    format!("\nIn no document yet:\n{shown}\n")
}
