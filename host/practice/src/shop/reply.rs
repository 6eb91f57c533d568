//! Answers as `WordPress` prints them: JSON with escaped slashes and non-ASCII, error objects, headers.

use std::io;

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};
use serde_json::{Map, Value, json};

/// An answer before it is put on the wire.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    /// HTTP status.
    pub(crate) status: u16,
    /// Headers beside those that every answer has.
    pub(crate) headers: Vec<(&'static str, String)>,
    /// JSON body.
    pub(crate) body: Value,
}

impl Reply {
    /// A 200 with a body.
    pub(crate) fn ok(body: Value) -> Self {
        Self { status: 200, headers: Vec::new(), body }
    }

    /// A 201 with a body.
    pub(crate) fn created(body: Value) -> Self {
        Self { status: 201, ..Self::ok(body) }
    }

    /// WooCommerce's error object, `{"code","message","data":{"status"}}`.
    pub(crate) fn error(status: u16, code: &str, message: &str) -> Self {
        let body = json!({"code": code, "message": message, "data": {"status": status}});
        Self { status, ..Self::ok(body) }
    }

    /// The answer to a route that does not exist.
    pub(crate) fn no_route() -> Self {
        Self::error(404, "rest_no_route", "No route was found matching the URL and request method.")
    }

    /// The answer for an id that does not exist, in the words of a resource's own controller.
    pub(crate) fn unknown(code: &str, message: &str) -> Self {
        Self::error(404, code, message)
    }

    /// Keeps only the fields that `_fields` names; a dot goes one level down.
    pub(crate) fn keep_fields(&mut self, fields: &[String]) {
        if fields.is_empty() || self.status >= 400 {
            return;
        }
        self.body = match self.body.take() {
            Value::Array(items) => items.iter().map(|item| pick(item, fields)).collect(),
            item => pick(&item, fields),
        };
    }
}

fn pick(item: &Value, fields: &[String]) -> Value {
    let Value::Object(all) = item else { return item.clone() };
    let mut kept = Map::new();
    for (name, value) in all {
        if fields.iter().any(|field| field == name) {
            kept.insert(name.clone(), value.clone());
            continue;
        }
        let prefix = format!("{name}.");
        let below: Vec<String> =
            fields.iter().filter_map(|field| field.strip_prefix(&prefix)).map(Into::into).collect();
        if !below.is_empty() {
            kept.insert(name.clone(), pick(value, &below));
        }
    }
    Value::Object(kept)
}

/// Prints JSON as PHP's `json_encode` does by default.
#[must_use]
pub(crate) fn print_json(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut out, PhpFormatter);
    // Writing to memory cannot fail, and the value has no key that is not text.
    let _ = value.serialize(&mut serializer);
    out
}

/// Escapes `/` and everything beyond ASCII, as `json_encode` without flags.
struct PhpFormatter;

impl Formatter for PhpFormatter {
    /// PHP takes an exponent below a ten-thousandth and from seventeen digits on (`php_gcvt`).
    fn write_f64<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        let size = value.abs();
        if value == 0.0 || (1e-4..1e17).contains(&size) {
            return write!(writer, "{value}");
        }
        let text = format!("{value:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let point = if digits.contains('.') { "" } else { ".0" };
        let sign = if exponent.starts_with('-') { "" } else { "+" };
        write!(writer, "{digits}{point}e{sign}{exponent}")
    }

    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        for character in fragment.chars() {
            match character {
                '/' => writer.write_all(b"\\/")?,
                ascii if ascii.is_ascii() => write!(writer, "{ascii}")?,
                other => {
                    for unit in other.encode_utf16(&mut [0; 2]) {
                        write!(writer, "\\u{unit:04x}")?;
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn text_is_escaped_as_php_does() {
        let printed = super::print_json(&json!({"a/b": "Ü 日 🎁 \"x\"", "n": 27.227_272_5}));
        let expected = r#"{"a\/b":"\u00dc \u65e5 \ud83c\udf81 \"x\"","n":27.2272725}"#;
        assert_eq!(String::from_utf8(printed).unwrap(), expected);
        let numbers = json!([0.000_12, 6.5e-5, 1e-5, 1.5e20, 0.1, -20.0]);
        let printed = String::from_utf8(super::print_json(&numbers)).unwrap();
        assert_eq!(printed, "[0.00012,6.5e-5,1.0e-5,1.5e+20,0.1,-20]");
    }
}
