//! A running server with two shops on a real store, and the clock in the test's hand.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, Once, OnceLock};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::{Client, Response};
use serde_json::{Value, json};
use sha2::Sha256;
use tempfile::TempDir;
use tillbook::branch::ShopSecrets;
use tillbook::config::{Config, DataConfig, Secret, ServerConfig};
use tillbook::daemon::stop_signal;
use tillbook::door::Door;
use tillbook::intake::{SecretReader, ShopKeys};
use tillbook::sandbox::{Limits, Sandbox};
use tillbook::server::meter::Meter;
use tillbook::server::{App, Bounds, Ended, router, serve};
use tillbook::store::{
    Activity, HistoryEntry, NewToken, ObjectKey, OrganisationRow, Role, ShopRow, Store, WriteHook,
};
use tillbook::time::{Clock, SystemClock, Timestamp};
use tillbook::vault::Vault;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub(crate) const ORGANISATION: &str = "org-1";
pub(crate) const SECRET: &str = "hunter2-hook-secret-of-the-main-shop";
pub(crate) const OTHER_SECRET: &str = "hunter3-hook-secret-of-the-other-shop";

/// A clock that moves only when it is told to.
#[derive(Debug)]
pub(crate) struct TestClock(pub(crate) Mutex<Timestamp>);

impl TestClock {
    pub(crate) fn forward(&self, time: Duration) {
        let mut now = self.0.lock().unwrap();
        *now = now.plus(time);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

pub(crate) struct Stage {
    pub(crate) folder: TempDir,
    pub(crate) store: Store,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) app: Arc<App>,
    pub(crate) address: SocketAddr,
    pub(crate) client: Client,
    pub(crate) stop: watch::Sender<bool>,
    pub(crate) serving: JoinHandle<Ended>,
}

fn key() -> String {
    STANDARD.encode([7; 32])
}

pub(crate) fn vault() -> Vault {
    Vault::with_keys(&key(), "the test", []).unwrap()
}

/// One compiled core for the whole test program.
pub(crate) fn door() -> Door {
    static DOOR: OnceLock<Door> = OnceLock::new();
    DOOR.get_or_init(|| Door::new(Sandbox::embedded(Limits::default(), None).unwrap())).clone()
}

/// A configuration that keeps everything in a folder.
pub(crate) fn config_in(folder: &TempDir) -> Config {
    let data = DataConfig {
        folder: folder.path().to_owned(),
        key: Secret::new(key()),
        ..DataConfig::default()
    };
    Config { data, ..Config::default() }
}

/// A shop as the store keeps it, with its keys sealed.
pub(crate) fn shop(slug: &str, hook_secret: &str) -> ShopRow {
    let secrets = ShopSecrets {
        consumer_key: String::from("ck_hunter2"),
        consumer_secret: String::from("cs_hunter2"),
        hook_secret: hook_secret.to_owned(),
    };
    ShopRow {
        slug: slug.to_owned(),
        organisation: ORGANISATION.to_owned(),
        url: url(slug),
        secrets: secrets.seal(&vault(), slug),
        activity: Activity::Active,
        reason: String::new(),
        activated: Timestamp::from_ms(0),
        switches: String::from("{}"),
        marks: String::from("{}"),
        added: Timestamp::from_ms(0),
    }
}

pub(crate) fn url(slug: &str) -> String {
    format!("https://{slug}.example")
}

pub(crate) fn install_crypto() {
    static DONE: Once = Once::new();
    DONE.call_once(|| rustls::crypto::ring::default_provider().install_default().unwrap());
}

impl Stage {
    pub(crate) async fn start() -> Self {
        Self::with(ServerConfig::default(), None).await
    }

    pub(crate) async fn with(server: ServerConfig, hook: Option<Arc<dyn WriteHook>>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(folder.path()).await.unwrap();
        if let Some(hook) = hook {
            store = store.with_hook(hook);
        }
        Self::on(store, folder, server).await
    }

    pub(crate) async fn on(store: Store, folder: TempDir, server: ServerConfig) -> Self {
        let keys: Arc<dyn SecretReader> = Arc::new(ShopKeys::new(vault()));
        let organisation = OrganisationRow {
            id: ORGANISATION.to_owned(),
            connection: String::new(),
            name: String::from("Main Ltd"),
            activity: Activity::Active,
            reason: String::new(),
        };
        store.put_organisation(&organisation, Timestamp::from_ms(0)).await.unwrap();
        store.put_shop(&shop("main", SECRET)).await.unwrap();
        store.put_shop(&shop("other", OTHER_SECRET)).await.unwrap();
        install_crypto();
        let clock = Arc::new(TestClock(Mutex::new(SystemClock.now())));
        let meter = Meter::install();
        let config = Config { server: server.clone(), ..config_in(&folder) };
        let app = App::new(store.clone(), keys, clock.clone(), &config, meter).unwrap();
        app.set_core(Ok(door())).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, signal) = stop_signal();
        let serving = tokio::spawn(serve(listener, router(&app), Bounds::from(&server), signal));
        let client = Client::builder().no_proxy().build().unwrap();
        Self { folder, store, clock, app, address, client, stop, serving }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Sends a delivery as WooCommerce does.
    pub(crate) async fn deliver(&self, shop: &str, topic: &str, body: &str, secret: &str) -> u16 {
        let signature = signature(secret, body.as_bytes());
        self.post(shop, Some(topic), Some(&signature), body.to_owned()).await.status().as_u16()
    }

    pub(crate) async fn post(
        &self,
        shop: &str,
        topic: Option<&str>,
        signature: Option<&str>,
        body: impl Into<reqwest::Body>,
    ) -> Response {
        let mut request = self.client.post(self.url(&format!("/hooks/woocommerce/{shop}")));
        if let Some(topic) = topic {
            request = request.header("X-WC-Webhook-Topic", topic);
        }
        if let Some(signature) = signature {
            request = request.header("X-WC-Webhook-Signature", signature);
        }
        request.body(body).send().await.unwrap()
    }

    pub(crate) async fn token(&self, role: Role, shop: Option<&str>) -> String {
        let new = NewToken {
            name: format!("test {}", role.as_str()),
            role,
            shop: shop.map(str::to_owned),
            expires: None,
        };
        let (_, token) = self.store.add_token(&new, self.clock.now()).await.unwrap();
        token.reveal().to_owned()
    }

    pub(crate) async fn get(&self, token: &str, path: &str) -> (u16, Value) {
        let request = self.client.get(self.url(path)).bearer_auth(token);
        json_of(request.send().await.unwrap()).await
    }

    pub(crate) async fn jobs(&self, slug: &str) -> u64 {
        self.store.job_count(ORGANISATION, &url(slug)).await.unwrap()
    }

    pub(crate) async fn history(&self, slug: &str, order: u64) -> Vec<HistoryEntry> {
        let key = ObjectKey::invoice(&url(slug), order);
        self.store.history(ORGANISATION, &key).await.unwrap()
    }
}

pub(crate) async fn json_of(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or_else(|_| json!(text)))
}

pub(crate) fn signature(secret: &str, body: &[u8]) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    STANDARD.encode(mac.chain_update(body).finalize().into_bytes())
}
