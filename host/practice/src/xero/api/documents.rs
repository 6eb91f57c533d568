//! `/Invoices`, `/CreditNotes` and `/BankTransactions`: routes and lists.

mod check;
mod header;
mod lines;
pub(super) mod render;
pub(super) mod settle;
mod status;
mod stock;
mod write;

use uuid::Uuid;

use super::super::call::{Call, Reply};
use super::super::json::{Fields, Json};
use super::super::model::document::{Document, DocumentKind};
use super::super::model::organisation::Organisation;
use super::list::{Row, select};
use super::{Context, allocations, history, write_all};
use render::View;

pub(super) use check::locked;
pub(super) use header::blank;
pub(super) use lines::read_tracking;

impl Row for Document {
    fn id(&self) -> Uuid {
        self.id
    }

    fn updated(&self) -> chrono::DateTime<chrono::Utc> {
        self.updated
    }

    fn date(&self) -> Option<chrono::NaiveDate> {
        Some(self.date)
    }

    fn name(&self) -> String {
        self.number.clone()
    }
}

impl DocumentKind {
    /// The name of the collection.
    pub(super) const fn collection(self) -> &'static str {
        match self {
            Self::Invoice => "Invoices",
            Self::CreditNote => "CreditNotes",
            Self::BankTransaction => "BankTransactions",
        }
    }
}

pub(super) fn answer(
    organisation: &mut Organisation,
    context: &Context,
    call: &Call,
    kind: DocumentKind,
    rest: &[&str],
) -> Reply {
    let collection = kind.collection();
    match (call.method.as_str(), rest) {
        ("GET", []) => list(organisation, context, call, kind),
        ("PUT" | "POST", []) => write_all(organisation, context, call, collection, |books, one| {
            write::write(books, context, kind, one, None)
        }),
        (method, [key, rest @ ..]) => {
            let found = find(organisation, kind, key).map(|one| one.id);
            match (method, rest, found) {
                (_, [word], _) if word.eq_ignore_ascii_case("history") => {
                    history::answer(organisation, context, call, found)
                }
                (_, _, None) => Reply::not_found(),
                ("GET", [], Some(id)) => {
                    let list = render_one(organisation, context, kind, id);
                    context.envelope(collection, list, None)
                }
                ("POST", [], Some(id)) => {
                    write_all(organisation, context, call, collection, |books, one| {
                        write::write(books, context, kind, one, Some(id))
                    })
                }
                (_, [word, ..], Some(id)) => {
                    part(organisation, context, call, (kind, id), &word.to_ascii_lowercase(), rest)
                }
                _ => Reply::empty(405),
            }
        }
        _ => Reply::empty(405),
    }
}

/// What lies below one document.
fn part(
    organisation: &mut Organisation,
    context: &Context,
    call: &Call,
    (kind, id): (DocumentKind, Uuid),
    word: &str,
    below: &[&str],
) -> Reply {
    let invoice = kind == DocumentKind::Invoice;
    match (call.method.as_str(), word) {
        (_, "allocations") if kind == DocumentKind::CreditNote => {
            let below = below.get(1..).unwrap_or_default();
            allocations::answer(organisation, context, call, id, below)
        }
        ("POST", "email") if invoice => {
            if let Some(document) = organisation.invoices.get_mut(id) {
                if !document.status.is_approved() {
                    let message = "Invoice not of valid status for modification";
                    return Reply::exception(10, "ValidationException", message);
                }
                document.sent_to_contact = true;
                document.updated = context.now;
            }
            Reply::empty(204)
        }
        ("GET", "onlineinvoice") if invoice => {
            let shown = organisation.invoices.get(id).is_some_and(|one| {
                one.document_type.is_sale()
                    && one.status != super::super::model::document::Status::Draft
            });
            if !shown {
                return Reply::not_found();
            }
            let mut fields = Fields::default();
            fields.put("OnlineInvoiceUrl", format!("https://in.xero.com/{}", id.simple()));
            context.envelope("OnlineInvoices", vec![fields.into()], None)
        }
        ("GET", "pdf") => Reply::not_implemented(),
        _ => Reply::not_found(),
    }
}

/// A document by its id, or by its number when it has one.
pub(super) fn find<'a>(
    organisation: &'a Organisation,
    kind: DocumentKind,
    key: &str,
) -> Option<&'a Document> {
    let documents = organisation.documents(kind);
    match key.parse::<Uuid>() {
        Ok(id) => documents.get(id),
        Err(_) => {
            documents.find(|one| !one.number.is_empty() && one.number.eq_ignore_ascii_case(key))
        }
    }
}

fn render_one(
    organisation: &Organisation,
    context: &Context,
    kind: DocumentKind,
    id: Uuid,
) -> Vec<Json> {
    let document = organisation.documents(kind).get(id);
    document
        .map(|one| render::document(organisation, context, one, View::One).into())
        .into_iter()
        .collect()
}

fn list(organisation: &Organisation, context: &Context, call: &Call, kind: DocumentKind) -> Reply {
    let wanted = |name: &str| -> Option<Vec<String>> {
        let text = call.param(name).filter(|text| !text.trim().is_empty())?;
        Some(text.split(',').map(|one| one.trim().to_lowercase()).collect())
    };
    let (ids, numbers) = (wanted("IDs"), wanted("InvoiceNumbers"));
    let (contacts, statuses) = (wanted("ContactIDs"), wanted("Statuses"));
    let among = |list: &Option<Vec<String>>, text: &str| {
        list.as_ref().is_none_or(|list| list.contains(&text.to_lowercase()))
    };
    let shown = organisation.documents(kind).iter().filter(|one| {
        among(&ids, &one.id.to_string())
            && among(&numbers, &one.number)
            && among(&statuses, one.status.name())
            && (contacts.is_none()
                || one.contact.is_some_and(|id| among(&contacts, &id.to_string())))
    });
    let value = |one: &Document, field: &str| value_of(organisation, one, field);
    match select(shown, call, context, true, value) {
        Ok(listed) => {
            let view = if call.flag("summaryOnly") == Some(true) {
                View::Summary
            } else if call.param("page").is_some()
                || call.param("pageSize").is_some()
                || statuses.is_some()
            {
                View::Listed
            } else {
                View::Short
            };
            let list = listed
                .rows
                .into_iter()
                .map(|one| render::document(organisation, context, one, view).into())
                .collect();
            context.envelope(kind.collection(), list, listed.pagination)
        }
        Err(reply) => *reply,
    }
}

/// A document's text for a field of `where`.
fn value_of(organisation: &Organisation, one: &Document, field: &str) -> Option<String> {
    let kind = one.document_type.kind();
    let contact = || one.contact.and_then(|id| organisation.contacts.get(id));
    Some(match (field.to_ascii_lowercase().as_str(), kind) {
        ("reference", _) => one.reference.clone(),
        ("status", _) => one.status.name().to_owned(),
        ("type", _) => one.document_type.name().to_owned(),
        ("invoicenumber", DocumentKind::Invoice)
        | ("creditnotenumber", DocumentKind::CreditNote) => one.number.clone(),
        ("invoiceid", DocumentKind::Invoice)
        | ("creditnoteid", DocumentKind::CreditNote)
        | ("banktransactionid", DocumentKind::BankTransaction) => one.id.to_string(),
        ("contact.contactid", _) => one.contact.unwrap_or_default().to_string(),
        ("contact.name", _) => contact().map(|one| one.name.clone()).unwrap_or_default(),
        ("contact.contactnumber", _) => contact().map(|one| one.number.clone()).unwrap_or_default(),
        ("bankaccount.accountid", DocumentKind::BankTransaction) => {
            one.bank_account.unwrap_or_default().to_string()
        }
        _ => return None,
    })
}
