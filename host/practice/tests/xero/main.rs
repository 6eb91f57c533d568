//! The practice Xero against its specification.

mod client;
mod documents;
mod openapi;
mod oracle;
