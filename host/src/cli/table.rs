//! How things look on a terminal.

use std::{collections::BTreeMap, fmt::Write as _};

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table};
use tillbook_core::{
    contract::{Document, Exactness, Outcome, RefundOutcome, SaleOutcome},
    finding::{Finding, Severity},
};

/// An empty table with a head, in the house's style; columns named in `right` hold numbers.
pub(crate) fn table(head: &[&str], right: &[usize]) -> Table {
    let mut table = Table::new();
    table
        .load_style(comfy_table::presets::UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(head);
    for column in right {
        if let Some(column) = table.column_mut(*column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// An order and the invoice that it becomes.
pub(crate) fn sale(sale: &SaleOutcome) -> String {
    let mut text = String::new();
    let number = sale.number.as_deref().unwrap_or("?");
    let status = sale.status.as_deref().unwrap_or("?");
    let fate = match sale.outcome {
        Outcome::Post => "becomes this invoice",
        Outcome::Skip => "needs no invoice",
        Outcome::Hold => "is held: something has to be put right first",
    };
    writeln!(text, "Order {number} ({status}) {fate}").ok();
    if let Some(document) = &sale.document {
        let charged = sale.charged.as_deref().unwrap_or("?");
        text.push_str(&shown(document, &format!("the shop charged {charged}")));
    }
    text.push_str(&findings(&sale.findings));
    for refund in &sale.refunds {
        text.push_str(&refunded(refund));
    }
    text
}

/// A refund and the credit note that it becomes.
fn refunded(refund: &RefundOutcome) -> String {
    let mut text = String::new();
    let id = refund.refund_id.map_or_else(|| String::from("?"), |id| id.to_string());
    let fate = match refund.outcome {
        Outcome::Post => "becomes this credit note",
        Outcome::Skip => "needs no credit note",
        Outcome::Hold => "is held: something has to be put right first",
    };
    writeln!(text, "\nRefund {id} {fate}").ok();
    if let Some(document) = &refund.document {
        text.push_str(&shown(document, "what the shop gave back"));
    }
    text.push_str(&findings(&refund.findings));
    text
}

fn shown(document: &Document, beside: &str) -> String {
    let mut text = String::new();
    let kind = if document.kind == "invoice" { "Invoice" } else { "Credit note" };
    let due = document.due_date.as_ref().map_or_else(String::new, |due| format!("   due {due}"));
    writeln!(
        text,
        "\n{kind} {}   {}   {}   tax {}\nTo {}   dated {}{due}   reference {}",
        document.number,
        document.status,
        document.currency,
        document.line_amount_types.to_lowercase(),
        document.contact,
        document.date,
        document.reference,
    )
    .ok();
    let head = ["Description", "Qty", "Unit", "Account", "Tax type", "Tax", "Amount"];
    let mut lines = table(&head, &[1, 2, 5, 6]);
    for line in &document.lines {
        // A star marks a line that states its tax instead of leaving it to Xero.
        let star = if line.tax_amount_sent { "*" } else { "" };
        lines.add_row([
            Cell::new(&line.description),
            Cell::new(&line.quantity),
            Cell::new(&line.unit_amount),
            Cell::new(&line.account_code),
            Cell::new(&line.tax_type),
            Cell::new(format!("{}{star}", line.tax_amount)),
            Cell::new(&line.line_amount),
        ]);
    }
    writeln!(
        text,
        "{lines}\n  Sub total {}   tax {}   TOTAL {} {}   ({beside})\n  {}",
        document.sub_total,
        document.total_tax,
        document.total,
        document.currency,
        exactness(document),
    )
    .ok();
    if let Some(fee) = &document.fee {
        writeln!(
            text,
            "  Gateway fee of {} {} to {} from account {} to {}",
            fee.amount, fee.currency, fee.contact, fee.bank_account_code, fee.account_code
        )
        .ok();
    }
    let payments = [("Deposit", &document.deposit), ("Payment", &document.payment)];
    for (what, payment) in payments {
        let Some(payment) = payment else { continue };
        writeln!(
            text,
            "  {what} of {} on {} through account {}{}",
            payment.amount,
            payment.date,
            payment.account_code,
            reference(&payment.reference)
        )
        .ok();
    }
    text
}

fn reference(reference: &str) -> String {
    if reference.is_empty() { String::new() } else { format!(", reference {reference}") }
}

fn exactness(document: &Document) -> String {
    let residue = &document.residue;
    match document.exactness {
        Exactness::Exact => {
            String::from("Xero's own arithmetic gives the order's total and tax, to the cent")
        }
        Exactness::TaxAmount => format!(
            "* {} line(s) state their tax, {} apart from what Xero would reckon",
            residue.tax_amount_lines, residue.tax_amount
        ),
        Exactness::RoundingLine => format!(
            "a rounding line of {} was needed (at most {} is allowed)",
            residue.rounding_line, residue.bound
        ),
    }
}

/// Findings, one to a paragraph.
pub(crate) fn findings(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let severity = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        };
        let amount =
            finding.amount.as_ref().map(|amount| format!(" [{amount}]")).unwrap_or_default();
        writeln!(
            text,
            "\n  {severity:<7} {} · {} {}{amount}\n          {}\n          → {}",
            finding.code, finding.object.kind, finding.object.id, finding.message, finding.cure
        )
        .ok();
    }
    text
}

/// Each warning once, with how often it comes.
pub(crate) fn warnings<'a>(findings: impl Iterator<Item = &'a Finding>) -> String {
    let mut counts: BTreeMap<(&str, &str), (usize, &Finding)> = BTreeMap::new();
    for finding in findings.filter(|finding| finding.severity == Severity::Warning) {
        counts.entry((&finding.code, &finding.message)).or_insert((0, finding)).0 += 1;
    }
    let mut text = String::new();
    for ((code, message), (count, finding)) in counts {
        writeln!(
            text,
            "\n  warning {code} · {count} ×\n          {message}\n          → {}",
            finding.cure
        )
        .ok();
    }
    text
}

/// A word with a capital letter.
pub(crate) fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + letters.as_str()
    })
}
