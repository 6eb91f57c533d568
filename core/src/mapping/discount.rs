//! Discounts as lines, and redeemed gift cards that came as coupons.

use alloc::{borrow::Cow, string::String, vec::Vec};

use rust_decimal::Decimal;

use crate::{
    money::allocate,
    settings::{Discounts, template::fill},
    shop::order::{Coupon, Line, LineKind, Order},
};

use super::{
    Context, Notes, account,
    piece::{AccountChoice, Piece, PieceKind},
};

/// Decimals that discounts are divided in; finer than any shop's.
const SHARE_DIGITS: u32 = 6;

/// What part of a discount a line shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Share {
    /// A coupon that lowers the price.
    Discount,
    /// A gift card or store credit: the price stays, the liability falls.
    GiftCard,
}

/// Moves what is to be shown out of the net prices into lines of their own, one for each way of
/// being taxed. What the lines add up to stays the same.
pub(super) fn show_discounts(
    context: &Context<'_>,
    order: &Order,
    pieces: &mut Vec<Piece>,
    notes: &mut Notes,
) {
    let kinds = &context.settings.gift_cards.coupon_kinds;
    let is_card = |coupon: &&Coupon| kinds.contains(&coupon.kind);
    let cards: Decimal = order.coupons.iter().filter(is_card).map(|coupon| coupon.discount).sum();
    let all: Decimal = order.coupons.iter().map(|coupon| coupon.discount).sum();
    for (share, shown) in [
        (Share::Discount, context.summary || context.settings.lines.discounts == Discounts::Lines),
        (Share::GiftCard, !cards.is_zero()),
    ] {
        if !shown {
            continue;
        }
        let weights = [all - cards, cards];
        let found = take_out(order, pieces, share, weights);
        add_lines(context, order, share, found, pieces, notes);
    }
}

/// Raises the pieces of discounted lines; gives the pieces that balance them.
fn take_out(
    order: &Order,
    pieces: &mut [Piece],
    share: Share,
    weights: [Decimal; 2],
) -> Vec<Piece> {
    let mut found: Vec<Piece> = Vec::new();
    for piece in pieces.iter_mut() {
        let PieceKind::Line(kind) = piece.kind else { continue };
        let Some(line) = line_of(order, kind, piece) else { continue };
        let net = part(line.subtotal - line.net, share, weights);
        let as_line = piece.tax_choice.line_account.is_some();
        let tax = if as_line {
            Decimal::ZERO
        } else {
            part(line.subtotal_tax - line.tax, share, weights)
        };
        if net.is_zero() && tax.is_zero() {
            continue;
        }
        piece.net += net;
        piece.tax += tax;
        match found.iter_mut().find(|known| known.tax_choice == piece.tax_choice) {
            Some(known) => {
                known.net -= net;
                known.tax -= tax;
                known.source.extend(&piece.source);
            }
            None => found.push(Piece {
                kind: PieceKind::Discount,
                quantity: Decimal::ONE,
                net: -net,
                tax: -tax,
                item_code: None,
                ..piece.clone()
            }),
        }
    }
    found
}

fn line_of<'a>(order: &'a Order, kind: LineKind, piece: &Piece) -> Option<&'a Line> {
    let (_, id) = piece.source.first()?;
    order.lines.iter().find(|line| line.kind == kind && line.id == *id)
}

/// The share of one line's discount; both shares add up to it.
fn part(discount: Decimal, share: Share, weights: [Decimal; 2]) -> Decimal {
    let parts = allocate(discount, &weights, SHARE_DIGITS).unwrap_or_default();
    let whole = if share == Share::Discount { discount } else { Decimal::ZERO };
    parts.get(usize::from(share == Share::GiftCard)).copied().unwrap_or(whole)
}

fn add_lines(
    context: &Context<'_>,
    order: &Order,
    share: Share,
    found: Vec<Piece>,
    pieces: &mut Vec<Piece>,
    notes: &mut Notes,
) {
    for mut piece in found {
        // Without an account of their own, discounts of a summary lower what was sold.
        let own = context.summary
            && share == Share::Discount
            && context.settings.accounts.discounts.is_empty();
        if !own {
            piece.account = account_of(context, share, notes);
        }
        piece.description = describe(context, order, share);
        pieces.push(piece);
    }
}

fn account_of(context: &Context<'_>, share: Share, notes: &mut Notes) -> AccountChoice {
    let settings = context.settings;
    let (code, rule) = match share {
        Share::Discount => (&settings.accounts.discounts, "accounts.discounts"),
        Share::GiftCard => (&settings.gift_cards.account, "gift_cards.account"),
    };
    account::checked(context, code, rule.into(), notes)
}

fn describe(context: &Context<'_>, order: &Order, share: Share) -> String {
    let kinds = &context.settings.gift_cards.coupon_kinds;
    let codes: Vec<&str> = order
        .coupons
        .iter()
        .filter(|coupon| kinds.contains(&coupon.kind) == (share == Share::GiftCard))
        .map(|coupon| coupon.code.as_str())
        .collect();
    let codes = codes.join(", ");
    match share {
        Share::GiftCard => alloc::format!("Gift card {codes}"),
        Share::Discount => fill(&context.settings.lines.discount, |field| match field {
            "coupons" => Cow::Borrowed(codes.as_str()),
            _ => Cow::Borrowed(""),
        }),
    }
}
