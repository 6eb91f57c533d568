//! Skeleton.
pub mod shop_client;
