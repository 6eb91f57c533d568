//! Many seeds at once, one on each of a few threads.

use std::{
    ops::Range,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
};

use super::{Played, Player, Sabotage};

/// Plays seeds in their order, as many at once as there are cores; `on_played` sees each as it ends
/// and says whether to go on.
///
/// # Panics
/// No player can be made.
pub fn play_many(
    seeds: Range<u64>,
    sabotage: Sabotage,
    on_played: impl FnMut(Played) -> bool + Send,
) {
    let next = AtomicU64::new(seeds.start);
    let over = AtomicBool::new(false);
    let on_played = Mutex::new(on_played);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                let player = Player::new().unwrap();
                while !over.load(Ordering::Relaxed) {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        return;
                    }
                    let played = player.play(seed, sabotage, false);
                    if !(on_played.lock().unwrap())(played) {
                        over.store(true, Ordering::Relaxed);
                    }
                }
            });
        }
    });
}
