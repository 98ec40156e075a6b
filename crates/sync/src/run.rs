//! The engine.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use longshore_store::BlobStore;

use crate::{Cancel, Progress, Reporter, Summary, SyncError, SyncOptions};

/// A directory on its way into a container.
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

    /// Runs to the end.
    ///
    /// # Errors
    ///
    /// [`SyncError`] when the run as a whole cannot go on; failures of single items are reported and counted.
    pub async fn run(
        self,
        reporter: Arc<dyn Reporter>,
        cancel: Cancel,
    ) -> Result<Summary, SyncError> {
        let _ = (&self.source, &self.store, &self.options, reporter, cancel);
        std::future::pending().await
    }
}
