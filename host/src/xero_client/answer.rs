//! Reading Xero's answers, never strictly: unknown keys, other letter case and missing parts are
//! normal (recorded answers differ from the published schema in all three).

use std::collections::BTreeMap;

use serde_json::value::RawValue;

/// Keys in small letters with the text of their values.
type Fields = BTreeMap<String, Box<RawValue>>;

fn fields(text: &str) -> Option<Fields> {
    let fields: BTreeMap<String, Box<RawValue>> = serde_json::from_str(text).ok()?;
    Some(fields.into_iter().map(|(key, value)| (key.to_lowercase(), value)).collect())
}

/// The text of one key of an object, whatever its letter case.
pub(super) fn raw_field(text: &str, key: &str) -> Option<Box<RawValue>> {
    fields(text)?.remove(&key.to_lowercase())
}

/// The elements of the array under `key`; `None` when the answer is no such envelope.
pub(super) fn raw_elements(body: &[u8], key: &str) -> Option<Vec<Box<RawValue>>> {
    let text = std::str::from_utf8(body).ok()?;
    serde_json::from_str(raw_field(text.trim_start_matches('\u{feff}'), key)?.get()).ok()
}

/// A string without its quotes, or a number's own digits.
fn plain(raw: &str) -> String {
    serde_json::from_str::<String>(raw).unwrap_or_else(|_| match raw {
        "null" => String::new(),
        other => other.to_owned(),
    })
}

/// Every message of a validation error or warning, however deep.
fn messages(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    if let Ok(value) = serde_json::from_str(text) {
        collect_messages(&value, false, &mut found);
    }
    found
}

fn collect_messages(value: &serde_json::Value, inside: bool, found: &mut Vec<String>) {
    match value {
        serde_json::Value::Array(items) => {
            for item in items {
                collect_messages(item, inside, found);
            }
        }
        serde_json::Value::Object(fields) => {
            for (key, value) in fields {
                let key = key.to_lowercase();
                if inside && key == "message" {
                    found.extend(value.as_str().map(str::to_owned));
                }
                let inside = key == "validationerrors" || key == "warnings";
                collect_messages(value, inside, found);
            }
        }
        _ => {}
    }
}

/// What an error answer says, in one line: validation messages first, else its general words.
pub(super) fn explain(status: u16, body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let mut words = messages(&text);
    if words.is_empty() {
        let general = ["detail", "message", "error_description", "error", "title"];
        let fields = fields(&text).unwrap_or_default();
        words.extend(general.iter().find_map(|key| Some(plain(fields.get(*key)?.get()))));
    }
    if words.is_empty() && !text.trim_start().starts_with(['<', '{']) {
        words.extend(text.lines().next().map(|line| line.trim().to_owned()));
    }
    words.retain(|word| !word.is_empty());
    let words: String = words.join(" · ").chars().take(500).collect();
    if status == 503 {
        return down(&text, &words);
    }
    if words.is_empty() { format!("HTTP {status}") } else { format!("HTTP {status}: {words}") }
}

/// What a 503 means for people. It ends by itself.
fn down(text: &str, words: &str) -> String {
    let lower = text.to_lowercase();
    let what = if lower.contains("offline") {
        "the organisation is offline in Xero for a while"
    } else if lower.contains("maintenance") {
        "Xero is down for maintenance"
    } else {
        "Xero is not available for a while"
    };
    if words.is_empty() {
        format!("{what} (HTTP 503)")
    } else {
        format!("{what} (HTTP 503: {words})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_digits_exactly_and_keys_in_any_case() {
        let body = br#"{"Id":"x","invoices":[{"invoiceNumber":"W-1","Total":0.10,"New":{}}]}"#;
        let elements = raw_elements(body, "Invoices").unwrap();
        assert_eq!(raw_field(elements[0].get(), "InvoiceNumber").unwrap().get(), "\"W-1\"");
        assert_eq!(raw_field(elements[0].get(), "total").unwrap().get(), "0.10");
    }

    #[test]
    fn every_validation_message_is_found_however_deep() {
        let element = r#"{"Contact":{"ValidationErrors":[{"Message":"c"}]},"Message":"not this",
            "LineItems":[{"ValidationErrors":[{"Message":"l"}]}],"Warnings":[{"Message":"w"}]}"#;
        let mut found = messages(element);
        found.sort();
        assert_eq!(found, ["c", "l", "w"]);
    }

    #[test]
    fn other_bodies_are_not_documents() {
        for body in
            [&b"<html>"[..], b"", b"[]", b"{\"Invoices\":{}}", b"{\"Invoices\":[{]}", b"\xff"]
        {
            assert!(raw_elements(body, "Invoices").is_none());
        }
    }

    #[test]
    fn explains_what_is_there() {
        assert_eq!(explain(429, b""), "HTTP 429");
        assert_eq!(
            explain(503, b"The Organisation is offline"),
            "the organisation is offline in Xero for a while (HTTP 503: The Organisation is offline)"
        );
        assert_eq!(
            explain(503, b"<html>Scheduled Maintenance</html>"),
            "Xero is down for maintenance (HTTP 503)"
        );
        assert_eq!(explain(502, b"<html>bad</html>"), "HTTP 502");
        assert_eq!(
            explain(401, br#"{"Title":"Unauthorized","Detail":"TokenExpired: x"}"#),
            "HTTP 401: TokenExpired: x"
        );
    }
}
