//! What every part of an audit shares: the store, the budgets, the numbers, and what went wrong.

use std::sync::{Arc, Mutex, PoisonError};

use longshore_store::{BlobStore, StoreError};
use tokio::sync::Semaphore;

use super::finding::Finding;
use super::{VerifyCounts, VerifyOptions};
use crate::cache::Notes;
use crate::progress::Count;
use crate::upload::{Buffers, Gate};
use crate::{Cancel, Event, ItemError, Note, Progress, Reporter, SyncError};

/// So many refusals without a single success mean that there is no right to do it at all.
const HOPELESS: u64 = 16;

/// Why one blob came to no finding.
#[derive(Debug)]
pub(super) enum Halt {
    /// The audit is being stopped.
    Stopped,
    /// It could not be checked.
    Item(ItemError),
}

impl From<ItemError> for Halt {
    fn from(error: ItemError) -> Self {
        Self::Item(error)
    }
}

/// What every part of an audit shares.
pub(super) struct Audit {
    pub(super) store: Arc<dyn BlobStore>,
    pub(super) progress: Arc<Progress>,
    pub(super) cancel: Cancel,
    pub(super) notes: Option<Notes>,
    /// Requests under way.
    pub(super) requests: Gate,
    /// Bytes of blobs in memory.
    pub(super) buffers: Buffers,
    /// Threads that hash.
    pub(super) hashers: Arc<Semaphore>,
    pub(super) adopt: bool,
    pub(super) dry_run: bool,
    reporter: Arc<dyn Reporter>,
    counts: Mutex<VerifyCounts>,
    pub(super) conflicts: Count,
    pub(super) skipped: Count,
    refused: Count,
    answered: Count,
}

impl Audit {
    pub(super) fn new(
        store: Arc<dyn BlobStore>,
        options: &VerifyOptions,
        progress: Arc<Progress>,
        (reporter, cancel): (Arc<dyn Reporter>, Cancel),
        notes: Option<Notes>,
    ) -> Self {
        let threads = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            requests: Gate::new(options.concurrency, Arc::clone(&store)),
            store,
            progress,
            cancel,
            notes,
            buffers: Buffers::new(options.memory),
            hashers: Arc::new(Semaphore::new(threads)),
            adopt: options.adopt,
            dry_run: options.dry_run,
            reporter,
            counts: Mutex::default(),
            conflicts: Count::default(),
            skipped: Count::default(),
            refused: Count::default(),
            answered: Count::default(),
        }
    }

    /// Notes what was found under a name.
    pub(super) fn found(&self, finding: &Finding) {
        self.counts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .add(finding);
        self.progress.blobs_checked.add(1);
        let is_amiss =
            finding.verdict.is_drift() || matches!(finding.verdict, super::Verdict::Damaged(_));
        self.progress.blobs_amiss.add(u64::from(is_amiss));
        self.reporter.report(&Event::Verified(finding));
    }

    /// Notes something of the directory that nobody stages.
    pub(super) fn skip(&self, note: &Note) {
        self.skipped.add(1);
        self.reporter.report(&Event::Noted(note));
    }

    /// Notes what could not be checked; the error when nothing else could be either.
    pub(super) fn failed(&self, error: ItemError) -> Result<(), SyncError> {
        match error {
            ItemError::Check { cause, .. } | ItemError::Adopt { cause, .. }
                if self.is_hopeless(&cause) =>
            {
                Err(SyncError::Destination {
                    destination: self.store.to_string(),
                    cause,
                })
            }
            error => {
                let is_conflict = matches!(
                    error.store_error(),
                    Some(StoreError::Precondition { .. } | StoreError::NotFound { .. })
                );
                self.conflicts.add(u64::from(is_conflict));
                self.progress.files_failed.add(1);
                self.reporter.report(&Event::Failed(&error));
                Ok(())
            }
        }
    }

    /// Notes that the store answered a request beyond the listing.
    pub(super) fn answered(&self) {
        self.answered.add(1);
    }

    fn is_hopeless(&self, cause: &StoreError) -> bool {
        let is_refusal = matches!(cause, StoreError::Denied { .. });
        self.refused.add(u64::from(is_refusal));
        cause.is_fatal() || is_refusal && self.refused.get() >= HOPELESS && self.answered.get() == 0
    }

    pub(super) fn counts(&self) -> VerifyCounts {
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
