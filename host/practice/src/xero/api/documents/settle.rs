//! What payments and credits leave of a document.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::super::super::model::document::{Document, DocumentKind, Status};
use super::super::super::model::organisation::Organisation;
use super::super::super::unknowns::ZeroTotal;
use super::super::Context;

/// Counts the payments and credits of a document again and sets its status by what is left.
pub(in super::super) fn settle(
    organisation: &mut Organisation,
    context: &Context,
    kind: DocumentKind,
    id: Uuid,
) {
    let payments = organisation.payments.iter().filter(|one| one.document == id && !one.deleted);
    let mut paid = Decimal::ZERO;
    let mut last: Option<NaiveDate> = None;
    for payment in payments {
        paid += payment.amount;
        last = last.max(Some(payment.date));
    }
    let mut credited = Decimal::ZERO;
    for note in &organisation.credit_notes {
        for allocation in &note.allocations {
            if allocation.invoice == id || note.id == id {
                credited += allocation.amount;
                last = last.max(Some(allocation.date));
            }
        }
    }
    let Some(document) = organisation.documents_mut(kind).get_mut(id) else { return };
    document.paid = paid;
    document.credited = credited;
    document.updated = context.now;
    if document.status.is_approved() {
        set_status(document, context, last);
    }
}

/// `PAID` when nothing is left, `AUTHORISED` when something is.
pub(super) fn set_status(document: &mut Document, context: &Context, last: Option<NaiveDate>) {
    let settled = document.is_settled_in_part() || context.unknowns.zero_total == ZeroTotal::Paid;
    if document.outstanding().is_zero() && settled {
        document.status = Status::Paid;
        document.fully_paid_on = last.or(Some(document.date));
    } else {
        document.status = Status::Authorised;
        document.fully_paid_on = None;
    }
}
