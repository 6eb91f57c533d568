//! A practice Stripe: payouts and balance transactions as API version 2024-06-20 answers them
//! (docs.stripe.com/api, payouts, balance transactions and errors).

mod list;
mod object;

use std::sync::Arc;

use serde_json::{Value, json};
use subtle::ConstantTimeEq as _;

use super::desk::{self, Answer, Call};
use super::ledger::{Account, Gateway};
use super::{Gateways, ledger};
use list::List;

/// The key of the practice account; it opens nothing else.
pub(super) const SECRET_KEY: &str = "sk_test_practice000000000000";

/// Answers for Stripe.
#[derive(Debug)]
pub(super) struct Clerk(pub(super) Arc<Gateways>);

impl desk::Clerk for Clerk {
    fn answer(&self, call: &Call) -> Answer {
        self.work(call).unwrap_or_else(|refusal| refusal)
    }

    fn refuse(&self, status: u16) -> Answer {
        match status {
            401 => error(401, "Expired API Key provided.", json!({"code": "api_key_expired"})),
            429 => error(429, "Request rate limit exceeded.", json!({"code": "rate_limit"})),
            status => {
                let body = json!({"message": "An unknown error occurred.", "type": "api_error"});
                Answer { status, body: json!({"error": body}) }
            }
        }
    }
}

impl Clerk {
    fn work(&self, call: &Call) -> Result<Answer, Answer> {
        sign_in(call)?;
        let unknown = || {
            let message = format!("Unrecognized request URL ({}: {}).", call.method, call.path);
            error(404, &message, json!({}))
        };
        let account = self.0.account(Gateway::Stripe).ok_or_else(unknown)?;
        let segments: Vec<&str> = call.path.split('/').filter(|part| !part.is_empty()).collect();
        let body = match segments.as_slice() {
            _ if call.method != "GET" => return Err(unknown()),
            ["v1", "payouts"] => payouts(account, call)?,
            ["v1", "payouts", id] => object::payout(account, find_payout(account, id, "payout")?),
            ["v1", "balance_transactions"] => transactions(account, call)?,
            ["v1", "balance_transactions", id] => {
                let all = object::transactions(account, account.entries.iter(), &account.payouts);
                let found = all.into_iter().find(|item| item.get("id") == Some(&json!(id)));
                found.ok_or_else(|| missing(404, "balance transaction", id, "id"))?
            }
            _ => return Err(unknown()),
        };
        Ok(Answer { status: 200, body })
    }
}

fn sign_in(call: &Call) -> Result<(), Answer> {
    let key = call.bearer().map(str::to_owned).or_else(|| call.basic().map(|(user, _)| user));
    let Some(key) = key else {
        return Err(error(401, "No API key was provided.", json!({})));
    };
    if bool::from(key.as_bytes().ct_eq(SECRET_KEY.as_bytes())) {
        return Ok(());
    }
    let shown: String = key.chars().take(8).collect();
    Err(error(401, &format!("Invalid API Key provided: {shown}****"), json!({})))
}

fn payouts(account: &Account, call: &Call) -> Result<Value, Answer> {
    let list = List::read(&call.query)?;
    let items = account.payouts.iter().map(|payout| object::payout(account, payout));
    let wanted = |item: &Value| {
        let status = call.query.get("status");
        status.is_none_or(|status| item.get("status") == Some(&json!(status)))
            && list.within(item, "created")
            && list.within(item, "arrival_date")
    };
    list.cut(items.filter(wanted).collect(), "payout", "/v1/payouts")
}

fn transactions(account: &Account, call: &Call) -> Result<Value, Answer> {
    let list = List::read(&call.query)?;
    let items = match call.query.get("payout") {
        Some(id) => {
            let payout = find_payout(account, id, "payout")?;
            object::transactions(account, account.entries_of(id), std::slice::from_ref(payout))
        }
        None => object::transactions(account, account.entries.iter(), &account.payouts),
    };
    let wanted = |item: &Value| {
        let same = |name: &str| {
            call.query.get(name).is_none_or(|text| item.get(name) == Some(&json!(text)))
        };
        same("type") && same("currency") && list.within(item, "created")
    };
    let items = items.into_iter().filter(wanted).collect();
    let mut page = list.cut(items, "balance transaction", "/v1/balance_transactions")?;
    let expanded = call.query.list("expand");
    if expanded.iter().any(|path| path == "data.source")
        && let Some(rows) = page.get_mut("data").and_then(Value::as_array_mut)
    {
        for row in rows {
            object::expand_source(account, row);
        }
    }
    Ok(page)
}

fn find_payout<'a>(
    account: &'a Account,
    id: &str,
    param: &str,
) -> Result<&'a ledger::Payout, Answer> {
    account.payout(id).ok_or_else(|| missing(404, "payout", id, param))
}

/// Stripe's answer for an id that does not exist.
fn missing(status: u16, what: &str, id: &str, param: &str) -> Answer {
    let more = json!({"code": "resource_missing", "param": param});
    error(status, &format!("No such {what}: '{id}'"), more)
}

/// Stripe's error envelope for what the caller did wrong.
fn error(status: u16, message: &str, more: Value) -> Answer {
    let mut error = json!({"message": message, "type": "invalid_request_error"});
    if let (Some(fields), Value::Object(more)) = (error.as_object_mut(), more) {
        fields.extend(more);
    }
    Answer { status, body: json!({"error": error}) }
}
