//! The practice Xero against its specification.

mod access;
mod client;
mod documents;
mod faults;
mod idempotency;
mod limits;
mod openapi;
mod oracle;
