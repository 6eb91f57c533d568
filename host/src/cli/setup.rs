//! What every command on the configured shop and organisation opens and reads first.

use std::time::Duration;

use miette::{IntoDiagnostic, miette};
use tillbook::{
    bookkeeper::{Bookkeeper, patiently},
    config::Config,
    daemon::PATIENCE,
    door::{Door, as_refs},
    lock::ProcessLock,
    shop_facts::{Background, ShopSource},
    store::Store,
    worker::{Organisation, Worker},
    xero_client::Chart,
};
use tillbook_core::{
    contract::{CONTRACT_VERSION, ProposeRequest},
    settings::Settings,
};

use super::{Global, context};

/// Xero's window for its limit of calls.
const LIMIT_WINDOW: Duration = Duration::from_secs(61);

/// Everything open and read.
pub(crate) struct Setup {
    pub(crate) worker: Worker,
    pub(crate) organisation: Organisation<ShopSource>,
    /// Whether the settings are proposed ones, because none were given.
    pub(crate) proposed: bool,
    pub(crate) config: Config,
    _lock: ProcessLock,
}

impl Setup {
    /// Opens store, core, shop and Xero; `None`, and says so, where one is not configured.
    pub(crate) async fn open(global: &Global, what: &str) -> miette::Result<Option<Self>> {
        let (config, _) = context::configure(global)?;
        if !config.has_shop() || !config.has_xero() {
            eprintln!("No shop or no Xero organisation is configured; `tillbook doctor` says how.");
            eprintln!("To see it work without any account: `tillbook demo`.");
            return Ok(None);
        }
        let lock = ProcessLock::take(&config.data.folder).into_diagnostic()?;
        let store = Store::open(&config.data.folder).await.into_diagnostic()?;
        // The lock shows that no other process is alive that could hold a lease.
        store.free_leases_of_the_dead().await.into_diagnostic()?;
        let door = context::open_door(&config)?;
        let id = context::organisation_id(&config);
        store.unpark(&id).await.into_diagnostic()?;
        let xero = context::open_xero(&config)?;
        let since = context::clock().now().minus(LIMIT_WINDOW);
        xero.remember_calls(&store.calls_sent_since(&id, since).await.into_diagnostic()?);
        let facts = ShopSource::open(&config.shop)?;
        let background = facts.read_background().await?;
        let on_wait = |wait: Duration, why: &str| eprintln!("waiting {} s: {why}", wait.as_secs());
        let chart = patiently(PATIENCE, on_wait, async || xero.read_chart().await)
            .await
            .map_err(|failure| miette!("Xero: {failure}"))?;
        let (settings, proposed) = match context::stored_settings(&config).await? {
            Some(settings) => (settings, false),
            None => (propose(&door, &background, &chart).await?, true),
        };
        // What waits for a change in Xero's chart is looked at again after one, too.
        let rules = (&settings, chart.as_input());
        let rules_sha256 =
            tillbook::store::settings_sha256(&serde_json::to_string(&rules).into_diagnostic()?);
        let organisation = Organisation {
            id,
            shop_url: facts.url().to_owned(),
            shop: background.shop,
            facts: facts.for_settings(&settings),
            chart,
            settings,
            rules_sha256,
            xero,
            documents_per_call: config.sync.documents_per_call,
            call_bytes_max: config.sync.call_bytes_max,
        };
        let owner = format!("{what} {}", std::process::id());
        let clock = context::clock();
        let books = Bookkeeper {
            store,
            door,
            owner,
            clock,
            patience: Duration::ZERO,
            read_patience: PATIENCE,
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

#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct AccountName {
    code: String,
    name: String,
}

/// Proposes settings for a shop and an organisation.
pub(crate) async fn propose(
    door: &Door,
    background: &Background,
    chart: &Chart,
) -> miette::Result<Settings> {
    let request = ProposeRequest {
        contract: CONTRACT_VERSION,
        shop: background.shop.clone(),
        chart: chart.as_input(),
        tax_rates: as_refs(&background.tax_rates),
        gateways: as_refs(&background.gateways),
    };
    let reply = door.propose_settings(&request).await.map_err(|error| miette!("{error}"))?;
    Ok(reply.settings)
}
