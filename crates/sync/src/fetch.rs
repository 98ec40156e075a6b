//! Receiving blobs that somebody else chose, each into its file, each with the content that it must have.
//!
//! Knows nothing of why a blob is wanted. What it must hold comes from whoever chose it and not from the blob, so a blob
//! that says of itself that it is sound proves nothing here.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use longshore_content::Digests;

use crate::cache::Reader;
use crate::delete::Surplus;
use crate::feed::Chosen;
use crate::journey::{Begun, Doing, Drive, Journey};
use crate::place::Route;
use crate::{
    Cancel, DeletePolicy, DeletesWithheld, ItemError, Place, Progress, Reporter, Summary,
    SyncError, SyncOptions,
};

/// A blob that is wanted, and the file that is to hold it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchBlob {
    /// Its name below the prefix of the container.
    pub blob: String,
    /// The name of the file below the directory, with `/` between its parts.
    pub file: String,
    /// The size in bytes that it must have.
    pub size: u64,
    /// The digests that it must have.
    pub digests: Digests,
}

/// What became of a blob that is wanted.
#[derive(Debug, Default)]
pub enum Fetched {
    /// Nothing: the run ended before its turn, or before its end.
    #[default]
    Missing,
    /// The file was there.
    Present,
    /// The file came.
    Received,
    /// It failed.
    Failed(ItemError),
}

/// Blobs on their way into a directory, no other than these.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::sync::Arc;
///
/// use longshore_content::{BlockLayout, FileHasher};
/// use longshore_store::{BlobStoreExt, MemoryStore, WriteOptions, BlobStore};
/// use longshore_sync::{CachePlace, Cancel, Fetch, FetchBlob, Fetched, NoReporter, Place, SyncOptions};
///
/// let store = Arc::new(MemoryStore::new());
/// store.put(&"apps/setup.exe".try_into()?, "MZ".into(), WriteOptions::default()).await?;
/// let mut hasher = FileHasher::new(BlockLayout::for_file(2)?);
/// hasher.update(b"MZ")?;
/// let wanted = FetchBlob {
///     blob: "setup.exe".to_owned(),
///     file: "tool/setup.exe".to_owned(),
///     size: 2,
///     digests: hasher.finish()?.digests,
/// };
/// let directory = tempfile::tempdir()?;
/// let options = SyncOptions { cache: CachePlace::Off, ..SyncOptions::default() };
///
/// let fetch = Fetch::new(&Place::container(store, "apps/"), directory.path(), vec![wanted], options)?;
/// let (_, fetched) = fetch.run(Arc::new(NoReporter), Cancel::new()).await;
///
/// assert!(matches!(fetched[0], Fetched::Received));
/// assert_eq!(fs_err::read(directory.path().join("tool/setup.exe"))?, b"MZ");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Fetch {
    journey: Journey,
    root: PathBuf,
    blobs: Vec<FetchBlob>,
}

/// What all blobs of a run share: where they go, and what became of each.
#[derive(Debug)]
pub(crate) struct Errand {
    /// The directory below which the files are to stand.
    pub(crate) root: PathBuf,
    /// Digests of files that are remembered.
    pub(crate) cache: Option<Reader>,
    pub(crate) dry_run: bool,
    outcomes: Mutex<Vec<Fetched>>,
}

impl Errand {
    /// Notes what became of a blob.
    pub(crate) fn note(&self, index: usize, outcome: Fetched) {
        if let Some(slot) = self.outcomes().get_mut(index) {
            *slot = outcome;
        }
    }

    /// Notes that a blob failed; an error that ended the whole run is told by the run.
    pub(crate) fn failed(&self, index: usize, error: Option<ItemError>) {
        if let Some(error) = error {
            self.note(index, Fetched::Failed(error));
        }
    }

    fn outcomes(&self) -> MutexGuard<'_, Vec<Fetched>> {
        self.outcomes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Fetch {
    /// Prepares a run; nothing happens yet. Of the options, filters and deletes have no place here.
    ///
    /// # Errors
    ///
    /// [`SyncError::Route`] when the place is no container.
    pub fn new(
        container: &Place,
        directory: impl Into<PathBuf>,
        blobs: Vec<FetchBlob>,
        options: SyncOptions,
    ) -> Result<Self, SyncError> {
        let root = directory.into();
        Ok(Self {
            journey: Journey {
                route: Route::chosen(container, &root)?,
                reuse_from: Vec::new(),
                options: SyncOptions {
                    include: Vec::new(),
                    exclude: Vec::new(),
                    delete: DeletePolicy::Keep,
                    ..options
                },
                progress: Arc::default(),
            },
            root,
            blobs,
        })
    }

    /// The running numbers.
    pub fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.journey.progress)
    }

    /// Runs to the end, on a tokio runtime with time and threads for blocking work. Whatever ends the run, the outcome
    /// of each blob is told, in the order in which they were given.
    pub async fn run(
        self,
        reporter: Arc<dyn Reporter>,
        cancel: Cancel,
    ) -> (Result<Summary, SyncError>, Vec<Fetched>) {
        let missing = || self.blobs.iter().map(|_| Fetched::Missing).collect();
        let mut begun = match self.journey.begin(reporter, cancel, false).await {
            Ok(begun) => begun,
            Err(error) => return (Err(error), missing()),
        };
        let errand = Arc::new(Errand {
            root: self.root,
            cache: begun.cache.take(),
            dry_run: self.journey.options.dry_run,
            outcomes: Mutex::new(missing()),
        });
        let prefix = self.journey.prefix();
        let chosen = Chosen::new(self.blobs, prefix, Arc::clone(&errand));
        let outcome = drive(&self.journey, &mut begun, chosen).await;
        let summary = self.journey.end(begun, outcome).await;
        let outcomes = std::mem::take(&mut *errand.outcomes());
        (summary, outcomes)
    }
}

async fn drive(
    journey: &Journey,
    begun: &mut Begun,
    chosen: Chosen,
) -> Result<Option<DeletesWithheld>, SyncError> {
    let filter = Arc::clone(&begun.filter);
    let mut surplus = Surplus::new(&journey.options, &filter, journey.prefix())?;
    let doing = Doing {
        surplus: &mut surplus,
        source: Arc::clone(&journey.route.origin().store),
    };
    doing.drive(begun, chosen).await?;
    Ok(None)
}

#[cfg(test)]
mod tests;
