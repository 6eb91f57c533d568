//! Reading what a document says beside its lines.

use rust_decimal::{Decimal, RoundingStrategy};
use uuid::Uuid;

use super::super::super::arithmetic::{LineAmountTypes, Totals};
use super::super::super::json::Json;
use super::super::super::model::document::{Document, DocumentKind, DocumentType, Status};
use super::super::super::model::organisation::Organisation;
use super::super::{Context, fields};

/// A document that has nothing yet.
pub(in super::super) fn blank(
    organisation: &Organisation,
    context: &Context,
    kind: DocumentKind,
) -> Document {
    let (document_type, types, status) = match kind {
        DocumentKind::Invoice => (DocumentType::AccRec, LineAmountTypes::Exclusive, Status::Draft),
        DocumentKind::CreditNote => {
            (DocumentType::AccRecCredit, LineAmountTypes::Exclusive, Status::Draft)
        }
        DocumentKind::BankTransaction => {
            (DocumentType::Receive, LineAmountTypes::Inclusive, Status::Authorised)
        }
    };
    Document {
        id: Uuid::nil(),
        document_type,
        number: String::new(),
        reference: String::new(),
        status,
        contact: None,
        date: organisation.today(context.now),
        due_date: None,
        expected_payment_date: None,
        line_amount_types: types,
        lines: Vec::new(),
        totals: Totals::default(),
        currency: organisation.profile.base_currency.clone(),
        currency_rate: Decimal::ONE,
        url: String::new(),
        branding_theme: None,
        sent_to_contact: false,
        bank_account: None,
        is_reconciled: false,
        paid: Decimal::ZERO,
        credited: Decimal::ZERO,
        allocations: Vec::new(),
        fully_paid_on: None,
        updated: context.now,
    }
}

/// Reads the type of a new document.
pub(super) fn read_type(
    document: &mut Document,
    kind: DocumentKind,
    sent: &Json,
    errors: &mut Vec<String>,
) {
    let read = fields::filled(sent, "Type").and_then(|text| DocumentType::read(&text));
    let transfer =
        matches!(read, Some(DocumentType::ReceiveTransfer | DocumentType::SpendTransfer));
    match read {
        Some(read) if read.kind() == kind && !transfer => document.document_type = read,
        _ => errors.push("The document type is not valid.".to_owned()),
    }
}

/// Puts what was sent over what is held.
pub(super) fn overlay(
    organisation: &Organisation,
    document: &mut Document,
    sent: &Json,
    errors: &mut Vec<String>,
) {
    let kind = document.document_type.kind();
    if kind != DocumentKind::BankTransaction {
        let key = if kind == DocumentKind::Invoice { "InvoiceNumber" } else { "CreditNoteNumber" };
        if let Some(number) = fields::filled(sent, key) {
            document.number = number;
        }
    }
    if let Some(reference) = fields::text(sent, "Reference") {
        document.reference = reference;
    }
    if let Some(url) = fields::filled(sent, "Url") {
        document.url = url;
    }
    if let Some(date) = fields::day(sent, "Date") {
        document.date = date;
    }
    if kind == DocumentKind::Invoice {
        document.due_date = fields::day(sent, "DueDate").or(document.due_date);
        document.expected_payment_date =
            fields::day(sent, "ExpectedPaymentDate").or(document.expected_payment_date);
    }
    if let Some(text) = fields::filled(sent, "LineAmountTypes") {
        match LineAmountTypes::read(&text) {
            Some(types) => document.line_amount_types = types,
            None => errors.push("LineAmountTypes must be valid.".to_owned()),
        }
    }
    if let Some(flag) = fields::flag(sent, "SentToContact") {
        document.sent_to_contact = flag;
    }
    if let Some(flag) = fields::flag(sent, "IsReconciled") {
        document.is_reconciled = flag && kind == DocumentKind::BankTransaction;
    }
    overlay_branding(organisation, document, sent, errors);
    overlay_account(organisation, document, sent, errors);
    overlay_currency(organisation, document, sent);
}

fn overlay_branding(
    organisation: &Organisation,
    document: &mut Document,
    sent: &Json,
    errors: &mut Vec<String>,
) {
    if let Some(theme) = fields::id(sent, "BrandingThemeID") {
        if organisation.branding_themes.iter().any(|one| one.id == theme) {
            document.branding_theme = Some(theme);
        } else {
            errors.push("The branding theme could not be found.".to_owned());
        }
    }
    let sale = matches!(document.document_type, DocumentType::AccRec | DocumentType::AccRecCredit);
    if sale && document.branding_theme.is_none() {
        document.branding_theme = organisation.branding_themes.first().map(|one| one.id);
    }
}

fn overlay_account(
    organisation: &Organisation,
    document: &mut Document,
    sent: &Json,
    errors: &mut Vec<String>,
) {
    if document.document_type.kind() != DocumentKind::BankTransaction {
        return;
    }
    if let Some(named) = sent.get("BankAccount") {
        let account = match (fields::id(named, "AccountID"), fields::filled(named, "Code")) {
            (Some(id), _) => organisation.accounts.get(id),
            (None, Some(code)) => organisation.account_by_code(&code),
            (None, None) => None,
        };
        match account.filter(|one| one.account_type == "BANK" && one.status == "ACTIVE") {
            Some(account) => {
                document.bank_account = Some(account.id);
                document.currency.clone_from(&account.currency);
            }
            None => errors.push("The bank account is not valid.".to_owned()),
        }
    } else if document.bank_account.is_none() {
        errors.push("The bank account is not valid.".to_owned());
    }
}

fn overlay_currency(organisation: &Organisation, document: &mut Document, sent: &Json) {
    let base = &organisation.profile.base_currency;
    let before = document.currency.clone();
    if document.document_type.kind() != DocumentKind::BankTransaction
        && let Some(code) = fields::filled(sent, "CurrencyCode")
    {
        document.currency = code.to_ascii_uppercase();
    }
    if document.currency == *base {
        document.currency_rate = Decimal::ONE;
        return;
    }
    if let Some(rate) = fields::number(sent, "CurrencyRate").filter(|rate| !rate.is_zero()) {
        let half_up = RoundingStrategy::MidpointAwayFromZero;
        document.currency_rate = rate.abs().round_dp_with_strategy(6, half_up);
    } else if document.id.is_nil() || before != document.currency {
        document.currency_rate = day_rate(base, &document.currency);
    }
}

/// The day's rate: units of `currency` for one of `base`. The table does not move, so that every
/// run gives the same rates.
pub(super) fn day_rate(base: &str, currency: &str) -> Decimal {
    let per_dollar = |code: &str| {
        let (mantissa, scale) = match code {
            "EUR" => (92, 2),
            "GBP" => (79, 2),
            "AUD" => (153, 2),
            "NZD" => (168, 2),
            "CAD" => (138, 2),
            "JPY" => (15_237, 2),
            "BHD" => (376, 3),
            "CHF" => (88, 2),
            "SGD" => (134, 2),
            _ => (1, 0),
        };
        Decimal::new(mantissa, scale)
    };
    per_dollar(currency)
        .checked_div(per_dollar(base))
        .unwrap_or(Decimal::ONE)
        .round_dp_with_strategy(6, RoundingStrategy::MidpointAwayFromZero)
}
