//! What every part of a run shares: the store, the budgets, the numbers, and what went wrong.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use longshore_store::{BlobStore, StoreError};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::cache::Notes;
use crate::holdings::Holdings;
use crate::progress::Count;
use crate::upload::{Buffers, Gate};
use crate::{Cancel, Event, ItemError, Moved, Progress, Reason, Reporter, SyncOptions};

/// So many refusals without a single success mean that there is no right to write at all.
const HOPELESS: u64 = 16;

/// What every part of a run shares.
pub(crate) struct Context {
    pub(crate) store: Arc<dyn BlobStore>,
    pub(crate) progress: Arc<Progress>,
    pub(crate) cancel: Cancel,
    pub(crate) notes: Option<Notes>,
    /// Requests under way.
    pub(crate) requests: Gate,
    /// Bytes in memory.
    pub(crate) buffers: Buffers,
    /// Threads that read and hash.
    pub(crate) readers: Arc<Semaphore>,
    /// Threads that write what is downloaded; a run that is given up ends when they have.
    pub(crate) threads: TaskTracker,
    /// What is held already, and need not be sent.
    pub(crate) holdings: Holdings,
    /// Whether nothing may be written over.
    pub(crate) immutable: bool,
    /// What stands before the names of backups; none when there are to be none.
    pub(crate) backup_to: Option<String>,
    /// Whether anything that is not as it was assumed ends the run: a plan was made, and the world changed.
    strict: bool,
    reporter: Arc<dyn Reporter>,
    trouble: Trouble,
}

/// What went wrong so far.
#[derive(Debug, Default)]
struct Trouble {
    /// The first error that ends the run.
    fatal: Mutex<Option<StoreError>>,
    stop: CancellationToken,
    refused: Count,
    conflicts: Count,
    skipped: Count,
    moved: Mutex<Vec<Moved>>,
}

/// How a run treats what it finds.
#[derive(Debug, Default)]
pub(crate) struct Ways {
    pub(crate) holdings: Holdings,
    pub(crate) backup_to: Option<String>,
    pub(crate) strict: bool,
}

impl Context {
    pub(crate) fn new(
        store: Arc<dyn BlobStore>,
        options: &SyncOptions,
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
            readers: Arc::new(Semaphore::new(threads)),
            threads: TaskTracker::new(),
            holdings: Holdings::default(),
            immutable: options.immutable,
            backup_to: None,
            strict: false,
            reporter,
            trouble: Trouble::default(),
        }
    }

    pub(crate) fn with(mut self, ways: Ways) -> Self {
        self.holdings = ways.holdings;
        self.backup_to = ways.backup_to;
        self.strict = ways.strict;
        self
    }

    pub(crate) fn report(&self, event: &Event<'_>) {
        self.reporter.report(event);
    }

    /// Whether nothing new is to be started, for whatever reason.
    pub(crate) fn is_stopping(&self) -> bool {
        self.cancel.is_draining() || self.trouble.stop.is_cancelled()
    }

    /// Ends when nothing new is to be started.
    pub(crate) async fn stopping(&self) {
        tokio::select! {
            () = self.cancel.drained() => {}
            () = self.trouble.stop.cancelled() => {}
        }
    }

    /// Notes something that is not staged, and is no failure.
    pub(crate) fn skip(&self, event: &Event<'_>) {
        self.trouble.skipped.add(1);
        self.report(event);
    }

    pub(crate) fn skipped(&self) -> u64 {
        self.trouble.skipped.get()
    }

    pub(crate) fn unchanged(&self, name: &str, size: u64) {
        self.progress.files_unchanged.add(1);
        self.progress.bytes_unchanged.add(size);
        self.report(&Event::Unchanged { name, size });
    }

    /// Notes a file that would come (dry run).
    pub(crate) fn would_download(&self, name: &str, size: u64) {
        self.progress.files_downloaded.add(1);
        self.progress.bytes_downloaded.add(size);
        let reason = Reason::New;
        self.report(&Event::WouldDownload { name, size, reason });
    }

    /// Notes a file or blob of the source.
    pub(crate) fn found(&self, size: u64) {
        self.progress.files_found.add(1);
        self.progress.bytes_found.add(size);
    }

    /// Notes that the totals are known.
    pub(crate) fn scanned(&self) {
        self.progress.scanned.store(true, Ordering::Relaxed);
    }

    /// Notes a copy, made or only planned.
    pub(crate) fn copied(&self, event: &Event<'_>) {
        if let Event::Copied { size, .. } | Event::WouldCopy { size, .. } = event {
            self.progress.blobs_copied.add(1);
            self.progress.bytes_copied.add(*size);
        }
        self.report(event);
    }

    pub(crate) fn adopted(&self, name: &str, size: u64) {
        self.progress.blobs_adopted.add(1);
        self.progress.bytes_adopted.add(size);
        self.report(&Event::Adopted { name, size });
    }

    pub(crate) fn uploaded(
        &self,
        name: &str,
        size: u64,
        sent: u64,
        (reason, resumed): (Reason, bool),
    ) {
        self.progress.files_uploaded.add(1);
        self.progress.bytes_uploaded.add(size);
        self.progress.files_resumed.add(u64::from(resumed));
        self.report(&Event::Uploaded {
            name,
            size,
            sent,
            reason,
            resumed,
        });
    }

    /// Notes an item's failure, or the run's when no other item could fare better.
    pub(crate) fn failed(&self, error: ItemError, size: u64) {
        drop(self.note_failure(error, size));
    }

    /// The same; gives the error back unless it is the run's.
    pub(crate) fn note_failure(&self, error: ItemError, size: u64) -> Option<ItemError> {
        let error = if self.immutable {
            as_difference(error)
        } else {
            error
        };
        if let Some(moved) = Moved::of(&error).filter(|_| self.strict) {
            lock(&self.trouble.moved).push(moved);
            self.trouble.stop.cancel();
            return None;
        }
        match error {
            ItemError::Upload { cause, .. }
            | ItemError::Delete { cause, .. }
            | ItemError::Copy { cause, .. }
            | ItemError::Download { cause, .. }
                if self.ends_the_run(&cause) =>
            {
                self.stop_for(cause);
                None
            }
            error => {
                self.trouble.conflicts.add(u64::from(is_conflict(&error)));
                self.progress.files_failed.add(1);
                self.progress.bytes_failed.add(size);
                self.report(&Event::Failed(&error));
                Some(error)
            }
        }
    }

    /// What was not as the plan assumed it.
    pub(crate) fn take_moved(&self) -> Vec<Moved> {
        std::mem::take(&mut *lock(&self.trouble.moved))
    }

    fn ends_the_run(&self, cause: &StoreError) -> bool {
        if matches!(cause, StoreError::Denied { .. }) {
            self.trouble.refused.add(1);
        }
        let hopeless = self.trouble.refused.get() >= HOPELESS && self.progress.writes() == 0;
        cause.is_fatal() || hopeless && matches!(cause, StoreError::Denied { .. })
    }

    /// Ends the run: what is under way is finished, nothing new is started.
    pub(crate) fn stop_for(&self, cause: StoreError) {
        lock(&self.trouble.fatal).get_or_insert(cause);
        self.trouble.stop.cancel();
    }

    /// Whether an error ended the run.
    pub(crate) fn is_fatal(&self) -> bool {
        self.trouble.stop.is_cancelled()
    }

    /// The error that ended the run, if one did.
    pub(crate) fn take_fatal(&self) -> Option<StoreError> {
        lock(&self.trouble.fatal).take()
    }

    /// Whether a missing file may be a failure rather than a wish.
    pub(crate) fn has_failures(&self) -> bool {
        self.progress.files_failed.get() > 0
    }

    pub(crate) fn conflicts(&self) -> u64 {
        self.trouble.conflicts.get()
    }
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context")
            .field("store", &self.store)
            .field("trouble", &self.trouble)
            .finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn is_conflict(error: &ItemError) -> bool {
    matches!(
        (error, error.store_error()),
        (ItemError::Differs { .. }, _)
            | (
                _,
                Some(
                    StoreError::Precondition { .. }
                        | StoreError::AlreadyExists { .. }
                        | StoreError::SourceChanged { .. }
                )
            )
    )
}

/// A lost race for a name that is to be written once is the same as one that was lost before the run began.
fn as_difference(error: ItemError) -> ItemError {
    match error {
        ItemError::Upload {
            cause: StoreError::AlreadyExists { name },
            ..
        }
        | ItemError::Copy {
            cause: StoreError::AlreadyExists { name },
            ..
        } => ItemError::Differs {
            name: name.to_string(),
            here: None,
            there: None,
        },
        error => error,
    }
}
