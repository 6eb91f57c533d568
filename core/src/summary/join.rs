//! Which order and refund an entry of a payout belongs to.
//!
//! A charge is joined by its charge or intent id, its transaction id, then the order's id and
//! number; a refund by its own id, else to the first refund of its order of the same amount that
//! no other entry has taken.

use alloc::{format, string::String, vec::Vec};

use crate::{money::round_half_up, register::Register};

use super::{Entry, Member, Taking, payout::digits_of};

/// Takings of a part, by what names them.
pub(super) struct Index<'a> {
    takings: &'a [Taking],
    by_key: Register<Vec<usize>>,
    refunds_of: Register<Vec<usize>>,
    claimed: Register<String>,
}

/// What an entry belongs to.
#[derive(Clone, Copy, Default)]
pub(super) struct Joined<'a> {
    pub(super) order: Option<&'a Taking>,
    pub(super) refund: Option<&'a Taking>,
}

fn put(register: &mut Register<Vec<usize>>, key: String, index: usize) {
    match register.get_mut(&key) {
        Some(known) => known.push(index),
        None => register.put(key, alloc::vec![index]),
    }
}

impl<'a> Index<'a> {
    pub(super) fn new(takings: &'a [Taking], entries: &[Entry]) -> Self {
        let (mut by_key, mut refunds_of) = (Register::default(), Register::default());
        for (index, taking) in takings.iter().enumerate() {
            let refund = taking.object.kind == "refund";
            if refund {
                put(&mut refunds_of, format!("{}", taking.order_id), index);
            }
            let own = if refund { "refund" } else { "order" };
            for key in &taking.keys {
                put(&mut by_key, format!("{own} {key}"), index);
            }
        }
        let mut index = Self { takings, by_key, refunds_of, claimed: Register::default() };
        // What an entry names is taken before another is given to it for its amount.
        for entry in entries {
            if let Some(refund) = index.only("refund", &entry.refund_keys) {
                index.claimed.put(refund.object.id.clone(), entry.id.clone());
            }
        }
        index
    }

    /// The only taking that a key names.
    fn only(&self, kind: &str, keys: &[String]) -> Option<&'a Taking> {
        let found = |key: &String| match self.by_key.get(&format!("{kind} {key}"))?.as_slice() {
            [index] => self.takings.get(*index),
            _ => None,
        };
        keys.iter().find_map(found)
    }

    /// What an entry belongs to; a refund is taken, so that no other entry gets it.
    pub(super) fn join(&mut self, entry: &Entry) -> Joined<'a> {
        let order = self.only("order", &entry.keys);
        if entry.kind != crate::shop::payout::EntryKind::Refund {
            return Joined { order, refund: None };
        }
        let refund =
            self.only("refund", &entry.refund_keys).or_else(|| self.same_amount(order?, entry));
        if let Some(refund) = refund {
            self.claimed.put(refund.object.id.clone(), entry.id.clone());
        }
        let of_refund = |refund: &&'a Taking| {
            let own = |taking: &&Taking| {
                taking.object.kind == "order" && taking.order_id == refund.order_id
            };
            self.takings.iter().find(own)
        };
        Joined { order: order.or_else(|| of_refund(&refund?)), refund }
    }

    fn same_amount(&self, order: &Taking, entry: &Entry) -> Option<&'a Taking> {
        let refunds = self.refunds_of.get(&format!("{}", order.order_id))?;
        let free = refunds
            .iter()
            .filter_map(|index| self.takings.get(*index))
            .filter(|refund| self.claimed.get(&refund.object.id).is_none());
        // Takings are as Xero will have them; a gateway's amounts can be finer.
        let sold = sold_amount(entry, &order.currency)
            .map(|sold| round_half_up(sold, digits_of(&order.currency)));
        free.into_iter().find(|refund| Some(refund.amount.0) == sold)
    }
}

/// What an entry moved in a currency; `None` where the gateway does not say.
pub(super) fn sold_amount(entry: &Entry, currency: &str) -> Option<rust_decimal::Decimal> {
    if entry.sold_currency == currency {
        let mut amount = entry.sold_amount.0.abs();
        amount.set_sign_negative(entry.amount.0.is_sign_negative());
        Some(amount)
    } else {
        (entry.currency == currency && entry.sold_currency.is_empty()).then_some(entry.amount.0)
    }
}

/// Whether an order stands in a day's summary already.
pub(super) fn in_daily(posted: &[Member], order: &Taking) -> bool {
    posted.iter().any(|member| member.object == order.object)
}
