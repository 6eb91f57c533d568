//! `/webhooks`: made, read, changed and removed; making one sends a ping.

use serde_json::{Value, json};

use super::find;
use crate::shop::listing;
use crate::shop::order::{set, text};
use crate::shop::query::Faults;
use crate::shop::reply::Reply;
use crate::shop::route::Request;
use crate::shop::store::Shop;
use crate::shop::webhook::Webhook;

const INVALID: (&str, &str) = ("woocommerce_rest_shop_webhook_invalid_id", "Invalid ID.");
const EVENTS: [&str; 4] = ["created", "updated", "deleted", "restored"];
const RESOURCES: [&str; 4] = ["coupon", "customer", "order", "product"];

impl Shop {
    /// Answers everything below `/webhooks`.
    pub(crate) fn route_webhooks(
        &mut self,
        request: &Request,
        rest: &[&str],
    ) -> Result<Reply, Reply> {
        let (code, message) = INVALID;
        let values = || self.webhooks.hooks.values().map(|hook| &hook.value);
        match (request.method.as_str(), rest) {
            ("GET", []) => {
                let status = request.params.get("status").unwrap_or("all");
                let listed =
                    values().filter(|hook| status == "all" || text(hook, "status") == status);
                self.list(request, listing::WEBHOOKS, listed, Value::clone)
            }
            ("GET", [id]) => Ok(Reply::ok(find(values(), id, code, message)?.clone())),
            ("POST", []) => self.post_webhook(&request.body),
            ("PUT" | "POST" | "PATCH", [id]) => {
                let id = listing::id_of(find(values(), id, code, message)?);
                self.put_webhook(id, &request.body)
            }
            ("DELETE", [id]) => {
                let value = find(values(), id, code, message)?.clone();
                if !request.params.flag("force") {
                    return Err(Reply::error(
                        501,
                        "woocommerce_rest_trash_not_supported",
                        "Webhooks do not support trashing.",
                    ));
                }
                let id = listing::id_of(&value);
                self.webhooks.hooks.remove(&id);
                self.webhooks.pending.retain(|(hook, _)| *hook != id);
                Ok(Reply::ok(value))
            }
            _ => Err(Reply::no_route()),
        }
    }

    fn post_webhook(&mut self, body: &Value) -> Result<Reply, Reply> {
        let (topic, url) = (text(body, "topic"), text(body, "delivery_url"));
        let missing: Vec<&str> = ["topic", "delivery_url"]
            .into_iter()
            .filter(|name| body.get(name).is_none_or(Value::is_null))
            .collect();
        if !missing.is_empty() {
            let message = format!("Missing parameter(s): {}", missing.join(", "));
            let body = json!({
                "code": "rest_missing_callback_param",
                "message": message,
                "data": {"status": 400, "params": missing},
            });
            return Err(Reply { status: 400, ..Reply::ok(body) });
        }
        check_topic(&topic)?;
        check_url(&url)?;
        let status = read_status(body)?.unwrap_or_else(|| "active".to_owned());
        let id = self.webhooks.next_id();
        let now = self.now();
        let named = text(body, "name");
        let default = format!("Webhook created on {}", now.format("%b %d, %Y @ %I:%M %p"));
        let mut value = json!({
            "id": id,
            "name": if named.is_empty() { default } else { named },
            "status": status,
        });
        set_topic(&mut value, &topic);
        set(&mut value, "delivery_url", url.into());
        self.stamp(&mut value, "date_created", now);
        self.stamp(&mut value, "date_modified", now);
        let allow = ["GET", "POST", "PUT", "PATCH", "DELETE"];
        set(&mut value, "_links", self.links("/wc/v3/webhooks", id, &allow, ""));
        let given = text(body, "secret");
        let secret = if given.is_empty() { uuid::Uuid::new_v4().to_string() } else { given };
        self.webhooks.hooks.insert(id, Webhook { value: value.clone(), secret, failures: 0 });
        self.webhooks.pings.push_back(id);
        Ok(Reply::created(value))
    }

    /// Changes a webhook. Its failure counter stays, also when it is made active again.
    fn put_webhook(&mut self, id: u64, body: &Value) -> Result<Reply, Reply> {
        let (topic, url) = (text(body, "topic"), text(body, "delivery_url"));
        let status = read_status(body)?;
        if !topic.is_empty() {
            check_topic(&topic)?;
        }
        if !url.is_empty() {
            check_url(&url)?;
        }
        let now = self.now();
        let (code, message) = INVALID;
        let hook = self.webhooks.hooks.remove(&id);
        let mut hook = hook.ok_or_else(|| Reply::unknown(code, message))?;
        if !topic.is_empty() {
            set_topic(&mut hook.value, &topic);
        }
        for (name, value) in [("delivery_url", url), ("name", text(body, "name"))] {
            if !value.is_empty() {
                set(&mut hook.value, name, value.into());
            }
        }
        if let Some(status) = status {
            set(&mut hook.value, "status", status.into());
        }
        if let Some(secret) = body.get("secret").and_then(Value::as_str) {
            secret.clone_into(&mut hook.secret);
        }
        self.stamp(&mut hook.value, "date_modified", now);
        let value = hook.value.clone();
        self.webhooks.hooks.insert(id, hook);
        Ok(Reply::ok(value))
    }
}

fn check_topic(topic: &str) -> Result<(), Reply> {
    let known = topic.split_once('.').is_some_and(|(resource, event)| match resource {
        "action" => event.starts_with("woocommerce_") || event.starts_with("wc_"),
        _ => RESOURCES.contains(&resource) && EVENTS.contains(&event),
    });
    if known {
        return Ok(());
    }
    let code = "woocommerce_rest_webhook_invalid_topic";
    Err(Reply::error(400, code, "Webhook topic must be valid."))
}

fn check_url(url: &str) -> Result<(), Reply> {
    if url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https")) {
        return Ok(());
    }
    let message = "Webhook delivery URL must be a valid URL starting with http:// or https://.";
    Err(Reply::error(400, "woocommerce_rest_webhook_invalid_delivery_url", message))
}

fn read_status(body: &Value) -> Result<Option<String>, Reply> {
    let status = text(body, "status");
    if status.is_empty() {
        return Ok(None);
    }
    if ["active", "paused", "disabled"].contains(&status.as_str()) {
        return Ok(Some(status));
    }
    let mut faults = Faults::default();
    let message = "status is not one of active, paused, and disabled.";
    faults.add("status", "rest_not_in_enum", message, &Value::Null);
    faults.finish().map(|()| None)
}

/// Writes topic, resource, event and the hooks that a real shop would listen to.
fn set_topic(value: &mut Value, topic: &str) {
    let (resource, event) = topic.split_once('.').unwrap_or((topic, ""));
    let hooks: Vec<String> = match (resource, event) {
        ("action", event) => vec![event.to_owned()],
        ("order", "created") => vec!["woocommerce_new_order".to_owned()],
        ("order", "updated") => {
            vec!["woocommerce_update_order".to_owned(), "woocommerce_order_refunded".to_owned()]
        }
        ("order", "deleted") => {
            vec!["wp_trash_post".to_owned(), "woocommerce_trash_order".to_owned()]
        }
        ("order", "restored") => {
            vec!["untrashed_post".to_owned(), "woocommerce_untrash_order".to_owned()]
        }
        ("customer", "created") => {
            ["user_register", "woocommerce_created_customer", "woocommerce_new_customer"]
                .map(str::to_owned)
                .to_vec()
        }
        ("customer", "updated") => {
            vec!["profile_update".to_owned(), "woocommerce_update_customer".to_owned()]
        }
        ("customer", _) => vec!["delete_user".to_owned()],
        (_, "deleted") => vec!["wp_trash_post".to_owned()],
        (_, "restored") => vec!["untrashed_post".to_owned()],
        (resource, event) => {
            let verb = if event == "created" { "new" } else { "update" };
            vec![format!("woocommerce_{verb}_{resource}")]
        }
    };
    set(value, "topic", topic.into());
    set(value, "resource", resource.into());
    set(value, "event", event.into());
    set(value, "hooks", hooks.into());
}
