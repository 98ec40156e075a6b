//! What ends a run over a library, and what ends one file of it.

use std::path::PathBuf;

use longshore_content::Sha256Digest;
use longshore_manifest::{ReleaseDigest, ReleaseError, RetentionError};
use longshore_store::{NameError, StoreError};
use longshore_sync::SyncError;

use crate::cellar::CellarError;
use crate::check::{CheckError, ScanError};
use crate::upstream::UpstreamError;

/// Why a run over a library ended before its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MirrorError {
    /// The destination cannot be listed, read or written.
    #[error("cannot use the destination `{destination}`")]
    Destination {
        /// Where it is.
        destination: String,
        /// What the store said.
        #[source]
        cause: StoreError,
    },
    /// The engine gave up.
    #[error(transparent)]
    Sync(#[from] SyncError),
    /// A release document is not one.
    #[error("the release document `{blob}` cannot be used")]
    Release {
        /// The blob.
        blob: String,
        /// What is wrong with it.
        #[source]
        cause: ReleaseError,
    },
    /// The pointer is not one.
    #[error("the pointer `{blob}` cannot be used")]
    Pointer {
        /// The blob.
        blob: String,
        /// What is wrong with it.
        #[source]
        cause: ReleaseError,
    },
    /// A document cannot be made of what is to be released.
    #[error("no release can be made of this library")]
    Content(#[source] ReleaseError),
    /// A document of the release's name is there, and is not the release.
    #[error("`{blob}` is there already and holds something else")]
    Occupied {
        /// The blob.
        blob: String,
    },
    /// Somebody else flipped the pointer meanwhile.
    #[error("another release of `{library}` was published meanwhile: {}", now.map_or_else(|| "none is left".to_owned(), |it| it.to_string()))]
    Moved {
        /// The library.
        library: String,
        /// The release that counts now.
        now: Option<ReleaseDigest>,
    },
    /// Nothing was ever published.
    #[error("`{library}` has no release in `{destination}`")]
    NoRelease {
        /// The library.
        library: String,
        /// Where it was looked for.
        destination: String,
    },
    /// There is no release of that name.
    #[error("no release of `{library}` begins with `{wanted}`")]
    UnknownRelease {
        /// The library.
        library: String,
        /// What was asked for.
        wanted: String,
    },
    /// There are several releases of that name.
    #[error("several releases of `{library}` begin with `{wanted}`")]
    AmbiguousRelease {
        /// The library.
        library: String,
        /// What was asked for.
        wanted: String,
    },
    /// There is no release before the current one.
    #[error("`{library}` has no release before the current one")]
    NoPrevious {
        /// The library.
        library: String,
    },
    /// A blob that a release names is not there, or holds something else, so that the release cannot count.
    #[error("the release {release} names `{blob}`, which {}", if *.is_there { "holds other bytes" } else { "is not there" })]
    Incomplete {
        /// The release.
        release: ReleaseDigest,
        /// The blob.
        blob: String,
        /// Whether something is there.
        is_there: bool,
    },
    /// It cannot be known what is in use, so nothing may go.
    #[error("nothing may go from `{destination}`")]
    Retention {
        /// Where it is.
        destination: String,
        /// Why.
        #[source]
        cause: RetentionError,
    },
    /// There is nothing in the library, which is more likely a mistake than a wish.
    #[error("the manifest of `{library}` has no artifact")]
    Empty {
        /// The library.
        library: String,
    },
    /// The lock cannot be written.
    #[error(transparent)]
    Library(#[from] crate::LibraryError),
    /// A name that the destination cannot have.
    #[error(transparent)]
    Name(#[from] NameError),
    /// It was stopped.
    #[error("stopped before anything was published")]
    Stopped,
}

impl MirrorError {
    /// What somebody can do about it.
    pub fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Destination { cause, .. } => return cause.hint(),
            Self::Sync(error) => return error.hint(),
            Self::Library(error) => return error.hint(),
            Self::Release { .. } | Self::Pointer { .. } => {
                "look at the blob; a newer version of longshore may have written it"
            }
            Self::Occupied { .. } => {
                "somebody changed a document that is never changed; move it away"
            }
            Self::Moved { .. } => {
                "nothing was published; look at `longshore releases list`, then run again"
            }
            Self::NoRelease { .. } => {
                "publish one with `longshore stage`, or check the destination and the library's name"
            }
            Self::UnknownRelease { .. } | Self::AmbiguousRelease { .. } => {
                "`longshore releases list` names them"
            }
            Self::Retention { .. } => "look at the releases of that library, and stage it again",
            Self::Empty { .. } => "add an `[[artifact]]`, or check that it is the right manifest",
            Self::NoPrevious { .. } => {
                "name a release with `--to`; `longshore releases list` names them"
            }
            Self::Incomplete { .. } => "stage it again, which brings what is missing",
            Self::Content(_) | Self::Name(_) | Self::Stopped => return None,
        };
        Some(text.to_owned())
    }
}

/// Why one file of a library failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ItemError {
    /// A local file cannot be read.
    #[error("cannot read `{}`", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Nothing matches a pattern.
    #[error("no file matches `{pattern}`")]
    NoMatch {
        /// The pattern.
        pattern: String,
    },
    /// A pattern that is to name one file names several.
    #[error("`{pattern}` matches {count} files, and what is said of it is said of one")]
    ManyMatches {
        /// The pattern.
        pattern: String,
        /// How many.
        count: usize,
    },
    /// A pattern names two files of one name, which would be one blob.
    #[error("`{pattern}` matches two files called `{file}`")]
    SameName {
        /// The pattern.
        pattern: String,
        /// The name.
        file: String,
    },
    /// A file has no name that can be used.
    #[error("the file `{}` has a name that cannot be used", .path.display())]
    FileName {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        cause: longshore_manifest::NameError,
    },
    /// The bytes are not those that the manifest or the lock names.
    #[error("the bytes are not the expected ones: sha256 {found}, expected {expected}")]
    Mismatch {
        /// What was expected.
        expected: Sha256Digest,
        /// What is there.
        found: Sha256Digest,
    },
    /// The vendor's server failed.
    #[error(transparent)]
    Upstream(#[from] UpstreamError),
    /// It is not pinned, and this run pins nothing.
    #[error("it is not in the lock")]
    NotLocked,
    /// A blob elsewhere cannot be read.
    #[error("cannot read the blob `{blob}`")]
    Blob {
        /// The blob.
        blob: String,
        /// Why.
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// New bytes are too young, and nothing was pinned before.
    #[error("its bytes are too young: they may be taken from {until} on")]
    Cooling {
        /// When they will be old enough.
        until: jiff::Timestamp,
    },
    /// The signature is not what it should be.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// The scanner rejected it, or did not run.
    #[error(transparent)]
    Scan(#[from] ScanError),
    /// The service could not fetch it, or what it fetched is not what was expected.
    #[error("the service could not bring it in")]
    Ingest(#[source] StoreError),
    /// The directory for files on their way cannot be used.
    #[error(transparent)]
    Cellar(#[from] CellarError),
    /// It was stopped.
    #[error("stopped")]
    Stopped,
}

impl ItemError {
    /// What somebody can do about it.
    pub fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Upstream(error) => return error.hint().map(str::to_owned),
            Self::Check(error) => error.hint(),
            Self::Scan(error) => error.hint(),
            Self::Ingest(error) => return error.hint(),
            Self::File { .. } => "paths are relative to the manifest",
            Self::NoMatch { .. } => "check the pattern; it is relative to the manifest",
            Self::ManyMatches { .. } => {
                "make the pattern narrower, or leave `sha256`, `file`, `blob` and `install` out"
            }
            Self::SameName { .. } => "make an artifact of each folder",
            Self::FileName { .. } => "rename the file",
            Self::Mismatch { .. } => {
                "find out who changed it; `longshore lock --update` pins the new bytes once you trust them"
            }
            Self::NotLocked => "run `longshore lock`, and commit the lock",
            Self::Cooling { .. } => "wait, or run with a shorter `--cooldown`",
            Self::Cellar(_) => "name a directory with room with `--cellar`",
            Self::Blob { .. } | Self::Stopped => return None,
        };
        Some(text.to_owned())
    }
}
