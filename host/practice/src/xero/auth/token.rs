//! The token endpoint, revocation and the consent address.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::{DateTime, Duration, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::super::call::{Call, Reply};
use super::super::json::{Fields, Json, WireStyle};
use super::scope::may_ask;
use super::{ACCESS_TOKEN_SECS, Access, App, AppKind, Auth, Code, Refresh};

/// Days an unused refresh token lives.
const REFRESH_DAYS: i64 = 60;
/// Minutes a replaced refresh token still works.
const GRACE_MINUTES: i64 = 30;
/// Minutes an authorisation code lives.
const CODE_MINUTES: i64 = 5;

/// The `error` of a refused token request.
type Refusal = &'static str;

impl Auth {
    /// `POST /connect/token`.
    pub(crate) fn token(&mut self, call: &Call, now: DateTime<Utc>) -> Reply {
        let form = call.form();
        let result = self.client(call, &form).and_then(|app| match field(&form, "grant_type") {
            Some("client_credentials") => self.by_credentials(&app, &form, now),
            Some("refresh_token") => self.by_refresh(&app, &form, now),
            Some("authorization_code") => self.by_code(&app, &form, now),
            Some(_) => Err("unsupported_grant_type"),
            None => Err("invalid_request"),
        });
        match result {
            Ok(fields) => Reply::json(200, &fields.into(), WireStyle::Compact),
            Err(error) => {
                let mut fields = Fields::default();
                fields.put("error", error);
                Reply::json(400, &fields.into(), WireStyle::Compact)
            }
        }
    }

    /// `POST /connect/revocation`: ends a refresh token and the app's connections.
    pub(crate) fn revoke(&mut self, call: &Call) -> Reply {
        let form = call.form();
        let Ok(app) = self.client(call, &form) else { return Reply::empty(400) };
        let known = field(&form, "token").and_then(|token| self.refresh.get(token));
        if known.is_some_and(|refresh| refresh.client_id == app.client_id) {
            self.refresh.retain(|_, one| one.client_id != app.client_id);
            self.access.retain(|_, one| one.client_id != app.client_id);
            self.connections.retain(|one| one.client_id != app.client_id);
        }
        Reply::empty(200)
    }

    /// `GET /identity/connect/authorize`: consent is given at once, or after a click.
    pub(crate) fn authorize(&mut self, call: &Call, now: DateTime<Utc>) -> Reply {
        let param = |name| call.param(name).unwrap_or_default();
        let app = self.apps.iter().find(|app| app.client_id == param("client_id")).cloned();
        let redirect = param("redirect_uri");
        let (Some(app), Ok(mut target)) = (app, url::Url::parse(&redirect)) else {
            return Reply::text(400, "unknown client_id or redirect_uri");
        };
        let local = target.scheme() == "http" && target.host_str() == Some("localhost");
        if target.scheme() != "https" && !local {
            return Reply::text(400, "redirect_uri must be https or http://localhost");
        }
        let scopes: Vec<String> = param("scope").split_whitespace().map(str::to_owned).collect();
        let unproven = app.kind == AppKind::Pkce && call.param("code_challenge").is_none();
        let consent = call.param("consent");
        if self.asks_consent && consent.is_none() {
            return ask(call, &app, &scopes);
        }
        if consent.as_deref() == Some("no") {
            target.query_pairs_mut().append_pair("error", "access_denied");
        } else if unproven {
            target.query_pairs_mut().append_pair("error", "invalid_request");
        } else if app.kind == AppKind::Custom || scopes.iter().any(|one| !may_ask(&app.scopes, one))
        {
            target.query_pairs_mut().append_pair("error", "invalid_scope");
        } else {
            self.connect_again(&app.client_id, now);
            let code = self.new_id().simple().to_string();
            let entry = Code {
                client_id: app.client_id,
                redirect_uri: redirect,
                scopes,
                challenge: call.param("code_challenge"),
                expires: now + Duration::minutes(CODE_MINUTES),
            };
            target.query_pairs_mut().append_pair("code", &code);
            self.codes.insert(code, entry);
        }
        if let Some(state) = call.param("state") {
            target.query_pairs_mut().append_pair("state", &state);
        }
        Reply::empty(302).header("Location", target.to_string())
    }

    /// A refresh token as a user's consent would have given it.
    pub(crate) fn grant(
        &mut self,
        client_id: &str,
        scopes: &[String],
        now: DateTime<Utc>,
    ) -> String {
        let token = self.new_id().simple().to_string() + "-refresh";
        let entry = Refresh {
            client_id: client_id.to_owned(),
            scopes: scopes.to_vec(),
            expires: now + Duration::days(REFRESH_DAYS),
            replaced: None,
        };
        self.refresh.insert(token.clone(), entry);
        token
    }

    /// The app that a token request comes from: HTTP Basic, or credentials in the form.
    fn client(&self, call: &Call, form: &[(String, String)]) -> Result<App, Refusal> {
        let basic = call.header("authorization").and_then(|value| {
            let (scheme, rest) = value.split_once(' ')?;
            let text =
                STANDARD.decode(rest.trim()).ok().and_then(|raw| String::from_utf8(raw).ok())?;
            let (id, secret) = text.split_once(':')?;
            scheme.eq_ignore_ascii_case("basic").then(|| (id.to_owned(), Some(secret.to_owned())))
        });
        let (id, secret) = basic
            .or_else(|| {
                let id = field(form, "client_id")?.to_owned();
                Some((id, field(form, "client_secret").map(str::to_owned)))
            })
            .ok_or("invalid_client")?;
        let app = self.apps.iter().find(|app| app.client_id == id).ok_or("invalid_client")?;
        let known = match &secret {
            Some(secret) => secret.as_bytes().ct_eq(app.client_secret.as_bytes()).into(),
            // A PKCE app has no secret; its verifier is checked with the code.
            None => app.kind == AppKind::Pkce || field(form, "code_verifier").is_some(),
        };
        if known { Ok(app.clone()) } else { Err("invalid_client") }
    }

    fn by_credentials(
        &mut self,
        app: &App,
        form: &[(String, String)],
        now: DateTime<Utc>,
    ) -> Result<Fields, Refusal> {
        if matches!(app.kind, AppKind::Web | AppKind::Pkce) {
            return Err("unauthorized_client");
        }
        // One official client sends `scopes`, separated by commas.
        let asked = field(form, "scope").or_else(|| field(form, "scopes")).unwrap_or_default();
        let mut scopes: Vec<String> =
            asked.split([' ', ',']).filter(|scope| !scope.is_empty()).map(str::to_owned).collect();
        if scopes.is_empty() {
            scopes.clone_from(&app.scopes);
        }
        if scopes.iter().any(|scope| !may_ask(&app.scopes, scope)) {
            return Err("invalid_scope");
        }
        Ok(self.answer(app, &scopes, None, true, now))
    }

    fn by_refresh(
        &mut self,
        app: &App,
        form: &[(String, String)],
        now: DateTime<Utc>,
    ) -> Result<Fields, Refusal> {
        if app.kind == AppKind::Custom {
            return Err("unauthorized_client");
        }
        let token = field(form, "refresh_token").ok_or("invalid_request")?;
        let held = self.refresh.get_mut(token).ok_or("invalid_grant")?;
        let in_grace = held.replaced.is_none_or(|at| now - at < Duration::minutes(GRACE_MINUTES));
        if held.client_id != app.client_id || held.expires <= now || !in_grace {
            return Err("invalid_grant");
        }
        held.replaced.get_or_insert(now);
        let scopes = held.scopes.clone();
        let next = self.grant(&app.client_id, &scopes, now);
        Ok(self.answer(app, &scopes, Some(next), false, now))
    }

    fn by_code(
        &mut self,
        app: &App,
        form: &[(String, String)],
        now: DateTime<Utc>,
    ) -> Result<Fields, Refusal> {
        let code = field(form, "code").ok_or("invalid_request")?;
        let held = self.codes.remove(code).ok_or("invalid_grant")?;
        let verified = held.challenge.as_ref().is_none_or(|challenge| {
            field(form, "code_verifier").is_some_and(|verifier| {
                URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())) == *challenge
            })
        });
        let same_place = field(form, "redirect_uri") == Some(held.redirect_uri.as_str());
        if held.client_id != app.client_id || held.expires <= now || !verified || !same_place {
            return Err("invalid_grant");
        }
        let refresh = held
            .scopes
            .iter()
            .any(|scope| scope == "offline_access")
            .then(|| self.grant(&app.client_id, &held.scopes, now));
        Ok(self.answer(app, &held.scopes, refresh, false, now))
    }

    fn answer(
        &mut self,
        app: &App,
        scopes: &[String],
        refresh: Option<String>,
        unattended: bool,
        now: DateTime<Utc>,
    ) -> Fields {
        let expires = now + Duration::seconds(ACCESS_TOKEN_SECS);
        let token = self.sign(app, scopes, now, expires);
        let access = Access {
            client_id: app.client_id.clone(),
            scopes: scopes.to_vec(),
            expires,
            unattended,
            custom: app.kind == AppKind::Custom,
        };
        self.access.insert(token.clone(), access);
        let mut fields = Fields::default();
        fields
            .put("access_token", token)
            .put("expires_in", Json::Number(ACCESS_TOKEN_SECS.to_string()))
            .put("token_type", "Bearer")
            .put_some("refresh_token", refresh)
            .put("scope", scopes.join(" "));
        fields
    }

    /// A token in the form of Xero's: three parts, claims in the middle. It is signed with the
    /// app's secret: nothing but this simulator has to check it.
    fn sign(
        &mut self,
        app: &App,
        scopes: &[String],
        now: DateTime<Utc>,
        expires: DateTime<Utc>,
    ) -> String {
        let seconds = |at: DateTime<Utc>| Json::Number(at.timestamp().to_string());
        let mut claims = Fields::default();
        claims
            .put("nbf", seconds(now))
            .put("exp", seconds(expires))
            .put("iss", "https://identity.xero.com")
            .put("aud", "https://identity.xero.com/resources")
            .put("client_id", app.client_id.as_str())
            .put("xero_userid", self.new_id())
            .put("authentication_event_id", self.new_id())
            .put("jti", self.new_id().simple().to_string())
            .put("scope", scopes.iter().map(Json::from).collect::<Vec<_>>());
        let head = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
        let body = URL_SAFE_NO_PAD.encode(Json::from(claims).to_string());
        let signed = format!("{head}.{body}");
        let signature = Hmac::<Sha256>::new_from_slice(app.client_secret.as_bytes())
            .map(|mut mac| {
                mac.update(signed.as_bytes());
                mac.finalize().into_bytes().to_vec()
            })
            .unwrap_or_default();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// The page on which a person gives consent, or does not.
fn ask(call: &Call, app: &App, scopes: &[String]) -> Reply {
    let query = call.query.replace('&', "&amp;").replace('"', "&quot;");
    let page = format!(
        "<h1>{} wants access</h1><p>{}</p><a id=\"yes\" href=\"?{query}&amp;consent=yes\">Allow \
         access</a> <a id=\"no\" href=\"?{query}&amp;consent=no\">Cancel</a>",
        app.name,
        scopes.join(", ")
    );
    Reply::empty(200).header("Content-Type", "text/html; charset=utf-8").body(page)
}

fn field<'a>(form: &'a [(String, String)], name: &str) -> Option<&'a str> {
    form.iter().find(|(held, _)| held == name).map(|(_, value)| value.as_str())
}
