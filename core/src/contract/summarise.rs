//! `summarise`: takings and payouts → documents of summaries, and the calls that make them.
//!
//! What is to be summed may come in parts: all but the last are asked with `more`, and the sums
//! that one part gives go into the next. The parts give the same documents as the whole.

use alloc::{format, string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use crate::{
    date::{Date, Zone},
    finding::{Code, Finding, Subject},
    json::{
        Fields, Json,
        strict::{Misread, closed, needed, optional, record},
    },
    mapping::takings::TakingLine,
    money::{Amount, Currency, XERO_DIGITS, plain},
    plan::{self, Fate, Known, Limits, Link, LinkState, Planner, Purpose, found_again},
    settings::{Settings, check::starts},
    shop::Shop,
    summary::{
        Closed, Entry, Found, Ground, Member, Part, Payout, Sum, SummaryDocument, SummaryLine,
        Sums, Taking, Waiting, add_entries, add_takings, documents, note_unpaid,
    },
    xero::{
        chart::Chart,
        document::DocumentKind,
        standing::Standing,
        wire::{sha256, write_document},
    },
};

use super::{
    CONTRACT_VERSION, CORE_VERSION, ChartInput, DocumentLine, LedgerInput, LineRules, PlanResponse,
    Request, TrackingView, ZoneInput,
};

record! {
    /// A summary that was sent and whose answer was never read.
    Sent {
        /// Its link, without Xero's id.
        link: Link,
        /// What it was to come to.
        total: Amount,
    }
}

record! {
    /// What a line of a summary is the sum of.
    SummedLine {
        /// What it is told apart by: shares of members that agree in it are behind the line.
        line: TakingLine,
        /// Number of the document that it adjusts; empty where it adjusts none.
        adjusts: String,
        /// How many parts of orders, refunds and entries it is the sum of.
        shares: u32,
    }
}

/// What `summarise` takes.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "SummariseRequest", deny_unknown_fields))]
pub struct SummariseRequest<D> {
    /// Version of the contract: 1.
    pub contract: u32,
    /// The shop's settings that bear on amounts.
    pub shop: Shop,
    /// The user's choices.
    pub settings: Settings,
    /// What the Xero organisation has.
    pub chart: ChartInput<D>,
    /// The declared zone (`summary.zone`, or the shop's own).
    #[serde(default)]
    pub zone: ZoneInput,
    /// The first day that is asked for, `2026-11-01`.
    pub from: String,
    /// The last day, which must be over.
    pub to: String,
    /// All payouts of these days, the same for every part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub payouts: Vec<Payout>,
    /// Orders and refunds of this part, as `takings` gave them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub takings: Vec<Taking>,
    /// Entries of payouts, all of an order's in the part where the order is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<Entry>,
    /// What of this part stands in documents already.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub posted: Vec<Member>,
    /// What stands in documents and neither shop nor gateway has any more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<Subject>,
    /// Links of all summaries.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// Summaries whose answer was lost; only with the first part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sent: Vec<Sent>,
    /// What Xero has of the summaries' numbers.
    pub ledger: LedgerInput<D>,
    /// The sums that the part before gave.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sums: Vec<Sum>,
    /// Whether another part follows.
    #[serde(default)]
    pub more: bool,
    /// Keys of summaries that are to be taken back; only with the last part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undo: Vec<String>,
    /// Whether summaries that a person undid are made again.
    #[serde(default)]
    pub redo: bool,
}

impl<'a> Request<'a> for SummariseRequest<&'a Json<'a>> {
    fn read(&mut self, given: Fields<'a>) -> Result<(), Misread> {
        closed(
            given,
            &mut [
                needed("contract", &mut self.contract),
                needed("shop", &mut self.shop),
                needed("settings", &mut self.settings),
                needed("chart", &mut self.chart),
                optional("zone", &mut self.zone),
                needed("from", &mut self.from),
                needed("to", &mut self.to),
                optional("payouts", &mut self.payouts),
                optional("takings", &mut self.takings),
                optional("entries", &mut self.entries),
                optional("posted", &mut self.posted),
                optional("gone", &mut self.gone),
                optional("links", &mut self.links),
                optional("sent", &mut self.sent),
                needed("ledger", &mut self.ledger),
                optional("sums", &mut self.sums),
                optional("more", &mut self.more),
                optional("undo", &mut self.undo),
                optional("redo", &mut self.redo),
            ],
        )
    }
}

/// What `summarise` gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SummariseResponse {
    /// Version of the contract.
    pub contract: u32,
    /// Version of the core.
    pub core: String,
    /// Links of summaries that Xero has although their answer was lost. Where there are any,
    /// nothing was summed: carry out the plan, which keeps them, and ask again from the first part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub found: Vec<Link>,
    /// Orders, refunds and entries of this part that are in documents now.
    pub members: Vec<Member>,
    /// Those of this part that are in none yet.
    pub waiting: Vec<Waiting>,
    /// The sums so far, where another part follows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sums: Vec<Sum>,
    /// The documents, with the last part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<SummaryView>,
    /// The calls that make them, with the last part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanResponse>,
    /// Findings on entries, and those that concern no single document.
    pub findings: Vec<Finding>,
}

/// The document of a summary as Xero will have it. Amounts are decimals with two places, in
/// `currency`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SummaryView {
    /// `daily/{group}/{currency}/{day}` or `payout/{source}/{id}/{month}`
    pub key: String,
    /// `invoice` or `credit_note`.
    pub kind: String,
    /// `InvoiceNumber` or `CreditNoteNumber`
    pub number: String,
    /// `Reference`
    pub reference: String,
    /// Name of the contact.
    pub contact: String,
    /// `CurrencyCode`
    pub currency: String,
    /// `Date`, `2026-11-22`
    pub date: String,
    /// `Status`
    pub status: String,
    /// `LineAmountTypes`
    pub line_amount_types: String,
    /// Total without tax, by Xero's arithmetic.
    pub sub_total: String,
    /// Tax, by Xero's arithmetic.
    pub total_tax: String,
    /// What is due, by Xero's arithmetic.
    pub total: String,
    /// Orders, refunds and entries in it.
    pub members: u32,
    /// What is to become of it.
    pub fate: Fate,
    /// The lines.
    pub lines: Vec<DocumentLine>,
    /// What each line is the sum of, in their order.
    pub summed: Vec<SummedLine>,
    /// What stops or bends it, errors first.
    pub findings: Vec<Finding>,
    /// The element of `{"Invoices":[…]}` or `{"CreditNotes":[…]}` to send, byte for byte.
    pub body: String,
    /// SHA-256 of `body`, lower-case hexadecimal.
    pub sha256: String,
}

pub(super) fn summarise(request: &SummariseRequest<&Json<'_>>) -> SummariseResponse {
    let mut response = SummariseResponse {
        contract: CONTRACT_VERSION,
        core: CORE_VERSION.into(),
        found: Vec::new(),
        members: Vec::new(),
        waiting: Vec::new(),
        sums: Vec::new(),
        documents: Vec::new(),
        plan: None,
        findings: Vec::new(),
    };
    let known = Known::new(request.links.clone(), standing(&request.ledger));
    if look_up(&known, &request.sent, &mut response) {
        return response;
    }
    let (chart, findings) = Chart::read(&request.chart.raw());
    response.findings = findings;
    let zone = request.zone.zone();
    let days = (Date::parse(&request.from), Date::parse(&request.to));
    let (Ok(from), Ok(to)) = days else {
        let message = format!("`{}` and `{}` should be days", request.from, request.to);
        response.findings.push(Finding::new(Code::InputNotADate, "summary", "", message));
        return response;
    };
    let (from, noted) = begin(&request.settings, &zone, (from, to));
    if !request.more {
        response.findings.extend(noted);
    }
    let closed = closed_by(&request.links, request.redo);
    let ground = Ground {
        settings: &request.settings,
        chart: &chart,
        shop_currency: &request.shop.currency,
        digits: digits(&request.shop),
        zone: &zone,
        from,
        to,
        payouts: &request.payouts,
        closed: &closed,
    };
    let part = Part {
        takings: &request.takings,
        entries: &request.entries,
        posted: &request.posted,
        gone: &request.gone,
    };
    let mut sums = Sums::resume(&request.sums);
    let mut found = Found::default();
    add_takings(&ground, &part, &mut sums, &mut found);
    add_entries(&ground, &part, &mut sums, &mut found, &mut response.findings);
    note_unpaid(&part, &mut found);
    (response.members, response.waiting) = (found.members, found.waiting);
    if request.more {
        response.sums = sums.suspend();
        return response;
    }
    let mut planner = Planner::new(&known, Limits::default(), chart.locked_until, request.redo);
    for key in &request.undo {
        planner.withdraw_summary(key);
    }
    for mut document in documents(&ground, sums) {
        let fate = planner.summary(&mut document);
        response.documents.push(view(&document, fate));
    }
    response.findings.extend(touched(&known, &request.links));
    response.plan = Some(plan_response(planner.finish()));
    response
}

/// The first day whose summary is made, and why it is not the one that is asked for: none up to
/// `to` where summaries are switched off, or where nobody can say from when they are on.
fn begin(settings: &Settings, zone: &Zone, (from, to): (Date, Date)) -> (Date, Vec<Finding>) {
    let switch = &settings.sync.summaries;
    let note = |code, message: String| Finding::new(code, "settings", "sync.summaries", message);
    let mut findings = starts(settings);
    if !switch.on {
        findings.push(note(Code::SummarySwitchedOff, "summaries are switched off".into()));
    }
    if !switch.on || !switch.is_clear() {
        return (to.plus_days(1), findings);
    }
    let start = switch.start().and_then(|start| zone.day(start)).filter(|start| *start > from);
    if let Some(start) = start {
        let message = format!("no summaries are made of days before {start}");
        findings.push(note(Code::SummaryBeforeStart, message));
    }
    (start.unwrap_or(from), findings)
}

/// Plans to keep the links of summaries that Xero has although their answer was lost; says whether
/// there are any.
fn look_up(known: &Known, sent: &[Sent], response: &mut SummariseResponse) -> bool {
    let found = sent.iter().filter_map(|sent| found_again(known, &sent.link, sent.total.0));
    response.found = found.collect();
    if response.found.is_empty() {
        return false;
    }
    let mut planner = Planner::new(known, Limits::default(), None, false);
    for link in &response.found {
        planner.adopt_summary(link);
    }
    response.plan = Some(plan_response(planner.finish()));
    true
}

fn plan_response(plan: plan::Plan) -> PlanResponse {
    PlanResponse {
        contract: CONTRACT_VERSION,
        core: CORE_VERSION.into(),
        sha256: plan.sha256(),
        waves: plan.waves,
        rows: plan.rows,
        links: plan.links,
        records: plan.records,
        findings: Vec::new(),
    }
}

/// Decimals of the shop's amounts on documents.
fn digits(shop: &Shop) -> u32 {
    let own = Currency::parse(&shop.currency).map_or(XERO_DIGITS, |own| own.digits());
    own.min(shop.num_decimals).min(XERO_DIGITS)
}

fn standing(ledger: &LedgerInput<&Json<'_>>) -> Vec<Standing> {
    let read = |kind| move |json: &&Json<'_>| Standing::read(kind, json);
    (ledger.invoices.iter().filter_map(read(DocumentKind::Invoice)))
        .chain(ledger.credit_notes.iter().filter_map(read(DocumentKind::CreditNote)))
        .collect()
}

/// What somebody did in Xero to summaries that were sent: it is said, and left as it is.
fn touched(known: &Known, links: &[Link]) -> Vec<Finding> {
    let own = |link: &&Link| link.purpose == Purpose::Summary && link.state == LinkState::Live;
    let look = |link: &Link| {
        let standing = known.standing(&link.xero_id)?;
        let (code, message) = if !standing.is_live() {
            let done = standing.status.to_lowercase();
            (Code::LedgerVoided, format!("{} was {done} in Xero", link.number))
        } else if !link.ledger_sha256.is_empty() && link.ledger_sha256 != standing.sha256 {
            (Code::LedgerEdited, format!("{} was edited in Xero and is left as it is", link.number))
        } else {
            return None;
        };
        Some(Finding::new(code, "summary", &*link.key, message))
    };
    links.iter().filter(own).filter_map(look).collect()
}

/// Documents that stand, and those that a person undid.
fn closed_by(links: &[Link], redo: bool) -> Vec<Closed> {
    let close = |link: &Link| Closed {
        key: link.key.clone(),
        number: link.number.clone(),
        begins: link.begins,
        ends: link.ends,
        undone: link.state != LinkState::Live,
        redone: link.state != LinkState::Live && redo,
    };
    links.iter().filter(|link| link.purpose == Purpose::Summary).map(close).collect()
}

fn summed(line: &SummaryLine) -> SummedLine {
    SummedLine { line: line.line.clone(), adjusts: line.adjusts.clone(), shares: line.shares }
}

fn view(document: &SummaryDocument, fate: Fate) -> SummaryView {
    let invoice = &document.invoice;
    let totals = invoice.totals();
    let amount = |amount| plain(amount, XERO_DIGITS);
    let body = write_document(invoice);
    let lines = invoice.lines.iter().zip(&document.lines).map(|(line, summed)| {
        let own = line.totals(invoice.line_amount_types);
        let tracking = |(category, option): &(String, String)| TrackingView {
            category: category.clone(),
            option: option.clone(),
        };
        DocumentLine {
            description: line.description.clone(),
            quantity: plain(line.quantity, 0),
            unit_amount: amount(line.unit_amount),
            line_amount: amount(own.line_amount),
            account_code: line.account_code.clone(),
            tax_type: line.tax_type.clone(),
            tax_amount: amount(own.tax_amount),
            tax_amount_sent: line.tax_amount.is_some(),
            item_code: None,
            tracking: line.tracking.iter().map(tracking).collect(),
            source: Vec::new(),
            rules: LineRules { account: summed.account_rule.clone(), tax: summed.tax_rule.clone() },
        }
    });
    SummaryView {
        key: document.key.clone(),
        kind: invoice.kind.as_str().into(),
        number: invoice.number.clone(),
        reference: invoice.reference.clone(),
        contact: invoice.contact.name.clone(),
        currency: invoice.currency.as_str().into(),
        date: format!("{}", invoice.date),
        status: invoice.status.into(),
        line_amount_types: invoice.line_amount_types.as_str().into(),
        sub_total: amount(totals.sub_total),
        total_tax: amount(totals.total_tax),
        total: amount(totals.total),
        members: document.members,
        fate,
        lines: lines.collect(),
        summed: document.lines.iter().map(summed).collect(),
        findings: document.findings.clone(),
        sha256: sha256(&body),
        body,
    }
}
