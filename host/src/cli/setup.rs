//! What every command on the configured shop and organisation opens and reads first.

use std::time::Duration;

use miette::IntoDiagnostic;
use tillbook::{
    bookkeeper::Bookkeeper,
    branch::{Opened, Opener},
    config::Config,
    daemon::PATIENCE,
    lock::ProcessLock,
    shop_facts::ShopSource,
    worker::{LEASE, Organisation, Worker},
    xero_client,
};

use super::{Global, context};

/// Everything open and read.
pub(crate) struct Setup {
    pub(crate) worker: Worker,
    pub(crate) organisation: Organisation<ShopSource>,
    /// Whether the settings are proposed ones, because none were given.
    pub(crate) proposed: bool,
    pub(crate) config: Config,
    _lock: Option<ProcessLock>,
}

impl Setup {
    /// Opens store, core, shop and Xero; `None`, and says so, where one is not configured.
    pub(crate) async fn open(global: &Global, what: &str) -> miette::Result<Option<Self>> {
        let (config, _) = context::configure(global)?;
        if !config.has_shop() || !(config.has_xero() || context::has_store(&config)) {
            say_not_configured();
            return Ok(None);
        }
        let lock = if config.data.database.is_empty() {
            Some(ProcessLock::take(&config.data.folder).into_diagnostic()?)
        } else {
            None
        };
        let store = context::open_store(&config).await?;
        if lock.is_some() {
            // The lock shows that no other process is alive that could hold a lease.
            store.free_leases_of_the_dead().await.into_diagnostic()?;
            let now = context::clock().now();
            xero_client::free_what_the_dead_held(&store, now).await.into_diagnostic()?;
        }
        let Some((id, xero)) = context::open_xero(&config, &store).await? else {
            say_not_configured();
            return Ok(None);
        };
        // A person waits; the worker says itself how urgent its jobs are.
        xero.set_urgent(true);
        let door = context::open_door(&config)?;
        store.unpark(&id).await.into_diagnostic()?;
        let opener = Opener {
            config: config.clone(),
            store: store.clone(),
            door: door.clone(),
            clock: context::clock(),
        };
        let settings = context::stored_settings(&config).await?;
        let opened = opener.open(&config.shop, (id, xero), settings, PATIENCE).await;
        let Opened { organisation, proposed } = opened.into_diagnostic()?;
        let owner = format!("{what} {}", std::process::id());
        let clock = context::clock();
        let books = Bookkeeper {
            store,
            door,
            owner,
            clock,
            patience: Duration::ZERO,
            read_patience: PATIENCE,
            lease: LEASE,
        };
        let worker = Worker { books };
        Ok(Some(Self { worker, organisation, proposed, config, _lock: lock }))
    }

    /// An account as people know it: its code and its name in Xero.
    pub(crate) fn account(&self, code: &str) -> String {
        let chart = self.organisation.chart.as_input();
        let accounts: Vec<AccountName> = chart
            .accounts
            .and_then(|accounts| serde_json::from_str(accounts.get()).ok())
            .unwrap_or_default();
        let found = accounts.into_iter().find(|account| account.code == code);
        found.map_or_else(|| code.to_owned(), |account| format!("{code} {}", account.name))
    }

    /// A bookkeeper on the same store, who sits out short waits.
    pub(crate) fn bookkeeper(&self) -> Bookkeeper {
        Bookkeeper { patience: PATIENCE, ..self.worker.books.clone() }
    }
}

fn say_not_configured() {
    eprintln!("No shop or no Xero organisation is configured; `tillbook doctor` says how.");
    eprintln!("To see it work without any account: `tillbook demo`.");
}

#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct AccountName {
    code: String,
    name: String,
}
