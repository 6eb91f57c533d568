//! One order with its refunds: documents first, then what settles them.

use alloc::{format, string::String, vec::Vec};

use rust_decimal::Decimal;

use crate::{
    finding::{Code, Subject},
    mapping::{Context, Decision, Mapped, Payment},
    money::{XERO_DIGITS, plain},
    xero::{
        document::DocumentKind,
        standing::{Standing, StandingAllocation, StandingPayment},
        wire::{Settlement, sha256, write_allocation, write_payment},
    },
};

use super::{
    Desired, Fate, Planner, Row,
    call::{Action, Reversal, Step},
    document::{Draft, Outlook, Owner},
    known::Purpose,
};

/// A refund's row, with its credit note where there is to be one.
type Note<'a, 'd> = (Draft, Option<(Outlook<'a>, &'d Mapped)>);

/// A document once it is paid as far as the shop says.
struct Paid {
    /// What is due on it afterwards, before further allocations.
    due: Decimal,
    /// Whether our payment of it stands or is planned.
    ours: bool,
}

impl Outlook<'_> {
    /// A step that settles it.
    fn step(&self, action: Action, amount: Decimal) -> Step {
        self.owner.step(action, Reversal::Delete, &self.number, (amount, &self.currency))
    }
}

impl<'a> Planner<'a> {
    /// Plans one order; its rows bear the plan's own findings only.
    pub fn order(&mut self, context: &Context<'_>, desired: &Desired<'_>) {
        let order_id = desired.order_id;
        let owner = Owner { kind: DocumentKind::Invoice, id: order_id, order_id };
        let mut draft = Draft::new(owner);
        let mapped = match desired.decision {
            Decision::Post(mapped) => mapped,
            Decision::Withdraw if self.known.document(owner.kind, order_id).is_some() => {
                let refunds: Vec<u64> = desired.refunds.iter().map(|(id, _)| *id).collect();
                return self.withdraw_order(order_id, false, &refunds);
            }
            other => {
                draft.fate = fate_of(other);
                self.push(draft);
                for (id, decision) in &desired.refunds {
                    let mut draft =
                        Draft::new(Owner { kind: DocumentKind::CreditNote, id: *id, order_id });
                    draft.fate = fate_of(decision);
                    self.push(draft);
                }
                return;
            }
        };
        let invoice = self.plan_document(context, mapped, &mut draft);
        let fate = draft.fate;
        let mut notes: Vec<Note<'a, '_>> = Vec::new();
        for (id, decision) in &desired.refunds {
            let mut draft = Draft::new(Owner { kind: DocumentKind::CreditNote, id: *id, order_id });
            let Decision::Post(mapped) = decision else {
                draft.fate = fate_of(decision);
                notes.push((draft, None));
                continue;
            };
            if invoice.is_none() {
                if fate == Fate::Skip {
                    draft.fate = Fate::Skip;
                } else {
                    let message =
                        format!("the invoice of order {} is not as it should be", desired.number);
                    draft.hold(Code::RefundOfHeld, message);
                }
                notes.push((draft, None));
                continue;
            }
            let outlook = self.plan_document(context, mapped, &mut draft);
            notes.push((draft, outlook.map(|outlook| (outlook, &**mapped))));
        }
        let planned = |id: &u64| desired.refunds.iter().any(|(own, _)| own == id);
        let gone = |id: &u64| desired.refunds_complete && !planned(id);
        let gone = self.known.refunds_of(order_id).into_iter().filter(gone);
        let gone: Vec<Draft> = gone.map(|id| self.gone_refund(order_id, id)).collect();
        if let Some(invoice) = &invoice {
            // Never a fee beside a payment that somebody made net of it.
            if self.settle(invoice, mapped, &mut draft, &mut notes) {
                self.book_fee(context, mapped.fee.as_ref(), &invoice.number, &mut draft);
            }
        }
        self.push(draft);
        for (draft, _) in notes {
            self.push(draft);
        }
        for draft in gone {
            self.push(draft);
        }
    }

    /// A refund that the shop no longer has: its credit note is taken back, unless it must stay.
    fn gone_refund(&mut self, order_id: u64, id: u64) -> Draft {
        if !self.frozen.refunds {
            return self.withdraw_refund(order_id, id, false);
        }
        let mut draft = Draft::new(Owner { kind: DocumentKind::CreditNote, id, order_id });
        draft.fate = Fate::Skip;
        let message = "the shop no longer has the refund; its credit note stays";
        draft.note(Code::RefundSwitchedOff, message.into());
        draft
    }

    pub(super) fn push(&mut self, draft: Draft) {
        let kind = draft.owner.kind.object().into();
        self.rows.push(Row {
            object: Subject { kind, id: format!("{}", draft.owner.id) },
            order_id: draft.owner.order_id,
            number: draft.number,
            fate: draft.fate,
            findings: draft.findings,
        });
    }

    /// Payments and allocations of an invoice and its credit notes; gives whether our payment of the
    /// invoice stands or is planned.
    fn settle(
        &mut self,
        invoice: &Outlook<'a>,
        mapped: &Mapped,
        draft: &mut Draft,
        notes: &mut [Note<'a, '_>],
    ) -> bool {
        // What the shop wants in cash must not be allocated, and the other way round.
        for (draft, note) in &mut *notes {
            let Some((note, mapped)) = note else { continue };
            if mapped.awaits_payment && mapped.payment.is_some() {
                self.unallocate(note, invoice, draft);
            } else if !mapped.awaits_payment && mapped.invoice.status == "AUTHORISED" {
                self.unpay_ours(note, Purpose::Payment, draft);
            }
        }
        if self.is_crowded_out(invoice, mapped, notes) {
            for (draft, note) in &mut *notes {
                let Some((note, _)) = note else { continue };
                self.unallocate(note, invoice, draft);
            }
        }
        let Paid { mut due, ours } = self.pay(invoice, mapped, draft);
        for (draft, note) in notes {
            let Some((note, mapped)) = note else { continue };
            if mapped.awaits_payment {
                self.pay(note, mapped, draft);
            } else if mapped.invoice.status == "AUTHORISED" {
                due -= self.allocate(note, invoice, mapped, due, draft);
            }
        }
        ours
    }

    /// Whether a deposit has no room beside the credit that is used on its invoice: it was heard of
    /// late, and goes first all the same.
    fn is_crowded_out(
        &self,
        invoice: &Outlook<'a>,
        mapped: &Mapped,
        notes: &[Note<'a, '_>],
    ) -> bool {
        let (Some(deposit), Some(standing)) = (&mapped.deposit, invoice.standing) else {
            return false;
        };
        let Owner { kind, id, .. } = invoice.owner;
        // One whose answer was lost is only to be recognised.
        let stands = self.known.payment(Purpose::Deposit, kind, id).is_some()
            || standing.payments.iter().any(|one| one.amount == deposit.amount);
        if stands || self.frozen.refunds {
            return false;
        }
        let own = notes.iter().filter_map(|(_, note)| note.as_ref()?.0.standing);
        let own = own.flat_map(|note| &note.allocations);
        let own = own.filter(|one| one.other == standing.id && !self.taken.contains(&one.id));
        let own: Decimal = own.map(|one| one.amount).sum();
        let due = invoice.total - self.paid(standing) - self.credited(standing);
        deposit.amount > due && deposit.amount <= due + own
    }

    /// Pays a document as the shop says: what was paid beforehand first, then the rest.
    fn pay(&mut self, outlook: &Outlook<'a>, mapped: &Mapped, draft: &mut Draft) -> Paid {
        let Owner { kind, id, .. } = outlook.owner;
        let payments = outlook.standing.map_or(&[][..], |standing| &standing.payments);
        let foreign = |payment: &&StandingPayment| {
            !self.taken.contains(&payment.id)
                && !self.known.payments(kind, id).any(|link| link.xero_id == payment.id)
        };
        let others: Decimal = payments.iter().filter(foreign).map(|one| one.amount).sum();
        let credited = outlook.standing.map_or(Decimal::ZERO, |standing| self.credited(standing));
        let mut paid = Paid { due: outlook.total - others - credited, ours: false };
        for (purpose, wanted) in
            [(Purpose::Deposit, &mapped.deposit), (Purpose::Payment, &mapped.payment)]
        {
            self.pay_part(outlook, mapped, (purpose, wanted.as_ref()), &mut paid, draft);
        }
        paid
    }

    fn pay_part(
        &mut self,
        outlook: &Outlook<'a>,
        mapped: &Mapped,
        (purpose, wanted): (Purpose, Option<&Payment>),
        paid: &mut Paid,
        draft: &mut Draft,
    ) {
        let Owner { kind, id, .. } = outlook.owner;
        paid.ours = false;
        let link = self.known.payment(purpose, kind, id);
        let payments = outlook.standing.map_or(&[][..], |standing| &standing.payments);
        let ours = payments.iter().find(|payment| {
            !self.taken.contains(&payment.id) && link.is_some_and(|link| link.xero_id == payment.id)
        });
        let Some(wanted) = wanted else {
            // An order that is no longer paid, not one whose new documents would be drafts or whose
            // payment has no account any more.
            let awaits = match purpose {
                Purpose::Deposit => mapped.awaits_deposit,
                _ => mapped.awaits_payment,
            };
            let unpaid = !awaits
                && mapped.invoice.status == "AUTHORISED"
                && self.unpay_ours(outlook, purpose, draft);
            if !unpaid {
                paid.due -= ours.map_or(Decimal::ZERO, |payment| payment.amount);
            }
            return;
        };
        if self.adopt_payment(outlook, purpose, wanted) {
            draft.settles();
            paid.ours = true;
            return;
        }
        let body = payment_body(kind, &outlook.number, wanted);
        let sha256 = sha256(&body);
        if let Some(ours) = ours {
            // A deposit stays where it went: the order names the gateway of the rest by now.
            let stays = purpose == Purpose::Deposit && ours.amount == wanted.amount;
            let same = link.is_some_and(|link| {
                link.sha256 == sha256 || link.sha256 == sha256_without(kind, outlook, wanted)
            });
            if stays || same {
                *paid = Paid { due: paid.due - ours.amount, ours: true };
                return;
            }
            if !self.unpay_ours(outlook, purpose, draft) {
                *paid = Paid { due: paid.due - ours.amount, ours: true };
                return;
            }
        } else if link.is_some_and(|link| !self.taken.contains(&link.xero_id)) {
            let message = format!("the payment of {} was removed in Xero", outlook.number);
            draft.note(Code::PaymentRemoved, message);
            return;
        }
        let fits = match purpose {
            // The rest is still due.
            Purpose::Deposit => wanted.amount <= paid.due,
            _ => wanted.amount == paid.due,
        };
        if !fits {
            if !paid.due.is_zero() {
                let (left, amount) =
                    (plain(paid.due, XERO_DIGITS), plain(wanted.amount, XERO_DIGITS));
                let message = format!("{left} is due on {}, {amount} was paid", outlook.number);
                draft.note(Code::PaymentNotDue, message);
            }
            return;
        }
        draft.settles();
        let step = outlook.step(Action::Pay, wanted.amount);
        let deposit = purpose == Purpose::Deposit;
        self.calls.pay(Step { sha256, body, deposit, ..step });
        *paid = Paid { due: paid.due - wanted.amount, ours: true };
    }

    /// Uses a credit note on its invoice; gives the amount.
    fn allocate(
        &mut self,
        note: &Outlook<'a>,
        invoice: &Outlook<'a>,
        mapped: &Mapped,
        due: Decimal,
        draft: &mut Draft,
    ) -> Decimal {
        let used = note.standing.map_or(Decimal::ZERO, |standing| self.credited(standing));
        let paid_out = note.standing.map_or(Decimal::ZERO, |standing| self.paid(standing));
        // What is used already is no longer due.
        let open = note.total - used - paid_out;
        if open <= Decimal::ZERO {
            return Decimal::ZERO;
        }
        if open > due {
            let (due, amount) = (plain(due, XERO_DIGITS), plain(open, XERO_DIGITS));
            let message = format!("{due} is due on {}, {amount} is to be credited", invoice.number);
            draft.note(Code::PaymentNotDue, message);
            return Decimal::ZERO;
        }
        draft.settles();
        let body = write_allocation(&invoice.xero_id, open, mapped.invoice.date);
        let mut needs = note.needs.clone();
        needs.extend(invoice.needs.iter().cloned());
        let step = note.step(Action::Allocate, open);
        self.calls.allocate(&note.xero_id, needs, Step { body, ..step });
        open
    }

    /// Deletes our payment of a document, if there is one; gives whether none is left.
    fn unpay_ours(&mut self, outlook: &Outlook<'a>, purpose: Purpose, draft: &mut Draft) -> bool {
        let Owner { kind, id, .. } = outlook.owner;
        let Some(link) = self.known.payment(purpose, kind, id) else { return true };
        let Some(standing) = outlook.standing else { return true };
        let Some(payment) = standing.payments.iter().find(|own| own.id == link.xero_id) else {
            return true;
        };
        if self.frozen.payments {
            return false;
        }
        if payment.date.is_some_and(|date| self.is_locked(date)) {
            let message = format!("the payment of {} stands in a locked period", outlook.number);
            draft.note(Code::PaymentDateLocked, message);
            return false;
        }
        self.take_payment(standing, payment, outlook.owner);
        draft.settles();
        true
    }

    /// Takes back what a credit note has on its own invoice; what a person used elsewhere stays.
    fn unallocate(&mut self, note: &Outlook<'a>, invoice: &Outlook<'a>, draft: &mut Draft) {
        let Some(standing) = note.standing else { return };
        let own = standing.allocations.iter().filter(|one| one.other == invoice.xero_id);
        for one in own {
            self.take_allocation(standing, &one.id, one.amount, note.owner);
            draft.settles();
        }
    }

    /// Payments that stay on a document.
    fn paid(&self, standing: &Standing) -> Decimal {
        let stays = |one: &&StandingPayment| !self.taken.contains(&one.id);
        standing.payments.iter().filter(stays).map(|one| one.amount).sum()
    }

    /// Credit that stays used on a document, or of it.
    fn credited(&self, standing: &Standing) -> Decimal {
        let stays = |one: &&StandingAllocation| match standing.kind {
            DocumentKind::CreditNote => !self.taken.contains(&one.id),
            DocumentKind::Invoice => self.known.standing(&one.other).is_none_or(|note| {
                let mut own = note.allocations.iter().filter(|own| own.other == standing.id);
                own.any(|own| !self.taken.contains(&own.id))
            }),
        };
        standing.allocations.iter().filter(stays).map(|one| one.amount).sum()
    }

    /// Links a payment that is provably ours: the answer to it was lost.
    fn adopt_payment(&mut self, outlook: &Outlook<'a>, purpose: Purpose, wanted: &Payment) -> bool {
        let Owner { kind, id, .. } = outlook.owner;
        let Some(standing) = outlook.standing else { return false };
        if self.known.payment(purpose, kind, id).is_some() || wanted.reference.is_empty() {
            return false;
        }
        let same = |one: &&StandingPayment| {
            one.amount == wanted.amount
                && one.date == Some(wanted.date)
                && one.reference == wanted.reference
                && !self.taken.contains(&one.id)
                && !self.known.payments(kind, id).any(|link| link.xero_id == one.id)
                && !self.links.iter().any(|link| link.xero_id == one.id)
        };
        let Some(payment) = standing.payments.iter().find(same) else { return false };
        let sha256 = sha256(&payment_body(kind, &outlook.number, wanted));
        let link = outlook.owner.link(purpose, &payment.id, &outlook.number, sha256);
        self.links.push(link);
        true
    }
}

fn fate_of(decision: &Decision) -> Fate {
    match decision {
        Decision::Post(_) => Fate::Same,
        Decision::Skip | Decision::Withdraw => Fate::Skip,
        Decision::Hold => Fate::Hold,
    }
}

/// The hash of a payment as it was made before payments without a gateway's reference bore their
/// document's number; that is no reason to take it away.
fn sha256_without(kind: DocumentKind, outlook: &Outlook<'_>, payment: &Payment) -> String {
    let bears_number = outlook.number.starts_with(&payment.reference);
    let reference = if bears_number { String::new() } else { payment.reference.clone() };
    let before = Payment { reference, ..payment.clone() };
    sha256(&payment_body(kind, &outlook.number, &before))
}

fn payment_body(kind: DocumentKind, number: &str, payment: &Payment) -> String {
    let settlement = Settlement {
        account_code: &payment.account.code,
        date: payment.date,
        amount: payment.amount,
        reference: &payment.reference,
    };
    write_payment(kind, number, &settlement)
}
