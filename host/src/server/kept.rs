//! What was reckoned or read a moment ago, kept so that a page that asks often costs little.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::time::Timestamp;

/// Things in memory; when there are more, all are forgotten: they can be had again.
const KEPT_MAX: usize = 64;

/// Things by key, each with the moment from which it is.
pub(crate) struct Kept<Key, Thing>(Mutex<BTreeMap<Key, (Timestamp, Thing)>>);

impl<Key, Thing> Default for Kept<Key, Thing> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<Key, Thing> fmt::Debug for Kept<Key, Thing> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept").finish_non_exhaustive()
    }
}

impl<Key: Ord, Thing: Clone> Kept<Key, Thing> {
    /// The thing, if it is younger than `age`.
    pub(crate) fn get(&self, key: &Key, now: Timestamp, age: Duration) -> Option<Thing> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(key).filter(|(at, _)| now.since(*at) < age).map(|(_, thing)| thing.clone())
    }

    /// Keeps it.
    pub(crate) fn put(&self, key: Key, thing: Thing, now: Timestamp) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        kept.insert(key, (now, thing));
    }
}
