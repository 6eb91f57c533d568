//! `/orders/batch`: up to a hundred changes in one request.

use serde_json::{Map, Value, json};

use crate::shop::listing::id_of;
use crate::shop::reply::Reply;
use crate::shop::route::Request;
use crate::shop::store::Shop;

/// Changes in one request; filter `woocommerce_rest_batch_items_limit`.
const BATCH_ITEMS_MAX: usize = 100;

impl Shop {
    /// Updates and deletes orders; a failure stands in its item's place.
    pub(crate) fn batch_orders(&mut self, request: &Request) -> Result<Reply, Reply> {
        if !matches!(request.method.as_str(), "POST" | "PUT" | "PATCH") {
            return Err(Reply::no_route());
        }
        let list = |name: &str| {
            request.body.get(name).and_then(Value::as_array).cloned().unwrap_or_default()
        };
        let (create, update, delete) = (list("create"), list("update"), list("delete"));
        if create.len() + update.len() + delete.len() > BATCH_ITEMS_MAX {
            return Err(Reply::error(
                413,
                "woocommerce_rest_request_entity_too_large",
                "Unable to accept more than 100 items for this request.",
            ));
        }
        let mut answer = Map::new();
        for (name, items) in [("create", create), ("update", update), ("delete", delete)] {
            if items.is_empty() {
                continue;
            }
            let done: Vec<Value> =
                items.iter().map(|item| self.batch_item(request, name, item)).collect();
            answer.insert(name.to_owned(), done.into());
        }
        Ok(Reply::ok(answer.into()))
    }

    fn batch_item(&mut self, request: &Request, kind: &str, item: &Value) -> Value {
        let id = item.as_u64().unwrap_or_else(|| id_of(item));
        let done = match kind {
            "create" => self.route_orders(
                &Request {
                    method: "POST".to_owned(),
                    route: String::new(),
                    path: String::new(),
                    params: request.params.clone(),
                    body: item.clone(),
                    authorization: None,
                    ssl: request.ssl,
                },
                &["orders"],
            ),
            "update" => self.order_id(&id.to_string()).and_then(|id| {
                self.put_order(id, item)?;
                Ok(Reply::ok(self.print_order(id, None)))
            }),
            // In a batch, deleting is always for good.
            _ => self.order_id(&id.to_string()).and_then(|id| self.remove_order(id, true)),
        };
        done.map_or_else(|error| json!({"id": id, "error": error.body}), |reply| reply.body)
    }
}
