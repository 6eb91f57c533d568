//! The only loops: steps until the queue is empty, waits where a step says so, stops when asked;
//! and rounds for as long as a server runs.

mod rounds;
mod summaries;
mod upkeep;
mod wished;

use std::time::Duration;

pub use rounds::{POLL, Round, Rounds, TURN, Timetable};
use tokio::sync::watch;
pub use upkeep::Upkeep;

use crate::{
    facts::FactSource,
    store::StoreError,
    time::Timestamp,
    worker::{Organisation, Progress, Step, Worker},
};

/// Longer waits than this are told to the caller instead of being sat out. Xero's minute limit
/// ends within one.
pub const PATIENCE: Duration = Duration::from_mins(3);

/// How a drain ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// Nothing is left to do.
    Empty,
    /// What is left must wait longer than [`PATIENCE`].
    Parked {
        /// When to try again.
        until: Timestamp,
        /// Why, for people.
        reason: String,
    },
    /// It was asked to stop.
    Stopped,
}

/// Asks loops to stop after their current step.
#[derive(Debug, Clone)]
pub struct StopSignal(watch::Receiver<bool>);

/// Makes a stop signal and the switch that sets it off.
#[must_use]
pub fn stop_signal() -> (watch::Sender<bool>, StopSignal) {
    let (sender, receiver) = watch::channel(false);
    (sender, StopSignal(receiver))
}

impl StopSignal {
    /// Whether the switch was thrown.
    #[must_use]
    pub fn is_set(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits for the switch; for ever when it is gone.
    pub async fn wait(&mut self) {
        if self.0.wait_for(|stop| *stop).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Drains one organisation; `on_step` sees what each step settled.
///
/// # Errors
/// [`StoreError`].
pub async fn drain<F: FactSource>(
    worker: &Worker,
    organisation: &Organisation<F>,
    mut stop: StopSignal,
    mut on_step: impl FnMut(&Progress),
) -> Result<Ended, StoreError> {
    loop {
        if stop.is_set() {
            return Ok(Ended::Stopped);
        }
        let done = worker.step(organisation, &stop).await?;
        if let Step::Worked(progress) = &done {
            on_step(progress);
            continue;
        }
        let store = &worker.books.store;
        let next = store.next_run(&organisation.id, &organisation.shop_url).await?;
        let Some((due, why)) = next else { return Ok(Ended::Empty) };
        let (until, reason) = match done {
            Step::Parked { until, reason } => (until.max(due), reason),
            _ => (due, why),
        };
        let wait = until.since(worker.books.clock.now());
        if wait > PATIENCE {
            return Ok(Ended::Parked { until, reason });
        }
        // At least a moment, so that a clock that stands still does not spin.
        let wait = wait.max(Duration::from_millis(1));
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = stop.wait() => {}
        }
    }
}
