//! Runs that write nothing over, alone and beside others who write the same names.

use std::sync::Arc;

use futures::FutureExt;
use longshore_content::{BlockLayout, FileHasher};
use longshore_store::{BlobStore, MemoryStore, Metadata, WriteOptions};
use longshore_sync::{Cancel, Event, Reporter, SyncOptions};

use crate::common::{MIB, World, noise};

fn immutable(world: &World) -> SyncOptions {
    SyncOptions {
        immutable: true,
        ..world.options()
    }
}

async fn interfere(world: &World, name: &str, bytes: &[u8], options: WriteOptions) {
    let name = name.try_into().unwrap();
    let body = bytes.to_vec().into();
    world.memory.put(&name, body, options).await.unwrap();
}

#[tokio::test]
async fn what_is_there_stays() {
    for size in [5, 9 * MIB] {
        let world = World::new();
        world.write("changed", noise(1, size));
        world.write("same", noise(2, size));
        world.sync().await;
        world.write("changed", noise(3, size));
        world.write("new", noise(4, size));
        let ran = world.run(immutable(&world), []).await;
        let summary = ran.summary();
        assert_eq!((summary.failed, summary.conflicts), (1, 1));
        assert_eq!((summary.unchanged.files, summary.uploaded.files), (1, 1));
        assert!(ran.says("`changed` is there with other content"));
        assert!(world.read("changed").await == noise(1, size));
        assert!(world.read("new").await == noise(4, size));
    }
}

#[tokio::test]
async fn a_dry_run_tells_the_same() {
    let world = World::new();
    world.write("changed", "one");
    world.sync().await;
    world.write("changed", "two");
    let options = SyncOptions {
        dry_run: true,
        ..immutable(&world)
    };
    let ran = world.run(options, []).await;
    assert_eq!(ran.summary().conflicts, 1);
    assert!(!ran.says("WouldUpload"));
}

#[tokio::test]
async fn a_blob_without_digests_counts_as_other_content_unless_its_md5_is_trusted() {
    let world = World::new();
    world.write("a", "same");
    interfere(&world, "a", b"same", WriteOptions::default()).await;
    let ran = world.run(immutable(&world), []).await;
    assert_eq!(ran.summary().conflicts, 1);

    let trusting = SyncOptions {
        trust_md5: true,
        ..immutable(&world)
    };
    let ran = world.run(trusting.clone(), []).await;
    assert_eq!(ran.summary().adopted.files, 1);

    world.write("b", "ours");
    interfere(&world, "b", b"them", WriteOptions::default()).await;
    let ran = world.run(trusting, []).await;
    assert_eq!(ran.summary().conflicts, 1);
    assert_eq!(world.read("b").await, b"them");
}

#[tokio::test]
async fn of_two_writers_one_wins_and_the_other_is_told() {
    for (round, size) in [5, 9 * MIB].into_iter().cycle().take(12).enumerate() {
        let (one, mut two) = (World::new(), World::new());
        two.memory = one.memory.clone();
        one.write("a", noise(1, size));
        two.write("a", noise(2, size));
        let (one, two) = tokio::join!(one.run(immutable(&one), []), two.run(immutable(&two), []));
        let told = [&one, &two].map(|ran| {
            let summary = ran.summary();
            (summary.uploaded.files, summary.conflicts)
        });
        assert!(
            told == [(1, 0), (0, 1)] || told == [(0, 1), (1, 0)],
            "{round}: {told:?}"
        );
        assert!(one.says("other content") || two.says("other content"));
    }
}

#[tokio::test]
async fn writers_of_the_same_content_do_not_disturb_each_other() {
    for size in [5, 9 * MIB] {
        let (one, mut two) = (World::new(), World::new());
        two.memory = one.memory.clone();
        for world in [&one, &two] {
            world.write("a", noise(1, size));
        }
        let (first, second) =
            tokio::join!(one.run(immutable(&one), []), two.run(immutable(&two), []));
        assert_eq!((first.summary().failed, second.summary().failed), (0, 0));
        one.assert_equal().await;
    }
}

/// Writes the blob of a large file as soon as its upload begins.
struct Rival {
    memory: MemoryStore,
    bytes: Vec<u8>,
    metadata: Metadata,
}

impl Reporter for Rival {
    fn report(&self, event: &Event<'_>) {
        if let Event::Started { name, .. } = event {
            let name = (*name).try_into().unwrap();
            let options = WriteOptions {
                metadata: self.metadata.clone(),
                ..WriteOptions::default()
            };
            let put = self.memory.put(&name, self.bytes.clone().into(), options);
            put.now_or_never().unwrap().unwrap();
        }
    }
}

#[tokio::test]
async fn a_large_blob_that_appears_meanwhile_counts_by_what_it_holds() {
    let bytes = noise(1, 9 * MIB);
    let layout = BlockLayout::for_file(bytes.len() as u64).unwrap();
    let mut hasher = FileHasher::new(layout);
    hasher.update(&bytes).unwrap();
    let digests = hasher.finish().unwrap().digests;
    for (theirs, metadata, conflicts) in [
        (bytes.clone(), Metadata::of(&digests), 0),
        (bytes.clone(), Metadata::new(), 1),
        (noise(2, 9 * MIB), Metadata::new(), 1),
    ] {
        let world = World::new();
        world.write("large", &bytes);
        let rival = Rival {
            memory: world.memory.clone(),
            bytes: theirs.clone(),
            metadata,
        };
        let upload = world.upload(immutable(&world));
        let summary = upload.run(Arc::new(rival), Cancel::new()).await.unwrap();
        assert_eq!((summary.failed, summary.conflicts), (conflicts, conflicts));
        assert!(world.read("large").await == theirs);
    }
}
