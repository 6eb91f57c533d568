//! `/refunds` and `/orders/{id}/refunds`.

use serde_json::Value;

use super::order::{read_dp, refuse};
use crate::shop::listing;
use crate::shop::order::text;
use crate::shop::refund::decimal_of;
use crate::shop::reply::Reply;
use crate::shop::route::Request;
use crate::shop::store::Shop;

impl Shop {
    /// Answers everything below `/orders/{id}/refunds`.
    pub(crate) fn route_refunds(
        &mut self,
        request: &Request,
        order: &str,
        rest: &[&str],
    ) -> Result<Reply, Reply> {
        let order: u64 = order.parse().map_err(|_| Reply::no_route())?;
        if !self.orders.contains_key(&order) {
            let code = "woocommerce_rest_invalid_order_id";
            return Err(Reply::unknown(code, "Invalid order ID."));
        }
        match (request.method.as_str(), rest) {
            ("GET", []) => self.list_refunds(request, Some(order)),
            ("POST", []) => self.post_refund(order, request),
            ("GET", [id]) => {
                let refund = self.refund_of(order, id)?.1;
                Ok(Reply::ok(self.print(refund, read_dp(&request.params)?)))
            }
            ("DELETE", [id]) => {
                let id = self.refund_of(order, id)?.0;
                if !request.params.flag("force") {
                    return Err(Reply::error(
                        501,
                        "woocommerce_rest_trash_not_supported",
                        "Order refunds do not support trashing.",
                    ));
                }
                let refund = self.delete_refund(id).map_err(|error| refuse(&error))?;
                Ok(Reply::ok(self.print(&refund, None)))
            }
            _ => Err(Reply::no_route()),
        }
    }

    /// Lists the refunds of one order, or of all; those also name their order.
    pub(crate) fn list_refunds(
        &self,
        request: &Request,
        order: Option<u64>,
    ) -> Result<Reply, Reply> {
        let dp = read_dp(&request.params)?;
        let refunds = self.refunds.values().filter(|(owner, _)| {
            order.map_or_else(|| self.orders.contains_key(owner), |order| order == *owner)
        });
        let owner = |refund: &Value| {
            let id = listing::id_of(refund);
            self.refunds.get(&id).map(|(owner, _)| *owner).unwrap_or_default()
        };
        let print = |refund: &Value| {
            let mut printed = self.print(refund, dp);
            if order.is_none()
                && let Some(fields) = printed.as_object_mut()
            {
                fields.shift_insert(1, "parent_id".to_owned(), owner(refund).into());
            }
            printed
        };
        self.list(request, listing::REFUNDS, refunds.map(|(_, refund)| refund), print)
    }

    fn refund_of(&self, order: u64, id: &str) -> Result<(u64, &Value), Reply> {
        let id: u64 = id.parse().map_err(|_| Reply::no_route())?;
        match self.refunds.get(&id) {
            Some((owner, refund)) if *owner == order => Ok((id, refund)),
            _ => Err(Reply::unknown(
                "woocommerce_rest_invalid_order_refund_id",
                "Invalid order refund ID.",
            )),
        }
    }

    fn post_refund(&mut self, order: u64, request: &Request) -> Result<Reply, Reply> {
        let body = &request.body;
        let code = "woocommerce_rest_cannot_create_order_refund";
        if decimal_of(body.get("amount")).is_some_and(|amount| amount.is_sign_negative()) {
            return Err(Reply::error(
                400,
                "woocommerce_rest_invalid_order_refund",
                "Refund amount must be greater than zero.",
            ));
        }
        if body.get("api_refund").and_then(Value::as_bool).unwrap_or(true) {
            let method = self.orders.get(&order).map(|order| text(order, "payment_method"));
            return Err(Reply::error(500, code, gateway_refusal(&method.unwrap_or_default())));
        }
        let id = self.add_refund(order, body).map_err(|error| refuse(&error))?;
        let refund = self.refunds.get(&id).map(|(_, refund)| refund.clone()).unwrap_or_default();
        Ok(Reply::created(self.print(&refund, read_dp(&request.params)?)))
    }
}

/// No gateway is connected to the practice shop, so none can pay back.
fn gateway_refusal(method: &str) -> &'static str {
    let known = crate::shop::corpus::payment_gateways();
    if known.iter().any(|gateway| text(gateway, "id") == method) {
        "The payment gateway for this order does not support automatic refunds."
    } else {
        "The payment gateway for this order does not exist."
    }
}
