//! What gateways kept, booked once and booked anew where it changes.

use alloc::{format, string::String};

use crate::{
    finding::Code,
    mapping::{Context, Fee},
    settings::Locked,
    xero::{
        document::DocumentKind,
        wire::{Spend, sha256, write_spend, write_spend_deleted},
    },
};

use super::{
    Planner,
    call::{Action, Reversal, Step},
    document::Draft,
    known::{Link, LinkState, Purpose},
};

impl Planner<'_> {
    /// Books the fee of an order as it should be. Gateways change it after refunds: then it is
    /// deleted and booked anew.
    pub(super) fn book_fee(
        &mut self,
        context: &Context<'_>,
        fee: Option<&Fee>,
        number: &str,
        draft: &mut Draft,
    ) {
        let order_id = draft.owner.order_id;
        let Some(fee) = fee else { return };
        let spend = Spend {
            contact: &fee.contact,
            bank_account_code: &fee.bank_account,
            account_code: &fee.account,
            tax_type: &fee.tax_type,
            amount: fee.amount,
            reference: &fee.reference,
            description: &fee.description,
        };
        // Its day may have been moved out of a locked period, and is no change.
        let sha256 = sha256(&write_spend(&spend, None));
        let booked = if let Some(link) = self.known.fee(order_id) {
            if self.known.spend(&link.xero_id).is_some_and(|spend| !spend.live) {
                let message = format!("the gateway's fee on {number} was deleted in Xero");
                draft.note(Code::PaymentRemoved, message);
                return;
            }
            if link.sha256 == sha256 {
                if link.state != LinkState::Live {
                    self.links.push(Link { state: LinkState::Live, ..link.clone() });
                    draft.settles();
                }
                return;
            }
            Some(&link.xero_id)
        } else {
            // The answer to it was lost.
            let found = self.known.spend_for(&fee.description);
            if let Some(spend) = found.filter(|spend| spend.total == fee.amount) {
                self.links.push(draft.owner.link(Purpose::Fee, &spend.id, number, sha256));
                draft.settles();
                return;
            }
            found.map(|spend| &spend.id)
        };
        if let Some(booked) = booked {
            if self.is_locked(fee.date) {
                let message = format!("the gateway's fee on {number} stands in a locked period");
                draft.note(Code::PaymentDateLocked, message);
                return;
            }
            self.unbook(order_id, booked, number);
        }
        let mut date = fee.date;
        if let Some(locked) = self.locked_until.filter(|_| self.is_locked(date)) {
            if context.settings.invoice.locked == Locked::Hold {
                let message = format!("the gateway's fee on {number} is of a locked period");
                draft.note(Code::PaymentDateLocked, message);
                return;
            }
            date = locked.plus_days(1);
        }
        draft.settles();
        let amount = (fee.amount, &*fee.currency);
        let step = draft.owner.step(Action::Spend, Reversal::Delete, number, amount);
        self.calls.spend(Step { body: write_spend(&spend, Some(date)), sha256, ..step });
    }

    /// Deletes the fee that is booked for an order; gives whether there is one.
    pub(super) fn unbook_fee(&mut self, order_id: u64) -> bool {
        let Some(link) = self.known.fee(order_id) else { return false };
        if self.known.spend(&link.xero_id).is_some_and(|spend| !spend.live) {
            return false;
        }
        self.unbook(order_id, &link.xero_id, &link.number);
        true
    }

    fn unbook(&mut self, order_id: u64, xero_id: &str, number: &str) {
        self.calls.unspend(Step {
            action: Action::Unspend,
            document: DocumentKind::Invoice,
            id: order_id,
            order_id,
            number: number.into(),
            amount: String::new(),
            reversal: Reversal::Again,
            xero_id: xero_id.into(),
            body: write_spend_deleted(xero_id),
            ..Step::default()
        });
    }
}
