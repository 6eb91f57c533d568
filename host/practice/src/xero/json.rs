//! JSON whose numbers are text.
//!
//! Amounts must not pass through binary floats on their way in or out, the place of every key is
//! part of the format, and Xero reads keys without regard to case. `serde_json` does the lexing;
//! [`Json`] keeps what it saw.

use std::fmt;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use uuid::Uuid;

/// A JSON value; numbers keep their digits, objects their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number as it was or will be written.
    Number(String),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Json>),
    /// An object in written order.
    Object(Fields),
}

/// The members of an object in written order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fields(Vec<(String, Json)>);

/// How a document is put into bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WireStyle {
    /// No white space: what Xero sends today.
    #[default]
    Compact,
    /// Indented with CRLF and escaped slashes: what Xero sent in 2020.
    Indented,
}

impl Fields {
    /// Adds a member at the end.
    pub fn put(&mut self, key: &str, value: impl Into<Json>) -> &mut Self {
        self.0.push((key.to_owned(), value.into()));
        self
    }

    /// Adds a member when there is a value.
    pub fn put_some(&mut self, key: &str, value: Option<impl Into<Json>>) -> &mut Self {
        if let Some(value) = value {
            self.put(key, value);
        }
        self
    }

    /// Adds a member when the text is not empty.
    pub fn put_text(&mut self, key: &str, value: &str) -> &mut Self {
        if !value.is_empty() {
            self.put(key, value);
        }
        self
    }

    /// The member of that name, without regard to case.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Json> {
        self.0.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value)
    }

    /// The members in written order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Json)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }
}

impl Json {
    /// Reads one JSON text.
    ///
    /// # Errors
    /// The parser's own sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let raw: Box<RawValue> = serde_json::from_str(text).map_err(|error| error.to_string())?;
        Self::from_raw(&raw, 0)
    }

    fn from_raw(raw: &RawValue, depth: u32) -> Result<Self, String> {
        const DEPTH_MAX: u32 = 64;
        if depth > DEPTH_MAX {
            return Err("nested too deeply".to_owned());
        }
        let text = raw.get().trim();
        let fault = |error: serde_json::Error| error.to_string();
        Ok(match text.as_bytes().first() {
            Some(b'{') => {
                let Members(members) = serde_json::from_str(text).map_err(fault)?;
                let fields: Result<_, String> = members
                    .into_iter()
                    .map(|(key, value)| Ok((key, Self::from_raw(&value, depth + 1)?)))
                    .collect();
                Self::Object(Fields(fields?))
            }
            Some(b'[') => {
                let list: Vec<Box<RawValue>> = serde_json::from_str(text).map_err(fault)?;
                let list: Result<_, String> =
                    list.iter().map(|value| Self::from_raw(value, depth + 1)).collect();
                Self::List(list?)
            }
            Some(b'"') => Self::Text(serde_json::from_str(text).map_err(fault)?),
            Some(b't') => Self::Bool(true),
            Some(b'f') => Self::Bool(false),
            Some(b'n') => Self::Null,
            _ => Self::Number(text.to_owned()),
        })
    }

    /// The member of that name when this is an object, without regard to case.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(fields) => fields.get(key),
            _ => None,
        }
    }

    /// The text of a string.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The elements of an array; none for anything else.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        match self {
            Self::List(list) => list,
            _ => &[],
        }
    }

    /// An amount with two decimals.
    #[must_use]
    pub fn money(amount: Decimal) -> Self {
        Self::fixed(amount, 2)
    }

    /// A number with exactly so many decimals.
    #[must_use]
    pub fn fixed(amount: Decimal, places: u32) -> Self {
        let mut amount =
            amount.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero);
        amount.rescale(places);
        if amount.is_zero() {
            amount.set_sign_positive(true);
        }
        Self::Number(amount.to_string())
    }

    /// Writes the value.
    #[must_use]
    pub fn write(&self, style: WireStyle) -> String {
        let mut out = String::new();
        self.write_into(&mut out, style, 0);
        out
    }

    fn write_into(&self, out: &mut String, style: WireStyle, depth: usize) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Number(digits) => out.push_str(digits),
            Self::Text(text) => write_text(out, text, style),
            Self::List(list) => {
                write_all(out, style, depth, ['[', ']'], list, |out, value, depth| {
                    value.write_into(out, style, depth);
                });
            }
            Self::Object(fields) => {
                write_all(out, style, depth, ['{', '}'], &fields.0, |out, (key, value), depth| {
                    write_text(out, key, style);
                    out.push_str(if style == WireStyle::Compact { ":" } else { ": " });
                    value.write_into(out, style, depth);
                });
            }
        }
    }
}

fn write_text(out: &mut String, text: &str, style: WireStyle) {
    let quoted = serde_json::Value::from(text).to_string();
    if style == WireStyle::Indented {
        out.push_str(&quoted.replace('/', "\\/"));
    } else {
        out.push_str(&quoted);
    }
}

fn write_all<T>(
    out: &mut String,
    style: WireStyle,
    depth: usize,
    [open, close]: [char; 2],
    list: &[T],
    write: impl Fn(&mut String, &T, usize),
) {
    let line_break = |out: &mut String, depth: usize| {
        if style == WireStyle::Indented {
            out.push_str("\r\n");
            out.push_str(&"  ".repeat(depth));
        }
    };
    out.push(open);
    for (index, value) in list.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        line_break(out, depth + 1);
        write(out, value, depth + 1);
    }
    if !list.is_empty() {
        line_break(out, depth);
    }
    out.push(close);
}

impl fmt::Display for Json {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.write(WireStyle::Compact))
    }
}

/// Object members before their values are read.
struct Members(Vec<(String, Box<RawValue>)>);

impl<'de> serde::Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Members;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

impl From<Fields> for Json {
    fn from(fields: Fields) -> Self {
        Self::Object(fields)
    }
}

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&String> for Json {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Uuid> for Json {
    fn from(id: Uuid) -> Self {
        Self::Text(id.to_string())
    }
}

impl From<Vec<Self>> for Json {
    fn from(list: Vec<Self>) -> Self {
        Self::List(list)
    }
}

impl From<usize> for Json {
    fn from(number: usize) -> Self {
        Self::Number(number.to_string())
    }
}

impl From<u32> for Json {
    fn from(number: u32) -> Self {
        Self::Number(number.to_string())
    }
}

impl From<u16> for Json {
    fn from(number: u16) -> Self {
        Self::Number(number.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_digits_and_keys_their_order() {
        let text = r#"{"b":1.10,"A":[2.9104E-5,"x\"y",null,true],"a":{}}"#;
        let json = Json::parse(text).unwrap();
        assert_eq!(json.to_string(), text);
        assert_eq!(json.get("B"), Some(&Json::Number("1.10".to_owned())));
        assert!(Json::parse("{").is_err());
        assert!(Json::parse("[01]").is_err());
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(Json::parse(&nested(65)).is_ok());
        assert_eq!(Json::parse(&nested(66)), Err("nested too deeply".to_owned()));
    }

    #[test]
    fn the_old_style_is_indented_and_escapes_slashes() {
        let mut fields = Fields::default();
        fields.put("Date", "/Date(1)/").put("List", Vec::<Json>::new());
        let expected = "{\r\n  \"Date\": \"\\/Date(1)\\/\",\r\n  \"List\": []\r\n}";
        assert_eq!(Json::from(fields).write(WireStyle::Indented), expected);
    }

    #[test]
    fn amounts_have_fixed_decimals_and_no_negative_zero() {
        assert_eq!(Json::money(Decimal::new(5, 1)).to_string(), "0.50");
        assert_eq!(Json::money(Decimal::new(-1, 4)).to_string(), "0.00");
        assert_eq!(Json::fixed(Decimal::ONE, 4).to_string(), "1.0000");
    }
}
