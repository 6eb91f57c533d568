//! Payouts of three payment gateways for the practice shop's orders.
//!
//! A [`Dealer`] deals recorded or generated orders over the payment methods, writes what the
//! gateway's plugin would have written into each order, and keeps a ledger for each gateway: what
//! was charged and refunded, what it cost, what was disputed, held back and released, and which
//! payout took it to the bank. The same seed and orders always give the same ledgers.
//!
//! The ledgers are answered in the gateways' own formats: WooPayments by the shop itself, Stripe and
//! PayPal by a server each on loopback, and any of them as a CSV text.
//!
//! ```no_run
//! # async fn doc() -> std::io::Result<()> {
//! use tillbook_practice::gateways::{Gateway, Gateways};
//! use tillbook_practice::shop::{PracticeShop, corpus};
//! let dealt = Gateways::deal(7, corpus::orders("AU-incl").into_iter().cloned());
//! for payout in dealt.account(Gateway::Stripe).into_iter().flat_map(|account| &account.payouts) {
//!     println!("{} {} {}", payout.id, payout.arrives_at, payout.amount);
//! }
//! let shop = PracticeShop::builder().gateways(dealt).start().await?;
//! if let Some(stripe) = &shop.stripe {
//!     println!("{} {}", stripe.base_url, stripe.secret_key);
//! }
//! # Ok(()) }
//! ```

mod booking;
mod calendar;
mod dealer;
mod desk;
pub(crate) mod imprint;
mod incident;
mod ledger;
mod money;
mod payday;
mod paypal;
mod running;
mod statement;
mod stripe;
pub(crate) mod woopayments;

pub use dealer::Dealer;
pub use ledger::{Account, Entry, Gateway, Kind, OrderRef, Payout};
pub use money::minor_digits;
pub use running::{PaypalDesk, StripeDesk};

use chrono::{DateTime, Utc};

use crate::shop::corpus::Case;

/// Orders that were dealt over the payment methods, and the gateways' ledgers for them.
#[derive(Debug, Clone, PartialEq)]
pub struct Gateways {
    /// The orders as the gateways' plugins left them.
    pub cases: Vec<Case>,
    /// A ledger for each gateway that charged anything, in the order of [`Gateway::ALL`].
    pub accounts: Vec<Account>,
    /// The moment, in UTC, at which the ledgers were closed; what arrives later is on its way.
    pub closed_at: DateTime<Utc>,
}

impl Gateways {
    /// Deals orders with every choice left as it is; see [`Dealer`].
    #[must_use]
    pub fn deal(seed: u64, cases: impl IntoIterator<Item = Case>) -> Self {
        Self::dealer(seed).deal(cases)
    }

    /// Starts describing how orders are to be dealt.
    #[must_use]
    pub const fn dealer(seed: u64) -> Dealer {
        Dealer::new(seed)
    }

    /// Gives the ledger of a gateway; none when it charged nothing.
    #[must_use]
    pub fn account(&self, gateway: Gateway) -> Option<&Account> {
        self.accounts.iter().find(|account| account.gateway == gateway)
    }

    /// Gives a gateway's entries as a CSV text, amounts in major units, days in UTC.
    ///
    /// Columns: `payout_id`, `payout_date` (arrival), `payout_amount`, `currency`, `entry_id`,
    /// `type`, `date`, `amount`, `fee`, `net`, `order_number`, `transaction_id`, `refund_id`,
    /// `description`; the types are `charge`, `refund`, `fee`, `adjustment`, `dispute`, `reserve` and
    /// `transfer`. What is not paid out yet has no payout. Only the heading for a gateway that
    /// charged nothing.
    #[must_use]
    pub fn csv(&self, gateway: Gateway) -> String {
        statement::print(self.account(gateway))
    }
}
