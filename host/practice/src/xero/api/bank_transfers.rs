//! `/BankTransfers`: money between two bank accounts, with its two bank transactions.

use rust_decimal::{Decimal, RoundingStrategy};
use uuid::Uuid;

use super::super::arithmetic::{LineAmountTypes, Totals};
use super::super::call::{Call, Reply};
use super::super::clock::{day_stamp, day_text, stamp};
use super::super::json::{Fields, Json};
use super::super::model::chart::Account;
use super::super::model::document::{Document, DocumentKind, DocumentType};
use super::super::model::organisation::Organisation;
use super::super::model::posting::BankTransfer;
use super::documents::{blank, locked};
use super::list::{Row, select};
use super::{Context, Outcome, fields, history, write_all};

impl Row for BankTransfer {
    fn id(&self) -> Uuid {
        self.id
    }

    fn updated(&self) -> chrono::DateTime<chrono::Utc> {
        self.created
    }

    fn date(&self) -> Option<chrono::NaiveDate> {
        Some(self.date)
    }
}

pub(super) fn answer(
    organisation: &mut Organisation,
    context: &Context,
    call: &Call,
    rest: &[&str],
) -> Reply {
    let id: Option<Uuid> = rest
        .first()
        .and_then(|id| id.parse().ok())
        .filter(|id| organisation.bank_transfers.get(*id).is_some());
    match (call.method.as_str(), rest) {
        ("GET", []) => list(organisation, context, call),
        ("GET", [_]) => match id.and_then(|id| organisation.bank_transfers.get(id)) {
            Some(one) => {
                let body = render(organisation, one, true);
                context.envelope("BankTransfers", vec![body.into()], None)
            }
            None => Reply::not_found(),
        },
        ("PUT", []) => write_all(organisation, context, call, "BankTransfers", |books, sent| {
            create(books, context, sent)
        }),
        (_, [_, word]) if word.eq_ignore_ascii_case("history") => {
            history::answer(organisation, context, call, id)
        }
        _ => Reply::empty(405),
    }
}

fn list(organisation: &Organisation, context: &Context, call: &Call) -> Reply {
    let value = |one: &BankTransfer, field: &str| {
        Some(match field.to_ascii_lowercase().as_str() {
            "banktransferid" => one.id.to_string(),
            "reference" => one.reference.clone(),
            _ => return None,
        })
    };
    match select(organisation.bank_transfers.iter(), call, context, false, value) {
        Ok(listed) => {
            let list =
                listed.rows.into_iter().map(|one| render(organisation, one, true).into()).collect();
            context.envelope("BankTransfers", list, None)
        }
        Err(reply) => *reply,
    }
}

fn account(organisation: &Organisation, sent: &Json, key: &str) -> Option<Account> {
    let named = sent.get(key)?;
    let account = match (fields::id(named, "AccountID"), fields::filled(named, "Code")) {
        (Some(id), _) => organisation.accounts.get(id),
        (None, Some(code)) => organisation.account_by_code(&code),
        (None, None) => None,
    };
    account.filter(|one| one.account_type == "BANK" && one.status == "ACTIVE").cloned()
}

fn create(organisation: &mut Organisation, context: &Context, sent: &Json) -> Outcome {
    let mut errors = Vec::new();
    let from = account(organisation, sent, "FromBankAccount");
    let to = account(organisation, sent, "ToBankAccount");
    let amount = fields::number(sent, "Amount")
        .unwrap_or_default()
        .round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    let date = fields::day(sent, "Date").unwrap_or_else(|| organisation.today(context.now));
    if amount <= Decimal::ZERO {
        errors.push("Amount must be greater than zero".to_owned());
    }
    match (&from, &to) {
        (Some(from), Some(to)) if from.id == to.id => {
            errors.push("The bank accounts must differ.".to_owned());
        }
        (Some(from), Some(to)) if from.currency != to.currency => {
            errors.push("The bank accounts must be in the same currency.".to_owned());
        }
        (Some(_), Some(_)) => {}
        _ => errors.push("The bank account is not valid.".to_owned()),
    }
    errors.extend(locked(organisation, context, date));
    let mut transfer = BankTransfer {
        id: Uuid::nil(),
        from_account: from.as_ref().map(|one| one.id).unwrap_or_default(),
        to_account: to.as_ref().map(|one| one.id).unwrap_or_default(),
        transactions: (Uuid::nil(), Uuid::nil()),
        amount,
        date,
        reference: fields::text(sent, "Reference").unwrap_or_default(),
        created: context.now,
    };
    if let (true, Some(from), Some(to)) = (errors.is_empty(), from, to) {
        transfer.id = organisation.new_id();
        transfer.transactions = (
            side(organisation, context, &transfer, DocumentType::SpendTransfer, &from),
            side(organisation, context, &transfer, DocumentType::ReceiveTransfer, &to),
        );
        organisation.bank_transfers.put(transfer.clone());
    }
    let accepted = errors.is_empty();
    Outcome { body: render(organisation, &transfer, accepted), errors, warnings: Vec::new() }
}

/// One of the two bank transactions of a transfer.
fn side(
    organisation: &mut Organisation,
    context: &Context,
    transfer: &BankTransfer,
    document_type: DocumentType,
    account: &Account,
) -> Uuid {
    let id = organisation.new_id();
    let mut document: Document = blank(organisation, context, DocumentKind::BankTransaction);
    document.id = id;
    document.document_type = document_type;
    document.date = transfer.date;
    document.reference.clone_from(&transfer.reference);
    document.bank_account = Some(account.id);
    document.currency.clone_from(&account.currency);
    document.line_amount_types = LineAmountTypes::NoTax;
    document.totals =
        Totals { sub_total: transfer.amount, total_tax: Decimal::ZERO, total: transfer.amount };
    organisation.bank_transactions.put(document);
    id
}

fn render(organisation: &Organisation, transfer: &BankTransfer, accepted: bool) -> Fields {
    let account = |id: Uuid| {
        let account = organisation.accounts.get(id)?;
        let mut out = Fields::default();
        out.put("AccountID", account.id)
            .put_text("Code", &account.code)
            .put("Name", account.name.as_str());
        Some(out)
    };
    let mut out = Fields::default();
    out.put("BankTransferID", transfer.id);
    if accepted {
        out.put("CreatedDateUTC", stamp(transfer.created));
    }
    out.put("DateString", day_text(transfer.date))
        .put("Date", day_stamp(transfer.date))
        .put_some("FromBankAccount", account(transfer.from_account))
        .put_some("ToBankAccount", account(transfer.to_account))
        .put("Amount", Json::money(transfer.amount));
    if accepted {
        out.put("FromBankTransactionID", transfer.transactions.0)
            .put("ToBankTransactionID", transfer.transactions.1)
            .put("FromIsReconciled", false)
            .put("ToIsReconciled", false)
            .put_text("Reference", &transfer.reference)
            .put("CurrencyRate", Json::fixed(Decimal::ONE, 10))
            .put("HasAttachments", false);
    }
    out
}
