//! Xero's side: the chart of an organisation, documents, Xero's own arithmetic, and the bytes
//! that a request holds.

pub mod arithmetic;
pub mod chart;
pub mod document;
pub(crate) mod response;
pub mod standing;
pub mod wire;
