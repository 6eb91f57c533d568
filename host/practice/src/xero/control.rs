//! `/practice/…`: what the owner of the simulator may ask of it over HTTP, as JSON.
//!
//! | Address | Does |
//! |---|---|
//! | `GET /practice` | what there is: version, clock, organisations, app |
//! | `GET /practice/log?after=n` | calls answered, oldest first |
//! | `DELETE /practice/log` | forgets them |
//! | `GET`, `POST`, `DELETE /practice/faults` | rules that can still strike; adds one; forgets all |
//! | `POST /practice/clock` | `{"advance_secs": n}` |
//! | `GET`, `PUT /practice/unknowns` | the switches; `PUT "strict"` or `"default"` is a whole set |
//! | `POST /practice/tokens/expire` | expires every access token |
//! | `POST /practice/tokens/revoke` | ends every token and connection |
//! | `POST /practice/tokens/grant` | a refresh token for the app |

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::call::{Call, Reply};
use super::server::Shared;
use super::unknowns::Unknowns;
use super::world::World;
use crate::fault::FaultRule;

/// Whether a call is for the control endpoint.
pub(super) fn is_meant(call: &Call) -> bool {
    call.path == "/practice" || call.path.starts_with("/practice/")
}

/// Answers it.
pub(super) fn answer(shared: &Shared, call: &Call) -> Reply {
    let mut world = shared.lock();
    let result = match (call.method.as_str(), call.path.trim_end_matches('/')) {
        ("GET", "/practice") => Ok(describe(&world)),
        ("GET", "/practice/log") => {
            let after = call.param("after").and_then(|text| text.parse().ok()).unwrap_or(0);
            Ok(json!({ "calls": world.log.since(after) }))
        }
        ("DELETE", "/practice/log") => {
            world.log.clear();
            Ok(Value::Null)
        }
        ("GET", "/practice/faults") => Ok(json!({ "faults": world.faults.pending() })),
        ("POST", "/practice/faults") => {
            read::<FaultRule>(call).map(|rule| world.faults.add(rule)).map(|()| Value::Null)
        }
        ("DELETE", "/practice/faults") => {
            world.faults.clear();
            Ok(Value::Null)
        }
        ("POST", "/practice/clock") => read::<Advance>(call).map(|advance| {
            world.clock.advance(Duration::from_secs(advance.advance_secs));
            json!({ "now": world.now() })
        }),
        ("GET", "/practice/unknowns") => Ok(json!(world.unknowns)),
        ("PUT", "/practice/unknowns") => read::<Switches>(call).map(|switches| {
            world.unknowns = switches.into();
            json!(world.unknowns)
        }),
        ("POST", "/practice/tokens/expire") => {
            let now = world.now();
            world.auth.expire_access_tokens(now);
            Ok(Value::Null)
        }
        ("POST", "/practice/tokens/revoke") => {
            world.auth.revoke_all();
            Ok(Value::Null)
        }
        ("POST", "/practice/tokens/grant") => Ok(grant(&mut world)),
        _ => return Reply::not_found(),
    };
    match result {
        Ok(Value::Null) => Reply::empty(204),
        Ok(value) => respond(200, &value),
        Err(error) => respond(400, &json!({ "error": error })),
    }
}

fn respond(status: u16, value: &Value) -> Reply {
    Reply::empty(status).header("Content-Type", "application/json").body(value.to_string())
}

fn read<T: for<'de> Deserialize<'de>>(call: &Call) -> Result<T, String> {
    serde_json::from_slice(&call.body).map_err(|error| error.to_string())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_secs: u64,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Switches {
    Named(Named),
    Each(Unknowns),
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Named {
    Default,
    Strict,
}

impl From<Switches> for Unknowns {
    fn from(switches: Switches) -> Self {
        match switches {
            Switches::Named(Named::Default) => Self::default(),
            Switches::Named(Named::Strict) => Self::strict(),
            Switches::Each(unknowns) => unknowns,
        }
    }
}

fn grant(world: &mut World) -> Value {
    let now = world.now();
    let app = world.auth.apps.first().cloned();
    app.map_or(
        Value::Null,
        |app| json!({ "refresh_token": world.auth.grant(&app.client_id, &app.scopes, now) }),
    )
}

fn describe(world: &World) -> Value {
    let organisations: Vec<Value> = world
        .tenants
        .iter()
        .filter_map(|id| world.organisations.get(id))
        .map(|one| {
            json!({
                "tenantId": one.id,
                "name": one.profile.name,
                "baseCurrency": one.profile.base_currency,
                "version": one.profile.version,
                "invoices": one.invoices.len(),
                "creditNotes": one.credit_notes.len(),
                "payments": one.payments.len(),
                "contacts": one.contacts.len(),
            })
        })
        .collect();
    json!({
        "practice": "xero",
        "version": env!("CARGO_PKG_VERSION"),
        "now": world.now(),
        "violations": world.limits.violations(),
        "organisations": organisations,
    })
}
