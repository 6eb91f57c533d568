//! Compiled modules on disk: `<key>.cwasm`, so that a start costs well under a millisecond instead
//! of half a second.
//!
//! The file is mapped, not read: only what runs is brought in. It is trusted like the program
//! itself: written beside its place, synced, renamed, and readable by its owner alone.

use std::{
    fs::{self, File, OpenOptions},
    hash::{Hash, Hasher},
    io::{self, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};
use wasmtime::{Engine, Module};

use super::SandboxError;
use crate::store::make_folder;

/// Loads the compiled module from `folder`, or compiles it and leaves it there.
///
/// The flag says whether it was loaded.
pub(super) fn load_or_compile(
    engine: &Engine,
    wasm: &[u8],
    sha256: &str,
    folder: &Path,
) -> Result<(Module, bool), SandboxError> {
    let path = folder.join(format!("{}.cwasm", key(engine, sha256)));
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
fn key(engine: &Engine, sha256: &str) -> String {
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
    sha.write(sha256.as_bytes());
    engine.precompile_compatibility_hash().hash(&mut sha);
    hex::encode(sha.0.finalize())
}

fn load(engine: &Engine, path: &Path) -> io::Result<Module> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    if metadata.permissions().mode() & 0o077 != 0 {
        return Err(io::Error::other("others may have written the file"));
    }
    #[expect(unsafe_code, reason = "only files that this program wrote: whole, 0600, own key")]
    // SAFETY: the file was written by `save` below, for this engine's key and by this user alone;
    // it is never written to again, only replaced.
    let module = unsafe { Module::deserialize_open_file(engine, file) };
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
        .write_all(&code)
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
