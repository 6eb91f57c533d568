//! What a document must be before it is kept.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::super::super::arithmetic::Totals;
use super::super::super::json::Json;
use super::super::super::model::document::{Document, DocumentKind, DocumentType, Status};
use super::super::super::model::organisation::Organisation;
use super::super::super::unknowns::{LockDateFormat, RoundingAmount};
use super::super::{Context, fields};

const NUMBER_CHARS_MAX: usize = 255;
const REFERENCE_CHARS_MAX: usize = 255;

/// Collects every reason to refuse a document.
pub(super) fn document(
    organisation: &Organisation,
    context: &Context,
    document: &Document,
    errors: &mut Vec<String>,
) {
    let kind = document.document_type.kind();
    if document.lines.is_empty() {
        errors.push("One or more line items must be specified".to_owned());
    }
    if document.status == Status::Authorised {
        let unaccounted =
            document.lines.iter().any(|line| !line.is_text() && line.account_id.is_none());
        if unaccounted {
            errors.push("Account code must be specified".to_owned());
        }
        if kind == DocumentKind::Invoice && document.due_date.is_none() {
            errors.push("Due date cannot be empty".to_owned());
        }
    }
    if document.totals.total < Decimal::ZERO {
        errors
            .push("The Total for this document must be greater than or equal to zero.".to_owned());
    }
    if !organisation.currencies.iter().any(|one| one.code == document.currency) {
        errors.push(format!("Organisation is not subscribed to currency {}", document.currency));
    }
    if !document.url.is_empty() && !is_absolute(&document.url) {
        errors.push("Url must be a valid absolute url".to_owned());
    }
    if document.reference.chars().count() > REFERENCE_CHARS_MAX {
        errors.push("Reference cannot be longer than 255 characters.".to_owned());
    }
    number(organisation, context, document, errors);
    errors.extend(locked(organisation, context, document.date));
}

fn is_absolute(text: &str) -> bool {
    url::Url::parse(text)
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

fn number(
    organisation: &Organisation,
    context: &Context,
    document: &Document,
    errors: &mut Vec<String>,
) {
    let number = &document.number;
    if number.is_empty() {
        return;
    }
    let printable = number.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    let sale = matches!(document.document_type, DocumentType::AccRec | DocumentType::AccRecCredit);
    if number.len() > NUMBER_CHARS_MAX || sale && !printable {
        errors.push("The document number is not valid.".to_owned());
    }
    let reuse = context.unknowns.reuse_number_after_void;
    let kind = document.document_type.kind();
    let taken = sale
        && organisation.documents(kind).iter().any(|one| {
            one.id != document.id
                && one.document_type == document.document_type
                && one.number.eq_ignore_ascii_case(number)
                && !(reuse && one.status.is_final())
        });
    if taken {
        errors.push(match kind {
            DocumentKind::CreditNote => "Credit Note # must be unique.".to_owned(),
            _ => "Invoice # must be unique.".to_owned(),
        });
    }
}

/// Why a date cannot be posted to; none when it can.
pub(in super::super) fn locked(
    organisation: &Organisation,
    context: &Context,
    date: NaiveDate,
) -> Option<String> {
    let profile = &organisation.profile;
    let lock = |name: &str, lock: Option<NaiveDate>| {
        let lock = lock.filter(|lock| date <= *lock)?;
        let shown = match context.unknowns.lock_date_format {
            LockDateFormat::Long => lock.format("%-d %B %Y"),
            LockDateFormat::Iso => lock.format("%Y-%m-%d"),
        };
        Some(format!(
            "The document date cannot be before the {name} lock date, currently set at {shown}"
        ))
    };
    lock("end of year", profile.year_lock).or_else(|| lock("period", profile.period_lock))
}

/// Compares totals that were sent with the computed ones, and applies `RoundingAmount`.
pub(super) fn totals(
    context: &Context,
    document: &mut Document,
    sent: &Json,
    errors: &mut Vec<String>,
) {
    let sent_totals = ["SubTotal", "TotalTax", "Total"].map(|key| fields::number(sent, key));
    let approved = matches!(document.status, Status::Authorised | Status::Submitted);
    let limit = Decimal::new(10, 2);
    if let (Some(rounding), [Some(_), Some(_), Some(_)]) =
        (fields::number(sent, "RoundingAmount"), sent_totals)
        && context.unknowns.rounding_amount == RoundingAmount::Honoured
        && approved
        && rounding.abs() <= limit
    {
        document.totals.total += rounding;
    }
    let Totals { sub_total, total_tax, total } = document.totals;
    let differs = |sent: Option<Decimal>, own: Decimal| sent.is_some_and(|sent| sent != own);
    let [sent_sub_total, sent_tax, sent_total] = sent_totals;
    if differs(sent_sub_total, sub_total)
        || differs(sent_tax, total_tax)
        || differs(sent_total, total)
    {
        let name = match document.document_type.kind() {
            DocumentKind::Invoice => "invoice",
            _ => "document",
        };
        errors.push(format!("The {name} total does not equal the sum of the lines."));
    }
}
