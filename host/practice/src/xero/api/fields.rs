//! Reading members of a request's elements.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::super::clock::read_day;
use super::super::json::{Fields, Json};

/// Members that hold a calendar day.
const DAYS: [&str; 5] =
    ["Date", "DueDate", "ExpectedPaymentDate", "PlannedPaymentDate", "FullyPaidOnDate"];

/// Members that hold a number.
const NUMBERS: [&str; 16] = [
    "Quantity",
    "UnitAmount",
    "UnitPrice",
    "LineAmount",
    "TaxAmount",
    "DiscountRate",
    "DiscountAmount",
    "Amount",
    "CurrencyRate",
    "SubTotal",
    "TotalTax",
    "Total",
    "Rate",
    "RoundingAmount",
    "EnteredTotal",
    "AppliedAmount",
];

/// Why an element cannot be read at all; none when it can.
pub(crate) fn unreadable(element: &Json) -> Option<String> {
    match element {
        Json::List(list) => list.iter().find_map(unreadable),
        Json::Object(fields) => fields.iter().find_map(|(key, value)| {
            let among = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(key));
            match value {
                Json::Text(text)
                    if among(&DAYS) && !text.is_empty() && read_day(text).is_none() =>
                {
                    Some(format!("Could not convert string to DateTime: {text}."))
                }
                Json::Text(text)
                    if among(&NUMBERS) && !text.is_empty() && text.parse::<Decimal>().is_err() =>
                {
                    Some(format!("Could not convert string to decimal: {text}."))
                }
                Json::Bool(_) | Json::Object(_) | Json::List(_)
                    if among(&NUMBERS) || among(&DAYS) =>
                {
                    Some(format!("Error converting value to {key}."))
                }
                Json::List(_) | Json::Object(_) => unreadable(value),
                _ => None,
            }
        }),
        _ => {
            Some("an object was expected".to_owned()).filter(|_| !matches!(element, Json::Text(_)))
        }
    }
}

/// Whether there is a `null` anywhere.
pub(crate) fn has_null(json: &Json) -> bool {
    match json {
        Json::Null => true,
        Json::List(list) => list.iter().any(has_null),
        Json::Object(fields) => fields.iter().any(|(_, value)| has_null(value)),
        _ => false,
    }
}

/// A value without the `null`s in it, to be echoed.
pub(crate) fn without_nulls(json: &Json) -> Json {
    match json {
        Json::Object(fields) => {
            let mut kept = Fields::default();
            for (key, value) in fields.iter().filter(|(_, value)| **value != Json::Null) {
                kept.put(key, without_nulls(value));
            }
            kept.into()
        }
        Json::List(list) => Json::List(list.iter().map(without_nulls).collect()),
        other => other.clone(),
    }
}

/// A text member; numbers count by their digits, `null` as absent.
pub(crate) fn text(json: &Json, key: &str) -> Option<String> {
    match json.get(key)? {
        Json::Text(text) | Json::Number(text) => Some(text.clone()),
        Json::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}

/// A text member that is not empty, without blanks around it.
pub(crate) fn filled(json: &Json, key: &str) -> Option<String> {
    text(json, key).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// A number member; none when it is absent, and none for the exponent form.
pub(crate) fn number(json: &Json, key: &str) -> Option<Decimal> {
    match json.get(key)? {
        Json::Text(text) | Json::Number(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// Whether a number member is in exponent form, which Xero's parser does not understand.
pub(crate) fn is_exponent(json: &Json, key: &str) -> bool {
    matches!(json.get(key), Some(Json::Number(text)) if text.contains(['e', 'E']))
}

/// A boolean member.
pub(crate) fn flag(json: &Json, key: &str) -> Option<bool> {
    match json.get(key)? {
        Json::Bool(value) => Some(*value),
        Json::Text(text) => text.trim().to_ascii_lowercase().parse().ok(),
        _ => None,
    }
}

/// A day member.
pub(crate) fn day(json: &Json, key: &str) -> Option<NaiveDate> {
    read_day(json.get(key)?.as_text()?)
}

/// An id member; the id of zeros counts as absent.
pub(crate) fn id(json: &Json, key: &str) -> Option<Uuid> {
    json.get(key)?.as_text()?.trim().parse().ok().filter(|id: &Uuid| !id.is_nil())
}
