//! 131 real documents: the simulator must come to every amount Xero came to.

use serde_json::{Value, json};
use tillbook_practice::xero::model::chart::{AppliesTo, TaxComponent, TaxRate};
use tillbook_practice::xero::{PracticeXero, Preset};

use crate::client::{Client, fixture, shared};

/// A rate of exactly so many percent under a name of its own.
fn rate(percent: &str) -> TaxRate {
    let name = format!("Oracle {percent}");
    TaxRate {
        tax_type: tax_type(percent),
        name: name.clone(),
        report_tax_type: String::new(),
        status: "ACTIVE".to_owned(),
        components: vec![TaxComponent {
            name,
            rate: percent.parse().unwrap(),
            compound: false,
            non_recoverable: false,
        }],
        applies_to: AppliesTo::ALL,
    }
}

fn tax_type(percent: &str) -> String {
    format!("ORACLE{}", percent.replace('.', "P"))
}

/// The percentage of a line, `0.0825` → `8.25`; none for a line without a tax type.
fn percent(line: &Value) -> Option<String> {
    let rate: rust_decimal::Decimal = line["rate"].as_str()?.parse().unwrap();
    Some((rate * rust_decimal::Decimal::ONE_HUNDRED).normalize().to_string())
}

#[tokio::test]
async fn every_recorded_document_comes_out_to_the_cent() {
    let Some(folder) = shared("rounding oracle") else { return };
    let oracle = fixture(&folder, "rounding-oracle.json");
    let documents = oracle.as_array().unwrap();
    assert_eq!(documents.len(), 131);
    let mut percents: Vec<String> = documents
        .iter()
        .flat_map(|one| one["lines"].as_array().unwrap())
        .filter_map(percent)
        .collect();
    percents.sort();
    percents.dedup();
    let xero = PracticeXero::builder()
        .organisation_with(Preset::Nz, move |books| {
            books.tax_rates.extend(percents.iter().map(|one| rate(one)));
        })
        .lift_minute_limit()
        .start()
        .await
        .unwrap();
    let client = Client::new(&xero).await;
    for document in documents {
        check(&client, document).await;
    }
}

async fn check(client: &Client, document: &Value) {
    let number = |value: &Value| Value::Number(value.as_str().unwrap().parse().unwrap());
    let lines: Vec<Value> = document["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| {
            let mut sent = json!({ "Description": "Oracle" });
            if line.get("descriptionOnly").is_some() {
                return sent;
            }
            for key in ["Quantity", "UnitAmount", "DiscountRate"] {
                if line[key].is_string() {
                    sent[key] = number(&line[key]);
                }
            }
            if let Some(percent) = percent(line) {
                sent["AccountCode"] = json!("200");
                sent["TaxType"] = json!(tax_type(&percent));
            }
            sent
        })
        .collect();
    let body = json!({
        "Type": "ACCREC",
        "Contact": { "Name": "Oracle" },
        "DueDate": "2026-12-31",
        "LineAmountTypes": document["lineAmountTypes"],
        "LineItems": lines,
    });
    let answer = client.put("Invoices?summarizeErrors=false", &body).await;
    let invoice = answer.first("Invoices");
    let same = |ours: &Value, theirs: &Value| {
        let ours: rust_decimal::Decimal = ours.to_string().parse().unwrap();
        assert_eq!(ours, theirs.as_str().unwrap().parse().unwrap(), "{document:#}\n{invoice:#}");
    };
    same(&invoice["SubTotal"], &document["subTotal"]);
    same(&invoice["TotalTax"], &document["totalTax"]);
    same(&invoice["Total"], &document["total"]);
    for (ours, theirs) in
        invoice["LineItems"].as_array().unwrap().iter().zip(document["lines"].as_array().unwrap())
    {
        if theirs.get("descriptionOnly").is_some() {
            assert!(ours.get("LineAmount").is_none());
            continue;
        }
        same(&ours["LineAmount"], &theirs["LineAmount"]);
        same(&ours["TaxAmount"], &theirs["TaxAmount"]);
    }
}
