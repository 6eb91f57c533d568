//! What goes wrong on the way.

use serde_json::json;
use tillbook_practice::fault::{Fault, FaultRule};

use crate::client::{invoice, start};

#[tokio::test]
async fn a_drop_before_does_nothing_and_a_drop_after_does_everything() {
    let (xero, client) = start().await;
    let tenant = xero.tenant();
    xero.fault(FaultRule::next(Fault::DropBefore).method("PUT"));
    let lost = client.request("PUT", "Invoices").json(&invoice("DRAFT")).send().await;
    assert!(lost.is_err());
    assert!(xero.invoices(tenant).is_empty());
    xero.fault(FaultRule::next(Fault::DropAfter).method("PUT").nth(2));
    assert_eq!(client.put("Invoices", &invoice("DRAFT")).await.status, 200);
    let lost = client.request("PUT", "Invoices").json(&invoice("DRAFT")).send().await;
    assert!(lost.is_err());
    assert_eq!(xero.invoices(tenant).len(), 2);
    assert_eq!(client.put("Invoices", &invoice("DRAFT")).await.status, 200);
}

#[tokio::test]
async fn a_torn_body_has_its_headers_and_half_its_bytes() {
    let (xero, client) = start().await;
    xero.fault(FaultRule::next(Fault::TornBody).method("PUT"));
    let answer = client.request("PUT", "Invoices").json(&invoice("DRAFT")).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(answer.text().await.is_err());
    assert_eq!(xero.invoices(xero.tenant()).len(), 1);
}

#[tokio::test]
async fn a_server_error_may_or_may_not_have_done_the_work() {
    let (xero, client) = start().await;
    for (committed, made) in [(false, 0), (true, 1)] {
        xero.fault(FaultRule::next(Fault::ServerError { committed }).path("/API.xro"));
        assert_eq!(client.put("Invoices", &invoice("DRAFT")).await.status, 500);
        assert_eq!(xero.invoices(xero.tenant()).len(), made);
    }
}

#[tokio::test]
async fn work_goes_on_when_the_client_hangs_up() {
    let (xero, client) = start().await;
    xero.fault(FaultRule::next(Fault::Stall { ms: 50 }).method("PUT"));
    let request = client.request("PUT", "Contacts").json(&json!({ "Name": "Gone" }));
    let call = tokio::spawn(request.send());
    while !xero.pending_faults().is_empty() {
        tokio::task::yield_now().await;
    }
    call.abort();
    while xero.contacts(xero.tenant()).is_empty() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn the_token_endpoint_fails_too() {
    let (xero, _client) = start().await;
    let held = xero.grant();
    let form = [("grant_type", "refresh_token"), ("refresh_token", held.as_str())];
    let refresh = || {
        let url = format!("{}/connect/token", xero.base_url());
        let request = crate::client::http().post(url).form(&form);
        request.basic_auth(xero.client_id(), Some(xero.client_secret()))
    };
    xero.fault(FaultRule::next(Fault::ServerError { committed: true }).path("/connect/token"));
    assert_eq!(crate::client::read(refresh()).await.status, 500);
    xero.fault(FaultRule::next(Fault::DropAfter).path("/connect/token"));
    assert!(refresh().send().await.is_err());
    assert_eq!(crate::client::read(refresh()).await.status, 200);
}

#[tokio::test]
async fn a_request_may_have_ten_megabytes() {
    let (_xero, client) = start().await;
    let padded = |bytes: usize| {
        let body = format!("{{\"Name\":\"x\"{}}}", " ".repeat(bytes - 13));
        assert_eq!(body.len(), bytes - 1);
        let request = client.request("PUT", "Contacts").header("Content-Type", "application/json");
        crate::client::read(request.body(body))
    };
    let most = 10 * 1024 * 1024;
    assert_eq!(padded(most).await.status, 200);
    let beyond = padded(most + 2).await;
    assert_eq!(beyond.status, 413);
}
