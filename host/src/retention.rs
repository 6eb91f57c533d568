//! What is kept about people goes when its time is over, or when somebody is to be forgotten.
//!
//! Bodies of requests and answers, the core's questions and each object's history have their days
//! in `[retention]`. Links, hashes, numbers and amounts stay: without them an order would be sent
//! again, and books must be kept.

use std::time::Duration;

use sha2::{Digest, Sha256};

pub use crate::store::{Forgotten, Pruned};

use crate::{
    config::RetentionConfig,
    store::{Store, StoreError},
    time::Timestamp,
};

const DAY: Duration = Duration::from_hours(24);

/// Letters of a guest's hash, as the core names guests.
const GUEST_HASH_CHARS: usize = 16;

/// Forgets what is older than its days. For once a day.
///
/// # Errors
/// [`StoreError`].
pub async fn prune(
    store: &Store,
    config: &RetentionConfig,
    now: Timestamp,
) -> Result<Pruned, StoreError> {
    run(store, config, now, false).await
}

/// Counts what [`prune`] would forget.
///
/// # Errors
/// [`StoreError`].
pub async fn count(
    store: &Store,
    config: &RetentionConfig,
    now: Timestamp,
) -> Result<Pruned, StoreError> {
    run(store, config, now, true).await
}

async fn run(
    store: &Store,
    config: &RetentionConfig,
    now: Timestamp,
    dry_run: bool,
) -> Result<Pruned, StoreError> {
    let before = |days: u32| now.minus(DAY * days);
    let recordings = store
        .prune_recordings(before(config.recordings_days), config.recordings_bytes_max, dry_run)
        .await?;
    let (plans, history) =
        store.prune_old(before(config.bodies_days), before(config.history_days), dry_run).await?;
    Ok(Pruned { recordings, plans, history })
}

/// Forgets a customer, named by the shop's id or by an e-mail address: what was recorded, sent and
/// noted with the name in it. What must stay for the books names nobody: links with numbers.
///
/// # Errors
/// [`StoreError`].
pub async fn forget(store: &Store, customer: &str) -> Result<Forgotten, StoreError> {
    let customer = customer.trim().to_lowercase();
    let mut keys = vec![customer.clone()];
    let mut texts = Vec::new();
    if customer.contains('@') {
        let hash = hex::encode(Sha256::digest(&customer));
        keys.push(format!("guest-{}", hash.get(..GUEST_HASH_CHARS).unwrap_or_default()));
        texts.push(customer);
    } else {
        texts.push(format!("\"customer_id\":{customer},"));
    }
    store.forget_person(&keys, texts).await
}
