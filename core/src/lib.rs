//! The accounting core.
#![no_std]
extern crate alloc;

use alloc::string::String;

/// The one door: an operation's name and JSON text in, JSON text out.
#[must_use]
pub fn call(_operation: &str, _request: &str) -> String {
    String::from(r#"{"error":{"code":"core.unknown_operation","message":"no such operation"}}"#)
}
