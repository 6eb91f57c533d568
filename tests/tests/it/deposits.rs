//! An order whose deposit is paid first and whose rest later: two payments, each on its day, and
//! nothing of it left when it is undone.

use serde_json::{Value, json};
use tillbook::bookkeeper::Scope;
use tillbook_practice::{shop::corpus, xero::Unknowns};

use crate::{desk::Desk, ledger::Ledger};

#[tokio::test]
async fn a_deposit_and_the_rest_are_two_payments() {
    for unknowns in [Unknowns::default(), Unknowns::strict()] {
        let ledger = Ledger::start(unknowns).await;
        let desk = Desk::open(&ledger, "GB-incl").await;
        let cases = corpus::orders("GB-incl");
        let taken = cases.iter().find(|case| case.order["status"] == "processing").unwrap();
        let mut order = taken.order_dp6.clone();
        order["status"] = "partially-paid".into();
        order["date_paid"] = Value::Null;
        order["refunds"] = json!([]);
        order["meta_data"] = json!([
            {"id": 1, "key": "_wc_deposits_deposit_paid", "value": "yes"},
            {"id": 2, "key": "_wc_deposits_deposit_amount", "value": "20"},
            // 2026-11-23, 10:00 on the shop's clock.
            {"id": 3, "key": "_wc_deposits_deposit_payment_time", "value": 1_795_428_000_u64},
        ]);
        desk.put(&order, &[]);
        desk.sync(&Scope::default()).await;
        let paid = payments(&ledger, &desk).await;
        assert_eq!(paid, [("20.0".to_owned(), "2026-11-23".to_owned())]);
        assert!(desk.plan(&Scope::default()).await.is_empty(), "L7");

        order["status"] = "processing".into();
        order["date_paid"] = "2026-11-30T10:00:00".into();
        desk.put(&order, &[]);
        desk.sync(&Scope::default()).await;
        let total = order["total"].as_str().unwrap().parse::<f64>().unwrap();
        let paid = payments(&ledger, &desk).await;
        assert_eq!(paid.len(), 2, "{paid:?}");
        assert_eq!(paid[0], ("20.0".to_owned(), "2026-11-23".to_owned()), "the deposit stays");
        assert_eq!(paid[1].1, "2026-11-30");
        let sum: f64 = paid.iter().map(|(amount, _)| amount.parse::<f64>().unwrap()).sum();
        assert!((sum - total).abs() < 0.001, "{paid:?}");
        assert!(desk.plan(&Scope::default()).await.is_empty(), "L7");

        desk.sync(&Scope { undo: true, ..Scope::default() }).await;
        assert!(payments(&ledger, &desk).await.is_empty());
        ledger.xero.shutdown().await;
    }
}

/// Amount and day of the payments that stand, oldest first.
async fn payments(ledger: &Ledger, desk: &Desk) -> Vec<(String, String)> {
    let answer = ledger.get(desk.tenant, "Invoices?page=1&pageSize=100").await;
    let mut paid = Vec::new();
    for invoice in answer["Invoices"].as_array().unwrap() {
        for payment in invoice["Payments"].as_array().unwrap() {
            let one = &ledger
                .get(desk.tenant, &format!("Payments/{}", payment["PaymentID"].as_str().unwrap()))
                .await["Payments"][0];
            let date = one["Date"].as_str().unwrap();
            let date = tillbook_core::date::Date::parse_xero(date).unwrap().to_string();
            paid.push((one["Amount"].to_string(), date));
        }
    }
    paid.sort_by(|left, right| left.1.cmp(&right.1));
    paid
}
