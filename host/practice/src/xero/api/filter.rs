//! The part of `where` that is understood (section 1.10): `Field="text"`, `Field==guid("…")`,
//! joined by `AND` or `&&`. Anything else is refused rather than guessed.

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Condition {
    pub(crate) field: String,
    pub(crate) value: String,
}

/// Reads a `where`.
pub(crate) fn read(text: &str) -> Result<Vec<Condition>, String> {
    let mut rest = text.trim();
    let mut conditions = Vec::new();
    loop {
        let (condition, after) = read_condition(rest)?;
        conditions.push(condition);
        rest = after.trim_start();
        if rest.is_empty() {
            return Ok(conditions);
        }
        let head = rest.get(..4).unwrap_or_default();
        if let Some(after) = rest.strip_prefix("&&") {
            rest = after;
        } else if head.eq_ignore_ascii_case("and ") {
            rest = rest.get(4..).unwrap_or_default();
        } else {
            return Err(format!("Operator expected near '{rest}'"));
        }
    }
}

fn read_condition(text: &str) -> Result<(Condition, &str), String> {
    let text = text.trim_start();
    let end = text
        .find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '.')
        .unwrap_or(text.len());
    let (field, rest) = text.split_at(end);
    if field.is_empty() {
        return Err(format!("Expression expected near '{text}'"));
    }
    let rest = rest.trim_start();
    let rest = rest
        .strip_prefix("==")
        .or_else(|| rest.strip_prefix('='))
        .ok_or_else(|| format!("Operator not supported near '{rest}'"))?
        .trim_start();
    let lower = rest.to_ascii_lowercase();
    let (value, rest) = if lower.starts_with("guid(") {
        let (value, after) = read_quoted(rest.get(5..).unwrap_or_default())?;
        let after = after.trim_start().strip_prefix(')').ok_or("')' or ',' expected")?;
        (value, after)
    } else if rest.starts_with('"') {
        read_quoted(rest)?
    } else if lower.starts_with("true") || lower.starts_with("false") {
        let end = if lower.starts_with("true") { 4 } else { 5 };
        (lower.get(..end).unwrap_or_default().to_owned(), rest.get(end..).unwrap_or_default())
    } else {
        return Err(format!("Value not supported near '{rest}'"));
    };
    Ok((Condition { field: field.to_owned(), value }, rest))
}

fn read_quoted(text: &str) -> Result<(String, &str), String> {
    let inside = text.trim_start().strip_prefix('"').ok_or("String literal expected")?;
    let mut value = String::new();
    let mut letters = inside.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Ok((value, inside.get(at + 1..).unwrap_or_default())),
            '\\' => value.extend(letters.next().map(|(_, escaped)| escaped)),
            other => value.push(other),
        }
    }
    Err("Unterminated string literal".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, &str)]) {
        let read = read(text).unwrap();
        let pairs: Vec<_> =
            read.iter().map(|one| (one.field.as_str(), one.value.as_str())).collect();
        assert_eq!(pairs, expected, "{text}");
    }

    #[test]
    fn equalities_joined_by_and_are_understood() {
        check(
            r#"Reference="a \"b\"" AND Status=="PAID""#,
            &[("Reference", "a \"b\""), ("Status", "PAID")],
        );
        check(
            r#"Contact.ContactID = guid("12") && Name="x""#,
            &[("Contact.ContactID", "12"), ("Name", "x")],
        );
        check("IsSupplier==true", &[("IsSupplier", "true")]);
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "Name", r#"Name="x"#, r#"Name!="x""#, r#"Name="x" OR Name="y""#, "Total>5"]
        {
            assert!(read(text).is_err(), "{text}");
        }
        assert_eq!(read(r#"Name="x"#), Err("Unterminated string literal".to_owned()));
    }
}
