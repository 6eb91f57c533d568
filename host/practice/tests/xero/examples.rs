//! The examples of the OpenAPI file: the validator judges them as measured, and a request of
//! theirs gets an answer of their shape.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tillbook_practice::xero::{PracticeXero, Preset, Running};

use crate::client::{Client, document_id, fixture, invoice, shared};
use crate::openapi;

/// Examples that break their own schema (section 5c of the reference).
const INVALID: [&str; 8] = [
    "deleteCreditNoteAllocations.200",
    "deleteOverpaymentAllocations.200",
    "deletePayment.request",
    "deletePrepaymentAllocations.200",
    "getPayment.200",
    "getPayments.200",
    "updateBankTransaction.request",
    "updateOrCreateBankTransactions.request",
];

#[test]
fn the_validator_refuses_exactly_the_eight_invalid_examples() {
    let Some(folder) = shared("OpenAPI examples") else { return };
    let mut seen = 0;
    let mut invalid = BTreeSet::new();
    let examples = std::fs::read_dir(folder.join("fixtures/xero/openapi-examples")).unwrap();
    for entry in examples {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let name = name.trim_end_matches(".json");
        let (operation, part) = name.split_once('.').unwrap();
        let body = fixture(&folder, &format!("openapi-examples/{name}.json"));
        let faults = openapi::faults_of_example(operation, part, &body);
        let faults = faults.unwrap_or_else(|| panic!("no schema for {name}"));
        seen += 1;
        if !faults.is_empty() {
            invalid.insert(name.to_owned());
        }
    }
    assert_eq!(seen, 151);
    assert_eq!(invalid.iter().map(String::as_str).collect::<Vec<_>>(), INVALID);
}

/// Members of example answers that come from what the example's author had in his books, that
/// contradict the request they answer, or that other examples of the same answer lack.
const CIRCUMSTANCE: [&str; 13] = [
    "Attachments",
    "AttentionTo",
    "CompanyNumber",
    "DefaultCurrency",
    "FirstName",
    "LastName",
    "PaymentTerms",
    "PurchasesDefaultLineAmountType",
    "ReportTaxType",
    "SalesDefaultLineAmountType",
    "SentToContact",
    "ValidationErrors",
    "Warnings",
];

/// Members that the example has and the answer has not.
fn missing(example: &Value, answer: &Value, path: &str, found: &mut Vec<String>) {
    match (example, answer) {
        (Value::Object(example), Value::Object(answer)) => {
            for (key, value) in example {
                let path = format!("{path}/{key}");
                match answer.get(key) {
                    Some(own) => missing(value, own, &path, found),
                    None if CIRCUMSTANCE.contains(&key.as_str()) => {}
                    None => found.push(path),
                }
            }
        }
        (Value::Array(example), Value::Array(answer)) => {
            if let (Some(example), Some(answer)) = (example.first(), answer.first()) {
                missing(example, answer, path, found);
            }
        }
        _ => {}
    }
}

/// Books with what the examples name.
struct Books {
    _xero: Running,
    client: Client,
    contact: String,
    invoice: String,
    note: String,
    category: String,
    option: String,
    account: String,
    journal: String,
    payment: String,
}

impl Books {
    async fn open() -> Self {
        let builder = PracticeXero::builder().lift_minute_limit();
        let builder = builder.organisation_with(Preset::Nz, |books| {
            books.tracking.truncate(1);
            for option in &mut books.tracking[0].options {
                option.name.truncate(5);
            }
        });
        let xero = builder.start().await.unwrap();
        let client = Client::new(&xero).await;
        let contact = json!({ "Name": "Liam Gallagher", "FirstName": "Liam" });
        let contact = document_id(&client, "Contacts", &contact).await;
        let mut sale = invoice("AUTHORISED");
        sale["Contact"] = json!({ "ContactID": contact });
        let invoice = document_id(&client, "Invoices", &sale).await;
        sale["Type"] = json!("ACCRECCREDIT");
        let note = document_id(&client, "CreditNotes", &sale).await;
        let category = client.get("TrackingCategories").await.first("TrackingCategories");
        let account = json!({ "Code": "991", "Name": "Spare", "Type": "EXPENSE" });
        let journal = json!({ "Narration": "n", "JournalLines": [
            { "Description": "d", "LineAmount": 1, "AccountCode": "400" }, { "LineAmount": -1, "AccountCode": "400" },
        ] });
        let payment = json!({
            "Invoice": { "InvoiceID": invoice }, "Account": { "Code": "970" }, "Amount": 1,
            "Reference": "foobar",
        });
        Self {
            account: document_id(&client, "Accounts", &account).await,
            journal: document_id(&client, "ManualJournals", &journal).await,
            payment: document_id(&client, "Payments", &payment).await,
            category: category["TrackingCategoryID"].as_str().unwrap().to_owned(),
            option: category["Options"][0]["TrackingOptionID"].as_str().unwrap().to_owned(),
            _xero: xero,
            client,
            contact,
            invoice,
            note,
        }
    }

    /// The example's request with ids, codes and types that exist here.
    fn adapt(&self, value: &mut Value) {
        match value {
            Value::Array(list) => list.iter_mut().for_each(|one| self.adapt(one)),
            Value::Object(members) => {
                for (key, value) in members.iter_mut() {
                    let known = match key.to_ascii_lowercase().as_str() {
                        "contactid" => Some(self.contact.as_str()),
                        "invoiceid" => Some(self.invoice.as_str()),
                        "accountid" => Some(self.account.as_str()),
                        "manualjournalid" => Some(self.journal.as_str()),
                        "accountcode" if *value == "000" => Some("400"),
                        "code" if *value == "000" => Some("090"),
                        "inventoryassetaccountcode" => Some("630"),
                        "cogsaccountcode" => Some("310"),
                        "type"
                            if value.as_str().unwrap_or_default().ends_with("TypeEnum.SPEND") =>
                        {
                            Some("SPEND")
                        }
                        _ => None,
                    };
                    match known {
                        Some(known) => *value = json!(known),
                        None if key == "Tracking" => {
                            *value = json!([{ "Name": "Channel", "Option": "Web s" }]);
                        }
                        None => self.adapt(value),
                    }
                }
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn a_request_of_theirs_gets_an_answer_of_their_shape() {
    let Some(folder) = shared("OpenAPI example requests") else { return };
    let books = Books::open().await;
    let category = format!("TrackingCategories/{}", books.category);
    let examples: Vec<(&str, &str, String)> = vec![
        ("createInvoices", "PUT", "Invoices".into()),
        ("updateOrCreateInvoices", "POST", "Invoices".into()),
        ("createCreditNotes", "PUT", "CreditNotes".into()),
        ("updateOrCreateCreditNotes", "POST", "CreditNotes".into()),
        ("createBankTransactions", "PUT", "BankTransactions".into()),
        ("createManualJournals", "PUT", "ManualJournals".into()),
        ("updateOrCreateManualJournals", "POST", "ManualJournals".into()),
        ("createContacts", "PUT", "Contacts".into()),
        ("updateOrCreateContacts", "POST", "Contacts".into()),
        ("updateContact", "POST", format!("Contacts/{}", books.contact)),
        ("createItems", "PUT", "Items".into()),
        ("updateOrCreateItems", "POST", "Items".into()),
        ("updateItem", "POST", "Items/ItemCode123".into()),
        ("createTaxRates", "PUT", "TaxRates".into()),
        ("updateTaxRate", "POST", "TaxRates".into()),
        ("createAccount", "PUT", "Accounts".into()),
        ("updateAccount", "POST", format!("Accounts/{}", books.account)),
        ("createCurrency", "PUT", "Currencies".into()),
        ("createTrackingCategory", "PUT", "TrackingCategories".into()),
        ("updateTrackingCategory", "POST", category.clone()),
        ("createTrackingOptions", "PUT", format!("{category}/Options")),
        ("updateTrackingOptions", "POST", format!("{category}/Options/{}", books.option)),
        ("updateInvoice", "POST", format!("Invoices/{}", books.invoice)),
        ("updateManualJournal", "POST", format!("ManualJournals/{}", books.journal)),
        ("createCreditNoteAllocation", "PUT", format!("CreditNotes/{}/Allocations", books.note)),
        ("createPayments", "PUT", "Payments".into()),
        ("deletePayment", "POST", format!("Payments/{}", books.payment)),
    ];
    for (operation, method, path) in examples {
        let mut request = fixture(&folder, &format!("openapi-examples/{operation}.request.json"));
        books.adapt(&mut request);
        // Each name and code is free once.
        let code = format!("\"{}\"", operation.get(..8).unwrap_or(operation));
        let text = request.to_string().replace("\"123456\"", &code);
        let request: Value = serde_json::from_str(&text).unwrap();
        if operation != "deletePayment" {
            let faults = openapi::faults_of_request(method, &path, &request);
            assert!(faults.iter().all(|one| one.contains("unknown member")), "{faults:#?}");
        }
        let path = format!("{path}?summarizeErrors=false");
        let answer = books.client.send(method, &path, &request).await;
        assert_eq!(answer.status, 200, "{operation} {}", answer.text);
        assert!(!answer.text.contains("\"ERROR\""), "{operation} {}", answer.text);
        let example = fixture(&folder, &format!("openapi-examples/{operation}.200.json"));
        let mut found = Vec::new();
        missing(&example, &answer.json(), "", &mut found);
        assert!(found.is_empty(), "{operation} lacks {found:#?}\n{}", answer.text);
    }
}
