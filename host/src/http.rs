//! HTTP as every client of the host speaks it: no redirects, limits on time and size, and rests
//! between two tries that grow.

use std::{net::IpAddr, time::Duration};

use reqwest::{
    Client, Response,
    header::{HeaderMap, RETRY_AFTER},
    redirect::Policy,
};
use url::{Host, Url};

const USER_AGENT: &str = concat!("Tillbook/", env!("CARGO_PKG_VERSION"));

/// Makes a client. It follows no redirect: a key goes only to the address that was configured.
/// This machine itself is asked without a proxy.
pub(crate) fn client(
    address: &Url,
    request_timeout: Duration,
    connect_timeout: Duration,
) -> reqwest::Result<Client> {
    // A second call finds it installed; both are the same provider.
    rustls::crypto::ring::default_provider().install_default().ok();
    let mut builder = Client::builder()
        .timeout(request_timeout)
        .connect_timeout(connect_timeout)
        .redirect(Policy::none())
        .user_agent(USER_AGENT);
    if is_loopback(address) {
        builder = builder.no_proxy();
    }
    builder.build()
}

/// Whether an address is this machine itself.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}

/// Reads an address that secrets may go to: one with TLS, or this machine itself.
pub(crate) fn safe_address(text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_| "not an address")?;
    if url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url)) {
        Ok(url)
    } else {
        Err("only https, or http to this machine, may carry secrets")
    }
}

/// Why a body could not be read.
#[derive(Debug)]
pub(crate) enum BodyError {
    /// The connection broke inside it.
    Torn(reqwest::Error),
    /// It is longer than the limit.
    TooLarge,
}

/// Reads a body of at most so many bytes.
pub(crate) async fn read_body(
    mut response: Response,
    bytes_max: usize,
) -> Result<Vec<u8>, BodyError> {
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len().saturating_add(chunk.len()) > bytes_max => {
                return Err(BodyError::TooLarge);
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Ok(body),
            Err(error) => return Err(BodyError::Torn(error.without_url())),
        }
    }
}

/// `Retry-After` in seconds; none where it is missing or a date.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// How long to rest after so many tries, where the other side does not say. `delay` doubles from
/// try to try up to `delay_max`.
pub(crate) fn rest(delay: Duration, delay_max: Duration, attempts: u32) -> Duration {
    let [chance, ..] = uuid::Uuid::new_v4().into_bytes();
    rest_by_chance(delay, delay_max, attempts, chance)
}

/// The last fifth is kept for chance, so that many hosts do not come back at once.
fn rest_by_chance(delay: Duration, delay_max: Duration, attempts: u32, chance: u8) -> Duration {
    let doubled = delay.saturating_mul(1 << attempts.saturating_sub(1).min(16));
    let steady = doubled.min(delay_max * 4 / 5);
    steady + steady / 4 * u32::from(chance) / 255
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rests_double_and_never_pass_their_limit() {
        let (delay, delay_max) = (Duration::from_millis(500), Duration::from_secs(20));
        let rests = |chance| {
            let rest = |at| rest_by_chance(delay, delay_max, at, chance).as_millis();
            [1, 2, 3, 4, 5, 6, 40].map(rest)
        };
        assert_eq!(rests(0), [500, 1_000, 2_000, 4_000, 8_000, 16_000, 16_000]);
        assert_eq!(rests(255), [625, 1_250, 2_500, 5_000, 10_000, 20_000, 20_000]);
    }

    #[test]
    fn this_machine_is_known_by_name_and_address() {
        let loopback = |text: &str| is_loopback(&Url::parse(text).unwrap());
        for own in ["http://localhost:1", "http://127.0.0.1", "http://127.9.0.1", "http://[::1]:80"]
        {
            assert!(loopback(own), "{own}");
        }
        for other in ["http://localhost.example", "http://10.0.0.1", "http://[::2]", "data:x"] {
            assert!(!loopback(other), "{other}");
        }
    }
}
