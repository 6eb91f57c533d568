//! Configuration: defaults < file `tillbook.toml` < environment `TILLBOOK_*` < flags.
//!
//! `[xero] client_id` in the file is `TILLBOOK_XERO_CLIENT_ID` in the environment and
//! `xero.client_id=…` after `--set`. Secrets print as `***`.

mod layers;
mod operations;
mod secret;
mod server;

use std::{path::PathBuf, time::Duration};

use serde::{Deserialize, Serialize};

pub use layers::{ConfigError, Layers, Source};
pub use operations::{AlertsConfig, LogConfig, LogFormat, RetentionConfig};
pub use secret::Secret;
pub use server::ServerConfig;

use crate::{daemon::Timetable, sandbox, worker::Rhythm};

/// Everything that can be configured, with its defaults.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where state is kept.
    pub data: DataConfig,
    /// The WooCommerce shop.
    pub shop: ShopConfig,
    /// Stripe, for its payouts.
    pub stripe: StripeConfig,
    /// PayPal, for its withdrawals.
    pub paypal: PaypalConfig,
    /// The Xero organisation.
    pub xero: XeroConfig,
    /// How orders are synced.
    pub sync: SyncConfig,
    /// Limits of the accounting core.
    pub core: CoreConfig,
    /// The HTTP server.
    pub server: ServerConfig,
    /// How long what is kept.
    pub retention: RetentionConfig,
    /// When somebody is told that something waits.
    pub alerts: AlertsConfig,
    /// How the log is written.
    pub log: LogConfig,
}

/// Where state is kept, and the key of its secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DataConfig {
    /// Folder of the database and of the compiled core. Never on a network share.
    pub folder: PathBuf,
    /// `postgres://user:password@machine/database`, where several hosts share the work; empty: a
    /// file in the folder.
    pub database: Secret,
    /// Key that seals the stored secrets: 32 bytes in base64. Best given by the environment.
    pub key: Secret,
    /// File with that key; empty: the service manager's credential `tillbook.key`, else
    /// `tillbook.key` in the data folder, made at the first start.
    pub key_file: PathBuf,
    /// Where the key is when it is not given here.
    pub key_from: KeyFrom,
    /// Keys that sealed before, separated by spaces: what they sealed still opens.
    pub old_keys: Secret,
}

/// Where the key of the stored secrets is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyFrom {
    /// In a file.
    #[default]
    File,
    /// In the kernel's keyring, as `tillbook.key`.
    Keyring,
}

/// The WooCommerce shop.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ShopConfig {
    /// Address of the shop, such as `https://shop.example`.
    pub url: String,
    /// REST key, `ck_…`; read permission is enough.
    pub consumer_key: Secret,
    /// REST secret, `cs_…`.
    pub consumer_secret: Secret,
}

/// Stripe, for its payouts. WooPayments needs nothing but the shop's keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StripeConfig {
    /// Address of the API.
    pub url: String,
    /// Restricted key, `rk_live_…`; reading payouts and balance transactions, and what `source`
    /// of the latter names, is enough.
    pub secret_key: Secret,
}

/// PayPal, for its withdrawals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PaypalConfig {
    /// Address of the API.
    pub url: String,
    /// Client id of a REST app that may search transactions.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret,
}

/// The Xero organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct XeroConfig {
    /// Address of the API.
    pub api_url: String,
    /// Address that gives tokens.
    pub identity_url: String,
    /// Client id of the app or custom connection.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret,
    /// The organisation's id; empty for a custom connection, which has only one.
    pub tenant_id: String,
    /// Scopes to ask for, separated by spaces.
    pub scopes: String,
    /// Address where a person gives consent.
    pub authorise_url: String,
    /// Port of this machine to which Xero sends a person back after consent. It stands in the
    /// app's redirect URI, `http://localhost:PORT/callback`.
    pub callback_port: u16,
    /// Calls in any 60 seconds. Xero allows 60.
    pub calls_per_minute: u32,
    /// Calls in a day. Xero allows 5,000; 1,000 on its Starter tier.
    pub calls_per_day: u32,
    /// Part of the day's calls, in percent, that is kept for urgent work.
    pub reserve_percent: u32,
    /// Calls in any 60 seconds over all organisations of the app. Xero allows 10,000.
    pub app_calls_per_minute: u32,
    /// Calls in flight at once. Xero allows 5.
    pub calls_in_flight: u32,
    /// Seconds until an answer is given up.
    pub timeout_secs: u32,
    /// Longest answer that is read, in bytes.
    pub response_bytes_max: usize,
}

/// How orders are synced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SyncConfig {
    /// File with the mapping settings (JSON); empty: those in the store, else proposed ones.
    pub settings: PathBuf,
    /// Documents in one call, 1 to 50.
    pub documents_per_call: usize,
    /// Bytes of one call's body, at most 3,500,000.
    pub call_bytes_max: usize,
    /// Seconds between two rounds of a server; 0: at once.
    pub every_secs: u32,
    /// Seconds between two sweeps, which find what no webhook named.
    pub sweep_every_secs: u32,
    /// Seconds between two comparisons of ids, which find what was deleted for good.
    pub compare_every_secs: u32,
    /// Seconds until what was held or refused is looked at again by itself.
    pub look_again_every_secs: u32,
    /// Seconds between two looks at days and payouts that can be summed up.
    pub sum_up_every_secs: u32,
    /// Organisations that a server works for at once.
    pub at_once: u32,
    /// Seconds after which a server that gives no sign of life loses its organisations to others.
    pub lease_secs: u32,
}

/// Limits of the accounting core; see [`sandbox::Limits`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CoreConfig {
    /// Memory of one call, in bytes.
    pub memory_bytes_max: usize,
    /// Fuel of one call.
    pub fuel: u64,
    /// Request, in bytes.
    pub request_bytes_max: usize,
    /// Response, in bytes.
    pub response_bytes_max: usize,
}

impl Default for DataConfig {
    fn default() -> Self {
        Self {
            folder: PathBuf::from("data"),
            database: Secret::default(),
            key: Secret::default(),
            key_file: PathBuf::new(),
            key_from: KeyFrom::File,
            old_keys: Secret::default(),
        }
    }
}

impl Default for StripeConfig {
    fn default() -> Self {
        Self { url: String::from("https://api.stripe.com"), secret_key: Secret::default() }
    }
}

impl Default for PaypalConfig {
    fn default() -> Self {
        Self {
            url: String::from("https://api-m.paypal.com"),
            client_id: String::new(),
            client_secret: Secret::default(),
        }
    }
}

impl Default for XeroConfig {
    fn default() -> Self {
        Self {
            api_url: String::from("https://api.xero.com/api.xro/2.0"),
            identity_url: String::from("https://identity.xero.com/connect/token"),
            client_id: String::new(),
            client_secret: Secret::default(),
            tenant_id: String::new(),
            scopes: String::from(
                "accounting.invoices accounting.payments accounting.contacts accounting.settings \
                 accounting.banktransactions",
            ),
            authorise_url: String::from("https://login.xero.com/identity/connect/authorize"),
            callback_port: 8_400,
            calls_per_minute: 60,
            calls_per_day: 5_000,
            reserve_percent: 10,
            app_calls_per_minute: 10_000,
            calls_in_flight: 5,
            timeout_secs: 60,
            response_bytes_max: 32 << 20,
        }
    }
}

impl Default for SyncConfig {
    fn default() -> Self {
        Self {
            settings: PathBuf::new(),
            documents_per_call: DOCUMENTS_PER_CALL_MAX,
            call_bytes_max: CALL_BYTES_MAX,
            every_secs: 600,
            sweep_every_secs: 600,
            compare_every_secs: 86_400,
            look_again_every_secs: 21_600,
            sum_up_every_secs: 21_600,
            at_once: 4,
            lease_secs: 60,
        }
    }
}

impl Default for CoreConfig {
    fn default() -> Self {
        let limits = sandbox::Limits::default();
        Self {
            memory_bytes_max: limits.memory_bytes_max,
            fuel: limits.fuel,
            request_bytes_max: limits.request_bytes_max,
            response_bytes_max: limits.response_bytes_max,
        }
    }
}

/// Xero recommends about 50 documents in one request.
pub const DOCUMENTS_PER_CALL_MAX: usize = 50;
/// Xero's older, smaller recommendation; the hard limit is 10 MB.
pub const CALL_BYTES_MAX: usize = 3_500_000;

impl Config {
    /// The core's limits.
    #[must_use]
    pub fn limits(&self) -> sandbox::Limits {
        sandbox::Limits {
            memory_bytes_max: self.core.memory_bytes_max,
            fuel: self.core.fuel,
            request_bytes_max: self.core.request_bytes_max,
            response_bytes_max: self.core.response_bytes_max,
            concurrent_max: sandbox::Limits::default().concurrent_max,
        }
    }

    /// Whether a shop is configured.
    #[must_use]
    pub fn has_shop(&self) -> bool {
        !self.shop.url.is_empty()
            && !self.shop.consumer_key.is_empty()
            && !self.shop.consumer_secret.is_empty()
    }

    /// Whether a Xero organisation is configured.
    #[must_use]
    pub fn has_xero(&self) -> bool {
        !self.xero.client_id.is_empty() && !self.xero.client_secret.is_empty()
    }

    /// Whether anything is said of Stripe's key.
    #[must_use]
    pub fn has_stripe(&self) -> bool {
        !self.stripe.secret_key.is_empty()
    }

    /// Whether anything is said of PayPal's app, be it only the id or the secret.
    #[must_use]
    pub fn has_paypal(&self) -> bool {
        !self.paypal.client_id.is_empty() || !self.paypal.client_secret.is_empty()
    }

    /// When a server does what.
    #[must_use]
    pub fn timetable(&self) -> Timetable {
        let secs = |secs: u32| Duration::from_secs(secs.into());
        Timetable {
            drain_every: secs(self.sync.every_secs),
            sweep_every: secs(self.sync.sweep_every_secs),
            rhythm: Rhythm {
                compare_every: secs(self.sync.compare_every_secs),
                look_again_every: secs(self.sync.look_again_every_secs),
            },
            sum_up_every: secs(self.sync.sum_up_every_secs),
        }
    }

    /// The configured organisation's name in the store.
    #[must_use]
    pub fn organisation_id(&self) -> String {
        match self.xero.tenant_id.as_str() {
            "" => format!("client:{}", self.xero.client_id),
            tenant_id => tenant_id.to_owned(),
        }
    }

    fn check(&self) -> Result<(), String> {
        let sync = &self.sync;
        if !(1..=DOCUMENTS_PER_CALL_MAX).contains(&sync.documents_per_call) {
            return Err(format!(
                "`sync.documents_per_call` is {}; it must be from 1 to {DOCUMENTS_PER_CALL_MAX}",
                sync.documents_per_call
            ));
        }
        if !(1_000..=CALL_BYTES_MAX).contains(&sync.call_bytes_max) {
            return Err(format!(
                "`sync.call_bytes_max` is {}; it must be from 1000 to {CALL_BYTES_MAX}",
                sync.call_bytes_max
            ));
        }
        if sync.lease_secs == 0 {
            return Err(String::from("`sync.lease_secs` must be 1 or more"));
        }
        let xero = &self.xero;
        for (key, value) in [
            ("calls_per_minute", xero.calls_per_minute),
            ("calls_in_flight", xero.calls_in_flight),
            ("calls_per_day", xero.calls_per_day),
            ("app_calls_per_minute", xero.app_calls_per_minute),
        ] {
            if value == 0 {
                return Err(format!("`xero.{key}` must be 1 or more"));
            }
        }
        if xero.reserve_percent > 90 {
            return Err(format!("`xero.reserve_percent` is {}; at most 90", xero.reserve_percent));
        }
        self.server.check()?;
        self.alerts.check()
    }
}
