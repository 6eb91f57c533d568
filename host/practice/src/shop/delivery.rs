//! Sending webhooks over plain HTTP, header by header as `WordPress` does.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use url::Url;

use super::webhook::{Outgoing, USER_AGENT};

/// Bytes of an answer that are read; the status line is enough.
const ANSWER_BYTES_MAX: u64 = 8 * 1024;

/// What became of one delivery.
#[derive(Debug, Clone)]
pub struct Delivered {
    /// The webhook's id.
    pub webhook_id: u64,
    /// The topic, or `ping`.
    pub topic: String,
    /// Status that came back; none when nothing did.
    pub status: Option<u16>,
    /// The exact body that was sent.
    pub body: String,
}

/// Sends one request and gives the status of the answer; redirects are not followed.
///
/// Only `http` is spoken: the practice shop talks to loopback.
pub(crate) async fn send(outgoing: &Outgoing, timeout: Duration) -> Option<u16> {
    tokio::time::timeout(timeout, exchange(outgoing)).await.ok()?.ok()?
}

async fn exchange(outgoing: &Outgoing) -> io::Result<Option<u16>> {
    let Some((url, host)) = target(&outgoing.url) else { return Ok(None) };
    let port = url.port_or_known_default().unwrap_or(80);
    let mut stream = TcpStream::connect((host.as_str(), port)).await?;
    let mut request = head(&url, &host, outgoing).into_bytes();
    request.extend_from_slice(&outgoing.body);
    stream.write_all(&request).await?;
    let mut answer = Vec::new();
    stream.take(ANSWER_BYTES_MAX).read_to_end(&mut answer).await?;
    let line = answer.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let status = String::from_utf8_lossy(line);
    Ok(status.split(' ').nth(1).and_then(|code| code.parse().ok()))
}

fn target(url: &str) -> Option<(Url, String)> {
    let url = Url::parse(url).ok().filter(|url| url.scheme() == "http")?;
    let host = url.host_str()?.trim_matches(['[', ']']).to_owned();
    Some((url, host))
}

/// The head in the recorded order; a ping has its type after the length.
fn head(url: &Url, host: &str, outgoing: &Outgoing) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let mut own = String::new();
    for (name, value) in &outgoing.headers {
        own.extend([name, ": ", value.as_str(), "\r\n"]);
    }
    let length = format!("Connection: close\r\nContent-Length: {}\r\n", outgoing.body.len());
    let tail = if outgoing.topic == "ping" { length + &own } else { own + &length };
    format!(
        "POST {}{query} HTTP/1.1\r\nHost: {host}{port}\r\nUser-Agent: {USER_AGENT}\r\n\
         Accept: */*\r\nAccept-Encoding: deflate, gzip, br, zstd\r\n{tail}\r\n",
        url.path(),
    )
}
