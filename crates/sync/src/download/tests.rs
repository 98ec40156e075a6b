//! Downloads over the memory store: whole, disturbed, killed and continued.

mod world;

use longshore_content::{Blake3Digest, Sha256Digest};
use longshore_store::{CountStore, FaultError, FaultKind, FaultWhen, Operation, StoreError};
use proptest::prelude::*;

use super::*;
use crate::Cancel;
use world::{BLOCK, CUT, KINDS, Kind, World, block_on, content, context, faults, hashed, name};

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn blobs_of_any_size_and_origin_arrive_whole(
        blocks in 0_usize..12,
        beyond in prop_oneof![Just(0), Just(1), Just(1023), 0_usize..1024],
        kind in prop::sample::select(&KINDS[..]),
    ) {
        block_on(async {
            let world = World::new();
            let bytes = content(blocks * 1024 + beyond, 1);
            let download = world.put(kind, &bytes).await;
            let ran = world.receive(&download).await;
            let received = ran.received();
            assert_eq!(received.digests, hashed(&bytes, BLOCK).digests);
            assert_eq!((received.travelled, received.resumed), (download.size, false));
            assert_eq!(ran.read, download.size);
            let range = if kind == Kind::Unknown { CUT.checked } else { CUT.range };
            assert_eq!(ran.gets, download.size.div_ceil(range).max(1));
            let numbers = ran.progress.snapshot();
            assert_eq!((numbers.files_downloaded, numbers.bytes_downloaded), (1, download.size));
            assert_eq!((numbers.bytes_received, numbers.bytes_kept), (download.size, 0));
            world.assert_holds(&bytes);
        });
    }
}

#[tokio::test]
async fn blobs_are_cut_as_they_were_written_unless_nothing_is_known_of_them() {
    const MIB: usize = 1 << 20;
    for (kind, size, gets) in [
        (Kind::Blocks, 20 * MIB, 3),
        (Kind::Blocks, 8 * MIB, 1),
        (Kind::Whole, 8 * MIB + 1, 2),
        (Kind::Unknown, 4 * MIB, 1),
        (Kind::Unknown, 5 * MIB, 2),
    ] {
        let world = World::new();
        let bytes = content(size, 1);
        let download = world.put_cut(kind, &bytes, 8 << 20).await;
        let store = CountStore::new(world.memory.clone());
        let source: Arc<dyn BlobStore> = Arc::new(store.clone());
        let context = context(&source, &Arc::default(), Cancel::new());
        let received = receive(&context, &source, download).await.unwrap();
        assert_eq!(received.unwrap().travelled, size as u64);
        assert_eq!(store.snapshot().of(Operation::Get), gets, "{kind:?} {size}");
        world.assert_holds(&bytes);
    }
}

#[tokio::test]
async fn blocks_too_large_for_memory_are_checked_as_a_whole() {
    let world = World::new();
    let bytes = content(40_000, 1);
    let download = world.put_cut(Kind::BareBlocks, &bytes, 16 * BLOCK).await;
    let damage = faults(FaultWhen::Nth(7), FaultKind::Corrupt);
    let ran = world.run(&download, damage).end().await;
    assert!(ran.is_damaged(), "{:?}", ran.outcome);
    assert_eq!(ran.gets, download.size.div_ceil(CUT.range));
    world.receive(&download).await.received();
    world.assert_holds(&bytes);
}

#[test]
fn a_full_disk_is_told_with_what_to_do() {
    let error = |kind: std::io::ErrorKind| ItemError::Write {
        path: PathBuf::from("a"),
        cause: kind.into(),
    };
    let hint = |kind| error(kind).hint().unwrap();
    assert!(hint(std::io::ErrorKind::StorageFull).contains("room"));
    assert!(hint(std::io::ErrorKind::PermissionDenied).contains("right to write"));
    assert!(hint(std::io::ErrorKind::ReadOnlyFilesystem).contains("reading only"));
}

#[tokio::test]
async fn a_damaged_answer_is_fetched_again_whichever_it_is() {
    for (kind, size) in [
        (Kind::Blocks, 9000),
        (Kind::BareBlocks, 9000),
        (Kind::Unknown, 5000),
        (Kind::Blocks, 1000),
        (Kind::Md5, 2000),
        (Kind::Unknown, 1000),
    ] {
        let bytes = content(size, 1);
        let gets = World::new().count(kind, &bytes).await;
        for nth in 1..=gets {
            let world = World::new();
            let download = world.put(kind, &bytes).await;
            let damage = faults(FaultWhen::Nth(nth), FaultKind::Corrupt);
            let ran = world.run(&download, damage).end().await;
            assert!(ran.received().travelled > download.size, "{kind:?} {nth}");
            assert_eq!(ran.gets, gets + 1);
            world.assert_holds(&bytes);
        }
    }
}

#[tokio::test]
async fn damage_that_stays_leaves_the_old_file() {
    for (kind, size) in KINDS
        .map(|kind| (kind, 9000))
        .into_iter()
        .chain([(Kind::Whole, 500)])
    {
        let world = World::new();
        world.write_old();
        let download = world.put(kind, &content(size, 1)).await;
        let damage = faults(FaultWhen::From(1), FaultKind::Corrupt);
        let ran = world.run(&download, damage).end().await;
        assert!(ran.is_damaged(), "{kind:?} {:?}", ran.outcome);
        world.assert_holds(b"old");
    }
}

#[tokio::test]
async fn damage_that_no_range_shows_is_found_in_the_whole() {
    for kind in [Kind::Whole, Kind::Md5] {
        let world = World::new();
        world.write_old();
        let bytes = content(9000, 1);
        let download = world.put(kind, &bytes).await;
        let damage = faults(FaultWhen::Nth(3), FaultKind::Corrupt);
        let ran = world.run(&download, damage).end().await;
        assert!(ran.is_damaged(), "{kind:?} {:?}", ran.outcome);
        world.assert_holds(b"old");
        world.receive(&download).await.received();
        world.assert_holds(&bytes);
    }
}

#[tokio::test]
async fn digests_that_the_blob_does_not_have_are_noticed() {
    let wrong: [fn(&mut Digests); 2] = [
        |digests| digests.blake3 = Blake3Digest::from_bytes([7; 32]),
        |digests| digests.sha256 = Sha256Digest::from_bytes([7; 32]),
    ];
    for (kind, size) in [
        (Kind::Blocks, 9000),
        (Kind::Whole, 9000),
        (Kind::Whole, 900),
    ] {
        for change in wrong {
            let world = World::new();
            world.write_old();
            let mut download = world.put(kind, &content(size, 1)).await;
            change(download.digests.as_mut().unwrap());
            let ran = world.receive(&download).await;
            assert!(ran.is_damaged(), "{:?}", ran.outcome);
            world.assert_holds(b"old");
        }
    }
    let world = World::new();
    let mut download = world.put(Kind::Blocks, &content(9000, 1)).await;
    wrong[0](download.digests.as_mut().unwrap());
    assert_eq!(
        world.receive(&download).await.gets,
        0,
        "the block list tells"
    );
}

#[tokio::test]
async fn a_body_that_breaks_is_continued() {
    for kind in KINDS {
        let bytes = content(9000, 1);
        let gets = World::new().count(kind, &bytes).await;
        for nth in 1..=gets {
            let world = World::new();
            let download = world.put(kind, &bytes).await;
            let ran = world
                .run(&download, faults(FaultWhen::Nth(nth), FaultKind::Break))
                .end()
                .await;
            // A checksum is one of a whole answer, so there the half is not used.
            let again = ran.received().travelled - download.size;
            assert!(
                again <= if kind == Kind::Unknown { BLOCK } else { 0 },
                "{again}"
            );
            assert_eq!(ran.gets, gets + 1);
            world.assert_holds(&bytes);
        }
        let world = World::new();
        let download = world.put(kind, &bytes).await;
        let ran = world
            .run(&download, faults(FaultWhen::From(1), FaultKind::Break))
            .end()
            .await;
        assert!(
            matches!(
                ran.outcome,
                Err(ItemError::Download {
                    cause: StoreError::Io { .. },
                    ..
                })
            ),
            "{:?}",
            ran.outcome
        );
        assert!(!world.target().exists());
    }
}

#[tokio::test]
async fn a_run_that_failed_is_continued_without_fetching_anything_twice() {
    for kind in KINDS {
        let bytes = content(20_000, 1);
        let gets = World::new().count(kind, &bytes).await;
        for nth in 1..=gets {
            let world = World::new();
            world.write_old();
            let download = world.put(kind, &bytes).await;
            let failure = faults(
                FaultWhen::Nth(nth),
                FaultKind::Before(FaultError::Throttled),
            );
            let first = world.run(&download, failure).end().await;
            assert!(matches!(first.outcome, Err(ItemError::Download { .. })));
            assert_eq!(fs_err::read(world.target()).unwrap(), b"old");
            let second = world.receive(&download).await;
            assert_eq!(first.read + second.read, download.size, "{kind:?} {nth}");
            assert_eq!(second.received().resumed, first.read > 0);
            assert_eq!(second.progress.snapshot().bytes_kept, first.read);
            world.assert_holds(&bytes);
        }
    }
}

#[test]
fn a_killed_run_is_continued_and_loses_little() {
    // What may be under way, and what may wait to be noted or be being noted.
    let lost = 32 * CUT.range + 5 * CUT.flush;
    let bytes = content(300_000, 1);
    let mut resumed = 0;
    for kind in [Kind::Blocks, Kind::Whole, Kind::Unknown] {
        for polls in [0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 120] {
            let world = World::new();
            let download = block_on(world.put(kind, &bytes));
            let killed = world.run(&download, Vec::new());
            let store = killed.store.clone();
            // A thread that had begun to put the file in its place did so behind the kill.
            if killed.kill_after(polls) || world.target().exists() {
                world.assert_holds(&bytes);
                continue;
            }
            let before = store.snapshot().bytes_read;
            let after = block_on(world.receive(&download));
            let twice = (before + after.read).saturating_sub(download.size);
            assert!(twice <= lost, "{kind:?} {polls}: {twice} bytes came twice");
            resumed += u64::from(after.received().resumed);
            world.assert_holds(&bytes);
        }
    }
    assert!(resumed > 0, "no run was killed after anything was noted");
}

#[tokio::test]
async fn what_another_version_left_is_not_used() {
    for (kind, size) in [
        (Kind::Blocks, 30_000),
        (Kind::Unknown, 30_000),
        (Kind::Whole, 700),
    ] {
        let world = World::new();
        let old = world.put(Kind::Blocks, &content(30_000, 1)).await;
        let failure = faults(FaultWhen::Nth(9), FaultKind::Before(FaultError::Io));
        world.run(&old, failure).end().await.outcome.unwrap_err();
        assert_eq!(world.beside().len(), 2);
        let bytes = content(size, 2);
        let new = world.put(kind, &bytes).await;
        let ran = world.receive(&new).await;
        assert_eq!(ran.received().travelled, new.size);
        assert!(!ran.received().resumed);
        world.assert_holds(&bytes);
    }
}

#[tokio::test]
async fn a_blob_that_changed_or_vanished_leaves_the_old_file() {
    for (kind, size) in [
        (Kind::Blocks, 9000),
        (Kind::Whole, 9000),
        (Kind::Whole, 900),
    ] {
        let world = World::new();
        world.write_old();
        let download = world.put(kind, &content(size, 1)).await;
        world.put(kind, &content(size, 2)).await;
        let error = world.receive(&download).await.outcome.unwrap_err();
        assert!(
            matches!(
                error,
                ItemError::Download {
                    cause: StoreError::Precondition { .. },
                    ..
                }
            ),
            "{error:?}"
        );
        assert!(error.hint().unwrap().contains("run again"));
        let options = longshore_store::DeleteOptions::default();
        world.memory.delete(&name(), options).await.unwrap();
        let error = world.receive(&download).await.outcome.unwrap_err();
        assert!(
            matches!(
                error,
                ItemError::Download {
                    cause: StoreError::NotFound { .. },
                    ..
                }
            ),
            "{error:?}"
        );
        assert!(error.hint().unwrap().contains("deleted"));
        world.assert_holds(b"old");
    }
}

#[tokio::test]
async fn bytes_that_the_disk_lost_are_received_anew() {
    for kind in [Kind::Blocks, Kind::BareBlocks, Kind::Whole, Kind::Md5] {
        let world = World::new();
        let bytes = content(30_000, 1);
        let download = world.put(kind, &bytes).await;
        let failure = faults(FaultWhen::Nth(9), FaultKind::Before(FaultError::Io));
        world
            .run(&download, failure)
            .end()
            .await
            .outcome
            .unwrap_err();
        let mut part = fs_err::read(world.part()).unwrap();
        part[10..20].fill(0);
        fs_err::write(world.part(), &part).unwrap();
        let ran = world.receive(&download).await;
        assert!(!ran.received().resumed, "{kind:?}");
        world.assert_holds(&bytes);
    }
}

#[tokio::test]
async fn a_part_that_is_shorter_than_its_notes_is_begun_anew() {
    let world = World::new();
    let bytes = content(30_000, 1);
    let download = world.put(Kind::Unknown, &bytes).await;
    let failure = faults(FaultWhen::Nth(20), FaultKind::Before(FaultError::Io));
    world
        .run(&download, failure)
        .end()
        .await
        .outcome
        .unwrap_err();
    fs_err::write(world.part(), b"").unwrap();
    assert_eq!(world.receive(&download).await.received().travelled, 30_000);
    world.assert_holds(&bytes);
}

#[tokio::test]
async fn a_stopped_run_begins_nothing() {
    for size in [500, 9000] {
        let world = World::new();
        let download = world.put(Kind::Whole, &content(size, 1)).await;
        let source: Arc<dyn BlobStore> = Arc::new(world.memory.clone());
        let cancel = Cancel::new();
        cancel.escalate();
        let context = context(&source, &Arc::default(), cancel);
        let outcome = receive_in(&context, &source, download, CUT).await;
        assert!(matches!(outcome, Ok(None)), "{outcome:?}");
        world.assert_is_empty();
    }
}

#[tokio::test]
async fn what_cannot_be_written_is_told_with_its_place() {
    for size in [500, 9000] {
        let world = World::new();
        let download = world.put(Kind::Whole, &content(size, 1)).await;
        let parent = download.target.parent().unwrap();
        fs_err::write(parent, b"a file").unwrap();
        let error = world.receive(&download).await.outcome.unwrap_err();
        assert!(
            matches!(&error, ItemError::Write { path, .. } if *path == download.target),
            "{error:?}"
        );
        assert!(error.hint().unwrap().contains("a file stands"), "{error:?}");
        assert_eq!(fs_err::read(parent).unwrap(), b"a file");
        fs_err::remove_file(parent).unwrap();
        fs_err::create_dir_all(download.target.join("sub")).unwrap();
        let error = world.receive(&download).await.outcome.unwrap_err();
        assert!(matches!(&error, ItemError::Write { .. }), "{error:?}");
        assert!(download.target.join("sub").is_dir());
    }
}
