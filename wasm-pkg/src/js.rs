//! Face for JavaScript: browser, Node and bundlers, through wasm-bindgen. No logic.
//!
//! Objects cross as JSON text: that is faster than building them field by field, smaller, and the
//! text is what every other runtime sees.

use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::panic_text;

/// The few things of JavaScript that this face needs; all bindings of `js-sys` would come along
/// with theirs.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = JSON, js_name = stringify)]
    fn to_json(value: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_namespace = JSON, js_name = parse)]
    fn from_json(text: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_namespace = Reflect, js_name = get)]
    fn get(object: &JsValue, key: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_namespace = Reflect, js_name = set)]
    fn set(object: &JsValue, key: &str, value: &JsValue) -> Result<bool, JsValue>;

    type Error;

    #[wasm_bindgen(constructor)]
    fn new(message: &str) -> Error;
}

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
import type {
  CheckRequest, CheckResponse, CompletenessRequest, CompletenessResponse, DescribeResponse,
  MapRequest, MapResponse, MatchRequest, MatchResponse, PlanRequest, PlanResponse,
  ProposeRequest, ProposeResponse, ReadPayoutsRequest, ReadPayoutsResponse, ReadRequest,
  ReadResponse, SummariseRequest, SummariseResponse, TakingsRequest, TakingsResponse,
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

/// Finds the contacts of orders' customers, or suggests some.
///
/// # Errors
/// A `CoreError` when the request cannot be read. What is unclear is in the response.
#[wasm_bindgen(js_name = matchCustomers, unchecked_return_type = "MatchResponse")]
pub fn match_customers(
    #[wasm_bindgen(unchecked_param_type = "MatchRequest")] request: &JsValue,
) -> Result<JsValue, JsValue> {
    run("match", &to_text(request)?)
}

/// Plans the calls that make Xero equal to the shop.
///
/// # Errors
/// A `CoreError` when the request cannot be read. A finding about an order is no error: it is
/// in the response.
#[wasm_bindgen(unchecked_return_type = "PlanResponse")]
pub fn plan(
    #[wasm_bindgen(unchecked_param_type = "PlanRequest")] request: &JsValue,
) -> Result<JsValue, JsValue> {
    run("plan", &to_text(request)?)
}

/// Reads Xero's answer to a call of a plan.
///
/// # Errors
/// A `CoreError` when the request cannot be read.
#[wasm_bindgen(js_name = readAnswer, unchecked_return_type = "ReadResponse")]
pub fn read(
    #[wasm_bindgen(unchecked_param_type = "ReadRequest")] request: &JsValue,
) -> Result<JsValue, JsValue> {
    run("read", &to_text(request)?)
}

/// Reads what a gateway said of payouts.
///
/// # Errors
/// A `CoreError` when the request cannot be read. What is wrong with one row is in the response.
#[wasm_bindgen(js_name = readPayouts, unchecked_return_type = "ReadPayoutsResponse")]
pub fn read_payouts(
    #[wasm_bindgen(unchecked_param_type = "ReadPayoutsRequest")] request: &JsValue,
) -> Result<JsValue, JsValue> {
    run("read_payouts", &to_text(request)?)
}

/// Says what orders and refunds bring to summaries.
///
/// # Errors
/// A `CoreError` when the request cannot be read. A finding about an order is no error: it is in
/// the response.
#[wasm_bindgen(unchecked_return_type = "TakingsResponse")]
pub fn takings(
    #[wasm_bindgen(unchecked_param_type = "TakingsRequest")] request: &JsValue,
) -> Result<JsValue, JsValue> {
    run("takings", &to_text(request)?)
}

/// Sums takings and payouts up to documents.
///
/// # Errors
/// A `CoreError` when the request cannot be read. A finding about a document is no error: it is in
/// the response.
#[wasm_bindgen(unchecked_return_type = "SummariseResponse")]
pub fn summarise(
    #[wasm_bindgen(unchecked_param_type = "SummariseRequest")] request: &JsValue,
) -> Result<JsValue, JsValue> {
    run("summarise", &to_text(request)?)
}

/// Accounts for everything that the shop has: posted, excluded or pending.
///
/// # Errors
/// A `CoreError` when the request cannot be read.
#[wasm_bindgen(unchecked_return_type = "CompletenessResponse")]
pub fn completeness(
    #[wasm_bindgen(unchecked_param_type = "CompletenessRequest")] request: &JsValue,
) -> Result<JsValue, JsValue> {
    run("completeness", &to_text(request)?)
}

/// `JSON.stringify` gives `undefined` for what has no JSON; the core then refuses `null`.
fn to_text(request: &JsValue) -> Result<String, JsValue> {
    Ok(to_json(request)?.as_string().unwrap_or_else(|| String::from("null")))
}

fn run(operation: &str, request: &str) -> Result<JsValue, JsValue> {
    let reply = from_json(&call(operation, request))?;
    let refusal = get(&reply, "error")?;
    if refusal.is_undefined() { get(&reply, "ok") } else { Err(thrown(&refusal)?) }
}

fn thrown(refusal: &JsValue) -> Result<JsValue, JsValue> {
    let message = get(refusal, "message")?;
    let error = JsValue::from(Error::new(&message.as_string().unwrap_or_default()));
    for key in ["code", "path"] {
        let value = get(refusal, key)?;
        if !value.is_undefined() {
            set(&error, key, &value)?;
        }
    }
    Ok(error)
}
