//! The one door: `call(operation, json) → json`, and the types of what goes through it.
//!
//! Version 1. Amounts cross as decimal strings: a JSON number would pass through a binary float
//! in JavaScript and in PHP. Orders, products, tax rates and the chart are handed in as
//! WooCommerce and Xero gave them.

mod describe;
mod map;
mod settings;
mod types;

use alloc::string::{String, ToString};

use serde::{Deserialize, Serialize};

pub use crate::mapping::Exactness;
pub use types::*;

#[cfg(feature = "schema")]
pub use describe::schemas;

/// The version of the contract. Fields are added within a version; a change of meaning makes a
/// new one.
pub const CONTRACT_VERSION: u32 = 1;

/// The version of the core.
pub const CORE_VERSION: &str = env!("CARGO_PKG_VERSION");

/// The largest request that is read, in bytes: about two thousand large orders.
pub const REQUEST_BYTES_MAX: usize = 32 << 20;

/// The operations behind the door.
pub const OPERATIONS: [&str; 4] = ["describe", "propose_settings", "check_settings", "map"];

/// Runs one operation: JSON text in, JSON text out. Never panics, never fails otherwise.
///
/// The reply is `{"ok":…}` or `{"error":{"code","message"}}`. Codes: `core.unknown_operation`,
/// `core.bad_request` (not the JSON that the operation takes), `core.too_large`
/// (over [`REQUEST_BYTES_MAX`]), `core.wrong_contract`.
#[must_use]
pub fn call(operation: &str, request: &str) -> String {
    if request.len() > REQUEST_BYTES_MAX {
        return refuse("core.too_large", "the request is larger than 32 MiB; send fewer orders");
    }
    match operation {
        "describe" => reply(&describe::describe()),
        "propose_settings" => run(request, settings::propose_settings),
        "check_settings" => run(request, settings::check_settings),
        "map" => run(request, map::map),
        _ => refuse(
            "core.unknown_operation",
            &alloc::format!("there is no such operation; there are {}", OPERATIONS.join(", ")),
        ),
    }
}

/// A request that says which contract it speaks.
trait Versioned {
    fn contract(&self) -> u32;
}

fn run<'a, Request, Response>(
    request: &'a str,
    operation: impl FnOnce(&Request) -> Response,
) -> String
where
    Request: Deserialize<'a> + Versioned,
    Response: Serialize,
{
    match serde_json::from_str::<Request>(request) {
        Ok(request) if request.contract() == CONTRACT_VERSION => reply(&operation(&request)),
        Ok(request) => refuse(
            "core.wrong_contract",
            &alloc::format!(
                "the request speaks contract {}, this core speaks {CONTRACT_VERSION}",
                request.contract()
            ),
        ),
        Err(error) => refuse("core.bad_request", &error.to_string()),
    }
}

fn reply<T: Serialize>(ok: &T) -> String {
    #[derive(Serialize)]
    struct Reply<'a, T> {
        ok: &'a T,
    }
    serde_json::to_string(&Reply { ok })
        .unwrap_or_else(|error| refuse("core.unwritable", &error.to_string()))
}

fn refuse(code: &str, message: &str) -> String {
    let text = |text: &str| serde_json::to_string(text).unwrap_or_default();
    alloc::format!(r#"{{"error":{{"code":{},"message":{}}}}}"#, text(code), text(message))
}
