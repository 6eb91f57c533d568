//! Runs the accounting core inside wasmtime, with a hard limit on everything.
//!
//! One [`Sandbox`] holds the compiled module; each [`Sandbox::call`] runs in a fresh instance, so
//! nothing survives from one request to the next and a trapped instance is never used again.

mod cache;
mod limits;

use std::path::Path;

use sha2::{Digest, Sha256};
use wasmtime::{
    Config, Enabled, Engine, Instance, InstanceAllocationStrategy, InstancePre, Linker, Memory,
    Module, PoolingAllocationConfig, Store, TypedFunc, WasmParams, WasmResults,
};

pub use limits::{
    CONCURRENT_MAX, FUEL, Limits, MEMORY_BYTES_MAX, REQUEST_BYTES_MAX, RESPONSE_BYTES_MAX,
    SandboxError,
};

use crate::module;
use limits::Governor;

/// The version of the raw face that this host speaks (`tillbook_abi_version`).
pub const ABI_VERSION: u32 = 1;

/// The only module name that imports may have: the JavaScript glue, which never runs here.
pub const GLUE_MODULE: &str = "./tillbook_bg.js";

/// What the pool keeps in place between two calls, so that a fresh instance costs microseconds.
const KEEP_RESIDENT_BYTES: usize = 256 << 10;

/// Fuel for reading the panic text out of an instance that has trapped.
const PANIC_FUEL: u64 = 1_000_000;

/// A panic text longer than this is cut.
const PANIC_BYTES_MAX: usize = 4 << 10;

/// The compiled core, ready to run.
pub struct Sandbox {
    engine: Engine,
    module: InstancePre<Governor>,
    limits: Limits,
    sha256: String,
    loaded: bool,
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox")
            .field("sha256", &self.sha256)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl Sandbox {
    /// Compiles `wasm`, or loads it from `cache` where an earlier run has compiled it.
    ///
    /// A cache that cannot be read or written only costs the time to compile.
    ///
    /// # Errors
    /// [`SandboxError::Compile`] for bytes that are no module, [`SandboxError::ForbiddenImport`]
    /// for a module that wants more than the glue, [`SandboxError::Abi`] for one that speaks
    /// another version.
    pub fn new(wasm: &[u8], limits: Limits, cache: Option<&Path>) -> Result<Self, SandboxError> {
        Self::build(wasm, hex::encode(Sha256::digest(wasm)), limits, cache)
    }

    /// The same for the module that this program carries, whose SHA-256 is known since the build.
    ///
    /// # Errors
    /// As [`Sandbox::new`].
    pub fn embedded(limits: Limits, cache: Option<&Path>) -> Result<Self, SandboxError> {
        Self::build(module::WASM, String::from(module::SHA256), limits, cache)
    }

    fn build(
        wasm: &[u8],
        sha256: String,
        limits: Limits,
        cache: Option<&Path>,
    ) -> Result<Self, SandboxError> {
        let engine = Engine::new(&configure(limits)?).map_err(SandboxError::Compile)?;
        let (module, loaded) = match cache {
            Some(folder) => cache::load_or_compile(&engine, wasm, &sha256, folder)?,
            None => (Module::new(&engine, wasm).map_err(SandboxError::Compile)?, false),
        };
        check_imports(&module)?;
        let mut linker = Linker::new(&engine);
        linker.define_unknown_imports_as_traps(&module).map_err(SandboxError::Compile)?;
        let module = linker.instantiate_pre(&module).map_err(SandboxError::Compile)?;
        let sandbox = Self { engine, module, limits, sha256, loaded };
        sandbox.check_abi()?;
        Ok(sandbox)
    }

    /// The SHA-256 of the module, in hex: the same wherever this module runs.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The limits of each call.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Whether the compiled code came from the cache.
    #[must_use]
    pub fn loaded_from_cache(&self) -> bool {
        self.loaded
    }

    /// Runs one operation of the core: JSON text in, JSON text out.
    ///
    /// # Errors
    /// [`SandboxError`] when a limit is reached or the core stops; the reply
    /// `{"error":…}` of the core itself is not an error here.
    pub fn call(&self, operation: &str, request: &[u8]) -> Result<Vec<u8>, SandboxError> {
        let max = self.limits.request_bytes_max;
        let len = operation.len().saturating_add(request.len());
        if len > max {
            return Err(SandboxError::RequestTooLarge { len, max });
        }
        Run::start(self)?.call(operation.as_bytes(), request)
    }

    fn check_abi(&self) -> Result<(), SandboxError> {
        let mut run = Run::start(self)?;
        let version = run.export::<(), u32>("tillbook_abi_version")?;
        let actual = run.guard(&version, ())?;
        if actual == ABI_VERSION {
            Ok(())
        } else {
            Err(SandboxError::Abi(format!("version {actual}; this host speaks {ABI_VERSION}")))
        }
    }
}

fn configure(limits: Limits) -> Result<Config, SandboxError> {
    let count = limits.concurrent_max;
    let mut pool = PoolingAllocationConfig::default();
    pool.total_memories(count)
        .total_core_instances(count)
        .total_tables(count)
        .max_memory_size(limits.memory_bytes_max)
        .linear_memory_keep_resident(KEEP_RESIDENT_BYTES)
        .pagemap_scan(Enabled::Auto);
    if count == 0 {
        return Err(SandboxError::Abi(String::from("no instance is allowed to run")));
    }
    let mut config = Config::new();
    config
        .consume_fuel(true)
        .wasm_backtrace_max_frames(None)
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    Ok(config)
}

/// INVARIANT: nothing of the host can be reached from inside.
fn check_imports(module: &Module) -> Result<(), SandboxError> {
    match module.imports().find(|import| import.module() != GLUE_MODULE) {
        None => Ok(()),
        Some(import) => {
            Err(SandboxError::ForbiddenImport(format!("{}::{}", import.module(), import.name())))
        }
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
    fn start(sandbox: &'a Sandbox) -> Result<Self, SandboxError> {
        let limits = &sandbox.limits;
        let mut store = Store::new(&sandbox.engine, Governor::new(limits.memory_bytes_max));
        store.limiter(|governor| governor);
        store.set_fuel(limits.fuel).map_err(SandboxError::Trapped)?;
        let instance = sandbox
            .module
            .instantiate(&mut store)
            .map_err(|error| limits::classify(error, limits, store.data(), None))?;
        let memory = instance
            .get_memory(&mut store, "memory")
            .ok_or_else(|| SandboxError::Abi(String::from("no export `memory`")))?;
        Ok(Self { limits, store, instance, memory })
    }

    fn call(mut self, operation: &[u8], request: &[u8]) -> Result<Vec<u8>, SandboxError> {
        let (operation_ptr, operation_len) = self.write(operation)?;
        let (request_ptr, request_len) = self.write(request)?;
        let call = self.export::<(u32, u32, u32, u32), u64>("tillbook_call")?;
        let packed = self.guard(&call, (operation_ptr, operation_len, request_ptr, request_len))?;
        let (start, len) = unpack(packed);
        let max = self.limits.response_bytes_max;
        if len > max {
            return Err(SandboxError::ResponseTooLarge { len, max });
        }
        self.read(start, len)
    }

    /// Copies `bytes` into the instance; gives pointer and length there.
    fn write(&mut self, bytes: &[u8]) -> Result<(u32, u32), SandboxError> {
        let max = u32::MAX as usize;
        let len = u32::try_from(bytes.len())
            .map_err(|_| SandboxError::RequestTooLarge { len: bytes.len(), max })?;
        let alloc = self.export::<u32, u32>("tillbook_alloc")?;
        let ptr = self.guard(&alloc, len)?;
        self.memory.write(&mut self.store, ptr as usize, bytes).map_err(|_| {
            SandboxError::Abi(format!("`tillbook_alloc` gave {ptr}, out of bounds"))
        })?;
        Ok((ptr, len))
    }

    fn read(&self, start: usize, len: usize) -> Result<Vec<u8>, SandboxError> {
        let bytes = start
            .checked_add(len)
            .and_then(|end| self.memory.data(&self.store).get(start..end))
            .ok_or_else(|| SandboxError::Abi(format!("{len} bytes at {start} are not there")))?;
        Ok(bytes.to_vec())
    }

    fn export<P: WasmParams, R: WasmResults>(
        &mut self,
        name: &str,
    ) -> Result<TypedFunc<P, R>, SandboxError> {
        self.instance
            .get_typed_func(&mut self.store, name)
            .map_err(|error| SandboxError::Abi(error.to_string()))
    }

    /// Calls one export; a trap is named by the limit that it hit, or by the core's own words.
    fn guard<P: WasmParams, R: WasmResults>(
        &mut self,
        function: &TypedFunc<P, R>,
        params: P,
    ) -> Result<R, SandboxError> {
        function.call(&mut self.store, params).map_err(|error| {
            let panic = self.read_panic();
            limits::classify(error, self.limits, self.store.data(), panic)
        })
    }

    /// The text of the core's last panic; readable after the trap, empty when there was none.
    fn read_panic(&mut self) -> Option<String> {
        self.store.set_fuel(PANIC_FUEL).ok()?;
        let panic = self.export::<(), u64>("tillbook_panic").ok()?;
        let (start, len) = unpack(panic.call(&mut self.store, ()).ok()?);
        let text = self.read(start, len.min(PANIC_BYTES_MAX)).ok()?;
        let text = String::from_utf8_lossy(&text).into_owned();
        (!text.is_empty()).then_some(text)
    }
}

/// Splits `ptr << 32 | len`.
fn unpack(packed: u64) -> (usize, usize) {
    ((packed >> 32) as usize, (packed & 0xffff_ffff) as usize)
}
