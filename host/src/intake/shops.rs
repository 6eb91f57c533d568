//! The shops that are known, kept in memory for a few seconds.

use std::{
    collections::BTreeMap,
    fmt::Debug,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::Semaphore;

use crate::{
    branch::ShopSecrets,
    config::Secret,
    store::{ShopRow, Store, StoreError, Switches},
    time::{Clock, Timestamp},
    vault::Vault,
};

/// A shop is read again after this: a changed secret counts then.
const FRESH: Duration = Duration::from_secs(5);
/// Shops in memory, those that do not exist included.
const SHOPS_MAX: usize = 4_096;
/// Look-ups at once: guessing names of shops must not take all connections to the database.
const LOOKUPS_MAX: usize = 2;
const SLUG_BYTES_MAX: usize = 64;

/// What the intake knows of a shop.
#[derive(Debug, Clone)]
pub struct KnownShop {
    /// What stands in the address of its webhooks.
    pub slug: String,
    /// The organisation that its documents go to.
    pub organisation: String,
    /// Its address.
    pub url: String,
    /// What signs its webhooks and events.
    pub hook_secret: Secret,
    /// Kinds of objects that are not queued.
    pub switches: Switches,
}

/// Opens the sealed keys of a shop.
pub trait SecretReader: Debug + Send + Sync {
    /// What signs its webhooks and events; none when it has none or cannot be opened.
    fn hook_secret(&self, shop: &ShopRow) -> Option<Secret>;
}

/// The keys that the store keeps, opened by the vault.
#[derive(Debug)]
pub struct ShopKeys {
    vault: Vault,
}

impl ShopKeys {
    /// Opened by that vault.
    #[must_use]
    pub const fn new(vault: Vault) -> Self {
        Self { vault }
    }
}

impl SecretReader for ShopKeys {
    fn hook_secret(&self, shop: &ShopRow) -> Option<Secret> {
        match ShopSecrets::open(&self.vault, shop) {
            Ok(secrets) => Some(Secret::new(secrets.hook_secret)),
            Err(error) => {
                tracing::error!(shop = shop.slug, %error, "its webhooks cannot be believed");
                None
            }
        }
    }
}

#[derive(Debug)]
pub(super) struct Shops {
    store: Store,
    secrets: Arc<dyn SecretReader>,
    clock: Arc<dyn Clock>,
    known: Mutex<BTreeMap<String, Entry>>,
    lookups: Semaphore,
}

#[derive(Debug, Clone)]
struct Entry {
    shop: Option<KnownShop>,
    read: Timestamp,
}

impl Shops {
    pub(super) fn new(store: Store, secrets: Arc<dyn SecretReader>, clock: Arc<dyn Clock>) -> Self {
        let (known, lookups) = (Mutex::default(), Semaphore::new(LOOKUPS_MAX));
        Self { store, secrets, clock, known, lookups }
    }

    /// The shop of that slug.
    pub(super) async fn find(&self, slug: &str) -> Result<Option<KnownShop>, StoreError> {
        if !is_slug(slug) {
            return Ok(None);
        }
        if let Some(shop) = self.remembered(slug) {
            return Ok(shop);
        }
        let turn = self.lookups.acquire().await;
        // Whoever waited for the same shop finds it read now.
        if let Some(shop) = self.remembered(slug) {
            return Ok(shop);
        }
        let row = self.store.shop(slug).await?;
        drop(turn);
        let shop = row.and_then(|row| self.open(row));
        self.remember(slug, shop.clone());
        Ok(shop)
    }

    /// What is known of a shop has changed.
    pub(super) fn forget(&self, slug: &str) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).remove(slug);
    }

    fn open(&self, row: ShopRow) -> Option<KnownShop> {
        let hook_secret = self.secrets.hook_secret(&row)?;
        let switches = row.switched();
        let ShopRow { slug, organisation, url, .. } = row;
        let shop = KnownShop { slug, organisation, url, hook_secret, switches };
        // Without a secret anybody could sign.
        (!shop.hook_secret.is_empty()).then_some(shop)
    }

    #[expect(clippy::option_option, reason = "what is known: nothing yet, no shop, a shop")]
    fn remembered(&self, slug: &str) -> Option<Option<KnownShop>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = known.get(slug)?;
        (self.clock.now().since(entry.read) < FRESH).then(|| entry.shop.clone())
    }

    fn remember(&self, slug: &str, shop: Option<KnownShop>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= SHOPS_MAX {
            // Names that were guessed go first; a shop that is read again costs little.
            known.retain(|_, entry| entry.shop.is_some());
            if known.len() >= SHOPS_MAX {
                known.clear();
            }
        }
        known.insert(slug.to_owned(), Entry { shop, read: self.clock.now() });
    }
}

/// Whether it can be a slug: lower case letters, digits and dashes.
fn is_slug(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=SLUG_BYTES_MAX).contains(&text.len()) && text.bytes().all(allowed)
}
