//! Retention: what of a library is kept, and why; what may go, and in which order.
//!
//! It decides about lists that others read, and deletes nothing itself. The rules stand in `docs/adr/0011-releases.md`.
//!
//! | module | holds |
//! | --- | --- |
//! | `decide` | the decision about each blob |
//! | `releases` | which releases are kept |
//! | `versions` | which blobs are of the last versions of their artifact |

mod decide;
mod releases;
mod versions;

#[cfg(test)]
mod tests;

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use longshore_content::Blake3Digest;

use crate::{BlobPath, LibraryName, Lock, Pointer, Release, ReleaseDigest};

/// What is to be kept beyond what is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// How many versions of each artifact and architecture, the newest ones.
    pub keep_versions: usize,
    /// How many releases of each library, the newest ones; at least one is kept.
    pub keep_releases: usize,
    /// Nothing that was written within this time before now goes.
    pub older_than: Option<SignedDuration>,
}

/// A blob that a container holds, as its listing tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Its name, below the root of the libraries.
    pub path: BlobPath,
    /// Its size in bytes.
    pub size: u64,
    /// Its BLAKE3, where its metadata tells one.
    pub blake3: Option<Blake3Digest>,
    /// Whether it carries our digests, so that it was written by us.
    pub managed: bool,
    /// When it was last written.
    pub modified: Timestamp,
}

/// A lock, and what people call it.
#[derive(Debug, Clone, Copy)]
pub struct NamedLock<'a> {
    /// Its name, for the reasons.
    pub name: &'a str,
    /// What it pins.
    pub lock: &'a Lock,
}

/// All that a decision is made of.
#[derive(Debug, Clone, Copy)]
pub struct Holdings<'a> {
    /// Every blob below the root.
    pub blobs: &'a [Held],
    /// Every release document of every library.
    pub releases: &'a [Release],
    /// The pointer of every library.
    pub pointers: &'a [Pointer],
    /// The locks that are to be honoured.
    pub locks: &'a [NamedLock<'a>],
    /// The time that ages are counted from.
    pub now: Timestamp,
}

/// Why a blob is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeepReason {
    /// It is a pointer.
    Pointer,
    /// It is a document of the release that counts.
    Current,
    /// It is a document of the release that counted before.
    Previous,
    /// It is a document of one of the newest releases.
    NewestReleases,
    /// A kept release names it.
    NamedByRelease(LibraryName, ReleaseDigest),
    /// A lock names it.
    NamedByLock(String),
    /// It does not carry our digests, or for a document of a release: one of its documents does not.
    Unmanaged,
    /// No release names it, and it is not called `<id>/<version>/…` after an artifact that some release names.
    NotOurs,
    /// It is one of the last versions of its artifact.
    LastVersions,
    /// It was written this long ago, or for a document of a release: one of its documents was. That is too recently.
    Recent(SignedDuration),
}

/// A blob that stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The blob.
    pub path: BlobPath,
    /// Its size in bytes.
    pub size: u64,
    /// The strongest reason.
    pub reason: KeepReason,
}

/// A blob that goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doomed {
    /// The blob.
    pub path: BlobPath,
    /// Its size in bytes.
    pub size: u64,
}

/// What stays and what goes.
///
/// Delete in this order: [`documents`](Self::documents), then [`blobs`](Self::blobs), each from its beginning, so that no
/// release ever names a blob that is gone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PruneDecision {
    /// What stays, in the order of the names.
    pub keep: Vec<Kept>,
    /// The releases that go.
    pub releases: Vec<(LibraryName, ReleaseDigest)>,
    /// The documents of releases that go: of each release the document, then its twin.
    pub documents: Vec<Doomed>,
    /// The other blobs that go, in the order of the names.
    pub blobs: Vec<Doomed>,
}

impl Default for Retention {
    /// The last 2 versions, the newest 10 releases, nothing younger than a day.
    fn default() -> Self {
        Self {
            keep_versions: 2,
            keep_releases: 10,
            older_than: Some(SignedDuration::from_hours(24)),
        }
    }
}

impl fmt::Display for KeepReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pointer => f.write_str("it says which release counts"),
            Self::Current => f.write_str("the release that counts"),
            Self::Previous => f.write_str("the release that counted before"),
            Self::NewestReleases => f.write_str("one of the newest releases"),
            Self::NamedByRelease(library, release) => {
                write!(f, "named by the release {release} of `{library}`")
            }
            Self::NamedByLock(name) => write!(f, "named by the lock `{name}`"),
            Self::LastVersions => f.write_str("one of the last versions of its artifact"),
            Self::Recent(age) => write!(f, "written {age:#} ago"),
            Self::Unmanaged => f.write_str("it does not carry our digests"),
            Self::NotOurs => f.write_str("of no artifact that a release names"),
        }
    }
}

impl PruneDecision {
    /// Whether everything stays.
    pub const fn is_empty(&self) -> bool {
        self.documents.is_empty() && self.blobs.is_empty()
    }

    /// All that goes, in the order in which it may be deleted.
    pub fn deletions(&self) -> impl Iterator<Item = &Doomed> {
        self.documents.iter().chain(&self.blobs)
    }

    /// How many bytes go.
    pub fn bytes(&self) -> u64 {
        self.deletions().map(|doomed| doomed.size).sum()
    }
}

/// Why nothing can be decided.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RetentionError {
    /// A release document or a pointer is listed, but nobody read it.
    #[error("`{path}` is there, but was not read, so that nobody knows what it names")]
    Unread {
        /// The document.
        path: BlobPath,
    },
    /// A pointer names a release that is not there.
    #[error("the pointer of `{library}` names the release {release}, which is not there")]
    Dangling {
        /// The library.
        library: LibraryName,
        /// The release that it names.
        release: ReleaseDigest,
    },
}
