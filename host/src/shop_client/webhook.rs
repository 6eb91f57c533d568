//! Webhooks: whether the shop sent one, and what it hints at.
//!
//! A webhook is a hint (`X-WC-Webhook-*`): its body is what the shop looked like at delivery, may
//! come late, twice or never, and may be a signed error. So only the object's id is taken from it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::Deserialize;
use sha2::Sha256;

/// The delivery's signature does not fit its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the webhook's signature does not fit its body")]
pub struct SignatureError;

/// Checks `X-WC-Webhook-Signature` over the raw body, in constant time.
///
/// WooCommerce decodes the secret's HTML entities before it signs (`wp_specialchars_decode` with
/// `ENT_QUOTES`, `class-wc-webhook.php`), so the same is done here.
///
/// # Errors
/// [`SignatureError`], whatever is wrong: a caller must not learn more.
pub fn verify(secret: &str, body: &[u8], signature: &str) -> Result<(), SignatureError> {
    let signature = STANDARD.decode(signature.trim()).map_err(|_| SignatureError)?;
    let key = decode_specialchars(secret);
    let mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).map_err(|_| SignatureError)?;
    mac.chain_update(body).verify_slice(&signature).map_err(|_| SignatureError)
}

/// What a delivery hints at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// The ping of a new webhook: a form, unsigned. Answer 200.
    Ping {
        /// The webhook's id.
        webhook_id: u64,
    },
    /// An object changed: read it from the shop. A `coupon.deleted` may name a product.
    Object {
        /// `order`, `product`, `customer` or `coupon`.
        resource: String,
        /// `created`, `updated`, `deleted` or `restored`.
        event: String,
        /// The object's id.
        id: u64,
    },
    /// A hook of the shop ran: `woocommerce_refund_created` with the refund's id.
    Action {
        /// The hook's name.
        action: String,
        /// Its first argument, when that is a number.
        id: Option<u64>,
    },
    /// The object was gone, or the webhook's user lost its rights: signed, but no object.
    Error {
        /// WooCommerce's code.
        code: String,
    },
    /// Nothing that is known.
    Unknown,
}

impl Notice {
    /// Reads a delivery; `topic` is the header `X-WC-Webhook-Topic`, which a ping lacks.
    #[must_use]
    pub fn read(topic: Option<&str>, body: &[u8]) -> Self {
        let Some(topic) = topic else { return read_ping(body) };
        let (resource, event) = topic.split_once('.').unwrap_or((topic, ""));
        let Ok(told) = serde_json::from_slice::<Told>(body) else { return Self::Unknown };
        match told {
            Told { action: Some(action), arg, .. } if resource == "action" => {
                Self::Action { action, id: arg.as_ref().and_then(serde_json::Value::as_u64) }
            }
            Told { id: Some(id), .. } => {
                Self::Object { resource: resource.to_owned(), event: event.to_owned(), id }
            }
            Told { code: Some(code), .. } => Self::Error { code },
            _ => Self::Unknown,
        }
    }
}

#[derive(Deserialize)]
struct Told {
    id: Option<u64>,
    action: Option<String>,
    arg: Option<serde_json::Value>,
    code: Option<String>,
}

fn read_ping(body: &[u8]) -> Notice {
    let pairs = url::form_urlencoded::parse(body);
    let id = pairs.filter(|(name, _)| name == "webhook_id").find_map(|(_, id)| id.parse().ok());
    id.map_or(Notice::Unknown, |webhook_id| Notice::Ping { webhook_id })
}

/// `WordPress`' `wp_specialchars_decode( …, ENT_QUOTES )`: quotes, `<`, `>` and `&`, once.
fn decode_specialchars(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, entity) = rest.split_at(at);
        out.push_str(before);
        let end = entity.find(';').unwrap_or_default();
        let name = entity.get(1..end).unwrap_or_default();
        if let Some(character) = decode_entity(name) {
            out.push(character);
            rest = entity.get(end + 1..).unwrap_or_default();
        } else {
            out.push('&');
            rest = entity.get(1..).unwrap_or_default();
        }
    }
    out.push_str(rest);
    out
}

/// Numbers may be padded with zeros; `&#x3c;` and `&apos;` are not in `WordPress`' table.
fn decode_entity(name: &str) -> Option<char> {
    if let Some(hex) = name.strip_prefix("#x").or_else(|| name.strip_prefix("#X")) {
        return match hex.trim_start_matches('0') {
            "22" => Some('"'),
            "26" => Some('&'),
            "27" => Some('\''),
            _ => None,
        };
    }
    let decimal = name.strip_prefix('#').map(|digits| digits.trim_start_matches('0'));
    match decimal.unwrap_or(name) {
        "34" if decimal.is_some() => Some('"'),
        "38" if decimal.is_some() => Some('&'),
        "39" if decimal.is_some() => Some('\''),
        "60" if decimal.is_some() => Some('<'),
        "62" if decimal.is_some() => Some('>'),
        "quot" if decimal.is_none() => Some('"'),
        "amp" if decimal.is_none() => Some('&'),
        "lt" if decimal.is_none() => Some('<'),
        "gt" if decimal.is_none() => Some('>'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_decoded_as_wordpress_does() {
        for (stored, used) in [
            ("plain", "plain"),
            ("a&amp;b", "a&b"),
            ("&quot;&#39;&#039;&#x27;&#0039;", "\"''''"),
            ("&lt;&gt;&#060;&#62;", "<><>"),
            ("&amp;lt;", "&lt;"),
            ("&#x3c;&apos;&;&", "&#x3c;&apos;&;&"),
            ("a&b;c&amp;", "a&b;c&"),
        ] {
            assert_eq!(decode_specialchars(stored), used, "{stored}");
        }
    }
}
