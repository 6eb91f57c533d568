//! The core as one WebAssembly module with two faces.
//!
//! [`raw`] is for any runtime: five exports over linear memory. [`js`] is for JavaScript, through
//! wasm-bindgen. Both are thin shells over [`tillbook_core::call`]: no rule lives here, and the
//! same file serves both.

pub mod js;
pub mod panic_text;
pub mod raw;
