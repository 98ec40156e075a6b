//! A library on disk, and a store in memory to stage it to.

use std::path::PathBuf;
use std::sync::Mutex;

use async_trait::async_trait;
use jiff::Timestamp;
use longshore_store::{BlobName, BlobStore, BlobStoreExt as _, ListOptions, MemoryStore};
use longshore_sync::{CachePlace, Cancel, FileDigests};
use tempfile::TempDir;

use super::super::*;
use crate::upstream::{FetchProgress, Upstream, UpstreamOptions};
use crate::{Cellar, Places, Which};

pub(super) const MANIFEST: &str = r#"
[library]
name = "tools"
os = "linux"

[[artifact]]
id = "one"
version = "1.0"
path = "one.sh"
install = { type = "exe", args = ["--quiet"] }

[[artifact]]
id = "two"
version = "2.0"
path = "two.bin"
"#;

/// Nothing is elsewhere.
#[derive(Debug)]
struct Nowhere;

#[async_trait]
impl Places for Nowhere {
    async fn open(
        &self,
        _: &str,
    ) -> Result<(Arc<dyn BlobStore>, BlobName), Box<dyn std::error::Error + Send + std::marker::Sync>>
    {
        Err("there is nothing elsewhere".into())
    }
}

/// Keeps what it hears, as text.
#[derive(Debug, Default)]
pub(super) struct Heard(Mutex<Vec<String>>);

impl Reporter for Heard {
    fn report(&self, event: &Event<'_>) {
        if !matches!(event, Event::Transfer(_) | Event::Uploading { .. }) {
            self.0.lock().unwrap().push(format!("{event:?}"));
        }
    }
}

/// A library on disk, and a store.
pub(super) struct World {
    pub(super) dir: TempDir,
    pub(super) store: Arc<MemoryStore>,
    pub(super) heard: Arc<Heard>,
}

impl World {
    pub(super) fn new() -> Self {
        let world = Self {
            dir: tempfile::tempdir().unwrap(),
            store: Arc::new(MemoryStore::new()),
            heard: Arc::default(),
        };
        world.write("tools.toml", MANIFEST);
        world.write("one.sh", "echo one");
        world.write("two.bin", "two");
        world
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(super) fn write(&self, name: &str, text: &str) {
        fs_err::write(self.path(name), text).unwrap();
    }

    pub(super) fn shelf(&self) -> Shelf {
        Shelf::new(Arc::<MemoryStore>::clone(&self.store), "apps/")
    }

    pub(super) fn releases(&self) -> Releases {
        Releases::new(self.shelf(), "tools".parse().unwrap())
    }

    pub(super) fn tools(&self) -> Tools {
        Tools {
            upstream: Upstream::new(UpstreamOptions::default()).unwrap(),
            cellar: Cellar::open(self.path("cellar")).unwrap(),
            places: Arc::new(Nowhere),
            rewrites: Vec::new(),
            digests: FileDigests::open(&CachePlace::Off, self.dir.path()),
            reporter: Arc::<Heard>::clone(&self.heard),
            cancel: Cancel::new(),
            progress: Arc::new(FetchProgress::default()),
            now: Timestamp::now(),
        }
    }

    pub(super) fn library(&self) -> Library {
        Library::read(&self.path("tools.toml"), None).unwrap()
    }

    pub(super) async fn stage_with(
        &self,
        options: StageOptions,
    ) -> Result<StageReport, MirrorError> {
        let mut library = self.library();
        let tools = self.tools();
        Stage::new(&mut library, self.shelf(), &tools, options)
            .run()
            .await
    }

    pub(super) async fn stage(&self) -> StageReport {
        let report = self.stage_with(options()).await.unwrap();
        let failures: Vec<_> = report.failures().collect();
        assert!(failures.is_empty(), "{failures:?}");
        report
    }

    pub(super) async fn release(&self) -> Release {
        let releases = self.releases();
        let digest = releases.resolve(&Which::Current).await.unwrap();
        releases.read(digest).await.unwrap()
    }

    /// Every blob of the release that counts, as a build VM would get it, by id.
    pub(super) async fn consume(&self) -> Vec<(String, String)> {
        let mut files = Vec::new();
        for released in &self.release().await.content.artifacts {
            let name = self.shelf().name(&released.blob).unwrap();
            let bytes = self.store.read(&name).await.unwrap();
            assert_eq!(
                crate::shelf::digests_of(&bytes).sha256,
                released.sha256,
                "{name}"
            );
            files.push((
                released.id.to_string(),
                String::from_utf8(bytes.to_vec()).unwrap(),
            ));
        }
        files
    }

    pub(super) async fn names(&self) -> Vec<String> {
        use futures::TryStreamExt as _;

        let blobs: Vec<_> = self
            .store
            .list(ListOptions::default())
            .try_collect()
            .await
            .unwrap();
        blobs.into_iter().map(|blob| blob.name).collect()
    }

    pub(super) fn heard(&self, what: &str) -> usize {
        let heard = self.heard.0.lock().unwrap();
        heard.iter().filter(|event| event.starts_with(what)).count()
    }
}

pub(super) fn options() -> StageOptions {
    StageOptions {
        lock: LockOptions::default(),
        publish: true,
        scanner: None,
        server_side: false,
        keep_downloads: false,
        transfer: SyncOptions {
            cache: CachePlace::Off,
            ..SyncOptions::default()
        },
        provenance: Provenance {
            created: Timestamp::now(),
            tool: "longshore test".to_owned(),
            manifest: None,
            repository: None,
            revision: None,
            pipeline: None,
        },
    }
}
