//! What reading needs to know of PayPal's transactions: who they are, and which are withdrawals.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::payout_client::RawJson;

/// What reading needs to know of a transaction; the rest is the core's.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Detail {
    #[serde(rename = "transaction_info")]
    info: Info,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Info {
    #[serde(rename = "transaction_id")]
    id: String,
    #[serde(rename = "transaction_event_code")]
    code: String,
    #[serde(rename = "transaction_initiation_date")]
    initiated: String,
    #[serde(rename = "transaction_status")]
    status: String,
    #[serde(rename = "transaction_amount")]
    amount: Money,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Money {
    currency_code: String,
    value: String,
}

impl Info {
    fn of(row: &RawJson) -> Self {
        serde_json::from_str::<Detail>(row.get()).unwrap_or_default().info
    }

    fn at(&self) -> Option<DateTime<Utc>> {
        let text = &self.initiated;
        let read = DateTime::parse_from_rfc3339(text)
            .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"));
        read.ok().map(|moment| moment.to_utc())
    }

    /// Whether money went to a bank: event codes T04, completed, below zero.
    fn is_withdrawal(&self) -> bool {
        self.code.starts_with("T04")
            && self.status == "S"
            && self.amount.value.trim_start().starts_with('-')
    }

    fn currency(self) -> String {
        self.amount.currency_code
    }
}

/// The last withdrawal in each currency.
pub(super) fn withdrawals(rows: &[RawJson]) -> BTreeMap<String, DateTime<Utc>> {
    let mut last = BTreeMap::new();
    for info in rows.iter().map(Info::of).filter(Info::is_withdrawal) {
        if let Some(at) = info.at() {
            let known = last.entry(info.currency()).or_insert(at);
            *known = at.max(*known);
        }
    }
    last
}

/// Whether a row is of what moved after the last withdrawal in its currency. At one moment, the
/// core lets a withdrawal take what moved.
pub(super) fn is_after(row: &RawJson, ends: &BTreeMap<String, DateTime<Utc>>) -> bool {
    let info = Info::of(row);
    let at = info.at();
    match (at, ends.get(&info.currency())) {
        (Some(at), Some(end)) => at > *end,
        _ => true,
    }
}

/// One id may stand for two events.
pub(super) fn name(row: &RawJson) -> String {
    let Info { id, code, .. } = Info::of(row);
    if id.is_empty() { id } else { format!("{id} {code}") }
}

/// Rows, each once.
pub(super) fn once(rows: impl Iterator<Item = RawJson>) -> Vec<RawJson> {
    let mut seen = BTreeSet::new();
    rows.filter(|row| {
        let name = name(row);
        name.is_empty() || seen.insert(name)
    })
    .collect()
}
