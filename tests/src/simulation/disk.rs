//! The store's disk: full for a while, or gone just after it has kept what was written.

use std::io;

use futures_util::future::BoxFuture;
use tillbook::store::{StoreError, WriteHook, WriteMoment};

use super::stage::{ActorId, Point, Stage};

/// How long a disk stays full, in milliseconds.
const FULL_MS_MAX: u64 = 120_000;

/// One process's way to the store.
#[derive(Debug)]
pub(super) struct Disk {
    pub(super) stage: Stage,
    pub(super) actor: ActorId,
}

impl Disk {
    async fn at(&self, moment: WriteMoment) -> Result<(), StoreError> {
        let point = match moment {
            WriteMoment::Begin => Point::Begin,
            WriteMoment::BeforeCommit => Point::BeforeCommit,
            WriteMoment::AfterCommit => Point::AfterCommit,
        };
        self.stage.point(self.actor, point).await;
        if self.stage.lock().calm {
            return Ok(());
        }
        if moment == WriteMoment::AfterCommit {
            // The answer of the database is lost, not what it has kept.
            return if self.stage.strikes(|rates| rates.disk / 4, "answer of the database lost") {
                Err(broken(io::ErrorKind::ConnectionReset))
            } else {
                Ok(())
            };
        }
        if self.stage.strikes(|rates| rates.disk, "disk full") {
            let mut inner = self.stage.lock();
            let ms = inner.dice.below(FULL_MS_MAX);
            inner.full_until_ms = inner.now_ms + i64::try_from(ms).unwrap_or_default();
        }
        let mut inner = self.stage.lock();
        if inner.now_ms < inner.full_until_ms {
            inner.tally.count("writes that failed");
            return Err(broken(io::ErrorKind::StorageFull));
        }
        Ok(())
    }
}

fn broken(kind: io::ErrorKind) -> StoreError {
    StoreError::Folder { path: String::from("tillbook.db"), error: kind.into() }
}

impl WriteHook for Disk {
    fn at(&self, moment: WriteMoment) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.at(moment))
    }
}
