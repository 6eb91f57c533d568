//! Lenient reading of other people's JSON: exact digits, and a finding instead of a failure.
//!
//! Numbers are read from their text, never through a binary float: WooCommerce prints some
//! amounts as numbers (reference: WooCommerce, corpus note 3).

pub(crate) mod strict;
mod tree;

pub(crate) use tree::Json;

use alloc::{borrow::Cow, format, string::String, vec::Vec};

use rust_decimal::Decimal;

use crate::{
    date::Date,
    finding::{Code, Finding},
    money::AMOUNT_MAX,
};

/// The most decimals of an amount that are kept; more are rounded away half-even on reading.
const SCALE_MAX: u32 = 12;

/// A field of somebody else's object, absent when missing.
pub(crate) type Raw<'a> = Option<&'a Json<'a>>;

/// The fields of one object.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields<'a>(&'a [(Cow<'a, str>, Json<'a>)]);

impl<'a> Fields<'a> {
    /// The fields, where it is an object.
    pub(crate) fn of(json: &'a Json<'a>) -> Option<Self> {
        if let Json::Object(fields) = json { Some(Self(fields)) } else { None }
    }

    /// Names and values, in the text's order.
    pub(crate) fn iter(self) -> impl Iterator<Item = (&'a str, &'a Json<'a>)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), value))
    }

    /// A field by name; of two with one name the last, as in JavaScript.
    pub(crate) fn get(self, name: &str) -> Raw<'a> {
        self.0.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value)
    }
}

/// An object of which some fields are wanted.
pub(crate) trait FromFields<'a>: Sized {
    /// Picks the fields.
    fn from_fields(fields: Fields<'a>) -> Self;
}

/// Declares an object of which some fields are wanted: `Name { field "WireName", … }`.
macro_rules! raw_object {
    ($visible:vis $name:ident { $($field:ident $wire:literal),+ $(,)? }) => {
        $visible struct $name<'a> { $($visible $field: crate::json::Raw<'a>,)+ }

        impl<'a> crate::json::FromFields<'a> for $name<'a> {
            fn from_fields(fields: crate::json::Fields<'a>) -> Self {
                Self { $($field: fields.get($wire),)+ }
            }
        }
    };
}
pub(crate) use raw_object;

/// Reads the fields of one object and collects what is wrong with them.
#[derive(Debug)]
pub(crate) struct Reader {
    kind: &'static str,
    id: String,
    /// What was found wrong so far.
    pub(crate) findings: Vec<Finding>,
}

/// The value without null: JSON's null and a missing field are the same to us.
pub(crate) fn present(raw: Raw<'_>) -> Raw<'_> {
    raw.filter(|json| !json.is_null())
}

/// A text, a number as printed, or nothing: of what is no reason to stop.
pub(crate) fn lenient_text(raw: Raw<'_>) -> Cow<'_, str> {
    present(raw).and_then(Json::scalar).unwrap_or_default()
}

/// An amount within [`AMOUNT_MAX`], or none.
pub(crate) fn bounded(text: &str) -> Option<Decimal> {
    decimal(text).filter(|amount| amount.abs() <= AMOUNT_MAX)
}

/// The objects of a list; what is no object in it is passed over.
pub(crate) fn objects<'a, T: FromFields<'a>>(raw: Raw<'a>) -> impl Iterator<Item = T> {
    let list: &[Json<'a>] = if let Some(Json::List(list)) = raw { list } else { &[] };
    list.iter().filter_map(Fields::of).map(T::from_fields)
}

/// Reads a plain or exponent decimal.
pub(crate) fn decimal(text: &str) -> Option<Decimal> {
    let text = text.trim();
    let parsed = if text.contains(['e', 'E']) {
        Decimal::from_scientific(text).ok()?
    } else {
        text.parse::<Decimal>().ok()?
    };
    Some(if parsed.scale() > SCALE_MAX { parsed.round_dp(SCALE_MAX) } else { parsed })
}

impl Reader {
    /// Starts reading an object of this kind; `id` may be put in later by [`Reader::name`].
    pub(crate) fn new(kind: &'static str, id: &str) -> Self {
        Self { kind, id: id.into(), findings: Vec::new() }
    }

    /// Names the object in findings from here on, and in those already made.
    pub(crate) fn name(&mut self, id: &str) {
        self.id = id.into();
        for finding in &mut self.findings {
            finding.object.id = id.into();
        }
    }

    /// Notes a finding on this object.
    pub(crate) fn note(&mut self, code: Code, field: &str, message: String) {
        self.findings.push(Finding::new(code, self.kind, self.id.clone(), message).at(field));
    }

    /// Parses an object; a list is not taken for one.
    pub(crate) fn object<'a, T: FromFields<'a>>(
        &mut self,
        field: &str,
        json: &'a Json<'a>,
    ) -> Option<T> {
        if let Some(fields) = Fields::of(json) {
            return Some(T::from_fields(fields));
        }
        self.note(Code::InputWrongType, field, format!("`{field}` should be an object"));
        None
    }

    /// The elements of a list; a missing list is empty.
    pub(crate) fn list<'a>(&mut self, field: &str, raw: Raw<'a>) -> &'a [Json<'a>] {
        match present(raw) {
            Some(Json::List(list)) => list,
            None => &[],
            Some(_) => {
                self.note(Code::InputWrongType, field, format!("`{field}` should be a list"));
                &[]
            }
        }
    }

    /// A text; numbers and booleans are taken as printed.
    pub(crate) fn text<'a>(&mut self, field: &str, raw: Raw<'a>) -> Option<Cow<'a, str>> {
        let text = present(raw)?.scalar();
        if text.is_none() {
            let message = format!("`{field}` should be a text");
            self.note(Code::InputWrongType, field, message);
        }
        text
    }

    /// A whole number not below zero, as a number or in a string.
    pub(crate) fn id(&mut self, field: &str, raw: Raw<'_>) -> Option<u64> {
        let text = self.text(field, raw)?;
        if text.is_empty() {
            return None;
        }
        let id = text.parse().ok();
        if id.is_none() {
            let shown: String = text.chars().take(40).collect();
            let message = format!("`{field}` should be a whole number, not `{shown}`");
            self.note(Code::InputWrongType, field, message);
        }
        id
    }

    /// A yes or no.
    pub(crate) fn flag(&mut self, field: &str, raw: Raw<'_>) -> Option<bool> {
        match self.text(field, raw)?.as_ref() {
            "true" | "yes" | "1" => Some(true),
            "false" | "no" | "0" | "" => Some(false),
            _ => {
                let message = format!("`{field}` should be true or false");
                self.note(Code::InputWrongType, field, message);
                None
            }
        }
    }

    /// An amount, a string or a number; `None` when missing or empty. Bounded by [`AMOUNT_MAX`].
    pub(crate) fn amount(&mut self, field: &str, raw: Raw<'_>) -> Option<Decimal> {
        let text = self.text(field, raw)?;
        if text.is_empty() {
            return None;
        }
        match decimal(&text) {
            Some(amount) if amount.abs() <= AMOUNT_MAX => return Some(amount),
            Some(_) => {
                self.note(Code::InputTooLarge, field, format!("`{field}` is too large for Xero"));
            }
            None => {
                let shown: String = text.chars().take(40).collect();
                let message = format!("`{field}` should be an amount, not `{shown}`");
                self.note(Code::InputNotAnAmount, field, message);
            }
        }
        None
    }

    /// A day, from WooCommerce's local date and time.
    pub(crate) fn date(&mut self, field: &str, raw: Raw<'_>) -> Option<Date> {
        let text = self.text(field, raw)?;
        if text.is_empty() {
            return None;
        }
        let date = Date::parse(&text).ok();
        if date.is_none() {
            let shown: String = text.chars().take(40).collect();
            let message = format!("`{field}` should be a date, not `{shown}`");
            self.note(Code::InputNotADate, field, message);
        }
        date
    }

    /// Notes that a field every such object has is missing.
    pub(crate) fn missing(&mut self, field: &str) {
        self.note(Code::InputMissing, field, format!("`{field}` is missing"));
    }
}
