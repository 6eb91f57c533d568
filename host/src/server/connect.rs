//! Connecting a shop with Xero: by a custom connection, or by a person's consent, which ends at
//! `GET /xero/callback`.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Query, Request, State},
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use serde::Deserialize;
use tillbook_core::settings::Settings;
use url::Url;

use super::{App, answer::ApiError};
use crate::{
    config::{Secret, XeroConfig},
    store::{Choice, ConnectionKind, ConsentRow, ShopRow},
    vault::Vault,
    xero_client::{
        self, App as XeroApp, Grant, GrantError, Keeper, Wire, XeroClient, consent::Consent, scope,
    },
};

/// Where Xero sends people back to, below the server's address.
pub(super) const CALLBACK: &str = "/xero/callback";

/// What connecting takes.
struct Desk {
    keeper: Keeper,
    wire: Arc<dyn Wire>,
}

impl App {
    fn desk(&self) -> Result<Desk, ApiError> {
        let wire = xero_client::open_wire(&self.whole.xero)?;
        let (store, clock) = (self.store.clone(), Arc::clone(&self.clock));
        let keeper = Keeper::open(&self.whole, store, clock, Arc::clone(&wire))?;
        Ok(Desk { keeper, wire })
    }

    /// Where Xero sends people back to: what the app's redirect URI must be.
    pub(crate) fn redirect_uri(&self) -> String {
        format!("{}{CALLBACK}", self.address())
    }

    async fn settings_of(&self, shop: &ShopRow) -> Result<Option<Settings>, ApiError> {
        let stored = self.store.settings(&shop.organisation, &shop.url).await?;
        Ok(stored.and_then(|stored| serde_json::from_str(&stored.json).ok()))
    }

    /// Connects a shop by a custom connection; gives the organisation.
    pub(crate) async fn connect_custom(
        &self,
        shop: &ShopRow,
        client_id: String,
        client_secret: Secret,
    ) -> Result<Choice, ApiError> {
        let desk = self.desk()?;
        let app = XeroApp { client_id, client_secret };
        let grant = self.custom_grant(&desk, shop, &app).await?;
        let config = XeroConfig {
            client_id: app.client_id.clone(),
            client_secret: app.client_secret.clone(),
            tenant_id: String::new(),
            scopes: grant.scopes.clone(),
            ..self.whole.xero.clone()
        };
        let client = XeroClient::with_wire(&config, Arc::clone(&self.clock), desk.wire)?;
        let organisation = client.read_organisation().await?;
        let name = XeroClient::text_field(&organisation, "Name").unwrap_or_default();
        let choice = Choice { id: format!("client:{}", app.client_id), name };
        let connection = desk.keeper.keep(ConnectionKind::Custom, &app, &grant).await?;
        self.link(&connection, std::slice::from_ref(&choice)).await?;
        self.choose(shop, &choice.id).await?;
        Ok(choice)
    }

    /// With what gateway fees take where the app may have it, else with what is needed.
    async fn custom_grant(
        &self,
        desk: &Desk,
        shop: &ShopRow,
        app: &XeroApp,
    ) -> Result<Grant, ApiError> {
        let mut needed = scope::needed(self.settings_of(shop).await?.as_ref());
        needed.retain(|one| *one != scope::OFFLINE);
        let mut wide = needed.clone();
        if !wide.contains(&scope::BANK_TRANSACTIONS) {
            wide.push(scope::BANK_TRANSACTIONS);
        }
        let now = self.clock.now();
        match desk.keeper.identity.grant_to_app(app, &wide.join(" "), now).await {
            Err(GrantError::Refused(words)) if words.contains("scope") => {
                desk.keeper.identity.grant_to_app(app, &needed.join(" "), now).await
            }
            granted => granted,
        }
        .map_err(refused)
    }

    async fn link(&self, connection: &str, choices: &[Choice]) -> Result<(), ApiError> {
        let pairs: Vec<(String, String)> =
            choices.iter().map(|one| (one.id.clone(), one.name.clone())).collect();
        Ok(self.store.link_organisations(connection, &pairs, self.clock.now()).await?)
    }

    /// Lets a shop's documents go to an organisation.
    pub(crate) async fn choose(&self, shop: &ShopRow, id: &str) -> Result<(), ApiError> {
        if !self.store.set_shop_organisation(shop, id).await? {
            let message = "documents of this shop stand in another organisation already; they would \
                 be sent twice. Take them back first, or end that connection";
            return Err(ApiError::conflict("organisation_in_use", message));
        }
        self.store.unpark(id).await?;
        self.intake.forget(&shop.slug);
        self.wake.notify_one();
        Ok(())
    }

    /// The page of Xero on which a person gives consent for a shop.
    pub(crate) async fn ask_consent(
        &self,
        shop: &ShopRow,
        return_to: &str,
    ) -> Result<String, ApiError> {
        let own = [shop.url.as_str(), self.address()].map(origin_of);
        let wanted = origin_of(return_to).filter(|origin| own.contains(&Some(origin.clone())));
        if wanted.is_none() {
            return Err(ApiError::bad_request("`return_to` must be a page of the shop itself"));
        }
        let xero = &self.whole.xero;
        if xero.client_id.is_empty() {
            let message = "this host has no Xero app of its own: enter a custom connection, or set \
                 `xero.client_id` in its configuration";
            return Err(ApiError::conflict("no_app", message));
        }
        let needed = scope::needed(self.settings_of(shop).await?.as_ref());
        let redirect_uri = self.redirect_uri();
        let consent = Consent::ask_to(&xero.authorise_url, &xero.client_id, &needed, redirect_uri)
            .map_err(|error| {
                tracing::error!(%error, "no consent can be asked for");
                ApiError::internal()
            })?;
        let id = ConsentRow::id_of(consent.state());
        let vault = self.vault()?;
        let row = ConsentRow {
            shop: shop.slug.clone(),
            verifier: vault.seal(&ConsentRow::about(&id), consent.verifier.as_bytes()),
            redirect_uri: consent.redirect_uri,
            return_to: return_to.to_owned(),
            id,
        };
        self.store.add_consent(&row, self.clock.now()).await?;
        Ok(consent.address.to_string())
    }

    pub(crate) fn vault(&self) -> Result<Vault, ApiError> {
        Vault::open(&self.whole).map_err(|error| {
            tracing::error!(%error, "the key of the stored secrets cannot be had");
            ApiError::internal()
        })
    }

    /// Ends a consent that a person has given: the connection is kept, and the shop has the only
    /// organisation that it reaches; of several a person chooses one afterwards.
    async fn end_consent(&self, consent: &ConsentRow, code: &str) -> Result<(), ApiError> {
        let desk = self.desk()?;
        let verifier = self.vault()?.unseal(&ConsentRow::about(&consent.id), &consent.verifier);
        let verifier = verifier.map_err(|error| {
            tracing::error!(%error, "a consent cannot be opened");
            ApiError::internal()
        })?;
        let xero = &self.whole.xero;
        let app = XeroApp {
            client_id: xero.client_id.clone(),
            client_secret: xero.client_secret.clone(),
        };
        let verifier = String::from_utf8_lossy(&verifier).into_owned();
        let proof = (code, verifier.as_str(), consent.redirect_uri.as_str());
        let now = self.clock.now();
        let grant = desk.keeper.identity.grant_for_code(&app, proof, now).await.map_err(refused)?;
        let kind =
            if app.client_secret.is_empty() { ConnectionKind::Pkce } else { ConnectionKind::Web };
        // On disk before it is used: a grant that is lost would have to be asked for again.
        let connection = desk.keeper.keep(kind, &app, &grant).await?;
        let reached = desk.keeper.identity.connections(&grant.access_token).await?;
        let choices: Vec<Choice> = reached
            .into_iter()
            .map(|one| Choice { id: one.tenant_id, name: one.tenant_name })
            .collect();
        self.link(&connection, &choices).await?;
        self.store.keep_choices((&consent.id, &consent.shop), &choices).await?;
        let shop = self.store.shop(&consent.shop).await?;
        match (shop, choices.as_slice()) {
            (Some(shop), [only]) => self.choose(&shop, &only.id).await,
            _ => Ok(()),
        }
    }
}

fn refused(error: GrantError) -> ApiError {
    match error {
        GrantError::Refused(words) => {
            ApiError::unprocessable("xero_refused", format!("Xero refuses: {words}"))
        }
        GrantError::Failed(failure) => failure.into(),
    }
}

/// Scheme, machine and port of an address.
fn origin_of(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    let is_web = matches!(url.scheme(), "http" | "https") && url.username().is_empty();
    is_web.then(|| url.origin().ascii_serialization())
}

pub(super) fn router() -> Router<Arc<App>> {
    Router::new().route(CALLBACK, get(come_back))
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
}

/// Where Xero sends a person back to. Only what we ourselves have sent for is taken, once.
async fn come_back(
    State(app): State<Arc<App>>,
    Query(answer): Query<Answer>,
    request: Request,
) -> Result<Response, ApiError> {
    let address = app.proxies.caller(request.extensions(), request.headers());
    app.rates.address.check(&address)?;
    let Some(consent) = app.store.take_consent(&answer.state, app.clock.now()).await? else {
        let page = "<!doctype html><title>Tillbook</title><p>This consent was not asked for from \
             here, or took too long. Go back to the shop and connect once more.</p>";
        return Ok((StatusCode::BAD_REQUEST, Html(page)).into_response());
    };
    let word = if answer.code.is_empty() {
        "denied"
    } else {
        match app.end_consent(&consent, &answer.code).await {
            Ok(()) => "connected",
            Err(error) => {
                tracing::error!(shop = consent.shop, ?error, "a consent came to nothing");
                "denied"
            }
        }
    };
    let mut back = Url::parse(&consent.return_to).map_err(|_| ApiError::internal())?;
    back.query_pairs_mut().append_pair("tillbook_xero", word);
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, back.to_string())]).into_response())
}
