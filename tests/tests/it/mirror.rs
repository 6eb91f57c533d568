//! What Xero has is read whole once a day; between, a plan asks for what has changed only.

use std::time::Duration;

use serde_json::{Value, json};
use tillbook::bookkeeper::Scope;
use tillbook_practice::{
    shop::corpus,
    xero::{LoggedCall, Unknowns},
};

use crate::{desk::Desk, ledger::Ledger};

/// The lists of invoices that were read since: whether they asked for changes only, and how many
/// invoices came.
fn lists(ledger: &Ledger, since: usize) -> Vec<(bool, usize)> {
    let calls = ledger.xero.state().calls();
    let is_list = |call: &&LoggedCall| {
        call.method == "GET" && call.path.ends_with("/Invoices") && matches!(call.status, 200 | 304)
    };
    let seen = |call: &LoggedCall| {
        let asked = call.request_headers.iter().any(|(name, _)| name == "if-modified-since");
        let answer: Value = serde_json::from_str(&call.response_body).unwrap_or_default();
        (asked, answer["Invoices"].as_array().map_or(0, Vec::len))
    };
    calls[since..].iter().filter(is_list).map(seen).collect()
}

fn somebody_elses(number: &str) -> String {
    json!({"Type": "ACCREC", "InvoiceNumber": number, "Status": "DRAFT",
        "Contact": {"Name": "Somebody"}, "LineItems": [{"Description": "Work", "Quantity": "1",
        "UnitAmount": "10.00", "AccountCode": "200"}]})
    .to_string()
}

#[tokio::test]
async fn a_plan_asks_for_what_has_changed() {
    for unknowns in [Unknowns::default(), Unknowns::strict()] {
        let ledger = Ledger::start(unknowns).await;
        let mut desk = Desk::open(&ledger, "GB-incl").await;
        let state = ledger.xero.state();
        let calls = || state.calls().len();
        ledger.put_invoices(desk.tenant, &[somebody_elses("INV-1")]).await;
        let cases = corpus::orders("GB-incl");
        let (last, first) = cases.split_last().unwrap();
        for case in first {
            desk.put(&case.order_dp6, &case.refunds_dp6);
        }
        desk.sync(&Scope::default()).await;
        let all = lists(&ledger, 0);
        assert_eq!(all[0], (false, 1), "the first reads all: {all:?}");

        state.advance(Duration::from_mins(10));
        desk.put(&last.order_dp6, &last.refunds_dp6);
        let (plan, _) = desk.sync(&Scope::default()).await;
        assert_eq!(plan.counts().create, 1);
        // The plan behind it still asks from before that order on.
        assert!(desk.plan(&Scope::default()).await.is_empty());
        let since = calls();
        assert!(desk.plan(&Scope::default()).await.is_empty());
        assert_eq!(lists(&ledger, since), [(true, 1)], "only the last one");

        // What a hand changes is seen, and what is somebody else's is not kept.
        let number = plan.steps().next().unwrap().number.clone();
        let edited = json!({"InvoiceNumber": number, "Reference": "a hand's"}).to_string();
        ledger.put_invoices(desk.tenant, &[somebody_elses("INV-2"), edited]).await;
        let since = calls();
        let again = desk.plan(&Scope::default()).await;
        assert!(again.is_empty());
        assert_eq!(lists(&ledger, since), [(true, 2)]);
        let said: Vec<_> = again.rows().flat_map(|row| &row.findings).collect();
        assert!(!said.is_empty(), "an edit by hand is said");

        // A copy is not believed for longer than a day.
        desk.pass(Duration::from_hours(25));
        let since = calls();
        let third = desk.plan(&Scope::default()).await;
        assert_eq!(third.sha256, again.sha256, "the copy was as good as the original");
        let whole = lists(&ledger, since);
        assert!(!whole[0].0 && whole[0].1 > 10, "{whole:?}");
        ledger.xero.shutdown().await;
    }
}
