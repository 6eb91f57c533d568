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
    shop::Shop,
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

/// What was read so lately is taken for what is there.
const JUST_NOW: Duration = Duration::from_secs(20);

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
        let facts = ShopSource::open(shop)?;
        let background = facts.read_background().await?;
        let chart = self.read_chart((&id, &xero), patience).await?;
        let (settings, proposed) = match settings {
            Some(settings) => (settings, false),
            None => (propose(&self.door, &background, &chart).await?, true),
        };
        let organisation = self.branch(facts, (id, xero), (background.shop, chart), settings)?;
        Ok(Opened { organisation, proposed })
    }

    /// Reads an organisation's chart; `patience` is how long Xero's limits are waited for.
    async fn read_chart(
        &self,
        (id, xero): (&str, &XeroClient),
        patience: Duration,
    ) -> Result<Chart, OpenError> {
        let since = self.clock.now().minus(LIMIT_WINDOW);
        xero.remember_calls(&self.store.calls_sent_since(id, since).await?);
        let on_wait = |wait: Duration, why: &str| tracing::info!(?wait, why, "waiting");
        Ok(patiently(patience, on_wait, async || xero.read_chart().await).await?)
    }

    fn branch(
        &self,
        facts: ShopSource,
        (id, xero): (String, XeroClient),
        (shop, chart): (Shop, Chart),
        settings: Settings,
    ) -> Result<Organisation<ShopSource>, OpenError> {
        // What waits for a change in Xero's chart is looked at again after one, too.
        let rules = serde_json::to_string(&(&settings, chart.as_input()))?;
        Ok(Organisation {
            id,
            shop_url: facts.url().to_owned(),
            shop,
            facts: facts.for_settings(&settings),
            chart,
            settings,
            rules_sha256: settings_sha256(&rules),
            xero,
            documents_per_call: self.config.sync.documents_per_call,
            call_bytes_max: self.config.sync.call_bytes_max,
        })
    }

    /// The shop's keys: the configured ones where the address is the configured one, else those in
    /// the store.
    ///
    /// # Errors
    /// [`OpenError::Secrets`].
    pub fn shop_config(&self, shop: &ShopRow) -> Result<ShopConfig, OpenError> {
        shop_config(&self.config, shop)
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

/// The keys of a shop: the configured ones where its address is the configured one, else those in
/// the store.
///
/// # Errors
/// [`OpenError::Secrets`].
pub fn shop_config(config: &Config, shop: &ShopRow) -> Result<ShopConfig, OpenError> {
    let own = &config.shop;
    if config.has_shop() && own.url.trim_end_matches('/') == shop.url {
        return Ok(own.clone());
    }
    let vault = Vault::open(config).map_err(|error| OpenError::Secrets(error.to_string()))?;
    let secrets = ShopSecrets::open(&vault, shop)?;
    Ok(ShopConfig {
        url: shop.url.clone(),
        consumer_key: Secret::new(&secrets.consumer_key),
        consumer_secret: Secret::new(&secrets.consumer_secret),
    })
}

/// What is known of a shop and of its organisation besides settings: what a preview needs.
#[derive(Debug)]
pub struct View {
    /// The shop's profile, tax rates and gateways.
    pub background: Background,
    /// The organisation's chart with the moment at which it was read; none where the shop has no
    /// organisation yet, or it cannot be asked.
    pub chart: Option<(Chart, Timestamp)>,
    /// When the shop was read.
    pub read: Timestamp,
    /// Why there is no chart, or an old one.
    pub trouble: String,
}

/// Branches that are worked for, kept open for [`OPEN_FOR`], and views of shops. Work and previews
/// go by the same chart.
#[derive(Debug)]
pub struct Branches {
    opener: Opener,
    open: Mutex<BTreeMap<String, Kept>>,
    views: Mutex<BTreeMap<String, (ShopRow, Arc<View>)>>,
    /// Several pages that are opened at once read the shop once.
    reading: tokio::sync::Mutex<()>,
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
        Self {
            opener,
            open: Mutex::new(BTreeMap::new()),
            views: Mutex::new(BTreeMap::new()),
            reading: tokio::sync::Mutex::const_new(()),
        }
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
        let shop = &without_marks(shop);
        let known = (shop.clone(), stored.map(|stored| stored.json));
        let now = opener.clock.now();
        let seen = self.seen(shop).and_then(|view| view.chart.as_ref().map(|(_, read)| *read));
        if let Some(kept) = self.open().get(&shop.slug)
            && kept.known == known
            && now.since(kept.since) < OPEN_FOR
            // A page has read a newer chart: what it shows is what is sent.
            && seen.is_none_or(|seen| seen <= kept.since)
        {
            return Ok(Arc::clone(&kept.branch));
        }
        let settings = opener.settings(shop).await?;
        let settings = settings.ok_or_else(|| OpenError::NoSettings(shop.slug.clone()))?;
        let view = match self.look(shop, JUST_NOW).await? {
            (_, Some(failure)) => return Err(failure),
            (view, None) => view,
        };
        let no_chart = || OpenError::NoConnection(shop.organisation.clone());
        let (chart, since) = view.chart.clone().ok_or_else(no_chart)?;
        let named = (shop.organisation.clone(), opener.xero(&shop.organisation).await?);
        let facts = ShopSource::open(&opener.shop_config(shop)?)?;
        let read = (view.background.shop.clone(), chart);
        let branch = Arc::new(opener.branch(facts, named, read, settings)?);
        let kept = Kept { branch: Arc::clone(&branch), since, known };
        self.open().insert(shop.slug.clone(), kept);
        Ok(branch)
    }

    /// What a preview needs of a shop, read at most `age` ago. A chart that cannot be had is no
    /// failure: the last one stays.
    ///
    /// # Errors
    /// [`OpenError`] when the shop itself cannot be asked.
    pub async fn read(&self, shop: &ShopRow, age: Duration) -> Result<Arc<View>, OpenError> {
        let recent =
            |view: &Arc<View>| self.opener.clock.now().since(view.read) < age.min(JUST_NOW);
        if let Some(view) = self.seen(shop).filter(recent) {
            return Ok(view);
        }
        Ok(self.look(shop, age).await?.0)
    }

    /// The same, with why the chart could not be read.
    async fn look(
        &self,
        shop: &ShopRow,
        age: Duration,
    ) -> Result<(Arc<View>, Option<OpenError>), OpenError> {
        let shop = &without_marks(shop);
        let is_new = |view: &Arc<View>, now: Timestamp| {
            now.since(view.read) < age && view.trouble.is_empty()
        };
        if let Some(view) = self.seen(shop).filter(|view| is_new(view, self.opener.clock.now())) {
            return Ok((view, None));
        }
        let _turn = self.reading.lock().await;
        let (now, before) = (self.opener.clock.now(), self.seen(shop));
        if let Some(view) = before.clone().filter(|view| is_new(view, now)) {
            return Ok((view, None));
        }
        let facts = ShopSource::open(&self.opener.shop_config(shop)?)?;
        let background = facts.read_background().await?;
        let (chart, failure) = match self.chart(shop).await {
            Ok(chart) => (chart.map(|chart| (chart, now)), None),
            Err(failure) => (before.and_then(|view| view.chart.clone()), Some(failure)),
        };
        let trouble = failure.as_ref().map(ToString::to_string).unwrap_or_default();
        let view = Arc::new(View { background, chart, read: now, trouble });
        self.views().insert(shop.slug.clone(), (shop.clone(), Arc::clone(&view)));
        Ok((view, failure))
    }

    /// What was last read of a shop as it is now.
    #[must_use]
    pub fn seen(&self, shop: &ShopRow) -> Option<Arc<View>> {
        let shop = without_marks(shop);
        let views = self.views();
        let (known, view) = views.get(&shop.slug)?;
        let same = (&known.organisation, &known.url, &known.secrets)
            == (&shop.organisation, &shop.url, &shop.secrets);
        same.then(|| Arc::clone(view))
    }

    async fn chart(&self, shop: &ShopRow) -> Result<Option<Chart>, OpenError> {
        if shop.organisation.is_empty() {
            return Ok(None);
        }
        let xero = self.opener.xero(&shop.organisation).await?;
        let named = (shop.organisation.as_str(), &xero);
        self.opener.read_chart(named, Duration::ZERO).await.map(Some)
    }

    fn views(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, (ShopRow, Arc<View>)>> {
        self.views.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Kept>> {
        // A map has no half-changed states.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where sweeps have come to says nothing of the shop itself.
fn without_marks(shop: &ShopRow) -> ShopRow {
    ShopRow { marks: String::new(), ..shop.clone() }
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
