//! A long walk through an organisation: after every step the books still add up.

use rust_decimal::Decimal;
use serde_json::{Value, json};
use tillbook_practice::xero::model::document::{Document, Status};
use tillbook_practice::xero::{PracticeXero, Preset, Running, Unknowns};

use crate::client::{Client, invoice};

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// One of the things a client may try; many are refused, and that is as good.
async fn step(client: &Client, dice: &mut Dice, xero: &Running) {
    let tenant = xero.tenant();
    let pick = |dice: &mut Dice, list: &[Document]| -> Option<Value> {
        let place = dice.roll(list.len().max(1) as u64);
        list.get(usize::try_from(place).unwrap()).map(|one| json!(one.id.to_string()))
    };
    let amount = json!(dice.roll(12_000));
    let cents = |value: &Value| Decimal::new(value.as_i64().unwrap(), 2).to_string();
    let amount: Value = serde_json::from_str(&cents(&amount)).unwrap();
    let invoice_id = pick(dice, &xero.invoices(tenant)).unwrap_or_default();
    let note_id = pick(dice, &xero.credit_notes(tenant)).unwrap_or_default();
    let lenient = |path: &str| format!("{path}?summarizeErrors=false");
    match dice.roll(8) {
        0 => {
            let mut body = invoice(["DRAFT", "AUTHORISED"][usize::try_from(dice.roll(2)).unwrap()]);
            body["LineItems"][0]["UnitAmount"] = amount;
            client.put(&lenient("Invoices"), &body).await;
        }
        1 => {
            let mut body = invoice("AUTHORISED");
            body["Type"] = json!("ACCRECCREDIT");
            body["LineItems"][0]["UnitAmount"] = amount;
            client.put(&lenient("CreditNotes"), &body).await;
        }
        2 | 3 => {
            let body = json!({
                "Invoice": { "InvoiceID": invoice_id }, "Account": { "Code": "090" },
                "Amount": amount, "Date": "2026-11-05",
            });
            client.put(&lenient("Payments"), &body).await;
        }
        4 => {
            let body = json!({ "Amount": amount, "Invoice": { "InvoiceID": invoice_id } });
            let path = format!("CreditNotes/{}/Allocations", note_id.as_str().unwrap_or("none"));
            client.put(&lenient(&path), &body).await;
        }
        5 => {
            let payments = xero.payments(tenant);
            let place = usize::try_from(dice.roll(payments.len().max(1) as u64)).unwrap();
            if let Some(payment) = payments.get(place) {
                let body = json!({ "Status": "DELETED" });
                client.post(&lenient(&format!("Payments/{}", payment.id)), &body).await;
            }
        }
        6 => {
            let status =
                ["VOIDED", "DELETED", "AUTHORISED"][usize::try_from(dice.roll(3)).unwrap()];
            let body = json!({ "InvoiceID": invoice_id, "Status": status });
            client.post(&lenient("Invoices"), &body).await;
        }
        _ => {
            let body = json!({ "InvoiceID": invoice_id, "LineItems": [{
                "Description": "New", "UnitAmount": amount, "AccountCode": "200",
            }] });
            client.post(&lenient("Invoices"), &body).await;
        }
    }
}

fn check(xero: &Running) {
    let tenant = xero.tenant();
    let payments = xero.payments(tenant);
    let notes = xero.credit_notes(tenant);
    for document in xero.invoices(tenant).iter().chain(&notes) {
        let paid: Decimal = payments
            .iter()
            .filter(|one| one.document == document.id && !one.deleted)
            .map(|one| one.amount)
            .sum();
        let allocations = notes.iter().flat_map(|note| {
            note.allocations
                .iter()
                .filter(|one| one.invoice == document.id || note.id == document.id)
        });
        let credited: Decimal = allocations.map(|one| one.amount).sum();
        assert_eq!((document.paid, document.credited), (paid, credited));
        let left = document.totals.total - paid - credited;
        assert!(left >= Decimal::ZERO, "{document:?}");
        let lines: Decimal =
            document.lines.iter().map(|line| line.line_amount + line.tax_amount).sum();
        assert_eq!(document.totals.total, lines);
        match document.status {
            Status::Paid => assert!(left.is_zero()),
            Status::Authorised if !left.is_zero() => {}
            _ => assert_eq!(paid + credited, Decimal::ZERO),
        }
    }
}

#[tokio::test]
async fn the_books_add_up_after_every_step() {
    for (seed, unknowns) in [(1, Unknowns::default()), (2, Unknowns::strict())] {
        let builder = PracticeXero::builder().organisation(Preset::Au).unknowns(unknowns);
        let xero = builder.lift_minute_limit().start().await.unwrap();
        let client = Client::new(&xero).await;
        let mut dice = Dice(seed);
        for _ in 0..400 {
            step(&client, &mut dice, &xero).await;
            check(&xero);
        }
        let settled = xero.invoices(xero.tenant());
        assert!(settled.iter().any(|one| one.status == Status::Paid || !one.paid.is_zero()));
        assert!(settled.iter().any(|one| !one.credited.is_zero()));
    }
}

#[tokio::test]
async fn a_walk_by_pages_finds_every_row_although_rows_move() {
    let builder = PracticeXero::builder().lift_minute_limit();
    let xero = builder.start().await.unwrap();
    let client = Client::new(&xero).await;
    let batch: Vec<Value> = (0..25).map(|_| invoice("DRAFT")).collect();
    client.put("Invoices", &json!({ "Invoices": batch })).await;
    let mut seen = std::collections::BTreeSet::new();
    let mut page = 1;
    loop {
        let answer = client.get(&format!("Invoices?page={page}&pageSize=10")).await.json();
        let rows = answer["Invoices"].as_array().unwrap().clone();
        for row in &rows {
            seen.insert(row["InvoiceNumber"].as_str().unwrap().to_owned());
        }
        if rows.len() < 10 {
            break;
        }
        // The first row of this page changes while the walk goes on: it moves to the end, and one
        // row slips back over the page's edge.
        let change = json!({ "InvoiceID": rows[0]["InvoiceID"], "Reference": "moved" });
        client.post("Invoices", &change).await;
        page += 1;
    }
    assert!(seen.len() < 25, "the drift is there: {}", seen.len());
    let rest = client.get("Invoices?page=1&pageSize=100").await.json();
    for row in rest["Invoices"].as_array().unwrap() {
        seen.insert(row["InvoiceNumber"].as_str().unwrap().to_owned());
    }
    assert_eq!(seen.len(), 25);
}
