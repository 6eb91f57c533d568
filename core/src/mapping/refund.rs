//! Refunds → credit notes (`ACCRECCREDIT`), one each, equal to the cent.
//!
//! ACCOUNTING section 1: the lines mirror the refund's own; an amount without lines is spread over
//! what remains of the order's lines in proportion, so that tax is right. Refunds are taken in the
//! order in which they were made, so that each finds what those before it left.

use alloc::{format, vec, vec::Vec};

use rust_decimal::Decimal;

use crate::{
    finding::{Code, Finding},
    money::{AMOUNT_MAX, Money, XERO_DIGITS, allocate, plain, round_half_up, unit},
    settings::AmountOnly,
    shop::{
        order::{Line, LineTax, Order, TaxLine},
        refund::Refund,
    },
    xero::document::{DocumentKind, Invoice},
};

use super::{
    Context, Decision, Mapped, Notes, header,
    piece::{self, Piece},
};

/// What is left of an order after the refunds so far.
pub struct Remaining<'a> {
    pub(super) context: &'a Context<'a>,
    order: &'a Order,
    /// The invoice without its lines; `None` when a field stops it, which holds its refunds too.
    header: Option<Invoice>,
    /// The order's lines with what has not been given back of them.
    lines: Vec<Line>,
    /// What has not been given back of the total.
    total: Decimal,
    /// What has not been credited of the invoice, which may be coarser.
    invoiced: Decimal,
}

impl<'a> Remaining<'a> {
    /// All of it.
    #[must_use]
    pub fn of(context: &'a Context<'a>, order: &'a Order) -> Self {
        // What is wrong with these fields is said of the order.
        let header = header::header(context, order, &mut Notes::of("order", order.id));
        let (lines, total) = (order.lines.clone(), order.total.amount());
        let invoiced = round_half_up(total, super::amount_digits(context.shop, order));
        Self { context, order, header, lines, total, invoiced }
    }

    /// Maps the next refund; the findings are the refund's own.
    #[must_use]
    pub fn map_refund(&mut self, refund: &Refund) -> (Decision, Vec<Finding>) {
        let mut notes = Notes::of("refund", refund.id);
        if refund.amount.is_zero() {
            notes.note(Code::RefundZero, "amount", "the refund comes to 0.00".into());
            return (Decision::Skip, notes.findings);
        }
        let mapped = self.credit_note(refund, &mut notes);
        notes.decide(mapped)
    }

    fn credit_note(&mut self, refund: &Refund, notes: &mut Notes) -> Option<Mapped> {
        let (sale, pieces) = self.refunded(refund, notes);
        let header = self.header(refund, notes);
        let paid = super::paid(self.context, &sale);
        super::finish(self.context, &sale, pieces, header, (refund.id, paid), notes)
    }

    /// The next refund as if it were a sale of its own, and its pieces; takes it from what is left.
    pub(super) fn refunded(&mut self, refund: &Refund, notes: &mut Notes) -> (Order, Vec<Piece>) {
        let digits = super::amount_digits(self.context.shop, self.order);
        self.total -= refund.amount;
        if round_half_up(self.total, digits).is_sign_negative() && !self.total.is_zero() {
            let more = plain(self.total.abs(), XERO_DIGITS);
            let message = format!("the refunds are {more} more than the order");
            notes.note(Code::RefundExceeds, "amount", message);
        }
        let own = refund.lines.iter().map(|line| self.joined(line)).collect();
        let lines = self.complete(refund, own, digits, notes);
        for line in &lines {
            self.take(line);
        }
        let mut sale = as_sale(self.order, refund, lines, digits);
        // Amounts that are each rounded up would come to more than the invoice.
        let amount = round_half_up(refund.amount, digits).min(self.invoiced);
        self.invoiced -= amount;
        let posted = Money::new(amount, sale.currency);
        super::note_cut(self.context.shop, &sale, posted, notes);
        sale.total = posted;
        let pieces = if self.is_one_line(refund) {
            vec![piece::refunded_amount(self.context, refund, notes)]
        } else {
            piece::pieces(self.context, &sale, digits, notes)
        };
        (sale, pieces)
    }

    fn is_one_line(&self, refund: &Refund) -> bool {
        let amount_only = self.context.settings.refunds.amount_only;
        refund.lines.is_empty() && amount_only == AmountOnly::Line
    }

    /// The refund's line as a part of the order's: its account, item and description are those.
    fn joined(&self, line: &Line) -> Line {
        let sold = |sold: &&Line| sold.kind == line.kind && sold.id == line.refunds;
        let Some(sold) = self.order.lines.iter().find(sold) else { return line.clone() };
        Line {
            id: line.id,
            quantity: line.quantity,
            net: line.net,
            tax: line.tax,
            subtotal: line.net,
            subtotal_tax: line.tax,
            taxes: line.taxes.clone(),
            refunds: line.refunds,
            ..sold.clone()
        }
    }

    /// The lines with whatever of the amount they leave out.
    fn complete(
        &self,
        refund: &Refund,
        mut lines: Vec<Line>,
        digits: u32,
        notes: &mut Notes,
    ) -> Vec<Line> {
        lines.retain(|line| !line.net.is_zero() || !line.tax.is_zero());
        let covered: Decimal = lines.iter().map(gross).sum();
        let rest = refund.amount - covered;
        // What a rounding line can take is none of this.
        let small = unit(digits) * Decimal::from(lines.len());
        if rest.abs() <= small || self.is_one_line(refund) {
            return lines;
        }
        let message = format!("{} of the refund names no line", plain(rest, XERO_DIGITS));
        notes.note(Code::RefundSpread, "line_items", message);
        if rest.is_sign_negative() {
            return spread(&lines, refund.amount, digits);
        }
        let left: Vec<Line> = self.lines.iter().map(|line| without(line, &lines)).collect();
        let mut shares = spread(&left, rest, digits);
        for share in &mut shares {
            share.refunds = share.id;
        }
        lines.append(&mut shares);
        lines
    }

    /// Notes that a part of a line has been given back.
    fn take(&mut self, part: &Line) {
        for line in &mut self.lines {
            if line.kind == part.kind && line.id == part.refunds {
                *line = without(line, core::slice::from_ref(part));
            }
        }
    }

    fn header(&self, refund: &Refund, notes: &mut Notes) -> Option<Invoice> {
        let settings = &self.context.settings.refunds;
        let base = self.header.clone()?;
        let number = format!("{}{}{}", base.number, settings.number_infix, refund.id);
        let owner = (DocumentKind::CreditNote, refund.id);
        let date = header::open_day(self.context, owner, refund.created, notes);
        Some(Invoice {
            kind: DocumentKind::CreditNote,
            number: header::checked_number(number, notes)?,
            reference: header::reference(self.order, &settings.reference, notes),
            date,
            due_date: date,
            url: None,
            ..base
        })
    }
}

fn gross(line: &Line) -> Decimal {
    line.net + line.tax
}

/// A line less those parts of it.
fn without(line: &Line, parts: &[Line]) -> Line {
    let mut left = line.clone();
    for part in parts.iter().filter(|part| part.kind == line.kind && part.refunds == line.id) {
        left.net -= part.net;
        left.tax -= part.tax;
        for tax in &mut left.taxes {
            let same = part.taxes.iter().find(|other| other.rate_id == tax.rate_id);
            tax.total -= same.map_or(Decimal::ZERO, |other| other.total);
        }
    }
    left
}

/// Shares of an amount, gross, in proportion to what the lines come to; lines below zero get
/// shares below zero, so that the whole mirrors the order. Where there is nothing to mirror, or no
/// proportion can be reckoned, shares are missing and the gate finds that the amount is not
/// reached.
fn spread(lines: &[Line], amount: Decimal, digits: u32) -> Vec<Line> {
    let (above, below): (Vec<Line>, Vec<Line>) =
        lines.iter().cloned().partition(|line| gross(line) > Decimal::ZERO);
    let sum = |lines: &[Line]| -> Decimal { lines.iter().map(gross).sum() };
    let plus = sum(&above);
    let whole = plus + sum(&below);
    let amount_above = if whole > Decimal::ZERO {
        proportion(amount, plus, whole).map(|part| round_half_up(part, digits))
    } else {
        Some(amount)
    };
    let Some(amount_above) = amount_above else { return Vec::new() };
    let mut shares = shares(above, amount_above, digits);
    shares.append(&mut self::shares(below, amount - amount_above, digits));
    shares
}

fn shares(lines: Vec<Line>, amount: Decimal, digits: u32) -> Vec<Line> {
    let weights: Vec<Decimal> = lines.iter().map(|line| gross(line).abs()).collect();
    let parts = allocate(amount, &weights, digits).unwrap_or_default();
    let share = |(line, part): (Line, Decimal)| {
        let tax = round_half_up(proportion(part, line.tax, gross(&line))?, digits);
        let weights: Vec<Decimal> = line.taxes.iter().map(|tax| tax.total.abs()).collect();
        let taxes = allocate(tax, &weights, digits).unwrap_or_default();
        let to_tax = |(tax, total): (&LineTax, Decimal)| LineTax { rate_id: tax.rate_id, total };
        Some(Line {
            quantity: Decimal::ONE,
            net: part - tax,
            tax,
            subtotal: part - tax,
            subtotal_tax: tax,
            taxes: line.taxes.iter().zip(taxes).map(to_tax).collect(),
            ..line
        })
    };
    lines.into_iter().zip(parts).filter(|(_, part)| !part.is_zero()).filter_map(share).collect()
}

/// `amount × part / whole`; `None` when that is beyond all amounts of money, as where lines that
/// cancel out leave next to nothing.
fn proportion(amount: Decimal, part: Decimal, whole: Decimal) -> Option<Decimal> {
    let reckoned = amount.checked_mul(part)?.checked_div(whole)?;
    (reckoned.abs() <= AMOUNT_MAX).then_some(reckoned)
}

/// The refund as if it were a sale of its own, so that the same rules map it.
fn as_sale(order: &Order, refund: &Refund, lines: Vec<Line>, digits: u32) -> Order {
    let total_tax: Decimal = lines.iter().map(|line| line.tax).sum();
    let mut tax_lines: Vec<TaxLine> = order.tax_lines.clone();
    for tax_line in &mut tax_lines {
        let taxes = lines.iter().flat_map(|line| &line.taxes);
        tax_line.total =
            taxes.filter(|tax| tax.rate_id == tax_line.rate_id).map(|tax| tax.total).sum();
    }
    Order {
        lines,
        tax_lines,
        coupons: Vec::new(),
        refund_count: 0,
        total: Money::new(refund.amount, order.currency),
        total_tax: Money::new(round_half_up(total_tax, digits), order.currency),
        created: refund.created,
        paid: order.paid.map(|_| refund.created),
        ..order.clone()
    }
}
