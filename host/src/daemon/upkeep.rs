//! What a server does beside its rounds: it says what waits too long, forgets what has had its
//! time, and keeps connections alive that nobody uses.

use std::{sync::Arc, time::Duration};

use super::StopSignal;
use crate::{
    alert,
    config::Config,
    retention,
    store::Store,
    time::{Clock, Timestamp},
    xero_client::{self, KEEP_ALIVE_AGE, Keeper},
};

/// How often is looked what waits.
const LOOK_EVERY: Duration = Duration::from_mins(1);

/// How often is tidied up.
const TIDY_EVERY: Duration = Duration::from_hours(24);

/// Looks after a store.
#[derive(Debug, Clone)]
pub struct Upkeep {
    /// The store.
    pub store: Store,
    /// The configuration.
    pub config: Config,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

impl Upkeep {
    /// Looks after it until it is stopped. What goes wrong is logged and tried again.
    pub async fn run(&self, mut stop: StopSignal) {
        let mut tidied: Option<Timestamp> = None;
        while !stop.is_set() {
            self.look().await;
            let now = self.clock.now();
            if tidied.is_none_or(|last| now.since(last) >= TIDY_EVERY) {
                self.tidy(now).await;
                tidied = Some(now);
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK_EVERY) => {}
                () = stop.wait() => {}
            }
        }
    }

    async fn look(&self) {
        match alert::check(&self.store, &self.config.alerts, &*self.clock).await {
            Ok(said) if !said.is_empty() => tracing::info!(count = said.len(), "alerts were sent"),
            Ok(_) => {}
            Err(error) => tracing::error!(%error, "alerts cannot be sent"),
        }
        match Keeper::complaints(&self.store).await {
            Ok(complaints) => {
                for one in complaints {
                    let (connection, reason) = (&one.connection, &one.reason);
                    tracing::error!(connection, reason, "a connection needs a person");
                }
            }
            Err(error) => tracing::error!(%error, "the store failed"),
        }
    }

    async fn tidy(&self, now: Timestamp) {
        match retention::prune(&self.store, &self.config.retention, now).await {
            Ok(pruned) => tracing::info!(?pruned, "forgot what has had its time"),
            Err(error) => tracing::error!(%error, "what is old cannot be forgotten"),
        }
        if let Err(error) = self.store.forget_nonces(now).await {
            tracing::error!(%error, "the store failed");
        }
        let keeper = xero_client::open_wire(&self.config.xero).and_then(|wire| {
            Keeper::open(&self.config, self.store.clone(), Arc::clone(&self.clock), wire)
        });
        match keeper {
            Ok(keeper) => match keeper.keep_alive(KEEP_ALIVE_AGE).await {
                Ok(count) => tracing::info!(count, "connections were kept alive"),
                Err(error) => tracing::error!(%error, "the store failed"),
            },
            Err(error) => tracing::error!(%error, "connections cannot be kept alive"),
        }
    }
}
