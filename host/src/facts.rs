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

    /// Lists all orders, oldest first.
    ///
    /// # Errors
    /// [`FactsError`] when the shop could not be asked.
    fn list_orders(&self) -> impl Future<Output = Result<Vec<Listed>, FactsError>> + Send;
}
