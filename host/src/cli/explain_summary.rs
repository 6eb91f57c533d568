//! What a summary is made of: the orders, refunds and entries behind each of its lines.

use std::fmt::Write as _;

use miette::IntoDiagnostic;
use serde::Serialize;
use tillbook::store::PlannedSummary;
use tillbook_core::{
    contract::{DocumentLine, SummedLine},
    mapping::takings::Share,
    summary::Member,
};

use super::{setup::Setup, table};

/// Rows that are shown of a line on a terminal; a file has them all.
const ROWS_MAX: usize = 20;

/// The summary that was sent under a number.
pub(crate) async fn find(setup: &Setup, number: &str) -> miette::Result<Option<PlannedSummary>> {
    let organisation = &setup.organisation;
    let store = &setup.worker.books.store;
    let (id, shop) = (&organisation.id, &organisation.shop_url);
    let links = store.summary_links(id, shop).await.into_diagnostic()?;
    let Some(link) = links.iter().find(|link| link.number.eq_ignore_ascii_case(number)) else {
        return Ok(None);
    };
    let planned = store.summaries_numbered(id, shop, number).await.into_diagnostic()?;
    Ok(planned.into_iter().find(|summary| summary.sha256 == link.sha256))
}

/// One share of a line.
#[derive(Serialize)]
struct Behind<'a> {
    line: &'a str,
    kind: &'a str,
    id: &'a str,
    order_id: u64,
    stands_for: String,
    adjusts: &'a str,
    gross: String,
    tax: String,
    account: &'a str,
    account_rule: &'a str,
    tax_type: &'a str,
    tax_rule: &'a str,
}

/// What is behind a line: shares of members that agree with it in all that tells lines apart.
fn behind<'a>(
    summary: &'a PlannedSummary,
    (line, summed): &'a (DocumentLine, SummedLine),
) -> Vec<Behind<'a>> {
    let own = |member: &&Member| member.adjusts == summed.adjusts;
    let shares = summary
        .members
        .iter()
        .filter(own)
        .flat_map(|member| member.shares.iter().map(move |share| (member, share)));
    shares
        .filter(|(_, share)| share.line == summed.line)
        .map(|(member, share)| row(line, member, share))
        .collect()
}

fn row<'a>(line: &'a DocumentLine, member: &'a Member, share: &'a Share) -> Behind<'a> {
    let stands_for = &member.stands_for;
    Behind {
        line: &line.description,
        kind: &member.object.kind,
        id: &member.object.id,
        order_id: member.order_id,
        stands_for: format!("{} {}", stands_for.kind, stands_for.id).trim().to_owned(),
        adjusts: &member.adjusts,
        gross: format!("{:.2}", share.gross.0),
        tax: format!("{:.2}", share.tax.0),
        account: &share.line.account,
        account_rule: &share.account_rule,
        tax_type: &share.line.tax_type,
        tax_rule: &share.tax_rule,
    }
}

/// Shows what is behind each line.
pub(crate) fn show(
    setup: &Setup,
    summary: &PlannedSummary,
    json: bool,
    csv: bool,
) -> miette::Result<()> {
    let all = summary.lines.iter().flat_map(|line| behind(summary, line));
    if json {
        let all: Vec<Behind<'_>> = all.collect();
        println!("{}", serde_json::to_string_pretty(&all).into_diagnostic()?);
    } else if csv {
        let mut writer = csv::Writer::from_writer(std::io::stdout());
        for row in all {
            writer.serialize(row).into_diagnostic()?;
        }
        writer.flush().into_diagnostic()?;
    } else {
        print!("{}", explained(setup, summary));
    }
    Ok(())
}

fn explained(setup: &Setup, summary: &PlannedSummary) -> String {
    let mut text = format!(
        "{}   dated {}   {} {}   from {} orders, refunds and entries\n",
        summary.number,
        summary.date,
        summary.total,
        summary.currency,
        summary.members.len()
    );
    for line in &summary.lines {
        let rows = behind(summary, line);
        let (shown, account) = (&line.0, setup.account(&line.0.account_code));
        writeln!(
            text,
            "\n{}   {}   tax {}   on {account} by {}   {} by {}",
            shown.description,
            shown.line_amount,
            shown.tax_amount,
            shown.rules.account,
            shown.tax_type,
            shown.rules.tax
        )
        .ok();
        if rows.is_empty() {
            text.push_str("what the deposit and its entries, rounded to two decimals, differ by\n");
            continue;
        }
        let mut own = table::table(&["", "order", "amount", "tax"], &[2, 3]);
        for row in rows.iter().take(ROWS_MAX) {
            let order = if row.order_id > 0 { row.order_id.to_string() } else { String::new() };
            own.add_row([
                format!("{} {}", row.kind, row.id),
                order,
                row.gross.clone(),
                row.tax.clone(),
            ]);
        }
        writeln!(text, "{own}").ok();
        if rows.len() > ROWS_MAX {
            let more = rows.len() - ROWS_MAX;
            writeln!(text, "and {more} more; --csv lists all").ok();
        }
    }
    text
}
