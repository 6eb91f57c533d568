//! The handles of a running practice Stripe and a running practice PayPal.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use tokio::sync::oneshot;

use super::desk::Desk;
use super::ledger::Gateway;
use super::{Gateways, paypal, stripe};
use crate::fault::FaultRule;

/// A practice Stripe that answers; it closes when this is dropped.
#[derive(Debug)]
pub struct StripeDesk {
    /// `http://127.0.0.1:PORT`, without a slash at the end; routes start with `/v1`.
    pub base_url: String,
    /// The secret key, `sk_test_…`, for Bearer, or for Basic as user name without a password.
    pub secret_key: String,
    desk: Desk,
    _stop: oneshot::Sender<()>,
}

/// A practice PayPal that answers; it closes when this is dropped.
#[derive(Debug)]
pub struct PaypalDesk {
    /// `http://127.0.0.1:PORT`, without a slash at the end; routes start with `/v1`.
    pub base_url: String,
    /// The app's client id.
    pub client_id: String,
    /// The app's secret.
    pub client_secret: String,
    desk: Desk,
    _stop: oneshot::Sender<()>,
}

impl StripeDesk {
    pub(crate) async fn open(gateways: &Arc<Gateways>, ip: IpAddr) -> io::Result<Option<Self>> {
        if gateways.account(Gateway::Stripe).is_none() {
            return Ok(None);
        }
        let clerk = stripe::Clerk(Arc::clone(gateways));
        let (desk, base_url, stop) = Desk::open(clerk, ip).await?;
        let secret_key = stripe::SECRET_KEY.to_owned();
        Ok(Some(Self { base_url, secret_key, desk, _stop: stop }))
    }
}

impl PaypalDesk {
    pub(crate) async fn open(gateways: &Arc<Gateways>, ip: IpAddr) -> io::Result<Option<Self>> {
        if gateways.account(Gateway::PayPal).is_none() {
            return Ok(None);
        }
        let clerk = paypal::Clerk::new(Arc::clone(gateways));
        let (desk, base_url, stop) = Desk::open(clerk, ip).await?;
        let (client_id, client_secret) = paypal::CLIENT;
        let (client_id, client_secret) = (client_id.to_owned(), client_secret.to_owned());
        Ok(Some(Self { base_url, client_id, client_secret, desk, _stop: stop }))
    }
}

/// Gives both desks what their owner may do.
macro_rules! owned {
    ($($desk:ty),*) => {$(
        impl $desk {
            /// Lets calls go wrong; `ServerError` is the gateway's own 500, `RateLimit` its 429.
            pub fn fault(&self, rule: FaultRule) {
                self.desk.fault(rule);
            }

            /// Gives the calls so far as `METHOD path`, oldest first, spoilt ones too.
            #[must_use]
            pub fn requests(&self) -> Vec<String> {
                self.desk.requests()
            }
        }
    )*};
}

owned!(StripeDesk, PaypalDesk);
