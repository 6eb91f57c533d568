//! A practice PayPal: OAuth and Transaction Search v1
//! (developer.paypal.com/docs/api/transaction-search/v1).

mod row;

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};
use subtle::ConstantTimeEq as _;

use super::Gateways;
use super::desk::{self, Answer, Call};
use super::ledger::Gateway;
use crate::shop::generate::dice::Dice;

/// Id and secret of the practice app; they open nothing else.
pub(super) const CLIENT: (&str, &str) = ("practice-paypal-client", "practice-paypal-secret");
/// Seconds a token is said to last.
const TOKEN_SECS: u32 = 32_400;
/// Most days of one call.
const DAYS_MAX: i64 = 31;
/// Rows of a page when not said, and most.
const PAGE_SIZE: (usize, usize) = (100, 500);
/// Most rows of one search; more are refused.
const ITEMS_MAX: usize = 10_000;

/// Answers for PayPal.
#[derive(Debug)]
pub(super) struct Clerk {
    gateways: Arc<Gateways>,
    tokens: Mutex<Vec<String>>,
}

impl desk::Clerk for Clerk {
    fn answer(&self, call: &Call) -> Answer {
        let done = match (call.method.as_str(), call.path.as_str()) {
            ("POST", "/v1/oauth2/token") => self.grant(call),
            ("GET", "/v1/reporting/transactions") => self.search(call),
            _ => Err(error(404, "RESOURCE_NOT_FOUND", "There is nothing at this address.", &[])),
        };
        done.unwrap_or_else(|refusal| refusal)
    }

    fn refuse(&self, status: u16) -> Answer {
        match status {
            401 => invalid_token(),
            429 => error(429, "RATE_LIMIT_REACHED", "Too many requests.", &[]),
            status => error(status, "INTERNAL_SERVER_ERROR", "The server failed.", &[]),
        }
    }
}

impl Clerk {
    /// Starts without a token given out.
    pub(super) const fn new(gateways: Arc<Gateways>) -> Self {
        Self { gateways, tokens: Mutex::new(Vec::new()) }
    }

    fn grant(&self, call: &Call) -> Result<Answer, Answer> {
        let same = |one: &str, other: &str| bool::from(one.as_bytes().ct_eq(other.as_bytes()));
        let known =
            call.basic().is_some_and(|(id, secret)| same(&id, CLIENT.0) && same(&secret, CLIENT.1));
        if !known {
            let body = json!({
                "error": "invalid_client",
                "error_description": "Client Authentication failed",
            });
            return Err(Answer { status: 401, body });
        }
        if call.form.get("grant_type") != Some("client_credentials") {
            let body = json!({
                "error": "unsupported_grant_type",
                "error_description": "Grant Type is NULL or unknown",
            });
            return Err(Answer { status: 400, body });
        }
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let given = u64::try_from(tokens.len()).unwrap_or_default();
        let token = format!("A21AA{}", Dice::new(given).letters(40));
        tokens.push(token.clone());
        let body = json!({
            "scope": "https://uri.paypal.com/services/reporting/search/read",
            "access_token": token,
            "token_type": "Bearer",
            "app_id": "APP-80W284485P519543T",
            "expires_in": TOKEN_SECS,
        });
        Ok(Answer { status: 200, body })
    }

    fn admit(&self, call: &Call) -> Result<(), Answer> {
        let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let known = |token: &str| tokens.iter().any(|given| given == token);
        if call.bearer().is_some_and(known) { Ok(()) } else { Err(invalid_token()) }
    }

    fn search(&self, call: &Call) -> Result<Answer, Answer> {
        self.admit(call)?;
        let (start, end) = period(call)?;
        let (page, size) = (number(call, "page", 1, usize::MAX)?, page_size(call)?);
        let account = self.gateways.account(Gateway::PayPal);
        let rows = account.map(row::rows).unwrap_or_default();
        let all = call.query.list("fields").iter().any(|field| field == "all");
        let rows: Vec<Value> = rows
            .into_iter()
            .filter(|row| row.at >= start && row.at <= end)
            .filter(|row| call.query.get("transaction_type").is_none_or(|code| code == row.code))
            .filter(|row| call.query.get("transaction_id").is_none_or(|id| id == row.id))
            .map(|row| row.print(all))
            .collect();
        if rows.len() > ITEMS_MAX {
            let message = "Result set size is over the maximum limit.";
            return Err(error(400, "RESULTSET_TOO_LARGE", message, &[]));
        }
        let total = rows.len();
        let pages = total.div_ceil(size);
        let details: Vec<Value> =
            rows.into_iter().skip((page - 1).saturating_mul(size)).take(size).collect();
        let body = json!({
            "transaction_details": details,
            "account_number": "PRACTICE00001",
            "start_date": row::print_moment(start),
            "end_date": row::print_moment(end),
            "last_refreshed_datetime": row::print_moment(self.gateways.closed_at),
            "page": page,
            "total_items": total,
            "total_pages": pages,
            "links": [{"href": call.path, "rel": "self", "method": "GET"}],
        });
        Ok(Answer { status: 200, body })
    }
}

/// Reads the period, both ends within.
fn period(call: &Call) -> Result<(DateTime<Utc>, DateTime<Utc>), Answer> {
    let date = |name: &str| {
        let text = call.query.get(name).unwrap_or_default().replace(' ', "+");
        let read = DateTime::parse_from_rfc3339(&text)
            .or_else(|_| DateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M:%S%.f%z"));
        read.map(|moment| moment.to_utc())
            .map_err(|_| invalid(name, "The date is missing or not in the format of RFC 3339."))
    };
    let (start, end) = (date("start_date")?, date("end_date")?);
    if end < start {
        return Err(invalid("end_date", "The end lies before the start."));
    }
    if end - start > Duration::days(DAYS_MAX) {
        return Err(invalid("end_date", "The period is longer than 31 days."));
    }
    Ok((start, end))
}

fn page_size(call: &Call) -> Result<usize, Answer> {
    number(call, "page_size", PAGE_SIZE.0, PAGE_SIZE.1)
}

fn number(call: &Call, name: &str, unsaid: usize, max: usize) -> Result<usize, Answer> {
    let Some(text) = call.query.get(name) else { return Ok(unsaid) };
    let number = text.parse::<usize>().ok().filter(|number| (1..=max).contains(number));
    number.ok_or_else(|| invalid(name, "The value is out of range."))
}

fn invalid(field: &str, issue: &str) -> Answer {
    let message = "Request is not well-formed, syntactically incorrect, or violates schema.";
    error(400, "INVALID_REQUEST", message, &[json!({"field": field, "issue": issue})])
}

fn invalid_token() -> Answer {
    let body = json!({
        "error": "invalid_token",
        "error_description": "Token signature verification failed",
    });
    Answer { status: 401, body }
}

fn error(status: u16, name: &str, message: &str, details: &[Value]) -> Answer {
    let body = json!({
        "name": name,
        "message": message,
        "debug_id": "practice0000",
        "details": details,
        "links": [],
    });
    Answer { status, body }
}
