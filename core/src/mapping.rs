//! Individual mode: one order → one sales invoice (`ACCREC`), equal to the cent.
//!
//! An order's lines become [`piece::Piece`]s, each with its account and tax; [`residue`] finds
//! the amounts under which Xero's own arithmetic gives the order's total and tax; the gate at the
//! end reckons the finished invoice once more. Nothing leaves unless it is equal.

mod account;
mod contact;
mod discount;
mod fee;
mod header;
mod payment;
mod piece;
mod refund;
mod residue;
mod split;
pub mod takings;
mod tax;
mod tax_line;

use alloc::{boxed::Box, collections::BTreeMap, format, string::String, vec::Vec};

use rust_decimal::Decimal;

use crate::{
    date::Date,
    finding::{Code, Finding, stops},
    money::{Money, XERO_DIGITS, plain, round_half_up},
    register::Register,
    settings::{Settings, StatusAction, ZeroTotal},
    shop::{
        Shop,
        order::{Line, LineKind, Order},
        product::Product,
    },
    xero::{
        chart::Chart,
        document::{DocumentKind, Invoice, LineItem},
    },
};

pub use crate::matching::planned::KnownContact;
pub(crate) use account::{account_at_home, problem as account_problem};
pub use fee::Fee;
pub(crate) use header::is_number;
pub use payment::Payment;
pub use piece::{Piece, PieceKind, TaxChoice};
pub use refund::Remaining;
pub(crate) use residue::is_stated;
pub use residue::{Exactness, Solution, Solved};

/// All that decides an invoice besides the order itself.
#[derive(Debug)]
pub struct Context<'a> {
    /// The shop.
    pub shop: &'a Shop,
    /// The user's choices.
    pub settings: &'a Settings,
    /// What Xero has.
    pub chart: &'a Chart,
    /// Products and variations by id, as far as they were handed in.
    pub products: &'a BTreeMap<u64, Product>,
    /// The most that a rounding line may be.
    pub cap: Decimal,
    /// What stands in Xero already.
    pub posted: &'a Posted,
    /// Item codes by product or variation id, as text.
    pub items: &'a Register<String>,
    /// What is known of customers' contacts, by [`crate::matching::Customer::key`].
    pub contacts: &'a Register<KnownContact>,
    /// Whether it is for a summary: discounts are lines of their own, whatever invoices show.
    pub summary: bool,
}

impl Context<'_> {
    /// Whether an order's invoice stands in Xero already.
    #[must_use]
    pub fn is_posted(&self, order_id: u64) -> bool {
        let key = Posted::key((DocumentKind::Invoice, order_id));
        self.posted.documents.get(&key).is_some()
    }
}

/// Days of what stands in Xero already: they stay, also in a period that has been locked since.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Posted {
    /// `Date` of documents, by order or refund.
    pub documents: Register<Date>,
    /// `Date` of our payments of them.
    pub payments: Register<Date>,
    /// `Date` of our payments of deposits on them.
    pub deposits: Register<Date>,
}

impl Posted {
    /// What names the document of an order or a refund in all of them.
    #[must_use]
    pub fn key((kind, id): (DocumentKind, u64)) -> String {
        format!("{} {id}", kind.as_str())
    }
}

/// A finished invoice with what made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapped {
    /// The invoice.
    pub invoice: Invoice,
    /// The pieces behind the lines, in the lines' order; a rounding line comes after them.
    pub pieces: Vec<Piece>,
    /// How the amounts came to be equal.
    pub solution: Solution,
    /// Whether something was paid beforehand.
    pub awaits_deposit: bool,
    /// The payment of it, when there is an account for it.
    pub deposit: Option<Payment>,
    /// Whether a payment is to follow.
    pub awaits_payment: bool,
    /// The payment of the rest, or of all, when there is an account for it.
    pub payment: Option<Payment>,
    /// What the gateway kept of it, when fees are posted.
    pub fee: Option<Fee>,
}

/// What is to become of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Send the invoice.
    Post(Box<Mapped>),
    /// Send nothing; a finding says why.
    Skip,
    /// Send nothing, and take back what was sent: the order is cancelled.
    Withdraw,
    /// Send nothing until the errors among the findings are cured.
    Hold,
}

/// Maps one order. All findings are reported, not only the first.
#[must_use]
pub fn map_order(context: &Context<'_>, order: &Order) -> (Decision, Vec<Finding>) {
    let mut notes = Notes::of("order", order.id);
    let Some(action) = context.settings.statuses.get(&order.status) else {
        notes.note(
            Code::OrderStatusUnknown,
            "status",
            format!("the status table has no row for `{}`", order.status),
        );
        return (Decision::Hold, notes.findings);
    };
    if matches!(action, StatusAction::Never | StatusAction::Withdraw) {
        let message = format!("orders that are `{}` are not posted", order.status);
        notes.note(Code::OrderNotPosted, "status", message);
        let withdraw = *action == StatusAction::Withdraw;
        let decision = if withdraw { Decision::Withdraw } else { Decision::Skip };
        return (decision, notes.findings);
    }
    if order.total.amount().is_zero() && context.settings.invoice.zero_total == ZeroTotal::Skip {
        notes.note(Code::OrderZeroSkipped, "total", "the order comes to 0.00".into());
        return (Decision::Skip, notes.findings);
    }
    let mapped = invoice(context, order, &mut notes);
    notes.decide(mapped)
}

/// Findings on one order or refund, each once.
pub(crate) struct Notes {
    kind: &'static str,
    id: u64,
    findings: Vec<Finding>,
}

impl Notes {
    fn of(kind: &'static str, id: u64) -> Self {
        Self { kind, id, findings: Vec::new() }
    }

    /// A finding about the order or refund itself.
    fn about(&self, code: Code, field: &str, message: String) -> Finding {
        Finding::new(code, self.kind, format!("{}", self.id), message).at(field)
    }

    /// Notes something about the order or refund itself.
    fn note(&mut self, code: Code, field: &str, message: String) {
        let finding = self.about(code, field, message);
        self.push(finding);
    }

    /// Notes something, unless it has been said already.
    fn push(&mut self, finding: Finding) {
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }

    /// Posts what was mapped, unless an error has been found.
    fn decide(self, mapped: Option<Mapped>) -> (Decision, Vec<Finding>) {
        let decision = match mapped {
            Some(mapped) if !stops(&self.findings) => Decision::Post(Box::new(mapped)),
            _ => Decision::Hold,
        };
        (decision, self.findings)
    }
}

/// Account code and `TaxType` of a line that was sold in the shop's own country to somebody who
/// pays tax: what its product's item bears. `None` for other lines, and where there are none.
pub(crate) fn sold_at_home(
    context: &Context<'_>,
    order: &Order,
    line: &Line,
) -> Option<(String, String)> {
    if tax::is_export(context, order) || order.is_vat_exempt {
        return None;
    }
    let mut notes = Notes::of("order", order.id);
    let account = account::of_line(context, order, line, &mut notes);
    let tax = tax::of_line(context, order, line, &account, &mut notes);
    let whole = !stops(&notes.findings) && tax.line_account.is_none();
    whole.then_some((account.code, tax.tax_type))
}

fn invoice(context: &Context<'_>, order: &Order, notes: &mut Notes) -> Option<Mapped> {
    note_order(context.shop, order, notes);
    let header = header::header(context, order, notes);
    let pieces = piece::pieces(context, order, amount_digits(context.shop, order), notes);
    finish(context, order, pieces, header, (order.id, paid(context, order)), notes)
}

/// The day on which the order was paid, or its refund paid out, where its status lets payments be
/// posted.
fn paid(context: &Context<'_>, sale: &Order) -> Option<Date> {
    let action = context.settings.statuses.get(&sale.status);
    sale.paid.filter(|_| action == Some(&StatusAction::InvoicePaid))
}

/// Settles the amounts, lets the gate reckon the finished document, and names its payment if money
/// has moved.
fn finish(
    context: &Context<'_>,
    sale: &Order,
    pieces: Vec<Piece>,
    header: Option<Invoice>,
    (id, paid): (u64, Option<Date>),
    notes: &mut Notes,
) -> Option<Mapped> {
    let digits = amount_digits(context.shop, sale);
    let target = target(context, sale, digits);
    let Made { pieces, solution, lines } = settle(context, sale, pieces, &target, notes)?;
    let invoice = Invoice { lines, line_amount_types: solution.types, ..header? };
    gate(&invoice, &pieces, sale, digits, notes);
    // A document that waits for a person in Xero takes no payment before.
    let paid = paid.filter(|_| invoice.status == "AUTHORISED" && !target.total.is_zero());
    let owner = (invoice.kind, id);
    let beforehand = sale
        .deposit
        .filter(|_| invoice.kind == DocumentKind::Invoice && invoice.status == "AUTHORISED")
        .map(|deposit| (deposit, round_half_up(deposit.amount, digits).min(target.total)))
        .filter(|(_, amount)| *amount > Decimal::ZERO);
    let deposit = beforehand.and_then(|(deposit, amount)| {
        let date = deposit.date.unwrap_or(sale.created);
        let posted = &context.posted.deposits;
        let date = payment::open_day(context, posted.get(&Posted::key(owner)), date, notes)?;
        payment::through_gateway(context, sale, date, amount, notes)
    });
    let rest = target.total - beforehand.map_or(Decimal::ZERO, |(_, amount)| amount);
    let paid = paid.filter(|_| !rest.is_zero());
    let payment = paid.and_then(|date| {
        let posted = &context.posted.payments;
        let date = payment::open_day(context, posted.get(&Posted::key(owner)), date, notes)?;
        payment::through_gateway(context, sale, date, rest, notes)
    });
    let fee = payment
        .as_ref()
        .filter(|_| invoice.kind == DocumentKind::Invoice)
        .and_then(|payment| fee::fee(context, sale, payment, notes));
    let awaits_payment = paid.is_some();
    Some(Mapped {
        invoice,
        pieces,
        solution,
        awaits_deposit: beforehand.is_some(),
        deposit,
        awaits_payment,
        payment,
        fee,
    })
}

/// What the document is to come to.
fn target(context: &Context<'_>, order: &Order, digits: u32) -> residue::Target {
    residue::Target {
        total: order.total.rounded(digits).amount(),
        total_tax: order.total_tax.rounded(digits).amount(),
        digits,
        prices_include_tax: order.prices_include_tax,
        cap: context.cap,
    }
}

/// Lines whose amounts are settled, with what made them.
struct Made {
    pieces: Vec<Piece>,
    solution: Solution,
    lines: Vec<LineItem>,
}

/// Finds the amounts under which Xero's arithmetic gives the target.
fn settle(
    context: &Context<'_>,
    order: &Order,
    mut pieces: Vec<Piece>,
    target: &residue::Target,
    notes: &mut Notes,
) -> Option<Made> {
    let nudged = tax_line::add_tax_lines(context, order, target, &mut pieces, notes);
    if pieces.is_empty() {
        notes.note(Code::OrderEmpty, "line_items", "the order has no lines".into());
    }
    if stops(&notes.findings) {
        return None;
    }
    let mut solution = match residue::solve(&pieces, target) {
        Ok(solution) => solution,
        Err(failure) => {
            note_failure(&failure, notes);
            return None;
        }
    };
    solution.exactness = solution.exactness.max(nudged);
    let mut lines = pieces.iter().zip(&solution.lines).map(to_line_item).collect::<Vec<_>>();
    if !solution.rounding.is_zero() {
        lines.push(account::rounding_line(context, solution.rounding, notes)?);
    }
    note_residue(&solution, notes);
    Some(Made { pieces, solution, lines })
}

/// Decimals that the invoice's amounts have: two, or fewer where the currency or the shop has
/// fewer. ACCOUNTING section 1: currencies with no decimals keep none.
fn amount_digits(shop: &Shop, order: &Order) -> u32 {
    shop.num_decimals.min(order.currency.digits()).min(XERO_DIGITS)
}

fn note_order(shop: &Shop, order: &Order, notes: &mut Notes) {
    let total = order.total.amount();
    if total.is_sign_negative() && !total.is_zero() {
        notes.note(Code::OrderNegative, "total", format!("the order's total is {}", order.total));
    }
    note_cut(shop, order, order.total.rounded(XERO_DIGITS), notes);
}

/// Says so when amounts finer than Xero's are rounded, and the whole to `posted`.
fn note_cut(shop: &Shop, order: &Order, posted: Money, notes: &mut Notes) {
    let total = order.total.amount();
    let finer = |amount: &Decimal| round_half_up(*amount, XERO_DIGITS) != *amount;
    let lines = order.lines.iter().flat_map(|line| [line.net, line.tax]);
    if finer(&total)
        || finer(&order.total_tax.amount())
        || (shop.num_decimals > XERO_DIGITS && lines.into_iter().any(|amount| finer(&amount)))
    {
        let message = format!("{} is posted as {posted}", order.total);
        notes.note(Code::CurrencyRounded, "total", message);
    }
}

fn to_line_item((piece, solved): (&Piece, &Solved)) -> LineItem {
    let whole = solved.quantity == Decimal::ONE && piece.quantity != Decimal::ONE;
    let described = if whole && !piece.quantity.is_zero() {
        format!("{} × {}", piece.quantity.normalize(), piece.description)
    } else {
        piece.description.clone()
    };
    LineItem {
        description: header::cut(&described, header::DESCRIPTION_CHARS_MAX),
        quantity: solved.quantity,
        unit_amount: solved.unit_amount,
        item_code: piece.item_code.clone(),
        account_code: piece.account.code.clone(),
        tax_type: piece.tax_choice.tax_type.clone(),
        rate: piece.tax_choice.rate,
        tax_amount: solved.tax_sent.then_some(solved.tax_amount),
        tracking: piece.tracking.clone(),
    }
}

fn note_failure(failure: &residue::Failure, notes: &mut Notes) {
    let (code, field, message) = match failure {
        residue::Failure::TaxDiffers { shop, xero } => (
            Code::TaxDiffers,
            "total_tax",
            format!(
                "the shop charged {} of tax, Xero's arithmetic gives {}",
                plain(*shop, 2),
                plain(*xero, 2)
            ),
        ),
        residue::Failure::OutOfBalance { difference, bound } => (
            Code::BalanceOutOfBalance,
            "total",
            format!(
                "the order's total is {} more than its lines; at most {} can be rounded",
                plain(*difference, 2),
                plain(*bound, 2)
            ),
        ),
    };
    let amount = match failure {
        residue::Failure::TaxDiffers { shop, xero } => *shop - *xero,
        residue::Failure::OutOfBalance { difference, .. } => *difference,
    };
    let finding = notes.about(code, field, message);
    notes.push(finding.with_amount(amount));
}

fn note_residue(solution: &Solution, notes: &mut Notes) {
    let stated = solution.lines.iter().filter(|line| line.tax_sent).count();
    if stated > 0 {
        notes.note(Code::BalanceTaxAmount, "line_items", format!("{stated} lines state their tax"));
    }
    if !solution.rounding.is_zero() {
        let rounding = plain(solution.rounding, 2);
        let message = format!("the order's total and its lines differ by {rounding}");
        let finding = notes.about(Code::BalanceRoundingLine, "total", message);
        notes.push(finding.with_amount(solution.rounding));
    }
}

/// INVARIANT (DESIGN law 5): nothing leaves unless Xero's arithmetic, applied to what is written
/// in the request, gives the order's total and tax, in the order's currency.
fn gate(invoice: &Invoice, pieces: &[Piece], order: &Order, digits: u32, notes: &mut Notes) {
    let tax_lines: Decimal = pieces
        .iter()
        .zip(&invoice.lines)
        .filter(|(piece, _)| piece.kind == PieceKind::TaxLine)
        .map(|(_, line)| line.totals(invoice.line_amount_types).line_amount)
        .sum();
    let tax_lines = Money::new(tax_lines, order.currency);
    let xero_tax = Money::new(invoice.totals().total_tax, invoice.currency).try_add(tax_lines);
    let (total, total_tax) = (order.total.rounded(digits), order.total_tax.rounded(digits));
    if invoice.total() != total || xero_tax.as_ref() != Ok(&total_tax) {
        let message = format!(
            "Xero would total {} with tax {}, the order {total} with tax {total_tax}",
            invoice.total(),
            xero_tax.map_or_else(|error| format!("{error}"), |tax| format!("{tax}")),
        );
        notes.note(Code::BalanceOutOfBalance, "total", message);
    }
}

/// The word for a line's kind in findings and explanations.
#[must_use]
pub fn source_kind(kind: LineKind) -> &'static str {
    kind.as_str()
}
