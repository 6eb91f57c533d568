//! The tokens of a connection that the store keeps: shared by every worker of every process.
//!
//! One worker fetches the next tokens, by a claim on the generation of those that are there. They
//! are sealed and on disk before they are used. A worker that dies in between leaves the old refresh
//! token, which works for half an hour more: when its claim has run out, the next one tries again.

use std::{sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use tokio::sync::Mutex;

use super::{
    ClientError, Failure, Wire,
    failure::RETRY_SOON,
    identity::{App, Grant, GrantError, Identity, Sealed},
    open_identity,
    token::TokenSource,
};
use crate::{
    config::{Config, Secret, XeroConfig},
    http,
    store::{Connection, ConnectionKind, NewConnection, NewTokens, Store, StoreError},
    time::{Clock, Timestamp},
    vault::{Vault, VaultError},
};

/// Beyond the timeout of a call for tokens, until the worker that makes it is taken for dead.
const CLAIM_SLACK: Duration = Duration::from_secs(30);

/// While another worker fetches tokens and none is good any more.
const OTHER_WAIT: Duration = Duration::from_secs(1);

/// A token so near its end is not used: it would end on the way.
const END: Duration = Duration::from_secs(30);

/// Rests after the identity server failed.
const REST: Duration = Duration::from_secs(5);
const REST_MAX: Duration = Duration::from_mins(10);

/// How long organisations rest whose connection only a person can mend; then it is looked at again,
/// without a call to Xero.
const PARKED: Duration = Duration::from_hours(6);

/// A connection that nobody used for so long is refreshed, so that it does not run out: Xero
/// forgets it after 60 days.
pub const KEEP_ALIVE_AGE: Duration = Duration::from_hours(7 * 24);

/// What is needed to keep connections alive.
#[derive(Debug, Clone)]
pub struct Keeper {
    /// Where they are kept.
    pub store: Store,
    /// Opens their secrets.
    pub vault: Vault,
    /// The identity server.
    pub identity: Identity,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Who this is: different for each process.
    pub owner: String,
    /// After this time a worker that fetches tokens is taken for dead.
    pub claim: Duration,
}

/// A connection that only a person can mend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// The connection.
    pub connection: String,
    /// What a person should know and do.
    pub reason: String,
    /// Since when.
    pub since: Timestamp,
    /// The organisations that wait for it.
    pub organisations: Vec<String>,
}

impl Keeper {
    /// What keeps the connections of a store alive, by the configured key.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn open(
        config: &Config,
        store: Store,
        clock: Arc<dyn Clock>,
        wire: Arc<dyn Wire>,
    ) -> Result<Self, ClientError> {
        Ok(Self {
            store,
            vault: Vault::open(config)?,
            identity: open_identity(&config.xero, wire)?,
            clock,
            // No two processes, and no two workers of one, may take themselves for one another.
            owner: uuid::Uuid::new_v4().to_string(),
            claim: Self::claim_for(&config.xero),
        })
    }

    /// The time after which a worker that fetches tokens is taken for dead.
    #[must_use]
    pub fn claim_for(config: &XeroConfig) -> Duration {
        Duration::from_secs(config.timeout_secs.into()) + CLAIM_SLACK
    }

    /// Refreshes each connection that was last refreshed before `age`, so that its refresh token
    /// does not run out while nothing is to be done. Gives how many were refreshed.
    ///
    /// # Errors
    /// [`StoreError`]: what Xero refuses is a state of the connection.
    pub async fn keep_alive(&self, age: Duration) -> Result<usize, StoreError> {
        let mut count = 0;
        for one in self.store.connections().await? {
            let old = self.clock.now().since(one.refreshed) >= age;
            if one.kind == ConnectionKind::Custom || one.needs_person.is_some() || !old {
                continue;
            }
            match self.next(&one).await {
                Ok(Next::Grant(_)) => count += 1,
                Ok(Next::Others) => {}
                Err(failure) => {
                    tracing::warn!(connection = one.id, %failure, "not kept alive");
                }
            }
        }
        Ok(count)
    }

    /// The connections that need a person, and that no caller has been given before: whoever gets
    /// one must tell a person.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn complaints(store: &Store) -> Result<Vec<Complaint>, StoreError> {
        let mut complaints = Vec::new();
        for one in store.connections().await? {
            let Some(reason) = one.needs_person.filter(|_| !one.said) else { continue };
            if store.say_connection_needs_person(&one.id).await? {
                let organisations = store.organisations_of(&one.id).await?;
                let organisations = organisations.into_iter().map(|(id, _)| id).collect();
                let (connection, since) = (one.id, one.changed);
                complaints.push(Complaint { connection, reason, since, organisations });
            }
        }
        Ok(complaints)
    }

    /// Keeps a grant as a new connection, before its tokens are used for anything. It speaks for no
    /// organisation yet. Gives its id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keep(
        &self,
        kind: ConnectionKind,
        app: &App,
        grant: &Grant,
    ) -> Result<String, StoreError> {
        let id = uuid::Uuid::new_v4().to_string();
        let secret = app.client_secret.reveal().as_bytes();
        let new = NewConnection {
            kind,
            client_id: app.client_id.clone(),
            secrets: self.vault.seal(&Connection::secrets_about(&id), secret),
            tokens: seal(&self.vault, &id, grant, ""),
            id,
        };
        self.store.put_connection(&new, self.clock.now()).await?;
        Ok(new.id)
    }

    /// Ends a connection in Xero and forgets it here. With a person's consent ends all that it gave.
    ///
    /// # Errors
    /// [`Failure`]; then it is still there.
    pub async fn end(&self, one: &Connection) -> Result<(), Failure> {
        if one.kind != ConnectionKind::Custom && one.needs_person.is_none() {
            let (app, tokens) = self.open_all(one).map_err(|refresh| match refresh {
                Refresh::Person(message) => Failure::Refused { status: 0, message },
                Refresh::Failed(failure) => failure,
            })?;
            self.identity.revoke(&app, &Secret::new(tokens.refresh_token)).await?;
        }
        self.store.forget_connection(&one.id).await.map_err(|error| no_store(&error))
    }

    /// Fetches the tokens that follow a connection's, unless another worker does.
    async fn next(&self, one: &Connection) -> Result<Next, Failure> {
        let (key, now) = ((one.id.as_str(), one.generation), self.clock.now());
        let claimed = self.store.claim_refresh(key, &self.owner, now, self.claim).await;
        if !claimed.map_err(|error| no_store(&error))? {
            return Ok(Next::Others);
        }
        match self.fetch(one).await {
            Ok((grant, tokens)) => {
                let saved = self.store.save_tokens(key, &tokens, self.clock.now()).await;
                // What is not on disk is not used: Xero still takes the old refresh token.
                if saved.map_err(|error| no_store(&error))? {
                    Ok(Next::Grant(grant))
                } else {
                    Ok(Next::Others)
                }
            }
            Err(Refresh::Person(reason)) => {
                self.give_up(one, &reason).await?;
                Err(Failure::Refused { status: 401, message: reason })
            }
            Err(Refresh::Failed(failure)) => {
                let attempts = u32::try_from(one.refresh_failures + 1).unwrap_or(u32::MAX);
                let until = self.clock.now().plus(http::rest(REST, REST_MAX, attempts));
                let noted = self.store.refresh_failed(key, &self.owner, until).await;
                noted.map_err(|error| no_store(&error))?;
                Err(failure)
            }
        }
    }

    fn open_all(&self, one: &Connection) -> Result<(App, Sealed), Refresh> {
        let secret = self.unseal(&Connection::secrets_about(&one.id), &one.secrets)?;
        let tokens = self.unseal(&Connection::tokens_about(&one.id), &one.tokens)?;
        let tokens = serde_json::from_str(&tokens)
            .map_err(|_| Refresh::Person(VaultError::NotSealed.to_string()))?;
        let app = App { client_id: one.client_id.clone(), client_secret: Secret::new(secret) };
        Ok((app, tokens))
    }

    async fn fetch(&self, one: &Connection) -> Result<(Grant, NewTokens), Refresh> {
        let (app, old) = self.open_all(one)?;
        let now = self.clock.now();
        let grant = match one.kind {
            ConnectionKind::Custom => self.identity.grant_to_app(&app, &one.scopes, now).await,
            ConnectionKind::Web | ConnectionKind::Pkce => {
                let token = Secret::new(old.refresh_token.as_str());
                self.identity.refresh(&app, &token, now).await
            }
        };
        let mut grant = grant.map_err(|error| match error {
            GrantError::Refused(words) => Refresh::Person(lost(&words)),
            GrantError::Failed(failure) => Refresh::Failed(failure),
        })?;
        if grant.scopes.is_empty() {
            grant.scopes.clone_from(&one.scopes);
        }
        let tokens = seal(&self.vault, &one.id, &grant, &old.refresh_token);
        Ok((grant, tokens))
    }

    fn unseal(&self, about: &str, sealed: &[u8]) -> Result<String, Refresh> {
        let plain = self.vault.unseal(about, sealed);
        let plain = plain.map_err(|error| Refresh::Failed(no_key(&error)))?;
        Ok(String::from_utf8_lossy(&plain).into_owned())
    }

    /// Says once that a connection needs a person, and parks its organisations.
    async fn give_up(&self, one: &Connection, reason: &str) -> Result<(), Failure> {
        let (key, now) = ((one.id.as_str(), one.generation), self.clock.now());
        let until = now.plus(PARKED);
        let first = self.store.connection_needs_person(key, reason, now, until).await;
        if first.map_err(|error| no_store(&error))? {
            tracing::error!(connection = one.id, reason, "a connection to Xero needs a person");
        }
        Ok(())
    }
}

/// Seals tokens for a connection; `kept` is the refresh token that stays where no new one came.
fn seal(vault: &Vault, id: &str, grant: &Grant, kept: &str) -> NewTokens {
    NewTokens {
        sealed: vault.seal(&Connection::tokens_about(id), &Sealed::of(grant, kept)),
        scopes: grant.scopes.clone(),
        renew: grant.renew,
        expires: grant.expires,
    }
}

/// What came of fetching the next tokens.
enum Next {
    Grant(Grant),
    /// Another worker fetches them, or has.
    Others,
}

/// Why there are no next tokens.
enum Refresh {
    /// Only a person can help.
    Person(String),
    Failed(Failure),
}

fn lost(words: &str) -> String {
    format!(
        "Xero no longer takes this connection ({words}): a person ended it, or it ran out. Connect \
         again with `tillbook connect`; what waits then goes on by itself"
    )
}

/// Another worker fetches tokens, or they could not be fetched and it is too early to try again.
fn others(one: &Connection, now: Timestamp) -> Failure {
    let (retry_after, words) = if one.refresh_failures > 0 {
        let rest = one.refresh_until.since(now).clamp(OTHER_WAIT, REST_MAX);
        (rest, "Xero gave no token lately; it is asked again by itself")
    } else {
        (OTHER_WAIT, "another worker fetches the next token from Xero")
    };
    Failure::NotDone { retry_after, message: words.to_owned() }
}

fn no_store(error: &StoreError) -> Failure {
    let message = format!("the connection's tokens cannot be kept: {error}");
    Failure::NotDone { retry_after: RETRY_SOON, message }
}

/// The key can be put right without a new consent: so this is no state of the connection.
fn no_key(error: &VaultError) -> Failure {
    Failure::Refused { status: 0, message: error.to_string() }
}

/// The tokens of the connection that speaks for an organisation, whichever that is by now.
#[derive(Debug)]
pub(super) struct ConnectedToken {
    pub(super) keeper: Keeper,
    pub(super) organisation: String,
    pub(super) kept: Mutex<Option<Held>>,
}

/// A token in memory.
#[derive(Debug, Clone)]
pub(super) struct Held {
    connection: String,
    generation: i64,
    token: Secret,
    renew: Timestamp,
    expires: Timestamp,
    /// Xero no longer takes it.
    refused: bool,
}

impl Held {
    fn is_of(&self, one: &Connection) -> bool {
        self.connection == one.id && self.generation == one.generation
    }

    fn is_good(&self, now: Timestamp) -> bool {
        !self.refused && now.plus(END) < self.expires
    }
}

impl ConnectedToken {
    async fn get(&self) -> Result<Secret, Failure> {
        let mut kept = self.kept.lock().await;
        let now = self.keeper.clock.now();
        if let Some(held) = kept.as_ref().filter(|held| !held.refused && now < held.renew) {
            return Ok(held.token.clone());
        }
        let one = self.read().await?;
        let mut held = self.held(&one)?;
        held.refused = kept.as_ref().is_some_and(|old| old.refused && old.is_of(&one));
        let stored = kept.insert(held);
        if !stored.refused && now < stored.renew {
            return Ok(stored.token.clone());
        }
        match self.keeper.next(&one).await {
            Ok(Next::Grant(grant)) => {
                stored.generation = one.generation.saturating_add(1);
                stored.token = grant.access_token;
                (stored.renew, stored.expires) = (grant.renew, grant.expires);
                stored.refused = false;
                Ok(stored.token.clone())
            }
            // The old one is good for a while yet.
            Ok(Next::Others) | Err(Failure::NotDone { .. }) if stored.is_good(now) => {
                Ok(stored.token.clone())
            }
            Ok(Next::Others) => Err(others(&one, now)),
            Err(failure) => Err(failure),
        }
    }

    async fn read(&self) -> Result<Connection, Failure> {
        let read = self.keeper.store.connection_of(&self.organisation).await;
        let one = read.map_err(|error| no_store(&error))?.ok_or_else(|| Failure::Refused {
            status: 401,
            message: String::from(
                "nobody is connected to this organisation; connect with `tillbook connect`",
            ),
        })?;
        match &one.needs_person {
            Some(reason) => Err(Failure::Refused { status: 401, message: reason.clone() }),
            None => Ok(one),
        }
    }

    fn held(&self, one: &Connection) -> Result<Held, Failure> {
        let plain = self.keeper.vault.unseal(&Connection::tokens_about(&one.id), &one.tokens);
        let plain = plain.map_err(|error| no_key(&error))?;
        let sealed: Sealed =
            serde_json::from_slice(&plain).map_err(|_| no_key(&VaultError::NotSealed))?;
        Ok(Held {
            connection: one.id.clone(),
            generation: one.generation,
            token: Secret::new(sealed.access_token),
            renew: one.renew,
            expires: one.expires,
            refused: false,
        })
    }
}

impl TokenSource for ConnectedToken {
    fn token(&self) -> BoxFuture<'_, Result<Secret, Failure>> {
        Box::pin(self.get())
    }

    fn refused<'a>(&'a self, used: &'a Secret) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            if let Some(held) = self.kept.lock().await.as_mut().filter(|held| held.token == *used) {
                held.refused = true;
            }
        })
    }
}
