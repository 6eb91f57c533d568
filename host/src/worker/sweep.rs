//! What has changed in the shop since the last time: the hints that a sweep gives.

use std::collections::BTreeSet;

use tillbook_core::plan::LinkState;

use super::{Organisation, Worker};
use crate::{
    facts::{FactSource, FactsError, Listed},
    store::{Hint, ObjectKey, OutcomeKind, StoreError},
};

impl Worker {
    /// Compares the shop's list of orders with what is known, and hints at what has changed.
    /// Gives how many orders the shop has and how many were hinted at.
    ///
    /// # Errors
    /// [`SweepError`].
    pub async fn sweep<F: FactSource>(
        &self,
        organisation: &Organisation<F>,
    ) -> Result<(usize, usize), SweepError> {
        let listed = organisation.facts.list_orders().await?;
        let mut hints: Vec<Hint> = listed
            .iter()
            .map(|listed| {
                let mark = format!("{} {}", listed.modified, organisation.rules_sha256);
                Hint::new(ObjectKey::invoice(&organisation.shop_url, listed.order_id), &mark)
            })
            .collect();
        hints.extend(self.gone(organisation, &listed).await?);
        let changed = self.books.store.sweep(&organisation.id, &hints, self.now()).await?;
        Ok((listed.len(), changed))
    }

    /// Orders that something is known of and that the shop lists no more. Asked for one by one they
    /// show whether they are really gone.
    async fn gone<F: FactSource>(
        &self,
        organisation: &Organisation<F>,
        listed: &[Listed],
    ) -> Result<Vec<Hint>, StoreError> {
        let (store, shop) = (&self.books.store, &organisation.shop_url);
        let links = store.core_links(&organisation.id, shop).await?;
        let live = links.iter().filter(|link| link.state == LinkState::Live);
        let mut known: BTreeSet<u64> = live.map(|link| link.order_id).collect();
        for outcome in store.outcomes(&organisation.id).await? {
            let waits = matches!(outcome.kind, OutcomeKind::Held | OutcomeKind::Refused);
            if waits && outcome.key.kind == "order" && outcome.key.shop == *shop {
                known.extend(outcome.key.object_id.parse::<u64>());
            }
        }
        for listed in listed {
            known.remove(&listed.order_id);
        }
        let mark = format!("gone {}", organisation.rules_sha256);
        let hint = |order_id| Hint::new(ObjectKey::invoice(shop, order_id), &mark);
        Ok(known.into_iter().map(hint).collect())
    }
}

/// A sweep failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SweepError {
    /// The shop could not be asked.
    #[error("shop: {0}")]
    Shop(#[from] FactsError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
