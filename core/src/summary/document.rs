//! From sums to documents: an invoice, or a credit note where the sum is below zero.

use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};

use rust_decimal::Decimal;

use crate::{
    date::{Date, Moment},
    finding::{Code, Finding},
    mapping::{
        account_problem, is_number, is_stated,
        takings::{TakingKind, TakingLine},
    },
    money::{Amount, Currency, XERO_DIGITS, plain, round_half_up, unit},
    register::Register,
    settings::{InvoiceStatus, Locked},
    sorted::sorted_by,
    xero::{
        arithmetic::{LineAmountTypes, exact_tax},
        document::{Contact, DocumentKind, Invoice, LineItem},
    },
};

use super::{
    Ground, Payout,
    payout::{digits_of, payout_key},
    sums::{Sum, SumLine, Sums, line_key},
};

/// A document of a summary, ready to be sent or held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SummaryDocument {
    /// Its key.
    pub key: String,
    /// First moment of what it covers, in seconds since 1970 UTC; 0 for payouts.
    pub begins: i64,
    /// The moment after the last.
    pub ends: i64,
    /// Orders, refunds and entries in it.
    pub members: u32,
    /// The document.
    pub invoice: Invoice,
    /// What made its lines, in their order.
    pub lines: Vec<SummaryLine>,
    /// What stops or bends it, errors first.
    pub findings: Vec<Finding>,
}

/// What a line of a summary is the sum of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SummaryLine {
    /// What it is told apart by.
    pub line: TakingLine,
    /// Number of the document that it adjusts; empty where it adjusts none.
    pub adjusts: String,
    /// How many shares it is the sum of.
    pub shares: u32,
    /// The setting that chose the account.
    pub account_rule: String,
    /// The setting that chose the tax type.
    pub tax_rule: String,
}

/// The documents of all sums, by day and number.
#[must_use]
pub fn documents(ground: &Ground<'_>, sums: Sums) -> Vec<SummaryDocument> {
    let mut sums = sums.suspend();
    let mut held: Vec<(String, Finding)> = Vec::new();
    for payout in ground.payouts {
        close_payout(ground, payout, &mut sums, &mut held);
    }
    let open = sums.iter().filter(|sum| !sum.sent);
    let mut documents: Vec<SummaryDocument> =
        open.filter_map(|sum| document(ground, sum)).collect();
    for document in &mut documents {
        let own = held.iter().filter(|(beginning, _)| document.key.starts_with(beginning));
        document.findings.extend(own.map(|(_, finding)| finding.clone()));
        document.findings = crate::finding::errors_first(core::mem::take(&mut document.findings));
    }
    sorted_by(documents, |a, b| {
        (a.invoice.date, &a.invoice.number).cmp(&(b.invoice.date, &b.invoice.number))
    })
}

/// Law L5: the documents of a payout, with those that were sent before, come to its deposit. What
/// finer amounts than Xero's leave is a rounding line of the last one; more than that holds the
/// payout.
fn close_payout(
    ground: &Ground<'_>,
    payout: &Payout,
    sums: &mut [Sum],
    held: &mut Vec<(String, Finding)>,
) {
    let beginning = payout_key(payout.source, &payout.id);
    let digits = digits_of(&payout.currency);
    let deposit = round_half_up(payout.amount.0, digits);
    let mut members = 0;
    let mut found = Decimal::ZERO;
    let mut last: Option<&mut Sum> = None;
    for sum in sums.iter_mut().filter(|sum| sum.key.starts_with(&beginning)) {
        members += sum.members;
        found += sum.lines.iter().map(|line| line.gross.0).sum::<Decimal>();
        if last.as_ref().is_none_or(|known| known.key < sum.key) {
            last = Some(sum);
        }
    }
    let rest = deposit - found;
    let Some(last) = last.filter(|_| !rest.is_zero()) else { return };
    let finer = Currency::parse(&payout.currency).is_ok_and(|own| own.digits() > digits);
    if finer && rest.abs() <= unit(digits) * Decimal::from(members) {
        if last.sent {
            return;
        }
        let line = TakingLine {
            kind: TakingKind::Rounding,
            account: ground.settings.rounding.account.clone(),
            tax_type: ground.settings.tax.no_tax.clone(),
            ..TakingLine::default()
        };
        last.lines.push(SumLine {
            line,
            gross: Amount(rest),
            shares: 1,
            account_rule: "rounding.account".into(),
            tax_rule: "tax.no_tax".into(),
            ..SumLine::default()
        });
        return;
    }
    let message = format!(
        "the entries of payout {} come to {}, the deposit is {}",
        payout.id,
        plain(found, XERO_DIGITS),
        plain(deposit, XERO_DIGITS)
    );
    let finding = Finding::new(Code::SummaryOutOfBalance, "payout", &*payout.id, message);
    held.push((beginning, finding.with_amount(rest)));
}

fn document(ground: &Ground<'_>, sum: &Sum) -> Option<SummaryDocument> {
    let mut findings = Vec::new();
    let currency = Currency::parse(&sum.currency).ok()?;
    let name = Name::of(ground, sum)?;
    let total: Decimal = sum.lines.iter().map(|line| line.gross.0).sum();
    let credit = total < Decimal::ZERO;
    let ordered = sorted_by(sum.lines.iter().collect(), |a: &&SumLine, b: &&SumLine| {
        line_key(&a.line, &a.adjusts).cmp(&line_key(&b.line, &b.adjusts))
    });
    let shown = |line: &&SumLine| !line.gross.0.is_zero() || !line.tax.0.is_zero();
    let mut kept: Vec<&SumLine> = ordered.iter().copied().filter(shown).collect();
    if kept.is_empty() {
        // Xero wants a line on every document, also on one that comes to nothing.
        kept.extend(ordered.first());
    }
    let lines = kept.iter().map(|line| line_item(ground, line, credit, &mut findings)).collect();
    compare_taxes(ground, &kept, &mut findings);
    let settings = &ground.settings.summary;
    let date = open_day(ground, name.date, &name.number, &mut findings);
    let invoice = Invoice {
        kind: if credit { DocumentKind::CreditNote } else { DocumentKind::Invoice },
        number: name.number,
        reference: name.reference,
        contact: Contact { name: settings.contact.clone(), ..Contact::default() },
        date,
        due_date: date,
        status: match settings.status {
            InvoiceStatus::Authorised => "AUTHORISED",
            InvoiceStatus::Draft => "DRAFT",
            InvoiceStatus::Submitted => "SUBMITTED",
        },
        line_amount_types: LineAmountTypes::Inclusive,
        currency,
        currency_rate: None,
        url: None,
        branding_theme_id: None,
        lines,
    };
    check(ground, &invoice, total, &mut findings);
    overlaps(ground, sum, (name.begins, name.ends), &mut findings);
    let summary_line = |line: &&SumLine| SummaryLine {
        line: line.line.clone(),
        adjusts: line.adjusts.clone(),
        shares: line.shares,
        account_rule: line.account_rule.clone(),
        tax_rule: line.tax_rule.clone(),
    };
    Some(SummaryDocument {
        key: sum.key.clone(),
        begins: name.begins,
        ends: name.ends,
        members: sum.members,
        lines: kept.iter().map(summary_line).collect(),
        invoice,
        findings,
    })
}

/// What a document is called, and what it covers.
struct Name {
    number: String,
    reference: String,
    date: Date,
    begins: i64,
    ends: i64,
}

impl Name {
    fn of(ground: &Ground<'_>, sum: &Sum) -> Option<Self> {
        let settings = ground.settings;
        let beginning = format!("{}{}", settings.invoice.prefix, settings.summary.number_infix);
        let foreign = if sum.currency == ground.shop_currency {
            String::new()
        } else {
            format!("-{}", sum.currency)
        };
        let mut parts = sum.key.split('/');
        let (kind, owner) = (parts.next()?, parts.next()?);
        let (third, fourth) = (parts.next()?, parts.next()?);
        if kind == "daily" {
            let date = Date::parse(fourth).ok()?;
            return Some(Self {
                number: format!("{beginning}{fourth}-{owner}{foreign}"),
                reference: format!("{owner} takings {fourth}"),
                date,
                begins: ground.zone.start_of(date).unix_seconds(),
                ends: ground.zone.start_of(date.plus_days(1)).unix_seconds(),
            });
        }
        let own = |payout: &&Payout| sum.key.starts_with(&payout_key(payout.source, &payout.id));
        let payout = ground.payouts.iter().find(own)?;
        let arrival = Date::parse(&payout.date).ok()?;
        let of_arrival = payout.date.starts_with(fourth);
        let date = if of_arrival {
            arrival
        } else {
            Date::parse(&format!("{fourth}-01")).ok()?.last_of_month()
        };
        let month = if of_arrival { String::new() } else { format!("-{fourth}") };
        let (_, deposit) = (third, plain(payout.amount.0, XERO_DIGITS));
        Some(Self {
            number: format!("{beginning}{}{month}", payout.id),
            reference: format!("Payout {} of {deposit} {}", payout.id, payout.currency),
            date,
            begins: 0,
            ends: 0,
        })
    }
}

fn line_item(
    ground: &Ground<'_>,
    sum: &SumLine,
    credit: bool,
    findings: &mut Vec<Finding>,
) -> LineItem {
    let line = &sum.line;
    let sign = if credit { -Decimal::ONE } else { Decimal::ONE };
    let (gross, tax) = (sum.gross.0 * sign, sum.tax.0 * sign);
    note(findings, account_problem(ground.chart, &line.account, &sum.account_rule));
    let found = ground.chart.tax_type(&line.tax_type);
    if found.is_none() {
        let message = format!("Xero has no active tax rate of type `{}`", line.tax_type);
        let finding = Finding::new(Code::TaxTypeUnknown, "tax_type", &*line.tax_type, message);
        note(findings, Some(finding.at(&*sum.tax_rule)));
    }
    let rate = found.map_or(Decimal::ZERO, |tax| tax.percent / Decimal::ONE_HUNDRED);
    let exact = found.map_or(Decimal::ZERO, |tax| tax.exact_rate);
    let types = LineAmountTypes::Inclusive;
    // What no order's taxes stand behind is left to Xero.
    let ours = line.kind != TakingKind::GatewayFees;
    let stated = ours && !rate.is_zero() && is_stated(types, gross, (rate, exact), tax);
    LineItem {
        description: describe(ground, sum),
        quantity: Decimal::ONE,
        unit_amount: gross,
        item_code: None,
        account_code: line.account.clone(),
        tax_type: line.tax_type.clone(),
        rate,
        tax_amount: stated.then_some(tax),
        tracking: line.tracking.clone(),
    }
}

/// Holds the orders' taxes against Xero's arithmetic, for each tax type. Each order was held against
/// it by itself: a unit and a half for each of its parts, twice where a part is adjusted or divided.
/// Rates of more than four decimals and parts that were taken together can make a thousandth of the
/// amounts more.
fn compare_taxes(ground: &Ground<'_>, lines: &[&SumLine], findings: &mut Vec<Finding>) {
    let mut types: Register<(Decimal, Decimal, u32, Decimal)> = Register::default();
    for sum in lines.iter().filter(|sum| sum.line.kind != TakingKind::GatewayFees) {
        let tax_type = &sum.line.tax_type;
        let Some(found) = ground.chart.tax_type(tax_type) else { continue };
        let rate = found.percent / Decimal::ONE_HUNDRED;
        let xero = exact_tax(LineAmountTypes::Inclusive, sum.gross.0, rate);
        let before = types.get(tax_type).copied().unwrap_or_default();
        let shares = before.2.saturating_add(sum.shares);
        let moved = before.3 + sum.gross.0.abs();
        types.put(tax_type.clone(), (before.0 + sum.tax.0, before.1 + xero, shares, moved));
    }
    let mut seen: Vec<&str> = Vec::new();
    for tax_type in lines.iter().map(|sum| sum.line.tax_type.as_str()) {
        let Some((tax, xero, shares, moved)) = types.get(tax_type).copied() else { continue };
        let rounded = unit(ground.digits) * Decimal::from(3) * Decimal::from(shares.max(1));
        let bound = rounded + moved * Decimal::new(1, 3);
        if seen.contains(&tax_type) || (tax - xero).abs() <= bound {
            continue;
        }
        seen.push(tax_type);
        let message = format!(
            "the orders' taxes come to {}, Xero's arithmetic gives {}",
            plain(tax, XERO_DIGITS),
            plain(round_half_up(xero, XERO_DIGITS), XERO_DIGITS)
        );
        findings.push(Finding::new(Code::TaxDiffers, "tax_type", tax_type, message));
    }
}

fn note(findings: &mut Vec<Finding>, finding: Option<Finding>) {
    findings.extend(finding.filter(|finding| !findings.contains(finding)));
}

/// What a line says: its kind, how it is taxed, and what it adjusts.
fn describe(ground: &Ground<'_>, sum: &SumLine) -> String {
    let line = &sum.line;
    let kind = label(line.kind);
    let mut text = if sum.adjusts.is_empty() {
        kind.to_string()
    } else {
        format!("Adjusts {}: {}", sum.adjusts, kind.to_lowercase())
    };
    let own_tax = matches!(
        line.kind,
        TakingKind::Sales
            | TakingKind::Shipping
            | TakingKind::Fees
            | TakingKind::Tips
            | TakingKind::Discounts
            | TakingKind::Refunds
    );
    if own_tax {
        let name = ground.chart.tax_type(&line.tax_type).map_or(&line.tax_type, |tax| &tax.name);
        text.push_str(", ");
        text.push_str(&match line.untaxed.as_str() {
            "" => name.clone(),
            reason => reason.replace('_', " "),
        });
    }
    text
}

const fn label(kind: TakingKind) -> &'static str {
    match kind {
        TakingKind::Sales => "Sales",
        TakingKind::Shipping => "Shipping",
        TakingKind::Fees => "Fees charged",
        TakingKind::Tips => "Tips",
        TakingKind::Discounts => "Discounts",
        TakingKind::Refunds => "Refunds",
        TakingKind::GiftCardsSold => "Gift cards sold",
        TakingKind::GiftCardsRedeemed => "Gift cards redeemed",
        TakingKind::Tax => "Tax",
        TakingKind::GatewayFees => "Gateway fees",
        TakingKind::Reserves => "Reserves",
        TakingKind::Chargebacks => "Chargebacks",
        TakingKind::Adjustments => "Gateway adjustments",
        TakingKind::Transfers => "Transfers",
        TakingKind::Invoices => "Orders with invoices of their own",
        TakingKind::Unmatched => "Not matched",
        TakingKind::Rounding => "Rounding",
    }
}

/// The day that a document bears: its own, unless that is in a locked period.
fn open_day(ground: &Ground<'_>, date: Date, number: &str, findings: &mut Vec<Finding>) -> Date {
    let Some(locked) = ground.chart.locked_until.filter(|locked| date <= *locked) else {
        return date;
    };
    let (code, date, message) = match ground.settings.invoice.locked {
        Locked::Hold => {
            let message = format!("it would be dated {date}; Xero is locked up to {locked}");
            (Code::DateLocked, date, message)
        }
        Locked::NextOpenDay => {
            let open = locked.plus_days(1);
            (Code::DateMoved, open, format!("{date} is locked in Xero, so it is dated {open}"))
        }
    };
    findings.push(Finding::new(code, "summary", number, message));
    date
}

/// INVARIANT (DESIGN law 5): Xero's arithmetic, applied to what is written, gives the sum.
fn check(ground: &Ground<'_>, invoice: &Invoice, total: Decimal, findings: &mut Vec<Finding>) {
    let about = |code, message| Finding::new(code, "summary", &*invoice.number, message);
    if ground.settings.invoice.prefix.trim().is_empty() {
        let message = "document numbers need a prefix";
        let finding =
            Finding::new(Code::NumberPrefixMissing, "settings", "invoice.prefix", message);
        findings.push(finding.at("invoice.prefix"));
    }
    if !is_number(&invoice.number) {
        findings.push(about(Code::NumberInvalid, "it cannot be a document's number".to_string()));
    }
    if !ground.chart.has_currency(invoice.currency.as_str()) {
        let message = format!("{} is not enabled in Xero", invoice.currency);
        findings.push(about(Code::CurrencyNotEnabled, message));
    }
    let xero = invoice.total().amount();
    if xero != total.abs() {
        let message = format!(
            "Xero would total {}, the orders come to {}",
            plain(xero, XERO_DIGITS),
            plain(total, XERO_DIGITS)
        );
        findings.push(about(Code::SummaryOutOfBalance, message));
    }
}

/// Refuses a range that another document of the same takings covers in part.
fn overlaps(
    ground: &Ground<'_>,
    sum: &Sum,
    (begins, ends): (i64, i64),
    findings: &mut Vec<Finding>,
) {
    let Some((owner, _)) = sum.key.rsplit_once('/') else { return };
    let same = |closed: &&super::Closed| {
        let own = closed.key.rsplit_once('/').is_some_and(|(other, _)| other == owner);
        own && closed.key != sum.key && closed.begins < ends && begins < closed.ends
    };
    if let Some(closed) = ground.closed.iter().find(same) {
        let day = |seconds| {
            let day = Moment::from_unix_seconds(seconds).and_then(|at| ground.zone.day(at));
            day.map_or_else(String::new, |day| format!("{day}"))
        };
        let message = format!(
            "{} covers {} to {} already, in another time zone",
            closed.number,
            day(closed.begins),
            day(closed.ends.saturating_sub(1))
        );
        findings.push(Finding::new(Code::SummaryOverlaps, "summary", &*sum.key, message));
    }
}
