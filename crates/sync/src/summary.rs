//! What came of a run.

use crate::{CancelLevel, DeletesWithheld};

/// A number of files and their bytes.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
pub struct Tally {
    /// How many.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// What came of a run that went to its end, failures of single items included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Files whose blob held the same content already.
    pub unchanged: Tally,
    /// Files that were sent, or would be (dry run).
    pub uploaded: Tally,
    /// Blobs that the service copied, or would (dry run).
    pub copied: Tally,
    /// Blobs that got their digests and no bytes, or would (dry run).
    pub adopted: Tally,
    /// Blobs that came down into files, or would (dry run).
    pub downloaded: Tally,
    /// Transfers that continued an unfinished one.
    pub resumed: u64,
    /// Blobs that were deleted, or would be (dry run).
    pub deleted: u64,
    /// Files, directories and blobs that failed.
    pub failed: u64,
    /// Those of them that failed because somebody else wrote the blob meanwhile.
    pub conflicts: u64,
    /// Links and special files that were skipped with a note.
    pub skipped: u64,
    /// Bytes read from disk.
    pub bytes_read: u64,
    /// Bytes of content that travelled.
    pub bytes_sent: u64,
    /// Bytes of content that came down.
    pub bytes_received: u64,
    /// Bytes of sent files that did not have to travel.
    pub bytes_reused: u64,
    /// Why nothing was deleted although it was asked for.
    pub deletes_withheld: Option<DeletesWithheld>,
    /// How far the run was asked to stop.
    pub cancelled: CancelLevel,
    /// Whether nothing was written, because only the plan was wanted.
    pub dry_run: bool,
}
