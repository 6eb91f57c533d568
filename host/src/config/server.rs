//! `[server]`: where it listens, and its limits.

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

/// The HTTP server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerConfig {
    /// Address and port to listen on. Put a reverse proxy with TLS before it.
    pub listen: String,
    /// Its address as browsers and Xero know it, such as `https://tillbook.example`; empty:
    /// `http://localhost` with the port that it listens on.
    pub url: String,
    /// Addresses of reverse proxies whose `X-Forwarded-For` is believed, separated by commas.
    pub proxies: String,
    /// Origins of pages that may call beside the server's own, such as `https://shop.example`,
    /// separated by commas.
    pub origins: String,
    /// Whether `/metrics` is `open` to whoever reaches the server, or wants a `token`.
    pub metrics: String,
    /// Connections at once.
    pub connections_max: usize,
    /// Seconds for a request's head, and until an idle connection is closed.
    pub head_secs: u32,
    /// Seconds for the body of a webhook or event.
    pub body_secs: u32,
    /// Seconds for requests that are on their way when the server is asked to stop.
    pub shutdown_secs: u32,
    /// Longest body of a webhook or event, in bytes.
    pub hook_bytes_max: usize,
    /// Deliveries that wait to be written; more are asked to come again.
    pub intake_queue_max: usize,
    /// Deliveries that are written in one commit.
    pub intake_batch_max: usize,
    /// Requests to the API that one token may make in a minute.
    pub token_calls_per_minute: u32,
    /// Requests to the API that one address may make in a minute.
    pub address_calls_per_minute: u32,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: String::from("127.0.0.1:8747"),
            url: String::new(),
            proxies: String::new(),
            origins: String::new(),
            metrics: String::from("open"),
            connections_max: 1_024,
            head_secs: 15,
            body_secs: 10,
            shutdown_secs: 20,
            hook_bytes_max: 1 << 20,
            intake_queue_max: 4_096,
            intake_batch_max: 512,
            token_calls_per_minute: 600,
            address_calls_per_minute: 1_200,
        }
    }
}

impl ServerConfig {
    pub(super) fn check(&self) -> Result<(), String> {
        if self.listen.parse::<SocketAddr>().is_err() {
            return Err(format!(
                "`server.listen` is `{}`; it must be an address with a port, such as 127.0.0.1:8747",
                self.listen
            ));
        }
        if !self.url.is_empty() && !is_origin(self.url.trim_end_matches('/')) {
            return Err(format!(
                "`server.url` is `{}`; write it as https://tillbook.example, without a path",
                self.url
            ));
        }
        if let Some(wrong) = words(&self.proxies).find(|word| word.parse::<IpAddr>().is_err()) {
            return Err(format!("`server.proxies`: `{wrong}` is no address"));
        }
        if let Some(wrong) = words(&self.origins).find(|word| !is_origin(word)) {
            return Err(format!(
                "`server.origins`: `{wrong}` is no origin; write it as https://shop.example"
            ));
        }
        if !matches!(self.metrics.as_str(), "open" | "token") {
            return Err(format!("`server.metrics` is `{}`; it is open or token", self.metrics));
        }
        let least = [
            ("connections_max", self.connections_max),
            ("intake_queue_max", self.intake_queue_max),
            ("intake_batch_max", self.intake_batch_max),
            ("hook_bytes_max", self.hook_bytes_max),
            ("head_secs", self.head_secs as usize),
            ("body_secs", self.body_secs as usize),
            ("token_calls_per_minute", self.token_calls_per_minute as usize),
            ("address_calls_per_minute", self.address_calls_per_minute as usize),
        ];
        match least.into_iter().find(|(_, value)| *value == 0) {
            Some((key, _)) => Err(format!("`server.{key}` must be 1 or more")),
            None => Ok(()),
        }
    }
}

fn words(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim).filter(|word| !word.is_empty())
}

/// Whether it is what a browser sends as `Origin`.
fn is_origin(word: &str) -> bool {
    url::Url::parse(word).is_ok_and(|url| url.origin().ascii_serialization() == word)
}
