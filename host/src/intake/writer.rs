//! Group commit: what arrives while one commit runs is in the next one.

use std::{mem, sync::Arc, time::Duration};

use tokio::sync::{mpsc, oneshot};

use super::Refusal;
use crate::{
    store::{Arrival, Store, StoreError},
    time::{Clock, Timestamp},
};

/// How often old nonces are forgotten.
const FORGET_EVERY: Duration = Duration::from_mins(1);

/// Limits of what waits to be written.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Deliveries that wait; more are refused, to come again.
    pub queue_max: usize,
    /// Deliveries in one commit.
    pub batch_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { queue_max: 4_096, batch_max: 512 }
    }
}

type Answer = oneshot::Sender<Result<bool, Refusal>>;

/// The one that writes.
#[derive(Debug)]
pub(super) struct Writer {
    queue: mpsc::Sender<(Arrival, Answer)>,
}

impl Writer {
    pub(super) fn start(store: Store, clock: Arc<dyn Clock>, limits: Limits) -> Self {
        let (queue, waiting) = mpsc::channel(limits.queue_max.max(1));
        tokio::spawn(write_all(store, clock, waiting, limits.batch_max.max(1)));
        Self { queue }
    }

    /// Waits until an arrival is on disk; gives whether it was new.
    pub(super) async fn write(&self, arrival: Arrival) -> Result<bool, Refusal> {
        let (answer, written) = oneshot::channel();
        self.queue.try_send((arrival, answer)).map_err(|_| Refusal::Busy)?;
        written.await.unwrap_or(Err(Refusal::Busy))
    }
}

async fn write_all(
    store: Store,
    clock: Arc<dyn Clock>,
    mut waiting: mpsc::Receiver<(Arrival, Answer)>,
    batch_max: usize,
) {
    let mut batch = Vec::with_capacity(batch_max);
    let mut forgotten = Timestamp::from_ms(0);
    while waiting.recv_many(&mut batch, batch_max).await > 0 {
        let (arrivals, answers): (Vec<Arrival>, Vec<Answer>) =
            mem::take(&mut batch).into_iter().unzip();
        let now = clock.now();
        metrics::histogram!("tillbook_intake_batch_deliveries").record(count(arrivals.len()));
        answer(answers, store.take_in(&arrivals, now).await);
        if now.since(forgotten) > FORGET_EVERY {
            forgotten = now;
            if let Err(error) = store.forget_nonces(now).await {
                tracing::warn!(%error, "old nonces are not forgotten");
            }
        }
    }
}

fn answer(answers: Vec<Answer>, written: Result<Vec<bool>, StoreError>) {
    // Whoever has gone away meanwhile is not told: what was written stays written.
    match written {
        Ok(fresh) => {
            for (answer, fresh) in answers.into_iter().zip(fresh) {
                answer.send(Ok(fresh)).ok();
            }
        }
        Err(error) => {
            tracing::error!(%error, deliveries = answers.len(), "deliveries are not written");
            let error = Arc::new(error);
            for answer in answers {
                answer.send(Err(Refusal::Store(Arc::clone(&error)))).ok();
            }
        }
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
