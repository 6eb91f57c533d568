//! One test binary: links once.

mod tidy;
