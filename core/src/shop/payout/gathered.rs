//! What the readers have found so far, and how it is made to add up.

use alloc::{format, string::String, vec::Vec};

use rust_decimal::Decimal;

use super::{Entry, EntryKind, Payout, Read, Source};
use crate::{
    date::{Date, Moment, Zone},
    finding::{Code, Finding},
    json::{Fields, Json},
    money::{AMOUNT_MAX, plain},
    register::Register,
};

/// Payouts and entries, each once by its id.
pub(super) struct Gathered<'z> {
    pub(super) source: Source,
    pub(super) zone: &'z Zone,
    payouts: Register<Payout>,
    entries: Register<Entry>,
    pub(super) findings: Vec<Finding>,
}

/// What a finding with this code is about.
pub(super) fn kind_of_object(code: Code) -> &'static str {
    if code == Code::PayoutUnreadable { "payout" } else { "payout_entry" }
}

/// Entries made here, so that a payout adds up.
#[derive(Clone, Copy)]
pub(super) struct Made {
    /// What its id has behind the payout's.
    pub(super) suffix: &'static str,
    pub(super) kind: EntryKind,
    pub(super) amount: Decimal,
    pub(super) description: &'static str,
}

impl<'z> Gathered<'z> {
    pub(super) fn new(source: Source, zone: &'z Zone) -> Self {
        let (payouts, entries) = (Register::default(), Register::default());
        Self { source, zone, payouts, entries, findings: Vec::new() }
    }

    /// The day of arrival: gateways write a day without a time as midnight UTC.
    pub(super) fn day_of_arrival(&self, moment: Moment) -> Option<Date> {
        if moment.is_utc_midnight() {
            return Date::of_unix_seconds(moment.unix_seconds());
        }
        self.zone.day(moment)
    }

    /// Puts a payout in; a second one with its id is a finding.
    pub(super) fn payout(&mut self, payout: Payout) {
        if self.payouts.get(&payout.id).is_some() {
            return self.stands_twice("payout", payout.id);
        }
        self.payouts.put(payout.id.clone(), payout);
    }

    /// Puts an entry in; a second one with its id is a finding.
    pub(super) fn entry(&mut self, entry: Entry) {
        if self.entries.get(&entry.id).is_some() {
            return self.stands_twice("payout_entry", entry.id);
        }
        self.entries.put(entry.id.clone(), entry);
    }

    fn stands_twice(&mut self, kind: &str, id: String) {
        let message = format!("`{id}` stands twice; the second one is left out");
        self.findings.push(Finding::new(Code::PayoutDuplicate, kind, id, message));
    }

    /// The fields of a row, or a finding that it is no object.
    pub(super) fn object<'a>(
        &mut self,
        code: Code,
        index: usize,
        json: &'a Json<'a>,
    ) -> Option<Fields<'a>> {
        let fields = Fields::of(json);
        if fields.is_none() {
            let message = "it should be an object with fields";
            let id = format!("#{index}");
            self.findings.push(Finding::new(code, kind_of_object(code), id, message));
        }
        fields
    }

    /// Takes all entries out, to be put in again in another order or with more said of them.
    pub(super) fn take_entries(&mut self) -> Vec<Entry> {
        core::mem::take(&mut self.entries).into_things()
    }

    /// Takes all payouts out, to be put in again.
    pub(super) fn take_payouts(&mut self) -> Vec<Payout> {
        core::mem::take(&mut self.payouts).into_things()
    }

    /// What the entries of each payout come to, by the payout's id.
    pub(super) fn sums(&self) -> Register<Decimal> {
        let mut sums: Register<Decimal> = Register::default();
        for entry in self.entries.iter().filter(|entry| !entry.payout.is_empty()) {
            match sums.get_mut(&entry.payout) {
                Some(sum) => *sum += entry.net(),
                None => sums.put(entry.payout.clone(), entry.net()),
            }
        }
        sums
    }

    /// Makes an entry of a payout, on the day of the payout.
    pub(super) fn make(&mut self, payout: &Payout, made: Made) {
        let mut id = format!("{}:{}", payout.id, made.suffix);
        while self.entries.get(&id).is_some() {
            id.push('+');
        }
        let entry = Entry {
            id: id.clone(),
            payout: payout.id.clone(),
            source: self.source,
            kind: made.kind,
            at: self.zone.start_of(payout.date),
            date: payout.date,
            currency: payout.currency,
            amount: made.amount,
            fee: Decimal::ZERO,
            description: made.description.into(),
            keys: Vec::new(),
            refund_keys: Vec::new(),
            sold: None,
        };
        self.entries.put(id, entry);
    }

    /// Sees to it that the entries of each payout add up to its amount.
    pub(super) fn settled(mut self) -> Read {
        self.leave_out_other_currencies();
        let sums = self.sums();
        for payout in self.take_payouts() {
            let sum = sums.get(&payout.id).copied().unwrap_or_default();
            let rest = payout.amount - sum;
            if rest.abs() > AMOUNT_MAX {
                self.leave_out_payout(payout);
                continue;
            }
            if !rest.is_zero() {
                self.findings.push(rest_of(&payout, sum, rest));
                let description = "Not explained by the payout's rows";
                let kind = EntryKind::Adjustment;
                self.make(&payout, Made { suffix: "rest", kind, amount: rest, description });
            }
            self.payouts.put(payout.id.clone(), payout);
        }
        let (payouts, entries) = (self.payouts.into_things(), self.entries.into_things());
        Read { payouts, entries, findings: self.findings }
    }

    /// An entry in another currency than its payout's cannot be part of it.
    fn leave_out_other_currencies(&mut self) {
        for entry in self.take_entries() {
            let payout = self.payouts.get(&entry.payout);
            if let Some(payout) = payout.filter(|payout| payout.currency != entry.currency) {
                let message = format!(
                    "`{}` is in {}, but its payout `{}` in {}",
                    entry.id, entry.currency, payout.id, payout.currency
                );
                let finding =
                    Finding::new(Code::PayoutRowUnreadable, "payout_entry", entry.id, message);
                self.findings.push(finding.at("currency"));
                continue;
            }
            self.entries.put(entry.id.clone(), entry);
        }
    }

    fn leave_out_payout(&mut self, payout: Payout) {
        let message = "its rows are further from its deposit than any amount may be";
        self.findings.push(Finding::new(Code::PayoutUnreadable, "payout", payout.id, message));
    }
}

fn rest_of(payout: &Payout, sum: Decimal, rest: Decimal) -> Finding {
    let digits = payout.currency.digits();
    let shown = |amount: Decimal| format!("{} {}", plain(amount, digits), payout.currency);
    let message = format!(
        "the deposit is {}, but its rows come to {}; the difference of {} has an entry of its own",
        shown(payout.amount),
        shown(sum),
        shown(rest),
    );
    Finding::new(Code::PayoutRest, "payout", payout.id.clone(), message).with_amount(rest)
}
