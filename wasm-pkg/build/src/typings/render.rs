//! One schema as TypeScript.

use serde_json::{Map, Value};

type Keywords = Map<String, Value>;

/// Keywords that say something TypeScript cannot: values stay as they are, only the type counts.
const ANNOTATIONS: [&str; 22] = [
    "$comment",
    "contentEncoding",
    "contentMediaType",
    "default",
    "deprecated",
    "description",
    "examples",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "pattern",
    "title",
    "uniqueItems",
];
/// Keywords that decide the type.
const SHAPES: [&str; 13] = [
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "const",
    "enum",
    "items",
    "oneOf",
    "patternProperties",
    "prefixItems",
    "properties",
    "required",
    "type",
];

/// An exported declaration with its documentation.
pub(super) fn declare(name: &str, schema: &Value) -> Result<String, String> {
    let doc = document(schema, 0);
    let body = render(schema, 0)?;
    // Only a plain object is an interface; anything joined to it makes it an alias.
    let is_object = body.starts_with("{\n") && body.ends_with("\n}") && !body.contains("\n} & ");
    Ok(if is_object {
        format!("{doc}export interface {name} {body}\n")
    } else {
        let gap = if body.starts_with('\n') { "" } else { " " };
        format!("{doc}export type {name} ={gap}{body};\n")
    })
}

/// The type of a schema, written at `depth` levels of indentation.
fn render(schema: &Value, depth: usize) -> Result<String, String> {
    match schema {
        Value::Bool(true) => Ok(String::from("unknown")),
        Value::Bool(false) => Ok(String::from("never")),
        Value::Object(keywords) => render_keywords(keywords, depth),
        _ => Err(String::from("a schema is an object or a truth value")),
    }
}

/// What each group of keywords asks for, all of it at once.
fn render_keywords(keywords: &Keywords, depth: usize) -> Result<String, String> {
    let known = |keyword: &str| {
        SHAPES.contains(&keyword) || ANNOTATIONS.contains(&keyword) || keyword.starts_with("x-")
    };
    if let Some(unknown) = keywords.keys().find(|keyword| !known(keyword)) {
        return Err(format!("keyword `{unknown}` is not understood"));
    }
    let mut parts = Vec::new();
    if let Some(Value::String(name)) = keywords.get("$ref") {
        parts.push(name.clone());
    }
    if let Some(value) = keywords.get("const") {
        parts.push(value.to_string());
    } else if let Some(values) = list(keywords, "enum") {
        parts.push(values.iter().map(Value::to_string).collect::<Vec<_>>().join(" | "));
    } else if let Some(part) = render_type(keywords, depth)? {
        parts.push(part);
    }
    for keyword in ["oneOf", "anyOf"] {
        if let Some(variants) = list(keywords, keyword) {
            parts.push(render_union(variants, depth)?);
        }
    }
    for schema in list(keywords, "allOf").unwrap_or_default() {
        parts.push(render(schema, depth)?);
    }
    Ok(match parts.as_slice() {
        [] => String::from("unknown"),
        [one] => one.clone(),
        many => many.iter().map(|part| enclose(part)).collect::<Vec<_>>().join(" & "),
    })
}

/// What `type` and the keywords that belong to it say; nothing when they say nothing.
fn render_type(keywords: &Keywords, depth: usize) -> Result<Option<String>, String> {
    let names: Vec<&str> = match keywords.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ if has_members(keywords) => vec!["object"],
        _ => return Ok(None),
    };
    // Beside a reference or a union, a bare `"type": "object"` adds nothing.
    let joined =
        ["$ref", "oneOf", "anyOf", "allOf"].iter().any(|name| keywords.contains_key(*name));
    if joined && names == ["object"] && !has_members(keywords) {
        return Ok(None);
    }
    let parts: Result<Vec<_>, _> =
        names.iter().map(|name| render_named(name, keywords, depth)).collect();
    Ok(Some(parts?.join(" | ")))
}

fn render_named(name: &str, keywords: &Keywords, depth: usize) -> Result<String, String> {
    Ok(match name {
        "string" | "boolean" | "null" => String::from(name),
        "number" | "integer" => String::from("number"),
        "array" => render_array(keywords, depth)?,
        "object" => render_object(keywords, depth)?,
        other => return Err(format!("type `{other}` is not understood")),
    })
}

fn render_array(keywords: &Keywords, depth: usize) -> Result<String, String> {
    if let Some(items) = list(keywords, "prefixItems") {
        let items: Result<Vec<_>, _> = items.iter().map(|item| render(item, depth)).collect();
        return Ok(format!("[{}]", items?.join(", ")));
    }
    let item = keywords.get("items").map_or(Ok(String::from("unknown")), |i| render(i, depth))?;
    Ok(format!("{}[]", enclose(&item)))
}

fn render_object(keywords: &Keywords, depth: usize) -> Result<String, String> {
    let empty = Keywords::new();
    let members = keywords.get("properties").and_then(Value::as_object).unwrap_or(&empty);
    let mut parts = Vec::new();
    if !members.is_empty() {
        let required = list(keywords, "required").unwrap_or_default();
        parts.push(render_members(members, required, depth)?);
    }
    let patterns = keywords.get("patternProperties").and_then(Value::as_object);
    let others = keywords.get("additionalProperties").filter(|schema| schema.is_object());
    for schema in patterns.into_iter().flat_map(Map::values).chain(others) {
        parts.push(format!("{{ [key: string]: {} }}", render(schema, depth)?));
    }
    if parts.is_empty() {
        let closed = keywords.get("additionalProperties") == Some(&Value::Bool(false));
        parts.push(format!("Record<string, {}>", if closed { "never" } else { "unknown" }));
    }
    Ok(parts.join(" & "))
}

fn render_members(members: &Keywords, required: &[Value], depth: usize) -> Result<String, String> {
    let mut text = String::from("{\n");
    let indent = indent(depth + 1);
    for (name, schema) in members {
        let mark = if required.iter().any(|other| other == name) { "" } else { "?" };
        let key =
            if is_identifier(name) { name.clone() } else { Value::from(name.as_str()).to_string() };
        let kind = render(schema, depth + 1)?;
        text.push_str(&document(schema, depth + 1));
        text.extend([indent.as_str(), &key, mark, ": ", &kind, ";\n"]);
    }
    text.push_str(&self::indent(depth));
    text.push('}');
    Ok(text)
}

/// Variants on one line each when they are documented or large, else all on one line.
fn render_union(variants: &[Value], depth: usize) -> Result<String, String> {
    let rendered: Result<Vec<_>, _> =
        variants.iter().map(|variant| render(variant, depth + 1)).collect();
    let rendered = rendered?;
    let documented = variants.iter().any(|variant| !document(variant, 0).is_empty());
    if !documented && !rendered.iter().any(|part| part.contains('\n')) {
        return Ok(rendered.join(" | "));
    }
    let mut text = String::new();
    for (variant, part) in variants.iter().zip(rendered) {
        let doc = document(variant, depth + 1);
        text.extend(["\n", &doc, &indent(depth + 1), "| ", &part]);
    }
    Ok(text)
}

/// The description as a comment of its own lines; nothing when there is none.
fn document(schema: &Value, depth: usize) -> String {
    let Some(text) = schema.get("description").and_then(Value::as_str) else {
        return String::new();
    };
    let indent = indent(depth);
    let text = text.replace("*/", "*\\/");
    let lines: Vec<&str> = text.lines().collect();
    match lines.as_slice() {
        [] => String::new(),
        [line] => format!("{indent}/** {line} */\n"),
        many => {
            let body: String = many
                .iter()
                .map(|line| format!("{indent} * {line}").trim_end().to_owned() + "\n")
                .collect();
            format!("{indent}/**\n{body}{indent} */\n")
        }
    }
}

/// Puts a union or an intersection in brackets, so that it can be part of something larger.
fn enclose(part: &str) -> String {
    let mut level = 0_u32;
    let mut quoted = false;
    let mut before = ' ';
    for character in part.chars() {
        match character {
            '"' if before != '\\' => quoted = !quoted,
            '{' | '[' | '(' | '<' if !quoted => level += 1,
            '}' | ']' | ')' | '>' if !quoted => level = level.saturating_sub(1),
            '|' | '&' if !quoted && level == 0 => return format!("({part})"),
            _ => {}
        }
        before = character;
    }
    String::from(part)
}

fn has_members(keywords: &Keywords) -> bool {
    ["properties", "patternProperties", "additionalProperties"]
        .iter()
        .any(|name| keywords.contains_key(*name))
}

fn list<'a>(keywords: &'a Keywords, keyword: &str) -> Option<&'a [Value]> {
    keywords.get(keyword).and_then(Value::as_array).map(Vec::as_slice)
}

fn is_identifier(name: &str) -> bool {
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '$');
    starts && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '$')
}

fn indent(depth: usize) -> String {
    "  ".repeat(depth)
}
