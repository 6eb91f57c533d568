//! Choices of summary mode: one document per payout, one per day and payment method.
//!
//! ACCOUNTING section 5; the first value named is the default.

use alloc::{string::String, vec::Vec};

use serde::Serialize;

use crate::{
    json::{
        Json,
        strict::{Misread, Slot, choice, object, optional},
    },
    shop::payout::Source,
};

use super::{InvoiceStatus, settings};

settings! {
    /// Summary mode.
    SummarySettings {
        /// From which day on which mode counts, by the day an order was made. Orders from before
        /// the first row, and all orders where there is none, go individually.
        modes: Vec<ModeFrom> = Vec::new(),
        /// Orders that go individually all the same.
        individually: IndividualRules = IndividualRules::default(),
        /// Gateways that pay out; the payment methods of all others have daily documents.
        payouts: Vec<PayoutGateway> = Vec::new(),
        /// Payment methods that share one daily document. Others have one each.
        groups: Vec<MethodGroup> = Vec::new(),
        /// IANA name of the time zone whose midnights divide days, such as `Europe/London`; the
        /// shop's own when empty.
        zone: String = String::new(),
        /// Which moment of an order decides its day. Unpaid orders wait in any case.
        day: SummaryDay = SummaryDay::Paid,
        /// Whether a payout over a month end is divided into a document for each month.
        split_months: bool = true,
        /// `Status` of the documents.
        status: InvoiceStatus = InvoiceStatus::Authorised,
        /// Name of the contact of all summaries.
        contact: String = "WooCommerce sales".into(),
        /// Put between the prefix and what names a summary in its number.
        number_infix: String = "SUM-".into(),
        /// Account codes of lines that only summaries have.
        accounts: SummaryAccounts = SummaryAccounts::default(),
    }
}

choice! {
    /// How orders are posted.
    Mode {
        Individual "Each order has its invoice.",
        Summary "Orders are lines of summaries.",
    }
}

settings! {
    /// From when a mode counts.
    ModeFrom {
        /// The first day, `2026-12-01`, local to the shop; from the beginning when empty.
        from: String = String::new(),
        /// The mode.
        mode: Mode = Mode::Individual,
    }
}

choice! {
    /// Which moment of an order decides its day.
    SummaryDay {
        Paid "When it was paid.",
        Created "When it was made.",
        Completed "When it was completed.",
    }
}

settings! {
    /// Orders that go individually although the mode is summary; one that fits is enough.
    IndividualRules {
        /// Payment methods, such as `bacs`.
        gateways: Vec<String> = Vec::new(),
        /// Customer roles, such as `wholesale`.
        roles: Vec<String> = Vec::new(),
        /// Orders of at least this total, a decimal in the order's currency; none when empty.
        total_from: String = String::new(),
        /// Slugs of product tags: orders that hold such a product.
        product_tags: Vec<String> = Vec::new(),
    }
}

settings! {
    /// A gateway that pays out.
    PayoutGateway {
        /// Where its payouts are read.
        source: Source = Source::Woopayments,
        /// Payment methods whose charges it pays out, such as `stripe`; one that ends in `*`
        /// names all that begin so.
        methods: Vec<String> = Vec::new(),
    }
}

settings! {
    /// Payment methods that share one daily document.
    MethodGroup {
        /// Name of the group, as it stands in numbers: letters, digits and `-`.
        name: String = String::new(),
        /// Payment methods, such as `bacs`; one that ends in `*` names all that begin so.
        methods: Vec<String> = Vec::new(),
    }
}

settings! {
    /// Account codes of lines that only summaries have.
    SummaryAccounts {
        /// Refunds of what was sold on revenue accounts; those accounts when empty.
        refunds: String = String::new(),
        /// What gateways keep; `gateway_fees.account` when empty.
        fees: String = String::new(),
        /// Reserves that a gateway holds and releases.
        reserves: String = String::new(),
        /// Charges that customers disputed.
        chargebacks: String = String::new(),
        /// Corrections by the gateway.
        adjustments: String = String::new(),
        /// Money moved to and from the gateway's balance.
        transfers: String = String::new(),
        /// What belongs to no order of the shop, or to one that cannot be posted yet.
        unmatched: String = String::new(),
    }
}

/// Whether a payment method is among these; an entry that ends in `*` names all that begin so.
#[must_use]
pub fn names_method(methods: &[String], method: &str) -> bool {
    methods.iter().any(|entry| match entry.strip_suffix('*') {
        Some(beginning) => method.starts_with(beginning),
        None => entry == method,
    })
}

impl SummarySettings {
    /// The mode of orders made on a day, `2026-11-22`. Days are compared as text.
    #[must_use]
    pub fn mode_on(&self, day: &str) -> Mode {
        let begun = self.modes.iter().filter(|row| row.from.as_str() <= day);
        begun.max_by(|a, b| a.from.cmp(&b.from)).map_or(Mode::Individual, |row| row.mode)
    }

    /// Whether any order can be in a summary.
    #[must_use]
    pub fn is_used(&self) -> bool {
        self.modes.iter().any(|row| row.mode == Mode::Summary)
    }
}
