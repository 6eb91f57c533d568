//! Plans that people want carried out.

use super::StopSignal;
use crate::{
    bookkeeper::{Bookkeeper, PlanError},
    facts::FactSource,
    store::{Lease, PlanState, ShopRow, StoreError},
    time::Timestamp,
    worker::Organisation,
    xero_client::Failure,
};

/// Carries out what people want of a shop, under the lease of this round. Gives when to come again,
/// and why, where it cannot go on now.
///
/// # Errors
/// [`StoreError`]; what else goes wrong stands with the wish.
pub(super) async fn apply_wanted<F: FactSource>(
    books: &Bookkeeper,
    lease: &Lease,
    shop: &ShopRow,
    branch: &Organisation<F>,
    stop: &StopSignal,
) -> Result<Option<(Timestamp, String)>, StoreError> {
    let wishes = books.store.plans_wanted(&branch.id, &shop.slug).await?;
    for wish in wishes.into_iter().filter(|wish| wish.failure.is_empty()) {
        books.store.renew(lease, books.clock.now(), books.lease).await?;
        branch.xero.set_urgent(true);
        let failure = match books.apply_under(lease, branch, &wish.plan, stop).await {
            Ok(applied) if applied.stopped => return Ok(None),
            // The worker may have carried on what was interrupted.
            Ok(_) | Err(PlanError::Ended(PlanState::Done)) => None,
            Err(PlanError::Store(error)) => return Err(error),
            Err(PlanError::Xero(Failure::NotDone { retry_after, message })) => {
                let until = books.clock.now().plus(retry_after);
                return Ok(Some((until, format!("Xero: {message}"))));
            }
            Err(PlanError::Changed { .. }) => Some(String::from(
                "something has changed in the shop, in the settings or in Xero since this plan was \
                 made: make a new one",
            )),
            Err(error) => Some(error.to_string()),
        };
        tracing::info!(plan = wish.plan, who = wish.who, failure, "a plan was wanted");
        books.store.plan_answered(&branch.id, &wish.plan, failure.as_deref()).await?;
    }
    Ok(None)
}
