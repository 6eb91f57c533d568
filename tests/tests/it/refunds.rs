//! Every recorded refund as a credit note in the practice Xero, with the payments that settle
//! invoices and credit notes: read back, an order's invoice less its credit notes is what the shop
//! kept, and nothing is left open that was paid.

use std::collections::BTreeMap;

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Value, json};
use tillbook_practice::{
    shop::corpus::{self, Case},
    xero::Unknowns,
};
use uuid::Uuid;

use crate::{
    ledger::Ledger,
    regimes::{call, decimal, prepare},
};

#[tokio::test]
async fn every_real_refund_is_to_the_cent() {
    for (name, unknowns) in [("as documented", Unknowns::default()), ("strict", Unknowns::strict())]
    {
        for paid in [true, false] {
            let ledger = Ledger::start(unknowns.clone()).await;
            let mut seen = BTreeMap::new();
            for batch in corpus::batches() {
                regime(&ledger, batch, paid, &mut seen).await;
            }
            println!("Xero {name}: {seen:?}");
            assert_eq!(seen["credit notes"] + seen["refunds of 0.00"], 49);
            let settled = if paid { "paid back" } else { "allocated" };
            assert_eq!(seen[settled], seen["credit notes"], "{seen:?}");
            ledger.check_against_openapi();
            ledger.xero.shutdown().await;
        }
    }
}

/// One batch, as it was or as if nobody had paid yet.
async fn regime(ledger: &Ledger, batch: &str, paid: bool, seen: &mut BTreeMap<&'static str, u32>) {
    let tenant = ledger.tenant_of(batch);
    let (shop, chart, mut settings) = prepare(ledger, batch).await;
    settings["payments"]["other"] = settings["payments"]["accounts"]["bacs"].clone();
    let cases = corpus::orders(batch);
    let sale = |case: &&Case| {
        let mut order = case.order_dp6.clone();
        if !paid {
            order["date_paid"] = Value::Null;
        }
        json!({"order": order, "refunds": case.refunds_dp6})
    };
    let sales: Vec<Value> = cases.iter().map(sale).collect();
    let request = json!({
        "contract": 1, "shop": shop, "settings": settings, "chart": chart, "sales": sales,
        "products": corpus::products(),
    });
    let mapped = call("map", &request);
    for (case, sale) in cases.into_iter().zip(mapped["sales"].as_array().unwrap()) {
        if sale["outcome"] == "post" {
            settle(ledger, tenant, case, sale, seen).await;
        } else {
            assert!(case.refunds.is_empty(), "{batch} {}: {sale}", case.id);
        }
    }
}

/// Sends one order's documents and reads them back.
async fn settle(
    ledger: &Ledger,
    tenant: Uuid,
    case: &Case,
    sale: &Value,
    seen: &mut BTreeMap<&'static str, u32>,
) {
    let name = format!("{} ({})", case.id, case.what);
    let body = |document: &Value| document["body"].as_str().unwrap().to_owned();
    let document = &sale["document"];
    let invoice = ledger.put_invoices(tenant, &[body(document)]).await.remove(0);
    assert_eq!(invoice["StatusAttributeString"], "OK", "{name}: {invoice}");
    let id = invoice["InvoiceID"].as_str().unwrap();
    let paid = pay(ledger, tenant, document, "Invoice", id).await;
    assert_eq!(paid, document["awaits_payment"] == true, "{name}: {document}");
    let digits = if case.order["currency"] == "JPY" { 0 } else { 2 };
    let cents = |amount: &Value| {
        let strategy = RoundingStrategy::MidpointAwayFromZero;
        decimal(amount).round_dp_with_strategy(digits, strategy)
    };
    let (mut given_back, mut credited) = (Decimal::ZERO, Decimal::ZERO);
    for refund in sale["refunds"].as_array().into_iter().flatten() {
        let made = case.refunds_dp6.iter().find(|made| made["id"] == refund["refund_id"]).unwrap();
        let amount = cents(&made["amount"]);
        if amount.is_zero() {
            assert_eq!(refund["outcome"], "skip", "{name}: {refund}");
            *seen.entry("refunds of 0.00").or_default() += 1;
            continue;
        }
        assert_eq!(refund["outcome"], "post", "{name}: {refund}");
        let document = &refund["document"];
        let note =
            ledger.put(tenant, "CreditNotes", "CreditNotes", &[body(document)]).await.remove(0);
        assert_eq!(note["Status"], "AUTHORISED", "{name}: {note}");
        assert_eq!(decimal(&note["Total"]), amount, "{name}: {note}");
        assert_eq!(decimal(&note["TotalTax"]), decimal(&document["total_tax"]), "{name}: {note}");
        let note_id = note["CreditNoteID"].as_str().unwrap();
        *seen.entry("credit notes").or_default() += 1;
        if pay(ledger, tenant, document, "CreditNote", note_id).await {
            *seen.entry("paid back").or_default() += 1;
        } else {
            let day = document["date"].as_str().unwrap();
            let allocation =
                format!(r#"{{"Invoice":{{"InvoiceID":"{id}"}},"Amount":{amount},"Date":"{day}"}}"#);
            let path = format!("CreditNotes/{note_id}/Allocations");
            ledger.put(tenant, &path, "Allocations", &[allocation]).await;
            *seen.entry("allocated").or_default() += 1;
        }
        let note = ledger.get(tenant, &format!("CreditNotes/{note_id}")).await;
        let note = &note["CreditNotes"][0];
        assert_eq!(decimal(&note["RemainingCredit"]), Decimal::ZERO, "{name}: {note}");
        given_back += amount;
        credited += decimal(&note["Total"]);
    }
    let invoice = ledger.get(tenant, &format!("Invoices/{id}")).await;
    let invoice = &invoice["Invoices"][0];
    let total = cents(&case.order["total"]);
    assert_eq!(decimal(&invoice["Total"]) - credited, total - given_back, "L3, {name}");
    let due = decimal(&invoice["AmountDue"]);
    let wanted = if paid { Decimal::ZERO } else { total - given_back };
    assert_eq!(due, wanted, "{name}: {invoice}");
}

/// Sends the payment of a document, if it names one; whether it did.
async fn pay(ledger: &Ledger, tenant: Uuid, document: &Value, kind: &str, id: &str) -> bool {
    let Some(payment) = document.get("payment") else { return false };
    let number: serde_json::Number =
        serde_json::from_str(payment["amount"].as_str().unwrap()).unwrap();
    let body = json!({
        kind: {format!("{kind}ID"): id},
        "Account": {"Code": payment["account_code"]},
        "Date": payment["date"],
        "Amount": number,
        "Reference": payment["reference"],
    });
    let answer = ledger.put(tenant, "Payments", "Payments", &[body.to_string()]).await.remove(0);
    assert_eq!(answer["Status"], "AUTHORISED", "{answer}");
    true
}
