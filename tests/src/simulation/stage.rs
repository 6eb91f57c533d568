//! The stage: one actor moves at a time, time is what the stage says, and every wait is a point at
//! which something may go wrong.
//!
//! An actor that comes to a point parks there until the director lets it go on. Since nobody else
//! moves meanwhile, what happens depends on the seed alone.

use std::{
    future::poll_fn,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::Poll,
    time::Duration,
};

use tillbook::time::{Clock, Timestamp};

use super::{dice::Dice, tally::Tally};

/// Who acts: a worker's process, or the intake's.
pub(super) type ActorId = usize;

/// Where an actor waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Point {
    /// Between two pieces of work.
    Turn,
    /// Before a write of the store has begun.
    Begin,
    /// A write is complete but not kept: nobody else may write before it is.
    BeforeCommit,
    /// A write is kept.
    AfterCommit,
    /// A request leaves for Xero.
    Send,
    /// Xero's answer is on its way.
    Answer,
    /// The shop is asked.
    Shop,
}

impl Point {
    /// Whether the same actor goes on at once: it holds the lock of the database, or its bytes are on
    /// the wire.
    pub(super) const fn is_held(self) -> bool {
        matches!(self, Self::BeforeCommit | Self::Send)
    }
}

/// How much goes wrong in one seed, of a thousand chances each.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Rates {
    /// A process dies.
    pub(super) crash: u64,
    /// A process stands still for a while.
    pub(super) freeze: u64,
    /// A call to Xero goes wrong.
    pub(super) wire: u64,
    /// A write of the store fails.
    pub(super) disk: u64,
    /// The shop fails, or answers with what was true a while ago.
    pub(super) shop: u64,
    /// A hint is late, lost, doubled or out of order.
    pub(super) mail: u64,
    /// A clock jumps.
    pub(super) clock: u64,
    /// Xero's tokens expire.
    pub(super) token: u64,
}

/// What the actors share.
#[derive(Debug)]
pub(super) struct Inner {
    pub(super) dice: Dice,
    pub(super) rates: Rates,
    pub(super) tally: Tally,
    /// True time, in milliseconds since 1970.
    pub(super) now_ms: i64,
    /// By how much each actor's clock is ahead.
    pub(super) skews_ms: Vec<i64>,
    parked: Vec<Option<Point>>,
    may_go: Option<ActorId>,
    /// Until when the disk is full.
    pub(super) full_until_ms: i64,
    /// Until when trouble with Xero lasts.
    pub(super) spell_until_ms: i64,
    /// Nothing goes wrong any more.
    pub(super) calm: bool,
    log: Option<Vec<String>>,
}

/// The shared stage.
#[derive(Debug, Clone)]
pub(super) struct Stage(Arc<Mutex<Inner>>);

impl Stage {
    pub(super) fn new(dice: Dice, rates: Rates, now_ms: i64, with_log: bool) -> Self {
        Self(Arc::new(Mutex::new(Inner {
            dice,
            rates,
            tally: Tally::default(),
            now_ms,
            skews_ms: Vec::new(),
            parked: Vec::new(),
            may_go: None,
            full_until_ms: 0,
            spell_until_ms: 0,
            calm: false,
            log: with_log.then(Vec::new),
        })))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes room for one more actor.
    pub(super) fn enter(&self) -> ActorId {
        let mut inner = self.lock();
        inner.parked.push(None);
        inner.skews_ms.push(0);
        inner.parked.len() - 1
    }

    /// Waits at a point until the director says go.
    pub(super) async fn point(&self, actor: ActorId, point: Point) {
        self.note(|| format!("{actor} comes to {point:?}"));
        self.lock().parked[actor] = Some(point);
        poll_fn(|_| {
            let mut inner = self.lock();
            if inner.may_go == Some(actor) {
                inner.may_go = None;
                inner.parked[actor] = None;
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }

    /// Lets an actor leave its point the next time it is polled.
    pub(super) fn let_go(&self, actor: ActorId) {
        self.lock().may_go = Some(actor);
    }

    /// Where an actor waits.
    pub(super) fn parked(&self, actor: ActorId) -> Option<Point> {
        self.lock().parked[actor]
    }

    /// Forgets where an actor waited: it is no more.
    pub(super) fn leave(&self, actor: ActorId) {
        self.lock().parked[actor] = None;
    }

    /// Writes down what happens, for whoever looks into one seed.
    pub(super) fn note(&self, what: impl FnOnce() -> String) {
        let mut inner = self.lock();
        let now = Timestamp::from_ms(inner.now_ms);
        if let Some(log) = &mut inner.log {
            log.push(format!("{now} {}", what()));
        }
    }

    pub(super) fn take_log(&self) -> Vec<String> {
        self.lock().log.take().unwrap_or_default()
    }

    /// Whether something goes wrong, and counts it.
    pub(super) fn strikes(&self, rate: impl Fn(&Rates) -> u64, what: &'static str) -> bool {
        let mut inner = self.lock();
        if inner.calm {
            return false;
        }
        let per_mille = rate(&inner.rates);
        let strikes = inner.dice.hits(per_mille);
        if strikes {
            inner.tally.count(what);
        }
        strikes
    }

    pub(super) fn count(&self, what: &'static str) {
        self.lock().tally.count(what);
    }
}

/// An actor's own clock: true time, and what it is wrong by.
#[derive(Debug)]
pub(super) struct OwnClock {
    pub(super) stage: Stage,
    pub(super) actor: ActorId,
}

impl Clock for OwnClock {
    fn now(&self) -> Timestamp {
        let inner = self.stage.lock();
        Timestamp::from_ms(inner.now_ms + inner.skews_ms[self.actor])
    }
}

/// So many milliseconds as a duration.
pub(super) fn duration(ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(ms).unwrap_or_default())
}
