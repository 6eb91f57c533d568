//! One document: made, adopted, changed or left.

use alloc::{format, string::String, vec::Vec};

use rust_decimal::Decimal;

use crate::{
    finding::{Code, Finding},
    mapping::{Context, Mapped},
    money::{XERO_DIGITS, plain},
    settings::PaidChange,
    xero::{
        document::{Contact, DocumentKind, Invoice, LineItem},
        standing::{Standing, StandingLine},
        wire::{Existing, fingerprint, sha256, write_change, write_document},
    },
};

use super::{
    Fate, Planner,
    call::{Action, Reversal, Step},
    known::{Link, LinkState, Purpose},
    read::total_differs,
};

/// Whose document it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owner {
    pub(super) kind: DocumentKind,
    /// The order's id, or the refund's.
    pub(super) id: u64,
    pub(super) order_id: u64,
}

impl Owner {
    /// A link of this order or refund that counts.
    pub(super) fn link(
        self,
        purpose: Purpose,
        xero_id: &str,
        number: &str,
        sha256: String,
    ) -> Link {
        Link {
            document: self.kind,
            purpose,
            id: self.id,
            order_id: self.order_id,
            xero_id: xero_id.into(),
            number: number.into(),
            sha256,
            ledger_sha256: String::new(),
            state: LinkState::Live,
            ..Link::default()
        }
    }

    /// A step about this order or refund; bodies, hashes and ids are the caller's.
    pub(super) fn step(
        self,
        action: Action,
        reversal: Reversal,
        number: &str,
        (amount, currency): (Decimal, &str),
    ) -> Step {
        Step {
            action,
            document: self.kind,
            id: self.id,
            order_id: self.order_id,
            number: number.into(),
            amount: plain(amount, XERO_DIGITS),
            currency: currency.into(),
            reversal,
            ..Step::default()
        }
    }
}

/// A document as it will be after the second wave.
#[derive(Debug)]
pub(super) struct Outlook<'a> {
    pub(super) owner: Owner,
    pub(super) number: String,
    /// Xero's id, or the name that stands for it until there is one.
    pub(super) xero_id: String,
    /// The names among `xero_id`.
    pub(super) needs: Vec<String>,
    pub(super) total: Decimal,
    pub(super) currency: String,
    /// What Xero has today; none for a new document.
    pub(super) standing: Option<&'a Standing>,
}

/// What is found about one order or refund.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) owner: Owner,
    pub(super) number: String,
    pub(super) fate: Fate,
    pub(super) findings: Vec<Finding>,
}

impl Draft {
    pub(super) fn new(owner: Owner) -> Self {
        Self { owner, number: String::new(), fate: Fate::Same, findings: Vec::new() }
    }

    pub(super) fn note(&mut self, code: Code, message: String) {
        let (kind, id) = (self.owner.kind.object(), format!("{}", self.owner.id));
        self.findings.push(Finding::new(code, kind, id, message));
    }

    /// Notes why it waits.
    pub(super) fn hold(&mut self, code: Code, message: String) {
        self.note(code, message);
        self.fate = Fate::Hold;
    }

    /// A payment or allocation changes; says so where nothing else does.
    pub(super) fn settles(&mut self) {
        if self.fate == Fate::Same {
            self.fate = Fate::Settle;
        }
    }
}

impl<'a> Planner<'a> {
    /// Makes the document as it should be; `None` where it cannot or must not be.
    pub(super) fn plan_document(
        &mut self,
        context: &Context<'_>,
        mapped: &Mapped,
        draft: &mut Draft,
    ) -> Option<Outlook<'a>> {
        let owner = draft.owner;
        let mut document = mapped.invoice.clone();
        let Some(link) = self.known.document(owner.kind, owner.id) else {
            return self.plan_new(mapped, &document, draft);
        };
        draft.number.clone_from(&link.number);
        match link.state {
            LinkState::Undone if !self.redo_undone => {
                draft.fate = Fate::Skip;
                draft.note(Code::DocumentUndone, format!("{} was undone", link.number));
                None
            }
            LinkState::Withdrawn | LinkState::Undone => match self.again(owner.kind, &document) {
                (number, Some(standing)) => {
                    document.number = number;
                    Some(self.adopt(&document, standing, draft))
                }
                (number, None) => {
                    document.number = number;
                    Some(self.create(mapped, &document, draft))
                }
            },
            LinkState::Live => {
                document.number.clone_from(&link.number);
                self.plan_standing(context, &document, link, draft)
            }
        }
    }

    /// A document without a link: new, or in Xero already because an answer was lost.
    fn plan_new(
        &mut self,
        mapped: &Mapped,
        document: &Invoice,
        draft: &mut Draft,
    ) -> Option<Outlook<'a>> {
        let owner = draft.owner;
        draft.number.clone_from(&document.number);
        let Some(standing) = self.known.numbered(owner.kind, &document.number) else {
            return Some(self.create(mapped, document, draft));
        };
        if !is_ours(standing, document) {
            let message = format!("Xero has another document with the number {}", document.number);
            draft.hold(Code::LedgerNumberTaken, message);
            return None;
        }
        Some(self.adopt(document, standing, draft))
    }

    /// Links a document that is provably ours: the answer to it was lost.
    fn adopt(
        &mut self,
        document: &Invoice,
        standing: &'a Standing,
        draft: &mut Draft,
    ) -> Outlook<'a> {
        let owner = draft.owner;
        draft.number.clone_from(&document.number);
        draft.fate = Fate::Adopt;
        let link =
            owner.link(Purpose::Document, &standing.id, &document.number, fingerprint(document));
        self.links.push(Link { ledger_sha256: standing.sha256.clone(), ..link });
        outlook(document, owner, Some(standing))
    }

    fn create(&mut self, mapped: &Mapped, document: &Invoice, draft: &mut Draft) -> Outlook<'a> {
        let owner = draft.owner;
        draft.number.clone_from(&document.number);
        draft.fate = Fate::Create;
        let body = write_document(document);
        let reversal = match document.status {
            "AUTHORISED"
                if mapped.payment.is_some()
                    || mapped.deposit.is_some()
                    || owner.kind == DocumentKind::CreditNote =>
            {
                Reversal::Unlink
            }
            "AUTHORISED" => Reversal::Void,
            _ => Reversal::Delete,
        };
        let amount = (document.total().amount(), document.currency.as_str());
        let step = owner.step(Action::Create, reversal, &document.number, amount);
        self.calls.create(Step { body, sha256: fingerprint(document), ..step });
        outlook(document, owner, None)
    }

    /// A document that we posted: as it should be, or to be changed.
    fn plan_standing(
        &mut self,
        context: &Context<'_>,
        document: &Invoice,
        link: &Link,
        draft: &mut Draft,
    ) -> Option<Outlook<'a>> {
        let owner = draft.owner;
        let standing = self.standing(link, draft)?;
        let edited = is_edited(link, standing);
        let sha256 = fingerprint(document);
        if sha256 == link.sha256 || was_sent_as(document, &link.sha256) {
            if edited {
                let message = format!("{} was edited in Xero and is left as it is", link.number);
                draft.note(Code::LedgerEdited, message);
            }
            let total = document.total().amount();
            if standing.total == total {
                return Some(outlook(document, owner, Some(standing)));
            }
            if !edited {
                draft.fate = Fate::Hold;
                draft.findings.push(total_differs(owner.kind, owner.id, standing.total, total));
            }
            return None;
        }
        if edited && is_as_it_should_be(standing, document) {
            // It is as it should be: the answer to its change was lost.
            return Some(self.adopt(document, standing, draft));
        }
        if edited {
            let message = format!("{} has changed in the shop and in Xero", link.number);
            draft.hold(Code::LedgerConflict, message);
            return None;
        }
        if !self.is_open(standing.date, draft) {
            return None;
        }
        if standing.is_settled_in_part() && !is_harmless(standing, document) {
            if context.settings.changes.paid == PaidChange::Ask {
                let message = format!("{} is paid, and the order has changed since", link.number);
                draft.hold(Code::ChangeAsk, message);
                return None;
            }
            if !self.may_unsettle(standing, draft) {
                return None;
            }
            self.unsettle(standing, owner);
        }
        draft.fate = Fate::Update;
        let mut existing = Existing { id: &standing.id, line_ids: Vec::new() };
        if standing.lines.len() == document.lines.len() {
            existing.line_ids = standing.lines.iter().map(|line| &*line.id).collect();
        }
        let body = write_change(document, &existing);
        let amount = (document.total().amount(), document.currency.as_str());
        let step = owner.step(Action::Update, Reversal::Update, &document.number, amount);
        self.calls.change(Step { body, sha256, xero_id: standing.id.clone(), ..step });
        Some(outlook(document, owner, Some(standing)))
    }

    /// The document of a live link, if it is there and counts.
    pub(super) fn standing(&self, link: &Link, draft: &mut Draft) -> Option<&'a Standing> {
        let Some(standing) = self.known.standing(&link.xero_id) else {
            draft.hold(Code::LedgerMissing, format!("Xero does not show {} any more", link.number));
            return None;
        };
        if standing.is_live() {
            return Some(standing);
        }
        draft.fate = Fate::Skip;
        let message = format!("{} was {} in Xero", link.number, standing.status.to_lowercase());
        draft.note(Code::LedgerVoided, message);
        None
    }

    /// The number under which a document is made again, with the document where that was done and
    /// the answer was lost. Xero does not give a voided document's number to another (reference:
    /// Xero, section 3.1).
    fn again(&self, kind: DocumentKind, base: &Invoice) -> (String, Option<&'a Standing>) {
        let mut count = 2_u32;
        loop {
            let number = format!("{}-{count}", base.number);
            match self.known.numbered(kind, &number) {
                None => return (number, None),
                Some(standing)
                    if is_ours(standing, base) && !self.known.is_linked(&standing.id) =>
                {
                    return (number, Some(standing));
                }
                Some(_) => count += 1,
            }
        }
    }
}

/// Whether a document in Xero is provably the one that we would send.
fn is_ours(standing: &Standing, document: &Invoice) -> bool {
    standing.is_live()
        && standing.reference == document.reference
        && standing.total == document.total().amount()
}

/// Whether a document in Xero says line by line what ours says.
fn is_as_it_should_be(standing: &Standing, document: &Invoice) -> bool {
    let same = |(line, new): (&StandingLine, &LineItem)| {
        line.description == new.description && line.account_code == new.account_code
    };
    is_ours(standing, document)
        && is_harmless(standing, document)
        && standing.lines.iter().zip(&document.lines).all(same)
}

/// Whether a document has the bytes that were sent, under its contact's id or its number.
fn was_sent_as(document: &Invoice, sent: &str) -> bool {
    let contact = Contact { id: None, ..document.contact.clone() };
    let unmatched = Invoice { contact, ..document.clone() };
    sha256(&write_document(document)) == sent || sha256(&write_document(&unmatched)) == sent
}

/// Whether somebody edited a document since we last wrote it.
pub(super) fn is_edited(link: &Link, standing: &Standing) -> bool {
    !link.ledger_sha256.is_empty() && link.ledger_sha256 != standing.sha256
}

/// Whether a change touches only what Xero lets through on a paid document: not its day, and of
/// its lines neither number nor amounts, tax or item (reference: Xero, section 3.1).
fn is_harmless(standing: &Standing, document: &Invoice) -> bool {
    let types = document.line_amount_types;
    let same = |(line, new): (&StandingLine, &LineItem)| {
        line.quantity == new.quantity
            && line.unit_amount == new.unit_amount
            && line.tax_type == new.tax_type
            && line.tax_amount == new.totals(types).tax_amount
            && line.item_code == new.item_code.as_deref().unwrap_or_default()
    };
    standing.kind == DocumentKind::Invoice
        && standing.date == Some(document.date)
        && standing.line_amount_types == types.as_str()
        && standing.lines.len() == document.lines.len()
        && standing.lines.iter().zip(&document.lines).all(same)
}

fn outlook<'a>(document: &Invoice, owner: Owner, standing: Option<&'a Standing>) -> Outlook<'a> {
    let name = format!("{{{}/{}}}", owner.kind.object(), owner.id);
    let (xero_id, needs) = match standing {
        Some(standing) => (standing.id.clone(), Vec::new()),
        None => (name.clone(), alloc::vec![name]),
    };
    Outlook {
        owner,
        number: document.number.clone(),
        xero_id,
        needs,
        total: document.total().amount(),
        currency: document.currency.as_str().into(),
        standing,
    }
}
