//! Compiled modules on disk: `<key>.cwasm`, so that a start costs 0.2 ms instead of 150 ms.

use std::{
    fs::{self, File, OpenOptions},
    hash::{Hash, Hasher},
    io::{self, Read, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};
use wasmtime::{Engine, Module};

use super::SandboxError;
use crate::store::make_folder;

/// Bytes of the checksum that goes before the compiled code.
const CHECKSUM_BYTES: usize = 32;

/// A compiled module is some megabytes; a longer file is not ours.
const FILE_BYTES_MAX: u64 = 64 << 20;

/// Loads the compiled module from `folder`, or compiles it and leaves it there.
///
/// The flag says whether it was loaded.
pub(super) fn load_or_compile(
    engine: &Engine,
    wasm: &[u8],
    folder: &Path,
) -> Result<(Module, bool), SandboxError> {
    let path = folder.join(format!("{}.cwasm", key(engine, wasm)));
    match load(engine, &path) {
        Ok(module) => return Ok((module, true)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => tracing::warn!(path = %path.display(), %error, "compiling the module again"),
    }
    let module = Module::new(engine, wasm).map_err(SandboxError::Compile)?;
    if let Err(error) = save(&module, &path) {
        tracing::warn!(path = %path.display(), %error, "the compiled module is not kept");
    }
    Ok((module, false))
}

/// SHA-256 over the module, wasmtime's version and everything configured.
fn key(engine: &Engine, wasm: &[u8]) -> String {
    struct Sha(Sha256);
    impl Hasher for Sha {
        fn write(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }
        fn finish(&self) -> u64 {
            0
        }
    }
    let mut sha = Sha(Sha256::new());
    sha.write(&Sha256::digest(wasm));
    engine.precompile_compatibility_hash().hash(&mut sha);
    hex::encode(sha.0.finalize())
}

fn load(engine: &Engine, path: &Path) -> io::Result<Module> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    if metadata.permissions().mode() & 0o077 != 0 {
        return Err(io::Error::other("others may have written the file"));
    }
    let mut bytes = Vec::new();
    file.take(FILE_BYTES_MAX).read_to_end(&mut bytes)?;
    let (checksum, code) = bytes
        .split_at_checked(CHECKSUM_BYTES)
        .filter(|(checksum, code)| *checksum == Sha256::digest(code).as_slice())
        .ok_or_else(|| io::Error::other("the file is damaged"))?;
    tracing::debug!(checksum = hex::encode(checksum), "loaded the compiled module");
    #[expect(unsafe_code, reason = "only files that this program wrote: 0600, checksum, own key")]
    // SAFETY: the file was written by `save` below, for this engine's key, by this user alone,
    // and its checksum shows that it is whole.
    let module = unsafe { Module::deserialize(engine, code) };
    module.map_err(io::Error::other)
}

/// Writes beside the place and renames, so that nobody ever reads half a file.
fn save(module: &Module, path: &Path) -> io::Result<()> {
    let code = module.serialize().map_err(io::Error::other)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    make_folder(folder)?;
    let temporary = temporary_path(path);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
    let written = file
        .write_all(Sha256::digest(&code).as_slice())
        .and_then(|()| file.write_all(&code))
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // A file that could not be finished is of no use; its own failure adds nothing.
        fs::remove_file(&temporary).ok();
    }
    written
}

fn temporary_path(path: &Path) -> PathBuf {
    path.with_extension(format!("{}.tmp", uuid::Uuid::new_v4().simple()))
}
