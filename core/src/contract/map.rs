//! `map`: orders → documents, each on its own: one that cannot be read holds up no other.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    format,
    string::String,
    vec::Vec,
};

use rust_decimal::Decimal;

use crate::{
    finding::{Code, Finding, Subject, errors_first},
    json::{Json, decimal},
    mapping::{
        Context, Decision, Mapped, Payment, Piece, PieceKind, Remaining, Solved, map_order,
        source_kind,
    },
    money::{XERO_DIGITS, plain},
    settings::check,
    shop::{order::Order, product::Product, refund::Refund, woo},
    sorted::sorted_by,
    xero::{
        arithmetic::Totals,
        chart::Chart,
        document::{DocumentKind, LineItem},
        wire::{sha256, write_document},
    },
};

use super::{
    CONTRACT_VERSION, CORE_VERSION, Document, DocumentLine, LineRules, MapRequest, MapResponse,
    Outcome, PaymentView, RefundOutcome, Residue, SaleInput, SaleOutcome, TaxComparison,
    TrackingView,
};

pub(super) fn map(request: &MapRequest<&Json<'_>>) -> MapResponse {
    let (chart, mut findings) = Chart::read(&request.chart.raw());
    let (products, product_findings) = woo::read_products(&request.products);
    findings.extend(product_findings);
    // What is wrong in the settings holds every order, and each says so.
    let mut settings_findings = check::templates(&request.settings);
    let mut by_id: BTreeMap<u64, Product> = BTreeMap::new();
    for product in products {
        by_id.insert(product.id, product);
    }
    let cap = decimal(&request.settings.rounding.cap).filter(|cap| check::is_cap(*cap));
    if cap.is_none() {
        settings_findings.push(check::wrong_cap(&request.settings));
    }
    let context = Context {
        shop: &request.shop,
        settings: &request.settings,
        chart: &chart,
        products: &by_id,
        cap: cap.unwrap_or_default(),
    };
    let mut seen = BTreeSet::new();
    let sales = request
        .sales
        .iter()
        .enumerate()
        .map(|(index, sale)| {
            let outcome = outcome(&context, index, sale, &mut seen);
            hold_for(outcome, &settings_findings)
        })
        .collect();
    MapResponse { contract: CONTRACT_VERSION, core: CORE_VERSION.into(), sales, findings }
}

/// Holds what would be posted with settings that are wrong, and says so on what is held anyway.
fn hold_for(mut outcome: SaleOutcome, wrong: &[Finding]) -> SaleOutcome {
    if outcome.outcome != Outcome::Skip && !wrong.is_empty() {
        outcome.outcome = Outcome::Hold;
        outcome.document = None;
        for refund in &mut outcome.refunds {
            refund.outcome = Outcome::Hold;
            refund.document = None;
            refund.findings.splice(0..0, wrong.iter().cloned());
        }
        outcome.findings.splice(0..0, wrong.iter().cloned());
    }
    outcome
}

fn outcome(
    context: &Context<'_>,
    index: usize,
    sale: &SaleInput<&Json<'_>>,
    seen: &mut BTreeSet<u64>,
) -> SaleOutcome {
    let (order_id, order, mut findings) = woo::read_order(sale.order);
    let mut outcome = SaleOutcome {
        index: u32::try_from(index).unwrap_or(u32::MAX),
        order_id,
        number: None,
        status: None,
        charged: None,
        currency: None,
        outcome: Outcome::Hold,
        document: None,
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
        outcome.number = Some(order.number.clone());
        outcome.status = Some(order.status.clone());
        outcome.charged = Some(plain(order.total.amount(), XERO_DIGITS));
        outcome.currency = Some(order.currency.as_str().into());
        (outcome.outcome, outcome.document) = verdict(&decision);
        if order.refund_count > sale.refunds.len() && outcome.outcome == Outcome::Post {
            let (named, given) = (order.refund_count, sale.refunds.len());
            let message = format!("the order names {named} refunds, {given} were handed in");
            let finding = Finding::new(Code::OrderRefunded, "order", order.id_text(), message);
            findings.push(finding.at("refunds"));
        }
        outcome.refunds = refunds(context, &order, outcome.outcome, &sale.refunds);
    }
    outcome.findings = errors_first(findings);
    outcome
}

fn verdict(decision: &Decision) -> (Outcome, Option<Document>) {
    match decision {
        Decision::Post(mapped) => (Outcome::Post, Some(document(mapped))),
        Decision::Skip => (Outcome::Skip, None),
        Decision::Hold => (Outcome::Hold, None),
    }
}

/// The refunds' outcomes, in the order in which they were made: what one leaves the next finds.
fn refunds(
    context: &Context<'_>,
    order: &Order,
    sale: Outcome,
    given: &[&Json<'_>],
) -> Vec<RefundOutcome> {
    let mut outcomes = Vec::new();
    if given.is_empty() {
        return outcomes;
    }
    let mut read: Vec<(Refund, Vec<Finding>)> = Vec::new();
    for json in given {
        let (refund_id, refund, findings) = woo::read_refund(json);
        match refund {
            Some(refund) => read.push((refund, findings)),
            None => outcomes.push(RefundOutcome {
                refund_id,
                outcome: Outcome::Hold,
                document: None,
                findings,
            }),
        }
    }
    let read = sorted_by(read, |(a, _), (b, _)| (a.created, a.id).cmp(&(b.created, b.id)));
    let mut remaining = Remaining::of(context, order);
    for (refund, mut findings) in read {
        let (mut decision, found) = remaining.map_refund(&refund);
        findings.extend(found);
        if sale != Outcome::Post {
            decision = Decision::Skip;
            if sale == Outcome::Hold {
                let id = format!("{}", refund.id);
                let message = format!("the order {} is held", order.number);
                findings.push(Finding::new(Code::RefundOfHeld, "refund", id, message));
                decision = Decision::Hold;
            }
        }
        let (outcome, document) = verdict(&decision);
        outcomes.push(RefundOutcome {
            refund_id: Some(refund.id),
            outcome,
            document,
            findings: errors_first(findings),
        });
    }
    outcomes
}

fn amount(amount: Decimal) -> String {
    plain(amount, XERO_DIGITS)
}

fn document(mapped: &Mapped) -> Document {
    let invoice = &mapped.invoice;
    let is_invoice = invoice.kind == DocumentKind::Invoice;
    let body = write_document(invoice);
    let Totals { sub_total, total_tax, total } = invoice.totals();
    Document {
        kind: invoice.kind.as_str().into(),
        number: invoice.number.clone(),
        reference: invoice.reference.clone(),
        contact: invoice.contact.name.clone(),
        currency: invoice.currency.as_str().into(),
        date: format!("{}", invoice.date),
        due_date: is_invoice.then(|| format!("{}", invoice.due_date)),
        status: invoice.status.into(),
        line_amount_types: invoice.line_amount_types.as_str().into(),
        sub_total: amount(sub_total),
        total_tax: amount(total_tax),
        total: amount(total),
        awaits_payment: mapped.awaits_payment,
        payment: mapped.payment.as_ref().map(payment),
        exactness: mapped.solution.exactness,
        residue: residue(mapped),
        lines: lines(mapped),
        tax: tax(mapped),
        sha256: sha256(&body),
        body,
    }
}

fn payment(payment: &Payment) -> PaymentView {
    PaymentView {
        account_code: payment.account.code.clone(),
        date: format!("{}", payment.date),
        amount: amount(payment.amount),
        reference: payment.reference.clone(),
        rule: payment.account.rule.clone(),
    }
}

fn residue(mapped: &Mapped) -> Residue {
    let stated: Vec<&Solved> = mapped.solution.lines.iter().filter(|line| line.tax_sent).collect();
    Residue {
        tax_amount_lines: u32::try_from(stated.len()).unwrap_or(u32::MAX),
        tax_amount: amount(stated.iter().map(|line| line.tax_amount - line.reckoned_tax).sum()),
        rounding_line: amount(mapped.solution.rounding),
        bound: amount(mapped.solution.bound),
    }
}

fn lines(mapped: &Mapped) -> Vec<DocumentLine> {
    let mut pieces = mapped.pieces.iter();
    mapped.invoice.lines.iter().map(|line| document_line(mapped, line, pieces.next())).collect()
}

fn document_line(mapped: &Mapped, line: &LineItem, piece: Option<&Piece>) -> DocumentLine {
    let totals = line.totals(mapped.invoice.line_amount_types);
    let rules = piece.map_or_else(
        || LineRules { account: "rounding.account".into(), tax: "tax.no_tax".into() },
        |piece| LineRules {
            account: piece.account.rule.clone(),
            tax: piece.tax_choice.rule.clone(),
        },
    );
    DocumentLine {
        description: line.description.clone(),
        quantity: plain(line.quantity, 0),
        unit_amount: amount(line.unit_amount),
        line_amount: amount(totals.line_amount),
        account_code: line.account_code.clone(),
        tax_type: line.tax_type.clone(),
        tax_amount: amount(totals.tax_amount),
        tax_amount_sent: line.tax_amount.is_some(),
        item_code: line.item_code.clone(),
        tracking: line
            .tracking
            .iter()
            .map(|(category, option)| TrackingView {
                category: category.clone(),
                option: option.clone(),
            })
            .collect(),
        source: piece.map(sources).unwrap_or_default(),
        rules,
    }
}

fn sources(piece: &Piece) -> Vec<Subject> {
    let subject =
        |(kind, id): &(_, u64)| Subject { kind: source_kind(*kind).into(), id: format!("{id}") };
    piece.source.iter().map(subject).collect()
}

fn tax(mapped: &Mapped) -> Vec<TaxComparison> {
    let mut found: Vec<(TaxComparison, Decimal, Decimal)> = Vec::new();
    for (piece, line) in mapped.pieces.iter().zip(&mapped.invoice.lines) {
        let totals = line.totals(mapped.invoice.line_amount_types);
        let tax_line = piece.kind == PieceKind::TaxLine;
        let (name, shop, xero) = if tax_line {
            (&piece.account.code, piece.net, totals.line_amount)
        } else {
            (&piece.tax_choice.tax_type, piece.tax, totals.tax_amount)
        };
        let same = |known: &&mut (TaxComparison, Decimal, Decimal)| {
            known.0.rates == piece.tax_choice.set && known.0.tax_type == *name
        };
        match found.iter_mut().find(same) {
            Some(known) => {
                known.0.lines += 1;
                known.1 += shop;
                known.2 += xero;
            }
            None => found.push((
                TaxComparison {
                    rates: piece.tax_choice.set.clone(),
                    tax_type: name.clone(),
                    lines: 1,
                    shop: String::new(),
                    xero: String::new(),
                },
                shop,
                xero,
            )),
        }
    }
    let finish = |(comparison, shop, xero)| TaxComparison {
        shop: amount(shop),
        xero: amount(xero),
        ..comparison
    };
    found.into_iter().map(finish).collect()
}
