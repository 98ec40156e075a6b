//! What came of a run, as every view shows it.

use std::time::Duration;

use longshore_azure::MeterSnapshot;
use longshore_sync::{DeletesWithheld, Snapshot, Summary, Tally};
use serde::Serialize;

use super::lines::saved;
use crate::exit::ExitStatus;
use crate::failure::{Failure, Story};

/// The numbers of a run, whether it went to its end or not. Sizes are in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Totals {
    /// Files whose blob held the same content.
    pub(crate) unchanged: Tally,
    /// Files that were sent, or would be.
    pub(crate) uploaded: Tally,
    /// Blobs that the service copied, or would.
    pub(crate) copied: Tally,
    /// Blobs that got their digests and no bytes, or would.
    pub(crate) adopted: Tally,
    /// Blobs that came down into files, or would.
    pub(crate) downloaded: Tally,
    /// Files that continued an unfinished transfer.
    pub(crate) resumed: u64,
    /// Blobs that were deleted, or would be.
    pub(crate) deleted: u64,
    /// Files, directories and blobs that failed.
    pub(crate) failed: u64,
    /// Links and special files that were skipped.
    pub(crate) skipped: u64,
    /// Bytes read from disk.
    pub(crate) bytes_read: u64,
    /// Bytes of content that went up.
    pub(crate) bytes_sent: u64,
    /// Bytes of content that came down.
    pub(crate) bytes_received: u64,
    /// Bytes of the source that did not have to travel.
    pub(crate) bytes_saved: u64,
    /// Why nothing was deleted although it was asked for.
    pub(crate) deletes_withheld: Option<DeletesWithheld>,
}

impl From<&Summary> for Totals {
    fn from(summary: &Summary) -> Self {
        Self {
            unchanged: summary.unchanged,
            uploaded: summary.uploaded,
            copied: summary.copied,
            adopted: summary.adopted,
            downloaded: summary.downloaded,
            resumed: summary.resumed,
            deleted: summary.deleted,
            failed: summary.failed,
            skipped: summary.skipped,
            bytes_read: summary.bytes_read,
            bytes_sent: summary.bytes_sent,
            bytes_received: summary.bytes_received,
            bytes_saved: summary.unchanged.bytes
                + summary.copied.bytes
                + summary.adopted.bytes
                + summary.bytes_reused,
            deletes_withheld: summary.deletes_withheld,
        }
    }
}

impl From<&Snapshot> for Totals {
    fn from(now: &Snapshot) -> Self {
        let tally = |files, bytes| Tally { files, bytes };
        Self {
            unchanged: tally(now.files_unchanged, now.bytes_unchanged),
            uploaded: tally(now.files_uploaded, now.bytes_uploaded),
            copied: tally(now.blobs_copied, now.bytes_copied),
            adopted: tally(now.blobs_adopted, now.bytes_adopted),
            downloaded: tally(now.files_downloaded, now.bytes_downloaded),
            resumed: now.files_resumed + now.downloads_resumed,
            deleted: now.blobs_deleted,
            failed: now.files_failed,
            skipped: 0,
            bytes_read: now.bytes_read,
            bytes_sent: now.bytes_sent,
            bytes_received: now.bytes_received,
            bytes_saved: saved(now),
            deletes_withheld: None,
        }
    }
}

impl Totals {
    /// What became of files, each with its label; those that did not happen are left out.
    pub(super) fn rows(&self, dry_run: bool) -> Vec<(&'static str, Tally)> {
        let labels = if dry_run {
            ["would upload", "would copy", "would adopt", "would fetch"]
        } else {
            ["uploaded", "copied", "adopted", "downloaded"]
        };
        let tallies = [self.uploaded, self.copied, self.adopted, self.downloaded];
        let moved = labels.into_iter().zip(tallies);
        let moved = moved.filter(|(_, tally)| tally.files > 0);
        std::iter::once(("unchanged", self.unchanged))
            .chain(moved)
            .collect()
    }

    /// How many things were changed, or would be.
    pub(super) const fn changes(&self) -> u64 {
        self.uploaded.files
            + self.copied.files
            + self.adopted.files
            + self.downloaded.files
            + self.deleted
    }
}

/// One item that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct FailedItem {
    /// The file or blob.
    pub(crate) item: String,
    /// What went wrong.
    #[serde(flatten)]
    pub(crate) story: Story,
}

/// The end of a run.
#[derive(Debug)]
pub(crate) struct Closing {
    /// The numbers.
    pub(crate) totals: Totals,
    /// The items that failed, up to a limit.
    pub(crate) failures: Vec<FailedItem>,
    /// What ended the run before its end.
    pub(crate) error: Option<Failure>,
    /// What the process ends with.
    pub(crate) status: ExitStatus,
    /// How long it took.
    pub(crate) elapsed: Duration,
    /// The requests, where the destination takes any.
    pub(crate) requests: Option<MeterSnapshot>,
    /// Whether nothing was written, because only the plan was wanted.
    pub(crate) dry_run: bool,
}

impl Closing {
    /// How many items failed that are not in the list.
    pub(crate) fn unlisted(&self) -> u64 {
        self.totals
            .failed
            .saturating_sub(u64::try_from(self.failures.len()).unwrap_or(u64::MAX))
    }

    /// Whether the run was stopped from outside.
    pub(crate) const fn interrupted(&self) -> bool {
        self.status.is_interruption()
    }
}
