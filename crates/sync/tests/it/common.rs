//! A source, a store that counts and fails, and runs between them.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use longshore_store::{
    BlobStore, BlobStoreExt, CountStore, Counts, Fault, FaultStore, ListOptions, MemoryStore,
};
use longshore_sync::{
    CachePlace, Cancel, Event, Place, Reporter, Summary, Sync, SyncError, SyncOptions,
};
use tempfile::TempDir;

pub(crate) const MIB: usize = 1 << 20;

/// A source directory and what its runs need.
pub(crate) struct World {
    pub(crate) source: TempDir,
    pub(crate) cache: TempDir,
    pub(crate) memory: MemoryStore,
    /// What stands before the names in the container.
    pub(crate) prefix: String,
}

/// A run's outcome, with what it said and asked for.
pub(crate) struct Ran {
    pub(crate) outcome: Result<Summary, SyncError>,
    pub(crate) log: Vec<String>,
    pub(crate) counts: Counts,
}

impl Ran {
    pub(crate) fn summary(&self) -> &Summary {
        self.outcome.as_ref().unwrap()
    }

    pub(crate) fn says(&self, text: &str) -> bool {
        self.log.iter().any(|line| line.contains(text))
    }
}

/// Notes every fact as text.
#[derive(Default)]
pub(crate) struct Log(Mutex<Vec<String>>);

impl Log {
    /// What was said so far.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

impl Reporter for Log {
    fn report(&self, event: &Event<'_>) {
        let text = match event {
            Event::Failed(error) => {
                let error: &dyn std::error::Error = *error;
                let causes = std::iter::successors(Some(error), |error| error.source());
                format!(
                    "failed: {}",
                    causes
                        .map(ToString::to_string)
                        .collect::<Vec<_>>()
                        .join(": ")
                )
            }
            event => format!("{event:?}"),
        };
        self.0.lock().unwrap().push(text);
    }
}

impl World {
    pub(crate) fn new() -> Self {
        let dir = || tempfile::tempdir().unwrap();
        Self {
            source: dir(),
            cache: dir(),
            memory: MemoryStore::new(),
            prefix: String::new(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.source.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, bytes).unwrap();
    }

    pub(crate) fn options(&self) -> SyncOptions {
        SyncOptions {
            cache: CachePlace::Directory(self.cache.path().to_owned()),
            ..SyncOptions::default()
        }
    }

    /// A run from the source into the container.
    pub(crate) fn upload(&self, options: SyncOptions) -> Sync {
        let destination = Place::container(Arc::new(self.memory.clone()), "");
        Sync::new(&Place::directory(self.source.path()), &destination, options).unwrap()
    }

    pub(crate) async fn sync(&self) -> Ran {
        self.run(self.options(), []).await
    }

    pub(crate) async fn run(
        &self,
        options: SyncOptions,
        faults: impl IntoIterator<Item = Fault>,
    ) -> Ran {
        self.run_from(self.source.path(), options, faults).await
    }

    pub(crate) async fn run_from(
        &self,
        source: &Path,
        options: SyncOptions,
        faults: impl IntoIterator<Item = Fault>,
    ) -> Ran {
        self.run_place(&Place::directory(source), options, faults)
            .await
    }

    pub(crate) async fn run_place(
        &self,
        source: &Place,
        options: SyncOptions,
        faults: impl IntoIterator<Item = Fault>,
    ) -> Ran {
        let store = CountStore::new(FaultStore::new(self.memory.clone(), faults));
        let destination = Place::container(Arc::new(store.clone()), &*self.prefix);
        let sync = Sync::new(source, &destination, options).unwrap();
        let log = Arc::new(Log::default());
        let outcome = sync.run(Arc::<Log>::clone(&log), Cancel::new()).await;
        Ran {
            outcome,
            log: log.take(),
            counts: store.snapshot(),
        }
    }

    /// The names in the destination.
    pub(crate) async fn names(&self) -> Vec<String> {
        use futures::TryStreamExt;
        self.memory
            .list(ListOptions::default())
            .map_ok(|blob| blob.name)
            .try_collect()
            .await
            .unwrap()
    }

    pub(crate) async fn read(&self, name: &str) -> Vec<u8> {
        self.memory
            .read(&name.try_into().unwrap())
            .await
            .unwrap()
            .to_vec()
    }

    /// Every file of the source is in the destination, byte by byte, with its digests.
    pub(crate) async fn assert_equal(&self) {
        for name in self.names().await {
            let (file, blob) = (
                fs_err::read(self.path(&name)).unwrap(),
                self.read(&name).await,
            );
            assert!(file == blob, "`{name}` differs");
            let properties = self
                .memory
                .properties(&name.as_str().try_into().unwrap())
                .await
                .unwrap();
            let digests = properties.metadata.digests().unwrap();
            assert_eq!(digests.blake3.as_bytes(), blake3::hash(&file).as_bytes());
        }
    }
}

/// Bytes that do not repeat, the same for the same seed.
pub(crate) fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    blake3::Hasher::new()
        .update(&seed.to_le_bytes())
        .finalize_xof()
        .fill(&mut bytes);
    bytes
}
