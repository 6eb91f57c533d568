//! Values that no field should hold, and where to put them.

use std::collections::BTreeMap;

use crate::json::Json;

/// Values that no field should hold, as JSON text.
pub(crate) fn hostile() -> Vec<String> {
    let plain = [
        "null",
        "true",
        "-1",
        "0",
        "1e400",
        "\"1e400\"",
        "\"1e-9\"",
        "1e-400",
        "99999999999999999999",
        "\"-9999999999.99\"",
        "\"9999999999.99\"",
        "0.1234567890123456789012345678901234567890",
        "\"79228162514264337593543950335\"",
        "\"NaN\"",
        "\"Infinity\"",
        "\"\"",
        "\" \"",
        "\"-\"",
        "\"-0.00\"",
        "\"1,234.50\"",
        "\"0x1F\"",
        "[]",
        "{}",
        "[null]",
        "[[[{}]]]",
        "{\"a\":[]}",
        "{\"id\":1,\"id\":2}",
        "\"\\u0000\\u001f\\u202e\"",
        "\"\\ud800\"",
        "\"2026-02-30\"",
        "\"0000-00-00T00:00:00\"",
        "\"9999-12-31T25:61:61\"",
        "\"ＪＰＹ 😀🏴‍☠️\"",
        "\"{name}{\"",
        "\"<b\"",
        "\"&#xFFFFFFFFF;&#55296;&\"",
    ];
    let mut values: Vec<String> = plain.into_iter().map(Into::into).collect();
    values.push(format!("\"{}\"", "x".repeat(100_000)));
    values.push(format!("\"{}\"", "&é".repeat(5_000)));
    values.push(format!("{}{}", "[".repeat(200), "]".repeat(200)));
    values.push(format!("{}1{}", "{\"a\":".repeat(200), "}".repeat(200)));
    values
}

/// Where a value stands: the steps from the root.
pub(crate) type Path = Vec<usize>;

pub(crate) fn paths(value: &Json, here: &Path, found: &mut Vec<Path>) {
    let count = match value {
        Json::List(list) => list.len(),
        Json::Object(fields) => fields.len(),
        _ => 0,
    };
    for index in 0..count {
        let path: Path = here.iter().copied().chain([index]).collect();
        found.push(path.clone());
        paths(child(value, index), &path, found);
    }
}

pub(crate) fn all_paths(value: &Json) -> Vec<Path> {
    let mut found = Vec::new();
    paths(value, &Vec::new(), &mut found);
    found
}

/// A path in words, without the positions in lists: `line_items[].taxes[].total`.
pub(crate) fn name_of(root: &Json, path: &[usize]) -> String {
    let mut value = root;
    let mut name = String::new();
    for index in path {
        match value {
            Json::Object(fields) => {
                name.push('.');
                name.push_str(&fields[*index].0);
            }
            _ => name.push_str("[]"),
        }
        value = child(value, *index);
    }
    name
}

/// The paths of a value, of those with one name at most `each`, counted on in `seen`.
pub(crate) fn some_paths(
    value: &Json,
    each: usize,
    seen: &mut BTreeMap<String, usize>,
) -> Vec<Path> {
    let mut found = all_paths(value);
    found.retain(|path| {
        let count = seen.entry(name_of(value, path)).or_default();
        *count += 1;
        *count <= each
    });
    found
}

pub(crate) fn child(value: &Json, index: usize) -> &Json {
    match value {
        Json::List(list) => &list[index],
        Json::Object(fields) => &fields[index].1,
        other => other,
    }
}

pub(crate) fn child_mut(value: &mut Json, index: usize) -> &mut Json {
    match value {
        Json::List(list) => &mut list[index],
        Json::Object(fields) => &mut fields[index].1,
        other => other,
    }
}

pub(crate) fn at_mut<'a>(root: &'a mut Json, path: &[usize]) -> &'a mut Json {
    path.iter().fold(root, |value, index| child_mut(value, *index))
}

/// Every way of breaking the value at a path: replaced, removed, doubled.
pub(crate) fn broken(root: &Json, path: &[usize], values: &[String]) -> Vec<Json> {
    let mut all = Vec::with_capacity(values.len() + 2);
    for value in values {
        let mut copy = root.clone();
        *at_mut(&mut copy, path) = Json::Raw(value.clone());
        all.push(copy);
    }
    let (place, parent) = path.split_last().unwrap();
    for doubled in [false, true] {
        let mut copy = root.clone();
        match at_mut(&mut copy, parent) {
            Json::List(list) if doubled => list.push(list[*place].clone()),
            Json::Object(fields) if doubled => fields.push(fields[*place].clone()),
            Json::List(list) => drop(list.remove(*place)),
            Json::Object(fields) => drop(fields.remove(*place)),
            _ => {}
        }
        all.push(copy);
    }
    all
}
