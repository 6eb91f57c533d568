//! Lists: filters, `If-Modified-Since`, order and pages (sections 1.9 to 1.11).

use chrono::{DateTime, NaiveDate, NaiveDateTime, SubsecRound, Utc};
use uuid::Uuid;

use super::super::call::{Call, Reply};
use super::super::json::Fields;
use super::super::unknowns::{Boundary, NothingModified};
use super::{Context, filter};

/// Rows of a page unless `pageSize` says otherwise, and at most.
const PAGE_SIZE: usize = 100;
const PAGE_SIZE_MAX: usize = 1000;

/// What lists ask of a record.
pub(crate) trait Row {
    fn id(&self) -> Uuid;
    fn updated(&self) -> DateTime<Utc>;
    fn date(&self) -> Option<NaiveDate> {
        None
    }
    fn name(&self) -> String {
        String::new()
    }
}

/// The rows of a list, and the `pagination` object when a page was asked for.
pub(crate) struct Listed<'a, T> {
    pub(crate) rows: Vec<&'a T>,
    pub(crate) pagination: Option<Fields>,
}

/// Answers the questions that every list understands.
///
/// `value` gives a record's text for a field of `where`, none when there is no such filter.
pub(crate) fn select<'a, T: Row>(
    records: impl Iterator<Item = &'a T>,
    call: &Call,
    context: &Context,
    paged: bool,
    value: impl Fn(&T, &str) -> Option<String>,
) -> Result<Listed<'a, T>, Box<Reply>> {
    let refuse = |reason: &str| Box::new(Reply::bad_query(reason));
    let conditions = match call.param("where") {
        Some(text) if !text.trim().is_empty() => filter::read(&text).map_err(|why| refuse(&why))?,
        _ => Vec::new(),
    };
    let since = call.header("if-modified-since").map(|text| {
        read_instant(text).ok_or_else(|| refuse("If-Modified-Since is not a valid date"))
    });
    let since = since.transpose()?;
    let mut rows: Vec<&T> = Vec::new();
    for record in records {
        if since.is_some_and(|since| !is_since(record.updated(), since, context)) {
            continue;
        }
        let mut wanted = true;
        for condition in &conditions {
            let held = value(record, &condition.field).ok_or_else(|| {
                refuse(&format!("No property or field '{}' exists", condition.field))
            })?;
            wanted &= held.to_lowercase() == condition.value.to_lowercase();
        }
        if wanted {
            rows.push(record);
        }
    }
    if rows.is_empty()
        && since.is_some()
        && context.unknowns.nothing_modified == NothingModified::NotModified
    {
        return Err(Box::new(Reply::empty(304)));
    }
    sort(&mut rows, call.param("order").as_deref()).map_err(|why| refuse(&why))?;
    Ok(cut(rows, call, paged))
}

fn is_since(updated: DateTime<Utc>, since: DateTime<Utc>, context: &Context) -> bool {
    match context.unknowns.modified_since {
        Boundary::Inclusive => updated.trunc_subsecs(0) >= since,
        Boundary::Exclusive => updated.trunc_subsecs(0) > since,
    }
}

/// `2026-09-14T00:00:00`, with or without a zone, or the form of HTTP.
fn read_instant(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    let plain = text.trim_end_matches('Z');
    let plain = NaiveDateTime::parse_from_str(plain, "%Y-%m-%dT%H:%M:%S%.f")
        .or_else(|_| NaiveDateTime::parse_from_str(plain, "%Y-%m-%d %H:%M:%S%.f"))
        .map(|at| at.and_utc());
    plain
        .or_else(|_| DateTime::parse_from_rfc3339(text).map(|at| at.to_utc()))
        .or_else(|_| DateTime::parse_from_rfc2822(text).map(|at| at.to_utc()))
        .ok()
        .or_else(|| {
            super::super::clock::read_day(text)
                .map(|day| day.and_time(chrono::NaiveTime::MIN).and_utc())
        })
        .map(|at| at.trunc_subsecs(0))
}

fn sort<T: Row>(rows: &mut [&T], order: Option<&str>) -> Result<(), String> {
    let order = order.unwrap_or("UpdatedDateUTC ASC").trim();
    let mut words = order.split_whitespace();
    let field = words.next().unwrap_or("UpdatedDateUTC").to_ascii_lowercase();
    let descending = match words.next() {
        None => false,
        Some(word) if word.eq_ignore_ascii_case("asc") => false,
        Some(word) if word.eq_ignore_ascii_case("desc") => true,
        Some(word) => return Err(format!("')' or ',' expected near '{word}'")),
    };
    match field.as_str() {
        "updateddateutc" => rows.sort_by_key(|row| (row.updated(), row.id())),
        "date" => rows.sort_by_key(|row| (row.date(), row.id())),
        "name" => rows.sort_by_key(|row| (row.name().to_lowercase(), row.id())),
        name if name.ends_with("id") => rows.sort_by_key(|row| row.id()),
        _ => return Err(format!("No property or field '{field}' exists")),
    }
    if descending {
        rows.reverse();
    }
    Ok(())
}

fn cut<'a, T>(rows: Vec<&'a T>, call: &Call, paged: bool) -> Listed<'a, T> {
    let asked = call.param("page");
    // These two enforce paging even when no page is asked for.
    let enforced = call.param("Statuses").is_some() || call.flag("summaryOnly") == Some(true);
    let told = asked.is_some() || call.param("pageSize").is_some();
    if !paged || !(told || enforced) {
        return Listed { rows, pagination: None };
    }
    let number = |text: Option<String>| text.and_then(|text| text.trim().parse::<usize>().ok());
    let page = number(asked).unwrap_or(1).max(1);
    let size = number(call.param("pageSize")).unwrap_or(PAGE_SIZE).clamp(1, PAGE_SIZE_MAX);
    let count = rows.len();
    let rows = rows.into_iter().skip((page - 1).saturating_mul(size)).take(size).collect();
    let mut pagination = Fields::default();
    pagination
        .put("page", page)
        .put("pageSize", size)
        .put("pageCount", count.div_ceil(size))
        .put("itemCount", count);
    Listed { rows, pagination: told.then_some(pagination) }
}
