//! Lets wasm-bindgen finish the module; the library is pinned by the workspace, so no tool is
//! installed and no version can differ.

use std::fs;
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

/// What resetting an instance runs, whether or not the module has anything to run.
const START: &str = "wasm.__wbindgen_start();";

/// Turns what rustc made into the module and its JavaScript.
pub(crate) fn bind(compiled: &Path, out_dir: &Path) -> Result<Bound, BuildError> {
    run(compiled, out_dir).map_err(|reason| BuildError::Bind { reason })?;
    let file = |ending: &str| out_dir.join(format!("{NAME}{ending}"));
    let bound = Bound { wasm: file("_bg.wasm"), glue: file(".js"), typings: file(".d.ts") };
    let glue = fs::read_to_string(&bound.glue).map_err(BuildError::file("read", &bound.glue))?;
    let glue = without_start(&glue).map_err(|reason| BuildError::Bind { reason })?;
    fs::write(&bound.glue, glue).map_err(BuildError::file("write", &bound.glue))?;
    Ok(bound)
}

fn run(compiled: &Path, out_dir: &Path) -> Result<(), String> {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(compiled)
        .out_name(NAME)
        .typescript(true)
        .omit_default_module_path(false)
        // After a trap the loader needs a new instance in the same page.
        .reset_state_function(true);
    bindgen
        .web(true)
        .and_then(|bindgen| bindgen.generate(out_dir))
        .map_err(|error| format!("{error:#}"))
}

/// Our module has no start function (its face is checked), so resetting may not call one.
fn without_start(glue: &str) -> Result<String, String> {
    if glue.matches(START).count() == 1 {
        Ok(glue.replace(START, ""))
    } else {
        Err(format!("the JavaScript was to hold `{START}` once"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resetting_runs_nothing() {
        assert_eq!(without_start("a();\nwasm.__wbindgen_start();\n"), Ok("a();\n\n".into()));
        assert!(without_start("a();").is_err());
    }
}
