//! From shop, store and gateways to a plan of summaries.
//!
//! The core decides; here only parts are laid together: orders a thousand at a time, then their
//! takings with the entries of payouts that name them, so that no question to the core grows with
//! the shop.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use tillbook_core::{
    contract::{
        CONTRACT_VERSION, LedgerInput, MapRequest, ReadPayoutsRequest, SummariseRequest,
        SummariseResponse, SummarisedOrder, SummaryView, TakingOutcome, TakingsRequest, ZoneInput,
    },
    finding::{Finding, Subject},
    plan::{Action, Fate, Link, LinkState},
    shop::payout::Source,
    summary::{Entry, Member, Sum, Taking, Waiting},
    xero::document::DocumentKind,
};

use super::gather::{excluded_of, pushed_of, summarised_of};
use super::{Bookkeeper, ORDERS_PER_PART, PlanError, Scope, patiently, read_all};
use crate::{
    door::as_refs,
    facts::{FactSource, Facts, Listed},
    store::{PlanState, PlannedSummary, StoredPlan},
    worker::Organisation,
    xero_client::Failure,
    zone::zone_input,
};

/// Days before the first one asked for that orders and payouts are looked at: a charge is paid out
/// weeks after its order at most, and an order that is changed later has a new time of change.
pub const LOOKBACK_DAYS: u64 = 60;

/// Takings in one question to the core.
pub const TAKINGS_PER_PART: usize = 2_000;

/// Numbers in one question to Xero: its address stays short.
const NUMBERS_PER_CALL: usize = 30;

/// What a plan of summaries is for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SummaryScope {
    /// The first day, `2026-11-01`.
    pub from: String,
    /// The last day, which must be over.
    pub to: String,
    /// Keys of summaries that are to be taken back; then nothing else is done.
    #[serde(default)]
    pub undo: Vec<String>,
    /// Whether summaries that a person undid are made again.
    #[serde(default)]
    pub redo: bool,
}

/// Summaries, and the plan that makes them.
#[derive(Debug, Clone)]
pub struct Summaries {
    /// The documents as Xero will have them, those that are held too.
    pub documents: Vec<SummaryView>,
    /// Orders, refunds and entries that are in documents now.
    pub members: Vec<Member>,
    /// Those that are in none yet.
    pub waiting: Vec<Waiting>,
    /// Findings on orders, refunds, entries and the whole.
    pub findings: Vec<Finding>,
    /// The plan.
    pub plan: StoredPlan,
}

/// What of the shop is asked about.
pub struct Sold {
    /// What each order and refund brings, with its findings.
    pub outcomes: Vec<TakingOutcome>,
    /// WooCommerce's ids of all orders that the shop has, whether asked about or not.
    pub listed: BTreeSet<u64>,
}

/// A part of what is to be summed.
#[derive(Default)]
struct Part {
    takings: Vec<Taking>,
    entries: Vec<Entry>,
    posted: Vec<Member>,
    gone: Vec<Subject>,
}

impl Bookkeeper {
    /// [`Self::summarise`], through the door that this bookkeeper has.
    pub(super) async fn sum_up<F: FactSource>(
        &self,
        organisation: &Organisation<F>,
        scope: &SummaryScope,
    ) -> Result<Summaries, PlanError> {
        let (id, shop) = (&organisation.id, &organisation.shop_url);
        let (from, to) = (day(&scope.from)?, day(&scope.to)?);
        let since = from.checked_sub_days(chrono::Days::new(LOOKBACK_DAYS)).unwrap_or(from);
        let zone = zone_of(organisation, since, to)?;
        let links = self.store.summary_links(id, shop).await?;
        let asker = Asker { books: self, organisation, scope, zone: &zone, links: &links };
        if let Some(found) = asker.look_up_lost().await? {
            return Ok(gathered(self, scope, found, &[], Vec::new(), Vec::new()));
        }
        if !scope.undo.is_empty() {
            let ledger = asker.ledger(&numbers_of(&links, &scope.undo)).await?;
            let response = asker.ask(Part::default(), &[], Vec::new(), &ledger, false).await?;
            return Ok(gathered(self, scope, response, &[], Vec::new(), Vec::new()));
        }
        let sold = self.sold(organisation, &since.to_string(), &zone).await?;
        let mut findings: Vec<Finding> =
            sold.outcomes.iter().flat_map(|outcome| outcome.findings.clone()).collect();
        let payouts = self.store.payouts_since(id, shop, &since.to_string()).await?;
        let entries = self.store.entries_since(id, shop, &since.to_string()).await?;
        let posted = self.posted(organisation, &since.to_string(), &sold).await?;
        let (mut sums, mut members, mut waiting) = (Vec::new(), Vec::new(), Vec::new());
        for part in divide(sold, entries, posted) {
            let response = asker.ask(part, &payouts, sums, &Ledger::default(), true).await?;
            sums = response.sums;
            members.extend(response.members);
            waiting.extend(response.waiting);
            findings.extend(response.findings);
        }
        // The numbers are known once all is summed; then Xero is asked what bears them.
        let nothing = Ledger::default();
        let first = asker.ask(Part::default(), &payouts, sums.clone(), &nothing, false).await?;
        let mut numbers: BTreeSet<(bool, String)> = first
            .documents
            .iter()
            .map(|view| (view.kind == "credit_note", view.number.clone()))
            .collect();
        let recent = links.iter().filter(|link| link.state == LinkState::Live);
        let keys: Vec<String> = recent.map(|link| link.key.clone()).collect();
        numbers.extend(numbers_of(&links, &keys));
        let ledger = asker.ledger(&numbers).await?;
        let last = asker.ask(Part::default(), &payouts, sums, &ledger, false).await?;
        findings.extend(last.findings.iter().cloned());
        Ok(gathered(self, scope, last, &members, waiting, findings))
    }

    /// What the shop's orders and refunds bring that were changed on a day (`2026-11-01`) or later.
    ///
    /// # Errors
    /// [`PlanError`].
    pub async fn sold<F: FactSource>(
        &self,
        organisation: &Organisation<F>,
        since: &str,
        zone: &ZoneInput,
    ) -> Result<Sold, PlanError> {
        let listed = organisation.facts.list_orders().await?;
        // A shop that does not say when an order was changed is asked about all.
        let changed = |order: &&Listed| order.modified.is_empty() || *order.modified >= *since;
        let wanted = listed.iter().filter(changed);
        let wanted: Vec<u64> = wanted.map(|order| order.order_id).collect();
        let links = self.store.core_links(&organisation.id, &organisation.shop_url).await?;
        let mut by_order: BTreeMap<u64, Vec<Link>> = BTreeMap::new();
        for link in links {
            by_order.entry(link.order_id).or_default().push(link);
        }
        let summed = self.store.summarised_orders(&organisation.id, &organisation.shop_url).await?;
        let wishes = self.with_wishes(organisation, &Scope::default()).await?;
        let mut outcomes = Vec::new();
        for orders in wanted.chunks(ORDERS_PER_PART) {
            let facts = organisation.facts.read_facts(orders).await?;
            let links: Vec<Link> =
                orders.iter().filter_map(|id| by_order.get(id)).flatten().cloned().collect();
            let known = (links, summed.as_slice());
            outcomes.extend(self.takings(organisation, &facts, known, &wishes, zone).await?);
        }
        let listed = listed.into_iter().map(|order| order.order_id).collect();
        Ok(Sold { outcomes, listed })
    }

    /// What stands in summaries that are dated on a day or later, and in earlier ones of orders that
    /// are asked about or gone.
    ///
    /// # Errors
    /// [`PlanError::Store`].
    pub async fn posted<F>(
        &self,
        organisation: &Organisation<F>,
        since: &str,
        sold: &Sold,
    ) -> Result<Vec<Member>, PlanError> {
        let (id, shop) = (&organisation.id, &organisation.shop_url);
        let asked: BTreeSet<u64> =
            sold.outcomes.iter().map(|outcome| outcome.taking.order_id).collect();
        let summed = self.store.summarised_orders(id, shop).await?;
        let summed = summed.into_iter().map(|order| order.order_id);
        let concerned =
            summed.filter(|order| asked.contains(order) || !sold.listed.contains(order));
        Ok(self.store.summary_members(id, shop, since, concerned).await?)
    }

    async fn takings<F: FactSource>(
        &self,
        organisation: &Organisation<F>,
        facts: &Facts,
        (links, summed): (Vec<Link>, &[SummarisedOrder]),
        wishes: &Scope,
        zone: &ZoneInput,
    ) -> Result<Vec<TakingOutcome>, PlanError> {
        let own: BTreeSet<u64> = facts.sales.iter().map(|(id, _)| *id).collect();
        let request = TakingsRequest {
            contract: CONTRACT_VERSION,
            map: MapRequest {
                contract: CONTRACT_VERSION,
                shop: organisation.shop.clone(),
                settings: organisation.settings.clone(),
                chart: organisation.chart.as_input(),
                sales: facts.sales.iter().map(|(_, sale)| sale.as_input()).collect(),
                products: as_refs(&facts.products),
                records: Vec::new(),
                summarised: summarised_of(summed, facts),
            },
            zone: zone.clone(),
            links,
            pushed: pushed_of(&wishes.pushed, &|id| own.contains(&id)),
            excluded: excluded_of(&wishes.excluded, &|id| own.contains(&id)),
        };
        Ok(self.door.takings(&request).await?.takings)
    }

    /// The declared zone over some days, each `2026-11-01`.
    ///
    /// # Errors
    /// [`PlanError::NoDay`] or [`PlanError::Zone`].
    pub fn zone<F>(
        &self,
        organisation: &Organisation<F>,
        from: &str,
        to: &str,
    ) -> Result<ZoneInput, PlanError> {
        zone_of(organisation, day(from)?, day(to)?)
    }

    /// Keeps what a gateway said of payouts; gives what could not be read of it, and how many
    /// payouts and entries there were.
    ///
    /// # Errors
    /// [`PlanError`].
    pub async fn keep_payouts<F: FactSource>(
        &self,
        organisation: &Organisation<F>,
        source: Source,
        (payouts, entries): (&[Box<RawValue>], &[Box<RawValue>]),
        (from, to): (NaiveDate, NaiveDate),
    ) -> Result<(usize, usize, Vec<Finding>), PlanError> {
        let request = ReadPayoutsRequest {
            contract: CONTRACT_VERSION,
            source,
            zone: zone_of(organisation, from, to)?,
            payouts: as_refs(payouts),
            entries: as_refs(entries),
        };
        let read = self.door.read_payouts(&request).await?;
        let (id, shop) = (&organisation.id, &organisation.shop_url);
        self.store.keep_payouts(id, shop, &read.payouts, &read.entries).await?;
        Ok((read.payouts.len(), read.entries.len(), read.findings))
    }
}

/// Asks the core for summaries, part by part.
struct Asker<'a, F> {
    books: &'a Bookkeeper,
    organisation: &'a Organisation<F>,
    scope: &'a SummaryScope,
    zone: &'a ZoneInput,
    links: &'a [Link],
}

/// What Xero has under some numbers.
#[derive(Default)]
struct Ledger {
    invoices: Vec<Box<RawValue>>,
    credit_notes: Vec<Box<RawValue>>,
}

impl<F: FactSource> Asker<'_, F> {
    async fn ask(
        &self,
        part: Part,
        payouts: &[tillbook_core::summary::Payout],
        sums: Vec<Sum>,
        ledger: &Ledger,
        more: bool,
    ) -> Result<SummariseResponse, PlanError> {
        let mut request = self.request(ledger);
        request.payouts = payouts.to_vec();
        request.takings = part.takings;
        request.entries = part.entries;
        request.posted = part.posted;
        request.gone = part.gone;
        request.sums = sums;
        request.more = more;
        Ok(self.books.door.summarise(&request).await?)
    }

    fn request<'b>(&'b self, ledger: &'b Ledger) -> SummariseRequest<&'b RawValue> {
        let organisation = self.organisation;
        SummariseRequest {
            contract: CONTRACT_VERSION,
            shop: organisation.shop.clone(),
            settings: organisation.settings.clone(),
            chart: organisation.chart.as_input(),
            zone: self.zone.clone(),
            from: self.scope.from.clone(),
            to: self.scope.to.clone(),
            links: self.links.to_vec(),
            ledger: LedgerInput {
                invoices: as_refs(&ledger.invoices),
                credit_notes: as_refs(&ledger.credit_notes),
                contacts: Vec::new(),
                bank_transactions: Vec::new(),
                items: Vec::new(),
            },
            undo: self.scope.undo.clone(),
            redo: self.scope.redo,
            payouts: Vec::new(),
            takings: Vec::new(),
            entries: Vec::new(),
            posted: Vec::new(),
            gone: Vec::new(),
            sent: Vec::new(),
            sums: Vec::new(),
            more: false,
        }
    }

    /// Looks up summaries that may have been sent and whose answer was never read.
    async fn look_up_lost(&self) -> Result<Option<SummariseResponse>, PlanError> {
        let organisation = self.organisation;
        let store = &self.books.store;
        let lost = store.unlinked_summaries(&organisation.id, &organisation.shop_url).await?;
        if lost.is_empty() {
            return Ok(None);
        }
        let credit = |summary: &PlannedSummary| summary.document == DocumentKind::CreditNote;
        let numbers = lost.iter().map(|summary| (credit(summary), summary.number.clone()));
        let ledger = self.ledger(&numbers.collect()).await?;
        let mut request = self.request(&ledger);
        request.sent = lost.iter().map(PlannedSummary::as_sent).collect();
        request.undo = Vec::new();
        request.more = true;
        let response = self.books.door.summarise(&request).await?;
        Ok((!response.found.is_empty()).then_some(response))
    }

    /// What Xero has under these numbers; each says whether it is a credit note's.
    async fn ledger(&self, numbers: &BTreeSet<(bool, String)>) -> Result<Ledger, PlanError> {
        let (xero, patience) = (&self.organisation.xero, self.books.read_patience);
        let on_wait = |wait: std::time::Duration, why: &str| tracing::info!(?wait, why, "waiting");
        let invoices: Vec<&str> =
            numbers.iter().filter(|(note, _)| !note).map(|(_, number)| &**number).collect();
        let mut ledger = Ledger::default();
        for some in invoices.chunks(NUMBERS_PER_CALL) {
            let list = some.iter().map(|number| escaped(number)).collect::<Vec<_>>().join(",");
            let path = format!("Invoices?InvoiceNumbers={list}");
            ledger.invoices.extend(read_all(xero, &path, patience, on_wait).await?);
        }
        // Credit notes cannot be listed by number (reference: Xero, section 2.2).
        for (_, number) in numbers.iter().filter(|(note, _)| *note) {
            let path = format!("CreditNotes/{}", escaped(number));
            let read = async || match xero.read_once(&path).await {
                Err(Failure::Refused { status: 404, .. }) => Ok(Vec::new()),
                read => read,
            };
            ledger.credit_notes.extend(patiently(patience, on_wait, read).await?);
        }
        Ok(ledger)
    }
}

/// A number as it stands in an address.
fn escaped(number: &str) -> String {
    url::form_urlencoded::byte_serialize(number.as_bytes()).collect::<String>().replace('+', "%20")
}

fn numbers_of(links: &[Link], keys: &[String]) -> BTreeSet<(bool, String)> {
    let keys: BTreeSet<&String> = keys.iter().collect();
    let named = links.iter().filter(|link| keys.contains(&link.key));
    named.map(|link| (link.document == DocumentKind::CreditNote, link.number.clone())).collect()
}

fn day(text: &str) -> Result<NaiveDate, PlanError> {
    text.parse().map_err(|_| PlanError::NoDay(text.to_owned()))
}

/// The declared zone over some days.
fn zone_of<F>(
    organisation: &Organisation<F>,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<ZoneInput, PlanError> {
    let declared = &organisation.settings.summary.zone;
    let name = if declared.is_empty() { &organisation.shop.timezone } else { declared };
    zone_input(name, from, to).map_err(|error| PlanError::Zone(error.to_string()))
}

/// Divides what is to be summed: each order with its refunds and the entries that name it.
fn divide(sold: Sold, entries: Vec<Entry>, posted: Vec<Member>) -> Vec<Part> {
    let takings: Vec<Taking> = sold.outcomes.into_iter().map(|outcome| outcome.taking).collect();
    let gone = gone(&takings, &entries, &posted, &sold.listed);
    let mut by_key: BTreeMap<String, Option<u64>> = BTreeMap::new();
    for taking in &takings {
        for key in &taking.keys {
            // What names two orders names none.
            by_key
                .entry(format!("{} {key}", taking.object.kind))
                .and_modify(|known| *known = known.filter(|id| *id == taking.order_id))
                .or_insert(Some(taking.order_id));
        }
    }
    let named = |kind: &str, keys: &[String]| {
        keys.iter().find_map(|key| by_key.get(&format!("{kind} {key}")).copied().flatten())
    };
    let mut entries_of: BTreeMap<u64, Vec<Entry>> = BTreeMap::new();
    for entry in entries {
        let order = named("order", &entry.keys).or_else(|| named("refund", &entry.refund_keys));
        entries_of.entry(order.unwrap_or_default()).or_default().push(entry);
    }
    let mut posted_of: BTreeMap<u64, Vec<Member>> = BTreeMap::new();
    let own: BTreeSet<u64> = takings.iter().map(|taking| taking.order_id).collect();
    for member in posted {
        let order = Some(member.order_id).filter(|id| own.contains(id));
        posted_of.entry(order.unwrap_or_default()).or_default().push(member);
    }
    let mut sales: BTreeMap<u64, Vec<Taking>> = BTreeMap::new();
    for taking in takings {
        sales.entry(taking.order_id).or_default().push(taking);
    }
    let mut parts = vec![Part::default()];
    for (order_id, takings) in sales {
        let full = parts.last().is_none_or(|part| part.takings.len() >= TAKINGS_PER_PART);
        if full {
            parts.push(Part::default());
        }
        let Some(part) = parts.last_mut() else { continue };
        part.takings.extend(takings);
        part.entries.extend(entries_of.remove(&order_id).unwrap_or_default());
        part.posted.extend(posted_of.remove(&order_id).unwrap_or_default());
    }
    // What belongs to no order goes last, a part at a time.
    let loose: Vec<Entry> = entries_of.into_values().flatten().collect();
    let others: Vec<Member> = posted_of.into_values().flatten().collect();
    for entries in loose.chunks(TAKINGS_PER_PART) {
        let ids: BTreeSet<&str> = entries.iter().map(|entry| &*entry.id).collect();
        let own =
            |member: &&Member| member.object.kind == "entry" && ids.contains(&*member.object.id);
        let posted = others.iter().filter(own).cloned().collect();
        parts.push(Part { entries: entries.to_vec(), posted, ..Part::default() });
    }
    let missing: BTreeSet<(&str, &str)> =
        gone.iter().map(|object| (&*object.kind, &*object.id)).collect();
    let own = |member: &&Member| missing.contains(&(&*member.object.kind, &*member.object.id));
    let in_parts = parts.iter().flat_map(|part| &part.posted);
    let posted = others.iter().chain(in_parts).filter(own).cloned().collect();
    if !gone.is_empty() {
        parts.push(Part { posted, gone, ..Part::default() });
    }
    parts
}

/// What stands in summaries and neither shop nor gateway has any more, each once.
#[must_use]
pub fn gone(
    takings: &[Taking],
    entries: &[Entry],
    posted: &[Member],
    listed: &BTreeSet<u64>,
) -> Vec<Subject> {
    let asked: BTreeSet<u64> = takings.iter().map(|taking| taking.order_id).collect();
    let there: BTreeSet<(&str, &str)> =
        takings.iter().map(|taking| (&*taking.object.kind, &*taking.object.id)).collect();
    let known: BTreeSet<&str> = entries.iter().map(|entry| &*entry.id).collect();
    let read: BTreeSet<String> =
        entries.iter().map(|entry| entry.payout.replace('/', "-")).collect();
    let mut gone: BTreeSet<(&str, &str)> = BTreeSet::new();
    for member in posted {
        let (kind, id) = (&*member.object.kind, &*member.object.id);
        let lost = match kind {
            // A payout that was read again no longer has it.
            "entry" => {
                let payout = member.document.split('/').nth(2).unwrap_or_default();
                read.contains(payout) && !known.contains(id)
            }
            "refund" if asked.contains(&member.order_id) => !there.contains(&(kind, id)),
            _ => !listed.contains(&member.order_id),
        };
        if lost {
            gone.insert((kind, id));
        }
    }
    gone.into_iter().map(|(kind, id)| Subject { kind: kind.into(), id: id.into() }).collect()
}

/// A response with what its parts gave.
fn gathered(
    books: &Bookkeeper,
    scope: &SummaryScope,
    response: SummariseResponse,
    members: &[Member],
    waiting: Vec<Waiting>,
    findings: Vec<Finding>,
) -> Summaries {
    let part = response.plan.unwrap_or_else(|| tillbook_core::contract::PlanResponse {
        contract: CONTRACT_VERSION,
        core: response.core.clone(),
        sha256: String::new(),
        waves: Vec::new(),
        rows: Vec::new(),
        links: Vec::new(),
        records: Vec::new(),
        findings: Vec::new(),
    });
    let mut of_document: BTreeMap<&str, Vec<Member>> = BTreeMap::new();
    for member in members {
        of_document.entry(&member.document).or_default().push(member.clone());
    }
    let views: BTreeMap<&str, &SummaryView> =
        response.documents.iter().map(|view| (&*view.key, view)).collect();
    let steps = part.waves.iter().flatten().flat_map(|call| &call.steps);
    let summaries: Vec<PlannedSummary> = steps
        .filter(|step| step.action == Action::Create)
        .map(|step| PlannedSummary {
            key: step.key.clone(),
            sha256: step.sha256.clone(),
            document: step.document,
            number: step.number.clone(),
            total: step.amount.clone(),
            currency: step.currency.clone(),
            date: views.get(&*step.key).map(|view| view.date.clone()).unwrap_or_default(),
            begins: step.begins,
            ends: step.ends,
            lines: views
                .get(&*step.key)
                .map(|view| view.lines.iter().cloned().zip(view.summed.iter().cloned()).collect())
                .unwrap_or_default(),
            members: of_document.remove(&*step.key).unwrap_or_default(),
        })
        .collect();
    let sent: BTreeSet<&str> = response
        .documents
        .iter()
        .filter(|view| view.fate == Fate::Create)
        .map(|view| &*view.key)
        .collect();
    let members = members.iter().filter(|member| sent.contains(&*member.document)).cloned();
    let members = members.collect();
    let scope = Scope { summary: Some(scope.clone()), ..Scope::default() };
    let plan = StoredPlan {
        sha256: hex::encode(Sha256::digest(part.sha256.as_bytes())),
        scope: serde_json::to_string(&scope).unwrap_or_default(),
        parts: vec![part],
        state: PlanState::Saved,
        made: books.clock.now(),
        summaries,
        modified: BTreeMap::new(),
    };
    Summaries { documents: response.documents, members, waiting, findings, plan }
}
