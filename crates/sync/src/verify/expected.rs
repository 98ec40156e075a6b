//! What a destination is compared with: names, sizes and digests, in the order in which it lists.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use futures::StreamExt;
use futures::stream::{BoxStream, Stream};
use longshore_content::Digests;
use longshore_store::{BlobStore, ListedBlob};

use crate::{CachePlace, SyncError};

/// What a destination is compared with.
#[derive(Debug, Default)]
pub enum Against {
    /// Nothing: each blob is judged by itself.
    #[default]
    Nothing,
    /// The files of a directory.
    Directory(ExpectedDirectory),
    /// The blobs of another destination, as it records them.
    Destination {
        /// The other container.
        store: Arc<dyn BlobStore>,
        /// What stands before every name there: empty, or ending with `/`.
        prefix: String,
    },
    /// What somebody else knows, such as a plan.
    Contents(Contents),
}

/// The files of a directory, as `sync` with the same choice would stage them.
#[derive(Debug, Clone, Default)]
pub struct ExpectedDirectory {
    /// Where it is.
    pub path: PathBuf,
    /// Only files that one of these gitignore-style patterns names; all when there is none.
    pub include: Vec<String>,
    /// No files that one of these patterns names.
    pub exclude: Vec<String>,
    /// Whether symbolic links are followed.
    pub follow_symlinks: bool,
    /// Where digests are remembered.
    pub cache: CachePlace,
}

/// What a blob holds, as far as it is known without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// Its size in bytes.
    pub size: u64,
    /// Both digests.
    pub digests: Option<Digests>,
    /// The MD5 of its bytes, as other tools store it.
    pub content_md5: Option<[u8; 16]>,
}

impl From<&ListedBlob> for Facts {
    fn from(blob: &ListedBlob) -> Self {
        Self {
            size: blob.size,
            digests: blob.digests,
            content_md5: blob.content_md5,
        }
    }
}

/// One name, and what is expected under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedBlob {
    /// The name, without what stands before all names of the destination.
    pub name: String,
    /// What is to be there.
    pub wanted: Wanted,
}

/// What is expected under a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// A blob of this content.
    Content(Facts),
    /// No blob.
    Absent,
}

/// Names with what is expected under them, as a stream: the way in for a plan, a lock or a release.
pub struct Contents {
    pub(super) shown: String,
    pub(super) is_complete: bool,
    pub(super) blobs: BoxStream<'static, Result<ExpectedBlob, SyncError>>,
}

impl Contents {
    /// What `blobs` says, in the order in which the destination lists; `shown` is where it comes from.
    ///
    /// When it `is_complete`, blobs that it does not name are extra; otherwise nothing is said of them.
    pub fn new(
        shown: impl Into<String>,
        is_complete: bool,
        blobs: impl Stream<Item = Result<ExpectedBlob, SyncError>> + Send + 'static,
    ) -> Self {
        Self {
            shown: shown.into(),
            is_complete,
            blobs: blobs.boxed(),
        }
    }
}

impl fmt::Debug for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contents")
            .field("shown", &self.shown)
            .field("is_complete", &self.is_complete)
            .finish_non_exhaustive()
    }
}
