//! Taking back: payments and allocations first, then the documents they hang on.

use alloc::{format, vec::Vec};

use rust_decimal::Decimal;

use crate::{
    date::Date,
    finding::Code,
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
    known::{Link, LinkState, Purpose},
};

impl<'a> Planner<'a> {
    /// Takes back all that was posted for an order: all of it, or nothing.
    pub(super) fn withdraw_order(&mut self, order_id: u64, undone: bool, refunds: &[u64]) {
        let owner = Owner { kind: DocumentKind::Invoice, id: order_id, order_id };
        let note = |id| Owner { kind: DocumentKind::CreditNote, id, order_id };
        let mut drafts = alloc::vec![Draft::new(owner)];
        let notes = self.known.refunds_of(order_id);
        drafts.extend(notes.into_iter().map(|id| Draft::new(note(id))));
        let mut stays = false;
        for draft in &mut drafts {
            stays |= !self.may_withdraw(draft);
        }
        for draft in &mut drafts {
            if !stays {
                self.withdraw(undone, draft);
            } else if draft.fate != Fate::Hold {
                let message = format!("another document of order {order_id} cannot be taken back");
                draft.hold(Code::RefundStays, message);
            }
        }
        for id in refunds {
            if !drafts.iter().any(|draft| draft.owner.id == *id) {
                drafts.push(Draft { fate: Fate::Skip, ..Draft::new(note(*id)) });
            }
        }
        for draft in drafts {
            self.push(draft);
        }
    }

    /// Takes back a refund's credit note.
    pub(super) fn withdraw_refund(&mut self, order_id: u64, id: u64, undone: bool) -> Draft {
        let mut draft = Draft::new(Owner { kind: DocumentKind::CreditNote, id, order_id });
        if self.may_withdraw(&mut draft) {
            self.withdraw(undone, &mut draft);
        }
        draft
    }

    /// Whether a document can be taken back, or is gone already.
    fn may_withdraw(&self, draft: &mut Draft) -> bool {
        let owner = draft.owner;
        let live = |link: &&Link| link.state == LinkState::Live;
        let Some(link) = self.known.document(owner.kind, owner.id).filter(live) else {
            return true;
        };
        draft.number.clone_from(&link.number);
        if self.frozen.refunds && owner.kind == DocumentKind::CreditNote {
            let message = format!("{} stays: refunds are switched off", link.number);
            draft.hold(Code::ChangeSwitchedOff, message);
            return false;
        }
        let Some(standing) = self.known.standing(&link.xero_id) else {
            draft.hold(Code::LedgerMissing, format!("Xero does not show {} any more", link.number));
            return false;
        };
        if !standing.is_live() {
            return true;
        }
        if is_edited(link, standing) {
            let message = format!("{} was edited in Xero since it was posted", link.number);
            draft.hold(Code::LedgerConflict, message);
            return false;
        }
        self.may_unsettle(standing, draft) && self.is_open(standing.date, draft)
    }

    fn withdraw(&mut self, undone: bool, draft: &mut Draft) {
        let owner = draft.owner;
        let known = self.known;
        let live = |link: &&Link| link.state == LinkState::Live;
        let link = known.document(owner.kind, owner.id).filter(live);
        let standing = link.and_then(|link| known.standing(&link.xero_id));
        // It may stand longer than its invoice: deleting it was refused, or never arrived.
        let unbooks = owner.kind == DocumentKind::Invoice
            && !self.frozen.fees
            && self.unbook_fee(owner.order_id);
        let (Some(link), Some(standing)) = (link, standing) else {
            draft.fate = if unbooks { Fate::Withdraw } else { Fate::Skip };
            return;
        };
        let state = if undone { LinkState::Undone } else { LinkState::Withdrawn };
        draft.fate = Fate::Withdraw;
        if !standing.is_live() {
            // A person was faster: there is nothing left to take back.
            self.links.push(Link { state, ..link.clone() });
            for payment in known.payments(owner.kind, owner.id) {
                self.links.push(Link { state: LinkState::Withdrawn, ..payment.clone() });
            }
            return;
        }
        self.unsettle(standing, owner);
        let draft_in_xero = standing.status == "DRAFT" || standing.status == "SUBMITTED";
        let status = if draft_in_xero { "DELETED" } else { "VOIDED" };
        let body = write_status(owner.kind, &standing.id, status);
        let amount = (standing.total, &*standing.currency);
        let step = owner.step(Action::Void, Reversal::Never, &link.number, amount);
        self.calls.change(Step { xero_id: standing.id.clone(), body, undone, ..step });
    }

    /// Whether all that hangs on a document is ours and in an open period, so that it can be taken
    /// away.
    pub(super) fn may_unsettle(&self, standing: &Standing, draft: &mut Draft) -> bool {
        let owner = draft.owner;
        let ours =
            |id: &str| self.known.payments(owner.kind, owner.id).any(|link| link.xero_id == id);
        let foreign = standing.payments.iter().any(|payment| !ours(&payment.id));
        let invoice = self.known.document(DocumentKind::Invoice, owner.order_id);
        let notes = self.notes_of(owner.order_id);
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
        let frozen = (self.frozen.payments && !standing.payments.is_empty())
            || (self.frozen.refunds && !standing.allocations.is_empty());
        if frozen {
            let message = format!("{} is paid or credited, and that stays as it is", draft.number);
            draft.hold(Code::ChangeSwitchedOff, message);
            return false;
        }
        standing.payments.iter().all(|payment| self.is_open(payment.date, draft))
    }

    /// Whether a day is in a locked period.
    pub(super) fn is_locked(&self, date: Date) -> bool {
        self.locked_until.is_some_and(|locked| date <= locked)
    }

    /// Whether a day is in an open period; where it is not, the document waits.
    pub(super) fn is_open(&self, date: Option<Date>, draft: &mut Draft) -> bool {
        let locked = date.is_some_and(|date| self.is_locked(date));
        if locked {
            let message = format!("{} or its payment is in a locked period", draft.number);
            draft.hold(Code::DateLocked, message);
        }
        !locked
    }

    fn notes_of(&self, order_id: u64) -> Vec<&'a Standing> {
        let notes = self.known.refunds_of(order_id).into_iter();
        notes
            .filter_map(|id| self.known.document(DocumentKind::CreditNote, id))
            .filter_map(|link| self.known.standing(&link.xero_id))
            .collect()
    }

    /// Takes away all that hangs on a document.
    pub(super) fn unsettle(&mut self, standing: &'a Standing, owner: Owner) {
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
                for note in self.notes_of(owner.order_id) {
                    for one in note.allocations.iter().filter(|one| one.other == standing.id) {
                        self.take_allocation(note, &one.id, one.amount, owner);
                    }
                }
            }
        }
    }

    pub(super) fn take_payment(
        &mut self,
        standing: &Standing,
        payment: &StandingPayment,
        owner: Owner,
    ) {
        if self.taken.insert(payment.id.clone()) {
            let amount = (payment.amount, &*standing.currency);
            let step = owner.step(Action::Unpay, Reversal::Again, &standing.number, amount);
            let link = self.known.payment(Purpose::Deposit, owner.kind, owner.id);
            let deposit = link.is_some_and(|link| link.xero_id == payment.id);
            self.calls.unpay(Step { xero_id: payment.id.clone(), deposit, ..step });
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
            let amount = (amount, &*note.currency);
            let step = owner.step(Action::Unallocate, Reversal::Again, &note.number, amount);
            self.calls.unallocate(&note.id, Step { xero_id: allocation_id.into(), ..step });
        }
    }
}
