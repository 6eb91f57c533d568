//! Where a client has its access token from.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio::sync::Mutex;

use super::{
    Failure,
    identity::{App, GrantError, Identity},
};
use crate::{
    config::Secret,
    time::{Clock, Timestamp},
};

/// Gives access tokens.
pub trait TokenSource: std::fmt::Debug + Send + Sync {
    /// A token that is good now.
    ///
    /// # Errors
    /// [`Failure::Refused`] where only a person can help, else [`Failure::NotDone`].
    fn token(&self) -> BoxFuture<'_, Result<Secret, Failure>>;

    /// Hears that Xero no longer takes a token.
    fn refused<'a>(&'a self, used: &'a Secret) -> BoxFuture<'a, ()>;
}

/// The token of a custom connection: client credentials, asked for once and kept in memory, behind
/// a lock that is held while it is asked for. So two callers ask once.
#[derive(Debug)]
pub(super) struct AppToken {
    pub(super) identity: Identity,
    pub(super) app: App,
    pub(super) scopes: String,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) kept: Mutex<Option<(Secret, Timestamp)>>,
}

impl AppToken {
    async fn get(&self) -> Result<Secret, Failure> {
        let mut kept = self.kept.lock().await;
        let now = self.clock.now();
        if let Some((token, _)) = kept.as_ref().filter(|(_, renew)| now < *renew) {
            return Ok(token.clone());
        }
        let grant = self.identity.grant_to_app(&self.app, &self.scopes, now).await;
        let grant = grant.map_err(|error| match error {
            GrantError::Refused(words) => {
                Failure::Refused { status: 400, message: format!("no token: {words}") }
            }
            GrantError::Failed(failure) => failure,
        })?;
        *kept = Some((grant.access_token.clone(), grant.renew));
        Ok(grant.access_token)
    }
}

impl TokenSource for AppToken {
    fn token(&self) -> BoxFuture<'_, Result<Secret, Failure>> {
        Box::pin(self.get())
    }

    fn refused<'a>(&'a self, used: &'a Secret) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let mut kept = self.kept.lock().await;
            if kept.as_ref().is_some_and(|(token, _)| token == used) {
                *kept = None;
            }
        })
    }
}
