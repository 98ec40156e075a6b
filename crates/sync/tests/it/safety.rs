//! No sequence of commands deletes what it may not.

use std::collections::BTreeSet;

use futures::TryStreamExt;
use longshore_store::{BlobStore, BlobStoreExt, BlockListKind, ListOptions, WriteOptions};
use longshore_sync::{
    DeletePolicy, Direction, MaxDelete, Place, SafetyError, Sync, SyncError, SyncOptions,
};
use proptest::prelude::*;

use crate::common::{MIB, World, noise};
use crate::ends::{Ends, all_allowed};

const NAMES: [&str; 6] = ["a", "b", "kept/a", "kept/b", "sub/a", "z"];

/// One command, and what happened before it.
#[derive(Debug, Clone)]
struct Command {
    writes: Vec<(usize, u8)>,
    removes: Vec<usize>,
    /// A blob of somebody else.
    foreign: Option<usize>,
    delete: DeletePolicy,
    max_delete: MaxDelete,
    exclude: bool,
    backup: bool,
    by_plan: bool,
}

fn command() -> impl Strategy<Value = Command> {
    let delete = prop_oneof![
        Just(DeletePolicy::Keep),
        Just(DeletePolicy::Managed),
        Just(DeletePolicy::Unmanaged)
    ];
    let limit = prop_oneof![
        Just(MaxDelete::Percent(100)),
        Just(MaxDelete::Percent(50)),
        Just(MaxDelete::Count(1))
    ];
    let name = 0..NAMES.len();
    (
        prop::collection::vec((name.clone(), 0_u8..4), 0..3),
        prop::collection::vec(name.clone(), 0..5),
        prop::option::of(name),
        (delete, limit),
        (any::<bool>(), any::<bool>(), any::<bool>()),
    )
        .prop_map(
            |(writes, removes, foreign, (delete, max_delete), flags)| Command {
                writes,
                removes,
                foreign,
                delete,
                max_delete,
                exclude: flags.0,
                backup: flags.1,
                by_plan: flags.2,
            },
        )
}

/// Every blob with its bytes, and whether it is marked as ours.
async fn blobs(ends: &Ends) -> Vec<(String, Vec<u8>, bool)> {
    let listed = ends.there.list(ListOptions::default());
    let listed: Vec<_> = listed.try_collect().await.unwrap();
    let mut blobs = Vec::new();
    for blob in listed {
        let bytes = ends.there.read(&blob.blob_name().unwrap()).await.unwrap();
        blobs.push((blob.name, bytes.to_vec(), blob.digests.is_some()));
    }
    blobs
}

async fn obey(commands: Vec<Command>) {
    let ends = Ends::new(Direction::Up);
    for command in commands {
        for (name, content) in &command.writes {
            ends.write(NAMES[*name], noise(u64::from(*content), 50));
        }
        command
            .removes
            .iter()
            .for_each(|name| ends.remove(NAMES[*name]));
        if let Some(name) = command.foreign {
            ends.interfere(NAMES[name], b"theirs").await;
        }
        let options = SyncOptions {
            delete: command.delete,
            max_delete: command.max_delete,
            exclude: command
                .exclude
                .then(|| "kept/".to_owned())
                .into_iter()
                .collect(),
            backup_to: command.backup.then(|| "lib/backup/".to_owned()),
            ..all_allowed()
        };
        let before = blobs(&ends).await;
        if command.by_plan {
            if let Ok(plan) = ends.plan(options).await {
                drop(ends.apply(&plan, Vec::new()).await.outcome);
            }
        } else {
            drop(ends.sync(options, Vec::new()).await.outcome);
        }
        check(
            &command,
            &before,
            &blobs(&ends).await,
            ends.wanted().is_empty(),
        );
    }
}

/// What a command did to the destination is what it was allowed to do.
fn check(
    command: &Command,
    before: &[(String, Vec<u8>, bool)],
    after: &[(String, Vec<u8>, bool)],
    is_empty: bool,
) {
    let names: BTreeSet<&str> = after.iter().map(|(name, ..)| name.as_str()).collect();
    let gone: Vec<_> = before
        .iter()
        .filter(|(name, ..)| !names.contains(name.as_str()))
        .collect();
    let total = before.len() as u64;
    assert!(
        command.max_delete.allows(gone.len() as u64, total),
        "{gone:?}"
    );
    for (name, bytes, ours) in before {
        let now = after.iter().find(|(other, ..)| other == name);
        let is_gone = now.is_none();
        assert!(!is_gone || command.delete != DeletePolicy::Keep);
        assert!(!is_gone || !is_empty, "an empty source deletes nothing");
        assert!(!is_gone || *ours || command.delete == DeletePolicy::Unmanaged);
        assert!(!is_gone || !command.exclude || !name.starts_with("lib/kept/"));
        assert!(!is_gone || !command.backup || !name.starts_with("lib/backup/"));
        let is_lost = now.is_none_or(|(_, now, _)| now != bytes);
        if command.backup && is_lost {
            let relative = format!("/{name}");
            let kept = after.iter().any(|(other, kept, ours)| {
                other.starts_with("lib/backup/")
                    && other.ends_with(&relative)
                    && kept == bytes
                    && !ours
            });
            assert!(kept, "`{name}` was lost without a copy");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_commands_deletes_what_it_may_not(
        commands in prop::collection::vec(command(), 1..6),
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        runtime.unwrap().block_on(obey(commands));
    }
}

#[tokio::test]
async fn what_is_written_over_is_kept_with_its_blocks() {
    let ends = Ends::new(Direction::Up);
    ends.write("large", noise(1, 20 * MIB));
    ends.write("small", "1");
    ends.sync(all_allowed(), Vec::new()).await.outcome.unwrap();
    ends.write("large", noise(2, 20 * MIB));
    ends.remove("small");
    ends.write("other", "2");
    let options = SyncOptions {
        backup_to: Some("old/".to_owned()),
        ..all_allowed()
    };
    let went = ends.sync(options, Vec::new()).await;
    assert_eq!(went.outcome.unwrap().deleted, 1);
    let kept: Vec<_> = blobs(&ends)
        .await
        .into_iter()
        .filter(|(name, ..)| name.starts_with("old/"))
        .collect();
    assert_eq!(kept.len(), 2);
    assert!(kept[0].0.ends_with("/lib/large") && kept[0].1 == noise(1, 20 * MIB));
    assert!(kept[1].0.ends_with("/lib/small") && kept[1].1 == b"1");
    let name = kept[0].0.as_str().try_into().unwrap();
    let list = ends
        .there
        .block_list(&name, BlockListKind::All)
        .await
        .unwrap();
    assert!(list.tree().is_ok());
}

#[tokio::test]
async fn without_a_backup_nothing_is_written_over() {
    use longshore_store::{Fault, FaultError, FaultKind, FaultWhen, Operation};

    let ends = Ends::new(Direction::Up);
    ends.write("a", "1");
    ends.write("b", "1");
    ends.sync(all_allowed(), Vec::new()).await.outcome.unwrap();
    ends.write("a", "2");
    ends.remove("b");
    let options = SyncOptions {
        backup_to: Some("old/".to_owned()),
        ..all_allowed()
    };
    let fault = Fault {
        operation: Some(Operation::PutFrom),
        when: FaultWhen::From(1),
        kind: FaultKind::Before(FaultError::Denied),
    };
    let before = ends.held().await;
    let summary = ends.sync(options, vec![fault]).await.outcome.unwrap();
    assert_eq!(
        (summary.failed, summary.uploaded.files, summary.deleted),
        (1, 0, 0)
    );
    assert!(ends.held().await == before);
}

#[tokio::test]
async fn both_places_must_have_the_sentinel() {
    for direction in [Direction::Up, Direction::Down, Direction::Across] {
        let ends = Ends::new(direction);
        let options = SyncOptions {
            sentinel: Some("this-is-it".to_owned()),
            ..all_allowed()
        };
        let refused = |outcome: Result<_, SyncError>| {
            matches!(
                outcome,
                Err(SyncError::Safety(SafetyError::Sentinel { .. }))
            )
        };
        ends.write("a", "1");
        ends.settle().await;
        assert!(refused(
            ends.sync(options.clone(), Vec::new()).await.outcome
        ));
        ends.write("this-is-it", "");
        ends.settle().await;
        ends.sync(options.clone(), Vec::new())
            .await
            .outcome
            .unwrap();
        ends.take_away("this-is-it").await;
        assert!(
            refused(ends.sync(options.clone(), Vec::new()).await.outcome),
            "{direction:?}"
        );
    }
}

#[tokio::test]
async fn two_directories_are_no_route() {
    let place = Place::directory("/tmp");
    let route = Sync::new(&place, &place, SyncOptions::default());
    assert!(matches!(route, Err(SyncError::Route)));
}

#[tokio::test]
async fn a_directory_loses_files_only_when_all_may_go() {
    let ends = Ends::new(Direction::Down);
    ends.write("a", "1");
    ends.settle().await;
    fs_err::create_dir_all(ends.target.path().join("sub/deep")).unwrap();
    ends.interfere("sub/deep/theirs", b"x").await;
    let managed = SyncOptions {
        delete: DeletePolicy::Managed,
        ..all_allowed()
    };
    ends.sync(managed, Vec::new()).await.outcome.unwrap();
    assert_eq!(ends.held().await.len(), 2);
    let summary = ends.sync(all_allowed(), Vec::new()).await.outcome.unwrap();
    assert_eq!(summary.deleted, 1);
    assert_eq!(ends.held().await.len(), 1);
    assert!(
        !ends.target.path().join("sub").exists(),
        "empty directories go too"
    );
}

#[tokio::test]
async fn names_that_lead_out_of_the_directory_are_refused() {
    let world = World::new();
    let ends = Ends::new(Direction::Down);
    for name in ["fine", "sub/fine"] {
        let name = name.try_into().unwrap();
        ends.here
            .put(&name, "1".into(), WriteOptions::default())
            .await
            .unwrap();
    }
    // A link in the directory leads out of it.
    #[cfg(unix)]
    std::os::unix::fs::symlink(world.source.path(), ends.target.path().join("sub")).unwrap();
    let summary = ends.sync(all_allowed(), Vec::new()).await.outcome.unwrap();
    assert_eq!((summary.downloaded.files, summary.failed), (1, 1));
    assert!(!world.path("fine").exists());
}
