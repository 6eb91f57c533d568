//! In what two replies differ, place by place.

use serde_json::Value;

/// One place that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where, such as `ok.rows[0].fate`.
    pub place: String,
    /// What stood there when it was decided; empty for nothing.
    pub was: String,
    /// What stands there now; empty for nothing.
    pub is: String,
}

/// The places in which two texts of JSON differ, at most `count_max`.
#[must_use]
pub fn differences(was: &[u8], is: &[u8], count_max: usize) -> Vec<Difference> {
    let read = |text: &[u8]| {
        serde_json::from_slice::<Value>(text)
            .unwrap_or_else(|_| Value::from(String::from_utf8_lossy(text).into_owned()))
    };
    let mut found = Vec::new();
    compare("", Some(&read(was)), Some(&read(is)), &mut found, count_max);
    found
}

fn compare(
    place: &str,
    was: Option<&Value>,
    is: Option<&Value>,
    found: &mut Vec<Difference>,
    count_max: usize,
) {
    if was == is || found.len() >= count_max {
        return;
    }
    match (was, is) {
        (Some(Value::Object(was)), Some(Value::Object(is))) => {
            let more = is.keys().filter(|key| !was.contains_key(*key));
            for key in was.keys().chain(more) {
                let place = if place.is_empty() { key.clone() } else { format!("{place}.{key}") };
                compare(&place, was.get(key), is.get(key), found, count_max);
            }
        }
        (Some(Value::Array(was)), Some(Value::Array(is))) => {
            for at in 0..was.len().max(is.len()) {
                let place = format!("{place}[{at}]");
                compare(&place, was.get(at), is.get(at), found, count_max);
            }
        }
        _ => {
            let text = |value: Option<&Value>| value.map(Value::to_string).unwrap_or_default();
            found.push(Difference { place: place.to_owned(), was: text(was), is: text(is) });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_place_that_differs_is_named() {
        let found = differences(br#"{"a":[1,{"b":"x"}],"c":1}"#, br#"{"a":[1,{"b":"y"},3]}"#, 9);
        let places: Vec<_> = found.iter().map(|one| (&*one.place, &*one.was, &*one.is)).collect();
        assert_eq!(places, [("a[1].b", "\"x\"", "\"y\""), ("a[2]", "", "3"), ("c", "1", "")]);
        assert!(differences(b"{}", b"{ }", 9).is_empty());
        assert_eq!(differences(b"{}", b"no json", 9).len(), 1);
    }
}
