//! Builds the module and its npm package from cargo alone.
//!
//! [`build`] compiles `tillbook-wasm` for `wasm32-unknown-unknown`, lets wasm-bindgen finish it,
//! and checks that the result is what every runtime expects. `host/build.rs` uses
//! [`build_for_host`]; `cargo run -p tillbook-module` assembles the npm package.
//!
//! The same sources give the same bytes in any folder: the flags and the environment of the inner
//! cargo are set here, and nothing else reaches it.

mod bind;
mod compile;
mod contract;
mod dep_file;
mod environment;
mod error;
mod face;
mod host;
mod module;
mod package;
mod size;
mod typings;

pub use contract::schemas;
pub use error::BuildError;
pub use face::{Face, RAW_EXPORTS};
pub use host::{MODULE_VARIABLE, build_for_host};
pub use module::{Built, Options, build};
pub use package::{Package, assemble};
pub use size::{BROTLI_BYTES_MAX, Size, check_budget, measure};
pub use typings::write_typings;
