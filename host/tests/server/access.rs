//! Who may ask: every operation of the document with every kind of token.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tillbook::config::ServerConfig;
use tillbook::store::{NewToken, ObjectKey, Role};
use tillbook::time::Clock as _;

use crate::stage::{ORGANISATION, Stage, json_of, url};

/// One operation of the document, as the document describes it.
struct Operation {
    method: String,
    path: String,
    role: Role,
    reach: String,
    has_body: bool,
}

fn operations() -> Vec<Operation> {
    let document = serde_json::to_value(tillbook::server::openapi()).unwrap();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let word = |name: &str| operation[name].as_str().map(str::to_owned);
            operations.push(Operation {
                method: method.to_uppercase(),
                path: path.clone(),
                role: word("x-role")
                    .and_then(|role| Role::parse(&role))
                    .unwrap_or_else(|| panic!("{method} {path}: x-role")),
                reach: word("x-reach").unwrap_or_else(|| panic!("{method} {path}: x-reach")),
                has_body: operation.get("requestBody").is_some(),
            });
        }
    }
    assert!(operations.len() > 20, "{}", operations.len());
    operations
}

impl Operation {
    async fn ask(&self, stage: &Stage, token: Option<&str>, shop: &str) -> (u16, Value) {
        let path = self
            .path
            .replace("{shop}", shop)
            .replace("{organisation}", ORGANISATION)
            .replace("{kind}", "order")
            .replace("{plan}", "00000000")
            // A token that does not exist, so that no test takes its own away.
            .replace("{id}", if self.path.contains("tokens") { "000000000000" } else { "7" });
        let mut request = stage
            .client
            .request(Method::from_bytes(self.method.as_bytes()).unwrap(), stage.url(&path));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if self.path.ends_with("/sales") || self.path.ends_with("/objects") {
            request = request.query(&[("ids", "7,8")]);
        }
        if self.path.ends_with("/payouts") {
            request = request.query(&[("from", "2026-11-01"), ("to", "2026-11-30")]);
        }
        if self.path.ends_with("/completeness") {
            request = request.query(&[("month", "2026-11")]);
        }
        if self.has_body {
            request = request.json(&self.body());
        }
        json_of(request.send().await.unwrap()).await
    }
}

impl Operation {
    fn body(&self) -> Value {
        let path = self.path.strip_prefix("/api/v1/shops/{shop}/").unwrap_or(&self.path);
        match path {
            "/api/v1/tokens" => json!({"name": "from a test", "role": "view"}),
            "/api/v1/pair" => json!({
                "code": "AAAA-AAAA",
                "shop": {"url": "https://third.example", "name": "Third"},
                "consumer_key": "ck_x", "consumer_secret": "cs_x",
                "hook_secret": "a secret of sixteen",
            }),
            "settings" => json!({"settings": {}, "based_on": null}),
            "activate" => json!({}),
            "xero/custom" => json!({"client_id": "", "client_secret": ""}),
            "xero/consent" => json!({"return_to": "https://elsewhere.example/"}),
            "xero/organisation" => json!({"id": "org-7"}),
            "plans" => json!({"orders": [7]}),
            "matching/customers" | "matching/products" => json!({"matches": []}),
            _ => json!({"reason": "a test"}),
        }
    }
}

/// Whether an answer refuses for want of a good token; a wrong code is something else.
fn is_no_token((status, answer): &(u16, Value)) -> bool {
    *status == 401 && answer["error"]["code"] == "unauthorized"
}

/// Whatever a token may, the answer is no refusal of access; whatever it may not, it is one.
#[tokio::test]
async fn every_operation_asks_for_its_role_and_its_shop() {
    let stage = Stage::start().await;
    let mut wrong = Vec::new();
    for operation in operations() {
        let name = format!("{} {}", operation.method, operation.path);
        let is_public = operation.reach == "public";
        for token in [None, Some("tillbook_forged")] {
            let answer = operation.ask(&stage, token, "main").await;
            if is_no_token(&answer) == is_public {
                wrong.push(format!("{name} without a good token: {}", answer.0));
            }
        }
        for role in Role::ALL {
            let is_enough = role >= operation.role;
            for (bound, asked) in [(None, "main"), (Some("main"), "main"), (Some("main"), "other")]
            {
                let in_reach = match (bound, operation.reach.as_str()) {
                    (None, _) | (_, "public" | "own") => true,
                    (Some(bound), "shop") => bound == asked,
                    (_, "all") => false,
                    (_, other) => panic!("{name}: {other}"),
                };
                let token = stage.token(role, bound).await;
                let (status, answer) = operation.ask(&stage, Some(&token), asked).await;
                let allowed = is_public || (is_enough && in_reach);
                let right = if is_public {
                    status != 403 && !is_no_token(&(status, answer.clone()))
                } else if allowed {
                    // Neither shop nor Xero is there: what asks them says so.
                    matches!(status, 200 | 201 | 202 | 204 | 400 | 404 | 409 | 422 | 502)
                } else {
                    status == 403
                };
                if !right {
                    wrong.push(format!(
                        "{name} as {role:?} of {bound:?} for {asked}: {status} {answer}"
                    ));
                }
                // There is such a shop: only plans and tokens are not found here.
                if status == 404
                    && !operation.path.contains("plan}")
                    && !operation.path.contains("tokens/")
                {
                    wrong.push(format!("{name}: {status} {answer}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_bound_token_sees_its_own_shop_only() {
    let stage = Stage::start().await;
    let token = stage.token(Role::Configure, Some("main")).await;
    let (_, shops) = stage.get(&token, "/api/v1/shops").await;
    let slugs: Vec<&str> = shops["shops"]
        .as_array()
        .unwrap()
        .iter()
        .map(|shop| shop["shop"].as_str().unwrap())
        .collect();
    assert_eq!(slugs, ["main"]);
    // Nor does a detour in the path help.
    for path in [
        "/api/v1/shops/other",
        "/api/v1/shops/main%2f..%2fother",
        "/api/v1/shops/main/../other/held",
        "/api/v1/shops/%6dain/queue",
        "/api/v1/shops//other",
    ] {
        let raw = raw_get(&stage, path, &token).await;
        assert!(!raw.contains("other.example"), "{path}: {raw}");
        assert!(
            raw.starts_with("HTTP/1.1 403") || raw.starts_with("HTTP/1.1 404"),
            "{path}: {raw}"
        );
    }
}

/// A request as it is written, which no client puts right.
async fn raw_get(stage: &Stage, path: &str, token: &str) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut stream = tokio::net::TcpStream::connect(stage.address).await.unwrap();
    let head = format!(
        "GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn tokens_end_and_are_taken_back() {
    let stage = Stage::start().await;
    let configure = stage.token(Role::Configure, None).await;
    let wanted = json!({"name": "a day", "role": "view", "expires_days": 1});
    let request = stage.client.post(stage.url("/api/v1/tokens")).bearer_auth(&configure);
    let (status, given) = json_of(request.json(&wanted).send().await.unwrap()).await;
    assert_eq!(status, 201, "{given}");
    let (token, id) = (given["token"].as_str().unwrap(), given["id"].as_str().unwrap());
    assert_eq!(stage.get(token, "/api/v1/me").await.1["name"], "a day");
    let (_, listed) = stage.get(&configure, "/api/v1/tokens").await;
    let row = listed["tokens"].as_array().unwrap().iter().find(|row| row["id"] == id).unwrap();
    assert!(row["used"].is_string() && row["revoked"].is_null(), "{row}");
    stage.clock.forward(Duration::from_hours(25));
    assert_eq!(stage.get(token, "/api/v1/me").await.0, 401);
    // Taken back, at once.
    let lasting = stage.token(Role::View, None).await;
    let (_, me) = stage.get(&lasting, "/api/v1/me").await;
    let path = format!("/api/v1/tokens/{}", me["id"].as_str().unwrap());
    let request = stage.client.delete(stage.url(&path)).bearer_auth(&configure);
    assert_eq!(request.send().await.unwrap().status(), 204);
    assert_eq!(stage.get(&lasting, "/api/v1/me").await.0, 401);
}

#[tokio::test]
async fn too_many_requests_are_sent_away_by_token_and_by_address() {
    let config = ServerConfig {
        token_calls_per_minute: 3,
        address_calls_per_minute: 9,
        ..ServerConfig::default()
    };
    let stage = Stage::with(config, None).await;
    let (one, two) = (stage.token(Role::View, None).await, stage.token(Role::View, None).await);
    for _ in 0..3 {
        assert_eq!(stage.get(&one, "/api/v1/me").await.0, 200);
    }
    let request = stage.client.get(stage.url("/api/v1/me")).bearer_auth(&one);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 429);
    assert!(answer.headers()["retry-after"].to_str().unwrap().parse::<u64>().unwrap() >= 1);
    assert_eq!(stage.get(&two, "/api/v1/me").await.0, 200);
    // Guessing tokens is bounded by the address, whatever is guessed.
    let mut statuses = Vec::new();
    for guess in 0..8 {
        statuses.push(stage.get(&format!("tillbook_{guess}"), "/api/v1/me").await.0);
    }
    // A slow machine may have earned one or two more meanwhile.
    assert!(statuses[..4].iter().all(|status| *status == 401), "{statuses:?}");
    assert!(statuses.iter().filter(|status| **status == 429).count() >= 2, "{statuses:?}");
    // Webhooks are not: a shop that is refused stops sending for good.
    for id in 0..20 {
        let body = json!({"id": id + 1}).to_string();
        let status = stage.deliver("main", "order.updated", &body, crate::stage::SECRET).await;
        assert_eq!(status, 200);
    }
}

#[tokio::test]
async fn pages_of_other_sites_change_nothing() {
    let config =
        ServerConfig { origins: String::from("https://shop.example"), ..ServerConfig::default() };
    let stage = Stage::with(config, None).await;
    let token = stage.token(Role::Operate, None).await;
    let ask = async |headers: &[(&str, &str)]| {
        let mut request =
            stage.client.post(stage.url("/api/v1/shops/main/resume")).bearer_auth(&token);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(ask(&[]).await, 200);
    assert_eq!(ask(&[("Sec-Fetch-Site", "same-origin")]).await, 200);
    assert_eq!(ask(&[("Sec-Fetch-Site", "cross-site")]).await, 403);
    assert_eq!(ask(&[("Sec-Fetch-Site", "same-site")]).await, 403);
    assert_eq!(ask(&[("Origin", "https://evil.example")]).await, 403);
    let trusted = [("Origin", "https://shop.example"), ("Sec-Fetch-Site", "cross-site")];
    assert_eq!(ask(&trusted).await, 200);
    // What is signed needs no page's leave.
    let body = r#"{"id":7}"#;
    let request = stage
        .client
        .post(stage.url("/hooks/woocommerce/main"))
        .header("Sec-Fetch-Site", "cross-site")
        .header("X-WC-Webhook-Topic", "order.updated")
        .header(
            "X-WC-Webhook-Signature",
            crate::stage::signature(crate::stage::SECRET, body.as_bytes()),
        )
        .body(body);
    assert_eq!(request.send().await.unwrap().status(), 200);
    let answer = stage.client.get(stage.url("/healthz")).send().await.unwrap();
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("cache-control", "no-store"),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ] {
        assert_eq!(answer.headers()[name], value);
    }
}

#[tokio::test]
async fn people_steer_the_queue() {
    let stage = Stage::start().await;
    let token = stage.token(Role::Operate, Some("main")).await;
    let body = r#"{"id":7}"#;
    assert_eq!(stage.deliver("main", "order.updated", body, crate::stage::SECRET).await, 200);
    let (_, queue) = stage.get(&token, "/api/v1/shops/main/queue?state=waiting").await;
    assert_eq!(queue["objects"][0]["id"], "7", "{queue}");
    let post = async |path: &str, body: Value| {
        let request = stage.client.post(stage.url(path)).bearer_auth(&token).json(&body);
        json_of(request.send().await.unwrap()).await
    };
    let object = "/api/v1/shops/main/objects/order/7";
    let (status, history) = post(&format!("{object}/exclude"), json!({"reason": "a gift"})).await;
    assert_eq!(status, 200, "{history}");
    let (_, queue) = stage.get(&token, "/api/v1/shops/main/queue?state=excluded").await;
    assert_eq!(queue["objects"][0]["reason"], "a gift", "{queue}");
    for action in ["include", "retry", "push"] {
        assert_eq!(post(&format!("{object}/{action}"), json!({})).await.0, 200, "{action}");
    }
    let (_, history) = stage.get(&token, object).await;
    let what: Vec<&str> = history["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["what"].as_str().unwrap())
        .collect();
    assert_eq!(what, ["seen", "excluded", "included", "retried", "pushed"]);
    assert!(
        history["history"][1]["detail"].as_str().unwrap().contains("test operate"),
        "{history}"
    );
    let key = ObjectKey::invoice(&url("main"), 7);
    assert_eq!(stage.store.history(ORGANISATION, &key).await.unwrap().len(), 5);
    // Pausing is seen, and kept hints are not lost.
    let (_, shop) = post("/api/v1/shops/main/pause", json!({"reason": "stocktaking"})).await;
    assert_eq!(
        (&shop["state"], &shop["reason"]),
        (&json!("paused"), &json!("test operate: stocktaking"))
    );
    assert_eq!(
        stage.deliver("main", "order.updated", r#"{"id":8}"#, crate::stage::SECRET).await,
        200
    );
    let (_, shop) = post("/api/v1/shops/main/resume", json!({})).await;
    assert_eq!(shop["state"], "active");
    assert_eq!(stage.jobs("main").await, 2);
    assert_eq!(post("/api/v1/shops/main/sync", json!({})).await.0, 202);
    assert_eq!(stage.store.sweeps_wanted().await.unwrap()[0].shop, "main");
    // What cannot be understood is said in one form.
    for (path, body) in [
        ("/api/v1/shops/main/pause", json!({})),
        ("/api/v1/shops/main/pause", json!({"reason": ""})),
        ("/api/v1/shops/main/pause", json!({"reason": "a\u{0}b"})),
        ("/api/v1/shops/main/pause", json!({"reason": "a", "more": 1})),
        ("/api/v1/shops/main/objects/moon/7/retry", json!({})),
        ("/api/v1/shops/main/objects/order/-7/retry", json!({})),
    ] {
        let (status, answer) = post(path, body).await;
        assert_eq!(
            (status, &answer["error"]["code"]),
            (400, &json!("bad_request")),
            "{path} {answer}"
        );
    }
    let (status, _) = stage.get(&token, "/api/v1/shops/main/queue?limit=0").await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn a_token_is_not_in_the_store() {
    let stage = Stage::start().await;
    let new = NewToken { name: String::from("x"), role: Role::View, shop: None, expires: None };
    let (row, token) = stage.store.add_token(&new, stage.clock.now()).await.unwrap();
    assert_eq!(token.reveal().len(), "tillbook_".len() + 64);
    assert!(!format!("{row:?} {token:?}").contains(token.reveal()));
    assert_eq!(stage.store.token(token.reveal()).await.unwrap(), Some(row));
}
