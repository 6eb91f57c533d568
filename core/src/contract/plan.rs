//! `plan`: orders, links and what Xero has → calls in waves. `read`: an answer → links.

use alloc::{format, string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use crate::{
    finding::{Finding, errors_first},
    json::{
        Fields, Json,
        strict::{Misread, Slot, closed, fields_of, needed, object, optional},
    },
    mapping::Decision,
    plan::{
        self, Call, Desired, Ending, Fate, Known, Limits, Link, Planner, RecordKind, RecordLink,
        Row, Step, StepResult,
    },
    register::Register,
    shop::order::Order,
    xero::{
        chart::Chart,
        document::DocumentKind,
        standing::{Standing, StandingSpend},
    },
};

use super::{
    CONTRACT_VERSION, CORE_VERSION, ExcludedOrder, MapRequest, Request,
    alone::{self, Alone},
    gate::Gate,
    records::{plan_records, take_contact, take_items},
    sales::{self, Ground, Sale},
};

#[cfg(feature = "schema")]
use super::types::AnyObject;

/// What `plan` takes.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "PlanRequest", deny_unknown_fields))]
pub struct PlanRequest<D> {
    /// Version of the contract: 1.
    pub contract: u32,
    /// What `map` takes: the orders with their refunds, shop, settings and chart.
    pub map: MapRequest<D>,
    /// What was posted before for these orders; also for orders that are not in `map`, if what was
    /// posted for them is to be taken back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// Steps of these orders that were sent and whose answers nobody knows, in the order in which
    /// they were sent: what Xero has of them is linked, whatever has become of the orders.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unanswered: Vec<Step>,
    /// What Xero has.
    pub ledger: LedgerInput<D>,
    /// Whether what is taken back is taken back because a person wants it so: it is not made again
    /// by itself.
    #[serde(default)]
    pub undo: bool,
    /// Whether what a person undid is made again.
    #[serde(default)]
    pub redo: bool,
    /// Orders that a person sends although they are switched off or older than what is sent by
    /// itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pushed: Vec<u64>,
    /// Orders that a person took out: nothing of them is sent, changed or taken back, not even by
    /// `undo`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excluded: Vec<ExcludedOrder>,
    /// Products and variations that changed without an order, as WooCommerce gives them: their items
    /// follow. A variation needs its product beside it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<AnyObject>"))]
    pub products: Vec<D>,
    /// Customers that changed without an order, as WooCommerce gives them: their contacts follow.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<AnyObject>"))]
    pub customers: Vec<D>,
    /// Documents in one call, 1 to 50; 50 when 0.
    #[serde(default)]
    pub documents_per_call: u32,
    /// Bytes of one call's body, at most Xero's own limit; that limit when 0.
    #[serde(default)]
    pub bytes_per_call: u32,
}

impl<'a> Request<'a> for PlanRequest<&'a Json<'a>> {
    fn read(&mut self, given: Fields<'a>) -> Result<(), Misread> {
        closed(
            given,
            &mut [
                needed("contract", &mut self.contract),
                needed("map", &mut self.map),
                optional("links", &mut self.links),
                optional("unanswered", &mut self.unanswered),
                needed("ledger", &mut self.ledger),
                optional("undo", &mut self.undo),
                optional("redo", &mut self.redo),
                optional("pushed", &mut self.pushed),
                optional("excluded", &mut self.excluded),
                optional("products", &mut self.products),
                optional("customers", &mut self.customers),
                optional("documents_per_call", &mut self.documents_per_call),
                optional("bytes_per_call", &mut self.bytes_per_call),
            ],
        )
    }
}

impl<'a> Slot<'a> for MapRequest<&'a Json<'a>> {
    fn read(&mut self, json: &'a Json<'a>) -> Result<(), Misread> {
        Request::read(self, fields_of(json)?)
    }
}

/// What Xero has: the collections of its own answers, element for element, read with lines
/// (`page=…&unitdp=4`). Documents that nobody asks about do no harm.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "LedgerInput", deny_unknown_fields))]
pub struct LedgerInput<D> {
    /// `Invoices` of `GET /Invoices`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<AnyObject>"))]
    pub invoices: Vec<D>,
    /// `CreditNotes` of `GET /CreditNotes`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<AnyObject>"))]
    pub credit_notes: Vec<D>,
    /// `Contacts` of `GET /Contacts`, archived ones too; only where customers are contacts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<AnyObject>"))]
    pub contacts: Vec<D>,
    /// `BankTransactions` of `GET /BankTransactions`, those that spend; only where gateway fees are
    /// posted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<AnyObject>"))]
    pub bank_transactions: Vec<D>,
    /// `Items` of `GET /Items`; only where products are items.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<AnyObject>"))]
    pub items: Vec<D>,
}

impl<'a> Slot<'a> for LedgerInput<&'a Json<'a>> {
    fn read(&mut self, json: &'a Json<'a>) -> Result<(), Misread> {
        object(
            json,
            &mut [
                optional("invoices", &mut self.invoices),
                optional("credit_notes", &mut self.credit_notes),
                optional("contacts", &mut self.contacts),
                optional("bank_transactions", &mut self.bank_transactions),
                optional("items", &mut self.items),
            ],
        )
    }
}

/// What `plan` gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlanResponse {
    /// Version of the contract.
    pub contract: u32,
    /// Version of the core.
    pub core: String,
    /// SHA-256 of all that would be sent: what names the plan.
    pub sha256: String,
    /// Calls in waves: those of one wave need nothing of each other, and all of the waves before.
    pub waves: Vec<Vec<Call>>,
    /// One row for each order and refund.
    pub rows: Vec<Row>,
    /// Links to be kept that need no call, such as those of documents whose answer was lost.
    pub links: Vec<Link>,
    /// Links of contacts to be kept that need no call.
    pub records: Vec<RecordLink>,
    /// Findings that concern no single order.
    pub findings: Vec<Finding>,
}

pub(super) fn plan(request: &PlanRequest<&Json<'_>>) -> PlanResponse {
    let mut known = known_of(request);
    let recognised = known.recognise(&request.unanswered);
    let (chart, mut findings) = Chart::read(&request.map.chart.raw());
    let mut ground = Ground::read(&request.map, &chart);
    ground.add_products(alone::products_of(request));
    findings.append(&mut ground.findings);
    let posted = known.posted();
    let by_person = (&*request.pushed, &*request.excluded);
    let sync = &request.map.settings.sync;
    let gate = Gate::new(sync, by_person, &request.links, &request.map.summarised);
    let alone = Alone::read(request, &ground, &gate);
    let (mut contacts, mut items) = plan_records(request, &ground, (&gate, &alone));
    let codes = core::mem::take(&mut items.codes);
    let contacts_known = core::mem::take(&mut contacts.known);
    let mapped = sales::Known {
        posted: &posted,
        contacts: &contacts_known,
        items: &codes,
        gate: Some(&gate),
    };
    let mut planner = Planner::new(&known, limits_of(request), chart.locked_until, request.redo);
    planner.keep(recognised);
    // Who takes back does so on purpose.
    if !request.undo {
        planner.freeze(gate.frozen());
    }
    let mut said: Register<Vec<Finding>> = Register::default();
    ground.each_sale(&mapped, |context, mut sale| {
        gate.keep_back(&known, &mut sale);
        let Some(order) = &sale.order else {
            let kept = matches!(sale.decision, Decision::Skip);
            let fate = if kept { Fate::Skip } else { Fate::Hold };
            planner.leave(sale.order_id.unwrap_or_default(), fate, sale.findings);
            return;
        };
        planner.order(context, &desired(&sale, order));
        if planner.writes(order.id) {
            let settings = &request.map.settings.contact;
            if let Some(planned) = take_contact(&mut contacts, settings, order) {
                planner.record(RecordKind::Contact, planned);
            }
            for planned in take_items(&mut items, order) {
                planner.record(RecordKind::Item, planned);
            }
        }
        said.put(format!("order {}", order.id), sale.findings);
        for refund in sale.refunds {
            let id = refund.refund_id.unwrap_or_default();
            said.put(format!("refund {id}"), refund.findings);
        }
    });
    let settings = &request.map.settings;
    alone.plan(settings, (&mut contacts, &contacts_known), &mut items, &mut planner);
    planner.withdraw_others(request.undo, |id| gate.keeps_posted(id, request.undo));
    let mut plan = planner.finish();
    let sha256 = plan.sha256();
    say(&mut plan.rows, &mut said);
    PlanResponse {
        contract: CONTRACT_VERSION,
        core: CORE_VERSION.into(),
        sha256,
        waves: plan.waves,
        rows: plan.rows,
        links: plan.links,
        records: plan.records,
        findings,
    }
}

/// Our links and what Xero has.
fn known_of(request: &PlanRequest<&Json<'_>>) -> Known {
    let ledger = &request.ledger;
    let read = |kind| move |json: &&Json<'_>| Standing::read(kind, json);
    let standing: Vec<Standing> = (ledger.invoices.iter().filter_map(read(DocumentKind::Invoice)))
        .chain(ledger.credit_notes.iter().filter_map(read(DocumentKind::CreditNote)))
        .collect();
    let mut known = Known::new(request.links.clone(), standing);
    let spends = ledger.bank_transactions.iter();
    known.spent(spends.filter_map(|json| StandingSpend::read(json)).collect());
    known
}

fn limits_of<D>(request: &PlanRequest<D>) -> Limits {
    let mut limits = Limits::default();
    if request.documents_per_call > 0 {
        limits.documents_max = usize::try_from(request.documents_per_call).unwrap_or(1);
    }
    if request.bytes_per_call > 0 {
        let bytes = usize::try_from(request.bytes_per_call).unwrap_or(usize::MAX);
        limits.bytes_max = limits.bytes_max.min(bytes);
    }
    limits
}

/// Puts what was found of an order or refund before what the plan says of it.
fn say(rows: &mut [Row], said: &mut Register<Vec<Finding>>) {
    for row in rows {
        let said = said.get_mut(&format!("{} {}", row.object.kind, row.object.id));
        let mut findings = said.map(core::mem::take).unwrap_or_default();
        findings.append(&mut row.findings);
        row.findings = errors_first(findings);
    }
}

fn desired<'a>(sale: &'a Sale, order: &'a Order) -> Desired<'a> {
    let refunds = sale.refunds.iter();
    let refunds = refunds.filter_map(|refund| Some((refund.refund_id?, &refund.decision)));
    let refunds: Vec<_> = refunds.collect();
    Desired {
        order_id: order.id,
        number: &order.number,
        decision: &sale.decision,
        refunds_complete: order.refunds_listed
            && refunds.len() == sale.refunds.len()
            && refunds.len() >= order.refund_count,
        refunds,
    }
}

/// What `read` takes.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "ReadRequest", deny_unknown_fields))]
pub struct ReadRequest<D> {
    /// Version of the contract: 1.
    pub contract: u32,
    /// The call, as `plan` gave it; its body may be left out.
    pub call: Call,
    /// The HTTP status of the answer.
    pub status: u32,
    /// The answer's body, where it is a JSON object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<D>,
}

impl<'a> Request<'a> for ReadRequest<&'a Json<'a>> {
    fn read(&mut self, given: Fields<'a>) -> Result<(), Misread> {
        closed(
            given,
            &mut [
                needed("contract", &mut self.contract),
                needed("call", &mut self.call),
                needed("status", &mut self.status),
                optional("answer", &mut self.answer),
            ],
        )
    }
}

/// What `read` gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReadResponse {
    /// Version of the contract.
    pub contract: u32,
    /// Version of the core.
    pub core: String,
    /// How the call ended, and whether it may be sent again.
    pub ending: Ending,
    /// One for each step of the call, in its order.
    pub results: Vec<StepResult>,
}

pub(super) fn read(request: &ReadRequest<&Json<'_>>) -> ReadResponse {
    let (ending, results) = plan::read(&request.call, request.status, request.answer);
    ReadResponse { contract: CONTRACT_VERSION, core: CORE_VERSION.into(), ending, results }
}
