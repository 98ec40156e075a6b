//! What ends one item of a run, while the others go on.

use std::fmt;
use std::io::ErrorKind;
use std::path::PathBuf;

use longshore_content::Sha256Digest;
use longshore_store::{NameError, StoreError};

/// Why the name of a blob cannot be that of a file below a directory.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TargetError {
    /// It is absolute, or has a segment that is empty, `.` or `..`, a backslash, a drive letter or a NUL.
    #[error("it could lead out of the directory")]
    Outside,
    /// The system keeps such names for itself, or cannot store them.
    #[error("this system cannot have a file of that name")]
    Reserved,
    /// Longshore calls its own unfinished files so.
    #[error("unfinished downloads are called so")]
    Unfinished,
    /// A directory above it is a symbolic link, which may lead anywhere.
    #[error("`{}` is a symbolic link", .path.display())]
    Link {
        /// The link.
        path: PathBuf,
    },
    /// Where a directory above it would be, there is a file.
    #[error("`{}` is no directory", .path.display())]
    File {
        /// The file.
        path: PathBuf,
    },
    /// Where the file would be, there is a directory.
    #[error("`{}` is a directory", .path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
    },
}

/// By what two contents differ, as far as they are known.
struct Differing(Option<Sha256Digest>, Option<Sha256Digest>);

impl fmt::Display for Differing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self(Some(here), Some(there)) => {
                write!(f, " (SHA-256 {there} instead of {here})")
            }
            _ => Ok(()),
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
    /// Nothing is to be written over, and what is there holds something else, or may.
    #[error("`{name}` is there with other content{}, and is not written over", Differing(*.here, *.there))]
    Differs {
        /// The blob or file.
        name: String,
        /// What was to be written, where it is known.
        here: Option<Sha256Digest>,
        /// What is there, where it says so.
        there: Option<Sha256Digest>,
    },
    /// Leftover blocks of another tool stand in the way and cannot be cleared without risk to the blob.
    #[error("leftover blocks of another tool stand in the way of `{name}`")]
    Leftovers {
        /// The blob.
        name: String,
    },
    /// The blob could not be copied.
    #[error("cannot copy `{name}`")]
    Copy {
        /// The blob that was to be read.
        name: String,
        /// What the store said.
        #[source]
        cause: StoreError,
    },
    /// No copy could be kept of a blob, so that it was neither written over nor deleted.
    #[error("cannot keep a copy of `{name}`")]
    BackUp {
        /// The blob.
        name: String,
        /// What the store said.
        #[source]
        cause: StoreError,
    },
    /// Where a blob was to become a file, there is a link or a special file.
    #[error("a link or a special file stands where `{name}` was to become a file")]
    InTheWay {
        /// The blob.
        name: String,
    },
    /// A file appeared or was written where a plan assumed another state.
    #[error("`{}` is not as the plan assumed it", .path.display())]
    Appeared {
        /// Where it stands.
        path: PathBuf,
    },
    /// The blob carries no digest of ours, so that somebody else wrote it, and it is not deleted.
    #[error("`{name}` was not written by longshore, and is not deleted")]
    Unmanaged {
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
    /// The blob could not be read.
    #[error("cannot download `{name}`")]
    Download {
        /// The blob.
        name: String,
        /// What the store said.
        #[source]
        cause: StoreError,
    },
    /// The blob could not be looked at.
    #[error("cannot check `{name}`")]
    Check {
        /// The blob.
        name: String,
        /// What the store said.
        #[source]
        cause: StoreError,
    },
    /// The blob, or what arrived of it, is not what its digests say; no file was changed.
    #[error("`{name}` does not hold what its digest says")]
    Damaged {
        /// The blob.
        name: String,
    },
    /// The blob's name cannot be that of a file.
    #[error("cannot make a file of the blob `{}`", .name.escape_debug())]
    Target {
        /// The blob's name.
        name: String,
        /// What is wrong with it.
        #[source]
        cause: TargetError,
    },
    /// A file of the destination cannot be written.
    #[error("cannot write `{}`", .path.display())]
    Write {
        /// Where it stands.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: std::io::Error,
    },
    /// Another run is receiving the same file.
    #[error("another run is writing `{}`", .path.display())]
    Busy {
        /// Where it stands.
        path: PathBuf,
    },
    /// The blob could not be given our digests.
    #[error("cannot adopt `{name}`")]
    Adopt {
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
            | Self::LinkLoop { path }
            | Self::Write { path, .. }
            | Self::Appeared { path }
            | Self::Busy { path } => path.display().to_string(),
            Self::Upload { name, .. }
            | Self::Leftovers { name }
            | Self::Differs { name, .. }
            | Self::Unmanaged { name }
            | Self::Delete { name, .. }
            | Self::Download { name, .. }
            | Self::Copy { name, .. }
            | Self::BackUp { name, .. }
            | Self::InTheWay { name }
            | Self::Damaged { name }
            | Self::Check { name, .. }
            | Self::Adopt { name, .. }
            | Self::Target { name, .. } => name.clone(),
        }
    }

    /// What the store said, when it was the store that failed.
    pub const fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Upload { cause, .. }
            | Self::Delete { cause, .. }
            | Self::Copy { cause, .. }
            | Self::BackUp { cause, .. }
            | Self::Check { cause, .. }
            | Self::Adopt { cause, .. }
            | Self::Download { cause, .. } => Some(cause),
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
            Self::Check {
                cause: StoreError::Precondition { .. } | StoreError::NotFound { .. },
                ..
            }
            | Self::Adopt {
                cause: StoreError::Precondition { .. } | StoreError::NotFound { .. },
                ..
            } => Some("somebody else wrote it meanwhile; run again when nobody does".to_owned()),
            Self::Copy {
                cause: StoreError::SourceChanged { .. } | StoreError::Precondition { .. },
                ..
            } => Some("somebody else wrote during this run; run again to compare anew".to_owned()),
            Self::Upload { cause, .. }
            | Self::Delete { cause, .. }
            | Self::Copy { cause, .. }
            | Self::BackUp { cause, .. }
            | Self::Check { cause, .. }
            | Self::Adopt { cause, .. } => cause.hint(),
            Self::Differs { .. } => Some(
                "give the new content a name of its own, such as one with a new version".to_owned(),
            ),
            Self::Unmanaged { .. } => {
                Some("take it out of the plan, or delete it by hand".to_owned())
            }
            Self::InTheWay { .. } => Some("remove it, or name another directory".to_owned()),
            Self::Appeared { .. } => Some("make the plan anew".to_owned()),
            Self::Download { cause, .. } => download_hint(cause),
            Self::Leftovers { .. } => Some(
                "the service drops them after a week; or delete the blob and run again".to_owned(),
            ),
            Self::Damaged { .. } => Some(
                "run again; when it stays so, upload it anew from a copy that is known to be good"
                    .to_owned(),
            ),
            Self::Target { .. } => {
                Some("copy the blob to another name, or leave it out with `--exclude`".to_owned())
            }
            Self::Write { cause, .. } => write_hint(cause.kind()),
            Self::Busy { .. } => Some("wait for the other run to end, then run again".to_owned()),
        }
    }
}

/// What to do about a blob that is not what the run found at its beginning.
fn download_hint(cause: &StoreError) -> Option<String> {
    match cause {
        StoreError::Precondition { .. } => Some(
            "somebody wrote it during this run; run again to receive what it holds now".to_owned(),
        ),
        StoreError::NotFound { .. } => {
            Some("somebody deleted it during this run; run again".to_owned())
        }
        _ => cause.hint(),
    }
}

/// What to do about a file that cannot be written.
fn write_hint(kind: ErrorKind) -> Option<String> {
    let hint = match kind {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            "make room and run again; what was received is kept"
        }
        ErrorKind::FileTooLarge => "this file system cannot hold a file of that size",
        ErrorKind::PermissionDenied => "give this user the right to write there",
        ErrorKind::ReadOnlyFilesystem => "that file system is mounted for reading only",
        ErrorKind::InvalidFilename => "this file system cannot have a name that long",
        ErrorKind::NotADirectory | ErrorKind::AlreadyExists => {
            "a file stands where a directory has to be; move it away"
        }
        ErrorKind::IsADirectory => "a directory stands where the file has to be; move it away",
        _ => return None,
    };
    Some(hint.to_owned())
}
