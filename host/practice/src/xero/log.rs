//! Every call the simulator answered, newest last, in a bounded ring.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::call::{Call, Reply};
use crate::fault::Fault;

/// Request headers worth keeping; `Authorization` is kept only as its scheme.
const KEPT: [&str; 8] = [
    "accept",
    "authorization",
    "content-type",
    "idempotency-key",
    "if-modified-since",
    "user-agent",
    "xero-tenant-id",
    "content-length",
];

/// One call with its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggedCall {
    /// Counts from 1 and never restarts.
    pub number: u64,
    /// When it was answered, by the simulator's clock.
    pub at: DateTime<Utc>,
    /// The organisation it was for.
    pub tenant: Option<Uuid>,
    /// The method.
    pub method: String,
    /// The path as sent.
    pub path: String,
    /// The query as sent, without the question mark.
    pub query: String,
    /// Request headers of interest, names in lower case.
    pub request_headers: Vec<(String, String)>,
    /// The request body as text.
    pub request_body: String,
    /// The status; 0 when the connection was dropped without an answer.
    pub status: u16,
    /// Response headers.
    pub response_headers: Vec<(String, String)>,
    /// The response body as text, whole even when it was torn on the way.
    pub response_body: String,
    /// The faults that struck it.
    pub faults: Vec<Fault>,
    /// Whether the answer was a replay under its idempotency key.
    pub replayed: bool,
}

/// What became of a call, beside its answer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fate {
    pub(crate) tenant: Option<Uuid>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) replayed: bool,
    pub(crate) dropped: bool,
}

/// The ring.
#[derive(Debug)]
pub(crate) struct Log {
    calls: VecDeque<LoggedCall>,
    calls_max: usize,
    bytes_max: usize,
    bytes: usize,
    made: u64,
}

impl Log {
    pub(crate) const fn new(calls_max: usize, bytes_max: usize) -> Self {
        Self { calls: VecDeque::new(), calls_max, bytes_max, bytes: 0, made: 0 }
    }

    pub(crate) fn add(&mut self, at: DateTime<Utc>, call: &Call, reply: &Reply, fate: Fate) {
        self.made += 1;
        let logged = LoggedCall {
            number: self.made,
            at,
            tenant: fate.tenant,
            method: call.method.clone(),
            path: call.path.clone(),
            query: call.query.clone(),
            request_headers: kept(call),
            request_body: String::from_utf8_lossy(&call.body).into_owned(),
            status: if fate.dropped { 0 } else { reply.status },
            response_headers: reply
                .headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect(),
            response_body: String::from_utf8_lossy(&reply.body).into_owned(),
            faults: fate.faults,
            replayed: fate.replayed,
        };
        self.bytes += size(&logged);
        self.calls.push_back(logged);
        while self.calls.len() > self.calls_max || self.bytes > self.bytes_max {
            let Some(oldest) = self.calls.pop_front() else { break };
            self.bytes = self.bytes.saturating_sub(size(&oldest));
        }
    }

    /// Calls with a number above `after`, oldest first.
    pub(crate) fn since(&self, after: u64) -> Vec<LoggedCall> {
        self.calls.iter().filter(|call| call.number > after).cloned().collect()
    }

    pub(crate) fn clear(&mut self) {
        self.calls.clear();
        self.bytes = 0;
    }
}

const fn size(call: &LoggedCall) -> usize {
    call.request_body.len() + call.response_body.len()
}

fn kept(call: &Call) -> Vec<(String, String)> {
    call.headers
        .iter()
        .filter(|(name, _)| KEPT.contains(&name.as_str()))
        .map(|(name, value)| {
            let value = if name == "authorization" {
                value.split(' ').next().unwrap_or_default().to_owned()
            } else {
                value.clone()
            };
            (name.clone(), value)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ring_forgets_the_oldest_by_count_and_by_bytes() {
        let call = Call {
            method: "GET".to_owned(),
            path: "/".to_owned(),
            query: String::new(),
            headers: vec![("authorization".to_owned(), "Bearer secret".to_owned())],
            body: bytes::Bytes::from_static(b"12345"),
        };
        let mut log = Log::new(2, 100);
        for _ in 0..3 {
            log.add(DateTime::UNIX_EPOCH, &call, &Reply::empty(200), Fate::default());
        }
        assert_eq!(log.since(0).iter().map(|one| one.number).collect::<Vec<_>>(), [2, 3]);
        assert_eq!(log.since(0)[0].request_headers[0].1, "Bearer");
        let mut log = Log::new(100, 9);
        for _ in 0..3 {
            log.add(DateTime::UNIX_EPOCH, &call, &Reply::empty(200), Fate::default());
        }
        assert_eq!(log.since(0).len(), 1);
    }
}
