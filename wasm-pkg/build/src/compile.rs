//! Runs cargo for the module, so that the same sources give the same bytes anywhere.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::environment;
use crate::error::BuildError;

/// The module's target.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// What cargo left behind.
pub(crate) struct Compiled {
    /// The module before wasm-bindgen has seen it.
    pub(crate) wasm: PathBuf,
    /// rustc's list of the sources it read.
    pub(crate) dep_file: PathBuf,
}

/// Compiles `tillbook-wasm` in `workspace` into `target_dir`.
pub(crate) fn compile(workspace: &Path, target_dir: &Path) -> Result<Compiled, BuildError> {
    let rustc = Rustc::ask(workspace)?;
    let mut cargo = Command::new(tool("CARGO", "cargo"));
    environment::clean(&mut cargo);
    cargo
        .current_dir(workspace)
        // `--crate-type`: cargo gives up link-time optimisation when a library is also an rlib.
        .args([
            "rustc",
            "--locked",
            "--package",
            "tillbook-wasm",
            "--lib",
            "--crate-type",
            "cdylib",
        ])
        .args(["--profile", "wasm", "--target", TARGET, "--target-dir"])
        .arg(target_dir)
        .env("CARGO_ENCODED_RUSTFLAGS", flags(workspace, &cargo_home(), &rustc))
        // A build script speaks to cargo on its standard output: nothing else may appear there.
        .stdout(Stdio::null());
    let status = cargo
        .status()
        .map_err(|source| BuildError::Tool { tool: String::from("cargo"), source })?;
    if !status.success() {
        return Err(BuildError::Compile { status });
    }
    let folder = target_dir.join(TARGET).join("wasm");
    Ok(Compiled {
        wasm: folder.join("tillbook_wasm.wasm"),
        dep_file: folder.join("tillbook_wasm.d"),
    })
}

/// The compiler that will be used, as far as the flags depend on it.
struct Rustc {
    sysroot: PathBuf,
    commit: String,
}

impl Rustc {
    fn ask(workspace: &Path) -> Result<Self, BuildError> {
        check_target(&ask(workspace, &["--print", "target-libdir", "--target", TARGET])?)?;
        let sysroot = PathBuf::from(ask(workspace, &["--print", "sysroot"])?.trim());
        let version = ask(workspace, &["-vV"])?;
        let commit = version.lines().find_map(|line| line.strip_prefix("commit-hash: "));
        let Some(commit) = commit else {
            return Err(BuildError::ToolAnswer {
                tool: String::from("rustc"),
                what: "commit hash",
            });
        };
        Ok(Self { sysroot, commit: String::from(commit) })
    }
}

/// rustc names the folder of a target's libraries whether or not they are installed.
fn check_target(libraries: &str) -> Result<(), BuildError> {
    if Path::new(libraries.trim()).is_dir() { Ok(()) } else { Err(BuildError::TargetMissing) }
}

fn ask(workspace: &Path, arguments: &[&str]) -> Result<String, BuildError> {
    let mut rustc = Command::new(tool("RUSTC", "rustc"));
    environment::clean(&mut rustc);
    let output = rustc
        .current_dir(workspace)
        .args(arguments)
        .output()
        .map_err(|source| BuildError::Tool { tool: String::from("rustc"), source })?;
    String::from_utf8(output.stdout)
        .map_err(|_| BuildError::ToolAnswer { tool: String::from("rustc"), what: "path in UTF-8" })
}

/// Flags in cargo's own encoding: the one place that decides them.
fn flags(workspace: &Path, cargo_home: &Path, rustc: &Rustc) -> OsString {
    // Without reference types every import takes only numbers, so any runtime can load the file.
    let mut flags = OsString::from("-Ctarget-feature=-reference-types");
    // The last prefix that fits wins, so the narrow ones come last.
    for (from, to) in prefixes(workspace, cargo_home, rustc) {
        flags.push("\u{1f}--remap-path-prefix=");
        flags.push(from);
        flags.push("=");
        flags.push(to);
    }
    flags
}

/// Places of this machine that would otherwise be written into panic messages.
fn prefixes(workspace: &Path, cargo_home: &Path, rustc: &Rustc) -> Vec<(PathBuf, String)> {
    let mut prefixes = vec![
        (cargo_home.to_path_buf(), String::from("/cargo")),
        (workspace.to_path_buf(), String::from("/src")),
        (rustc.sysroot.join("lib/rustlib/src/rust"), format!("/rustc/{}", rustc.commit)),
    ];
    // The folder below `registry/src` is named after the registry or its mirror.
    let registries = fs::read_dir(cargo_home.join("registry/src")).into_iter().flatten();
    let mut sources: Vec<PathBuf> = registries.flatten().map(|entry| entry.path()).collect();
    sources.sort();
    prefixes.extend(sources.into_iter().map(|path| (path, String::from("/cargo/crates"))));
    prefixes
}

fn cargo_home() -> PathBuf {
    env::var_os("CARGO_HOME")
        .map_or_else(|| env::home_dir().unwrap_or_default().join(".cargo"), PathBuf::from)
}

fn tool(variable: &str, name: &str) -> OsString {
    env::var_os(variable).unwrap_or_else(|| OsString::from(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_turn_reference_types_off_and_hide_this_machine() {
        let rustc = Rustc { sysroot: PathBuf::from("/tools/rust"), commit: String::from("abc") };
        let flags = flags(Path::new("/home/me/shop"), Path::new("/nowhere/cargo"), &rustc);
        let text = flags.into_string().unwrap();
        assert_eq!(
            text.split('\u{1f}').collect::<Vec<_>>(),
            [
                "-Ctarget-feature=-reference-types",
                "--remap-path-prefix=/nowhere/cargo=/cargo",
                "--remap-path-prefix=/home/me/shop=/src",
                "--remap-path-prefix=/tools/rust/lib/rustlib/src/rust=/rustc/abc",
            ]
        );
    }

    #[test]
    fn a_missing_target_is_answered_with_the_cure() {
        let error = check_target("/nowhere/lib/rustlib/wasm32-unknown-unknown/lib\n").unwrap_err();
        let cure = "rustup target add wasm32-unknown-unknown";
        assert!(error.to_string().contains(cure), "{error}");
        let folder = tempfile::tempdir().unwrap();
        assert!(check_target(&format!("{}\n", folder.path().display())).is_ok());
    }

    #[test]
    fn every_registry_folder_gets_the_same_name() {
        let home = tempfile::tempdir().unwrap();
        for name in ["index.crates.io-1", "mirror-2"] {
            fs::create_dir_all(home.path().join("registry/src").join(name)).unwrap();
        }
        let rustc = Rustc { sysroot: PathBuf::new(), commit: String::new() };
        let prefixes = prefixes(Path::new("/w"), home.path(), &rustc);
        let crates = prefixes.iter().filter(|(_, to)| to == "/cargo/crates").count();
        assert_eq!(crates, 2);
    }
}
