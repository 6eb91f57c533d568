//! Orders with their refunds, each decided on its own: one that cannot be read holds up no other.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    format,
    string::String,
    vec::Vec,
};

use rust_decimal::Decimal;

use crate::{
    finding::{Code, Finding, errors_first},
    json::{Json, decimal},
    mapping::{Context, Decision, KnownContact, Posted, Remaining, map_order},
    register::Register,
    settings::check,
    shop::{order::Order, product::Product, refund::Refund, woo},
    sorted::sorted_by,
    xero::chart::Chart,
};

use super::{MapRequest, SaleInput};

/// What is known of Xero besides its chart.
pub(super) struct Known<'a> {
    /// Days of what stands there.
    pub(super) posted: &'a Posted,
    /// Contacts by customer.
    pub(super) contacts: &'a Register<KnownContact>,
    /// Item codes by product.
    pub(super) items: &'a Register<String>,
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
        let cap = decimal(&request.settings.rounding.cap).filter(|cap| check::is_cap(*cap));
        if cap.is_none() {
            wrong.push(check::wrong_cap(&request.settings));
        }
        Self { request, chart, products, cap: cap.unwrap_or_default(), wrong, findings }
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
        }
    }

    /// Decides the request's orders one after the other.
    pub(super) fn each_sale(&self, known: &Known<'_>, mut take: impl FnMut(&Context<'_>, Sale)) {
        let context = self.context(known);
        let mut seen = BTreeSet::new();
        for (index, sale) in self.request.sales.iter().enumerate() {
            let mut sale = decide(&context, index, sale, &mut seen);
            hold_for(&mut sale, &self.wrong);
            take(&context, sale);
        }
    }
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
    index: usize,
    sale: &SaleInput<&Json<'_>>,
    seen: &mut BTreeSet<u64>,
) -> Sale {
    let (order_id, order, mut findings) = woo::read_order(sale.order);
    let mut decided = Sale {
        index,
        order_id,
        order: None,
        decision: Decision::Hold,
        refunds: Vec::new(),
        findings: Vec::new(),
    };
    if let Some(id) = order_id.filter(|id| !seen.insert(*id)) {
        let message = format!("order {id} stands twice in the request");
        findings.push(Finding::new(Code::InputDuplicate, "order", format!("{id}"), message));
    } else if let Some(mut order) = order {
        order.buyer.role = woo::read_role(sale.customer);
        let (decision, mapped_findings) = map_order(context, &order);
        findings.extend(mapped_findings);
        if order.refund_count > sale.refunds.len() && matches!(decision, Decision::Post(_)) {
            let (named, given) = (order.refund_count, sale.refunds.len());
            let message = format!("the order names {named} refunds, {given} were handed in");
            let finding = Finding::new(Code::OrderRefunded, "order", order.id_text(), message);
            findings.push(finding.at("refunds"));
        }
        decided.refunds = refunds(context, &order, &decision, &sale.refunds);
        decided.decision = decision;
        decided.order = Some(order);
    }
    decided.findings = errors_first(findings);
    decided
}

/// The refunds, in the order in which they were made: what one leaves the next finds.
fn refunds(
    context: &Context<'_>,
    order: &Order,
    sale: &Decision,
    given: &[&Json<'_>],
) -> Vec<SaleRefund> {
    let mut refunds = Vec::new();
    if given.is_empty() {
        return refunds;
    }
    let mut read: Vec<(Refund, Vec<Finding>)> = Vec::new();
    for json in given {
        let (refund_id, refund, findings) = woo::read_refund(json);
        match refund {
            Some(refund) => read.push((refund, findings)),
            None => refunds.push(SaleRefund { refund_id, decision: Decision::Hold, findings }),
        }
    }
    let read = sorted_by(read, |(a, _), (b, _)| (a.created, a.id).cmp(&(b.created, b.id)));
    let mut remaining = Remaining::of(context, order);
    for (refund, mut findings) in read {
        let (mut decision, found) = remaining.map_refund(&refund);
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
        let refund_id = Some(refund.id);
        refunds.push(SaleRefund { refund_id, decision, findings: errors_first(findings) });
    }
    refunds
}
