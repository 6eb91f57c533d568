//! `takings`: orders and refunds → what each brings to a summary, or why it brings nothing.

use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};

use serde::{Deserialize, Serialize};

use crate::{
    date::{Date, Moment, Zone},
    finding::{Code, Finding, Severity, Subject, errors_first},
    json::{
        Fields, Json,
        strict::{Misread, closed, needed, optional, record},
    },
    mapping::{
        Context, Decision, Remaining,
        takings::{Takings, order_takings},
    },
    money::{Amount, round_half_up},
    plan::{Link, LinkState, Purpose},
    register::Register,
    settings::summary::SummaryDay,
    shop::{order::Order, refund::Refund},
    summary::{Route, Taking, TakingState, route},
    xero::{chart::Chart, document::DocumentKind},
};

use super::{
    CONTRACT_VERSION, CORE_VERSION, ExcludedOrder, MapRequest, Request,
    gate::Gate,
    sales::{Ground, Known, ReadSale},
};

record! {
    /// A time zone over the range in question. The core has no table of zones.
    ZoneInput {
        /// Seconds east of UTC before the first transition.
        offset_seconds: i64,
        /// Moments at which it changes.
        transitions: Vec<TransitionInput>,
    }
}

record! {
    /// A change of a zone's offset.
    TransitionInput {
        /// Moment, in seconds since 1970 UTC.
        at: i64,
        /// Seconds east of UTC from then on.
        offset_seconds: i64,
    }
}

impl ZoneInput {
    pub(super) fn zone(&self) -> Zone {
        let offset = |seconds: i64| i32::try_from(seconds).unwrap_or_default();
        let each = self.transitions.iter();
        let transitions = each.map(|one| (one.at, offset(one.offset_seconds))).collect();
        Zone::new(offset(self.offset_seconds), transitions)
    }
}

/// What `takings` takes.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "TakingsRequest", deny_unknown_fields))]
pub struct TakingsRequest<D> {
    /// Version of the contract: 1.
    pub contract: u32,
    /// What `map` takes: the orders with their refunds, shop, settings and chart.
    pub map: MapRequest<D>,
    /// The declared zone (`summary.zone`, or the shop's own).
    #[serde(default)]
    pub zone: ZoneInput,
    /// What was posted individually for these orders: they keep their own documents.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// Orders that a person sends although they are switched off or older than what is sent by
    /// itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pushed: Vec<u64>,
    /// Orders that a person took out: nothing of them is sent, and what stands of them stays.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excluded: Vec<ExcludedOrder>,
}

impl<'a> Request<'a> for TakingsRequest<&'a Json<'a>> {
    fn read(&mut self, given: Fields<'a>) -> Result<(), Misread> {
        closed(
            given,
            &mut [
                needed("contract", &mut self.contract),
                needed("map", &mut self.map),
                optional("zone", &mut self.zone),
                optional("links", &mut self.links),
                optional("pushed", &mut self.pushed),
                optional("excluded", &mut self.excluded),
            ],
        )
    }
}

/// What `takings` gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TakingsResponse {
    /// Version of the contract.
    pub contract: u32,
    /// Version of the core.
    pub core: String,
    /// One for each order and each refund, refunds after their order.
    pub takings: Vec<TakingOutcome>,
    /// Findings that concern no single order.
    pub findings: Vec<Finding>,
}

/// What one order or refund brings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TakingOutcome {
    /// What it brings: `summarise` takes it as it is.
    pub taking: Taking,
    /// All findings on it, errors first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
}

/// What is known of earlier postings.
struct Earlier<'a> {
    /// Live links of individual documents, by order.
    own: Register<()>,
    /// Live links of fees, by order.
    fees: Register<()>,
    summarised: Register<&'a str>,
}

impl<'a> Earlier<'a> {
    fn of(links: &[Link], summarised: Register<&'a str>) -> Self {
        let (mut own, mut fees) = (Register::default(), Register::default());
        for link in links.iter().filter(|link| link.state == LinkState::Live) {
            let key = format!("{}", link.order_id);
            match (link.purpose, link.document) {
                (Purpose::Document, DocumentKind::Invoice) => own.put(key, ()),
                (Purpose::Fee, _) => fees.put(key, ()),
                _ => {}
            }
        }
        Self { own, fees, summarised }
    }
}

pub(super) fn takings(request: &TakingsRequest<&Json<'_>>) -> TakingsResponse {
    let (chart, mut findings) = Chart::read(&request.map.chart.raw());
    let mut ground = Ground::read(&request.map, &chart);
    findings.append(&mut ground.findings);
    let (posted, contacts, items) = Default::default();
    let known = Known { posted: &posted, contacts: &contacts, items: &items, gate: None };
    let earlier = Earlier::of(&request.links, ground.summarised());
    let by_person = (&*request.pushed, &*request.excluded);
    let sync = &request.map.settings.sync;
    let gate = Gate::new(sync, by_person, &request.links, &request.map.summarised);
    let zone = request.zone.zone();
    let mut takings = Vec::new();
    ground.each_read(&known, &mut |context, mut sale| {
        let refunds = core::mem::take(&mut sale.refunds);
        sale.findings.extend(ground.wrong().iter().cloned());
        let Some(order) = &sale.order else {
            takings.push(unreadable(&sale, gate.stops_sale(&sale)));
            return;
        };
        let context = Context { summary: true, ..*context };
        let desk =
            Desk { context: &context, zone: &zone, earlier: &earlier, gate: &gate, sale: &sale };
        desk.order(order, refunds, &mut takings);
    });
    TakingsResponse { contract: CONTRACT_VERSION, core: CORE_VERSION.into(), takings, findings }
}

/// An order that cannot be read, or stands twice: a person has to look.
fn unreadable(sale: &ReadSale, kept: Option<Finding>) -> TakingOutcome {
    let first = sale.findings.first();
    let taking = Taking {
        object: Subject { kind: "order".into(), id: format!("{}", sale.order_id.unwrap_or(0)) },
        order_id: sale.order_id.unwrap_or(0),
        state: TakingState::Held,
        reason: first.map(|finding| finding.code.clone()).unwrap_or_default(),
        message: first.map(|finding| finding.message.clone()).unwrap_or_default(),
        ..Taking::default()
    };
    let outcome = TakingOutcome { taking, findings: sale.findings.clone() };
    if let Some(finding) = kept { keep(outcome, &finding) } else { outcome }
}

/// One order on the desk.
struct Desk<'a> {
    context: &'a Context<'a>,
    zone: &'a Zone,
    earlier: &'a Earlier<'a>,
    gate: &'a Gate<'a>,
    sale: &'a ReadSale,
}

impl Desk<'_> {
    /// What an order's takings and its refunds' have in common.
    fn base(&self, order: &Order, route: Route, group: String) -> Taking {
        Taking {
            order_id: order.id,
            number: order.number.clone(),
            route,
            group,
            method: order.payment_method.clone(),
            currency: order.currency.as_str().into(),
            fee_booked: self.earlier.fees.get(&format!("{}", order.id)).is_some(),
            ..Taking::default()
        }
    }

    fn order(
        &self,
        order: &Order,
        refunds: Vec<(Option<u64>, Option<Refund>, Vec<Finding>)>,
        takings: &mut Vec<TakingOutcome>,
    ) {
        let key = format!("{}", order.id);
        // As `map` does it: what has an invoice keeps it, also where a payout names its payment.
        let (route, group) = match self.earlier.summarised.get(&key) {
            _ if self.earlier.own.get(&key).is_some() => (Route::Individual, String::new()),
            Some(document) => standing_route(document),
            None => route(self.context.settings, order, self.context.products),
        };
        let base = self.base(order, route, group);
        let alone = route == Route::Individual;
        let (decided, mut findings) =
            if alone { self.individual(order) } else { order_takings(self.context, order) };
        findings.splice(0..0, self.sale.findings.iter().cloned());
        let digits = self.context.shop.num_decimals.min(order.currency.digits()).min(2);
        let mut keys = order.payment_keys.clone();
        keys.push(format!("order:{}", order.id));
        keys.push(format!("number:{}", order.number));
        let whole = Taking {
            object: Subject { kind: "order".into(), id: key },
            day: self.day_of(order),
            created: format!("{}", order.created),
            amount: Amount(order.total.rounded(digits).amount()),
            keys,
            refund_keys: order.refund_keys.clone(),
            ..base.clone()
        };
        let whole = self.note_off(state(whole, decided, &findings, alone));
        let order_state = (whole.state, whole.reason.clone(), whole.message.clone());
        // What has an invoice keeps it: a switch changes nothing about where its money belongs.
        let own = self.earlier.own.get(&whole.object.id).is_some();
        let stopped = self.gate.stops_sale(self.sale).filter(|_| !own);
        let outcome = TakingOutcome { taking: whole, findings: errors_first(findings) };
        takings.push(if let Some(finding) = &stopped { keep(outcome, finding) } else { outcome });
        let mut remaining = Remaining::of(self.context, order);
        for (id, refund, mut findings) in refunds {
            let object =
                Subject { kind: "refund".into(), id: format!("{}", id.unwrap_or_default()) };
            let base = Taking { object, ..base.clone() };
            let Some(refund) = refund else {
                let taking = state(base, Takings::Pending, &findings, false);
                takings.push(TakingOutcome { taking, findings });
                continue;
            };
            let (decided, found) = remaining.refund_takings(&refund);
            findings.extend(found);
            // What is posted is never more than what is left, which rounding can make less.
            let amount = match &decided {
                Takings::Ready(shares) => shares.iter().map(|share| share.gross.0).sum(),
                _ => -round_half_up(refund.amount, digits),
            };
            let taking = Taking {
                day: self.day_of_refund(&refund),
                created: format!("{}", refund.created),
                amount: Amount(amount),
                keys: refund.keys.clone(),
                ..base
            };
            let taking = self.note_off(state(taking, decided, &findings, alone));
            let taking = follow(taking, &order_state);
            let outcome = TakingOutcome { taking, findings: errors_first(findings) };
            let kept = stopped.clone().or_else(|| self.gate.stops_refund(order.id, &refund));
            takings.push(if let Some(finding) = &kept { keep(outcome, finding) } else { outcome });
        }
    }

    /// Says so where it belongs in a summary and none is made.
    fn note_off(&self, taking: Taking) -> Taking {
        let off = !self.context.settings.sync.summaries.on && taking.state == TakingState::Ready;
        let reason = if off { Code::SummarySwitchedOff.as_str() } else { &taking.reason };
        let message = if off { "summaries are switched off" } else { &taking.message };
        Taking { reason: reason.into(), message: message.into(), ..taking }
    }

    /// An order with documents of its own: whether it has, or gets, or needs none.
    fn individual(&self, order: &Order) -> (Takings, Vec<Finding>) {
        match crate::mapping::map_order(&Context { summary: false, ..*self.context }, order) {
            (Decision::Post(_), findings) => (Takings::Ready(Vec::new()), findings),
            (Decision::Hold, findings) => (Takings::Pending, findings),
            (Decision::Skip | Decision::Withdraw, findings) => (Takings::Excluded, findings),
        }
    }

    /// The day that an order belongs to; empty while it has none.
    fn day_of(&self, order: &Order) -> String {
        let zero = order.total.amount().is_zero();
        let (moment, local) = match self.context.settings.summary.day {
            SummaryDay::Paid if zero && order.paid.is_none() => {
                (order.created_at, Some(order.created))
            }
            SummaryDay::Paid => (order.paid_at, order.paid),
            SummaryDay::Created => (order.created_at, Some(order.created)),
            SummaryDay::Completed => (order.completed_at, order.completed),
        };
        self.day(moment, local)
    }

    fn day_of_refund(&self, refund: &Refund) -> String {
        self.day(refund.created_at, Some(refund.created))
    }

    /// The day of a moment in the declared zone; the shop's own day where it does not say the moment.
    fn day(&self, moment: Option<Moment>, local: Option<Date>) -> String {
        let day = moment.and_then(|moment| self.zone.day(moment)).or(local);
        day.map(|day| day.to_string()).unwrap_or_default()
    }
}

/// What is kept back brings nothing, and what stands of it stays; what is wrong in it is nobody's
/// business.
fn keep(outcome: TakingOutcome, finding: &Finding) -> TakingOutcome {
    let taking = Taking {
        state: TakingState::Excluded,
        kept: true,
        shares: Vec::new(),
        reason: finding.code.clone(),
        message: finding.message.clone(),
        ..outcome.taking
    };
    TakingOutcome { taking, findings: alloc::vec![finding.clone()] }
}

/// The route of an order that stands in a document with this key.
fn standing_route(document: &str) -> (Route, String) {
    let mut parts = document.split('/');
    let route = if parts.next() == Some("payout") { Route::Payout } else { Route::Daily };
    (route, parts.next().unwrap_or_default().into())
}

/// Puts the decision into a taking, with the finding that made it.
fn state(taking: Taking, decided: Takings, findings: &[Finding], alone: bool) -> Taking {
    let error = findings.iter().find(|finding| finding.severity == Severity::Error);
    let (state, shares, reason) = match decided {
        Takings::Ready(_) | Takings::Pending if error.is_some() => {
            (TakingState::Held, Vec::new(), error)
        }
        Takings::Ready(_) if alone => (TakingState::Individual, Vec::new(), None),
        Takings::Ready(shares) => (TakingState::Ready, shares, None),
        Takings::Excluded => (TakingState::Excluded, Vec::new(), findings.last()),
        Takings::Pending => (TakingState::Waiting, Vec::new(), findings.last()),
    };
    Taking {
        state,
        shares,
        reason: reason.map(|finding| finding.code.clone()).unwrap_or_default(),
        message: reason.map(|finding| finding.message.clone()).unwrap_or_default(),
        ..taking
    }
}

/// A refund goes where its order goes: none is given back of what was not posted.
fn follow(mut refund: Taking, order: &(TakingState, String, String)) -> Taking {
    let (state, reason, message) = order;
    let stays = matches!(state, TakingState::Ready | TakingState::Individual)
        || refund.state == TakingState::Excluded;
    if !stays {
        refund.state = *state;
        refund.reason.clone_from(reason);
        refund.message = format!("its order: {message}");
        refund.shares = Vec::new();
    }
    refund
}
