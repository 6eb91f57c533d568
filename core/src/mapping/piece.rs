//! Pieces: what an invoice line is made of before its amounts are settled.

use alloc::{borrow::Cow, string::String, vec::Vec};

use rust_decimal::Decimal;

use crate::{
    finding::{Code, Finding},
    settings::{UnmappedProduct, template::fill},
    shop::{
        order::{Line, LineKind, Order},
        refund::Refund,
    },
};

use super::{Context, Notes, account, discount, split, tax};

/// What a piece stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PieceKind {
    /// A line of the order, or part of one.
    Line(LineKind),
    /// Discounts or redeemed credit, shown as a line.
    Discount,
    /// The tax of one rate, shown as a line.
    TaxLine,
}

/// An account code and the setting that chose it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AccountChoice {
    /// `AccountCode`; empty when none could be chosen, which is an error among the findings.
    pub code: String,
    /// Path of the setting.
    pub rule: String,
}

/// How a piece is taxed, and the setting that chose it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TaxChoice {
    /// The set of WooCommerce rates, ascending; empty when none applied.
    pub set: Vec<u64>,
    /// `TaxType`
    pub tax_type: String,
    /// Effective rate of the tax type, a fraction; zero when the tax is a line of its own.
    pub rate: Decimal,
    /// What the tax type's components make with all decimals.
    pub exact_rate: Decimal,
    /// Path of the setting.
    pub rule: String,
    /// The account of the tax, when it is posted as a line of its own.
    pub line_account: Option<AccountChoice>,
}

/// A future invoice line. Amounts are the shop's, in the order's currency, not yet rounded for
/// Xero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// What it stands for.
    pub kind: PieceKind,
    /// The order's lines behind it.
    pub source: Vec<(LineKind, u64)>,
    /// Description.
    pub description: String,
    /// Number sold.
    pub quantity: Decimal,
    /// Amount without tax.
    pub net: Decimal,
    /// Tax that the shop stored for it; zero when it is posted as a line of its own.
    pub tax: Decimal,
    /// How it is taxed.
    pub tax_choice: TaxChoice,
    /// Account.
    pub account: AccountChoice,
    /// Tracking categories and options.
    pub tracking: Vec<(String, String)>,
    /// Item code.
    pub item_code: Option<String>,
}

/// The pieces of an order's lines, in the shop's order, then discounts.
pub(super) fn pieces(
    context: &Context<'_>,
    order: &Order,
    digits: u32,
    notes: &mut Notes,
) -> Vec<Piece> {
    let mut pieces = Vec::with_capacity(order.lines.len() + 2);
    for line in &order.lines {
        if let Some(parts) = split::parts(context, order, line, digits, notes) {
            for part in parts {
                let mut piece = from_line(context, order, line, part.tax_choice, notes);
                piece.net = part.net;
                let as_line = piece.tax_choice.line_account.is_some();
                piece.tax = if as_line { Decimal::ZERO } else { part.tax };
                if !part.label.is_empty() {
                    piece.description = alloc::format!("{} ({})", piece.description, part.label);
                }
                pieces.push(piece);
            }
        } else {
            let account = account::of_line(context, order, line, notes);
            let choice = tax::of_line(context, order, line, &account, notes);
            pieces.push(from_line(context, order, line, choice, notes));
        }
    }
    discount::show_discounts(context, order, &mut pieces, notes);
    pieces
}

/// An amount that was given back for no line in particular, outside tax.
pub(super) fn refunded_amount(context: &Context<'_>, refund: &Refund, notes: &mut Notes) -> Piece {
    let code = &context.settings.refunds.account;
    Piece {
        kind: PieceKind::Discount,
        source: Vec::new(),
        description: if refund.reason.is_empty() { "Refund".into() } else { refund.reason.clone() },
        quantity: Decimal::ONE,
        net: refund.amount,
        tax: Decimal::ZERO,
        tax_choice: TaxChoice {
            tax_type: tax::no_tax(context, notes),
            rule: "tax.no_tax".into(),
            ..TaxChoice::default()
        },
        account: account::checked(context, code, "refunds.account".into(), notes),
        tracking: Vec::new(),
        item_code: None,
    }
}

fn from_line(
    context: &Context<'_>,
    order: &Order,
    line: &Line,
    tax_choice: TaxChoice,
    notes: &mut Notes,
) -> Piece {
    let account = account::of_line(context, order, line, notes);
    let tax = if tax_choice.line_account.is_some() { Decimal::ZERO } else { line.tax };
    Piece {
        kind: PieceKind::Line(line.kind),
        source: alloc::vec![(line.kind, line.id)],
        description: describe(context, line),
        quantity: line.quantity,
        net: line.net,
        tax,
        tracking: account::tracking(context, order, line, notes),
        item_code: item_code(context, order, line, notes),
        tax_choice,
        account,
    }
}

fn describe(context: &Context<'_>, line: &Line) -> String {
    let lines = &context.settings.lines;
    let template = match line.kind {
        LineKind::LineItem => &lines.line_item,
        LineKind::Shipping => &lines.shipping,
        LineKind::Fee => &lines.fee,
    };
    let described = fill(template, |field| match field {
        "name" => Cow::Borrowed(line.name.as_str()),
        "sku" => Cow::Borrowed(line.sku.as_str()),
        "attributes" => Cow::Owned(attributes(line)),
        "quantity" => Cow::Owned(alloc::format!("{}", line.quantity.normalize())),
        _ => Cow::Borrowed(""),
    });
    if described.is_empty() { line.kind.as_str().replace('_', " ") } else { described }
}

/// `(Colour: red, Size: M)`; empty when nothing was chosen.
fn attributes(line: &Line) -> String {
    if line.kind != LineKind::LineItem || line.attributes.is_empty() {
        return String::new();
    }
    let chosen: Vec<String> =
        line.attributes.iter().map(|(key, value)| alloc::format!("{key}: {value}")).collect();
    alloc::format!("({})", chosen.join(", "))
}

fn item_code(
    context: &Context<'_>,
    order: &Order,
    line: &Line,
    notes: &mut Notes,
) -> Option<String> {
    if !context.settings.lines.item_codes || line.kind != LineKind::LineItem {
        return None;
    }
    [line.variation_id, line.product_id]
        .iter()
        .filter_map(|id| context.products.get(id))
        .map(|product| product.item_code.as_str())
        .find(|code| !code.is_empty())
        .map(Into::into)
        .or_else(|| mapped_item(context, order, line, notes))
}

fn mapped_item(
    context: &Context<'_>,
    order: &Order,
    line: &Line,
    notes: &mut Notes,
) -> Option<String> {
    let id = if line.variation_id > 0 { line.variation_id } else { line.product_id };
    let found = context.items.get(&alloc::format!("{id}")).cloned();
    let holds = context.settings.items.unmapped == UnmappedProduct::Hold;
    if found.is_none() && id > 0 && holds && !context.is_posted(order.id) {
        let message = alloc::format!("`{}` is no item in Xero", line.name);
        let finding = Finding::new(Code::ItemUnmapped, "product", alloc::format!("{id}"), message);
        notes.push(finding.at("items.unmapped"));
    }
    found
}
