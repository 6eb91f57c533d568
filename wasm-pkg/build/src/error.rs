//! What can go wrong while the module is built.

use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;

/// Why there is no module.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The compiler has no standard library for the module's target.
    #[error(
        "the Rust target wasm32-unknown-unknown is not installed; \
         run `rustup target add wasm32-unknown-unknown`"
    )]
    TargetMissing,
    /// A tool could not be started at all.
    #[error("cannot run `{tool}`")]
    Tool {
        /// What was to run.
        tool: String,
        /// Why it did not.
        source: io::Error,
    },
    /// The compiler said something that cannot be understood.
    #[error("`{tool}` did not say its {what}")]
    ToolAnswer {
        /// What was run.
        tool: String,
        /// What was missing in its answer.
        what: &'static str,
    },
    /// The inner cargo failed; its messages are above.
    #[error("cargo could not compile tillbook-wasm: {status}")]
    Compile {
        /// How cargo ended.
        status: ExitStatus,
    },
    /// A file or folder could not be read or written.
    #[error("cannot {action} `{}`", path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// wasm-bindgen refused the compiled module.
    #[error("wasm-bindgen cannot finish the module: {reason}")]
    Bind {
        /// Its own words.
        reason: String,
    },
    /// The file is not a WebAssembly module.
    #[error("`{}` is not a WebAssembly module: {reason}", path.display())]
    NotAModule {
        /// The file.
        path: PathBuf,
        /// What the reader met.
        reason: String,
    },
    /// The module does not have the two faces that every runtime counts on.
    #[error("the module at `{}` {reason}", path.display())]
    Face {
        /// The file.
        path: PathBuf,
        /// Which promise is broken.
        reason: String,
    },
    /// The module is larger than the budget allows.
    #[error("the module takes {brotli} bytes with brotli, the budget is {max}")]
    OverBudget {
        /// Its size.
        brotli: usize,
        /// What is allowed.
        max: usize,
    },
    /// A schema of the contract cannot be turned into a type.
    #[error("the schema of `{name}` has no TypeScript form: {reason}")]
    Schema {
        /// The contract type.
        name: String,
        /// What stands in the way.
        reason: String,
    },
    /// A file of the npm package says something else than the workspace.
    #[error("`{}`: {reason}", path.display())]
    Package {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

impl BuildError {
    /// Turns an input or output error on `path` into one that names it.
    pub(crate) fn file(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { action, path, source }
    }
}
