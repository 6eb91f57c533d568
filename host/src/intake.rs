//! Intake: from what a shop says to a durable hint.
//!
//! What arrives names objects; what is true of them is read from the shop when the job runs. So
//! only ids are taken from a delivery, a replayed one is a hint once more, which finds the job
//! that is open already, and nothing is lost when one is forged, late or torn: sweeps find what
//! no delivery named. A delivery is on disk before it is answered, many in one commit
//! (`intake/writer.rs`).
//!
//! Two senders are known. WooCommerce's webhooks (`intake/delivery.rs`) are signed over their body
//! alone. The plugin's events (`intake/event.rs`) are signed over time and a nonce as well.

mod delivery;
mod event;
mod shops;
mod writer;

use std::sync::Arc;

pub use delivery::{Delivery, hints_of};
pub use event::{Envelope, canonical, sign};
pub use shops::{KnownShop, SecretReader, ShopKeys};
pub use writer::Limits;

use crate::{
    config::Secret,
    shop_client::webhook::{self, Notice},
    store::{Arrival, Hint, Nonce, ObjectKey, Store, StoreError, Switches},
    time::Clock,
};
use shops::Shops;
use writer::Writer;

const TOPIC_BYTES_MAX: usize = 100;

/// Why a delivery is not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// No such shop, a wrong signature, a time too far away or a nonce seen before: whoever asks
    /// does not learn which.
    #[error("the signature does not fit")]
    Unsigned,
    /// It is signed, but nothing that can be read.
    #[error("{0}")]
    Malformed(String),
    /// More arrives than can be written; come again.
    #[error("too much arrives at once")]
    Busy,
    /// It could not be written.
    #[error("{0}")]
    Store(Arc<StoreError>),
}

/// What was taken of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// Objects that were named.
    pub hints: usize,
    /// Whether a sweep was asked for.
    pub sweep: bool,
    /// Events of a kind that is not known here.
    pub unknown: usize,
}

/// Takes what shops send.
#[derive(Debug)]
pub struct Intake {
    shops: Shops,
    writer: Writer,
    clock: Arc<dyn Clock>,
    /// Signatures for shops that do not exist are reckoned with this, so that they take as long.
    nobody: KnownShop,
}

impl Intake {
    /// Begins to take deliveries; the writer ends when this is dropped.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the machine has no randomness.
    pub fn start(
        store: Store,
        secrets: Arc<dyn SecretReader>,
        clock: Arc<dyn Clock>,
        limits: Limits,
    ) -> Result<Self, StoreError> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let nobody = KnownShop {
            slug: String::new(),
            organisation: String::new(),
            url: String::new(),
            hook_secret: Secret::new(hex::encode(bytes)),
            switches: Switches::default(),
        };
        Ok(Self {
            writer: Writer::start(store.clone(), Arc::clone(&clock), limits),
            shops: Shops::new(store, secrets, Arc::clone(&clock)),
            clock,
            nobody,
        })
    }

    /// Reads a shop anew at its next delivery: its keys or its organisation have changed.
    pub fn forget(&self, slug: &str) {
        self.shops.forget(slug);
    }

    /// Takes a delivery of WooCommerce: durable before this returns.
    ///
    /// The ping of a new webhook is not signed, and names nothing: it is taken from anybody.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn take_delivery(
        &self,
        slug: &str,
        delivery: &Delivery<'_>,
        body: &[u8],
    ) -> Result<Taken, Refusal> {
        if delivery.topic.is_none() && delivery.signature.is_none() {
            return match Notice::read(None, body) {
                Notice::Ping { .. } => Ok(Taken { hints: 0, sweep: false, unknown: 0 }),
                _ => Err(Refusal::Unsigned),
            };
        }
        let (shop, is_known) = self.shop(slug).await?;
        let signature = delivery.signature.unwrap_or_default();
        let fits = webhook::verify(shop.hook_secret.reveal(), body, signature).is_ok();
        if !(fits && is_known) {
            return Err(Refusal::Unsigned);
        }
        // The signature is the body's alone: the topic must not say more than a topic can.
        let topic = delivery.topic.filter(|topic| is_topic(topic)).unwrap_or_default();
        let wanted = hints_of(&Notice::read(Some(topic), body));
        self.keep(&shop, wanted, &format!("webhook {topic}"), None).await
    }

    /// Takes events of the plugin: durable before this returns.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn take_events(
        &self,
        slug: &str,
        envelope: &Envelope<'_>,
        body: &[u8],
    ) -> Result<Taken, Refusal> {
        let (shop, is_known) = self.shop(slug).await?;
        let now = self.clock.now();
        let fits = envelope.verify(shop.hook_secret.reveal(), slug, body, now);
        if !(fits && is_known) {
            return Err(Refusal::Unsigned);
        }
        let wanted = event::read(body).map_err(Refusal::Malformed)?;
        let nonce = Nonce {
            shop: shop.slug.clone(),
            nonce: envelope.nonce.to_owned(),
            until: now.plus(event::REMEMBERED),
        };
        self.keep(&shop, wanted, "event", Some(nonce)).await
    }

    async fn shop(&self, slug: &str) -> Result<(KnownShop, bool), Refusal> {
        let found = self.shops.find(slug).await.map_err(|error| Refusal::Store(Arc::new(error)))?;
        Ok(found.map_or_else(|| (self.nobody.clone(), false), |shop| (shop, true)))
    }

    async fn keep(
        &self,
        shop: &KnownShop,
        wanted: Wanted,
        source: &str,
        nonce: Option<Nonce>,
    ) -> Result<Taken, Refusal> {
        let hints: Vec<Hint> = wanted
            .objects
            .into_iter()
            .map(|object| {
                let why =
                    object.why.map_or_else(|| source.to_owned(), |why| format!("{source} {why}"));
                Hint {
                    source: why,
                    priority: crate::store::Priority::Now,
                    ..Hint::new(object.kind.key(&shop.url, object.id), "")
                }
            })
            .filter(|hint| shop.switches.queues(&hint.key.kind))
            .collect();
        let sweep = wanted.sweep.map(|why| (shop.slug.clone(), format!("{source} {why}")));
        let taken = Taken { hints: hints.len(), sweep: sweep.is_some(), unknown: wanted.unknown };
        if hints.is_empty() && sweep.is_none() && nonce.is_none() {
            return Ok(taken);
        }
        let organisation = shop.organisation.clone();
        let is_new = self.writer.write(Arrival { organisation, hints, nonce, sweep }).await?;
        is_new.then_some(taken).ok_or(Refusal::Unsigned)
    }
}

fn is_topic(topic: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    topic.len() <= TOPIC_BYTES_MAX && topic.bytes().all(allowed)
}

/// What a delivery asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Objects to look at.
    pub objects: Vec<Named>,
    /// Why the whole shop is to be swept soon, if it is.
    pub sweep: Option<&'static str>,
    /// Events of a kind that is not known here.
    pub unknown: usize,
}

/// An object that was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// What it is.
    pub kind: ObjectKind,
    /// The shop's id of it.
    pub id: u64,
    /// What happened to it, where the source does not say so already.
    pub why: Option<&'static str>,
}

/// What can be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectKind {
    /// An order with its refunds and payments.
    Order,
    /// A product or variation.
    Product,
    /// A customer.
    Customer,
}

impl ObjectKind {
    /// What names such an object in the queue.
    #[must_use]
    pub fn key(self, shop: &str, id: u64) -> ObjectKey {
        let (kind, purpose) = match self {
            Self::Order => return ObjectKey::invoice(shop, id),
            Self::Product => ("product", "item"),
            Self::Customer => ("customer", "contact"),
        };
        ObjectKey {
            shop: shop.to_owned(),
            kind: kind.to_owned(),
            object_id: id.to_string(),
            purpose: purpose.to_owned(),
        }
    }
}
