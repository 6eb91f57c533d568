//! Stands between client and practice Xero, and gives answers of its own where it is told to.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What to do with a request.
pub(crate) enum Action {
    /// Pass it on, and its answer back.
    Forward,
    /// Answer without passing it on.
    Answer(u16, &'static str),
    /// Pass it on, and give another answer back.
    ForwardThenAnswer(u16, &'static str),
    /// Pass it on, and change a word of its answer.
    ForwardAndEdit(&'static str, &'static str),
}

/// Method, path with query, body.
type Rule = Arc<dyn Fn(&str, &str, &str) -> Action + Send + Sync>;

/// Starts a proxy before `target`; gives its address.
pub(crate) async fn start(
    target: String,
    rule: impl Fn(&str, &str, &str) -> Action + Send + Sync + 'static,
) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let rule: Rule = Arc::new(rule);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, target.clone(), Arc::clone(&rule)));
        }
    });
    address
}

/// One request a connection.
async fn serve(mut stream: TcpStream, target: String, rule: Rule) {
    let Some((head, body)) = read(&mut stream).await else { return };
    let mut lines = head.lines();
    let mut words = lines.next().unwrap_or_default().split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (status, answer) = match rule(method, path, &body) {
        Action::Answer(status, answer) => (status, answer.to_owned()),
        Action::Forward => forward(&target, method, path, lines, &body).await,
        Action::ForwardAndEdit(from, to) => {
            let (status, answer) = forward(&target, method, path, lines, &body).await;
            assert!(answer.contains(from), "{answer}");
            (status, answer.replace(from, to))
        }
        Action::ForwardThenAnswer(status, answer) => {
            forward(&target, method, path, lines, &body).await;
            (status, answer.to_owned())
        }
    };
    let text = format!(
        "HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{answer}",
        answer.len()
    );
    stream.write_all(text.as_bytes()).await.ok();
}

async fn read(stream: &mut TcpStream) -> Option<(String, String)> {
    let mut bytes = Vec::new();
    loop {
        let mut chunk = [0; 8192];
        let count = stream.read(&mut chunk).await.ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&chunk[..count]);
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .map_or(0, |(_, value)| value.trim().parse::<usize>().unwrap());
        if body.len() >= length {
            return Some((head.to_owned(), body.to_owned()));
        }
    }
}

async fn forward<'a>(
    target: &str,
    method: &str,
    path: &str,
    headers: impl Iterator<Item = &'a str>,
    body: &str,
) -> (u16, String) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut request = client.request(method.parse().unwrap(), format!("{target}{path}"));
    for (name, value) in headers.filter_map(|line| line.split_once(':')) {
        let skipped = ["host", "content-length", "connection", "accept-encoding"];
        if !skipped.contains(&name.to_lowercase().as_str()) {
            request = request.header(name, value.trim());
        }
    }
    let response = request.body(body.to_owned()).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}
