//! From shop, store and Xero to a plan.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};
use tillbook_core::{
    contract::{
        CONTRACT_VERSION, ExcludedOrder, LedgerInput, MapRequest, PlanRequest, PlanResponse,
        SummarisedOrder,
    },
    plan::{Action, Link, LinkState, RecordKind, RecordLink, Step},
};

use super::{
    Bookkeeper, ORDERS_PER_PART, PlanError, Scope,
    ledger::{Ledger, Wanted},
};
use crate::{
    door::{Sale, as_refs},
    facts::{FactSource, Facts, Records},
    store::{PlanState, StoreError, StoredPlan, shop_of},
    worker::Organisation,
    xero_client::XeroClient,
};

impl Bookkeeper {
    /// [`Self::plan`], through the door that this bookkeeper has.
    pub(super) async fn make_plan<F: FactSource>(
        &self,
        organisation: &Organisation<F>,
        scope: &Scope,
    ) -> Result<StoredPlan, PlanError> {
        if let Some(summary) = &scope.summary {
            return Ok(self.sum_up(organisation, summary).await?.plan);
        }
        // What was read is as old as the first thing read.
        let begun = self.clock.now();
        let wished = self.with_wishes(organisation, scope).await?;
        let links = self.store.core_links(&organisation.id, &organisation.shop_url).await?;
        let mut records = self.store.records(&organisation.id, &organisation.shop_url).await?;
        let summed = self.store.summarised_orders(&organisation.id, &organisation.shop_url).await?;
        let wanted = Wanted::of(&organisation.settings, scope);
        let mut by_order: BTreeMap<u64, Vec<Link>> = BTreeMap::new();
        for link in links {
            by_order.entry(link.order_id).or_default().push(link);
        }
        let unanswered = self.unanswered(organisation).await?;
        let orders = orders_of(organisation, scope, &by_order, &unanswered).await?;
        let mut chunks = orders.chunks(ORDERS_PER_PART).peekable();
        // The shop comes first: if it cannot be asked, no call to Xero is spent.
        let mut first = match chunks.peek() {
            Some(orders) => Some(facts_of(organisation, scope, orders).await?),
            None => None,
        };
        let mut changed = changed_of(organisation, scope).await?;
        let ledger = self.read_ledger(organisation, wanted).await?;
        let (mut parts, mut modified) = (Vec::new(), BTreeMap::new());
        if chunks.peek().is_none() && scope.names_records() {
            let known = (Vec::new(), Vec::new(), records.as_slice(), summed.as_slice());
            let of = (&Facts::default(), &std::mem::take(&mut changed));
            parts.push(self.part(organisation, &wished, of, known, &ledger).await?);
        }
        for orders in chunks {
            let facts = match first.take() {
                Some(facts) => facts,
                None => facts_of(organisation, scope, orders).await?,
            };
            let links: Vec<Link> =
                orders.iter().filter_map(|id| by_order.get(id)).flatten().cloned().collect();
            let own = unanswered.iter().filter(|step| orders.contains(&step.order_id));
            let own = own.cloned().collect();
            let known = (links, own, records.as_slice(), summed.as_slice());
            // What changed without an order goes with the first part.
            let of = (&facts, &std::mem::take(&mut changed));
            let part = self.part(organisation, &wished, of, known, &ledger).await?;
            records
                .extend(part.waves.iter().flatten().flat_map(|call| &call.steps).filter_map(made));
            parts.push(part);
            modified.extend(facts.sales.iter().map(|(id, sale)| (*id, modified_of(sale))));
        }
        let mut hasher = Sha256::new();
        for part in &parts {
            hasher.update(part.sha256.as_bytes());
        }
        Ok(StoredPlan {
            sha256: hex::encode(hasher.finalize()),
            scope: serde_json::to_string(scope).unwrap_or_default(),
            parts,
            state: PlanState::Saved,
            made: begun,
            summaries: Vec::new(),
            modified,
        })
    }

    /// A scope with the orders that people pushed and took out besides those that it names itself.
    ///
    /// # Errors
    /// [`PlanError::Store`].
    pub(super) async fn with_wishes<F>(
        &self,
        organisation: &Organisation<F>,
        scope: &Scope,
    ) -> Result<Scope, PlanError> {
        let (id, shop) = (&organisation.id, &organisation.shop_url);
        let mut scope = scope.clone();
        scope.pushed.extend(self.store.pushed(id, shop).await?);
        for (order_id, reason) in self.store.exclusions(id, shop).await? {
            scope.excluded.push(ExcludedOrder { order_id, reason });
        }
        Ok(scope)
    }

    /// Steps for a shop's orders that were sent and whose answers nobody knows.
    async fn unanswered<F>(&self, organisation: &Organisation<F>) -> Result<Vec<Step>, StoreError> {
        let shop = &organisation.shop_url;
        let prefix = &organisation.settings.invoice.prefix;
        let mut steps = Vec::new();
        for (scope, call) in self.store.unanswered(&organisation.id).await? {
            let made_for = shop_of(&scope);
            // Where no shop is named, the number tells: each shop has a prefix of its own.
            let is_own = |step: &Step| match &made_for {
                Some(made_for) => made_for == shop,
                None => step.number.starts_with(prefix.as_str()),
            };
            steps.extend(call.steps.into_iter().filter(|step| step.key.is_empty() && is_own(step)));
        }
        Ok(steps)
    }

    /// The orders whose invoices in Xero are dated from one day (`2026-11-22`) to another.
    ///
    /// # Errors
    /// [`PlanError`].
    pub async fn orders_dated<F: FactSource>(
        &self,
        organisation: &Organisation<F>,
        (from, to): (&str, &str),
    ) -> Result<Vec<u64>, PlanError> {
        let links = self.store.core_links(&organisation.id, &organisation.shop_url).await?;
        let ledger = self.read_ledger(organisation, Wanted::default()).await?;
        let linked: BTreeSet<&str> = links.iter().map(|link| &*link.xero_id).collect();
        let held = ledger.invoices.pick(&linked, &BTreeSet::new()).await?;
        let dated = held.iter().filter(|text| {
            let date = XeroClient::text_field(text, "DateString").unwrap_or_default();
            date.get(..10).is_some_and(|date| (from..=to).contains(&date))
        });
        let ids: BTreeSet<String> =
            dated.filter_map(|text| XeroClient::text_field(text, "InvoiceID")).collect();
        let own = |link: &&Link| link.state == LinkState::Live && ids.contains(&link.xero_id);
        Ok(links.iter().filter(own).map(|link| link.order_id).collect())
    }

    async fn part<F: FactSource>(
        &self,
        organisation: &Organisation<F>,
        scope: &Scope,
        (facts, changed): (&Facts, &Records),
        (links, unanswered, records, summed): (
            Vec<Link>,
            Vec<Step>,
            &[RecordLink],
            &[SummarisedOrder],
        ),
        ledger: &Ledger,
    ) -> Result<PlanResponse, PlanError> {
        let prefix = &organisation.settings.invoice.prefix;
        let numbers = facts.sales.iter().map(|(_, sale)| format!("{prefix}{}", number_of(sale)));
        let sent = unanswered.iter().map(|step| step.number.clone());
        let numbers: BTreeSet<String> = numbers.chain(sent).collect();
        let ids: BTreeSet<&str> = links.iter().map(|link| &*link.xero_id).collect();
        let invoices = ledger.invoices.pick(&ids, &numbers).await?;
        let credit_notes = ledger.credit_notes.pick(&ids, &numbers).await?;
        let sales = facts.sales.iter().map(|(_, sale)| sale.as_input()).collect();
        let own: BTreeSet<u64> = (facts.sales.iter().map(|(id, _)| *id))
            .chain(links.iter().map(|link| link.order_id))
            .chain(unanswered.iter().map(|step| step.order_id))
            .collect();
        let own = |id: u64| own.contains(&id);
        let request = PlanRequest {
            contract: CONTRACT_VERSION,
            map: MapRequest {
                contract: CONTRACT_VERSION,
                shop: organisation.shop.clone(),
                settings: organisation.settings.clone(),
                chart: organisation.chart.as_input(),
                sales,
                products: as_refs(&facts.products),
                records: records.to_vec(),
                summarised: summarised_of(summed, facts),
            },
            links,
            unanswered,
            ledger: LedgerInput {
                invoices: as_refs(&invoices),
                credit_notes: as_refs(&credit_notes),
                contacts: as_refs(&ledger.contacts),
                bank_transactions: as_refs(&ledger.spends),
                items: as_refs(&ledger.items),
            },
            undo: scope.undo,
            redo: scope.redo,
            pushed: pushed_of(&scope.pushed, &own),
            excluded: excluded_of(&scope.excluded, &own),
            products: as_refs(&changed.products),
            customers: as_refs(&changed.customers),
            documents_per_call: u32::try_from(organisation.documents_per_call).unwrap_or(0),
            bytes_per_call: u32::try_from(organisation.call_bytes_max).unwrap_or(0),
        };
        Ok(self.door.plan(&request).await?)
    }
}

/// Those of some orders that a person pushed.
pub(super) fn pushed_of(pushed: &[u64], own: &dyn Fn(u64) -> bool) -> Vec<u64> {
    pushed.iter().copied().filter(|id| own(*id)).collect()
}

/// Those of some orders that a person took out.
pub(super) fn excluded_of(
    excluded: &[ExcludedOrder],
    own: &dyn Fn(u64) -> bool,
) -> Vec<ExcludedOrder> {
    excluded.iter().filter(|order| own(order.order_id)).cloned().collect()
}

/// Those of some orders that stand in summaries.
pub(super) fn summarised_of(all: &[SummarisedOrder], facts: &Facts) -> Vec<SummarisedOrder> {
    let own: BTreeSet<u64> = facts.sales.iter().map(|(id, _)| *id).collect();
    all.iter().filter(|order| own.contains(&order.order_id)).cloned().collect()
}

/// A contact or item that a part of the plan makes, for the parts behind it: its id is not known yet.
fn made(step: &Step) -> Option<RecordLink> {
    let kind = match step.action {
        Action::CreateContact => RecordKind::Contact,
        Action::CreateItem => RecordKind::Item,
        _ => return None,
    };
    let (key, name, sha256) = (step.key.clone(), step.number.clone(), step.sha256.clone());
    Some(RecordLink { kind, key, xero_id: String::new(), name, sha256 })
}

/// The facts of some orders; who takes back needs none.
async fn facts_of<F: FactSource>(
    organisation: &Organisation<F>,
    scope: &Scope,
    orders: &[u64],
) -> Result<Facts, PlanError> {
    if scope.undo {
        return Ok(Facts::default());
    }
    Ok(organisation.facts.read_facts(orders).await?)
}

/// The products and customers that a scope names; who takes back needs none.
async fn changed_of<F: FactSource>(
    organisation: &Organisation<F>,
    scope: &Scope,
) -> Result<Records, PlanError> {
    if scope.undo || !scope.names_records() {
        return Ok(Records::default());
    }
    Ok(organisation.facts.read_records(&scope.products, &scope.customers).await?)
}

/// The orders that a scope means, oldest first.
async fn orders_of<F: FactSource>(
    organisation: &Organisation<F>,
    scope: &Scope,
    by_order: &BTreeMap<u64, Vec<Link>>,
    unanswered: &[Step],
) -> Result<Vec<u64>, PlanError> {
    if !scope.orders.is_empty() || scope.names_records() {
        let orders: BTreeSet<u64> = scope.orders.iter().copied().collect();
        return Ok(orders.into_iter().collect());
    }
    let live = |links: &[Link]| links.iter().any(|link| link.state == LinkState::Live);
    let posted = by_order.iter().filter(|(_, links)| live(links)).map(|(id, _)| *id);
    let mut orders: BTreeSet<u64> = posted.collect();
    orders.extend(unanswered.iter().map(|step| step.order_id));
    if !scope.undo {
        let listed = organisation.facts.list_orders().await?;
        orders.extend(listed.iter().map(|listed| listed.order_id));
    }
    Ok(orders.into_iter().collect())
}

fn modified_of(sale: &Sale) -> String {
    XeroClient::text_field(&sale.order, "date_modified_gmt").unwrap_or_default()
}

fn number_of(sale: &Sale) -> String {
    let text = XeroClient::text_field(&sale.order, "number");
    text.unwrap_or_default()
}
