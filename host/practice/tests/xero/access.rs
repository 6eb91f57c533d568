//! Tokens, connections, scopes, and what a call without them gets.

use std::time::Duration;

use serde_json::{Value, json};
use tillbook_practice::fault::{Fault, FaultRule};
use tillbook_practice::xero::{AppKind, Clock, PracticeXero, Preset, Running, Unknowns};

use crate::client::{Answer, Client, http, invoice, read};

async fn start(kind: AppKind) -> Running {
    let clock = Clock::standing("2026-11-22T12:00:00Z".parse().unwrap());
    let builder = PracticeXero::builder().organisation(Preset::Us).clock(clock).app_kind(kind);
    builder.start().await.unwrap()
}

async fn token(xero: &Running, form: &[(&str, &str)]) -> Answer {
    let request = http()
        .post(format!("{}/connect/token", xero.base_url()))
        .basic_auth(xero.client_id(), Some(xero.client_secret()));
    read(request.form(form)).await
}

async fn refresh(xero: &Running, held: &str) -> Answer {
    token(xero, &[("grant_type", "refresh_token"), ("refresh_token", held)]).await
}

#[tokio::test]
async fn a_refresh_token_rotates_and_the_old_one_works_for_thirty_minutes() {
    let xero = start(AppKind::Web).await;
    let first = xero.grant();
    let answer = refresh(&xero, &first).await.json();
    assert_eq!(answer["expires_in"], 1800);
    assert_eq!(answer["token_type"], "Bearer");
    let second = answer["refresh_token"].as_str().unwrap().to_owned();
    assert_ne!(first, second);
    xero.advance(Duration::from_secs(30 * 60 - 1));
    assert_eq!(refresh(&xero, &first).await.status, 200);
    xero.advance(Duration::from_secs(1));
    let late = refresh(&xero, &first).await;
    assert_eq!((late.status, late.text.as_str()), (400, r#"{"error":"invalid_grant"}"#));
    assert_eq!(refresh(&xero, &second).await.status, 200);
    let unused = xero.grant();
    xero.advance(Duration::from_hours(60 * 24));
    assert_eq!(refresh(&xero, &unused).await.status, 400);
}

#[tokio::test]
async fn token_requests_are_refused_by_name() {
    let xero = start(AppKind::Web).await;
    let error = |answer: Answer| (answer.status, answer.json()["error"].clone());
    let wrong = http()
        .post(format!("{}/connect/token", xero.base_url()))
        .basic_auth(xero.client_id(), Some("wrong"))
        .form(&[("grant_type", "refresh_token")]);
    assert_eq!(error(read(wrong).await), (400, json!("invalid_client")));
    let custom = token(&xero, &[("grant_type", "client_credentials")]).await;
    assert_eq!(error(custom), (400, json!("unauthorized_client")));
    assert_eq!(error(token(&xero, &[]).await), (400, json!("invalid_request")));
    let xero = start(AppKind::Custom).await;
    let form = [("grant_type", "client_credentials"), ("scope", "accounting.transactions")];
    assert_eq!(error(token(&xero, &form).await), (400, json!("invalid_scope")));
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", xero.client_id()),
        ("client_secret", xero.client_secret()),
        ("scopes", "accounting.contacts,accounting.settings.read"),
    ];
    let request = http().post(format!("{}/connect/token", xero.base_url())).form(&form);
    let answer = read(request).await.json();
    assert_eq!(answer["scope"], "accounting.contacts accounting.settings.read");
    assert!(answer.get("refresh_token").is_none());
    assert!(answer.get("id_token").is_none());
}

#[tokio::test]
async fn a_code_is_good_once_and_proves_its_verifier() {
    use base64::Engine;
    use sha2::Digest;
    let xero = start(AppKind::Web).await;
    drop(http());
    let verifier = "v".repeat(43);
    let challenge = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .encode(sha2::Sha256::digest(verifier.as_bytes()));
    let no_redirects =
        reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let consent = no_redirects
        .get(format!("{}/identity/connect/authorize", xero.base_url()))
        .query(&[
            ("client_id", xero.client_id()),
            ("redirect_uri", "http://localhost:9/back"),
            ("scope", "accounting.invoices offline_access"),
            ("state", "s"),
            ("code_challenge", &challenge),
        ])
        .send()
        .await
        .unwrap();
    let target = consent.headers()["location"].to_str().unwrap().to_owned();
    let target = url::Url::parse(&target).unwrap();
    let code = target.query_pairs().find(|(key, _)| key == "code").unwrap().1.into_owned();
    let exchange = |verifier: &str| {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", "http://localhost:9/back"),
            ("client_id", xero.client_id()),
            ("code_verifier", verifier),
        ];
        read(http().post(format!("{}/connect/token", xero.base_url())).form(&form))
    };
    let granted = exchange(&verifier).await;
    assert_eq!(granted.status, 200, "{}", granted.text);
    assert!(granted.json()["refresh_token"].is_string());
    assert_eq!(exchange(&verifier).await.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn connections_are_listed_and_cut() {
    let xero = start(AppKind::Any).await;
    let client = Client::new(&xero).await;
    let url = format!("{}/Connections", xero.base_url());
    let list = read(http().get(&url).bearer_auth(&client.token)).await.json();
    let connection = &list[0];
    let keys: Vec<&String> = connection.as_object().unwrap().keys().collect();
    let expected = [
        "id",
        "authEventId",
        "tenantId",
        "tenantType",
        "tenantName",
        "createdDateUtc",
        "updatedDateUtc",
    ];
    assert_eq!(keys, expected);
    assert_eq!(connection["tenantId"], xero.tenant().to_string());
    assert_eq!(connection["createdDateUtc"], "2026-11-22T12:00:00.0000000");
    assert_ne!(connection["id"], connection["tenantId"]);
    assert_eq!(client.get("Organisation").await.status, 200);
    let one = format!("{url}/{}", connection["id"].as_str().unwrap());
    assert_eq!(read(http().delete(&one).bearer_auth(&client.token)).await.status, 204);
    let cut = client.get("Organisation").await;
    assert_eq!(cut.status, 403);
    assert_eq!(cut.json()["Detail"], "AuthenticationUnsuccessful");
}

#[tokio::test]
async fn revoking_a_refresh_token_drops_its_connections() {
    let xero = start(AppKind::Web).await;
    let held = xero.grant();
    let access = refresh(&xero, &held).await.json();
    let revoke = http()
        .post(format!("{}/connect/revocation", xero.base_url()))
        .basic_auth(xero.client_id(), Some(xero.client_secret()))
        .form(&[("token", access["refresh_token"].as_str().unwrap())]);
    let answer = read(revoke).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, ""));
    assert_eq!(refresh(&xero, &held).await.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn calls_without_a_good_token_or_tenant_are_refused_as_recorded() {
    let xero = start(AppKind::Any).await;
    let mut client = Client::new(&xero).await;
    let url = format!("{}/api.xro/2.0/Organisation", xero.base_url());
    let none = read(http().get(&url)).await;
    assert_eq!(none.status, 401);
    let keys: Vec<String> = none.json().as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, ["Type", "Title", "Status", "Detail", "Instance", "Extensions"]);
    assert_eq!(none.json()["Detail"], "AuthenticationUnsuccessful");
    let tenant = std::mem::replace(&mut client.tenant, uuid::Uuid::nil().to_string());
    let wrong = client.get("Organisation").await;
    assert_eq!((wrong.status, &wrong.json()["Title"]), (403, &json!("Forbidden")));
    client.tenant = tenant;
    xero.advance(Duration::from_mins(30));
    let expired = client.get("Organisation").await;
    assert_eq!(expired.status, 401);
    assert_eq!(expired.json()["Detail"], "TokenExpired: token expired at 11/22/2026 12:30:00");
    let mut client = Client::new(&xero).await;
    xero.fault(FaultRule::next(Fault::ExpiredToken));
    assert_eq!(client.get("Organisation").await.status, 401);
    client.token.push('x');
    assert_eq!(client.get("Organisation").await.status, 401);
}

#[tokio::test]
async fn a_missing_scope_is_401_or_403() {
    let builder = PracticeXero::builder().scopes(&["accounting.invoices.read"]);
    let xero = builder.start().await.unwrap();
    let client = Client::new(&xero).await;
    assert_eq!(client.get("Invoices").await.status, 200);
    let refused = client.put("Invoices", &invoice("DRAFT")).await;
    assert_eq!(refused.status, 401);
    assert_eq!(refused.header("www-authenticate"), "insufficient_scope");
    assert_eq!(refused.json()["Detail"], "AuthorizationUnsuccessful");
    assert_eq!(client.get("Contacts").await.status, 401);
    xero.set_unknowns(Unknowns::strict());
    assert_eq!(client.get("Contacts").await.status, 403);
}

#[tokio::test]
async fn a_custom_connection_needs_no_tenant() {
    let xero = start(AppKind::Custom).await;
    let client = Client::new(&xero).await;
    let bare = || {
        let url = format!("{}/api.xro/2.0/Organisation", xero.base_url());
        read(http().get(url).bearer_auth(&client.token))
    };
    assert_eq!(bare().await.status, 200);
    assert_eq!(client.get("Organisation").await.status, 200);
    xero.set_unknowns(Unknowns::strict());
    assert_eq!(bare().await.status, 200);
    assert_eq!(client.get("Organisation").await.status, 403);
}

#[tokio::test]
async fn addresses_that_are_not_there() {
    let xero = start(AppKind::Any).await;
    let client = Client::new(&xero).await;
    let missing = client.get("Invoices/INV-404").await;
    assert_eq!((missing.status, missing.text.as_str()), (404, ""));
    assert_eq!(missing.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(client.get("Nothing").await.status, 404);
    let unbuilt = client.get("Quotes").await;
    assert_eq!(unbuilt.status, 501);
    assert_eq!(unbuilt.text, "The Api Method called is not implemented");
    assert_eq!(client.send("DELETE", "Invoices", &json!({})).await.status, 405);
}

#[tokio::test]
async fn json_must_be_accepted_when_asked() {
    let xero = PracticeXero::builder().strict_accept().start().await.unwrap();
    let client = Client::new(&xero).await;
    let url = format!("{}/api.xro/2.0/Organisation", xero.base_url());
    let request = http().get(url).bearer_auth(&client.token);
    let answer = read(request.header("Xero-Tenant-Id", &client.tenant)).await;
    assert_eq!(answer.status, 406);
    assert_eq!(client.get("Organisation").await.status, 200);
}

#[tokio::test]
async fn control_over_http_does_what_the_owner_can() {
    let xero = start(AppKind::Any).await;
    let client = Client::new(&xero).await;
    let control = format!("{}/practice", xero.base_url());
    let about: Value = http().get(&control).send().await.unwrap().json().await.unwrap();
    assert_eq!(about["organisations"][0]["tenantId"], xero.tenant().to_string());
    let rule = json!({ "fault": { "kind": "unavailable" }, "path_prefix": "/api.xro" });
    let set = http().post(format!("{control}/faults")).json(&rule);
    assert_eq!(read(set).await.status, 204);
    let down = client.get("Organisation").await;
    assert_eq!(down.status, 503);
    assert_eq!(down.text, "The Xero API is temporarily unavailable");
    let clock = http().post(format!("{control}/clock")).json(&json!({ "advance_secs": 60 }));
    assert_eq!(read(clock).await.json()["now"], "2026-11-22T12:01:00Z");
    let switches = http().put(format!("{control}/unknowns")).json(&json!("strict"));
    assert_eq!(read(switches).await.json()["missing_scope"], "Forbidden");
    let log = read(http().get(format!("{control}/log?after=1"))).await.json();
    let last = log["calls"].as_array().unwrap().last().unwrap();
    assert_eq!(last["status"], 503);
    assert_eq!(last["faults"][0]["kind"], "unavailable");
    assert!(!log.to_string().contains(&client.token));
    let bad = http().post(format!("{control}/faults")).json(&json!({ "fault": "none" }));
    assert_eq!(read(bad).await.status, 400);
}

#[tokio::test]
async fn a_person_can_end_everything_and_consent_again() {
    let xero = start(AppKind::Web).await;
    let held = xero.grant();
    let access = refresh(&xero, &held).await.json();
    let revoke = http().post(format!("{}/practice/tokens/revoke", xero.base_url()));
    assert_eq!(read(revoke).await.status, 204);
    let next = access["refresh_token"].as_str().unwrap();
    assert_eq!(refresh(&xero, next).await.json()["error"], "invalid_grant");
    xero.consent_again();
    assert_eq!(refresh(&xero, &xero.grant()).await.status, 200);
}
