//! Random lives of orders: synced at random moments, the ledger ends as if it had been synced once at
//! the end, apart from documents that were voided on the way.

use std::collections::BTreeMap;

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Value, json};
use tillbook::{bookkeeper::Scope, store::StoredPlan};
use tillbook_core::{
    finding::Severity,
    plan::{Action, Fate},
    settings::SyncSettings,
    xero::document::DocumentKind,
};
use tillbook_practice::{
    shop::corpus::{self, Case},
    xero::Unknowns,
};

use crate::{desk::Desk, dice::Dice, ledger::Ledger, regimes::decimal};

/// One order of the shop, as it stands in its life.
struct Life {
    order: Value,
    refunds: Vec<Value>,
    digits: u32,
}

impl Life {
    fn new(case: &Case, id: u64) -> Self {
        let mut order = case.order_dp6.clone();
        order["id"] = id.into();
        order["number"] = id.to_string().into();
        order["status"] = "on-hold".into();
        order["date_paid"] = Value::Null;
        order["refunds"] = json!([]);
        let digits = if order["currency"] == "JPY" { 0 } else { case.store.num_decimals.min(2) };
        Self { order, refunds: Vec::new(), digits }
    }

    fn cents(&self, amount: &Value) -> Decimal {
        let strategy = RoundingStrategy::MidpointAwayFromZero;
        decimal(amount).round_dp_with_strategy(self.digits, strategy)
    }

    fn left(&self) -> Decimal {
        let given: Decimal = self.refunds.iter().map(|refund| self.cents(&refund["amount"])).sum();
        self.cents(&self.order["total"]) - given
    }

    /// One thing happens; gives what.
    fn happen(&mut self, dice: &mut Dice, next_id: &mut u64, others: &[&Case]) -> &'static str {
        match dice.below(9) {
            0 => {
                self.order["status"] = "processing".into();
                self.order["date_paid"] = self.order["date_created"].clone();
                "paid"
            }
            1 => {
                self.order["status"] = "on-hold".into();
                self.order["date_paid"] = Value::Null;
                "no longer paid"
            }
            2 => {
                self.order["status"] = "cancelled".into();
                "cancelled"
            }
            3 => {
                let paid = self.order["date_paid"].is_string();
                self.order["status"] = if paid { "completed" } else { "pending" }.into();
                "restored"
            }
            4 if self.refunds.is_empty() => {
                self.edit(others[dice.below(others.len())]);
                "edited"
            }
            5 | 6 => self.refund(dice, next_id),
            7 if !self.refunds.is_empty() => {
                let at = dice.below(self.refunds.len());
                self.refunds.remove(at);
                self.name_refunds();
                "a refund deleted"
            }
            8 if self.refunds.is_empty() => {
                let parts = 2 + dice.below(3);
                let part = self.cents(&self.order["total"]) / Decimal::from(parts);
                self.order["meta_data"] = json!([
                    {"id": 1, "key": "_wc_deposits_deposit_paid", "value": "yes"},
                    {"id": 2, "key": "_wc_deposits_deposit_amount", "value": part.to_string()},
                ]);
                self.order["status"] = "partially-paid".into();
                self.order["date_paid"] = Value::Null;
                "a deposit paid"
            }
            _ => "nothing",
        }
    }

    /// Lines, prices, coupons, address: all that another order of the shop has.
    fn edit(&mut self, other: &Case) {
        let mut order = other.order_dp6.clone();
        for kept in ["id", "number", "status", "date_created", "date_paid", "currency", "refunds"] {
            order[kept] = self.order[kept].clone();
        }
        self.order = order;
    }

    fn refund(&mut self, dice: &mut Dice, next_id: &mut u64) -> &'static str {
        let left = self.left();
        let amount = match dice.below(3) {
            0 => left,
            _ => (left / Decimal::from(3)).round_dp(self.digits),
        };
        if amount <= Decimal::ZERO {
            return "nothing";
        }
        *next_id += 1;
        let lines = if dice.below(2) == 0 { self.refunded_line(amount) } else { json!([]) };
        self.refunds.push(json!({
            "id": *next_id, "date_created": self.order["date_created"], "reason": "",
            "amount": amount.to_string(), "line_items": lines, "shipping_lines": [],
            "fee_lines": [],
        }));
        self.name_refunds();
        "refunded"
    }

    /// A refund of the first line, as far as it bears it and is untaxed or not at all.
    fn refunded_line(&self, amount: Decimal) -> Value {
        let line = &self.order["line_items"][0];
        let free = line["total"].is_string() && line["taxes"].as_array().is_some_and(Vec::is_empty);
        if !free || decimal(&line["total"]) < amount || !self.refunds.is_empty() {
            return json!([]);
        }
        json!([{
            "id": 900_000 + line["id"].as_u64().unwrap(), "name": line["name"], "quantity": 0,
            "product_id": line["product_id"], "variation_id": line["variation_id"],
            "total": format!("-{amount}"), "total_tax": "0", "subtotal": format!("-{amount}"),
            "subtotal_tax": "0", "taxes": [],
            "meta_data": [{"id": 1, "key": "_refunded_item_id", "value": line["id"].to_string()}],
        }])
    }

    fn name_refunds(&mut self) {
        let short = self.refunds.iter().map(|refund| json!({"id": refund["id"]}));
        self.order["refunds"] = short.collect();
    }
}

/// What counts in the ledger, by the order it is for: amounts, lines, what is open.
async fn counts(ledger: &Ledger, desk: &Desk) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (collection, due) in [("Invoices", "AmountDue"), ("CreditNotes", "RemainingCredit")] {
        let answer = ledger.get(desk.tenant, &format!("{collection}?page=1&pageSize=1000")).await;
        for document in answer[collection].as_array().unwrap() {
            let status = document["Status"].as_str().unwrap();
            if matches!(status, "VOIDED" | "DELETED") {
                continue;
            }
            let lines = document["LineItems"].as_array().unwrap().iter().map(|line| {
                let fields = ["LineAmount", "TaxAmount", "TaxType", "AccountCode", "Description"];
                fields.map(|field| line[field].to_string()).join(" ")
            });
            let payments = document["Payments"].as_array().unwrap().len();
            let what = format!(
                "{collection} {} {status} {} due {} {payments} payments\n  {}",
                document["Date"],
                document["Total"],
                document[due],
                lines.collect::<Vec<_>>().join("\n  ")
            );
            let order = document["Reference"].as_str().unwrap().rsplit('#').next().unwrap();
            found.entry(order.to_owned()).or_default().push(what);
        }
    }
    for list in found.values_mut() {
        list.sort();
    }
    found
}

#[tokio::test]
async fn syncing_often_ends_as_syncing_once() {
    let (_, mut dice) = Dice::throw();
    for (batch, unknowns) in [
        ("AU-incl", Unknowns::default()),
        ("GB-excl-roundsub", Unknowns::strict()),
        ("CA-compound", Unknowns::default()),
    ] {
        lives(&mut dice, batch, unknowns, false).await;
    }
}

/// Switches some kinds off, or on again.
fn switch(dice: &mut Dice, sync: &mut SyncSettings) {
    for switch in [&mut sync.orders, &mut sync.payments, &mut sync.refunds, &mut sync.fees] {
        switch.on = dice.below(3) > 0;
    }
}

/// No step is of a kind that is off, and what waits for a kind waits for nothing else.
fn keeps_to(sync: &SyncSettings, plan: &StoredPlan) {
    for step in plan.steps() {
        let note = step.document == DocumentKind::CreditNote;
        let on = match step.action {
            Action::Create | Action::Update | Action::Void => !note || sync.refunds.on,
            Action::Pay | Action::Unpay => sync.payments.on,
            Action::Allocate | Action::Unallocate => sync.refunds.on,
            Action::Spend | Action::Unspend => sync.fees.on,
            _ => true,
        };
        assert!(sync.orders.on && on, "{sync:?}: {step:#?}");
    }
    for row in plan.rows().filter(|row| row.fate == Fate::Hold) {
        let known = ["change.switched_off", "refund.stays", "refund.of_held"];
        let errors = row.findings.iter().filter(|finding| finding.severity == Severity::Error);
        let other = errors.filter(|finding| !known.contains(&&*finding.code)).count();
        let all = sync.payments.on && sync.refunds.on;
        assert!(other == 0 && !all, "{sync:?}: {row:#?}");
    }
}

#[tokio::test]
async fn what_was_switched_off_follows_once_it_is_on_again() {
    let (_, mut dice) = Dice::throw();
    for (batch, unknowns) in
        [("AU-incl", Unknowns::default()), ("GB-excl-roundsub", Unknowns::strict())]
    {
        lives(&mut dice, batch, unknowns, true).await;
    }
}

async fn lives(dice: &mut Dice, batch: &str, unknowns: Unknowns, switches: bool) {
    let cases = corpus::orders(batch);
    let main: Vec<&Case> = {
        let currency = &cases[0].store.currency;
        let plain = |case: &&Case| {
            case.order["currency"] == currency.as_str()
                && decimal(&case.order["total"]) > Decimal::ZERO
        };
        cases.into_iter().filter(plain).collect()
    };
    assert!(main.len() > 3, "{batch}");
    let often = Ledger::start(unknowns.clone()).await;
    let once = Ledger::start(unknowns).await;
    let mut desk = Desk::open(&often, batch).await;
    let at_the_end = Desk::open(&once, batch).await;
    let mut lives: Vec<Life> =
        (0..40).map(|at| Life::new(main[at % main.len()], 5_000 + at as u64)).collect();
    let mut stories = vec![Vec::new(); lives.len()];
    let mut next_id = 20_000;
    let (mut syncs, mut steps) = (0, 0);
    for _ in 0..12 {
        for (life, story) in lives.iter_mut().zip(&mut stories) {
            story.push(life.happen(dice, &mut next_id, &main));
            desk.put(&life.order, &life.refunds);
        }
        if dice.below(3) > 0 {
            // The whole shop, or some orders only.
            let some = (0..lives.len()).filter(|_| dice.below(2) == 0);
            let orders: Vec<u64> = some.map(|at| 5_000 + at as u64).collect();
            let whole = dice.below(2) == 0;
            let scope =
                Scope { orders: if whole { Vec::new() } else { orders }, ..Scope::default() };
            if switches {
                switch(dice, &mut desk.organisation.settings.sync);
            }
            let (plan, applied) = desk.sync(&scope).await;
            keeps_to(&desk.organisation.settings.sync, &plan);
            assert_eq!((applied.refused, applied.passed), (0, 0), "{:#?}", applied.findings);
            for story in &mut stories {
                story.push("|");
            }
            syncs += 1;
            steps += applied.done;
        }
    }
    desk.organisation.settings.sync = SyncSettings::default();
    let (_, applied) = desk.sync(&Scope::default()).await;
    assert_eq!((applied.refused, applied.passed), (0, 0), "{:#?}", applied.findings);
    let again = desk.plan(&Scope::default()).await;
    assert!(again.is_empty(), "L7: {:#?}", again.steps().collect::<Vec<_>>());
    for life in &lives {
        at_the_end.put(&life.order, &life.refunds);
    }
    at_the_end.sync(&Scope::default()).await;
    let (found, wanted) = (counts(&often, &desk).await, counts(&once, &at_the_end).await);
    for (at, story) in stories.iter().enumerate() {
        let order = (5_000 + at).to_string();
        assert_eq!(found.get(&order), wanted.get(&order), "{batch} {order}: {}", story.join(", "));
    }
    println!("{batch}: {} orders, {syncs} syncs, {steps} steps, same ledger", lives.len());
    often.xero.shutdown().await;
    once.xero.shutdown().await;
}
