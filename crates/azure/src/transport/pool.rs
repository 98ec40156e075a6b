//! Connections that wait for the next request to the same host.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use super::POOL_IDLE;

/// Things that are idle, by what they lead to.
#[derive(Debug)]
pub(super) struct Pool<T> {
    most: usize,
    /// A run talks to one host or two, so nothing is looked up faster.
    idle: Mutex<Vec<Origin<T>>>,
}

/// What is idle on the way to one host, and since when.
#[derive(Debug)]
struct Origin<T> {
    name: String,
    idle: Vec<(Instant, T)>,
}

impl<T> Pool<T> {
    /// Keeps at most so many for each origin.
    pub(super) const fn new(most: usize) -> Self {
        Self {
            most,
            idle: Mutex::new(Vec::new()),
        }
    }

    /// The one that was used last, unless that is too long ago.
    pub(super) fn take(&self, origin: &str) -> Option<T> {
        let mut all = self.origins();
        let idle = &mut all.iter_mut().find(|known| known.name == origin)?.idle;
        let (since, found) = idle.pop()?;
        if since.elapsed() > POOL_IDLE {
            // Those below it have waited longer still.
            idle.clear();
            return None;
        }
        Some(found)
    }

    /// Keeps it for the next one.
    pub(super) fn give(&self, origin: &str, free: T) {
        let mut all = self.origins();
        let known = all.iter().position(|known| known.name == origin);
        let place = known.unwrap_or_else(|| {
            all.push(Origin {
                name: origin.to_owned(),
                idle: Vec::new(),
            });
            all.len() - 1
        });
        let idle = &mut all[place].idle;
        if idle.len() < self.most {
            idle.push((Instant::now(), free));
        }
    }

    fn origins(&self) -> MutexGuard<'_, Vec<Origin<T>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_last_one_is_the_next_one() {
        let pool = Pool::new(2);
        for free in 1..=3 {
            pool.give("http://a", free);
        }
        pool.give("http://b", 4);
        assert_eq!(pool.take("http://a"), Some(2), "one more than may be kept");
        assert_eq!(pool.take("http://a"), Some(1));
        assert_eq!(pool.take("http://a"), None);
        assert_eq!(pool.take("http://b"), Some(4));
        assert_eq!(pool.take("http://c"), None);
    }

    #[tokio::test(start_paused = true)]
    async fn what_waited_too_long_is_dropped() {
        let pool = Pool::new(2);
        pool.give("http://a", 1);
        tokio::time::advance(POOL_IDLE / 2).await;
        pool.give("http://a", 2);
        tokio::time::advance(POOL_IDLE + POOL_IDLE / 9).await;
        assert_eq!(pool.take("http://a"), None);
        assert_eq!(pool.take("http://a"), None);
    }
}
