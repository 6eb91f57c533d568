//! Webhooks of WooCommerce: which objects a delivery asks us to look at.

use super::{Named, ObjectKind, Wanted};
use crate::shop_client::webhook::Notice;

/// The headers of a delivery that matter.
#[derive(Debug, Clone, Copy, Default)]
pub struct Delivery<'a> {
    /// `X-WC-Webhook-Topic`; a ping has none.
    pub topic: Option<&'a str>,
    /// `X-WC-Webhook-Signature`; a ping has none.
    pub signature: Option<&'a str>,
}

/// Hooks of the shop whose first argument is a refund's id: its order is not said, so the whole
/// shop is swept, which compares ids and so finds refunds that are gone too.
const REFUND_ACTIONS: [&str; 4] = [
    "woocommerce_refund_created",
    "woocommerce_update_order_refund",
    "woocommerce_delete_order_refund",
    "woocommerce_refund_deleted",
];

/// Hooks whose first argument is an order's id; those that only begin so are orders' too.
const ORDER_ACTIONS: [&str; 11] = [
    "woocommerce_new_order",
    "woocommerce_update_order",
    "woocommerce_trash_order",
    "woocommerce_untrash_order",
    "woocommerce_delete_order",
    "woocommerce_before_delete_order",
    "woocommerce_checkout_order_processed",
    "woocommerce_payment_complete",
    "woocommerce_order_refunded",
    "woocommerce_order_fully_refunded",
    "woocommerce_order_partially_refunded",
];
const ORDER_ACTIONS_BEGIN: &str = "woocommerce_order_status_";

const PRODUCT_ACTIONS: [&str; 8] = [
    "woocommerce_new_product",
    "woocommerce_update_product",
    "woocommerce_delete_product",
    "woocommerce_trash_product",
    "woocommerce_new_product_variation",
    "woocommerce_update_product_variation",
    "woocommerce_delete_product_variation",
    "woocommerce_trash_product_variation",
];

const CUSTOMER_ACTIONS: [&str; 4] = [
    "woocommerce_new_customer",
    "woocommerce_created_customer",
    "woocommerce_update_customer",
    "woocommerce_delete_customer",
];

/// What a delivery of a believed shop asks for.
///
/// An error object in an object's place (it was gone at delivery, or the webhook's user has lost
/// its rights) names nothing: the shop is swept. Topics that concern nothing we post ask for
/// nothing; `coupon.deleted` may name a product, whose own `product.deleted` comes as well.
#[must_use]
pub fn hints_of(notice: &Notice) -> Wanted {
    match notice {
        Notice::Object { resource, id, .. } => match resource.as_str() {
            "order" => one(ObjectKind::Order, *id),
            "product" => one(ObjectKind::Product, *id),
            "customer" => one(ObjectKind::Customer, *id),
            _ => Wanted::default(),
        },
        Notice::Action { action, id } => of_action(action, *id),
        Notice::Error { .. } => sweep("without an object"),
        Notice::Ping { .. } | Notice::Unknown => Wanted::default(),
    }
}

fn of_action(action: &str, id: Option<u64>) -> Wanted {
    let known = |actions: &[&str]| actions.contains(&action);
    let kind = if known(&ORDER_ACTIONS) || action.starts_with(ORDER_ACTIONS_BEGIN) {
        ObjectKind::Order
    } else if known(&PRODUCT_ACTIONS) {
        ObjectKind::Product
    } else if known(&CUSTOMER_ACTIONS) {
        ObjectKind::Customer
    } else if known(&REFUND_ACTIONS) {
        return sweep("which names no order");
    } else {
        return Wanted::default();
    };
    // An argument that is an object arrives as `[]`.
    id.map_or_else(|| sweep("without an id"), |id| one(kind, id))
}

fn one(kind: ObjectKind, id: u64) -> Wanted {
    Wanted { objects: vec![Named { kind, id, why: None }], ..Wanted::default() }
}

fn sweep(why: &'static str) -> Wanted {
    Wanted { sweep: Some(why), ..Wanted::default() }
}
