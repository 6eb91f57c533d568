//! OAuth 2: apps, tokens, connections (section 2).

mod scope;
mod token;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::call::{Call, Reply};
use super::json::{Fields, Json, WireStyle};
use super::unknowns::{MissingScope, TenantHeader, Unknowns};

pub use scope::GRANULAR;

/// Seconds an access token lives.
pub const ACCESS_TOKEN_SECS: i64 = 1800;

/// What kind of app it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppKind {
    /// Authorisation code and refresh tokens; `client_credentials` is also allowed, so that one
    /// app serves every test.
    Any,
    /// Authorisation code and refresh tokens only.
    Web,
    /// A native app: authorisation code with a proof instead of a secret, and refresh tokens.
    Pkce,
    /// A custom connection: `client_credentials` only, one organisation.
    Custom,
}

/// An app registered with the simulator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// `client_id`.
    pub client_id: String,
    /// `client_secret`.
    pub client_secret: String,
    /// The kind.
    pub kind: AppKind,
    /// Scopes it may ask for.
    pub scopes: Vec<String>,
    /// Name that answers bear as `ProviderName`.
    pub name: String,
}

/// An organisation that an app may reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Connection {
    pub(crate) id: Uuid,
    pub(crate) client_id: String,
    pub(crate) tenant: Uuid,
    pub(crate) auth_event: Uuid,
    pub(crate) created: DateTime<Utc>,
}

#[derive(Debug, Clone)]
struct Access {
    client_id: String,
    scopes: Vec<String>,
    expires: DateTime<Utc>,
    /// Came by `client_credentials`: it may leave the organisation out.
    unattended: bool,
    /// Belongs to a custom connection.
    custom: bool,
}

#[derive(Debug, Clone)]
struct Refresh {
    client_id: String,
    scopes: Vec<String>,
    expires: DateTime<Utc>,
    replaced: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone)]
struct Code {
    client_id: String,
    redirect_uri: String,
    scopes: Vec<String>,
    challenge: Option<String>,
    expires: DateTime<Utc>,
}

/// Everything about who may call.
#[derive(Debug, Default)]
pub(crate) struct Auth {
    pub(crate) apps: Vec<App>,
    pub(crate) connections: Vec<Connection>,
    access: HashMap<String, Access>,
    refresh: HashMap<String, Refresh>,
    codes: HashMap<String, Code>,
    made: u64,
    /// Whether a person must click before consent is given.
    pub(crate) asks_consent: bool,
    /// What a person may connect an app with.
    reachable: Vec<Uuid>,
}

/// Who is calling, once that is known.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) client_id: String,
    pub(crate) tenant: Uuid,
}

impl Auth {
    /// Connects an app with an organisation.
    pub(crate) fn connect(&mut self, client_id: &str, tenant: Uuid, now: DateTime<Utc>) {
        let id = self.new_id();
        let auth_event = self.new_id();
        let client_id = client_id.to_owned();
        if !self.reachable.contains(&tenant) {
            self.reachable.push(tenant);
        }
        self.connections.push(Connection { id, client_id, tenant, auth_event, created: now });
    }

    fn new_id(&mut self) -> Uuid {
        self.made += 1;
        Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("practice {}", self.made).as_bytes())
    }

    /// Connects an app with all organisations that it was once connected with.
    pub(crate) fn connect_again(&mut self, client_id: &str, now: DateTime<Utc>) {
        for tenant in self.reachable.clone() {
            let connected = self
                .connections
                .iter()
                .any(|one| one.client_id == client_id && one.tenant == tenant);
            if !connected {
                self.connect(client_id, tenant, now);
            }
        }
    }

    /// Ends every token and connection.
    pub(crate) fn revoke_all(&mut self) {
        self.refresh.clear();
        self.access.clear();
        self.codes.clear();
        self.connections.clear();
    }

    /// Expires every access token at once.
    pub(crate) fn expire_access_tokens(&mut self, now: DateTime<Utc>) {
        #[expect(clippy::iter_over_hash_type, reason = "the order does not matter")]
        for access in self.access.values_mut() {
            access.expires = access.expires.min(now);
        }
    }

    /// The token's owner, or the 401 that it gets.
    fn bearer(&mut self, call: &Call, now: DateTime<Utc>) -> Result<Access, Box<Reply>> {
        let instance = self.new_id();
        let unauthorized =
            |detail: &str| Err(Box::new(Reply::problem(401, "Unauthorized", detail, instance)));
        let token = call.header("authorization").and_then(|value| {
            let (scheme, token) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
        });
        match token.and_then(|token| self.access.get(token)) {
            None => unauthorized("AuthenticationUnsuccessful"),
            Some(access) if access.expires <= now => unauthorized(&expired(access.expires)),
            Some(access) => Ok(access.clone()),
        }
    }

    /// Who calls the API, or the 401 or 403 that the call gets.
    pub(crate) fn admit(
        &mut self,
        call: &Call,
        resource: &str,
        unknowns: &Unknowns,
        now: DateTime<Utc>,
    ) -> Result<Caller, Box<Reply>> {
        let access = self.bearer(call, now)?;
        let instance = self.new_id();
        let forbidden = |detail| Box::new(Reply::problem(403, "Forbidden", detail, instance));
        let mine = |one: &&Connection| one.client_id == access.client_id;
        let wanted = match call.header("xero-tenant-id") {
            Some(_)
                if access.custom && unknowns.custom_connection_tenant == TenantHeader::Refused =>
            {
                None
            }
            Some(text) => text.trim().parse::<Uuid>().ok(),
            None => {
                let mut connections = self.connections.iter().filter(mine);
                let only = connections.next().map(|one| one.tenant);
                only.filter(|_| access.unattended && connections.next().is_none())
            }
        };
        let tenant = self
            .connections
            .iter()
            .filter(mine)
            .find(|one| Some(one.tenant) == wanted)
            .map(|one| one.tenant)
            .ok_or_else(|| forbidden("AuthenticationUnsuccessful"))?;
        if !scope::allow(&access.scopes, resource, call.is_write()) {
            return Err(match unknowns.missing_scope {
                MissingScope::Forbidden => forbidden("AuthorizationUnsuccessful"),
                MissingScope::Unauthorized => Box::new(
                    Reply::problem(401, "Unauthorized", "AuthorizationUnsuccessful", instance)
                        .header("WWW-Authenticate", "insufficient_scope"),
                ),
            });
        }
        Ok(Caller { client_id: access.client_id, tenant })
    }

    /// `GET /connections` and `DELETE /connections/{id}`.
    pub(crate) fn connections(
        &mut self,
        call: &Call,
        rest: &[&str],
        names: &dyn Fn(Uuid) -> String,
        now: DateTime<Utc>,
    ) -> Reply {
        let access = match self.bearer(call, now) {
            Ok(access) => access,
            Err(reply) => return *reply,
        };
        match (call.method.as_str(), rest) {
            ("GET", []) => {
                let event = call.param("authEventId");
                let list = self
                    .connections
                    .iter()
                    .filter(|one| one.client_id == access.client_id)
                    .filter(|one| event.as_ref().is_none_or(|id| *id == one.auth_event.to_string()))
                    .map(|one| render_connection(one, &names(one.tenant)))
                    .collect();
                Reply::json(200, &Json::List(list), WireStyle::Compact)
            }
            ("DELETE", [id]) => {
                let before = self.connections.len();
                self.connections.retain(|one| {
                    one.client_id != access.client_id
                        || !one.id.to_string().eq_ignore_ascii_case(id)
                });
                if self.connections.len() < before { Reply::empty(204) } else { Reply::not_found() }
            }
            _ => Reply::empty(405),
        }
    }
}

/// `TokenExpired: token expired at 01/23/2020 18:21:16`.
fn expired(at: DateTime<Utc>) -> String {
    format!("TokenExpired: token expired at {}", at.format("%m/%d/%Y %H:%M:%S"))
}

/// The 401 of an expired token, for faults.
pub(crate) fn expired_token(at: DateTime<Utc>) -> Reply {
    let instance = Uuid::new_v5(&Uuid::NAMESPACE_URL, b"practice expired token");
    Reply::problem(401, "Unauthorized", &expired(at), instance)
}

fn render_connection(connection: &Connection, name: &str) -> Json {
    let stamp = connection.created.format("%Y-%m-%dT%H:%M:%S%.6f0").to_string();
    let mut fields = Fields::default();
    fields
        .put("id", connection.id)
        .put("authEventId", connection.auth_event)
        .put("tenantId", connection.tenant)
        .put("tenantType", "ORGANISATION")
        .put("tenantName", name)
        .put("createdDateUtc", stamp.as_str())
        .put("updatedDateUtc", stamp.as_str());
    fields.into()
}
