//! `/CreditNotes/{id}/Allocations`: credit used on invoices (section 3.2).

use rust_decimal::{Decimal, RoundingStrategy};
use uuid::Uuid;

use super::super::call::{Call, Reply};
use super::super::clock::day_stamp;
use super::super::json::{Fields, Json};
use super::super::model::document::{Allocation, Document, DocumentKind, DocumentType, Status};
use super::super::model::organisation::Organisation;
use super::super::unknowns::AllocationMatch;
use super::documents::{self, locked, settle};
use super::{Context, Outcome, fields, write_all};

/// Answers for one credit note; `rest` is what follows `Allocations`.
pub(super) fn answer(
    organisation: &mut Organisation,
    context: &Context,
    call: &Call,
    note: Uuid,
    rest: &[&str],
) -> Reply {
    match (call.method.as_str(), rest) {
        ("PUT", []) => write_all(organisation, context, call, "Allocations", |books, sent| {
            create(books, context, note, sent)
        }),
        ("DELETE", [id]) => delete(organisation, context, note, id),
        _ => Reply::empty(405),
    }
}

fn create(organisation: &mut Organisation, context: &Context, note: Uuid, sent: &Json) -> Outcome {
    let amount = fields::number(sent, "Amount")
        .or_else(|| fields::number(sent, "AppliedAmount"))
        .unwrap_or_default()
        .round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    let named = sent.get("Invoice");
    let key = named
        .and_then(|one| fields::id(one, "InvoiceID"))
        .map(|id| id.to_string())
        .or_else(|| named.and_then(|one| fields::filled(one, "InvoiceNumber")));
    let invoice = key.and_then(|key| documents::find(organisation, DocumentKind::Invoice, &key));
    let mut errors = Vec::new();
    let mut allocation = Allocation {
        id: Uuid::nil(),
        invoice: invoice.map(|one| one.id).unwrap_or_default(),
        amount,
        date: fields::day(sent, "Date").unwrap_or_else(|| organisation.today(context.now)),
    };
    match (organisation.credit_notes.get(note), invoice) {
        (Some(note), Some(invoice)) => {
            allocation.date = note.date.max(invoice.date);
            check(context, note, invoice, amount, &mut errors);
            errors.extend(locked(organisation, context, allocation.date));
        }
        _ => errors.push("Document could not be found".to_owned()),
    }
    if errors.is_empty() {
        allocation.id = organisation.new_id();
        let invoice = allocation.invoice;
        if let Some(note) = organisation.credit_notes.get_mut(note) {
            note.allocations.push(allocation.clone());
        }
        settle::settle(organisation, context, DocumentKind::CreditNote, note);
        settle::settle(organisation, context, DocumentKind::Invoice, invoice);
    }
    Outcome { body: render(&allocation, note, errors.is_empty()), errors, warnings: Vec::new() }
}

fn check(
    context: &Context,
    note: &Document,
    invoice: &Document,
    amount: Decimal,
    errors: &mut Vec<String>,
) {
    if note.status != Status::Authorised || invoice.status != Status::Authorised {
        errors.push("Allocations can only be made between Authorised documents".to_owned());
        return;
    }
    let sides = (note.document_type, invoice.document_type);
    if !matches!(
        sides,
        (DocumentType::AccRecCredit, DocumentType::AccRec)
            | (DocumentType::AccPayCredit, DocumentType::AccPay)
    ) {
        errors.push("The credit note cannot be allocated to this type of document".to_owned());
    }
    if context.unknowns.allocation_match == AllocationMatch::ContactAndCurrency {
        if note.contact != invoice.contact {
            errors.push("The documents must be for the same contact".to_owned());
        }
        if note.currency != invoice.currency {
            errors.push("The documents must be in the same currency".to_owned());
        }
    }
    if amount <= Decimal::ZERO {
        errors.push("Allocation amount must be greater than zero".to_owned());
    }
    if amount > note.outstanding() || amount > invoice.outstanding() {
        errors.push(
            "The amount allocated exceeds the amount outstanding on one of the documents"
                .to_owned(),
        );
    }
}

fn delete(organisation: &mut Organisation, context: &Context, note: Uuid, id: &str) -> Reply {
    let held = organisation.credit_notes.get(note).and_then(|one| {
        one.allocations.iter().find(|one| one.id.to_string().eq_ignore_ascii_case(id)).cloned()
    });
    let Some(held) = held else { return Reply::not_found() };
    if let Some(message) = locked(organisation, context, held.date) {
        return Reply::exception(10, "ValidationException", &message);
    }
    if let Some(note) = organisation.credit_notes.get_mut(note) {
        note.allocations.retain(|one| one.id != held.id);
    }
    settle::settle(organisation, context, DocumentKind::CreditNote, note);
    settle::settle(organisation, context, DocumentKind::Invoice, held.invoice);
    let mut out = Fields::default();
    out.put("AllocationID", held.id)
        .put("Amount", Json::money(held.amount))
        .put("Date", day_stamp(held.date))
        .put("Invoice", invoice(&held))
        .put("IsDeleted", true);
    // The one answer without an envelope: the specification gives the bare allocation.
    Reply::json(200, &out.into(), context.style)
}

fn invoice(allocation: &Allocation) -> Fields {
    let mut out = Fields::default();
    out.put("InvoiceID", allocation.invoice);
    for list in ["Payments", "CreditNotes", "Prepayments", "Overpayments"] {
        out.put(list, Vec::new());
    }
    out.put("HasErrors", false)
        .put("IsDiscounted", false)
        .put("LineItems", Vec::new())
        .put("ValidationErrors", Vec::new());
    out
}

fn render(allocation: &Allocation, note: Uuid, accepted: bool) -> Fields {
    let mut credit = Fields::default();
    credit.put("CreditNoteID", note).put("ID", note).put("LineItems", Vec::new());
    let mut out = Fields::default();
    if accepted {
        out.put("AllocationID", allocation.id);
    }
    out.put("Amount", Json::money(allocation.amount))
        .put("Date", day_stamp(allocation.date))
        .put("Invoice", invoice(allocation))
        .put("CreditNote", credit);
    if accepted {
        out.put("ValidationErrors", Vec::new());
    }
    out
}
