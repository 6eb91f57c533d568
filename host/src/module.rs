//! The module that this program carries: the accounting core, byte for byte what the shop's
//! preview and the browser run.

/// The module's bytes.
pub const WASM: &[u8] = include_bytes!(env!("EMBEDDED_MODULE"));

/// Their SHA-256, in hex.
pub const SHA256: &str = env!("EMBEDDED_MODULE_SHA256");
