//! Gathers the definitions of several schemas under names that are unique.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::refuse;
use crate::error::BuildError;

/// A definition with everything it refers to: two are the same type when these are equal.
type Closure = BTreeMap<String, Value>;

/// Every type as (TypeScript name, schema); a `$ref` in it is then such a name.
pub(super) fn collect(roots: &[(&str, Value)]) -> Result<Vec<(String, Value)>, BuildError> {
    let mut names = Names::default();
    for (root, schema) in roots {
        let definitions = definitions(root, schema);
        let closure = close(root, &definitions).map_err(|reason| refuse(root, reason))?;
        // A root keeps its name, whoever else defines it first.
        names.taken.insert((*root).to_owned(), closure);
    }
    let mut declared = BTreeMap::new();
    let (requests, others): (Vec<_>, Vec<_>) =
        roots.iter().partition(|(root, _)| root.ends_with("Request"));
    for (root, schema) in requests.into_iter().chain(others) {
        let definitions = definitions(root, schema);
        let mut renamed = BTreeMap::new();
        for name in definitions.keys() {
            let closure = close(name, &definitions).map_err(|reason| refuse(root, reason))?;
            renamed.insert(name.clone(), names.find(&identifier(name), closure));
        }
        for (name, mut definition) in definitions {
            visit_references(&mut definition, &mut |reference| {
                if let Some(unique) = renamed.get(reference) {
                    unique.clone_into(reference);
                }
            });
            if let Some(unique) = renamed.get(&name) {
                declared.entry(unique.clone()).or_insert(definition);
            }
        }
    }
    let roots = roots.iter().filter_map(|(root, _)| declared.remove_entry(*root));
    let mut types: Vec<_> = roots.collect();
    types.extend(declared);
    Ok(types)
}

/// Which names are taken, and by what.
#[derive(Default)]
struct Names {
    taken: BTreeMap<String, Closure>,
}

impl Names {
    /// The name of a definition: `Name`, or `NameOutput` where that is another type already.
    fn find(&mut self, plain: &str, closure: Closure) -> String {
        let mut name = plain.to_owned();
        while self.taken.get(&name).is_some_and(|other| *other != closure) {
            name.push_str("Output");
        }
        self.taken.entry(name.clone()).or_insert(closure);
        name
    }
}

/// The root and its `$defs` by name, with every `$ref` turned into such a name.
fn definitions(root: &str, schema: &Value) -> BTreeMap<String, Value> {
    let inner = schema.get("$defs").and_then(Value::as_object).cloned().unwrap_or_default();
    let mut definitions: BTreeMap<String, Value> = inner.into_iter().collect();
    definitions.insert(root.to_owned(), schema.clone());
    for definition in definitions.values_mut() {
        if let Value::Object(keywords) = definition {
            for annotation in ["$schema", "$defs", "$id", "title"] {
                keywords.remove(annotation);
            }
        }
        visit_references(definition, &mut |reference| {
            let name = if reference == "#" {
                Some(root.to_owned())
            } else {
                reference.strip_prefix("#/$defs/").map(|name| name.replace("~1", "/"))
            };
            if let Some(name) = name {
                *reference = name.replace("~0", "~");
            }
        });
    }
    definitions
}

fn close(name: &str, definitions: &BTreeMap<String, Value>) -> Result<Closure, String> {
    let mut closure = Closure::new();
    let mut waiting = vec![name.to_owned()];
    while let Some(name) = waiting.pop() {
        if closure.contains_key(&name) {
            continue;
        }
        let found = definitions.get(&name);
        let mut definition = found.ok_or_else(|| format!("`{name}` is not defined"))?.clone();
        visit_references(&mut definition, &mut |reference| waiting.push(reference.clone()));
        closure.insert(name, definition);
    }
    Ok(closure)
}

fn visit_references(schema: &mut Value, visit: &mut impl FnMut(&mut String)) {
    match schema {
        Value::Object(keywords) => visit_keywords(keywords, visit),
        Value::Array(items) => items.iter_mut().for_each(|item| visit_references(item, visit)),
        _ => {}
    }
}

fn visit_keywords(keywords: &mut Map<String, Value>, visit: &mut impl FnMut(&mut String)) {
    for (keyword, value) in keywords {
        match (keyword.as_str(), value) {
            ("$ref", Value::String(reference)) => visit(reference),
            // Plain data, which may look like a reference and is none.
            ("const" | "default" | "enum" | "examples", _) => {}
            (_, value) => visit_references(value, visit),
        }
    }
}

fn identifier(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}
