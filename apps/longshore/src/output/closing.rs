//! What came of a run, as every view shows it.

use std::time::Duration;

use longshore_azure::MeterSnapshot;
use longshore_sync::{DeletesWithheld, Snapshot, Summary, Tally};
use serde::Serialize;

use crate::exit::ExitStatus;
use crate::failure::{Failure, Story};

/// The numbers of a run, whether it went to its end or not. Sizes are in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Totals {
    /// Files whose blob held the same content.
    pub(crate) unchanged: Tally,
    /// Files that were sent, or would be.
    pub(crate) uploaded: Tally,
    /// Those of them that continued an unfinished upload.
    pub(crate) resumed: u64,
    /// Blobs that were deleted, or would be.
    pub(crate) deleted: u64,
    /// Files, directories and blobs that failed.
    pub(crate) failed: u64,
    /// Links and special files that were skipped.
    pub(crate) skipped: u64,
    /// Bytes read from disk.
    pub(crate) bytes_read: u64,
    /// Bytes that travelled.
    pub(crate) bytes_sent: u64,
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
            resumed: summary.resumed,
            deleted: summary.deleted,
            failed: summary.failed,
            skipped: summary.skipped,
            bytes_read: summary.bytes_read,
            bytes_sent: summary.bytes_sent,
            bytes_saved: summary.unchanged.bytes + summary.bytes_reused,
            deletes_withheld: summary.deletes_withheld,
        }
    }
}

impl From<&Snapshot> for Totals {
    fn from(snapshot: &Snapshot) -> Self {
        Self {
            unchanged: Tally {
                files: snapshot.files_unchanged,
                bytes: snapshot.bytes_unchanged,
            },
            uploaded: Tally {
                files: snapshot.files_uploaded,
                bytes: snapshot.bytes_uploaded,
            },
            resumed: snapshot.files_resumed,
            deleted: snapshot.blobs_deleted,
            failed: snapshot.files_failed,
            skipped: 0,
            bytes_read: snapshot.bytes_read,
            bytes_sent: snapshot.bytes_sent,
            bytes_saved: snapshot.bytes_unchanged + snapshot.bytes_reused,
            deletes_withheld: None,
        }
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
        matches!(
            self.status,
            ExitStatus::Interrupted | ExitStatus::Terminated
        )
    }
}
