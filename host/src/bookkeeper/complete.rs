//! Whether anything is missing: every order and refund of some days, and where it stands.

use std::collections::BTreeSet;

use tillbook_core::{
    contract::{CONTRACT_VERSION, CompletenessRequest},
    plan::{
        Link,
        completeness::{Account, Total},
    },
    summary::{Member, Taking},
};

use super::{Bookkeeper, PlanError, TAKINGS_PER_PART, gone};
use crate::{facts::FactSource, worker::Organisation};

impl Bookkeeper {
    /// Accounts for everything that the shop has of some days, each `2026-11-01`.
    ///
    /// # Errors
    /// [`PlanError`].
    pub async fn account<F: FactSource>(
        &self,
        organisation: &Organisation<F>,
        (from, to): (&str, &str),
    ) -> Result<(Vec<Account>, Vec<Total>), PlanError> {
        let (id, shop) = (&organisation.id, &organisation.shop_url);
        let zone = self.zone(organisation, from, to)?;
        // What was made on a day was changed on it or later.
        let sold = self.sold(organisation, from, &zone).await?;
        let mut links = self.store.core_links(id, shop).await?;
        links.extend(self.store.summary_links(id, shop).await?);
        let posted = self.posted(organisation, from, &sold).await?;
        let takings: Vec<Taking> =
            sold.outcomes.into_iter().map(|outcome| outcome.taking).collect();
        let gone = gone(&takings, &[], &posted, &sold.listed);
        let (mut accounts, mut totals) = (Vec::new(), Vec::new());
        let mut parts: Vec<Vec<Taking>> =
            takings.chunks(TAKINGS_PER_PART).map(<[Taking]>::to_vec).collect();
        parts.push(Vec::new());
        for takings in parts {
            let is_end = takings.is_empty();
            let own: BTreeSet<u64> = takings.iter().map(|taking| taking.order_id).collect();
            let concerned = |member: &&Member| {
                own.contains(&member.order_id) || (is_end && gone.contains(&member.object))
            };
            let of_orders = |link: &&Link| own.contains(&link.order_id) || !link.key.is_empty();
            let request = CompletenessRequest {
                contract: CONTRACT_VERSION,
                from: from.to_owned(),
                to: to.to_owned(),
                posted: posted.iter().filter(concerned).cloned().collect(),
                links: links.iter().filter(of_orders).cloned().collect(),
                gone: if is_end { gone.clone() } else { Vec::new() },
                takings,
                totals,
            };
            let response = self.door.completeness(&request).await?;
            accounts.extend(response.accounts);
            totals = response.totals;
        }
        Ok((accounts, totals))
    }
}
