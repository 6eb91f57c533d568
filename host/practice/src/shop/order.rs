//! What happens to orders: made, edited, moved between states, trashed, brought back, deleted.

use serde_json::{Value, json};

use super::store::{LINE_LISTS, Shop};

/// Status of an order whose shopper has only opened the block checkout; no order.created until it
/// is placed.
const DRAFT: &str = "checkout-draft";

/// Why the shop would not do what it was told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShopError {
    /// No order, refund or product has this id.
    #[error("the practice shop has no object `{0}`")]
    Unknown(u64),
    /// The refund asks for more than is left.
    #[error("Invalid refund amount.")]
    RefundAmount,
    /// The body is not the JSON that is needed.
    #[error("not an order: {0}")]
    Shape(&'static str),
}

/// Statuses that WooCommerce knows without plugins.
pub(crate) const STATUSES: [&str; 8] = [
    "pending",
    "processing",
    "on-hold",
    "completed",
    "cancelled",
    "refunded",
    "failed",
    "checkout-draft",
];

impl Shop {
    /// Takes a new order; missing ids, number and dates are given. Fires created and updated, for a
    /// checkout draft only updated.
    pub(crate) fn add_order(&mut self, mut order: Value) -> Result<u64, ShopError> {
        let fields = order.as_object().ok_or(ShopError::Shape("no object"))?;
        if !fields.contains_key("total") || !fields.contains_key("line_items") {
            return Err(ShopError::Shape("total or line_items is missing"));
        }
        let now = self.now();
        let known = order.get("id").and_then(Value::as_u64).filter(|id| *id > 0);
        let id = known.unwrap_or_else(|| self.next_post_id());
        let missing = order.get("number").is_none_or(|number| known.is_none() || number.is_null());
        let undated = order.get("date_created_gmt").is_none_or(Value::is_null);
        self.give_line_ids(&mut order);
        if let Some(fields) = order.as_object_mut() {
            fields.insert("id".to_owned(), id.into());
            if missing {
                fields.insert("number".to_owned(), id.to_string().into());
            }
            fields.entry("refunds").or_insert_with(|| json!([]));
        }
        if undated {
            self.stamp(&mut order, "date_created", now);
        }
        self.stamp(&mut order, "date_modified", now);
        let allow = ["GET", "POST", "PUT", "PATCH", "DELETE"];
        let links = self.links("/wc/v3/orders", id, &allow, "");
        set(&mut order, "_links", links);
        let draft = text(&order, "status") == DRAFT;
        self.orders.insert(id, order);
        self.refresh_flags(id);
        if !draft {
            self.fire("order.created", id);
            self.fire("action.woocommerce_new_order", id);
        }
        self.fire("order.updated", id);
        self.fire("action.woocommerce_update_order", id);
        Ok(id)
    }

    /// Changes an order as a save in the shop does: new date of change, order.updated.
    pub(crate) fn edit_order(
        &mut self,
        id: u64,
        edit: impl FnOnce(&mut Value),
    ) -> Result<(), ShopError> {
        let order = self.orders.get_mut(&id).ok_or(ShopError::Unknown(id))?;
        edit(order);
        set(order, "id", id.into());
        self.saved(id);
        Ok(())
    }

    /// Changes a product or variation and saves it: product.updated with its own id.
    pub(crate) fn edit_product(
        &mut self,
        id: u64,
        edit: impl FnOnce(&mut Value),
    ) -> Result<(), ShopError> {
        let now = self.now();
        let mut product = self.products.get(&id).cloned().ok_or(ShopError::Unknown(id))?;
        edit(&mut product);
        set(&mut product, "id", id.into());
        self.stamp(&mut product, "date_modified", now);
        self.products.insert(id, product);
        self.fire("product.updated", id);
        Ok(())
    }

    /// Moves an order to another status with the dates, the note and the refund that follow.
    pub(crate) fn set_status(&mut self, id: u64, status: &str) -> Result<(), ShopError> {
        let old = text(self.orders.get(&id).ok_or(ShopError::Unknown(id))?, "status");
        if old == status {
            return Ok(());
        }
        let now = self.now();
        let mut order = self.orders.get(&id).cloned().ok_or(ShopError::Unknown(id))?;
        set(&mut order, "status", status.into());
        let unpaid = order.get("date_paid_gmt").is_none_or(Value::is_null);
        if unpaid && matches!(status, "processing" | "completed") {
            self.stamp(&mut order, "date_paid", now);
        }
        if status == "completed" {
            self.stamp(&mut order, "date_completed", now);
        }
        self.orders.insert(id, order);
        self.refresh_flags(id);
        let note =
            format!("Order status changed from {} to {}.", status_name(&old), status_name(status));
        self.add_note(id, &note, "WooCommerce", false)?;
        if old == DRAFT {
            self.fire("order.created", id);
            self.fire("action.woocommerce_new_order", id);
        }
        self.fire("action.woocommerce_order_status_changed", id);
        self.fire(&format!("action.woocommerce_order_status_{status}"), id);
        if status == "refunded" {
            self.refund_rest(id)?;
        }
        Ok(())
    }

    /// Puts an order in the trash; it vanishes from `status=any`. Fires order.deleted.
    pub(crate) fn trash_order(&mut self, id: u64) -> Result<(), ShopError> {
        let now = self.now();
        let mut order = self.orders.get(&id).cloned().ok_or(ShopError::Unknown(id))?;
        self.untrashed_status.insert(id, text(&order, "status").into());
        set(&mut order, "status", "trash".into());
        self.stamp(&mut order, "date_modified", now);
        self.orders.insert(id, order);
        self.refresh_flags(id);
        self.fire("order.deleted", id);
        self.fire("action.woocommerce_trash_order", id);
        Ok(())
    }

    /// Takes an order out of the trash. Fires order.restored and order.updated.
    pub(crate) fn restore_order(&mut self, id: u64) -> Result<(), ShopError> {
        let status = self.untrashed_status.remove(&id).ok_or(ShopError::Unknown(id))?;
        let order = self.orders.get_mut(&id).ok_or(ShopError::Unknown(id))?;
        set(order, "status", status);
        self.refresh_flags(id);
        self.fire("order.restored", id);
        self.fire("action.woocommerce_untrash_order", id);
        self.saved(id);
        Ok(())
    }

    /// Deletes an order for good. Only `action.woocommerce_delete_order` fires.
    pub(crate) fn delete_order(&mut self, id: u64) -> Result<Value, ShopError> {
        let order = self.orders.remove(&id).ok_or(ShopError::Unknown(id))?;
        self.refunds.retain(|_, (owner, _)| *owner != id);
        self.notes.remove(&id);
        self.untrashed_status.remove(&id);
        self.fire("action.woocommerce_delete_order", id);
        Ok(order)
    }

    /// Writes a note; no webhook but the action tells of it.
    pub(crate) fn add_note(
        &mut self,
        id: u64,
        note: &str,
        author: &str,
        for_customer: bool,
    ) -> Result<Value, ShopError> {
        if !self.orders.contains_key(&id) {
            return Err(ShopError::Unknown(id));
        }
        let now = self.now();
        let note_id = self.next_post_id();
        let mut value = json!({"id": note_id, "author": author});
        self.stamp(&mut value, "date_created", now);
        set(&mut value, "note", note.into());
        set(&mut value, "customer_note", for_customer.into());
        let collection = format!("/wc/v3/orders/{id}/notes");
        let up = format!("/wc/v3/orders/{id}");
        let links = self.links(&collection, note_id, &["GET", "DELETE"], &up);
        set(&mut value, "_links", links);
        self.notes.entry(id).or_default().insert(0, value.clone());
        self.fire("action.woocommerce_order_note_added", note_id);
        Ok(value)
    }

    /// A save: WooCommerce writes a new date of change even when nothing changed.
    pub(crate) fn saved(&mut self, id: u64) {
        let now = self.now();
        if let Some(mut order) = self.orders.remove(&id) {
            self.stamp(&mut order, "date_modified", now);
            self.orders.insert(id, order);
        }
        self.refresh_flags(id);
        self.fire("order.updated", id);
        self.fire("action.woocommerce_update_order", id);
    }

    /// Sets what follows from status and total.
    fn refresh_flags(&mut self, id: u64) {
        let Some(order) = self.orders.get_mut(&id) else { return };
        let status = text(order, "status");
        let total: rust_decimal::Decimal = text(order, "total").parse().unwrap_or_default();
        let open = matches!(status.as_str(), "pending" | "failed" | "checkout-draft");
        let editable = matches!(status.as_str(), "pending" | "on-hold" | "auto-draft");
        set(order, "is_editable", editable.into());
        set(order, "needs_payment", (open && total > rust_decimal::Decimal::ZERO).into());
    }

    fn give_line_ids(&mut self, order: &mut Value) {
        for name in LINE_LISTS {
            let lines = order.get_mut(name).and_then(Value::as_array_mut);
            for line in lines.into_iter().flatten() {
                if super::listing::id_of(line) == 0 {
                    let id = self.next_item_id();
                    set(line, "id", id.into());
                }
            }
        }
    }
}

/// Sets a field of an object.
pub(crate) fn set(item: &mut Value, name: &str, value: Value) {
    if let Some(fields) = item.as_object_mut() {
        fields.insert(name.to_owned(), value);
    }
}

/// Reads a text field; empty when it is none.
pub(crate) fn text(item: &Value, name: &str) -> String {
    item.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn status_name(status: &str) -> String {
    match status {
        "pending" => "Pending payment".to_owned(),
        "on-hold" => "On hold".to_owned(),
        "checkout-draft" => "Draft".to_owned(),
        other => {
            let mut letters = other.chars();
            let first = letters.next().map(|letter| letter.to_ascii_uppercase());
            first.into_iter().chain(letters).collect()
        }
    }
}
