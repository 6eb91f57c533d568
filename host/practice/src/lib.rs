//! Skeleton.
pub mod shop;
