//! What a practice shop is made of before it starts.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::access::{ApiKey, Permission};
use super::clock::Clock;
use super::corpus::{self, Case, StoreSettings};
use super::running::Running;
use super::server::{self, Switches};
use super::store::Shop;
use crate::gateways::{Gateways, PaypalDesk, StripeDesk};

/// Seconds `WordPress` waits for the answer to a webhook.
const DELIVERY_TIMEOUT: Duration = Duration::from_mins(1);
/// Key and secret of a shop that was given none; they open nothing but a practice shop.
const KEY: (&str, &str) = (
    "ck_practice0000000000000000000000000000000000",
    "cs_practice0000000000000000000000000000000000",
);

/// A WooCommerce shop on loopback.
#[derive(Debug)]
pub struct PracticeShop;

impl PracticeShop {
    /// Starts describing a shop.
    #[must_use]
    pub fn builder() -> Builder {
        Builder {
            cases: Vec::new(),
            store: None,
            zone: None,
            keys: Vec::new(),
            application_passwords: Vec::new(),
            environment_local: false,
            clock: Clock::System,
            pretty_permalinks: true,
            lists_refunds: true,
            delivery_timeout: DELIVERY_TIMEOUT,
            switches: Switches::default(),
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            gateways: None,
        }
    }
}

/// A shop that is being described.
#[derive(Debug, Clone)]
pub struct Builder {
    cases: Vec<Case>,
    store: Option<StoreSettings>,
    zone: Option<Tz>,
    keys: Vec<ApiKey>,
    application_passwords: Vec<(String, String)>,
    environment_local: bool,
    clock: Clock,
    pretty_permalinks: bool,
    lists_refunds: bool,
    delivery_timeout: Duration,
    switches: Switches,
    listen: SocketAddr,
    gateways: Option<Arc<Gateways>>,
}

impl Builder {
    /// Adds a recorded batch; the first one's settings become the shop's. Unknown names add nothing.
    #[must_use]
    pub fn batch(self, name: &str) -> Self {
        self.cases(corpus::orders(name).into_iter().cloned())
    }

    /// Adds orders, recorded or generated; the first one's settings become the shop's.
    #[must_use]
    pub fn cases(mut self, cases: impl IntoIterator<Item = Case>) -> Self {
        self.cases.extend(cases);
        self
    }

    /// Adds orders that were dealt over payment gateways, and opens the gateways beside the shop:
    /// WooPayments in the shop itself, Stripe and PayPal on ports of their own.
    #[must_use]
    pub fn gateways(self, dealt: Gateways) -> Self {
        let mut builder = self.cases(dealt.cases.iter().cloned());
        builder.gateways = Some(Arc::new(dealt));
        builder
    }

    /// Sets the shop's settings instead of the first order's.
    #[must_use]
    pub fn store(mut self, settings: StoreSettings) -> Self {
        self.store = Some(settings);
        self
    }

    /// Sets the site's zone; local dates of all orders are computed anew.
    #[must_use]
    pub fn zone(mut self, zone: Tz) -> Self {
        self.zone = Some(zone);
        self
    }

    /// Adds a REST API key. The first one is told by [`Running`]; without any there is one that
    /// may read and write.
    #[must_use]
    pub fn api_key(mut self, key: &str, secret: &str, permission: Permission) -> Self {
        self.keys.push(ApiKey { key: key.to_owned(), secret: secret.to_owned(), permission });
        self
    }

    /// Adds a `WordPress` application password of an administrator.
    #[must_use]
    pub fn application_password(mut self, user: &str, password: &str) -> Self {
        self.application_passwords.push((user.to_owned(), password.replace(' ', "")));
        self
    }

    /// Sets `WP_ENVIRONMENT_TYPE=local`: application passwords work over http.
    #[must_use]
    pub fn environment_local(mut self, yes: bool) -> Self {
        self.environment_local = yes;
        self
    }

    /// Takes every request for https, as behind a proxy that ends TLS and says so to PHP.
    #[must_use]
    pub fn https(mut self, yes: bool) -> Self {
        self.switches.https = yes;
        self
    }

    /// Takes a request for https when it says `X-Forwarded-Proto: https`.
    #[must_use]
    pub fn trust_forwarded_proto(mut self, yes: bool) -> Self {
        self.switches.trust_forwarded_proto = yes;
        self
    }

    /// Sets whether `/wp-json/` works; without, only `?rest_route=` does.
    #[must_use]
    pub fn pretty_permalinks(mut self, yes: bool) -> Self {
        self.pretty_permalinks = yes;
        self
    }

    /// Sets whether `GET /refunds` is there: WooCommerce has had it since 9.0.
    #[must_use]
    pub fn lists_refunds(mut self, yes: bool) -> Self {
        self.lists_refunds = yes;
        self
    }

    /// Stops the shop's clock at a moment. OAuth timestamps are still checked by the machine's.
    #[must_use]
    pub fn clock(mut self, now: DateTime<Utc>) -> Self {
        self.clock = Clock::Fixed(now);
        self
    }

    /// Delivers webhooks as soon as something happens instead of when told to.
    #[must_use]
    pub fn deliver_automatically(mut self, yes: bool) -> Self {
        self.switches.deliver_automatically = yes;
        self
    }

    /// Sets how long a webhook's receiver may take; `WordPress` waits 60 seconds.
    #[must_use]
    pub fn delivery_timeout(mut self, timeout: Duration) -> Self {
        self.delivery_timeout = timeout;
        self
    }

    /// Sets the address to listen on; `127.0.0.1` on a free port when not said.
    #[must_use]
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// Opens the shop.
    ///
    /// # Errors
    /// When the address cannot be bound, or the settings name no known time zone.
    pub async fn start(mut self) -> io::Result<Running> {
        let listener = tokio::net::TcpListener::bind(self.listen).await?;
        let address = listener.local_addr()?;
        let settings = self.settings()?;
        let zone = match self.zone {
            Some(zone) => zone,
            None => settings.timezone.parse().map_err(io::Error::other)?,
        };
        if self.keys.is_empty() {
            self = self.api_key(KEY.0, KEY.1, Permission::ReadWrite);
        }
        let mut shop = Shop::open(&format!("http://{address}"), settings, zone, &self.cases);
        let first = self.keys.first().cloned();
        shop.clock = self.clock;
        shop.pretty_permalinks = self.pretty_permalinks;
        shop.lists_refunds = self.lists_refunds;
        shop.doorkeeper.keys = self.keys;
        shop.doorkeeper.application_passwords = self.application_passwords;
        shop.doorkeeper.environment_local = self.environment_local;
        shop.gateways.clone_from(&self.gateways);
        let mut running =
            server::serve(listener, address, shop, self.switches, self.delivery_timeout, first);
        if let Some(gateways) = self.gateways {
            running.stripe = StripeDesk::open(&gateways, address.ip()).await?;
            running.paypal = PaypalDesk::open(&gateways, address.ip()).await?;
        }
        Ok(running)
    }

    /// A shop that nobody can call: only its owner's handle reaches it. It knows itself by the
    /// address `home`.
    ///
    /// # Errors
    /// When the settings name no known time zone.
    pub fn closed(self, home: &str) -> io::Result<Running> {
        let settings = self.settings()?;
        let zone = match self.zone {
            Some(zone) => zone,
            None => settings.timezone.parse().map_err(io::Error::other)?,
        };
        let mut shop = Shop::open(home, settings, zone, &self.cases);
        shop.clock = self.clock;
        Ok(server::closed(home, shop, self.switches, self.delivery_timeout))
    }

    fn settings(&self) -> io::Result<StoreSettings> {
        let given =
            self.store.clone().or_else(|| self.cases.first().map(|case| case.store.clone()));
        let recorded = || corpus::cases().first().map(|case| case.store.clone());
        given.or_else(recorded).ok_or_else(|| io::Error::other("no settings for the shop"))
    }
}
