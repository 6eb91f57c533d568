//! Embeds the module, built from this workspace's own sources; `TILLBOOK_WASM=path` names a
//! finished one instead.

use std::{env, error::Error, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=migrations");
    tillbook_module::build_for_host(&PathBuf::from(env::var("OUT_DIR")?))?;
    Ok(())
}
