//! A branch: one shop with the organisation that its documents go to, opened for work.
//!
//! Opening reads the shop's profile and the organisation's chart, so branches are kept open for a
//! while by whoever works for several.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use tillbook_core::{
    contract::{CONTRACT_VERSION, ProposeRequest},
    settings::Settings,
};

use crate::{
    bookkeeper::patiently,
    config::{Config, Secret, ShopConfig},
    door::{Door, DoorError, as_refs},
    shop_client::ShopClientError,
    shop_facts::{Background, ShopSource},
    store::{ShopRow, Store, StoreError, settings_sha256},
    time::{Clock, Timestamp},
    vault::Vault,
    worker::Organisation,
    xero_client::{self, Chart, ClientError, Failure, XeroClient},
};

/// How long a branch is worked with before profile and chart are read again.
pub const OPEN_FOR: Duration = Duration::from_mins(30);

/// Xero's window for its limit of calls.
const LIMIT_WINDOW: Duration = Duration::from_secs(61);

/// A shop's keys, as they are sealed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ShopSecrets {
    /// REST key, `ck_…`.
    pub consumer_key: String,
    /// REST secret, `cs_…`.
    pub consumer_secret: String,
    /// What its webhooks are signed with.
    pub hook_secret: String,
}

impl ShopSecrets {
    /// What a shop's keys are sealed about.
    fn about(slug: &str) -> String {
        format!("shop:{slug}")
    }

    /// Seals the keys for the store.
    #[must_use]
    pub fn seal(&self, vault: &Vault, slug: &str) -> Vec<u8> {
        // Texts always serialise.
        let plain = serde_json::to_vec(self).unwrap_or_default();
        vault.seal(&Self::about(slug), &plain)
    }

    /// Opens the keys of a shop.
    ///
    /// # Errors
    /// [`OpenError::Secrets`].
    pub fn open(vault: &Vault, shop: &ShopRow) -> Result<Self, OpenError> {
        if shop.secrets.is_empty() {
            return Ok(Self::default());
        }
        let plain = vault
            .unseal(&Self::about(&shop.slug), &shop.secrets)
            .map_err(|error| OpenError::Secrets(error.to_string()))?;
        serde_json::from_slice(&plain).map_err(|error| OpenError::Secrets(error.to_string()))
    }
}

/// A branch could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The shop could not be asked, or its address cannot be used.
    #[error("shop: {0}")]
    Shop(#[from] ShopClientError),
    /// Xero could not be asked.
    #[error("Xero: {0}")]
    Xero(#[from] Failure),
    /// The client for Xero cannot be made.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The core could not be asked for settings.
    #[error(transparent)]
    Core(#[from] DoorError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Nobody has looked at this shop's settings yet.
    #[error(
        "shop `{0}` has no settings yet: `tillbook shop activate {0}` proposes some and takes them"
    )]
    NoSettings(String),
    /// The stored settings cannot be read.
    #[error("the settings of the shop cannot be read: {0}")]
    Settings(#[from] serde_json::Error),
    /// The shop's keys cannot be opened.
    #[error("the keys of the shop cannot be opened: {0}")]
    Secrets(String),
    /// The organisation is not the configured one.
    #[error("organisation `{0}` is reached by no connection: `tillbook connect` makes one")]
    NoConnection(String),
}

/// What opening takes besides the shop itself.
#[derive(Debug, Clone)]
pub struct Opener {
    /// The configuration.
    pub config: Config,
    /// The store.
    pub store: Store,
    /// The core.
    pub door: Door,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

/// A branch with how it came to its settings.
#[derive(Debug)]
pub struct Opened {
    /// The branch.
    pub organisation: Organisation<ShopSource>,
    /// Whether the settings are proposed ones, because none were given.
    pub proposed: bool,
}

impl Opener {
    /// Opens a shop with an organisation; without `settings` some are proposed. `patience` is how
    /// long Xero's limits are waited for.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open(
        &self,
        shop: &ShopConfig,
        (id, xero): (String, XeroClient),
        settings: Option<Settings>,
        patience: Duration,
    ) -> Result<Opened, OpenError> {
        let since = self.clock.now().minus(LIMIT_WINDOW);
        xero.remember_calls(&self.store.calls_sent_since(&id, since).await?);
        let facts = ShopSource::open(shop)?;
        let background = facts.read_background().await?;
        let on_wait = |wait: Duration, why: &str| tracing::info!(?wait, why, "waiting");
        let chart = patiently(patience, on_wait, async || xero.read_chart().await).await?;
        let (settings, proposed) = match settings {
            Some(settings) => (settings, false),
            None => (propose(&self.door, &background, &chart).await?, true),
        };
        // What waits for a change in Xero's chart is looked at again after one, too.
        let rules = serde_json::to_string(&(&settings, chart.as_input()))?;
        let organisation = Organisation {
            id,
            shop_url: facts.url().to_owned(),
            shop: background.shop,
            facts: facts.for_settings(&settings),
            chart,
            settings,
            rules_sha256: settings_sha256(&rules),
            xero,
            documents_per_call: self.config.sync.documents_per_call,
            call_bytes_max: self.config.sync.call_bytes_max,
        };
        Ok(Opened { organisation, proposed })
    }

    /// The shop's keys: the configured ones where the address is the configured one, else those in
    /// the store.
    ///
    /// # Errors
    /// [`OpenError::Secrets`].
    pub fn shop_config(&self, shop: &ShopRow) -> Result<ShopConfig, OpenError> {
        let own = &self.config.shop;
        if self.config.has_shop() && own.url.trim_end_matches('/') == shop.url {
            return Ok(own.clone());
        }
        let vault =
            Vault::open(&self.config).map_err(|error| OpenError::Secrets(error.to_string()))?;
        let secrets = ShopSecrets::open(&vault, shop)?;
        Ok(ShopConfig {
            url: shop.url.clone(),
            consumer_key: Secret::new(&secrets.consumer_key),
            consumer_secret: Secret::new(&secrets.consumer_secret),
        })
    }

    /// A client for the organisation with an id, its limits shared with all other workers.
    ///
    /// # Errors
    /// [`OpenError::NoConnection`] or [`OpenError::Client`].
    pub async fn xero(&self, id: &str) -> Result<XeroClient, OpenError> {
        let clock = Arc::clone(&self.clock);
        let opened = xero_client::open(&self.config, &self.store, clock, id).await?;
        opened.ok_or_else(|| OpenError::NoConnection(id.to_owned()))
    }

    /// The settings that a shop is synced by; `None` where nobody has looked at any yet.
    ///
    /// # Errors
    /// [`OpenError::Store`] or [`OpenError::Settings`].
    pub async fn settings(&self, shop: &ShopRow) -> Result<Option<Settings>, OpenError> {
        let stored = self.store.settings(&shop.organisation, &shop.url).await?;
        Ok(stored.map(|stored| serde_json::from_str(&stored.json)).transpose()?)
    }
}

/// Branches that are worked for, kept open for [`OPEN_FOR`].
#[derive(Debug)]
pub struct Branches {
    opener: Opener,
    open: Mutex<BTreeMap<String, Kept>>,
}

#[derive(Debug, Clone)]
struct Kept {
    branch: Arc<Organisation<ShopSource>>,
    since: Timestamp,
    /// Shop and settings as they were: a change of either opens it anew.
    known: (ShopRow, Option<String>),
}

impl Branches {
    /// None is open yet.
    #[must_use]
    pub const fn new(opener: Opener) -> Self {
        Self { opener, open: Mutex::new(BTreeMap::new()) }
    }

    /// What opens them.
    #[must_use]
    pub const fn opener(&self) -> &Opener {
        &self.opener
    }

    /// The branch of a shop.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn get(&self, shop: &ShopRow) -> Result<Arc<Organisation<ShopSource>>, OpenError> {
        let opener = &self.opener;
        let stored = opener.store.settings(&shop.organisation, &shop.url).await?;
        // Where sweeps have come to says nothing of the shop itself.
        let shop = &ShopRow { marks: String::new(), ..shop.clone() };
        let known = (shop.clone(), stored.map(|stored| stored.json));
        let now = opener.clock.now();
        if let Some(kept) = self.open().get(&shop.slug)
            && kept.known == known
            && now.since(kept.since) < OPEN_FOR
        {
            return Ok(Arc::clone(&kept.branch));
        }
        let settings = opener.settings(shop).await?;
        let settings = settings.ok_or_else(|| OpenError::NoSettings(shop.slug.clone()))?;
        let xero = opener.xero(&shop.organisation).await?;
        let config = opener.shop_config(shop)?;
        let named = (shop.organisation.clone(), xero);
        let opened = opener.open(&config, named, Some(settings), Duration::ZERO).await?;
        let branch = Arc::new(opened.organisation);
        let kept = Kept { branch: Arc::clone(&branch), since: now, known };
        self.open().insert(shop.slug.clone(), kept);
        Ok(branch)
    }

    fn open(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Kept>> {
        // A map has no half-changed states.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Proposes settings for a shop and an organisation.
///
/// # Errors
/// [`DoorError`].
pub async fn propose(
    door: &Door,
    background: &Background,
    chart: &Chart,
) -> Result<Settings, DoorError> {
    let request = ProposeRequest {
        contract: CONTRACT_VERSION,
        shop: background.shop.clone(),
        chart: chart.as_input(),
        tax_rates: as_refs(&background.tax_rates),
        gateways: as_refs(&background.gateways),
    };
    Ok(door.propose_settings(&request).await?.settings)
}
