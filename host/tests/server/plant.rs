//! A server with nothing in it, a practice shop and a practice Xero: to connect them.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::{Client, Method};
use serde_json::{Value, json};
use tempfile::TempDir;
use tillbook::config::{Config, Secret, ServerConfig, XeroConfig};
use tillbook::daemon::{Round, Rounds, StopSignal, stop_signal};
use tillbook::intake::ShopKeys;
use tillbook::server::meter::Meter;
use tillbook::server::{App, Bounds, router, serve};
use tillbook::store::Store;
use tillbook::time::{Clock, SystemClock};
use tillbook_practice::shop::{PracticeShop, Running as Shop, generate};
use tillbook_practice::xero::{Builder, PracticeXero, Preset, Running as Xero};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::stage::{TestClock, config_in, door, install_crypto, json_of, vault};

pub(crate) const HOOK_SECRET: &str = "hunter2-hook-secret-of-the-plugin";

pub(crate) struct Plant {
    _folder: TempDir,
    _stop: watch::Sender<bool>,
    pub(crate) signal: StopSignal,
    pub(crate) store: Store,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) app: Arc<App>,
    pub(crate) rounds: Rounds,
    pub(crate) address: SocketAddr,
    pub(crate) client: Client,
    pub(crate) shop: Shop,
    pub(crate) xero: Xero,
}

impl Plant {
    /// With so many orders in the shop.
    pub(crate) async fn open(orders: usize) -> Self {
        let xero = PracticeXero::builder().organisation(Preset::Gb).lift_minute_limit();
        Self::with(orders, xero, |_| ()).await
    }

    /// With a Xero and a configuration of one's own.
    pub(crate) async fn with(
        orders: usize,
        xero: Builder,
        configure: impl FnOnce(&mut Config),
    ) -> Self {
        install_crypto();
        let cases = generate::orders(7, orders, "GB-incl").unwrap();
        let shop = PracticeShop::builder().cases(cases).start().await.unwrap();
        let xero = xero.start().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = ServerConfig {
            url: format!("http://localhost:{}", address.port()),
            ..ServerConfig::default()
        };
        let mut config = Config {
            server,
            xero: XeroConfig {
                api_url: format!("{}/api.xro/2.0", xero.base_url()),
                identity_url: format!("{}/connect/token", xero.base_url()),
                authorise_url: format!("{}/identity/connect/authorize", xero.base_url()),
                calls_per_minute: 100_000,
                timeout_secs: 5,
                ..XeroConfig::default()
            },
            ..config_in(&folder)
        };
        configure(&mut config);
        let store = Store::open(folder.path()).await.unwrap();
        let clock = Arc::new(TestClock(Mutex::new(SystemClock.now())));
        let keys = Arc::new(ShopKeys::new(vault()));
        let app = App::new(store.clone(), keys, clock.clone(), &config, Meter::install()).unwrap();
        let branches = app.set_core(Ok(door())).unwrap();
        let owner = String::from("test");
        let rounds = Rounds::open(&config, store.clone(), door(), clock.clone(), owner);
        let rounds = Rounds { branches, ..rounds };
        let (stop, signal) = stop_signal();
        let bounds = Bounds::from(&config.server);
        tokio::spawn(serve(listener, router(&app), bounds, signal.clone()));
        let client =
            Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build();
        let client = client.unwrap();
        Self {
            _folder: folder,
            _stop: stop,
            signal,
            store,
            clock,
            app,
            rounds,
            address,
            client,
            shop,
            xero,
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What a plugin sends to connect its shop.
    pub(crate) fn wish(&self, code: &str) -> Value {
        json!({
            "code": code,
            "shop": {"url": format!("{}/", self.shop.base_url), "name": "Practice"},
            "consumer_key": self.shop.consumer_key,
            "consumer_secret": self.shop.consumer_secret,
            "hook_secret": HOOK_SECRET,
        })
    }

    pub(crate) async fn try_pair(&self, wish: &Value) -> (u16, Value) {
        let request = self.client.post(self.url("/api/v1/pair")).json(wish);
        json_of(request.send().await.unwrap()).await
    }

    /// Connects the shop; gives its slug and token.
    pub(crate) async fn pair(&self) -> Plug<'_> {
        let code = self.store.add_pairing(self.clock.now()).await.unwrap();
        let (status, paired) = self.try_pair(&self.wish(&code)).await;
        assert_eq!(status, 201, "{paired}");
        let text = |name: &str| paired[name].as_str().unwrap().to_owned();
        Plug { plant: self, shop: text("shop"), token: text("token") }
    }

    /// Lets time pass everywhere.
    pub(crate) fn pass(&self, by: Duration) {
        self.clock.forward(by);
        self.xero.advance(by);
        let now = chrono::DateTime::from_timestamp_millis(self.clock.now().ms()).unwrap();
        self.shop.set_clock(now);
    }

    pub(crate) async fn round(&self) -> Option<Round> {
        self.rounds.round(&self.signal).await.unwrap()
    }

    /// A new order, paid now.
    pub(crate) fn sell(&self, seed: u64) -> u64 {
        let mut order = generate::orders(seed, 1, "GB-incl").unwrap().remove(0).order_dp6;
        order["id"] = json!(0);
        order["status"] = json!("processing");
        for key in ["date_created", "date_created_gmt", "refunds"] {
            order.as_object_mut().unwrap().remove(key);
        }
        let now = chrono::DateTime::from_timestamp_millis(self.clock.now().ms()).unwrap();
        let paid = now.format("%Y-%m-%dT%H:%M:%S").to_string();
        order["date_paid"] = json!(paid);
        order["date_paid_gmt"] = json!(paid);
        self.shop.add_order(order).unwrap()
    }
}

/// A shop's plugin: what it has and how it asks.
pub(crate) struct Plug<'a> {
    pub(crate) plant: &'a Plant,
    pub(crate) shop: String,
    pub(crate) token: String,
}

impl Plug<'_> {
    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> (u16, Value) {
        let url = self.plant.url(&format!("/api/v1/shops/{}/{path}", self.shop));
        let mut request = self.plant.client.request(method, url).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(body);
        }
        json_of(request.send().await.unwrap()).await
    }

    /// Its organisation's id in the store.
    pub(crate) async fn organisation(&self) -> String {
        self.plant.store.shop(&self.shop).await.unwrap().unwrap().organisation
    }

    /// What must be given.
    pub(crate) async fn get(&self, path: &str) -> Value {
        let (status, answer) = self.ask(Method::GET, path, None).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.ask(Method::POST, path, Some(&body)).await
    }

    /// Connects the shop with Xero by a custom connection.
    pub(crate) async fn connect(&self) -> Value {
        let (id, secret) = (self.plant.xero.client_id(), self.plant.xero.client_secret());
        let custom = json!({"client_id": id, "client_secret": secret});
        let (status, connected) = self.post("xero/custom", custom).await;
        assert_eq!(status, 200, "{connected}");
        connected
    }

    /// Settings as the page proposes them: by the core, from the context.
    pub(crate) async fn propose(&self) -> Value {
        let context = self.get("context").await;
        let request = json!({
            "contract": context["contract"], "shop": context["shop"], "chart": context["chart"],
            "tax_rates": context["tax_rates"], "gateways": context["gateways"],
        });
        call("propose_settings", &request)["settings"].clone()
    }

    pub(crate) async fn save(&self, settings: &Value, based_on: &Value) -> (u16, Value) {
        let body = json!({"settings": settings, "based_on": based_on});
        self.ask(Method::PUT, "settings", Some(&body)).await
    }

    /// Everything up to the switch.
    pub(crate) async fn switch_on(&self) {
        self.connect().await;
        let (status, saved) = self.save(&self.propose().await, &Value::Null).await;
        assert_eq!(status, 200, "{saved}");
        let (status, activated) = self.post("activate", json!({})).await;
        assert_eq!(status, 200, "{activated}");
    }
}

/// Asks the core as a browser does: the text of a request in, the text of a reply out.
pub(crate) fn call(operation: &'static str, request: &Value) -> Value {
    let text = serde_json::to_vec(request).unwrap();
    let reply = door().sandbox().call(operation, &text).unwrap();
    let reply: Value = serde_json::from_slice(&reply).unwrap();
    assert!(reply.get("ok").is_some(), "{reply}");
    reply["ok"].clone()
}
