//! The handle of a running shop: where it is, and what its owner does in wp-admin.

use std::net::SocketAddr;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::Value;
use tokio::sync::oneshot;

use super::access::ApiKey;
use super::clock::Clock;
use super::corpus::{Case, StoreSettings};
use super::delivery::Delivered;
use super::fault::Fault;
use super::order::ShopError;
use super::server::Door;
use crate::gateways::{Gateways, PaypalDesk, StripeDesk};

/// A practice shop that answers; it closes when this is dropped.
#[derive(Debug)]
pub struct Running {
    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub base_url: String,
    /// Where it listens.
    pub address: SocketAddr,
    /// Key of the first API key, `ck_…`.
    pub consumer_key: String,
    /// Its secret, `cs_…`.
    pub consumer_secret: String,
    /// The practice Stripe; none unless the shop's gateways charged anything there.
    pub stripe: Option<StripeDesk>,
    /// The practice PayPal, likewise.
    pub paypal: Option<PaypalDesk>,
    door: Arc<Door>,
    _stop: oneshot::Sender<()>,
}

impl Running {
    pub(crate) fn new(
        address: SocketAddr,
        door: Arc<Door>,
        key: Option<ApiKey>,
        stop: oneshot::Sender<()>,
    ) -> Self {
        let (consumer_key, consumer_secret) =
            key.map(|key| (key.key, key.secret)).unwrap_or_default();
        let base_url = format!("http://{address}");
        Self {
            base_url,
            address,
            consumer_key,
            consumer_secret,
            stripe: None,
            paypal: None,
            door,
            _stop: stop,
        }
    }

    /// Gives what the gateways' ledgers hold; none for a shop without gateways.
    #[must_use]
    pub fn gateways(&self) -> Option<Arc<Gateways>> {
        self.door.shop().gateways.clone()
    }

    /// Gives the shop's settings.
    #[must_use]
    pub fn settings(&self) -> StoreSettings {
        self.door.shop().settings.clone()
    }

    /// Gives the shop's facts as the accounting core reads them.
    #[must_use]
    pub fn facts(&self) -> Value {
        let shop = self.door.shop();
        let mut settings = shop.settings.clone();
        shop.zone.name().clone_into(&mut settings.timezone);
        settings.to_facts(&self.base_url)
    }

    /// Gives the ids of all orders that are not deleted, trashed ones too.
    #[must_use]
    pub fn order_ids(&self) -> Vec<u64> {
        self.door.shop().orders.keys().copied().collect()
    }

    /// Gives an order as `GET /orders/{id}?dp=` answers it.
    #[must_use]
    pub fn order(&self, id: u64, dp: Option<u32>) -> Option<Value> {
        let shop = self.door.shop();
        shop.orders.get(&id).map(|order| shop.print(order, dp))
    }

    /// Gives an order's refunds as `GET /orders/{id}/refunds?dp=` answers them, newest first.
    #[must_use]
    pub fn refunds(&self, order: u64, dp: Option<u32>) -> Vec<Value> {
        let shop = self.door.shop();
        let own = shop.refunds.values().rev().filter(|(owner, _)| *owner == order);
        own.map(|(_, refund)| shop.print(refund, dp)).collect()
    }

    /// Sets the shop's clock; it stands still from then on.
    pub fn set_clock(&self, now: DateTime<Utc>) {
        self.door.shop().clock = Clock::Fixed(now);
    }

    /// Puts an order with its refunds in without any event, as if it had always been there.
    pub fn put_case(&self, case: &Case) {
        self.door.shop().put_case(case);
    }

    /// Takes a new order; a missing or zero id, the number and dates are given. Amounts should
    /// have six decimals. Fires order.created and order.updated; a `checkout-draft` is created
    /// only when it leaves that status.
    ///
    /// # Errors
    /// [`ShopError::Shape`] when total or lines are missing.
    pub fn add_order(&self, order: Value) -> Result<u64, ShopError> {
        self.door.change(|shop| shop.add_order(order))
    }

    /// Changes an order (as stored, with six decimals) and saves it: order.updated.
    ///
    /// # Errors
    /// [`ShopError::Unknown`].
    pub fn edit_order(&self, id: u64, edit: impl FnOnce(&mut Value)) -> Result<(), ShopError> {
        self.door.change(|shop| shop.edit_order(id, edit))
    }

    /// Moves an order to a status with the dates, note and refund that follow, and saves it.
    ///
    /// # Errors
    /// [`ShopError::Unknown`].
    pub fn set_status(&self, id: u64, status: &str) -> Result<(), ShopError> {
        self.door.change(|shop| {
            shop.set_status(id, status)?;
            shop.saved(id);
            Ok(())
        })
    }

    /// Refunds as `POST /orders/{id}/refunds` with `api_refund` false; gives the refund's id.
    ///
    /// # Errors
    /// [`ShopError::Unknown`], or [`ShopError::RefundAmount`] for more than is left.
    pub fn add_refund(&self, order: u64, body: &Value) -> Result<u64, ShopError> {
        self.door.change(|shop| shop.add_refund(order, body))
    }

    /// Deletes a refund: no webhook, no date of change.
    ///
    /// # Errors
    /// [`ShopError::Unknown`].
    pub fn delete_refund(&self, id: u64) -> Result<(), ShopError> {
        self.door.change(|shop| shop.delete_refund(id)).map(drop)
    }

    /// Puts an order in the trash: order.deleted.
    ///
    /// # Errors
    /// [`ShopError::Unknown`].
    pub fn trash_order(&self, id: u64) -> Result<(), ShopError> {
        self.door.change(|shop| shop.trash_order(id))
    }

    /// Takes an order out of the trash: order.restored and order.updated.
    ///
    /// # Errors
    /// [`ShopError::Unknown`] when it is not in the trash.
    pub fn restore_order(&self, id: u64) -> Result<(), ShopError> {
        self.door.change(|shop| shop.restore_order(id))
    }

    /// Deletes an order for good: no order webhook at all.
    ///
    /// # Errors
    /// [`ShopError::Unknown`].
    pub fn delete_order(&self, id: u64) -> Result<(), ShopError> {
        self.door.change(|shop| shop.delete_order(id)).map(drop)
    }

    /// Changes a product or variation, its price or stock, and saves it: product.updated.
    ///
    /// # Errors
    /// [`ShopError::Unknown`].
    pub fn edit_product(&self, id: u64, edit: impl FnOnce(&mut Value)) -> Result<(), ShopError> {
        self.door.change(|shop| shop.edit_product(id, edit))
    }

    /// Lets the next requests go wrong, one fault each.
    pub fn fail_next(&self, faults: impl IntoIterator<Item = Fault>) {
        self.door.shop().faults.extend(faults);
    }

    /// Gives the requests answered so far as `METHOD route`; spoilt ones are not in it.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        self.door.shop().journal.clone()
    }

    /// Gives the webhooks as REST shows them.
    #[must_use]
    pub fn webhooks(&self) -> Vec<Value> {
        self.door.shop().webhooks.hooks.values().map(|hook| hook.value.clone()).collect()
    }

    /// Says how many deliveries wait.
    #[must_use]
    pub fn pending_deliveries(&self) -> usize {
        self.door.shop().webhooks.pending.len()
    }

    /// Delivers what waits now, oldest first, each once.
    pub async fn deliver_pending(&self) -> Vec<Delivered> {
        self.door.deliver_pending().await
    }
}
