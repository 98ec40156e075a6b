//! The moment of a write, which is its ETag too.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// When something was written, in units of 100 ns since the year 1, unique within an account.
///
/// Written in hexadecimal that number is what the service shows as an ETag, `0x8D…`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Stamp(u64);

/// From the year 1 to 1970, in units of 100 ns.
const EPOCH: u64 = 621_355_968_000_000_000;

impl Stamp {
    /// The time of the stamp, as precise as a Last-Modified header: whole seconds.
    pub(crate) fn time(self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(self.0.saturating_sub(EPOCH) / 10_000_000)
    }

    /// The time as an HTTP header has it.
    pub(crate) fn http_date(self) -> String {
        httpdate::fmt_http_date(self.time())
    }

    /// The ETag with its quotes, as headers have it.
    pub(crate) fn etag(self) -> String {
        format!("\"{self}\"")
    }

    /// How long before `now` this was.
    pub(crate) fn age(self, now: SystemTime) -> Duration {
        now.duration_since(self.time()).unwrap_or_default()
    }
}

/// The ETag without quotes, as listings have it.
impl fmt::Display for Stamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "0x{:X}", self.0)
    }
}

/// Gives out stamps, each later than all before.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    last: AtomicU64,
}

impl Clock {
    /// The next stamp.
    pub(crate) fn now(&self) -> Stamp {
        let elapsed = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let wall = EPOCH + u64::try_from(elapsed.as_nanos() / 100).unwrap_or(u64::MAX - EPOCH);
        let before = self
            .last
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| {
                Some(wall.max(last + 1))
            })
            .unwrap_or_else(|last| last);
        Stamp(wall.max(before + 1))
    }

    /// Makes every later stamp later than this one, which the journal told of.
    pub(crate) fn saw(&self, stamp: Stamp) {
        self.last.fetch_max(stamp.0, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_rise_and_look_like_the_service() {
        let clock = Clock::default();
        let (first, second) = (clock.now(), clock.now());
        assert!(second > first);
        assert!(first.etag().starts_with("\"0x8D"), "{}", first.etag());
    }

    #[test]
    fn a_stamp_is_later_than_what_the_journal_saw() {
        let clock = Clock::default();
        let ahead = Stamp(clock.now().0 + 36_000_000_000);
        clock.saw(ahead);
        assert!(clock.now() > ahead);
    }
}
