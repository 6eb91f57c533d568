//! `/Payments`: create, delete, list (section 3.3).

use rust_decimal::{Decimal, RoundingStrategy};
use uuid::Uuid;

use super::super::call::{Call, Reply};
use super::super::clock::{day_stamp, stamp, stamp_text};
use super::super::json::{Fields, Json};
use super::super::model::document::{Document, DocumentKind, DocumentType, Status};
use super::super::model::organisation::Organisation;
use super::super::model::posting::Payment;
use super::documents::{self, locked, render, settle};
use super::list::{Row, select};
use super::{Context, Outcome, fields, history, write_all};

impl Row for Payment {
    fn id(&self) -> Uuid {
        self.id
    }

    fn updated(&self) -> chrono::DateTime<chrono::Utc> {
        self.updated
    }

    fn date(&self) -> Option<chrono::NaiveDate> {
        Some(self.date)
    }
}

impl Payment {
    /// The kind of the document it is on.
    const fn kind(&self) -> DocumentKind {
        if self.is_refund { DocumentKind::CreditNote } else { DocumentKind::Invoice }
    }
}

pub(super) fn answer(
    organisation: &mut Organisation,
    context: &Context,
    call: &Call,
    rest: &[&str],
) -> Reply {
    let id = rest
        .first()
        .and_then(|id| id.parse().ok())
        .filter(|id| organisation.payments.get(*id).is_some());
    match (call.method.as_str(), rest) {
        ("GET", []) => list(organisation, context, call),
        // `PUT` and `POST` of the collection both create; a body with an id and a status deletes.
        ("PUT" | "POST", []) => {
            write_all(organisation, context, call, "Payments", |books, element| {
                match fields::id(element, "PaymentID").filter(|_| !context.create_only) {
                    Some(id) => delete(books, context, element, id),
                    None => create(books, context, element),
                }
            })
        }
        ("GET", [_]) => match id.and_then(|id| organisation.payments.get(id)) {
            Some(payment) => {
                let body = render_payment(organisation, context, payment, true);
                context.envelope("Payments", vec![body.into()], None)
            }
            None => Reply::not_found(),
        },
        ("POST", [_]) => match id {
            Some(id) => write_all(organisation, context, call, "Payments", |books, element| {
                delete(books, context, element, id)
            }),
            None => Reply::not_found(),
        },
        (_, [_, word]) if word.eq_ignore_ascii_case("history") => {
            history::answer(organisation, context, call, id)
        }
        _ => Reply::empty(405),
    }
}

fn list(organisation: &Organisation, context: &Context, call: &Call) -> Reply {
    let value = |one: &Payment, field: &str| {
        Some(match field.to_ascii_lowercase().as_str() {
            "paymentid" => one.id.to_string(),
            "paymenttype" => one.payment_type.clone(),
            "status" => status(one).to_owned(),
            "reference" => one.reference.clone(),
            "invoice.invoiceid" => one.document.to_string(),
            _ => return None,
        })
    };
    match select(organisation.payments.iter(), call, context, true, value) {
        Ok(listed) => {
            let list = listed
                .rows
                .into_iter()
                .map(|one| render_payment(organisation, context, one, false).into())
                .collect();
            context.envelope("Payments", list, listed.pagination)
        }
        Err(reply) => *reply,
    }
}

/// The document an element pays; by id or by number.
fn paid_document<'a>(organisation: &'a Organisation, sent: &Json) -> Option<&'a Document> {
    let by = |kind, object: &str, id_key: &str, number_key: &str| {
        let named = sent.get(object);
        let id = named.and_then(|one| fields::id(one, id_key));
        let number = named
            .and_then(|one| fields::filled(one, number_key))
            .or_else(|| fields::filled(sent, number_key));
        let key = id.map(|id| id.to_string()).or(number)?;
        documents::find(organisation, kind, &key)
    };
    by(DocumentKind::Invoice, "Invoice", "InvoiceID", "InvoiceNumber")
        .or_else(|| by(DocumentKind::CreditNote, "CreditNote", "CreditNoteID", "CreditNoteNumber"))
}

fn create(organisation: &mut Organisation, context: &Context, sent: &Json) -> Outcome {
    let mut errors = Vec::new();
    let mut warnings = Vec::new();
    let document = paid_document(organisation, sent).cloned();
    let mut payment = Payment {
        id: Uuid::nil(),
        document: document.as_ref().map(|one| one.id).unwrap_or_default(),
        is_refund: document
            .as_ref()
            .is_some_and(|one| one.document_type.kind() == DocumentKind::CreditNote),
        payment_type: document.as_ref().map(payment_type).unwrap_or_default().to_owned(),
        account: account(organisation, sent, &mut errors),
        date: fields::day(sent, "Date").unwrap_or_else(|| organisation.today(context.now)),
        amount: fields::number(sent, "Amount")
            .unwrap_or_default()
            .round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero),
        currency_rate: document.as_ref().map_or(Decimal::ONE, |one| one.currency_rate),
        reference: fields::text(sent, "Reference").unwrap_or_default(),
        is_reconciled: fields::flag(sent, "IsReconciled").unwrap_or(false),
        deleted: false,
        updated: context.now,
    };
    if let Some(rate) = fields::number(sent, "CurrencyRate").filter(|rate| !rate.is_zero()) {
        payment.currency_rate = rate;
    }
    check(organisation, context, document.as_ref(), &payment, (&mut errors, &mut warnings));
    if !errors.is_empty() {
        return Outcome { body: refused(sent, &payment), errors, warnings: Vec::new() };
    }
    payment.id = organisation.new_id();
    let kind = payment.kind();
    organisation.payments.put(payment.clone());
    settle::settle(organisation, context, kind, payment.document);
    history::note(organisation, payment.document, "Paid", &payment.amount.to_string(), context);
    let body = render_payment(organisation, context, &payment, true);
    Outcome { body, errors, warnings }
}

fn payment_type(document: &Document) -> &'static str {
    match document.document_type {
        DocumentType::AccPay => "ACCPAYPAYMENT",
        DocumentType::AccRecCredit => "ARCREDITPAYMENT",
        DocumentType::AccPayCredit => "APCREDITPAYMENT",
        _ => "ACCRECPAYMENT",
    }
}

fn account(organisation: &Organisation, sent: &Json, errors: &mut Vec<String>) -> Uuid {
    let named = sent.get("Account");
    let by_id = named.and_then(|one| fields::id(one, "AccountID"));
    let code =
        named.and_then(|one| fields::filled(one, "Code")).or_else(|| fields::filled(sent, "Code"));
    let account = match (by_id, code) {
        (Some(id), _) => organisation.accounts.get(id),
        (None, Some(code)) => organisation.account_by_code(&code),
        (None, None) => None,
    };
    match account.filter(|one| one.status == "ACTIVE") {
        Some(account) if account.takes_payments() => account.id,
        Some(_) => {
            errors.push("Account type is invalid for making a payment to/from".to_owned());
            Uuid::nil()
        }
        None => {
            errors.push("Account must be valid.".to_owned());
            Uuid::nil()
        }
    }
}

fn check(
    organisation: &Organisation,
    context: &Context,
    document: Option<&Document>,
    payment: &Payment,
    (errors, warnings): (&mut Vec<String>, &mut Vec<String>),
) {
    let Some(document) = document else {
        errors.push("Document could not be found".to_owned());
        return;
    };
    if document.status != Status::Authorised {
        errors.push(if document.status == Status::Paid {
            "Payment amount exceeds the amount outstanding on this document".to_owned()
        } else {
            "Payments can only be made against Authorised documents".to_owned()
        });
    } else if payment.amount <= Decimal::ZERO {
        errors.push("Payment amount must be greater than zero".to_owned());
    } else if payment.amount > document.outstanding() {
        errors.push("Payment amount exceeds the amount outstanding on this document".to_owned());
    }
    // An account in a third currency can take neither side of the payment.
    if let Some(account) = organisation.accounts.get(payment.account) {
        let base = &organisation.profile.base_currency;
        let foreign = account.account_type == "BANK" && account.currency != *base;
        if foreign && account.currency != document.currency {
            errors.push("Account type is invalid for making a payment to/from".to_owned());
        }
    }
    errors.extend(locked(organisation, context, payment.date));
    if payment.date < document.date {
        warnings.push("The payment date is prior to the invoice date.".to_owned());
    }
}

/// Deletes a payment; nothing else about it can change.
fn delete(organisation: &mut Organisation, context: &Context, sent: &Json, id: Uuid) -> Outcome {
    let Some(held) = organisation.payments.get(id).cloned() else {
        let payment = nothing(context);
        let errors = vec!["Document could not be found".to_owned()];
        return Outcome { body: refused(sent, &payment), errors, warnings: Vec::new() };
    };
    let wanted = fields::filled(sent, "Status").unwrap_or_default();
    let mut errors = Vec::new();
    if !wanted.eq_ignore_ascii_case("DELETED") {
        errors.push("Payments cannot be edited, only deleted.".to_owned());
    } else if held.deleted {
        errors.push("Payment not of valid status for modification".to_owned());
    }
    errors.extend(locked(organisation, context, held.date));
    if !errors.is_empty() {
        return Outcome { body: refused(sent, &held), errors, warnings: Vec::new() };
    }
    let mut payment = held;
    payment.deleted = true;
    payment.updated = context.now;
    let kind = payment.kind();
    organisation.payments.put(payment.clone());
    settle::settle(organisation, context, kind, payment.document);
    let body = render_payment(organisation, context, &payment, true);
    Outcome { body, errors, warnings: Vec::new() }
}

fn nothing(context: &Context) -> Payment {
    Payment {
        id: Uuid::nil(),
        document: Uuid::nil(),
        is_refund: false,
        payment_type: String::new(),
        account: Uuid::nil(),
        date: context.now.date_naive(),
        amount: Decimal::ZERO,
        currency_rate: Decimal::ONE,
        reference: String::new(),
        is_reconciled: false,
        deleted: false,
        updated: context.now,
    }
}

const fn status(payment: &Payment) -> &'static str {
    if payment.deleted { "DELETED" } else { "AUTHORISED" }
}

fn render_payment(
    organisation: &Organisation,
    context: &Context,
    payment: &Payment,
    whole: bool,
) -> Fields {
    let rate = if payment.deleted { Decimal::ZERO } else { payment.currency_rate };
    let mut out = Fields::default();
    out.put("PaymentID", payment.id)
        .put("Date", day_stamp(payment.date))
        .put("BankAmount", Json::money(bank_amount(organisation, payment)))
        .put("Amount", Json::money(payment.amount))
        .put_text("Reference", &payment.reference)
        .put("CurrencyRate", Json::fixed(rate, 10))
        .put("PaymentType", payment.payment_type.as_str())
        .put("Status", status(payment))
        .put("UpdatedDateUTC", stamp(payment.updated))
        .put("UpdatedDateUTCString", stamp_text(payment.updated))
        .put("HasAccount", true)
        .put("IsReconciled", payment.is_reconciled);
    if let Some(account) = organisation.accounts.get(payment.account) {
        let mut shown = Fields::default();
        shown.put("AccountID", account.id).put_text("Code", &account.code);
        if whole {
            shown.put("Name", account.name.as_str());
        }
        out.put("Account", shown);
    }
    if let Some(document) = organisation.documents(payment.kind()).get(payment.document) {
        let view = if whole { render::View::Written } else { render::View::Short };
        let shown = if whole {
            render::document(organisation, context, document, view)
        } else {
            brief(organisation, document)
        };
        out.put(if payment.is_refund { "CreditNote" } else { "Invoice" }, shown);
    }
    out.put("HasValidationErrors", false);
    out
}

/// The amount in the account's currency.
fn bank_amount(organisation: &Organisation, payment: &Payment) -> Decimal {
    let currency = organisation
        .documents(payment.kind())
        .get(payment.document)
        .map(|one| one.currency.as_str())
        .unwrap_or_default();
    let account = organisation.accounts.get(payment.account);
    let same = account.is_some_and(|one| one.account_type == "BANK" && one.currency == currency);
    if same || payment.currency_rate.is_zero() {
        return payment.amount;
    }
    payment
        .amount
        .checked_div(payment.currency_rate)
        .unwrap_or_default()
        .round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

/// The document on a payment of a list.
fn brief(organisation: &Organisation, document: &Document) -> Fields {
    let contact = document.contact.and_then(|id| organisation.contacts.get(id));
    let mut out = Fields::default();
    if document.document_type.kind() == DocumentKind::Invoice {
        out.put("Type", document.document_type.name())
            .put("InvoiceID", document.id)
            .put("InvoiceNumber", document.number.as_str());
        for list in ["Payments", "CreditNotes", "Prepayments", "Overpayments"] {
            out.put(list, Vec::new());
        }
        out.put("IsDiscounted", false);
    } else {
        out.put("CreditNoteID", document.id)
            .put("CreditNoteNumber", document.number.as_str())
            .put("ID", document.id);
    }
    out.put("HasErrors", false)
        .put_some("Contact", contact.map(super::contacts::render::short))
        .put("LineItems", Vec::new())
        .put("CurrencyCode", document.currency.as_str());
    out
}

/// A refused payment: what was sent.
fn refused(sent: &Json, payment: &Payment) -> Fields {
    let echo =
        |key: &str| sent.get(key).filter(|value| **value != Json::Null).map(fields::without_nulls);
    let mut out = Fields::default();
    out.put("PaymentID", payment.id)
        .put("Date", day_stamp(payment.date))
        .put("Amount", Json::money(payment.amount))
        .put_some("Reference", echo("Reference"))
        .put_some("Status", echo("Status"))
        .put("HasAccount", sent.get("Account").is_some())
        .put_some("Account", echo("Account"))
        .put_some("Invoice", echo("Invoice"))
        .put_some("CreditNote", echo("CreditNote"))
        .put("HasValidationErrors", true);
    out
}
