//! The pages that the server shows itself: who sees them, and what a browser may do with them.

use reqwest::{Client, Response};
use serde_json::{Value, json};
use tillbook::server::{Bounds, Pages, router_with, serve};
use tillbook::store::Role;
use tokio::net::TcpListener;

use crate::stage::{Stage, json_of};

const FILES: Pages = Pages::of(&[
    ("tillbook.js", b"export {};"),
    ("worker.js", b"export {};"),
    ("tillbook.css", b"tillbook-app {}"),
    ("lang/de.json", b"{}"),
]);

const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    connect-src 'self'; img-src 'self' data:; worker-src 'self'; base-uri 'none'; \
    frame-ancestors 'none'; form-action 'self'";

/// A browser without scripts at a server with pages.
struct Browser {
    stage: Stage,
    origin: String,
    client: Client,
}

impl Browser {
    async fn open() -> Self {
        Self::with(FILES).await
    }

    async fn with(pages: Pages) -> Self {
        let stage = Stage::start().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let (switch, signal) = tillbook::daemon::stop_signal();
        let bounds = Bounds::from(&tillbook::config::ServerConfig::default());
        tokio::spawn(serve(listener, router_with(&stage.app, pages), bounds, signal));
        std::mem::forget(switch);
        let client = Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self { stage, origin, client }
    }

    async fn get(&self, path: &str, cookie: &str) -> Response {
        let request = self.client.get(format!("{}{path}", self.origin)).header("cookie", cookie);
        request.send().await.unwrap()
    }

    async fn text(&self, path: &str, cookie: &str) -> String {
        self.get(path, cookie).await.text().await.unwrap()
    }

    async fn show(&self, token: &str) -> Response {
        let request = self.client.post(format!("{}/session", self.origin));
        request.form(&[("token", token)]).send().await.unwrap()
    }

    /// Signs in; gives the cookie.
    async fn sign_in(&self, role: Role, shop: Option<&str>) -> String {
        let token = self.stage.token(role, shop).await;
        let answer = self.show(&token).await;
        assert_eq!(answer.status(), 303);
        let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
        for word in ["HttpOnly", "SameSite=Strict", "Path=/"] {
            assert!(cookie.contains(word), "{cookie}");
        }
        cookie.split(';').next().unwrap().to_owned()
    }

    async fn pause(&self, cookie: &str, headers: &[(&str, &str)]) -> (u16, Value) {
        let url = format!("{}/api/v1/shops/main/pause", self.origin);
        let mut request = self.client.post(url).header("cookie", cookie);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        json_of(request.json(&json!({"reason": "a test"})).send().await.unwrap()).await
    }
}

#[tokio::test]
async fn people_sign_in_with_a_token_and_see_their_shop() {
    let browser = Browser::open().await;
    let front = browser.get("/", "").await;
    assert_eq!(front.headers()["content-security-policy"], POLICY);
    assert!(front.text().await.unwrap().contains("name=\"token\""));
    assert_eq!(browser.get("/shops/main/", "").await.status(), 303);
    for wrong in ["", "tillbook_forged", "a b\r\nSet-Cookie: x=y"] {
        let answer = browser.show(wrong).await;
        assert_eq!(answer.status(), 401, "{wrong}");
        assert!(answer.headers().get("set-cookie").is_none(), "{wrong}");
    }
    let cookie = browser.sign_in(Role::Operate, Some("main")).await;
    let front = browser.get("/", &cookie).await;
    assert_eq!(front.headers()["location"], "/shops/main/");
    let page = browser.text("/shops/main/", &cookie).await;
    let (_, config) = page.split_once("id=\"tillbook-config\">").unwrap();
    let (config, _) = config.split_once("</script>").unwrap();
    let config: Value = serde_json::from_str(config).unwrap();
    assert_eq!(config["base"], "/api/v1/shops/main/");
    assert_eq!(config["can"], json!({"view": true, "operate": true, "configure": false}));
    assert_eq!(config["where"], "host");
    // The token itself is in no page.
    assert!(
        !page.contains("tillbook_session") && !page.contains(cookie.split('=').nth(1).unwrap())
    );
    assert_eq!(browser.get("/shops/other/", &cookie).await.status(), 404);
    assert_eq!(browser.get("/api/v1/shops/main", &cookie).await.status(), 200);
    assert_eq!(browser.get("/api/v1/shops/other", &cookie).await.status(), 403);
    // Of several shops a person chooses.
    let all = browser.sign_in(Role::View, None).await;
    let list = browser.text("/", &all).await;
    assert!(list.contains("href=\"/shops/main/\"") && list.contains("href=\"/shops/other/\""));
    // A session ends with its token, and when a person leaves.
    let (_, token) = cookie.split_once('=').unwrap();
    let row = browser.stage.store.token(token).await.unwrap().unwrap();
    let now = tillbook::time::Clock::now(&*browser.stage.clock);
    browser.stage.store.revoke_token(&row.id, now).await.unwrap();
    assert_eq!(browser.get("/api/v1/shops/main", &cookie).await.status(), 401);
    let answer =
        browser.client.post(format!("{}/session/end", browser.origin)).send().await.unwrap();
    assert!(answer.headers()["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
}

#[tokio::test]
async fn only_pages_of_this_server_change_something_by_a_cookie() {
    let browser = Browser::open().await;
    let cookie = browser.sign_in(Role::Configure, None).await;
    let own = browser.origin.as_str();
    assert_eq!(browser.pause(&cookie, &[("X-Tillbook", "1"), ("Origin", own)]).await.0, 200);
    for headers in [
        vec![],
        vec![("X-Tillbook", "1")],
        vec![("Origin", own)],
        vec![("X-Tillbook", "1"), ("Origin", "https://evil.example")],
        vec![("X-Tillbook", "1"), ("Origin", "null")],
        vec![("X-Tillbook", "1"), ("Origin", "http://127.0.0.1:1")],
        vec![("X-Tillbook", "1"), ("Origin", own), ("Sec-Fetch-Site", "cross-site")],
    ] {
        let (status, answer) = browser.pause(&cookie, &headers).await;
        assert_eq!(status, 403, "{headers:?}: {answer}");
    }
    // A page of another site cannot sign anybody in, either.
    let request =
        browser.client.post(format!("{own}/session")).header("Origin", "https://evil.example");
    let answer = request.form(&[("token", "x")]).send().await.unwrap();
    assert_eq!(answer.status(), 403);
}

#[tokio::test]
async fn the_bundle_is_served_with_the_module_that_decides() {
    let browser = Browser::open().await;
    for (path, kind) in [
        ("/pages/tillbook.js", "text/javascript; charset=utf-8"),
        ("/pages/worker.js", "text/javascript; charset=utf-8"),
        ("/pages/tillbook.css", "text/css; charset=utf-8"),
        ("/pages/lang/de.json", "application/json"),
        ("/pages/host.css", "text/css; charset=utf-8"),
        ("/pages/tillbook_bg.wasm", "application/wasm"),
    ] {
        let answer = browser.get(path, "").await;
        assert_eq!(answer.status(), 200, "{path}");
        assert_eq!(answer.headers()["content-type"], kind, "{path}");
        // A worker's policy is the one that its own file comes with.
        assert_eq!(answer.headers()["content-security-policy"], POLICY, "{path}");
        let tag = answer.headers()["etag"].clone();
        if path.ends_with(".wasm") {
            assert!(answer.bytes().await.unwrap() == tillbook::module::WASM);
        }
        let request = browser.client.get(format!("{}{path}", browser.origin));
        let again = request.header("if-none-match", tag).send().await.unwrap();
        assert_eq!(again.status(), 304, "{path}");
    }
    for path in ["/pages/", "/pages/no.js", "/pages/../Cargo.toml", "/pages/%2e%2e/Cargo.toml"] {
        assert_eq!(browser.get(path, "").await.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn a_build_without_pages_says_so() {
    let browser = Browser::with(Pages::of(&[])).await;
    for path in ["/", "/shops/main/"] {
        assert!(browser.text(path, "").await.contains("make pages"), "{path}");
    }
    assert_eq!(browser.get("/pages/tillbook_bg.wasm", "").await.status(), 404);
}
