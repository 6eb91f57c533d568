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
    mapping::{Context, Decision, Mapped, Piece, PieceKind, Solved, map_order, source_kind},
    money::{XERO_DIGITS, plain},
    settings::check,
    shop::{product::Product, woo},
    xero::{
        arithmetic::Totals,
        chart::Chart,
        document::LineItem,
        wire::{sha256, write_invoice},
    },
};

use super::{
    CONTRACT_VERSION, CORE_VERSION, Document, DocumentLine, LineRules, MapRequest, MapResponse,
    Outcome, Residue, SaleInput, SaleOutcome, TaxComparison, TrackingView,
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
        match decision {
            Decision::Post(mapped) => {
                outcome.outcome = Outcome::Post;
                outcome.document = Some(document(&mapped));
            }
            Decision::Skip => outcome.outcome = Outcome::Skip,
            Decision::Hold => {}
        }
    }
    outcome.findings = errors_first(findings);
    outcome
}

fn amount(amount: Decimal) -> String {
    plain(amount, XERO_DIGITS)
}

fn document(mapped: &Mapped) -> Document {
    let invoice = &mapped.invoice;
    let body = write_invoice(invoice);
    let Totals { sub_total, total_tax, total } = invoice.totals();
    Document {
        kind: "invoice".into(),
        number: invoice.number.clone(),
        reference: invoice.reference.clone(),
        contact: invoice.contact.name.clone(),
        currency: invoice.currency.as_str().into(),
        date: format!("{}", invoice.date),
        due_date: format!("{}", invoice.due_date),
        status: invoice.status.into(),
        line_amount_types: invoice.line_amount_types.as_str().into(),
        sub_total: amount(sub_total),
        total_tax: amount(total_tax),
        total: amount(total),
        awaits_payment: mapped.awaits_payment,
        exactness: mapped.solution.exactness,
        residue: residue(mapped),
        lines: lines(mapped),
        tax: tax(mapped),
        sha256: sha256(&body),
        body,
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
