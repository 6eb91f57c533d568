//! A refund as WooCommerce recorded it: the facts that decide the credit note.

use alloc::{string::String, vec::Vec};

use rust_decimal::Decimal;

use crate::{
    date::{Date, Moment},
    shop::order::Line,
};

/// A checked refund. Amounts are in the order's currency and turned round: what was given back is
/// above zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    /// WooCommerce's id; the refund is an order-like object of its own.
    pub id: u64,
    /// Day it was made, local to the shop.
    pub created: Date,
    /// Moment it was made; `None` where the shop does not say it in UTC.
    pub created_at: Option<Moment>,
    /// What was given back, gross.
    pub amount: Decimal,
    /// What the shop noted as the reason; may be empty.
    pub reason: String,
    /// What names the refund at the gateway, as its plugin stored it on the refund, strongest
    /// first (reference: WooCommerce, section 5).
    pub keys: Vec<String>,
    /// The lines that were given back; none when only an amount was. [`Line::refunds`] names the
    /// order's line behind each. They need not add up to [`Refund::amount`] (reference:
    /// WooCommerce, corpus note 5).
    pub lines: Vec<Line>,
}
