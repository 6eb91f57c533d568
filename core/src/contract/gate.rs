//! What is sent by itself: the switches, the moments from which they count, and what a person
//! pushed or took out.

use alloc::{collections::BTreeSet, format, string::String};

use crate::{
    date::When,
    finding::{Code, Finding},
    json::strict::record,
    mapping::{Decision, Mapped},
    plan::{Frozen, Known, Link, Purpose},
    register::Register,
    settings::{SyncSettings, sync::Switch},
    shop::{order::Order, refund::Refund},
    xero::document::DocumentKind,
};

use super::{
    SummarisedOrder,
    sales::{ReadSale, Sale},
};

record! {
    /// An order that a person took out: nothing of it is sent or changed.
    ExcludedOrder {
        /// WooCommerce's id.
        order_id: u64,
        /// Why, in that person's words.
        reason: String,
    }
}

/// Says what of a request is kept back.
pub(super) struct Gate<'a> {
    settings: &'a SyncSettings,
    pushed: BTreeSet<u64>,
    excluded: &'a [ExcludedOrder],
    /// Orders and refunds that were posted: they are followed whatever their date.
    posted: Register<()>,
}

impl<'a> Gate<'a> {
    /// The gate of a request.
    pub(super) fn new(
        settings: &'a SyncSettings,
        (pushed, excluded): (&[u64], &'a [ExcludedOrder]),
        links: &[Link],
        summarised: &[SummarisedOrder],
    ) -> Self {
        let pushed = pushed.iter().copied().collect();
        let mut posted = Register::default();
        for link in links.iter().filter(|link| link.purpose == Purpose::Document) {
            posted.put(format!("{} {}", link.document.object(), link.id), ());
        }
        for order in summarised {
            posted.put(format!("order {}", order.order_id), ());
        }
        Self { settings, pushed, excluded, posted }
    }

    fn is_posted(&self, kind: &str, id: u64) -> bool {
        self.posted.get(&format!("{kind} {id}")).is_some()
    }

    /// Whether a kind is kept back of an order: it is off, or what was made then is too old.
    pub(super) fn keeps(&self, switch: &Switch, order_id: u64, made: When) -> bool {
        !switch.on || (switch.is_before(made) && !self.pushed.contains(&order_id))
    }

    /// Why a person keeps an order back.
    fn excluded(&self, id: u64) -> Option<Finding> {
        let excluded = self.excluded.iter().find(|order| order.order_id == id)?;
        let message = format!("a person took the order out: {}", excluded.reason);
        Some(Finding::new(Code::OrderExcluded, "order", format!("{id}"), message))
    }

    /// Why an order is kept back whatever it says.
    pub(super) fn stops_at_once(&self, id: u64) -> Option<Finding> {
        self.excluded(id).or_else(|| {
            let off = !self.settings.orders.on && !self.pushed.contains(&id);
            let message = "orders are switched off";
            off.then(|| Finding::new(Code::OrderSwitchedOff, "order", format!("{id}"), message))
        })
    }

    /// Why what was posted for an order that the shop no longer has is kept; who takes back on
    /// purpose minds no switch.
    pub(super) fn keeps_posted(&self, id: u64, undo: bool) -> Option<Finding> {
        if undo { self.excluded(id) } else { self.stops_at_once(id) }
    }

    /// Why an order is kept back.
    pub(super) fn stops(&self, id: u64, made: When) -> Option<Finding> {
        self.stops_at_once(id).or_else(|| {
            let switch = &self.settings.orders;
            let early = self.keeps(switch, id, made) && switch.on && !self.is_posted("order", id);
            let message = format!("it was made before {}", switch.from);
            early.then(|| Finding::new(Code::OrderBeforeStart, "order", format!("{id}"), message))
        })
    }

    /// Why an order that was read is kept back.
    pub(super) fn stops_sale(&self, sale: &ReadSale) -> Option<Finding> {
        self.stops(sale.order_id?, sale.made)
    }

    /// Why a refund is kept back although its order is not.
    pub(super) fn stops_refund(&self, order_id: u64, refund: &Refund) -> Option<Finding> {
        let switch = &self.settings.refunds;
        if !self.keeps(switch, order_id, made_of(refund)) {
            return None;
        }
        let (code, message) = if !switch.on {
            (Code::RefundSwitchedOff, String::from("refunds are switched off"))
        } else if self.is_posted("refund", refund.id) {
            return None;
        } else {
            (Code::RefundBeforeStart, format!("it was made before {}", switch.from))
        };
        Some(Finding::new(code, "refund", format!("{}", refund.id), message))
    }

    /// Keeps back payments and fees that were never posted and are not to be.
    pub(super) fn keep_back(&self, known: &Known, sale: &mut Sale) {
        let Some(order) = &sale.order else { return };
        let owner = (DocumentKind::Invoice, order.id);
        if let Decision::Post(mapped) = &mut sale.decision {
            let made = When { at: order.paid_at, day: order.paid };
            sale.findings.extend(self.keep_payments_back(known, owner, order.id, made, mapped));
            sale.findings.extend(self.keep_fee_back(known, order, made, mapped));
        }
        for refund in &mut sale.refunds {
            let Decision::Post(mapped) = &mut refund.decision else { continue };
            let owner = (DocumentKind::CreditNote, refund.refund_id.unwrap_or_default());
            let kept = self.keep_payments_back(known, owner, order.id, refund.made, mapped);
            refund.findings.extend(kept);
        }
    }

    fn keep_payments_back(
        &self,
        known: &Known,
        (kind, id): (DocumentKind, u64),
        order_id: u64,
        made: When,
        mapped: &mut Mapped,
    ) -> Option<Finding> {
        let switch = &self.settings.payments;
        let mut kept = false;
        for (purpose, payment) in
            [(Purpose::Deposit, &mut mapped.deposit), (Purpose::Payment, &mut mapped.payment)]
        {
            let Some(own) = payment else { continue };
            let deposit = purpose == Purpose::Deposit;
            let made = if deposit { When { at: None, day: Some(own.date) } } else { made };
            let stands = if switch.on {
                known.has(purpose, kind, id)
            } else {
                known.payment(purpose, kind, id).is_some()
            };
            if !stands && self.keeps(switch, order_id, made) {
                *payment = None;
                kept = true;
            }
        }
        let message = kept_back(switch, "payments");
        kept.then(|| Finding::new(Code::PaymentNotSent, kind.object(), format!("{id}"), message))
    }

    fn keep_fee_back(
        &self,
        known: &Known,
        order: &Order,
        made: When,
        mapped: &mut Mapped,
    ) -> Option<Finding> {
        let switch = &self.settings.fees;
        let stands = known.has(Purpose::Fee, DocumentKind::Invoice, order.id);
        if !self.keeps(switch, order.id, made) || (stands && switch.on) {
            return None;
        }
        // Without its payment it would not be booked anyway.
        let kept = mapped.fee.take().is_some() && mapped.payment.is_some() && !stands;
        let message = kept_back(switch, "gateway fees");
        kept.then(|| Finding::new(Code::FeeNotSent, "order", order.id_text(), message))
    }

    /// Whether the contact or item of an order is neither made nor changed.
    pub(super) fn keeps_record(&self, switch: &Switch, linked: bool, order: &Order) -> bool {
        self.keeps(switch, order.id, made_at(order)) && !(linked && switch.on)
    }

    /// What stands in Xero and must stay as it is.
    pub(super) const fn frozen(&self) -> Frozen {
        Frozen {
            payments: !self.settings.payments.on,
            refunds: !self.settings.refunds.on,
            fees: !self.settings.fees.on,
        }
    }
}

fn kept_back(switch: &Switch, what: &str) -> String {
    if switch.on {
        format!("{what} from before {} are not sent", switch.from)
    } else {
        format!("{what} are switched off")
    }
}

/// When a refund was made.
pub(super) fn made_of(refund: &Refund) -> When {
    When { at: refund.created_at, day: Some(refund.created) }
}

/// When an order was made.
pub(super) fn made_at(order: &Order) -> When {
    When { at: order.created_at, day: Some(order.created) }
}
