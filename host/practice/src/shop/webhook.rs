//! Webhooks as WooCommerce keeps, queues and signs them (`class-wc-webhook.php`).
//!
//! An event only notes (webhook, object): the body is built at delivery. While a note waits, the
//! same event is dropped. Nothing is tried again; the seventh failure in a row disables.

use std::collections::{BTreeMap, VecDeque};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use super::order::{set, text};
use super::reply::print_json;
use super::store::Shop;

/// A failure while the counter stands above this disables the webhook; it is checked before the
/// counter is raised, so the seventh failure in a row does it.
const FAILURES_ALLOWED: u32 = 5;
/// What WooCommerce calls itself.
pub(crate) const USER_AGENT: &str = "WooCommerce/10.5.0 Hookshot (WordPress/6.8.7)";

/// A webhook: its REST object, and what REST does not show.
#[derive(Debug, Clone)]
pub(crate) struct Webhook {
    /// The REST object.
    pub(crate) value: Value,
    /// The secret as it was entered.
    pub(crate) secret: String,
    /// Failures in a row.
    pub(crate) failures: u32,
}

/// All webhooks and the deliveries that wait.
#[derive(Debug, Default)]
pub(crate) struct Webhooks {
    /// Webhooks by id.
    pub(crate) hooks: BTreeMap<u64, Webhook>,
    /// Webhook id and object id, oldest first.
    pub(crate) pending: VecDeque<(u64, u64)>,
    /// Ids of webhooks whose ping was not sent yet.
    pub(crate) pings: VecDeque<u64>,
    last_id: u64,
}

/// A request that is ready to be sent.
#[derive(Debug, Clone)]
pub(crate) struct Outgoing {
    /// The webhook's id.
    pub(crate) webhook_id: u64,
    /// The topic, or `ping`.
    pub(crate) topic: String,
    /// Where to.
    pub(crate) url: String,
    /// Headers between `Accept-Encoding` and `Connection`, or, for a ping, after the length.
    pub(crate) headers: Vec<(&'static str, String)>,
    /// The exact body.
    pub(crate) body: Vec<u8>,
}

impl Webhooks {
    /// Gives out a webhook id.
    pub(crate) fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }
}

impl Shop {
    /// Notes an event for every active webhook of a topic, once while it waits.
    pub(crate) fn fire(&mut self, topic: &str, id: u64) {
        let listening = self.webhooks.hooks.iter().filter(|(_, hook)| {
            text(&hook.value, "status") == "active" && text(&hook.value, "topic") == topic
        });
        let ids: Vec<u64> = listening.map(|(hook, _)| *hook).collect();
        for hook in ids {
            if !self.webhooks.pending.contains(&(hook, id)) {
                self.webhooks.pending.push_back((hook, id));
            }
        }
    }

    /// Takes the oldest waiting delivery and builds it from what the shop holds now.
    pub(crate) fn next_delivery(&mut self) -> Option<Outgoing> {
        while let Some((hook_id, id)) = self.webhooks.pending.pop_front() {
            let Some(hook) = self.webhooks.hooks.get(&hook_id) else { continue };
            let (topic, resource) = (text(&hook.value, "topic"), text(&hook.value, "resource"));
            let (event, url) = (text(&hook.value, "event"), text(&hook.value, "delivery_url"));
            let secret = hook.secret.clone();
            let body = print_json(&self.payload(&resource, &event, id));
            let signature = sign(&secret, &body);
            let moment = self.now().timestamp();
            let headers = vec![
                ("Content-Type", "application/json".to_owned()),
                ("X-WC-Webhook-Source", format!("{}/", self.home)),
                ("X-WC-Webhook-Topic", topic.clone()),
                ("X-WC-Webhook-Resource", resource),
                ("X-WC-Webhook-Event", event),
                ("X-WC-Webhook-Signature", signature),
                ("X-WC-Webhook-ID", hook_id.to_string()),
                ("X-WC-Webhook-Delivery-ID", delivery_id(hook_id, moment)),
            ];
            return Some(Outgoing { webhook_id: hook_id, topic, url, headers, body });
        }
        None
    }

    /// Takes the oldest ping that was not sent: a form, without signature.
    pub(crate) fn next_ping(&mut self) -> Option<Outgoing> {
        let webhook_id = self.webhooks.pings.pop_front()?;
        let hook = self.webhooks.hooks.get(&webhook_id)?;
        Some(Outgoing {
            webhook_id,
            topic: "ping".to_owned(),
            url: text(&hook.value, "delivery_url"),
            headers: vec![("Content-Type", "application/x-www-form-urlencoded".to_owned())],
            body: format!("webhook_id={webhook_id}").into_bytes(),
        })
    }

    /// Counts what came back: 200 to 302 is success, anything else a failure.
    pub(crate) fn settle_delivery(&mut self, webhook_id: u64, status: Option<u16>) {
        let now = self.now();
        let Some(mut hook) = self.webhooks.hooks.remove(&webhook_id) else { return };
        if status.is_some_and(|status| (200..303).contains(&status)) {
            hook.failures = 0;
        } else if hook.failures > FAILURES_ALLOWED {
            set(&mut hook.value, "status", "disabled".into());
        } else {
            hook.failures += 1;
        }
        self.stamp(&mut hook.value, "date_modified", now);
        self.webhooks.hooks.insert(webhook_id, hook);
    }

    /// The body: an id alone for what was deleted, an action's argument, else the REST object or,
    /// when that is gone, REST's error.
    fn payload(&mut self, resource: &str, event: &str, id: u64) -> Value {
        if resource == "action" {
            return json!({"action": event, "arg": id});
        }
        if event == "deleted" {
            return json!({"id": id});
        }
        self.read_resource(resource, id).body
    }
}

/// Base64 of HMAC-SHA256 over the body with the decoded secret.
pub(crate) fn sign(secret: &str, body: &[u8]) -> String {
    let secret = decode_specialchars(secret);
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes());
    mac.map(|mac| STANDARD.encode(mac.chain_update(body).finalize().into_bytes()))
        .unwrap_or_default()
}

/// `WordPress`' `wp_specialchars_decode( …, ENT_QUOTES )`: five characters in its spellings, once.
fn decode_specialchars(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let entity = after.split_once(';').and_then(|(name, tail)| Some((decode(name)?, tail)));
        if let Some((character, tail)) = entity {
            out.push(character);
            rest = tail;
        } else {
            out.push('&');
            rest = after;
        }
    }
    out + rest
}

/// The character of an entity; numbers may have leading zeros, hexadecimal ones only these three.
fn decode(name: &str) -> Option<char> {
    let hex = name.strip_prefix("#x").or_else(|| name.strip_prefix("#X"));
    if let Some(digits) = hex {
        return match digits.trim_start_matches('0') {
            "27" => Some('\''),
            "22" => Some('"'),
            "26" => Some('&'),
            _ => None,
        };
    }
    let number = name.strip_prefix('#').map(|digits| digits.trim_start_matches('0'));
    match (name, number) {
        (_, Some("39")) => Some('\''),
        ("quot", _) | (_, Some("34")) => Some('"'),
        ("lt", _) | (_, Some("60")) => Some('<'),
        ("gt", _) | (_, Some("62")) => Some('>'),
        ("amp", _) | (_, Some("38")) => Some('&'),
        _ => None,
    }
}

/// A hash of webhook and second, so two deliveries of a second share it.
fn delivery_id(webhook_id: u64, moment: i64) -> String {
    use sha2::Digest as _;
    let hash = Sha256::digest(format!("{webhook_id}{moment}"));
    let (half, _) = hash.split_at(16);
    let number = half.iter().fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    format!("{number:032x}")
}
