//! A file that shows a problem to others: questions to the core without names, and its answers to
//! these.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Recording, RedactError, Redactor, replay, unpack};
use crate::{sandbox::Sandbox, store::StoreError};

/// The version of the file.
const VERSION: u32 = 1;

/// A bundle cannot be made or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// A recording cannot be unpacked.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A request cannot be redacted.
    #[error(transparent)]
    Redact(#[from] RedactError),
    /// The file is none of ours.
    #[error("this is no report of Tillbook's: {0}")]
    Json(#[from] serde_json::Error),
    /// The file is of another version of this program.
    #[error("the report is of version {0}; this program reads version {VERSION}")]
    Version(u32),
    /// The module that decided is not the one at hand.
    #[error("this was decided by core {core}, SHA-256 {sha256}; name that file with --module")]
    Module {
        /// The version that is needed.
        core: String,
        /// Its SHA-256 in hex.
        sha256: String,
    },
}

/// Questions to the core that can be asked again by themselves.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// The version of the file.
    pub tillbook_report: u32,
    /// The program that wrote it.
    pub program: String,
    /// The questions, oldest first.
    pub questions: Vec<Bundled>,
}

/// One question without names.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundled {
    /// The recording's id.
    pub id: String,
    /// The plan that came of it.
    pub run: String,
    /// The operation.
    pub operation: String,
    /// The module that decided, in hex.
    pub module_sha256: String,
    /// Its version.
    pub core: String,
    /// WooCommerce's ids of the orders concerned.
    pub orders: Vec<u64>,
    /// When it was asked, in milliseconds since 1970 UTC.
    pub made_ms: i64,
    /// The request.
    pub request: Box<RawValue>,
    /// The reply to this request; nothing where the core stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<Box<RawValue>>,
    /// SHA-256 of the reply, or the code of the reason why the core stopped.
    pub reply_sha256: String,
    /// Orders that the core decides otherwise without the names: what it made of each when it was
    /// asked, and what it makes now.
    pub decided_otherwise: BTreeMap<String, (String, String)>,
}

impl Bundle {
    /// Takes the names out of recordings and asks the core again. `sandbox` holds the module that
    /// decided.
    ///
    /// # Errors
    /// [`BundleError`].
    pub fn of(recordings: &[Recording], sandbox: &Sandbox) -> Result<Self, BundleError> {
        let mut requests = Vec::new();
        let mut redactor = Redactor::new()?;
        for one in recordings {
            needs(sandbox, &one.module_sha256, &one.core)?;
            let request = String::from_utf8_lossy(&unpack(&one.request)?).into_owned();
            redactor.learn(&request)?;
            requests.push(request);
        }
        let mut questions = Vec::new();
        for (one, request) in recordings.iter().zip(requests) {
            let request = redactor.redact(&request)?;
            let again = replay(sandbox, &one.operation, request.as_bytes());
            let reply = again.reply.as_ref().ok();
            let was = unpack(&one.reply)?;
            questions.push(Bundled {
                id: one.id.clone(),
                run: one.run.clone(),
                operation: one.operation.clone(),
                module_sha256: one.module_sha256.clone(),
                core: one.core.clone(),
                orders: one.orders.clone(),
                made_ms: one.made.ms(),
                decided_otherwise: otherwise(&was, reply.map_or(&[][..], Vec::as_slice)),
                reply: reply.map(|reply| serde_json::from_slice(reply)).transpose()?,
                request: serde_json::from_str(&request)?,
                reply_sha256: again.reply_sha256,
            });
        }
        let program = format!("tillbook {}", env!("CARGO_PKG_VERSION"));
        Ok(Self { tillbook_report: VERSION, program, questions })
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`BundleError::Json`] or [`BundleError::Version`].
    pub fn read(text: &str) -> Result<Self, BundleError> {
        let bundle: Self = serde_json::from_str(text)?;
        match bundle.tillbook_report {
            VERSION => Ok(bundle),
            other => Err(BundleError::Version(other)),
        }
    }
}

/// Whether a sandbox holds the module that decided.
///
/// # Errors
/// [`BundleError::Module`] says which one is needed.
pub(crate) fn needs(sandbox: &Sandbox, sha256: &str, core: &str) -> Result<(), BundleError> {
    if sandbox.sha256() == sha256 {
        return Ok(());
    }
    Err(BundleError::Module { core: core.to_owned(), sha256: sha256.to_owned() })
}

/// What became of each object of a plan's rows.
fn fates(reply: &[u8]) -> BTreeMap<String, String> {
    #[derive(Deserialize)]
    struct Reply {
        ok: Option<Rows>,
    }
    #[derive(Deserialize)]
    struct Rows {
        #[serde(default)]
        rows: Vec<Row>,
    }
    #[derive(Deserialize)]
    struct Row {
        object: tillbook_core::finding::Subject,
        fate: String,
    }
    let reply: Option<Reply> = serde_json::from_slice(reply).ok();
    let rows = reply.and_then(|reply| reply.ok).map(|rows| rows.rows).unwrap_or_default();
    rows.into_iter()
        .map(|row| (format!("{} {}", row.object.kind, row.object.id), row.fate))
        .collect()
}

fn otherwise(was: &[u8], is: &[u8]) -> BTreeMap<String, (String, String)> {
    let now = fates(is);
    let changed = fates(was).into_iter().filter_map(|(object, was)| {
        let is = now.get(&object).cloned().unwrap_or_default();
        (was != is).then_some((object, (was, is)))
    });
    changed.collect()
}
