//! Running numbers of a run, for whoever shows them.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// A number that many threads add to.
#[derive(Debug, Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub(crate) fn add(&self, amount: u64) {
        self.0.fetch_add(amount, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What a run is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// The source is still being walked, so totals grow.
    Scanning,
    /// The totals are known.
    Sending,
}

/// The numbers of a run as it goes. Cheap to update, and to look at.
#[derive(Debug, Default)]
pub struct Progress {
    pub(crate) scanned: AtomicBool,
    pub(crate) files_found: Count,
    pub(crate) bytes_found: Count,
    pub(crate) files_unchanged: Count,
    pub(crate) bytes_unchanged: Count,
    pub(crate) files_uploaded: Count,
    pub(crate) bytes_uploaded: Count,
    pub(crate) files_resumed: Count,
    pub(crate) files_failed: Count,
    pub(crate) bytes_failed: Count,
    pub(crate) bytes_read: Count,
    pub(crate) bytes_sent: Count,
    pub(crate) bytes_reused: Count,
    pub(crate) blobs_listed: Count,
    pub(crate) blobs_deleted: Count,
    pub(crate) files_downloaded: Count,
    pub(crate) bytes_downloaded: Count,
    pub(crate) downloads_resumed: Count,
    pub(crate) bytes_received: Count,
    pub(crate) bytes_kept: Count,
    pub(crate) blobs_copied: Count,
    pub(crate) bytes_copied: Count,
    pub(crate) blobs_adopted: Count,
    pub(crate) bytes_adopted: Count,
    pub(crate) blobs_checked: Count,
    pub(crate) blobs_amiss: Count,
    pub(crate) bytes_verified: Count,
}

/// The numbers at one moment. Sizes are in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Snapshot {
    /// What the run is at.
    pub stage: Stage,
    /// Files that the walk has found so far.
    pub files_found: u64,
    /// Their bytes.
    pub bytes_found: u64,
    /// Files whose blob holds the same content.
    pub files_unchanged: u64,
    /// Their bytes.
    pub bytes_unchanged: u64,
    /// Files that were sent whole.
    pub files_uploaded: u64,
    /// Their bytes, whether they had to travel or not.
    pub bytes_uploaded: u64,
    /// Those of them that continued an unfinished upload.
    pub files_resumed: u64,
    /// Files, directories and blobs that failed.
    pub files_failed: u64,
    /// The bytes of files that failed.
    pub bytes_failed: u64,
    /// Bytes read from disk, for digests and for sending.
    pub bytes_read: u64,
    /// Bytes of content that travelled.
    pub bytes_sent: u64,
    /// Bytes of sent files that did not have to travel: blocks that were there.
    pub bytes_reused: u64,
    /// Blobs that the listing has shown so far.
    pub blobs_listed: u64,
    /// Blobs that were deleted.
    pub blobs_deleted: u64,
    /// Files that were received whole.
    pub files_downloaded: u64,
    /// Their bytes, whether they had to travel or not.
    pub bytes_downloaded: u64,
    /// Those of them that continued an unfinished download.
    pub downloads_resumed: u64,
    /// Bytes of content that arrived, those of unfinished and failed files included.
    pub bytes_received: u64,
    /// Bytes of files that did not have to travel: ranges that an earlier run had received.
    pub bytes_kept: u64,
    /// Blobs that the service copied.
    pub blobs_copied: u64,
    /// Their bytes, none of which passed through here.
    pub bytes_copied: u64,
    /// Blobs that got their digests and no bytes.
    pub blobs_adopted: u64,
    /// Their bytes.
    pub bytes_adopted: u64,
    /// Names that an audit has looked at.
    pub blobs_checked: u64,
    /// Those of them that are damaged, or not what is expected.
    pub blobs_amiss: u64,
    /// Bytes of blobs that an audit has read.
    pub bytes_verified: u64,
}

impl Snapshot {
    /// Bytes that are dealt with, of [`Snapshot::bytes_found`].
    pub const fn bytes_done(&self) -> u64 {
        self.bytes_unchanged
            + self.bytes_uploaded
            + self.bytes_copied
            + self.bytes_adopted
            + self.bytes_downloaded
            + self.bytes_failed
    }
}

impl Progress {
    /// How many things were changed so far.
    pub(crate) fn writes(&self) -> u64 {
        self.files_uploaded.get()
            + self.blobs_copied.get()
            + self.blobs_adopted.get()
            + self.files_downloaded.get()
            + self.blobs_deleted.get()
    }

    /// The numbers now.
    pub fn snapshot(&self) -> Snapshot {
        let scanned = self.scanned.load(Ordering::Relaxed);
        Snapshot {
            stage: if scanned {
                Stage::Sending
            } else {
                Stage::Scanning
            },
            files_found: self.files_found.get(),
            bytes_found: self.bytes_found.get(),
            files_unchanged: self.files_unchanged.get(),
            bytes_unchanged: self.bytes_unchanged.get(),
            files_uploaded: self.files_uploaded.get(),
            bytes_uploaded: self.bytes_uploaded.get(),
            files_resumed: self.files_resumed.get(),
            files_failed: self.files_failed.get(),
            bytes_failed: self.bytes_failed.get(),
            bytes_read: self.bytes_read.get(),
            bytes_sent: self.bytes_sent.get(),
            bytes_reused: self.bytes_reused.get(),
            blobs_listed: self.blobs_listed.get(),
            blobs_deleted: self.blobs_deleted.get(),
            files_downloaded: self.files_downloaded.get(),
            bytes_downloaded: self.bytes_downloaded.get(),
            downloads_resumed: self.downloads_resumed.get(),
            bytes_received: self.bytes_received.get(),
            bytes_kept: self.bytes_kept.get(),
            blobs_copied: self.blobs_copied.get(),
            bytes_copied: self.bytes_copied.get(),
            blobs_adopted: self.blobs_adopted.get(),
            bytes_adopted: self.bytes_adopted.get(),
            blobs_checked: self.blobs_checked.get(),
            blobs_amiss: self.blobs_amiss.get(),
            bytes_verified: self.bytes_verified.get(),
        }
    }
}
