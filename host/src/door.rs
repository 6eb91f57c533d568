//! The core's one door, through the sandbox: typed on this side, JSON text on the other.
//!
//! Orders, charts and settings pass as the text they came in: the host never reads what it does
//! not need, and no digit is touched.

use std::sync::Arc;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use crate::{
    sandbox::{Sandbox, SandboxError},
    xero_client::Chart,
};

/// The contract's version that this host speaks.
pub const CONTRACT: u32 = 1;

/// The core could not be asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DoorError {
    /// The sandbox refused or stopped the core.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// The core refused the whole request.
    #[error("{message} ({code})")]
    Refused {
        /// Stable code.
        code: String,
        /// For people.
        message: String,
    },
    /// Request or reply is not what the contract says.
    #[error("the core's contract is broken: {0}")]
    Contract(#[from] serde_json::Error),
    /// The machine could not run the call.
    #[error("the core could not be run: {0}")]
    Machine(#[from] tokio::task::JoinError),
}

impl DoorError {
    /// The stable code for this error.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Sandbox(error) => error.code(),
            Self::Refused { code, .. } => code,
            Self::Contract(_) => "host.contract_broken",
            Self::Machine(_) => "host.core_not_run",
        }
    }
}

/// One order with its refunds, as the shop sent them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Sale {
    /// `GET /orders/{id}`
    pub order: Box<RawValue>,
    /// `GET /orders/{id}/refunds`
    pub refunds: Vec<Box<RawValue>>,
}

/// Request of the operation `map`.
#[derive(Debug, Serialize)]
pub struct MapRequest<'a> {
    /// [`CONTRACT`]
    pub contract: u32,
    /// The shop's profile.
    pub shop: &'a RawValue,
    /// The mapping settings.
    pub settings: &'a RawValue,
    /// The organisation's chart.
    pub chart: &'a Chart,
    /// The orders.
    pub sales: &'a [Sale],
    /// The products that the orders name.
    pub products: &'a [Box<RawValue>],
}

/// Reply of the operation `map`, as far as the host reads it.
#[derive(Debug, Deserialize)]
pub struct MapReply {
    /// One for each order, in the request's order.
    pub sales: Vec<MappedSale>,
}

/// What the core made of one order.
#[derive(Debug, Deserialize)]
pub struct MappedSale {
    /// Place in the request.
    pub index: usize,
    /// The shop's id; 0 when the order could not be read.
    #[serde(default)]
    pub order_id: u64,
    /// The shop's number.
    #[serde(default)]
    pub number: String,
    /// The shop's status.
    #[serde(default)]
    pub status: String,
    /// What to do.
    pub outcome: MapOutcome,
    /// The document, when there is one.
    pub document: Option<Box<RawValue>>,
    /// The findings, as the core wrote them.
    pub findings: Box<RawValue>,
}

/// What is to be done with an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MapOutcome {
    /// Send the document.
    Post,
    /// By the settings it needs none.
    Skip,
    /// A finding stops it.
    Hold,
}

/// A document, as far as the host needs it to send and to compare.
#[derive(Debug, Clone, Deserialize)]
pub struct DocumentFacts {
    /// `InvoiceNumber`
    pub number: String,
    /// `Reference`
    pub reference: String,
    /// Total by the core's arithmetic.
    pub total: String,
    /// The exact bytes of the element.
    pub body: String,
    /// Their SHA-256, in hex.
    pub sha256: String,
    /// `exact`, `tax_amount` or `rounding_line`.
    pub exactness: String,
}

/// Request of the operation `propose_settings`.
#[derive(Debug, Serialize)]
pub struct ProposeRequest<'a> {
    /// [`CONTRACT`]
    pub contract: u32,
    /// The shop's profile.
    pub shop: &'a RawValue,
    /// The shop's tax rates.
    pub tax_rates: &'a [Box<RawValue>],
    /// The shop's payment gateways.
    pub gateways: &'a [Box<RawValue>],
    /// The organisation's chart.
    pub chart: &'a Chart,
}

/// Reply of the operation `propose_settings`.
#[derive(Debug, Deserialize)]
pub struct ProposeReply {
    /// Settings, ready for `map`.
    pub settings: Box<RawValue>,
    /// What could not be decided.
    pub findings: Box<RawValue>,
}

#[derive(Deserialize)]
struct Reply<T> {
    ok: Option<T>,
    error: Option<Refusal>,
}

#[derive(Deserialize)]
struct Refusal {
    code: String,
    message: String,
}

/// The core, ready to be asked.
#[derive(Debug, Clone)]
pub struct Door {
    sandbox: Arc<Sandbox>,
}

impl Door {
    /// Through this sandbox.
    #[must_use]
    pub fn new(sandbox: Sandbox) -> Self {
        Self { sandbox: Arc::new(sandbox) }
    }

    /// The SHA-256 of the module, in hex.
    #[must_use]
    pub fn module_sha256(&self) -> &str {
        self.sandbox.sha256()
    }

    /// The sandbox behind the door.
    #[must_use]
    pub fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// Maps orders to documents.
    ///
    /// # Errors
    /// [`DoorError`] for the whole request; what is wrong with one order is a finding.
    pub async fn map(&self, request: &MapRequest<'_>) -> Result<MapReply, DoorError> {
        self.call("map", request).await
    }

    /// Proposes settings for a shop and an organisation.
    ///
    /// # Errors
    /// [`DoorError`].
    pub async fn propose_settings(
        &self,
        request: &ProposeRequest<'_>,
    ) -> Result<ProposeReply, DoorError> {
        self.call("propose_settings", request).await
    }

    /// Runs one operation beside the async threads: a large batch takes milliseconds.
    async fn call<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        request: &impl Serialize,
    ) -> Result<T, DoorError> {
        let request = serde_json::to_vec(request)?;
        let sandbox = Arc::clone(&self.sandbox);
        let reply =
            tokio::task::spawn_blocking(move || sandbox.call(operation, &request)).await??;
        let reply: Reply<T> = serde_json::from_slice(&reply)?;
        match (reply.ok, reply.error) {
            (Some(ok), _) => Ok(ok),
            (None, Some(Refusal { code, message })) => Err(DoorError::Refused { code, message }),
            (None, None) => Err(DoorError::Refused {
                code: String::from("host.empty_reply"),
                message: String::from("the core said nothing"),
            }),
        }
    }
}
