//! `/Accounts`: read all or one, create one, change, archive or delete one.

use uuid::Uuid;

use super::super::call::{Call, Reply};
use super::super::clock::stamp;
use super::super::json::{Fields, Json};
use super::super::model::chart::{Account, class_of};
use super::super::model::organisation::Organisation;
use super::list::{Row, select};
use super::{Context, Outcome, elements, fields, write_all};

impl Row for Account {
    fn id(&self) -> Uuid {
        self.id
    }

    fn updated(&self) -> chrono::DateTime<chrono::Utc> {
        self.updated
    }

    fn name(&self) -> String {
        self.name.clone()
    }
}

pub(super) fn answer(
    organisation: &mut Organisation,
    context: &Context,
    call: &Call,
    rest: &[&str],
) -> Reply {
    match (call.method.as_str(), rest) {
        ("GET", []) => list(organisation, context, call),
        ("GET", [id]) => match find(organisation, id) {
            Some(account) => context.envelope("Accounts", vec![render(account, true).into()], None),
            None => Reply::not_found(),
        },
        ("PUT", []) => {
            // One account a request (section 1.3).
            if elements(call, "Accounts", &context.unknowns).is_ok_and(|list| list.len() > 1) {
                return Reply::bad_post_data("only one account can be created a request");
            }
            write_all(organisation, context, call, "Accounts", |books, element| {
                write(books, context, element, None)
            })
        }
        ("POST", [] | [_]) => {
            let id = rest.first().and_then(|id| find(organisation, id)).map(|one| one.id);
            if id.is_none() && !rest.is_empty() {
                return Reply::not_found();
            }
            write_all(organisation, context, call, "Accounts", |books, element| {
                write(books, context, element, id.or_else(|| fields::id(element, "AccountID")))
            })
        }
        ("DELETE", [id]) => delete(organisation, context, id),
        _ => Reply::empty(405),
    }
}

fn list(organisation: &Organisation, context: &Context, call: &Call) -> Reply {
    let shown = organisation.accounts.iter().filter(|one| one.status != "DELETED");
    let value = |one: &Account, field: &str| {
        Some(match field.to_ascii_lowercase().as_str() {
            "code" => one.code.clone(),
            "name" => one.name.clone(),
            "type" => one.account_type.clone(),
            "status" => one.status.clone(),
            "class" => one.class().to_owned(),
            "systemaccount" => one.system_account.clone(),
            "accountid" => one.id.to_string(),
            "enablepaymentstoaccount" => one.enable_payments.to_string(),
            _ => return None,
        })
    };
    match select(shown, call, context, false, value) {
        Ok(mut listed) => {
            if call.param("order").is_none() {
                listed.rows.sort_by_key(|one| one.code.clone());
            }
            let list = listed.rows.into_iter().map(|one| render(one, true).into()).collect();
            context.envelope("Accounts", list, None)
        }
        Err(reply) => *reply,
    }
}

fn find<'a>(organisation: &'a Organisation, id: &str) -> Option<&'a Account> {
    organisation.accounts.get(id.parse().ok()?)
}

fn delete(organisation: &mut Organisation, context: &Context, id: &str) -> Reply {
    let Some(id) = find(organisation, id).map(|one| one.id) else { return Reply::not_found() };
    let used = is_used(organisation, id);
    let Some(account) = organisation.accounts.get_mut(id) else { return Reply::not_found() };
    if used || !account.system_account.is_empty() {
        return Reply::exception(10, "ValidationException", "Account cannot be deleted.");
    }
    "DELETED".clone_into(&mut account.status);
    account.updated = context.now;
    context.envelope("Accounts", vec![render(account, false).into()], None)
}

fn is_used(organisation: &Organisation, id: Uuid) -> bool {
    let documents = organisation
        .invoices
        .iter()
        .chain(&organisation.credit_notes)
        .chain(&organisation.bank_transactions);
    documents.into_iter().any(|one| {
        one.bank_account == Some(id) || one.lines.iter().any(|line| line.account_id == Some(id))
    }) || organisation.payments.iter().any(|one| one.account == id)
}

fn write(
    organisation: &mut Organisation,
    context: &Context,
    element: &Json,
    id: Option<Uuid>,
) -> Outcome {
    let held = id.and_then(|id| organisation.accounts.get(id)).cloned();
    let mut errors = Vec::new();
    if held.is_none() && id.is_some() {
        errors.push("Account could not be found".to_owned());
    }
    let is_new = held.is_none();
    let mut account = held.unwrap_or_else(|| blank(context));
    overlay(&mut account, element);
    check(organisation, &account, is_new, &mut errors);
    if account.tax_type.is_empty() {
        account.tax_type = default_tax(organisation, account.class());
    }
    if account.account_type == "BANK" && account.currency.is_empty() {
        account.currency.clone_from(&organisation.profile.base_currency);
    }
    if errors.is_empty() {
        if is_new {
            account.id = organisation.new_id();
        }
        account.updated = context.now;
        organisation.accounts.put(account.clone());
    }
    Outcome { body: render(&account, false), errors, warnings: Vec::new() }
}

fn overlay(account: &mut Account, element: &Json) {
    let set = |key: &str, place: &mut String| {
        if let Some(text) = fields::text(element, key) {
            text.trim().clone_into(place);
        }
    };
    set("Code", &mut account.code);
    set("Name", &mut account.name);
    set("Type", &mut account.account_type);
    set("Status", &mut account.status);
    set("TaxType", &mut account.tax_type);
    set("Description", &mut account.description);
    set("BankAccountNumber", &mut account.bank_account_number);
    set("BankAccountType", &mut account.bank_account_type);
    set("CurrencyCode", &mut account.currency);
    account.account_type.make_ascii_uppercase();
    account.status.make_ascii_uppercase();
    if let Some(flag) = fields::flag(element, "EnablePaymentsToAccount") {
        account.enable_payments = flag;
    }
    if let Some(flag) = fields::flag(element, "ShowInExpenseClaims") {
        account.show_in_expense_claims = flag;
    }
}

fn check(organisation: &Organisation, account: &Account, is_new: bool, errors: &mut Vec<String>) {
    let other = |wanted: &dyn Fn(&Account) -> bool| {
        organisation
            .accounts
            .iter()
            .any(|one| one.id != account.id && one.status != "DELETED" && wanted(one))
    };
    if account.name.is_empty() || other(&|one| one.name.eq_ignore_ascii_case(&account.name)) {
        errors.push("Please enter a unique Name.".to_owned());
    }
    let bank = account.account_type == "BANK";
    let code_taken =
        !account.code.is_empty() && other(&|one| one.code.eq_ignore_ascii_case(&account.code));
    if code_taken || account.code.is_empty() && !bank || account.code.chars().count() > 10 {
        errors.push("Please enter a unique Code.".to_owned());
    }
    if class_of(&account.account_type).is_none() {
        errors.push("Account type must be valid.".to_owned());
    }
    if is_new && bank && account.bank_account_number.is_empty() {
        errors.push("BankAccountNumber must be specified".to_owned());
    }
    if !account.tax_type.is_empty() && organisation.tax_rate(&account.tax_type).is_none() {
        errors.push(format!(
            "The TaxType code {} does not exist or cannot be used for this type of transaction.",
            account.tax_type
        ));
    }
    if account.status == "ARCHIVED" && !account.system_account.is_empty() {
        errors.push("System accounts cannot be archived.".to_owned());
    }
}

/// The tax type that most accounts of a class have.
fn default_tax(organisation: &Organisation, class: &str) -> String {
    let alike = match class {
        "REVENUE" => "200",
        "EXPENSE" => "429",
        _ => "610",
    };
    organisation.account_by_code(alike).map(|one| one.tax_type.clone()).unwrap_or_default()
}

fn blank(context: &Context) -> Account {
    Account {
        id: Uuid::nil(),
        code: String::new(),
        name: String::new(),
        status: "ACTIVE".to_owned(),
        account_type: String::new(),
        tax_type: String::new(),
        description: String::new(),
        system_account: String::new(),
        enable_payments: false,
        show_in_expense_claims: false,
        bank_account_number: String::new(),
        bank_account_type: String::new(),
        currency: String::new(),
        updated: context.now,
    }
}

fn render(account: &Account, read: bool) -> Fields {
    let bank = account.account_type == "BANK";
    let (reporting, reporting_name) = reporting(account);
    let mut out = Fields::default();
    out.put("AccountID", account.id)
        .put_text("Code", &account.code)
        .put("Name", account.name.as_str())
        .put("Status", account.status.as_str())
        .put("Type", account.account_type.as_str())
        .put("TaxType", account.tax_type.as_str())
        .put_text("Description", &account.description)
        .put("Class", account.class())
        .put_text("SystemAccount", &account.system_account)
        .put("EnablePaymentsToAccount", account.enable_payments)
        .put("ShowInExpenseClaims", account.show_in_expense_claims);
    if bank {
        out.put("BankAccountNumber", account.bank_account_number.as_str())
            .put("BankAccountType", account.bank_account_type.as_str())
            .put("CurrencyCode", account.currency.as_str());
    } else if read {
        out.put("BankAccountType", "");
    }
    out.put("ReportingCode", reporting).put("ReportingCodeName", reporting_name);
    if read {
        out.put("HasAttachments", false);
    }
    out.put("UpdatedDateUTC", stamp(account.updated));
    if read {
        out.put("AddToWatchlist", false);
    }
    out
}

fn reporting(account: &Account) -> (&'static str, &'static str) {
    match account.class() {
        "ASSET" => ("ASS", "Asset"),
        "EQUITY" => ("EQU", "Equity"),
        "LIABILITY" => ("LIA", "Liability"),
        "REVENUE" => ("REV", "Revenue"),
        _ => ("EXP", "Expense"),
    }
}
