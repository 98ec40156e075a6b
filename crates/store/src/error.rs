//! What can go wrong in a store, by what a caller can do about it.

use crate::{BlobName, NameError};

/// A cause that only a person needs to read.
type Cause = Box<dyn std::error::Error + Send + Sync + 'static>;

/// Why a call of a store failed.
///
/// Messages hold no secret. [`StoreError::hint`] says what to do next, where somebody can do something.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no such container.
    #[error("no such container: `{container}`")]
    ContainerNotFound {
        /// Its name or place.
        container: String,
        /// What the service said.
        #[source]
        cause: Option<Cause>,
    },
    /// There is no such blob.
    #[error("no such blob: `{name}`")]
    NotFound {
        /// Its name.
        name: BlobName,
    },
    /// The blob was to be new, and is there.
    #[error("the blob exists already: `{name}`")]
    AlreadyExists {
        /// Its name.
        name: BlobName,
    },
    /// The blob is not in the version that was assumed.
    #[error("the blob was changed by somebody else: `{name}`")]
    Precondition {
        /// Its name.
        name: BlobName,
    },
    /// A block of the list is neither staged nor committed.
    #[error("a block of `{name}` is not there")]
    MissingBlock {
        /// The blob.
        name: BlobName,
    },
    /// More blocks than a blob may have: 50,000 committed, 100,000 staged.
    #[error("`{name}` has more blocks than a blob may have")]
    TooManyBlocks {
        /// The blob.
        name: BlobName,
    },
    /// Ids of blocks of one blob must have one length, and another tool's are there.
    #[error("`{name}` has staged blocks of another tool")]
    BlockIds {
        /// The blob.
        name: BlobName,
    },
    /// The range starts beyond the end of the blob.
    #[error("the range starts beyond the end of `{name}`")]
    Range {
        /// The blob.
        name: BlobName,
    },
    /// The bytes that arrived are not those that were sent.
    #[error("`{name}` was damaged on the way")]
    Corrupt {
        /// The blob.
        name: BlobName,
        /// What the service said.
        #[source]
        cause: Option<Cause>,
    },
    /// The service cannot or will not read what it was to copy, or the two stores do not understand each other.
    ///
    /// The bytes can still be read here and sent.
    #[error("not copied by the service: `{name}`")]
    CopyRefused {
        /// The blob that was to be written.
        name: BlobName,
        /// What the service said.
        #[source]
        cause: Option<Cause>,
    },
    /// The blob to copy is not in the version that was assumed.
    #[error("the blob to copy was changed by somebody else: `{name}`")]
    SourceChanged {
        /// The blob that was to be copied.
        name: BlobName,
    },
    /// This store, or its credential, cannot do that at all.
    #[error("not possible here: {what}")]
    Unsupported {
        /// What was asked for.
        what: &'static str,
    },
    /// A name that cannot be written.
    #[error(transparent)]
    Name(#[from] NameError),
    /// Nobody is signed in, or the token or signature is not accepted.
    #[error("not signed in")]
    NotSignedIn {
        /// What to do next.
        hint: Option<String>,
        /// What the service said.
        #[source]
        cause: Cause,
    },
    /// Signed in, but not allowed.
    #[error("not allowed")]
    Denied {
        /// What to do next.
        hint: Option<String>,
        /// What the service said.
        #[source]
        cause: Cause,
    },
    /// The service asked for less, more often than was worth waiting for.
    #[error("throttled by the service")]
    Throttled {
        /// What the service said.
        #[source]
        cause: Cause,
    },
    /// No answer came in time, tries included.
    #[error("no answer in time")]
    TimedOut {
        /// What happened last.
        #[source]
        cause: Cause,
    },
    /// The service cannot be reached: unknown host, refused connection, bad certificate.
    #[error("cannot be reached")]
    Unreachable {
        /// What to do next.
        hint: Option<String>,
        /// What happened.
        #[source]
        cause: Cause,
    },
    /// The connection or the disk failed.
    #[error("input or output failed")]
    Io {
        /// What happened.
        #[source]
        cause: Cause,
    },
    /// An answer that was not foreseen.
    #[error("unexpected answer")]
    Protocol {
        /// What to do next.
        hint: Option<String>,
        /// The answer.
        #[source]
        cause: Cause,
    },
}

impl StoreError {
    /// What somebody can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotSignedIn { hint, .. }
            | Self::Denied { hint, .. }
            | Self::Unreachable { hint, .. }
            | Self::Protocol { hint, .. } => hint.clone(),
            Self::ContainerNotFound { .. } => Some(
                "create the container first, or run again with `--create-container`".to_owned(),
            ),
            Self::Throttled { .. } => Some(
                "run again later, or with a lower `--concurrency` or `--max-requests`".to_owned(),
            ),
            _ => None,
        }
    }

    /// Whether the work may have been done although the answer was lost.
    pub const fn is_ambiguous(&self) -> bool {
        matches!(
            self,
            Self::Io { .. }
                | Self::TimedOut { .. }
                | Self::Throttled { .. }
                | Self::Protocol { .. }
        )
    }

    /// Whether no other call of this run can succeed either.
    pub const fn is_fatal(&self) -> bool {
        matches!(
            self,
            Self::ContainerNotFound { .. } | Self::NotSignedIn { .. } | Self::Unreachable { .. }
        )
    }
}
