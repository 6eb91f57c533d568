//! What the core was asked and what it said, kept so that it can be asked again.
//!
//! The bookkeeper's questions that decide something are taken on a [`Tape`], compressed beside the
//! core's own work, and kept under the plan that came of them. Replayed, the same module gives the
//! same bytes. Whatever goes wrong here is said in the log and stops no work.

mod bundle;
mod difference;
mod pseudonym;
mod redaction;

use std::{
    io::{Read, Write},
    sync::{Arc, Mutex, PoisonError},
};

use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};
use sha2::{Digest, Sha256};
use tokio::task::JoinHandle;

pub use bundle::{Bundle, BundleError, Bundled};
pub use difference::{Difference, differences};
pub use redaction::{RedactError, Redactor};

use crate::{
    sandbox::{Sandbox, SandboxError},
    store::{Store, StoreError},
    time::Timestamp,
};

/// The longest request or reply that is unpacked, in bytes; the core takes 32 MiB.
const UNPACKED_BYTES_MAX: u64 = 64 << 20;

/// Letters of a recording's id that people see and type.
pub const ID_CHARS: usize = 12;

/// One request to the core with its reply, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// SHA-256 over module, operation and request.
    pub id: String,
    /// The organisation that was worked for.
    pub organisation: String,
    /// The shop's address.
    pub shop: String,
    /// The plan that came of it; empty where none did.
    pub run: String,
    /// `plan`, `read`, `takings`, `summarise`.
    pub operation: String,
    /// The module that decided, in hex.
    pub module_sha256: String,
    /// Its version.
    pub core: String,
    /// WooCommerce's ids of the orders concerned.
    pub orders: Vec<u64>,
    /// The request, compressed.
    pub request: Vec<u8>,
    /// The reply, compressed; empty where the core stopped.
    pub reply: Vec<u8>,
    /// SHA-256 of the reply, in hex; where the core stopped, the code of the reason.
    pub reply_sha256: String,
    /// When it was asked last.
    pub made: Timestamp,
}

impl Recording {
    /// The id that people see.
    #[must_use]
    pub fn name(&self) -> &str {
        self.id.get(..ID_CHARS).unwrap_or(&self.id)
    }
}

/// What was asked of the core since the tape was put in.
#[derive(Debug, Clone, Default)]
pub struct Tape(Arc<Mutex<Vec<Asked>>>);

/// One question on a tape.
#[derive(Debug)]
struct Asked {
    operation: &'static str,
    request_sha256: String,
    request: JoinHandle<Vec<u8>>,
    reply: JoinHandle<Vec<u8>>,
    reply_sha256: String,
}

impl Tape {
    /// Takes a question; it is compressed beside the async threads.
    pub(crate) fn take(
        &self,
        operation: &'static str,
        request: &Arc<Vec<u8>>,
        reply: &Result<Arc<Vec<u8>>, String>,
    ) {
        let packed = |bytes: &Arc<Vec<u8>>| {
            let bytes = Arc::clone(bytes);
            tokio::task::spawn_blocking(move || pack(&bytes))
        };
        let (reply, reply_sha256) = match reply {
            Ok(reply) => (packed(reply), hex::encode(Sha256::digest(&**reply))),
            Err(code) => (packed(&Arc::default()), code.clone()),
        };
        let asked = Asked {
            operation,
            request_sha256: hex::encode(Sha256::digest(&**request)),
            request: packed(request),
            reply,
            reply_sha256,
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
    }

    fn taken(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// For whom and what the questions on a tape were asked.
#[derive(Debug, Clone, Copy)]
pub struct Label<'a> {
    /// The organisation.
    pub organisation: &'a str,
    /// The shop's address.
    pub shop: &'a str,
    /// The plan's name.
    pub run: &'a str,
    /// The orders concerned.
    pub orders: &'a [u64],
    /// The module that was asked.
    pub module_sha256: &'a str,
}

/// Keeps what is on a tape. A failure is logged, and no reason to stop.
pub(crate) async fn keep(store: &Store, tape: &Tape, label: Label<'_>, now: Timestamp) {
    let mut recordings = Vec::new();
    for asked in tape.taken() {
        let (Ok(request), Ok(reply)) = (asked.request.await, asked.reply.await) else {
            tracing::warn!(operation = asked.operation, "a question to the core is not recorded");
            continue;
        };
        let named = [label.module_sha256, asked.operation, &asked.request_sha256].join("\n");
        recordings.push(Recording {
            id: hex::encode(Sha256::digest(named)),
            organisation: label.organisation.to_owned(),
            shop: label.shop.to_owned(),
            run: label.run.to_owned(),
            operation: asked.operation.to_owned(),
            module_sha256: label.module_sha256.to_owned(),
            core: tillbook_core::contract::CORE_VERSION.to_owned(),
            orders: label.orders.to_vec(),
            request,
            reply,
            reply_sha256: asked.reply_sha256,
            made: now,
        });
    }
    if let Err(error) = store.put_recordings(&recordings).await {
        tracing::warn!(%error, "what the core was asked is not recorded");
    }
}

/// How a recording ended when it was asked again.
#[derive(Debug)]
pub struct Replayed {
    /// The reply, or why the core stopped.
    pub reply: Result<Vec<u8>, SandboxError>,
    /// SHA-256 of the reply in hex, or the code of the reason.
    pub reply_sha256: String,
}

impl Replayed {
    /// Whether the reply is this one.
    #[must_use]
    pub fn is(&self, reply_sha256: &str) -> bool {
        self.reply_sha256 == reply_sha256
    }
}

/// Asks a module once more.
#[must_use]
pub fn replay(sandbox: &Sandbox, operation: &str, request: &[u8]) -> Replayed {
    let reply = sandbox.call(operation, request);
    let reply_sha256 = match &reply {
        Ok(reply) => hex::encode(Sha256::digest(reply)),
        Err(error) => error.code().to_owned(),
    };
    Replayed { reply, reply_sha256 }
}

/// Compresses; quick rather than small.
#[must_use]
pub fn pack(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    // Writing to memory cannot fail; if it did, the recording would not unpack, and would say so.
    encoder.write_all(bytes).ok();
    encoder.finish().unwrap_or_default()
}

/// What was compressed.
///
/// # Errors
/// [`StoreError::Corrupt`] where the bytes are no such thing, or hold too much.
pub fn unpack(packed: &[u8]) -> Result<Vec<u8>, StoreError> {
    let mut bytes = Vec::new();
    let mut decoder = DeflateDecoder::new(packed).take(UNPACKED_BYTES_MAX);
    decoder.read_to_end(&mut bytes).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    Ok(bytes)
}
