//! The pages: the same bundle that the shop's plugin shows, for people with a token.

use std::{fmt::Write as _, sync::Arc};

use axum::{
    Form, Router,
    extract::{Path, State},
    http::{Extensions, HeaderMap, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{
    App,
    access::{Caller, caller_with},
    answer::{self, ApiError},
    session,
};
use crate::{
    module,
    store::{Role, ShopRow},
};

/// What a browser may do with a page of ours: run our scripts and the module, speak with us, no more.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    connect-src 'self'; img-src 'self' data:; worker-src 'self'; base-uri 'none'; \
    frame-ancestors 'none'; form-action 'self'";

/// The module among the files: the very one that decides here.
const MODULE: &str = "tillbook_bg.wasm";
/// The look of the few pages that are no application.
const PLAIN: &str = "host.css";
const PLAIN_CSS: &str = include_str!("pages/host.css");

/// The bundle's files by name.
#[derive(Debug, Clone, Copy)]
pub struct Pages(&'static [(&'static str, &'static [u8])]);

impl Pages {
    /// Those that this program carries; none where they were not made before it was built.
    #[must_use]
    pub const fn embedded() -> Self {
        Self(include!(concat!(env!("OUT_DIR"), "/pages.rs")))
    }

    /// Other ones, for tests.
    #[must_use]
    pub const fn of(files: &'static [(&'static str, &'static [u8])]) -> Self {
        Self(files)
    }

    /// Whether there are any.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    fn file(self, name: &str) -> Option<&'static [u8]> {
        match name {
            MODULE if !self.is_empty() => Some(module::WASM),
            PLAIN => Some(PLAIN_CSS.as_bytes()),
            name => self.0.iter().find(|(own, _)| *own == name).map(|(_, bytes)| *bytes),
        }
    }
}

#[derive(Debug, Clone)]
struct Site {
    app: Arc<App>,
    pages: Pages,
}

pub(super) fn router(app: &Arc<App>, pages: Pages) -> Router {
    let site = Site { app: Arc::clone(app), pages };
    Router::new()
        .route("/", get(front))
        .route("/shops/{shop}/", get(shop))
        .route("/pages/{*name}", get(file))
        .route("/session", post(begin))
        .route("/session/end", post(end))
        .with_state(site)
}

/// One page with its headers.
fn page(status: StatusCode, title: &str, body: &str, head: &str) -> Response {
    let title = escape(title);
    let text = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<link rel=\"stylesheet\" href=\"/pages/{PLAIN}\">\n{head}</head>\n\
         <body>\n{body}\n</body>\n</html>\n"
    );
    let policy = [(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY))];
    (status, policy, Html(text)).into_response()
}

/// Text as it stands in HTML, also between quotation marks.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            letter => escaped.push(letter),
        }
    }
    escaped
}

fn login(status: StatusCode, word: &str) -> Response {
    let word = if word.is_empty() {
        String::new()
    } else {
        format!("<p class=\"bad\" role=\"alert\">{}</p>\n", escape(word))
    };
    let body = format!(
        "<main>\n<h1>Tillbook</h1>\n{word}<form method=\"post\" action=\"/session\">\n\
         <label for=\"token\">Token</label>\n\
         <input id=\"token\" name=\"token\" type=\"password\" required autofocus \
         autocomplete=\"current-password\" spellcheck=\"false\">\n\
         <p class=\"quiet\">Whoever runs this server gives one: <code>tillbook token add NAME --role \
         view</code></p>\n<button>Sign in</button>\n</form>\n</main>"
    );
    page(status, "Sign in – Tillbook", &body, "")
}

fn no_pages() -> Response {
    let body = "<main>\n<h1>Tillbook</h1>\n<p>This server works, but was built without its pages.</p>\n\
        <p>To have them, run <code>make pages</code> in the project's folder, then build the program \
        again. The shop's own pages in WordPress are not concerned.</p>\n</main>";
    page(StatusCode::OK, "Tillbook", body, "")
}

/// `GET /`: the shop, where there is one, else the choice.
async fn front(
    State(site): State<Site>,
    extensions: Extensions,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    if site.pages.is_empty() {
        return Ok(no_pages());
    }
    let Some(caller) = visit(&site, &extensions, &headers).await? else {
        return Ok(login(StatusCode::OK, ""));
    };
    let shops: Vec<ShopRow> = site
        .app
        .store
        .shops()
        .await?
        .into_iter()
        .filter(|shop| is_open(&caller, &shop.slug))
        .collect();
    if let [only] = shops.as_slice() {
        return Ok(Redirect::to(&format!("/shops/{}/", only.slug)).into_response());
    }
    let mut body = String::from("<main>\n<h1>Shops</h1>\n");
    if shops.is_empty() {
        body.push_str(
            "<p>No shop is connected yet. <code>tillbook pair</code> makes the code that connects \
             one.</p>\n",
        );
    }
    body.push_str("<ul>\n");
    for shop in shops {
        let (slug, url) = (escape(&shop.slug), escape(&shop.url));
        writeln!(body, "<li><a href=\"/shops/{slug}/\">{url}</a></li>").ok();
    }
    body.push_str("</ul>\n");
    body.push_str(END);
    body.push_str("</main>");
    Ok(page(StatusCode::OK, "Shops – Tillbook", &body, ""))
}

/// Ends the session.
const END: &str = "<form method=\"post\" action=\"/session/end\"><button class=\"quiet\">Sign out\
    </button></form>\n";

async fn visit(
    site: &Site,
    extensions: &Extensions,
    headers: &HeaderMap,
) -> Result<Option<Caller>, ApiError> {
    count(site, extensions, headers)?;
    session::visitor(&site.app, headers).await
}

fn count(site: &Site, extensions: &Extensions, headers: &HeaderMap) -> Result<(), ApiError> {
    site.app.rates.address.check(&site.app.proxies.caller(extensions, headers))
}

fn is_open(caller: &Caller, slug: &str) -> bool {
    caller.shop.as_ref().is_none_or(|bound| bound == slug)
}

/// `GET /shops/{shop}/`: the application for one shop.
async fn shop(
    State(site): State<Site>,
    Path(slug): Path<String>,
    extensions: Extensions,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    if site.pages.is_empty() {
        return Ok(no_pages());
    }
    let Some(caller) = visit(&site, &extensions, &headers).await? else {
        return Ok(Redirect::to("/").into_response());
    };
    let odd = slug.contains(|letter: char| letter.is_ascii_control());
    let row = if odd { None } else { site.app.store.shop(&slug).await? };
    let Some(row) = row.filter(|row| is_open(&caller, &row.slug)) else {
        return Ok(answer::not_found().await.into_response());
    };
    let config = json!({
        "base": format!("/api/v1/shops/{}/", row.slug),
        "nonce": null,
        "where": "host",
        "shop": row.slug,
        "page": "overview",
        "order": null,
        "can": {
            "view": true,
            "operate": caller.role >= Role::Operate,
            "configure": caller.role >= Role::Configure,
        },
        "locale": locale(&headers),
        "assets": {
            "module": format!("/pages/{MODULE}"),
            "worker": "/pages/worker.js",
            "css": "/pages/tillbook.css",
        },
        "links": {"order": format!("{}/wp-admin/post.php?post={{id}}&action=edit", row.url)},
        "version": env!("CARGO_PKG_VERSION"),
    });
    // Nothing in it may end the element that it stands in.
    let config = config.to_string().replace('<', "\\u003c");
    let body = format!(
        "<header><a href=\"/\">Tillbook</a> <span>{}</span>\n{END}</header>\n\
         <tillbook-app></tillbook-app>\n\
         <noscript><p>These pages need JavaScript.</p></noscript>",
        escape(&row.url)
    );
    let head = format!(
        "<link rel=\"stylesheet\" href=\"/pages/tillbook.css\">\n\
         <script type=\"application/json\" id=\"tillbook-config\">{config}</script>\n\
         <script type=\"module\" src=\"/pages/tillbook.js\"></script>\n"
    );
    Ok(page(StatusCode::OK, &format!("{} – Tillbook", row.slug), &body, &head))
}

/// The browser's first language, `en_GB`.
fn locale(headers: &HeaderMap) -> String {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let first = accepted.unwrap_or_default().split([',', ';']).next().unwrap_or_default().trim();
    let is_tag = !first.is_empty()
        && first.len() <= 16
        && first.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if is_tag { first.replace('-', "_") } else { String::from("en_GB") }
}

/// `GET /pages/{name}`: a file of the bundle.
async fn file(
    State(site): State<Site>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let bytes =
        site.pages.file(&name).ok_or_else(|| ApiError::not_found("there is nothing here"))?;
    let tag = if name == MODULE {
        format!("\"{}\"", module::SHA256)
    } else {
        format!("\"{}\"", hex::encode(Sha256::digest(bytes)))
    };
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let kind = match name.rsplit_once('.').map(|(_, end)| end) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    };
    let told = [
        (header::CONTENT_TYPE, kind),
        (header::ETAG, tag.as_str()),
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
    ];
    if known == Some(tag.as_str()) {
        return Ok((StatusCode::NOT_MODIFIED, told).into_response());
    }
    Ok((told, bytes).into_response())
}

#[derive(Deserialize)]
struct Given {
    token: String,
}

/// `POST /session`: a person shows a token.
async fn begin(State(site): State<Site>, Form(given): Form<Given>) -> Result<Response, ApiError> {
    let token = given.token.trim();
    // What is no token could say anything in a header.
    let is_clean = token.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let known = match is_clean.then_some(token) {
        Some(token) => caller_with(&site.app, token).await,
        None => Err(ApiError::unauthorized()),
    };
    match known {
        Ok(caller) => {
            tracing::info!(who = caller.who(), "signed in");
            Ok(with_cookie(&site.app, token))
        }
        Err(error) if error.code() == "unauthorized" => {
            let word = "This token is wrong, or not good any more.";
            Ok(login(StatusCode::UNAUTHORIZED, word))
        }
        Err(error) => Err(error),
    }
}

/// `POST /session/end`: a person leaves.
async fn end(State(site): State<Site>) -> Response {
    with_cookie(&site.app, "")
}

fn with_cookie(app: &App, token: &str) -> Response {
    let mut response = Redirect::to("/").into_response();
    if let Some(cookie) = session::cookie(app, token) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}
