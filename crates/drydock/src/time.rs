//! Times as the service writes and reads them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use jiff::Timestamp;

/// The time by which leases run out. It can be moved ahead, so that no test has to wait for it; clones share one state.
#[derive(Debug, Clone, Default)]
pub(crate) struct LeaseTime {
    ahead_milliseconds: Arc<AtomicU64>,
}

impl LeaseTime {
    /// The time.
    pub(crate) fn now(&self) -> SystemTime {
        SystemTime::now() + Duration::from_millis(self.ahead_milliseconds.load(Ordering::Relaxed))
    }

    /// Moves it ahead.
    pub(crate) fn advance(&self, by: Duration) {
        let by = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        // No year of a system's clock is reached by what fits here; what does not fit stays where it is.
        let _ =
            self.ahead_milliseconds
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |ahead| {
                    ahead.checked_add(by).filter(|ahead| *ahead < MOST_AHEAD)
                });
    }
}

/// A thousand years in milliseconds.
const MOST_AHEAD: u64 = 1000 * 366 * 24 * 3600 * 1000;

/// Reads an ISO 8601 time in UTC: to the day, the minute, the second or finer.
pub(crate) fn parse(text: &str) -> Option<SystemTime> {
    let day = text.len() == "2026-01-31".len();
    let minute = text.len() == "2026-01-31T10:30Z".len();
    let full = match (day, minute) {
        (true, _) => format!("{text}T00:00:00Z"),
        (_, true) => format!("{}:00Z", text.strip_suffix('Z')?),
        _ => text.to_owned(),
    };
    Some(full.parse::<Timestamp>().ok()?.into())
}

/// Writes a time as SAS and listings have it: UTC, whole seconds.
pub(crate) fn iso(time: SystemTime) -> String {
    Timestamp::try_from(time).map_or_else(
        |_| String::new(),
        |time| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
    )
}

/// Writes a time as error bodies have it.
pub(crate) fn precise(time: SystemTime) -> String {
    Timestamp::try_from(time).map_or_else(
        |_| String::new(),
        |time| time.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_every_layout_that_the_service_takes() {
        let check = |text: &str, expected: &str| {
            assert_eq!(parse(text).map(iso).as_deref(), Some(expected), "{text}");
        };
        check("2026-01-31", "2026-01-31T00:00:00Z");
        check("2026-01-31T10:30Z", "2026-01-31T10:30:00Z");
        check("2026-01-31T10:30:15Z", "2026-01-31T10:30:15Z");
        check("2026-01-31T10:30:15.1234567Z", "2026-01-31T10:30:15Z");
        assert_eq!(parse("tomorrow"), None);
    }
}
