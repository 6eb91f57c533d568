//! TypeScript from JSON Schema, so that the contract is written down once, in Rust.
//!
//! Understands what serde's shapes become in draft 2020-12. A keyword that it does not know is an
//! error, never a silent `any`.

mod collect;
mod render;

use serde_json::Value;

use crate::error::BuildError;

/// Writes a `.d.ts` with one exported type per schema and per definition inside one.
///
/// Roots come first and in the order given, definitions after them by name. Two schemas may define
/// a name differently, as a field that may be left out on the way in is always there on the way
/// out: what requests define keeps the name, the other becomes `NameOutput`.
///
/// # Errors
/// [`BuildError::Schema`] when a text is no JSON, names a definition that is not there, or uses a
/// keyword without a TypeScript form.
pub fn write_typings(schemas: &[(&str, String)]) -> Result<String, BuildError> {
    let mut roots = Vec::with_capacity(schemas.len());
    for (name, text) in schemas {
        let root: Value =
            serde_json::from_str(text).map_err(|error| refuse(name, error.to_string()))?;
        roots.push((*name, root));
    }
    let mut typings = String::from("// Generated from the contract's JSON Schemas.\n");
    for (name, schema) in collect::collect(&roots)? {
        typings.push('\n');
        typings.push_str(&render::declare(&name, &schema).map_err(|reason| refuse(&name, reason))?);
    }
    Ok(typings)
}

fn refuse(name: &str, reason: String) -> BuildError {
    BuildError::Schema { name: String::from(name), reason }
}

#[cfg(test)]
mod tests;
