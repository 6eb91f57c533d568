//! What a gateway keeps: entries of a balance, and the payouts that emptied it.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

/// A payment gateway with payouts of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gateway {
    /// WooPayments, payment method `woocommerce_payments`.
    WooPayments,
    /// Stripe, payment method `stripe`.
    Stripe,
    /// PayPal, payment method `ppcp-gateway`.
    PayPal,
}

impl Gateway {
    /// All of them, in the order in which they are dealt.
    pub const ALL: [Self; 3] = [Self::WooPayments, Self::Stripe, Self::PayPal];

    /// Gives the id that WooCommerce keeps as an order's `payment_method`.
    #[must_use]
    pub const fn method(self) -> &'static str {
        match self {
            Self::WooPayments => "woocommerce_payments",
            Self::Stripe => "stripe",
            Self::PayPal => "ppcp-gateway",
        }
    }

    /// Gives the gateway of a payment method; none for those without payouts.
    #[must_use]
    pub fn of_method(method: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|gateway| gateway.method() == method)
    }
}

/// What an entry is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A buyer paid. Without an order: paid through the account, but not in this shop.
    Charge,
    /// Money went back to a buyer.
    Refund,
    /// A bank took a payment back; its fee is the dispute fee.
    Dispute,
    /// A dispute was won: the payment came back, the fee did not.
    DisputeReversal,
    /// What the gateway asks for each month.
    AccountFee,
    /// The gateway put something right.
    Adjustment,
    /// The gateway holds money back for a while.
    ReserveHeld,
    /// Money that was held back is free again.
    ReserveReleased,
    /// The owner paid into the balance.
    TopUp,
}

/// The order that an entry belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderRef {
    /// WooCommerce order id.
    pub id: u64,
    /// Order number as the buyer sees it.
    pub number: String,
    /// Name of who paid.
    pub buyer: String,
    /// E-mail address of who paid.
    pub email: String,
    /// ISO 3166 code of the billing address, empty when unknown.
    pub country: String,
}

/// One entry of a balance. Amounts are minor units, by [`super::minor_digits`] of their currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The gateway's id of the entry: `txn_…`, for PayPal seventeen letters and digits.
    pub id: String,
    /// What it is for.
    pub kind: Kind,
    /// When it happened, in UTC.
    pub at: DateTime<Utc>,
    /// From when on a payout may take it, in UTC.
    pub available_at: DateTime<Utc>,
    /// What was moved, in the account's currency; negative when it left the balance.
    pub gross: i64,
    /// What the gateway kept, in the account's currency; positive is a cost.
    pub fee: i64,
    /// `gross` less `fee`: what the balance changed by.
    pub net: i64,
    /// What the buyer saw, in `presented_currency`, signed as `gross`.
    pub presented: i64,
    /// The fee in `presented_currency`, for gateways that reckon it there.
    pub presented_fee: i64,
    /// ISO 4217 code of what the buyer saw.
    pub presented_currency: String,
    /// Units of the account's currency for one of the presented one; none when they are the same.
    pub rate: Option<Decimal>,
    /// The order, for what belongs to one.
    pub order: Option<OrderRef>,
    /// WooCommerce refund id, for a refund made in the shop.
    pub refund_id: Option<u64>,
    /// The gateway's id of the thing itself: `ch_…`, `re_…`, `dp_…`; for PayPal the entry's own.
    pub source: String,
    /// The charge that a refund or dispute is about, and a charge's own id.
    pub charge: Option<String>,
    /// The payment intent of that charge; PayPal has none and keeps its order's id here.
    pub intent: Option<String>,
    /// What the gateway calls it.
    pub description: String,
    /// The payout that took it; none while it waits.
    pub payout: Option<String>,
}

/// Money on its way between a balance and the bank. Amounts are minor units of the account's
/// currency; `amount` = `brought_forward` + the nets of its entries − `left`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payout {
    /// The gateway's id: `po_…`, for PayPal seventeen letters and digits.
    pub id: String,
    /// The id of the payout's own entry in the balance.
    pub entry: String,
    /// When it was made, in UTC.
    pub created_at: DateTime<Utc>,
    /// When the bank has it, in UTC.
    pub arrives_at: DateTime<Utc>,
    /// What the bank gets; negative when the gateway takes it from the bank.
    pub amount: i64,
    /// What the payout before left in the balance; PayPal only.
    pub brought_forward: i64,
    /// What stays in the balance; PayPal only.
    pub left: i64,
    /// Whether the bank has it already.
    pub paid: bool,
}

/// One gateway's balance in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Whose balance it is.
    pub gateway: Gateway,
    /// ISO 4217 code, the shop's.
    pub currency: String,
    /// What happened, oldest first.
    pub entries: Vec<Entry>,
    /// Its payouts, oldest first.
    pub payouts: Vec<Payout>,
}

impl Account {
    /// Gives the entries that a payout took, oldest first.
    pub fn entries_of(&self, payout: &str) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.payout.as_deref() == Some(payout))
    }

    /// Gives a payout by its id.
    #[must_use]
    pub fn payout(&self, id: &str) -> Option<&Payout> {
        self.payouts.iter().find(|payout| payout.id == id)
    }

    /// Gives the entries of a kind, oldest first.
    pub fn entries_for(&self, kind: Kind) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.kind == kind)
    }
}
