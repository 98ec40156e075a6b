//! Numbers that run while files come in.

use std::sync::atomic::{AtomicU64, Ordering};

/// Running numbers of one download, or of several together.
#[derive(Debug, Default)]
pub struct FetchProgress {
    received: AtomicU64,
    resumed: AtomicU64,
    expected: AtomicU64,
}

/// The numbers at one moment, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FetchSnapshot {
    /// What came over the network, that which had to be thrown away too.
    pub received: u64,
    /// What earlier runs had fetched.
    pub resumed: u64,
    /// How long the files are whose servers told.
    pub expected: u64,
}

impl FetchProgress {
    /// The numbers now.
    pub fn snapshot(&self) -> FetchSnapshot {
        FetchSnapshot {
            received: self.received.load(Ordering::Relaxed),
            resumed: self.resumed.load(Ordering::Relaxed),
            expected: self.expected.load(Ordering::Relaxed),
        }
    }

    pub(super) fn add_received(&self, bytes: u64) {
        self.received.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn add_resumed(&self, bytes: u64) {
        self.resumed.fetch_add(bytes, Ordering::Relaxed);
    }

    /// A file counts once, however often its server is asked.
    pub(super) fn correct_expected(&self, before: u64, now: u64) {
        self.expected.fetch_add(now, Ordering::Relaxed);
        self.expected.fetch_sub(before, Ordering::Relaxed);
    }
}
