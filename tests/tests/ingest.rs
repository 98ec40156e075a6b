//! Files that the service fetches from a vendor itself: right or not there, whatever vendor and service do.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends there")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::TryStreamExt;
use jiff::Timestamp;
use longshore_content::MIN_BLOCK_SIZE;
use longshore_drydock::Operation;
use longshore_manifest::Provenance;
use longshore_mirror::{
    Cellar, Event, FetchProgress, ItemError, Library, LockOptions, Places, Reporter, Rewrite,
    Scanner, Shelf, Stage, StageOptions, StageReport, Tools, Upstream, UpstreamOptions, lock,
};
use longshore_store::{
    BlobName, BlobStore, BlobStoreExt, BlockListKind, Fault, FaultError, FaultKind, FaultStore,
    FaultWhen, ListOptions, MemoryStore,
};
use longshore_sync::{CachePlace, Cancel, FileDigests, SyncOptions};
use longshore_tests::conformance::{DrydockHarbour, Harbour};
use longshore_tests::pier::noise;
use longshore_tests::upstream::{Served, UpstreamServer};
use tempfile::TempDir;

/// More than one block, and few enough bytes for one request.
const MEDIUM: usize = 20 << 20;

/// So many bytes that the service asks for ranges.
const LARGE: usize = (32 << 20) + 7;

/// Nothing is elsewhere.
#[derive(Debug)]
struct Nowhere;

#[async_trait]
impl Places for Nowhere {
    async fn open(
        &self,
        _: &str,
    ) -> Result<(Arc<dyn BlobStore>, BlobName), Box<dyn std::error::Error + Send + Sync>> {
        Err("there is nothing elsewhere".into())
    }
}

/// Counts what it hears.
#[derive(Debug, Default)]
struct Heard(Mutex<Vec<String>>);

impl Heard {
    fn count(&self, what: &str) -> usize {
        let heard = self.0.lock().unwrap();
        heard.iter().filter(|event| event.starts_with(what)).count()
    }
}

impl Reporter for Heard {
    fn report(&self, event: &Event<'_>) {
        if !matches!(event, Event::Transfer(_) | Event::Uploading { .. }) {
            self.0.lock().unwrap().push(format!("{event:?}"));
        }
    }
}

/// What a run came to.
struct Ran {
    report: StageReport,
    heard: Arc<Heard>,
    /// The bytes that came from vendors to this machine.
    received: u64,
}

impl Ran {
    /// How many files the service fetched, and how many came through here.
    fn ways(&self) -> (usize, usize) {
        (self.heard.count("Ingested"), self.heard.count("Fetched"))
    }

    fn assert_complete(&self) {
        let failures: Vec<_> = self.report.failures().collect();
        assert!(self.report.is_complete(), "{failures:?}");
        assert!(self.report.published.is_some());
    }
}

/// A vendor, a service, and a library that is pinned by what the vendor had.
struct Quay {
    server: UpstreamServer,
    harbour: DrydockHarbour,
    store: Arc<dyn BlobStore>,
    home: TempDir,
}

impl Quay {
    async fn new() -> Self {
        let harbour = DrydockHarbour::with_key().await.unwrap();
        let store = harbour.store().unwrap();
        store.create_container().await.unwrap();
        Self {
            server: UpstreamServer::start().unwrap(),
            harbour,
            store,
            home: tempfile::tempdir().unwrap(),
        }
    }

    /// The same with one file of the vendor, pinned.
    async fn of(served: Served) -> Self {
        let quay = Self::new().await;
        quay.server.put("/tool.zip", served);
        quay.pin(&["tool"]).await;
        quay
    }

    fn tools(&self, cellar: &str, heard: Arc<Heard>) -> Tools {
        let options = UpstreamOptions {
            allow_http: true,
            retries: 1,
            backoff: Duration::from_millis(1),
            ..UpstreamOptions::default()
        };
        Tools {
            upstream: Upstream::new(options).unwrap(),
            cellar: Cellar::open(self.home.path().join(cellar)).unwrap(),
            places: Arc::new(Nowhere),
            rewrites: vec![Rewrite {
                from: "https://vendor.example/".to_owned(),
                to: self.server.url("/").to_string(),
            }],
            digests: FileDigests::open(&CachePlace::Off, self.home.path()),
            reporter: heard,
            cancel: Cancel::new(),
            progress: Arc::new(FetchProgress::default()),
            now: Timestamp::now(),
        }
    }

    fn library(&self) -> Library {
        Library::read(&self.home.path().join("tools.toml"), None).unwrap()
    }

    /// Writes manifest and lock of these artifacts, on a machine that forgets the bytes then.
    async fn pin(&self, ids: &[&str]) {
        let artifacts = ids.iter().map(|id| {
            let url = format!("https://vendor.example/{id}.zip");
            format!("[[artifact]]\nid = \"{id}\"\nversion = \"1.0\"\nurl = \"{url}\"\n")
        });
        let library = "[library]\nname = \"tools\"\n".to_owned();
        let manifest: String = std::iter::once(library).chain(artifacts).collect();
        fs_err::write(self.home.path().join("tools.toml"), manifest).unwrap();
        let mut library = self.library();
        let tools = self.tools("elsewhere", Arc::default());
        let report = lock(&library, &tools, &LockOptions::default()).await;
        assert!(report.failed.is_empty(), "{:?}", report.failed);
        library.save_lock(report.lock).unwrap();
        self.server.reset_counts();
        self.harbour.control().reset_counters();
    }

    async fn stage_to(&self, store: Arc<dyn BlobStore>, options: StageOptions) -> Ran {
        let heard = Arc::<Heard>::default();
        let tools = self.tools("cellar", Arc::clone(&heard));
        let mut library = self.library();
        let shelf = Shelf::new(store, "apps/");
        let stage = Stage::new(&mut library, shelf, &tools, options);
        Ran {
            report: stage.run().await.unwrap(),
            heard,
            received: tools.progress.snapshot().received,
        }
    }

    async fn stage(&self) -> Ran {
        self.stage_to(Arc::clone(&self.store), options()).await
    }

    /// Makes sure that a blob is what an upload would have made of these bytes.
    async fn assert_staged(&self, id: &str, content: &[u8]) {
        let name = blob(id);
        assert!(*self.store.read(&name).await.unwrap() == *content);
        let there = self.store.properties(&name).await.unwrap();
        let digests = there.metadata.digests().unwrap();
        assert_eq!(
            digests.blake3.to_string(),
            blake3::hash(content).to_string()
        );
        assert_eq!(there.content_type.as_str(), "application/zip");
        let list = self.store.block_list(&name, BlockListKind::Committed);
        let list = list.await.unwrap();
        if content.len() as u64 > MIN_BLOCK_SIZE {
            assert_eq!(list.tree().unwrap().root, digests.blake3);
        } else {
            assert!(list.committed.is_empty());
        }
    }

    /// All blobs that are no documents of a release.
    async fn blobs(&self) -> Vec<String> {
        blobs(&*self.store).await
    }
}

async fn blobs(store: &dyn BlobStore) -> Vec<String> {
    let options = ListOptions {
        uncommitted: true,
        ..ListOptions::default()
    };
    let blobs: Vec<_> = store.list(options).try_collect().await.unwrap();
    let names = blobs.into_iter().map(|blob| blob.name);
    names.filter(|name| !name.contains("_releases/")).collect()
}

fn blob(id: &str) -> BlobName {
    BlobName::new(format!("apps/{id}/1.0/{id}.zip")).unwrap()
}

fn options() -> StageOptions {
    StageOptions {
        lock: LockOptions::default(),
        publish: true,
        scanner: None,
        server_side: true,
        keep_downloads: false,
        transfer: SyncOptions {
            cache: CachePlace::Off,
            create_container: true,
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

#[tokio::test]
async fn files_of_every_size_arrive_without_passing_through_here() {
    let quay = Quay::new().await;
    let files = [
        ("empty", 0),
        ("small", 1_000),
        ("medium", MEDIUM),
        ("large", LARGE),
    ]
    .map(|(id, length)| (id, Bytes::from(noise(length as u64, length))));
    for (id, content) in &files {
        let served = Served::new(content.clone()).etag("\"1\"");
        quay.server.put(&format!("/{id}.zip"), served);
    }
    quay.pin(&files.each_ref().map(|(id, _)| *id)).await;

    let ran = quay.stage().await;
    ran.assert_complete();
    assert_eq!(ran.ways(), (4, 0));
    assert_eq!(ran.received, 0);
    assert!(ran.report.transfer.is_none(), "nothing is uploaded");
    let counters = quay.harbour.control().counters();
    assert_eq!(counters.of(Operation::PutBlock).requests, 0);
    let documents = counters.of(Operation::PutBlob).bytes_in;
    assert!(documents < 10_000, "{documents} bytes went up");
    for (id, content) in &files {
        quay.assert_staged(id, content).await;
        let count = quay.server.count(&format!("/{id}.zip"));
        assert_eq!(count.sent, content.len() as u64, "{id} is sent once");
    }
    assert_eq!(quay.server.count("/medium.zip").gets, 1);
    assert_eq!(quay.server.count("/large.zip").ranged, 5);
    assert_eq!(quay.blobs().await.len(), files.len());

    let again = quay.stage().await;
    assert_eq!((again.report.present, again.ways()), (4, (0, 0)));
}

#[tokio::test]
async fn republished_bytes_are_a_mismatch_and_leave_nothing() {
    let quay = Quay::of(Served::new(noise(1, MEDIUM)).etag("\"1\"")).await;
    quay.server
        .change("/tool.zip", |served| served.content(noise(2, MEDIUM)));
    let ran = quay.stage().await;
    let failures: Vec<_> = ran.report.failures().collect();
    assert!(
        matches!(&failures[..], [failure] if matches!(failure.error, ItemError::Mismatch { .. })),
        "{failures:?}"
    );
    assert!(ran.report.published.is_none());
    assert_eq!(ran.received, 0);
    assert!(quay.blobs().await.is_empty());
}

#[tokio::test]
async fn a_vendor_that_knows_no_ranges_is_asked_for_the_whole() {
    let content = noise(3, LARGE);
    let quay = Quay::of(Served::new(content.clone()).without_ranges()).await;
    let ran = quay.stage().await;
    ran.assert_complete();
    assert_eq!(ran.ways(), (1, 0));
    assert_eq!(quay.server.count("/tool.zip").gets, 1);
    quay.assert_staged("tool", &content).await;
}

#[tokio::test]
async fn redirects_are_followed_for_the_service() {
    let content = noise(4, 5_000);
    let quay = Quay::of(Served::new(content.clone())).await;
    quay.server.put("/cdn", Served::new(content.clone()));
    quay.server.put("/tool.zip", Served::redirect("/cdn"));
    let ran = quay.stage().await;
    ran.assert_complete();
    assert_eq!(ran.ways(), (1, 0));
    assert_eq!(quay.server.count("/tool.zip").gets, 0);
    assert_eq!(quay.server.count("/cdn").gets, 1);
    quay.assert_staged("tool", &content).await;
}

#[tokio::test]
async fn a_mixture_of_two_states_comes_through_here() {
    let right = Served::new(noise(5, LARGE)).etag("\"1\"");
    let quay = Quay::of(right.clone()).await;
    // Of five ranges the last three are of other bytes.
    let wrong = right.clone().content(noise(6, LARGE));
    let script = right.clone().then(2, wrong.then(2, right));
    quay.server.put("/tool.zip", script);
    let ran = quay.stage().await;
    ran.assert_complete();
    assert_eq!(ran.ways(), (0, 1));
    quay.assert_staged("tool", &noise(5, LARGE)).await;
    assert_eq!(quay.blobs().await, [blob("tool").to_string()]);
}

#[tokio::test]
async fn what_is_scanned_comes_through_here() {
    let content = noise(7, 1_000);
    let quay = Quay::of(Served::new(content.clone())).await;
    let scanner = Scanner::parse("true", Duration::from_mins(1)).unwrap();
    let options = StageOptions {
        scanner: Some(scanner),
        ..options()
    };
    let ran = quay.stage_to(Arc::clone(&quay.store), options).await;
    ran.assert_complete();
    assert_eq!(ran.ways(), (0, 1));
    assert_eq!(ran.heard.count("Scanned"), 1);
    quay.assert_staged("tool", &content).await;
}

#[tokio::test]
async fn a_store_that_fetches_nothing_gets_the_bytes_from_here() {
    let quay = Quay::of(Served::new(noise(8, 1_000))).await;
    let store: Arc<dyn BlobStore> = Arc::new(MemoryStore::new());
    let ran = quay.stage_to(Arc::clone(&store), options()).await;
    ran.assert_complete();
    assert_eq!(ran.ways(), (0, 1));
    assert_eq!(blobs(&*store).await, [blob("tool").to_string()]);
}

/// Runs with a fault at each call in turn, until none is left to strike.
async fn disturb(kind: FaultKind) {
    let content = noise(9, 9 << 20);
    for call in 1.. {
        let quay = Quay::of(Served::new(content.clone())).await;
        let fault = Fault {
            operation: None,
            when: FaultWhen::Nth(call),
            kind,
        };
        let store = Arc::new(FaultStore::new(Arc::clone(&quay.store), [fault]));
        let struck = Arc::clone(&store);
        let heard = Arc::<Heard>::default();
        let tools = quay.tools("cellar", heard);
        let mut library = quay.library();
        let shelf = Shelf::new(store, "apps/");
        // Calls outside of the files may fail the run; what is there must be right then, too.
        let _ = Stage::new(&mut library, shelf, &tools, options())
            .run()
            .await;
        if quay.blobs().await.contains(&blob("tool").to_string()) {
            quay.assert_staged("tool", &content).await;
        }
        quay.stage().await.assert_complete();
        quay.assert_staged("tool", &content).await;
        if struck.struck() == 0 {
            assert!(call > 10, "{call}");
            return;
        }
    }
}

#[tokio::test]
async fn lost_answers_leave_nothing_wrong() {
    disturb(FaultKind::After(FaultError::Io)).await;
}

#[tokio::test]
async fn damaged_calls_leave_nothing_wrong() {
    disturb(FaultKind::Corrupt).await;
}
