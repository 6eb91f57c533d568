//! Every recorded order with its refunds through plan, apply and undo; what the ledger then says is
//! read back over HTTP and reckoned without the core.

use std::{collections::BTreeMap, time::Duration};

use tillbook::{
    bookkeeper::{PlanError, Scope},
    store::StoredPlan,
};
use tillbook_core::plan::{Action, Fate, Reversal};
use tillbook_practice::{
    fault::{Fault, FaultRule},
    shop::corpus,
    xero::{TaxAmountBound, Unknowns},
};

use crate::{
    books::{Documents, fees},
    desk::Desk,
    dice::Dice,
    ledger::Ledger,
};

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
    let (desk, plan) = carry_out(ledger, batch, sum).await;
    undo(ledger, &desk, &plan).await;
}

/// Plans and applies a regime's orders, holds the ledger against the shop, and plans again.
async fn carry_out(
    ledger: &Ledger,
    batch: &str,
    sum: &mut BTreeMap<String, usize>,
) -> (Desk, StoredPlan) {
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
    (desk, plan)
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

/// L7 whatever the way there: orders that arrive in any order and in three lots, batches of 1, 7
/// and 50, a new process after every call.
#[tokio::test]
async fn arrival_batches_and_restarts_end_in_the_same_ledger() {
    let (seed, mut dice) = Dice::throw();
    let mut sums = Vec::new();
    for documents_per_call in [1, 7, 50] {
        let ledger = Ledger::start(Unknowns::default()).await;
        let mut sum = BTreeMap::new();
        let (mut calls, mut starts) = (0, 0);
        for batch in corpus::batches() {
            let mut desk = Desk::open(&ledger, batch).await;
            desk.organisation.documents_per_call = documents_per_call;
            let cases = corpus::orders(batch);
            let mut arriving = cases.clone();
            dice.shuffle(&mut arriving);
            for lot in arriving.chunks(arriving.len().div_ceil(3)) {
                for case in lot {
                    desk.put(&case.order_dp6, &case.refunds_dp6);
                }
                let (plan, started) = desk.sync_with_restarts(&Scope::default()).await;
                assert!(started > plan.counts().calls, "{batch}");
                calls += plan.counts().calls;
                starts += started;
            }
            let documents = Documents::read(&ledger, &desk).await;
            for case in &cases {
                documents.check(case, &format!("{batch}-"), &mut sum);
            }
            fees(&ledger, &desk, &cases, &mut sum).await;
            let again = desk.plan(&Scope::default()).await;
            assert!(again.is_empty(), "L7, {batch}, seed {seed}: {:?}", again.counts());
        }
        println!(
            "{documents_per_call} a call, seed {seed}: {calls} calls, {starts} starts, {sum:?}"
        );
        sums.push(sum);
        ledger.xero.shutdown().await;
    }
    assert_eq!(sums[0], sums[1]);
    assert_eq!(sums[1], sums[2]);
    assert_eq!(sums[0]["orders"], 170);
}

/// Each unverified behaviour of Xero turned alone: every order of every regime is planned,
/// applied, read back, and planned again.
#[tokio::test]
async fn every_switch_of_xero_alone_changes_nothing() {
    let strict = serde_json::to_value(Unknowns::strict()).unwrap();
    let mut sums: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
    let turned = strict.as_object().unwrap().clone();
    for (switch, position) in turned {
        let mut unknowns = serde_json::to_value(Unknowns::default()).unwrap();
        unknowns[&switch] = position.clone();
        let ledger = Ledger::start(serde_json::from_value(unknowns).unwrap()).await;
        let sum = sums.entry(format!("{switch} {position}")).or_default();
        for batch in corpus::batches() {
            carry_out(&ledger, batch, sum).await;
        }
        println!("{switch} {position}: {sum:?}");
        assert_eq!(sum["orders"], 170);
        ledger.xero.shutdown().await;
    }
    // A third position: stated tax at most a cent away. A shop that rounds to whole units could
    // then not be posted at all, and would be told so.
    let a_cent = Unknowns { tax_amount_bound: TaxAmountBound::OneCent, ..Unknowns::default() };
    let ledger = Ledger::start(a_cent).await;
    for batch in corpus::batches().into_iter().filter(|batch| !batch.starts_with("JP")) {
        carry_out(&ledger, batch, &mut BTreeMap::new()).await;
    }
    ledger.xero.shutdown().await;
    let first = sums.values().next().unwrap();
    assert!(sums.values().all(|sum| sum == first));
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
        let mut desk = Desk::open(&ledger, "GB-incl").await;
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
        desk.strays_are_waited_for().await;
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

/// What a person undid and wants again bears another number; when the answer to it is lost, the
/// next plan finds it under that number, and nothing is made a third time.
#[tokio::test]
async fn documents_made_again_are_found_after_a_lost_answer() {
    for nth in [1, 2] {
        let ledger = Ledger::start(Unknowns::default()).await;
        let mut desk = Desk::open(&ledger, "GB-incl").await;
        for case in corpus::orders("GB-incl") {
            desk.put(&case.order_dp6, &case.refunds_dp6);
        }
        let (first, _) = desk.sync(&Scope::default()).await;
        desk.sync(&Scope { undo: true, ..Scope::default() }).await;
        let redo = Scope { redo: true, ..Scope::default() };
        let plan = desk.plan(&redo).await;
        desk.bookkeeper.store.save_plan(&desk.organisation.id, &plan).await.unwrap();
        let fault = Fault::ServerError { committed: true };
        ledger.xero.fault(FaultRule::next(fault).method("PUT").path("/api.xro/2.0").nth(nth));
        let lost = desk.apply(&plan).await;
        assert!(matches!(lost, Err(PlanError::Lost)), "{nth}: {lost:?}");
        desk.pass(Duration::from_mins(2));
        for _ in 0..2 {
            let (_, applied) = desk.sync(&redo).await;
            assert_eq!((applied.refused, applied.passed), (0, 0), "{nth}: {applied:#?}");
        }
        let again = desk.plan(&redo).await;
        assert!(again.is_empty(), "{nth}: {:#?}", again.counts());
        let documents = Documents::read(&ledger, &desk).await;
        let made = documents.invoices.values().chain(documents.credit_notes.values());
        let stand = made.filter(|document| document["Status"] != "VOIDED");
        assert_eq!(stand.count(), first.counts().create, "each stands once");
        ledger.xero.shutdown().await;
    }
}
