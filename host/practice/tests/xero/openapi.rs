//! Holds bodies against Xero's own OpenAPI file.
//!
//! The file is read from the folder that `TILLBOOK_SHARED` names; without it every check passes.
//! It depends on nothing of this crate, so that another crate's tests can take it in with
//! `#[path = "…/host/practice/tests/xero/openapi.rs"] mod openapi;` (they need `serde_json`,
//! `serde_yaml_ng` and `jsonschema`).

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};

use jsonschema::{Draft, Validator};
use serde_json::{Map, Value, json};

/// Members that Xero sends and its file does not know (section 3.0 of the reference).
const UNDOCUMENTED: [&str; 26] = [
    "Id",
    "Status",
    "ProviderName",
    "DateTimeUTC",
    "pagination",
    "DateString",
    "DueDateString",
    "DeliveryDateString",
    "UpdatedDateUTCString",
    "InvoicePaymentServices",
    "ID",
    "Options",
    "HasValidationErrors",
    "ValidationErrors",
    "DiscountEnteredAsPercent",
    "SentToEmailAddress",
    "TaxNumberName",
    "Attachments",
    "HasErrors",
    "IsDiscounted",
    "Type",
    "Warnings",
    "IsDeleted",
    "IsArchived",
    "IsActive",
    "DateUTCString",
];

/// The file, prepared once.
struct Specification {
    root: Value,
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

fn specification() -> Option<&'static Specification> {
    static READ: OnceLock<Option<Specification>> = OnceLock::new();
    READ.get_or_init(|| {
        let folder = PathBuf::from(std::env::var_os("TILLBOOK_SHARED")?);
        let path = folder.join("fixtures/xero/openapi/xero_accounting.yaml");
        let text = std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("{}", path.display()));
        let mut root: Value = serde_yaml_ng::from_str(&text).unwrap();
        allow_null(&mut root);
        Some(Specification { root, validators: Mutex::default() })
    })
    .as_ref()
}

/// `nullable: true` in the words of JSON Schema.
fn allow_null(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(allow_null);
            if members.get("nullable") == Some(&Value::Bool(true)) {
                if let Some(kind) = members.get("type").cloned() {
                    members.insert("type".to_owned(), json!([kind, "null"]));
                }
                if let Some(Value::Array(list)) = members.get_mut("enum") {
                    list.push(Value::Null);
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(allow_null),
        _ => {}
    }
}

impl Specification {
    /// The operation for a method and a path below `/api.xro/2.0/`.
    fn operation(&self, method: &str, path: &str) -> Option<&Map<String, Value>> {
        let path = path.split('?').next().unwrap_or_default();
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let paths = self.root["paths"].as_object()?;
        let fits = |template: &str| {
            let names: Vec<&str> = template.split('/').filter(|part| !part.is_empty()).collect();
            names.len() == parts.len()
                && names
                    .iter()
                    .zip(&parts)
                    .all(|(name, part)| name.starts_with('{') || name.eq_ignore_ascii_case(part))
        };
        let mut found: Vec<_> = paths.iter().filter(|(template, _)| fits(template)).collect();
        // Fixed words win over placeholders.
        found.sort_by_key(|(template, _)| template.matches('{').count());
        found.into_iter().find_map(|(_, item)| item.get(method.to_ascii_lowercase())?.as_object())
    }

    fn response_schema(&self, method: &str, path: &str, status: u16) -> Option<Value> {
        let responses = self.operation(method, path)?.get("responses")?;
        let response = responses.get(status.to_string())?;
        let response = match response.get("$ref").and_then(Value::as_str) {
            Some(reference) => self.root.pointer(reference.trim_start_matches('#'))?,
            None => response,
        };
        response.pointer("/content/application~1json/schema").cloned()
    }

    /// The schema of an operation's request or of one of its answers.
    fn schema_of(&self, operation: &str, part: &str) -> Option<Value> {
        let paths = self.root["paths"].as_object()?;
        let (path, method) = paths.iter().find_map(|(path, item)| {
            let mut methods = item.as_object()?.iter();
            let found = methods.find(|(_, one)| one["operationId"] == operation)?;
            Some((path, found.0))
        })?;
        match part.parse() {
            Ok(status) => self.response_schema(method, path, status),
            Err(_) => self.request_schema(method, path),
        }
    }

    fn request_schema(&self, method: &str, path: &str) -> Option<Value> {
        let body = self.operation(method, path)?.get("requestBody")?;
        body.pointer("/content/application~1json/schema").cloned()
    }

    fn validator(&self, schema: &Value) -> Arc<Validator> {
        let key = schema.to_string();
        let mut validators = self.validators.lock().unwrap();
        let validator = validators.entry(key).or_insert_with(|| {
            let mut root = schema.as_object().cloned().unwrap_or_default();
            root.insert("components".to_owned(), self.root["components"].clone());
            let built = jsonschema::options().with_draft(Draft::Draft4).build(&Value::Object(root));
            Arc::new(built.unwrap())
        });
        Arc::clone(validator)
    }

    /// A refusal holds elements of the collection, which the file's own schema for it leaves open.
    fn faults_of_refusal(
        &self,
        method: &str,
        path: &str,
        schema: &Value,
        mut body: Value,
    ) -> Vec<String> {
        let elements = body.as_object_mut().and_then(|error| error.remove("Elements"));
        let mut faults = self.faults(schema, &body);
        let Some(Value::Array(elements)) = elements else { return faults };
        let collection = self.response_schema(method, path, 200).and_then(|schema| {
            let schema = match schema.get("$ref").and_then(Value::as_str) {
                Some(reference) => self.root.pointer(reference.trim_start_matches('#'))?.clone(),
                None => schema,
            };
            let properties = schema.get("properties")?.as_object()?.clone();
            let words: Vec<&str> = path.split(['/', '?']).collect();
            let named = |name: &str| {
                words.iter().any(|word| word.eq_ignore_ascii_case(name.trim_end_matches("Records")))
            };
            properties.into_iter().find(|(name, _)| named(name))?.1.get("items").cloned()
        });
        for element in &elements {
            match &collection {
                Some(schema) => faults.extend(self.faults(schema, element)),
                None => faults.push(format!("no schema for the elements of {method} {path}")),
            }
        }
        faults
    }

    fn faults(&self, schema: &Value, body: &Value) -> Vec<String> {
        let validator = self.validator(schema);
        let mut faults: Vec<String> = validator
            .iter_errors(body)
            .map(|error| format!("{} at {}", error, error.instance_path()))
            .collect();
        let mut unknown = BTreeSet::new();
        self.unknown(schema, body, "", &mut unknown);
        faults.extend(unknown.into_iter().map(|path| format!("unknown member {path}")));
        faults
    }

    /// Members that neither the file nor [`UNDOCUMENTED`] knows.
    fn unknown(&self, schema: &Value, body: &Value, path: &str, found: &mut BTreeSet<String>) {
        let schema = match schema.get("$ref").and_then(Value::as_str) {
            Some(reference) => match self.root.pointer(reference.trim_start_matches('#')) {
                Some(schema) => schema,
                None => return,
            },
            None => schema,
        };
        match body {
            Value::Array(list) => {
                for one in list {
                    self.unknown(&schema["items"], one, path, found);
                }
            }
            Value::Object(members) => {
                let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
                    return;
                };
                for (name, value) in members {
                    let path = format!("{path}/{name}");
                    match properties.get(name) {
                        Some(schema) => self.unknown(schema, value, &path, found),
                        None if UNDOCUMENTED.contains(&name.as_str()) => {}
                        None => {
                            found.insert(path);
                        }
                    }
                }
            }
            _ => {}
        }
    }
}

/// What is wrong with an answer: nothing, when the file is not at hand or does not describe it.
pub(crate) fn faults_of_answer(method: &str, path: &str, status: u16, text: &str) -> Vec<String> {
    let Some(specification) = specification() else { return Vec::new() };
    let Some(schema) = specification.response_schema(method, path, status) else {
        return Vec::new();
    };
    match serde_json::from_str(text) {
        Ok(body) if status == 400 => specification.faults_of_refusal(method, path, &schema, body),
        Ok(body) => specification.faults(&schema, &body),
        Err(error) => vec![format!("not JSON: {error}")],
    }
}

/// What is wrong with a request: a plural envelope or one bare object is held against the file.
pub(crate) fn faults_of_request(method: &str, path: &str, body: &Value) -> Vec<String> {
    let Some(specification) = specification() else { return Vec::new() };
    match specification.request_schema(method, path) {
        Some(schema) => specification.faults(&schema, body),
        None => Vec::new(),
    }
}

/// Whether the file describes the part (`request`, `200`…) of an operation, and what is wrong
/// with a body for it; members it does not know are let through.
pub(crate) fn faults_of_example(operation: &str, part: &str, body: &Value) -> Option<Vec<String>> {
    let specification = specification()?;
    let schema = specification.schema_of(operation, part)?;
    let validator = specification.validator(&schema);
    Some(validator.iter_errors(body).map(|error| error.to_string()).collect())
}

/// Fails when an answer is not what the file describes.
#[track_caller]
pub(crate) fn check_answer(method: &str, path: &str, status: u16, text: &str) {
    let faults = faults_of_answer(method, path, status, text);
    assert!(faults.is_empty(), "{method} {path} {status}: {faults:#?}\n{text:.4000}");
}
