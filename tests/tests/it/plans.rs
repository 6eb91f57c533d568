//! Every recorded order with its refunds through plan, apply and undo; what the ledger then says is
//! read back over HTTP and reckoned without the core.

use std::collections::BTreeMap;

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::Value;
use tillbook::{
    bookkeeper::{PlanError, Scope},
    store::StoredPlan,
};
use tillbook_core::plan::{Action, Fate, Reversal};
use tillbook_practice::{
    fault::{Fault, FaultRule},
    shop::corpus::{self, Case},
    xero::Unknowns,
};

use crate::{desk::Desk, ledger::Ledger, regimes::decimal};

/// Statuses whose orders have been paid when they have a day of payment (ACCOUNTING section 1).
const PAID: [&str; 3] = ["processing", "completed", "refunded"];

#[tokio::test]
async fn every_real_order_and_refund_is_planned_applied_and_undone() {
    for (name, unknowns) in [("as documented", Unknowns::default()), ("strict", Unknowns::strict())]
    {
        let ledger = Ledger::start(unknowns).await;
        let mut sum: BTreeMap<String, usize> = BTreeMap::new();
        for batch in corpus::batches() {
            regime(&ledger, batch, &mut sum).await;
        }
        println!("Xero {name}: {sum:?}");
        assert_eq!(sum["orders"], 170);
        assert_eq!(sum["credit notes"] + sum["refunds of 0.00"], 49);
        println!("{} calls against OpenAPI", ledger.check_against_openapi());
        ledger.xero.shutdown().await;
    }
}

async fn regime(ledger: &Ledger, batch: &str, sum: &mut BTreeMap<String, usize>) {
    let desk = Desk::open(ledger, batch).await;
    let cases = corpus::orders(batch);
    for case in &cases {
        desk.put(&case.order_dp6, &case.refunds_dp6);
    }
    let (plan, applied) = desk.sync(&Scope::default()).await;
    assert_eq!((applied.refused, applied.passed), (0, 0), "{batch}: {:?}", applied.findings);
    let counts = plan.counts();
    assert_eq!(
        counts.hold,
        0,
        "{batch}: {:?}",
        plan.rows().filter(|row| row.fate == Fate::Hold).collect::<Vec<_>>()
    );
    let documents = Documents::read(ledger, &desk).await;
    for case in &cases {
        documents.check(case, &format!("{batch}-"), sum);
    }
    fees(ledger, &desk, &cases, sum).await;
    let again = desk.plan(&Scope::default()).await;
    assert!(again.is_empty(), "L7, {batch}: {:?}", again.steps().collect::<Vec<_>>());
    undo(ledger, &desk, &plan).await;
}

/// What the gateways kept, read from the orders' meta without the core, is in Xero to the cent;
/// but for fees in another currency than the account's, which wait.
async fn fees(ledger: &Ledger, desk: &Desk, cases: &[&Case], sum: &mut BTreeMap<String, usize>) {
    let answer = ledger.get(desk.tenant, "BankTransactions?page=1&pageSize=1000").await;
    let spent: Vec<&Value> = answer["BankTransactions"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["Status"] == "AUTHORISED")
        .collect();
    let organisation = ledger.get(desk.tenant, "Organisation").await;
    let base = organisation["Organisations"][0]["BaseCurrency"].as_str().unwrap().to_owned();
    for case in cases {
        let status = case.order["status"].as_str().unwrap();
        let Some((fee, currency)) = kept(&case.order) else { continue };
        let description =
            format!("Gateway fee of {}-{}", case.batch, case.order["number"].as_str().unwrap());
        let own = spent.iter().find(|one| one["LineItems"][0]["Description"] == *description);
        let is_paid = PAID.contains(&status)
            && case.order["date_paid"].is_string()
            && !decimal(&case.order["total"]).is_zero();
        if !is_paid || currency != base {
            assert!(own.is_none(), "{description}: {own:?}");
            *sum.entry("fees that wait".into()).or_default() += 1;
            continue;
        }
        let own = own.unwrap_or_else(|| panic!("{description} is missing"));
        let digits = if currency == "JPY" { 0 } else { 2 };
        let fee = fee.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero);
        assert_eq!((&own["Type"], decimal(&own["Total"])), (&"SPEND".into(), fee), "{own}");
        *sum.entry("fees".into()).or_default() += 1;
    }
}

/// The fee in an order's meta, of the gateway that it was paid by.
fn kept(order: &Value) -> Option<(Decimal, String)> {
    let meta = |key: &str| {
        let list = order["meta_data"].as_array().unwrap();
        list.iter().find(|one| one["key"] == key).map(|one| one["value"].clone())
    };
    let (fee, currency) = match order["payment_method"].as_str().unwrap() {
        "stripe" => (meta("_stripe_fee")?, meta("_stripe_currency")?),
        "woocommerce_payments" => {
            (meta("_wcpay_transaction_fee")?, meta("_wcpay_intent_currency")?)
        }
        "ppcp-gateway" => {
            let fee = meta("_ppcp_paypal_fees")?["paypal_fee"].clone();
            (fee["value"].clone(), fee["currency_code"].clone())
        }
        _ => return None,
    };
    Some((decimal(&fee), currency.as_str().unwrap().to_uppercase()))
}

/// Takes everything back: no balance remains, and each step could be reversed as it said.
async fn undo(ledger: &Ledger, desk: &Desk, plan: &StoredPlan) {
    let (undo, applied) = desk.sync(&Scope { undo: true, ..Scope::default() }).await;
    assert_eq!((applied.refused, applied.passed), (0, 0), "{:?}", applied.findings);
    for step in plan.steps() {
        let actions: Vec<Action> = undo
            .steps()
            .filter(|undone| undone.order_id == step.order_id && undone.number == step.number)
            .map(|undone| undone.action)
            .collect();
        let has = |action| actions.contains(&action);
        let true_label = match step.reversal {
            Reversal::Delete => {
                has(Action::Unpay) || has(Action::Unallocate) || has(Action::Unspend)
            }
            Reversal::Void => actions == [Action::Void],
            Reversal::Unlink => has(Action::Void) && actions.len() > 1,
            Reversal::Again | Reversal::Update | Reversal::Archive | Reversal::Never => false,
        };
        assert!(true_label, "{step:?} was undone by {actions:?}");
    }
    let documents = Documents::read(ledger, desk).await;
    for document in documents.invoices.values().chain(documents.credit_notes.values()) {
        assert_eq!(document["Status"], "VOIDED", "{document}");
    }
    let payments = ledger.get(desk.tenant, "Payments").await;
    for payment in payments["Payments"].as_array().unwrap() {
        assert_eq!(payment["Status"], "DELETED", "{payment}");
    }
    let spent = ledger.get(desk.tenant, "BankTransactions").await;
    for transaction in spent["BankTransactions"].as_array().unwrap() {
        assert_eq!(transaction["Status"], "DELETED", "{transaction}");
    }
    let again = desk.plan(&Scope::default()).await;
    assert!(again.is_empty(), "what a person undid is not made again: {:?}", again.counts());
}

/// What the organisation has, by number.
struct Documents {
    invoices: BTreeMap<String, Value>,
    credit_notes: BTreeMap<String, Value>,
}

impl Documents {
    async fn read(ledger: &Ledger, desk: &Desk) -> Self {
        let read = async |collection: &str, number: &str| {
            let path = format!("{collection}?page=1&pageSize=1000");
            let mut answer = ledger.get(desk.tenant, &path).await;
            let list = answer[collection].take();
            let prefix = &desk.organisation.settings.invoice.prefix;
            let own = list.as_array().unwrap().iter().filter(|one| {
                one[number].as_str().is_some_and(|number| number.starts_with(prefix.as_str()))
            });
            own.map(|one| (one[number].as_str().unwrap().to_owned(), one.clone())).collect()
        };
        Self {
            invoices: read("Invoices", "InvoiceNumber").await,
            credit_notes: read("CreditNotes", "CreditNoteNumber").await,
        }
    }

    /// One order: L3, what was paid and given back, and the tax.
    fn check(&self, case: &Case, prefix: &str, sum: &mut BTreeMap<String, usize>) {
        let name = format!("{prefix}{} ({})", case.id, case.what);
        let mut count = |what: &str| *sum.entry(what.into()).or_default() += 1;
        count("orders");
        let number = format!("{prefix}{}", case.order["number"].as_str().unwrap());
        let status = case.order["status"].as_str().unwrap();
        let Some(invoice) = self.invoices.get(&number) else {
            assert!(["cancelled", "failed", "checkout-draft", "trash"].contains(&status), "{name}");
            count("without invoice");
            return;
        };
        let digits =
            if case.order["currency"] == "JPY" { 0 } else { case.store.num_decimals.min(2) };
        let cents = |amount: &Value| {
            let strategy = RoundingStrategy::MidpointAwayFromZero;
            decimal(amount).round_dp_with_strategy(digits, strategy)
        };
        let total = cents(&case.order["total"]);
        assert_eq!(decimal(&invoice["Total"]), total, "{name}");
        let (mut credited, mut refunded) = (Decimal::ZERO, Decimal::ZERO);
        let is_paid = PAID.contains(&status) && case.order["date_paid"].is_string();
        for refund in &case.refunds_dp6 {
            let amount = cents(&refund["amount"]);
            refunded += amount;
            let Some(note) = self.credit_notes.get(&format!("{number}-R{}", refund["id"])) else {
                assert!(amount.is_zero(), "{name}: {refund}");
                count("refunds of 0.00");
                continue;
            };
            count("credit notes");
            credited += decimal(&note["Total"]);
            assert_eq!(decimal(&note["RemainingCredit"]), Decimal::ZERO, "{name}: {note}");
            assert_eq!(note["Status"], "PAID", "{name}: {note}");
            let paid_out = note["Payments"].as_array().unwrap().len();
            let allocated = note["Allocations"].as_array().unwrap().len();
            assert_eq!(
                (paid_out, allocated),
                if is_paid { (1, 0) } else { (0, 1) },
                "{name}: {note}"
            );
        }
        assert_eq!(total - credited, total - refunded, "L3, {name}");
        let due = if is_paid { Decimal::ZERO } else { total - refunded };
        assert_eq!(decimal(&invoice["AmountDue"]), due, "{name}: {invoice}");
        let paid = if is_paid { total } else { Decimal::ZERO };
        assert_eq!(decimal(&invoice["AmountPaid"]), paid, "{name}: {invoice}");
        count(if is_paid { "paid" } else { "open" });
    }
}

#[tokio::test]
async fn batches_and_restarts_end_in_the_same_ledger() {
    for documents_per_call in [1, 7, 50] {
        let ledger = Ledger::start(Unknowns::default()).await;
        let mut desk = Desk::open(&ledger, "GB-incl").await;
        desk.organisation.documents_per_call = documents_per_call;
        let cases = corpus::orders("GB-incl");
        // The later half comes first, then all.
        for case in cases.iter().skip(cases.len() / 2) {
            desk.put(&case.order_dp6, &case.refunds_dp6);
        }
        desk.sync_with_restarts(&Scope::default()).await;
        for case in &cases {
            desk.put(&case.order_dp6, &case.refunds_dp6);
        }
        let (plan, starts) = desk.sync_with_restarts(&Scope::default()).await;
        println!("{documents_per_call} a call: {} calls, {starts} starts", plan.counts().calls);
        assert!(starts > plan.counts().calls);
        let documents = Documents::read(&ledger, &desk).await;
        let mut sum = BTreeMap::new();
        for case in &cases {
            documents.check(case, "GB-incl-", &mut sum);
        }
        let again = desk.plan(&Scope::default()).await;
        assert!(again.is_empty(), "L7: {:?}", again.counts());
        ledger.xero.shutdown().await;
    }
}

/// Each call in turn is carried out and answered with an error: the next plan finds what was done,
/// and the ledger ends the same, nothing twice.
#[tokio::test]
async fn a_lost_answer_is_found_and_nothing_is_done_twice() {
    let cases = corpus::orders("GB-incl");
    for (method, nth) in
        [("PUT", 1), ("PUT", 2), ("PUT", 3), ("PUT", 4), ("POST", 1), ("POST", 6), ("POST", 13)]
    {
        let ledger = Ledger::start(Unknowns::default()).await;
        let desk = Desk::open(&ledger, "GB-incl").await;
        for case in &cases {
            desk.put(&case.order_dp6, &case.refunds_dp6);
        }
        if method == "POST" {
            // Paid invoices that change: payments are deleted, and made again.
            desk.sync(&Scope::default()).await;
            for case in &cases {
                let mut order = case.order_dp6.clone();
                order["billing"]["company"] = "Other".into();
                order["date_created"] = "2026-11-21T10:00:00".into();
                desk.put(&order, &case.refunds_dp6);
            }
        }
        let fault = Fault::ServerError { committed: true };
        ledger.xero.fault(FaultRule::next(fault).method(method).path("/api.xro/2.0").nth(nth));
        let plan = desk.plan(&Scope::default()).await;
        desk.bookkeeper.store.save_plan(&desk.organisation.id, &plan).await.unwrap();
        let lost = desk.apply(&plan).await;
        assert!(matches!(lost, Err(PlanError::Lost)), "{method} {nth}: {lost:?}");
        for _ in 0..2 {
            let (_, applied) = desk.sync(&Scope::default()).await;
            assert_eq!((applied.refused, applied.passed), (0, 0), "{method} {nth}: {applied:#?}");
        }
        let again = desk.plan(&Scope::default()).await;
        assert!(again.is_empty(), "{method} {nth}: {:#?}", again.steps().collect::<Vec<_>>());
        let (documents, mut sum) = (Documents::read(&ledger, &desk).await, BTreeMap::new());
        for case in &cases {
            documents.check(case, "GB-incl-", &mut sum);
        }
        assert_eq!(
            documents.invoices.len() + sum.get("without invoice").copied().unwrap_or_default(),
            cases.len()
        );
        fees(&ledger, &desk, &cases, &mut sum).await;
        println!("{method} {nth}: {sum:?}");
        ledger.xero.shutdown().await;
    }
}
