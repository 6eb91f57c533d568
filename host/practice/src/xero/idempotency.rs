//! `Idempotency-Key`: six minutes of memory, errors included (section 1.6).

use std::collections::HashMap;

use chrono::{DateTime, Duration, Utc};
use sha2::{Digest, Sha256};

use super::call::{Call, Reply};
use super::json::{Fields, WireStyle};
use super::unknowns::{MismatchBody, Unknowns};

/// How long an answer is kept, from the first call on.
const WINDOW: Duration = Duration::minutes(6);
/// Answers kept before those whose window has passed are thrown away.
const ENTRIES_MAX: usize = 1024;
/// Characters a key may have.
const KEY_CHARS_MAX: usize = 128;

/// What is known about a key.
#[derive(Debug)]
struct Entry {
    request: [u8; 32],
    since: DateTime<Utc>,
    reply: Option<Reply>,
}

/// Keys of every app.
#[derive(Debug, Default)]
pub(crate) struct Idempotency {
    entries: HashMap<(String, String), Entry>,
}

/// What a call with a key finds.
#[derive(Debug)]
pub(crate) enum Found {
    /// Nothing: go on, and hand the answer to [`Idempotency::settle`].
    Fresh,
    /// The first answer.
    Replay(Reply),
    /// The first call is still running.
    Running,
    /// The key cannot be used so.
    Refused(Reply),
}

impl Idempotency {
    /// Looks a key up and claims it when it is new.
    pub(crate) fn begin(
        &mut self,
        app: &str,
        key: &str,
        call: &Call,
        unknowns: &Unknowns,
        now: DateTime<Utc>,
    ) -> Found {
        if key.chars().count() > KEY_CHARS_MAX {
            let message = format!("Idempotency Key: the key is longer than {KEY_CHARS_MAX}.");
            return Found::Refused(misuse(&message, unknowns.idempotency_mismatch));
        }
        let name = (app.to_owned(), key.to_owned());
        let request = fingerprint(call);
        if let Some(entry) = self.entries.get(&name)
            && (now - entry.since < WINDOW || entry.reply.is_none())
        {
            return if entry.request != request {
                let message = format!("Idempotency Key: {key} is used with a different request.");
                Found::Refused(misuse(&message, unknowns.idempotency_mismatch))
            } else if let Some(reply) = &entry.reply {
                Found::Replay(reply.clone())
            } else {
                Found::Running
            };
        }
        if self.entries.len() >= ENTRIES_MAX {
            self.entries.retain(|_, entry| now - entry.since < WINDOW || entry.reply.is_none());
        }
        self.entries.insert(name, Entry { request, since: now, reply: None });
        Found::Fresh
    }

    /// Keeps the first answer of a key.
    pub(crate) fn settle(&mut self, app: &str, key: &str, reply: &Reply) {
        if let Some(entry) = self.entries.get_mut(&(app.to_owned(), key.to_owned())) {
            entry.reply = Some(reply.clone());
        }
    }
}

fn misuse(message: &str, body: MismatchBody) -> Reply {
    match body {
        MismatchBody::Exception => Reply::exception(10, "ValidationException", message),
        MismatchBody::Problem => {
            let mut fields = Fields::default();
            fields.put("Title", "Bad Request").put("Status", 400_u16).put("Detail", message);
            Reply::json(400, &fields.into(), WireStyle::Compact)
        }
    }
}

fn fingerprint(call: &Call) -> [u8; 32] {
    let mut hash = Sha256::new();
    let tenant = call.header("xero-tenant-id").unwrap_or_default();
    for part in [&call.method, &call.path, &call.query, tenant] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hash.update(&call.body);
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_whose_window_has_passed_are_thrown_away() {
        let call = Call {
            method: "PUT".to_owned(),
            path: "/".to_owned(),
            query: String::new(),
            headers: Vec::new(),
            body: bytes::Bytes::new(),
        };
        let mut store = Idempotency::default();
        let unknowns = Unknowns::default();
        let mut now = DateTime::UNIX_EPOCH;
        for number in 0..3 * ENTRIES_MAX {
            let key = number.to_string();
            assert!(matches!(store.begin("app", &key, &call, &unknowns, now), Found::Fresh));
            store.settle("app", &key, &Reply::empty(200));
            now += Duration::seconds(1);
        }
        assert!(store.entries.len() <= ENTRIES_MAX);
    }
}
