//! What gateways kept, booked once and booked anew where it changes.

use alloc::string::String;

use crate::{
    mapping::Fee,
    money::{XERO_DIGITS, plain},
    xero::{
        document::DocumentKind,
        wire::{Spend, sha256, write_spend, write_spend_deleted},
    },
};

use super::{
    Planner,
    call::{Action, Reversal, Step},
    document::Draft,
};

impl Planner<'_> {
    /// Books the fee of an order as it should be. Gateways change it after refunds: then it is
    /// deleted and booked anew.
    pub(super) fn book_fee(&mut self, fee: Option<&Fee>, number: &str, draft: &mut Draft) {
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
        if let Some(link) = self.known.fee(order_id) {
            if link.sha256 == sha256 {
                return;
            }
            self.unbook_fee(order_id);
        }
        draft.settles();
        self.calls.spend(Step {
            action: Action::Spend,
            document: DocumentKind::Invoice,
            id: order_id,
            order_id,
            number: number.into(),
            amount: plain(fee.amount, XERO_DIGITS),
            currency: fee.currency.clone(),
            reversal: Reversal::Delete,
            sha256,
            body: write_spend(&spend, Some(fee.date)),
            ..Step::default()
        });
    }

    /// Deletes the fee that is booked for an order, if there is one.
    pub(super) fn unbook_fee(&mut self, order_id: u64) {
        let Some(link) = self.known.fee(order_id) else { return };
        self.calls.unspend(Step {
            action: Action::Unspend,
            document: DocumentKind::Invoice,
            id: order_id,
            order_id,
            number: link.number.clone(),
            amount: String::new(),
            reversal: Reversal::Again,
            xero_id: link.xero_id.clone(),
            body: write_spend_deleted(&link.xero_id),
            ..Step::default()
        });
    }
}
