//! Connecting a shop: its plugin brings a code that a person made here, and its keys.

use std::{sync::Arc, time::Duration};

use axum::{Extension, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use tillbook_core::contract::CORE_VERSION;
use url::Url;
use utoipa::ToSchema;

use super::{
    super::{App, access::CallerAddress, answer::ApiError},
    body::{Body, BodyRefusals, OutsideRefusals, Refusals, checked},
};
use crate::{
    branch::ShopSecrets,
    config::Secret,
    module,
    shop_client::{Credentials, Limits, ShopClient, SignIn},
    store::{Activity, NOT_ON, NewToken, Role, ShopRow},
};

/// The name of the token that a shop's plugin has.
const TOKEN_NAME: &str = "the shop's plugin";

/// A person waits, and the shop is there: it has just asked.
const LIMITS: (Duration, u32) = (Duration::from_secs(15), 2);

/// Letters of a slug.
const SLUG_MAX: usize = 48;

/// The shop
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PairedShop {
    /// Its Site Address
    #[schema(max_length = 500, example = "https://shop.example")]
    url: String,
    /// Its name, for people
    #[serde(default)]
    #[schema(max_length = 200)]
    name: String,
}

/// What a shop's plugin brings
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Pairing {
    /// The code that `tillbook pair` has shown
    #[schema(max_length = 40, example = "ABCD-EFGH")]
    code: String,
    shop: PairedShop,
    /// REST key, `ck_…`
    #[schema(value_type = String, max_length = 200)]
    consumer_key: Secret,
    /// REST secret, `cs_…`
    #[schema(value_type = String, max_length = 200)]
    consumer_secret: Secret,
    /// What signs the shop's webhooks and events
    #[schema(value_type = String, min_length = 16, max_length = 200)]
    hook_secret: Secret,
}

/// A shop that is connected
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Paired {
    /// What stands in all addresses of the shop
    #[schema(example = "shop-example")]
    shop: String,
    /// The plugin's token, bound to the shop: shown here, and never again
    token: String,
    /// Version of the accounting core
    core_version: &'static str,
    /// SHA-256 of the core's module
    module_sha256: &'static str,
    /// Where the shop's webhooks go, below the host's address
    #[schema(example = "/hooks/woocommerce/shop-example")]
    hook_path: String,
    /// Where the plugin's events go
    #[schema(example = "/events/shop-example")]
    event_path: String,
}

/// Connect a shop with a code that a person made; a shop that is known gets new keys
///
/// Refuses a code that is wrong, used or too old with 401 `wrong_code`, and a shop whose keys do
/// not open it with 422 `shop_unreachable`; the code stays good then.
#[utoipa::path(
    post,
    path = "/api/v1/pair",
    tag = "shops",
    extensions(("x-role" = json!("view")), ("x-reach" = json!("public"))),
    request_body = Pairing,
    responses(
        (status = 201, description = "The shop is connected; nothing is sent yet", body = Paired),
        Refusals, BodyRefusals, OutsideRefusals
    )
)]
pub(super) async fn pair(
    State(app): State<Arc<App>>,
    Extension(CallerAddress(address)): Extension<CallerAddress>,
    Body(wanted): Body<Pairing>,
) -> Result<(StatusCode, Body<Paired>), ApiError> {
    app.rates.pairing.check(&address)?;
    let now = app.clock.now();
    let wrong = || {
        let message = "the pairing code is wrong, used or too old; `tillbook pair` makes a new one";
        ApiError::new(StatusCode::UNAUTHORIZED, "wrong_code", message)
    };
    // Nothing is said or asked before the code is known to be good.
    let code = app.store.pairing(&wanted.code, now).await?.ok_or_else(wrong)?;
    let url = address_of(&wanted.shop.url)?;
    if wanted.hook_secret.reveal().len() < 16 {
        return Err(ApiError::bad_request("`hook_secret` must have 16 characters or more"));
    }
    prove(&url, &wanted).await?;
    if !app.store.take_pairing(&code, now).await? {
        return Err(wrong());
    }
    let slug = keep(&app, &url, &wanted).await?;
    let token = renew_token(&app, &slug).await?;
    tracing::info!(shop = slug, url, name = wanted.shop.name, "a shop was connected");
    let paired = Paired {
        token,
        core_version: CORE_VERSION,
        module_sha256: module::SHA256,
        hook_path: format!("/hooks/woocommerce/{slug}"),
        event_path: format!("/events/{slug}"),
        shop: slug,
    };
    Ok((StatusCode::CREATED, Body(paired)))
}

/// The address in one form: no slash at the end, small letters where they do not matter.
fn address_of(text: &str) -> Result<String, ApiError> {
    let text = checked("shop.url", text.trim().to_owned(), 500)?;
    let url = Url::parse(&text)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .filter(|url| url.query().is_none() && url.fragment().is_none() && url.username() == "");
    let url = url.ok_or_else(|| ApiError::bad_request("`shop.url` is no address of a shop"))?;
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// Reads the shop's profile by its keys.
async fn prove(url: &str, wanted: &Pairing) -> Result<(), ApiError> {
    let credentials = Credentials::ConsumerKey {
        key: wanted.consumer_key.reveal().to_owned(),
        secret: wanted.consumer_secret.reveal().to_owned(),
    };
    let (request_timeout, attempts_max) = LIMITS;
    let limits = Limits { request_timeout, attempts_max, ..Limits::default() };
    let client = ShopClient::with_limits(url, credentials, SignIn::Auto, limits);
    let read = async { client?.settings().await };
    let why = |error| {
        let message = format!("the host cannot read the shop at {url}: {}", told(&error));
        ApiError::unprocessable("shop_unreachable", message)
    };
    read.await.map(|_| ()).map_err(why)
}

/// What went wrong, with what helps.
fn told(error: &crate::shop_client::ShopClientError) -> String {
    use miette::Diagnostic as _;
    match error.help() {
        Some(help) => format!("{error}. {help}"),
        None => error.to_string(),
    }
}

/// Keeps the shop: the one that is known by its address, else a new one without an organisation.
async fn keep(app: &App, url: &str, wanted: &Pairing) -> Result<String, ApiError> {
    let now = app.clock.now();
    let shops = app.store.shops().await?;
    let known = shops.iter().find(|shop| shop.url == url);
    let slug = known.map_or_else(|| new_slug(url, &shops), |shop| shop.slug.clone());
    let vault = app.vault()?;
    let secrets = ShopSecrets {
        consumer_key: wanted.consumer_key.reveal().to_owned(),
        consumer_secret: wanted.consumer_secret.reveal().to_owned(),
        hook_secret: wanted.hook_secret.reveal().to_owned(),
    };
    let row = ShopRow {
        organisation: known.map(|shop| shop.organisation.clone()).unwrap_or_default(),
        url: url.to_owned(),
        secrets: secrets.seal(&vault, &slug),
        activity: Activity::Paused,
        reason: String::from(NOT_ON),
        activated: now,
        switches: String::from("{}"),
        marks: String::from("{}"),
        added: now,
        slug,
    };
    // Of a shop that is known only keys and address change.
    app.store.put_shop(&row).await?;
    app.intake.forget(&row.slug);
    Ok(row.slug)
}

/// `shop-example-com`, or with a number behind it where another shop has that.
fn new_slug(url: &str, shops: &[ShopRow]) -> String {
    let place = url.split_once("://").map_or(url, |(_, place)| place);
    let place = place.strip_prefix("www.").unwrap_or(place);
    let mut words = String::new();
    for letter in place.chars().take(SLUG_MAX) {
        match letter.to_ascii_lowercase() {
            letter if letter.is_ascii_alphanumeric() => words.push(letter),
            _ if words.ends_with('-') => {}
            _ => words.push('-'),
        }
    }
    let words = words.trim_matches('-');
    let words = if words.is_empty() { "shop" } else { words };
    let is_free = |slug: &String| shops.iter().all(|shop| shop.slug != *slug);
    let numbered = (2_u64..).map(|number| format!("{words}-{number}"));
    let mut slugs = std::iter::once(words.to_owned()).chain(numbered);
    slugs.find(is_free).unwrap_or_default()
}

/// Takes the plugin's tokens back and gives a new one.
async fn renew_token(app: &App, slug: &str) -> Result<String, ApiError> {
    let now = app.clock.now();
    for old in app.store.tokens().await? {
        if old.shop.as_deref() == Some(slug) && old.name == TOKEN_NAME && old.revoked.is_none() {
            app.store.revoke_token(&old.id, now).await?;
        }
    }
    let new = NewToken {
        name: String::from(TOKEN_NAME),
        role: Role::Configure,
        shop: Some(slug.to_owned()),
        expires: None,
    };
    let (_, token) = app.store.add_token(&new, now).await?;
    Ok(token.reveal().to_owned())
}
