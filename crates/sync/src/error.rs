//! What ends a run, and what ends one item of it.

mod item;

use std::path::PathBuf;

use longshore_store::StoreError;

use crate::moved::describe;
use crate::{MaxDelete, Moved, PlanError};

pub use item::{ItemError, TargetError};

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
    /// The source is a container that cannot be listed.
    #[error("cannot use the source `{origin}`")]
    Origin {
        /// Where it is.
        origin: String,
        /// What the store said.
        #[source]
        cause: StoreError,
    },
    /// The destination directory cannot be made.
    #[error("cannot make the destination directory `{}`", .path.display())]
    Target {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: std::io::Error,
    },
    /// Source and destination list in different orders, so that they cannot be compared as streams.
    #[error("`{origin}` and `{destination}` list names in different orders")]
    Orders {
        /// The source.
        origin: String,
        /// The destination.
        destination: String,
    },
    /// Directory and directory, of which one has to be opened as a store; or a list of files that is to be written.
    #[error("source and destination are both directories")]
    Route,
    /// A list of files as a source does not allow what was asked for.
    #[error(transparent)]
    List(#[from] ListError),
    /// The plan cannot be read.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The world is not as the plan assumed it.
    #[error("the plan is stale: {}", describe(.moved, *.count))]
    Stale {
        /// What is not as it was, in order; the first of them when there are very many.
        moved: Vec<Moved>,
        /// How many there are.
        count: u64,
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
    /// What a destination is compared with cannot be listed.
    #[error("cannot read what is expected from `{place}`")]
    Expected {
        /// Where it is.
        place: String,
        /// What the store said.
        #[source]
        cause: StoreError,
    },
    /// What a destination is compared with lists in another order, so that the two cannot be read side by side.
    #[error("`{place}` lists in another order than the destination")]
    UnlikeOrders {
        /// Where it is.
        place: String,
    },
    /// Names of deletable blobs could not be noted down.
    #[error("cannot use the directory for temporary files")]
    Spool {
        /// What the system said.
        #[source]
        cause: std::io::Error,
    },
}

/// What a list of files as a source does not allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ListError {
    /// Two of the files have one name.
    #[error("two files are to stand under `{name}`")]
    Twice {
        /// The name.
        name: String,
    },
    /// Deleting was asked for.
    #[error("a list of files does not tell what may be deleted")]
    Deletes,
    /// A plan was asked for, which another machine could not apply.
    #[error("a list of files cannot be planned")]
    Plan,
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
    /// The file that marks the right source or destination is missing.
    #[error("`{name}` is missing in `{place}`, so nothing is done")]
    Sentinel {
        /// The name.
        name: String,
        /// Where it is missing.
        place: String,
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
            Self::Destination { cause, .. }
            | Self::Origin { cause, .. }
            | Self::Expected { cause, .. } => cause.hint(),
            Self::Target { .. } => Some("check the path, and who may write there".to_owned()),
            Self::Orders { .. } => Some(
                "one account has a hierarchical namespace; go through a directory".to_owned(),
            ),
            Self::Route => Some("one of the two must be a container".to_owned()),
            Self::List(ListError::Twice { .. }) => Some("give each file a name of its own".to_owned()),
            Self::List(ListError::Deletes) => Some("delete in a run of its own".to_owned()),
            Self::List(ListError::Plan) => Some("look at what a dry run tells".to_owned()),
            Self::Plan(error) => error.hint(),
            Self::Stale { .. } => {
                Some("look at what changed, and make the plan anew".to_owned())
            }
            Self::Safety(SafetyError::Sentinel { .. }) => Some(
                "check that both places are the right ones; for a new destination, put the file there first"
                    .to_owned(),
            ),
            Self::UnlikeOrders { .. } => Some(
                "compare both with one directory: only one of the accounts has a hierarchical namespace"
                    .to_owned(),
            ),
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
