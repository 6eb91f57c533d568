//! Summary mode: takings and payouts → one document per payout, one per day and payment method.
//!
//! ACCOUNTING section 5. What is asked for can come in parts: the sums so far are handed from call
//! to call ([`Sums`]), and the parts give the same documents as the whole. Every order, refund and
//! entry of a payout is a *member* of one document (law L6); what changes after its document was
//! sent goes into the next open one as an adjustment.

mod daily;
mod document;
mod join;
mod payout;
mod proportion;
mod route;
mod sums;

use alloc::{string::String, vec::Vec};

use crate::{
    date::{Date, Zone},
    finding::Subject,
    json::strict::{choice, record},
    mapping::takings::Share,
    money::Amount,
    settings::Settings,
    shop::payout::{EntryKind, PayoutState, Source},
    xero::chart::Chart,
};

pub use daily::{Found, add_takings, note_unpaid};
pub use document::{SummaryDocument, SummaryLine, documents};
pub use payout::add_entries;
pub use route::{Route, route};
pub use sums::{Sum, SumLine, Sums};

choice! {
    /// What becomes of an order or refund.
    TakingState {
        Ready "It belongs in a summary.",
        Excluded "It is not posted, for the reason that stands with it.",
        Waiting "It waits for something that comes by itself, such as being paid.",
        Held "It waits until a person puts something right.",
        Individual "It has documents of its own, or gets them.",
    }
}

record! {
    /// What an order or a refund brings to a summary.
    Taking {
        /// `order` or `refund`, with WooCommerce's id.
        object: Subject,
        /// WooCommerce's id of the order: a refund's own.
        order_id: u64,
        /// Number of the order, as people see it.
        number: String,
        /// What becomes of it.
        state: TakingState,
        /// Code of the finding that decided so; empty when it is ready, unless summaries are off.
        reason: String,
        /// The same as a sentence.
        message: String,
        /// Whether what stands of it in summaries stays as it is: it is kept back.
        kept: bool,
        /// Where it goes when it is ready.
        route: Route,
        /// Name of the daily group, or the word of the payouts' source.
        group: String,
        /// `payment_method` of the order.
        method: String,
        /// The day it belongs to, in the declared zone, `2026-11-22`; empty when it has none yet.
        day: String,
        /// The day the order was made, or the refund, local to the shop.
        created: String,
        /// Currency of the amounts.
        currency: String,
        /// Total of the order, or the refund's amount below zero, as it is posted.
        amount: Amount,
        /// What payments name it by, strongest first.
        keys: Vec<String>,
        /// What refunds of it are named by, where the order says so.
        refund_keys: Vec<String>,
        /// Whether what the gateway kept of it was booked with its invoice.
        fee_booked: bool,
        /// What it brings.
        shares: Vec<Share>,
    }
}

record! {
    /// What a gateway paid out.
    Payout {
        /// The gateway's id.
        id: String,
        /// Where it was read.
        source: Source,
        /// Currency.
        currency: String,
        /// What reached the bank; below zero when the gateway took money back.
        amount: Amount,
        /// Day of arrival, in the declared zone.
        date: String,
        /// Whether it has arrived.
        state: PayoutState,
    }
}

record! {
    /// One movement of a gateway's balance.
    Entry {
        /// The gateway's id.
        id: String,
        /// The payout that it is part of; empty while it awaits one.
        payout: String,
        /// Where it was read.
        source: Source,
        /// What it is.
        kind: EntryKind,
        /// Day, in the declared zone.
        date: String,
        /// Currency of the payout, and of the amounts.
        currency: String,
        /// Gross; what goes out is below zero.
        amount: Amount,
        /// What the gateway kept of it.
        fee: Amount,
        /// What the gateway says about it.
        description: String,
        /// What names the order, strongest first.
        keys: Vec<String>,
        /// What names the refund, strongest first.
        refund_keys: Vec<String>,
        /// What the customer was charged, where that is another currency.
        sold_amount: Amount,
        /// That currency.
        sold_currency: String,
    }
}

record! {
    /// An order, refund or entry in a document of a summary.
    Member {
        /// `order`, `refund` or `entry`, with its id.
        object: Subject,
        /// The order or refund that an entry stands for; empty where there is none.
        stands_for: Subject,
        /// WooCommerce's id of the order concerned; 0 where there is none.
        order_id: u64,
        /// Key of the document.
        document: String,
        /// Number of the document that is adjusted; empty where it is the first time.
        adjusts: String,
        /// Currency of the amounts.
        currency: String,
        /// What it brings to the document's lines.
        shares: Vec<Share>,
    }
}

record! {
    /// An order, refund or entry that is in no document yet.
    Waiting {
        /// `order`, `refund` or `entry`, with its id.
        object: Subject,
        /// WooCommerce's id of the order concerned; 0 where there is none.
        order_id: u64,
        /// Why, as a stable word.
        reason: String,
        /// Why, as a sentence.
        message: String,
        /// Currency of the amount.
        currency: String,
        /// What waits.
        amount: Amount,
    }
}

record! {
    /// A document of a summary that has been sent, or is not to be made again.
    Closed {
        /// Its key.
        key: String,
        /// `InvoiceNumber` or `CreditNoteNumber`
        number: String,
        /// First moment of what it covers, in seconds since 1970 UTC; 0 for payouts.
        begins: i64,
        /// The moment after the last.
        ends: i64,
        /// Whether a person had it taken back: what was in it waits.
        undone: bool,
        /// Whether it was taken back and is made again: it is open.
        redone: bool,
    }
}

/// What all parts of a summary stand on.
#[derive(Debug)]
pub struct Ground<'a> {
    /// The user's choices.
    pub settings: &'a Settings,
    /// What Xero has.
    pub chart: &'a Chart,
    /// Currency of the shop.
    pub shop_currency: &'a str,
    /// Decimals of the shop's amounts, at most Xero's.
    pub digits: u32,
    /// The declared zone.
    pub zone: &'a Zone,
    /// The first day that is asked for.
    pub from: Date,
    /// The last day that is over.
    pub to: Date,
    /// All payouts of these days.
    pub payouts: &'a [Payout],
    /// Documents that stand.
    pub closed: &'a [Closed],
}

/// One part of what is to be summed.
#[derive(Debug, Default)]
pub struct Part<'a> {
    /// Orders and refunds.
    pub takings: &'a [Taking],
    /// Entries of payouts, each beside the takings that its keys name.
    pub entries: &'a [Entry],
    /// What of all these stands in documents.
    pub posted: &'a [Member],
    /// Orders, refunds and entries that stand in documents and that the shop or the gateway no
    /// longer has.
    pub gone: &'a [Subject],
}

impl Ground<'_> {
    /// A document that stands, or is not to be made again.
    fn closed(&self, key: &str) -> Option<&Closed> {
        self.closed.iter().find(|closed| closed.key == key && !closed.redone)
    }

    /// A document that a person had taken back, whether it is made again or not.
    fn undone(&self, key: &str) -> Option<&Closed> {
        self.closed.iter().find(|closed| closed.key == key && closed.undone)
    }
}
