//! Plans and their carrying out: what should be in Xero, shown and saved before a person says go.
//!
//! A plan is made by the core from the shop's facts, our links and what Xero has, and is named by
//! its SHA-256. It is carried out only while it is still what would be planned today. Each call is
//! on disk before it is sent; its answer is on disk before the next one leaves; killed anywhere, it
//! is carried on.

mod apply;
mod complete;
mod gather;
mod ledger;
mod recorded;
mod sabotaged;
mod summaries;

use std::{sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tillbook_core::{
    contract::{ExcludedOrder, PlanResponse},
    plan::{Action, Fate, Row, Step},
};

use crate::{
    door::{Door, DoorError},
    facts::FactsError,
    store::{PlanState, Store, StoreError, StoredPlan},
    time::Clock,
    xero_client::{Failure, XeroClient},
};

pub use apply::{Applied, Event};
pub use summaries::{LOOKBACK_DAYS, Sold, Summaries, SummaryScope, TAKINGS_PER_PART, gone};

/// Orders in one question to the core.
pub const ORDERS_PER_PART: usize = 1_000;

/// Letters of a plan's name that people see and type.
pub const NAME_CHARS: usize = 12;

/// What a plan is for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// The shop's address, where the plan is made from its pages.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub shop: String,
    /// WooCommerce's ids of the orders; all orders when empty, unless products or customers are
    /// named.
    pub orders: Vec<u64>,
    /// WooCommerce's ids of products and variations that changed: their items follow.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub products: Vec<u64>,
    /// WooCommerce's ids of customers who changed: their contacts follow.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub customers: Vec<u64>,
    /// Whether what was posted for them is to be taken back.
    pub undo: bool,
    /// Whether what a person undid is to be made again.
    pub redo: bool,
    /// Orders that a person sends although they are switched off or older than what is sent by
    /// itself, besides those that the store holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pushed: Vec<u64>,
    /// Orders that a person took out, besides those that the store holds: they are left as they
    /// are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excluded: Vec<ExcludedOrder>,
    /// Summaries instead of orders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<SummaryScope>,
}

/// A plan could not be made or carried out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The shop could not be asked.
    #[error("the shop cannot be asked")]
    Shop(#[from] FactsError),
    /// Xero could not be asked, or cannot be asked now.
    #[error("Xero cannot be asked")]
    Xero(#[from] Failure),
    /// The core stopped.
    #[error(transparent)]
    Core(#[from] DoorError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The text is no day.
    #[error("`{0}` is no day; write it as 2026-11-22")]
    NoDay(String),
    /// The declared zone is none.
    #[error("{0}; choose another in `summary.zone`")]
    Zone(String),
    /// Another worker holds the organisation.
    #[error("another worker is busy with this organisation")]
    Busy,
    /// A call whose sender has gone may still reach Xero.
    #[error("an earlier call may still be on its way to Xero; come again in {} seconds", .0.as_secs())]
    OnItsWay(Duration),
    /// No saved plan has this name.
    #[error("there is no plan `{0}`; `tillbook plan` makes one")]
    Unknown(String),
    /// Several plans begin so.
    #[error("several plans begin with `{0}`; give more letters")]
    Ambiguous(String),
    /// Something has changed since the plan was made.
    #[error(
        "something has changed since this plan was made: it would be {today} now; \
         look at it with `tillbook plan`"
    )]
    Changed {
        /// The name that the plan would have today.
        today: String,
    },
    /// The plan has come to its end before.
    #[error("this plan is {}; `tillbook plan` makes a new one", .0.as_str())]
    Ended(PlanState),
    /// The plan was interrupted too long ago to be carried on unseen.
    #[error("this plan was interrupted a while ago; `tillbook plan` plans what is left of it")]
    Stale,
    /// Nobody knows whether a call was carried out, and Xero no longer remembers its key.
    #[error(
        "nobody knows whether the last call was carried out; `tillbook plan` looks what is there \
         and plans the rest"
    )]
    Lost,
}

impl Scope {
    /// Whether products or customers are asked for.
    #[must_use]
    pub const fn names_records(&self) -> bool {
        !self.products.is_empty() || !self.customers.is_empty()
    }
}

/// How many documents and orders a plan does what with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Documents that are made.
    pub create: usize,
    /// Documents that are changed.
    pub update: usize,
    /// Documents that are taken back.
    pub withdraw: usize,
    /// Documents whose answer was lost and that are linked again.
    pub adopt: usize,
    /// Payments that are made.
    pub pay: usize,
    /// Payments that are taken away.
    pub unpay: usize,
    /// Credit notes that are used on their invoice.
    pub allocate: usize,
    /// Such uses that are taken back.
    pub unallocate: usize,
    /// Gateway fees that are booked.
    pub spend: usize,
    /// Gateway fees whose booking is deleted.
    pub unspend: usize,
    /// Contacts that are made.
    pub contacts: usize,
    /// Contacts that are filled in or changed.
    pub contacts_changed: usize,
    /// Items that are made.
    pub items: usize,
    /// Items that are changed.
    pub items_changed: usize,
    /// Orders and refunds whose document is as it should be.
    pub same: usize,
    /// Orders and refunds that need no document.
    pub skip: usize,
    /// Orders and refunds that wait for a person.
    pub hold: usize,
    /// Calls to Xero.
    pub calls: usize,
}

impl StoredPlan {
    /// All rows.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.parts.iter().flat_map(|part| &part.rows)
    }

    /// All steps, in the order in which they are carried out.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        let calls = self.parts.iter().flat_map(|part| part.waves.iter().flatten());
        calls.flat_map(|call| &call.steps)
    }

    /// Whether there is anything to carry out.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let kept = |part: &PlanResponse| !part.links.is_empty() || !part.records.is_empty();
        self.steps().next().is_none() && !self.parts.iter().any(kept)
    }

    /// The name that people see.
    #[must_use]
    pub fn name(&self) -> &str {
        self.sha256.get(..NAME_CHARS).unwrap_or(&self.sha256)
    }

    /// The numbers of the plan.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for row in self.rows() {
            let record = matches!(&*row.object.kind, "product" | "customer");
            match row.fate {
                // Contacts and items are counted by their steps.
                Fate::Create | Fate::Update | Fate::Adopt if record => {}
                Fate::Create => counts.create += 1,
                Fate::Update => counts.update += 1,
                Fate::Withdraw => counts.withdraw += 1,
                Fate::Adopt => counts.adopt += 1,
                Fate::Same | Fate::Settle => counts.same += 1,
                Fate::Skip => counts.skip += 1,
                Fate::Hold => counts.hold += 1,
            }
        }
        for step in self.steps() {
            match step.action {
                Action::Pay => counts.pay += 1,
                Action::Unpay => counts.unpay += 1,
                Action::Allocate => counts.allocate += 1,
                Action::Unallocate => counts.unallocate += 1,
                Action::Spend => counts.spend += 1,
                Action::Unspend => counts.unspend += 1,
                Action::CreateContact => counts.contacts += 1,
                Action::UpdateContact => counts.contacts_changed += 1,
                Action::CreateItem => counts.items += 1,
                Action::UpdateItem => counts.items_changed += 1,
                Action::Create | Action::Update | Action::Void => {}
            }
        }
        let waves = self.parts.iter().flat_map(|part| &part.waves);
        counts.calls = waves.map(Vec::len).sum();
        counts
    }
}

/// Makes plans and carries them out.
#[derive(Debug, Clone)]
pub struct Bookkeeper {
    /// The store.
    pub store: Store,
    /// The core.
    pub door: Door,
    /// Who this is, for leases.
    pub owner: String,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// How long a wait is sat out before the caller is told.
    pub patience: Duration,
    /// The same while Xero is read for a plan: what was read would have to be read again.
    pub read_patience: Duration,
    /// How long an organisation is held without a sign of life; longer than a call may take, unless
    /// somebody renews it meanwhile.
    pub lease: Duration,
}

/// Asks Xero, and asks again after the time that it names, as long as that is within `patience`.
///
/// # Errors
/// The [`Failure`] that takes longer, or that waiting does not cure.
pub async fn patiently<T>(
    patience: Duration,
    mut on_wait: impl FnMut(Duration, &str),
    mut ask: impl AsyncFnMut() -> Result<T, Failure>,
) -> Result<T, Failure> {
    let mut waited = Duration::ZERO;
    loop {
        match ask().await {
            Err(Failure::NotDone { retry_after, message }) if waited + retry_after <= patience => {
                on_wait(retry_after, &message);
                // At least a moment, so that a clock that stands still does not spin.
                let wait = retry_after.max(Duration::from_millis(10));
                waited += wait;
                tokio::time::sleep(wait).await;
            }
            ended => return ended,
        }
    }
}

/// Reads everything of a collection, page by page, so that a wait does not begin it again.
///
/// # Errors
/// Those of [`patiently`].
pub async fn read_all(
    xero: &XeroClient,
    path: &str,
    patience: Duration,
    mut on_wait: impl FnMut(Duration, &str),
) -> Result<Vec<Box<RawValue>>, Failure> {
    let mut all = Vec::new();
    for page in 1_u32.. {
        let read = async || xero.read_page(path, page).await;
        let (mut found, last) = patiently(patience, &mut on_wait, read).await?;
        all.append(&mut found);
        if last {
            break;
        }
    }
    Ok(all)
}
