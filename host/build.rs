//! Embeds the module: `TILLBOOK_WASM=path` names a finished one, else it is built here.

use std::{env, error::Error, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-env-changed=TILLBOOK_WASM");
    println!("cargo:rerun-if-changed=build.rs");
    let out = PathBuf::from(env::var("OUT_DIR")?).join("tillbook.wasm");
    let source = PathBuf::from(env::var("TILLBOOK_WASM")?);
    println!("cargo:rerun-if-changed={}", source.display());
    fs::copy(&source, &out)?;
    println!("cargo:rustc-env=TILLBOOK_MODULE={}", out.display());
    Ok(())
}
