//! Taking back: payments and allocations first, then the documents they hang on.

use alloc::{format, string::String, vec::Vec};

use rust_decimal::Decimal;

use crate::{
    finding::Code,
    money::{XERO_DIGITS, plain},
    xero::{
        document::DocumentKind,
        standing::{Standing, StandingPayment},
        wire::write_status,
    },
};

use super::{
    Fate, Planner,
    call::{Action, Reversal, Step},
    document::{Draft, Owner, is_edited},
    known::{Link, LinkState},
};

impl<'a> Planner<'a> {
    /// Takes back all that was posted for an order.
    pub(super) fn withdraw_order(&mut self, order_id: u64, undone: bool, refunds: &[u64]) {
        let mut drafts = Vec::new();
        for id in self.known.refunds_of(order_id) {
            drafts.push(self.withdraw_refund(order_id, id, undone));
        }
        let owner = Owner { kind: DocumentKind::Invoice, id: order_id, order_id };
        let stays = drafts.iter().any(|draft| draft.fate == Fate::Hold);
        let mut draft = Draft::new(owner);
        if stays {
            let message = format!("a credit note of order {order_id} cannot be taken back");
            draft.hold(Code::RefundStays, message);
        } else {
            self.withdraw(undone, &mut draft);
        }
        self.push(draft);
        for id in refunds {
            if !drafts.iter().any(|draft| draft.owner.id == *id) {
                let mut draft =
                    Draft::new(Owner { kind: DocumentKind::CreditNote, id: *id, order_id });
                draft.fate = Fate::Skip;
                drafts.push(draft);
            }
        }
        for draft in drafts {
            self.push(draft);
        }
    }

    /// Takes back a refund's credit note.
    pub(super) fn withdraw_refund(&mut self, order_id: u64, id: u64, undone: bool) -> Draft {
        let mut draft = Draft::new(Owner { kind: DocumentKind::CreditNote, id, order_id });
        self.withdraw(undone, &mut draft);
        draft
    }

    fn withdraw(&mut self, undone: bool, draft: &mut Draft) {
        let owner = draft.owner;
        let known = self.known;
        let live = |link: &&Link| link.state == LinkState::Live;
        let Some(link) = known.document(owner.kind, owner.id).filter(live) else {
            draft.fate = Fate::Skip;
            return;
        };
        draft.number.clone_from(&link.number);
        let state = if undone { LinkState::Undone } else { LinkState::Withdrawn };
        let Some(standing) = known.standing(&link.xero_id) else {
            draft.hold(Code::LedgerMissing, format!("Xero does not show {} any more", link.number));
            return;
        };
        if !standing.is_live() {
            // A person was faster: there is nothing left to take back.
            draft.fate = Fate::Withdraw;
            self.links.push(Link { state, ..link.clone() });
            return;
        }
        if is_edited(link, standing) {
            let message = format!("{} was edited in Xero since it was posted", link.number);
            draft.hold(Code::LedgerConflict, message);
            return;
        }
        if !self.unsettle(standing, draft) {
            return;
        }
        if owner.kind == DocumentKind::Invoice {
            self.unbook_fee(owner.order_id);
        }
        draft.fate = Fate::Withdraw;
        let draft_in_xero = standing.status == "DRAFT" || standing.status == "SUBMITTED";
        let status = if draft_in_xero { "DELETED" } else { "VOIDED" };
        let body = write_status(owner.kind, &standing.id, status);
        let step = Step {
            action: Action::Void,
            document: owner.kind,
            id: owner.id,
            order_id: owner.order_id,
            number: link.number.clone(),
            amount: plain(standing.total, XERO_DIGITS),
            currency: standing.currency.clone(),
            reversal: Reversal::Never,
            xero_id: standing.id.clone(),
            body,
            undone,
            ..Step::default()
        };
        self.calls.change(step);
    }

    /// Takes away all that hangs on a document, if it is all ours; false, and nothing taken, when
    /// a person has paid or credited it too.
    pub(super) fn unsettle(&mut self, standing: &'a Standing, draft: &mut Draft) -> bool {
        let owner = draft.owner;
        let ours = self.known.payment(owner.kind, owner.id).map(|link| &*link.xero_id);
        let foreign = standing.payments.iter().any(|payment| ours != Some(&payment.id));
        let notes = self.known.refunds_of(owner.order_id).into_iter();
        let notes: Vec<&Standing> = notes
            .filter_map(|id| self.known.document(DocumentKind::CreditNote, id))
            .filter_map(|link| self.known.standing(&link.xero_id))
            .collect();
        let invoice = self.known.document(DocumentKind::Invoice, owner.order_id);
        let is_ours = |other: &str| match owner.kind {
            DocumentKind::Invoice => notes.iter().any(|note| note.id == other),
            DocumentKind::CreditNote => invoice.is_some_and(|link| link.xero_id == other),
        };
        if foreign || standing.allocations.iter().any(|one| !is_ours(&one.other)) {
            let message =
                format!("{} has payments or credit that somebody else made", draft.number);
            draft.hold(Code::LedgerPaidByHand, message);
            return false;
        }
        for payment in &standing.payments {
            self.take_payment(standing, payment, owner);
        }
        match owner.kind {
            DocumentKind::CreditNote => {
                for one in &standing.allocations {
                    self.take_allocation(standing, &one.id, one.amount, owner);
                }
            }
            DocumentKind::Invoice => {
                for note in notes {
                    for one in note.allocations.iter().filter(|one| one.other == standing.id) {
                        self.take_allocation(note, &one.id, one.amount, owner);
                    }
                }
            }
        }
        true
    }

    pub(super) fn take_payment(
        &mut self,
        standing: &Standing,
        payment: &StandingPayment,
        owner: Owner,
    ) {
        if self.taken.insert(payment.id.clone()) {
            let step = taking(owner, standing, payment.amount, &payment.id);
            self.calls.unpay(Step { action: Action::Unpay, ..step });
        }
    }

    pub(super) fn take_allocation(
        &mut self,
        note: &Standing,
        allocation_id: &str,
        amount: Decimal,
        owner: Owner,
    ) {
        if self.taken.insert(allocation_id.into()) {
            let step = taking(owner, note, amount, allocation_id);
            let step = Step { action: Action::Unallocate, ..step };
            self.calls.unallocate(&note.id, step);
        }
    }
}

fn taking(owner: Owner, standing: &Standing, amount: Decimal, xero_id: &str) -> Step {
    Step {
        document: owner.kind,
        id: owner.id,
        order_id: owner.order_id,
        number: standing.number.clone(),
        amount: plain(amount, XERO_DIGITS),
        currency: standing.currency.clone(),
        reversal: Reversal::Again,
        xero_id: String::from(xero_id),
        ..Step::default()
    }
}
