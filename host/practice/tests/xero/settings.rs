//! Organisation, chart, tax rates, currencies, tracking, contacts, items, journals, transfers.

use serde_json::{Value, json};
use tillbook_practice::xero::{Preset, global};

use crate::client::{LENIENT, document_id, invoice, refusal, start, start_as};

#[tokio::test]
async fn every_preset_answers_with_its_own_settings() {
    for preset in Preset::all() {
        let (_xero, client) = start_as(preset.clone()).await;
        let organisation = client.get("Organisation").await.first("Organisations");
        let base = organisation["BaseCurrency"].as_str().unwrap();
        assert!(organisation.get("PeriodLockDate").is_none());
        let currencies = client.get("Currencies").await;
        assert_eq!(currencies.first("Currencies")["Code"], base);
        let accounts = client.get("accounts").await.json();
        let accounts = accounts["Accounts"].as_array().unwrap();
        let bank = accounts.iter().find(|one| one["Code"] == "090").unwrap();
        assert_eq!(bank["CurrencyCode"], base);
        let rates = client.get("TaxRates").await.json();
        assert!(rates["TaxRates"].as_array().unwrap().len() >= 5, "{preset:?}");
        for path in ["BrandingThemes", "TrackingCategories", "Organisation/Actions"] {
            assert_eq!(client.get(path).await.status, 200, "{path}");
        }
        let made = client.put(&format!("Invoices?{LENIENT}"), &invoice("AUTHORISED")).await;
        assert_eq!(made.first("Invoices")["StatusAttributeString"], "OK", "{}", made.text);
        assert_eq!(made.first("Invoices")["CurrencyCode"], base);
    }
}

#[tokio::test]
async fn region_rates_are_those_of_the_region() {
    let rates = [
        (Preset::Au, "OUTPUT", 10.0),
        (Preset::Au, "EXEMPTOUTPUT", 0.0),
        (Preset::Gb, "OUTPUT2", 20.0),
        (Preset::Gb, "RROUTPUT", 5.0),
        (Preset::Nz, "OUTPUT2", 15.0),
        (Preset::Us, "OUTPUT", 8.25),
        (Preset::Us, "TAX002", 8.875),
        (Preset::Us, "TAX004", 8.625),
        (Preset::Ca, "TAX004", 15.4738),
        (Preset::Ca, "TAX005", 15.5),
        (global("EUR"), "TAX002", 5.5),
        (global("JPY"), "TAX002", 8.0),
        (global("BHD"), "TAX001", 10.0),
    ];
    for (preset, tax_type, percent) in rates {
        let (_xero, client) = start_as(preset.clone()).await;
        let rate = client.get(&format!("TaxRates/{tax_type}")).await.first("TaxRates");
        assert_eq!(rate["EffectiveRate"], percent, "{preset:?} {tax_type}");
        assert_eq!(rate["Status"], "ACTIVE");
    }
    let (_xero, client) = start_as(Preset::Nz).await;
    let old = client.get("TaxRates/OUTPUT").await.first("TaxRates");
    assert_eq!(old["Status"], "DELETED");
}

#[tokio::test]
async fn accounts_and_rates_are_made_one_at_a_time() {
    let (_xero, client) = start_as(Preset::Us).await;
    let account = json!({ "Code": "208", "Name": "Gift Wrap", "Type": "revenue" });
    let made = client.put("Accounts", &account).await.first("Accounts");
    assert_eq!((&made["Class"], &made["TaxType"]), (&json!("REVENUE"), &json!("OUTPUT")));
    let again = client.put("Accounts", &account).await.json();
    let message = &again["Elements"][0]["ValidationErrors"][0]["Message"];
    assert_eq!(message, "Please enter a unique Name.");
    let id = made["AccountID"].as_str().unwrap();
    let path = format!("Accounts/{id}");
    let archived = client.post(&path, &json!({ "Status": "ARCHIVED" })).await.first("Accounts");
    assert_eq!(archived["Status"], "ARCHIVED");
    assert_eq!(client.send("DELETE", &path, &json!({})).await.status, 200);
    assert_eq!(client.put("Accounts", &json!([account, account])).await.status, 400);
    let rate = json!({ "TaxRates": [{
        "Name": "Texas", "TaxComponents": [{ "Name": "TX", "Rate": 6.25 }, { "Name": "Austin", "Rate": 2 }],
    }] });
    let made = client.put("TaxRates", &rate).await.first("TaxRates");
    assert_eq!((&made["TaxType"], &made["EffectiveRate"]), (&json!("TAX005"), &json!(8.25)));
    let gone =
        json!({ "TaxRates": [{ "TaxType": "TAX005", "Name": "Texas", "Status": "DELETED" }] });
    assert_eq!(client.post("TaxRates", &gone).await.first("TaxRates")["Status"], "DELETED");
    let mut body = invoice("DRAFT");
    body["LineItems"][0]["TaxType"] = json!("TAX005");
    let refused = client.put(&format!("Invoices?{LENIENT}"), &body).await;
    assert!(refusal(&refused, "Invoices").starts_with("The TaxType code TAX005 does not exist"));
}

#[tokio::test]
async fn currencies_are_subscribed_to_and_converted() {
    let (_xero, client) = start_as(Preset::Gb).await;
    let mut body = invoice("AUTHORISED");
    body["CurrencyCode"] = json!("CHF");
    assert_eq!(client.put("Invoices", &body).await.status, 400);
    let added = client.put("Currencies", &json!({ "Code": "chf" })).await;
    assert_eq!(added.first("Currencies")["Description"], "Swiss Franc");
    let made = client.put("Invoices", &body).await;
    assert!(made.text.contains(r#""CurrencyRate":1.1139240000"#), "{}", made.text);
    body["CurrencyRate"] = json!(1.25);
    let made = client.put("Invoices", &body).await.first("Invoices");
    let pay = json!({
        "Invoice": { "InvoiceID": made["InvoiceID"] }, "Account": { "Code": "090" },
        "Amount": 120, "Date": "2026-11-05",
    });
    let paid = client.put("Payments", &pay).await;
    assert!(paid.text.contains(r#""BankAmount":96.00,"Amount":120.00"#), "{}", paid.text);
}

#[tokio::test]
async fn tracking_stands_on_lines_and_grows_by_options() {
    let (_xero, client) = start().await;
    let category = client.get("TrackingCategories").await.first("TrackingCategories");
    let id = category["TrackingCategoryID"].as_str().unwrap();
    let made = client
        .put(&format!("TrackingCategories/{id}/Options"), &json!({ "name": "Phone" }))
        .await
        .first("Options");
    assert_eq!(made["IsActive"], true);
    let mut body = invoice("DRAFT");
    body["LineItems"][0]["Tracking"] = json!([{ "Name": "channel", "Option": "phone" }]);
    let line = client.put("Invoices", &body).await.first("Invoices")["LineItems"][0].clone();
    assert_eq!(line["Tracking"][0]["TrackingOptionID"], made["TrackingOptionID"]);
    let third = client.put("TrackingCategories", &json!({ "Name": "Third" })).await;
    assert_eq!(third.status, 400);
    let option = made["TrackingOptionID"].as_str().unwrap();
    let path = format!("TrackingCategories/{id}/Options/{option}");
    assert_eq!(client.send("DELETE", &path, &json!({})).await.first("Options")["IsDeleted"], true);
    let path = format!("TrackingCategories/{id}");
    let renamed = client.post(&path, &json!({ "Name": "Way" })).await;
    assert_eq!(renamed.first("TrackingCategories")["Name"], "Way");
}

#[tokio::test]
async fn contacts_are_unique_by_name_and_keep_what_is_left_out() {
    let (xero, client) = start().await;
    let ada = json!({ "Contacts": [{
        "Name": "Ada Lovelace", "ContactNumber": "woo-1", "EmailAddress": "ada@example.test",
        "IsCustomer": true,
        "Addresses": [{ "AddressType": "POBOX", "City": "London", "Country": "GB" }],
        "Phones": [{ "PhoneType": "MOBILE", "PhoneNumber": "555" }],
    }] });
    let made = client.put("Contacts", &ada).await.first("Contacts");
    assert_eq!(made["IsCustomer"], false);
    assert_eq!(made["Addresses"].as_array().unwrap().len(), 2);
    assert_eq!(made["Phones"].as_array().unwrap().len(), 4);
    let twin = client.put("Contacts", &json!({ "Name": "ADA lovelace" })).await;
    assert_eq!(
        twin.json()["Elements"][0]["ValidationErrors"][0]["Message"],
        "The contact name ADA lovelace is already assigned to another contact. The contact name \
         must be unique across all active contacts."
    );
    assert_eq!(twin.json()["Elements"][0]["HasValidationErrors"], true);
    let by_number = json!({ "ContactNumber": "woo-1", "Name": "Ada King" });
    let renamed = client.post("Contacts", &by_number).await.first("Contacts");
    assert_eq!(renamed["ContactID"], made["ContactID"]);
    assert_eq!(renamed["EmailAddress"], "ada@example.test");
    assert_eq!(renamed["Addresses"][1]["City"], "London");
    assert_eq!(client.get("Contacts/woo-1").await.first("Contacts")["Name"], "Ada King");
    for (contact, expected) in [
        (json!({ "Name": "X", "EmailAddress": "x@" }), "Email address must be valid."),
        (json!({ "EmailAddress": "x@example.test" }), "The Contact must contain at least 1"),
        (json!({ "Name": "a  b" }), "The contact name is not valid."),
        (
            json!({ "Name": "X", "ContactPersons": [{ "FirstName": "Y" }] }),
            "Additional people cannot be added",
        ),
    ] {
        let answer = client.put(&format!("Contacts?{LENIENT}"), &contact).await;
        assert!(refusal(&answer, "Contacts").starts_with(expected), "{contact}");
    }
    let id = made["ContactID"].as_str().unwrap();
    let path = format!("Contacts/{id}?{LENIENT}");
    client.post(&path, &json!({ "ContactStatus": "ARCHIVED" })).await;
    let edit = client.post(&path, &json!({ "Name": "Back" })).await;
    assert!(refusal(&edit, "Contacts").contains("matched an archived contact"));
    let mut body = invoice("DRAFT");
    body["Contact"] = json!({ "ContactID": id });
    let refused = client.put(&format!("Invoices?{LENIENT}"), &body).await;
    assert!(refusal(&refused, "Invoices").contains("has been archived"));
    assert_eq!(client.get("Contacts").await.json()["Contacts"], json!([]));
    let all = client.get("Contacts?includeArchived=true").await.json();
    assert_eq!(all["Contacts"].as_array().unwrap().len(), 1);
    assert_eq!(client.put("Contacts", &json!({ "Name": "Ada King" })).await.status, 200);
    assert_eq!(xero.contacts(xero.tenant()).len(), 2);
}

#[tokio::test]
async fn an_invoice_makes_the_contact_it_names() {
    let (xero, client) = start().await;
    for _ in 0..2 {
        client.put("Invoices", &invoice("AUTHORISED")).await;
    }
    let contacts = xero.contacts(xero.tenant());
    assert_eq!(contacts.len(), 1);
    assert!(contacts[0].is_customer && !contacts[0].is_supplier);
}

/// A tracked item, bought ten at 4.00.
async fn stocked() -> (tillbook_practice::xero::Running, crate::client::Client) {
    let (xero, client) = start().await;
    let item = json!({ "Items": [{
        "Code": "LOOM", "Name": "Loom", "InventoryAssetAccountCode": "630",
        "PurchaseDetails": { "UnitPrice": 4, "COGSAccountCode": "310" },
        "SalesDetails": { "UnitPrice": 9.5, "AccountCode": "200" },
    }] });
    assert_eq!(client.put("Items", &item).await.status, 200);
    let bill = json!({
        "Type": "ACCPAY", "Contact": { "Name": "Maker" }, "Date": "2026-11-01",
        "DueDate": "2026-11-30", "Status": "AUTHORISED",
        "LineItems": [{ "ItemCode": "LOOM", "Quantity": 10, "TaxType": "INPUT" }],
    });
    let made = client.put(&format!("Invoices?{LENIENT}"), &bill).await;
    assert_eq!(made.first("Invoices")["StatusAttributeString"], "OK", "{}", made.text);
    (xero, client)
}

#[tokio::test]
async fn tracked_stock_rises_falls_and_runs_out() {
    let (xero, client) = stocked().await;
    let stock = || {
        let item = &xero.items(xero.tenant())[0];
        (item.quantity_on_hand.normalize(), item.total_cost_pool.normalize())
    };
    assert_eq!(stock(), (10.into(), 40.into()));
    let sale = |quantity: u32| {
        json!({
            "Type": "ACCREC", "Contact": { "Name": "Ada" }, "Date": "2026-11-02",
            "DueDate": "2026-11-30", "Status": "AUTHORISED",
            "LineItems": [{ "ItemCode": "loom", "Quantity": quantity }],
        })
    };
    let sold = client.put("Invoices", &sale(4)).await.first("Invoices");
    assert_eq!(sold["SubTotal"], 38.0);
    assert_eq!(sold["LineItems"][0]["AccountCode"], "200");
    assert_eq!(sold["LineItems"][0]["Description"], "Loom");
    assert_eq!(stock(), (6.into(), 24.into()));
    let beyond = client.put(&format!("Invoices?{LENIENT}"), &sale(7)).await;
    assert!(refusal(&beyond, "Invoices").contains("quantity on hand"));
    let void = json!({ "InvoiceID": sold["InvoiceID"], "Status": "VOIDED" });
    client.post("Invoices", &void).await;
    assert_eq!(stock(), (10.into(), 40.into()));
    client.put("Invoices?allowBackorders=true", &sale(11)).await;
    assert_eq!(stock().0, (-1).into());
    let item = client.get("Items/LOOM").await;
    assert!(item.text.contains(r#""IsTrackedAsInventory":true"#));
    let off = json!({ "Code": "LOOM", "InventoryAssetAccountCode": "" });
    assert_eq!(client.post("Items", &off).await.status, 400);
}

#[tokio::test]
async fn a_zero_total_bill_adjusts_stock() {
    let (xero, client) = stocked().await;
    let bill = json!({
        "Type": "ACCPAY", "Contact": { "Name": "Stock count" }, "Date": "2026-11-03",
        "DueDate": "2026-11-03", "Status": "AUTHORISED", "LineAmountTypes": "NoTax",
        "LineItems": [
            { "ItemCode": "LOOM", "Quantity": -3, "UnitAmount": 4 },
            { "Description": "Shrinkage", "Quantity": 3, "UnitAmount": 4, "AccountCode": "311" },
        ],
    });
    let made = client.put(&format!("Invoices?{LENIENT}"), &bill).await;
    assert_eq!(made.first("Invoices")["Total"], 0.0, "{}", made.text);
    assert_eq!(xero.items(xero.tenant())[0].quantity_on_hand, 7.into());
    let direct = json!({
        "Type": "ACCPAY", "Contact": { "Name": "Stock count" },
        "LineItems": [{ "Description": "x", "UnitAmount": 4, "AccountCode": "630" }],
    });
    let refused = client.put(&format!("Invoices?{LENIENT}"), &direct).await;
    assert!(refusal(&refused, "Invoices").contains("Account code '630' is not a valid code"));
}

#[tokio::test]
async fn items_are_unique_by_code_and_price_in_four_decimals_when_asked() {
    let (_xero, client) = start().await;
    let item = json!({ "Items": [{ "Code": "abc", "SalesDetails": { "UnitPrice": 1.2345 } }] });
    let made = client.put("Items?unitdp=4", &item).await;
    assert!(made.text.contains(r#""UnitPrice":1.2345"#), "{}", made.text);
    let again = client.put("Items", &item).await.json();
    assert_eq!(
        again["Elements"][0]["ValidationErrors"][0]["Message"],
        "Price List Item with Code 'abc' already exists"
    );
    let renamed = client.post("Items", &json!({ "Code": "ABC", "Name": "Alphabet" })).await;
    assert_eq!(renamed.first("Items")["ItemID"], made.first("Items")["ItemID"]);
    let path = format!("Items/{}", made.first("Items")["ItemID"].as_str().unwrap());
    assert_eq!(client.send("DELETE", &path, &json!({})).await.status, 204);
    assert_eq!(client.get(&path).await.status, 404);
}

#[tokio::test]
async fn journals_balance_and_keep_to_their_accounts() {
    let (_xero, client) = start().await;
    let journal = |credit: i32, code: &str| {
        json!({ "ManualJournals": [{
            "Narration": "Fees", "Date": "2026-11-05", "Status": "POSTED",
            "JournalLines": [
                { "LineAmount": 100, "AccountCode": "404" },
                { "LineAmount": credit, "AccountCode": code },
            ],
        }] })
    };
    let path = format!("ManualJournals?{LENIENT}");
    let uneven = client.put(&path, &journal(-10, "836")).await;
    assert_eq!(
        refusal(&uneven, "ManualJournals"),
        "The total debits (100.00) must equal total credits (-10.00)"
    );
    for closed in ["090", "610", "800", "960", "630"] {
        let refused = client.put(&path, &journal(-100, closed)).await;
        let expected = format!("Account code '{closed}' is not a valid code for this document.");
        assert_eq!(refusal(&refused, "ManualJournals"), expected);
    }
    let made = client.put(&path, &journal(-100, "836")).await.first("ManualJournals");
    let id = made["ManualJournalID"].as_str().unwrap();
    let void = client.post(&format!("ManualJournals/{id}"), &json!({ "Status": "VOIDED" })).await;
    assert_eq!(void.first("ManualJournals")["Status"], "VOIDED");
    let again = client.post(&format!("ManualJournals/{id}"), &json!({ "Status": "POSTED" })).await;
    assert_eq!(again.status, 400);
    assert_eq!(client.get("ManualJournals?page=1").await.json()["pagination"]["itemCount"], 1);
}

#[tokio::test]
async fn transfers_have_two_sides_and_histories_only_grow() {
    let (xero, client) = start().await;
    let transfer = json!({ "BankTransfers": [{
        "FromBankAccount": { "Code": "092" }, "ToBankAccount": { "Code": "090" },
        "Amount": 96.1, "Date": "2026-11-06",
    }] });
    let made = client.put("BankTransfers", &transfer).await.first("BankTransfers");
    let sides = xero.bank_transactions(xero.tenant());
    assert_eq!(sides.len(), 2);
    assert_eq!(made["FromBankTransactionID"], sides[0].id.to_string());
    let id = document_id(&client, "Invoices", &invoice("DRAFT")).await;
    let note = json!({ "HistoryRecords": [{ "Details": "Synced from Woo order 123" }] });
    let path = format!("Invoices/{id}/History");
    let put = client.put(&path, &note).await.first("HistoryRecords");
    assert_eq!(put["ValidationErrors"], json!([]));
    assert!(put["DateUTC"].as_str().unwrap().ends_with(")/"));
    let list = client.get(&path).await.json();
    assert_eq!(list["HistoryRecords"][0]["Details"], "Synced from Woo order 123");
    let nowhere = client.put("Invoices/nothing/History", &note).await.json();
    let message: &Value = &nowhere["Elements"][0]["ValidationErrors"][0]["Message"];
    assert_eq!(message, "The document with the supplied id was not found for this endpoint.");
}
