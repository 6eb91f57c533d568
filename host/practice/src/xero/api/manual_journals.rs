//! `/ManualJournals`: debits equal credits, and neither receivables nor banks (section 3.6).

use rust_decimal::{Decimal, RoundingStrategy};
use uuid::Uuid;

use super::super::arithmetic::{LineAmountTypes, Rounding};
use super::super::call::{Call, Reply};
use super::super::clock::{day_stamp, stamp};
use super::super::json::{Fields, Json};
use super::super::model::organisation::Organisation;
use super::super::model::posting::{JournalLine, ManualJournal};
use super::documents::{locked, read_tracking, render::tracking};
use super::list::{Row, select};
use super::{Context, Outcome, fields, history, write_all};

impl Row for ManualJournal {
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

pub(super) fn answer(
    organisation: &mut Organisation,
    context: &Context,
    call: &Call,
    rest: &[&str],
) -> Reply {
    let id: Option<Uuid> = rest
        .first()
        .and_then(|id| id.parse().ok())
        .filter(|id| organisation.manual_journals.get(*id).is_some());
    match (call.method.as_str(), rest) {
        ("GET", []) => list(organisation, context, call),
        ("PUT" | "POST", []) => {
            write_all(organisation, context, call, "ManualJournals", |books, sent| {
                write(books, context, sent, None)
            })
        }
        (_, [_, word]) if word.eq_ignore_ascii_case("history") => {
            history::answer(organisation, context, call, id)
        }
        (_, [_]) if id.is_none() => Reply::not_found(),
        ("GET", [_]) => {
            let journal = id.and_then(|id| organisation.manual_journals.get(id));
            let list = journal.map(|one| render(organisation, one, true).into());
            context.envelope("ManualJournals", list.into_iter().collect(), None)
        }
        ("POST", [_]) => write_all(organisation, context, call, "ManualJournals", |books, sent| {
            write(books, context, sent, id)
        }),
        _ => Reply::empty(405),
    }
}

fn list(organisation: &Organisation, context: &Context, call: &Call) -> Reply {
    let value = |one: &ManualJournal, field: &str| {
        Some(match field.to_ascii_lowercase().as_str() {
            "manualjournalid" => one.id.to_string(),
            "status" => one.status.clone(),
            "narration" => one.narration.clone(),
            _ => return None,
        })
    };
    match select(organisation.manual_journals.iter(), call, context, true, value) {
        Ok(listed) => {
            let whole = listed.pagination.is_some();
            let list = listed
                .rows
                .into_iter()
                .map(|one| render(organisation, one, whole).into())
                .collect();
            context.envelope("ManualJournals", list, listed.pagination)
        }
        Err(reply) => *reply,
    }
}

fn write(
    organisation: &mut Organisation,
    context: &Context,
    sent: &Json,
    target: Option<Uuid>,
) -> Outcome {
    let id = target.or_else(|| fields::id(sent, "ManualJournalID"));
    let held = id
        .filter(|_| !context.create_only)
        .and_then(|id| organisation.manual_journals.get(id))
        .cloned();
    let is_new = held.is_none();
    let mut errors = Vec::new();
    let mut journal = held.clone().unwrap_or_else(|| blank(organisation, context));
    let wanted = fields::filled(sent, "Status").map(|text| text.to_ascii_uppercase());
    let to = wanted.unwrap_or_else(|| journal.status.clone());
    if !may_become(held.as_ref().map(|one| one.status.as_str()), &to) {
        errors.push("Manual journal not of valid status for modification".to_owned());
    }
    journal.status = to;
    if !matches!(journal.status.as_str(), "VOIDED" | "DELETED") {
        overlay(organisation, context, &mut journal, sent, &mut errors);
        check(&journal, &mut errors);
    }
    for date in held.iter().map(|one| one.date).chain([journal.date]) {
        let message = locked(organisation, context, date);
        errors.extend(message.filter(|message| !errors.contains(message)));
    }
    if errors.is_empty() {
        if is_new {
            journal.id = organisation.new_id();
        }
        journal.updated = context.now;
        organisation.manual_journals.put(journal.clone());
    }
    Outcome { body: render(organisation, &journal, true), errors, warnings: Vec::new() }
}

fn may_become(from: Option<&str>, to: &str) -> bool {
    match from {
        None => matches!(to, "DRAFT" | "POSTED"),
        Some("DRAFT") => matches!(to, "DRAFT" | "POSTED" | "DELETED"),
        Some("POSTED") => matches!(to, "POSTED" | "VOIDED"),
        Some(_) => false,
    }
}

fn blank(organisation: &Organisation, context: &Context) -> ManualJournal {
    ManualJournal {
        id: Uuid::nil(),
        narration: String::new(),
        date: organisation.today(context.now),
        status: "DRAFT".to_owned(),
        line_amount_types: LineAmountTypes::NoTax,
        url: String::new(),
        show_on_cash_basis: true,
        lines: Vec::new(),
        updated: context.now,
    }
}

fn overlay(
    organisation: &Organisation,
    context: &Context,
    journal: &mut ManualJournal,
    sent: &Json,
    errors: &mut Vec<String>,
) {
    if let Some(text) = fields::text(sent, "Narration") {
        journal.narration = text;
    }
    if let Some(date) = fields::day(sent, "Date") {
        journal.date = date;
    }
    if let Some(text) = fields::filled(sent, "Url") {
        journal.url = text;
    }
    if let Some(flag) = fields::flag(sent, "ShowOnCashBasisReports") {
        journal.show_on_cash_basis = flag;
    }
    if let Some(text) = fields::filled(sent, "LineAmountTypes") {
        match LineAmountTypes::read(&text) {
            Some(types) => journal.line_amount_types = types,
            None => errors.push("LineAmountTypes must be valid.".to_owned()),
        }
    }
    let lines = sent.get("JournalLines").map(Json::items).unwrap_or_default();
    if !lines.is_empty() {
        let types = journal.line_amount_types;
        journal.lines = lines
            .iter()
            .map(|line| read_line(organisation, context, types, line, errors))
            .collect();
    }
}

fn read_line(
    organisation: &Organisation,
    context: &Context,
    types: LineAmountTypes,
    sent: &Json,
    errors: &mut Vec<String>,
) -> JournalLine {
    let code = fields::filled(sent, "AccountCode");
    let account = match (&code, fields::id(sent, "AccountID")) {
        (Some(code), _) => organisation.account_by_code(code),
        (None, Some(id)) => organisation.accounts.get(id),
        (None, None) => None,
    };
    let account = account.filter(|one| {
        one.status == "ACTIVE" && one.takes_lines() && one.account_type != "INVENTORY"
    });
    if account.is_none() {
        let shown = code.clone().unwrap_or_default();
        errors.push(format!("Account code '{shown}' is not a valid code for this document."));
    }
    let amount = fields::number(sent, "LineAmount")
        .unwrap_or_default()
        .round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    let sent_tax = fields::filled(sent, "TaxType");
    let own = match types {
        LineAmountTypes::NoTax => None,
        _ => account.map(|one| one.tax_type.clone()),
    };
    let tax_type = sent_tax.or(own).unwrap_or_else(|| "NONE".to_owned());
    let rate = organisation.tax_rate(&tax_type).filter(|rate| rate.status == "ACTIVE");
    if rate.is_none() && tax_type != "NONE" {
        errors.push(format!(
            "The TaxType code {tax_type} does not exist or cannot be used for this type of \
             transaction."
        ));
    }
    let percent =
        rate.map(|rate| rate.line_rate(context.unknowns.compound_rate)).unwrap_or_default();
    let rounding = Rounding::new(&context.unknowns, &organisation.profile.base_currency, 2);
    JournalLine {
        description: fields::text(sent, "Description").unwrap_or_default(),
        line_amount: amount,
        tax_type,
        tax_amount: rounding.tax(amount, percent, types).unwrap_or_default(),
        account_code: account.map(|one| one.code.clone()).or(code).unwrap_or_default(),
        account_id: account.map(|one| one.id).unwrap_or_default(),
        tracking: sent
            .get("Tracking")
            .map(|list| read_tracking(organisation, context, list, errors))
            .unwrap_or_default(),
    }
}

fn check(journal: &ManualJournal, errors: &mut Vec<String>) {
    if journal.narration.trim().is_empty() {
        errors.push("Narration must be specified".to_owned());
    }
    if journal.lines.len() < 2 {
        errors.push("At least two journal lines must be specified".to_owned());
    }
    let gross = |line: &JournalLine| match journal.line_amount_types {
        LineAmountTypes::Exclusive => line.line_amount + line.tax_amount,
        LineAmountTypes::Inclusive | LineAmountTypes::NoTax => line.line_amount,
    };
    let (mut debits, mut credits) = (Decimal::ZERO, Decimal::ZERO);
    for amount in journal.lines.iter().map(gross) {
        if amount.is_sign_negative() {
            credits += amount;
        } else {
            debits += amount;
        }
    }
    if debits + credits != Decimal::ZERO {
        let shown = |amount| Json::money(amount).to_string();
        errors.push(format!(
            "The total debits ({}) must equal total credits ({})",
            shown(debits),
            shown(credits)
        ));
    }
}

fn render(organisation: &Organisation, journal: &ManualJournal, whole: bool) -> Fields {
    let lines = journal.lines.iter().filter(|_| whole).map(|line| {
        let mut out = Fields::default();
        out.put_text("Description", &line.description)
            .put("TaxType", line.tax_type.as_str())
            .put("TaxAmount", Json::money(line.tax_amount))
            .put("LineAmount", Json::money(line.line_amount))
            .put("AccountCode", line.account_code.as_str())
            .put("Tracking", tracking(organisation, &line.tracking));
        if !line.account_id.is_nil() {
            out.put("AccountID", line.account_id);
        }
        out.put("IsBlank", false);
        Json::from(out)
    });
    let mut out = Fields::default();
    out.put("Date", day_stamp(journal.date))
        .put("Status", journal.status.as_str())
        .put("LineAmountTypes", journal.line_amount_types.name())
        .put("UpdatedDateUTC", stamp(journal.updated))
        .put("ManualJournalID", journal.id)
        .put("Narration", journal.narration.as_str())
        .put_text("Url", &journal.url)
        .put("JournalLines", lines.collect::<Vec<_>>())
        .put("ShowOnCashBasisReports", journal.show_on_cash_basis)
        .put("HasAttachments", false);
    out
}
