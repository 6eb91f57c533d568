//! Face for JavaScript: browser, Node and bundlers, through wasm-bindgen. No logic.
//!
//! Objects cross as JSON text: that is faster than building them field by field, smaller, and the
//! text is what every other runtime sees.

use js_sys::{Error, JSON, Reflect};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::panic_text;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
import type {
  CheckRequest, CheckResponse, DescribeResponse, MapRequest, MapResponse, ProposeRequest,
  ProposeResponse,
} from "./types.js";

/** What a typed function throws when the core refuses a request. */
export interface CoreError extends Error {
  /** Stable code, for programs. */
  code: string;
  /** Where in the request, when it is known. */
  path?: string;
}
"#;

/// Runs one operation: JSON text in, JSON text out, the same bytes as in every other runtime.
///
/// The reply is `{"ok": …}` or `{"error": {"code", "message", "path"?}}`.
#[wasm_bindgen]
#[must_use]
pub fn call(operation: &str, request: &str) -> String {
    panic_text::keep();
    tillbook_core::call(operation, request)
}

/// Says which core this is: its version, its contract and what it can do.
///
/// # Errors
/// A `CoreError` when the core refuses.
#[wasm_bindgen(unchecked_return_type = "DescribeResponse")]
pub fn describe() -> Result<JsValue, JsValue> {
    run("describe", "{}")
}

/// Proposes settings for a shop and a chart of accounts.
///
/// # Errors
/// A `CoreError` when the request cannot be read.
#[wasm_bindgen(js_name = proposeSettings, unchecked_return_type = "ProposeResponse")]
pub fn propose_settings(
    #[wasm_bindgen(unchecked_param_type = "ProposeRequest")] request: &JsValue,
) -> Result<JsValue, JsValue> {
    run("propose_settings", &to_text(request)?)
}

/// Checks settings against a chart of accounts.
///
/// # Errors
/// A `CoreError` when the request cannot be read.
#[wasm_bindgen(js_name = checkSettings, unchecked_return_type = "CheckResponse")]
pub fn check_settings(
    #[wasm_bindgen(unchecked_param_type = "CheckRequest")] request: &JsValue,
) -> Result<JsValue, JsValue> {
    run("check_settings", &to_text(request)?)
}

/// Maps orders to Xero documents.
///
/// # Errors
/// A `CoreError` when the request cannot be read. A finding about an order is no error: it is in
/// the response.
#[wasm_bindgen(unchecked_return_type = "MapResponse")]
pub fn map(
    #[wasm_bindgen(unchecked_param_type = "MapRequest")] request: &JsValue,
) -> Result<JsValue, JsValue> {
    run("map", &to_text(request)?)
}

/// `JSON.stringify` gives `undefined` for what has no JSON; the core then refuses `null`.
fn to_text(request: &JsValue) -> Result<String, JsValue> {
    Ok(JSON::stringify(request)?.as_string().unwrap_or_else(|| String::from("null")))
}

fn run(operation: &str, request: &str) -> Result<JsValue, JsValue> {
    let reply = JSON::parse(&call(operation, request))?;
    let refusal = Reflect::get(&reply, &"error".into())?;
    if refusal.is_undefined() { Reflect::get(&reply, &"ok".into()) } else { Err(thrown(&refusal)?) }
}

fn thrown(refusal: &JsValue) -> Result<JsValue, JsValue> {
    let message = Reflect::get(refusal, &"message".into())?;
    let error = Error::new(&message.as_string().unwrap_or_default());
    for key in ["code", "path"] {
        let value = Reflect::get(refusal, &key.into())?;
        if !value.is_undefined() {
            Reflect::set(&error, &key.into(), &value)?;
        }
    }
    Ok(error.into())
}
