//! Deletes that somebody else chose, over the stand-in: phases, stale plans, and blobs that are used again meanwhile.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use longshore_content::{BlockLayout, FileHasher};
use longshore_drydock::{Fault, Operation};
use longshore_store::{BlobName, BlobStore, BlobStoreExt, Metadata, StoreError, WriteOptions};
use longshore_sync::{
    Apply, CachePlace, Cancel, Change, MaxDelete, NoReporter, Place, PlanReader, Prune, PruneBlob,
    Summary, SyncError, SyncOptions,
};
use longshore_tests::conformance::{DrydockHarbour, Harbour};
use tempfile::TempDir;

fn name(blob: &str) -> BlobName {
    BlobName::new(format!("lib/{blob}")).expect("a name")
}

/// A library with two blobs, and the release that names them.
struct Library {
    harbour: DrydockHarbour,
    store: Arc<dyn BlobStore>,
    folder: TempDir,
}

impl Library {
    async fn open() -> Self {
        let harbour = DrydockHarbour::with_key().await.expect("a stand-in");
        let store = harbour.store().expect("a container");
        store.create_container().await.expect("it is made");
        let library = Self {
            harbour,
            store,
            folder: tempfile::tempdir().expect("a folder"),
        };
        for blob in ["a", "b", "release", "stays"] {
            library.write(blob).await;
        }
        library
    }

    async fn write(&self, blob: &str) {
        let layout = BlockLayout::for_file(blob.len() as u64).expect("a layout");
        let mut hasher = FileHasher::new(layout);
        hasher.update(blob.as_bytes()).expect("a digest");
        let options = WriteOptions {
            metadata: Metadata::of(&hasher.finish().expect("digests").digests),
            ..WriteOptions::default()
        };
        let name = name(blob);
        let put = self.store.put(&name, blob.to_owned().into(), options);
        put.await.expect("a blob");
    }

    fn place(&self) -> Place {
        Place::container(Arc::clone(&self.store), "lib/")
    }

    async fn seen(&self, blob: &str) -> PruneBlob {
        let there = self.store.properties(&name(blob)).await.expect("a blob");
        PruneBlob {
            name: blob.to_owned(),
            size: there.size,
            etag: there.etag,
        }
    }

    /// A plan in which the release goes before what it names.
    async fn plan(&self) -> PathBuf {
        let phases = vec![
            vec![self.seen("release").await],
            vec![self.seen("a").await, self.seen("b").await],
        ];
        let prune = Prune::new(&self.place(), phases, 4, options()).expect("a container");
        let path = self.folder.path().join("plan.ndjson");
        let plan = prune.plan("az://contoso/apps/lib").await;
        plan.expect("a plan").save(&path).expect("a file");
        path
    }

    async fn apply(&self, plan: &Path) -> Result<Summary, SyncError> {
        let reader = PlanReader::open(plan).expect("a plan");
        let place = self.place();
        let apply = Apply::new(reader, &place, &place, options()).expect("a route");
        apply.run(Arc::new(NoReporter), Cancel::new()).await
    }

    /// Which of the blobs are there.
    async fn left(&self) -> Vec<&'static str> {
        let mut left = Vec::new();
        for blob in ["a", "b", "release", "stays"] {
            match self.store.properties(&name(blob)).await {
                Ok(_) => left.push(blob),
                Err(error) => assert!(matches!(error, StoreError::NotFound { .. }), "{error}"),
            }
        }
        left
    }
}

fn options() -> SyncOptions {
    SyncOptions {
        max_delete: MaxDelete::Percent(100),
        cache: CachePlace::Off,
        ..SyncOptions::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_release_names_goes_only_after_the_release() {
    let library = Library::open().await;
    let plan = library.plan().await;
    let denied = Fault::status(403, "AuthorizationPermissionMismatch");
    let denied = denied.on(Operation::DeleteBlob).name_contains("release");
    library.harbour.control().add_fault(denied);
    let refused = library.apply(&plan).await;
    assert!(refused.is_err() || refused.is_ok_and(|summary| summary.failed > 0));
    assert_eq!(library.left().await, ["a", "b", "release", "stays"]);

    library.harbour.control().clear_faults();
    assert_eq!(library.apply(&plan).await.expect("a run").deleted, 3);
    assert_eq!(library.left().await, ["stays"]);
    // All is done: applying again is no error.
    assert_eq!(library.apply(&plan).await.expect("a run").deleted, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_plan_deletes_nothing() {
    let library = Library::open().await;
    let plan = library.plan().await;
    let seen = library.seen("b").await;
    let touched = library.store.touch(&name("b"), &seen.etag).await;
    assert_ne!(touched.expect("a new version"), seen.etag);
    let Err(SyncError::Stale { moved, .. }) = library.apply(&plan).await else {
        panic!("the plan was applied");
    };
    let moved: Vec<_> = moved
        .iter()
        .map(|it| (it.name.as_str(), it.change))
        .collect();
    assert_eq!(moved, [("b", Change::DestinationChanged)]);
    assert_eq!(library.left().await, ["a", "b", "release", "stays"]);
    let batches = library.harbour.control().counters();
    assert_eq!(batches.requests(Operation::BlobBatch), 0);
    assert_eq!(batches.requests(Operation::DeleteBlob), 0);
}

/// Whoever uses a blob again touches it first, and whoever deletes it assumes the version that was seen: either the
/// blob is there afterwards and was touched, or it is gone and whoever touched it was told.
#[tokio::test(flavor = "multi_thread")]
async fn of_a_touch_and_a_prune_one_is_told() {
    for round in 0..20 {
        let library = Library::open().await;
        let plan = library.plan().await;
        let seen = library.seen("a").await;
        let a = name("a");
        let touch = async {
            // Later from round to round, so that it meets every step of the prune.
            for _ in 0..round {
                library
                    .store
                    .properties(&name("stays"))
                    .await
                    .expect("a blob");
            }
            library.store.touch(&a, &seen.etag).await
        };
        let (touched, pruned) = tokio::join!(touch, library.apply(&plan));
        let is_there = library.left().await.contains(&"a");
        match touched {
            Ok(_) => assert!(is_there, "round {round}: {pruned:?}"),
            Err(StoreError::NotFound { .. } | StoreError::Precondition { .. }) => {
                assert!(!is_there, "round {round}: {pruned:?}");
            }
            Err(error) => panic!("round {round}: {error}"),
        }
    }
}
