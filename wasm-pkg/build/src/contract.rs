//! The types of the contract, for the npm package.

/// The contract's types as (name, JSON Schema), in the order they are written out.
///
/// The typed functions of `tillbook-wasm` name these types in their signatures.
#[must_use]
pub fn schemas() -> Vec<(&'static str, String)> {
    [
        ("DescribeResponse", "What this core is and can do."),
        ("ProposeRequest", "What is known of a shop and its ledger."),
        ("ProposeResponse", "Settings that fit them."),
        ("CheckRequest", "Settings and the chart of accounts they are for."),
        ("CheckResponse", "What is wrong with them."),
        ("MapRequest", "Orders, settings and the chart of accounts."),
        ("MapResponse", "The Xero documents they become."),
    ]
    .map(|(name, text)| (name, format!(r#"{{"description":"{text}","type":"object"}}"#)))
    .to_vec()
}
