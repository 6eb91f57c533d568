//! From shop, store and Xero to a plan.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use tillbook_core::{
    contract::{
        CONTRACT_VERSION, ExcludedOrder, LedgerInput, MapRequest, PlanRequest, PlanResponse,
        SummarisedOrder,
    },
    plan::{Action, Link, LinkState, RecordKind, RecordLink, Step},
    settings::{ContactMode, Settings},
};

use super::{Bookkeeper, ORDERS_PER_PART, PlanError, Scope, patiently, read_all};
use crate::{
    door::{Sale, as_refs},
    facts::{FactSource, Facts, Records},
    store::{PlanState, StoreError, StoredPlan, shop_of},
    worker::Organisation,
    xero_client::XeroClient,
};

/// What Xero has, with what finds it.
struct Ledger {
    invoices: Vec<Held>,
    credit_notes: Vec<Held>,
    /// Empty where customers are no contacts of their own.
    contacts: Vec<Box<RawValue>>,
    /// Empty where gateway fees are not posted.
    spends: Vec<Box<RawValue>>,
    /// Empty where lines bear no item codes.
    items: Vec<Box<RawValue>>,
}

struct Held {
    xero_id: String,
    number: String,
    text: Box<RawValue>,
}

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
        let ledger = Ledger::read(&organisation.xero, self.read_patience, wanted).await?;
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
        let ledger =
            Ledger::read(&organisation.xero, self.read_patience, Wanted::default()).await?;
        let dated = ledger.invoices.iter().filter(|held| {
            let date = XeroClient::text_field(&held.text, "DateString").unwrap_or_default();
            date.get(..10).is_some_and(|date| (from..=to).contains(&date))
        });
        let ids: BTreeSet<&str> = dated.map(|held| &*held.xero_id).collect();
        let own = |link: &&Link| link.state == LinkState::Live && ids.contains(&*link.xero_id);
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
        let concerned = |held: &&Held| {
            ids.contains(&*held.xero_id) || begins(&held.number).any(|part| numbers.contains(part))
        };
        let pick = |held: &'_ [Held]| -> Vec<Box<RawValue>> {
            held.iter().filter(concerned).map(|held| held.text.clone()).collect()
        };
        let (invoices, credit_notes) = (pick(&ledger.invoices), pick(&ledger.credit_notes));
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

/// A number and what stands before each of its dashes: documents that are made again, and credit
/// notes, bear the invoice's number with more behind it.
fn begins(number: &str) -> impl Iterator<Item = &str> {
    let cuts = number.match_indices('-').filter_map(|(at, _)| number.get(..at));
    std::iter::once(number).chain(cuts)
}

/// What of Xero a plan looks at besides documents.
#[derive(Clone, Copy, Default)]
struct Wanted {
    contacts: bool,
    items: bool,
    fees: bool,
}

impl Wanted {
    /// What the settings and the scope ask for: who undoes needs neither contacts nor items.
    fn of(settings: &Settings, scope: &Scope) -> Self {
        Self {
            contacts: settings.contact.mode == ContactMode::Each && !scope.undo,
            items: settings.lines.item_codes && !scope.undo,
            fees: !settings.gateway_fees.account.is_empty(),
        }
    }
}

impl Ledger {
    async fn read(
        xero: &XeroClient,
        patience: Duration,
        wanted: Wanted,
    ) -> Result<Self, PlanError> {
        let on_wait = |wait: Duration, why: &str| tracing::info!(?wait, why, "waiting");
        let read = async |wanted: bool, path| {
            if !wanted {
                return Ok(Vec::new());
            }
            read_all(xero, path, patience, on_wait).await
        };
        let invoices = read(true, "Invoices").await?;
        let credit_notes = read(true, "CreditNotes").await?;
        Ok(Self {
            invoices: held(invoices, "InvoiceID", "InvoiceNumber"),
            credit_notes: held(credit_notes, "CreditNoteID", "CreditNoteNumber"),
            contacts: read(wanted.contacts, "Contacts?includeArchived=true").await?,
            spends: read(wanted.fees, "BankTransactions?where=Type%3D%3D%22SPEND%22").await?,
            // Items come all at once: there are no pages.
            items: if wanted.items {
                patiently(patience, on_wait, async || xero.read_once("Items").await).await?
            } else {
                Vec::new()
            },
        })
    }
}

fn held(texts: Vec<Box<RawValue>>, id: &str, number: &str) -> Vec<Held> {
    let field = |text: &RawValue, key| XeroClient::text_field(text, key).unwrap_or_default();
    texts
        .into_iter()
        .map(|text| Held { xero_id: field(&text, id), number: field(&text, number), text })
        .collect()
}
