//! What should be, what we posted, what Xero has → the calls that make them equal.
//!
//! A plan is a pure function of those three: planned twice it is the same, and once it has been
//! carried out, planning again plans nothing (law L7). What a person did in Xero is never undone:
//! it is said, and left as it is. ACCOUNTING section 1, changes after posting.

mod batch;
mod call;
pub mod completeness;
mod document;
mod fee;
mod known;
mod order;
mod read;
mod summary;
mod unanswered;
mod withdraw;

use alloc::{collections::BTreeSet, string::String, vec::Vec};

use crate::{
    date::Date,
    finding::{Finding, Subject},
    mapping::Decision,
    matching::PlannedRecord,
    xero::wire::sha256_of,
};

pub use batch::Limits;
pub use call::{Action, Call, Reversal, Step};
pub use known::{Known, Link, LinkState, Purpose, RecordKind, RecordLink};
pub(crate) use read::read;
pub use read::{Ending, StepResult};
pub use summary::found_again;

/// An order as it should be.
#[derive(Debug)]
pub struct Desired<'a> {
    /// WooCommerce's id.
    pub order_id: u64,
    /// The number that people see.
    pub number: &'a str,
    /// What is to become of it.
    pub decision: &'a Decision,
    /// Its refunds, in the order in which they were made, each with the same.
    pub refunds: Vec<(u64, &'a Decision)>,
    /// Whether these are all its refunds: a credit note of another one is then taken back.
    pub refunds_complete: bool,
}

/// What is to become of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It is made.
    Create,
    /// It is in Xero already and provably ours: only the link is made.
    Adopt,
    /// It is changed.
    Update,
    /// It is taken back.
    Withdraw,
    /// Only payments or allocations are made or taken away.
    Settle,
    /// It is as it should be.
    Same,
    /// It needs none; a finding says why.
    Skip,
    /// It waits until a person acts; the errors among the findings say what for.
    Hold,
}

/// One order or refund, and what is to become of its document.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Row {
    /// `order`, `refund`, `product` or `customer`, with WooCommerce's id; `summary` with its key.
    pub object: Subject,
    /// The order concerned: a refund's own; 0 where there is none.
    pub order_id: u64,
    /// The document's number, the contact's name or the item's code; empty when there is none.
    pub number: String,
    /// What is to become of the document.
    pub fate: Fate,
    /// Why: the mapping's findings, then the plan's.
    pub findings: Vec<Finding>,
}

/// A finished plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Calls in waves: those of one wave need nothing of each other, and all of the waves before.
    pub waves: Vec<Vec<Call>>,
    /// One row for each order and refund, in the order in which they were planned.
    pub rows: Vec<Row>,
    /// Links to be kept that need no call: adopted documents, and such as are gone already.
    pub links: Vec<Link>,
    /// Contacts that were found and need no change: only the link is kept.
    pub records: Vec<RecordLink>,
}

impl Plan {
    /// SHA-256 of all that would be sent and kept, in lower-case hexadecimal: what names the plan.
    #[must_use]
    pub fn sha256(&self) -> String {
        let calls = self.waves.iter().flatten().flat_map(|call| {
            let bodies = call.steps.iter().map(|step| &step.body);
            [&call.method, &call.path].into_iter().chain(bodies)
        });
        let links = self.links.iter().flat_map(|link| [&link.xero_id, &link.number]);
        let records = self.records.iter().flat_map(|record| [&record.key, &record.xero_id]);
        sha256_of(calls.chain(links).chain(records).map(String::as_str))
    }
}

/// What stands in Xero and must stay as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Frozen {
    /// Payments.
    pub payments: bool,
    /// Credit notes, and what is used of them.
    pub refunds: bool,
    /// Gateway fees.
    pub fees: bool,
}

/// Makes a plan, one order at a time.
#[derive(Debug)]
pub struct Planner<'a> {
    known: &'a Known,
    locked_until: Option<Date>,
    redo_undone: bool,
    frozen: Frozen,
    calls: batch::Batches,
    rows: Vec<Row>,
    links: Vec<Link>,
    records: Vec<RecordLink>,
    /// Xero's ids of the payments and allocations that this plan takes away.
    taken: BTreeSet<String>,
}

impl<'a> Planner<'a> {
    /// Begins. With `redo_undone` documents that a person undid are made again.
    #[must_use]
    pub fn new(
        known: &'a Known,
        limits: Limits,
        locked_until: Option<Date>,
        redo_undone: bool,
    ) -> Self {
        let calls = batch::Batches::new(limits);
        let (rows, links, records) = (Vec::new(), Vec::new(), Vec::new());
        let (frozen, taken) = (Frozen::default(), BTreeSet::new());
        Self { known, locked_until, redo_undone, frozen, calls, rows, links, records, taken }
    }

    /// Keeps links that were found again.
    pub fn keep(&mut self, links: Vec<Link>) {
        self.links.extend(links);
    }

    /// Lets stand what must stay as it is.
    pub const fn freeze(&mut self, frozen: Frozen) {
        self.frozen = frozen;
    }

    /// Whether an order's documents are made or changed.
    #[must_use]
    pub fn writes(&self, order_id: u64) -> bool {
        let writes = |row: &Row| matches!(row.fate, Fate::Create | Fate::Update | Fate::Adopt);
        self.rows.iter().rev().take_while(|row| row.order_id == order_id).any(writes)
    }

    /// Makes, changes or links a contact or an item before the documents that name it.
    pub fn record(&mut self, kind: RecordKind, planned: PlannedRecord) {
        let PlannedRecord { key, name, xero_id, body, sha256 } = planned;
        if body.is_empty() {
            self.records.push(RecordLink { kind, key, xero_id, name, sha256 });
            return;
        }
        let (action, reversal) = match (kind, xero_id.is_empty()) {
            (RecordKind::Contact, true) => (Action::CreateContact, Reversal::Archive),
            (RecordKind::Contact, false) => (Action::UpdateContact, Reversal::Update),
            (RecordKind::Item, true) => (Action::CreateItem, Reversal::Delete),
            (RecordKind::Item, false) => (Action::UpdateItem, Reversal::Update),
        };
        let number = name;
        let step = Step { action, number, reversal, sha256, xero_id, key, body, ..Step::default() };
        self.calls.record(kind, step);
    }

    /// Adds a row of something that is no order.
    pub fn row(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// Leaves an order as it stands: it cannot be read, which is no reason to take it back, or is
    /// kept back.
    pub fn leave(&mut self, order_id: u64, fate: Fate, findings: Vec<Finding>) {
        let object = Subject { kind: "order".into(), id: alloc::format!("{order_id}") };
        self.rows.push(Row { object, order_id, number: String::new(), fate, findings });
    }

    /// Takes everything back that was posted for orders that were neither planned nor left, unless
    /// something keeps them.
    pub fn withdraw_others(&mut self, undone: bool, kept: impl Fn(u64) -> Option<Finding>) {
        let mut planned: BTreeSet<u64> = BTreeSet::new();
        for row in &self.rows {
            planned.insert(row.order_id);
        }
        for order_id in self.known.orders() {
            if planned.contains(&order_id) {
                continue;
            }
            match kept(order_id) {
                Some(finding) => self.leave(order_id, Fate::Skip, alloc::vec![finding]),
                None => self.withdraw_order(order_id, undone, &[]),
            }
        }
    }

    /// The plan.
    #[must_use]
    pub fn finish(self) -> Plan {
        let (rows, links, records) = (self.rows, self.links, self.records);
        Plan { waves: self.calls.finish(), rows, links, records }
    }
}
