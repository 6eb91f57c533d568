//! Lets wasm-bindgen finish the module; the library is pinned by the workspace, so no tool is
//! installed and no version can differ.

use std::path::{Path, PathBuf};

use wasm_bindgen_cli_support::Bindgen;

use crate::error::BuildError;

/// Stem of the module's files: `tillbook_bg.wasm`, `tillbook.js`, `tillbook.d.ts`.
const NAME: &str = "tillbook";

/// The files wasm-bindgen wrote.
pub(crate) struct Bound {
    pub(crate) wasm: PathBuf,
    pub(crate) glue: PathBuf,
    pub(crate) typings: PathBuf,
}

/// Turns what rustc made into the module and its JavaScript.
pub(crate) fn bind(compiled: &Path, out_dir: &Path) -> Result<Bound, BuildError> {
    run(compiled, out_dir).map_err(|reason| BuildError::Bind { reason })?;
    let file = |ending: &str| out_dir.join(format!("{NAME}{ending}"));
    Ok(Bound { wasm: file("_bg.wasm"), glue: file(".js"), typings: file(".d.ts") })
}

fn run(compiled: &Path, out_dir: &Path) -> Result<(), String> {
    let mut bindgen = Bindgen::new();
    bindgen.input_path(compiled).out_name(NAME).typescript(true).omit_default_module_path(false).reset_state_function(true);
    bindgen
        .web(true)
        .and_then(|bindgen| bindgen.generate(out_dir))
        .map_err(|error| format!("{error:#}"))
}
