//! A run over a library, as every view shows it: its beginning, its waiting, its end.

use std::time::Duration;

use longshore_azure::MeterSnapshot;
use longshore_manifest::ReleaseDigest;
use longshore_sync::Tally;
use serde::Serialize;

use super::closing::FailedItem;
use crate::exit::ExitStatus;
use crate::failure::Failure;

/// The beginning of a run over a library.
#[derive(Debug, Serialize)]
pub(crate) struct LibraryOpening {
    /// What is done: `lock`, `mirror`, `stage`.
    pub(crate) command: &'static str,
    /// The library.
    pub(crate) library: String,
    /// Where it is to stand, where that matters.
    pub(crate) destination: Option<String>,
    /// Whether nothing is to be written.
    pub(crate) dry_run: bool,
}

/// The numbers while files come in.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Arriving {
    /// Files that are looked at: whether they are as they are pinned.
    pub(crate) files_pinned: u64,
    /// Files that came in.
    pub(crate) files_fetched: u64,
    /// Bytes that came in.
    pub(crate) bytes_fetched: u64,
    /// Since the run began.
    pub(crate) elapsed_seconds: f64,
}

/// What became of the pins, and of the files.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct LibraryTotals {
    /// Files that were not pinned before.
    pub(crate) pinned: u64,
    /// Files that are pinned anew, since the manifest or they themselves changed.
    pub(crate) changed: u64,
    /// Files whose sources had other bytes, which are pinned now.
    pub(crate) updated: u64,
    /// Files whose pins stayed.
    pub(crate) kept: u64,
    /// Pins that went.
    pub(crate) dropped: u64,
    /// Files whose sources have other bytes than those that are pinned.
    pub(crate) republished: u64,
    /// Files that the destination had.
    pub(crate) present: u64,
    /// Files that were sent.
    pub(crate) uploaded: Tally,
    /// Files that the service copied from another name.
    pub(crate) copied: Tally,
    /// Files that the service fetched itself.
    pub(crate) ingested: Tally,
    /// Files that would be brought in.
    pub(crate) would_stage: Tally,
    /// Files that failed.
    pub(crate) failed: u64,
    /// Files that came to this machine.
    pub(crate) fetched: Tally,
    /// Bytes that went up.
    pub(crate) bytes_sent: u64,
    /// Whether the lock on disk is another one now.
    pub(crate) lock_written: bool,
    /// The release that the library amounts to now.
    pub(crate) release: Option<ReleaseDigest>,
    /// The release that counted before.
    pub(crate) before: Option<ReleaseDigest>,
    /// Whether the pointer was flipped.
    pub(crate) flipped: bool,
}

/// The end of a run over a library.
#[derive(Debug)]
pub(crate) struct LibraryClosing {
    /// What came of it, in a line.
    pub(crate) headline: String,
    /// What to do next, where there is something.
    pub(crate) next: Option<String>,
    /// The numbers.
    pub(crate) totals: LibraryTotals,
    /// The files that failed, up to a limit.
    pub(crate) failures: Vec<FailedItem>,
    /// What ended the run before its end.
    pub(crate) error: Option<Failure>,
    /// What the process ends with.
    pub(crate) status: ExitStatus,
    /// How long it took.
    pub(crate) elapsed: Duration,
    /// The requests to the destination.
    pub(crate) requests: Option<MeterSnapshot>,
    /// Whether nothing was written.
    pub(crate) dry_run: bool,
}

impl LibraryTotals {
    /// What became of pins, each with its label; those that did not happen are left out.
    pub(super) fn pins(&self) -> Vec<(&'static str, u64)> {
        let rows = [
            ("new", self.pinned),
            ("changed", self.changed),
            ("updated", self.updated),
            ("dropped", self.dropped),
            ("kept", self.kept),
        ];
        rows.into_iter().filter(|(_, number)| *number > 0).collect()
    }

    /// What became of files, each with its label; those that did not happen are left out.
    pub(super) fn files(&self) -> Vec<(&'static str, Tally)> {
        let rows = [
            ("fetched", self.fetched),
            ("uploaded", self.uploaded),
            ("copied", self.copied),
            ("by the service", self.ingested),
            ("would stage", self.would_stage),
        ];
        rows.into_iter()
            .filter(|(_, tally)| tally.files > 0)
            .collect()
    }
}
