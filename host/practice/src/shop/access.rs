//! Signing in as WooCommerce and `WordPress` check it.
//!
//! Over https: consumer key and secret by Basic or in the query. Over http: OAuth 1.0a with one
//! leg. `WordPress` application passwords work over https or in a `local` environment
//! (`class-wc-rest-authentication.php`, `wp-includes/user.php`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::Utc;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use super::query::Params;
use super::reply::Reply;

/// Seconds a timestamp may be off, and a nonce is remembered.
const OAUTH_WINDOW_SECS: i64 = 15 * 60;

/// What a consumer key may do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Permission {
    /// GET and HEAD.
    Read,
    /// Everything that changes.
    Write,
    /// Both.
    #[default]
    ReadWrite,
}

/// A consumer key of the shop.
#[derive(Debug, Clone)]
pub(crate) struct ApiKey {
    /// `ck_…`.
    pub(crate) key: String,
    /// `cs_…`.
    pub(crate) secret: String,
    /// What it may do.
    pub(crate) permission: Permission,
}

/// A request as far as signing in looks at it.
#[derive(Debug)]
pub(crate) struct Signed<'a> {
    /// Upper-case method.
    pub(crate) method: &'a str,
    /// Home URL and path, without query: what the client must have signed.
    pub(crate) url: &'a str,
    /// Query parameters.
    pub(crate) params: &'a Params,
    /// The `Authorization` header.
    pub(crate) authorization: Option<&'a str>,
    /// Whether `WordPress`' `is_ssl()` would say yes.
    pub(crate) ssl: bool,
}

/// Who may come in, and the nonces seen.
#[derive(Debug, Default)]
pub(crate) struct Doorkeeper {
    /// Consumer keys.
    pub(crate) keys: Vec<ApiKey>,
    /// Application passwords: user name and password without spaces.
    pub(crate) application_passwords: Vec<(String, String)>,
    /// Whether `WP_ENVIRONMENT_TYPE` is `local`.
    pub(crate) environment_local: bool,
    nonces: Vec<(i64, String)>,
}

impl Doorkeeper {
    /// Says what a request may do; `None` is an anonymous visitor.
    ///
    /// # Errors
    /// The 401 of a failed attempt to sign in.
    pub(crate) fn admit(&mut self, request: &Signed<'_>) -> Result<Option<Permission>, Reply> {
        let basic = request.authorization.and_then(read_basic);
        if request.ssl
            && let Some((key, secret)) = query_keys(request.params).or_else(|| basic.clone())
            && let Some(known) = self.keys.iter().find(|known| known.key == key)
        {
            let same: bool = known.secret.as_bytes().ct_eq(secret.as_bytes()).into();
            return if same { Ok(Some(known.permission)) } else { Err(wrong_secret()) };
        }
        if let Some(permission) = self.admit_oauth(request)? {
            return Ok(Some(permission));
        }
        match basic {
            Some(pair) if request.ssl || self.environment_local => self.admit_user(&pair),
            _ => Ok(None),
        }
    }

    fn admit_user(&self, (user, password): &(String, String)) -> Result<Option<Permission>, Reply> {
        if self.application_passwords.is_empty() {
            return Ok(None);
        }
        let chunked = password.replace(' ', "");
        let mut known =
            self.application_passwords.iter().filter(|(name, _)| name == user).peekable();
        if known.peek().is_none() {
            return Err(Reply::error(
                401,
                "invalid_username",
                "<strong>Error:</strong> Unknown username. Check again or try your email address.",
            ));
        }
        if known.any(|(_, secret)| secret.as_bytes().ct_eq(chunked.as_bytes()).into()) {
            return Ok(Some(Permission::ReadWrite));
        }
        Err(Reply::error(
            401,
            "incorrect_password",
            "The provided password is an invalid application password.",
        ))
    }

    fn admit_oauth(&mut self, request: &Signed<'_>) -> Result<Option<Permission>, Reply> {
        let params = oauth_params(request);
        let Some(oauth) = OAuth::read(&params)? else { return Ok(None) };
        let Some(known) = self.keys.iter().find(|known| known.key == oauth.key) else {
            return Err(refuse("Consumer key is invalid."));
        };
        let permission = known.permission;
        check_signature(request, &params, &oauth, &known.secret)?;
        let now = Utc::now().timestamp();
        if (now - oauth.timestamp).abs() > OAUTH_WINDOW_SECS {
            return Err(refuse("Invalid timestamp."));
        }
        if self.nonces.iter().any(|(_, nonce)| *nonce == oauth.nonce) {
            return Err(refuse("Invalid nonce - nonce has already been used."));
        }
        self.nonces.retain(|(seen, _)| *seen >= now - OAUTH_WINDOW_SECS);
        self.nonces.push((oauth.timestamp, oauth.nonce));
        Ok(Some(permission))
    }
}

impl Permission {
    /// Refuses a method that the key may not use.
    ///
    /// # Errors
    /// WooCommerce's 401.
    pub(crate) fn check(self, method: &str) -> Result<(), Reply> {
        match method {
            "GET" | "HEAD" if self == Self::Write => {
                Err(refuse("The API key provided does not have read permissions."))
            }
            "POST" | "PUT" | "PATCH" | "DELETE" if self == Self::Read => {
                Err(refuse("The API key provided does not have write permissions."))
            }
            _ => Ok(()),
        }
    }
}

struct OAuth {
    key: String,
    timestamp: i64,
    nonce: String,
    signature: String,
    method: String,
}

impl OAuth {
    /// Reads the five parameters; none at all is no attempt, some of them is a failed one.
    fn read(params: &[(String, String)]) -> Result<Option<Self>, Reply> {
        let get = |name: &str| {
            let found = params.iter().rev().find(|(key, _)| key == name);
            found.map(|(_, value)| value.clone()).filter(|value| !value.is_empty())
        };
        let names = [
            "oauth_consumer_key",
            "oauth_timestamp",
            "oauth_nonce",
            "oauth_signature",
            "oauth_signature_method",
        ];
        let missing: Vec<&str> = names.into_iter().filter(|name| get(name).is_none()).collect();
        if missing.len() == names.len() {
            return Ok(None);
        }
        let values = names.map(get);
        let [Some(key), Some(timestamp), Some(nonce), Some(signature), Some(method)] = values
        else {
            let plural = if missing.len() == 1 { "" } else { "s" };
            let message = format!("Missing OAuth parameter{plural} {}", missing.join(", "));
            let code = "woocommerce_rest_authentication_missing_parameter";
            return Err(Reply::error(401, code, &message));
        };
        let timestamp = timestamp.parse().unwrap_or_default();
        Ok(Some(Self { key, timestamp, nonce, signature, method }))
    }
}

fn check_signature(
    request: &Signed<'_>,
    params: &[(String, String)],
    oauth: &OAuth,
    secret: &str,
) -> Result<(), Reply> {
    let base = signature_base(request.method, request.url, params);
    let secret = format!("{secret}&");
    let ours = match oauth.method.as_str() {
        "HMAC-SHA1" => Hmac::<Sha1>::new_from_slice(secret.as_bytes())
            .map(|mac| STANDARD.encode(mac.chain_update(base.as_bytes()).finalize().into_bytes())),
        "HMAC-SHA256" => Hmac::<Sha256>::new_from_slice(secret.as_bytes())
            .map(|mac| STANDARD.encode(mac.chain_update(base.as_bytes()).finalize().into_bytes())),
        _ => return Err(refuse("Invalid signature - signature method is invalid.")),
    };
    // WordPress reads a plus in the query as a space; the check undoes that.
    let theirs = oauth.signature.replace(' ', "+");
    match ours {
        Ok(ours) if ours.as_bytes().ct_eq(theirs.as_bytes()).into() => Ok(()),
        _ => Err(refuse("Invalid signature - provided signature does not match.")),
    }
}

/// RFC 5849 section 3.4.1, sorted by name as WooCommerce does.
fn signature_base(method: &str, url: &str, params: &[(String, String)]) -> String {
    let mut pairs: Vec<(String, String)> = params
        .iter()
        .filter(|(name, _)| name != "oauth_signature")
        .map(|(name, value)| (encode(name), encode(value)))
        .collect();
    pairs.sort();
    let text: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!("{method}&{}&{}", encode(url), encode(&text.join("&")))
}

/// Percent-encodes all but the unreserved characters of RFC 3986.
fn encode(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// Query parameters and those of an `Authorization: OAuth` header; the header wins.
fn oauth_params(request: &Signed<'_>) -> Vec<(String, String)> {
    let mut params = number_lists(request.params.pairs());
    let header = request.authorization.and_then(|text| text.trim().strip_prefix("OAuth "));
    for part in header.into_iter().flat_map(|text| text.split(',')) {
        let Some((name, value)) = part.split_once('=') else { continue };
        let (name, value) = (name.trim(), value.trim().trim_matches('"'));
        if name.starts_with("oauth_") {
            params.retain(|(key, _)| key != name);
            params.push((name.to_owned(), decode(value)));
        }
    }
    params
}

/// PHP reads `a[]=1&a[]=2` as `a[0]` and `a[1]`, and WooCommerce signs those names: a client that
/// signs `a[]` is refused.
fn number_lists(pairs: &[(String, String)]) -> Vec<(String, String)> {
    let number = |at: usize, name: &String| match name.strip_suffix("[]") {
        Some(list) => {
            let before = pairs.iter().take(at).filter(|(earlier, _)| earlier == name).count();
            format!("{list}[{before}]")
        }
        None => name.clone(),
    };
    let numbered = pairs.iter().enumerate();
    numbered.map(|(at, (name, value))| (number(at, name), value.clone())).collect()
}

fn decode(text: &str) -> String {
    let pair = format!("v={text}");
    let mut parts = url::form_urlencoded::parse(pair.as_bytes());
    parts.next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

fn query_keys(params: &Params) -> Option<(String, String)> {
    let key = params.get("consumer_key").filter(|key| !key.is_empty())?;
    let secret = params.get("consumer_secret").filter(|secret| !secret.is_empty())?;
    Some((key.to_owned(), secret.to_owned()))
}

fn read_basic(header: &str) -> Option<(String, String)> {
    let bytes = STANDARD.decode(header.strip_prefix("Basic ")?.trim()).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

fn refuse(message: &str) -> Reply {
    Reply::error(401, "woocommerce_rest_authentication_error", message)
}

fn wrong_secret() -> Reply {
    let mut reply = refuse("Consumer secret is invalid.");
    let realm = "Basic realm=\"WooCommerce API. Use a consumer key in the username field and a \
                 consumer secret in the password field.\"";
    reply.headers.push(("WWW-Authenticate", realm.to_owned()));
    reply
}
