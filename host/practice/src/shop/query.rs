//! Query parameters as PHP and the `WordPress` REST server read and check them.

use chrono::NaiveDateTime;
use chrono_tz::Tz;
use serde_json::{Map, Value, json};

use super::clock::read_query_date;
use super::reply::Reply;

/// The parameters of a request in the order they came, names and values decoded.
#[derive(Debug, Clone, Default)]
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    /// Reads a query string or form body.
    pub(crate) fn read(text: &str) -> Self {
        Self(url::form_urlencoded::parse(text.as_bytes()).into_owned().collect())
    }

    /// All pairs in order.
    pub(crate) fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    /// The last value of a name, as PHP keeps it.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A list: `a=1,2`, `a[]=1&a[]=2` or `a[0]=1`.
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        let indexed = format!("{name}[");
        let items = self.0.iter().filter(|(key, _)| key == name || key.starts_with(&indexed));
        items
            .flat_map(|(_, value)| value.split(','))
            .map(|item| item.trim().to_owned())
            .filter(|item| !item.is_empty())
            .collect()
    }

    /// A list of ids; what is no number is left out.
    pub(crate) fn ids(&self, name: &str) -> Vec<u64> {
        self.list(name).iter().filter_map(|item| item.parse().ok()).collect()
    }

    /// A switch: `true` and `1` are yes.
    pub(crate) fn flag(&self, name: &str) -> bool {
        matches!(self.get(name), Some("true" | "1" | "yes"))
    }

    /// Adds or replaces a value, keeping the place of an existing one.
    pub(crate) fn with(&self, name: &str, value: &str) -> Self {
        let mut pairs = self.0.clone();
        match pairs.iter_mut().find(|(key, _)| key == name) {
            Some((_, slot)) => value.clone_into(slot),
            None => pairs.push((name.to_owned(), value.to_owned())),
        }
        Self(pairs)
    }
}

/// Collects every parameter that is wrong; `WordPress` names them all in one answer.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    messages: Map<String, Value>,
    details: Map<String, Value>,
}

impl Faults {
    /// Notes a wrong parameter.
    pub(crate) fn add(&mut self, name: &str, code: &str, message: &str, data: &Value) {
        self.messages.insert(name.to_owned(), message.into());
        let detail = json!({"code": code, "message": message, "data": data});
        self.details.insert(name.to_owned(), detail);
    }

    /// Gives the 400 when anything was wrong.
    pub(crate) fn finish(self) -> Result<(), Reply> {
        if self.messages.is_empty() {
            return Ok(());
        }
        let names: Vec<&str> = self.messages.keys().map(String::as_str).collect();
        let body = json!({
            "code": "rest_invalid_param",
            "message": format!("Invalid parameter(s): {}", names.join(", ")),
            "data": {"status": 400, "params": self.messages, "details": self.details},
        });
        Err(Reply { status: 400, ..Reply::ok(body) })
    }

    /// Reads a whole number within bounds; `max` of `u64::MAX` means none.
    pub(crate) fn number(
        &mut self,
        params: &Params,
        name: &str,
        (min, max): (u64, u64),
    ) -> Option<u64> {
        let text = params.get(name)?;
        let Ok(number) = text.trim().parse::<i64>() else {
            let message = format!("{name} is not of type integer.");
            self.add(name, "rest_invalid_type", &message, &json!({"param": name}));
            return None;
        };
        let number = u64::try_from(number).ok().filter(|number| (min..=max).contains(number));
        if number.is_none() {
            let message = if max == u64::MAX {
                format!("{name} must be greater than or equal to {min}")
            } else {
                format!("{name} must be between {min} (inclusive) and {max} (inclusive)")
            };
            self.add(name, "rest_out_of_bounds", &message, &Value::Null);
        }
        number
    }

    /// Reads one of a few words.
    pub(crate) fn word(
        &mut self,
        params: &Params,
        name: &str,
        words: &'static [&'static str],
    ) -> Option<&'static str> {
        let text = params.get(name)?;
        let known = words.iter().find(|word| **word == text).copied();
        if known.is_none() {
            let message = format!("{name} is not one of {}.", list_words(words));
            self.add(name, "rest_not_in_enum", &message, &Value::Null);
        }
        known
    }

    /// Reads several of a few words.
    pub(crate) fn words(&mut self, params: &Params, name: &str, words: &[&str]) -> Vec<String> {
        let given = params.list(name);
        if let Some(at) = given.iter().position(|item| !words.contains(&item.as_str())) {
            let message = format!("{name}[{at}] is not one of {}.", list_words(words));
            self.add(name, "rest_not_in_enum", &message, &Value::Null);
        }
        given
    }

    /// Reads a date with time; `WordPress` refuses a date alone.
    pub(crate) fn date(&mut self, params: &Params, name: &str, zone: Tz) -> Option<NaiveDateTime> {
        let date = read_query_date(params.get(name)?, zone);
        if date.is_none() {
            self.add(name, "rest_invalid_date", "Invalid date.", &Value::Null);
        }
        date
    }
}

/// `a, b, and c`, as `WordPress`' `wp_sprintf( '%l' )`.
fn list_words(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [one, two] => format!("{one} and {two}"),
        [rest @ .., last] => format!("{}, and {last}", rest.join(", ")),
    }
}
