//! From which status to which (section 3.1).

use super::super::super::model::document::{Document, DocumentKind, Status};

/// Whether a new document may begin in a status.
///
/// # Errors
/// The sentence that refuses it.
pub(super) fn begin(kind: DocumentKind, status: Status) -> Result<(), String> {
    let allowed = match kind {
        DocumentKind::BankTransaction => status == Status::Authorised,
        _ => matches!(status, Status::Draft | Status::Submitted | Status::Authorised),
    };
    if allowed { Ok(()) } else { Err(format!("{} not of valid status for creation", name(kind))) }
}

/// Whether a document may go from its status to another.
///
/// # Errors
/// The sentence that refuses it.
pub(super) fn change(document: &Document, to: Status) -> Result<(), String> {
    let kind = document.document_type.kind();
    let refused = Err(format!("{} not of valid status for modification", name(kind)));
    if kind == DocumentKind::BankTransaction {
        return match (document.status, to) {
            (Status::Authorised, Status::Authorised) => Ok(()),
            (Status::Authorised, _) if document.is_reconciled => {
                Err("This Bank Transaction cannot be edited as it has been reconciled \
                 with a Bank Statement."
                    .to_owned())
            }
            (Status::Authorised, Status::Deleted) => Ok(()),
            _ => refused,
        };
    }
    match (document.status, to) {
        (
            Status::Draft | Status::Submitted,
            Status::Draft | Status::Submitted | Status::Authorised | Status::Deleted,
        )
        | (Status::Authorised, Status::Authorised)
        // A paid document that is sent back with its own status is only being edited.
        | (Status::Paid, Status::Paid | Status::Authorised) => Ok(()),
        (Status::Authorised | Status::Paid, Status::Voided) => {
            if document.is_settled_in_part() {
                Err(format!(
                    "The status VOIDED cannot be applied to the {} because it has payments or \
                     credit notes allocated to it.",
                    name(kind).to_lowercase()
                ))
            } else {
                Ok(())
            }
        }
        _ => refused,
    }
}

/// What a kind of document is called in sentences.
pub(super) const fn name(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::Invoice => "Invoice",
        DocumentKind::CreditNote => "Credit note",
        DocumentKind::BankTransaction => "Bank transaction",
    }
}
