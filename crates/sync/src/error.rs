//! What ends a run, and what ends one item of it.

use std::path::PathBuf;

use longshore_store::{NameError, StoreError};

use crate::MaxDelete;

/// Why a run ended before its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SyncError {
    /// The source is not there, is no directory or cannot be read; nothing was done.
    #[error("cannot read the source directory `{}`", .path.display())]
    Source {
        /// The source.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: std::io::Error,
    },
    /// A pattern for including or excluding files is malformed.
    #[error("cannot understand the pattern `{pattern}`")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        #[source]
        cause: ignore::Error,
    },
    /// The destination cannot be listed or written at all.
    #[error("cannot use the destination `{destination}`")]
    Destination {
        /// Where it is.
        destination: String,
        /// What the store said.
        #[source]
        cause: StoreError,
    },
    /// The destination's listing is out of order, so that nothing can be concluded from a missing name.
    #[error("the listing of `{destination}` is out of order: `{later}` came before `{earlier}`")]
    ListingOrder {
        /// Where it is.
        destination: String,
        /// The name that came too late.
        earlier: String,
        /// The name that came before it.
        later: String,
    },
    /// Deleting was asked for, and is not safe; nothing was deleted.
    #[error(transparent)]
    Safety(#[from] SafetyError),
    /// Names of deletable blobs could not be noted down.
    #[error("cannot use the directory for temporary files")]
    Spool {
        /// What the system said.
        #[source]
        cause: std::io::Error,
    },
}

/// Which limit forbids deleting.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SafetyError {
    /// The source has no file, so that everything would be deleted.
    #[error("the source `{}` has no file to stage, so nothing is deleted", .source_path.display())]
    EmptySource {
        /// The source.
        source_path: PathBuf,
    },
    /// More would be deleted than is allowed.
    #[error("{count} of {total} blobs would be deleted, more than `--max-delete {limit}` allows")]
    MaxDelete {
        /// How many would be deleted.
        count: u64,
        /// How many blobs the destination has.
        total: u64,
        /// The limit.
        limit: MaxDelete,
    },
}

impl SyncError {
    /// What somebody can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Destination { cause, .. } => cause.hint(),
            Self::Source { .. } => {
                Some("check the path; nothing was changed in the destination".to_owned())
            }
            Self::Pattern { .. } => Some("patterns are those of a `.gitignore` file".to_owned()),
            Self::ListingOrder { .. } => {
                Some("nothing was deleted; report this with the kind of account".to_owned())
            }
            Self::Safety(SafetyError::EmptySource { .. }) => {
                Some("run without `--delete`, or check the source and its filters".to_owned())
            }
            Self::Safety(SafetyError::MaxDelete { .. }) => {
                Some("look at `--dry-run`, then allow it with a higher `--max-delete`".to_owned())
            }
            Self::Spool { .. } => Some("set `TMPDIR` to a directory with room".to_owned()),
        }
    }
}

/// Why one item of a run failed, while the others went on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ItemError {
    /// A file or directory of the source cannot be read.
    #[error("cannot read `{}`", .path.display())]
    Read {
        /// Where it stands.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: std::io::Error,
    },
    /// A file's name cannot be the name of a blob.
    #[error("`{}` cannot be the name of a blob", .path.display())]
    Name {
        /// Where it stands.
        path: PathBuf,
        /// What is wrong with it; none when it is not Unicode.
        #[source]
        cause: Option<NameError>,
    },
    /// The file changed while it was read, so nothing was committed.
    #[error("`{}` changed while it was read", .path.display())]
    Changed {
        /// Where it stands.
        path: PathBuf,
    },
    /// The file is larger than a blob can be.
    #[error("`{}` is larger than a block blob can be: {size} bytes", .path.display())]
    TooLarge {
        /// Where it stands.
        path: PathBuf,
        /// Its size in bytes.
        size: u64,
    },
    /// A symbolic link leads back to a directory above it.
    #[error("`{}` leads back to a directory above it", .path.display())]
    LinkLoop {
        /// Where it stands.
        path: PathBuf,
    },
    /// The blob could not be written.
    #[error("cannot upload `{name}`")]
    Upload {
        /// The blob.
        name: String,
        /// What the store said.
        #[source]
        cause: StoreError,
    },
    /// Leftover blocks of another tool stand in the way and cannot be cleared without risk to the blob.
    #[error("leftover blocks of another tool stand in the way of `{name}`")]
    Leftovers {
        /// The blob.
        name: String,
    },
    /// The blob could not be deleted.
    #[error("cannot delete `{name}`")]
    Delete {
        /// The blob.
        name: String,
        /// What the store said.
        #[source]
        cause: StoreError,
    },
}

impl ItemError {
    /// The file or blob that failed, for a list.
    pub fn item(&self) -> String {
        match self {
            Self::Read { path, .. }
            | Self::Name { path, .. }
            | Self::Changed { path }
            | Self::TooLarge { path, .. }
            | Self::LinkLoop { path } => path.display().to_string(),
            Self::Upload { name, .. } | Self::Leftovers { name } | Self::Delete { name, .. } => {
                name.clone()
            }
        }
    }

    /// What the store said, when it was the store that failed.
    pub const fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Upload { cause, .. } | Self::Delete { cause, .. } => Some(cause),
            _ => None,
        }
    }

    /// What somebody can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Read { .. } => {
                Some("give this user the right to read it, or exclude it".to_owned())
            }
            Self::Name { .. } => Some("rename it, or leave it out with `--exclude`".to_owned()),
            Self::Changed { .. } => {
                Some("run again when nobody writes to it; what was sent is kept".to_owned())
            }
            Self::TooLarge { .. } | Self::LinkLoop { .. } => {
                Some("leave it out with `--exclude`".to_owned())
            }
            Self::Upload {
                cause: StoreError::Precondition { .. } | StoreError::AlreadyExists { .. },
                ..
            } => {
                Some("somebody else wrote it during this run; run again to compare anew".to_owned())
            }
            Self::Upload { cause, .. } | Self::Delete { cause, .. } => cause.hint(),
            Self::Leftovers { .. } => Some(
                "the service drops them after a week; or delete the blob and run again".to_owned(),
            ),
        }
    }
}
