//! Takings: what one order or refund brings to a summary, equal to the cent.
//!
//! ACCOUNTING section 5: sales gross of discounts, discounts as lines of their own, each kind by
//! account, tax type and tracking. Amounts hold their tax; the tax is the one that the shop stored,
//! rounded so that it adds up to the order's. The sum of many orders' taxes can differ from the tax
//! of their sum, so a summary states it.

use alloc::{borrow::ToOwned, format, string::String, vec::Vec};

use rust_decimal::Decimal;

use crate::{
    finding::{Code, Finding, stops},
    json::strict::{choice, record},
    money::{Amount, round_half_up, unit},
    settings::{FeeKind, StatusAction, ZeroTotal},
    shop::{order::Order, refund::Refund},
    sorted::sorted_by,
    xero::{
        arithmetic::{LineAmountTypes, exact_tax},
        chart::Account,
    },
};

use super::{
    Context, Notes, PieceKind, account, amount_digits, note_failure,
    piece::{self, Piece},
    refund::Remaining,
    residue, tax_line,
};

choice! {
    /// What a line of a summary stands for, in the order of the lines.
    TakingKind {
        Sales "Goods and services, before discount.",
        Shipping "Shipping.",
        Fees "Fees that the shop charged.",
        Tips "Tips.",
        Discounts "Discounts, below zero.",
        Refunds "What was given back, below zero.",
        GiftCardsSold "Gift cards sold: a liability.",
        GiftCardsRedeemed "Gift cards and store credit redeemed, below zero.",
        Tax "Tax as a line of its own.",
        GatewayFees "What gateways kept, below zero.",
        Reserves "Reserves held by a gateway, below zero, and released.",
        Chargebacks "Charges that customers disputed, below zero, and won back.",
        Adjustments "Corrections by a gateway.",
        Transfers "Money moved to and from a gateway's balance.",
        Invoices "Payments of orders that have invoices of their own.",
        Unmatched "What belongs to no order of the shop, or to one that cannot be posted yet.",
        Rounding "What orders' totals and lines differ by.",
    }
}

impl TakingKind {
    /// Whether it is a part of an order or refund itself.
    #[must_use]
    pub const fn is_sold(self) -> bool {
        !matches!(
            self,
            Self::GatewayFees
                | Self::Reserves
                | Self::Chargebacks
                | Self::Adjustments
                | Self::Transfers
                | Self::Invoices
                | Self::Unmatched
        )
    }
}

record! {
    /// What a line of a summary is told apart by: takings that agree in all of it are one line.
    TakingLine {
        /// What it stands for.
        kind: TakingKind,
        /// `AccountCode`
        account: String,
        /// `TaxType`
        tax_type: String,
        /// Why it bears no tax (`zero_rate`, `exempt`, …); empty where it bears some.
        untaxed: String,
        /// Tracking categories and options.
        tracking: Vec<(String, String)>,
    }
}

record! {
    /// A part of an order, a refund or an entry of a payout that goes to one line.
    Share {
        /// The line.
        line: TakingLine,
        /// Amount with tax, in the document's currency; what goes out is below zero.
        gross: Amount,
        /// The tax in it; that of what a gateway kept is reckoned by Xero, and not in here.
        tax: Amount,
        /// Path of the setting that chose the account.
        account_rule: String,
        /// Path of the setting that chose the tax type.
        tax_rule: String,
    }
}

/// What becomes of an order or a refund in summary mode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Takings {
    /// It brings this; it adds up to the order's total, or to the refund's amount below zero.
    Ready(Vec<Share>),
    /// It brings nothing, for the reason that a finding gives.
    Excluded,
    /// It waits, for the reason that a finding gives.
    Pending,
}

/// What an order brings. The context's `summary` must be set, so that discounts are lines.
#[must_use]
pub fn order_takings(context: &Context<'_>, order: &Order) -> (Takings, Vec<Finding>) {
    let mut notes = Notes::of("order", order.id);
    let zero = order.total.amount().is_zero();
    let takings = match context.settings.statuses.get(&order.status) {
        None => {
            let message = format!("the status table has no row for `{}`", order.status);
            notes.note(Code::OrderStatusUnknown, "status", message);
            Takings::Pending
        }
        Some(StatusAction::Never | StatusAction::Withdraw) => {
            let message = format!("orders that are `{}` are not posted", order.status);
            notes.note(Code::OrderNotPosted, "status", message);
            Takings::Excluded
        }
        Some(_) if zero && context.settings.invoice.zero_total == ZeroTotal::Skip => {
            notes.note(Code::OrderZeroSkipped, "total", "the order comes to 0.00".into());
            Takings::Excluded
        }
        Some(StatusAction::InvoicePaid) if order.paid.is_some() || zero => {
            super::note_order(context.shop, order, &mut notes);
            let pieces =
                piece::pieces(context, order, amount_digits(context.shop, order), &mut notes);
            ready(shares(context, order, pieces, &mut notes))
        }
        Some(_) => {
            let message = format!("the order is `{}` and not paid yet", order.status);
            notes.note(Code::OrderUnpaid, "date_paid", message);
            Takings::Pending
        }
    };
    finish(takings, notes)
}

impl Remaining<'_> {
    /// What the next refund takes out; the findings are the refund's own.
    #[must_use]
    pub fn refund_takings(&mut self, refund: &Refund) -> (Takings, Vec<Finding>) {
        let mut notes = Notes::of("refund", refund.id);
        if refund.amount.is_zero() {
            notes.note(Code::RefundZero, "amount", "the refund comes to 0.00".into());
            return (Takings::Excluded, notes.findings);
        }
        let (sale, pieces) = self.refunded(refund, &mut notes);
        let mut shares = shares(self.context, &sale, pieces, &mut notes);
        for share in shares.iter_mut().flatten() {
            give_back(self.context, share, &mut notes);
        }
        finish(ready(shares), notes)
    }
}

fn ready(shares: Option<Vec<Share>>) -> Takings {
    shares.map_or(Takings::Pending, Takings::Ready)
}

fn finish(takings: Takings, notes: Notes) -> (Takings, Vec<Finding>) {
    let stopped = stops(&notes.findings) && takings != Takings::Excluded;
    (if stopped { Takings::Pending } else { takings }, notes.findings)
}

/// Turns what was sold into what was given back.
fn give_back(context: &Context<'_>, share: &mut Share, notes: &mut Notes) {
    share.gross.0 = -share.gross.0;
    share.tax.0 = -share.tax.0;
    if matches!(share.line.kind, TakingKind::Tax | TakingKind::Rounding) {
        return;
    }
    share.line.kind = TakingKind::Refunds;
    let code = &context.settings.summary.accounts.refunds;
    let of_revenue = context.chart.account(&share.line.account).is_some_and(Account::is_revenue);
    if !code.is_empty() && of_revenue {
        let choice = account::checked(context, code, "summary.accounts.refunds".into(), notes);
        (share.line.account, share.account_rule) = (choice.code, choice.rule);
    }
}

/// Amounts for each piece that add up to the sale's total and tax; `None` with a finding where
/// there are none within bounds.
fn shares(
    context: &Context<'_>,
    sale: &Order,
    mut pieces: Vec<Piece>,
    notes: &mut Notes,
) -> Option<Vec<Share>> {
    let target = super::target(context, sale, amount_digits(context.shop, sale));
    tax_line::add_tax_lines(context, sale, &target, &mut pieces, notes);
    if pieces.is_empty() && !target.total.is_zero() {
        notes.note(Code::OrderEmpty, "line_items", "the order has no lines".into());
    }
    if stops(&notes.findings) {
        return None;
    }
    let taxes = match taxes(&pieces, &target) {
        Ok(taxes) => taxes,
        Err(failure) => {
            note_failure(&failure, notes);
            return None;
        }
    };
    let grosses = grosses(&pieces, &taxes, &target);
    let rounding = target.total - grosses.iter().sum::<Decimal>();
    let bound = residue::bound(&pieces, &target);
    if rounding.abs() > bound {
        note_failure(&residue::Failure::OutOfBalance { difference: rounding, bound }, notes);
        return None;
    }
    let mut shares: Vec<Share> = (pieces.iter().zip(&grosses).zip(&taxes))
        .map(|((piece, gross), tax)| share(context, sale, piece, (*gross, *tax)))
        .filter(|share| !share.gross.0.is_zero() || !share.tax.0.is_zero())
        .collect();
    if !rounding.is_zero() {
        let line = account::rounding_line(context, rounding, notes)?;
        shares.push(Share {
            line: TakingLine {
                kind: TakingKind::Rounding,
                account: line.account_code,
                tax_type: line.tax_type,
                ..TakingLine::default()
            },
            gross: Amount(rounding),
            tax: Amount::default(),
            account_rule: "rounding.account".into(),
            tax_rule: "tax.no_tax".into(),
        });
    }
    Some(shares)
}

/// The stored taxes, rounded so that they add up to the sale's; each within one unit of what the
/// shop stored, and each set of rates within one unit a line of what Xero would reckon.
fn taxes(pieces: &[Piece], target: &residue::Target) -> Result<Vec<Decimal>, residue::Failure> {
    let as_line = |piece: &&Piece| piece.kind == PieceKind::TaxLine;
    let lines: Decimal = pieces.iter().filter(as_line).map(|piece| piece.net).sum();
    let bears = |piece: &Piece| !piece.tax_choice.rate.is_zero();
    let mut taxes: Vec<Decimal> = pieces
        .iter()
        .map(
            |piece| {
                if bears(piece) { round_half_up(piece.tax, target.digits) } else { Decimal::ZERO }
            },
        )
        .collect();
    let wanted = target.total_tax - lines;
    let found: Decimal = taxes.iter().sum();
    let failure = residue::Failure::TaxDiffers { shop: wanted, xero: found };
    let mut step = unit(target.digits);
    step.set_sign_negative((wanted - found).is_sign_negative());
    let lost: Vec<(usize, Decimal)> = (pieces.iter().zip(&taxes).enumerate())
        .filter(|(_, (piece, _))| bears(piece))
        .map(|(index, (piece, tax))| (index, (piece.tax - *tax) * step))
        .collect();
    let mut left = wanted - found;
    for (index, _) in sorted_by(lost, |a, b| b.1.cmp(&a.1)) {
        if left.abs() < step.abs() {
            break;
        }
        if let Some(tax) = taxes.get_mut(index) {
            *tax += step;
            left -= step;
        }
    }
    if !left.is_zero() {
        return Err(failure);
    }
    compare(pieces, &taxes, target).map(|()| taxes)
}

/// Holds the taxes of each set of rates against Xero's arithmetic: one unit a line and half of one
/// are what rounding can make.
fn compare(
    pieces: &[Piece],
    taxes: &[Decimal],
    target: &residue::Target,
) -> Result<(), residue::Failure> {
    let mut sets: Vec<(&[u64], Decimal, Decimal, Decimal)> = Vec::new();
    for (piece, tax) in pieces.iter().zip(taxes) {
        let gross = piece.net + piece.tax;
        let xero = exact_tax(LineAmountTypes::Inclusive, gross, piece.tax_choice.rate);
        match sets.iter_mut().find(|set| set.0 == piece.tax_choice.set) {
            Some(set) => {
                set.1 += *tax;
                set.2 += xero;
                set.3 += Decimal::ONE;
            }
            None => sets.push((&piece.tax_choice.set, *tax, xero, Decimal::ONE)),
        }
    }
    let one = unit(target.digits);
    let away = |set: &&(&[u64], Decimal, Decimal, Decimal)| {
        (set.1 - set.2).abs() > one * set.3 * THREE_HALVES
    };
    match sets.iter().find(away) {
        Some((_, shop, xero, _)) => {
            Err(residue::Failure::TaxDiffers { shop: *shop, xero: round_half_up(*xero, 2) })
        }
        None => Ok(()),
    }
}

/// One unit that the shop's rounding makes, and half of one that Xero's does.
const THREE_HALVES: Decimal = Decimal::from_parts(15, 0, 0, false, 1);

/// Amounts with tax: rounded with it or without it, whichever comes nearer to the total; of equals
/// as the shop enters prices.
fn grosses(pieces: &[Piece], taxes: &[Decimal], target: &residue::Target) -> Vec<Decimal> {
    let with: Vec<Decimal> =
        (pieces.iter()).map(|piece| round_half_up(piece.net + piece.tax, target.digits)).collect();
    let without: Vec<Decimal> = (pieces.iter().zip(taxes))
        .map(|(piece, tax)| round_half_up(piece.net, target.digits) + *tax)
        .collect();
    let away = |amounts: &[Decimal]| (target.total - amounts.iter().sum::<Decimal>()).abs();
    let (away_with, away_without) = (away(&with), away(&without));
    if away_with < away_without || (away_with == away_without && target.prices_include_tax) {
        with
    } else {
        without
    }
}

fn share(
    context: &Context<'_>,
    sale: &Order,
    piece: &Piece,
    (gross, tax): (Decimal, Decimal),
) -> Share {
    let choice = &piece.tax_choice;
    let reason = choice.rule.strip_prefix("tax.untaxed.").unwrap_or_default();
    Share {
        line: TakingLine {
            kind: kind(context, sale, piece),
            account: piece.account.code.clone(),
            tax_type: choice.tax_type.clone(),
            untaxed: reason.to_owned(),
            tracking: piece.tracking.clone(),
        },
        gross: Amount(gross),
        tax: Amount(tax),
        account_rule: piece.account.rule.clone(),
        tax_rule: choice.rule.clone(),
    }
}

fn kind(context: &Context<'_>, sale: &Order, piece: &Piece) -> TakingKind {
    use crate::shop::order::LineKind;
    let gift_card = piece.account.rule == "gift_cards.account";
    match piece.kind {
        PieceKind::TaxLine => TakingKind::Tax,
        PieceKind::Discount if gift_card => TakingKind::GiftCardsRedeemed,
        PieceKind::Discount => TakingKind::Discounts,
        PieceKind::Line(LineKind::Shipping) => TakingKind::Shipping,
        PieceKind::Line(LineKind::LineItem) if gift_card => TakingKind::GiftCardsSold,
        PieceKind::Line(LineKind::LineItem) => TakingKind::Sales,
        PieceKind::Line(LineKind::Fee) => {
            let own = |line: &&crate::shop::order::Line| {
                piece.source.first().is_some_and(|source| *source == (line.kind, line.id))
            };
            let line = sale.lines.iter().find(own);
            match line.and_then(|line| account::fee_kind(context, line)) {
                Some(FeeKind::Tip) => TakingKind::Tips,
                Some(FeeKind::GiftCard) => TakingKind::GiftCardsRedeemed,
                _ => TakingKind::Fees,
            }
        }
    }
}
