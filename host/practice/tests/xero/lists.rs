//! Pages, order, filters and `If-Modified-Since`.

use std::time::Duration;

use serde_json::{Value, json};
use tillbook_practice::xero::{Clock, PracticeXero, Preset, Running, Unknowns};

use crate::client::{Answer, Client, invoice, read};

/// Five invoices, ten seconds apart, numbered A-1 to A-5; two customers.
async fn start() -> (Running, Client) {
    let clock = Clock::standing("2026-11-22T12:00:00Z".parse().unwrap());
    let builder = PracticeXero::builder().organisation(Preset::Au).clock(clock);
    let xero = builder.lift_minute_limit().start().await.unwrap();
    let client = Client::new(&xero).await;
    for number in 1..=5 {
        let mut body = invoice(if number == 5 { "DRAFT" } else { "AUTHORISED" });
        body["InvoiceNumber"] = json!(format!("A-{number}"));
        body["Reference"] = json!(format!("Order \"{number}\""));
        body["Date"] = json!(format!("2026-11-{:02}", 10 - number));
        if number > 3 {
            body["Contact"] = json!({ "Name": "Grace Hopper", "EmailAddress": "g@example.test" });
        }
        assert_eq!(client.put("Invoices", &body).await.status, 200);
        xero.advance(Duration::from_secs(10));
    }
    (xero, client)
}

fn numbers(answer: &Answer) -> Vec<String> {
    let list = answer.json()["Invoices"].as_array().unwrap().clone();
    list.iter().map(|one| one["InvoiceNumber"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn pages_tell_what_there_is_only_when_asked_for() {
    let (_xero, client) = start().await;
    let page = client.get("Invoices?page=2&pageSize=2").await;
    assert_eq!(numbers(&page), ["A-3", "A-4"]);
    let envelope = page.json();
    let keys: Vec<&String> = envelope.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["Id", "Status", "ProviderName", "DateTimeUTC", "pagination", "Invoices"]);
    let expected = json!({ "page": 2, "pageSize": 2, "pageCount": 3, "itemCount": 5 });
    assert_eq!(envelope["pagination"], expected);
    assert_eq!(page.first("Invoices")["LineItems"].as_array().unwrap().len(), 1);
    let all = client.get("Invoices").await;
    assert!(all.json().get("pagination").is_none());
    assert_eq!(all.first("Invoices")["LineItems"], json!([]));
    let contact = all.first("Invoices")["Contact"].clone();
    assert!(contact.get("EmailAddress").is_none() && contact["Name"].is_string());
    let clamped = client.get("Invoices?page=0&pageSize=5000").await.json();
    assert_eq!(clamped["pagination"]["pageSize"], 1000);
    assert_eq!(clamped["pagination"]["page"], 1);
    assert!(numbers(&client.get("Invoices?page=9").await).is_empty());
    let by_status = client.get("Invoices?Statuses=DRAFT,PAID").await;
    assert_eq!(by_status.first("Invoices")["LineItems"].as_array().unwrap().len(), 1);
    let summary = client.get("Invoices?summaryOnly=true&page=1").await.first("Invoices");
    for gone in ["Payments", "HasAttachments", "LineItems"] {
        assert!(summary.get(gone).is_none(), "{gone}");
    }
}

#[tokio::test]
async fn a_changed_row_moves_to_the_end() {
    let (xero, client) = start().await;
    let id = xero.invoices(xero.tenant())[0].id.to_string();
    client.post("Invoices", &json!({ "InvoiceID": id, "Url": "https://shop.example/1" })).await;
    assert_eq!(numbers(&client.get("Invoices").await), ["A-2", "A-3", "A-4", "A-5", "A-1"]);
    let by_date = client.get("Invoices?order=Date%20ASC").await;
    assert_eq!(numbers(&by_date), ["A-5", "A-4", "A-3", "A-2", "A-1"]);
    let down = client.get("Invoices?order=Date%20DESC&page=1&pageSize=1").await;
    assert_eq!(numbers(&down), ["A-1"]);
    assert_eq!(client.get("Invoices?order=Total").await.json()["ErrorNumber"], 16);
}

#[tokio::test]
async fn filters_are_understood_or_refused() {
    let (xero, client) = start().await;
    let ids: Vec<String> =
        xero.invoices(xero.tenant()).iter().map(|one| one.id.to_string()).collect();
    let contact = xero.contacts(xero.tenant())[1].id;
    for (query, expected) in [
        ("InvoiceNumbers=a-2,A-4".to_owned(), vec!["A-2", "A-4"]),
        (format!("IDs={},{}", ids[0], ids[4]), vec!["A-1", "A-5"]),
        (format!("ContactIDs={contact}"), vec!["A-4", "A-5"]),
        (format!("Statuses=AUTHORISED&ContactIDs={contact}"), vec!["A-4"]),
        ("where=Reference%3D%22order%20%5C%221%5C%22%22".to_owned(), vec!["A-1"]),
        ("where=InvoiceNumber%3D%3D%22A-3%22".to_owned(), vec!["A-3"]),
        (r#"where=Status="DRAFT" AND Type="ACCREC""#.to_owned(), vec!["A-5"]),
        (format!(r#"where=Contact.ContactID=guid("{contact}")&page=1"#), vec!["A-4", "A-5"]),
        (r#"where=Contact.Name="GRACE hopper""#.to_owned(), vec!["A-4", "A-5"]),
    ] {
        let answer = client.get(&format!("Invoices?{query}")).await;
        assert_eq!(answer.status, 200, "{query} {}", answer.text);
        assert_eq!(numbers(&answer), expected, "{query}");
    }
    for query in [r#"Total="1""#, "AmountDue>5", r#"Reference="open"#, r#"Name.Contains("x")"#] {
        let answer = client.get(&format!("Invoices?where={query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        assert_eq!(answer.json()["Type"], "QueryParseException", "{query}");
    }
    let contacts = client.get(r#"Contacts?where=EmailAddress="G@example.TEST""#).await;
    assert_eq!(contacts.first("Contacts")["Name"], "Grace Hopper");
    assert_eq!(contacts.first("Contacts")["Balances"]["AccountsReceivable"]["Outstanding"], 110.0);
    let contacts = client.get("Contacts?searchTerm=hopp&summaryOnly=true").await.json();
    assert_eq!(contacts["Contacts"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn changes_since_a_second_may_or_may_not_take_that_second_in() {
    let (xero, client) = start().await;
    let since = |text: &'static str| {
        read(client.request("GET", "Invoices").header("If-Modified-Since", text))
    };
    assert_eq!(numbers(&since("2026-11-22T12:00:30").await), ["A-4", "A-5"]);
    assert_eq!(numbers(&since("Sun, 22 Nov 2026 12:00:31 GMT").await), ["A-5"]);
    assert!(numbers(&since("2026-11-23T00:00:00").await).is_empty());
    xero.set_unknowns(Unknowns::strict());
    assert_eq!(numbers(&since("2026-11-22T12:00:30").await), ["A-5"]);
    let none = since("2026-11-23T00:00:00Z").await;
    assert_eq!((none.status, none.text.as_str()), (304, ""));
    let bad: Value = since("yesterday").await.json();
    assert_eq!(bad["ErrorNumber"], 16);
}
