//! From steps to calls: as many documents in one as Xero takes.

use alloc::{format, string::String, vec, vec::Vec};

use crate::xero::document::DocumentKind;

use super::{
    call::{Call, Step},
    known::RecordKind,
};

/// How much goes into one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Documents, at most 50 (reference: Xero, section 1.3).
    pub documents_max: usize,
    /// Bytes of the body.
    pub bytes_max: usize,
}

/// Xero's own figures: about 50 elements, and 3.5 MB with room to spare.
const LIMITS: Limits = Limits { documents_max: 50, bytes_max: 3_000_000 };

impl Default for Limits {
    fn default() -> Self {
        LIMITS
    }
}

/// The calls of a plan, growing.
#[derive(Debug)]
pub(super) struct Batches {
    limits: Limits,
    /// Wave 1: what hangs on documents is taken away.
    unsettle: Vec<Call>,
    /// Wave 2: contacts and items, made and changed.
    contacts: [Vec<Step>; 2],
    items: [Vec<Step>; 2],
    /// Wave 3: documents, by kind, made or changed.
    created: [Vec<Step>; 2],
    changed: [Vec<Step>; 2],
    /// Wave 4: payments and allocations.
    payments: Vec<Step>,
    /// Fees that are deleted in the first wave, and booked in the last.
    unspent: Vec<Step>,
    spent: Vec<Step>,
    allocations: Vec<Call>,
}

fn index(kind: DocumentKind) -> usize {
    usize::from(kind == DocumentKind::CreditNote)
}

impl Batches {
    pub(super) fn new(limits: Limits) -> Self {
        let documents_max = limits.documents_max.clamp(1, LIMITS.documents_max);
        let bytes_max = limits.bytes_max.min(LIMITS.bytes_max);
        Self {
            limits: Limits { documents_max, bytes_max },
            unsettle: Vec::new(),
            contacts: Default::default(),
            items: Default::default(),
            created: Default::default(),
            changed: Default::default(),
            payments: Vec::new(),
            unspent: Vec::new(),
            spent: Vec::new(),
            allocations: Vec::new(),
        }
    }

    /// Makes a contact or an item, or changes the one with the step's Xero id.
    pub(super) fn record(&mut self, kind: RecordKind, step: Step) {
        let [created, changed] = match kind {
            RecordKind::Contact => &mut self.contacts,
            RecordKind::Item => &mut self.items,
        };
        if step.xero_id.is_empty() { created.push(step) } else { changed.push(step) }
    }

    pub(super) fn create(&mut self, step: Step) {
        if let Some(steps) = self.created.get_mut(index(step.document)) {
            steps.push(step);
        }
    }

    pub(super) fn change(&mut self, step: Step) {
        if let Some(steps) = self.changed.get_mut(index(step.document)) {
            steps.push(step);
        }
    }

    pub(super) fn pay(&mut self, step: Step) {
        self.payments.push(step);
    }

    /// Books a fee.
    pub(super) fn spend(&mut self, step: Step) {
        self.spent.push(step);
    }

    /// Deletes the bank transaction with the step's Xero id.
    pub(super) fn unspend(&mut self, step: Step) {
        self.unspent.push(step);
    }

    /// Deletes the payment with the step's Xero id.
    pub(super) fn unpay(&mut self, step: Step) {
        let step = Step { body: r#"{"Status":"DELETED"}"#.into(), ..step };
        let path = format!("/Payments/{}", step.xero_id);
        self.unsettle.push(alone("POST", path, step));
    }

    /// Takes back the allocation with the step's Xero id.
    pub(super) fn unallocate(&mut self, credit_note_id: &str, step: Step) {
        let path = format!("/CreditNotes/{credit_note_id}/Allocations/{}", step.xero_id);
        self.unsettle.push(alone("DELETE", path, step));
    }

    /// `needs` are the names in credit note's id and body that ids will replace.
    pub(super) fn allocate(&mut self, credit_note_id: &str, needs: Vec<String>, step: Step) {
        let path = format!("/CreditNotes/{credit_note_id}/Allocations?summarizeErrors=false");
        let collection = "Allocations".into();
        self.allocations.push(Call { collection, needs, ..alone("PUT", path, step) });
    }

    /// The waves that have calls.
    pub(super) fn finish(self) -> Vec<Vec<Call>> {
        let limits = self.limits;
        let mut documents = Vec::new();
        for (method, kinds) in [("POST", self.changed), ("PUT", self.created)] {
            for (collection, steps) in ["Invoices", "CreditNotes"].into_iter().zip(kinds) {
                documents.extend(calls(steps, limits, method, collection));
            }
        }
        let mut settle = calls(self.payments, limits, "PUT", "Payments");
        settle.extend(self.allocations);
        settle.extend(calls(self.spent, limits, "PUT", "BankTransactions"));
        let mut unsettle = self.unsettle;
        unsettle.extend(calls(self.unspent, limits, "POST", "BankTransactions"));
        let mut records = Vec::new();
        for (collection, [created, changed]) in [("Contacts", self.contacts), ("Items", self.items)]
        {
            records.extend(calls(changed, limits, "POST", collection));
            records.extend(calls(created, limits, "PUT", collection));
        }
        let waves = vec![unsettle, records, documents, settle];
        waves.into_iter().filter(|wave| !wave.is_empty()).collect()
    }
}

fn alone(method: &str, path: String, step: Step) -> Call {
    let (collection, needs) = (String::new(), Vec::new());
    Call { method: method.into(), path, collection, needs, steps: vec![step] }
}

fn calls(steps: Vec<Step>, limits: Limits, method: &str, collection: &str) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    let mut bytes = 0;
    for step in steps {
        bytes += step.body.len() + 1;
        let fits =
            |call: &&mut Call| call.steps.len() < limits.documents_max && bytes <= limits.bytes_max;
        if let Some(call) = calls.last_mut().filter(fits) {
            call.steps.push(step);
            continue;
        }
        bytes = step.body.len() + collection.len() + 8;
        let path = format!("/{collection}?summarizeErrors=false&unitdp=4");
        calls.push(Call { collection: collection.into(), ..alone(method, path, step) });
    }
    calls
}
