//! A practice Xero and a practice WooCommerce shop on loopback.

pub mod shop;
