//! Items of the price list.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::shelf::Record;

/// What an item is bought or sold for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Price {
    /// `UnitPrice`.
    pub unit_price: Option<Decimal>,
    /// `AccountCode`.
    pub account_code: String,
    /// `COGSAccountCode` of a tracked item's purchases.
    pub cogs_account_code: String,
    /// `TaxType`.
    pub tax_type: String,
}

/// An item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// `ItemID`.
    pub id: Uuid,
    /// `Code`, unique, at most 30 characters.
    pub code: String,
    /// `Name`.
    pub name: String,
    /// `Description` on sales.
    pub description: String,
    /// `PurchaseDescription`.
    pub purchase_description: String,
    /// `IsSold`.
    pub is_sold: bool,
    /// `IsPurchased`.
    pub is_purchased: bool,
    /// `SalesDetails`.
    pub sales: Price,
    /// `PurchaseDetails`.
    pub purchases: Price,
    /// Asset account of a tracked item; empty when it is not tracked.
    pub inventory_account_code: String,
    /// `QuantityOnHand` of a tracked item.
    pub quantity_on_hand: Decimal,
    /// `TotalCostPool` of a tracked item.
    pub total_cost_pool: Decimal,
    /// Whether it was deleted.
    pub deleted: bool,
    /// `UpdatedDateUTC`.
    pub updated: DateTime<Utc>,
}

impl Item {
    /// Whether its quantity is kept.
    #[must_use]
    pub const fn is_tracked(&self) -> bool {
        !self.inventory_account_code.is_empty()
    }
}

impl Record for Item {
    fn id(&self) -> Uuid {
        self.id
    }
}
