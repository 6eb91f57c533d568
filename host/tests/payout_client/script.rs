//! A server that answers each request by a script, for answers that no practice gateway gives.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// What a script answers: status, further headers, body.
pub(crate) type Said = (u16, &'static str, String);

/// A running script; it ends with the test.
pub(crate) struct Script {
    pub(crate) url: String,
    targets: Arc<Mutex<Vec<String>>>,
}

impl Script {
    /// Answers by path and query.
    pub(crate) async fn start(answer: impl Fn(&str) -> Said + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let targets = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&targets);
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await.unwrap());
                }
                let head = String::from_utf8(head).unwrap();
                // A form comes behind the head: it is read, so that closing does not cut it.
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
                let length = length.map_or(0, |length| length.trim().parse().unwrap());
                stream.read_exact(&mut vec![0; length]).await.unwrap();
                let target = head.split(' ').nth(1).unwrap().to_owned();
                let (status, headers, body) = answer(&target);
                log.lock().unwrap().push(target);
                let length = body.len();
                let answer = format!(
                    "HTTP/1.1 {status} Said\r\n{headers}Connection: close\r\n\
                     Content-Length: {length}\r\n\r\n{body}"
                );
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        Self { url, targets }
    }

    /// Paths and queries that were asked for.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.targets.lock().unwrap().clone()
    }
}

/// A parameter of a query; colons are decoded.
pub(crate) fn param(target: &str, name: &str) -> Option<String> {
    let (_, query) = target.split_once('?')?;
    let found = query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")))?;
    Some(found.replace("%3A", ":").replace('+', " "))
}
