//! Rounds: an organisation that is due is taken, its shops are swept and drained, and it is given
//! back until its next round. Any number of hosts may make rounds on one store.

use std::{sync::Arc, time::Duration};

use tokio::sync::Notify;

use super::{StopSignal, summaries, wished};
use crate::{
    bookkeeper::Bookkeeper,
    branch::{Branches, OpenError, Opener},
    config::Config,
    door::Door,
    facts::FactSource,
    shop_facts::ShopSource,
    store::{Activity, Lease, ShopRow, Store, StoreError},
    time::{Clock, Timestamp},
    worker::{Marks, Organisation, Rhythm, Step, SweepError, Worker},
};

/// How often the store is asked whether something is due.
pub const POLL: Duration = Duration::from_secs(1);

/// How long one organisation is worked for before others get their turn.
pub const TURN: Duration = Duration::from_secs(30);

/// After a shop or an organisation that could not be asked.
const RETRY: Duration = Duration::from_mins(1);

/// When things are done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timetable {
    /// An organisation's jobs are drained.
    pub drain_every: Duration,
    /// The shop is asked for what changed.
    pub sweep_every: Duration,
    /// What sweeps do less often.
    pub rhythm: Rhythm,
    /// Days that are over are summed up.
    pub sum_up_every: Duration,
}

/// How one round ended, for logs and tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Round {
    /// Whose it was.
    pub organisation: String,
    /// Objects that left the queue.
    pub settled: usize,
    /// The next one is not before this moment.
    pub next: Timestamp,
    /// Why not earlier; empty where it only rests.
    pub reason: String,
}

/// Makes rounds.
#[derive(Debug, Clone)]
pub struct Rounds {
    /// Who plans and sends.
    pub books: Bookkeeper,
    /// The shops with their organisations.
    pub branches: Arc<Branches>,
    /// When things are done.
    pub timetable: Timetable,
}

/// What is left to do for a shop.
enum Left {
    Nothing,
    /// Its turn is over.
    More,
    Later(Timestamp, String),
}

impl Rounds {
    /// Rounds on a store by the configured timetable; `owner` names this process in leases.
    #[must_use]
    pub fn open(
        config: &Config,
        store: Store,
        door: Door,
        clock: Arc<dyn Clock>,
        owner: String,
    ) -> Self {
        let opener = Opener {
            config: config.clone(),
            store: store.clone(),
            door: door.clone(),
            clock: Arc::clone(&clock),
        };
        let books = Bookkeeper {
            store,
            door,
            owner,
            clock,
            patience: Duration::ZERO,
            read_patience: Duration::ZERO,
            lease: Duration::from_secs(config.sync.lease_secs.into()),
        };
        let branches = Arc::new(Branches::new(opener));
        Self { books, branches, timetable: config.timetable() }
    }

    /// Makes rounds until it is stopped, so many at once; `wake` says that something may be due.
    /// All of them are one task: they wait for shops, Xero and the store, and the core runs beside.
    pub async fn run(&self, at_once: usize, stop: StopSignal, wake: &Notify) {
        let walkers = (0..at_once.max(1)).map(|_| self.walk(stop.clone(), wake));
        futures_util::future::join_all(walkers).await;
    }

    async fn walk(&self, mut stop: StopSignal, wake: &Notify) {
        while !stop.is_set() {
            match self.round(&stop).await {
                Ok(Some(round)) => {
                    tracing::info!(
                        organisation = round.organisation,
                        settled = round.settled,
                        next = %round.next,
                        reason = round.reason,
                        "round"
                    );
                    continue;
                }
                Ok(None) => {}
                // The disk may be full or the database away: what was begun is carried on later.
                Err(error) => tracing::error!(%error, "the store failed"),
            }
            tokio::select! {
                () = tokio::time::sleep(POLL) => {}
                () = wake.notified() => {}
                () = stop.wait() => {}
            }
        }
    }

    /// Makes one round for the organisation that has waited longest; `None` when none is due.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn round(&self, stop: &StopSignal) -> Result<Option<Round>, StoreError> {
        let (store, now) = (&self.books.store, self.now());
        store.wake_urgent(now).await?;
        let Some(lease) = store.claim_next(&self.books.owner, now, self.books.lease).await? else {
            return Ok(None);
        };
        let mut round = Round {
            organisation: lease.organisation.clone(),
            settled: 0,
            next: now.plus(self.timetable.drain_every),
            reason: String::new(),
        };
        let worked = tokio::select! {
            worked = self.work(&lease, &mut round, stop) => worked,
            lost = self.keep_alive(&lease) => Err(lost),
        };
        match worked {
            // Somebody else holds it now, and says when it is due.
            Err(StoreError::Fenced(_)) => return Ok(Some(round)),
            Err(error) => return Err(error),
            Ok(()) => {}
        }
        match store.release(&lease, round.next, &round.reason).await {
            Ok(()) | Err(StoreError::Fenced(_)) => Ok(Some(round)),
            Err(error) => Err(error),
        }
    }

    /// Renews the lease for as long as the work goes on, so that it can be short, and a dead host's
    /// is soon free; ends when it is lost.
    async fn keep_alive(&self, lease: &Lease) -> StoreError {
        loop {
            tokio::time::sleep(self.books.lease / 4).await;
            if let Err(error) = self.renew(lease).await {
                return error;
            }
        }
    }

    async fn renew(&self, lease: &Lease) -> Result<(), StoreError> {
        self.books.store.renew(lease, self.now(), self.books.lease).await
    }

    async fn work(
        &self,
        lease: &Lease,
        round: &mut Round,
        stop: &StopSignal,
    ) -> Result<(), StoreError> {
        let shops = self.books.store.shops().await?;
        let own = shops.iter().filter(|shop| {
            shop.organisation == lease.organisation && shop.activity == Activity::Active
        });
        for shop in own {
            if stop.is_set() {
                round.next = self.now();
                return Ok(());
            }
            match self.shop(lease, shop, round, stop).await? {
                Left::Nothing => {}
                Left::More => round.next = self.now(),
                Left::Later(until, reason) => {
                    round.next = until;
                    round.reason = reason;
                }
            }
        }
        Ok(())
    }

    async fn shop(
        &self,
        lease: &Lease,
        shop: &ShopRow,
        round: &mut Round,
        stop: &StopSignal,
    ) -> Result<Left, StoreError> {
        let branch = match self.branches.get(shop).await {
            Ok(branch) => branch,
            Err(OpenError::Store(error)) => return Err(error),
            Err(error) => return Ok(Left::Later(self.retry_after(&error), error.to_string())),
        };
        let worker = Worker { books: self.books.clone() };
        // People wait for what they have looked at.
        let wished = wished::apply_wanted(&self.books, lease, shop, &branch, stop).await?;
        if let Some((until, reason)) = wished {
            return Ok(Left::Later(until, reason));
        }
        let mut left = self.sweep(lease, &worker, shop, &branch).await?;
        let drained = self.drain(lease, &worker, &branch, round, stop).await?;
        if !matches!(drained, Left::Nothing) {
            left = drained;
        }
        if matches!(left, Left::Nothing) && branch.settings.summary.is_used() {
            return self.sum_up(lease, shop, &branch, stop).await;
        }
        Ok(left)
    }

    async fn sum_up(
        &self,
        lease: &Lease,
        shop: &ShopRow,
        branch: &Organisation<ShopSource>,
        stop: &StopSignal,
    ) -> Result<Left, StoreError> {
        let marks = self.kept_marks(shop).await?;
        let last = Timestamp::from_ms(marks.summed_ms);
        if self.now().since(last) < self.timetable.sum_up_every {
            return Ok(Left::Nothing);
        }
        self.renew(lease).await?;
        let summed = summaries::sum_up(&self.books, self.config(), lease, branch, stop).await;
        if let Err(error) = summed {
            return Ok(Left::Later(self.now().plus(RETRY), error.to_string()));
        }
        self.keep(shop, &Marks { summed_ms: self.now().ms(), ..marks }).await?;
        Ok(Left::Nothing)
    }

    /// Sweeps the shop when that is due; a shop that does not answer is no reason not to send what
    /// is known.
    async fn sweep<F: FactSource>(
        &self,
        lease: &Lease,
        worker: &Worker,
        shop: &ShopRow,
        branch: &Organisation<F>,
    ) -> Result<Left, StoreError> {
        let mut marks = marks_of(shop);
        let (begun, last) = (self.now(), Timestamp::from_ms(marks.swept_ms));
        let rests = marks.swept_ms > 0 && begun.since(last) < self.timetable.sweep_every;
        if rests && !self.is_wanted(shop).await? {
            return Ok(Left::Nothing);
        }
        self.renew(lease).await?;
        match worker.sweep_since(branch, &mut marks, self.timetable.rhythm).await {
            Ok(swept) => {
                tracing::info!(shop = shop.slug, swept.listed, swept.hinted, "swept");
                self.keep(shop, &marks).await?;
                self.books.store.sweep_done(&shop.slug, begun).await?;
                Ok(Left::Nothing)
            }
            Err(SweepError::Store(error)) => Err(error),
            Err(SweepError::Shop(error)) => {
                let until = self.now().plus(error.retry_after);
                Ok(Left::Later(until, format!("shop: {error}")))
            }
        }
    }

    /// Whether something came in that names no order: only a sweep finds what it means.
    async fn is_wanted(&self, shop: &ShopRow) -> Result<bool, StoreError> {
        let wanted = self.books.store.sweeps_wanted().await?;
        Ok(wanted.iter().any(|one| one.shop == shop.slug))
    }

    async fn drain<F: FactSource>(
        &self,
        lease: &Lease,
        worker: &Worker,
        branch: &Organisation<F>,
        round: &mut Round,
        stop: &StopSignal,
    ) -> Result<Left, StoreError> {
        let begun = self.now();
        loop {
            if stop.is_set() || self.now().since(begun) >= TURN {
                return Ok(Left::More);
            }
            if self.books.store.is_paused(&lease.organisation).await? {
                return Ok(Left::Nothing);
            }
            self.renew(lease).await?;
            match worker.step_under(lease, branch, stop).await? {
                Step::Worked(progress) => round.settled += progress.done(),
                Step::Idle | Step::Busy => {
                    let next = self
                        .books
                        .store
                        .next_retry(&branch.id, &branch.shop_url, self.now())
                        .await?;
                    round.next = next.map_or(round.next, |next| round.next.min(next));
                    return Ok(Left::Nothing);
                }
                Step::Parked { until, reason } => return Ok(Left::Later(until, reason)),
            }
        }
    }

    async fn kept_marks(&self, shop: &ShopRow) -> Result<Marks, StoreError> {
        let kept = self.books.store.shop(&shop.slug).await?;
        Ok(kept.as_ref().map_or_else(|| marks_of(shop), marks_of))
    }

    async fn keep(&self, shop: &ShopRow, marks: &Marks) -> Result<(), StoreError> {
        let text = serde_json::to_string(marks).unwrap_or_default();
        self.books.store.set_marks(&shop.slug, &text).await
    }

    fn retry_after(&self, error: &OpenError) -> Timestamp {
        let after = match error {
            OpenError::Xero(crate::xero_client::Failure::NotDone { retry_after, .. }) => {
                (*retry_after).max(RETRY)
            }
            _ => RETRY,
        };
        self.now().plus(after)
    }

    fn config(&self) -> &Config {
        &self.branches.opener().config
    }

    fn now(&self) -> Timestamp {
        self.books.clock.now()
    }
}

/// How far a shop's sweeps have come; one that never was swept begins where it was switched on.
fn marks_of(shop: &ShopRow) -> Marks {
    let marks: Marks = serde_json::from_str(&shop.marks).unwrap_or_default();
    if marks.orders.is_empty() { Marks::from(shop.activated) } else { marks }
}
