//! A JSON text taken apart once: strings and numbers stay as they are written.
//!
//! Read through a lexer rather than into types: amounts never pass through a binary float, a
//! string that cannot be decoded harms nobody but whoever wants it, and the text is walked once
//! however deep its objects lie.

use alloc::{borrow::Cow, format, string::String, vec::Vec};

use hifijson::{
    Error, Expect, Read as _, SliceLexer,
    num::Lex as _,
    str::{Lex as _, LexAlloc as _},
    token::Lex as _,
};

/// How deep objects and lists may lie in each other. What lies deeper is passed over: nothing
/// that we read does.
const DEPTH_MAX: usize = 64;

/// A JSON value as it stands in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Json<'a> {
    /// A string with its quotes, its escapes as written.
    Text(&'a str),
    /// A number, `true`, `false` or `null`.
    Word(&'a str),
    /// A list.
    List(Vec<Json<'a>>),
    /// An object, in its own order; names may come twice.
    Object(Vec<(Cow<'a, str>, Json<'a>)>),
    /// Something that lies too deep.
    Deep,
}

impl<'a> Json<'a> {
    /// Takes a text apart.
    ///
    /// # Errors
    /// A sentence with line and column when the text is no JSON.
    pub(crate) fn parse(text: &'a str) -> Result<Self, String> {
        let mut lexer = SliceLexer::new(text.as_bytes());
        let found = lexer
            .exactly_one(SliceLexer::ws_peek, |next, lexer| value(text, next, lexer, DEPTH_MAX));
        found.map_err(|error| {
            let before = text.get(..offset(text, &lexer)).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            format!("{error} at line {line} column {column}")
        })
    }

    /// Whether it is null.
    #[must_use]
    pub(crate) fn is_null(&self) -> bool {
        *self == Self::Word("null")
    }

    /// The text of a string, or a number or boolean as it is printed.
    ///
    /// `None` for lists and objects, and for strings with escapes that stand for no character.
    #[must_use]
    pub(crate) fn scalar(&self) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(quoted) => decode(quoted),
            Self::Word(word) => Some(Cow::Borrowed(word)),
            _ => None,
        }
    }
}

fn offset(text: &str, lexer: &SliceLexer<'_>) -> usize {
    text.len().saturating_sub(lexer.as_slice().len())
}

/// The text of a string that stands between quotes; one without escapes is only borrowed.
fn decode(quoted: &str) -> Option<Cow<'_, str>> {
    let text = quoted.get(1..quoted.len().saturating_sub(1))?;
    if !text.contains('\\') {
        return Some(Cow::Borrowed(text));
    }
    SliceLexer::new(quoted.as_bytes()).discarded().str_string().ok()
}

fn value<'a>(
    text: &'a str,
    next: u8,
    lexer: &mut SliceLexer<'a>,
    depth: usize,
) -> Result<Json<'a>, Error> {
    let start = offset(text, lexer);
    match next {
        b'"' => string(text, lexer).map(Json::Text),
        b'[' | b'{' if depth == 0 => pass_over(lexer).map(|()| Json::Deep),
        b'[' => {
            let mut list = Vec::new();
            lexer.discarded().seq(b']', SliceLexer::ws_peek, |next, lexer| {
                list.push(value(text, next, lexer, depth - 1)?);
                Ok::<(), Error>(())
            })?;
            Ok(Json::List(list))
        }
        b'{' => {
            let mut fields = Vec::new();
            lexer.discarded().seq(b'}', SliceLexer::ws_peek, |next, lexer| {
                let name = name(text, next, lexer)?;
                let name = decode(name).unwrap_or(Cow::Borrowed(name));
                let next = lexer.ws_peek().ok_or(Expect::Value)?;
                fields.push((name, value(text, next, lexer, depth - 1)?));
                Ok::<(), Error>(())
            })?;
            Ok(Json::Object(fields))
        }
        _ => {
            word(next, lexer)?;
            Ok(Json::Word(text.get(start..offset(text, lexer)).unwrap_or_default()))
        }
    }
}

/// The name of a field, and its colon.
fn name<'a>(text: &'a str, next: u8, lexer: &mut SliceLexer<'a>) -> Result<&'a str, Error> {
    if next != b'"' {
        return Err(Expect::String.into());
    }
    let name = string(text, lexer)?;
    lexer.expect(SliceLexer::ws_peek, b':').ok_or(Expect::Colon)?;
    Ok(name)
}

/// A string with its quotes.
fn string<'a>(text: &'a str, lexer: &mut SliceLexer<'a>) -> Result<&'a str, Error> {
    let start = offset(text, lexer);
    let rest = text.as_bytes().get(start + 1..).unwrap_or_default();
    let plain = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | ..=0x1f));
    let plain = plain.unwrap_or(rest.len());
    if rest.get(plain) == Some(&b'"') {
        *lexer = SliceLexer::new(rest.get(plain + 1..).unwrap_or_default());
    } else {
        lexer.discarded().str_ignore()?;
    }
    Ok(text.get(start..offset(text, lexer)).unwrap_or_default())
}

/// A number, `true`, `false` or `null`.
fn word(next: u8, lexer: &mut SliceLexer<'_>) -> Result<(), Error> {
    match next {
        b'-' | b'0'..=b'9' => {
            lexer.num_ignore().validate()?;
        }
        b'a'..=b'z' => {
            lexer.null_or_bool().ok_or(Expect::Value)?;
        }
        _ => return Err(Expect::Value.into()),
    }
    Ok(())
}

/// Passes over a list or an object of any depth, without the stack.
fn pass_over(lexer: &mut SliceLexer<'_>) -> Result<(), Error> {
    let mut open: Vec<u8> = Vec::new();
    let text = core::str::from_utf8(lexer.as_slice()).unwrap_or_default();
    loop {
        // A value is to come, or the end of a list or object that has just begun.
        let mut next = lexer.ws_peek().ok_or(Expect::Value)?;
        match next {
            b'[' | b'{' => {
                let end = if next == b'[' { b']' } else { b'}' };
                lexer.take_next();
                open.push(end);
                next = lexer.ws_peek().ok_or(Expect::ValueOrEnd)?;
                if next != end {
                    if end == b'}' {
                        name(text, next, lexer)?;
                    }
                    continue;
                }
            }
            b'"' => {
                string(text, lexer)?;
            }
            _ => word(next, lexer)?,
        }
        // A value has ended: so may what is around it.
        loop {
            let Some(end) = open.last().copied() else { return Ok(()) };
            next = lexer.ws_peek().ok_or(Expect::CommaOrEnd)?;
            lexer.take_next();
            if next == end {
                open.pop();
                continue;
            }
            if next != b',' {
                return Err(Expect::CommaOrEnd.into());
            }
            if end == b'}' {
                let next = lexer.ws_peek().ok_or(Expect::String)?;
                name(text, next, lexer)?;
            }
            break;
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::{string::ToString, vec};

    use proptest::prelude::*;
    use serde_json::value::RawValue;

    use super::*;

    fn is_json(text: &str) -> bool {
        serde_json::from_str::<&RawValue>(text).is_ok()
    }

    #[test]
    fn values_stay_as_they_are_written() {
        let json = Json::parse(" {\"a\": [1.10, -0e5, \"x\\u0041\", null], \"a\\n\":true} ");
        let list = Json::List(vec![
            Json::Word("1.10"),
            Json::Word("-0e5"),
            Json::Text("\"x\\u0041\""),
            Json::Word("null"),
        ]);
        let fields = vec![("a".into(), list), ("a\n".into(), Json::Word("true"))];
        assert_eq!(json, Ok(Json::Object(fields)));
        assert_eq!(Json::Text("\"x\\u0041\\ud83d\\ude00\"").scalar().unwrap(), "xA😀");
        assert_eq!(Json::Text("\"\\ud83d\"").scalar(), None);
    }

    #[test]
    fn an_error_says_where() {
        let error = Json::parse("{\n  \"ä\": 1 2}").unwrap_err();
        assert_eq!(error, "comma or end of sequence expected at line 2 column 10");
    }

    #[test]
    fn what_lies_too_deep_is_passed_over() {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let depth = 100_000;
            let text = open.repeat(depth) + "1" + &close.repeat(depth);
            let inside = "[".to_string() + &text + ",\"after\"]";
            let json = Json::parse(&inside);
            let Ok(Json::List(list)) = json else { panic!("{json:?}") };
            assert_eq!(list.last(), Some(&Json::Text("\"after\"")));
            assert!(Json::parse(&text.replace('1', "1 1")).is_err());
            assert!(Json::parse(&text[..text.len() - 1]).is_err());
        }
    }

    /// Almost JSON: what a correct reader and a wrong one would judge differently.
    fn almost_json() -> impl Strategy<Value = String> {
        let word = prop::sample::select(vec![
            "null",
            "true",
            "tru",
            "-1",
            "01",
            "1.",
            "1.5e+3",
            "1e",
            "\"a\"",
            "\"\\u00e9\"",
            "\"\\u12\"",
            "\"\\x\"",
            "\"\u{1}\"",
            "\"",
            "[]",
            "{}",
            "nulll",
            "-",
            "+1",
            ".5",
            "é",
        ]);
        let leaf = word.prop_map(String::from);
        leaf.prop_recursive(4, 24, 4, |inner| {
            let list = prop::collection::vec(inner, 0..4);
            let glue = prop::sample::select(vec![",", " , ", ",,", "", " ", ":"]);
            let ends = prop::sample::select(vec![
                ("[", "]"),
                ("{\"k\":", "}"),
                ("{\"k\" : 1,\"l\":", "}"),
                ("[", "}"),
                ("{", "}"),
                ("[", ",]"),
                ("\n[\t", " ]\r"),
            ]);
            (list, glue, ends)
                .prop_map(|(list, glue, (open, close))| open.to_string() + &list.join(glue) + close)
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn takes_what_serde_takes_and_no_more(text in almost_json()) {
            prop_assert_eq!(Json::parse(&text).is_ok(), is_json(&text), "{}", text);
            // The same below the depth at which values are only passed over.
            let deep = "[".repeat(DEPTH_MAX) + &text + &"]".repeat(DEPTH_MAX);
            prop_assert_eq!(Json::parse(&deep).is_ok(), is_json(&text), "{}", text);
        }
    }
}
