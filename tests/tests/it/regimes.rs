//! Every recorded order, with the settings that are proposed for its store, through the core and
//! into the practice Xero: by both arithmetics the order's total and tax, to the cent.
//!
//! Once as the shop shows amounts and once with the finest it gives (`dp=6`); once with every
//! unverified behaviour of Xero as documented and once the other way.

use std::{collections::BTreeMap, fmt::Write as _};

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Value, json};
use tillbook_practice::{
    shop::corpus::{self, Case},
    xero::Unknowns,
};

use crate::ledger::Ledger;

/// Statuses of orders that are not to be posted (ACCOUNTING section 1).
const NOT_POSTED: [&str; 4] = ["cancelled", "failed", "checkout-draft", "trash"];

#[derive(Default)]
struct Row {
    orders: u32,
    skipped: u32,
    by: BTreeMap<String, u32>,
    charged: Decimal,
    invoiced: Decimal,
    residues: Vec<String>,
}

#[tokio::test]
async fn every_real_order_is_to_the_cent() {
    for (name, unknowns) in [("as documented", Unknowns::default()), ("strict", Unknowns::strict())]
    {
        for (form, field) in [("as shown", "order"), ("finest", "order_dp6")] {
            let ledger = Ledger::start(unknowns.clone()).await;
            let mut rows = BTreeMap::new();
            for batch in corpus::batches() {
                rows.insert(batch, regime(&ledger, batch, field == "order_dp6").await);
            }
            println!("\nXero {name}, amounts {form}\n{}", table(&rows));
            let orders: u32 = rows.values().map(|row| row.orders).sum();
            assert_eq!(orders, 170);
            let calls = ledger.check_against_openapi();
            println!("{calls} requests and answers held against Xero's OpenAPI file");
            ledger.xero.shutdown().await;
        }
    }
}

pub(crate) fn call(operation: &str, request: &Value) -> Value {
    let reply = tillbook_core::call(operation, &request.to_string());
    let mut reply: Value = serde_json::from_str(&reply).unwrap();
    assert!(reply.get("error").is_none(), "{operation}: {reply}");
    reply["ok"].take()
}

/// A batch's shop, its organisation's chart, and the settings that are proposed for them.
pub(crate) async fn prepare(ledger: &Ledger, batch: &str) -> (Value, Value, Value) {
    let tenant = ledger.tenant_of(batch);
    let chart = ledger.chart(tenant).await;
    let store = corpus::store(batch).unwrap();
    let shop = store.to_facts("https://shop.example.com");
    let proposal = call(
        "propose_settings",
        &json!({
            "contract": 1, "shop": shop, "chart": chart,
            "tax_rates": corpus::taxes(), "gateways": corpus::payment_gateways(),
        }),
    );
    let mut settings = proposal["settings"].clone();
    settings["invoice"]["prefix"] = format!("{batch}-").into();
    (shop, chart, settings)
}

async fn regime(ledger: &Ledger, batch: &str, finest: bool) -> Row {
    let tenant = ledger.tenant_of(batch);
    let (shop, chart, settings) = prepare(ledger, batch).await;
    let cases = corpus::orders(batch);
    let order = |case: &&Case| if finest { case.order_dp6.clone() } else { case.order.clone() };
    let sales: Vec<Value> = cases.iter().map(|case| json!({"order": order(case)})).collect();
    let mapped = call(
        "map",
        &json!({
            "contract": 1, "shop": shop, "settings": settings, "chart": chart, "sales": sales,
            "products": corpus::products(),
        }),
    );
    let mut row = Row::default();
    let mut bodies = Vec::new();
    let mut posted = Vec::new();
    for (case, sale) in cases.into_iter().zip(mapped["sales"].as_array().unwrap()) {
        row.orders += 1;
        let status = case.order["status"].as_str().unwrap();
        if NOT_POSTED.contains(&status) {
            assert_eq!(sale["outcome"], "skip", "{batch} {}: {sale}", case.id);
            row.skipped += 1;
            continue;
        }
        assert_eq!(sale["outcome"], "post", "{batch} {}: {}", case.id, sale["findings"]);
        bodies.push(sale["document"]["body"].as_str().unwrap().to_owned());
        posted.push((case, &sale["document"]));
    }
    let mut answers = Vec::new();
    for bodies in bodies.chunks(50) {
        answers.extend(ledger.put_invoices(tenant, bodies).await);
    }
    for ((case, document), answer) in posted.into_iter().zip(&answers) {
        compare(&mut row, batch, case, document, answer);
    }
    row
}

pub(crate) fn decimal(value: &Value) -> Decimal {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.parse().unwrap_or_else(|_| panic!("`{text}` is no decimal"))
}

/// Half-up to what Xero keeps: two decimals, none where the currency or the store has none.
fn expected(case: &Case, field: &str) -> Decimal {
    let currency = case.order["currency"].as_str().unwrap();
    let digits = if currency == "JPY" { 0 } else { case.store.num_decimals.min(2) };
    decimal(&case.order[field])
        .round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero)
}

fn compare(row: &mut Row, batch: &str, case: &Case, document: &Value, answer: &Value) {
    let name = format!("{batch} {} ({})", case.id, case.what);
    assert_eq!(answer["StatusAttributeString"], "OK", "{name}: {answer}");
    let (total, tax) = (expected(case, "total"), expected(case, "total_tax"));
    assert_eq!(decimal(&document["total"]), total, "{name}: the core's total");
    assert_eq!(decimal(&answer["Total"]), total, "{name}: Xero's total");
    let lines = answer["LineItems"].as_array().unwrap();
    let views = document["lines"].as_array().unwrap();
    // Tax of a country that the chart has no tax type for is a line of its own.
    let as_lines = |lines: &[Value], description: &str, amount: &str| -> Decimal {
        let tax = lines.iter().filter(|line| {
            line[description].as_str().is_some_and(|text| text.starts_with("Tax: "))
        });
        tax.map(|line| decimal(&line[amount])).sum()
    };
    let core_tax = decimal(&document["total_tax"]) + as_lines(views, "description", "line_amount");
    let xero_tax = decimal(&answer["TotalTax"]) + as_lines(lines, "Description", "LineAmount");
    assert_eq!(core_tax, tax, "{name}: the core's tax");
    assert_eq!(xero_tax, tax, "{name}: Xero's tax");
    assert_eq!(lines.len(), views.len(), "{name}");
    for (line, view) in lines.iter().zip(views) {
        assert_eq!(decimal(&line["LineAmount"]), decimal(&view["line_amount"]), "{name}: {line}");
        assert_eq!(decimal(&line["TaxAmount"]), decimal(&view["tax_amount"]), "{name}: {line}");
    }
    let residue = &document["residue"];
    let rounding = decimal(&residue["rounding_line"]);
    assert!(rounding.abs() <= decimal(&residue["bound"]), "{name}: {residue}");
    assert!(rounding.abs() <= Decimal::new(5, 2), "{name}: {residue}");
    let rounded = case.store.num_decimals > 2 && !total.is_zero();
    let charged = decimal(&case.order["total"]);
    if rounded && charged != total {
        assert!(document["total"] != case.order["total"], "{name}");
    }
    let exactness = document["exactness"].as_str().unwrap();
    if exactness != "exact" {
        row.residues.push(format!(
            "{name}: {exactness}, tax {} on {} lines, rounding {} of at most {}",
            residue["tax_amount"].as_str().unwrap(),
            residue["tax_amount_lines"],
            rounding,
            residue["bound"].as_str().unwrap(),
        ));
    }
    *row.by.entry(exactness.to_owned()).or_default() += 1;
    row.charged += total;
    row.invoiced += decimal(&answer["Total"]);
}

fn table(rows: &BTreeMap<&str, Row>) -> String {
    let mut text = format!(
        "{:<26}{:>7}{:>9}{:>7}{:>11}{:>9}{:>12}{:>12}\n",
        "regime", "orders", "skipped", "exact", "TaxAmount", "rounding", "charged", "difference"
    );
    for (batch, row) in rows {
        let by = |name: &str| row.by.get(name).copied().unwrap_or_default();
        writeln!(
            text,
            "{batch:<26}{:>7}{:>9}{:>7}{:>11}{:>9}{:>12}{:>12}",
            row.orders,
            row.skipped,
            by("exact"),
            by("tax_amount"),
            by("rounding_line"),
            row.charged.to_string(),
            (row.charged - row.invoiced).to_string(),
        )
        .unwrap();
        assert_eq!(row.charged, row.invoiced);
    }
    for row in rows.values() {
        for residue in &row.residues {
            writeln!(text, "  {residue}").unwrap();
        }
    }
    text
}
