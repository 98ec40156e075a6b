//! What is held already does not travel.

use std::sync::Arc;

use futures::FutureExt;
use longshore_store::{
    BlobStore, BlockListKind, Fault, FaultError, FaultKind, FaultWhen, MemoryStore, Operation,
    SetMetadataOptions, WriteOptions,
};
use longshore_sync::{Cancel, DeletePolicy, MaxDelete, NoReporter, Place, Sync, SyncOptions};

use crate::common::{MIB, World, noise};

fn moving(world: &World) -> SyncOptions {
    SyncOptions {
        delete: DeletePolicy::Managed,
        max_delete: MaxDelete::Percent(100),
        ..world.options()
    }
}

fn rename(world: &World, from: &str, to: &str) {
    fs_err::create_dir_all(world.path(to).parent().unwrap()).unwrap();
    fs_err::rename(world.path(from), world.path(to)).unwrap();
}

#[tokio::test]
async fn a_renamed_directory_sends_no_byte() {
    let world = World::new();
    world.write("old/large", noise(1, 20 * MIB));
    world.write("old/small", noise(2, 100));
    world.write("old/empty", "");
    world.sync().await.outcome.unwrap();
    rename(&world, "old", "new");

    let ran = world.run(moving(&world), []).await;
    assert_eq!(ran.summary().copied.files, 2, "{:?}", ran.log);
    assert_eq!(ran.summary().deleted, 3);
    assert_eq!(ran.summary().bytes_sent, 0);
    assert_eq!(ran.counts.bytes_written, 0);
    assert_eq!(world.names().await, ["new/empty", "new/large", "new/small"]);
    world.assert_equal().await;

    let name = "new/large".try_into().unwrap();
    let list = world
        .memory
        .block_list(&name, BlockListKind::All)
        .await
        .unwrap();
    assert!(list.tree().is_ok(), "the copy keeps its block list");
    assert_eq!(world.sync().await.counts.writes(), 0);
}

#[tokio::test]
async fn a_copy_that_is_refused_becomes_an_upload() {
    for operation in [Operation::PutFrom, Operation::StageBlockFrom] {
        {
            let error = FaultError::Unsupported;
            let world = World::new();
            world.write("old/large", noise(1, 20 * MIB));
            world.write("old/small", noise(2, 100));
            world.sync().await.outcome.unwrap();
            rename(&world, "old", "new");
            let fault = Fault {
                operation: Some(operation),
                when: FaultWhen::From(1),
                kind: FaultKind::Before(error),
            };
            let ran = world.run(moving(&world), [fault]).await;
            assert_eq!(
                (ran.summary().failed, ran.summary().copied.files),
                (0, 1),
                "{:?}",
                ran.log
            );
            assert_eq!(world.names().await, ["new/large", "new/small"]);
            world.assert_equal().await;
        }
    }
}

#[tokio::test]
async fn a_blob_whose_list_does_not_prove_its_digest_is_not_copied() {
    let world = World::new();
    world.write("old", noise(1, 20 * MIB));
    world.sync().await.outcome.unwrap();
    let name = "old".try_into().unwrap();
    let there = world.memory.properties(&name).await.unwrap();
    // The blob gets other content, by blocks, and keeps what it says of itself.
    world.write("old", noise(2, 20 * MIB));
    world.sync().await.outcome.unwrap();
    let any = SetMetadataOptions::default();
    world
        .memory
        .set_metadata(&name, there.metadata, any)
        .await
        .unwrap();
    world.write("old", noise(1, 20 * MIB));
    rename(&world, "old", "new");
    let ran = world.sync().await;
    assert_eq!(
        (ran.summary().copied.files, ran.summary().uploaded.files),
        (0, 1)
    );
    assert_eq!(world.read("new").await, noise(1, 20 * MIB));
}

#[tokio::test]
async fn other_containers_lend_what_they_hold() {
    let world = World::new();
    world.write("a", noise(1, 20 * MIB));
    world.write("b", noise(2, 100));
    world.sync().await.outcome.unwrap();
    let fresh = MemoryStore::new();
    let sync = Sync::new(
        &Place::directory(world.source.path()),
        &Place::container(Arc::new(fresh.clone()), "lib/"),
        world.options(),
    );
    let sync = sync.unwrap().reuse_from(Arc::new(world.memory.clone()), "");
    let summary = sync.run(Arc::new(NoReporter), Cancel::new()).await.unwrap();
    assert_eq!((summary.copied.files, summary.bytes_sent), (2, 0));
    let name = "lib/a".try_into().unwrap();
    let list = fresh.block_list(&name, BlockListKind::All);
    assert!(list.now_or_never().unwrap().unwrap().tree().is_ok());
}

#[tokio::test]
async fn the_md5_of_others_is_believed_only_when_asked_to() {
    for (trust, right) in [(false, true), (true, true), (true, false)] {
        let world = World::new();
        let bytes = noise(1, 100);
        world.write("theirs", &bytes);
        let theirs = if right { bytes } else { noise(2, 100) };
        let name = "theirs".try_into().unwrap();
        let write = WriteOptions::default();
        world.memory.put(&name, theirs.into(), write).await.unwrap();
        let options = SyncOptions {
            trust_md5: trust,
            ..world.options()
        };
        let ran = world.run(options, []).await;
        let adopted = u64::from(trust && right);
        assert_eq!(ran.summary().adopted.files, adopted, "{:?}", ran.log);
        assert_eq!(ran.summary().uploaded.files, 1 - adopted);
        world.assert_equal().await;
        assert_eq!(world.sync().await.counts.writes(), 0);
    }
}
