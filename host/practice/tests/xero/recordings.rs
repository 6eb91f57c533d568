//! Real answers of Xero: the same request here gives the same members in the same order, and the
//! same values where they are not ids, moments or what an organisation happens to hold.

use serde_json::{Value, json};
use tillbook_practice::xero::{PracticeXero, Preset, Running, WireStyle};

use crate::client::{Answer, Client, document_id, fixture, http, invoice, read, shared, start_as};

/// Members that Xero added after a recording was made, or shows only at times.
const SINCE: [&str; 12] = [
    "UpdatedDateUTCString",
    "InvoicePaymentServices",
    "BrandingThemeID",
    "SentToContact",
    "AccountID",
    "TrackingOptionID",
    "HasErrors",
    "HasAttachments",
    "SalesTrackingCategories",
    "PurchasesTrackingCategories",
    "Balances",
    "Item",
];

/// Members whose values are an organisation's own.
const OWN: [&str; 26] = [
    "Id",
    "ProviderName",
    "Name",
    "LegalName",
    "Description",
    "Reference",
    "InvoiceNumber",
    "Code",
    "ShortCode",
    "Timezone",
    "CountryCode",
    "BaseCurrency",
    "Version",
    "CurrencyCode",
    "PaymentID",
    "FinancialYearEndMonth",
    "FinancialYearEndDay",
    "SalesTaxBasis",
    "SalesTaxPeriod",
    "TaxNumber",
    "PostalCode",
    "PhoneAreaCode",
    "CreditNoteNumber",
    "ItemCode",
    "TaxType",
    "ID",
];

/// How strictly two answers are compared.
#[derive(Clone, Copy)]
enum By {
    /// Members and their order.
    Members,
    /// Members whatever their order: some recorders sorted them.
    Sorted,
    /// Members, order and values.
    Values,
}

fn compare(theirs: &Value, ours: &Value, by: By, path: &str) {
    match (theirs, ours) {
        (Value::Object(theirs), Value::Object(ours)) => {
            for key in theirs.keys().filter(|key| !SINCE.contains(&key.as_str())) {
                assert!(ours.contains_key(key), "{path}/{key} is recorded, ours has {ours:?}");
            }
            for key in ours.keys().filter(|key| !SINCE.contains(&key.as_str())) {
                assert!(theirs.contains_key(key), "{path}/{key} is ours alone");
            }
            let both = |one: &serde_json::Map<String, Value>, other: &serde_json::Map<_, _>| {
                let keys = one.keys().filter(|key| other.contains_key(*key));
                keys.cloned().collect::<Vec<String>>()
            };
            if !matches!(by, By::Sorted) {
                assert_eq!(both(theirs, ours), both(ours, theirs), "order in {path}");
            }
            for (key, value) in theirs.iter().filter(|(key, _)| ours.contains_key(*key)) {
                let own =
                    OWN.contains(&key.as_str()) || key.contains("Date") || key.ends_with("ID");
                if own && !value.is_object() {
                    continue;
                }
                compare(value, &ours[key], by, &format!("{path}/{key}"));
            }
        }
        (Value::Array(theirs), Value::Array(ours)) => {
            if let By::Values = by {
                assert_eq!(theirs.len(), ours.len(), "length of {path}");
            }
            for (theirs, ours) in theirs.iter().zip(ours) {
                compare(theirs, ours, by, path);
            }
        }
        (Value::Number(theirs), Value::Number(ours)) if matches!(by, By::Values) => {
            assert_eq!(theirs.as_f64(), ours.as_f64(), "{path}");
        }
        (theirs, ours) if matches!(by, By::Values) => assert_eq!(theirs, ours, "{path}"),
        (theirs, ours) => assert_eq!(
            std::mem::discriminant(theirs),
            std::mem::discriminant(ours),
            "{path}: {theirs} and {ours}"
        ),
    }
}

async fn global_demo() -> (Running, Client) {
    start_as(Preset::Us).await
}

#[tokio::test]
async fn fyle_bill_and_bank_transaction() {
    let Some(folder) = shared("fyle recordings") else { return };
    let (_xero, client) = global_demo().await;
    let recorded = fixture(&folder, "fyle-recordings/bill_object.json");
    let bill = &recorded["Invoices"][0];
    let mut line = bill["LineItems"][0].clone();
    for computed in ["TaxAmount", "LineAmount", "LineItemID", "ValidationErrors"] {
        line.as_object_mut().unwrap().shift_remove(computed);
    }
    let body = json!({ "Invoices": [{
        "Type": "ACCPAY", "Reference": bill["Reference"], "Date": "2022-08-02",
        "DueDate": "2022-08-16", "Status": "AUTHORISED", "LineItems": [line],
        "Contact": {
            "Name": "Joanna", "FirstName": "Joanna", "LastName": "",
            "EmailAddress": "user@example.test",
        },
    }] });
    let mut answer = client.put("Invoices", &body).await.json();
    // The recorded bill had since been marked as paid.
    assert_eq!(answer["Invoices"][0]["Status"], "AUTHORISED");
    answer["Invoices"][0]["Status"] = json!("PAID");
    compare(&recorded, &answer, By::Values, "");

    let recorded = fixture(&folder, "fyle-recordings/bank_transaction_object.json");
    let spend = &recorded["BankTransactions"][0];
    let mut line = spend["LineItems"][0].clone();
    for computed in ["TaxAmount", "LineAmount", "LineItemID", "ValidationErrors", "AccountID"] {
        line.as_object_mut().unwrap().shift_remove(computed);
    }
    let body = json!({ "BankTransactions": [{
        "Type": "SPEND", "Reference": spend["Reference"], "Date": "2022-05-24",
        "LineAmountTypes": "Exclusive", "BankAccount": { "Code": "090" }, "LineItems": [line],
        "Contact": { "Name": "Credit Card Misc", "FirstName": "Credit", "LastName": "Misc" },
    }] });
    let answer = client.put("BankTransactions", &body).await.json();
    compare(&recorded, &answer, By::Values, "");
}

#[tokio::test]
async fn fyle_refusal_of_a_url() {
    let Some(folder) = shared("fyle refusal") else { return };
    let (_xero, client) = global_demo().await;
    let mut recorded =
        fixture(&folder, "fyle-recordings/validation_error_bank_transaction_url.json");
    recorded.as_object_mut().unwrap().shift_remove("_note");
    let element = &recorded["Elements"][0];
    let contact = document_id(&client, "Contacts", &json!({ "Name": "Someone" })).await;
    let body = json!({ "BankTransactions": [{
        "Type": "SPEND", "Reference": element["Reference"], "Url": element["Url"],
        "Date": "2022-03-30", "LineAmountTypes": "Exclusive", "BankAccount": { "Code": "090" },
        "Contact": { "ContactID": contact },
        "LineItems": [{
            "Description": "category - Food", "UnitAmount": 92.38, "TaxType": "OUTPUT",
            "AccountCode": "425",
        }],
    }] });
    let answer = client.put("BankTransactions", &body).await;
    assert_eq!(answer.status, 400);
    compare(&recorded, &answer.json(), By::Values, "");
}

#[tokio::test]
async fn fyle_settings_contacts_and_items() {
    let Some(folder) = shared("fyle settings") else { return };
    let (xero, client) = global_demo().await;
    let recorded = fixture(&folder, "fyle-recordings/create_contact.json");
    let sent = json!({ "Contacts": [{
        "Name": "sample", "FirstName": "sample", "LastName": "",
        "EmailAddress": "user@example.test",
    }] });
    let answer = client.put("Contacts", &sent).await.first("Contacts");
    compare(&recorded["Contacts"][0], &answer, By::Values, "");

    let recorded = fixture(&folder, "fyle-recordings/get_all_organisations.json");
    xero.change(xero.tenant(), |books| {
        books.profile.period_lock = chrono::NaiveDate::from_ymd_opt(2008, 9, 30);
        books.profile.tax_number_name = "Tax reg".to_owned();
    });
    let answer = client.get("Organisation").await.json();
    compare(&recorded, &answer["Organisations"], By::Sorted, "");

    let recorded = fixture(&folder, "fyle-recordings/get_all_tracking_categories.json");
    let mut answer = client.get("TrackingCategories").await.json();
    answer["TrackingCategories"].as_array_mut().unwrap().remove(0);
    compare(&recorded, &answer, By::Values, "");

    let recorded = fixture(&folder, "fyle-recordings/get_all_tax_codes.json");
    for rate in recorded["TaxRates"].as_array().unwrap() {
        let tax_type = rate["TaxType"].as_str().unwrap();
        if tax_type.starts_with("CAN") {
            continue;
        }
        let answer = client.get(&format!("TaxRates/{tax_type}")).await.first("TaxRates");
        let by = if matches!(tax_type, "OUTPUT" | "INPUT") { By::Members } else { By::Values };
        compare(rate, &answer, by, tax_type);
        assert_eq!(rate["EffectiveRate"], answer["EffectiveRate"]);
    }

    let recorded = fixture(&folder, "fyle-recordings/get_all_tenants.json");
    let url = format!("{}/connections", xero.base_url());
    let answer = read(http().get(url).bearer_auth(&client.token)).await.json();
    compare(&recorded, &answer, By::Sorted, "");
}

#[tokio::test]
async fn fyle_accounts_and_items() {
    let Some(folder) = shared("fyle accounts") else { return };
    let (_xero, client) = global_demo().await;
    let recorded = fixture(&folder, "fyle-recordings/get_all_accounts.json");
    let list = recorded.as_array().or_else(|| recorded["Accounts"].as_array()).unwrap();
    let ours = client.get("Accounts").await.json();
    let mut compared = 0;
    for theirs in list {
        let ours = ours["Accounts"].as_array().unwrap();
        let Some(own) = ours.iter().find(|one| one["Code"] == theirs["Code"]) else { continue };
        let mut theirs = theirs.clone();
        for at_times in ["SystemAccount", "Description", "ReportingCode", "ReportingCodeName"] {
            if own.get(at_times).is_none() {
                theirs.as_object_mut().unwrap().shift_remove(at_times);
            }
        }
        compare(&theirs, own, By::Members, theirs["Code"].as_str().unwrap());
        for key in ["Name", "Type", "Class", "EnablePaymentsToAccount", "Status"] {
            assert_eq!(theirs[key], own[key], "{key} of {}", own["Code"]);
        }
        compared += 1;
    }
    assert!(compared >= 40, "{compared}");

    let recorded = fixture(&folder, "fyle-recordings/get_all_items.json");
    for item in recorded["Items"].as_array().unwrap() {
        let mut sent = item.clone();
        sent.as_object_mut().unwrap().shift_remove("ItemID");
        assert_eq!(client.put("Items?unitdp=4", &sent).await.status, 200, "{sent:#}");
        let path = format!("Items/{}", item["Code"].as_str().unwrap());
        let mut own = client.get(&path).await.first("Items");
        let mut theirs = item.clone();
        // What stock it has comes from documents that were not recorded.
        for (json, keys) in [(&mut own, 2), (&mut theirs, 2)] {
            for key in ["QuantityOnHand", "TotalCostPool"].iter().take(keys) {
                json.as_object_mut().unwrap().shift_remove(*key);
            }
        }
        compare(&theirs, &own, By::Sorted, &path);
        assert_eq!(theirs["SalesDetails"], own["SalesDetails"]);
    }
}

/// The bodies of a cassette, with the request line each answers.
fn cassette(folder: &std::path::Path, name: &str) -> Vec<(String, String)> {
    let path = folder.join("fixtures/xero/xero-python-cassettes").join(name);
    let text = std::fs::read_to_string(path).unwrap();
    let tape: Value = match serde_yaml_ng::from_str::<serde_yaml_ng::Value>(&text) {
        Ok(tape) => plain(&tape),
        Err(error) => panic!("{name}: {error}"),
    };
    tape["interactions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let line = format!("{} {}", one["request"]["method"], one["request"]["uri"]);
            (line, one["response"]["body"]["string"].as_str().unwrap_or_default().to_owned())
        })
        .collect()
}

/// YAML as JSON; tagged bytes are left out.
fn plain(yaml: &serde_yaml_ng::Value) -> Value {
    match yaml {
        serde_yaml_ng::Value::Mapping(map) => map
            .iter()
            .map(|(key, value)| (key.as_str().unwrap_or_default().to_owned(), plain(value)))
            .collect(),
        serde_yaml_ng::Value::Sequence(list) => list.iter().map(plain).collect(),
        serde_yaml_ng::Value::String(text) => json!(text),
        _ => Value::Null,
    }
}

#[tokio::test]
async fn python_cassettes_of_2020_have_our_bytes() {
    let Some(folder) = shared("xero-python cassettes") else { return };
    let builder = PracticeXero::builder().style(WireStyle::Indented);
    let builder = builder.organisation_with(Preset::Nz, |books| {
        books.profile.period_lock = chrono::NaiveDate::from_ymd_opt(2009, 9, 30);
    });
    let xero = builder.start().await.unwrap();
    let client = Client::new(&xero).await;
    let (_, recorded) = cassette(&folder, "test_get_organisations.yaml").remove(0);
    let own = client.get("Organisation").await;
    compare(&serde_json::from_str(&recorded).unwrap(), &own.json(), By::Values, "");
    // Line by line, what is not a value is the same: white space, escapes, punctuation.
    let shape = |text: &str| -> Vec<String> {
        let lines = text.split("\r\n");
        lines.map(|line| line.split(": ").next().unwrap().to_owned()).collect()
    };
    assert_eq!(shape(&recorded), shape(&own.text));
    assert!(own.text.contains(r#""PeriodLockDate": "\/Date(1254268800000+0000)\/""#));

    let (_, recorded) = cassette(&folder, "test_get_connections.yaml").remove(0);
    let recorded: Value = serde_json::from_str(&recorded).unwrap();
    let url = format!("{}/Connections", xero.base_url());
    let mut own = read(http().get(url).bearer_auth(&client.token)).await.json();
    for later in ["authEventId", "tenantName"] {
        own[0].as_object_mut().unwrap().shift_remove(later);
    }
    compare(&recorded, &own, By::Members, "");

    let (_, recorded) = cassette(&folder, "test_token_api_refresh_token.yaml").remove(0);
    let mut recorded: Value = serde_json::from_str(&recorded).unwrap();
    // Official clients check an id token against keys that only Xero has.
    recorded.as_object_mut().unwrap().shift_remove("id_token");
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", &xero.grant()),
        ("client_id", xero.client_id()),
        ("client_secret", xero.client_secret()),
    ];
    let request = http().post(format!("{}/connect/token", xero.base_url())).form(&form);
    compare(&recorded, &read(request).await.json(), By::Members, "");
}

/// Invoices and bills as the recorded page has them: paid, credited, tracked, with items.
async fn fill(client: &Client) {
    client.put("Items", &json!({ "Code": "Support-M", "Name": "Support" })).await;
    for (kind, account) in [("ACCREC", "200"), ("ACCPAY", "429")] {
        for status in ["DRAFT", "AUTHORISED", "PAID", "CREDITED", "VOIDED"] {
            let mut body = invoice(if status == "DRAFT" { status } else { "AUTHORISED" });
            body["Type"] = json!(kind);
            body["InvoiceNumber"] = json!(format!("{kind}-{status}"));
            body["LineAmountTypes"] = json!("Inclusive");
            body["LineItems"] = json!([{
                "Description": "x", "ItemCode": "Support-M", "UnitAmount": 541.25,
                "AccountCode": account, "Tracking": [{ "Name": "Region", "Option": "North" }],
            }, { "Description": "y", "UnitAmount": 1, "AccountCode": account }]);
            let made = client.put("Invoices", &body).await.first("Invoices");
            let id = made["InvoiceID"].clone();
            match status {
                "PAID" => {
                    let pay = json!({
                        "Invoice": { "InvoiceID": id }, "Account": { "Code": "090" },
                        "Amount": 542.25, "Date": "2026-11-05",
                    });
                    assert_eq!(client.put("Payments", &pay).await.status, 200);
                }
                "CREDITED" => {
                    body["Type"] = json!(format!("{kind}CREDIT"));
                    let note = document_id(client, "CreditNotes", &body).await;
                    let path = format!("CreditNotes/{note}/Allocations");
                    let body = json!({ "Amount": 542.25, "Invoice": { "InvoiceID": id } });
                    assert_eq!(client.put(&path, &body).await.status, 200);
                }
                "VOIDED" => {
                    let void = json!({ "InvoiceID": id, "Status": "VOIDED" });
                    client.post("Invoices", &void).await;
                }
                _ => {}
            }
        }
    }
}

#[tokio::test]
async fn python_cassette_of_79_invoices() {
    let Some(folder) = shared("xero-python invoices") else { return };
    let (_xero, client) = start_as(Preset::Nz).await;
    fill(&client).await;
    let mut own = client.get("Invoices?page=1").await.json();
    own.as_object_mut().unwrap().shift_remove("pagination");
    let name = "test_invoice_attachment_upload_and_download.yaml";
    let (line, recorded) = cassette(&folder, name).remove(0);
    assert!(line.contains("Invoices?page=1"), "{line}");
    let recorded: Value = serde_json::from_str(&recorded).unwrap();
    let theirs = recorded["Invoices"].as_array().unwrap();
    let ours = own["Invoices"].as_array().unwrap();
    assert_eq!(theirs.len(), 79);
    let mut compared = 0;
    for theirs in theirs {
        let alike = ours.iter().find(|own| {
            own["Type"] == theirs["Type"]
                && own["Status"] == theirs["Status"]
                && own["Payments"].as_array().unwrap().len()
                    == theirs["Payments"].as_array().unwrap().len()
                && own["CreditNotes"].as_array().unwrap().len()
                    == theirs["CreditNotes"].as_array().unwrap().len()
        });
        let Some(own) = alike else { continue };
        let mut own = own.clone();
        // A missing rate and a line without an item are what those documents held.
        for (held, key) in [(theirs.get("CurrencyRate"), "CurrencyRate")] {
            if held.is_none() {
                own.as_object_mut().unwrap().shift_remove(key);
            }
        }
        let with_item = theirs["LineItems"][0].get("ItemCode").is_some();
        let lines = own["LineItems"].as_array_mut().unwrap();
        lines.remove(usize::from(with_item));
        compare(theirs, &own, By::Members, theirs["InvoiceNumber"].as_str().unwrap());
        compared += 1;
    }
    assert!(compared >= 70, "{compared}");
}

#[tokio::test]
async fn xeroizer_refusals() {
    let Some(folder) = shared("xeroizer stubs") else { return };
    let (xero, mut client) = start_as(Preset::Nz).await;
    let lower = |value: &Value| -> Vec<String> {
        value.as_object().unwrap().keys().map(|key| key.to_ascii_lowercase()).collect()
    };
    let holds = |answer: &Answer, name: &str| {
        let recorded = fixture(&folder, &format!("xeroizer-stubs/{name}.json"));
        let own = lower(&answer.json());
        assert!(lower(&recorded).iter().all(|key| own.contains(key)), "{name}");
        let number = recorded.get("Status").or(recorded.get("status")).unwrap();
        assert_eq!(*number, answer.status);
    };
    xero.expire_access_tokens();
    let expired = client.get("Organisation").await;
    holds(&expired, "expired_oauth2_token");
    client.token = "none".to_owned();
    holds(&client.get("Organisation").await, "invalid_oauth2_request_token");
    let mut client = Client::new(&xero).await;
    client.tenant = "nobody".to_owned();
    holds(&client.get("Organisation").await, "invalid_tenant_header");
}
