//! Invoices, credit notes, payments and allocations: what is accepted and what follows.

use serde_json::{Value, json};
use tillbook_practice::xero::Preset;

use crate::client::{LENIENT, document_id, invoice, refusal, start, start_as};

#[tokio::test]
async fn an_invoice_is_created_numbered_taxed_and_read_back() {
    let (xero, client) = start().await;
    let created = client.put(&format!("Invoices?{LENIENT}"), &invoice("AUTHORISED")).await;
    assert_eq!(created.status, 200);
    let first = created.first("Invoices");
    assert_eq!(first["InvoiceNumber"], "INV-0001");
    assert_eq!(first["StatusAttributeString"], "OK");
    assert_eq!(first["LineItems"][0]["TaxType"], "OUTPUT");
    assert!(created.text.contains(r#""Total":110.00"#), "{}", created.text);
    assert!(created.text.contains(r#""Quantity":2.0000"#), "{}", created.text);
    let by_number = client.get("invoices/INV-0001").await.first("Invoices");
    assert_eq!(by_number["InvoiceID"], first["InvoiceID"]);
    assert_eq!(by_number["Contact"]["Name"], "Ada Lovelace");
    assert_eq!(xero.invoices(xero.tenant())[0].totals.total, 110.into());
    let again = client
        .put(
            "Invoices",
            &json!({"Invoices": [{
                "Type": "ACCREC", "InvoiceNumber": "inv-0001", "Contact": {"Name": "ada lovelace"},
                "LineItems": [{"Description": "x", "UnitAmount": 1}],
            }]}),
        )
        .await;
    assert_eq!(again.status, 400);
    let error = again.json();
    assert_eq!(error["ErrorNumber"], 10);
    assert_eq!(error["Type"], "ValidationException");
    assert_eq!(error["Elements"][0]["ValidationErrors"][0]["Message"], "Invoice # must be unique.");
    assert_eq!(xero.contacts(xero.tenant()).len(), 1);
}

#[tokio::test]
async fn statuses_move_only_along_the_table() {
    let (_xero, client) = start().await;
    let paths: [(&str, &[(&str, bool)]); 5] = [
        ("DRAFT", &[("SUBMITTED", true), ("DRAFT", true), ("AUTHORISED", true), ("VOIDED", true)]),
        ("DRAFT", &[("VOIDED", false), ("PAID", false), ("DELETED", true), ("DRAFT", false)]),
        ("SUBMITTED", &[("VOIDED", false), ("DELETED", true), ("AUTHORISED", false)]),
        (
            "AUTHORISED",
            &[("DRAFT", false), ("SUBMITTED", false), ("DELETED", false), ("PAID", false)],
        ),
        ("AUTHORISED", &[("AUTHORISED", true), ("VOIDED", true), ("AUTHORISED", false)]),
    ];
    for (begin, steps) in paths {
        let created = client.put(&format!("Invoices?{LENIENT}"), &invoice(begin)).await;
        let id = created.first("Invoices")["InvoiceID"].as_str().unwrap().to_owned();
        for (status, allowed) in steps {
            let body = json!({ "InvoiceID": id, "Status": status });
            let answer = client.post(&format!("Invoices?{LENIENT}"), &body).await;
            let element = answer.first("Invoices");
            if *allowed {
                assert_eq!(element["Status"], *status, "{begin} {status} {element:#}");
            } else {
                assert_eq!(
                    refusal(&answer, "Invoices"),
                    "Invoice not of valid status for modification"
                );
                assert_eq!(element["HasErrors"], true);
                assert!(element.get("AmountDue").is_none());
            }
        }
    }
    for status in ["PAID", "VOIDED", "DELETED"] {
        let answer = client.put(&format!("Invoices?{LENIENT}"), &invoice(status)).await;
        assert_eq!(refusal(&answer, "Invoices"), "Invoice not of valid status for creation");
        assert_eq!(answer.first("Invoices")["InvoiceID"], "00000000-0000-0000-0000-000000000000");
    }
}

#[tokio::test]
async fn payments_move_what_is_due_and_can_only_be_deleted() {
    let (xero, client) = start().await;
    let id = document_id(&client, "Invoices", &invoice("AUTHORISED")).await;
    let pay = |amount: &str, date: &str| {
        json!({
            "Invoice": { "InvoiceID": id }, "Account": { "Code": "092" },
            "Date": date, "Amount": serde_json::from_str::<Value>(amount).unwrap(), "Reference": "ch_1",
        })
    };
    let first = client.put(&format!("Payments?{LENIENT}"), &pay("60.5", "2026-10-31")).await;
    let payment = first.first("Payments");
    assert_eq!(payment["StatusAttributeString"], "WARNING");
    assert_eq!(payment["Warnings"][0]["Message"], "The payment date is prior to the invoice date.");
    assert!(first.text.contains(r#""AmountDue":49.50"#), "{}", first.text);
    let beyond = client.put(&format!("Payments?{LENIENT}"), &pay("49.51", "2026-11-02")).await;
    assert_eq!(
        refusal(&beyond, "Payments"),
        "Payment amount exceeds the amount outstanding on this document"
    );
    client.put("Payments", &pay("49.5", "2026-11-03")).await;
    let paid = client.get(&format!("Invoices/{id}")).await.first("Invoices");
    assert_eq!(paid["Status"], "PAID");
    assert_eq!(paid["FullyPaidOnDate"], "/Date(1793664000000+0000)/");
    assert_eq!(paid["Payments"].as_array().unwrap().len(), 2);
    let void = client.post(&format!("Invoices/{id}?{LENIENT}"), &json!({"Status": "VOIDED"})).await;
    assert_eq!(
        refusal(&void, "Invoices"),
        "The status VOIDED cannot be applied to the invoice because it has payments or credit \
         notes allocated to it."
    );
    for payment in paid["Payments"].as_array().unwrap() {
        let path = format!("Payments/{}", payment["PaymentID"].as_str().unwrap());
        let edit = client.post(&path, &json!({ "Payments": [{ "Amount": 1 }] })).await;
        assert_eq!(edit.status, 400);
        let deleted = client.post(&path, &json!({ "Payments": [{ "Status": "DELETED" }] })).await;
        assert_eq!(deleted.first("Payments")["Status"], "DELETED");
        assert!(deleted.text.contains(r#""CurrencyRate":0.0000000000"#));
    }
    assert_eq!(xero.invoices(xero.tenant())[0].outstanding(), 110.into());
    let void = client.post("Invoices", &json!({ "InvoiceID": id, "Status": "VOIDED" })).await;
    assert!(void.text.contains(r#""AmountDue":110.00"#), "{}", void.text);
    let later = client.get(&format!("Invoices/{id}")).await;
    assert!(later.text.contains(r#""AmountDue":0.00"#), "{}", later.text);
    let listed = client.get("Payments").await;
    assert_eq!(listed.json()["Payments"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn payments_need_an_account_that_takes_them_and_an_approved_document() {
    let (_xero, client) = start().await;
    let draft = document_id(&client, "Invoices", &invoice("DRAFT")).await;
    let open = document_id(&client, "Invoices", &invoice("AUTHORISED")).await;
    for (id, code, expected) in [
        (&draft, "090", "Payments can only be made against Authorised documents"),
        (&open, "200", "Account type is invalid for making a payment to/from"),
        (&open, "092EUR", "Account type is invalid for making a payment to/from"),
    ] {
        let body = json!({
            "Invoice": { "InvoiceID": id }, "Account": { "Code": code }, "Amount": 1,
        });
        let answer = client.put(&format!("Payments?{LENIENT}"), &body).await;
        assert_eq!(refusal(&answer, "Payments"), expected, "{code}");
    }
    let clearing = json!({
        "InvoiceNumber": "INV-0002", "Account": { "Code": "855" }, "Amount": 1, "Date": "2026-11-05",
    });
    let answer = client.put(&format!("Payments?{LENIENT}"), &clearing).await;
    assert_eq!(answer.first("Payments")["StatusAttributeString"], "OK");
}

/// A credit note over an amount plus 10 % GST for the same contact.
fn credit_note(net: u32) -> Value {
    let mut note = invoice("AUTHORISED");
    note["Type"] = json!("ACCRECCREDIT");
    note["Date"] = json!("2026-11-09");
    note["LineItems"][0]["Quantity"] = json!(1);
    note["LineItems"][0]["UnitAmount"] = json!(net);
    note.as_object_mut().unwrap().remove("DueDate");
    note
}

#[tokio::test]
async fn credit_is_allocated_refunded_and_taken_back() {
    let (xero, client) = start().await;
    let bill = document_id(&client, "Invoices", &invoice("AUTHORISED")).await;
    let note = document_id(&client, "CreditNotes", &credit_note(100)).await;
    let allocate = |amount: u32| {
        json!({ "Allocations": [{
            "Amount": amount, "Date": "2026-11-09", "Invoice": { "InvoiceID": bill },
        }] })
    };
    let path = format!("CreditNotes/{note}/Allocations");
    let beyond = client.put(&path, &allocate(111)).await;
    assert_eq!(beyond.status, 400);
    let answer = client.put(&path, &allocate(110)).await.first("Allocations");
    assert_eq!(answer["Date"], "/Date(1794182400000+0000)/");
    let paid = client.get(&format!("Invoices/{bill}")).await;
    let invoice = paid.first("Invoices");
    assert_eq!(invoice["Status"], "PAID");
    assert!(paid.text.contains(r#""AmountPaid":0.00,"AmountCredited":110.00"#), "{}", paid.text);
    assert_eq!(invoice["CreditNotes"][0]["AppliedAmount"], 110.0);
    let used = client.get("CreditNotes/CN-0001").await.first("CreditNotes");
    assert_eq!(used["Status"], "PAID");
    assert_eq!(used["ID"], used["CreditNoteID"]);
    let id = used["Allocations"][0]["AllocationID"].as_str().unwrap().to_owned();
    let gone = client.send("DELETE", &format!("{path}/{id}"), &json!({})).await;
    assert_eq!(gone.status, 200);
    assert_eq!(xero.invoices(xero.tenant())[0].outstanding(), 110.into());
    assert_eq!(xero.credit_notes(xero.tenant())[0].outstanding(), 110.into());
    let refund = json!({
        "CreditNote": { "CreditNoteID": note }, "Account": { "Code": "092" },
        "Date": "2026-11-10", "Amount": 110,
    });
    let refund = client.put("Payments", &refund).await.first("Payments");
    assert_eq!(refund["PaymentType"], "ARCREDITPAYMENT");
    let note = client.get("CreditNotes?page=1").await.first("CreditNotes");
    assert_eq!(note["Status"], "PAID");
    assert_eq!(note["RemainingCredit"], 0.0);
}

#[tokio::test]
async fn a_paid_invoice_lets_only_some_fields_through() {
    let (_xero, client) = start().await;
    let id = document_id(&client, "Invoices", &invoice("AUTHORISED")).await;
    let pay = json!({
        "Invoice": { "InvoiceID": id }, "Account": { "Code": "090" }, "Amount": 10,
        "Date": "2026-11-04",
    });
    client.put("Payments", &pay).await;
    let held = client.get(&format!("Invoices/{id}")).await.first("Invoices");
    let line = held["LineItems"][0]["LineItemID"].clone();
    let path = format!("Invoices/{id}?{LENIENT}");
    let allowed = json!({
        "Reference": "new", "DueDate": "2026-12-01", "InvoiceNumber": "INV-9",
        "LineItems": [{ "LineItemID": line, "Description": "Better loom", "AccountCode": "260" }],
    });
    let answer = client.post(&path, &allowed).await.first("Invoices");
    assert_eq!(answer["StatusAttributeString"], "OK", "{answer:#}");
    assert_eq!(answer["LineItems"][0]["AccountCode"], "260");
    let locked =
        "This document cannot be edited as it has a payment or credit note allocated to it.";
    for (change, expected) in [
        (json!({ "LineItems": [{ "LineItemID": line, "UnitAmount": 51 }] }), locked),
        (
            json!({ "LineItems": [{ "Description": "Loom", "Quantity": 2, "UnitAmount": 50 }] }),
            locked,
        ),
        (json!({ "CurrencyCode": "USD" }), locked),
        (
            json!({ "Date": "2026-11-02" }),
            "Date cannot be changed on an invoice that has payment or credit notes allocated to it.",
        ),
    ] {
        let answer = client.post(&path, &change).await;
        assert_eq!(refusal(&answer, "Invoices"), expected, "{change}");
    }
}

#[tokio::test]
async fn lines_without_their_id_are_made_anew_and_lines_left_out_are_gone() {
    let (_xero, client) = start().await;
    let mut body = invoice("DRAFT");
    body["LineItems"] = json!([
        { "Description": "One", "UnitAmount": 10, "AccountCode": "200" },
        { "Description": "Two", "UnitAmount": 20, "AccountCode": "200" },
    ]);
    let id = document_id(&client, "Invoices", &body).await;
    let held = client.get(&format!("Invoices/{id}")).await.first("Invoices");
    let second = held["LineItems"][1]["LineItemID"].clone();
    let change = json!({ "InvoiceID": id, "LineItems": [
        { "LineItemID": second, "UnitAmount": 25 }, { "Description": "Three", "UnitAmount": 1 },
    ]});
    let after = client.post("Invoices", &change).await.first("Invoices");
    assert_eq!(after["LineItems"][0]["LineItemID"], second);
    assert_eq!(after["LineItems"][0]["Description"], "Two");
    assert_eq!(after["LineItems"].as_array().unwrap().len(), 2);
    assert_eq!(after["SubTotal"], 26.0);
    let kept = client.post("Invoices", &json!({ "InvoiceID": id, "Reference": "r" })).await;
    assert_eq!(kept.first("Invoices")["LineItems"], after["LineItems"]);
}

/// (member to change, its value, the sentence that refuses it)
fn rules() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        ("/Contact", json!({}), "A Contact must be specified for this type of transaction"),
        (
            "/Contact",
            json!({ "EmailAddress": "a@example.test" }),
            "The Contact must contain at least 1 of the following elements to identify the \
             contact: Name, ContactID, ContactNumber",
        ),
        ("/LineItems", json!([]), "One or more line items must be specified"),
        ("/LineItems/0/AccountCode", json!(""), "Account code must be specified"),
        ("/DueDate", json!(""), "Due date cannot be empty"),
        ("/Url", json!("shop/1"), "Url must be a valid absolute url"),
        ("/CurrencyCode", json!("CHF"), "Organisation is not subscribed to currency CHF"),
        (
            "/LineItems/0/AccountCode",
            json!("999"),
            "Account code '999' is not a valid code for this document.",
        ),
        (
            "/LineItems/0/AccountCode",
            json!("610"),
            "Account code '610' is not a valid code for this document.",
        ),
        (
            "/LineItems/0/AccountCode",
            json!("260"),
            "Account code '260' has been archived, or has been deleted. Each line item must \
             reference a valid account",
        ),
        (
            "/LineItems/0/TaxType",
            json!("INPUT"),
            "The TaxType code 'INPUT' cannot be used with account code '200'.",
        ),
        (
            "/LineItems/0/TaxType",
            json!("OUTPUT9"),
            "The TaxType code OUTPUT9 does not exist or cannot be used for this type of transaction.",
        ),
        (
            "/LineItems/0/UnitAmount",
            json!(-1),
            "The Total for this document must be greater than or equal to zero.",
        ),
        (
            "/LineItems/0/LineAmount",
            json!(99),
            "The line total 99 does not match the expected line total 100.00",
        ),
        ("/Total", json!(99), "The invoice total does not equal the sum of the lines."),
        (
            "/LineItems/0/DiscountRate",
            json!(100.5),
            "The discount rate '100.5' is invalid. Discount must not be greater than the line total.",
        ),
    ]
}

#[tokio::test]
async fn each_rule_has_its_sentence() {
    let (xero, client) = start_as(Preset::Au).await;
    xero.change(xero.tenant(), |books| {
        let id = books.account_by_code("260").unwrap().id;
        books.accounts.get_mut(id).unwrap().status = "ARCHIVED".to_owned();
    });
    for (pointer, value, expected) in rules() {
        let mut body = invoice("AUTHORISED");
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        body.pointer_mut(parent).unwrap()[key] = value;
        let answer = client.put(&format!("Invoices?{LENIENT}"), &body).await;
        assert_eq!(refusal(&answer, "Invoices"), expected, "{pointer}");
    }
    assert!(xero.invoices(xero.tenant()).is_empty());
    assert!(xero.contacts(xero.tenant()).is_empty());
}

#[tokio::test]
async fn a_number_in_exponent_form_breaks_the_parse() {
    let (_xero, client) = start().await;
    let text = invoice("AUTHORISED").to_string().replace("\"UnitAmount\":50", "\"UnitAmount\":5E1");
    let request = client
        .request("PUT", &format!("Invoices?{LENIENT}"))
        .header("Content-Type", "application/json")
        .body(text);
    let element = crate::client::read(request).await.first("Invoices");
    assert_eq!(element["ValidationErrors"][0]["Message"], "Account must be valid.");
    assert_eq!(element["ValidationErrors"][1]["Message"], "Tax rate must be valid.");
}

#[tokio::test]
async fn locked_periods_take_and_change_nothing() {
    let (xero, client) = start().await;
    let open = document_id(&client, "Invoices", &invoice("AUTHORISED")).await;
    xero.change(xero.tenant(), |books| {
        books.profile.period_lock = chrono::NaiveDate::from_ymd_opt(2026, 11, 1);
    });
    let expected =
        "The document date cannot be before the period lock date, currently set at 1 November 2026";
    let new = client.put(&format!("Invoices?{LENIENT}"), &invoice("DRAFT")).await;
    assert_eq!(refusal(&new, "Invoices"), expected);
    for change in [
        json!({ "InvoiceID": open, "Status": "VOIDED" }),
        json!({ "InvoiceID": open, "Reference": "x" }),
        json!({ "InvoiceID": open, "Date": "2026-11-02" }),
    ] {
        let answer = client.post(&format!("Invoices?{LENIENT}"), &change).await;
        assert_eq!(refusal(&answer, "Invoices"), expected, "{change}");
    }
    let pay = json!({
        "Invoice": { "InvoiceID": open }, "Account": { "Code": "090" }, "Amount": 10,
        "Date": "2026-11-01",
    });
    let answer = client.put(&format!("Payments?{LENIENT}"), &pay).await;
    assert_eq!(refusal(&answer, "Payments"), expected);
}

#[tokio::test]
async fn a_tax_amount_is_taken_on_invoices_and_refused_on_bank_transactions() {
    let (_xero, client) = start().await;
    let mut body = invoice("AUTHORISED");
    body["LineItems"][0]["TaxAmount"] = json!(9.99);
    let taken = client.put("Invoices", &body).await;
    assert!(taken.text.contains(r#""TotalTax":9.99,"Total":109.99"#), "{}", taken.text);
    let spend = json!({
        "Type": "SPEND", "Contact": { "Name": "Stripe" }, "BankAccount": { "Code": "092" },
        "Date": "2026-11-02", "LineAmountTypes": "Exclusive",
        "LineItems": [{
            "Description": "Fee", "UnitAmount": 522.75, "AccountCode": "429", "TaxAmount": 52.23,
        }],
    });
    let refused = client.put(&format!("BankTransactions?{LENIENT}"), &spend).await;
    assert_eq!(
        refusal(&refused, "BankTransactions"),
        "Tax amount 52.23 is incorrect for INPUT tax type, should be 52.28"
    );
    let mut fee = spend;
    fee["LineItems"] = json!([{ "Description": "Fee", "UnitAmount": 11, "AccountCode": "429" }]);
    fee.as_object_mut().unwrap().remove("LineAmountTypes");
    let taken = client.put("BankTransactions", &fee).await;
    let first = taken.first("BankTransactions");
    assert_eq!(first["LineAmountTypes"], "Inclusive");
    assert_eq!(first["TotalTax"], 1.0);
    assert_eq!(first["Status"], "AUTHORISED");
    let id = first["BankTransactionID"].as_str().unwrap();
    let gone =
        client.post(&format!("BankTransactions/{id}"), &json!({ "Status": "DELETED" })).await;
    assert_eq!(gone.first("BankTransactions")["Status"], "DELETED");
}

#[tokio::test]
async fn four_decimals_need_unitdp_on_the_way_in_and_out() {
    let (_xero, client) = start().await;
    let mut body = invoice("AUTHORISED");
    body["LineItems"][0]["UnitAmount"] = json!(0.3333);
    body["LineItems"][0]["Quantity"] = json!(3);
    let two = client.put("Invoices", &body).await;
    assert!(two.text.contains(r#""UnitAmount":0.33,"#), "{}", two.text);
    assert!(two.text.contains(r#""SubTotal":0.99"#), "{}", two.text);
    let four = client.put("Invoices?unitdp=4", &body).await;
    assert!(four.text.contains(r#""UnitAmount":0.3333,"#), "{}", four.text);
    assert!(four.text.contains(r#""SubTotal":1.00"#), "{}", four.text);
    let id = four.first("Invoices")["InvoiceID"].as_str().unwrap().to_owned();
    let read = client.get(&format!("Invoices/{id}")).await;
    assert!(read.text.contains(r#""UnitAmount":0.33,"#), "{}", read.text);
    let read = client.get(&format!("Invoices/{id}?unitdp=4")).await;
    assert!(read.text.contains(r#""UnitAmount":0.3333,"#), "{}", read.text);
}

#[tokio::test]
async fn one_bad_element_fails_a_batch_only_when_errors_are_summarised() {
    let (xero, client) = start().await;
    let mut bad = invoice("AUTHORISED");
    bad["LineItems"][0]["AccountCode"] = json!("999");
    let batch = json!({ "invoices": [invoice("AUTHORISED"), bad, invoice("DRAFT")] });
    let whole = client.put("Invoices", &batch).await;
    assert_eq!(whole.status, 400);
    assert_eq!(whole.json()["Elements"].as_array().unwrap().len(), 1);
    assert!(xero.invoices(xero.tenant()).is_empty());
    let each = client.put("Invoices?SummarizeErrors=False", &batch).await;
    assert_eq!(each.status, 200);
    let verdicts: Vec<Value> = each.json()["Invoices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["StatusAttributeString"].clone())
        .collect();
    assert_eq!(verdicts, ["OK", "ERROR", "OK"]);
    assert_eq!(xero.invoices(xero.tenant()).len(), 2);
    let bad_date = client.put("Invoices?summarizeErrors=false", &json!({ "Date": "soon" })).await;
    assert_eq!(bad_date.json()["Type"], "PostDataInvalidException");
    assert_eq!(client.put("Invoices", &json!("x")).await.status, 400);
}

#[tokio::test]
async fn post_updates_by_number_and_put_never_does() {
    let (xero, client) = start().await;
    let mut body = invoice("AUTHORISED");
    body["InvoiceNumber"] = json!("WC-7");
    client.put("Invoices", &body).await;
    body["Reference"] = json!("second");
    client.post("Invoices", &body).await;
    assert_eq!(xero.invoices(xero.tenant()).len(), 1);
    assert_eq!(xero.invoices(xero.tenant())[0].reference, "second");
    assert_eq!(client.put("Invoices", &body).await.status, 400);
    let mut bill = body;
    bill["Type"] = json!("ACCPAY");
    bill["LineItems"][0]["AccountCode"] = json!("429");
    for _ in 0..2 {
        assert_eq!(client.put("Invoices", &bill).await.status, 200);
    }
    assert_eq!(client.post("Invoices", &bill).await.status, 200);
    assert_eq!(xero.invoices(xero.tenant()).len(), 4);
}
