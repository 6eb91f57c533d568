//! Customers as contacts: found, filled in, kept apart, never guessed; and how many calls it takes.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tillbook::bookkeeper::{ORDERS_PER_PART, Scope};
use tillbook_core::{plan::Fate, settings::UnmappedProduct};
use tillbook_practice::{shop::corpus, xero::Unknowns};

use crate::{desk::Desk, ledger::Ledger};

/// An order of somebody.
fn order(id: u64, customer_id: u64, name: (&str, &str), email: &str, postcode: &str) -> Value {
    let case = corpus::orders("GB-incl")[0];
    let mut order = case.order_dp6.clone();
    order["id"] = id.into();
    order["number"] = id.to_string().into();
    order["status"] = "processing".into();
    order["date_paid"] = order["date_created"].clone();
    order["customer_id"] = customer_id.into();
    order["refunds"] = json!([]);
    order["transaction_id"] = format!("t-{id}").into();
    for part in ["billing", "shipping"] {
        order[part]["first_name"] = name.0.into();
        order[part]["last_name"] = name.1.into();
        order[part]["company"] = "".into();
        order[part]["postcode"] = postcode.into();
    }
    order["billing"]["email"] = email.into();
    order
}

async fn contacts(ledger: &Ledger, desk: &Desk) -> BTreeMap<String, Value> {
    let path = "Contacts?page=1&pageSize=1000&includeArchived=true";
    let answer = ledger.get(desk.tenant, path).await;
    let list = answer["Contacts"].as_array().unwrap();
    list.iter().map(|one| (one["ContactID"].as_str().unwrap().to_owned(), one.clone())).collect()
}

async fn contact_of(ledger: &Ledger, desk: &Desk, number: &str) -> String {
    let answer = ledger.get(desk.tenant, &format!("Invoices/{number}")).await;
    answer["Invoices"][0]["Contact"]["ContactID"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn customers_are_found_and_never_guessed() {
    for unknowns in [Unknowns::default(), Unknowns::strict()] {
        let ledger = Ledger::start(unknowns).await;
        let mut desk = Desk::open(&ledger, "GB-incl").await;
        desk.each_a_contact("WEB-");
        // A gateway is a contact too.
        desk.organisation.settings.gateway_fees.account.clear();
        let there = [
            json!({"Name": "By number", "ContactNumber": "WEB-1", "Phones": [
                {"PhoneType": "DEFAULT", "PhoneNumber": "kept"}]}),
            json!({"Name": "By mail", "EmailAddress": "Mail@Example.ORG", "FirstName": "Kept"}),
            json!({"Name": "Zoë O'Neil", "Addresses": [
                {"AddressType": "STREET", "AddressLine1": "kept", "PostalCode": "ab1 2cd"}]}),
            json!({"Name": "Twin one", "EmailAddress": "twins@example.org"}),
            json!({"Name": "Twin two", "EmailAddress": "twins@example.org"}),
            json!({"Name": "Gone", "EmailAddress": "gone@example.org"}),
            json!({"Name": "John Smith (john@example.org)"}),
        ];
        let bodies: Vec<String> = there.iter().map(Value::to_string).collect();
        let made = ledger.put(desk.tenant, "Contacts", "Contacts", &bodies).await;
        let id = |at: usize| made[at]["ContactID"].as_str().unwrap().to_owned();
        ledger.archive_contact(desk.tenant, &id(5)).await;
        for order in [
            order(1_001, 1, ("Ada", "King"), "ada@example.org", "N1"),
            order(1_002, 2, ("Bob", "Mail"), "mail@example.org", "N1"),
            order(1_003, 0, ("zoe", "ONEIL"), "zoe@example.org", "AB12CD"),
            order(1_004, 4, ("Tina", "Twin"), "twins@example.org", "N1"),
            order(1_005, 5, ("Gus", "Gone"), "gone@example.org", "N1"),
            order(1_006, 6, ("John", "Smith"), "john@example.org", "N1"),
            // The same guest twice, and another person of one name.
            order(1_007, 0, ("Ann", "Other"), "ann@example.org", "N1"),
            order(1_008, 0, ("Ann", "Other"), "ANN@example.org", "N1"),
            order(1_009, 0, ("Ann", "Other"), "ann.two@example.org", "N2"),
        ] {
            desk.put(&order, &[]);
        }
        let before = contacts(&ledger, &desk).await.len();
        let (plan, applied) = desk.sync(&Scope::default()).await;
        assert_eq!((applied.refused, applied.passed), (0, 0), "{:#?}", applied.findings);
        let held: Vec<&str> = plan
            .rows()
            .filter(|row| row.fate == Fate::Hold)
            .flat_map(|row| row.findings.iter().map(|finding| &*finding.code))
            .filter(|code| code.starts_with("contact."))
            .collect();
        assert_eq!(held, ["contact.ambiguous", "contact.archived"]);
        let all = contacts(&ledger, &desk).await;
        // John Smith of another address, Ann, and Ann's namesake are new.
        assert_eq!(all.len() - before, 3, "{:#?}", plan.counts());
        for (number, at) in [("GB-incl-1001", 0), ("GB-incl-1002", 1), ("GB-incl-1003", 2)] {
            assert_eq!(contact_of(&ledger, &desk, number).await, id(at), "{number}");
        }
        let filled = |at: usize| all[&id(at)].clone();
        assert_eq!(filled(0)["EmailAddress"], "ada@example.org");
        assert_eq!(filled(0)["Name"], "By number");
        assert!(filled(0)["Phones"].to_string().contains("kept"));
        assert_eq!(filled(1)["ContactNumber"], "WEB-2");
        assert_eq!(filled(1)["FirstName"], "Kept");
        assert_eq!(filled(1)["LastName"], "Mail");
        assert_eq!(filled(2)["Name"], "Zoë O'Neil");
        assert!(filled(2)["Addresses"].to_string().contains("kept"));
        let of = async |number| contact_of(&ledger, &desk, number).await;
        assert_eq!(of("GB-incl-1007").await, of("GB-incl-1008").await, "one guest");
        assert_ne!(of("GB-incl-1007").await, of("GB-incl-1009").await, "two people");
        assert_ne!(of("GB-incl-1006").await, id(6), "a name alone is nobody");
        let again = desk.plan(&Scope::default()).await;
        assert!(again.is_empty(), "L7: {:?}", again.steps().collect::<Vec<_>>());
        ledger.check_against_openapi();
        ledger.xero.shutdown().await;
    }
}

#[tokio::test]
async fn a_thousand_customers_cost_tens_of_calls() {
    let ledger = Ledger::start(Unknowns::default()).await;
    let mut desk = Desk::open(&ledger, "GB-incl").await;
    desk.each_a_contact("WEB-");
    desk.organisation.settings.items.unmapped = UnmappedProduct::Create;
    desk.organisation.settings.gateway_fees.account.clear();
    for at in 1..=1_000 {
        let name = ("Customer", &*format!("Number {at}"));
        let mut order = order(10_000 + at, at, name, &format!("c{at}@example.org"), "N1");
        let lines = order["line_items"].as_array_mut().unwrap();
        for (line, product) in lines.iter_mut().zip((0..).map(|at_line| (at + 150 * at_line) % 300))
        {
            line["product_id"] = (500 + product).into();
            line["variation_id"] = 0.into();
            line["sku"] = format!("sku-{product}").into();
        }
        desk.put(&order, &[]);
    }
    let before = desk.organisation.xero.call_count();
    let (plan, applied) = desk.sync(&Scope::default()).await;
    let after = desk.organisation.xero.call_count();
    let (writes, reads) = (after.writes - before.writes, after.reads - before.reads);
    let items = plan.counts().items;
    println!(
        "1,000 paid orders of 1,000 new customers with {items} products: {writes} calls write, {reads} read"
    );
    assert!(items >= 300, "{:?}", plan.counts());
    assert_eq!(applied.done, 3_000 + items, "{:?}", plan.counts());
    assert!(writes <= 66, "{writes}");
    assert!(reads <= 8, "{reads}");
    assert_eq!(contacts(&ledger, &desk).await.len(), 1_000);
    let again = desk.plan(&Scope::default()).await;
    assert!(again.is_empty(), "L7: {:?}", again.counts());
    ledger.xero.shutdown().await;
}

/// More orders than one question to the core holds, each customer with one order in the first part
/// and one in the second: what the first part makes, the second names.
#[tokio::test]
async fn parts_of_a_plan_share_what_they_make() {
    let ledger = Ledger::start(Unknowns::default()).await;
    let mut desk = Desk::open(&ledger, "GB-incl").await;
    desk.each_a_contact("WEB-");
    desk.organisation.settings.items.unmapped = UnmappedProduct::Create;
    // The gateway would be a contact, too.
    desk.organisation.settings.gateway_fees.account.clear();
    let half = ORDERS_PER_PART as u64 / 2 + 5;
    for at in 0..2 * half {
        let customer = at % half + 1;
        let name = ("Customer", &*format!("Number {customer}"));
        let email = format!("c{customer}@example.org");
        desk.put(&order(20_000 + at, customer, name, &email, "N1"), &[]);
    }
    let (plan, applied) = desk.sync(&Scope::default()).await;
    assert_eq!(plan.parts.len(), 2);
    assert_eq!((applied.refused, applied.passed), (0, 0), "{:?}", applied.findings);
    assert_eq!(contacts(&ledger, &desk).await.len() as u64, half);
    let again = desk.plan(&Scope::default()).await;
    assert!(again.is_empty(), "L7: {:?}", again.counts());
    ledger.xero.shutdown().await;
}
