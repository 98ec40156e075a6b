//! Runs over the memory store: what is sent, what is not, and how often is asked.

use crate::common::{MIB, World, noise};
use longshore_content::{Block, BlockId};
use longshore_store::{
    BlobStore, BlockListKind, BlockName, Fault, FaultError, FaultKind, FaultWhen, Metadata,
    Operation, StageOptions, WriteOptions,
};
use longshore_sync::{CachePlace, SyncError, SyncOptions, Tally};

fn fault(operation: Operation, when: FaultWhen, kind: FaultKind) -> Fault {
    Fault {
        operation: Some(operation),
        when,
        kind,
    }
}

#[tokio::test]
async fn a_library_is_staged_and_then_left_alone() {
    let world = World::new();
    for i in 0..200 {
        world.write(
            &format!("apps/{}/{i}.bin", i % 7),
            noise(i, 100 + usize::try_from(i).unwrap()),
        );
    }
    world.write("empty", "");
    world.write("big.iso", noise(1000, 20 * MIB));

    let first = world.sync().await;
    assert_eq!(first.summary().uploaded.files, 202);
    assert_eq!(
        first.counts.of(Operation::Put),
        201,
        "one request a small file"
    );
    assert_eq!(first.counts.of(Operation::StageBlock), 3);
    assert_eq!(first.counts.of(Operation::CommitBlocks), 1);
    assert_eq!(first.counts.of(Operation::Properties), 0);
    world.assert_equal().await;

    let second = world.sync().await;
    assert_eq!(second.summary().unchanged.files, 202);
    assert_eq!(
        (second.counts.writes(), second.summary().bytes_sent),
        (0, 0)
    );
    assert_eq!(
        second.counts.of(Operation::BlockList),
        0,
        "an unchanged file costs no request"
    );
}

#[tokio::test]
async fn touched_files_are_read_and_not_sent() {
    let world = World::new();
    world.write("a", "same");
    world.write("large", noise(1, 9 * MIB));
    world.sync().await;
    for name in ["a", "large"] {
        let bytes = fs_err::read(world.path(name)).unwrap();
        world.write(name, bytes);
    }
    let ran = world.sync().await;
    assert_eq!(
        ran.summary().unchanged,
        Tally {
            files: 2,
            bytes: 4 + 9 * MIB as u64
        }
    );
    assert_eq!(ran.counts.writes(), 0);
}

#[tokio::test]
async fn a_changed_byte_sends_one_block() {
    let world = World::new();
    let mut bytes = noise(1, 40 * MIB + 5);
    world.write("large", &bytes);
    world.sync().await;
    bytes[20 * MIB] ^= 1;
    world.write("large", &bytes);

    let ran = world.sync().await;
    assert_eq!(ran.counts.of(Operation::StageBlock), 1);
    assert_eq!(ran.summary().bytes_sent, 8 * MIB as u64);
    assert_eq!(ran.summary().bytes_reused, 32 * MIB as u64 + 5);
    assert_eq!(ran.summary().resumed, 0);
    world.assert_equal().await;
}

#[tokio::test]
async fn the_same_size_and_time_with_other_content_is_seen() {
    let world = World::new();
    world.write("a", "one");
    let before = fs_err::metadata(world.path("a"))
        .unwrap()
        .modified()
        .unwrap();
    world.sync().await;
    world.write("a", "two");
    fs_err::OpenOptions::new()
        .append(true)
        .open(world.path("a"))
        .unwrap()
        .into_parts()
        .0
        .set_modified(before)
        .unwrap();
    assert_eq!(world.sync().await.summary().uploaded.files, 1);
    assert_eq!(world.read("a").await, b"two");
}

#[tokio::test]
async fn an_interrupted_upload_is_continued_without_a_journal() {
    let world = World::new();
    let bytes = noise(3, 50 * MIB);
    world.write("large", &bytes);
    let broken = fault(
        Operation::StageBlock,
        FaultWhen::From(4),
        FaultKind::Before(FaultError::Io),
    );
    let first = world.run(world.options(), [broken]).await;
    assert_eq!(first.summary().failed, 1);
    assert!(world.names().await.is_empty());

    let elsewhere = SyncOptions {
        cache: CachePlace::Off,
        ..world.options()
    };
    let second = world.run(elsewhere, []).await;
    assert_eq!(second.summary().resumed, 1);
    let staged = first.counts.of(Operation::StageBlock).min(3);
    assert_eq!(second.counts.of(Operation::StageBlock), 7 - staged);
    world.assert_equal().await;
}

#[tokio::test]
async fn lost_answers_are_recognised() {
    for operation in [Operation::Put, Operation::CommitBlocks] {
        let world = World::new();
        world.write("small", "x");
        world.write("large", noise(1, 9 * MIB));
        let lost = fault(
            operation,
            FaultWhen::Nth(1),
            FaultKind::After(FaultError::Io),
        );
        let ran = world.run(world.options(), [lost]).await;
        assert_eq!(
            (ran.summary().failed, ran.summary().uploaded.files),
            (0, 2),
            "{operation:?}"
        );
        assert_eq!(ran.counts.of(Operation::Properties), 1);
        world.assert_equal().await;
    }
}

#[tokio::test]
async fn damaged_bodies_are_sent_again() {
    let world = World::new();
    world.write("small", "x");
    world.write("large", noise(1, 17 * MIB));
    let put = fault(Operation::Put, FaultWhen::Nth(1), FaultKind::Corrupt);
    let block = fault(Operation::StageBlock, FaultWhen::Nth(2), FaultKind::Corrupt);
    let ran = world.run(world.options(), [put, block]).await;
    assert_eq!(ran.summary().failed, 0);
    assert_eq!(ran.counts.of(Operation::Put), 2);
    assert_eq!(ran.counts.of(Operation::StageBlock), 4);
    world.assert_equal().await;
}

#[tokio::test]
async fn one_refusal_does_not_end_the_run() {
    let world = World::new();
    (0..41).for_each(|i| world.write(&format!("{i}"), format!("{i}")));
    let refused = fault(
        Operation::Put,
        FaultWhen::Nth(20),
        FaultKind::Before(FaultError::Denied),
    );
    let ran = world.run(world.options(), [refused]).await;
    assert_eq!(
        (ran.summary().uploaded.files, ran.summary().failed),
        (40, 1)
    );
    assert_eq!(world.sync().await.summary().uploaded.files, 1);
}

#[tokio::test]
async fn no_right_to_write_at_all_ends_the_run_early() {
    let world = World::new();
    (0..5000).for_each(|i| world.write(&format!("{i}"), "x"));
    let refused = fault(
        Operation::Put,
        FaultWhen::Every(1),
        FaultKind::Before(FaultError::Denied),
    );
    let ran = world.run(world.options(), [refused]).await;
    assert!(matches!(ran.outcome, Err(SyncError::Destination { .. })));
    assert!(ran.counts.of(Operation::Put) < 500);
}

#[tokio::test]
async fn every_failing_call_leaves_a_state_that_the_next_run_mends() {
    for n in 1..16 {
        for kind in [
            FaultKind::Before(FaultError::Io),
            FaultKind::After(FaultError::TimedOut),
            FaultKind::Corrupt,
        ] {
            let world = World::new();
            (0..5).for_each(|i| world.write(&format!("f{i}"), format!("{i}")));
            world.write("large", noise(n, 17 * MIB));
            let broken = Fault {
                operation: None,
                when: FaultWhen::Nth(n),
                kind,
            };
            drop(world.run(world.options(), [broken]).await.outcome);
            let ran = world.sync().await;
            assert_eq!(ran.summary().failed, 0, "{n} {kind:?}: {:?}", ran.log);
            assert_eq!(world.names().await.len(), 6);
            world.assert_equal().await;
        }
    }
}

/// Stages a block as another tool would.
async fn stage_foreign(world: &World, name: &str, id: &[u8]) -> BlockName {
    let block = BlockName::new(id).unwrap();
    let body = bytes::Bytes::from_static(b"old");
    world
        .memory
        .stage_block(
            &name.try_into().unwrap(),
            &block,
            body,
            StageOptions::default(),
        )
        .await
        .unwrap();
    block
}

#[tokio::test]
async fn leftover_blocks_of_other_tools_give_way_in_every_state_of_the_blob() {
    let name = longshore_store::BlobName::new("large").unwrap();
    for state in ["none", "put", "foreign list", "our list"] {
        let world = World::new();
        let write = WriteOptions::default();
        match state {
            "put" => drop(world.memory.put(&name, "old".into(), write).await.unwrap()),
            "foreign list" => {
                let block = stage_foreign(&world, "large", b"twelve bytes").await;
                world
                    .memory
                    .commit_blocks(&name, &[block], write)
                    .await
                    .unwrap();
            }
            "our list" => {
                world.write("large", noise(9, 20 * MIB));
                world.sync().await;
            }
            _ => {}
        }
        let leftover: &[u8] = match state {
            "foreign list" => b"other 12 b..",
            "our list" => &[7; 33],
            _ => b"short id",
        };
        stage_foreign(&world, "large", leftover).await;
        let bytes = noise(1, 20 * MIB);
        world.write("large", &bytes);

        let ran = world.sync().await;
        assert_eq!(
            (ran.summary().failed, ran.summary().uploaded.files),
            (0, 1),
            "{state}: {:?}",
            ran.log
        );
        world.assert_equal().await;
        let list = world
            .memory
            .block_list(&name, BlockListKind::All)
            .await
            .unwrap();
        assert!(list.uncommitted.is_empty());
        assert_eq!(list.tree().is_ok(), state != "foreign list");
        let again = world.sync().await;
        assert_eq!(again.counts.writes(), 0, "{state}: {:?}", again.log);
    }
}

#[tokio::test]
async fn a_hundred_thousand_leftover_blocks_are_cleared_first() {
    let limits = longshore_store::BlockLimits {
        staged: 3,
        ..Default::default()
    };
    let world = World {
        memory: longshore_store::MemoryStore::with_limits(limits),
        ..World::new()
    };
    for index in 0..3 {
        let block = Block {
            index,
            offset: index << 23,
            length: 3,
        };
        stage_foreign(&world, "large", BlockId::of(block, b"old").as_bytes()).await;
    }
    world.write("large", noise(1, 20 * MIB));
    let ran = world.sync().await;
    assert_eq!(ran.summary().uploaded.files, 1, "{:?}", ran.log);
    world.assert_equal().await;
}

#[tokio::test]
async fn blobs_without_our_digests_are_written_anew() {
    let world = World::new();
    world.write("a", "same");
    let name = "a".try_into().unwrap();
    let theirs = WriteOptions {
        metadata: Metadata::new(),
        ..WriteOptions::default()
    };
    world
        .memory
        .put(&name, "same".into(), theirs)
        .await
        .unwrap();
    let ran = world.sync().await;
    assert!(ran.says("Unknown"));
    world.assert_equal().await;
}

#[tokio::test]
async fn a_prefix_keeps_neighbours_apart() {
    let mut world = World::new();
    world.prefix = "lib/".to_owned();
    world.write("a", "1");
    let options = world.options();
    world
        .memory
        .put(
            &"lib-other/a".try_into().unwrap(),
            "2".into(),
            WriteOptions::default(),
        )
        .await
        .unwrap();
    assert_eq!(
        world
            .run(options.clone(), [])
            .await
            .summary()
            .uploaded
            .files,
        1
    );
    assert_eq!(world.names().await, ["lib-other/a", "lib/a"]);
    assert_eq!(world.run(options, []).await.summary().unchanged.files, 1);
}

#[tokio::test]
async fn a_dry_run_tells_and_does_nothing() {
    let world = World::new();
    world.write("changed", "1");
    world.write("same", "1");
    world.write("gone", "1");
    world.sync().await;
    world.write("changed", "2");
    world.write("new", noise(1, 9 * MIB));
    fs_err::remove_file(world.path("gone")).unwrap();
    let options = SyncOptions {
        dry_run: true,
        delete: longshore_sync::DeletePolicy::Managed,
        ..world.options()
    };
    let ran = world.run(options, []).await;
    assert_eq!(ran.counts.writes(), 0);
    assert_eq!(
        (ran.summary().uploaded.files, ran.summary().deleted),
        (2, 1)
    );
    assert!(
        ran.says("WouldUpload { name: \"changed\"") && ran.says("WouldDelete { name: \"gone\"")
    );
}

#[tokio::test]
async fn a_missing_container_is_named_or_made() {
    let memory =
        longshore_store::MemoryStore::without_container(longshore_store::BlockLimits::default());
    let world = World {
        memory,
        ..World::new()
    };
    world.write("a", "1");
    let ran = world.sync().await;
    assert!(
        ran.outcome
            .unwrap_err()
            .hint()
            .unwrap()
            .contains("--create-container")
    );
    let options = SyncOptions {
        create_container: true,
        ..world.options()
    };
    assert_eq!(world.run(options, []).await.summary().uploaded.files, 1);
}

#[tokio::test]
async fn a_tiny_memory_budget_is_enough() {
    let world = World::new();
    world.write("large", noise(1, 30 * MIB));
    (0..100).for_each(|i| world.write(&format!("{i}"), noise(i, 5000)));
    let options = SyncOptions {
        memory: 1024,
        concurrency: 1,
        ..world.options()
    };
    assert_eq!(world.run(options, []).await.summary().uploaded.files, 101);
    world.assert_equal().await;
}
