//! One real host: started, asked, killed.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use tillbook_practice::shop::Running as Shop;
use tillbook_practice::xero::Running as Xero;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// What every host of a test is started with.
pub(crate) struct Settings {
    folder: PathBuf,
    variables: Vec<(String, String)>,
    has_database: bool,
}

impl Settings {
    pub(crate) fn new(folder: &Path, database: Option<String>, shop: &Shop, xero: &Xero) -> Self {
        let has_database = database.is_some();
        let pairs = [
            ("DATA_DATABASE", database.unwrap_or_default()),
            ("DATA_KEY", STANDARD.encode([7; 32])),
            ("SHOP_URL", shop.base_url.clone()),
            ("SHOP_CONSUMER_KEY", shop.consumer_key.clone()),
            ("SHOP_CONSUMER_SECRET", shop.consumer_secret.clone()),
            ("XERO_API_URL", format!("{}/api.xro/2.0", xero.base_url())),
            ("XERO_IDENTITY_URL", format!("{}/connect/token", xero.base_url())),
            ("XERO_CLIENT_ID", xero.client_id().to_owned()),
            ("XERO_CLIENT_SECRET", xero.client_secret().to_owned()),
            ("XERO_TENANT_ID", xero.tenant().to_string()),
            ("XERO_CALLS_PER_MINUTE", String::from("100000")),
            ("SYNC_EVERY_SECS", String::from("0")),
            // Only what webhooks named is sent: so what was answered with 200 must be on disk.
            ("SYNC_SWEEP_EVERY_SECS", String::from("1000000")),
            ("SYNC_DOCUMENTS_PER_CALL", String::from("3")),
            ("SYNC_LEASE_SECS", String::from("2")),
            ("SERVER_LISTEN", String::from("127.0.0.1:0")),
        ];
        let variables =
            pairs.into_iter().map(|(key, value)| (format!("TILLBOOK_{key}"), value)).collect();
        Self { folder: folder.to_owned(), variables, has_database }
    }

    fn command(&self, number: usize) -> Command {
        // Hosts that share a database share nothing else.
        let data = if self.has_database { format!("data{number}") } else { String::from("data") };
        let mut command = Command::new(env!("CARGO_BIN_EXE_tillbook"));
        command
            .current_dir(&self.folder)
            .env_clear()
            .env("TILLBOOK_DATA_FOLDER", self.folder.join(data))
            .envs(self.variables.iter().cloned())
            .kill_on_drop(true);
        command
    }

    /// Runs a command to its good end; gives what it printed.
    pub(crate) async fn run(&self, arguments: &[&str]) -> String {
        let output = self.command(0).args(arguments).output().await.unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }

    pub(crate) async fn hook_secret(&self) -> String {
        let shown = self.run(&["shop", "hook", "shop"]).await;
        let line = shown.lines().find_map(|line| line.strip_prefix("Secret ")).unwrap();
        line.trim().to_owned()
    }
}

pub(crate) struct Host {
    child: Child,
    address: String,
    client: reqwest::Client,
}

impl Host {
    /// Starts a host and waits until it listens.
    pub(crate) async fn start(settings: &Settings, number: usize) -> Self {
        let mut child = settings
            .command(number)
            .arg("serve")
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = loop {
            let line = tokio::time::timeout(Duration::from_mins(1), lines.next_line());
            let line = line.await.unwrap().unwrap().unwrap();
            if let Some(address) = line.strip_prefix("Listening on ") {
                break address.trim().to_owned();
            }
        };
        // What it prints later is read, so that it never waits for us.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        rustls::crypto::ring::default_provider().install_default().ok();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { child, address, client }
    }

    /// Delivers a webhook for an order, as WooCommerce does; gives the status, if there was one.
    pub(crate) async fn webhook(&self, shop: &Shop, order: u64, secret: &str) -> Option<u16> {
        let body = serde_json::to_vec(&shop.order(order, None)).unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(&body);
        let signature = STANDARD.encode(mac.finalize().into_bytes());
        let sent = self
            .client
            .post(format!("{}/hooks/woocommerce/shop", self.address))
            .header("Content-Type", "application/json")
            .header("X-WC-Webhook-Topic", "order.updated")
            .header("X-WC-Webhook-Resource", "order")
            .header("X-WC-Webhook-Event", "updated")
            .header("X-WC-Webhook-Signature", signature)
            .body(body)
            .send()
            .await;
        sent.ok().map(|response| response.status().as_u16())
    }

    pub(crate) async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }

    /// Asks it to stop, and waits until it has.
    pub(crate) async fn stop(&mut self) {
        let Some(id) = self.child.id() else { return };
        let asked = Command::new("kill").args(["-TERM", &id.to_string()]).status().await.unwrap();
        assert!(asked.success());
        let ended = tokio::time::timeout(Duration::from_mins(1), self.child.wait()).await;
        let status = ended.unwrap().unwrap();
        assert!(status.success(), "{status}");
    }
}
