//! The one door: `call(operation, json) → json`, and the types of what goes through it.
//!
//! Version 1. Amounts cross as decimal strings: a JSON number would pass through a binary float
//! in JavaScript and in PHP. Orders, products, tax rates and the chart are handed in as
//! WooCommerce and Xero gave them.

mod alone;
mod completeness;
mod describe;
mod gate;
mod map;
mod payouts;
mod plan;
mod records;
mod sales;
mod settings;
mod summarise;
mod takings;
mod types;

use alloc::string::{String, ToString};

use serde::Serialize;

use crate::json::{
    Fields, Json,
    strict::{Misread, fields_of},
};

pub use crate::mapping::Exactness;
pub use completeness::{CompletenessRequest, CompletenessResponse};
pub use gate::ExcludedOrder;
pub use payouts::{ReadPayoutsRequest, ReadPayoutsResponse};
pub use plan::{LedgerInput, PlanRequest, PlanResponse, ReadRequest, ReadResponse};
pub use records::{CustomerMatch, MatchRequest, MatchResponse};
pub use summarise::{Sent, SummariseRequest, SummariseResponse, SummaryView, SummedLine};
pub use takings::{TakingOutcome, TakingsRequest, TakingsResponse, TransitionInput, ZoneInput};
pub use types::*;

#[cfg(feature = "schema")]
pub use describe::schemas;

/// The version of the contract. Fields are added within a version; a change of meaning makes a
/// new one.
pub const CONTRACT_VERSION: u32 = 1;

/// The same as it stands in a request.
const CONTRACT: &str = "1";

/// The version of the core.
pub const CORE_VERSION: &str = env!("CARGO_PKG_VERSION");

/// The largest request that is read, in bytes: about two thousand large orders.
pub const REQUEST_BYTES_MAX: usize = 32 << 20;

/// The operations behind the door.
pub const OPERATIONS: [&str; 11] = [
    "describe",
    "propose_settings",
    "check_settings",
    "map",
    "match",
    "plan",
    "read",
    "read_payouts",
    "takings",
    "summarise",
    "completeness",
];

/// Reads the request and answers it.
macro_rules! run {
    ($request:expr, $operation:path) => {
        match Json::parse($request) {
            Ok(json) => match read(&json) {
                Ok(request) => reply(&$operation(&request)),
                Err(refusal) => refusal,
            },
            Err(message) => refuse("core.bad_request", &message),
        }
    };
}

/// Runs one operation: JSON text in, JSON text out. Never panics, never fails otherwise.
///
/// The reply is `{"ok":…}` or `{"error":{"code","message","path"?}}`. Codes: `core.unknown_operation`,
/// `core.bad_request` (not the JSON that the operation takes), `core.too_large`
/// (over [`REQUEST_BYTES_MAX`]), `core.wrong_contract`.
#[must_use]
pub fn call(operation: &str, request: &str) -> String {
    if request.len() > REQUEST_BYTES_MAX {
        return refuse("core.too_large", "the request is larger than 32 MiB; send fewer orders");
    }
    match operation {
        "describe" => reply(&describe::describe()),
        "propose_settings" => run!(request, settings::propose_settings),
        "check_settings" => run!(request, settings::check_settings),
        "map" => run!(request, map::map),
        "match" => run!(request, records::match_customers),
        "plan" => run!(request, plan::plan),
        "read_payouts" => run!(request, payouts::read_payouts),
        "takings" => run!(request, takings::takings),
        "summarise" => run!(request, summarise::summarise),
        "completeness" => run!(request, completeness::completeness),
        "read" => run!(request, plan::read),
        _ => refuse(
            "core.unknown_operation",
            &alloc::format!("there is no such operation; there are {}", OPERATIONS.join(", ")),
        ),
    }
}

/// A request, read from the fields of its JSON object.
trait Request<'a>: Default {
    /// Takes the fields over.
    fn read(&mut self, given: Fields<'a>) -> Result<(), Misread>;
}

/// Reads a request, or gives the refusal. The contract comes first: what another version has for
/// fields is not ours to judge.
fn read<'a, R: Request<'a>>(json: &'a Json<'a>) -> Result<R, String> {
    let misread = |why: Misread| refuse_at("core.bad_request", Some(&why.path), &why.to_string());
    let fields = fields_of(json).map_err(misread)?;
    if let Some(contract) = fields.get("contract")
        && *contract != Json::Word(CONTRACT)
    {
        let shown: String = contract.scalar().unwrap_or_default().chars().take(20).collect();
        let message =
            alloc::format!("the request speaks contract {shown}, this core speaks {CONTRACT}");
        return Err(refuse("core.wrong_contract", &message));
    }
    let mut request = R::default();
    request.read(fields).map_err(misread)?;
    Ok(request)
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
    refuse_at(code, None, message)
}

fn refuse_at(code: &str, path: Option<&str>, message: &str) -> String {
    let text = |text: &str| serde_json::to_string(text).unwrap_or_default();
    let path = path.filter(|path| !path.is_empty());
    let path = path.map(|path| alloc::format!(r#","path":{}"#, text(path))).unwrap_or_default();
    alloc::format!(r#"{{"error":{{"code":{},"message":{}{path}}}}}"#, text(code), text(message))
}
