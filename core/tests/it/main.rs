//! One test binary: links once.

mod cases;
mod corpus;
mod findings;
#[cfg(feature = "schema")]
mod schemas;
