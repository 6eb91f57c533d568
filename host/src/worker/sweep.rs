//! What has changed in the shop since the last time: the hints that a sweep gives.
//!
//! A sweep finds what no hint named. It asks for what changed after the last moment that it has
//! seen, less an overlap, for WooCommerce compares whole seconds and a slow request may be saved
//! late; what comes twice is passed over by its mark. What leaves no trace in any date, orders and
//! refunds that were deleted for good, is found by comparing ids.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{NaiveDateTime, TimeDelta};
use serde::{Deserialize, Serialize};
use tillbook_core::{
    plan::{Link, LinkState, RecordKind},
    xero::document::DocumentKind,
};

use super::{Organisation, Worker};
use crate::{
    facts::{FactSource, FactsError, Listed},
    store::{Hint, ObjectKey, OutcomeKind, Priority, StoreError},
    time::Timestamp,
};

/// How far a sweep looks back behind the last change that it has seen.
pub const OVERLAP: Duration = Duration::from_mins(10);

/// A change that is older than this when it is found is no longer what happens now.
pub const OLD: Duration = Duration::from_hours(24);

/// WooCommerce's naive form of a moment.
const NAIVE: &str = "%Y-%m-%dT%H:%M:%S";

/// How far the sweeps of a shop have come; all moments but those in milliseconds are the shop's own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Marks {
    /// `date_modified_gmt` of the order that changed last.
    pub orders: String,
    /// `date_created_gmt` of the newest refund.
    pub refunds: String,
    /// `date_modified_gmt` of the product that changed last.
    pub products: String,
    /// Settings and chart by which the last sweep looked.
    pub rules_sha256: String,
    /// When the last sweep was.
    pub swept_ms: i64,
    /// When ids were compared last.
    pub compared_ms: i64,
    /// When what was held was looked at last.
    pub looked_again_ms: i64,
    /// When days that are over were summed up last.
    pub summed_ms: i64,
}

impl Marks {
    /// Those of a shop that is worked for from a moment on.
    #[must_use]
    pub fn from(activated: Timestamp) -> Self {
        let text = activated.to_utc();
        Self { orders: text.clone(), refunds: text.clone(), products: text, ..Self::default() }
    }
}

/// What a sweep does besides asking for changes, and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rhythm {
    /// Ids of orders and refunds are compared.
    pub compare_every: Duration,
    /// What was held or refused is looked at again: its cure may lie in Xero.
    pub look_again_every: Duration,
}

/// What a sweep found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Orders, refunds, products and customers that the shop listed.
    pub listed: usize,
    /// Objects that were hinted at.
    pub hinted: usize,
}

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
        let mut hints: Vec<Hint> =
            listed.iter().map(|one| changed(organisation, one, Priority::Now)).collect();
        let links = self.live_links(organisation).await?;
        let mut known: BTreeSet<u64> = links.iter().map(|link| link.order_id).collect();
        known.extend(self.waiting_orders(organisation).await?);
        for one in &listed {
            known.remove(&one.order_id);
        }
        hints.extend(known.into_iter().map(|id| gone(organisation, id)));
        let changed = self.books.store.sweep(&organisation.id, &hints, self.now()).await?;
        Ok((listed.len(), changed))
    }

    /// Hints at what has changed since the last sweep, and moves the marks on; they have to be
    /// kept only when it comes to its end.
    ///
    /// # Errors
    /// [`SweepError`]; the marks are then as they were.
    pub async fn sweep_since<F: FactSource>(
        &self,
        organisation: &Organisation<F>,
        marks: &mut Marks,
        rhythm: Rhythm,
    ) -> Result<Swept, SweepError> {
        let (mut next, now) = (marks.clone(), self.now());
        let mut found = Found::default();
        let switches = &organisation.settings.sync;
        if switches.orders.on {
            self.orders_since(organisation, marks, &mut next, &mut found).await?;
        }
        if switches.orders.on && switches.refunds.on {
            self.refunds_since(organisation, &mut next, &mut found).await?;
        }
        if switches.products.on {
            self.products_since(organisation, &mut next, &mut found).await?;
        }
        if is_due(marks.compared_ms, rhythm.compare_every, now) {
            if switches.orders.on {
                self.compare(organisation, &mut found).await?;
            }
            if switches.customers.on {
                self.customers_changed(organisation, &mut found).await?;
            }
            next.compared_ms = now.ms();
        }
        if is_due(marks.looked_again_ms, rhythm.look_again_every, now) {
            for order_id in self.waiting_orders(organisation).await? {
                found.hint(look_again(organisation, order_id));
            }
            next.looked_again_ms = now.ms();
        }
        next.rules_sha256.clone_from(&organisation.rules_sha256);
        next.swept_ms = now.ms();
        let hints: Vec<Hint> = found.hints.into_values().collect();
        let hinted = self.books.store.sweep(&organisation.id, &hints, now).await?;
        *marks = next;
        Ok(Swept { listed: found.listed, hinted })
    }

    async fn orders_since<F: FactSource>(
        &self,
        organisation: &Organisation<F>,
        marks: &Marks,
        next: &mut Marks,
        found: &mut Found,
    ) -> Result<(), SweepError> {
        // Other settings or another chart may change what was posted: all of it is looked at.
        let everything =
            !marks.rules_sha256.is_empty() && marks.rules_sha256 != organisation.rules_sha256;
        let listed = if everything {
            organisation.facts.list_orders().await?
        } else {
            organisation.facts.list_changed(&back(&marks.orders, OVERLAP)).await?
        };
        found.listed += listed.len();
        let now = Marks::from(self.now()).orders;
        let old = back(&now, OLD);
        for one in &listed {
            let priority = if one.modified < old { Priority::Backlog } else { Priority::Now };
            found.hint(changed(organisation, one, priority));
            // What is dated ahead of now must not hide what changes until then.
            next.orders = later(&next.orders, one.modified.as_str().min(&now));
        }
        Ok(())
    }

    /// Refunds that no link knows: their orders need not have changed.
    async fn refunds_since<F: FactSource>(
        &self,
        organisation: &Organisation<F>,
        next: &mut Marks,
        found: &mut Found,
    ) -> Result<(), SweepError> {
        let since = back(&next.refunds, OVERLAP);
        let Some(refunds) = organisation.facts.list_refunds(Some(&since)).await? else {
            return Ok(());
        };
        found.listed += refunds.len();
        let links = self.books.store.core_links(&organisation.id, &organisation.shop_url).await?;
        let known: BTreeSet<u64> = links.iter().filter_map(refund_of).collect();
        for refund in refunds {
            next.refunds = later(&next.refunds, &refund.created);
            if !known.contains(&refund.refund_id) {
                let mark = format!("refund {} {}", refund.refund_id, organisation.rules_sha256);
                found.hint(order(organisation, refund.order_id, &mark));
            }
        }
        Ok(())
    }

    /// Products that have an item; others are looked at with the orders that name them.
    async fn products_since<F: FactSource>(
        &self,
        organisation: &Organisation<F>,
        next: &mut Marks,
        found: &mut Found,
    ) -> Result<(), SweepError> {
        let linked = self.linked(organisation, RecordKind::Item).await?;
        if linked.is_empty() {
            return Ok(());
        }
        let products = organisation.facts.list_products(&back(&next.products, OVERLAP)).await?;
        found.listed += products.len();
        for product in products {
            next.products = later(&next.products, &product.modified);
            if linked.contains(&product.id.to_string()) {
                found.hint(record(
                    organisation,
                    ("product", "item"),
                    product.id,
                    &product.modified,
                ));
            }
        }
        Ok(())
    }

    /// Finds orders and refunds that were deleted for good.
    async fn compare<F: FactSource>(
        &self,
        organisation: &Organisation<F>,
        found: &mut Found,
    ) -> Result<(), SweepError> {
        let links = self.live_links(organisation).await?;
        let mut known: BTreeSet<u64> = links.iter().map(|link| link.order_id).collect();
        known.extend(self.waiting_orders(organisation).await?);
        let known: Vec<u64> = known.into_iter().collect();
        for order_id in organisation.facts.missing_orders(&known).await? {
            found.hint(gone(organisation, order_id));
        }
        if let Some(there) = refunds_there(organisation, &links).await? {
            found.listed += there.len();
            for link in &links {
                let Some(refund_id) = refund_of(link).filter(|id| !there.contains(id)) else {
                    continue;
                };
                let mark = format!("refund {refund_id} gone {}", organisation.rules_sha256);
                found.hint(order(organisation, link.order_id, &mark));
            }
        }
        Ok(())
    }

    /// Customers that have a contact; WooCommerce cannot say which have changed.
    async fn customers_changed<F: FactSource>(
        &self,
        organisation: &Organisation<F>,
        found: &mut Found,
    ) -> Result<(), SweepError> {
        let linked = self.linked(organisation, RecordKind::Contact).await?;
        if !linked.is_empty() {
            let customers = organisation.facts.list_customers().await?;
            found.listed += customers.len();
            for customer in customers.iter().filter(|one| linked.contains(&one.id.to_string())) {
                let kind = ("customer", "contact");
                found.hint(record(organisation, kind, customer.id, &customer.modified));
            }
        }
        Ok(())
    }

    async fn live_links<F: FactSource>(
        &self,
        organisation: &Organisation<F>,
    ) -> Result<Vec<Link>, StoreError> {
        let (id, shop) = (&organisation.id, &organisation.shop_url);
        let mut links = self.books.store.core_links(id, shop).await?;
        links.retain(|link| link.state == LinkState::Live);
        Ok(links)
    }

    /// Keys of the customers or products that are linked.
    async fn linked<F: FactSource>(
        &self,
        organisation: &Organisation<F>,
        kind: RecordKind,
    ) -> Result<BTreeSet<String>, StoreError> {
        let (id, shop) = (&organisation.id, &organisation.shop_url);
        let records = self.books.store.records(id, shop).await?;
        let own = records.into_iter().filter(|record| record.kind == kind);
        Ok(own.map(|record| record.key).collect())
    }

    /// Orders that a finding or Xero's refusal stopped.
    async fn waiting_orders<F: FactSource>(
        &self,
        organisation: &Organisation<F>,
    ) -> Result<BTreeSet<u64>, StoreError> {
        let outcomes = self.books.store.outcomes(&organisation.id).await?;
        let waits = outcomes.iter().filter(|outcome| {
            (matches!(outcome.kind, OutcomeKind::Held | OutcomeKind::Refused)
                || outcome.findings.iter().any(|finding| finding.code == "payment.not_due"))
                && outcome.key.kind == "order"
                && outcome.key.shop == organisation.shop_url
        });
        Ok(waits.filter_map(|outcome| outcome.key.object_id.parse().ok()).collect())
    }
}

/// What a sweep has found so far: one hint for each object. The last one counts, for what it names,
/// a refund that is gone, shows in no date, and its date alone would pass the object over.
#[derive(Default)]
struct Found {
    hints: BTreeMap<ObjectKey, Hint>,
    listed: usize,
}

impl Found {
    fn hint(&mut self, hint: Hint) {
        let before = self.hints.get(&hint.key).map(|before| before.priority);
        let priority = before.map_or(hint.priority, |before| before.min(hint.priority));
        self.hints.insert(hint.key.clone(), Hint { priority, ..hint });
    }
}

fn changed<F: FactSource>(
    organisation: &Organisation<F>,
    listed: &Listed,
    priority: Priority,
) -> Hint {
    let mark = organisation.mark(&listed.modified);
    Hint { priority, ..order(organisation, listed.order_id, &mark) }
}

fn gone<F: FactSource>(organisation: &Organisation<F>, order_id: u64) -> Hint {
    order(organisation, order_id, &format!("gone {}", organisation.rules_sha256))
}

fn look_again<F: FactSource>(organisation: &Organisation<F>, order_id: u64) -> Hint {
    let mark = format!("again {}", organisation.rules_sha256);
    Hint { priority: Priority::Backlog, ..order(organisation, order_id, &mark) }
}

fn order<F: FactSource>(organisation: &Organisation<F>, order_id: u64, mark: &str) -> Hint {
    let key = ObjectKey::invoice(&organisation.shop_url, order_id);
    Hint { source: String::from("sweep"), ..Hint::new(key, mark) }
}

fn record<F: FactSource>(
    organisation: &Organisation<F>,
    (kind, purpose): (&str, &str),
    id: u64,
    modified: &str,
) -> Hint {
    let key = ObjectKey {
        shop: organisation.shop_url.clone(),
        kind: kind.to_owned(),
        object_id: id.to_string(),
        purpose: purpose.to_owned(),
    };
    Hint { source: String::from("sweep"), ..Hint::new(key, &organisation.mark(modified)) }
}

/// The refunds that the shop has: all of them, or where it has no such list, those of the orders
/// that have a credit note.
async fn refunds_there<F: FactSource>(
    organisation: &Organisation<F>,
    links: &[Link],
) -> Result<Option<BTreeSet<u64>>, SweepError> {
    if let Some(refunds) = organisation.facts.list_refunds(None).await? {
        return Ok(Some(refunds.iter().map(|refund| refund.refund_id).collect()));
    }
    let refunded = links.iter().filter(|link| refund_of(link).is_some());
    let orders: BTreeSet<u64> = refunded.map(|link| link.order_id).collect();
    let orders: Vec<u64> = orders.into_iter().collect();
    Ok(organisation.facts.refunds_of(&orders).await?.map(|there| there.into_iter().collect()))
}

/// The refund of a credit note's own link.
fn refund_of(link: &Link) -> Option<u64> {
    (link.document == DocumentKind::CreditNote).then_some(link.id)
}

/// A moment of the shop's, a while earlier; what is none stays as it is.
fn back(moment: &str, by: Duration) -> String {
    let by = TimeDelta::from_std(by).unwrap_or_default();
    NaiveDateTime::parse_from_str(moment, NAIVE)
        .ok()
        .and_then(|moment| moment.checked_sub_signed(by))
        .map_or_else(|| moment.to_owned(), |moment| moment.format(NAIVE).to_string())
}

/// The later of two moments of the shop's, which are ordered like their texts.
fn later(one: &str, other: &str) -> String {
    one.max(other).to_owned()
}

fn is_due(last_ms: i64, every: Duration, now: Timestamp) -> bool {
    last_ms == 0 || now.since(Timestamp::from_ms(last_ms)) >= every
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
