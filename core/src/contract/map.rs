//! `map`: orders → documents, with what made each of their lines.

use alloc::{format, string::String, vec::Vec};

use rust_decimal::Decimal;

use crate::{
    finding::Subject,
    json::Json,
    mapping::{
        Decision, Fee, KnownContact, Mapped, Payment, Piece, PieceKind, Posted, Solved, source_kind,
    },
    money::{XERO_DIGITS, plain},
    plan::{RecordKind, RecordLink},
    register::Register,
    xero::{
        arithmetic::Totals,
        chart::Chart,
        document::{DocumentKind, LineItem},
        wire::{sha256, write_document},
    },
};

use super::{
    CONTRACT_VERSION, CORE_VERSION, Document, DocumentLine, FeeView, LineRules, MapRequest,
    MapResponse, Outcome, PaymentView, RefundOutcome, Residue, SaleOutcome, TaxComparison,
    TrackingView,
    sales::{Ground, Known, Sale, SaleRefund},
};

pub(super) fn map(request: &MapRequest<&Json<'_>>) -> MapResponse {
    let mut sales = Vec::with_capacity(request.sales.len());
    let (contacts, items) = linked(&request.records);
    let known =
        Known { posted: &Posted::default(), contacts: &contacts, items: &items, gate: None };
    let (chart, mut findings) = Chart::read(&request.chart.raw());
    let mut ground = Ground::read(request, &chart);
    findings.append(&mut ground.findings);
    ground.each_sale(&known, |_, sale| sales.push(outcome(sale)));
    MapResponse { contract: CONTRACT_VERSION, core: CORE_VERSION.into(), sales, findings }
}

fn linked(records: &[RecordLink]) -> (Register<KnownContact>, Register<String>) {
    let (mut contacts, mut items) = (Register::default(), Register::default());
    for link in records {
        match link.kind {
            RecordKind::Contact => {
                let there = KnownContact::There(link.xero_id.clone(), link.name.clone());
                contacts.put(link.key.clone(), there);
            }
            RecordKind::Item => items.put(link.key.clone(), link.name.clone()),
        }
    }
    (contacts, items)
}

fn outcome(sale: Sale) -> SaleOutcome {
    let mut outcome = SaleOutcome {
        index: u32::try_from(sale.index).unwrap_or(u32::MAX),
        order_id: sale.order_id,
        number: None,
        status: None,
        charged: None,
        currency: None,
        outcome: verdict(&sale.decision),
        document: view(&sale.decision),
        refunds: sale.refunds.into_iter().map(refund_outcome).collect(),
        findings: sale.findings,
    };
    if let Some(order) = sale.order {
        outcome.charged = Some(plain(order.total.amount(), XERO_DIGITS));
        outcome.currency = Some(order.currency.as_str().into());
        outcome.number = Some(order.number);
        outcome.status = Some(order.status);
    }
    outcome
}

fn refund_outcome(refund: SaleRefund) -> RefundOutcome {
    RefundOutcome {
        refund_id: refund.refund_id,
        outcome: verdict(&refund.decision),
        document: view(&refund.decision),
        findings: refund.findings,
    }
}

fn verdict(decision: &Decision) -> Outcome {
    match decision {
        Decision::Post(_) => Outcome::Post,
        Decision::Skip | Decision::Withdraw => Outcome::Skip,
        Decision::Hold => Outcome::Hold,
    }
}

fn view(decision: &Decision) -> Option<Document> {
    if let Decision::Post(mapped) = decision { Some(document(mapped)) } else { None }
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
        deposit: mapped.deposit.as_ref().map(payment),
        awaits_payment: mapped.awaits_payment,
        payment: mapped.payment.as_ref().map(payment),
        fee: mapped.fee.as_ref().map(fee),
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

fn fee(fee: &Fee) -> FeeView {
    FeeView {
        bank_account_code: fee.bank_account.clone(),
        account_code: fee.account.clone(),
        tax_type: fee.tax_type.clone(),
        date: format!("{}", fee.date),
        amount: amount(fee.amount),
        currency: fee.currency.clone(),
        contact: fee.contact.clone(),
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
