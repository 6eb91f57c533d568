//! One build of the module: compile, finish, check.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::bind::bind;
use crate::compile::compile;
use crate::dep_file;
use crate::error::BuildError;
use crate::face::Face;

/// Where the sources are and where the results go.
#[derive(Debug, Clone)]
pub struct Options {
    /// Root of the workspace that holds `tillbook-wasm`.
    pub workspace: PathBuf,
    /// Target folder of the inner cargo; never the outer one's, whose lock is held.
    pub target_dir: PathBuf,
    /// Where the module and its JavaScript are written.
    pub out_dir: PathBuf,
}

impl Options {
    /// This workspace, with the inner target folder under the outer one, so that a cache of the
    /// outer folder keeps both.
    #[must_use]
    pub fn new(out_dir: impl Into<PathBuf>) -> Self {
        let workspace = workspace();
        let target_dir = outer_target_dir(&workspace).join("module");
        Self { workspace, target_dir, out_dir: out_dir.into() }
    }
}

/// A module that is built and checked.
#[derive(Debug, Clone)]
pub struct Built {
    /// The module itself.
    pub wasm: PathBuf,
    /// wasm-bindgen's JavaScript, and its typings; none when the module was given, not built.
    pub glue: Option<(PathBuf, PathBuf)>,
    /// SHA-256 of the module in hexadecimal, as shown wherever it runs.
    pub sha256: String,
    /// The module's bytes.
    pub bytes: Vec<u8>,
    /// Files that make the module stale when they change.
    pub inputs: Vec<PathBuf>,
}

/// Builds the module.
///
/// # Errors
/// [`BuildError`]: a missing target, a compile error, or a module without its two faces.
pub fn build(options: &Options) -> Result<Built, BuildError> {
    fs::create_dir_all(&options.out_dir).map_err(BuildError::file("create", &options.out_dir))?;
    let compiled = compile(&options.workspace, &options.target_dir)?;
    let bound = bind(&compiled.wasm, &options.out_dir)?;
    let deps = fs::read_to_string(&compiled.dep_file)
        .map_err(BuildError::file("read", &compiled.dep_file))?;
    let mut built = open(&bound.wasm)?;
    built.glue = Some((bound.glue, bound.typings));
    built.inputs = dep_file::sources(&deps);
    built.inputs.extend(manifests(&options.workspace));
    Ok(built)
}

/// Reads and checks a module that is already there.
///
/// # Errors
/// [`BuildError`] when it cannot be read or lacks a face.
pub(crate) fn open(path: &Path) -> Result<Built, BuildError> {
    let bytes = fs::read(path).map_err(BuildError::file("read", path))?;
    Face::read(path, &bytes)?.check(path)?;
    Ok(Built {
        wasm: path.to_path_buf(),
        glue: None,
        sha256: hex::encode(Sha256::digest(&bytes)),
        bytes,
        inputs: vec![path.to_path_buf()],
    })
}

/// What decides the module besides its sources.
fn manifests(workspace: &Path) -> impl Iterator<Item = PathBuf> {
    ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", "core/Cargo.toml", "wasm-pkg/Cargo.toml"]
        .into_iter()
        .map(|name| workspace.join(name))
}

/// Root of the workspace: the checkout whose package cargo runs now, else the one this crate was
/// compiled in. Checkouts that share a target folder share this crate, but not their sources.
pub(crate) fn workspace() -> PathBuf {
    let running = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    running.as_deref().and_then(checkout_of).unwrap_or_else(|| {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        here.ancestors().nth(2).unwrap_or(here).to_path_buf()
    })
}

/// The checkout around a folder, if it is one of this project.
fn checkout_of(folder: &Path) -> Option<PathBuf> {
    let root = folder.ancestors().find(|root| root.join("wasm-pkg/build/Cargo.toml").is_file());
    root.map(Path::to_path_buf)
}

/// The target folder of the cargo that runs us.
fn outer_target_dir(workspace: &Path) -> PathBuf {
    let program = env::current_exe().unwrap_or_default();
    target_dir_of(&program).unwrap_or_else(|| workspace.join("target"))
}

/// The target folder in which cargo put a program: the parent of the profile's folder, which cargo
/// locks. Its `CACHEDIR.TAG` says less: cargo leaves it out of a folder that was there before.
fn target_dir_of(program: &Path) -> Option<PathBuf> {
    let profile = program.ancestors().find(|folder| folder.join(".cargo-lock").is_file())?;
    profile.parent().map(Path::to_path_buf)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inner_target_folder_is_below_the_outer_one() {
        let options = Options::new("out");
        let program = env::current_exe().unwrap();
        assert!(program.starts_with(options.target_dir.parent().unwrap()), "{options:?}");
        assert!(options.target_dir.ends_with("module"));
    }

    #[test]
    fn the_checkout_around_a_package_is_found() {
        let root = tempfile::tempdir().unwrap();
        let package = root.path().join("host");
        fs::create_dir_all(&package).unwrap();
        assert_eq!(checkout_of(&package), None);
        let here = root.path().join("wasm-pkg/build");
        fs::create_dir_all(&here).unwrap();
        fs::write(here.join("Cargo.toml"), "").unwrap();
        assert_eq!(checkout_of(&package), Some(root.path().to_path_buf()));
    }

    #[test]
    fn a_target_folder_that_was_there_before_cargo_is_found() {
        let target = tempfile::tempdir().unwrap();
        let profile = target.path().join("debug");
        let program = profile.join("build/tillbook-host-1/build-script-build");
        fs::create_dir_all(program.parent().unwrap()).unwrap();
        fs::write(profile.join(".cargo-lock"), "").unwrap();
        assert_eq!(target_dir_of(&program).unwrap(), target.path());
        assert_eq!(target_dir_of(Path::new("/nowhere/program")), None);
    }

    #[test]
    fn the_workspace_holds_the_module_crate() {
        for manifest in manifests(&workspace()) {
            assert!(manifest.is_file(), "{}", manifest.display());
        }
    }

    #[test]
    fn a_missing_module_is_named() {
        let error = open(Path::new("nowhere.wasm")).unwrap_err();
        assert_eq!(error.to_string(), "cannot read `nowhere.wasm`");
    }
}
