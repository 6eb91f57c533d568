//! Orders with their refunds, each decided on its own: one that cannot be read holds up no other.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    format,
    string::String,
    vec::Vec,
};

use rust_decimal::Decimal;

use crate::{
    date::When,
    finding::{Code, Finding, errors_first},
    json::{Json, decimal},
    mapping::{Context, Decision, KnownContact, Posted, Remaining, map_order},
    register::Register,
    settings::check,
    shop::{order::Order, product::Product, refund::Refund, woo},
    sorted::sorted_by,
    summary::{Route, route},
    xero::chart::Chart,
};

use super::{
    MapRequest, SaleInput,
    gate::{Gate, made_at, made_of},
};

/// What is known of Xero besides its chart.
pub(super) struct Known<'a> {
    /// Days of what stands there.
    pub(super) posted: &'a Posted,
    /// Contacts by customer.
    pub(super) contacts: &'a Register<KnownContact>,
    /// Item codes by product.
    pub(super) items: &'a Register<String>,
    /// What is kept back; nothing where a document is only shown.
    pub(super) gate: Option<&'a Gate<'a>>,
}

/// One order, decided.
pub(super) struct Sale {
    /// Position in the request.
    pub(super) index: usize,
    /// WooCommerce's id, where it can be read.
    pub(super) order_id: Option<u64>,
    /// The order, where it can be read and does not stand twice.
    pub(super) order: Option<Order>,
    /// What is to become of it.
    pub(super) decision: Decision,
    /// Its refunds, in the order in which they were made.
    pub(super) refunds: Vec<SaleRefund>,
    /// All findings on the order, errors first.
    pub(super) findings: Vec<Finding>,
}

/// One refund, decided.
pub(super) struct SaleRefund {
    /// WooCommerce's id, where it can be read.
    pub(super) refund_id: Option<u64>,
    /// When it was made.
    pub(super) made: When,
    /// What is to become of it.
    pub(super) decision: Decision,
    /// All findings on the refund, errors first.
    pub(super) findings: Vec<Finding>,
}

/// What all orders of a request stand on, read once.
pub(super) struct Ground<'a> {
    request: &'a MapRequest<&'a Json<'a>>,
    chart: &'a Chart,
    products: BTreeMap<u64, Product>,
    cap: Decimal,
    /// What is wrong in the settings: it holds every order, and each says so.
    wrong: Vec<Finding>,
    /// What concerns no single order.
    pub(super) findings: Vec<Finding>,
}

impl<'a> Ground<'a> {
    /// Reads products and settings.
    pub(super) fn read(request: &'a MapRequest<&'a Json<'a>>, chart: &'a Chart) -> Self {
        let (read, findings) = woo::read_products(&request.products);
        let mut products: BTreeMap<u64, Product> = BTreeMap::new();
        for product in read {
            products.insert(product.id, product);
        }
        let mut wrong = check::templates(&request.settings);
        wrong.extend(check::starts(&request.settings));
        let cap = decimal(&request.settings.rounding.cap).filter(|cap| check::is_cap(*cap));
        if cap.is_none() {
            wrong.push(check::wrong_cap(&request.settings));
        }
        Self { request, chart, products, cap: cap.unwrap_or_default(), wrong, findings }
    }

    /// Adds products that no order names.
    pub(super) fn add_products(&mut self, products: Vec<Product>) {
        for product in products {
            self.products.insert(product.id, product);
        }
    }

    /// With what is known of Xero besides its chart.
    pub(super) fn context<'b>(&'b self, known: &Known<'b>) -> Context<'b> {
        Context {
            shop: &self.request.shop,
            settings: &self.request.settings,
            chart: self.chart,
            products: &self.products,
            cap: self.cap,
            posted: known.posted,
            contacts: known.contacts,
            items: known.items,
            summary: false,
        }
    }

    /// Decides the request's orders one after the other.
    pub(super) fn each_sale(&self, known: &Known<'_>, mut take: impl FnMut(&Context<'_>, Sale)) {
        let summarised = self.summarised();
        self.each_read(known, &mut |context, read| {
            let kept = known.gate.and_then(|gate| gate.stops_sale(&read));
            let mut sale = match kept {
                Some(finding) => keep(read, finding),
                None => decide(context, read, &summarised, known.gate),
            };
            hold_for(&mut sale, &self.wrong);
            take(context, sale);
        });
    }

    /// Reads the request's orders one after the other.
    pub(super) fn each_read(
        &self,
        known: &Known<'_>,
        take: &mut dyn FnMut(&Context<'_>, ReadSale),
    ) {
        let context = self.context(known);
        let mut seen = BTreeSet::new();
        for (index, sale) in self.request.sales.iter().enumerate() {
            take(&context, read_sale(index, sale, &mut seen));
        }
    }

    /// Keys of the documents of summaries that orders stand in, by order.
    pub(super) fn summarised(&self) -> Register<&'a str> {
        let mut summarised = Register::default();
        for order in &self.request.summarised {
            summarised.put(format!("{}", order.order_id), order.document.as_str());
        }
        summarised
    }

    /// What is wrong in the settings: it holds every order.
    pub(super) fn wrong(&self) -> &[Finding] {
        &self.wrong
    }
}

/// One order as it was read, with its refunds.
pub(super) struct ReadSale {
    /// Position in the request.
    pub(super) index: usize,
    /// WooCommerce's id, where it can be read.
    pub(super) order_id: Option<u64>,
    /// The order, where it can be read and does not stand twice.
    pub(super) order: Option<Order>,
    /// When it was made, also where the order cannot be read.
    pub(super) made: When,
    /// Its refunds: those that cannot be read, then the others in the order in which they were
    /// made.
    pub(super) refunds: Vec<(Option<u64>, Option<Refund>, Vec<Finding>)>,
    /// Findings on the order.
    pub(super) findings: Vec<Finding>,
}

fn read_sale(index: usize, sale: &SaleInput<&Json<'_>>, seen: &mut BTreeSet<u64>) -> ReadSale {
    let (order_id, mut order, mut findings) = woo::read_order(sale.order);
    if let Some(id) = order_id.filter(|id| !seen.insert(*id)) {
        let message = format!("order {id} stands twice in the request");
        findings.push(Finding::new(Code::InputDuplicate, "order", format!("{id}"), message));
        order = None;
    }
    let made = order.as_ref().map_or_else(|| woo::read_made(sale.order), made_at);
    let mut refunds = Vec::new();
    if let Some(order) = &mut order {
        order.buyer.role = woo::read_role(sale.customer);
        let read = |json: &&Json<'_>| woo::read_refund(json);
        let made = |refund: &(_, Option<Refund>, _)| {
            refund.1.as_ref().map(|refund| (refund.created, refund.id))
        };
        refunds = sorted_by(sale.refunds.iter().map(read).collect(), |a, b| made(a).cmp(&made(b)));
    }
    ReadSale { index, order_id, order, made, refunds, findings }
}

/// An order that is kept back, with its refunds: what was posted of it stays as it is, and what is
/// wrong in it is nobody's business.
fn keep(read: ReadSale, finding: Finding) -> Sale {
    let ReadSale { index, order_id, order, refunds, .. } = read;
    let keep = |(refund_id, _, _)| SaleRefund {
        refund_id,
        made: When::default(),
        decision: Decision::Skip,
        findings: alloc::vec![finding.clone()],
    };
    let refunds = refunds.into_iter().map(keep).collect();
    let (decision, findings) = (Decision::Skip, alloc::vec![finding]);
    Sale { index, order_id, order, decision, refunds, findings }
}

/// Holds what would be posted with settings that are wrong, and says so on what is held anyway.
fn hold_for(sale: &mut Sale, wrong: &[Finding]) {
    if wrong.is_empty() || matches!(sale.decision, Decision::Skip | Decision::Withdraw) {
        return;
    }
    sale.decision = Decision::Hold;
    sale.findings.splice(0..0, wrong.iter().cloned());
    for refund in &mut sale.refunds {
        refund.decision = Decision::Hold;
        refund.findings.splice(0..0, wrong.iter().cloned());
    }
}

fn decide(
    context: &Context<'_>,
    read: ReadSale,
    summarised: &Register<&str>,
    gate: Option<&Gate<'_>>,
) -> Sale {
    let ReadSale { index, order_id, order, refunds: read, mut findings, .. } = read;
    let (mut decision, mut refunds) = (Decision::Hold, Vec::new());
    if let Some(order) = &order {
        let (decided, mapped_findings) =
            in_summary(context, order, summarised).unwrap_or_else(|| map_order(context, order));
        findings.extend(mapped_findings);
        if order.refund_count > read.len() && matches!(decided, Decision::Post(_)) {
            let (named, given) = (order.refund_count, read.len());
            let message = format!("the order names {named} refunds, {given} were handed in");
            let finding = Finding::new(Code::OrderRefunded, "order", order.id_text(), message);
            findings.push(finding.at("refunds"));
        }
        refunds = decide_refunds(context, order, (&decided, gate), read);
        decision = decided;
    }
    Sale { index, order_id, order, decision, refunds, findings: errors_first(findings) }
}

/// An order that goes to a summary has no document of its own, unless it has one already.
fn in_summary(
    context: &Context<'_>,
    order: &Order,
    summarised: &Register<&str>,
) -> Option<(Decision, Vec<Finding>)> {
    if context.is_posted(order.id) {
        return None;
    }
    let message = match summarised.get(&order.id_text()) {
        Some(document) => format!("the order is in the summary {document}"),
        None => match route(context.settings, order, context.products) {
            (Route::Individual, _) => return None,
            (Route::Daily, group) => format!("the order goes to the daily summary of {group}"),
            (Route::Payout, source) => {
                format!("the order goes to the summary of a payout ({source})")
            }
        },
    };
    let finding = Finding::new(Code::OrderInSummary, "order", order.id_text(), message);
    Some((Decision::Skip, alloc::vec![finding]))
}

/// The refunds, in the order in which they were made: what one leaves the next finds.
fn decide_refunds(
    context: &Context<'_>,
    order: &Order,
    (sale, gate): (&Decision, Option<&Gate<'_>>),
    read: Vec<(Option<u64>, Option<Refund>, Vec<Finding>)>,
) -> Vec<SaleRefund> {
    let mut refunds = Vec::new();
    if read.is_empty() {
        return refunds;
    }
    let mut remaining = Remaining::of(context, order);
    for (refund_id, refund, mut findings) in read {
        let Some(refund) = refund else {
            let made = When::default();
            refunds.push(SaleRefund { refund_id, made, decision: Decision::Hold, findings });
            continue;
        };
        let made = made_of(&refund);
        // Also what is kept back is no longer left of the order.
        let (mut decision, found) = remaining.map_refund(&refund);
        if let Some(finding) = gate.and_then(|gate| gate.stops_refund(order.id, &refund)) {
            let (decision, findings) = (Decision::Skip, alloc::vec![finding]);
            refunds.push(SaleRefund { refund_id, made, decision, findings });
            continue;
        }
        findings.extend(found);
        match sale {
            Decision::Post(_) => {}
            Decision::Skip | Decision::Withdraw => decision = Decision::Skip,
            Decision::Hold => {
                let id = format!("{}", refund.id);
                let message = format!("the order {} is held", order.number);
                findings.push(Finding::new(Code::RefundOfHeld, "refund", id, message));
                decision = Decision::Hold;
            }
        }
        let findings = errors_first(findings);
        refunds.push(SaleRefund { refund_id, made, decision, findings });
    }
    refunds
}
