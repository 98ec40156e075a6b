//! Deletes that somebody else chose: in phases, under the versions that were seen, and within limits.

use std::path::PathBuf;
use std::sync::Arc;

use longshore_content::{BlockLayout, FileHasher};
use longshore_store::{
    BlobStore, BlobStoreExt, CountStore, ETag, Fault, FaultError, FaultKind, FaultStore, FaultWhen,
    Metadata, Operation, WriteOptions,
};
use longshore_sync::{
    Apply, CachePlace, Cancel, Change, Direction, MaxDelete, Place, PlanReader, Prune, PruneBlob,
    Reason, SafetyError, Summary, SyncError, SyncOptions,
};

use crate::common::{Log, World};
use crate::ends::lines;

fn options() -> SyncOptions {
    SyncOptions {
        max_delete: MaxDelete::Percent(100),
        cache: CachePlace::Off,
        ..SyncOptions::default()
    }
}

/// Writes a blob of ours.
async fn write(world: &World, name: &str, bytes: &str) -> ETag {
    let mut hasher = FileHasher::new(BlockLayout::for_file(bytes.len() as u64).unwrap());
    hasher.update(bytes.as_bytes()).unwrap();
    let options = WriteOptions {
        metadata: Metadata::of(&hasher.finish().unwrap().digests),
        ..WriteOptions::default()
    };
    let name = name.try_into().unwrap();
    let written = world.memory.put(&name, bytes.to_owned().into(), options);
    written.await.unwrap().etag
}

async fn library(names: &[&str]) -> World {
    let world = World::new();
    for name in names {
        write(&world, &format!("lib/{name}"), name).await;
    }
    world
}

async fn blob(world: &World, name: &str) -> PruneBlob {
    let whole = format!("lib/{name}").as_str().try_into().unwrap();
    let there = world.memory.properties(&whole).await.unwrap();
    PruneBlob {
        name: name.to_owned(),
        size: there.size,
        etag: there.etag,
    }
}

async fn phases(world: &World, names: &[&[&str]]) -> Vec<Vec<PruneBlob>> {
    let mut phases = Vec::new();
    for names in names {
        let mut phase = Vec::new();
        for name in *names {
            phase.push(blob(world, name).await);
        }
        phases.push(phase);
    }
    phases
}

fn place(world: &World, faults: impl IntoIterator<Item = Fault>) -> Place {
    let store = FaultStore::new(world.memory.clone(), faults);
    Place::container(Arc::new(CountStore::new(store)), "lib/")
}

/// Plans to delete these, and keeps the plan in the world's cache directory.
async fn plan(world: &World, names: &[&[&str]], there: u64) -> Result<PathBuf, SyncError> {
    let phases = phases(world, names).await;
    let prune = Prune::new(&place(world, []), phases, there, options())?;
    let path = world.cache.path().join("plan.ndjson");
    prune.plan("az://contoso/apps/lib").await?.save(&path)?;
    Ok(path)
}

/// Applies a plan; tells what came of it and what was deleted, in order.
async fn apply(
    world: &World,
    plan: &std::path::Path,
    options: SyncOptions,
    faults: impl IntoIterator<Item = Fault>,
) -> (Result<Summary, SyncError>, Vec<String>) {
    let place = place(world, faults);
    let reader = PlanReader::open(plan).unwrap();
    let apply = Apply::new(reader, &place, &place, options).unwrap();
    let log = Arc::new(Log::default());
    let outcome = apply.run(Arc::<Log>::clone(&log), Cancel::new()).await;
    (outcome, log.take())
}

fn failing(operation: Operation) -> [Fault; 1] {
    [Fault {
        operation: Some(operation),
        when: FaultWhen::Nth(1),
        kind: FaultKind::Before(FaultError::Denied),
    }]
}

#[tokio::test]
async fn phases_go_one_after_the_other() {
    let world = library(&["a", "b", "z/release", "y/release", "stays"]).await;
    let plan = plan(&world, &[&["z/release", "y/release"], &["b", "a"]], 5);
    let plan = plan.await.unwrap();
    let (header, operations) = lines(&plan);
    assert_eq!(header.direction, Direction::Prune);
    let said: Vec<_> = operations
        .iter()
        .map(|operation| (operation.phase, operation.name.as_str(), operation.reason))
        .collect();
    let expect = [(0, "y/release"), (0, "z/release"), (1, "a"), (1, "b")];
    assert_eq!(
        said,
        expect.map(|(phase, name)| (phase, name, Reason::Unused))
    );

    let (outcome, log) = apply(&world, &plan, options(), []).await;
    assert_eq!(outcome.unwrap().deleted, 4);
    assert_eq!(world.names().await, ["lib/stays"]);
    let at = |name: &str| log.iter().position(|line| line.contains(name)).unwrap();
    for release in ["z/release", "y/release"] {
        for blob in ["lib/a", "lib/b"] {
            assert!(at(release) < at(blob), "{log:?}");
        }
    }
    // It is all done: applying again is no error.
    let (outcome, _) = apply(&world, &plan, options(), []).await;
    assert_eq!(outcome.unwrap().deleted, 0);
}

#[tokio::test]
async fn a_phase_that_fails_is_the_last() {
    let world = library(&["a", "b", "release"]).await;
    let plan = plan(&world, &[&["release"], &["a", "b"]], 3).await.unwrap();
    let (outcome, _) = apply(&world, &plan, options(), failing(Operation::Delete)).await;
    assert_eq!(outcome.unwrap().failed, 1);
    assert_eq!(world.names().await.len(), 3);
}

#[tokio::test]
async fn nothing_goes_when_anything_was_touched() {
    let world = library(&["a", "b", "release"]).await;
    let plan = plan(&world, &[&["release"], &["a", "b"]], 3).await.unwrap();
    let touched = blob(&world, "b").await;
    let name = "lib/b".try_into().unwrap();
    let etag = world.memory.touch(&name, &touched.etag).await.unwrap();
    assert_ne!(etag, touched.etag);
    assert_eq!(world.memory.read(&name).await.unwrap(), "b");
    let again = world.memory.touch(&name, &touched.etag).await;
    assert!(again.is_err());
    let (outcome, _) = apply(&world, &plan, options(), []).await;
    let Err(SyncError::Stale { moved, .. }) = outcome else {
        panic!("the plan was applied");
    };
    assert_eq!(moved.len(), 1);
    assert_eq!(
        (moved[0].name.as_str(), moved[0].change),
        ("b", Change::DestinationChanged)
    );
    assert_eq!(world.names().await.len(), 3);
}

#[tokio::test]
async fn what_others_wrote_never_goes() {
    let world = library(&["a", "release"]).await;
    let theirs = "lib/theirs".try_into().unwrap();
    let put = world
        .memory
        .put(&theirs, "theirs".into(), WriteOptions::default());
    put.await.unwrap();
    let plan = plan(&world, &[&["release"], &["a", "theirs"]], 3)
        .await
        .unwrap();
    let (outcome, log) = apply(&world, &plan, options(), []).await;
    assert_eq!(outcome.unwrap().failed, 1);
    assert!(
        log.iter()
            .any(|line| line.contains("was not written by longshore"))
    );
    assert_eq!(world.names().await.len(), 3);
}

#[tokio::test]
async fn limits_hold_for_who_plans_and_for_who_applies() {
    let world = library(&["a", "b", "release"]).await;
    let few = SyncOptions {
        max_delete: MaxDelete::Count(1),
        ..options()
    };
    let phases = phases(&world, &[&["release"], &["a"]]).await;
    let prune = Prune::new(&place(&world, []), phases, 3, few.clone()).unwrap();
    let refused = |error| {
        assert!(matches!(
            error,
            SyncError::Safety(SafetyError::MaxDelete {
                count: 2,
                total: 3,
                ..
            })
        ));
    };
    refused(prune.plan("").await.unwrap_err());
    let plan = plan(&world, &[&["release"], &["a"]], 3).await.unwrap();
    refused(apply(&world, &plan, few, []).await.0.unwrap_err());
    assert_eq!(world.names().await.len(), 3);
}

#[tokio::test]
async fn it_can_be_done_at_once() {
    let world = library(&["a", "b", "release"]).await;
    let phases = phases(&world, &[&["release"], &["a"]]).await;
    let prune = Prune::new(&place(&world, []), phases, 3, options()).unwrap();
    let run = prune.run(Arc::new(longshore_sync::NoReporter), Cancel::new());
    assert_eq!(run.await.unwrap().deleted, 2);
    assert_eq!(world.names().await, ["lib/b"]);
}

#[tokio::test]
async fn a_plan_that_does_more_than_delete_is_refused() {
    let world = library(&["a", "b"]).await;
    let plan = plan(&world, &[&["a"]], 2).await.unwrap();
    let text = fs_err::read_to_string(&plan).unwrap();
    let edited = text.replace("\"op\":\"delete\"", "\"op\":\"upload\"");
    fs_err::write(&plan, edited).unwrap();
    assert!(apply(&world, &plan, options(), []).await.0.is_err());
    assert_eq!(world.names().await.len(), 2);
}
