//! What the errors of libraries come to.

use longshore_manifest::ReleaseError;
use longshore_mirror::{CheckError, ItemError, LibraryError, MirrorError, UpstreamError};

use super::ExitStatus;

impl ExitStatus {
    /// What a manifest or a lock that cannot be used comes to.
    pub(crate) const fn of_library(error: &LibraryError) -> Self {
        match error {
            LibraryError::Write { .. } => Self::Failed,
            _ => Self::Configuration,
        }
    }

    /// What the end of a whole run over a library comes to.
    pub(crate) const fn of_mirror(error: &MirrorError) -> Self {
        match error {
            MirrorError::Destination { cause, .. } => Self::of_store(cause),
            MirrorError::Sync(error) => Self::of_sync(error),
            MirrorError::Library(error) => Self::of_library(error),
            MirrorError::Release { cause, .. } | MirrorError::Pointer { cause, .. } => {
                Self::of_document(cause)
            }
            MirrorError::Occupied { .. } | MirrorError::Incomplete { .. } => Self::Corrupt,
            MirrorError::Moved { .. } => Self::Precondition,
            MirrorError::Content(_) | MirrorError::Empty { .. } | MirrorError::Name(_) => {
                Self::Configuration
            }
            MirrorError::Stopped => Self::Interrupted,
            _ => Self::Failed,
        }
    }

    /// What a document of a release that cannot be read comes to: one of a newer program is none that is damaged.
    const fn of_document(error: &ReleaseError) -> Self {
        match error {
            ReleaseError::Newer { .. } => Self::Configuration,
            _ => Self::Corrupt,
        }
    }

    const fn of_vendor(error: &UpstreamError) -> Self {
        match error {
            UpstreamError::Mismatch { .. } => Self::Corrupt,
            UpstreamError::Denied { .. } => Self::NotAllowed,
            UpstreamError::Throttled { .. } | UpstreamError::TimedOut { .. } => Self::Throttled,
            _ => Self::ItemsFailed,
        }
    }

    /// What the failure of one file of a library would come to, were it the only one.
    pub(crate) const fn of_library_item(error: &ItemError) -> Self {
        match error {
            ItemError::Upstream(error) => Self::of_vendor(error),
            ItemError::Ingest(cause) => Self::of_store(cause),
            ItemError::Check(CheckError::Io { .. }) => Self::ItemsFailed,
            ItemError::Mismatch { .. } | ItemError::Check(_) => Self::Corrupt,
            _ => Self::ItemsFailed,
        }
    }
}
