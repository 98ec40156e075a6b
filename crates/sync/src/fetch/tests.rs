use longshore_content::{BlockLayout, FileHasher, Sha256Digest};
use longshore_store::{
    BlobStore, CountStore, Fault, FaultError, FaultKind, FaultStore, FaultWhen, MemoryStore,
    Metadata, Operation, WriteOptions,
};
use tempfile::TempDir;

use super::*;
use crate::{CachePlace, NoReporter};

const BYTES: &[u8] = b"MZ and more";

fn digests(bytes: &[u8]) -> Digests {
    let layout = BlockLayout::for_file(bytes.len() as u64).unwrap();
    let mut hasher = FileHasher::new(layout);
    hasher.update(bytes).unwrap();
    hasher.finish().unwrap().digests
}

fn wanted(name: &str, bytes: &[u8]) -> FetchBlob {
    FetchBlob {
        blob: format!("{name}.exe"),
        file: format!("{name}/setup.exe"),
        size: bytes.len() as u64,
        digests: digests(bytes),
    }
}

/// A container with blobs below `apps/`, and a directory.
struct World {
    memory: Arc<MemoryStore>,
    directory: TempDir,
}

impl World {
    fn new() -> Self {
        Self {
            memory: Arc::new(MemoryStore::new()),
            directory: tempfile::tempdir().unwrap(),
        }
    }

    /// Puts a blob that says of itself what `said` has.
    async fn put(&self, name: &str, bytes: &'static [u8], said: &[u8]) {
        let options = WriteOptions {
            metadata: Metadata::of(&digests(said)),
            ..WriteOptions::default()
        };
        let name = longshore_store::BlobName::new(format!("apps/{name}.exe")).unwrap();
        self.memory.put(&name, bytes.into(), options).await.unwrap();
    }

    fn file(&self, name: &str) -> Option<Vec<u8>> {
        fs_err::read(self.directory.path().join(name).join("setup.exe")).ok()
    }

    fn options() -> SyncOptions {
        SyncOptions {
            cache: CachePlace::Off,
            ..SyncOptions::default()
        }
    }

    fn prepare(
        &self,
        store: Arc<dyn BlobStore>,
        blobs: Vec<FetchBlob>,
        options: SyncOptions,
    ) -> Fetch {
        let place = Place::container(store, "apps/");
        Fetch::new(&place, self.directory.path(), blobs, options).unwrap()
    }

    async fn fetch(&self, blobs: Vec<FetchBlob>) -> (Summary, Vec<Fetched>) {
        let fetch = self.prepare(Arc::clone(&self.memory) as _, blobs, Self::options());
        let (summary, fetched) = fetch.run(Arc::new(NoReporter), Cancel::new()).await;
        (summary.unwrap(), fetched)
    }
}

#[tokio::test]
async fn what_is_there_is_not_asked_for() {
    let world = World::new();
    world.put("a", BYTES, BYTES).await;
    world.put("b", BYTES, BYTES).await;
    let (summary, fetched) = world.fetch(vec![wanted("a", BYTES)]).await;
    assert!(matches!(fetched[..], [Fetched::Received]));
    assert_eq!((summary.downloaded.files, summary.failed), (1, 0));
    assert_eq!(world.file("a").as_deref(), Some(BYTES));
    assert_eq!(world.file("b"), None, "nobody wanted it");

    let store = CountStore::new((*world.memory).clone());
    let both = vec![wanted("a", BYTES), wanted("b", BYTES)];
    let fetch = world.prepare(Arc::new(store.clone()), both, World::options());
    let (summary, fetched) = fetch.run(Arc::new(NoReporter), Cancel::new()).await;
    assert!(matches!(fetched[..], [Fetched::Present, Fetched::Received]));
    assert_eq!(summary.unwrap().unchanged.files, 1);
    let counts = store.snapshot();
    assert_eq!(counts.of(Operation::Get), 1);
    assert_eq!(counts.of(Operation::Properties), 1);
    assert_eq!(counts.of(Operation::ListPage), 0);
}

#[tokio::test]
async fn a_blob_that_says_the_right_thing_of_other_bytes_is_not_believed() {
    let world = World::new();
    world.put("same-size", b"MZ and less", BYTES).await;
    world.put("other-size", b"MZ", BYTES).await;
    let target = world.directory.path().join("same-size/setup.exe");
    fs_err::create_dir_all(target.parent().unwrap()).unwrap();
    fs_err::write(&target, b"old").unwrap();
    let blobs = ["same-size", "other-size"].map(|name| wanted(name, BYTES));
    let (summary, fetched) = world.fetch(blobs.to_vec()).await;
    for fetched in &fetched {
        let is_damaged = matches!(fetched, Fetched::Failed(ItemError::Damaged { .. }));
        assert!(is_damaged, "{fetched:?}");
    }
    assert_eq!(summary.failed, 2);
    assert_eq!(world.file("same-size").as_deref(), Some(&b"old"[..]));
    assert_eq!(world.file("other-size"), None);
}

#[tokio::test]
async fn the_right_bytes_are_taken_whatever_the_blob_says_of_itself() {
    let world = World::new();
    world.put("a", BYTES, b"something else").await;
    let (_, fetched) = world.fetch(vec![wanted("a", BYTES)]).await;
    assert!(matches!(fetched[..], [Fetched::Received]), "{fetched:?}");
    let mut odd = wanted("a", BYTES);
    odd.digests.sha256 = Sha256Digest::from_bytes([7; 32]);
    let (_, fetched) = world.fetch(vec![odd]).await;
    assert!(matches!(
        fetched[..],
        [Fetched::Failed(ItemError::Damaged { .. })]
    ));
}

#[tokio::test]
async fn a_file_with_other_bytes_is_replaced_and_names_that_lead_out_are_refused() {
    let world = World::new();
    world.put("a", BYTES, BYTES).await;
    let target = world.directory.path().join("a/setup.exe");
    fs_err::create_dir_all(target.parent().unwrap()).unwrap();
    fs_err::write(&target, b"MZ and old!").unwrap();
    let out = FetchBlob {
        file: "../setup.exe".to_owned(),
        ..wanted("a", BYTES)
    };
    let gone = wanted("gone", BYTES);
    let (_, fetched) = world.fetch(vec![out, gone, wanted("a", BYTES)]).await;
    assert!(
        matches!(
            fetched[..],
            [
                Fetched::Failed(ItemError::Target { .. }),
                Fetched::Failed(ItemError::Download { .. }),
                Fetched::Received
            ]
        ),
        "{fetched:?}"
    );
    assert_eq!(world.file("a").as_deref(), Some(BYTES));
}

#[tokio::test]
async fn a_dry_run_asks_for_nothing_and_a_stopped_one_begins_nothing() {
    let world = World::new();
    world.put("a", BYTES, BYTES).await;
    let store = CountStore::new((*world.memory).clone());
    let options = SyncOptions {
        dry_run: true,
        ..World::options()
    };
    let fetch = world.prepare(Arc::new(store.clone()), vec![wanted("a", BYTES)], options);
    let (summary, fetched) = fetch.run(Arc::new(NoReporter), Cancel::new()).await;
    assert_eq!(summary.unwrap().downloaded.files, 1);
    assert!(matches!(fetched[..], [Fetched::Missing]));

    let fetch = world.prepare(
        Arc::new(store.clone()),
        vec![wanted("a", BYTES)],
        World::options(),
    );
    let cancel = Cancel::new();
    cancel.escalate();
    let (_, fetched) = fetch.run(Arc::new(NoReporter), cancel).await;
    assert!(matches!(fetched[..], [Fetched::Missing]));
    assert_eq!(store.snapshot().of(Operation::Properties), 0);
    assert_eq!(world.file("a"), None);
}

#[tokio::test]
async fn an_account_that_is_not_reached_ends_the_run() {
    let world = World::new();
    let fault = Fault {
        operation: Some(Operation::Properties),
        when: FaultWhen::From(1),
        kind: FaultKind::Before(FaultError::Unreachable),
    };
    let store = FaultStore::new((*world.memory).clone(), vec![fault]);
    let blobs = vec![wanted("a", BYTES), wanted("b", BYTES)];
    let fetch = world.prepare(Arc::new(store), blobs, World::options());
    let (summary, fetched) = fetch.run(Arc::new(NoReporter), Cancel::new()).await;
    assert!(
        matches!(summary, Err(SyncError::Origin { .. })),
        "{summary:?}"
    );
    assert!(matches!(fetched[..], [Fetched::Missing, Fetched::Missing]));
}
