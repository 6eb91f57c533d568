//! Stripe's lists: newest first, a cursor instead of a page, bounds in brackets.

use serde_json::{Value, json};

use super::{Answer, error, missing};
use crate::shop::query::Params;

/// Rows of a page when not said.
const LIMIT: usize = 10;
/// Most rows of a page.
const LIMIT_MAX: usize = 100;

/// What a caller asks of a list.
#[derive(Debug)]
pub(super) struct List<'a> {
    query: &'a Params,
    limit: usize,
}

impl<'a> List<'a> {
    /// Reads `limit` and checks the bounds.
    pub(super) fn read(query: &'a Params) -> Result<Self, Answer> {
        let limit = query.get("limit").map_or(Some(LIMIT), |text| text.parse().ok());
        let Some(limit @ 1..=LIMIT_MAX) = limit else {
            let message = format!("Invalid limit; it must be 1 to {LIMIT_MAX}.");
            return Err(error(400, &message, json!({"param": "limit"})));
        };
        let bounds = ["created[", "arrival_date["];
        for (name, value) in query.pairs() {
            if bounds.iter().any(|start| name.starts_with(start)) && value.parse::<i64>().is_err() {
                let more = json!({"code": "parameter_invalid_integer", "param": name});
                return Err(error(400, &format!("Invalid integer: {value}"), more));
            }
        }
        Ok(Self { query, limit })
    }

    /// Whether a field, seconds since 1970, lies within the bounds set for it.
    pub(super) fn within(&self, item: &Value, field: &str) -> bool {
        let value = item.get(field).and_then(Value::as_i64).unwrap_or_default();
        let bound = |sign: &str| {
            self.query.get(&format!("{field}{sign}")).and_then(|text| text.parse::<i64>().ok())
        };
        bound("").is_none_or(|bound| value == bound)
            && bound("[gte]").is_none_or(|bound| value >= bound)
            && bound("[gt]").is_none_or(|bound| value > bound)
            && bound("[lte]").is_none_or(|bound| value <= bound)
            && bound("[lt]").is_none_or(|bound| value < bound)
    }

    /// Cuts the page after `starting_after` or before `ending_before`.
    pub(super) fn cut(
        &self,
        mut items: Vec<Value>,
        what: &str,
        url: &str,
    ) -> Result<Value, Answer> {
        let created = |item: &Value| item.get("created").and_then(Value::as_i64);
        // A stable order, so that a cursor always finds its place.
        items.sort_by_key(|item| {
            (created(item), item.get("id").and_then(Value::as_str).map(str::to_owned))
        });
        items.reverse();
        let place = |name: &str| match self.query.get(name) {
            None => Ok(None),
            Some(id) => {
                let at = items.iter().position(|item| item.get("id") == Some(&json!(id)));
                at.map(Some).ok_or_else(|| missing(400, what, id, name))
            }
        };
        let (after, before) = (place("starting_after")?, place("ending_before")?);
        let end = before.unwrap_or(items.len());
        let start = match (after, before) {
            (Some(at), _) => at + 1,
            (None, Some(_)) => end.saturating_sub(self.limit),
            (None, None) => 0,
        };
        let stop = end.min(start + self.limit);
        let more = if before.is_some() && after.is_none() { start > 0 } else { stop < end };
        let data: Vec<Value> = items.into_iter().take(stop).skip(start).collect();
        Ok(json!({"object": "list", "data": data, "has_more": more, "url": url}))
    }
}
