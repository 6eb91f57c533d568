//! The JSON Schemas that `describe` tells are the types' own.
//!
//! `UPDATE_GOLDEN=1 cargo test -p tillbook-core --features schema` rewrites them.

use std::{env, fs, path::Path};

#[test]
fn schemas_are_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/contract/schemas.json");
    let parts: Vec<String> = tillbook_core::contract::schemas()
        .into_iter()
        .map(|(name, schema)| format!("\"{name}\":{schema}"))
        .collect();
    let current = format!("{{{}}}\n", parts.join(","));
    if env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, &current).unwrap();
    }
    assert!(fs::read_to_string(path).unwrap() == current, "the types say other schemas");
}
