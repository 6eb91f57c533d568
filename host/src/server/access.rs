//! Who may do what: bearer tokens, roles, shops and rates.
//!
//! Each operation says in the API's own document which role it wants (`x-role`) and what a token
//! that is bound to a shop may do with it (`x-reach`). The same words are what is enforced here,
//! so that no route can be reached that the document does not account for.

use std::{collections::BTreeMap, hash::Hash, net::IpAddr, num::NonZeroU32, sync::Arc};

use axum::{
    extract::{FromRequestParts, MatchedPath, Request, State},
    http::{HeaderMap, Method, header, request::Parts},
    middleware::Next,
    response::Response,
};
use governor::{
    Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
    state::keyed::HashMapStateStore,
};
use utoipa::openapi::{OpenApi, PathItem, path::Operation};

pub use crate::store::Role;

use super::{App, answer::ApiError, session};
use crate::config::ServerConfig;

/// How far an operation reaches, for a token that is bound to a shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Everybody, even without a token.
    Public,
    /// What is given is cut down to what the token may see.
    Own,
    /// Only the shop in the path.
    Shop,
    /// More than a shop: not for tokens that are bound to one.
    All,
}

impl Reach {
    fn parse(word: &str) -> Option<Self> {
        match word {
            "public" => Some(Self::Public),
            "own" => Some(Self::Own),
            "shop" => Some(Self::Shop),
            "all" => Some(Self::All),
            _ => None,
        }
    }
}

/// What one operation wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// The least role.
    pub role: Role,
    /// How far it reaches.
    pub reach: Reach,
}

/// Rules by method and path.
pub(crate) type Rules = BTreeMap<(String, String), Rule>;

/// Reads the rules out of the API's document. An operation without both words gets no rule, and is
/// refused to everybody.
pub(crate) fn rules(document: &OpenApi) -> Rules {
    let operations = document.paths.paths.iter().flat_map(|(path, item)| {
        methods(item).into_iter().map(move |(method, operation)| (path, method, operation))
    });
    operations
        .filter_map(|(path, method, operation)| {
            let word = |name: &str| operation.extensions.as_ref()?.get(name)?.as_str();
            let rule = Rule {
                role: Role::parse(word("x-role")?)?,
                reach: Reach::parse(word("x-reach")?)?,
            };
            Some(((method.to_owned(), path.clone()), rule))
        })
        .collect()
}

fn methods(item: &PathItem) -> Vec<(&'static str, &Operation)> {
    [
        ("GET", &item.get),
        ("PUT", &item.put),
        ("POST", &item.post),
        ("DELETE", &item.delete),
        ("PATCH", &item.patch),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation.as_ref()?)))
    .collect()
}

/// Who calls.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// The token's id.
    pub(crate) id: String,
    /// The token's name.
    pub(crate) name: String,
    /// What it may do.
    pub(crate) role: Role,
    /// The shop it is bound to.
    pub(crate) shop: Option<String>,
}

impl Caller {
    /// What is written into histories and logs.
    pub(crate) fn who(&self) -> String {
        format!("{} ({})", self.name, self.id)
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        parts.extensions.get::<Self>().cloned().ok_or_else(ApiError::unauthorized)
    }
}

/// The token of a request, if it is good.
pub(crate) async fn caller_of(app: &App, headers: &HeaderMap) -> Result<Caller, ApiError> {
    let shown = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .ok_or_else(ApiError::unauthorized)?;
    caller_with(app, shown).await
}

/// Whose token it is, if it is good.
pub(crate) async fn caller_with(app: &App, shown: &str) -> Result<Caller, ApiError> {
    let now = app.clock.now();
    let token = app.store.token(shown).await?.filter(|token| token.is_good(now));
    let token = token.ok_or_else(ApiError::unauthorized)?;
    app.rates.token.check(&token.id)?;
    if let Err(error) = app.store.use_token(&token, now).await {
        // A database that only reads must not keep people from looking.
        tracing::warn!(%error, "the use of a token is not written down");
    }
    let (id, name, role, shop) = (token.id, token.name, token.role, token.shop);
    Ok(Caller { id, name, role, shop })
}

/// From where a request comes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CallerAddress(pub(crate) IpAddr);

/// What stands before every operation of the API.
#[derive(Debug)]
pub(crate) struct Gate {
    pub(crate) app: Arc<App>,
    pub(crate) rules: Rules,
}

/// Lets a request through whose token may do what it asks for.
pub(crate) async fn authorise(
    State(gate): State<Arc<Gate>>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let address = gate.app.proxies.caller(request.extensions(), request.headers());
    gate.app.rates.address.check(&address)?;
    request.extensions_mut().insert(CallerAddress(address));
    let rule = gate.rule(&request).ok_or_else(|| ApiError::forbidden("nobody may do this"))?;
    if rule.reach != Reach::Public {
        let caller = session::caller(&gate.app, request.method(), request.headers()).await?;
        allow(rule, &caller, &request)?;
        request.extensions_mut().insert(caller);
    }
    Ok(next.run(request).await)
}

impl Gate {
    fn rule(&self, request: &Request) -> Option<Rule> {
        let path = request.extensions().get::<MatchedPath>()?.as_str().to_owned();
        let method = match *request.method() {
            Method::HEAD => "GET",
            ref method => method.as_str(),
        };
        self.rules.get(&(method.to_owned(), path)).copied()
    }
}

fn allow(rule: Rule, caller: &Caller, request: &Request) -> Result<(), ApiError> {
    if caller.role < rule.role {
        let message = format!("this needs a token with the role `{}`", rule.role.as_str());
        return Err(ApiError::forbidden(message));
    }
    let Some(bound) = &caller.shop else { return Ok(()) };
    let is_own = match rule.reach {
        Reach::Public | Reach::Own => true,
        Reach::Shop => shop_in(request.uri().path()) == Some(bound.as_str()),
        Reach::All => false,
    };
    let message = "this token is bound to another shop, or to one shop only";
    is_own.then_some(()).ok_or_else(|| ApiError::forbidden(message))
}

/// The slug in `/api/v1/shops/{shop}/…`. One that is written with escapes is nobody's own.
fn shop_in(path: &str) -> Option<&str> {
    path.strip_prefix("/api/v1/shops/")?.split('/').next()
}

/// How often somebody may ask.
#[derive(Debug)]
pub(crate) struct Rates {
    token: Rate<String>,
    pub(crate) address: Rate<IpAddr>,
    /// Tries of pairing codes, which are short.
    pub(crate) pairing: Rate<IpAddr>,
}

/// Tries of pairing codes that one address has in a minute.
const PAIRINGS_PER_MINUTE: u32 = 10;

impl Rates {
    pub(crate) fn new(config: &ServerConfig) -> Self {
        Self {
            token: Rate::per_minute(config.token_calls_per_minute),
            address: Rate::per_minute(config.address_calls_per_minute),
            pairing: Rate::per_minute(PAIRINGS_PER_MINUTE),
        }
    }
}

/// Callers that are counted at once; those that were quiet are forgotten then.
const CALLERS_MAX: usize = 10_000;

pub(crate) struct Rate<Key: Hash + Eq + Clone> {
    limiter: RateLimiter<Key, HashMapStateStore<Key>, DefaultClock>,
}

impl<Key: Hash + Eq + Clone> std::fmt::Debug for Rate<Key> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rate").finish_non_exhaustive()
    }
}

impl<Key: Hash + Eq + Clone> Rate<Key> {
    fn per_minute(calls: u32) -> Self {
        let quota = Quota::per_minute(NonZeroU32::new(calls).unwrap_or(NonZeroU32::MIN));
        Self { limiter: RateLimiter::hashmap(quota) }
    }

    pub(crate) fn check(&self, key: &Key) -> Result<(), ApiError> {
        if self.limiter.len() > CALLERS_MAX {
            self.limiter.retain_recent();
        }
        self.limiter.check_key(key).map_err(|until| {
            let wait = until.wait_time_from(DefaultClock::default().now());
            ApiError::too_many(wait.as_secs().saturating_add(1))
        })
    }
}
