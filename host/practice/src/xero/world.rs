//! Everything the simulator knows, behind one lock.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::api::{self, Context};
use super::auth::{Auth, Caller};
use super::call::{Call, Reply};
use super::clock::Clock;
use super::idempotency::{Found, Idempotency};
use super::json::WireStyle;
use super::limits::{LimitOptions, Limits, Remaining};
use super::log::Log;
use super::model::organisation::Organisation;
use super::unknowns::Unknowns;
use crate::fault::Faults;

/// Where the accounting API begins.
pub(crate) const API: &str = "/api.xro/2.0";

/// The state of the simulator.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) clock: Clock,
    pub(crate) unknowns: Unknowns,
    pub(crate) limit_options: LimitOptions,
    pub(crate) style: WireStyle,
    pub(crate) strict_accept: bool,
    pub(crate) organisations: BTreeMap<Uuid, Organisation>,
    /// The organisations in the order in which they were asked for.
    pub(crate) tenants: Vec<Uuid>,
    pub(crate) auth: Auth,
    pub(crate) limits: Limits,
    pub(crate) idempotency: Idempotency,
    pub(crate) faults: Faults,
    pub(crate) log: Log,
    pub(crate) calls: u64,
}

/// A call that was let in.
#[derive(Debug, Clone)]
pub(crate) struct Ticket {
    pub(crate) caller: Caller,
    pub(crate) remaining: Remaining,
    pub(crate) call_id: Uuid,
}

impl World {
    /// The present moment.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    fn new_call_id(&mut self) -> Uuid {
        self.calls += 1;
        Uuid::new_v5(&Uuid::NAMESPACE_DNS, &self.calls.to_be_bytes())
    }

    /// Lets a call to the API in, or answers it at the door: 401, 403 or 429.
    pub(crate) fn enter(&mut self, call: &Call) -> Result<Ticket, Box<Reply>> {
        let now = self.now();
        if self.strict_accept
            && !call.header("accept").is_some_and(|text| text.contains("application/json"))
        {
            return Err(Box::new(Reply::text(406, "Accept: application/json is required")));
        }
        let path = segments(&call.path);
        let resource = resource(&path);
        let caller = self.auth.admit(call, &resource, &self.unknowns, now)?;
        let who = (caller.client_id.as_str(), caller.tenant);
        let remaining = self.limits.enter(who, &self.limit_options, &self.unknowns, now)?;
        let call_id = self.new_call_id();
        Ok(Ticket { caller, remaining, call_id })
    }

    /// Hands back a call that was let in.
    pub(crate) fn leave(&mut self, ticket: &Ticket) {
        self.limits.leave(&ticket.caller.client_id, ticket.caller.tenant);
    }

    /// Looks up the idempotency key of a call; only writes have one, and `DELETE` does not.
    pub(crate) fn begin(&mut self, call: &Call, ticket: &Ticket) -> Found {
        let now = self.now();
        match idempotency_key(call) {
            Some(key) => {
                self.idempotency.begin(&ticket.caller.client_id, key, call, &self.unknowns, now)
            }
            None => Found::Fresh,
        }
    }

    /// Keeps the answer of a call under its key.
    pub(crate) fn settle(&mut self, call: &Call, ticket: &Ticket, reply: &Reply) {
        if let Some(key) = idempotency_key(call) {
            self.idempotency.settle(&ticket.caller.client_id, key, reply);
        }
    }

    /// Does what a call asks.
    pub(crate) fn work(&mut self, call: &Call, ticket: &Ticket) -> Reply {
        if call.is_write() {
            self.clock.tick();
        }
        let mut context = Context::new(call, &self.unknowns, self.now(), ticket.call_id);
        context.style = self.style;
        if let Some(app) =
            self.auth.apps.iter().find(|app| app.client_id == ticket.caller.client_id)
        {
            context.provider.clone_from(&app.name);
        }
        let path = segments(&call.path);
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        match (self.organisations.get_mut(&ticket.caller.tenant), path.get(2..)) {
            (Some(organisation), Some(rest)) => api::answer(organisation, &context, call, rest),
            _ => Reply::not_found(),
        }
    }
}

fn idempotency_key(call: &Call) -> Option<&str> {
    matches!(call.method.as_str(), "PUT" | "POST" | "PATCH")
        .then(|| call.header("idempotency-key"))
        .flatten()
        .filter(|key| !key.is_empty())
}

/// The decoded parts of a path.
pub(crate) fn segments(path: &str) -> Vec<String> {
    path.split('/').filter(|part| !part.is_empty()).map(decode).collect()
}

fn decode(part: &str) -> String {
    let plain = part.replace('+', "%2B").replace('=', "%3D").replace('&', "%26");
    url::form_urlencoded::parse(plain.as_bytes())
        .next()
        .map_or_else(String::new, |(text, _)| text.into_owned())
}

/// The collection that a path's scope hangs on.
fn resource(path: &[String]) -> String {
    let attachments = path.get(4).is_some_and(|part| part.eq_ignore_ascii_case("attachments"));
    if attachments {
        return "attachments".to_owned();
    }
    path.get(2).map(|part| part.to_ascii_lowercase()).unwrap_or_default()
}
