//! Payouts: what a gateway put into the bank account, and the entries that make it up.
//!
//! Whatever is missing or cannot be read, the entries of a payout always add up to its deposit:
//! the difference has an entry of its own, and a finding says so.

mod csv;
mod gathered;
mod minor;
mod paypal;
mod row;
mod stripe;
mod woopayments;

use alloc::{string::String, vec::Vec};

use rust_decimal::Decimal;

use crate::{
    date::{Date, Moment, Zone},
    finding::Finding,
    json::{Json, strict::choice},
    money::Currency,
};

use gathered::Gathered;

choice! {
    /// Whose payouts they are.
    Source {
        Woopayments "WooPayments: its deposits and its report of transactions.",
        Stripe "Stripe: its payouts and balance transactions.",
        Paypal "PayPal: the transactions of its Transaction Search.",
        Csv "A file of rows, from any gateway.",
    }
}

choice! {
    /// Whether a payout has reached the bank.
    PayoutState {
        Paid "It has arrived.",
        Coming "It is on its way, or waits.",
        Failed "It was stopped or sent back: nothing arrived.",
    }
}

choice! {
    /// What moved the balance.
    EntryKind {
        Charge "A customer paid; a part of a charge that was never taken is one below zero.",
        Refund "A customer got money back, or a refund or charge did not go through.",
        Fee "The gateway took or gave back a fee on its own, without a charge.",
        Adjustment "Anything else, and what cannot be explained.",
        Dispute "A customer disputes a charge, or the shop was given right.",
        Reserve "The gateway holds money back, or sets it free.",
        Transfer "Money of the shop's own moved: top-ups, loans, conversions, payouts that came back.",
    }
}

/// A deposit: what a gateway put into the bank account at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payout {
    /// The gateway's id, such as `po_1OJ466CBu6Jj8nBr38JRxdNE`.
    pub id: String,
    /// Who paid it out.
    pub source: Source,
    /// Currency of the deposit and of all its entries.
    pub currency: Currency,
    /// What reached the bank, in major units; below zero when the gateway took money back.
    pub amount: Decimal,
    /// Day of arrival at the bank. A gateway that writes a day as midnight UTC means that day;
    /// any other moment is taken in the declared time zone.
    pub date: Date,
    /// Whether it has arrived.
    pub state: PayoutState,
}

/// One movement of a gateway's balance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The gateway's id of the movement. Entries made here have the payout's id with `:rest`,
    /// `:balance` or `:fee` behind it.
    pub id: String,
    /// Id of the payout that it is part of; empty while it awaits one. The payout need not be
    /// among those that were read.
    pub payout: String,
    /// Whose balance moved.
    pub source: Source,
    /// What moved it.
    pub kind: EntryKind,
    /// When it moved.
    pub at: Moment,
    /// Day of [`Entry::at`] in the declared time zone.
    pub date: Date,
    /// The payout's currency.
    pub currency: Currency,
    /// Gross, in major units of [`Entry::currency`]; what goes out is below zero.
    pub amount: Decimal,
    /// What the gateway kept, in the same units; above zero when kept, below when given back.
    pub fee: Decimal,
    /// The gateway's own words for it: plain text, may be empty.
    pub description: String,
    /// What names the order, strongest first: ids of charges, intents and transactions exactly as
    /// the gateway writes them, then `order:45` (WooCommerce's id), then `number:1045`.
    pub keys: Vec<String>,
    /// What names the refund, strongest first, exactly as the gateway writes it.
    pub refund_keys: Vec<String>,
    /// What the customer was charged, gross, where it was in another currency than the payout's.
    pub sold: Option<(Decimal, Currency)>,
}

impl Entry {
    /// What the balance moved by: the amount without the fee.
    #[must_use]
    pub fn net(&self) -> Decimal {
        self.amount - self.fee
    }
}

/// What a gateway said, read and checked: the entries of each payout add up to its amount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// The payouts, each once, in the order in which they were given.
    pub payouts: Vec<Payout>,
    /// Their entries and those that await a payout, each once; PayPal's in the order of time.
    pub entries: Vec<Entry>,
    /// What could not be read, and what was put right.
    pub findings: Vec<Finding>,
}

/// Reads what a gateway said. What cannot be read is a finding that names payout or row, and
/// never stops its neighbours.
///
/// * WooPayments: `payouts` are the elements of `data` of `payments/deposits`, `entries` those of
///   `payments/reports/transactions` (or of the raw `payments/transactions`).
/// * Stripe: payouts and balance transactions. A balance transaction does not say which payout it
///   is part of, so whoever lists them by payout puts its id in as `payout`, a field of ours.
/// * PayPal: `entries` are the elements of `transaction_details`; `payouts` is not looked at.
/// * Files: `entries` are rows, objects by column; `payouts` is not looked at.
pub(crate) fn read(
    source: Source,
    payouts: &[&Json<'_>],
    entries: &[&Json<'_>],
    zone: &Zone,
) -> Read {
    let mut gathered = Gathered::new(source, zone);
    match source {
        Source::Woopayments => woopayments::read(&mut gathered, payouts, entries),
        Source::Stripe => stripe::read(&mut gathered, payouts, entries),
        Source::Paypal => paypal::read(&mut gathered, entries),
        Source::Csv => csv::read(&mut gathered, entries),
    }
    gathered.settled()
}

#[cfg(test)]
mod tests;
