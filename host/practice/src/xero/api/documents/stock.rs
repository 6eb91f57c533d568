//! Quantities of tracked items (section 3.5).

use rust_decimal::{Decimal, RoundingStrategy};
use uuid::Uuid;

use super::super::super::model::document::{Document, DocumentType};
use super::super::super::model::organisation::Organisation;
use super::super::super::unknowns::StockRefusal;
use super::super::Context;

/// One tracked item on a document: how much it brings in, and at what cost.
struct Move {
    item: Uuid,
    quantity: Decimal,
    cost: Option<Decimal>,
}

/// The movements of a document; a sale takes out at average cost.
fn moves(organisation: &Organisation, document: &Document) -> Vec<Move> {
    let (sign, bought) = match document.document_type {
        DocumentType::AccPay | DocumentType::Spend => (Decimal::ONE, true),
        DocumentType::AccPayCredit => (Decimal::NEGATIVE_ONE, true),
        DocumentType::AccRec | DocumentType::Receive => (Decimal::NEGATIVE_ONE, false),
        DocumentType::AccRecCredit => (Decimal::ONE, false),
        DocumentType::ReceiveTransfer | DocumentType::SpendTransfer => return Vec::new(),
    };
    let inclusive =
        document.line_amount_types == super::super::super::arithmetic::LineAmountTypes::Inclusive;
    document
        .lines
        .iter()
        .filter_map(|line| {
            let item = organisation.item_by_code(&line.item_code).filter(|one| one.is_tracked())?;
            let net = if inclusive { line.line_amount - line.tax_amount } else { line.line_amount };
            let quantity = line.quantity? * sign;
            Some(Move { item: item.id, quantity, cost: bought.then_some(net * sign) })
        })
        .collect()
}

/// Refuses a document that would take an item below zero.
pub(super) fn check(
    organisation: &Organisation,
    context: &Context,
    document: &Document,
    errors: &mut Vec<String>,
) {
    if context.allow_backorders {
        return;
    }
    let moves = moves(organisation, document);
    let mut short: Vec<Uuid> = Vec::new();
    for one in &moves {
        let Some(item) = organisation.items.get(one.item) else { continue };
        let change: Decimal =
            moves.iter().filter(|other| other.item == one.item).map(|other| other.quantity).sum();
        let left = item.quantity_on_hand + change;
        if left >= Decimal::ZERO || change >= Decimal::ZERO || short.contains(&one.item) {
            continue;
        }
        short.push(one.item);
        errors.push(match context.unknowns.stock_refusal {
            StockRefusal::General => {
                "The quantity of a tracked inventory item is greater than the quantity on hand."
                    .to_owned()
            }
            StockRefusal::ByItem => format!(
                "Item '{}' has a quantity on hand of {} and cannot be reduced by {}.",
                item.code, item.quantity_on_hand, -change
            ),
        });
    }
}

/// Moves stock for an approved document, or back for one that no longer counts.
pub(super) fn apply(
    organisation: &mut Organisation,
    context: &Context,
    document: &Document,
    back: bool,
) {
    for one in moves(organisation, document) {
        let Some(item) = organisation.items.get_mut(one.item) else { continue };
        let quantity = if back { -one.quantity } else { one.quantity };
        let average = if item.quantity_on_hand.is_zero() {
            Decimal::ZERO
        } else {
            item.total_cost_pool.checked_div(item.quantity_on_hand).unwrap_or_default()
        };
        let cost = match one.cost {
            Some(cost) if back => -cost,
            Some(cost) => cost,
            None => quantity * average,
        };
        item.quantity_on_hand += quantity;
        item.total_cost_pool = (item.total_cost_pool + cost)
            .round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
        item.updated = context.now;
    }
}
