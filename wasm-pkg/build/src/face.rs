//! Checks what a module asks for and offers, before anyone runs it.

use std::path::Path;

use wasmparser::{Parser, Payload, TypeRef, ValType};

use crate::error::BuildError;

/// Where wasm-bindgen's glue answers; the only module anything may be imported from.
const GLUE: &str = "./tillbook_bg.js";

/// Exports of the raw face, and the memory they speak through.
pub const RAW_EXPORTS: [&str; 6] = [
    "memory",
    "tillbook_abi_version",
    "tillbook_alloc",
    "tillbook_call",
    "tillbook_free",
    "tillbook_panic",
];

/// What a module asks for and offers.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Face {
    /// Imports as (module, name), in the module's order.
    pub imports: Vec<(String, String)>,
    /// Names of the exports, in the module's order.
    pub exports: Vec<String>,
    /// Whether anything runs at instantiation.
    pub has_start: bool,
    /// Whether a function takes or gives more than numbers, which needs a garbage collector.
    pub has_references: bool,
}

impl Face {
    /// Reads a module's face.
    ///
    /// # Errors
    /// [`BuildError::NotAModule`].
    pub fn read(path: &Path, bytes: &[u8]) -> Result<Self, BuildError> {
        read(bytes).map_err(|error| BuildError::NotAModule {
            path: path.to_path_buf(),
            reason: error.to_string(),
        })
    }

    /// Checks that any runtime can load the module and find the raw face.
    ///
    /// # Errors
    /// [`BuildError::Face`] with the first promise that is broken.
    pub fn check(&self, path: &Path) -> Result<(), BuildError> {
        match self.complaint() {
            None => Ok(()),
            Some(reason) => Err(BuildError::Face { path: path.to_path_buf(), reason }),
        }
    }

    fn complaint(&self) -> Option<String> {
        if let Some((module, name)) = self.imports.iter().find(|(module, _)| module != GLUE) {
            return Some(format!("imports `{name}` from `{module}`; only `{GLUE}` may be asked"));
        }
        if let Some(name) =
            RAW_EXPORTS.iter().find(|name| !self.exports.iter().any(|e| e == **name))
        {
            return Some(format!("does not export `{name}`"));
        }
        if self.has_start {
            return Some(String::from("runs something when it is loaded"));
        }
        self.has_references.then(|| String::from("passes references, which not every runtime has"))
    }
}

fn read(bytes: &[u8]) -> wasmparser::Result<Face> {
    let mut face = Face::default();
    for payload in Parser::new(0).parse_all(bytes) {
        match payload? {
            Payload::TypeSection(types) => {
                for group in types.into_iter_err_on_gc_types() {
                    let function = group?;
                    let mut values = function.params().iter().chain(function.results());
                    face.has_references |= values.any(|value| matches!(value, ValType::Ref(_)));
                }
            }
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    let import = import?;
                    face.imports.push((import.module.into(), import.name.into()));
                    face.has_references |= !matches!(import.ty, TypeRef::Func(_));
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    face.exports.push(export?.name.into());
                }
            }
            Payload::StartSection { .. } => face.has_start = true,
            _ => {}
        }
    }
    face.has_start |= face.exports.iter().any(|name| name == "__wbindgen_start");
    Ok(face)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sound() -> Face {
        Face {
            imports: vec![(GLUE.into(), "__wbg_parse".into())],
            exports: RAW_EXPORTS.map(String::from).to_vec(),
            ..Face::default()
        }
    }

    fn check(change: impl FnOnce(&mut Face), expected: &str) {
        let mut face = sound();
        change(&mut face);
        let complaint = face.complaint().unwrap_or_default();
        assert!(complaint.contains(expected), "{complaint}");
    }

    #[test]
    fn a_sound_module_has_nothing_to_complain_about() {
        assert_eq!(sound().complaint(), None);
    }

    #[test]
    fn each_promise_is_checked() {
        check(
            |face| face.imports.push(("env".into(), "clock".into())),
            "imports `clock` from `env`",
        );
        check(|face| face.exports.retain(|name| name != "tillbook_free"), "`tillbook_free`");
        check(|face| face.has_start = true, "runs something");
        check(|face| face.has_references = true, "references");
    }

    #[test]
    fn a_text_file_is_no_module() {
        let error = Face::read(Path::new("core.wasm"), b"not wasm").unwrap_err();
        assert!(
            error.to_string().starts_with("`core.wasm` is not a WebAssembly module"),
            "{error}"
        );
    }
}
