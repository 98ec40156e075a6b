//! One thing to do, as the comparison of two sides or the line of a plan tells it.

use std::sync::Arc;

use longshore_content::Digests;
use longshore_store::{BlobName, BlobStore, Condition, ETag, ListedBlob};

use crate::download::Download;
use crate::fetch::Errand;
use crate::source::LocalFile;
use crate::upload::Candidate;
use crate::{FetchBlob, Reason};

/// One thing to do.
#[derive(Debug)]
pub(crate) enum Step {
    /// A file is to stand in a blob: sent, or copied where its content is held already.
    Send(Candidate),
    /// A blob is to stand in another container, or under another name.
    Transfer(Transfer),
    /// A blob holds what its file holds, and lacks the digests.
    Adopt(Adoption),
    /// A blob is to stand in a file.
    Receive(Receipt),
    /// A blob that somebody else chose is to stand in a file.
    Fetch(Order),
}

/// A blob on its way into another container.
#[derive(Debug)]
pub(crate) struct Transfer {
    /// The name below both places.
    pub(crate) name: String,
    pub(crate) store: Arc<dyn BlobStore>,
    pub(crate) from: ListedBlob,
    pub(crate) to: BlobName,
    pub(crate) condition: Condition,
    pub(crate) reason: Reason,
}

/// A blob that gets its digests.
#[derive(Debug)]
pub(crate) struct Adoption {
    pub(crate) file: LocalFile,
    pub(crate) etag: ETag,
    /// The MD5 by which the blob was recognised; none when a plan says so.
    pub(crate) md5: Option<[u8; 16]>,
    /// What the file must hold, when a plan says so.
    pub(crate) expect: Option<Digests>,
}

/// A blob that is to stand in a file with a content that is known, whatever the blob says of itself.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) name: BlobName,
    pub(crate) wanted: FetchBlob,
    /// Its place among all that are wanted.
    pub(crate) index: usize,
    pub(crate) errand: Arc<Errand>,
}

/// A blob on its way into a file.
#[derive(Debug)]
pub(crate) struct Receipt {
    /// The name below both places.
    pub(crate) name: String,
    pub(crate) download: Download,
    /// The file that is there, when it must be read to know whether it is the same.
    pub(crate) compare: Option<LocalFile>,
    /// What the file that is there must hold to be written over, when a plan says so.
    pub(crate) replaces: Replaces,
    pub(crate) reason: Reason,
}

/// What a download may write over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Replaces {
    /// Whatever is there.
    Anything,
    /// Nothing.
    Nothing,
    /// A file of this content.
    Content(longshore_content::Blake3Digest),
}
