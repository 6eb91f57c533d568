//! One row of somebody else's: its fields, and findings that name it.

use alloc::{borrow::Cow, format, string::String, vec::Vec};

use rust_decimal::Decimal;

use super::gathered::kind_of_object;
use crate::{
    date::{Date, Moment},
    finding::{Code, Finding},
    json::{Fields, decimal, lenient_text},
    money::{AMOUNT_MAX, Currency, unit},
    shop::woo::plain_text,
};

/// The most decimals of an amount, in major units: more than any currency has, and few enough
/// that sums over all rows stay exact.
const DECIMALS_MAX: u32 = 4;

/// A row while it is read. What is wrong with it is noted, and makes it unreadable.
pub(super) struct Row<'a> {
    fields: Fields<'a>,
    code: Code,
    id: String,
    /// How a finding's message begins, such as `row 12, `; may be empty.
    place: String,
    /// What was found wrong so far.
    pub(super) findings: Vec<Finding>,
}

/// What a text shows of itself in a message.
fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}

impl<'a> Row<'a> {
    /// Begins to read a row; `id` is the field that names it, and where there is none it is
    /// named by its position.
    pub(super) fn new(code: Code, fields: Fields<'a>, id: &str, index: usize) -> Self {
        let named = lenient_text(fields.get(id));
        let named = named.trim();
        let id = if named.is_empty() { format!("#{index}") } else { shown(named) };
        Self { fields, code, id, place: String::new(), findings: Vec::new() }
    }

    /// Says in every message where the row stands in a file.
    pub(super) fn placed(mut self, line: &str) -> Self {
        self.place = format!("row {}, ", shown(line));
        self
    }

    /// The same row's findings, told of another object within it.
    pub(super) fn within(&self, fields: Fields<'a>) -> Self {
        let (id, place) = (self.id.clone(), self.place.clone());
        Self { fields, code: self.code, id, place, findings: Vec::new() }
    }

    /// The fields as they came.
    pub(super) const fn fields(&self) -> Fields<'a> {
        self.fields
    }

    /// Notes what stands in a field and what is expected there.
    pub(super) fn wrong(&mut self, field: &str, found: &str, expected: &str) {
        let place = &self.place;
        let message = if found.is_empty() {
            format!("{place}`{field}` is missing; expected {expected}")
        } else {
            format!("{place}`{field}` is `{}`; expected {expected}", shown(found))
        };
        let kind = kind_of_object(self.code);
        self.findings.push(Finding::new(self.code, kind, self.id.clone(), message).at(field));
    }

    /// The text of a field; empty where there is none.
    pub(super) fn text(&self, field: &str) -> Cow<'a, str> {
        match lenient_text(self.fields.get(field)) {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().into()),
        }
    }

    /// The same, without HTML and on one line.
    pub(super) fn plain(&self, field: &str) -> String {
        plain_text(&self.text(field))
    }

    /// An id, which must be there.
    pub(super) fn id(&mut self, field: &str) -> Option<String> {
        let text = self.text(field);
        if text.is_empty() {
            self.wrong(field, "", "the gateway's id");
            return None;
        }
        Some(text.into_owned())
    }

    /// A currency, in small letters or capitals.
    pub(super) fn currency(&mut self, field: &str) -> Option<Currency> {
        let text = self.text(field);
        let currency = Currency::parse(&text.to_ascii_uppercase()).ok();
        if currency.is_none() {
            self.wrong(field, &text, "a currency such as `GBP`");
        }
        currency
    }

    /// A moment as text, or in seconds or milliseconds, and the day that it is taken for.
    pub(super) fn moment(
        &mut self,
        field: &str,
        day: impl Fn(Moment) -> Option<Date>,
    ) -> Option<(Moment, Date)> {
        let text = self.text(field);
        let moment = Moment::parse_any(&text).ok();
        let both = moment.and_then(|moment| Some((moment, day(moment)?)));
        if both.is_none() {
            self.wrong(field, &text, "a date and time such as `2026-11-22T01:02:03Z`");
        }
        both
    }

    /// An amount that may be left out, in units of which `digits` decimals make a major one.
    pub(super) fn amount(&mut self, field: &str, digits: u32) -> Option<Decimal> {
        let text = self.text(field);
        if text.is_empty() {
            return None;
        }
        let amount = decimal(&text).and_then(|amount| amount.checked_mul(unit(digits)));
        let amount = amount
            .map(|amount| amount.normalize())
            .filter(|amount| amount.abs() <= AMOUNT_MAX && amount.scale() <= DECIMALS_MAX);
        if amount.is_none() {
            let expected = if digits == 0 {
                "an amount such as `12.30`, below 10,000,000,000"
            } else {
                "an amount in minor units such as `1230`"
            };
            self.wrong(field, &text, expected);
        }
        amount
    }

    /// A rate, where there is one that can be read.
    pub(super) fn rate(&self, field: &str) -> Option<Decimal> {
        decimal(&self.text(field)).filter(|rate| *rate > Decimal::ZERO && *rate <= AMOUNT_MAX)
    }

    /// An amount that must be there.
    pub(super) fn needed(&mut self, field: &str, digits: u32) -> Option<Decimal> {
        if self.text(field).is_empty() {
            self.wrong(field, "", "an amount");
        }
        self.amount(field, digits)
    }
}

/// Names, each once, empty ones left out.
pub(super) fn distinct(names: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut distinct: Vec<String> = Vec::new();
    for name in names {
        if !name.is_empty() && !distinct.contains(&name) {
            distinct.push(name);
        }
    }
    distinct
}

/// `prefix` and a name; empty where there is no name.
pub(super) fn prefixed(prefix: &str, name: &str) -> String {
    if name.is_empty() || name == "0" { String::new() } else { format!("{prefix}{name}") }
}
