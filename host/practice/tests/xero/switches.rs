//! Both positions of the switches that change what a document comes to.

use serde_json::{Value, json};
use tillbook_practice::xero::unknowns::{
    AllocationMatch, CompoundRate, ExplicitNull, RoundingAmount, TaxAmountBound, UnknownOption,
    ZeroTotal,
};
use tillbook_practice::xero::{PracticeXero, Preset, Unknowns, global};

use crate::client::{Answer, Client, LENIENT, invoice, refusal};

/// Creates one invoice under the usual switches and one under others.
async fn both(
    preset: Preset,
    change: impl FnOnce(&mut Unknowns),
    path: &str,
    body: &Value,
) -> (Answer, Answer) {
    let mut other = Unknowns::default();
    change(&mut other);
    let mut answers = Vec::new();
    for unknowns in [Unknowns::default(), other] {
        let builder = PracticeXero::builder().organisation(preset.clone()).unknowns(unknowns);
        let xero = builder.start().await.unwrap();
        answers.push(Client::new(&xero).await.put(path, body).await);
    }
    let second = answers.pop().unwrap();
    (answers.pop().unwrap(), second)
}

fn one_line(line: &Value) -> Value {
    let mut body = invoice("AUTHORISED");
    body["LineItems"] = json!([line]);
    body
}

/// The verdict of the first invoice.
fn verdict(answer: &Answer) -> Value {
    answer.first("Invoices")["StatusAttributeString"].clone()
}

const INVOICES: &str = "Invoices?summarizeErrors=false&unitdp=4";

#[tokio::test]
async fn a_tax_amount_above_the_unit_amount() {
    let line = json!({
        "Description": "Stickers", "Quantity": 10, "UnitAmount": 0.5, "TaxType": "OUTPUT2",
        "AccountCode": "200", "TaxAmount": 1,
    });
    let literal = |one: &mut Unknowns| one.tax_amount_bound = TaxAmountBound::NotAboveUnitAmount;
    let (any, bound) = both(Preset::Gb, literal, INVOICES, &one_line(&line)).await;
    assert_eq!((verdict(&any), verdict(&bound)), (json!("OK"), json!("ERROR")));
    let mut far = line;
    far["TaxAmount"] = json!(1.02);
    let cent = |one: &mut Unknowns| one.tax_amount_bound = TaxAmountBound::OneCent;
    let (any, bound) = both(Preset::Gb, cent, INVOICES, &one_line(&far)).await;
    assert_eq!((verdict(&any), verdict(&bound)), (json!("OK"), json!("ERROR")));
    far["TaxAmount"] = json!(1.01);
    let (_, bound) = both(Preset::Gb, cent, INVOICES, &one_line(&far)).await;
    assert_eq!(bound.first("Invoices")["TotalTax"], 1.01);
}

#[tokio::test]
async fn compound_rates_shown_or_exact() {
    let line = json!({
        "Description": "Sofa", "UnitAmount": 20000, "TaxType": "TAX004", "AccountCode": "200",
    });
    let exact = |one: &mut Unknowns| one.compound_rate = CompoundRate::Exact;
    let (shown, exact) = both(Preset::Ca, exact, INVOICES, &one_line(&line)).await;
    assert_eq!(shown.first("Invoices")["TotalTax"], 3094.76);
    assert_eq!(exact.first("Invoices")["TotalTax"], 3094.75);
}

#[tokio::test]
async fn yen_with_and_without_decimals() {
    let line = json!({
        "Description": "Tea", "UnitAmount": 105, "TaxType": "TAX002", "AccountCode": "200",
    });
    let whole = |one: &mut Unknowns| {
        one.zero_decimal_currencies = Unknowns::strict().zero_decimal_currencies;
    };
    let (two, none) = both(global("JPY"), whole, INVOICES, &one_line(&line)).await;
    assert!(two.text.contains(r#""TotalTax":8.40"#), "{}", two.text);
    assert!(none.text.contains(r#""TotalTax":8.00"#), "{}", none.text);
}

#[tokio::test]
async fn five_decimals_and_negative_halves() {
    let mut body = invoice("AUTHORISED");
    body["LineItems"] = json!([
        { "Description": "A", "UnitAmount": 10.00008, "Quantity": 100, "TaxType": "NONE", "AccountCode": "200" },
        { "Description": "B", "UnitAmount": -0.125, "TaxType": "NONE", "AccountCode": "200" },
    ]);
    let strict = |one: &mut Unknowns| *one = Unknowns::strict();
    let (usual, strict) = both(Preset::Gb, strict, INVOICES, &body).await;
    assert_eq!(usual.first("Invoices")["SubTotal"], 999.88);
    assert_eq!(strict.first("Invoices")["SubTotal"], 999.88);
    let lines = |answer: &Answer| {
        let lines = answer.first("Invoices")["LineItems"].clone();
        (lines[0]["LineAmount"].clone(), lines[1]["LineAmount"].clone())
    };
    assert_eq!(lines(&usual), (json!(1000.01), json!(-0.13)));
    assert_eq!(lines(&strict), (json!(1000.0), json!(-0.12)));
}

#[tokio::test]
async fn numbers_after_a_void_and_siblings_of_a_refusal() {
    for (unknowns, status) in [(Unknowns::default(), 400), (Unknowns::strict(), 200)] {
        let builder = PracticeXero::builder().unknowns(unknowns);
        let xero = builder.start().await.unwrap();
        let client = Client::new(&xero).await;
        let mut body = invoice("AUTHORISED");
        body["InvoiceNumber"] = json!("N-1");
        let made = client.put("Invoices", &body).await.first("Invoices");
        client
            .post("Invoices", &json!({ "InvoiceID": made["InvoiceID"], "Status": "VOIDED" }))
            .await;
        assert_eq!(client.put("Invoices", &body).await.status, status);
        let before = xero.invoices(xero.tenant()).len();
        let batch = json!([invoice("DRAFT"), { "Type": "ACCREC" }]);
        assert_eq!(client.put("Invoices", &batch).await.status, 400);
        let kept = xero.invoices(xero.tenant()).len() - before;
        assert_eq!(kept, usize::from(status == 200));
    }
}

#[tokio::test]
async fn unknown_options_nulls_and_zero_totals() {
    let mut body = invoice("AUTHORISED");
    body["LineItems"][0]["Tracking"] = json!([{ "Name": "Channel", "Option": "Nowhere" }]);
    let ignore = |one: &mut Unknowns| one.unknown_tracking_option = UnknownOption::Ignored;
    let (refused, ignored) = both(Preset::Au, ignore, INVOICES, &body).await;
    assert_eq!((verdict(&refused), verdict(&ignored)), (json!("ERROR"), json!("OK")));
    assert_eq!(ignored.first("Invoices")["LineItems"][0]["Tracking"], json!([]));
    let mut body = invoice("AUTHORISED");
    body["Reference"] = Value::Null;
    let refuse = |one: &mut Unknowns| one.explicit_null = ExplicitNull::Refused;
    let (taken, refused) = both(Preset::Au, refuse, INVOICES, &body).await;
    assert_eq!((taken.status, refused.status), (200, 400));
    let free = json!({ "Description": "Sample", "UnitAmount": 0, "AccountCode": "200" });
    let paid = |one: &mut Unknowns| one.zero_total = ZeroTotal::Paid;
    let (open, paid) = both(Preset::Au, paid, INVOICES, &one_line(&free)).await;
    assert_eq!(open.first("Invoices")["Status"], "AUTHORISED");
    assert_eq!(paid.first("Invoices")["Status"], "PAID");
}

#[tokio::test]
async fn a_rounding_amount_is_honoured_or_not() {
    let mut body = invoice("AUTHORISED");
    for (key, amount) in
        [("SubTotal", 100.0), ("TotalTax", 10.0), ("Total", 110.05), ("RoundingAmount", 0.05)]
    {
        body[key] = json!(amount);
    }
    let ignore = |one: &mut Unknowns| one.rounding_amount = RoundingAmount::Ignored;
    let (honoured, ignored) = both(Preset::Au, ignore, INVOICES, &body).await;
    assert_eq!(honoured.first("Invoices")["Total"], 110.05);
    assert_eq!(verdict(&ignored), "ERROR");
}

#[tokio::test]
async fn bills_by_number_and_credit_of_another_contact() {
    for strict in [false, true] {
        let mut unknowns = Unknowns { bill_upsert_by_number: strict, ..Unknowns::default() };
        if strict {
            unknowns.allocation_match = AllocationMatch::Any;
        }
        let xero = PracticeXero::builder().unknowns(unknowns).start().await.unwrap();
        let client = Client::new(&xero).await;
        let mut bill = invoice("DRAFT");
        bill["Type"] = json!("ACCPAY");
        bill["InvoiceNumber"] = json!("B-1");
        bill["LineItems"][0]["AccountCode"] = json!("429");
        client.post("Invoices", &bill).await;
        client.post("Invoices", &bill).await;
        assert_eq!(xero.invoices(xero.tenant()).len(), if strict { 1 } else { 2 });
        let sale = client.put("Invoices", &invoice("AUTHORISED")).await.first("Invoices");
        let mut note = invoice("AUTHORISED");
        note["Type"] = json!("ACCRECCREDIT");
        note["Contact"] = json!({ "Name": "Somebody else" });
        let note = client.put("CreditNotes", &note).await.first("CreditNotes");
        let path =
            format!("CreditNotes/{}/Allocations?{LENIENT}", note["CreditNoteID"].as_str().unwrap());
        let body = json!({ "Amount": 1, "Invoice": { "InvoiceID": sale["InvoiceID"] } });
        let answer = client.put(&path, &body).await.first("Allocations");
        let expected = if strict { "OK" } else { "ERROR" };
        assert_eq!(answer["StatusAttributeString"], expected);
    }
}

#[tokio::test]
async fn sentences_about_locks_and_stock_have_two_forms() {
    let forms = [
        (Unknowns::default(), "1 November 2026", "The quantity of a tracked inventory item"),
        (Unknowns::strict(), "2026-11-01", "Item 'LOOM' has a quantity on hand of 0"),
    ];
    for (unknowns, date, stock) in forms {
        let builder = PracticeXero::builder().unknowns(unknowns);
        let xero = builder.start().await.unwrap();
        let client = Client::new(&xero).await;
        let item = json!({
            "Code": "LOOM", "InventoryAssetAccountCode": "630",
            "PurchaseDetails": { "COGSAccountCode": "310" },
        });
        assert_eq!(client.put("Items", &item).await.status, 200);
        let line = json!({ "ItemCode": "LOOM", "UnitAmount": 5, "AccountCode": "200" });
        let short = client.put(INVOICES, &one_line(&line)).await;
        assert!(refusal(&short, "Invoices").starts_with(stock), "{}", short.text);
        xero.change(xero.tenant(), |books| {
            books.profile.year_lock = chrono::NaiveDate::from_ymd_opt(2026, 11, 1);
        });
        let locked = client.put(INVOICES, &invoice("DRAFT")).await;
        assert_eq!(
            refusal(&locked, "Invoices"),
            format!(
                "The document date cannot be before the end of year lock date, currently set at \
                 {date}"
            )
        );
    }
}

#[tokio::test]
async fn none_means_no_tax_only_where_the_region_has_it_or_nothing_is_taxed() {
    let line = json!({
        "Description": "Rounding", "UnitAmount": 0.01, "AccountCode": "860", "TaxType": "NONE",
    });
    let same = |_: &mut Unknowns| {};
    let (australia, _) = both(Preset::Au, same, INVOICES, &one_line(&line)).await;
    let (britain, _) = both(Preset::Gb, same, INVOICES, &one_line(&line)).await;
    assert_eq!((verdict(&australia), verdict(&britain)), (json!("ERROR"), json!("OK")));
    let mut untaxed = one_line(&line);
    untaxed["LineAmountTypes"] = json!("NoTax");
    let (australia, _) = both(Preset::Au, same, INVOICES, &untaxed).await;
    assert_eq!(verdict(&australia), json!("OK"));
}
