//! Events of the plugin, for its authors.
//!
//! WooCommerce tells nothing of some changes: a deleted refund, an order deleted for good. The
//! plugin hears of them and sends, as soon as it can and again until it is answered with 200:
//!
//! ```text
//! POST /events/{shop}
//! Content-Type: application/json
//! X-Tillbook-Timestamp: 1795870800              seconds since 1970, within five minutes of ours
//! X-Tillbook-Nonce: 5f1c…                       16 to 64 of 0-9 a-z A-Z - _, never used before
//! X-Tillbook-Signature: 9b2e…                   hex of HMAC-SHA256, key: the shop's hook secret
//!
//! {"events":[{"kind":"refund_deleted","order_id":1201,"refund_id":1207}]}
//! ```
//!
//! What is signed are six lines without a line feed at the end:
//!
//! ```text
//! v1
//! POST
//! /events/{shop}        as it stands here, whatever a proxy before it is called
//! {timestamp}
//! {nonce}
//! {hex of SHA-256 of the body}
//! ```
//!
//! | `kind` | needs |
//! |---|---|
//! | `order_created` `order_updated` `order_trashed` `order_restored` `order_deleted` `order_paid` | `order_id` |
//! | `refund_created` `refund_updated` `refund_deleted` | `order_id` (the refund's order); `refund_id` for people |
//! | `product_created` `product_updated` `product_deleted` `stock_changed` | `product_id` |
//! | `customer_created` `customer_updated` `customer_deleted` | `customer_id` |
//! | `settings_changed` | nothing: tax rates, gateways or shipping are not as they were |
//!
//! At most 500 events in one body. An event is a hint: what it says beyond its ids is not
//! believed, so it may be sent twice, late and in any order. A kind that is not known here is
//! counted (`unknown` in the answer) and passed over; one without the id that it needs has the
//! whole shop looked through. A request that was not answered is sent again with a new timestamp
//! and nonce.

use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::{Named, ObjectKind, Wanted};
use crate::time::Timestamp;

/// How far a sender's clock may be from ours.
pub(super) const CLOCK_SKEW_MAX: Duration = Duration::from_mins(5);
/// How long a nonce is remembered: longer than its delivery can be believed.
pub(super) const REMEMBERED: Duration = Duration::from_mins(11);
const EVENTS_MAX: usize = 500;
const NONCE_CHARACTERS: std::ops::RangeInclusive<usize> = 16..=64;

/// The headers that sign events.
#[derive(Debug, Clone, Copy, Default)]
pub struct Envelope<'a> {
    /// `X-Tillbook-Timestamp`: seconds since 1970.
    pub timestamp: &'a str,
    /// `X-Tillbook-Nonce`.
    pub nonce: &'a str,
    /// `X-Tillbook-Signature`: hex.
    pub signature: &'a str,
}

impl Envelope<'_> {
    /// Whether it is signed with `secret` for that shop and body, now. The signature is reckoned
    /// whatever else is wrong, and compared in constant time.
    pub(super) fn verify(&self, secret: &str, slug: &str, body: &[u8], now: Timestamp) -> bool {
        let text = canonical(slug, self.timestamp, self.nonce, body);
        let signature = hex::decode(self.signature).unwrap_or_default();
        let fits = mac(secret, &text).is_some_and(|mac| mac.verify_slice(&signature).is_ok());
        fits && self.is_now(now) && self.has_nonce()
    }

    fn is_now(&self, now: Timestamp) -> bool {
        let Ok(seconds) = self.timestamp.parse::<i64>() else { return false };
        let sent = Timestamp::from_ms(seconds.saturating_mul(1_000));
        now.since(sent).max(sent.since(now)) <= CLOCK_SKEW_MAX
    }

    fn has_nonce(&self) -> bool {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        NONCE_CHARACTERS.contains(&self.nonce.len()) && self.nonce.bytes().all(allowed)
    }
}

/// The text that is signed.
#[must_use]
pub fn canonical(slug: &str, timestamp: &str, nonce: &str, body: &[u8]) -> String {
    let sha256 = hex::encode(Sha256::digest(body));
    format!("v1\nPOST\n/events/{slug}\n{timestamp}\n{nonce}\n{sha256}")
}

/// The signature of a text, in hex.
#[must_use]
pub fn sign(secret: &str, text: &str) -> String {
    mac(secret, text).map(|mac| hex::encode(mac.finalize().into_bytes())).unwrap_or_default()
}

fn mac(secret: &str, text: &str) -> Option<Hmac<Sha256>> {
    Some(Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?.chain_update(text.as_bytes()))
}

#[derive(Deserialize)]
struct Body {
    events: Vec<Event>,
}

#[derive(Deserialize)]
struct Event {
    kind: String,
    order_id: Option<u64>,
    product_id: Option<u64>,
    customer_id: Option<u64>,
}

/// The kinds that are known, with what they are about.
const KINDS: [(&str, ObjectKind); 16] = [
    ("order_created", ObjectKind::Order),
    ("order_updated", ObjectKind::Order),
    ("order_trashed", ObjectKind::Order),
    ("order_restored", ObjectKind::Order),
    ("order_deleted", ObjectKind::Order),
    ("order_paid", ObjectKind::Order),
    ("refund_created", ObjectKind::Order),
    ("refund_updated", ObjectKind::Order),
    ("refund_deleted", ObjectKind::Order),
    ("product_created", ObjectKind::Product),
    ("product_updated", ObjectKind::Product),
    ("product_deleted", ObjectKind::Product),
    ("stock_changed", ObjectKind::Product),
    ("customer_created", ObjectKind::Customer),
    ("customer_updated", ObjectKind::Customer),
    ("customer_deleted", ObjectKind::Customer),
];

/// Reads a body of events.
pub(super) fn read(body: &[u8]) -> Result<Wanted, String> {
    let body: Body =
        serde_json::from_slice(body).map_err(|error| format!("no body of events: {error}"))?;
    if body.events.len() > EVENTS_MAX {
        return Err(format!("{} events; at most {EVENTS_MAX} at once", body.events.len()));
    }
    let mut wanted = Wanted::default();
    for event in &body.events {
        if event.kind == "settings_changed" {
            wanted.sweep = Some("settings_changed");
            continue;
        }
        let Some((why, kind)) = KINDS.into_iter().find(|(word, _)| *word == event.kind) else {
            wanted.unknown += 1;
            continue;
        };
        let id = match kind {
            ObjectKind::Order => event.order_id,
            ObjectKind::Product => event.product_id,
            ObjectKind::Customer => event.customer_id,
        };
        match id {
            Some(id) => wanted.objects.push(Named { kind, id, why: Some(why) }),
            None => wanted.sweep = Some("without an id"),
        }
    }
    Ok(wanted)
}
