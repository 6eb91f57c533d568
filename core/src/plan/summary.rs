//! Summaries: made once, never changed, taken back only when a person says so.
//!
//! ACCOUNTING section 5: what changes afterwards goes into the next open summary, never into one
//! that was sent.

use alloc::{format, string::String, vec::Vec};

use crate::{
    finding::{Code, Finding, Subject, stops},
    money::{XERO_DIGITS, plain},
    summary::SummaryDocument,
    xero::{
        standing::Standing,
        wire::{fingerprint, write_document, write_status},
    },
};

use super::{
    Fate, Planner, Row,
    call::{Action, Reversal, Step},
    known::{Link, LinkState, Purpose},
};

impl Planner<'_> {
    /// Makes the document of a summary, unless something stops it. Puts into the document what is
    /// found, and the number that it is made under.
    pub fn summary(&mut self, document: &mut SummaryDocument) -> Fate {
        let link = self.known.summary(&document.key);
        let undone = link.is_some_and(|link| link.state != LinkState::Live);
        let fate = if stops(&document.findings) { Fate::Hold } else { self.make(document, undone) };
        let findings = document.findings.clone();
        self.push_summary(&document.key, document.invoice.number.clone(), fate, findings);
        fate
    }

    fn make(&mut self, document: &mut SummaryDocument, again: bool) -> Fate {
        let base = document.invoice.number.clone();
        let taken = |number: &str| self.known.numbered(document.invoice.kind, number).is_some();
        let mut number = base.clone();
        let mut count = 2_u32;
        // Xero does not give a voided document's number to another (reference: Xero, section 3.1).
        while again && taken(&number) {
            number = format!("{base}-{count}");
            count += 1;
        }
        let taken = taken(&number);
        document.invoice.number = number;
        let invoice = &document.invoice;
        if taken {
            let message = format!("Xero has another document with the number {}", invoice.number);
            let finding = about(&document.key, Code::LedgerNumberTaken, message);
            document.findings.insert(0, finding);
            return Fate::Hold;
        }
        let authorised = invoice.status == "AUTHORISED";
        self.calls.create(Step {
            action: Action::Create,
            document: invoice.kind,
            number: invoice.number.clone(),
            amount: plain(invoice.total().amount(), XERO_DIGITS),
            currency: invoice.currency.as_str().into(),
            reversal: if authorised { Reversal::Void } else { Reversal::Delete },
            sha256: fingerprint(invoice),
            key: document.key.clone(),
            begins: document.begins,
            ends: document.ends,
            body: write_document(invoice),
            ..Step::default()
        });
        Fate::Create
    }

    /// Keeps the link of a summary whose answer was lost.
    pub fn adopt_summary(&mut self, link: &Link) {
        self.links.push(link.clone());
        self.push_summary(&link.key, link.number.clone(), Fate::Adopt, Vec::new());
    }

    /// Takes a summary back, because a person wants it so.
    pub fn withdraw_summary(&mut self, key: &str) -> Fate {
        let mut findings = Vec::new();
        let live = |link: &&Link| link.state == LinkState::Live;
        let Some(link) = self.known.summary(key).filter(live) else {
            let message = format!("no summary stands as `{key}`");
            findings.push(about(key, Code::LedgerMissing, message));
            self.push_summary(key, String::new(), Fate::Hold, findings);
            return Fate::Hold;
        };
        let fate = match self.known.standing(&link.xero_id) {
            None => {
                let message = format!("Xero does not show {} any more", link.number);
                findings.push(about(key, Code::LedgerMissing, message));
                Fate::Hold
            }
            Some(standing) if !standing.is_live() => {
                self.links.push(Link { state: LinkState::Undone, ..link.clone() });
                Fate::Withdraw
            }
            Some(standing) => {
                if let Some((code, message)) = self.stays(link, standing) {
                    findings.push(about(key, code, message));
                    Fate::Hold
                } else {
                    self.void(link, standing);
                    Fate::Withdraw
                }
            }
        };
        self.push_summary(key, link.number.clone(), fate, findings);
        fate
    }

    /// Why a summary cannot be taken back.
    fn stays(&self, link: &Link, standing: &Standing) -> Option<(Code, String)> {
        let number = &link.number;
        if standing.is_settled_in_part() {
            return Some((Code::LedgerPaidByHand, format!("{number} has payments or credit")));
        }
        let locked = standing.date.is_some_and(|date| self.is_locked(date));
        locked.then(|| (Code::DateLocked, format!("{number} is in a locked period")))
    }

    fn void(&mut self, link: &Link, standing: &Standing) {
        let draft = standing.status == "DRAFT" || standing.status == "SUBMITTED";
        let status = if draft { "DELETED" } else { "VOIDED" };
        self.calls.change(Step {
            action: Action::Void,
            document: link.document,
            number: link.number.clone(),
            amount: plain(standing.total, XERO_DIGITS),
            currency: standing.currency.clone(),
            reversal: Reversal::Never,
            xero_id: standing.id.clone(),
            key: link.key.clone(),
            begins: link.begins,
            ends: link.ends,
            sha256: link.sha256.clone(),
            body: write_status(link.document, &standing.id, status),
            undone: true,
            ..Step::default()
        });
    }

    fn push_summary(&mut self, key: &str, number: String, fate: Fate, findings: Vec<Finding>) {
        let object = Subject { kind: "summary".into(), id: key.into() };
        self.rows.push(Row { object, order_id: 0, number, fate, findings });
    }
}

fn about(key: &str, code: Code, message: String) -> Finding {
    Finding::new(code, "summary", key, message)
}

/// The link of a summary that was sent once and whose answer was lost, where Xero has it.
#[must_use]
pub fn found_again(
    known: &super::Known,
    sent: &Link,
    total: rust_decimal::Decimal,
) -> Option<Link> {
    let other = |kind| known.numbered(kind, &sent.number);
    let standing = other(sent.document).filter(|one| one.is_live() && one.total == total)?;
    Some(Link {
        purpose: Purpose::Summary,
        xero_id: standing.id.clone(),
        ledger_sha256: standing.sha256.clone(),
        state: LinkState::Live,
        ..sent.clone()
    })
}
