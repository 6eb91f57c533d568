//! The practice shop behaves as the recorded WooCommerce did.

mod access;
mod caller;
mod generated;
mod rest;
mod webhooks;
