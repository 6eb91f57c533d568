//! A shop's connection with Xero.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    super::{App, access::Caller, answer::ApiError},
    body::{Body, BodyRefusals, InPath, OutsideRefusals, Refusals, ShopPath, checked, shop_of},
    status::NamedOrganisation,
};
use crate::{
    config::Secret,
    store::{Choice, ShopRow},
    xero_client::XeroClient,
};

impl From<Choice> for NamedOrganisation {
    fn from(choice: Choice) -> Self {
        Self { id: choice.id, name: choice.name }
    }
}

/// A custom connection of Xero
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CustomConnection {
    /// Its client id, as developer.xero.com shows it
    #[schema(max_length = 200)]
    client_id: String,
    /// Its client secret
    #[schema(value_type = String, max_length = 400)]
    client_secret: Secret,
}

/// The organisation that a shop is connected with
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Connected {
    organisation: NamedOrganisation,
}

/// Connect a shop by a custom connection: nobody has to sign in
///
/// Refuses with 422 `xero_refused` and Xero's words.
#[utoipa::path(
    post,
    path = "/api/v1/shops/{shop}/xero/custom",
    tag = "shops",
    security(("token" = [])),
    extensions(("x-role" = json!("configure")), ("x-reach" = json!("shop"))),
    params(ShopPath),
    request_body = CustomConnection,
    responses(
        (status = 200, description = "It is connected", body = Connected),
        Refusals, BodyRefusals, OutsideRefusals
    )
)]
pub(super) async fn custom(
    State(app): State<Arc<App>>,
    caller: Caller,
    InPath(ShopPath { shop }): InPath<ShopPath>,
    Body(custom): Body<CustomConnection>,
) -> Result<Body<Connected>, ApiError> {
    let client_id = checked("client_id", custom.client_id.trim().to_owned(), 200)?;
    checked("client_secret", custom.client_secret.reveal().to_owned(), 400)?;
    let shop = shop_of(&app, &shop).await?;
    let secret = Secret::new(custom.client_secret.reveal().trim());
    let choice = app.connect_custom(&shop, client_id, secret).await?;
    tracing::info!(shop = shop.slug, organisation = choice.id, who = caller.who(), "connected");
    Ok(Body(Connected { organisation: choice.into() }))
}

/// Where a person goes after consent
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ConsentWanted {
    /// A page of the shop itself; `tillbook_xero=connected` or `=denied` is added to its query
    #[schema(
        max_length = 2_000,
        example = "https://main.example/wp-admin/admin.php?page=tillbook"
    )]
    return_to: String,
}

/// A page of Xero
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ConsentAddress {
    /// What a person opens, within half an hour
    address: String,
}

/// Ask for a person's consent at Xero
#[utoipa::path(
    post,
    path = "/api/v1/shops/{shop}/xero/consent",
    tag = "shops",
    security(("token" = [])),
    extensions(("x-role" = json!("configure")), ("x-reach" = json!("shop"))),
    params(ShopPath),
    request_body = ConsentWanted,
    responses(
        (status = 200, description = "Where to give it", body = ConsentAddress),
        Refusals, BodyRefusals, OutsideRefusals
    )
)]
pub(super) async fn consent(
    State(app): State<Arc<App>>,
    InPath(ShopPath { shop }): InPath<ShopPath>,
    Body(wanted): Body<ConsentWanted>,
) -> Result<Body<ConsentAddress>, ApiError> {
    let return_to = checked("return_to", wanted.return_to, 2_000)?;
    let shop = shop_of(&app, &shop).await?;
    let address = app.ask_consent(&shop, &return_to).await?;
    Ok(Body(ConsentAddress { address }))
}

/// An organisation that can be chosen
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Choosable {
    #[serde(flatten)]
    organisation: NamedOrganisation,
    /// Whether the shop's documents go to it
    chosen: bool,
}

/// The organisations that a shop can be connected with
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ChoosableOrganisations {
    organisations: Vec<Choosable>,
    /// Whether this host has a Xero app of its own, so that consent can be given
    consent: bool,
    /// What must stand in that app as its redirect URI
    redirect_uri: String,
}

/// The organisations that were given consent for, to choose among
#[utoipa::path(
    get,
    path = "/api/v1/shops/{shop}/xero/organisations",
    tag = "shops",
    security(("token" = [])),
    extensions(("x-role" = json!("configure")), ("x-reach" = json!("shop"))),
    params(ShopPath),
    responses(
        (status = 200, description = "The organisations", body = ChoosableOrganisations), Refusals
    )
)]
pub(super) async fn organisations(
    State(app): State<Arc<App>>,
    InPath(ShopPath { shop }): InPath<ShopPath>,
) -> Result<Body<ChoosableOrganisations>, ApiError> {
    let shop = shop_of(&app, &shop).await?;
    let organisations = choices(&app, &shop)
        .await?
        .into_iter()
        .map(|one| Choosable { chosen: one.id == shop.organisation, organisation: one.into() })
        .collect();
    let (consent, redirect_uri) = (!app.whole.xero.client_id.is_empty(), app.redirect_uri());
    Ok(Body(ChoosableOrganisations { organisations, consent, redirect_uri }))
}

/// Those of the last consent, the one that the shop has, and the one of the configuration where it
/// was added by hand.
async fn choices(app: &App, shop: &ShopRow) -> Result<Vec<Choice>, ApiError> {
    let mut choices = app.store.choices(&shop.slug).await?;
    let configured = app.whole.has_xero().then(|| app.whole.organisation_id());
    for one in app.store.organisations().await? {
        let is_own = one.id == shop.organisation || Some(&one.id) == configured.as_ref();
        if is_own && choices.iter().all(|choice| choice.id != one.id) {
            choices.push(Choice { id: one.id, name: one.name });
        }
    }
    Ok(choices)
}

/// Which organisation
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Chosen {
    /// Xero's id of it, as the list gives it
    #[schema(max_length = 200)]
    id: String,
}

/// Choose the organisation that a shop's documents go to
///
/// Refuses with 409 `organisation_in_use` while documents of the shop stand in another one.
#[utoipa::path(
    post,
    path = "/api/v1/shops/{shop}/xero/organisation",
    tag = "shops",
    security(("token" = [])),
    extensions(("x-role" = json!("configure")), ("x-reach" = json!("shop"))),
    params(ShopPath),
    request_body = Chosen,
    responses(
        (status = 200, description = "It is chosen", body = Connected),
        Refusals, BodyRefusals, OutsideRefusals
    )
)]
pub(super) async fn choose(
    State(app): State<Arc<App>>,
    caller: Caller,
    InPath(ShopPath { shop }): InPath<ShopPath>,
    Body(chosen): Body<Chosen>,
) -> Result<Body<Connected>, ApiError> {
    let shop = shop_of(&app, &shop).await?;
    let found = choices(&app, &shop).await?.into_iter().find(|one| one.id == chosen.id);
    let mut choice = found.ok_or_else(|| {
        ApiError::unprocessable("not_reached", "no consent was given for this organisation")
    })?;
    if choice.name.is_empty()
        && let Ok(xero) = app.branches()?.opener().xero(&choice.id).await
    {
        let organisation = xero.read_organisation().await?;
        choice.name = XeroClient::text_field(&organisation, "Name").unwrap_or_default();
    }
    app.choose(&shop, &choice.id).await?;
    tracing::info!(shop = shop.slug, organisation = choice.id, who = caller.who(), "chosen");
    Ok(Body(Connected { organisation: choice.into() }))
}
