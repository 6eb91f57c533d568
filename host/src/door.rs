//! The core's one door, through the sandbox: typed on this side, JSON text on the other.
//!
//! Orders, charts and settings pass as the text they came in: the host never reads what it does
//! not need, and no digit is touched.

use std::sync::Arc;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use tillbook_core::contract::{
    CheckRequest, CheckResponse, CompletenessRequest, CompletenessResponse, MapRequest,
    MapResponse, MatchRequest, MatchResponse, PlanRequest, PlanResponse, ProposeRequest,
    ProposeResponse, ReadPayoutsRequest, ReadPayoutsResponse, ReadRequest, ReadResponse, SaleInput,
    SummariseRequest, SummariseResponse, TakingsRequest, TakingsResponse,
};

use crate::{
    recording::Tape,
    sandbox::{Sandbox, SandboxError},
};

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
#[derive(Debug, Clone)]
pub struct Sale {
    /// `GET /orders/{id}`
    pub order: Box<RawValue>,
    /// `GET /orders/{id}/refunds`
    pub refunds: Vec<Box<RawValue>>,
    /// `GET /customers/{id}`, where the customer's role is asked for.
    pub customer: Option<Box<RawValue>>,
}

impl Sale {
    /// As the core takes it.
    #[must_use]
    pub fn as_input(&self) -> SaleInput<&RawValue> {
        SaleInput {
            order: &self.order,
            refunds: as_refs(&self.refunds),
            customer: self.customer.as_deref(),
        }
    }
}

/// A list of raw texts, borrowed.
#[must_use]
pub fn as_refs(texts: &[Box<RawValue>]) -> Vec<&RawValue> {
    texts.iter().map(AsRef::as_ref).collect()
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
    /// Whether what decides something is to be kept.
    records: bool,
    tape: Option<Tape>,
}

impl Door {
    /// Through this sandbox.
    #[must_use]
    pub fn new(sandbox: Sandbox) -> Self {
        Self { sandbox: Arc::new(sandbox), records: false, tape: None }
    }

    /// The same door, with whether bookkeepers keep what they ask it.
    #[must_use]
    pub fn recording(self, records: bool) -> Self {
        Self { records, ..self }
    }

    /// The same door with a tape in it, and the tape; none where nothing is kept.
    pub(crate) fn taped(&self) -> (Self, Option<Tape>) {
        let tape = self.records.then(Tape::default);
        (Self { tape: tape.clone(), ..self.clone() }, tape)
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
    pub async fn map(&self, request: &MapRequest<&RawValue>) -> Result<MapResponse, DoorError> {
        self.call("map", request).await
    }

    /// Finds the contacts of orders' customers, or suggests some.
    ///
    /// # Errors
    /// [`DoorError`].
    pub async fn match_customers(
        &self,
        request: &MatchRequest<&RawValue>,
    ) -> Result<MatchResponse, DoorError> {
        self.call("match", request).await
    }

    /// Plans what makes Xero equal to the shop.
    ///
    /// # Errors
    /// [`DoorError`] for the whole request; what is wrong with one order is a finding.
    pub async fn plan(&self, request: &PlanRequest<&RawValue>) -> Result<PlanResponse, DoorError> {
        self.call("plan", request).await
    }

    /// Reads Xero's answer to a call of a plan.
    ///
    /// # Errors
    /// [`DoorError`].
    pub async fn read(&self, request: &ReadRequest<&RawValue>) -> Result<ReadResponse, DoorError> {
        self.call("read", request).await
    }

    /// Reads what a gateway said of payouts.
    ///
    /// # Errors
    /// [`DoorError`] for the whole request; what is wrong with one row is a finding.
    pub async fn read_payouts(
        &self,
        request: &ReadPayoutsRequest<&RawValue>,
    ) -> Result<ReadPayoutsResponse, DoorError> {
        self.call("read_payouts", request).await
    }

    /// Says what orders and refunds bring to summaries.
    ///
    /// # Errors
    /// [`DoorError`] for the whole request; what is wrong with one order is a finding.
    pub async fn takings(
        &self,
        request: &TakingsRequest<&RawValue>,
    ) -> Result<TakingsResponse, DoorError> {
        self.call("takings", request).await
    }

    /// Sums up takings and payouts.
    ///
    /// # Errors
    /// [`DoorError`] for the whole request; what is wrong with one document is a finding.
    pub async fn summarise(
        &self,
        request: &SummariseRequest<&RawValue>,
    ) -> Result<SummariseResponse, DoorError> {
        self.call("summarise", request).await
    }

    /// Accounts for everything that the shop has.
    ///
    /// # Errors
    /// [`DoorError`].
    pub async fn completeness(
        &self,
        request: &CompletenessRequest,
    ) -> Result<CompletenessResponse, DoorError> {
        self.call("completeness", request).await
    }

    /// Proposes settings for a shop and an organisation.
    ///
    /// # Errors
    /// [`DoorError`].
    pub async fn propose_settings(
        &self,
        request: &ProposeRequest<&RawValue>,
    ) -> Result<ProposeResponse, DoorError> {
        self.call("propose_settings", request).await
    }

    /// Checks settings against what shop and organisation have.
    ///
    /// # Errors
    /// [`DoorError`] for the whole request; what is wrong with the settings is a finding.
    pub async fn check_settings(
        &self,
        request: &CheckRequest<&RawValue>,
    ) -> Result<CheckResponse, DoorError> {
        self.call("check_settings", request).await
    }

    /// Runs one operation beside the async threads: a large batch takes milliseconds.
    async fn call<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        request: &impl Serialize,
    ) -> Result<T, DoorError> {
        let request = Arc::new(serde_json::to_vec(request)?);
        let (sandbox, asked) = (Arc::clone(&self.sandbox), Arc::clone(&request));
        let reply = tokio::task::spawn_blocking(move || sandbox.call(operation, &asked)).await?;
        let reply = reply.map(Arc::new);
        if let Some(tape) = &self.tape {
            let reply = reply.as_ref().map(Arc::clone).map_err(|error| error.code().to_owned());
            tape.take(operation, &request, &reply);
        }
        let reply = reply?;
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
