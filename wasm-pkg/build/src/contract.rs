//! The types of the contract, for the npm package.

/// The contract's types as (name, JSON Schema); the typed functions of `tillbook-wasm` name them.
pub use tillbook_core::contract::schemas;
