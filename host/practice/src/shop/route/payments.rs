//! WooPayments' routes below `/wc/v3/payments`, for shops that have it.
//!
//! After woocommerce-payments 8.4, `docs/rest-api/source/includes/wp-api-v3/{deposits,reports}.md`
//! and the controllers in `includes/admin` and `includes/reports`.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde_json::{Value, json};

use super::Request;
use crate::gateways::{Account, Entry, Gateway, Payout, woopayments};
use crate::shop::query::{Faults, Params};
use crate::shop::reply::Reply;
use crate::shop::store::Shop;

/// Rows of a page when not said (`Paginated`, the reports' controller).
const PAGE_SIZE: u64 = 25;
/// Most rows of a page of a report.
const PER_PAGE_MAX: u64 = 100;

impl Shop {
    /// Answers WooPayments' routes; without WooPayments there are none.
    pub(super) fn route_payments(&self, request: &Request, rest: &[&str]) -> Result<Reply, Reply> {
        let gateways = self.gateways.as_ref().ok_or_else(Reply::no_route)?;
        let account = gateways.account(Gateway::WooPayments).ok_or_else(Reply::no_route)?;
        match rest {
            _ if request.method != "GET" => Err(Reply::no_route()),
            ["deposits"] => deposits(account, &request.params),
            ["deposits", id] => match account.payout(id) {
                Some(payout) => Ok(Reply::ok(woopayments::deposit(account, payout))),
                None => Err(unknown_deposit(id)),
            },
            ["transactions"] => {
                let page = transactions(account, &request.params, ("pagesize", u64::MAX))?;
                let data: Vec<Value> = page
                    .into_iter()
                    .map(|entry| woopayments::transaction(account, entry))
                    .collect();
                Ok(Reply::ok(json!({"data": data})))
            }
            ["reports", "transactions"] => {
                let page = transactions(account, &request.params, ("per_page", PER_PAGE_MAX))?;
                let rows = page.into_iter().map(|entry| woopayments::report(account, entry));
                Ok(Reply::ok(rows.collect()))
            }
            ["reports", "transactions", id] => {
                let found = account.entries.iter().find(|entry| entry.id == *id);
                // An unknown one is an empty list, as the controller has it.
                Ok(Reply::ok(
                    found.map_or_else(|| json!([]), |entry| woopayments::report(account, entry)),
                ))
            }
            _ => Err(Reply::no_route()),
        }
    }
}

fn deposits(account: &Account, params: &Params) -> Result<Reply, Reply> {
    let range = Range::read(params)?;
    let wanted = |payout: &&Payout| {
        let status = woopayments::status(payout);
        params.get("status_is").is_none_or(|word| word == status)
            && params.get("status_is_not").is_none_or(|word| word != status)
            && params
                .get("store_currency_is")
                .is_none_or(|code| code.eq_ignore_ascii_case(&account.currency))
            && range.holds(payout.arrives_at)
    };
    let mut payouts: Vec<&Payout> = account.payouts.iter().filter(wanted).collect();
    let total = payouts.len();
    if params.get("sort") == Some("amount") {
        payouts.sort_by_key(|payout| (payout.amount, payout.arrives_at));
    }
    let page = cut(payouts, params, "pagesize", u64::MAX)?;
    let data: Vec<Value> =
        page.into_iter().map(|payout| woopayments::deposit(account, payout)).collect();
    Ok(Reply::ok(json!({"data": data, "total_count": total})))
}

/// Finds the entries that are asked for; `size` names the page's size and bounds it.
fn transactions<'a>(
    account: &'a Account,
    params: &Params,
    (size, max): (&str, u64),
) -> Result<Vec<&'a Entry>, Reply> {
    let range = Range::read(params)?;
    let wanted = |entry: &&Entry| {
        let order = entry.order.as_ref().map(|order| order.id.to_string());
        params.get("deposit_id").is_none_or(|id| entry.payout.as_deref() == Some(id))
            && params.get("order_id").is_none_or(|id| order.as_deref() == Some(id))
            && params.get("type").is_none_or(|word| word == woopayments::kind(entry.kind))
            && params
                .get("customer_email")
                .is_none_or(|email| entry.order.as_ref().is_some_and(|order| order.email == email))
            && range.holds(entry.at)
    };
    cut(account.entries.iter().filter(wanted).collect(), params, size, max)
}

/// Cuts a page out of what is sorted upwards; downwards unless `direction` says otherwise.
fn cut<T>(mut items: Vec<T>, params: &Params, size: &str, max: u64) -> Result<Vec<T>, Reply> {
    let mut faults = Faults::default();
    let page = faults.number(params, "page", (1, u64::MAX)).unwrap_or(1);
    let size = faults.number(params, size, (1, max)).unwrap_or(PAGE_SIZE);
    faults.finish()?;
    if params.get("direction").is_none_or(|word| word != "asc") {
        items.reverse();
    }
    let skipped = usize::try_from((page - 1).saturating_mul(size)).unwrap_or(usize::MAX);
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    Ok(items.into_iter().skip(skipped).take(size).collect())
}

/// The bounds that `date_after`, `date_before` and `date_between` set, in UTC, both within.
struct Range {
    from: Option<DateTime<Utc>>,
    to: Option<DateTime<Utc>>,
}

impl Range {
    fn read(params: &Params) -> Result<Self, Reply> {
        let mut faults = Faults::default();
        let mut date = |name: &str, text: Option<&str>| {
            let moment = text.map(read_moment);
            if moment == Some(None) {
                faults.add(name, "rest_invalid_date", "Invalid date.", &Value::Null);
            }
            moment.flatten()
        };
        let between = params.list("date_between");
        let from = date("date_after", params.get("date_after"))
            .or_else(|| date("date_between", between.first().map(String::as_str)));
        let to = date("date_before", params.get("date_before"))
            .or_else(|| date("date_between", between.get(1).map(String::as_str)));
        faults.finish()?;
        Ok(Self { from, to })
    }

    fn holds(&self, moment: DateTime<Utc>) -> bool {
        self.from.is_none_or(|from| moment >= from) && self.to.is_none_or(|to| moment <= to)
    }
}

/// Reads `2026-11-22`, `2026-11-22 01:02:03` or the same with a `T` and a zone; UTC without one.
fn read_moment(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim().replace(' ', "T");
    if let Ok(moment) = DateTime::parse_from_rfc3339(&text) {
        return Some(moment.to_utc());
    }
    if let Ok(naive) = NaiveDateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M:%S") {
        return Some(naive.and_utc());
    }
    let day = NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok()?;
    day.and_hms_opt(0, 0, 0).map(|naive| naive.and_utc())
}

/// What the server behind WooPayments says of an unknown id, as the plugin hands it on: with 500.
fn unknown_deposit(id: &str) -> Reply {
    let body = json!({
        "code": "resource_missing",
        "message": format!("Error: No such payout: '{id}'"),
        "data": null,
    });
    Reply { status: 500, ..Reply::ok(body) }
}
