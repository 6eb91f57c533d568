//! The module for a build script that embeds it.

use std::env;
use std::path::{Path, PathBuf};

use crate::error::BuildError;
use crate::module::{Built, Options, build, open};

/// Names a module that is already built, for releases and containers: nothing is compiled then.
pub const MODULE_VARIABLE: &str = "TILLBOOK_WASM";

/// Builds the module into `out_dir`, or takes the one that [`MODULE_VARIABLE`] names.
///
/// Tells cargo when to run again, and sets for the crate's code `EMBEDDED_MODULE` (the file, for
/// `include_bytes!(env!("EMBEDDED_MODULE"))`) and `EMBEDDED_MODULE_SHA256`. Call it from a build
/// script only.
///
/// # Errors
/// [`BuildError`] as for [`build`].
pub fn build_for_host(out_dir: &Path) -> Result<Built, BuildError> {
    let given = env::var_os(MODULE_VARIABLE).filter(|path| !path.is_empty()).map(PathBuf::from);
    let built = match given {
        Some(path) => open(&path)?,
        None => build(&Options::new(out_dir))?,
    };
    for line in lines(&built) {
        println!("{line}");
    }
    Ok(built)
}

/// What cargo is told.
fn lines(built: &Built) -> Vec<String> {
    let mut lines = vec![
        format!("cargo::rerun-if-env-changed={MODULE_VARIABLE}"),
        format!("cargo::rustc-env=EMBEDDED_MODULE={}", built.wasm.display()),
        format!("cargo::rustc-env=EMBEDDED_MODULE_SHA256={}", built.sha256),
    ];
    let changed = |path: &PathBuf| format!("cargo::rerun-if-changed={}", path.display());
    lines.extend(built.inputs.iter().map(changed));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_learns_what_to_watch_and_where_the_module_is() {
        let built = Built {
            wasm: PathBuf::from("/out/tillbook_bg.wasm"),
            glue: None,
            sha256: String::from("ab"),
            bytes: Vec::new(),
            inputs: vec![PathBuf::from("/w/core/src/lib.rs")],
        };
        assert_eq!(
            lines(&built),
            [
                "cargo::rerun-if-env-changed=TILLBOOK_WASM",
                "cargo::rustc-env=EMBEDDED_MODULE=/out/tillbook_bg.wasm",
                "cargo::rustc-env=EMBEDDED_MODULE_SHA256=ab",
                "cargo::rerun-if-changed=/w/core/src/lib.rs",
            ]
        );
    }
}
