//! Creating and updating one document.

use uuid::Uuid;

use super::super::super::arithmetic::{Rounding, Totals};
use super::super::super::json::Json;
use super::super::super::model::document::{Document, DocumentKind, DocumentType, Line, Status};
use super::super::super::model::organisation::Organisation;
use super::super::contacts::resolve::{self, Party};
use super::super::{Context, Outcome, fields, history};
use super::render::{self, View};
use super::{check, header, lines, settle, status, stock};

/// A document on its way in.
struct Draft<'a> {
    sent: &'a Json,
    /// As it will be.
    document: Document,
    /// As it was; none when it is new.
    held: Option<Document>,
    party: Option<Party>,
    errors: Vec<String>,
}

/// Writes one element: creates it, or updates the document that it means (section 1.7).
pub(super) fn write(
    organisation: &mut Organisation,
    context: &Context,
    kind: DocumentKind,
    sent: &Json,
    target: Option<Uuid>,
) -> Outcome {
    let mut draft = match find_held(organisation, context, kind, sent, target) {
        Ok(held) => Draft {
            sent,
            document: held.clone().unwrap_or_else(|| header::blank(organisation, context, kind)),
            held,
            party: None,
            errors: Vec::new(),
        },
        Err(error) => {
            let mut document = header::blank(organisation, context, kind);
            document.id = fields::id(sent, id_key(kind)).unwrap_or_default();
            let errors = vec![error];
            Draft { sent, document, held: None, party: None, errors }
        }
    };
    if draft.errors.is_empty() {
        draft.fill(organisation, context, kind);
    }
    if !draft.errors.is_empty() {
        let body = render::refused(organisation, context, &draft.document, sent);
        return Outcome { body, errors: draft.errors, warnings: Vec::new() };
    }
    let id = commit(organisation, context, draft);
    let body = organisation
        .documents(kind)
        .get(id)
        .map(|one| render::document(organisation, context, one, View::Written))
        .unwrap_or_default();
    Outcome { body, errors: Vec::new(), warnings: Vec::new() }
}

const fn id_key(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::Invoice => "InvoiceID",
        DocumentKind::CreditNote => "CreditNoteID",
        DocumentKind::BankTransaction => "BankTransactionID",
    }
}

/// The document that an element updates; none when it creates one.
fn find_held(
    organisation: &Organisation,
    context: &Context,
    kind: DocumentKind,
    sent: &Json,
    target: Option<Uuid>,
) -> Result<Option<Document>, String> {
    if context.create_only {
        return Ok(None);
    }
    let documents = organisation.documents(kind);
    if let Some(id) = target.or_else(|| fields::id(sent, id_key(kind))) {
        return match (documents.get(id), kind) {
            (Some(found), _) => Ok(Some(found.clone())),
            (None, DocumentKind::CreditNote) => {
                Err("An existing Credit Note with the specified CreditNoteID could not be found"
                    .into())
            }
            (None, _) => Err("Document could not be found".to_owned()),
        };
    }
    let key = match kind {
        DocumentKind::Invoice => "InvoiceNumber",
        DocumentKind::CreditNote => "CreditNoteNumber",
        DocumentKind::BankTransaction => return Ok(None),
    };
    let Some(number) = fields::filled(sent, key) else { return Ok(None) };
    let bills = context.unknowns.bill_upsert_by_number;
    let wanted = fields::filled(sent, "Type").and_then(|text| DocumentType::read(&text));
    let reuse = context.unknowns.reuse_number_after_void;
    let found = documents.find(|one| {
        one.number.eq_ignore_ascii_case(&number)
            && wanted.is_none_or(|wanted| wanted == one.document_type)
            && (bills || one.document_type.is_sale())
            && !(reuse && one.status.is_final())
    });
    Ok(found.cloned())
}

impl Draft<'_> {
    /// Reads the element into the document and collects every reason to refuse it.
    fn fill(&mut self, organisation: &Organisation, context: &Context, kind: DocumentKind) {
        if self.held.is_none() {
            header::read_type(&mut self.document, kind, self.sent, &mut self.errors);
        }
        if !self.read_status(kind) {
            return;
        }
        if self.document.status.is_final() {
            self.errors.extend(check::locked(organisation, context, self.document.date));
            return;
        }
        header::overlay(organisation, &mut self.document, self.sent, &mut self.errors);
        self.read_party(organisation, context);
        self.read_lines(organisation, context);
        check::totals(context, &mut self.document, self.sent, &mut self.errors);
        check::document(organisation, context, &self.document, &mut self.errors);
        self.check_locked_before(organisation, context);
        self.check_settled();
        let approved = self.held.as_ref().is_some_and(|held| held.status.is_approved());
        if self.document.status == Status::Authorised && !approved {
            stock::check(organisation, context, &self.document, &mut self.errors);
        }
    }

    /// Reads the status; false when nothing else matters any more.
    fn read_status(&mut self, kind: DocumentKind) -> bool {
        let text = fields::filled(self.sent, "Status");
        let wanted = text.as_deref().and_then(Status::read);
        if let (Some(text), None) = (&text, wanted) {
            self.errors.push(format!("Status {text} is not valid."));
            return false;
        }
        let verdict = if let Some(held) = &self.held {
            let to = wanted.unwrap_or(held.status);
            let paid = held.status == Status::Paid && !to.is_final();
            self.document.status = if paid { Status::Paid } else { to };
            status::change(held, to)
        } else {
            self.document.status = wanted.unwrap_or(self.document.status);
            status::begin(kind, self.document.status)
        };
        match verdict {
            Ok(()) => true,
            Err(error) => {
                // The element echoes the status that was sent.
                self.document.status = wanted.unwrap_or(self.document.status);
                self.errors.push(error);
                false
            }
        }
    }

    fn read_party(&mut self, organisation: &Organisation, context: &Context) {
        let empty =
            |json: &&Json| !matches!(json, Json::Object(fields) if fields.iter().next().is_none());
        match self.sent.get("Contact").filter(empty) {
            Some(sent) => match resolve::party(organisation, context, sent) {
                Ok(party) => {
                    if let Party::Known(id) = &party {
                        self.document.contact = Some(*id);
                    }
                    self.party = Some(party);
                }
                Err(error) => self.errors.push(error),
            },
            None if self.document.contact.is_none() => self
                .errors
                .push("A Contact must be specified for this type of transaction".to_owned()),
            None => {}
        }
    }

    fn read_lines(&mut self, organisation: &Organisation, context: &Context) {
        let rounding =
            Rounding::new(&context.unknowns, &self.document.currency, context.unit_places);
        let reader = lines::Reader { organisation, context, document: &self.document, rounding };
        let sent = self.sent.get("LineItems").map(Json::items).filter(|list| !list.is_empty());
        let retyped = self
            .held
            .as_ref()
            .is_some_and(|held| held.line_amount_types != self.document.line_amount_types);
        let read: Vec<Line> = match sent {
            Some(sent) => reader.read(sent, &mut self.errors),
            // Lines that were not sent stay, computed anew when their meaning changed.
            None if retyped => {
                let again: Vec<Json> = self.document.lines.iter().map(identify).collect();
                reader.read(&again, &mut self.errors)
            }
            None => self.document.lines.clone(),
        };
        let amounts: Vec<_> = read.iter().map(|line| (line.line_amount, line.tax_amount)).collect();
        match Totals::of(&amounts, self.document.line_amount_types) {
            Some(totals) => self.document.totals = totals,
            None => self.errors.push("The document total is too large.".to_owned()),
        }
        self.document.lines = read;
    }

    fn check_locked_before(&mut self, organisation: &Organisation, context: &Context) {
        let held = self.held.as_ref().filter(|held| held.date != self.document.date);
        if let Some(held) = held {
            self.errors.extend(check::locked(organisation, context, held.date));
        }
    }

    /// A document with a payment or credit lets only some fields through.
    fn check_settled(&mut self) {
        let Some(held) = self.held.as_ref().filter(|held| held.is_settled_in_part()) else {
            return;
        };
        let document = &self.document;
        let mut errors = Vec::new();
        if held.date != document.date {
            errors.push(
                "Date cannot be changed on an invoice that has payment or credit notes allocated \
                 to it."
                    .to_owned(),
            );
        }
        let same_lines = held.lines.len() == document.lines.len()
            && held.lines.iter().zip(&document.lines).all(|(old, new)| {
                old.id == new.id
                    && old.quantity == new.quantity
                    && old.unit_amount == new.unit_amount
                    && old.tax_type == new.tax_type
                    && old.tax_amount == new.tax_amount
                    && old.line_amount == new.line_amount
                    && old.item_code == new.item_code
            });
        let contact_moved =
            held.contact != document.contact || matches!(self.party, Some(Party::New(_)));
        let same = same_lines
            && held.currency == document.currency
            && held.line_amount_types == document.line_amount_types
            && held.totals == document.totals
            && (!contact_moved || held.credited.is_zero());
        if !same {
            errors.push(
                "This document cannot be edited as it has a payment or credit note allocated to it."
                    .to_owned(),
            );
        }
        // What the payment forbids comes before what is wrong with it besides.
        errors.append(&mut self.errors);
        self.errors = errors;
    }
}

/// A line that names itself and nothing else.
fn identify(line: &Line) -> Json {
    let mut fields = super::super::super::json::Fields::default();
    fields.put("LineItemID", line.id);
    fields.into()
}

/// Keeps an accepted document and everything that follows from it.
fn commit(organisation: &mut Organisation, context: &Context, draft: Draft<'_>) -> Uuid {
    let Draft { mut document, held, party, .. } = draft;
    let kind = document.document_type.kind();
    if let Some(Party::New(contact)) = party {
        let mut contact = *contact;
        contact.id = organisation.new_id();
        document.contact = Some(contact.id);
        organisation.contacts.put(contact);
    }
    if held.is_none() {
        document.id = organisation.new_id();
        number(organisation, &mut document);
    }
    for line in &mut document.lines {
        if line.id.is_nil() {
            line.id = organisation.new_id();
        }
    }
    document.updated = context.now;
    let counted = held.as_ref().filter(|held| held.status.is_approved());
    if let Some(before) = counted {
        stock::apply(organisation, context, before, true);
    }
    if document.status.is_approved() {
        stock::apply(organisation, context, &document, false);
        if kind != DocumentKind::BankTransaction {
            let paid_on = document.fully_paid_on;
            settle::set_status(&mut document, context, paid_on);
        }
    }
    mark_contact(organisation, &document);
    let id = document.id;
    let verb = if held.is_none() { "Created" } else { "Edited" };
    history::note(organisation, id, verb, document.status.name(), context);
    organisation.documents_mut(kind).put(document);
    id
}

/// Gives a sales document without a number the next one.
fn number(organisation: &Organisation, document: &mut Document) {
    let prefix = match document.document_type {
        DocumentType::AccRec => "INV",
        DocumentType::AccRecCredit => "CN",
        _ => return,
    };
    if !document.number.is_empty() {
        return;
    }
    let kind = document.document_type.kind();
    let next = organisation
        .documents(kind)
        .iter()
        .filter(|one| one.document_type == document.document_type)
        .filter_map(|one| one.number.strip_prefix(prefix)?.strip_prefix('-')?.parse::<u64>().ok())
        .max()
        .unwrap_or(0)
        .saturating_add(1);
    document.number = format!("{prefix}-{next:04}");
}

/// A contact on a sales document is a customer, on a purchase a supplier.
fn mark_contact(organisation: &mut Organisation, document: &Document) {
    let Some(contact) = document.contact.and_then(|id| organisation.contacts.get_mut(id)) else {
        return;
    };
    match document.document_type {
        DocumentType::AccRec | DocumentType::AccRecCredit => contact.is_customer = true,
        DocumentType::AccPay | DocumentType::AccPayCredit => contact.is_supplier = true,
        _ => {}
    }
}
