//! A list of files as a source: each stands under the name that the list gives it.

use std::path::Path;
use std::sync::Arc;

use longshore_store::{BlobStore, BlobStoreExt, MemoryStore, WriteOptions};
use longshore_sync::{
    Cancel, DeletePolicy, ListError, Place, Shown, SourceFile, Sync, SyncError, SyncOptions,
};

use crate::common::{MIB, Ran, World, noise};

fn list(world: &World, files: &[(&str, &str)]) -> Place {
    Place::files(files.iter().map(|(name, path)| SourceFile {
        name: (*name).to_owned(),
        path: world.path(path),
    }))
}

async fn stage(world: &World, files: &[(&str, &str)]) -> Ran {
    world
        .run_place(&list(world, files), world.options(), [])
        .await
}

#[tokio::test]
async fn files_stand_under_the_names_that_they_are_given() {
    let mut world = World::new();
    world.prefix = "lib/".to_owned();
    world.write("downloads/x", "one");
    world.write("manifest/deep/y.msi", noise(1, 9 * MIB));
    world.write("manifest/ignored", "is not in the list");
    let files = [
        ("z/setup.exe", "downloads/x"),
        ("a.msi", "manifest/deep/y.msi"),
        ("a/b", "downloads/x"),
    ];
    let ran = stage(&world, &files).await;
    assert_eq!(ran.summary().uploaded.files, 3);
    assert_eq!(
        world.names().await,
        ["lib/a.msi", "lib/a/b", "lib/z/setup.exe"]
    );
    assert_eq!(world.read("lib/a/b").await, b"one");
    assert_eq!(world.read("lib/a.msi").await, noise(1, 9 * MIB));
}

#[tokio::test]
async fn what_is_there_is_neither_read_nor_sent_again() {
    let world = World::new();
    // Digests are remembered of files that nobody wrote for a while; those of this crate are such.
    let crate_root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = Place::files(["src/lib.rs", "Cargo.toml"].map(|path| SourceFile {
        name: format!("b/{path}"),
        path: crate_root.join(path),
    }));
    world.run_place(&files, world.options(), []).await;
    let ran = world.run_place(&files, world.options(), []).await;
    assert_eq!(ran.summary().unchanged.files, 2);
    assert_eq!((ran.summary().bytes_read, ran.counts.writes()), (0, 0));
}

#[tokio::test]
async fn what_stands_under_another_name_is_copied() {
    let world = World::new();
    world.write("one", noise(3, 9 * MIB));
    stage(&world, &[("1.0/setup.exe", "one")]).await;
    let ran = stage(&world, &[("1.1/setup.exe", "one")]).await;
    assert_eq!(ran.summary().copied.files, 1);
    assert_eq!(ran.summary().bytes_sent, 0);
    assert_eq!(world.names().await.len(), 2);
}

#[tokio::test]
async fn a_file_that_cannot_be_read_fails_alone() {
    let world = World::new();
    world.write("there", "there");
    fs_err::create_dir(world.path("directory")).unwrap();
    let files = [
        ("a", "missing"),
        ("b", "there"),
        ("c", "directory"),
        ("d/", "there"),
    ];
    let ran = stage(&world, &files).await;
    assert_eq!(ran.summary().failed, 3);
    for text in ["missing", "directory", "name of a blob"] {
        assert!(ran.says(text), "{text}: {:?}", ran.log);
    }
    assert_eq!(world.names().await, ["b"]);
}

#[tokio::test]
async fn a_dry_run_writes_nothing() {
    let world = World::new();
    world.write("one", "one");
    let options = SyncOptions {
        dry_run: true,
        ..world.options()
    };
    let ran = world
        .run_place(&list(&world, &[("a", "one")]), options, [])
        .await;
    assert_eq!(ran.summary().uploaded.files, 1);
    assert!(ran.says("WouldUpload"));
    assert!(world.names().await.is_empty());
}

#[tokio::test]
async fn blobs_that_the_list_does_not_name_stay() {
    let world = World::new();
    let theirs = "theirs".try_into().unwrap();
    let put = world
        .memory
        .put(&theirs, "theirs".into(), WriteOptions::default());
    put.await.unwrap();
    world.write("one", "one");
    stage(&world, &[("a", "one")]).await;
    assert_eq!(world.memory.read(&theirs).await.unwrap(), "theirs");
}

#[tokio::test]
async fn what_a_list_does_not_allow_is_refused() {
    let world = World::new();
    world.write("one", "one");
    let store = Place::container(Arc::new(MemoryStore::new()), "");
    let error = |source: &Place, destination: &Place, options| {
        Sync::new(source, destination, options).unwrap_err()
    };
    let list = |files: &[(&str, &str)]| list(&world, files);

    let twice = list(&[("a", "one"), ("b", "one"), ("a", "two")]);
    assert!(matches!(
        error(&twice, &store, world.options()),
        SyncError::List(ListError::Twice { name }) if name == "a"
    ));
    for delete in [DeletePolicy::Managed, DeletePolicy::Unmanaged] {
        let options = SyncOptions {
            delete,
            ..world.options()
        };
        assert!(matches!(
            error(&list(&[("a", "one")]), &store, options),
            SyncError::List(ListError::Deletes)
        ));
    }
    let directory = Place::directory(world.source.path());
    for (source, destination) in [
        (&list(&[("a", "one")]), &directory),
        (&store, &list(&[("a", "one")])),
    ] {
        assert!(matches!(
            error(source, destination, world.options()),
            SyncError::Route
        ));
    }
    let sync = Sync::new(&list(&[("a", "one")]), &store, world.options()).unwrap();
    let plan = sync.plan(
        Shown::default(),
        Arc::new(longshore_sync::NoReporter),
        Cancel::new(),
    );
    assert!(matches!(plan.await, Err(SyncError::List(ListError::Plan))));
}
