//! `/{Endpoint}/{id}/History`: notes that stay (section 3.6).

use uuid::Uuid;

use super::super::call::{Call, Reply};
use super::super::clock::bare_stamp;
use super::super::json::{Fields, Json};
use super::super::model::organisation::Organisation;
use super::super::model::posting::HistoryNote;
use super::{Context, Outcome, fields, write_all};

/// Characters a note may have.
const DETAILS_CHARS_MAX: usize = 2500;

/// Answers for a record; none when the record is unknown.
pub(super) fn answer(
    organisation: &mut Organisation,
    context: &Context,
    call: &Call,
    subject: Option<Uuid>,
) -> Reply {
    match call.method.as_str() {
        "GET" => {
            let Some(subject) = subject else { return Reply::not_found() };
            let list = organisation
                .history
                .iter()
                .rev()
                .filter(|note| note.subject == subject)
                .map(|note| {
                    let mut out = Fields::default();
                    out.put("Changes", note.changes.as_str());
                    put_when(&mut out, note.at);
                    out.put("User", "System Generated").put("Details", note.details.as_str());
                    Json::from(out)
                })
                .collect();
            context.envelope("HistoryRecords", list, None)
        }
        "PUT" => write_all(organisation, context, call, "HistoryRecords", |books, element| {
            write(books, context, element, subject)
        }),
        _ => Reply::empty(405),
    }
}

fn write(
    organisation: &mut Organisation,
    context: &Context,
    element: &Json,
    subject: Option<Uuid>,
) -> Outcome {
    let details = fields::text(element, "Details").unwrap_or_default();
    let mut errors = Vec::new();
    if subject.is_none() {
        let message = "The document with the supplied id was not found for this endpoint.";
        errors.push(message.to_owned());
    }
    if details.trim().is_empty() || details.chars().count() > DETAILS_CHARS_MAX {
        errors.push(format!("Details must have 1 to {DETAILS_CHARS_MAX} characters."));
    }
    let mut body = Fields::default();
    put_when(&mut body, context.now);
    body.put("Details", details.as_str());
    if errors.is_empty() {
        body.put("ValidationErrors", Vec::new());
        if let Some(subject) = subject {
            note(organisation, subject, "Note", &details, context);
        }
    }
    Outcome { body, errors, warnings: Vec::new() }
}

/// Adds a note.
pub(super) fn note(
    organisation: &mut Organisation,
    subject: Uuid,
    changes: &str,
    details: &str,
    context: &Context,
) {
    organisation.history.push(HistoryNote {
        subject,
        changes: changes.to_owned(),
        details: details.to_owned(),
        at: context.now,
    });
}

fn put_when(out: &mut Fields, at: chrono::DateTime<chrono::Utc>) {
    out.put("DateUTCString", at.format("%Y-%m-%dT%H:%M:%S").to_string())
        .put("DateUTC", bare_stamp(at));
}
