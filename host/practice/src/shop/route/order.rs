//! `/orders`, `/orders/{id}`, `/orders/{id}/notes`, `/orders/statuses`.

use serde_json::{Value, json};

use crate::shop::corpus;
use crate::shop::listing::{self, id_of};
use crate::shop::order::{STATUSES, ShopError, set, text};
use crate::shop::query::{Faults, Params};
use crate::shop::reply::Reply;
use crate::shop::route::Request;
use crate::shop::store::Shop;

/// Fields of an order that a PUT may set as they are.
const PLAIN_FIELDS: [&str; 7] = [
    "currency",
    "customer_id",
    "customer_note",
    "parent_id",
    "payment_method",
    "payment_method_title",
    "transaction_id",
];
/// Parts of an order whose totals WooCommerce would compute anew.
const TOTALLED: [&str; 4] = ["line_items", "shipping_lines", "fee_lines", "coupon_lines"];

impl Shop {
    /// Answers everything below `/orders`.
    pub(crate) fn route_orders(
        &mut self,
        request: &Request,
        rest: &[&str],
    ) -> Result<Reply, Reply> {
        match (request.method.as_str(), rest) {
            ("GET", ["orders"]) => self.list_orders(request),
            ("GET", ["orders", "statuses"]) => {
                Ok(Reply::ok(corpus::order_statuses().to_vec().into()))
            }
            ("POST", ["orders"]) => Err(no_totals()),
            ("GET", ["orders", id]) => {
                let id = self.order_id(id)?;
                Ok(Reply::ok(self.print_order(id, read_dp(&request.params)?)))
            }
            ("PUT" | "POST" | "PATCH", ["orders", id]) => {
                let id = self.order_id(id)?;
                let dp = read_dp(&request.params)?;
                self.put_order(id, &request.body)?;
                Ok(Reply::ok(self.print_order(id, dp)))
            }
            ("DELETE", ["orders", id]) => {
                let id = self.order_id(id)?;
                self.remove_order(id, request.params.flag("force"))
            }
            (_, ["orders", id, "refunds", rest @ ..]) => self.route_refunds(request, id, rest),
            (_, ["orders", id, "notes", rest @ ..]) => self.route_notes(request, id, rest),
            _ => Err(Reply::no_route()),
        }
    }

    fn list_orders(&self, request: &Request) -> Result<Reply, Reply> {
        let dp = read_dp(&request.params)?;
        let customer = request.params.get("customer").and_then(|id| id.parse::<u64>().ok());
        let product = request.params.get("product").and_then(|id| id.parse::<u64>().ok());
        let orders = self.orders.values().filter(|order| {
            customer.is_none_or(|id| order.get("customer_id").and_then(Value::as_u64) == Some(id))
                && product.is_none_or(|id| has_product(order, id))
        });
        self.list(request, listing::ORDERS, orders, |order| self.print(order, dp))
    }

    /// An order as it is answered; null when it is gone.
    pub(crate) fn print_order(&self, id: u64, dp: Option<u32>) -> Value {
        self.orders.get(&id).map(|order| self.print(order, dp)).unwrap_or_default()
    }

    /// Reads the id of an order that exists, trashed ones too.
    pub(crate) fn order_id(&self, id: &str) -> Result<u64, Reply> {
        let id: u64 = id.parse().map_err(|_| Reply::no_route())?;
        if self.orders.contains_key(&id) {
            return Ok(id);
        }
        Err(Reply::unknown("woocommerce_rest_shop_order_invalid_id", "Invalid ID."))
    }

    /// Changes an order as a PUT does. Lines and totals are not recomputed here: that is refused.
    pub(crate) fn put_order(&mut self, id: u64, body: &Value) -> Result<(), Reply> {
        if TOTALLED.iter().any(|name| body.get(name).is_some()) {
            return Err(no_totals());
        }
        let status = text(body, "status");
        if !status.is_empty() && !STATUSES.contains(&status.as_str()) {
            let mut faults = Faults::default();
            let message = format!("status is not one of {}.", STATUSES.join(", "));
            faults.add("status", "rest_not_in_enum", &message, &Value::Null);
            faults.finish()?;
        }
        let mut order = self.orders.get(&id).cloned().unwrap_or_default();
        for name in PLAIN_FIELDS {
            if let Some(value) = body.get(name) {
                set(&mut order, name, value.clone());
            }
        }
        for name in ["billing", "shipping"] {
            let fields = body.get(name).and_then(Value::as_object);
            for (field, value) in fields.into_iter().flatten() {
                if let Some(address) = order.get_mut(name) {
                    set(address, field, value.clone());
                }
            }
        }
        self.put_meta(&mut order, body);
        self.orders.insert(id, order);
        let paid = body.get("set_paid").and_then(Value::as_bool).unwrap_or_default();
        let next = if paid && status.is_empty() { "processing" } else { &status };
        if !next.is_empty() {
            self.set_status(id, next).map_err(|error| refuse(&error))?;
        }
        if paid {
            self.fire("action.woocommerce_payment_complete", id);
        }
        self.saved(id);
        Ok(())
    }

    /// Updates meta by id or key, adds new meta, removes it when the value is null.
    fn put_meta(&mut self, order: &mut Value, body: &Value) {
        let given = body.get("meta_data").and_then(Value::as_array).cloned().unwrap_or_default();
        for meta in given {
            let (id, key) = (id_of(&meta), text(&meta, "key"));
            let value = meta.get("value").cloned().unwrap_or_default();
            let fresh = self.next_meta_id();
            let Some(all) = order.get_mut("meta_data").and_then(Value::as_array_mut) else {
                return;
            };
            let same = |old: &Value| {
                if id > 0 { id_of(old) == id } else { text(old, "key") == key }
            };
            if value.is_null() {
                all.retain(|old| !same(old));
            } else if let Some(old) = all.iter_mut().find(|old| same(old)) {
                set(old, "value", value);
            } else {
                all.push(json!({"id": fresh, "key": key, "value": value}));
            }
        }
    }

    /// Trashes an order or, with force, deletes it.
    pub(crate) fn remove_order(&mut self, id: u64, force: bool) -> Result<Reply, Reply> {
        if force {
            let order = self.delete_order(id).map_err(|error| refuse(&error))?;
            return Ok(Reply::ok(self.print(&order, None)));
        }
        let status = self.orders.get(&id).map(|order| text(order, "status")).unwrap_or_default();
        if status == "trash" {
            return Err(Reply::error(
                410,
                "woocommerce_rest_already_trashed",
                "The order has already been deleted.",
            ));
        }
        self.trash_order(id).map_err(|error| refuse(&error))?;
        Ok(Reply::ok(self.print_order(id, None)))
    }

    fn route_notes(&mut self, request: &Request, id: &str, rest: &[&str]) -> Result<Reply, Reply> {
        let invalid = "woocommerce_rest_order_invalid_id";
        let id: u64 = id.parse().map_err(|_| Reply::no_route())?;
        if !self.orders.contains_key(&id) {
            return Err(Reply::unknown(invalid, "Invalid order ID."));
        }
        let notes = self.notes.get(&id).map(Vec::as_slice).unwrap_or_default();
        match (request.method.as_str(), rest) {
            ("GET", []) => {
                let kind = request.params.get("type").unwrap_or("any");
                let fits = |note: &&Value| {
                    let shown = note.get("customer_note").and_then(Value::as_bool) == Some(true);
                    kind == "any" || (kind == "customer") == shown
                };
                Ok(Reply::ok(notes.iter().filter(fits).cloned().collect()))
            }
            ("GET", [note]) => {
                let code = "woocommerce_rest_invalid_id";
                Ok(Reply::ok(super::find(notes, note, code, "Invalid resource ID.")?.clone()))
            }
            ("POST", []) => {
                let for_customer =
                    request.body.get("customer_note").and_then(Value::as_bool).unwrap_or_default();
                let note = text(&request.body, "note");
                let note = self.add_note(id, &note, "system", for_customer);
                Ok(Reply::created(note.map_err(|error| refuse(&error))?))
            }
            _ => Err(Reply::no_route()),
        }
    }
}

/// Reads `dp`.
pub(crate) fn read_dp(params: &Params) -> Result<Option<u32>, Reply> {
    let mut faults = Faults::default();
    let dp = faults.number(params, "dp", (0, u64::from(u32::MAX)));
    faults.finish()?;
    Ok(dp.and_then(|dp| u32::try_from(dp).ok()))
}

/// Says why the shop would not, as a REST error.
pub(crate) fn refuse(error: &ShopError) -> Reply {
    match error {
        ShopError::Unknown(_) => {
            Reply::unknown("woocommerce_rest_shop_order_invalid_id", "Invalid ID.")
        }
        ShopError::RefundAmount => Reply::error(
            500,
            "woocommerce_rest_cannot_create_order_refund",
            "Invalid refund amount.",
        ),
        ShopError::Shape(why) => Reply::error(400, "practice_shape", why),
    }
}

/// The practice shop has no tax engine; an order is put in by its Rust API with totals.
fn no_totals() -> Reply {
    Reply::error(
        501,
        "practice_no_totals",
        "The practice shop does not compute totals: add or edit orders by its Rust API.",
    )
}

fn has_product(order: &Value, id: u64) -> bool {
    let lines = order.get("line_items").and_then(Value::as_array);
    lines.into_iter().flatten().any(|line| {
        ["product_id", "variation_id"]
            .iter()
            .any(|name| line.get(name).and_then(Value::as_u64) == Some(id))
    })
}
