//! Plans and copies over the stand-in: what holds over the memory store holds over HTTP.

use std::path::Path;
use std::sync::Arc;

use futures::TryStreamExt;
use longshore_drydock::{Fault, Operation};
use longshore_store::{BlobStore, BlobStoreExt, ListOptions};
use longshore_sync::{
    Apply, CachePlace, Cancel, DeletePolicy, MaxDelete, NoReporter, Place, PlanReader, Shown,
    Summary, Sync, SyncOptions,
};
use longshore_tests::conformance::{DrydockHarbour, Harbour};
use longshore_tests::pier::noise;
use proptest::prelude::*;

const MIB: usize = 1 << 20;
const NAMES: [&str; 5] = ["a", "b", "d/a", "d/b", "z"];

fn options() -> SyncOptions {
    SyncOptions {
        delete: DeletePolicy::Unmanaged,
        max_delete: MaxDelete::Percent(100),
        cache: CachePlace::Off,
        ..SyncOptions::default()
    }
}

fn write(root: &Path, name: &str, bytes: impl AsRef<[u8]>) {
    let path = root.join(name);
    fs_err::create_dir_all(path.parent().expect("a parent")).expect("a directory");
    fs_err::write(path, bytes).expect("a file");
}

async fn sync(source: &Place, destination: &Place) -> Summary {
    let sync = Sync::new(source, destination, options()).expect("a route");
    let summary = sync.run(Arc::new(NoReporter), Cancel::new()).await;
    summary.expect("a run")
}

/// A container of a stand-in, made.
async fn container(harbour: &DrydockHarbour) -> Arc<dyn BlobStore> {
    let store = harbour.store().expect("a container");
    store.create_container().await.expect("it is made");
    store
}

/// Every blob is its file, and every file is a blob.
async fn assert_equal(root: &Path, store: &Arc<dyn BlobStore>, prefix: &str) {
    let listed = store.list_pages(ListOptions {
        prefix: prefix.to_owned(),
        ..ListOptions::default()
    });
    let pages: Vec<_> = listed.try_collect().await.expect("a listing");
    let blobs: Vec<_> = pages.into_iter().flat_map(|page| page.blobs).collect();
    for blob in &blobs {
        let name = blob.blob_name().expect("a name");
        let bytes = store.read(&name).await.expect("a blob");
        let relative = name.as_str().strip_prefix(prefix).expect("the prefix");
        assert!(
            bytes == fs_err::read(root.join(relative)).expect("a file"),
            "{name}"
        );
    }
    let files = NAMES.iter().filter(|name| root.join(name).is_file());
    assert_eq!(
        files.count(),
        blobs.len() - usize::from(root.join("keep").is_file())
    );
}

/// Plans, applies twice with a storm in between, and plans again.
async fn follow(rounds: Vec<Vec<(usize, u8)>>) {
    let harbour = DrydockHarbour::with_key().await.expect("a stand-in");
    let store = container(&harbour).await;
    let folder = tempfile::tempdir().expect("a folder");
    let (root, plan) = (folder.path().join("files"), folder.path().join("plan"));
    write(&root, "keep", "k");
    let source = Place::directory(&root);
    let destination = Place::container(Arc::clone(&store), "lib/");
    for changes in rounds {
        for (name, content) in changes {
            match content {
                0 => drop(fs_err::remove_file(root.join(NAMES[name]))),
                1..=3 => write(&root, NAMES[name], noise(u64::from(content), 100)),
                _ => write(&root, NAMES[name], noise(u64::from(content), 9 * MIB)),
            }
        }
        let sync = Sync::new(&source, &destination, options()).expect("a route");
        let planned = sync.plan(Shown::default(), Arc::new(NoReporter), Cancel::new());
        planned
            .await
            .expect("a plan")
            .0
            .save(&plan)
            .expect("a file");
        harbour
            .control()
            .add_fault(Fault::status(503, "ServerBusy").every(3));
        for _ in 0..2 {
            let reader = PlanReader::open(&plan).expect("a plan");
            let apply = Apply::new(reader, &source, &destination, options()).expect("a route");
            let summary = apply.run(Arc::new(NoReporter), Cancel::new()).await;
            assert_eq!(summary.expect("a run").failed, 0);
        }
        harbour.control().clear_faults();
        assert_equal(&root, &store, "lib/").await;
        let sync = Sync::new(&source, &destination, options()).expect("a route");
        let planned = sync.plan(Shown::default(), Arc::new(NoReporter), Cancel::new());
        assert!(planned.await.expect("a plan").0.header().totals.is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    #[test]
    fn an_applied_plan_makes_the_stand_in_equal(
        rounds in prop::collection::vec(
            prop::collection::vec((0..NAMES.len(), 0_u8..6), 1..5), 1..4),
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        runtime.expect("a runtime").block_on(follow(rounds));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_directory_of_large_files_sends_no_byte_of_content() {
    let harbour = DrydockHarbour::with_key().await.expect("a stand-in");
    let store = container(&harbour).await;
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    for file in 0..3 {
        write(root, &format!("old/{file}.iso"), noise(file, 100 * MIB));
    }
    write(root, "old/readme.txt", "small");
    let source = Place::directory(root);
    let destination = Place::container(Arc::clone(&store), "");
    assert_eq!(sync(&source, &destination).await.uploaded.files, 4);
    fs_err::rename(root.join("old"), root.join("new")).expect("a rename");

    harbour.control().reset_counters();
    let summary = sync(&source, &destination).await;
    assert_eq!((summary.copied.files, summary.deleted), (4, 4));
    assert_eq!(summary.bytes_sent, 0);
    let counters = harbour.control().counters();
    assert_eq!(counters.requests(Operation::PutBlob), 0);
    assert_eq!(counters.requests(Operation::PutBlock), 0);
    assert_eq!(counters.requests(Operation::PutBlockFromUrl), 3 * 13);
    assert_eq!(counters.requests(Operation::PutBlobFromUrl), 1);
    assert_eq!(counters.requests(Operation::BlobBatch), 1);

    harbour.control().reset_counters();
    let again = sync(&source, &destination).await;
    assert_eq!((again.unchanged.files, again.bytes_sent), (4, 0));
    assert_eq!(harbour.control().counters().writes(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn containers_and_accounts_are_mirrored_by_the_service() {
    let (here, there) = (
        DrydockHarbour::with_key().await.expect("a stand-in"),
        DrydockHarbour::with_sas().await.expect("a stand-in"),
    );
    let (from, to) = (container(&here).await, container(&there).await);
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "a", noise(1, 20 * MIB));
    write(folder.path(), "b", "small");
    let first = Place::container(Arc::clone(&from), "apps/");
    sync(&Place::directory(folder.path()), &first).await;

    let second = Place::container(Arc::clone(&to), "mirror/");
    let summary = sync(&first, &second).await;
    assert_eq!((summary.copied.files, summary.bytes_sent), (2, 0));
    assert_eq!(there.control().counters().requests(Operation::PutBlock), 0);
    assert_equal(folder.path(), &to, "mirror/").await;
    let again = sync(&first, &second).await;
    assert_eq!(again.unchanged.files, 2);

    let target = tempfile::tempdir().expect("a folder");
    let down = Place::directory(target.path());
    assert_eq!(sync(&second, &down).await.downloaded.files, 2);
    assert_eq!(
        fs_err::read(target.path().join("a")).expect("a file"),
        noise(1, 20 * MIB)
    );
    assert_eq!(sync(&second, &down).await.unchanged.files, 2);
}
