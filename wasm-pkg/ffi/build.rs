//! Embeds the compiled module that `TILLBOOK_CWASM` names, with the SHA-256 that lies beside it.
//! Without it the library is built all the same, for whoever lints the workspace, and says when it
//! is asked that it carries no module.

use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
};

const VARIABLE: &str = "TILLBOOK_CWASM";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed={VARIABLE}");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let given = env::var_os(VARIABLE).filter(|path| !path.is_empty()).map(PathBuf::from);
    let (path, sha256) = match given {
        Some(path) => {
            let beside = path.with_extension("sha256");
            for watched in [&path, &beside] {
                println!("cargo::rerun-if-changed={}", watched.display());
            }
            (fs::canonicalize(&path)?, fs::read_to_string(&beside)?)
        }
        None => (empty(&out)?, String::new()),
    };
    println!("cargo::rustc-env=EMBEDDED_CWASM={}", path.display());
    println!("cargo::rustc-env=EMBEDDED_SHA256={}", sha256.trim());
    // Signal handlers and thread-locals of wasmtime must outlive whoever closes the library.
    if env::var("CARGO_CFG_TARGET_OS")? == "linux" {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
    Ok(())
}

fn empty(out: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let path = out.join("none.cwasm");
    fs::write(&path, [])?;
    Ok(path)
}
