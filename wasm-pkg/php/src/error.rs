//! Why a module is not translated.

use std::io;
use std::path::PathBuf;

/// Why there is no PHP: what the translator does not turn into exactly the same, by name.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The bytes are no valid module.
    #[error("the module is not valid: {0}")]
    Invalid(#[from] wasmparser::BinaryReaderError),
    /// An instruction that is not translated.
    #[error("function {function}, offset {offset:#x}: the instruction `{name}` is not translated")]
    Operator {
        /// Its name, as the text format has it.
        name: String,
        /// Index of the function, imports counted.
        function: u32,
        /// Where in the file.
        offset: usize,
    },
    /// A type that a translated function uses.
    #[error("function {function}: {what} is not translated")]
    Type {
        /// Which type, and where.
        what: String,
        /// Index of the function, imports counted.
        function: u32,
    },
    /// Something about the module as a whole.
    #[error("the module has {what}, which is not translated")]
    Section {
        /// What it has.
        what: String,
    },
    /// An import that is neither a function of the glue nor anything that can be left out.
    #[error("the module imports `{module}::{name}`, which is {what}: only functions can be trapped")]
    Import {
        /// The module it comes from.
        module: String,
        /// Its name there.
        name: String,
        /// What it is.
        what: String,
    },
    /// None of the exports that were asked for is there.
    #[error("the module exports no function that was asked for")]
    NoExport,
    /// The translator contradicts itself: a defect of ours, said rather than passed over.
    #[error("function {function}: {what}; this is a defect of the translator")]
    Defect {
        /// What does not fit.
        what: &'static str,
        /// Index of the function.
        function: u32,
    },
    /// A file could not be read or written.
    #[error("cannot {action} `{}`: {source}", path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
}
