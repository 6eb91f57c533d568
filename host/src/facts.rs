//! What the worker needs from a shop. The shop is asked for facts; hints only say where to look.

use std::{future::Future, time::Duration};

use serde_json::value::RawValue;

use crate::door::Sale;

/// After a failure that time may cure.
pub(crate) const RETRY_LATER: Duration = Duration::from_mins(1);
/// After a failure that a person must cure.
pub(crate) const RETRY_MUCH_LATER: Duration = Duration::from_mins(15);

/// The shop could not be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FactsError {
    /// What happened, for people.
    pub message: String,
    /// When it is worth asking again.
    pub retry_after: Duration,
}

/// Orders with what belongs to them.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Id and order with refunds; orders that the shop no longer has are missing.
    pub sales: Vec<(u64, Sale)>,
    /// The products that the orders name.
    pub products: Vec<Box<RawValue>>,
}

/// Products and customers that are asked for without an order.
#[derive(Debug, Clone, Default)]
pub struct Records {
    /// Products and variations; a variation has its product beside it.
    pub products: Vec<Box<RawValue>>,
    /// Customers.
    pub customers: Vec<Box<RawValue>>,
}

/// An order in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The shop's id.
    pub order_id: u64,
    /// `date_modified_gmt`
    pub modified: String,
}

/// A shop that can be asked.
pub trait FactSource: Sync {
    /// Reads orders, their refunds and their products.
    ///
    /// # Errors
    /// [`FactsError`] when the shop could not be asked.
    fn read_facts(
        &self,
        order_ids: &[u64],
    ) -> impl Future<Output = Result<Facts, FactsError>> + Send;

    /// Reads products, or variations, and customers by id; those that the shop no longer has are
    /// missing. A source that knows none gives none.
    ///
    /// # Errors
    /// [`FactsError`] when the shop could not be asked.
    fn read_records(
        &self,
        _product_ids: &[u64],
        _customer_ids: &[u64],
    ) -> impl Future<Output = Result<Records, FactsError>> + Send {
        std::future::ready(Ok(Records::default()))
    }

    /// Lists all orders, oldest first.
    ///
    /// # Errors
    /// [`FactsError`] when the shop could not be asked.
    fn list_orders(&self) -> impl Future<Output = Result<Vec<Listed>, FactsError>> + Send;

    /// Lists the orders, trashed ones too, that changed after a moment of the shop's own
    /// (`date_modified_gmt`, exclusive, whole seconds).
    ///
    /// # Errors
    /// [`FactsError`] when the shop could not be asked.
    fn list_changed(
        &self,
        since: &str,
    ) -> impl Future<Output = Result<Vec<Listed>, FactsError>> + Send {
        let since = since.to_owned();
        async move {
            let mut listed = self.list_orders().await?;
            listed.retain(|one| one.modified > since);
            Ok(listed)
        }
    }

    /// Lists refunds with their orders: all, or those made after a moment of the shop's own; `None`
    /// where the shop has no such list (WooCommerce before 9.0).
    ///
    /// # Errors
    /// [`FactsError`] when the shop could not be asked.
    fn list_refunds(
        &self,
        _since: Option<&str>,
    ) -> impl Future<Output = Result<Option<Vec<ListedRefund>>, FactsError>> + Send {
        async { Ok(None) }
    }

    /// The refunds that some orders name; an order in the trash names none. `None` where the source
    /// cannot say.
    ///
    /// # Errors
    /// [`FactsError`] when the shop could not be asked.
    fn refunds_of(
        &self,
        _order_ids: &[u64],
    ) -> impl Future<Output = Result<Option<Vec<u64>>, FactsError>> + Send {
        async { Ok(None) }
    }

    /// Lists the products that changed after a moment of the shop's own.
    ///
    /// # Errors
    /// [`FactsError`] when the shop could not be asked.
    fn list_products(
        &self,
        _since: &str,
    ) -> impl Future<Output = Result<Vec<ListedRecord>, FactsError>> + Send {
        async { Ok(Vec::new()) }
    }

    /// Lists all customers: WooCommerce cannot say which have changed.
    ///
    /// # Errors
    /// [`FactsError`] when the shop could not be asked.
    fn list_customers(&self) -> impl Future<Output = Result<Vec<ListedRecord>, FactsError>> + Send {
        async { Ok(Vec::new()) }
    }

    /// Those of some orders that the shop lists no more, neither among the others nor in the trash.
    ///
    /// # Errors
    /// [`FactsError`] when the shop could not be asked.
    fn missing_orders(
        &self,
        order_ids: &[u64],
    ) -> impl Future<Output = Result<Vec<u64>, FactsError>> + Send {
        let order_ids = order_ids.to_vec();
        async move {
            let listed = self.list_orders().await?;
            let there = |id: &u64| listed.iter().any(|one| one.order_id == *id);
            Ok(order_ids.into_iter().filter(|id| !there(id)).collect())
        }
    }
}

/// A refund in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedRefund {
    /// The shop's id.
    pub refund_id: u64,
    /// The order that it belongs to.
    pub order_id: u64,
    /// `date_created_gmt`
    pub created: String,
}

/// A product or customer in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedRecord {
    /// The shop's id.
    pub id: u64,
    /// `date_modified_gmt`; empty where it never was.
    pub modified: String,
}
