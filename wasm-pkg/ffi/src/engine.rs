//! Runs the compiled module, one fresh instance a call.

use wasmtime::{
    Config, Engine, Instance, InstancePre, Linker, Memory, Module, ResourceLimiter, Store, Trap,
    TypedFunc, WasmParams, WasmResults,
};

/// The compiled module that this library carries; empty when it was built without one.
pub const CWASM: &[u8] = include_bytes!(env!("EMBEDDED_CWASM"));
/// SHA-256 of the module that was compiled, in hex.
pub const SHA256: &str = env!("EMBEDDED_SHA256");

/// Version of the raw face that is spoken here (`tillbook_abi_version`).
const ABI_VERSION: u32 = 1;

// The host's sandbox has the same limits.
/// Linear memory, in bytes.
pub const MEMORY_BYTES_MAX: usize = 128 << 20;
/// About one unit an instruction.
pub const FUEL: u64 = 5_000_000_000;
/// Operation and request together, in bytes.
pub const REQUEST_BYTES_MAX: usize = 32 << 20;
/// Reply, in bytes.
pub const RESPONSE_BYTES_MAX: usize = 32 << 20;
/// Entries of the function table.
const TABLE_ELEMENTS_MAX: usize = 20_000;
/// Fuel for reading the text of a panic.
const PANIC_FUEL: u64 = 1_000_000;
/// A panic's text longer than this is cut.
const PANIC_BYTES_MAX: usize = 4 << 10;

/// Why there is no reply.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// The library was built without a module.
    #[error("this library was built without a module")]
    Empty,
    /// The module cannot be loaded on this machine.
    #[error("the module cannot be loaded: {0}")]
    Load(wasmtime::Error),
    /// The module does not have the expected face.
    #[error("the module does not speak this library's language: {0}")]
    Abi(String),
    /// The request is longer than allowed.
    #[error("a request of {0} bytes is over the limit of {REQUEST_BYTES_MAX}")]
    RequestTooLarge(usize),
    /// The reply is longer than allowed.
    #[error("a response of {0} bytes is over the limit of {RESPONSE_BYTES_MAX}")]
    ResponseTooLarge(usize),
    /// The call took too long.
    #[error("the core used up its fuel of {0}")]
    OutOfFuel(u64),
    /// The call wanted too much memory.
    #[error("the core wanted more than {0} bytes of memory")]
    OutOfMemory(usize),
    /// The core panicked: a defect of the core.
    #[error("the core stopped: {0}")]
    Panicked(String),
    /// The core trapped for another reason.
    #[error("the core stopped: {0}")]
    Trapped(wasmtime::Error),
}

impl Failure {
    /// A word for programs, as the host's sandbox says it.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty | Self::Load(_) => "sandbox.compile",
            Self::Abi(_) => "sandbox.abi",
            Self::RequestTooLarge(_) => "sandbox.request_too_large",
            Self::ResponseTooLarge(_) => "sandbox.response_too_large",
            Self::OutOfFuel(_) => "sandbox.out_of_fuel",
            Self::OutOfMemory(_) => "sandbox.out_of_memory",
            Self::Panicked(_) => "sandbox.panicked",
            Self::Trapped(_) => "sandbox.trapped",
        }
    }
}

/// What a call may use.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Linear memory, in bytes.
    pub memory_bytes_max: usize,
    /// Fuel.
    pub fuel: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { memory_bytes_max: MEMORY_BYTES_MAX, fuel: FUEL }
    }
}

/// How the module is compiled and run: both sides must say the same.
///
/// The target is named, so that what this machine's processor can do besides is not used: the
/// library runs on any machine of its kind.
///
/// # Errors
/// When wasmtime does not know the target.
pub fn config() -> wasmtime::Result<Config> {
    let mut config = Config::new();
    config.consume_fuel(true).wasm_backtrace_max_frames(None);
    #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
    config.target("x86_64-unknown-linux-gnu")?;
    #[cfg(all(target_arch = "aarch64", target_os = "linux"))]
    config.target("aarch64-unknown-linux-gnu")?;
    Ok(config)
}

/// The module, ready to run.
pub struct Core {
    engine: Engine,
    module: InstancePre<Governor>,
    limits: Limits,
}

impl std::fmt::Debug for Core {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Core").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Core {
    /// The module that this library carries.
    ///
    /// # Errors
    /// [`Failure::Empty`] when there is none, [`Failure::Load`] when it was compiled for another
    /// machine.
    pub fn embedded() -> Result<Self, Failure> {
        if CWASM.is_empty() {
            return Err(Failure::Empty);
        }
        let engine = config().and_then(|config| Engine::new(&config)).map_err(Failure::Load)?;
        #[expect(unsafe_code, reason = "the bytes were compiled into this very library")]
        // SAFETY: the bytes are part of this library, made by wasmtime at its build.
        let module = unsafe { Module::deserialize(&engine, CWASM) }.map_err(Failure::Load)?;
        Self::with(engine, &module, Limits::default())
    }

    /// A module that an engine has loaded already.
    ///
    /// # Errors
    /// [`Failure::Abi`] for a module of another version.
    pub fn with(engine: Engine, module: &Module, limits: Limits) -> Result<Self, Failure> {
        let mut linker = Linker::new(&engine);
        linker.define_unknown_imports_as_traps(module).map_err(Failure::Load)?;
        let module = linker.instantiate_pre(module).map_err(Failure::Load)?;
        let core = Self { engine, module, limits };
        let mut run = Run::start(&core)?;
        let version = run.export::<(), u32>("tillbook_abi_version")?;
        match run.guard(&version, ())? {
            ABI_VERSION => Ok(core),
            other => Err(Failure::Abi(format!("version {other}; this is {ABI_VERSION}"))),
        }
    }

    /// Runs one operation: JSON text in, JSON text out.
    ///
    /// # Errors
    /// [`Failure`] when a limit is reached or the core stops; a reply `{"error":…}` is a reply.
    pub fn call(&self, operation: &[u8], request: &[u8]) -> Result<Vec<u8>, Failure> {
        let length = operation.len().saturating_add(request.len());
        if length > REQUEST_BYTES_MAX {
            return Err(Failure::RequestTooLarge(length));
        }
        Run::start(self)?.call(operation, request)
    }
}

/// Says no to memory beyond the limit, and remembers that it did.
struct Governor {
    memory_bytes_max: usize,
    refused: bool,
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

/// One instance, alive for one call.
struct Run<'a> {
    limits: &'a Limits,
    store: Store<Governor>,
    instance: Instance,
    memory: Memory,
}

impl<'a> Run<'a> {
    fn start(core: &'a Core) -> Result<Self, Failure> {
        let limits = &core.limits;
        let governor = Governor { memory_bytes_max: limits.memory_bytes_max, refused: false };
        let mut store = Store::new(&core.engine, governor);
        store.limiter(|governor| governor);
        store.set_fuel(limits.fuel).map_err(Failure::Trapped)?;
        let instance = core
            .module
            .instantiate(&mut store)
            .map_err(|error| classify(error, limits, store.data(), None))?;
        let memory = instance
            .get_memory(&mut store, "memory")
            .ok_or_else(|| Failure::Abi(String::from("no export `memory`")))?;
        Ok(Self { limits, store, instance, memory })
    }

    fn call(mut self, operation: &[u8], request: &[u8]) -> Result<Vec<u8>, Failure> {
        let (operation_ptr, operation_len) = self.write(operation)?;
        let (request_ptr, request_len) = self.write(request)?;
        let call = self.export::<(u32, u32, u32, u32), u64>("tillbook_call")?;
        let packed = self.guard(&call, (operation_ptr, operation_len, request_ptr, request_len))?;
        let (start, length) = unpack(packed);
        if length > RESPONSE_BYTES_MAX {
            return Err(Failure::ResponseTooLarge(length));
        }
        self.read(start, length)
    }

    /// Copies `bytes` into the instance; gives pointer and length there.
    fn write(&mut self, bytes: &[u8]) -> Result<(u32, u32), Failure> {
        let length =
            u32::try_from(bytes.len()).map_err(|_| Failure::RequestTooLarge(bytes.len()))?;
        let alloc = self.export::<u32, u32>("tillbook_alloc")?;
        let pointer = self.guard(&alloc, length)?;
        self.memory.write(&mut self.store, pointer as usize, bytes).map_err(|_| {
            Failure::Abi(format!("`tillbook_alloc` gave {pointer}, out of bounds"))
        })?;
        Ok((pointer, length))
    }

    fn read(&self, start: usize, length: usize) -> Result<Vec<u8>, Failure> {
        let bytes = start
            .checked_add(length)
            .and_then(|end| self.memory.data(&self.store).get(start..end))
            .ok_or_else(|| Failure::Abi(format!("{length} bytes at {start} are not there")))?;
        Ok(bytes.to_vec())
    }

    fn export<P: WasmParams, R: WasmResults>(
        &mut self,
        name: &str,
    ) -> Result<TypedFunc<P, R>, Failure> {
        self.instance
            .get_typed_func(&mut self.store, name)
            .map_err(|error| Failure::Abi(error.to_string()))
    }

    /// Calls one export; a trap is named by the limit that it hit, or by the core's own words.
    fn guard<P: WasmParams, R: WasmResults>(
        &mut self,
        function: &TypedFunc<P, R>,
        params: P,
    ) -> Result<R, Failure> {
        function.call(&mut self.store, params).map_err(|error| {
            let panic = self.read_panic();
            classify(error, self.limits, self.store.data(), panic)
        })
    }

    /// The text of the core's last panic; readable after the trap.
    fn read_panic(&mut self) -> Option<String> {
        self.store.set_fuel(PANIC_FUEL).ok()?;
        let panic = self.export::<(), u64>("tillbook_panic").ok()?;
        let (start, length) = unpack(panic.call(&mut self.store, ()).ok()?);
        let text = self.read(start, length.min(PANIC_BYTES_MAX)).ok()?;
        let text = String::from_utf8_lossy(&text).into_owned();
        (!text.is_empty()).then_some(text)
    }
}

/// Names what stopped a call.
fn classify(
    error: wasmtime::Error,
    limits: &Limits,
    governor: &Governor,
    panic: Option<String>,
) -> Failure {
    if governor.refused {
        return Failure::OutOfMemory(limits.memory_bytes_max);
    }
    match (error.downcast_ref::<Trap>(), panic) {
        (Some(Trap::OutOfFuel), _) => Failure::OutOfFuel(limits.fuel),
        (_, Some(panic)) => Failure::Panicked(panic),
        _ => Failure::Trapped(error),
    }
}

/// Splits `ptr << 32 | len`.
fn unpack(packed: u64) -> (usize, usize) {
    ((packed >> 32) as usize, (packed & 0xffff_ffff) as usize)
}
