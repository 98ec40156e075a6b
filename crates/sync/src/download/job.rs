//! One download, as all its parts see it.

use std::sync::Arc;

use longshore_store::{BlobStore, StoreError};

use super::Download;
use super::plan::Cut;
use super::proof::Whole;
use crate::ItemError;
use crate::context::Context;
use crate::progress::Count;
use crate::task::ended;

/// How often bytes that arrive damaged are fetched in all.
pub(super) const TRIES: usize = 4;

/// One download.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) context: Arc<Context>,
    pub(super) source: Arc<dyn BlobStore>,
    pub(super) download: Download,
    pub(super) cut: Cut,
    /// Bytes that travelled.
    pub(super) received: Count,
}

/// A file that is in its place.
#[derive(Debug)]
pub(super) struct Arrived {
    pub(super) whole: Whole,
    /// Bytes that an earlier run had received.
    pub(super) kept: u64,
}

/// Why there is no new file.
#[derive(Debug)]
pub(super) enum Halt {
    /// The run is being stopped; what was received stays for the next one.
    Stopped,
    /// The file turned out wrong, and part of it was there before this run.
    Stale,
    /// The item failed.
    Item(ItemError),
}

impl From<ItemError> for Halt {
    fn from(error: ItemError) -> Self {
        Self::Item(error)
    }
}

impl Halt {
    /// Whether what was received is of no use to a later run.
    pub(super) const fn is_final(&self) -> bool {
        match self {
            Self::Stopped => false,
            Self::Stale => true,
            Self::Item(error) => matches!(
                error,
                ItemError::Damaged { .. }
                    | ItemError::Download {
                        cause: StoreError::Precondition { .. } | StoreError::NotFound { .. },
                        ..
                    }
            ),
        }
    }
}

impl Job {
    /// Notes bytes that arrived.
    pub(super) fn took(&self, bytes: u64) {
        self.received.add(bytes);
        self.context.progress.bytes_received.add(bytes);
    }

    pub(super) fn check_going(&self) -> Result<(), Halt> {
        if self.context.is_stopping() {
            return Err(Halt::Stopped);
        }
        Ok(())
    }

    /// No layout of ours, or no memory of this machine, holds it.
    pub(super) fn too_large(&self) -> Halt {
        Halt::Item(ItemError::TooLarge {
            path: self.download.target.clone(),
            size: self.download.size,
        })
    }

    pub(super) fn damaged(&self) -> Halt {
        Halt::Item(ItemError::Damaged {
            name: self.download.name.to_string(),
        })
    }

    /// What a failed call of the store means for the item.
    pub(super) fn failed(&self, cause: StoreError) -> Halt {
        match cause {
            StoreError::Corrupt { .. } => self.damaged(),
            cause => Halt::Item(ItemError::Download {
                name: self.download.name.to_string(),
                cause,
            }),
        }
    }
}

/// Does something that blocks. It is done to its end even when nobody waits for it any more, and the run ends after it.
pub(super) async fn blocking<T: Send + 'static>(
    context: &Context,
    work: impl FnOnce() -> Result<T, Halt> + Send + 'static,
) -> Result<T, Halt> {
    join(context.threads.spawn_blocking(work).await)
}

/// The result of a task; one that was given up means that the run is.
pub(super) fn join<T>(outcome: Result<Result<T, Halt>, tokio::task::JoinError>) -> Result<T, Halt> {
    ended(outcome).unwrap_or(Err(Halt::Stopped))
}
