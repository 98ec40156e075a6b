//! Receiving one blob into one file.
//!
//! A blob is read in the one version that was decided on (`If-Match`), several ranges at a time, into a file beside the
//! target. A range that is made of blocks of ours is checked against their names before it is believed; at the end the
//! file, as it reads back, must have the digests of the blob. Only then it takes the target's place, in one step: until
//! then, and after any failure, the old file stands there untouched.
//!
//! | what is known of the blob | each range | the whole |
//! | --- | --- | --- |
//! | blocks of ours and digests | its block ids | BLAKE3 and SHA-256 |
//! | blocks of ours | its block ids | BLAKE3, merged from the ids |
//! | digests | | BLAKE3 and SHA-256 |
//! | a stored MD5 | | MD5 |
//! | nothing | the service's CRC64 | |
//!
//! What a killed run leaves is continued by the next one, if it is of this very version: notes beside the unfinished
//! file tell which ranges are on the disk. Nothing here knows which blobs there are and which of them are wanted.

mod done;
mod fetch;
mod follow;
mod job;
mod large;
mod notes;
mod part;
mod path;
mod plan;
mod proof;
mod small;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;

use longshore_content::Digests;
use longshore_store::{BlobName, BlobStore, ETag};

use crate::context::Context;
use crate::progress::Count;
use crate::{Event, ItemError};
use job::{Arrived, Halt, Job};
use plan::Cut;

pub(crate) use part::is_unfinished;
pub(crate) use path::target_path;

/// One blob that is to become a file.
#[derive(Debug, Clone)]
pub(crate) struct Download {
    /// The blob.
    pub(crate) name: BlobName,
    /// The file, as [`target_path`] allows it. Directories above it are made.
    pub(crate) target: PathBuf,
    /// The version that is wanted.
    pub(crate) etag: ETag,
    /// The size of that version in bytes.
    pub(crate) size: u64,
    /// The digests in its metadata.
    pub(crate) digests: Option<Digests>,
    /// The MD5 that somebody stored: what is left where there are neither digests nor blocks of ours.
    pub(crate) content_md5: Option<[u8; 16]>,
}

/// What came of a download.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Received {
    /// The digests of the content, taken from what arrived.
    pub(crate) digests: Digests,
    /// Bytes that travelled, damaged ones included.
    pub(crate) travelled: u64,
    /// Whether ranges that an earlier run had received were used.
    pub(crate) resumed: bool,
}

/// Receives a blob, counts it and reports it; failures are for the caller to report.
///
/// None when the run was stopped before the end: then what was received of a large blob is kept for the next run. The
/// same holds when the future is dropped, but for what was not noted yet.
pub(crate) async fn receive(
    context: &Arc<Context>,
    source: &Arc<dyn BlobStore>,
    download: Download,
) -> Result<Option<Received>, ItemError> {
    receive_in(context, source, download, Cut::default()).await
}

async fn receive_in(
    context: &Arc<Context>,
    source: &Arc<dyn BlobStore>,
    download: Download,
    cut: Cut,
) -> Result<Option<Received>, ItemError> {
    let is_single = cut.is_single(&download);
    let job = Arc::new(Job {
        context: Arc::clone(context),
        source: Arc::clone(source),
        download,
        cut,
        received: Count::default(),
    });
    let outcome = if is_single {
        small::receive(&job).await
    } else {
        large::receive(&job).await
    };
    match outcome {
        Ok(arrived) => Ok(Some(settle(&job, &arrived))),
        Err(Halt::Stopped) => Ok(None),
        Err(Halt::Item(error)) => Err(error),
        // A file that was begun anew holds nothing from before.
        Err(Halt::Stale) => Err(ItemError::Damaged {
            name: job.download.name.to_string(),
        }),
    }
}

/// Counts and reports a file that is in its place.
fn settle(job: &Job, arrived: &Arrived) -> Received {
    let (name, size) = (job.download.name.as_str(), job.download.size);
    let received = Received {
        digests: arrived.whole.digests,
        travelled: job.received.get(),
        resumed: arrived.kept > 0,
    };
    let progress = &job.context.progress;
    progress.files_downloaded.add(1);
    progress.bytes_downloaded.add(size);
    progress.downloads_resumed.add(u64::from(received.resumed));
    progress.bytes_kept.add(arrived.kept);
    job.context.report(&Event::Downloaded {
        name,
        size,
        received: received.travelled,
        resumed: received.resumed,
    });
    received
}
