//! What became of the orders, compared to the cent with what Xero has.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Instant,
};

use comfy_table::Table;
use miette::{IntoDiagnostic, miette};
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use tillbook::{
    bookkeeper::read_all,
    daemon::PATIENCE,
    store::{Outcome, OutcomeKind},
    xero_client::{CallCount, XeroClient},
};
use tillbook_core::{
    finding::{Finding, Severity},
    plan::{Link, LinkState, Purpose},
    xero::document::DocumentKind,
};

use crate::cli::table;

/// All invoices of an organisation, read back through Xero's API: number and total.
pub(super) struct Ledger(BTreeMap<String, Decimal>);

impl Ledger {
    pub(super) async fn read(xero: &XeroClient) -> miette::Result<Self> {
        #[derive(serde::Deserialize)]
        struct Invoice {
            #[serde(rename = "InvoiceNumber")]
            number: String,
            #[serde(rename = "Total")]
            total: Box<RawValue>,
        }
        let invoices = read_all(xero, "Invoices", PATIENCE, |_, _| ()).await;
        let invoices = invoices.map_err(|error| miette!("Xero: {error}"))?;
        let mut totals = BTreeMap::new();
        for invoice in invoices {
            let Invoice { number, total } =
                serde_json::from_str(invoice.get()).into_diagnostic()?;
            let total = total.get().parse().into_diagnostic()?;
            if totals.insert(number.clone(), total).is_some() {
                return Err(miette!("Xero has two invoices {number}"));
            }
        }
        Ok(Self(totals))
    }
}

/// What the shop charged for an order, with the shop's own decimals.
#[derive(Debug, Clone)]
pub(super) struct Charge {
    pub(super) amount: Decimal,
    pub(super) currency: String,
}

/// Sums by currency: a shop sells in more than one, and they do not add up to a number.
#[derive(Debug, Default, Clone)]
struct Sums(BTreeMap<String, Decimal>);

impl Sums {
    fn add(&mut self, currency: &str, amount: Decimal) {
        *self.0.entry(currency.to_owned()).or_default() += amount;
    }

    fn less(&self, other: &Self) -> Self {
        let mut rest = self.clone();
        for (currency, amount) in &other.0 {
            rest.add(currency, -*amount);
        }
        rest
    }

    fn is_zero(&self) -> bool {
        self.0.values().all(Decimal::is_zero)
    }
}

/// One line a currency.
impl std::fmt::Display for Sums {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let lines: Vec<String> =
            self.0.iter().map(|(currency, amount)| format!("{amount:.2} {currency}")).collect();
        f.write_str(&lines.join("\n"))
    }
}

/// Amounts cross as text, as everywhere.
impl Serialize for Sums {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let texts = self.0.iter().map(|(currency, amount)| (currency, format!("{amount:.2}")));
        serializer.collect_map(texts)
    }
}

/// One order that was not posted because something has to be put right first.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Held {
    order: String,
    code: String,
    message: String,
}

/// One row.
#[derive(Debug, Default, Serialize)]
pub(super) struct Report {
    regime: String,
    orders: usize,
    invoices: usize,
    skipped: usize,
    held: Vec<Held>,
    exact: usize,
    by_tax_amount: usize,
    by_rounding_line: usize,
    write_calls: u64,
    read_calls: u64,
    write_calls_of_second_run: u64,
    /// Refunds that became credit notes.
    credit_notes: usize,
    /// Payments of invoices and credit notes.
    payments: usize,
    /// Fees of payment gateways.
    fees: usize,
    /// Steps that a plan would still make.
    steps_left: usize,
    /// Sum over the posted orders, each rounded half-up to the two decimals that Xero keeps.
    charged: Sums,
    /// Posted orders that were charged with a part of a cent.
    cut_to_cents: usize,
    in_xero: Sums,
    difference: Sums,
    /// Orders whose own invoice has another total, or invoices that no order explains.
    wrong: Vec<String>,
    /// Of the posted orders, for a command to try.
    example: Option<String>,
}

impl Report {
    pub(super) fn make(
        name: &str,
        outcomes: Vec<Outcome>,
        links: &[Link],
        charged: &BTreeMap<String, Charge>,
        ledger: &Ledger,
        (calls, again): (CallCount, u64),
        steps_left: usize,
    ) -> Self {
        let mut report = Self {
            regime: name.to_owned(),
            orders: charged.len(),
            write_calls: calls.writes,
            read_calls: calls.reads,
            write_calls_of_second_run: again,
            steps_left,
            ..Self::default()
        };
        let live = links.iter().filter(|link| link.state == LinkState::Live);
        for link in live {
            match (link.purpose, link.document) {
                (Purpose::Document, DocumentKind::CreditNote) => report.credit_notes += 1,
                (Purpose::Payment | Purpose::Deposit, _) => report.payments += 1,
                (Purpose::Fee, _) => report.fees += 1,
                (Purpose::Document, DocumentKind::Invoice) | (Purpose::Summary, _) => {}
            }
        }
        for outcome in outcomes.into_iter().filter(|outcome| outcome.key.kind == "order") {
            report.count(outcome);
        }
        report.compare(links, charged, ledger);
        report.difference = report.in_xero.less(&report.charged);
        report
    }

    fn count(&mut self, outcome: Outcome) {
        match outcome.kind {
            OutcomeKind::Posted => {
                self.invoices += 1;
                let id = outcome.key.object_id;
                match outcome.detail.as_str() {
                    "tax_amount" => self.by_tax_amount += 1,
                    "rounding_line" => self.by_rounding_line += 1,
                    _ => {
                        self.exact += 1;
                        self.example.get_or_insert(id);
                    }
                }
            }
            OutcomeKind::Skipped => self.skipped += 1,
            OutcomeKind::Held | OutcomeKind::Refused => {
                let finding = first_error(&outcome.findings);
                self.held.push(Held {
                    order: outcome.key.object_id,
                    code: finding.map(|finding| finding.code.clone()).unwrap_or_default(),
                    message: finding.map(|finding| finding.message.clone()).unwrap_or_default(),
                });
            }
        }
    }

    /// Order by order: the invoice of its number must have the order's own total.
    fn compare(&mut self, links: &[Link], charged: &BTreeMap<String, Charge>, ledger: &Ledger) {
        let mut explained = BTreeSet::new();
        let posted = links.iter().filter(|link| {
            (link.purpose, link.document) == (Purpose::Document, DocumentKind::Invoice)
        });
        for link in posted {
            let order = link.order_id.to_string();
            let Some(Charge { amount, currency }) = charged.get(&order) else { continue };
            let cents = amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
            self.charged.add(currency, cents);
            self.cut_to_cents += usize::from(cents != *amount);
            let invoiced = ledger.0.get(&link.number);
            self.in_xero.add(currency, invoiced.copied().unwrap_or_default());
            if invoiced != Some(&cents) {
                self.wrong.push(format!("order {order} was charged {cents}"));
            }
            explained.insert(link.number.as_str());
        }
        for number in ledger.0.keys().filter(|number| !explained.contains(number.as_str())) {
            self.wrong.push(format!("invoice {number} belongs to no order"));
        }
        let done = self.invoices + self.skipped + self.held.len();
        if done != self.orders {
            self.wrong.push(format!("{done} of {} orders have an end", self.orders));
        }
    }

    fn is_exact(&self) -> bool {
        let once = self.write_calls_of_second_run == 0 && self.steps_left == 0;
        self.wrong.is_empty() && self.difference.is_zero() && once
    }

    fn add(&mut self, other: &Self) {
        self.orders += other.orders;
        self.invoices += other.invoices;
        self.skipped += other.skipped;
        self.held.extend(other.held.iter().cloned());
        self.exact += other.exact;
        self.by_tax_amount += other.by_tax_amount;
        self.by_rounding_line += other.by_rounding_line;
        self.write_calls += other.write_calls;
        self.read_calls += other.read_calls;
        self.write_calls_of_second_run += other.write_calls_of_second_run;
        self.credit_notes += other.credit_notes;
        self.payments += other.payments;
        self.fees += other.fees;
        self.steps_left += other.steps_left;
        self.cut_to_cents += other.cut_to_cents;
        self.wrong.extend(other.wrong.iter().cloned());
    }
}

fn first_error(findings: &[Finding]) -> Option<&Finding> {
    findings.iter().find(|finding| finding.severity == Severity::Error).or(findings.first())
}

/// What `--json` prints.
#[derive(Serialize)]
struct Printed<'a> {
    exact: bool,
    module_sha256: &'a str,
    milliseconds: u128,
    regimes: &'a [Report],
    total: &'a Report,
}

/// Prints all rows and their total; whether everything agrees to the cent.
pub(super) fn print(
    reports: &[Report],
    module_sha256: &str,
    started: Instant,
    json: bool,
) -> miette::Result<bool> {
    let mut total = Report { regime: String::from("all"), ..Report::default() };
    for report in reports {
        total.add(report);
    }
    let exact = reports.iter().all(Report::is_exact);
    if json {
        let printed = Printed {
            exact,
            module_sha256,
            milliseconds: started.elapsed().as_millis(),
            regimes: reports,
            total: &total,
        };
        println!("{}", serde_json::to_string_pretty(&printed).into_diagnostic()?);
        return Ok(exact);
    }
    println!("{}", rows(reports));
    print_held(&total);
    print_total(&total, exact, started);
    print_next(reports);
    Ok(exact)
}

fn rows(reports: &[Report]) -> Table {
    let head = [
        "Shop",
        "Orders",
        "Invoices",
        "Skipped",
        "Held",
        "Exact",
        "TaxAmount",
        "Rounding line",
        "Calls",
        "Charged",
        "In Xero",
        "Difference",
    ];
    let mut table = table::table(&head, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    for report in reports {
        table.add_row([
            report.regime.clone(),
            report.orders.to_string(),
            report.invoices.to_string(),
            report.skipped.to_string(),
            report.held.len().to_string(),
            report.exact.to_string(),
            report.by_tax_amount.to_string(),
            report.by_rounding_line.to_string(),
            (report.write_calls + report.read_calls).to_string(),
            report.charged.to_string(),
            report.in_xero.to_string(),
            report.difference.to_string(),
        ]);
    }
    table
}

fn print_held(total: &Report) {
    for held in &total.held {
        println!("  held: order {} · {} · {}", held.order, held.code, held.message);
    }
}

fn print_total(total: &Report, exact: bool, started: Instant) {
    println!(
        "\n{} orders: {} invoices in Xero, {} need none, {} held. {} exact, {} by TaxAmount, \
         {} by a rounding line.",
        total.orders,
        total.invoices,
        total.skipped,
        total.held.len(),
        total.exact,
        total.by_tax_amount,
        total.by_rounding_line,
    );
    println!(
        "{} calls that write, {} that read; a second run wrote {} times. {:.1} s in all.",
        total.write_calls,
        total.read_calls,
        total.write_calls_of_second_run,
        started.elapsed().as_secs_f32(),
    );
    println!(
        "{} credit notes and {} payments are with them; planned again: {}.",
        total.credit_notes,
        total.payments,
        if total.steps_left == 0 {
            "nothing".into()
        } else {
            format!("{} STEPS", total.steps_left)
        },
    );
    if total.cut_to_cents > 0 {
        println!(
            "{} orders were charged with a part of a cent (shops with three or four decimals); Xero \
             keeps two, so each is rounded half-up.",
            total.cut_to_cents
        );
    }
    for wrong in &total.wrong {
        println!("  WRONG: {wrong}");
    }
    if exact {
        println!("Every invoice equals what the shop charged: difference 0.00.");
    } else {
        println!("NOT EXACT: see above.");
    }
}

fn print_next(reports: &[Report]) {
    println!("\nTry next:");
    for report in reports.iter().take(2) {
        if let Some(order) = &report.example {
            println!(
                "  tillbook preview {order:<6}   an order of {} before it is sent",
                report.regime
            );
        }
    }
    println!("  tillbook demo --keep      the same, and everything stays up to look at");
    println!("  tillbook doctor           what is missing to sync your own shop");
}
