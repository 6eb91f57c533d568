//! What one call of the core may use, and what it is called when it wants more.

use wasmtime::{ResourceLimiter, Trap};

/// What one call may use. Every limit has a test that trips it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Linear memory, in bytes.
    pub memory_bytes_max: usize,
    /// Fuel: about one unit an instruction. One order takes some 400,000.
    pub fuel: u64,
    /// Operation and request together, in bytes.
    pub request_bytes_max: usize,
    /// Response, in bytes.
    pub response_bytes_max: usize,
    /// Instances that may live at the same moment.
    pub concurrent_max: u32,
}

/// 128 MiB: a batch of 1,000 orders takes 11 MB.
pub const MEMORY_BYTES_MAX: usize = 128 << 20;
/// Some seconds of a fast machine; a batch of 50 orders takes some 20 million.
pub const FUEL: u64 = 5_000_000_000;
/// 32 MiB: fifty orders with their products take about one.
pub const REQUEST_BYTES_MAX: usize = 32 << 20;
/// 32 MiB.
pub const RESPONSE_BYTES_MAX: usize = 32 << 20;
/// Entries of the function table; the core has some hundreds.
const TABLE_ELEMENTS_MAX: usize = 20_000;
/// Instances at the same moment.
pub const CONCURRENT_MAX: u32 = 16;

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_bytes_max: MEMORY_BYTES_MAX,
            fuel: FUEL,
            request_bytes_max: REQUEST_BYTES_MAX,
            response_bytes_max: RESPONSE_BYTES_MAX,
            concurrent_max: CONCURRENT_MAX,
        }
    }
}

/// The sandbox refused or stopped the core.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// The bytes are no module that this engine can compile.
    #[error("the module cannot be compiled: {0}")]
    Compile(wasmtime::Error),
    /// The module asks for something from outside.
    #[error("the module imports `{0}`; only the JavaScript glue may be named")]
    ForbiddenImport(String),
    /// The module does not have the exports that this host calls, or answers nonsense.
    #[error("the module does not speak this host's language: {0}")]
    Abi(String),
    /// The request is longer than allowed.
    #[error("a request of {len} bytes is over the limit of {max}")]
    RequestTooLarge {
        /// Bytes of the request.
        len: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// The response is longer than allowed.
    #[error("a response of {len} bytes is over the limit of {max}")]
    ResponseTooLarge {
        /// Bytes of the response.
        len: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// The call used up its fuel.
    #[error("the core used up its fuel of {fuel}")]
    OutOfFuel {
        /// Fuel allowed.
        fuel: u64,
    },
    /// The call wanted more memory than allowed.
    #[error("the core wanted more than {max} bytes of memory")]
    OutOfMemory {
        /// Bytes allowed.
        max: usize,
    },
    /// All instances are busy.
    #[error("{max} calls of the core are running already")]
    TooManyCalls {
        /// Instances allowed.
        max: u32,
    },
    /// The core panicked: a defect of the core.
    #[error("the core stopped: {0}")]
    Panicked(String),
    /// The core trapped for another reason.
    #[error("the core stopped: {0}")]
    Trapped(wasmtime::Error),
}

impl SandboxError {
    /// The stable code for this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Compile(_) => "sandbox.compile",
            Self::ForbiddenImport(_) => "sandbox.forbidden_import",
            Self::Abi(_) => "sandbox.abi",
            Self::RequestTooLarge { .. } => "sandbox.request_too_large",
            Self::ResponseTooLarge { .. } => "sandbox.response_too_large",
            Self::OutOfFuel { .. } => "sandbox.out_of_fuel",
            Self::OutOfMemory { .. } => "sandbox.out_of_memory",
            Self::TooManyCalls { .. } => "sandbox.too_many_calls",
            Self::Panicked(_) => "sandbox.panicked",
            Self::Trapped(_) => "sandbox.trapped",
        }
    }
}

/// Says no to memory beyond the limit, and remembers that it did.
#[derive(Debug)]
pub(super) struct Governor {
    memory_bytes_max: usize,
    refused: bool,
}

impl Governor {
    pub(super) fn new(memory_bytes_max: usize) -> Self {
        Self { memory_bytes_max, refused: false }
    }
}

impl ResourceLimiter for Governor {
    fn memory_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        self.refused |= desired > self.memory_bytes_max;
        // An error traps at once: the core's allocator never sees a refusal.
        if self.refused { Err(wasmtime::Error::msg("memory limit")) } else { Ok(true) }
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(desired <= TABLE_ELEMENTS_MAX)
    }
}

/// Names what stopped a call.
pub(super) fn classify(
    error: wasmtime::Error,
    limits: &Limits,
    governor: &Governor,
    panic: Option<String>,
) -> SandboxError {
    if governor.refused {
        return SandboxError::OutOfMemory { max: limits.memory_bytes_max };
    }
    if error.downcast_ref::<wasmtime::PoolConcurrencyLimitError>().is_some() {
        return SandboxError::TooManyCalls { max: limits.concurrent_max };
    }
    match (error.downcast_ref::<Trap>(), panic) {
        (Some(Trap::OutOfFuel), _) => SandboxError::OutOfFuel { fuel: limits.fuel },
        (_, Some(panic)) => SandboxError::Panicked(panic),
        _ => SandboxError::Trapped(error),
    }
}
