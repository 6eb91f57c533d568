//! Refunds → credit notes (`ACCRECCREDIT`), one each, equal to the cent.
//!
//! ACCOUNTING section 1: the lines mirror the refund's own; an amount without lines is spread over
//! what remains of the order's lines in proportion, so that tax is right. Refunds are taken in the
//! order in which they were made, so that each finds what those before it left.

use alloc::{format, vec::Vec};

use rust_decimal::Decimal;

use crate::{
    finding::{Code, stops},
    money::{Money, allocate, round_half_up, unit},
    settings::{AmountOnly, InvoiceStatus},
    shop::{
        order::{Line, LineTax, Order, TaxLine},
        refund::Refund,
    },
    xero::document::Invoice,
};

use super::{Context, Decision, Mapped, Notes, header, payment, piece};

/// What is left of an order after the refunds so far.
pub struct Remaining<'a> {
    order: &'a Order,
    /// The order's lines with what has not been given back of them.
    lines: Vec<Line>,
    /// What has not been given back of the total.
    total: Decimal,
}

impl<'a> Remaining<'a> {
    /// All of it.
    #[must_use]
    pub fn of(order: &'a Order) -> Self {
        Self { order, lines: order.lines.clone(), total: order.total.amount() }
    }

    /// Maps the next refund; the findings are the refund's own.
    #[must_use]
    pub fn map_refund(
        &mut self,
        context: &Context<'_>,
        refund: &Refund,
    ) -> (Decision, Vec<crate::finding::Finding>) {
        let mut notes = Notes::of("refund", refund.id);
        if refund.amount.is_zero() {
            notes.note(Code::RefundZero, "amount", "the refund comes to 0.00".into());
            return (Decision::Skip, notes.findings);
        }
        let mapped = self.credit_note(context, refund, &mut notes);
        match mapped {
            Some(mapped) if !stops(&notes.findings) => {
                (Decision::Post(alloc::boxed::Box::new(mapped)), notes.findings)
            }
            _ => (Decision::Hold, notes.findings),
        }
    }

    fn credit_note(
        &mut self,
        context: &Context<'_>,
        refund: &Refund,
        notes: &mut Notes,
    ) -> Option<Mapped> {
        let digits = super::amount_digits(context.shop, self.order);
        self.total -= refund.amount;
        if round_half_up(self.total, digits).is_sign_negative() && !self.total.is_zero() {
            let message = format!("the refunds are {} more than the order", self.total.abs());
            notes.note(Code::RefundExceeds, "amount", message);
        }
        let own = refund.lines.iter().map(|line| self.joined(line)).collect();
        let lines = self.complete(context, refund, own, digits, notes);
        for line in &lines {
            self.take(line);
        }
        let sale = as_sale(self.order, refund, lines, digits);
        super::note_cut(context.shop, &sale, notes);
        let header = self.header(context, refund, notes);
        let target = super::target(context, &sale, digits);
        let pieces = if Self::is_one_line(context, refund) {
            alloc::vec![piece::refunded_amount(context, refund, notes)]
        } else {
            piece::pieces(context, &sale, digits, notes)
        };
        let made = super::settle(context, &sale, pieces, &target, notes)?;
        let invoice =
            Invoice { lines: made.lines, line_amount_types: made.solution.types, ..header? };
        super::gate(&invoice, &made.pieces, &sale, digits, notes);
        let awaits_payment = self.order.paid.is_some() && invoice.status == "AUTHORISED";
        let payment = if awaits_payment {
            let date = refund.created;
            payment::through_gateway(context, self.order, date, target.total, notes)
        } else {
            None
        };
        Some(Mapped {
            invoice,
            pieces: made.pieces,
            solution: made.solution,
            awaits_payment,
            payment,
        })
    }

    fn is_one_line(context: &Context<'_>, refund: &Refund) -> bool {
        refund.lines.is_empty() && context.settings.refunds.amount_only == AmountOnly::Line
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
        context: &Context<'_>,
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
        if rest.abs() <= small || Self::is_one_line(context, refund) {
            return lines;
        }
        let message = format!("{rest} of the refund names no line");
        notes.note(Code::RefundSpread, "line_items", message);
        if rest.is_sign_negative() {
            let whole = covered + rest;
            return spread(&lines, whole, digits);
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

    fn header(&self, context: &Context<'_>, refund: &Refund, notes: &mut Notes) -> Option<Invoice> {
        let settings = &context.settings.refunds;
        let base = header::header(context, self.order, &mut Notes::of("order", self.order.id))?;
        let number = format!("{}{}{}", base.number, settings.number_infix, refund.id);
        let date = refund.created;
        header::check_lock(context, date, notes);
        Some(Invoice {
            number: header::checked_number(number, notes)?,
            reference: header::reference(self.order, &settings.reference, notes),
            date,
            due_date: date,
            url: None,
            // A credit note settles an invoice; one that waits for a person settles nothing.
            status: match context.settings.invoice.status {
                InvoiceStatus::Authorised => "AUTHORISED",
                InvoiceStatus::Draft => "DRAFT",
                InvoiceStatus::Submitted => "SUBMITTED",
            },
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
/// shares below zero, so that the whole mirrors the order.
fn spread(lines: &[Line], amount: Decimal, digits: u32) -> Vec<Line> {
    let (above, below): (Vec<Line>, Vec<Line>) =
        lines.iter().cloned().partition(|line| gross(line) > Decimal::ZERO);
    let sum = |lines: &[Line]| -> Decimal { lines.iter().map(gross).sum() };
    let (plus, minus) = (sum(&above), -sum(&below));
    let whole = plus - minus;
    // With nothing left to mirror the caller's gate finds that the amount is not reached.
    let amount_above =
        if whole > Decimal::ZERO { round_half_up(amount * plus / whole, digits) } else { amount };
    let mut shares = shares(above, amount_above, digits);
    shares.append(&mut self::shares(below, amount - amount_above, digits));
    shares
}

fn shares(lines: Vec<Line>, amount: Decimal, digits: u32) -> Vec<Line> {
    let weights: Vec<Decimal> = lines.iter().map(|line| gross(line).abs()).collect();
    let parts = allocate(amount, &weights, digits).unwrap_or_default();
    let share = |(line, part): (Line, Decimal)| {
        let tax = round_half_up(part * line.tax / gross(&line), digits);
        let weights: Vec<Decimal> = line.taxes.iter().map(|tax| tax.total.abs()).collect();
        let taxes = allocate(tax, &weights, digits).unwrap_or_default();
        let to_tax = |(tax, total): (&LineTax, Decimal)| LineTax { rate_id: tax.rate_id, total };
        Line {
            quantity: Decimal::ONE,
            net: part - tax,
            tax,
            subtotal: part - tax,
            subtotal_tax: tax,
            taxes: line.taxes.iter().zip(taxes).map(to_tax).collect(),
            ..line
        }
    };
    let shares = lines.into_iter().zip(parts).filter(|(_, part)| !part.is_zero()).map(share);
    shares.collect()
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
