//! A run from its beginning to its summary.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use longshore_store::{BlobStore, ListOptions, ListPage, StoreError};
use tokio::sync::mpsc;

use crate::cache::{DigestCache, Reader, Writer};
use crate::context::Context;
use crate::delete::Surplus;
use crate::engine::Engine;
use crate::merge::{Merge, Walk, list_ahead};
use crate::source::{Filter, WalkContext, walk};
use crate::{
    Cancel, CancelLevel, DeletesWithheld, Event, Note, Progress, Reporter, Summary, SyncError,
    SyncOptions, Tally,
};

/// Items that the walk hands over at once, and how many such batches it may be ahead.
const WALK_BATCH: usize = 256;
const WALK_AHEAD: usize = 8;

/// A directory on its way into a container.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::sync::Arc;
///
/// use longshore_store::{BlobStoreExt, MemoryStore};
/// use longshore_sync::{CachePlace, Cancel, NoReporter, SyncOptions, Upload};
///
/// let source = tempfile::tempdir()?;
/// fs_err::write(source.path().join("setup.exe"), b"MZ")?;
/// let store = Arc::new(MemoryStore::new());
/// let options = SyncOptions { cache: CachePlace::Off, ..SyncOptions::default() };
///
/// let upload = Upload::new(source.path(), store.clone(), options);
/// let summary = upload.run(Arc::new(NoReporter), Cancel::new()).await?;
///
/// assert_eq!(summary.uploaded.files, 1);
/// assert_eq!(store.read(&"setup.exe".try_into()?).await?, "MZ");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Upload {
    source: PathBuf,
    store: Arc<dyn BlobStore>,
    options: SyncOptions,
    progress: Arc<Progress>,
}

impl Upload {
    /// Prepares a run; nothing happens yet.
    pub fn new(source: &Path, store: Arc<dyn BlobStore>, options: SyncOptions) -> Self {
        Self {
            source: source.to_owned(),
            store,
            options,
            progress: Arc::default(),
        }
    }

    /// The running numbers.
    pub fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    /// Runs to the end, on a tokio runtime with time and threads for blocking work.
    ///
    /// # Errors
    ///
    /// [`SyncError`] when the run as a whole cannot go on; failures of single items are reported and counted in the
    /// summary.
    pub async fn run(
        self,
        reporter: Arc<dyn Reporter>,
        cancel: Cancel,
    ) -> Result<Summary, SyncError> {
        check_source(&self.source)?;
        let filter = Arc::new(Filter::new(&self.source, &self.options)?);
        let cache = self.open_cache(&*reporter);
        let (reader, writer) = match cache {
            Some(cache) => (cache.reader(), Some(cache.into_writer())),
            None => (None, None),
        };
        let notes = writer.as_ref().map(Writer::notes);
        let around = (reporter, cancel);
        let context = Arc::new(Context::new(
            Arc::clone(&self.store),
            &self.options,
            self.progress(),
            around,
            notes,
        ));
        let deleted = self.transfer(&context, &filter, reader).await;
        let outcome = match (deleted, context.take_fatal()) {
            (Ok(_), Some(cause)) => Err(self.destination(cause)),
            (Err(error), _) => Err(error),
            (Ok(withheld), None) => Ok(self.summarise(&context, withheld)),
        };
        drop(context);
        self.close_cache(writer, outcome.as_ref().ok()).await;
        outcome
    }

    /// Sends, then deletes; tells why nothing was deleted, if it was asked for.
    async fn transfer(
        &self,
        context: &Arc<Context>,
        filter: &Arc<Filter>,
        cache: Option<Reader>,
    ) -> Result<Option<DeletesWithheld>, SyncError> {
        let mut surplus = Surplus::new(&self.options, filter)?;
        let merge = tokio::select! {
            merge = self.merge(filter, cache) => merge?,
            () = context.cancel.drained() => return Ok(None),
        };
        Engine::new(context, merge, &mut surplus).run().await?;
        if context.is_fatal() {
            return Ok(None);
        }
        surplus.delete(context, &self.source).await
    }

    fn destination(&self, cause: StoreError) -> SyncError {
        SyncError::Destination {
            destination: self.store.to_string(),
            cause,
        }
    }

    fn open_cache(&self, reporter: &dyn Reporter) -> Option<DigestCache> {
        match DigestCache::open(&self.options.cache, &self.source) {
            Ok(cache) => cache,
            Err(error) => {
                let note = Note::NoCache {
                    why: error.to_string(),
                };
                reporter.report(&Event::Noted(&note));
                None
            }
        }
    }

    async fn close_cache(&self, writer: Option<Writer>, summary: Option<&Summary>) {
        // Entries can be told stale only by a run that has seen the whole source.
        let filtered = !self.options.include.is_empty() || !self.options.exclude.is_empty();
        let whole = summary.filter(|summary| summary.cancelled == CancelLevel::None && !filtered);
        let files = whole.map(|_| self.progress.snapshot().files_found);
        if let Some(writer) = writer {
            // Losing the thread's panic is right: the cache is a shortcut.
            drop(tokio::task::spawn_blocking(move || writer.finish(files)).await);
        }
    }

    /// Makes the first contact, then starts the walk beside the listing.
    async fn merge(&self, filter: &Arc<Filter>, cache: Option<Reader>) -> Result<Merge, SyncError> {
        let order = self
            .store
            .listing_order()
            .await
            .map_err(|cause| self.destination(cause))?;
        let mut pages = self.list();
        let first = match pages.recv().await {
            Some(Err(StoreError::ContainerNotFound { .. })) if self.options.create_container => {
                self.create_container().await?;
                pages = mpsc::channel(1).1;
                None
            }
            Some(Err(cause)) => return Err(self.destination(cause)),
            Some(Ok(page)) => Some(page),
            None => None,
        };
        let walk = start_walk(WalkContext {
            root: self.source.clone(),
            prefix: self.options.prefix.clone(),
            filter: Arc::clone(filter),
            order,
            follow_symlinks: self.options.follow_symlinks,
            cache,
        });
        Ok(Merge::new(
            order,
            self.store.to_string(),
            walk,
            (first, pages),
        ))
    }

    fn list(&self) -> mpsc::Receiver<Result<ListPage, StoreError>> {
        let options = ListOptions {
            prefix: self.options.prefix.clone(),
            ..ListOptions::default()
        };
        list_ahead(&self.store, options)
    }

    async fn create_container(&self) -> Result<(), SyncError> {
        if self.options.dry_run {
            return Ok(());
        }
        self.store
            .create_container()
            .await
            .map(|_| ())
            .map_err(|cause| self.destination(cause))
    }

    fn summarise(&self, context: &Context, withheld: Option<DeletesWithheld>) -> Summary {
        let numbers = self.progress.snapshot();
        Summary {
            unchanged: Tally {
                files: numbers.files_unchanged,
                bytes: numbers.bytes_unchanged,
            },
            uploaded: Tally {
                files: numbers.files_uploaded,
                bytes: numbers.bytes_uploaded,
            },
            resumed: numbers.files_resumed,
            deleted: numbers.blobs_deleted,
            failed: numbers.files_failed,
            conflicts: context.conflicts(),
            skipped: context.skipped(),
            bytes_read: numbers.bytes_read,
            bytes_sent: numbers.bytes_sent,
            bytes_reused: numbers.bytes_reused,
            deletes_withheld: withheld,
            cancelled: context.cancel.level(),
            dry_run: self.options.dry_run,
        }
    }
}

/// A source that is not there must never look like an empty one.
fn check_source(path: &Path) -> Result<(), SyncError> {
    let error = |cause| SyncError::Source {
        path: path.to_owned(),
        cause,
    };
    let metadata = fs_err::metadata(path).map_err(error)?;
    if !metadata.is_dir() {
        return Err(error(io::ErrorKind::NotADirectory.into()));
    }
    fs_err::read_dir(path).map(drop).map_err(error)
}

fn start_walk(context: WalkContext) -> Walk {
    let (sender, batches) = mpsc::channel(WALK_AHEAD);
    let thread = tokio::task::spawn_blocking(move || {
        let mut batch = Vec::with_capacity(WALK_BATCH);
        walk(context, |item| {
            batch.push(item);
            batch.len() < WALK_BATCH || sender.blocking_send(std::mem::take(&mut batch)).is_ok()
        });
        // Nobody listens any more when the run was stopped.
        let _ = sender.blocking_send(batch);
    });
    Walk { batches, thread }
}
