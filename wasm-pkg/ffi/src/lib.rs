//! `libtillbook`: the accounting core behind a C interface, for PHP's FFI and anything else that
//! can load a library.
//!
//! It carries the module compiled ahead, so it needs no compiler. Each call runs in a fresh
//! instance with the limits of the host's sandbox. Nothing unwinds into the caller.

pub mod abi;
pub mod engine;
